/* Reading what is compared: runs of a store into a comparison, and the past that knows their noise. */
#ifndef TM_GATE_SIDES_H
#define TM_GATE_SIDES_H

#include "analyze/compare.h"
#include "store/store.h"

/* A store that a comparison reads from. All below return 0, or -1 with the store's message. */
struct tm_side_reader {
    struct tm_comparison *comparison;
    tm_store *store;
    const char *glob;                /* only plugins that it matches; NULL: all */
    struct tm_hash plugins, metrics; /* places in the comparison by the store's ids: position + 1 */
};

/* Takes in the metrics of the project, if there is one of that name. Free in any case. */
int tm_side_reader_open(struct tm_side_reader *reader, struct tm_comparison *comparison, tm_store *store, const char *project,
                        const char *glob);
void tm_side_reader_free(struct tm_side_reader *reader);

/* One run as a measurement, or of the past; of a side with the runs that repeat it, which are measurements too. *measured grows by
 * as many. Runs come oldest first. Of the past only what both sides have is read. */
int tm_side_read_run(struct tm_side_reader *reader, int64_t run, enum tm_compare_of of, size_t *measured);

/* The runs of one project, host and branch up to a run: the newest TM_PAST_RUNS of them, without those that are compared. */
enum { TM_PAST_RUNS = 80 }; /* a baseline, and what a change of level on the way throws away */
struct tm_side_lineage {
    int64_t project_id, host_id, started_at, run;
    const char *branch;
};
int tm_side_read_past(struct tm_side_reader *reader, const struct tm_side_lineage *lineage, const int64_t *compared, size_t n);

#endif
