/* What a command is, and what it is given. */
#ifndef TM_CLI_COMMAND_H
#define TM_CLI_COMMAND_H

#include <stdbool.h>
#include <stdio.h>

#include "store/store.h"

enum { TM_EXIT_DONE = 0, TM_EXIT_TROUBLE = 2, TM_MAX_OPTIONS = 24 };

struct tm_option {
    const char *name;
    const char *argument; /* what stands for it in the help; NULL: a flag */
    const char *help;
};

struct tm_given {
    int option; /* index in the command's options */
    const char *value;
};

/* The command line, taken apart. */
struct tm_arguments {
    const struct tm_command *command;
    const char *db; /* NULL: $TIDEMARK_DB, or tidemark.db */
    struct tm_given *given;
    int n_given;
    char **words; /* what is no option; the array is owned */
    int n_words;
};

struct tm_command {
    const char *name;
    const char *usage; /* behind the name */
    const char *summary;
    const char *more; /* paragraphs for --help; NULL: none */
    const char *example;
    int (*run)(const struct tm_arguments *arguments);
    int least_words, most_words; /* most_words < 0: any number */
    struct tm_option options[TM_MAX_OPTIONS];
};

extern const struct tm_command *const tm_commands[]; /* ends with NULL */

/* 0: run the command; else an exit code + 1 (help was shown, or the line makes no sense and that has been said). */
int tm_arguments_parse(struct tm_arguments *arguments, int argc, char **argv);
void tm_arguments_free(struct tm_arguments *arguments);
void tm_print_usage(FILE *out);
int tm_command_help(const struct tm_command *command);
const struct tm_command *tm_command_find(const char *name);

/* The last value given for an option, NULL if none; "" for a flag. */
const char *tm_option_value(const struct tm_arguments *arguments, const char *name);
bool tm_option_given(const struct tm_arguments *arguments, const char *name);
/* Numbers and times: 0 with *value set where the option is given, -1 (and a message) if it is no such thing. */
int tm_option_count(const struct tm_arguments *arguments, const char *name, int64_t least, int64_t *value);
int tm_option_time(const struct tm_arguments *arguments, const char *name, int64_t *value);

/* "tidemark: ..." on standard error; returns TM_EXIT_TROUBLE. */
int tm_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));
void tm_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The store's file: --db, $TIDEMARK_DB or tidemark.db. */
const char *tm_store_path(const struct tm_arguments *arguments);
/* Opens the store that the command line names; NULL (and a message) on failure. */
tm_store *tm_open_store(const struct tm_arguments *arguments, unsigned flags);

/* --project, --branch and --host of the lists. */
#define TM_SCOPE_OPTIONS                                                                                                           \
    {"project", "NAME", "only this project"}, {"branch", "NAME", "only this branch"},                                              \
    {                                                                                                                              \
        "host", "KEY", "only runs of this host"                                                                                    \
    }
struct tm_scope tm_option_scope(const struct tm_arguments *arguments);

#define TM_FORMAT_OPTION                                                                                                           \
    {                                                                                                                              \
        "format", "FORM", "table, csv, json or markdown (default: table on a terminal, else csv)"                                  \
    }

/* Prints all rows on standard output in the form that --format asks for, closes them, and returns an exit code. rows NULL: the
 * store says why. */
int tm_print_rows(const struct tm_arguments *arguments, tm_store *store, tm_rows *rows);
bool tm_format_is_table(const struct tm_arguments *arguments);

#endif
