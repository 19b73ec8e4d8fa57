/* The verdict as one document for programs; docs/gate.schema.json describes it. */
#include <math.h>
#include <stdlib.h>

#include "report/forms/forms.h"
#include "report/json_members.h"
#include "report/verdict_fields.h"
#include "report/words.h"
#include "schema/tidemark.h"

static void put_counts(FILE *out, const struct tm_tally *tally)
{
    tm_json_count(out, "  \"counts\": {\"plugins\": ", tally->plugins);
    tm_json_count(out, ", \"judged\": ", tally->judged);
    tm_json_count(out, ", \"not_judged\": ", tally->plugins - tally->judged);
    tm_json_count(out, ", \"passed\": ", tally->passed);
    tm_json_count(out, ", \"regressed\": ", tally->of[TM_REGRESSED]);
    tm_json_count(out, ", \"open\": ", tally->of[TM_OPEN]);
    tm_json_count(out, ", \"missing\": ", tally->of[TM_MISSING]);
    tm_json_count(out, ", \"suspect\": ", tally->of[TM_SUSPECT]);
    tm_json_count(out, ", \"waived\": ", tally->of[TM_WAIVED]);
    tm_json_count(out, ", \"retired\": ", tally->of[TM_RETIRED]);
    tm_json_count(out, ", \"improved\": ", tally->of[TM_IMPROVED]);
    tm_json_count(out, ", \"held\": ", tally->held);
    tm_json_count(out, ", \"comparable_runs\": ", tally->comparable);
    fputs("},\n", out);
}

static void put_conclusion(FILE *out, const struct tm_tally *tally)
{
    char *remarks = tm_run_remarks(tally), *words = tm_tally_words(tally);
    tm_json_flag(out, "  \"run_wide\": {\"regressed\": ", tally->run_wide);
    tm_json_number(out, ", \"factor\": ", tally->factor);
    tm_json_number(out, ", \"share_of_plugins\": ", tally->factor_share);
    tm_json_lines(out, "},\n  \"remarks\": ", remarks);
    tm_json_text(out, ",\n  \"summary\": ", words);
    fputs(",\n", out);
    free(remarks);
    free(words);
}

static void put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = v->metric < 0 ? NULL : &report->metrics[v->metric];
    bool amount = metric && (metric->kind == TM_METRIC_GROWTH || metric->kind == TM_METRIC_ERRORS);
    tm_json_number(out, ",\n     \"value\": ", v->value);
    tm_json_number(out, ", \"corrected\": ", v->corrected);
    tm_json_number(out, ", \"level\": ", tm_report_level(report, v));
    tm_json_number(out, ", \"baseline\": ", v->baseline);
    tm_json_number(out, ", \"change\": ", tm_verdict_change(report, v));
    tm_json_number(out, ", \"effect\": ", v->effect);
    tm_json_text(out, ", \"effect_is\": ", !metric || isnan(v->effect) ? NULL : amount ? "amount" : "share");
    tm_json_number(out, ", \"evidence\": ", v->evidence);
    tm_json_number(out, ", \"needed\": ", v->needed);
    tm_json_count(out, ", \"runs\": ", v->runs);
    tm_json_count(out, ", \"baseline_runs\": ", v->baseline_runs);
    tm_json_standing(out, ",\n     ", v);
}

static void put_words(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    char *words = tm_verdict_words(report, v), *sentence = tm_verdict_sentence(report, v);
    tm_json_text(out, ",\n     \"words\": ", words);
    tm_json_text(out, ",\n     \"sentence\": ", sentence);
    free(words);
    free(sentence);
}

static void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    tm_json_text(out, "\n    {\"plugin\": ", tm_verdict_subject(report, v));
    tm_json_text(out, ", \"class\": ", tm_class_name(v->class));
    tm_json_flag(out, ", \"leads\": ", v->leads);
    tm_json_flag(out, ", \"fails\": ", tm_verdict_fails(report, v));
    tm_json_text(out, ", \"metric\": ", v->metric < 0 ? NULL : report->metrics[v->metric].name);
    tm_json_text(out, ", \"unit\": ", v->metric < 0 ? NULL : report->metrics[v->metric].unit);
    tm_json_text(out, ", \"kind\": ", v->kind);
    put_numbers(out, report, v);
    tm_json_since(out, v);
    tm_json_text(out, ", \"signal\": ", v->signal);
    tm_json_text(out, ", \"why\": ", v->why);
    if (v->decision)
        tm_json_count(out, ", \"decision\": ", v->decision);
    else
        tm_json_text(out, ", \"decision\": ", NULL);
    put_words(out, report, v);
    putc('}', out);
}

static void put_plugins(FILE *out, const struct tm_report *report)
{
    const char *comma = "";
    fputs("  \"plugins\": [", out);
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        if (!tm_plugin_is_shown(plugin))
            continue;
        fputs(comma, out);
        tm_json_text(out, "\n    {\"name\": ", plugin->name);
        tm_json_text(out, ", \"class\": ", tm_class_name(plugin->class));
        tm_json_flag(out, ", \"present\": ", plugin->present);
        putc('}', out);
        comma = ",";
    }
    fputs("]\n", out);
}

void tm_write_json(FILE *out, const struct tm_report *report)
{
    tm_json_text(out, "{\n  \"format\": ", "tidemark.gate/1");
    tm_json_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    tm_json_text(out, ",\n  \"outcome\": ", report->outcome);
    tm_json_count(out, ",\n  \"exit_code\": ", report->exit_code);
    tm_json_flag(out, ",\n  \"strict\": ", report->strict);
    fputs(",\n", out);
    tm_json_run(out, report);
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
