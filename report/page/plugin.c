/* A section per plugin: its chart, its past, and tonight's verdicts with every number behind them. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "report/chart/chart.h"
#include "report/page/sections.h"
#include "report/words.h"

/* ---- tonight in numbers ---- */

/* A night that was slow for all: its figures are told apart from what was compared. */
static bool is_corrected(const struct tm_report *report)
{
    return !isnan(report->tally.factor);
}

static void put_place(FILE *out, double z, double rank)
{
    fputs("<td>", out);
    if (isfinite(z))
        tm_page_fixed(out, z, 1);
    if (isfinite(rank))
        fprintf(out, " · %.0f %%", rank);
}

/* In the order of the head; a column for the corrected value only where the run was slow or fast. */
static void put_figures(const struct tm_page *page, const struct tm_report_verdict *v)
{
    FILE *out = page->out;
    const struct tm_report_metric *metric = &page->report->metrics[v->metric];
    fputs("<td>", out);
    tm_page_amount(out, metric, v->value, v->baseline);
    if (is_corrected(page->report)) {
        fputs("<td>", out);
        tm_page_amount(out, metric, v->corrected, v->baseline);
    }
    fputs("<td>", out);
    tm_page_amount(out, metric, v->baseline, v->value);
    fputs("<td>", out);
    if (v->baseline_runs > 0)
        fprintf(out, "%d", v->baseline_runs);
    fputs("<td>", out);
    tm_page_change(out, metric, tm_report_level(page->report, v), v->baseline);
    fputs("<td>", out);
    if (isfinite(v->evidence) && isfinite(v->needed))
        fprintf(out, "%s%.3g / %.3g", v->evidence < 0 ? "−" : "", fabs(v->evidence), v->needed);
    put_place(out, v->z_history, v->pct_history);
    put_place(out, v->z_population, v->pct_population);
}

/* A plugin that is missing has no beginning, but was seen last. */
static void put_since(const struct tm_page *page, const struct tm_report_verdict *v)
{
    if (v->since) {
        fputs("since ", page->out);
        tm_page_run(page, v->since_run, v->since);
        tm_page_interval(page, &v->interval);
        fputs(tm_verdict_commits(v).to ? ", " : "", page->out);
        tm_page_commits(page, tm_verdict_commits(v));
    } else if (v->last_good) {
        fputs("last seen in ", page->out);
        tm_put_xml(page->out, v->last_good);
    }
}

/* Below the name of the metric: since when, what kind, what for. */
static void put_remarks(const struct tm_page *page, const struct tm_report_verdict *v)
{
    const char *const parts[] = {v->kind && strcmp(v->kind, "step") != 0 ? v->kind : NULL, v->signal, v->why};
    const char *before = v->since || v->last_good ? ", " : "";
    put_since(page, v);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]) {
            fputs(before, page->out);
            tm_put_xml(page->out, parts[i]);
            before = ", ";
        }
    if (v->decision)
        fprintf(page->out, "%sdecision %" PRId64, before, v->decision);
}

static void put_row(const struct tm_page *page, const struct tm_report_verdict *v)
{
    fputs("<tr><th>", page->out);
    tm_put_xml(page->out, v->metric >= 0 ? tm_report_metric_title(&page->report->metrics[v->metric]) : "the plugin as such");
    if (v->since || v->last_good || v->signal || v->why || v->decision || (v->kind && strcmp(v->kind, "step") != 0)) {
        fputs("<small>", page->out);
        put_remarks(page, v);
        fputs("</small>", page->out);
    }
    fputs(v->class == TM_PASS ? "<td>pass" : "<td>", page->out);
    if (v->class != TM_PASS)
        tm_page_badge(page, v->class);
    if (v->metric >= 0)
        put_figures(page, v);
    else
        fprintf(page->out, "<td colspan=%d>", is_corrected(page->report) ? 8 : 7);
    putc('\n', page->out);
}

static void put_numbers(const struct tm_page *page, const struct tm_report_verdict *verdicts, size_t n)
{
    if (n == 0)
        return;
    fputs("<h4>Tonight</h4>\n<div class=wide role=group aria-label=\"Numbers of tonight\" tabindex=0><table class=numbers>\n",
          page->out);
    fprintf(page->out,
            "<thead><tr><th>Metric<th>Verdict<th>Tonight%s<th>Baseline<th>of runs<th>Change<th>Evidence, needed"
            "<th>z, rank in history<th>z, rank among plugins\n<tbody>\n",
            is_corrected(page->report) ? "<th>without the run’s factor" : "");
    for (size_t i = 0; i < n; i++)
        put_row(page, &verdicts[i]);
    fputs("</table></div>\n", page->out);
}

/* ---- the section ---- */

