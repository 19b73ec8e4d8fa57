/* What becomes of a series beside its nights. Only here does a level begin anew because somebody said
 * so. */
#include "analyze/series.h"

#include "analyze/baseline.h"

/* The list ends at its first 0. */
int tm_series_nights(const struct tm_series *series)
{
    int n = 0;
    while (n < TM_RECENT && series->recent[n])
        n++;
    return n;
}

bool tm_series_has_gaps(const struct tm_series *series, int n)
{
    for (int i = 1; i < n; i++)
        if (series->recent[i] != series->recent[i - 1] - 1)
            return true;
    return false;
}

/* The newest n values, whether in the baseline or still waiting, become a level of their own;
 * older ones are forgotten. Its scale is borrowed from the level before until it has enough
 * values. With n = 0 (the change is still to come) nothing is left, and the level grows anew. */
static void restart_level(struct tm_detector *s, int n)
{
    double y[TM_RECENT], common[TM_RECENT]; /* all that is remembered, oldest first */
    int count = 0;
    for (int i = 0; i < s->n_base; i++, count++)
        y[count] = s->base[i], common[count] = s->base_common[i];
    for (int i = 0; i < s->n_wait; i++, count++)
        y[count] = s->wait[i], common[count] = s->wait_common[i];
    /* The noise of the old level is the best guess at that of the new one. */
    s->scale_before = s->scale;
    tm_baseline_clear(s);
    s->n_wait = s->open = 0;
    /* More than fit: the oldest of the n make room, as on any night. */
    for (int i = n < count ? count - n : 0; i < count; i++)
        tm_baseline_add(s, y[i], common[i]);
    if (s->n_base > 0)
        tm_baseline_settle(s, TM_DETECTOR_FLOOR);
}

/* The same of counts. The arrays are copied first, for old and new ones overlap. */
static void restart_counts(struct tm_counts *s, int n)
{
    struct tm_counts old = *s;
    int drop_base = old.n_base + old.n_wait - n; /* the oldest go: of the baseline, then of those that wait */
    s->n_base = s->n_wait = s->open = 0;
    for (int i = drop_base > 0 ? drop_base : 0; i < old.n_base; i++) {
        s->events[s->n_base] = old.events[i];
        s->trials[s->n_base++] = old.trials[i];
    }
    for (int i = drop_base > old.n_base ? drop_base - old.n_base : 0; i < old.n_wait && s->n_base < TM_DETECTOR_BASELINE; i++) {
        s->events[s->n_base] = old.wait_events[i];
        s->trials[s->n_base++] = old.wait_trials[i];
    }
}

void tm_series_forgive(struct tm_series *series, enum tm_metric_kind kind)
{
    /* Which member of the union is alive follows from the kind; the other one's bytes must not
     * be touched. */
    *(tm_metric_is_counted(kind) ? &series->counts.open : &series->level.open) = 0;
    series->alarm = (struct tm_alarm_memory){0};
}

void tm_series_restart(struct tm_series *series, enum tm_metric_kind kind, int n)
{
    if (tm_metric_is_counted(kind))
        restart_counts(&series->counts, n);
    else
        restart_level(&series->level, n);
    tm_series_forgive(series, kind);
}
