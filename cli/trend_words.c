/* Lines are made of raw names, and made safe as a whole when they are printed. */
#include "cli/trend.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/message.h"
#include "report/amount.h"
#include "report/words.h"

enum { DAY_SIZE = 10 }; /* "2026-11-20" of a time */

static void put_day(FILE *out, int64_t seconds)
{
    char text[TM_TIME_SIZE];
    tm_time_format(seconds, text);
    fprintf(out, "%.*s", DAY_SIZE, text);
}

/* The other branch's runs that are shown. */
static void put_beside(FILE *out, const struct tm_report *report, const struct tm_report *beside,
                       const struct tm_report_plugin *plugin)
{
    size_t n = 0;
    for (size_t run = 0; run < beside->n_runs; run++)
        n += beside->runs[run].started_at >= report->runs[0].started_at;
    if (n > 0 && tm_plugin_beside(beside, plugin))
        fprintf(out, "; beside %zu run%s on %s", n, TM_PLURAL(n), beside->branch);
    else
        fprintf(out, "; beside no run on %s", beside->branch);
}

static void put_title(FILE *out, const struct tm_report *report, const struct tm_report *beside, const struct tm_chart_of *chart)
{
    assert(report->runs); /* what was read has a run */
    fprintf(out, "%s", chart->plugin->name);
    if (chart->metric >= 0)
        fprintf(out, "  %s", tm_report_metric_title(&report->metrics[chart->metric]));
    fprintf(out, ", %zu run%s on %s, ", report->n_runs, TM_PLURAL(report->n_runs), report->branch);
    put_day(out, report->runs[0].started_at);
    fputs(" to ", out);
    put_day(out, report->run->started_at);
    if (report->n_weeks > 0) {
        fputs("; weeks of older runs from ", out);
        put_day(out, report->weeks[0].begins_at < 0 ? 0 : report->weeks[0].begins_at);
    }
    if (beside)
        put_beside(out, report, beside, chart->plugin);
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

int tm_trend_title(const struct tm_report *report, const struct tm_report *beside, const struct tm_chart_of *chart)
{
    struct tm_builder line;
    if (tm_build(&line))
        put_title(line.out, report, beside, chart);
    return print_line(&line);
}

int tm_trend_without(const struct tm_report *report, const struct tm_chart_of *chart)
{
    struct tm_builder line;
    if (tm_build(&line))
        fprintf(line.out, "%s has no values of %s in these runs", chart->plugin->name, report->metrics[chart->metric].name);
    return print_line(&line);
}

int tm_trend_key(const struct tm_report *report, const struct tm_chart_of *chart)
{
    struct tm_chart_change changes[TM_CHART_CHANGES_MOST];
    int custom[TM_CHART_CUSTOM_MOST], code = 0;
    size_t n = tm_chart_changes(report, chart->plugin, changes), n_custom = tm_chart_custom(report, chart->plugin, custom);
    struct tm_builder line;
    assert(report->metrics || n_custom == 0); /* each is one of them */
    for (size_t i = 0; i < n_custom && code == 0; i++)
        if (chart->metric < 0 || chart->metric == custom[i]) {
            if (tm_build(&line))
                fprintf(line.out, "custom %zu: %s", i + 1, report->metrics[custom[i]].name);
            code = print_line(&line);
        }
    for (size_t i = 0; i < n && code == 0; i++)
        if (chart->metric < 0 || chart->metric == changes[i].metric) {
            if (tm_build(&line))
                put_change(line.out, report, &changes[i]);
            code = print_line(&line);
        }
    return code;
}
