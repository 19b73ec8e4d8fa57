/* The command line, by the table of commands. */
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "base/timestamp.h"
#include "cli/command.h"
#include "cli/format.h"

static const struct tm_option common[] = {
    {.name = "db", .argument = "FILE", .help = "the store (default: $TIDEMARK_DB, or tidemark.db)"},
    {.name = "help", .help = "show this help"},
};
enum { N_COMMON = sizeof common / sizeof *common, DB = 0, HELP = 1, VERSION = 2 };

/* What is said may hold names from outside: nothing in it reaches a terminal raw. */
static void say(const char *before, const char *format, va_list arguments)
{
    char line[8192];
    vsnprintf(line, sizeof line, format, arguments);
    fputs(before, stderr);
    tm_write_shown(stderr, line, strlen(line));
    fputc('\n', stderr);
}

int tm_trouble(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("tidemark: ", format, arguments);
    va_end(arguments);
    return TM_EXIT_TROUBLE;
}

void tm_hint(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say("tidemark: hint: ", format, arguments);
    va_end(arguments);
}

static int n_options(const struct tm_command *command)
{
    int n = 0;
    while (n < TM_MAX_OPTIONS && command->options[n].name)
        n++;
    return n;
}

const struct tm_command *tm_command_find(const char *name)
{
    for (const struct tm_command *const *command = tm_commands; *command; command++)
        if (strcmp((*command)->name, name) == 0)
            return *command;
    return NULL;
}

void tm_print_usage(FILE *out)
{
    fputs("usage: tidemark [--db FILE] COMMAND ...\n\n"
          "Keeps performance profiles of plugins, night by night, in one SQLite file.\n\ncommands:\n",
          out);
    for (const struct tm_command *const *command = tm_commands; *command; command++)
        fprintf(out, "  %-11s %s\n", (*command)->name, (*command)->summary);
    fputs("\n'tidemark COMMAND --help' tells more of one command; 'tidemark --version' shows the version.\n"
          "The store is ./tidemark.db, or $TIDEMARK_DB, or --db FILE. Exit codes: 0 done, 2 trouble.\n",
          out);
}

/* The short form; 0: there is none. */
static char letter_of(const struct tm_option *option)
{
    return strcmp(option->name, "output") == 0 ? 'o' : 0;
}

static void print_option(const struct tm_option *option)
{
    char left[64], letter[8] = "";
    if (letter_of(option))
        snprintf(letter, sizeof letter, "-%c, ", letter_of(option));
    snprintf(left, sizeof left, "%s--%s%s%s", letter, option->name, option->argument ? " " : "",
             option->argument ? option->argument : "");
    printf("  %-18s %s\n", left, option->help);
}

int tm_command_help(const struct tm_command *command)
{
    printf("usage: tidemark %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->more)
        printf("\n%s\n", command->more);
    puts("\noptions:");
    for (int i = 0; i < n_options(command); i++)
        print_option(&command->options[i]);
    for (int i = 0; i < N_COMMON; i++)
        print_option(&common[i]);
    printf("\nexample:\n%s", command->example);
    return TM_EXIT_DONE;
}

static int unknown_command(const char *name)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    for (const struct tm_command *const *command = tm_commands; *command; command++)
        tm_nearest_offer(&nearest, (*command)->name);
    tm_trouble("unknown command '%s'", name);
    if (*nearest.found)
        tm_hint("did you mean '%s'?", nearest.found);
    else
        tm_hint("'tidemark --help' lists the commands");
    return TM_EXIT_TROUBLE;
}

static int unknown_option(const struct tm_command *command, const char *word)
{
    char name[64];
    snprintf(name, sizeof name, "%s", word + strspn(word, "-"));
    name[strcspn(name, "=")] = '\0';
    struct tm_nearest nearest = tm_nearest_to(name);
    for (int i = 0; command && i < n_options(command); i++)
        tm_nearest_offer(&nearest, command->options[i].name);
    for (int i = 0; i < N_COMMON; i++)
        tm_nearest_offer(&nearest, common[i].name);
    if (!command)
        tm_nearest_offer(&nearest, "version");
    tm_trouble("unknown option '%s'", word);
    if (*nearest.found)
        tm_hint("did you mean '--%s'?", nearest.found);
    else
        tm_hint("'tidemark %s%s--help' lists the options", command ? command->name : "", command ? " " : "");
    return TM_EXIT_TROUBLE;
}

