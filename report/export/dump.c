/* Each fact as a line, its members always in the same order; what is not known is left out. Numbers have as many digits as it takes
 * to read them back, times are in UTC, sketches hexadecimal. A text is JSON's, so that a line end in it ends no line. */
#include "report/export/dump.h"

#include <inttypes.h>
#include <math.h>

#include "base/escape.h"
#include "base/timestamp.h"
#include "report/export/number.h"
#include "schema/dump.h"
#include "schema/fields.h"

static void begin_line(FILE *out, const char *type)
{
    fprintf(out, "{\"type\":\"%s\"", type);
}

static void end_line(FILE *out)
{
    fputs("}\n", out);
}

static void put_text(FILE *out, const char *name, const char *text)
{
    if (!text)
        return;
    fprintf(out, ",\"%s\":", name);
    tm_put_json(out, text);
}

static void put_count(FILE *out, const char *name, int64_t count)
{
    if (count != TM_UNKNOWN)
        fprintf(out, ",\"%s\":%" PRId64, name, count);
}

static void put_real(FILE *out, const char *name, double value)
{
    if (isnan(value))
        return;
    fprintf(out, ",\"%s\":", name);
    tm_put_number(out, value);
}

static void put_time(FILE *out, const char *name, int64_t seconds)
{
    char text[TM_TIME_SIZE];
    if (seconds == TM_UNKNOWN)
        return;
    tm_time_format(seconds, text);
    put_text(out, name, text);
}

static void put_bytes(FILE *out, const char *name, const void *bytes, size_t size)
{
    if (!bytes)
        return;
    fprintf(out, ",\"%s\":\"", name);
    tm_put_bytes(out, bytes, size);
    putc('"', out);
}

static void put_field(FILE *out, const struct tm_field *field, const struct tm_profile *profile)
{
    if (field->type == TM_FIELD_COUNT)
        put_count(out, field->column, tm_field_count(field, profile));
    else if (field->type == TM_FIELD_REAL)
        put_real(out, field->column, tm_field_real(field, profile));
    else
        put_text(out, field->column, tm_field_text(field, profile));
}

/* Each names its run, so that a line that went astray is noticed, and one that was found by a search says where it is from. */
static void put_profile(FILE *out, const char *run, const struct tm_profile *profile)
{
    begin_line(out, "profile");
    put_text(out, "run", run);
    put_text(out, "plugin", profile->plugin);
    for (size_t i = 0; i < tm_n_fields; i++)
        put_field(out, &tm_fields[i], profile);
    put_bytes(out, "latency", profile->latency, profile->latency_size);
    for (size_t i = 0; i < profile->n_readings; i++) {
        fputs(i == 0 ? ",\"readings\":{" : ",", out);
        tm_put_json(out, profile->readings[i].metric);
        putc(':', out);
        tm_put_number(out, profile->readings[i].value);
    }
    fputs(profile->n_readings > 0 ? "}" : "", out);
    end_line(out);
}

static void put_spike(FILE *out, const char *run, const struct tm_spike *spike)
{
    begin_line(out, "spike");
    put_text(out, "run", run);
    put_real(out, "at_ms", spike->at_ms);
    put_real(out, "duration_ms", spike->duration_ms);
    put_real(out, "cpu_percent", spike->cpu_percent);
    put_text(out, "plugin", spike->plugin);
    end_line(out);
}

static void put_run(FILE *out, const struct tm_fact *fact)
{
    const struct tm_run *run = &fact->run.run;
    begin_line(out, "run");
    put_text(out, "project", fact->project);
    put_text(out, "run", run->key);
    put_time(out, "started_at", run->started_at);
    put_text(out, "branch", run->branch);
    put_text(out, "host", run->host);
    put_text(out, "commit_id", run->commit_id);
    put_text(out, "version", run->version);
    put_text(out, "repeat_of", run->repeat_of);
    put_text(out, "tool", run->tool);
    put_text(out, "part", run->part);
    end_line(out);
    for (size_t i = 0; i < fact->run.n_profiles; i++)
        put_profile(out, run->key, &fact->run.profiles[i]);
    for (size_t i = 0; i < fact->run.n_spikes; i++)
        put_spike(out, run->key, &fact->run.spikes[i]);
}

/* The first week begins in 1969, of which no time is read. */
static void put_week_begin(FILE *out, int64_t begins_at)
{
    put_time(out, "begins_at", begins_at < 0 ? 0 : begins_at);
}

