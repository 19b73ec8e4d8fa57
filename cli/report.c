/* report: a page with charts, in a folder of its own (cli/site.h). Charts come first and the page last, so that it never points to
 * charts that are not there. */
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/axis.h"
#include "cli/beside.h"
#include "cli/links.h"
#include "cli/settings.h"
#include "cli/site.h"
#include "gate/report_reader.h"
#include "report/chart/chart.h"
#include "report/chart/process.h"
#include "report/feed.h"
#include "report/page/page.h"

enum { A_YEAR = 366 }; /* runs shown: a year of nights, and that night a year ago */

/* The charts of 500 plugins weigh 20 MB. A larger project gets a chart for each plugin that has news, and none for the others. */
enum { DRAWN_ALL = 500 };

static enum tm_charts_wanted charts_wanted(const struct tm_context *context, size_t n_plugins)
{
    const char *asked = tm_option_value(context->arguments, "charts");
    if (asked)
        return strcmp(asked, "all") == 0 ? TM_CHARTS_ALL : TM_CHARTS_CHANGED;
    return n_plugins <= DRAWN_ALL ? TM_CHARTS_ALL : TM_CHARTS_CHANGED;
}

/* Without charts *why says why not: a page without them is right where there is no gnuplot, but not for want of memory. */
static int draw_charts(struct tm_site *site, const struct tm_report *report, enum tm_charts_wanted wanted,
                       struct tm_chart_extent *extents, const char **why)
{
    static char message[TM_CHART_MESSAGE];
    int drawn = tm_charts_of_report(report, wanted, site->drawing, extents, message);
    *why = drawn == 0 ? NULL : message;
    if (drawn == TM_CHARTS_NOT_WRITTEN)
        return tm_trouble("'%s/charts': %s", site->directory, message);
    if (drawn == TM_CHARTS_NO_MEMORY || tm_signals_caught())
        return tm_trouble("%s", drawn == 0 ? "interrupted" : message);
    return drawn == 0 ? tm_site_keep_charts(site) : 0;
}

static int write_feed(struct tm_site *site, const struct tm_report *report)
{
    FILE *feed = tm_site_begin_feed(site);
    if (!feed)
        return TM_EXIT_TROUBLE;
    bool whole = tm_feed_write(feed, report) == 0;
    int code = tm_site_end_feed(site, feed, whole);
    return whole ? code : tm_trouble("cannot write '%s/feed.atom': out of memory", site->directory);
}

/* Findings are computed before the page is begun. */
static int write_page(struct tm_site *site, const struct tm_report *report, struct tm_page_wish *wish)
{
    struct tm_findings findings = {0};
    int code = tm_findings_find(report, &findings) == 0 ? 0 : tm_trouble("out of memory");
    FILE *page = code == 0 ? tm_site_begin_page(site) : NULL;
    if (page) {
        wish->charts = site->charts;
        bool whole = tm_page_write(page, report, &findings, wish) == 0;
        code = tm_site_end_page(site, page, whole);
        if (!whole)
            code = tm_trouble("cannot write '%s/index.html': out of memory", site->directory);
    }
    tm_findings_free(&findings);
    return page ? code : TM_EXIT_TROUBLE;
}

/* All of the report: 0, or TM_EXIT_TROUBLE after a message. Signals wait until nothing is half done. */
static int write_site(const char *directory, const struct tm_report *report, enum tm_charts_wanted wanted, struct tm_links links)
{
    struct tm_site site;
    struct tm_page_wish wish = {.links = links};
    struct tm_chart_extent *extents = calloc(report->n_plugins + 1, sizeof *extents); /* + 1: calloc(0) may be NULL */
    if (!extents)
        return tm_trouble("out of memory");
    tm_signals_hold();
    int code = tm_site_open(&site, directory);
    if (code == 0)
        code = draw_charts(&site, report, wanted, extents, &wish.no_charts);
    wish.extents = extents;
    if (code == 0)
        code = write_feed(&site, report);
    if (code == 0)
        code = write_page(&site, report, &wish);
    free(extents);
    tm_site_close(&site);
    tm_signals_release();
    if (code == 0 && wish.no_charts)
        tm_say(stderr, "tidemark: the page has no charts: %s", wish.no_charts);
    if (code == 0)
        tm_say(stdout, "%s/index.html: %zu plugin%s, %zu run%s", directory, report->n_plugins, TM_PLURAL(report->n_plugins),
               report->n_runs, TM_PLURAL(report->n_runs));
    return code;
}

static int prepare(struct tm_context *context)
{
    const char *directory = tm_option_value(context->arguments, "output");
    int64_t runs;
    if (!directory || !*directory)
        return tm_trouble("report needs -o DIR: it writes DIR/index.html");
    const char *charts = tm_option_value(context->arguments, "charts");
    if (charts && strcmp(charts, "all") != 0 && strcmp(charts, "changed") != 0)
        return tm_trouble("unknown charts '%s': all or changed", charts);
    enum tm_report_axis axis;
    if (tm_option_axis(context->arguments, &axis) != 0)
        return TM_EXIT_TROUBLE;
    return tm_option_count(context->arguments, "last", 1, &runs) == 0 ? 0 : TM_EXIT_TROUBLE;
}

static int run_report(struct tm_context *context)
{
    struct tm_report_reader reader = {0};
    struct tm_link_room room;
    struct tm_report_wish wish = {.runs = A_YEAR, .entries = true, .passes = true};
    int code = tm_option_count(context->arguments, "last", 1, &wish.runs) == 0 ? 0 : TM_EXIT_TROUBLE;
    if (code == 0 && tm_report_read(&reader, context->store, &context->settings, &context->run, &wish) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0)
        code = tm_option_axis(context->arguments, &reader.report.axis);
    if (code == 0)
        code = write_site(tm_option_value(context->arguments, "output"), &reader.report,
                          charts_wanted(context, reader.report.n_plugins), tm_links_find(context->config, &room));
    if (code == 0)
        code = tm_hint_other_hosts(context, &reader.report);
    tm_report_reader_free(&reader);
    return code;
}

const struct tm_command tm_command_report = {
    .name = "report",
    .usage = "-o DIR [options]",
    .summary = "make a page of the newest run: what regressed, a table of all plugins, a chart of each",
    .more =
        "DIR/index.html needs nothing but the charts beside it: no network, no server. DIR/feed.atom has the newest 50 alarms and\n"
        "ends of alarms for readers of news. The same store and settings give the same bytes. Without gnuplot the page has no "
        "charts. Like\n"
        "findings, report writes nothing to the store.",
    .example = "  tidemark report -o site\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_JUDGED_RUN,
    .prepare = prepare,
    .run = run_report,
    .options = {{"output", "DIR", "write to this directory, which is made if it does not exist"},
                {"charts", "WHICH", "draw 'all', or 'changed': where something happened (default: all of up to 500)"},
                TM_AXIS_OPTION,
                {"last", "N", "show the newest N runs (default: 366)"},
                {"run", "KEY", "report on that run instead of the newest"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
