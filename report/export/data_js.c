/* data.js of github-action-benchmark: a suite for each branch and host, an entry for each run, and a bench for each figure of a
 * plugin, which its page draws as a chart of that name. An entry has one tool, and the tool says the direction of all its benches:
 * what is better when it is higher is in a suite of its own, which a second pass over the runs writes. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/timestamp.h"
#include "report/export/export.h"
#include "schema/fields.h"

enum pass { SMALLER, BIGGER, PASSES };

static const char *const tools[PASSES] = {"customSmallerIsBetter", "customBiggerIsBetter"};

/* Fields that are no totals of a run, which would grow with its calls. */
static const size_t figures[] = {offsetof(struct tm_profile, wall_p50_ns),     offsetof(struct tm_profile, wall_p95_ns),
                                 offsetof(struct tm_profile, wall_p99_ns),     offsetof(struct tm_profile, wall_max_ns),
                                 offsetof(struct tm_profile, longest_step_ns), offsetof(struct tm_profile, peak_mem_bytes)};

static bool is_figure(const struct tm_field *field)
{
    for (size_t i = 0; i < sizeof figures / sizeof *figures; i++)
        if (field->type == TM_FIELD_REAL && field->at == figures[i])
            return true;
    return false;
}

static bool is_of_pass(const struct tm_reading *reading, int pass)
{
    return (reading->better && strcmp(reading->better, "higher") == 0) == (pass == BIGGER);
}

static int passes(void)
{
    return PASSES;
}

static int begin(struct tm_export *export)
{
    fputs("window.BENCHMARK_DATA = {\n\"repoUrl\": \"\",\n\"entries\": {", export->out);
    return 0;
}

/* ---- benches; *any: one has been written before ---- */

/* Ends the line before, and opens a bench. The name is that of the plugin, with that of the figure where it has one. */
static int open_bench(FILE *out, bool *any, const char *plugin, const char *figure)
{
    struct tm_builder name;
    if (tm_build(&name)) {
        fputs(plugin, name.out);
        if (figure)
            fprintf(name.out, ": %s", figure);
    }
    char *text = tm_built(&name);
    if (!text)
        return -1;
    fputs(*any ? ",\n  {\"name\": " : "\n  {\"name\": ", out);
    *any = true;
    tm_put_json_text(out, text, name.size);
    free(text);
    return 0;
}

static void put_value(FILE *out, double value, const char *unit)
{
    fputs(", \"value\": ", out);
    tm_put_number(out, value);
    fputs(", \"unit\": ", out);
    tm_put_json(out, unit ? unit : "");
}

/* The wall time per call, with the calls and the CPU time where readers of such files look for them. */
static int put_wall(FILE *out, bool *any, const struct tm_profile *profile)
{
    double calls = (double)profile->calls;
    if (isnan(profile->wall_ns) || profile->calls <= 0)
        return 0;
    if (open_bench(out, any, profile->plugin, NULL) != 0)
        return -1;
    put_value(out, profile->wall_ns / 1e6 / calls, "ms");
    fprintf(out, ", \"extra\": \"iterations: %" PRId64, profile->calls);
    if (!isnan(profile->cpu_ns)) {
        fputs("\\ncpu: ", out);
        tm_put_number(out, profile->cpu_ns / 1e6 / calls);
        fputs(" ms", out);
    }
    fputs("\"}", out);
    return 0;
}

static int put_figures(FILE *out, bool *any, const struct tm_profile *profile)
{
    for (size_t i = 0; i < tm_n_fields; i++) {
        const struct tm_field *field = &tm_fields[i];
        if (!is_figure(field) || !tm_field_known(field, profile))
            continue;
        if (open_bench(out, any, profile->plugin, field->name) != 0)
            return -1;
        put_value(out, tm_field_real(field, profile) / tm_field_factor(field), field->unit == TM_UNIT_TIME ? "ms" : "KiB");
        putc('}', out);
    }
    return 0;
}