static void put_weekly(FILE *out, int64_t begins_at, const struct tm_week_plugin *plugin)
{
    begin_line(out, "weekly");
    put_week_begin(out, begins_at);
    put_text(out, "plugin", plugin->plugin);
    put_count(out, "calls", plugin->calls);
    put_count(out, "errors", plugin->errors);
    put_real(out, "wall_ns", plugin->wall_ns);
    put_real(out, "cpu_ns", plugin->cpu_ns);
    put_bytes(out, "latency", plugin->latency, plugin->latency_size);
    for (size_t i = 0; i < plugin->n_metrics; i++) {
        const struct tm_week_value *value = &plugin->metrics[i].value;
        const double reals[] = {value->mean, value->m2, value->least, value->most};
        fputs(i == 0 ? ",\"values\":{" : ",", out);
        tm_put_json(out, plugin->metrics[i].metric);
        fprintf(out, ":[%" PRId64, value->n);
        for (size_t r = 0; r < sizeof reals / sizeof *reals; r++) {
            putc(',', out);
            tm_put_number(out, reals[r]);
        }
        putc(']', out);
    }
    fputs(plugin->n_metrics > 0 ? "}" : "", out);
    end_line(out);
}

static void put_week(FILE *out, const struct tm_fact *fact)
{
    const struct tm_week_fact *week = &fact->week;
    begin_line(out, "week");
    put_text(out, "project", fact->project);
    put_week_begin(out, week->begins_at);
    put_text(out, "branch", week->branch);
    put_text(out, "host", week->host);
    fputs(",\"runs\":[", out);
    for (size_t i = 0; i < week->n_runs; i++) {
        fputs(i ? "," : "", out);
        tm_put_json(out, week->runs[i]);
    }
    putc(']', out);
    end_line(out);
    for (size_t i = 0; i < week->n_plugins; i++)
        put_weekly(out, week->begins_at, &week->plugins[i]);
}

static void put_host(FILE *out, const struct tm_host_fact *host)
{
    begin_line(out, "host");
    put_text(out, "host", host->host);
    put_text(out, "cpu_model", host->cpu_model);
    put_count(out, "cores", host->cores);
    put_count(out, "memory_gib", host->memory_gib);
    put_text(out, "os", host->os);
    end_line(out);
}

static void put_metric(FILE *out, const struct tm_fact *fact)
{
    begin_line(out, "metric");
    put_text(out, "project", fact->project);
    put_text(out, "metric", fact->metric.metric);
    put_text(out, "unit", fact->metric.unit);
    put_text(out, "better", fact->metric.better);
    end_line(out);
}

static void put_decision(FILE *out, const struct tm_fact *fact)
{
    const struct tm_decision_fact *decision = &fact->decision;
    begin_line(out, "decision");
    put_text(out, "project", fact->project);
    put_count(out, "number", decision->number);
    put_text(out, "kind", decision->kind);
    put_text(out, "plugin", decision->plugin);
    put_text(out, "metric", decision->metric);
    put_text(out, "host", decision->host);
    put_text(out, "branch", decision->branch);
    put_text(out, "from_run", decision->from_run);
    put_time(out, "from_at", decision->from_at);
    put_text(out, "made_run", decision->made_run);
    put_time(out, "made_run_at", decision->made_run_at);
    put_real(out, "ceiling", decision->ceiling);
    put_time(out, "until", decision->until);
    put_text(out, "reason", decision->reason);
    put_text(out, "issue", decision->issue);
    put_text(out, "made_by", decision->made_by);
    put_time(out, "made_at", decision->made_at);
    put_count(out, "adoption", decision->adoption);
    put_text(out, "source", decision->source);
    end_line(out);
}

static void put_lineage(FILE *out, const struct tm_fact *fact)
{
    begin_line(out, "judged");
    put_text(out, "project", fact->project);
    put_text(out, "branch", fact->lineage.branch);
    put_text(out, "host", fact->lineage.host);
    put_text(out, "base", fact->lineage.base);
    put_text(out, "settings", fact->lineage.settings);
    end_line(out);
}

void tm_dump_begin(FILE *out)
{
    fprintf(out, "{\"format\":\"" TM_DUMP_FORMAT "\",\"version\":%d}\n", TM_DUMP_VERSION);
}

void tm_dump_fact(FILE *out, const struct tm_fact *fact)
{
    switch (fact->kind) {
    case TM_FACT_HOST:
        put_host(out, &fact->host);
        break;
    case TM_FACT_METRIC:
        put_metric(out, fact);
        break;
    case TM_FACT_WEEK:
        put_week(out, fact);
        break;
    case TM_FACT_RUN:
        put_run(out, fact);
        break;
    case TM_FACT_DECISION:
        put_decision(out, fact);
        break;
    case TM_FACT_LINEAGE:
        put_lineage(out, fact);
        break;
    case TM_FACT_LAST_DECISION:
        begin_line(out, "decisions");
        put_count(out, "last", fact->last_decision);
        end_line(out);
        break;
    }
}

void tm_dump_end(FILE *out)
{
    begin_line(out, "end");
    end_line(out);
}
