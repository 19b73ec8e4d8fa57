/* The smallest rise that would be told is asked of the detectors themselves, so that no formula can
 * disagree with them: rises of many sizes are tried on copies of a series' memory, and then the gap
 * between the largest that is not told and the next one is halved until it is narrow.
 *
 * Larger need not mean surer: a rise to where the series has been before is less evidence than a
 * smaller one to where it has not. Hence all sizes are tried, and the largest that is not told
 * counts. */
#include <math.h>

#include "analyze/judging.h"
#include "analyze/reach.h"

static const double GROWTH = 1.1;      /* from one size that is tried to the next */
static const double NARROW = 1e-4;     /* of a rise: far below what is shown of it */
static const double MOST_TIMES = 1000; /* a rise beyond that is none that anybody needs to be told of */

/* A series that is tried, and by which rules. */
struct trial {
    const struct tm_series *series;
    const struct tm_rules *rules;
    struct tm_metric_rule rule;
    size_t metric, metrics_present;
    double level; /* in units of y, or events that a run usually has */
    double least, most;
    double trials; /* a counted series' calls of a run */
    bool counted;  /* rises are whole events */
};

/* On which night a rise is told that stays for so many; 0: on none. */
static int told_as_level(const struct trial *t, double rise, int nights)
{
    struct tm_detector state = t->series->level;
    struct tm_detector_result result;
    for (int night = 1; night <= nights; night++) {
        struct tm_detector_params params =
            tm_level_params(t->rules, &t->rule, t->metric, t->metrics_present, &state, t->level + rise);
        tm_detector_step(&state, &params, t->level + rise, 0, &result);
        if (result.class == TM_DETECTOR_REGRESSED)
            return night;
    }
    return 0;
}

static int told_as_count(const struct trial *t, double rise, int nights)
{
    struct tm_counts state = t->series->counts;
    struct tm_count_params params = tm_count_params_for(t->rules, &t->rule, t->metric, t->metrics_present);
    struct tm_detector_result result;
    for (int night = 1; night <= nights; night++) {
        tm_counts_step(&state, &params, floor(t->level) + rise, t->trials, &result);
        if (result.class == TM_DETECTOR_REGRESSED)
            return night;
    }
    return 0;
}

static int told(const struct trial *t, double rise, int nights)
{
    return t->counted ? told_as_count(t, rise, nights) : told_as_level(t, rise, nights);
}

static double next_size(const struct trial *t, double rise)
{
    return t->counted ? fmax(rise + 1, floor(rise * GROWTH)) : rise * GROWTH;
}

/* The smallest rise that is told within `nights` nights and above which every larger one is told as well; NAN: no rise is. */
static double smallest(const struct trial *t, int nights)
{
    double not_told = 0, is_told = NAN;
    for (double rise = t->least; rise <= t->most; rise = next_size(t, rise)) {
        bool enough = told(t, rise, nights) > 0;
        if (!enough)
            not_told = rise;
        is_told = !enough ? NAN : isnan(is_told) ? rise : is_told;
    }
    while (!isnan(is_told) && is_told - not_told > (t->counted ? 1 : NARROW * is_told)) {
        double middle = (not_told + is_told) / 2;
        if (t->counted)
            middle = floor(middle);
        *(told(t, middle, nights) > 0 ? &is_told : &not_told) = middle;
    }
    return is_told;
}

/* The range of sizes for a level: from the least change that anybody minds. false: it has no level yet. */
static bool try_level(struct trial *t)
{
    const struct tm_detector *state = &t->series->level;
    t->level = state->median;
    t->least = tm_level_params(t->rules, &t->rule, t->metric, t->metrics_present, state, t->level).min_effect;
    t->most = fmax(log(MOST_TIMES), GROWTH * t->least);
    return state->n_base > 0;
}

/* For counts: as many calls as tonight, of which all may fail; or as many calls as anybody makes. */
static bool try_counts(struct trial *t)
{
    const struct tm_counts *state = &t->series->counts;
    double events = 0, trials = 0;
    for (int i = 0; i < state->n_base; i++) {
        events += state->events[i];
        trials += state->trials[i];
    }
    t->trials = state->n_wait > 0   ? state->wait_trials[state->n_wait - 1]
                : state->n_base > 0 ? state->trials[state->n_base - 1]
                                    : 0;
    t->level = trials > 0 ? events / trials * t->trials : 0;
    t->least = 1;
    t->most = t->rule.kind == TM_METRIC_ERRORS ? t->trials - floor(t->level) : MOST_TIMES * fmax(1, t->level);
    return trials > 0 && t->trials > 0;
}

/* A rise in the metric's own unit. */
static double value_of(const struct trial *t, double rise)
{
    return t->counted ? (floor(t->level) + rise) / t->trials : tm_from_y(&t->rule, t->level + rise);
}

/* What is tried of a series, from its memory as it stands. The rule's floor does not count where the program that measured has
 * none.
 */
struct opened {
    struct trial trial;
    struct tm_series series;
};

/* false: nothing is known of it, or it is not judged. */
static bool open_series(struct opened *opened, const struct tm_lineage *lineage, const struct tm_rules *rules,
                        size_t metrics_present, bool fine_clock, int64_t plugin_id, size_t metric)
{
    const struct tm_plugin *plugin = tm_lineage_find(lineage, plugin_id);
    struct trial *t = &opened->trial;
    *t = (struct trial){.series = &opened->series, .rules = rules, .metric = metric, .metrics_present = metrics_present};
    const struct tm_kept *kept = plugin ? tm_series_at(plugin, metric) : NULL;
    if (!kept || !tm_rule_for(rules, plugin->name ? plugin->name : "", metric, &t->rule))
        return false;
    tm_kept_open(kept, t->rule.kind, &opened->series);
    if (fine_clock && !t->rule.floor_given)
        t->rule.floor = 0;
    t->counted = tm_metric_is_counted(t->rule.kind);
    return t->counted ? try_counts(t) : try_level(t);
}

struct tm_reach tm_reach_of(const struct tm_lineage *lineage, const struct tm_rules *rules, size_t metrics_present, bool fine_clock,
                            int64_t plugin_id, size_t metric)
{
    struct tm_reach reach = TM_NO_REACH;
    struct opened opened;
    const struct trial *t = &opened.trial;
    if (!open_series(&opened, lineage, rules, metrics_present, fine_clock, plugin_id, metric))
        return reach;
    double least = smallest(t, TM_REACH_NIGHTS), second = smallest(t, TM_REACH_SECOND);
    reach.level = t->counted ? t->level / t->trials : tm_from_y(&t->rule, t->level);
    if (!isnan(least)) {
        reach.least = value_of(t, least);
        reach.nights = told(t, least, TM_REACH_NIGHTS);
    }
    if (!isnan(second))
        reach.second = value_of(t, second);
    return reach;
}

/* One size instead of all of them: a fiftieth of the cost. */
enum tm_reached tm_reaches(const struct tm_lineage *lineage, const struct tm_rules *rules, size_t metrics_present, bool fine_clock,
                           int64_t plugin_id, size_t metric, double share)
{
    struct opened opened;
    if (!open_series(&opened, lineage, rules, metrics_present, fine_clock, plugin_id, metric) ||
        opened.trial.rule.kind != TM_METRIC_RATIO)
        return TM_REACH_UNKNOWN;
    return told(&opened.trial, log1p(share), TM_REACH_NIGHTS) > 0 ? TM_REACHED : TM_OUT_OF_REACH;
}
