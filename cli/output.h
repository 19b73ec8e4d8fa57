/* Files that appear whole or not at all. */
#ifndef TM_CLI_OUTPUT_H
#define TM_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/replace.h"
#include "cli/command.h"

struct tm_output {
    FILE *out;
    char *path; /* NULL: standard output */
    struct tm_replacement file;
};

/* path NULL: standard output. 0, or TM_EXIT_TROUBLE after a message. */
int tm_output_open(struct tm_output *output, const char *path);

/* keep: what was written takes its place; else, or if writing failed, nothing of it stays. 0, or TM_EXIT_TROUBLE after a message.
 */
int tm_output_close(struct tm_output *output, bool keep);

/* What an option writes may not take the place of the store it is made from. file NULL: standard output. 0, or TM_EXIT_TROUBLE
 * after a message. */
int tm_output_check(const struct tm_context *context, const char *option, const char *file);

/* Are two names one file's? By name, or by what is behind them; a device may be named twice. */
bool tm_same_file(const char *a, const char *b);

#endif
