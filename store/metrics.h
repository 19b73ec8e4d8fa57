/* The metrics of a project: what a reading's name, unit and direction are in the store. */
#ifndef TM_STORE_METRICS_H
#define TM_STORE_METRICS_H

#include "base/arena.h"
#include "schema/tidemark.h"
#include "store/names.h"

struct tm_known_metric {
    int64_t id;
    const char *unit, *better; /* NULL: not said */
};

/* What was learnt of one project's metrics in the open transaction. All zero: nothing. */
struct tm_known_metrics {
    int64_t project;
    struct tm_names names; /* to positions in `of`, from 1 */
    struct tm_known_metric *of;
    size_t count;
    struct tm_arena texts;
};

/* The metric of a reading, made if it is new, and the reading's value in that metric's unit. What the store does not know of it
 * yet, unit or direction, is taken from the reading; what it knows otherwise is an error: a unit that does not convert exactly,
 * another direction. 0 or -1. Inside a transaction. */
int tm_take_reading(tm_store *store, int64_t project, const struct tm_reading *reading, int64_t *id, double *value);

void tm_forget_metrics(struct tm_known_metrics *known);

#endif
