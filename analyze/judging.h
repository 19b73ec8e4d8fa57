/* A night in hand: what the parts of the judge share. Internal to analyze/judge*.c.
 *
 * The samples are judged in slices, by as many threads as there are; what is known of a metric as a whole is found before, and what
 * concerns several plugins is said afterwards. A slice is judged by the same functions as the night, with what it says apart. */
#ifndef TM_ANALYZE_JUDGING_H
#define TM_ANALYZE_JUDGING_H

#include "analyze/judge.h"
#include "analyze/population.h"

/* One metric on the night. */
struct tm_metric_night {
    bool cpu_time; /* compares between runs of one CPU clock alone */
    struct tm_night_facts facts;
    size_t first_verdict, end_verdict; /* of the judgement, on plugins */
};

/* A plugin of the night that has verdicts to be kept: a row of them. */
struct tm_told {
    size_t sample;
    size_t first, end; /* in what its slice says */
    bool led;          /* it is known who speaks for it */
};

/* Some of the samples, and what is said of them. */
struct tm_slice {
    size_t from, end; /* samples */
    struct tm_judgement said;
    struct tm_told *told;
    size_t n_told;
    struct tm_night_facts *facts; /* its part of them, by the rules' metrics */
    int *verdict_of;              /* of the sample in hand */
};

struct tm_judging {
    struct tm_lineage *lineage;
    const struct tm_rules *rules;
    const struct tm_night *night;
    const struct tm_decision *decisions;
    size_t n_decisions;
    struct tm_judgement *out;

    size_t *plugin_of;               /* sample -> its place in the lineage */
    struct tm_metric_night *metrics; /* by the rules' metrics */
    int run_wide_metric;             /* that shows the run's open alarm; -1: none is open, or nothing shows it */
    struct tm_slice *slices;
    size_t n_slices;

    int *verdict_of;      /* row * n_metrics + metric -> its verdict, -1: none */
    struct tm_told *rows; /* where first and end say nothing any more */
    size_t n_rows;
};

/* The memory that a verdict on a metric rests on; NULL for a verdict on a plugin as such. */
struct tm_kept *tm_series_of(const struct tm_lineage *lineage, const struct tm_verdict *verdict);

/* What is remembered of that series' alarm; nothing is known of a series without one. A verdict of class regressed has one. */
const struct tm_alarm_memory *tm_alarm_of(const struct tm_kept *series);

struct tm_plugin *tm_plugin_of(const struct tm_judging *j, size_t sample);

/* The rule for that plugin and metric tonight; false: it is not to be judged. */
bool tm_rule_tonight(const struct tm_judging *j, const char *plugin, size_t metric, struct tm_metric_rule *rule);

/* The verdict on that metric of the row's plugin; NULL: it has none, for want of a value or by the rules. Good until the next
 * verdict is added. */
struct tm_verdict *tm_verdict_at(const struct tm_judging *j, size_t row, size_t metric);

/* judge_factor.c: what the whole run did, in each metric. 0, or -1 without memory. */
int tm_find_factors(struct tm_judging *j);

/* judge_slice.c: every series of the night is judged, and brought forward; the slices hold what is said. 0, or -1 without memory.
 */
int tm_judge_slices(struct tm_judging *j);

/* judge_gather.c: what the slices say becomes the judgement, metric by metric, with what most plugins did together. Rows are those
 * of the plugins that are told of. 0, or -1 without memory. */
int tm_gather_slices(struct tm_judging *j);

/* judge_run.c. -1: no memory. */
bool tm_is_shared(const struct tm_judging *j, const struct tm_verdict *verdict,
                  size_t metric);                                /* an alarm that the whole run may share */
int tm_find_run_wide_metric(const struct tm_judging *j);         /* that shows the run's open alarm, as memory has it; -1: none */
int tm_add_run_wide(struct tm_judging *j, size_t metric);        /* most of the metric's series alarm so tonight */
void tm_join_open_run_wide(struct tm_judging *j, size_t metric); /* some do, and the run's alarm is open */
int tm_judge_run_wide(struct tm_judging *j);                     /* after all metrics: is it still open? */

