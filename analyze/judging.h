/* A night in hand: what the parts of the judge share. Internal to analyze/judge*.c. */
#ifndef TM_ANALYZE_JUDGING_H
#define TM_ANALYZE_JUDGING_H

#include "analyze/judge.h"
#include "analyze/population.h"

struct tm_judging {
    struct tm_lineage *lineage;
    const struct tm_rules *rules;
    const struct tm_night *night;
    const struct tm_decision *decisions;
    size_t n_decisions;
    struct tm_judgement *out;
    int *verdict_of; /* sample * n_metrics + metric -> its verdict, -1: none */

    /* scratch, one per sample */
    double *values, *scratch;
    struct tm_standing *standings;
    struct tm_night_entry *entries;
    struct tm_night_entry **order;
    size_t *sample_of; /* entry -> sample */
};

/* The memory that a verdict on a metric rests on; NULL for a verdict on a plugin as such. */
struct tm_series *tm_series_of(const struct tm_lineage *lineage, const struct tm_verdict *verdict);

/* The rule for that plugin and metric tonight; false: it is not to be judged. */
bool tm_rule_tonight(const struct tm_judging *j, const char *plugin, size_t metric, struct tm_metric_rule *rule);

/* The verdict on that sample's metric; NULL: it has none, for want of a value or by the rules. Good until the next verdict is
 * added. */
struct tm_verdict *tm_verdict_at(const struct tm_judging *j, size_t sample, size_t metric);

/* judge_run.c. -1: no memory. */
bool tm_is_shared(const struct tm_judging *j, const struct tm_verdict *verdict,
                  size_t metric);                                /* an alarm that the whole run may share */
int tm_add_run_wide(struct tm_judging *j, size_t metric);        /* most of the metric's series alarm so tonight */
void tm_join_open_run_wide(struct tm_judging *j, size_t metric); /* some do, and the run's alarm is open */
int tm_judge_run_wide(struct tm_judging *j);                     /* after all metrics: is it still open? */

/* judge_end.c. To be told before the memory of the alarm goes; the run's own forgets it, if it was open. 0, or -1: no memory. */
int tm_end_alarm(struct tm_judging *j, int64_t plugin_id, size_t metric, const struct tm_series *series, enum tm_ending ending,
                 int64_t decision_id);
int tm_end_run_wide(struct tm_judging *j, enum tm_ending ending, int64_t decision_id);

/* judge_repeats.c */
void tm_confirm(const struct tm_judging *j, size_t metric, struct tm_night_entry *entry,
                size_t sample); /* regressed tonight, if the repeats of a suspect leave no doubt */
bool tm_count_suspected(const struct tm_counts *before, const struct tm_count_params *params,
                        const struct tm_repeats *repeats);                 /* by the first run alone */
void tm_say_repeats(struct tm_verdict *verdict, int more, bool suspected); /* by what `more` measurements made of a suspect */
void tm_tell_repeats(const struct tm_judging *j, size_t metric, const struct tm_night_entry *entry, size_t sample,
                     struct tm_verdict *verdict); /* the same of a level */

/* judge_clock.c */
int tm_note_clocks(struct tm_judging *j);                                          /* before the night; -1: no memory */
bool tm_other_clock(const struct tm_judging *j, size_t sample, size_t metric);     /* than its history has: not judged tonight */
const char *tm_why_anew(const struct tm_judging *j, size_t sample, size_t metric); /* its history begins tonight; NULL: not so */

/* judge_metric.c. By what a series of that metric is judged tonight, a level at the value y: the metric's part of the budget, and
 * the least change at its own level. */
struct tm_detector_params tm_level_params(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                          size_t metrics_present, const struct tm_detector *state, double y);
struct tm_count_params tm_count_params_for(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                           size_t metrics_present);

int tm_judge_metric(struct tm_judging *j, size_t metric); /* judge_metric.c: all series of one metric */
int tm_judge_plugins(struct tm_judging *j);               /* judge_plugin.c: one alert per plugin, who is missing */
int tm_apply_decisions(struct tm_judging *j);             /* judge_decision.c: before the night; -1: no memory */
void tm_waive(struct tm_judging *j);                      /* judge_decision.c: what is tolerated */

#endif
