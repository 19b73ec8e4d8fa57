/* What the script needs to answer for the points of a chart: runs and metrics once, and of each chart where its panels lie, and the
 * same numbers that are drawn. No code: a browser runs no script of that type. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/builder.h"
#include "base/escape.h"
#include "report/amount.h"
#include "report/chart/levels.h"
#include "report/json_members.h"
#include "report/page/packed.h"
#include "report/page/sections.h"
#include "report/words.h"

/* ---- once ---- */

/* Key, start, commit (whole, for links), and what the whole run was slower by; from the end of it what is not known is left out. */
static void put_run(FILE *out, const struct tm_report_run *run)
{
    fputc('[', out);
    tm_put_json(out, run->key);
    fprintf(out, ",%" PRId64, run->started_at);
    bool corrected = isfinite(run->factor);
    if (run->commit || corrected) {
        fputc(',', out);
        tm_put_json(out, run->commit ? run->commit : "");
    }
    if (corrected)
        fprintf(out, ",%.5g", run->factor);
    fputs("]", out);
}

/* Its title, kind and own unit, and the units in which it is shown. */
static void put_metric(FILE *out, const struct tm_report_metric *metric)
{
    struct tm_amount_step steps[TM_AMOUNT_STEPS];
    size_t n = tm_amount_steps(metric, steps);
    fputs("[", out);
    tm_put_json(out, tm_report_metric_title(metric));
    fprintf(out, ",\"%s\",", metric->kind == TM_METRIC_ERRORS ? "errors" : metric->kind == TM_METRIC_RATIO ? "ratio" : "");
    tm_put_json(out, metric->unit);
    for (size_t i = 0; i < n; i++) {
        fprintf(out, ",[%.9g,%.9g,", steps[i].from, steps[i].factor);
        tm_put_json(out, steps[i].unit);
        fputs("]", out);
    }
    fputs("]", out);
}

void tm_page_runs(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    FILE *out = page->out;
    fputs("<script type=\"application/json\" id=\"runs\">{\"runs\":[", out);
    for (size_t run = 0; run < report->n_runs; run++) {
        fputs(run ? "," : "", out);
        put_run(out, &report->runs[run]);
    }
    fputs("],\"metrics\":[", out);
    for (size_t m = 0; m < report->n_metrics; m++) {
        fputs(m ? "," : "", out);
        put_metric(out, &report->metrics[m]);
    }
    fputs("],\"weeks\":[", out);
    for (size_t week = 0; week < report->n_weeks; week++)
        fprintf(out, "%s%.0f", week ? "," : "", tm_report_week_at(report, week));
    fputs("],\"classes\":[", out);
    for (int class = 0; class < TM_CLASSES; class ++)
        fprintf(out, "%s\"%s\"", class ? "," : "", tm_class_name((enum tm_class) class));
    fputs("]", out);
    tm_json_text(out, ",\"charts\":", page->charts);
    tm_json_text(out, ",\"commit\":", page->links.commit);
    tm_json_text(out, ",\"compare\":", page->links.compare);
    fputs("}</script>\n", out);
}

/* ---- of each chart ---- */

/* The values as they are drawn; scratch: a number for each run. */
static void put_line(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, double most,
                     double *scratch)
{
    double least = most;
    for (size_t run = 0; run < report->n_runs; run++) {
        scratch[run] = tm_chart_value(report, plugin, metric, run);
        least = scratch[run] > 0 ? fmin(least, scratch[run]) : least;
    }
    double steps = tm_packed_steps(most, least);
    fprintf(out, "[%.9g,\"", steps);
    tm_put_packed(out, scratch, report->n_runs, steps);
    fputs("\"]", out);
}

/* From run to run, low, median, high; 1 if it was accepted. */
static void put_levels(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                       const struct tm_chart_change *changes, size_t n_changes, double *scratch)
{
    struct tm_level levels[TM_LEVELS_MOST];
    size_t n = tm_levels_of(report, plugin, metric, changes, n_changes, scratch, levels);
    fputs(",\"levels\":[", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s[%zu,%zu,%.5g,%.5g,%.5g%s]", i ? "," : "", levels[i].first, levels[i].end - 1, levels[i].low,
                levels[i].median, levels[i].high, levels[i].accepted ? ",1" : "");
    fputs("]", out);
}

static void put_panel(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin,
                      const struct tm_chart_panel *panel, double *scratch)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    size_t n_changes = tm_chart_changes(report, plugin, changes);
    fprintf(out, "{\"box\":[%.0f,%.0f],\"scale\":[%.6g,%.6g],\"unit\":[%.9g,\"%s\"],\"metrics\":[", panel->top, panel->bottom,
            panel->low, panel->high, panel->scale, panel->unit);
    for (int i = 0; i < TM_PANEL_LINES; i++)
        if (panel->lines[i] >= 0)
            fprintf(out, "%s%d", i ? "," : "", panel->lines[i]);
    fputs("],\"lines\":[", out);
    for (int i = 0; i < TM_PANEL_LINES; i++) {
        if (panel->lines[i] < 0)
            continue;
        fputs(i ? "," : "", out);
        put_line(out, report, plugin, panel->lines[i], panel->high, scratch);
    }
    fputs("]", out);
    put_levels(out, report, plugin, panel->lines[0], changes, n_changes, scratch);
    fputs("}", out);
}

/* Run, metric, class: what was said on a night, and tonight. */
static void put_said(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    const char *comma = "";
    fputs("],\"said\":[", out);
    for (size_t i = 0; i < plugin->n_events; i++) {
        const struct tm_report_event *event = &report->events[plugin->first_event + i];
        if (event->run < 0 || event->run == (int)report->n_runs - 1)
            continue;
        fprintf(out, "%s[%d,%d,%d]", comma, event->run, event->metric, event->class);
        comma = ",";
    }
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        fprintf(out, "%s[%zu,%d,%d]", comma, report->n_runs - 1, verdict->metric, verdict->class);
        comma = ",";
    }
}

/* Run, number, metric; 1 if it got worse. */
static void put_changes(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    size_t n = tm_chart_changes(report, plugin, changes);
    fputs("],\"changes\":[", out);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s[%d,%d,%d,%d]", i ? "," : "", changes[i].run, changes[i].number, changes[i].metric,
                changes[i].class == TM_REGRESSED);
}

static void put_points(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin,
                       const struct tm_chart_extent *extent, double *scratch)
{
    fprintf(out, "<script type=application/json>{\"size\":[%d,%d],\"ends\":[%d,%d],\"first\":%zu,\"byRun\":%s,\"panels\":[",
            extent->width, extent->height, extent->left, extent->right, extent->first, extent->by_run ? "true" : "false");
    for (size_t i = 0; i < extent->n_panels; i++) {
        fputs(i ? "," : "", out);
        put_panel(out, report, plugin, &extent->panels[i], scratch);
    }
    put_said(out, report, plugin);
    put_changes(out, report, plugin);
    fputs("]}</script>\n", out);
}

void tm_page_points(const struct tm_page *page, const struct tm_report_plugin *plugin, const struct tm_chart_extent *extent)
{
    struct tm_builder builder;
    double *scratch = calloc(page->report->n_runs, sizeof *scratch);
    if (tm_build(&builder) && scratch)
        put_points(builder.out, page->report, plugin, extent, scratch);
    free(scratch);
    char *text = tm_built(&builder);
    *page->failed |= !text || !scratch;
    if (text && builder.size <= *page->points_left) {
        fputs(text, page->out);
        *page->points_left -= builder.size;
    }
    free(text);
}
