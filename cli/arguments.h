/* Reading the command line. */
#ifndef TM_CLI_ARGUMENTS_H
#define TM_CLI_ARGUMENTS_H

#include "cli/command.h"

/* Takes the line apart by a table of commands, which ends with NULL. 0: run the command; else an exit code + 1 (help was shown, or
 * the line makes no sense and that has been said). */
int tm_arguments_parse(struct tm_arguments *arguments, const struct tm_command *const *commands, int argc, char **argv);

/* Frees the lists; the texts are the caller's argv, but for addresses, of which argv keeps no password. */
void tm_arguments_free(struct tm_arguments *arguments);

/* Takes the password out of an address of the line, which is that very text: the store is open. */
void tm_arguments_forget(const struct tm_arguments *arguments, const char *address);

/* The last value given for an option, NULL if none; "" for a flag, and where an option that may have one has none. */
const char *tm_option_value(const struct tm_arguments *arguments, const char *name);
bool tm_option_given(const struct tm_arguments *arguments, const char *name);
/* All that are given, in their order: the next one from *at on, which is 0 at first and moves behind it. NULL: there is none any
 * more. */
const char *tm_option_next(const struct tm_arguments *arguments, const char *name, int *at);
/* Numbers and times: 0 with *value set where the option is given, -1 (and a message) if it is no such thing. */
int tm_option_count(const struct tm_arguments *arguments, const char *name, int64_t least, int64_t *value);
int tm_option_time(const struct tm_arguments *arguments, const char *name, int64_t *value);
/* A share: '10%' or '0.1'. */
int tm_option_share(const struct tm_arguments *arguments, const char *name, double least, double most, double *share);
/* Seconds above 0, as nanoseconds. */
int tm_option_seconds(const struct tm_arguments *arguments, const char *name, double *ns);

#endif
