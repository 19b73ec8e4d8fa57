/* trend: a plugin's history as a chart, on the terminal or in a file. What the gate has judged so
 * far is marked; nothing is judged here, so that looking changes nothing.
 *
 * The chart is drawn into memory first and written as a whole; what is said about it is made line by
 * line, and names are made safe there. */
#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/nearest.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/arguments.h"
#include "cli/axis.h"
#include "cli/beside.h"
#include "cli/color.h"
#include "cli/output.h"
#include "cli/settings.h"
#include "cli/terminal.h"
#include "gate/report_reader.h"
#include "report/amount.h"
#include "report/chart/chart.h"
#include "report/words.h"

enum {
    NIGHTS = 365, /* shown: a year */
    WIDTH = 100,  /* columns where the terminal does not say */
    DAY_SIZE = 10 /* "2026-11-20" of a time */
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

/* Where the chart goes, and what it is: 0, or TM_EXIT_TROUBLE after a message. */
static int read_wish(const struct tm_arguments *arguments, struct tm_chart_wish *wish)
{
    const char *file = tm_option_value(arguments, "output");
    *wish = (struct tm_chart_wish){.metric = -1};
    if (!file)
        *wish = (struct tm_chart_wish){.medium = TM_CHART_TERMINAL,
                                       .width = width_of_terminal(),
                                       .colour = tm_terminal_has_colours(),
                                       .ascii = !tm_terminal_knows_utf8(),
                                       .metric = -1};
    else if (ends_with(file, ".png"))
        wish->medium = TM_CHART_PNG;
    else if (ends_with(file, ".svg"))
        wish->medium = TM_CHART_SVG;
    else
        return tm_trouble("--output '%s': a chart's file ends in .svg or .png", file);
    return 0;
}

/* Also a metric that is shown but not judged. 0, or TM_EXIT_TROUBLE after a message. */
static int find_metric(const struct tm_report *report, const char *name, int *metric)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    *metric = tm_report_metric(report, name);
    if (*metric >= 0)
        return 0;
    for (size_t m = 0; m < report->n_metrics; m++)
        tm_nearest_offer(&nearest, report->metrics[m].name);
    tm_trouble("no metric '%s' in the store", name);
    if (*nearest.found)
        tm_hint("did you mean '%s'?", nearest.found);
    return TM_EXIT_TROUBLE;
}

/* ---- what is written about it; raw, and made safe as a whole ---- */

static void put_day(FILE *out, int64_t seconds)
{
    char text[TM_TIME_SIZE];
    tm_time_format(seconds, text);
    fprintf(out, "%.*s", DAY_SIZE, text);
}

static void put_title(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    assert(report->runs); /* what was read has a run */
    fprintf(out, "%s", plugin->name);
    if (metric >= 0)
        fprintf(out, "  %s", tm_report_metric_title(&report->metrics[metric]));
    fprintf(out, ", %zu run%s on %s, ", report->n_runs, TM_PLURAL(report->n_runs), report->branch);
    put_day(out, report->runs[0].started_at);
    fputs(" to ", out);
    put_day(out, report->run->started_at);
    if (report->n_weeks > 0) {
        fputs("; weeks of older runs from ", out);
        put_day(out, report->weeks[0].begins_at < 0 ? 0 : report->weeks[0].begins_at);
    }
}

/* What one number in the chart stands for. From tenfold on, the two values say more than a percentage. */
static void put_change(FILE *out, const struct tm_report *report, const struct tm_chart_change *change)
{
    const struct tm_report_metric *metric = &report->metrics[change->metric];
    assert(report->runs); /* a change has a run */
    fprintf(out, "%d: %s since ", change->number, change->class == TM_REGRESSED ? "worse" : "better");
    tm_put_dated_run(out, report->runs[change->run].key, report->runs[change->run].started_at);
    tm_put_interval(out, change->interval);
    tm_put_commits(out, ", commits ", change->commits);
    fprintf(out, ", %s ", metric->name);
    tm_put_amount_beside(out, metric, change->after, change->before);
    fputs(", was ", out);
    tm_put_amount_beside(out, metric, change->before, change->after);
    if (change->before > 0 && change->after / change->before < 10)
        fprintf(out, ": %+.1f %%", 100 * (change->after / change->before - 1));
    if (change->kind && strcmp(change->kind, "step") != 0)
        fprintf(out, ", %s", change->kind);
}

/* A line that is made of raw names, and made safe as a whole when it is printed: 0, or TM_EXIT_TROUBLE
 * after a message. */
static int print_line(struct tm_builder *line)
{
    char *text = tm_built(line);
    if (!text)
        return tm_trouble("out of memory");
    tm_put_safe_first(stdout, text);
    putchar('\n');
    free(text);
    return 0;
}

/* What the numbers in the chart stand for. */
static int print_key(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    int custom[TM_CHART_CUSTOM_MOST], code = 0;
    size_t n = tm_chart_changes(report, plugin, changes), n_custom = tm_chart_custom(report, plugin, custom);
    struct tm_builder line;
    assert(report->metrics || n_custom == 0); /* each is one of them */
    for (size_t i = 0; i < n_custom && code == 0; i++)
        if (metric < 0 || metric == custom[i]) {
            if (tm_build(&line))
                fprintf(line.out, "custom %zu: %s", i + 1, report->metrics[custom[i]].name);
            code = print_line(&line);
        }
    for (size_t i = 0; i < n && code == 0; i++)
        if (metric < 0 || metric == changes[i].metric) {
            if (tm_build(&line))
                put_change(line.out, report, &changes[i]);
            code = print_line(&line);
        }
    return code;
}

/* ---- the command ---- */