/* What getopt_long returned '?' or ':' for. */
static int bad_option(const struct tm_command *command, int code, char **argv, const struct option *options)
{
    const char *word = argv[optind - 1];
    if (code == ':')
        return tm_trouble("option '%s' needs a value", word);
    for (const struct option *option = options; option->name && optopt; option++)
        if (option->val == optopt)
            return tm_trouble("option '--%s' takes no value", option->name);
    return unknown_option(command, word);
}

/* Before the command: --db, --help, --version. 0: the command follows at optind. */
static int parse_front(struct tm_arguments *arguments, int argc, char **argv)
{
    static const struct option options[] = {{"db", required_argument, NULL, 'd'},
                                            {"help", no_argument, NULL, 'h'},
                                            {"version", no_argument, NULL, 'V'},
                                            {NULL, 0, NULL, 0}};
    int code;
    opterr = 0;
    while ((code = getopt_long(argc, argv, "+:", options, NULL)) != -1) {
        if (code == 'd')
            arguments->db = optarg;
        else if (code == 'h')
            return tm_print_usage(stdout), TM_EXIT_DONE + 1;
        else if (code == 'V')
            return puts("tidemark " TM_VERSION), TM_EXIT_DONE + 1;
        else
            return bad_option(NULL, code, argv, options) + 1;
    }
    return 0;
}

static int find_command(struct tm_arguments *arguments, int argc, char **argv)
{
    if (optind >= argc) {
        tm_print_usage(stderr);
        return TM_EXIT_TROUBLE + 1;
    }
    const char *name = argv[optind];
    bool help = strcmp(name, "help") == 0;
    if (help && optind + 1 >= argc)
        return tm_print_usage(stdout), TM_EXIT_DONE + 1;
    if (help)
        name = argv[optind + 1];
    arguments->command = tm_command_find(name);
    if (!arguments->command)
        return unknown_command(name) + 1;
    return help ? tm_command_help(arguments->command) + 1 : 0;
}

enum { FIRST_OPTION = 1000 };

static void describe_options(const struct tm_command *command, struct option *options)
{
    int n = n_options(command);
    for (int i = 0; i < n + N_COMMON; i++) {
        const struct tm_option *option = i < n ? &command->options[i] : &common[i - n];
        options[i] = (struct option){option->name, option->argument ? required_argument : no_argument, NULL, FIRST_OPTION + i};
    }
    options[n + N_COMMON] = (struct option){0};
}

static int check_words(const struct tm_arguments *arguments)
{
    const struct tm_command *command = arguments->command;
    bool few = arguments->n_words < command->least_words;
    if (!few && (command->most_words < 0 || arguments->n_words <= command->most_words))
        return 0;
    if (few)
        tm_trouble("'%s' needs more: tidemark %s %s", command->name, command->name, command->usage);
    else
        tm_trouble("'%s' cannot use '%s': tidemark %s %s", command->name, arguments->words[command->most_words], command->name,
                   command->usage);
    return TM_EXIT_TROUBLE + 1;
}

/* An SQL comment in front of a query is a word. */
static bool looks_like_option(const char *word)
{
    return strncmp(word, "--", 2) != 0 || !isspace((unsigned char)word[2]);
}

enum { WORD = 1 }; /* what getopt_long returns for one */

/* Short forms, which all have a value. */
static void describe_letters(const struct tm_command *command, char letters[2 * TM_MAX_OPTIONS + 3])
{
    char *at = stpcpy(letters, "-:");
    for (int i = 0; i < n_options(command); i++)
        if (letter_of(&command->options[i]))
            *at++ = letter_of(&command->options[i]), *at++ = ':';
    *at = '\0';
}

