#ifndef TM_STORE_SQLITE_BATCH_H
#define TM_STORE_SQLITE_BATCH_H

#include "store/sqlite/db.h"

struct tm_batch_row {
    int64_t plugin_id;
    const struct tm_profile *profile;
};

/* The profiles of one run, in the order of their plugin ids: the order of the table they go into. */
struct tm_batch {
    int64_t run_id;
    struct tm_batch_row *rows;
    size_t count, capacity;
};

#endif
