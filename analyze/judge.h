/* Judges a night: samples of one run in, verdicts out; the lineage is brought forward by one run. Pure. */
#ifndef TM_ANALYZE_JUDGE_H
#define TM_ANALYZE_JUDGE_H

#include "analyze/lineage.h"
#include "analyze/verdict.h"

/* Rises with every change that may change a verdict: what an older judge has said and remembers is then judged anew. */
enum { TM_JUDGE_VERSION = 7 };

/* A metric's measurements in a night that was measured more than once. */
struct tm_repeated {
    int n; /* the first one too; 0: it has none */
    double first, least, most;
};

struct tm_repeats {
    struct tm_repeated *of;           /* by the rules' metrics */
    int more;                         /* runs of the plugin beside the first one */
    double first_calls, first_errors; /* of the first run alone */
};

/* What one plugin did in the run. NAN: not recorded. Of a night with repeats the values are medians, and calls and errors too, so
 * that it weighs as much as any night. */
struct tm_sample {
    int64_t plugin_id;
    const char *plugin;
    const double *values; /* by the rules' metrics */
    double calls, errors;
    uint32_t clock;                   /* a hash of the CPU clock's name; 0: not said, which compares with any */
    const struct tm_repeats *repeats; /* NULL: the plugin was measured once */
};

/* One run to judge, borrowed; samples in any order, a plugin once. */
struct tm_night {
    int64_t run_id, started_at;
    const char *branch;
    bool fine_clock; /* another tool has measured: the built-in floors, which are a host's clock, do not count */
    const struct tm_sample *samples;
    size_t n_samples;
    bool alone; /* a branch's run that is judged by itself: nothing before or after it on the branch will say more */
};

enum tm_decision_kind { TM_ACCEPT, TM_WAIVE, TM_RETIRE };

/* "accept", "waive", "retire": the words of the store and of the command line. */
const char *tm_decision_kind_name(enum tm_decision_kind kind);
int tm_decision_kind_named(const char *name); /* -1: no such kind */

/* Counts from the run (made_run_at, made_run) on, itself included. */
struct tm_decision {
    int64_t id;
    enum tm_decision_kind kind;
    int64_t plugin_id;         /* 0: all, of an accepted run-wide shift */
    const char *metric;        /* NULL: all */
    const char *branch;        /* NULL: all */
    int64_t from_run, from_at; /* accept: the accepted level's first run */
    int64_t made_run, made_run_at, until;
    double ceiling; /* waive: tolerated share above the level before */
};

/* Judges `night`, which must start no earlier than those before it, and brings the lineage forward. Decisions
 * are in the order they were made. `judgement` keeps its memory from night to night; its verdicts are replaced.
 * 0, or -1: no memory (the lineage is then in an undefined state, but may be freed). */
int tm_judge(struct tm_lineage *lineage, const struct tm_rules *rules, const struct tm_night *night,
             const struct tm_decision *decisions, size_t n_decisions, struct tm_judgement *judgement);

#endif
