/* What --help shows. */
#ifndef TM_CLI_HELP_H
#define TM_CLI_HELP_H

#include "cli/command.h"

/* The options that every command has. */
extern const struct tm_option tm_common_options[];
enum { TM_OPTION_DB, TM_OPTION_HELP, TM_N_COMMON };

void tm_help_all(FILE *out, const struct tm_command *const *commands);
void tm_help_command(FILE *out, const struct tm_command *command);

int tm_count_options(const struct tm_command *command);
char tm_option_letter(const struct tm_option *option); /* the short form; 0: there is none */

#endif