static int put_readings(FILE *out, bool *any, const struct tm_profile *profile, int pass)
{
    for (size_t i = 0; i < profile->n_readings; i++) {
        const struct tm_reading *reading = &profile->readings[i];
        if (!is_of_pass(reading, pass))
            continue;
        if (open_bench(out, any, profile->plugin, reading->metric) != 0)
            return -1;
        put_value(out, reading->value, reading->unit);
        putc('}', out);
    }
    return 0;
}

/* ---- entries ---- */

/* What the pass has to say of the run. */
static bool has_benches(const struct tm_run_content *content, int pass)
{
    bool any = false;
    for (size_t i = 0; i < content->n_profiles && !any; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        for (size_t k = 0; k < profile->n_readings && !any; k++)
            any = is_of_pass(&profile->readings[k], pass);
        for (size_t f = 0; f < tm_n_fields && !any && pass == SMALLER; f++)
            any = is_figure(&tm_fields[f]) && tm_field_known(&tm_fields[f], profile);
        any = any || (pass == SMALLER && !isnan(profile->wall_ns) && profile->calls > 0);
    }
    return any;
}

/* Ends the suite before, if this run is of another one, and begins its own. */
static int open_suite(struct tm_export *export, const struct tm_run *run)
{
    struct tm_builder name;
    if (tm_build(&name))
        fprintf(name.out, "%s / %s / %s%s", run->project, run->branch, run->host,
                export->pass == BIGGER ? ", higher is better" : "");
    char *text = tm_built(&name);
    if (!text)
        return -1;
    if (export->lineage && strcmp(export->lineage, text) == 0) {
        free(text);
        fputs(",\n", export->out);
        return 0;
    }
    fputs(export->lineage ? "\n],\n" : "\n", export->out);
    free(export->lineage);
    export->lineage = text;
    tm_put_json(export->out, text);
    fputs(": [\n", export->out);
    return 0;
}

/* The page shows the first letters of the id, the message and who committed: the run's name stands for what is not known. */
static void open_entry(struct tm_export *export, const struct tm_run *run)
{
    FILE *out = export->out;
    char time[TM_TIME_SIZE];
    tm_time_format(run->started_at, time);
    fputs("{\"commit\": {\"author\": {\"name\": \"\", \"username\": \"\"}, \"committer\": {\"name\": \"\", \"username\": \"\"}, "
          "\"id\": ",
          out);
    tm_put_json(out, run->commit_id ? run->commit_id : "");
    fputs(", \"message\": ", out);
    tm_put_json(out, run->key);
    fprintf(out, ", \"timestamp\": \"%s\", \"url\": \"\"}, \"date\": %" PRId64 ", \"tool\": \"%s\", \"benches\": [", time,
            run->started_at * 1000, tools[export->pass]);
}

static int write_run(struct tm_export *export, const struct tm_run_content *content)
{
    bool any = false;
    int result = 0;
    if (!has_benches(content, export->pass))
        return 0;
    if (open_suite(export, &content->run) != 0)
        return -1;
    open_entry(export, &content->run);
    for (size_t i = 0; i < content->n_profiles && result == 0; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        if (export->pass == SMALLER)
            result = put_wall(export->out, &any, profile) != 0 ? -1 : put_figures(export->out, &any, profile);
        if (result == 0)
            result = put_readings(export->out, &any, profile, export->pass);
    }
    fputs("\n]}", export->out);
    return result;
}

static int end(struct tm_export *export)
{
    fprintf(export->out, "%s},\n\"lastUpdate\": %" PRId64 "\n}\n", export->lineage ? "\n]\n" : "", export->newest_start * 1000);
    return 0;
}

const struct tm_export_form tm_export_data_js = {
    .name = "data.js", .order = TM_EXPORT_BY_LINEAGE, .passes = passes, .begin = begin, .run = write_run, .end = end};
