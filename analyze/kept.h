/* A series between two nights: what it holds, and no room for what it does not hold yet. A young one is a tenth of struct
 * tm_series, in which it is judged; what becomes of it there is the same to the last bit. */
#ifndef TM_ANALYZE_KEPT_H
#define TM_ANALYZE_KEPT_H

#include "analyze/series.h"

struct tm_kept {
    struct tm_alarm_memory *alarm; /* NULL: none */
    int32_t newest;                /* night of the newest value; 0: there is none */
    uint16_t room;                 /* bytes behind the head */
    uint8_t n_base, n_wait, n_recent, flags;
    unsigned char bytes[];
};

/* The series in full; of kept == NULL one never seen. */
void tm_kept_open(const struct tm_kept *kept, enum tm_metric_kind kind, struct tm_series *series);

/* Keeps the series in *slot, which may be NULL, and may be another one afterwards. alarm: it has room for an alarm, whether there
 * is one or not. 0, or -1 without memory; *slot is then as it was. */
int tm_kept_close(struct tm_kept **slot, const struct tm_series *series, enum tm_metric_kind kind, bool alarm);

/* What is open is open no longer; the level stays. */
void tm_kept_forgive(struct tm_kept *kept, enum tm_metric_kind kind);

/* What waits joins the baseline: the next value is judged by itself. 0, or -1 without memory. */
int tm_kept_settle(struct tm_kept **slot, enum tm_metric_kind kind);

/* All of it goes, as if it had never been seen. */
void tm_kept_forget(struct tm_kept *kept, enum tm_metric_kind kind);

/* Is a regression open? */
bool tm_kept_is_open(const struct tm_kept *kept);

/* Median and scale of the own values of a level that is judged by them; false: it has too few values. */
bool tm_kept_level(const struct tm_kept *kept, enum tm_metric_kind kind, double *median, double *scale);

/* Has any of its values a part that was the whole run's? */
bool tm_kept_has_parts(const struct tm_kept *kept);

void tm_kept_free(struct tm_kept *kept); /* NULL is fine */

#endif
