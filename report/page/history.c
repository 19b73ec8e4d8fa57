/* What happened to a plugin before tonight: changes of level, numbered as in its chart, what people decided, and nights that stood
 * out. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "report/chart/chart.h"
#include "report/page/sections.h"
#include "report/words.h"

enum { NIGHTS_SHOWN = 5 }; /* of those that stood out: older ones are in the chart */

static void put_metric(const struct tm_page *page, int metric)
{
    if (metric >= 0)
        tm_put_xml(page->out, tm_report_metric_title(&page->report->metrics[metric]));
    else
        fputs("the plugin as such", page->out);
}

/* "186.9 ms → 279.6 ms (+49.7 %)" */
static void put_step(const struct tm_page *page, int metric, double before, double after)
{
    if (metric < 0 || !isfinite(before) || !isfinite(after))
        return;
    const struct tm_report_metric *m = &page->report->metrics[metric];
    fputs(" ", page->out);
    tm_page_amount(page->out, m, before, after);
    fputs(" → ", page->out);
    tm_page_amount(page->out, m, after, before);
    fputs(" (", page->out);
    tm_page_change(page->out, m, after, before);
    fputs(")", page->out);
}

/* It carries the number that it has in the chart. */
static void put_change(const struct tm_page *page, const struct tm_chart_change *change)
{
    fprintf(page->out, "<li value=%d><b class=\"v %s\">%s</b> ", change->number, tm_class_name(change->class),
            tm_class_name(change->class));
    tm_page_run(page, change->run, NULL);
    tm_page_interval(page, change->interval);
    fputs(": ", page->out);
    put_metric(page, change->metric);
    put_step(page, change->metric, change->before, change->after);
    if (change->kind && strcmp(change->kind, "step") != 0) {
        fputs(", ", page->out);
        tm_put_xml(page->out, change->kind);
    }
    if (change->commits.to)
        fputs(", ", page->out);
    tm_page_commits(page, change->commits);
    putc('\n', page->out);
}

static void put_changes(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    size_t n = tm_chart_changes(page->report, plugin, changes);
    if (n == 0)
        return;
    fputs("<h4>Changes of level</h4>\n<ol class=changes>\n", page->out);
    for (size_t i = 0; i < n; i++)
        put_change(page, &changes[i]);
    fputs("</ol>\n", page->out);
}

/* The gravest event of a night; the metrics come in the order of their weight. */
static const struct tm_report_event *gravest(const struct tm_report_event *events, size_t n)
{
    const struct tm_report_event *worst = events;
    for (size_t i = 1; i < n; i++)
        if (events[i].class > worst->class)
            worst = &events[i];
    return worst;
}

/* The gravest of a night in full, the others as a number. */
static void put_night(const struct tm_page *page, const struct tm_report_event *events, size_t n)
{
    const struct tm_report_event *event = gravest(events, n);
    fputs("<li>", page->out);
    tm_page_run(page, event->run, NULL);
    fprintf(page->out, ": %s, ", tm_class_name(event->class));
    put_metric(page, event->metric);
    put_step(page, event->metric, event->baseline, event->value);
    if (event->signal) {
        fputs(", ", page->out);
        tm_put_xml(page->out, event->signal);
    }
    if (n > 1)
        fprintf(page->out, "; and %zu metric%s more", n - 1, n == 2 ? "" : "s");
    putc('\n', page->out);
}

/* Newest first. */
static void put_nights(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    const struct tm_report_event *events = page->report->events + plugin->first_event;
    size_t nights = 0;
    if (plugin->n_events == 0)
        return;
    fprintf(page->out, "<details%s><summary>Nights that stood out</summary>\n<ul>\n", plugin->class == TM_PASS ? "" : " open");
    for (size_t left = plugin->n_events, same; left > 0; left -= same) { /* events of one night at a time */
        for (same = 1; same < left && events[left - 1 - same].run == events[left - 1].run; same++)
            ;
        if (nights++ < NIGHTS_SHOWN)
            put_night(page, events + left - same, same);
    }
    if (nights > NIGHTS_SHOWN)
        fprintf(page->out, "<li>and %zu earlier\n", nights - NIGHTS_SHOWN);
    fputs("</ul></details>\n", page->out);
}

/* How far a waiver reaches, in height and in time. */
static void put_bound(const struct tm_page *page, const struct tm_report_decision *decision)
{
    char day[TM_PAGE_DAY_SIZE];
    if (isfinite(decision->ceiling)) {
        fputs(" up to ", page->out);
        tm_page_fixed(page->out, 100 * decision->ceiling, 0);
        fputs(" % above the level before", page->out);
    }
    if (decision->until > 0)
        fprintf(page->out, ", until %s", tm_page_day(decision->until, day));
}

static void put_part(const struct tm_page *page, const char *before, const char *text)
{
    if (!text || !*text)
        return;
    fputs(before, page->out);
    tm_put_xml(page->out, text);
}

/* Reason, issue and name are what people wrote. */
static void put_decision(const struct tm_page *page, const struct tm_report_decision *decision)
{
    static const char *const verbs[] = {"accepted", "waived", "retired"};
    char day[TM_PAGE_DAY_SIZE];
    fprintf(page->out, "<li value=%" PRId64 ">%s: %s", decision->number, tm_page_day(decision->made_at, day),
            verbs[decision->kind]);
    if (decision->metric >= 0) {
        putc(' ', page->out);
        put_metric(page, decision->metric);
    }
    put_bound(page, decision);
    put_part(page, ". ", decision->reason);
    put_part(page, " · ", decision->issue);
    put_part(page, " · by ", decision->made_by);
    putc('\n', page->out);
}

/* 0: none. */
static size_t count_decisions(const struct tm_report *report, size_t plugin)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_decisions; i++)
        n += report->decisions[i].plugin == plugin;
    return n;
}

void tm_page_decisions(const struct tm_page *page, size_t plugin)
{
    const struct tm_report *report = page->report;
    if (count_decisions(report, plugin) == 0)
        return;
    fputs("<h4>Decisions</h4>\n<ol>\n", page->out);
    for (size_t i = 0; i < report->n_decisions; i++)
        if (report->decisions[i].plugin == plugin)
            put_decision(page, &report->decisions[i]);
    fputs("</ol>\n", page->out);
}

/* Nothing at all where there is no past: most plugins have none. */
void tm_page_past(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    size_t index = (size_t)(plugin - page->report->plugins);
    if (plugin->n_events == 0 && count_decisions(page->report, index) == 0)
        return;
    fputs("<div class=past>\n", page->out);
    put_changes(page, plugin);
    tm_page_decisions(page, index);
    put_nights(page, plugin);
    fputs("</div>\n", page->out);
}
