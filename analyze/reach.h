/* What would the gate see? The smallest rise of a plugin's metric that would be an alarm, if it began with the next run and stayed.
 * It is found by trying: runs that nobody has measured are put before a copy of the judge's memory, and nothing of them is kept. */
#ifndef TM_ANALYZE_REACH_H
#define TM_ANALYZE_REACH_H

#include <math.h>

#include "analyze/lineage.h"

enum {
    TM_REACH_NIGHTS = TM_DETECTOR_NEWEST, /* runs for which a rise is tried: the detector looks at no more of them together */
    TM_REACH_SECOND = 2                   /* and for so few */
};

/* Values in the metric's unit. "A rise" is a change for the worse; one to `least` and every larger one that was tried is an alarm
 * within TM_REACH_NIGHTS runs that lie exactly there, while the other plugins stay where they are. */
struct tm_reach {
    double level;  /* that rises are counted from: the usual value, as tonight has left it */
    double least;  /* NAN: no rise would be told */
    int nights;    /* that one to `least` takes, from 1 */
    double second; /* and every larger one is told by its second night; NAN: none */
};

#define TM_NO_REACH ((struct tm_reach){NAN, NAN, 0, NAN})

/* After a night, of a plugin that has a value of that metric in it. metrics_present: how many metrics the night has (struct
 * tm_judgement); fine_clock: see struct tm_night. TM_NO_REACH where nothing is known of it. */
struct tm_reach tm_reach_of(const struct tm_lineage *lineage, const struct tm_rules *rules, size_t metrics_present, bool fine_clock,
                            int64_t plugin_id, size_t metric);

/* Would a rise by that share of its level, that stays, be told at all? Asked of levels that change by factors. */
enum tm_reached { TM_REACH_UNKNOWN, TM_REACHED, TM_OUT_OF_REACH };
enum tm_reached tm_reaches(const struct tm_lineage *lineage, const struct tm_rules *rules, size_t metrics_present, bool fine_clock,
                           int64_t plugin_id, size_t metric, double share);

#endif
