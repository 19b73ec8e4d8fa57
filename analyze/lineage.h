/* What the judge remembers of runs that compare with one another: per plugin and metric one series, per plugin its presence. */
#ifndef TM_ANALYZE_LINEAGE_H
#define TM_ANALYZE_LINEAGE_H

#include <stdint.h>

#include "analyze/kept.h"
#include "analyze/rules.h"
#include "base/hash.h"

enum { TM_CLOCK_STAYS = 2 }; /* nights with another clock: one may be a night on another host */

/* Which of the runs the plugin was in, whatever was measured: what `missing` rests on. {0} is one never seen. */
struct tm_presence {
    uint64_t seen;      /* bit per comparable run, the newest is bit 0 */
    int64_t runs;       /* comparable runs so far, since the plugin first came */
    int64_t missing;    /* nights in a row */
    int64_t retired_by; /* decision, 0: none */
    int64_t last_run;
    uint32_t clock;       /* that its CPU times were taken with; 0: not known */
    uint32_t other_clock; /* the one of the newest runs, if it is another */
    int64_t other_nights; /* so many in a row; TM_CLOCK_STAYS: tonight its CPU series begin anew */
    uint64_t beyond;      /* bit per tm_limit's place: the metric's newest value is beyond its limit */
};

struct tm_plugin {
    int64_t id;
    const char *name; /* owned by the caller of tm_lineage_plugin */
    struct tm_presence presence;
    struct tm_kept **series; /* by the rules' metrics, up to the last that has had a value */
    size_t n_series;
};

/* The runs of one project, host and branch, as the judge remembers them. {0} is an empty one; freed with
 * tm_lineage_free. */
struct tm_lineage {
    struct tm_plugin *plugins; /* in the order of first sight */
    size_t n_plugins, room;
    struct tm_hash index; /* of the plugins' ids: position + 1 */
    int64_t *runs;        /* by night: the id of the run that was judged then */
    size_t runs_room;
    int64_t night;                         /* ordinal of the newest judged run, from 1 */
    int64_t run_wide_since, run_wide_good; /* an open run-wide regression; 0: none */
    struct tm_interval run_wide_interval;
    int64_t run_wide_night; /* ordinal of the night that raised it */
    int64_t previous_run, previous_at;
};

/* The plugin of that id, made if it is new. NULL: no memory. Pointers are good until the next plugin is made. */
struct tm_plugin *tm_lineage_plugin(struct tm_lineage *lineage, int64_t id, const char *name);
struct tm_plugin *tm_lineage_find(const struct tm_lineage *lineage, int64_t id); /* NULL: not there */

/* The plugin's series of that metric; NULL: it has had no value yet. */
struct tm_kept *tm_series_at(const struct tm_plugin *plugin, size_t metric);

/* The place of that series, for tm_kept_close(); it holds NULL if it has had no value yet. NULL: no memory. Good until a place of
 * the plugin is made again. */
struct tm_kept **tm_series_place(struct tm_plugin *plugin, size_t metric);

/* Frees all that it holds, not the names; it is then an empty one. */
void tm_lineage_free(struct tm_lineage *lineage);

/* A night begins with that run: 0, or -1 without memory. */
int tm_lineage_add_night(struct tm_lineage *lineage, int64_t run);
int64_t tm_lineage_run(const struct tm_lineage *lineage, int32_t night); /* 0: there was no such night */

/* No regression of the whole run is open any longer. */
void tm_lineage_forget_run_wide(struct tm_lineage *lineage);

#endif