static int option_of(const struct tm_command *command, int code)
{
    for (int i = 0; i < n_options(command); i++)
        if (letter_of(&command->options[i]) && letter_of(&command->options[i]) == code)
            return i;
    return code - FIRST_OPTION;
}

/* Behind the command: its own options and the common ones, words in between. */
static int parse_rest(struct tm_arguments *arguments, int argc, char **argv)
{
    const struct tm_command *command = arguments->command;
    struct option options[TM_MAX_OPTIONS + N_COMMON + 1];
    char letters[2 * TM_MAX_OPTIONS + 3];
    int code, n = n_options(command);
    describe_options(command, options);
    describe_letters(command, letters);
    arguments->given = calloc((size_t)argc, sizeof *arguments->given);
    arguments->words = calloc((size_t)argc + 1, sizeof *arguments->words);
    if (!arguments->given || !arguments->words)
        return tm_trouble("out of memory") + 1;
    optind = 0;
    while ((code = getopt_long(argc, argv, letters, options, NULL)) != -1) {
        int option = option_of(command, code);
        if (code == WORD || (code == '?' && !looks_like_option(argv[optind - 1])))
            arguments->words[arguments->n_words++] = argv[optind - 1];
        else if (option < 0)
            return bad_option(command, code, argv, options) + 1;
        else if (option == n + HELP)
            return tm_command_help(command) + 1;
        else if (option == n + DB)
            arguments->db = optarg;
        else
            arguments->given[arguments->n_given++] = (struct tm_given){option, optarg ? optarg : ""};
    }
    while (optind < argc)
        arguments->words[arguments->n_words++] = argv[optind++];
    return check_words(arguments);
}

int tm_arguments_parse(struct tm_arguments *arguments, int argc, char **argv)
{
    int code = parse_front(arguments, argc, argv);
    if (code == 0)
        code = find_command(arguments, argc, argv);
    return code ? code : parse_rest(arguments, argc - optind, argv + optind);
}

void tm_arguments_free(struct tm_arguments *arguments)
{
    free(arguments->given);
    free(arguments->words);
}

const char *tm_option_value(const struct tm_arguments *arguments, const char *name)
{
    for (int i = arguments->n_given - 1; i >= 0; i--)
        if (strcmp(arguments->command->options[arguments->given[i].option].name, name) == 0)
            return arguments->given[i].value;
    return NULL;
}

bool tm_option_given(const struct tm_arguments *arguments, const char *name)
{
    return tm_option_value(arguments, name) != NULL;
}

int tm_option_count(const struct tm_arguments *arguments, const char *name, int64_t least, int64_t *value)
{
    const char *text = tm_option_value(arguments, name);
    char *end;
    if (!text)
        return 0;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (errno || end == text || *end || number < least) {
        tm_trouble("--%s '%s' is not a whole number from %lld up", name, text, (long long)least);
        return -1;
    }
    *value = number;
    return 0;
}

int tm_option_time(const struct tm_arguments *arguments, const char *name, int64_t *value)
{
    const char *text = tm_option_value(arguments, name);
    if (!text || tm_time_parse(text, strlen(text), value) == 0)
        return 0;
    tm_trouble("--%s '%s' is not a time: expected ISO 8601, like 2026-11-20T02:00:00Z, or epoch seconds", name, text);
    return -1;
}

struct tm_scope tm_option_scope(const struct tm_arguments *arguments)
{
    return (struct tm_scope){.project = tm_option_value(arguments, "project"),
                             .branch = tm_option_value(arguments, "branch"),
                             .host = tm_option_value(arguments, "host")};
}

const char *tm_store_path(const struct tm_arguments *arguments)
{
    const char *path = arguments->db ? arguments->db : getenv("TIDEMARK_DB");
    return path && *path ? path : "tidemark.db";
}

tm_store *tm_open_store(const struct tm_arguments *arguments, unsigned flags)
{
    tm_store *store;
    if (tm_open(tm_store_path(arguments), flags, &store) == 0)
        return store;
    tm_trouble("%s", tm_error(store));
    tm_close(store);
    return NULL;
}
