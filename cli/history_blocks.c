/* Metrics that the judge knows, in his order: the history of each is a line, as high as its values, behind its newest one. */
#include "cli/history_blocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/plural.h"
#include "cli/settings.h"
#include "gate/report_reader.h"
#include "report/amount.h"
#include "report/blocks.h"

enum {
    RUNS = 60,         /* and as many columns */
    NAME_WIDTH = 21,   /* "mem_delta_per_call_kb" */
    AMOUNT_WIDTH = 15, /* "12.34 % of calls" lies out, and "1023.9 KiB" in */
};

/* The newest value that is known; NAN: none. */
static double newest_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    double value = NAN;
    for (size_t run = report->n_runs; run-- > 0 && !isfinite(value);)
        value = tm_report_value(report, plugin, metric, run);
    return value;
}

static void put_cell(FILE *out, const char *text, enum tm_position position, size_t width)
{
    size_t used = tm_put_shown(out, text, strlen(text), position);
    fprintf(out, "%*s  ", used < width ? (int)(width - used) : 0, "");
}

/* "wall_per_call_ms       289.7 ms         ", made safe, for names and units may be anything; NULL without memory. */
static char *make_label(const struct tm_report_metric *metric, double value)
{
    struct tm_builder amount, label = {0};
    if (tm_build(&amount))
        tm_put_amount(amount.out, metric, value);
    char *text = tm_built(&amount), *built = NULL;
    if (text) {
        if (tm_build(&label)) {
            put_cell(label.out, metric->name, TM_FIRST_IN_LINE, NAME_WIDTH);
            put_cell(label.out, text, TM_WITHIN_LINE, AMOUNT_WIDTH);
        }
        built = tm_built(&label);
    }
    free(text);
    return built;
}

static bool has_line(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    size_t known = 0;
    for (size_t run = 0; run < report->n_runs; run++)
        known += isfinite(tm_report_value(report, plugin, metric, run)) ? 1 : 0;
    return known > 1;
}

static int print_lines(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    bool begun = false;
    for (size_t m = 0; m < report->n_metrics; m++) {
        int metric = (int)m;
        if (!has_line(report, plugin, metric))
            continue;
        char *label = make_label(&report->metrics[m], newest_value(report, plugin, metric));
        if (!label)
            return tm_trouble("out of memory");
        if (!begun) {
            putchar('\n');
            tm_say(stdout, "the newest %zu run%s on %s of %s", report->n_runs, TM_PLURAL(report->n_runs), report->branch,
                   report->host);
            putchar('\n');
        }
        begun = true;
        tm_put_blocks(stdout, label, report, plugin, metric, RUNS);
        free(label);
    }
    return 0;
}

int tm_print_history_blocks(struct tm_context *context, const char *plugin)
{
    struct tm_report_reader reader = {0};
    const struct tm_report_wish wish = {.runs = RUNS, .plugins = &plugin, .n_plugins = 1};
    int found = tm_judged_run_find(context->store, &context->scope, NULL, &context->run);
    if (found == 0)
        return 0;
    if (found > 0 && tm_settings_read_stored(context) != 0)
        return TM_EXIT_TROUBLE;
    if (found < 0 || tm_report_read(&reader, context->store, &context->settings, &context->run, &wish) != 0) {
        tm_report_reader_free(&reader);
        return tm_store_trouble(context->store);
    }
    const struct tm_report_plugin *read = tm_report_plugin_named(&reader, plugin);
    int code = read ? print_lines(&reader.report, read) : 0;
    tm_report_reader_free(&reader);
    return code;
}
