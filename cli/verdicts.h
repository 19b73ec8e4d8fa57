/* Verdicts in words, for terminals and logs. */
#ifndef TM_CLI_VERDICTS_H
#define TM_CLI_VERDICTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/report/report.h"
#include "store/store.h"

/* extreme_fails: an extreme suspect is called regressed. */
int tm_tally_read(tm_store *store, int64_t run, bool extreme_fails, struct tm_tally *tally);

/* One line per verdict that leads and is worth a word; with `explain` every number behind every verdict. */
int tm_print_verdicts(FILE *out, tm_store *store, const struct tm_rules *rules, int64_t run, bool extreme_fails, bool explain);
void tm_print_tally(FILE *out, const struct tm_tally *tally);

#endif
