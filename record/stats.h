/* What is counted of a plugin. A cell belongs to one thread, which alone adds to it; any thread may read it meanwhile. Its sums
 * only ever grow: whoever has taken something remembers how much, as negative totals. */
#ifndef TM_RECORD_STATS_H
#define TM_RECORD_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "schema/sketch.h"

enum tm_sum {
    TM_CALLS,
    TM_WALL,
    TM_CPU,
    TM_OCCUPIED,
    TM_SELF_WALL,
    TM_SELF_CPU,
    TM_RARE,             /* those from here on are mostly 0 */
    TM_ERRORS = TM_RARE, /* timeouts among them */
    TM_CANCELLED,
    TM_TIMEOUTS,
    TM_MEMORY,
    TM_ZEROS,       /* calls of no time */
    TM_HELD,        /* ready, while steps of other plugins kept the thread */
    TM_HELD_OTHERS, /* the same, of others, that is due to this one */
    TM_PREEMPTED,   /* ready, while others had the processors */
    TM_SUMS,
};

enum tm_extreme { TM_SLOWEST, TM_FASTEST /* negative */, TM_LONGEST_STEP, TM_PEAK, TM_EXTREMES };

#define TM_NOTHING INT64_MIN /* an extreme of nothing */

/* Latencies by the rule of schema/sketch.h, from 1 ns to 2^53 ns: 104 days. */
enum { TM_OCTAVES = 53, TM_BUCKETS = TM_OCTAVES * 64 };

/* A bit for each line of 8 buckets, set if any of them was ever used: most never are. */
enum { TM_LINE = 8, TM_LINES = TM_BUCKETS / TM_LINE, TM_LINE_WORDS = (TM_LINES + 63) / 64 };

struct tm_totals {
    int64_t sums[TM_SUMS], extremes[TM_EXTREMES];
    uint64_t used[TM_LINE_WORDS];
    uint64_t buckets[TM_BUCKETS]; /* below zero modulo 2^64 */
};

/* What outermost steps took on a thread: of a plugin, or of all. By the thread alone. */
struct tm_steps {
    int64_t ns, ns_at_idle; /* in all, and when the thread was idle last */
    uint64_t idles;         /* how often it was, as far as ns_at_idle knows */
};

struct tm_cell {
    _Atomic uint64_t version; /* odd while something is added */
    _Atomic int64_t sums[TM_SUMS], extremes[TM_EXTREMES];
    _Atomic uint64_t used[TM_LINE_WORDS];
    _Atomic bool wanted; /* a reader that got no word in: add nothing until it is done */
    int depth;           /* calls on the thread's stack */
    struct tm_steps steps;
    struct tm_cell *next; /* spare ones */
    _Atomic uint64_t buckets[TM_BUCKETS];
};

/* What a call adds. */
struct tm_facts {
    int64_t sums[TM_HELD], /* the others come on their own */ extremes[TM_EXTREMES];
    int64_t latency; /* TM_NOTHING: none */
    bool rare;       /* any of the rare sums is not 0 */
};

/* Adds a call; by the cell's thread alone. Takes no lock, allocates nothing. */
void tm_cell_add(struct tm_cell *cell, const struct tm_facts *facts);
void tm_cell_add_to(struct tm_cell *cell, enum tm_sum sum, int64_t more); /* the same of one sum */
void tm_cell_clear(struct tm_cell *cell);                                 /* nobody adds or reads */
void tm_cell_mend(struct tm_cell *cell); /* by the thread that adds: it may have left by a jump in the middle of that */

/* Adds what the cell holds to totals, as it was at one moment. take: its extremes go, to begin anew. false: it was being written
 * all the time. */
bool tm_cell_read(struct tm_cell *cell, bool take, struct tm_totals *totals, struct tm_totals *scratch);

void tm_totals_clear(struct tm_totals *totals);                            /* all zero before its first use */
void tm_totals_add(struct tm_totals *to, const struct tm_totals *from);    /* sums add up, the larger extreme stays */
void tm_totals_take(struct tm_totals *from, const struct tm_totals *what); /* its extremes are gone */

/* The latencies as a sketch that is empty before (0, or -1: no memory), and back. */
int tm_totals_to_sketch(const struct tm_totals *totals, struct tm_sketch *sketch);
void tm_totals_add_sketch(struct tm_totals *totals, const struct tm_sketch *sketch);

#endif