static void put_words(const struct tm_page *page, const struct tm_report_verdict *verdict)
{
    char *words = verdict ? tm_verdict_sentence(page->report, verdict) : NULL;
    *page->failed |= verdict && !words;
    if (words && *words) {
        fputs("<p>", page->out);
        tm_put_xml(page->out, words);
        fputs(".</p>\n", page->out);
    }
    free(words);
}

/* Charts hold no text from the data: what "custom 1" is called is said here. */
static void put_legend(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    int metrics[TM_CHART_CUSTOM_MOST];
    size_t n = tm_chart_custom(page->report, plugin, metrics);
    for (size_t i = 0; i < n; i++) {
        fprintf(page->out, "%scustom %zu is ", i ? ", " : "<p class=legend>In the chart, ", i + 1);
        tm_put_xml(page->out, tm_report_metric_title(&page->report->metrics[metrics[i]]));
    }
    fputs(n ? "</p>\n" : "", page->out);
}

/* As the chart was drawn, or by drawing it. 1, 0: there is no chart, or -1: no memory. */
static int extent_of(const struct tm_page *page, const struct tm_report_plugin *plugin, struct tm_chart_extent *extent)
{
    if (!page->extents)
        return tm_chart_size(page->report, plugin, extent);
    *extent = page->extents[plugin - page->report->plugins];
    return extent->width > 0;
}

static bool is_left_out(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    return !page->no_charts && page->extents && page->extents[plugin - page->report->plugins].left_out;
}

/* The size is said, so that nothing moves when the image comes. In the place of a chart that was not wanted the script puts the
 * sparkline of the table. */
static void put_chart(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    struct tm_chart_extent extent;
    char file[32];
    int has_chart = page->no_charts ? 0 : extent_of(page, plugin, &extent);
    *page->failed |= has_chart < 0;
    if (has_chart <= 0) {
        if (is_left_out(page, plugin))
            fputs("<p class=quiet>No chart: nothing changed.</p>\n", page->out);
        return;
    }
    tm_chart_file(plugin, file);
    fprintf(page->out,
            "<div class=chart role=group aria-label=Chart tabindex=0><div><img src=%s/%s width=%d height=%d loading=lazy "
            "decoding=async alt=\"Chart of ",
            page->charts, file, extent.width, extent.height);
    tm_put_xml(page->out, plugin->name);
    fprintf(page->out, " over %zu runs, with its changes of level\"></div>\n", page->report->n_runs);
    tm_page_points(page, plugin, &extent);
    fputs("</div>\n", page->out);
    put_legend(page, plugin);
}

/* The heading links to its own section, so that it can be copied from there. */
static void put_section(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fprintf(page->out, "<section class=plugin id=p%lld>\n<h3>", (long long)plugin->number);
    tm_page_link(page, plugin);
    putc(' ', page->out);
    tm_page_badge(page, plugin->class);
    fputs("</h3>\n", page->out);
    if (plugin->class != TM_PASS)
        put_words(page, plugin->leader);
    put_chart(page, plugin);
    tm_page_past(page, plugin);
    put_numbers(page, page->report->verdicts + plugin->first_verdict, plugin->n_verdicts);
    fputs("</section>\n", page->out);
}

/* Verdicts on the run itself lie behind those of the plugins. */
static void put_whole_run(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    size_t n = 0;
    while (n < report->n_verdicts && report->verdicts[report->n_verdicts - 1 - n].plugin == TM_WHOLE_RUN)
        n++;
    if (n == 0)
        return;
    fputs("<section class=plugin id=run>\n<h3>The whole run</h3>\n", page->out);
    put_numbers(page, report->verdicts + report->n_verdicts - n, n);
    tm_page_decisions(page, TM_WHOLE_RUN);
    fputs("</section>\n", page->out);
}

/* How to get the charts that are not there: once, for all of them. */
static void put_left_out(const struct tm_page *page)
{
    size_t n = 0;
    for (size_t i = 0; i < page->report->n_plugins; i++)
        n += is_left_out(page, &page->report->plugins[i]);
    if (n > 0)
        fprintf(page->out,
                "<p class=remark>Charts are drawn of plugins of which something is to be told: %zu have none. <code>tidemark trend "
                "PLUGIN -o FILE.svg</code> draws the chart of any, <code>tidemark report --charts all</code> those of all.</p>\n",
                n);
}

void tm_page_plugins(const struct tm_page *page)
{
    fputs("<section id=\"sections\" aria-labelledby=\"sections-title\">\n<h2 id=\"sections-title\">Plugin by plugin</h2>\n",
          page->out);
    put_left_out(page);
    put_whole_run(page);
    tm_page_each(page, 0, TM_PAGE_WHOLE, put_section);
    fputs("</section>\n", page->out);
}
