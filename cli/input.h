/* What the command line says of how files are read: the options of TM_INPUT_OPTIONS, --calls, and the input's format. */
#ifndef TM_CLI_INPUT_H
#define TM_CLI_INPUT_H

#include "cli/command.h"
#include "ingest/ingest.h"

/* format, plugin: the options that name the input's format, and the plugin that a file without plugins is about. 0, or
 * TM_EXIT_TROUBLE after a message; free in any case, the options all zero before. Texts are those of the command line. */
int tm_input_read(const struct tm_arguments *arguments, const char *format, const char *plugin, struct tm_ingest_options *options);
void tm_input_free(struct tm_ingest_options *options);

#endif
