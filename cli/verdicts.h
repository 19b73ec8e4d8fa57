/* Verdicts in words, for terminals and logs. */
#ifndef TM_CLI_VERDICTS_H
#define TM_CLI_VERDICTS_H

#include <stdbool.h>
#include <stdio.h>

#include "analyze/rules.h"
#include "store/store.h"

enum { TM_CLASSES = 9 };

/* What the stored verdicts of a run come to. */
struct tm_tally {
    int64_t of[TM_CLASSES]; /* plugins, by the class of the verdict that leads */
    int64_t plugins, judged, passed, comparable, held;
    bool run_wide;               /* a run-wide regression is there */
    double factor, factor_share; /* NAN: nothing to say */
};

/* extreme_fails: an extreme suspect is called regressed. */
int tm_tally_read(tm_store *store, int64_t run, bool extreme_fails, struct tm_tally *tally);

/* One line per verdict that leads and is worth a word; with `explain` every number behind every verdict. */
int tm_print_verdicts(FILE *out, tm_store *store, const struct tm_rules *rules, int64_t run, bool extreme_fails, bool explain);
void tm_print_tally(FILE *out, const struct tm_tally *tally);

#endif
