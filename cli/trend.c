/* trend: histories of plugins as charts, on the terminal or in a file. What the gate has judged so
 * far is marked; nothing is judged here, so that looking changes nothing.
 *
 * A chart is drawn into memory first and written as a whole; what is said about it stands in trend_words.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/builder.h"
#include "base/timestamp.h"
#include "cli/arguments.h"
#include "cli/axis.h"
#include "cli/color.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "cli/trend.h"

enum {
    NIGHTS = 365, /* shown: a year */
    WIDTH = 100,  /* columns where the terminal does not say */
    ROWS = 14,    /* of each of several charts on a terminal */
};

static bool ends_with(const char *text, const char *ending)
{
    size_t size = strlen(text), tail = strlen(ending);
    return size > tail && strcmp(text + size - tail, ending) == 0;
}

/* COLUMNS knows better than the terminal: it is how people, and tests, say what they want. */
static int width_of_terminal(void)
{
    const char *text = getenv("COLUMNS");
    long columns = text ? strtol(text, NULL, 10) : 0;
    struct winsize size;
    if (columns > 0 && columns < 10000)
        return (int)columns;
    return isatty(STDOUT_FILENO) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : WIDTH;
}

/* Where charts go, and what they are: 0, or TM_EXIT_TROUBLE after a message. */
static int read_wish(const struct tm_arguments *arguments, struct tm_chart_wish *wish)
{
    const char *file = tm_option_value(arguments, "output");
    *wish = (struct tm_chart_wish){.medium = TM_CHART_PNG};
    if (!file)
        *wish = (struct tm_chart_wish){.medium = TM_CHART_TERMINAL,
                                       .width = width_of_terminal(),
                                       .colour = tm_terminal_has_colours(),
                                       .ascii = !tm_terminal_knows_utf8()};
    else if (ends_with(file, ".svg"))
        wish->medium = TM_CHART_SVG;
    else if (ends_with(file, ".pdf"))
        wish->medium = TM_CHART_PDF;
    else if (!ends_with(file, ".png"))
        return tm_trouble("--output '%s': a chart's file ends in .svg, .png or .pdf", file);
    return 0;
}

/* ---- reading ---- */

/* Those of the plugins alone. 0 runs mean all of them. 0, or TM_EXIT_TROUBLE after a message. */
static int read_runs(struct tm_trend *trend, struct tm_report_reader *reader, const struct tm_judged_run *run,
                     struct tm_report_wish *wish)
{
    struct tm_context *context = trend->context;
    const char **names = calloc(trend->n_plugins, sizeof *names);
    if (!names)
        return tm_trouble("out of memory");
    for (size_t i = 0; i < trend->n_plugins; i++)
        names[i] = trend->plugins[i].name;
    wish->plugins = names;
    wish->n_plugins = trend->n_plugins;
    int result = tm_report_read(reader, context->store, &context->settings, run, wish);
    free(names);
    return result == 0 ? 0 : tm_store_trouble(context->store);
}

static int read_report(struct tm_trend *trend)
{
    struct tm_context *context = trend->context;
    const struct tm_arguments *arguments = context->arguments;
    struct tm_report_wish wish = {.runs = tm_option_given(arguments, "since") ? 0 : NIGHTS};
    if (tm_option_count(arguments, "last", 0, &wish.runs) != 0 || tm_option_time(arguments, "since", &wish.since) != 0)
        return TM_EXIT_TROUBLE;
    if (wish.runs == 0)
        wish.runs = INT64_MAX;
    int found = tm_judged_run_find(context->store, &context->scope, NULL, &context->run);
    if (found == 0)
        return tm_trouble("there is no run to judge (of that project, branch and host)");
    if (found < 0)
        return tm_store_trouble(context->store);
    if (context->run.started_at < wish.since) {
        char newest[TM_TIME_SIZE];
        tm_time_format(context->run.started_at, newest);
        return tm_trouble("there is no run since %s: the newest began at %s", tm_option_value(arguments, "since"), newest);
    }
    int code = tm_settings_read_stored(context);
    if (code == 0)
        code = read_runs(trend, &trend->reader, &context->run, &wish);
    return code == 0 ? tm_option_axis(arguments, &trend->reader.report.axis) : code;
}

/* The other branch's runs of the same host, as far back as those that are shown. */
static int read_beside(struct tm_trend *trend)
{
    struct tm_context *context = trend->context;
    const struct tm_report *report = &trend->reader.report;
    const char *branch = tm_option_value(context->arguments, "compare");
    const struct tm_scope scope = {.project = context->scope.project, .branch = branch, .host = report->host};
    struct tm_report_wish wish = {.runs = INT64_MAX, .since = report->runs[0].started_at};
    if (!branch)
        return 0;
    if (strcmp(branch, report->branch) == 0)
        return tm_trouble("--compare '%s': that is the branch itself", branch);
    int found = tm_judged_run_find(context->store, &scope, NULL, &trend->run_beside);
    if (found == 0)
        return tm_trouble("there is no run on branch '%s' of host '%s'", branch, report->host);
    if (found < 0)
        return tm_store_trouble(context->store);
    trend->wish.beside = &trend->beside.report;
    return read_runs(trend, &trend->beside, &trend->run_beside, &wish);
}

/* ---- drawing ---- */

