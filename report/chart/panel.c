/* Which panels a plugin's chart has: the metrics that everybody asks for, those something was said of, and the project's own. */
#include "report/chart/panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/words.h"

static bool has_values(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    for (size_t run = 0; metric >= 0 && plugin->values && run < report->n_runs; run++)
        if (isfinite(tm_report_value(report, plugin, metric, run)))
            return true;
    return false;
}

/* Something other than a pass was said of it. */
static bool is_spoken_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    for (size_t i = 0; i < plugin->n_events; i++)
        if (report->events[plugin->first_event + i].metric == metric)
            return true;
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (verdict->metric == metric && verdict->class > TM_NOT_JUDGED)
            return true;
    }
    return false;
}

/* Shown wherever there are values, before all others: time, memory, failures. The percentiles stand beside the first of them. */
static const char *const always[] = {"wall_per_call_ms", "cpu_per_call_ms", "peak_mem_kb", "error_rate"};
static const char *const beside[] = {"wall_p95_ms", "wall_p50_ms"};
enum { N_ALWAYS = sizeof always / sizeof *always, N_BESIDE = sizeof beside / sizeof *beside };

/* Its level has changed, or is not what it was: that wants a panel with levels, and no line beside another. */
static bool has_changed(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    for (size_t i = 0; i < plugin->n_events; i++) {
        const struct tm_report_event *event = &report->events[plugin->first_event + i];
        if (event->metric == metric && (event->class == TM_REGRESSED || event->class == TM_IMPROVED))
            return true;
    }
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (verdict->metric == metric && verdict->class >= TM_WAIVED)
            return true;
    }
    return false;
}

/* all: with the percentiles that belong beside wall time. */
static struct tm_panel panel_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, bool all)
{
    struct tm_panel panel = {.lines = {metric, -1, -1}};
    for (size_t i = 0; all && i < N_BESIDE && strcmp(report->metrics[metric].name, always[0]) == 0; i++) {
        int percentile = tm_report_metric(report, beside[i]);
        bool is_line = has_values(report, plugin, percentile) && !has_changed(report, plugin, percentile);
        panel.lines[i + 1] = is_line ? percentile : -1;
    }
    return panel;
}

size_t tm_chart_custom(const struct tm_report *report, const struct tm_report_plugin *plugin, int metrics[TM_CHART_CUSTOM_MOST])
{
    size_t n = 0;
    for (size_t m = 0; m < report->n_metrics && n < TM_CHART_CUSTOM_MOST; m++)
        if (!tm_metric_named(report->metrics[m].name) && has_values(report, plugin, (int)m))
            metrics[n++] = (int)m;
    return n;
}

bool tm_panel_shows(const struct tm_panel *panel, int metric)
{
    for (int i = 0; i < TM_PANEL_LINES; i++)
        if (panel->lines[i] == metric && metric >= 0)
            return true;
    return false;
}

size_t tm_panels_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int only,
                    struct tm_panel panels[TM_PANELS_MOST])
{
    int custom[TM_CHART_CUSTOM_MOST];
    size_t n = 0, n_custom = tm_chart_custom(report, plugin, custom);
    if (only >= 0) {
        panels[0] = panel_of(report, plugin, only, false);
        for (size_t i = 0; i < n_custom; i++)
            if (custom[i] == only)
                panels[0].custom = (int)i + 1;
        return has_values(report, plugin, only);
    }
    for (size_t i = 0; i < N_ALWAYS; i++) {
        int metric = tm_report_metric(report, always[i]);
        if (has_values(report, plugin, metric))
            panels[n++] = panel_of(report, plugin, metric, true);
    }
    for (size_t m = 0; m < report->n_metrics && n + TM_CHART_CUSTOM_MOST < TM_PANELS_MOST; m++) {
        bool shown = false;
        for (size_t i = 0; i < n; i++)
            shown |= tm_panel_shows(&panels[i], (int)m);
        if (tm_metric_named(report->metrics[m].name) && !shown && has_values(report, plugin, (int)m) &&
            is_spoken_of(report, plugin, (int)m))
            panels[n++] = panel_of(report, plugin, (int)m, false);
    }
    for (size_t i = 0; i < n_custom; i++) {
        panels[n] = panel_of(report, plugin, custom[i], false);
        panels[n++].custom = (int)i + 1;
    }
    return n;
}

void tm_panel_title(const struct tm_report *report, const struct tm_panel *panel, char title[48])
{
    const struct tm_report_metric *metric = &report->metrics[panel->lines[0]];
    if (tm_metric_named(metric->name))
        snprintf(title, 48, "%s", tm_report_metric_title(metric));
    else if (panel->custom > 0)
        snprintf(title, 48, "custom %d", panel->custom);
    else
        snprintf(title, 48, "custom");
}

double tm_beside_value(const struct tm_subject *subject, int metric, size_t run)
{
    const struct tm_report *other = subject->timeline.beside;
    bool shown = (double)other->runs[run].started_at >= tm_slot_time(&subject->timeline, subject->timeline.first);
    return shown ? tm_chart_value(other, subject->plugin_beside, metric, run) : NAN;
}

double tm_view_limit(const struct tm_subject *subject, const struct tm_view *view)
{
    return tm_report_limit(subject->report, subject->plugin, view->panel->lines[0]);
}

double tm_ceiling_of(const struct tm_subject *subject, const struct tm_view *view, const struct tm_report_decision *decision)
{
    size_t plugin = (size_t)(subject->plugin - subject->report->plugins);
    int metric = view->panel->lines[0];
    double before = NAN;
    if (decision->kind != TM_WAIVE || decision->plugin != plugin || decision->metric != metric || !(decision->ceiling >= 0))
        return NAN;
    if (decision->until > 0 && (double)decision->until < tm_slot_time(&subject->timeline, subject->timeline.first))
        return NAN; /* over before what is shown begins */
    for (size_t i = 0; i < subject->n_changes; i++)
        if (subject->changes[i].metric == metric && subject->changes[i].class == TM_REGRESSED &&
            (isnan(before) || subject->changes[i].run <= decision->made_run))
            before = subject->changes[i].before;
    if (isnan(before) && view->n_levels > 0)
        before = view->levels[view->n_levels - 1].median;
    return before * (subject->report->metrics[metric].higher_is_better ? 1 - decision->ceiling : 1 + decision->ceiling);
}
