/* Ingest as a step of other commands. */
#ifndef TM_CLI_INGESTING_H
#define TM_CLI_INGESTING_H

#include "cli/command.h"

/* Inside a transaction: stores the files that the command line names, by the options it gives. 0, or TM_EXIT_TROUBLE after messages; then
 * the transaction must be rolled back. key: the last run's. */
int tm_ingest_words(const struct tm_arguments *arguments, tm_store *store, char key[TM_NAME_MAX + 1]);

#endif
