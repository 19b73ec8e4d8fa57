/* What a judged run comes to: the one rule from which the gate's exit code, the page and the library's result follow. */
#ifndef TM_ANALYZE_OUTCOME_H
#define TM_ANALYZE_OUTCOME_H

#include "analyze/judge.h"
#include "schema/tidemark.h"

enum { TM_CLASSES = TM_REGRESSED + 1, TM_REASONS_MOST = 4 };

/* Why plugins were not judged, and how many. */
struct tm_tally_reason {
    const char *why;
    int64_t plugins;
};

/* A run's verdicts, counted. */
struct tm_tally {
    int64_t of[TM_CLASSES]; /* plugins, by the class of the verdict that leads */
    int64_t plugins, judged, passed, comparable, held;
    int64_t partly;              /* of those that were not judged: some of their metrics were, and nothing was found in these */
    bool run_wide;               /* a run-wide regression is there */
    double factor, factor_share; /* the whole run was slower by that share, on that share of its plugins; NAN: no more than usual */
    struct tm_tally_reason reasons[TM_REASONS_MOST];
    size_t n_reasons;
    bool slow; /* something was taken off any metric because the whole run took more */
};

/* One more plugin was not judged for that reason. Beyond TM_REASONS_MOST different ones it is not counted. */
void tm_tally_reason(struct tm_tally *tally, const char *why);

/* What the user wants to fail. */
struct tm_strictness {
    bool strict;         /* suspects fail as well, and so does a run that was slow for all: that may be the plugins too */
    bool allow_unjudged; /* a run of which nothing could be judged passes */
    bool extreme_fails;  /* a suspect far beyond all that its past has held is regressed at once */
};

/* Fails on what is regressed, open, missing or over its limit, on suspects where that is wanted, and on a run without any plugin:
 * an empty night never passes. Never TM_GATE_TROUBLE, which is what keeps a run from being judged. */
enum tm_gate_exit tm_outcome(const struct tm_tally *tally, const struct tm_strictness *strictness);

const char *tm_outcome_name(enum tm_gate_exit exit); /* pass, fail, trouble, not judged */

/* The class to report: an extreme suspect is as good as regressed for those who want it so. kind NULL: none. */
enum tm_class tm_reported_class(enum tm_class class, const char *kind, const struct tm_strictness *strictness);

#endif
