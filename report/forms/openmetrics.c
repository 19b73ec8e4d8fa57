/* OpenMetrics 1.0, which node_exporter's textfile collector and Pushgateway read as well: so all are gauges. Values are in the base
 * units that Prometheus asks for, whatever unit the metric has. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "report/forms/forms.h"
#include "report/verdict_fields.h"

/* Values are written in base units, and those of one base unit are a family. */
enum base { SECONDS, BYTES, RATIO, OWN, BASES };

static const char *const base_names[] = {"seconds", "bytes", "ratio", NULL};

static const struct {
    const char *name;
    enum base base;
    double factor;
} units[] = {{"s", SECONDS, 1}, {"ms", SECONDS, 1e-3},  {"us", SECONDS, 1e-6},         {"ns", SECONDS, 1e-9},
             {"B", BYTES, 1},   {"KiB", BYTES, 1024.0}, {"MiB", BYTES, 1024 * 1024.0}, {"GiB", BYTES, 1024 * 1024 * 1024.0},
             {"%", RATIO, 0.01}};

/* The family of a metric's unit, and what its values are multiplied by. OWN: a unit that nobody knows. */
static enum base base_of(const struct tm_report_metric *metric, double *factor)
{
    *factor = 1;
    if (metric->kind == TM_METRIC_ERRORS)
        return RATIO;
    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(units[i].name, metric->unit) == 0) {
            *factor = units[i].factor;
            return units[i].base;
        }
    return OWN;
}

static void put_head(FILE *out, const char *name, const char *unit, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name);
    if (unit)
        fprintf(out, "# UNIT %s %s\n", name, unit);
}

static void put_label(FILE *out, const char *name, const char *value)
{
    fprintf(out, ",%s=\"", name);
    tm_label_writer_for(out)(out, value ? value : "");
    putc('"', out);
}

/* All samples say what they are of: the files of several jobs are read together. */
static void open_sample(FILE *out, const struct tm_report *report, const char *name)
{
    fprintf(out, "%s{project=\"", name);
    tm_label_writer_for(out)(out, report->project ? report->project : "");
    putc('"', out);
    put_label(out, "branch", report->branch);
    put_label(out, "host", report->host);
}

static void close_sample(FILE *out, double value)
{
    fputs("} ", out);
    tm_put_number(out, value);
    putc('\n', out);
}

static void put_alone(FILE *out, const struct tm_report *report, const char *name, const char *unit, double value, const char *help)
{
    put_head(out, name, unit, help);
    open_sample(out, report, name);
    close_sample(out, value);
}

/* A state set: one sample for each outcome there may be, so that none disappears. */
static void put_outcome(FILE *out, const struct tm_report *report)
{
    static const char *const outcomes[] = {"pass", "fail", "not judged"};
    put_head(out, "tidemark_outcome", NULL, "What the gate says of the run: 1 for its outcome, 0 for the others.");
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++) {
        open_sample(out, report, "tidemark_outcome");
        put_label(out, "outcome", outcomes[i]);
        close_sample(out, strcmp(report->outcome, outcomes[i]) == 0);
    }
}

static void put_run(FILE *out, const struct tm_report *report)
{
    put_head(out, "tidemark_run_info", NULL, "The run that was judged.");
    open_sample(out, report, "tidemark_run_info");
    put_label(out, "run", report->run->key);
    put_label(out, "commit", report->run->commit);
    put_label(out, "version", report->version);
    close_sample(out, 1);
    put_alone(out, report, "tidemark_run_timestamp_seconds", "seconds", (double)report->run->started_at, "When the run started.");
    put_alone(out, report, "tidemark_run_slowdown_ratio", "ratio", isfinite(report->tally.factor) ? report->tally.factor : 0,
              "By how much the whole run was slower than usual, 0 if not significantly.");
    put_alone(out, report, "tidemark_run_wide_regression", NULL, report->tally.run_wide,
              "1 if a shift that most plugins share is open.");
    put_alone(out, report, "tidemark_judged_plugins", NULL, (double)report->tally.judged, "Plugins of the run that were judged.");
}

/* All classes, also those that nobody has: a counter that is gone cannot be told from one that is 0. */
static void put_classes(FILE *out, const struct tm_report *report)
{
    int64_t of[TM_CLASSES] = {0};
    for (size_t i = 0; i < report->n_plugins; i++)
        of[report->plugins[i].class] += tm_plugin_is_shown(&report->plugins[i]);
    put_head(out, "tidemark_plugins", NULL, "Plugins by the class of their verdict.");
    for (int class = TM_PASS; class < TM_CLASSES; class ++) {
        open_sample(out, report, "tidemark_plugins");
        put_label(out, "class", tm_class_name((enum tm_class) class));
        close_sample(out, (double)of[class]);
    }
}

static void put_states(FILE *out, const struct tm_report *report)
{
    put_head(out, "tidemark_plugin_state", NULL, "1 for each plugin, with the class of its verdict.");
    for (size_t i = 0; i < report->n_plugins; i++) {
        if (!tm_plugin_is_shown(&report->plugins[i]))
            continue;
        open_sample(out, report, "tidemark_plugin_state");
        put_label(out, "plugin", report->plugins[i].name);
        put_label(out, "class", tm_class_name(report->plugins[i].class));
        close_sample(out, 1);
    }
}

/* A field of every verdict whose metric has that base unit (BASES: any); a family without samples is left out. */
static void put_field(FILE *out, const struct tm_report *report, const char *name, enum base base, const char *field,
                      const char *help)
{
    bool begun = false;
    for (size_t i = 0; i < report->n_verdicts; i++) {
        const struct tm_report_verdict *v = &report->verdicts[i];
        double factor = 1, number = v->metric < 0 || v->plugin == TM_WHOLE_RUN ? NAN : tm_verdict_number(report, v, field);
        if (!isfinite(number) || (base != BASES && base_of(&report->metrics[v->metric], &factor) != base))
            continue;
        if (!begun)
            put_head(out, name, base == BASES ? "ratio" : base_names[base], help);
        begun = true;
        open_sample(out, report, name);
        put_label(out, "plugin", report->plugins[v->plugin].name);
        put_label(out, "metric", report->metrics[v->metric].name);
        close_sample(out, number * factor);
    }
}

/* The same, its name made of a stem and the base unit. */
static void put_family(FILE *out, const struct tm_report *report, const char *stem, enum base base, const char *field,
                       const char *help)
{
    char name[64]; /* both stems and all units fit */
    snprintf(name, sizeof name, "%s%s%s", stem, base_names[base] ? "_" : "", base_names[base] ? base_names[base] : "");
    put_field(out, report, name, base, field, help);
}

int tm_write_openmetrics(FILE *out, const struct tm_report *report)
{
    put_outcome(out, report);
    put_run(out, report);
    put_classes(out, report);
    put_states(out, report);
    for (enum base base = SECONDS; base < BASES; base++) {
        put_family(out, report, "tidemark_plugin_value", base, "value", "What was measured, of metrics that did not simply pass.");
        put_family(out, report, "tidemark_plugin_baseline", base, "baseline", "The level that the value was judged against.");
    }
    put_field(out, report, "tidemark_plugin_change_ratio", BASES, "change", "How far the level lies above its baseline.");
    fputs("# EOF\n", out);
    return 0;
}
