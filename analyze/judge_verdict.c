/* What the verdicts on levels and on counts have in common: their class, and when what is open began.
 *
 * Each series yields one verdict, passes too: what was judged must be told from what was not. */
#include <math.h>
#include <string.h>

#include "analyze/judging.h"

void tm_level_before(const struct tm_judged_level *level, enum tm_metric_kind kind, struct tm_detector *state)
{
    struct tm_series series;
    tm_kept_open(level->before, kind, &series);
    *state = series.level;
}

/* The series has a value tonight: its position in `recent` is the position of its value among
 * the newest. */
void tm_remember_night(struct tm_series *series, int64_t night)
{
    memmove(series->recent + 1, series->recent, (TM_RECENT - 1) * sizeof *series->recent);
    series->recent[0] = (int32_t)night; /* tm_lineage_add_night lets no more come */
}

/* An open regression outranks what tonight alone would be called; only a further alarm outranks
 * it. */
static enum tm_class class_of(const struct tm_detector_result *result)
{
    static const enum tm_class classes[] = {TM_NOT_JUDGED, TM_PASS, TM_SUSPECT, TM_REGRESSED, TM_IMPROVED};
    return result->open && result->class != TM_DETECTOR_REGRESSED ? TM_OPEN : classes[result->class];
}

/* By how much one lies above the other, as the metric's effects are given: a share, or an amount where
 * values may be zero. NAN where a share of nothing is asked for. */
double tm_change(const struct tm_metric_rule *rule, double from, double to)
{
    if (tm_metric_is_by_amount(rule->kind))
        return to - from;
    return from > 0 ? to / from - 1 : NAN;
}

static const char *kind_of(const struct tm_detector_result *result)
{
    return result->run_wide ? "run-wide" : result->kind == TM_DETECTOR_DRIFT ? "drift" : "step";
}

/* The first run of the new level, which the newest `since` of the series' own values hold, and the
 * last good one before it (a plugin is not in every run); and the runs between which it lies. */
static void date_change(const struct tm_lineage *lineage, const struct tm_series *series, struct tm_verdict *verdict,
                        const struct tm_detector_result *result)
{
    verdict->since_run = tm_lineage_run(lineage, series->recent[result->since - 1]);
    verdict->good_run = tm_lineage_run(lineage, series->recent[result->since]);
    verdict->interval = (struct tm_interval){tm_lineage_run(lineage, series->recent[result->earliest - 1]),
                                             tm_lineage_run(lineage, series->recent[result->latest - 1]),
                                             tm_lineage_run(lineage, series->recent[result->earliest])};
}

/* The series keeps the date of the first regression that is still open: a further step does not
 * move the beginning. */
static void keep_date(struct tm_series *series, const struct tm_verdict *verdict, bool was_open)
{
    if (!was_open || !series->alarm.since_run) {
        series->alarm.since_run = verdict->since_run;
        series->alarm.good_run = verdict->good_run;
        series->alarm.interval = verdict->interval;
    }
}

/* From memory: tonight's result speaks of the level that the series has now. */
void tm_note_open(const struct tm_alarm_memory *alarm, struct tm_verdict *verdict)
{
    verdict->since_run = alarm->since_run;
    verdict->good_run = alarm->good_run;
    verdict->interval = alarm->interval;
}

/* What any result says, of levels and of counts. Where there was too little to judge by,
 * evidence and z stay NAN: a 0 would read as "judged, and nothing found". */
void tm_describe(struct tm_verdict *verdict, const struct tm_detector_result *result)
{
    verdict->class = class_of(result);
    verdict->runs = result->k;
    verdict->baseline_runs = result->n;
    verdict->evidence = result->evidence > 0 ? result->evidence : 0;
    verdict->needed = result->needed;
    if (result->class == TM_DETECTOR_TOO_FEW) {
        verdict->evidence = verdict->needed = NAN;
        verdict->why = verdict->class == TM_NOT_JUDGED ? TM_TOO_FEW_RUNS : NULL;
        return;
    }
    verdict->z_history = result->z;
    verdict->pct_history = result->percentile;
}

/* Where the regression began: from tonight's alarm, or from memory. When nothing is open any
 * more, the memory of it goes. 0, or -1: no memory. */
int tm_date_verdict(struct tm_judging *j, struct tm_series *series, struct tm_verdict *verdict,
                    const struct tm_detector_result *result, bool was_open)
{
    if (verdict->class == TM_REGRESSED || verdict->class == TM_IMPROVED)
        date_change(j->lineage, series, verdict, result);
    if (verdict->class == TM_REGRESSED) {
        verdict->kind = kind_of(result);
        keep_date(series, verdict, was_open);
    } else if (verdict->class == TM_OPEN) {
        tm_note_open(&series->alarm, verdict);
    } else if (!result->open) {
        if (tm_end_alarm(j, verdict->plugin_id, (size_t)verdict->metric, &series->alarm, TM_RETURNED, 0) != 0)
            return -1;
        series->alarm = (struct tm_alarm_memory){0};
    }
    return 0;
}

/* Entered in verdict_of. */
struct tm_verdict *tm_new_verdict(struct tm_judging *j, size_t sample, size_t metric)
{
    const struct tm_sample *s = &j->night->samples[sample];
    struct tm_verdict *verdict = tm_judgement_add(j->out, s->plugin_id, s->plugin, (int)metric);
    if (verdict)
        j->verdict_of[metric] = (int)(j->out->n_verdicts - 1);
    return verdict;
}
