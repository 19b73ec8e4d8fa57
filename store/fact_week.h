/* A stored week as a fact has it, and a fact as a week. Functions return 0, or -1 with the message in the handle. */
#ifndef TM_STORE_FACT_WEEK_H
#define TM_STORE_FACT_WEEK_H

#include "store/store.h"
#include "store/week_sums.h"

/* What a fact borrows from; used again for the next. All zero is empty. */
struct tm_fact_week {
    struct tm_week_sums sums;
    struct tm_week_plugin *plugins;
    size_t plugins_room;
};

/* Reads the rows under the id into the fact, which borrows from `into` until it is read into again. */
int tm_fact_week_read(tm_store *store, int64_t id, struct tm_fact_week *into, struct tm_week_fact *fact);

void tm_fact_week_free(struct tm_fact_week *week);

/* Inside a transaction: stores a week that is not there yet. */
int tm_put_week(tm_store *store, int64_t project, const struct tm_week_fact *fact);

/* The week of that place as it is stored: is it what the fact says? Or -1. */
enum tm_week_likeness { TM_NO_WEEK, TM_SAME_WEEK, TM_OTHER_WEEK };
int tm_compare_week(tm_store *store, int64_t project, const struct tm_week_fact *fact);

#endif