/* The chart as bytes: whatever happens while it is drawn, no file is left half written. */
static int draw_chart(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_wish *wish,
                      char **bytes, size_t *size)
{
    char message[TM_CHART_MESSAGE];
    struct tm_builder chart;
    int result = tm_build(&chart) ? tm_chart_plugin(report, plugin, wish, chart.out, message) : 0;
    *bytes = tm_built(&chart);
    *size = chart.size;
    if (result != 0)
        return tm_trouble("%s", message);
    return *bytes ? 0 : tm_trouble("out of memory");
}

static bool has_values(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    for (size_t run = 0; run < report->n_runs; run++)
        if (!isnan(tm_report_value(report, plugin, metric, run)))
            return true;
    return false;
}

/* A terminal has room for one metric: the one people ask for most, or of a plugin without times the first of its own. */
static int metric_for_terminal(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    int wall = tm_report_metric(report, "wall_per_call_ms"), custom[TM_CHART_CUSTOM_MOST];
    return has_values(report, plugin, wall) || tm_chart_custom(report, plugin, custom) == 0 ? wall : custom[0];
}

/* A terminal's chart and its words go to standard output in reading order; a file gets the chart
 * alone, and the words still explain it here. */
static int draw_and_print(const struct tm_report *report, const struct tm_report_plugin *plugin, const struct tm_chart_wish *wish,
                          const char *file)
{
    struct tm_output output;
    char *bytes = NULL;
    size_t size = 0;
    struct tm_chart_wish one = *wish;
    if (one.medium == TM_CHART_TERMINAL && one.metric < 0)
        one.metric = metric_for_terminal(report, plugin);
    int code = draw_chart(report, plugin, &one, &bytes, &size);
    if (code == 0)
        code = tm_output_open(&output, file);
    if (code == 0) {
        struct tm_builder line;
        if (tm_build(&line))
            put_title(line.out, report, plugin, one.metric);
        code = print_line(&line);
        fwrite(bytes, 1, size, output.out);
        int closed = tm_output_close(&output, code == 0);
        code = code ? code : closed;
    }
    if (code == 0)
        code = print_key(report, plugin, one.metric);
    free(bytes);
    return code;
}

static int prepare(struct tm_context *context)
{
    int64_t runs;
    struct tm_chart_wish chart;
    enum tm_report_axis axis;
    if (tm_option_axis(context->arguments, &axis) != 0)
        return TM_EXIT_TROUBLE;
    return tm_option_count(context->arguments, "last", 0, &runs) == 0 ? read_wish(context->arguments, &chart) : TM_EXIT_TROUBLE;
}

/* 0 runs mean all of them. 0, or TM_EXIT_TROUBLE after a message. */
static int read_report(struct tm_context *context, struct tm_report_reader *reader)
{
    struct tm_report_wish wish = {.runs = NIGHTS, .plugin = context->arguments->words[0]};
    if (tm_option_count(context->arguments, "last", 0, &wish.runs) != 0)
        return TM_EXIT_TROUBLE;
    if (wish.runs == 0)
        wish.runs = INT64_MAX;
    int found = tm_judged_run_find(context->store, &context->scope, NULL, &context->run);
    if (found == 0)
        return tm_trouble("there is no run to judge (of that project, branch and host)");
    if (found > 0 && tm_settings_read_stored(context) != 0)
        return TM_EXIT_TROUBLE;
    if (found < 0 || tm_report_read(reader, context->store, &context->settings, &context->run, &wish) != 0)
        return tm_store_trouble(context->store);
    return 0;
}

/* One check after the other, each of which says what is wrong; the first that fails ends it. */
static int run_trend(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    const char *name = arguments->words[0], *metric = tm_option_value(arguments, "metric");
    struct tm_report_reader reader = {0};
    struct tm_chart_wish chart;
    int code = read_wish(arguments, &chart);
    if (code == 0)
        code = tm_output_check(context, "output", tm_option_value(arguments, "output"));
    if (code == 0)
        code = tm_context_choose_project(context, name);
    if (code == 0)
        code = tm_context_check_plugin(context, name);
    if (code == 0)
        code = read_report(context, &reader);
    if (code == 0)
        code = tm_option_axis(arguments, &reader.report.axis);
    if (code == 0 && metric)
        code = find_metric(&reader.report, metric, &chart.metric);
    const struct tm_report_plugin *plugin = code == 0 ? tm_report_plugin_named(&reader, name) : NULL;
    if (code == 0)
        code = plugin ? draw_and_print(&reader.report, plugin, &chart, tm_option_value(arguments, "output"))
                      : tm_trouble_elsewhere(context, name);
    tm_report_reader_free(&reader);
    return code;
}

const struct tm_command tm_command_trend = {
    .name = "trend",
    .usage = "PLUGIN [options]",
    .summary = "draw a plugin's history: its levels, what changed, and since when",
    .more =
        "A terminal shows one metric, a file all metrics, one above the other. Marks show what the gate has said so far; the text "
        "below the\n"
        "chart explains its numbers. trend needs gnuplot.",
    .example = "  tidemark trend pdf-parser --last 90 -o pdf-parser.svg\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare,
    .run = run_trend,
    .least_words = 1,
    .most_words = 1,
    .options = {{"metric", "NAME", "draw that metric (default: wall_per_call_ms, or the first there is; in a file, all)"},
                {"last", "N", "draw only the newest N runs, 0 for all (default: 365)"},
                TM_AXIS_OPTION,
                {"output", "FILE", "write to a file that ends in .svg or .png"},
                {"config", "FILE", "read settings from FILE (default: tidemark.ini, if there is one)"},
                TM_SCOPE_OPTIONS},
};
