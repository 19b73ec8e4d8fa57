/* A chart shows a series as levels: between two cuts all nights are one level, drawn as its median and the band of most nights.
 * Where to cut is what the judge and people said, not a search of its own. */
#include "report/chart/levels.h"

#include <math.h>
#include <string.h>

#include "analyze/stats.h"

enum { BACK = 3 }; /* runs in a row: one or two may be luck */

bool tm_chart_is_corrected(const struct tm_report *report, int metric, size_t run)
{
    double factor = report->runs[run].factor;
    return !isnan(factor) && factor > -1 && strcmp(report->metrics[metric].name, "wall_per_call_ms") == 0;
}

/* As the judge compares it: without the run's own factor. */
double tm_chart_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run)
{
    double value = tm_report_value(report, plugin, metric, run);
    return metric >= 0 && tm_chart_is_corrected(report, metric, run) ? value / (1 + report->runs[run].factor) : value;
}

/* Where a level ends and another begins: at a change of the metric's own in any case, at one of the plugin's other metrics where
 * this one has moved with it. */
struct cuts {
    size_t n;
    struct {
        size_t run;
        bool own, accepted;
    } at[TM_LEVELS_MOST];
};

/* In the order of time; what begins with the same run is one cut. */
static void cut(struct cuts *cuts, size_t run, bool own, bool accepted)
{
    size_t at = cuts->n;
    while (at > 0 && cuts->at[at - 1].run > run)
        at--;
    if (at > 0 && cuts->at[at - 1].run == run) {
        cuts->at[at - 1].own |= own;
        cuts->at[at - 1].accepted |= accepted;
    } else if (cuts->n < TM_LEVELS_MOST) {
        memmove(cuts->at + at + 1, cuts->at + at, (cuts->n - at) * sizeof *cuts->at);
        cuts->at[at].run = run;
        cuts->at[at].own = own;
        cuts->at[at].accepted = accepted;
        cuts->n++;
    }
}

/* What is said tonight still speaks of that beginning. */
static bool is_still_told(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, int since_run)
{
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (verdict->metric == metric && verdict->since_run == since_run)
            return true;
    }
    return false;
}

/* The first of three nights in a row that were nearer the level before a regression than that of it, before run `end`; `end` if
 * there are none. */
static size_t back_from(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_change *change,
                        size_t end)
{
    size_t first = end;
    int in_a_row = 0;
    for (size_t run = (size_t)change->run + 1; run < end; run++) {
        double value = tm_chart_value(report, plugin, change->metric, run);
        if (isnan(value))
            continue;
        bool back = fabs(value - change->before) < fabs(value - change->after);
        if (back && in_a_row == 0)
            first = run;
        in_a_row = back ? in_a_row + 1 : 0;
        if (in_a_row == BACK)
            return first;
    }
    return end;
}

/* Where a change begins; and where a regression that nobody speaks of any more was back at the level before, since nothing is told
 * of that. */
static void cut_at_changes(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                           const struct tm_chart_change *changes, size_t n, struct cuts *cuts)
{
    for (size_t i = 0; i < n; i++) {
        bool own = changes[i].metric == metric;
        size_t next = i + 1;
        cut(cuts, (size_t)changes[i].run, own, false);
        while (next < n && changes[next].metric != changes[i].metric)
            next++;
        size_t end = next < n ? (size_t)changes[next].run : report->n_runs;
        if (changes[i].class != TM_REGRESSED || is_still_told(report, plugin, changes[i].metric, changes[i].run))
            continue;
        size_t back = back_from(report, plugin, &changes[i], end);
        if (back < end)
            cut(cuts, back, own, false);
    }
}

/* Somebody has said that a level begins there. */
static void cut_at_decisions(const struct tm_report *report, size_t plugin, int metric, struct cuts *cuts)
{
    for (size_t i = 0; i < report->n_decisions; i++) {
        const struct tm_report_decision *decision = &report->decisions[i];
        bool ours = decision->plugin == plugin || decision->plugin == TM_WHOLE_RUN;
        if (decision->kind == TM_ACCEPT && ours && (decision->metric == metric || decision->metric < 0) && decision->from_run >= 0)
            cut(cuts, (size_t)decision->from_run, true, true);
    }
}

/* Shrinks the level to the nights with a value, and fills in their spread. false: there is none. */
static bool measure(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, double *scratch,
                    struct tm_level *level)
{
    size_t n = 0, first = level->end, last = level->first;
    for (size_t run = level->first; run < level->end; run++) {
        double value = tm_chart_value(report, plugin, metric, run);
        if (isnan(value))
            continue;
        first = n == 0 ? run : first;
        last = run;
        scratch[n++] = value;
    }
    if (n == 0)
        return false;
    level->first = first, level->end = last + 1;
    level->low = tm_percentile(scratch, n, 10);
    level->median = tm_median(scratch, n);
    level->high = tm_percentile(scratch, n, 90);
    return true;
}

/* The runs from the i-th cut to the next, not yet measured. */
static struct tm_level level_at(const struct cuts *cuts, size_t i, size_t n_runs)
{
    return (struct tm_level){
        .first = cuts->at[i].run, .end = i + 1 < cuts->n ? cuts->at[i + 1].run : n_runs, .accepted = cuts->at[i].accepted};
}

/* Cuts that only other metrics have asked for are dropped where the two bands overlap: this metric has not moved. */
size_t tm_levels_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                    const struct tm_chart_change *changes, size_t n_changes, double *scratch,
                    struct tm_level levels[TM_LEVELS_MOST])
{
    struct cuts cuts = {.n = 1, .at = {{.own = true}}};
    size_t n = 0;
    cut_at_changes(report, plugin, metric, changes, n_changes, &cuts);
    cut_at_decisions(report, (size_t)(plugin - report->plugins), metric, &cuts);
    for (size_t i = report->n_verdicts; i-- > 0 && report->verdicts[i].plugin == TM_WHOLE_RUN;) /* these lie at the end */
        if (report->verdicts[i].metric == metric && report->verdicts[i].since_run >= 0)
            cut(&cuts, (size_t)report->verdicts[i].since_run, true, false);
    for (size_t i = 1; i < cuts.n;) {
        struct tm_level before = level_at(&cuts, i - 1, report->n_runs), after = level_at(&cuts, i, report->n_runs);
        bool moved = measure(report, plugin, metric, scratch, &before) && measure(report, plugin, metric, scratch, &after) &&
                     (after.low > before.high || after.high < before.low);
        if (cuts.at[i].own || moved)
            i++;
        else
            memmove(cuts.at + i, cuts.at + i + 1, (--cuts.n - i) * sizeof *cuts.at);
    }
    for (size_t i = 0; i < cuts.n; i++) {
        levels[n] = level_at(&cuts, i, report->n_runs);
        n += measure(report, plugin, metric, scratch, &levels[n]);
    }
    return n;
}