/* As bytes: whatever happens while it is drawn, no file is left half written. */
static int draw(const struct tm_trend *trend, const struct tm_chart_of *charts, size_t n, char **bytes, size_t *size)
{
    char message[TM_CHART_MESSAGE];
    struct tm_builder picture;
    int result = tm_build(&picture) ? tm_chart_draw(&trend->reader.report, charts, n, &trend->wish, picture.out, message) : 0;
    *bytes = tm_built(&picture);
    *size = picture.size;
    if (result != 0)
        return tm_trouble("%s", message);
    return *bytes ? 0 : tm_trouble("out of memory");
}

/* The words of the charts from that one on which are of the same plugin; *next is the one behind them. */
static int explain(const struct tm_trend *trend, size_t from, size_t *next)
{
    const struct tm_chart_of *charts = trend->charts;
    for (*next = from + 1; *next < trend->n_charts && charts[*next].plugin == charts[from].plugin;)
        ++*next;
    const struct tm_chart_of all = {charts[from].plugin, *next == from + 1 ? charts[from].metric : -1};
    int code = tm_trend_title(&trend->reader.report, trend->wish.beside, &all);
    for (size_t i = from; i < *next && code == 0; i++)
        code = tm_trend_key(&trend->reader.report, &charts[i]);
    return code;
}

/* A file gets one picture, and the words explain it here. */
static int draw_file(const struct tm_trend *trend, const char *file)
{
    struct tm_output output;
    char *bytes = NULL;
    size_t size = 0;
    int code = draw(trend, trend->charts, trend->n_charts, &bytes, &size);
    if (code == 0)
        code = tm_output_open(&output, file);
    if (code == 0) {
        fwrite(bytes, 1, size, output.out);
        code = tm_output_close(&output, true);
    }
    for (size_t i = 0; i < trend->n_charts && code == 0;)
        code = explain(trend, i, &i);
    free(bytes);
    return code;
}

/* A terminal gets charts and words in reading order. */
static int draw_lines(const struct tm_trend *trend)
{
    int code = 0;
    for (size_t i = 0; i < trend->n_charts && code == 0; i++) {
        char *bytes = NULL;
        size_t size = 0;
        code = draw(trend, &trend->charts[i], 1, &bytes, &size);
        if (code == 0 && i > 0)
            putchar('\n');
        if (code == 0)
            code = tm_trend_title(&trend->reader.report, trend->wish.beside, &trend->charts[i]);
        if (code == 0) {
            fwrite(bytes, 1, size, stdout);
            code = tm_trend_key(&trend->reader.report, &trend->charts[i]);
        }
        free(bytes);
    }
    return code;
}

/* ---- the command ---- */

static int prepare(struct tm_context *context)
{
    int64_t number;
    struct tm_chart_wish chart;
    enum tm_report_axis axis;
    if (tm_option_axis(context->arguments, &axis) != 0 || tm_option_count(context->arguments, "last", 0, &number) != 0 ||
        tm_option_time(context->arguments, "since", &number) != 0)
        return TM_EXIT_TROUBLE;
    return read_wish(context->arguments, &chart);
}

/* One check after the other, each of which says what is wrong; the first that fails ends it. */
static int run_trend(struct tm_context *context)
{
    const char *file = tm_option_value(context->arguments, "output");
    struct tm_trend trend = {.context = context};
    int code = read_wish(context->arguments, &trend.wish);
    if (code == 0)
        code = tm_output_check(context, "output", file);
    if (code == 0)
        code = tm_trend_find_plugins(&trend);
    if (code == 0)
        code = read_report(&trend);
    if (code == 0)
        code = read_beside(&trend);
    if (code == 0)
        code = tm_trend_list_charts(&trend);
    if (trend.n_charts > 1)
        trend.wish.height = ROWS;
    if (code == 0)
        code = file ? draw_file(&trend, file) : draw_lines(&trend);
    tm_report_reader_free(&trend.reader);
    tm_report_reader_free(&trend.beside);
    tm_judged_run_free(&trend.run_beside);
    tm_plugin_names_free(&trend.names);
    free(trend.plugins);
    free(trend.charts);
    return code;
}

const struct tm_command tm_command_trend = {
    .name = "trend",
    .usage = "PLUGIN... [options]",
    .summary = "draw histories of plugins: their levels, what changed, and since when",
    .more =
        "PLUGIN is a name, or a glob in quotes. A terminal shows one metric of each, a file all metrics of one plugin, one above\n"
        "the other, or one of each of several: up to 16 charts. Marks show what the gate has said so far; the text below explains\n"
        "the numbers. trend needs gnuplot.",
    .example = "  tidemark trend pdf-parser --last 90 -o pdf-parser.svg\n"
               "  tidemark trend 'pdf-*' --metric wall_per_call_ms --metric peak_mem_kb --compare faster-pdf -o pdf.png\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare,
    .run = run_trend,
    .least_words = 1,
    .most_words = -1,
    .options = {{"metric", "NAME", "draw that metric; repeatable (default: wall_per_call_ms, or the first there is)"},
                {"last", "N", "draw only the newest N runs, 0 for all (default: 365)"},
                {"since", "TIME", "draw only runs that began at TIME or later"},
                {"compare", "BRANCH", "draw that branch's values as a second line"},
                TM_AXIS_OPTION,
                {"output", "FILE", "write to a file that ends in .svg, .png or .pdf"},
                {"config", "FILE", "read settings from FILE (default: tidemark.ini, if there is one)"},
                TM_SCOPE_OPTIONS},
};
