/* What --help shows. */
#ifndef TM_CLI_HELP_H
#define TM_CLI_HELP_H

#include "cli/command.h"

/* The options that every command has. */
extern const struct tm_option tm_common_options[];
enum { TM_OPTION_DB, TM_OPTION_HELP, TM_N_COMMON };

/* All commands in their groups, and the exit codes. */
void tm_help_all(FILE *out, const struct tm_command *const *commands);
/* One command: its words, its options, an example. */
void tm_help_command(FILE *out, const struct tm_command *command);

/* The command's own, without those that every command has. */
int tm_count_options(const struct tm_command *command);
char tm_option_letter(const struct tm_option *option); /* the short form; 0: there is none */

#endif
