/* The verdict as one document for programs; docs/gate.schema.json describes it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report/forms/forms.h"
#include "analyze/report/telling.h"
#include "analyze/report/words.h"
#include "schema/tidemark.h"
#include "schema/timestamp.h"

/* `before` is all that stands between two values: comma, blanks and the key. */
static void put_text(FILE *out, const char *before, const char *text)
{
    fputs(before, out);
    if (text)
        tm_put_json(out, text);
    else
        fputs("null", out);
}

static void put_number(FILE *out, const char *before, double value)
{
    fputs(before, out);
    tm_put_number(out, value);
}

static void put_count(FILE *out, const char *before, int64_t count)
{
    fprintf(out, "%s%" PRId64, before, count);
}

static void put_flag(FILE *out, const char *before, bool flag)
{
    fprintf(out, "%s%s", before, flag ? "true" : "false");
}

static void put_run(FILE *out, const struct tm_report *report)
{
    char started_at[TM_TIME_SIZE];
    tm_time_format(report->run->started_at, started_at);
    put_text(out, "  \"run\": {\"key\": ", report->run->key);
    put_text(out, ", \"started_at\": ", started_at);
    put_text(out, ", \"project\": ", report->project);
    put_text(out, ", \"branch\": ", report->branch);
    put_text(out, ", \"host\": ", report->host);
    put_text(out, ", \"commit\": ", report->run->commit);
    put_text(out, ", \"version\": ", report->version);
    fputs("},\n", out);
}

static void put_counts(FILE *out, const struct tm_tally *tally)
{
    put_count(out, "  \"counts\": {\"plugins\": ", tally->plugins);
    put_count(out, ", \"judged\": ", tally->judged);
    put_count(out, ", \"not_judged\": ", tally->plugins - tally->judged);
    put_count(out, ", \"passed\": ", tally->passed);
    put_count(out, ", \"regressed\": ", tally->of[TM_REGRESSED]);
    put_count(out, ", \"open\": ", tally->of[TM_OPEN]);
    put_count(out, ", \"missing\": ", tally->of[TM_MISSING]);
    put_count(out, ", \"suspect\": ", tally->of[TM_SUSPECT]);
    put_count(out, ", \"waived\": ", tally->of[TM_WAIVED]);
    put_count(out, ", \"retired\": ", tally->of[TM_RETIRED]);
    put_count(out, ", \"improved\": ", tally->of[TM_IMPROVED]);
    put_count(out, ", \"held\": ", tally->held);
    put_count(out, ", \"comparable_runs\": ", tally->comparable);
    fputs("},\n", out);
}

/* An array with a text per line; frees nothing, but takes the lines apart. */
static void put_lines(FILE *out, const char *before, char *lines)
{
    char *rest = NULL;
    const char *comma = "";
    fprintf(out, "%s[", before);
    for (char *line = lines ? strtok_r(lines, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        put_text(out, comma, line);
        comma = ", ";
    }
    putc(']', out);
}

static void put_conclusion(FILE *out, const struct tm_tally *tally)
{
    char *remarks = tm_run_remarks(tally), *words = tm_tally_words(tally);
    put_flag(out, "  \"run_wide\": {\"regressed\": ", tally->run_wide);
    put_number(out, ", \"factor\": ", tally->factor);
    put_number(out, ", \"share_of_plugins\": ", tally->factor_share);
    put_lines(out, "},\n  \"remarks\": ", remarks);
    put_text(out, ",\n  \"summary\": ", words);
    fputs(",\n", out);
    free(remarks);
    free(words);
}

static void put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = v->metric < 0 ? NULL : &report->metrics[v->metric];
    bool amount = metric && (metric->kind == TM_METRIC_GROWTH || metric->kind == TM_METRIC_ERRORS);
    put_number(out, ",\n     \"value\": ", v->value);
    put_number(out, ", \"corrected\": ", v->corrected);
    put_number(out, ", \"level\": ", tm_report_level(report, v));
    put_number(out, ", \"baseline\": ", v->baseline);
    put_number(out, ", \"change\": ", tm_change(report, v));
    put_number(out, ", \"effect\": ", v->effect);
    put_text(out, ", \"effect_is\": ", !metric || isnan(v->effect) ? NULL : amount ? "amount" : "share");
    put_number(out, ", \"evidence\": ", v->evidence);
    put_number(out, ", \"needed\": ", v->needed);
    put_count(out, ", \"runs\": ", v->runs);
    put_count(out, ", \"baseline_runs\": ", v->baseline_runs);
    put_number(out, ",\n     \"z_history\": ", v->z_history);
    put_number(out, ", \"pct_history\": ", v->pct_history);
    put_number(out, ", \"z_population\": ", v->z_population);
    put_number(out, ", \"pct_population\": ", v->pct_population);
}

static void put_words(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    char *words = tm_verdict_words(report, v), *sentence = tm_verdict_sentence(report, v);
    put_text(out, ",\n     \"words\": ", words);
    put_text(out, ",\n     \"sentence\": ", sentence);
    free(words);
    free(sentence);
}

static void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    put_text(out, "\n    {\"plugin\": ", tm_told_name(report, v));
    put_text(out, ", \"class\": ", tm_class_name(v->class));
    put_flag(out, ", \"leads\": ", v->leads);
    put_flag(out, ", \"fails\": ", tm_verdict_fails(report, v));
    put_text(out, ", \"metric\": ", v->metric < 0 ? NULL : report->metrics[v->metric].name);
    put_text(out, ", \"unit\": ", v->metric < 0 ? NULL : report->metrics[v->metric].unit);
    put_text(out, ", \"kind\": ", v->kind);
    put_numbers(out, report, v);
    put_text(out, ",\n     \"since\": ", v->since);
    put_text(out, ", \"since_commit\": ", v->since_commit);
    put_text(out, ", \"last_good\": ", v->last_good);
    put_text(out, ", \"good_commit\": ", v->good_commit);
    put_text(out, ", \"signal\": ", v->signal);
    put_text(out, ", \"why\": ", v->why);
    if (v->decision)
        put_count(out, ", \"decision\": ", v->decision);
    else
        put_text(out, ", \"decision\": ", NULL);
    put_words(out, report, v);
    putc('}', out);
}

static void put_plugins(FILE *out, const struct tm_report *report)
{
    const char *comma = "";
    fputs("  \"plugins\": [", out);
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        if (!tm_told_of(plugin))
            continue;
        fputs(comma, out);
        put_text(out, "\n    {\"name\": ", plugin->name);
        put_text(out, ", \"class\": ", tm_class_name(plugin->class));
        put_flag(out, ", \"present\": ", plugin->present);
        putc('}', out);
        comma = ",";
    }
    fputs("]\n", out);
}

void tm_write_json(FILE *out, const struct tm_report *report)
{
    put_text(out, "{\n  \"format\": ", "tidemark.gate/1");
    put_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    put_text(out, ",\n  \"outcome\": ", report->outcome);
    put_count(out, ",\n  \"exit_code\": ", report->exit_code);
    put_flag(out, ",\n  \"strict\": ", report->strict);
    fputs(",\n", out);
    put_run(out, report);
    put_counts(out, &report->tally);
    put_conclusion(out, &report->tally);
    fputs("  \"verdicts\": [", out);
    for (size_t i = 0; i < report->n_verdicts; i++) {
        fputs(i ? "," : "", out);
        put_verdict(out, report, report->by_weight[i]);
    }
    fputs("],\n", out);
    put_plugins(out, report);
    fputs("}\n", out);
}