/* judge_end.c. To be told before the memory of the alarm goes; the run's own forgets it, if it was open. 0, or -1: no memory. */
int tm_end_alarm(struct tm_judging *j, int64_t plugin_id, size_t metric, const struct tm_alarm_memory *alarm, enum tm_ending ending,
                 int64_t decision_id);
int tm_end_run_wide(struct tm_judging *j, enum tm_ending ending, int64_t decision_id);

/* A level on the night. */
struct tm_judged_level {
    const struct tm_kept *before; /* NULL: a new one */
    struct tm_detector *state;    /* after it */
    struct tm_detector_params params;
    double y;
    struct tm_detector_result result;
    bool extreme; /* it is a regression because it is far beyond all of its past */
};

/* judge_repeats.c */
void tm_confirm(const struct tm_judging *j, size_t metric, size_t sample,
                struct tm_judged_level *level); /* regressed tonight, if the repeats of a suspect leave no doubt */
bool tm_count_suspected(const struct tm_counts *before, const struct tm_count_params *params,
                        const struct tm_repeats *repeats);                 /* by the first run alone */
void tm_say_repeats(struct tm_verdict *verdict, int more, bool suspected); /* by what `more` measurements made of a suspect */
void tm_tell_repeats(const struct tm_judging *j, size_t metric, size_t sample, const struct tm_judged_level *level,
                     struct tm_verdict *verdict); /* the same of a level */

/* judge_clock.c */
int tm_note_clocks(struct tm_judging *j);                                          /* before the night; -1: no memory */
bool tm_is_cpu_time(const struct tm_metric_rule *rule);                            /* of two clocks it does not compare */
bool tm_other_clock(const struct tm_judging *j, size_t sample, size_t metric);     /* than its history has: not judged tonight */
const char *tm_why_anew(const struct tm_judging *j, size_t sample, size_t metric); /* its history begins tonight; NULL: not so */

/* judge_level.c, judge_count.c: a value of the night becomes a verdict, and its series is brought forward. 0, or -1: no memory. */
int tm_judge_level(struct tm_judging *j, size_t metric, size_t sample, const struct tm_metric_rule *rule);
int tm_judge_count(struct tm_judging *j, size_t metric, size_t sample, const struct tm_metric_rule *rule);

/* By what a series of that metric is judged tonight, a level at the value y: the metric's part of the budget, and the least change
 * at its own level. */
struct tm_detector_params tm_level_params(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                          size_t metrics_present, const struct tm_detector *state, double y);
struct tm_count_params tm_count_params_for(const struct tm_rules *rules, const struct tm_metric_rule *rule, size_t metric,
                                           size_t metrics_present);

/* judge_verdict.c: what levels and counts have in common. */
void tm_level_before(const struct tm_judged_level *level, enum tm_metric_kind kind,
                     struct tm_detector *state); /* a level as it was before the night */
struct tm_verdict *tm_new_verdict(struct tm_judging *j, size_t sample,
                                  size_t metric);                /* in the row of the sample; NULL: no memory */
void tm_remember_night(struct tm_series *series, int64_t night); /* that it has a value of */
void tm_describe(struct tm_verdict *verdict, const struct tm_detector_result *result);
int tm_date_verdict(struct tm_judging *j, struct tm_series *series, struct tm_verdict *verdict,
                    const struct tm_detector_result *result, bool was_open);        /* and the memory of its alarm; -1: no memory */
void tm_note_open(const struct tm_alarm_memory *alarm, struct tm_verdict *verdict); /* since when */
double tm_change(const struct tm_metric_rule *rule, double from, double to);        /* as the metric's effects are given */

/* judge_plugin.c */
void tm_note_present(struct tm_presence *presence, int64_t run);
int tm_choose_leader(struct tm_judging *j,
                     size_t row);           /* who speaks for the plugin; it is counted as judged, as passed, or as young */
int tm_judge_plugins(struct tm_judging *j); /* one alert per plugin, who is missing; -1: no memory */

int tm_apply_decisions(struct tm_judging *j); /* judge_decision.c: before the night; -1: no memory */
void tm_waive(struct tm_judging *j);          /* judge_decision.c: what is tolerated */

#endif
