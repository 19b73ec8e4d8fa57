/* The verdict as one document for programs; docs/gate.schema.json describes it. What a verdict consists of is in verdict_fields.c.
 */
#include <math.h>

#include "report/forms/forms.h"
#include "report/json_members.h"
#include "report/notes.h"
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
    tm_json_count(out, ", \"over_limit\": ", tally->of[TM_OVER_LIMIT]);
    tm_json_count(out, ", \"suspect\": ", tally->of[TM_SUSPECT]);
    tm_json_count(out, ", \"waived\": ", tally->of[TM_WAIVED]);
    tm_json_count(out, ", \"retired\": ", tally->of[TM_RETIRED]);
    tm_json_count(out, ", \"improved\": ", tally->of[TM_IMPROVED]);
    tm_json_count(out, ", \"held\": ", tally->held);
    tm_json_count(out, ", \"comparable_runs\": ", tally->comparable);
    fputs("},\n", out);
}

static void put_factors(FILE *out, const struct tm_report *report)
{
    fputs(", \"factors\": [", out);
    for (size_t i = 0; i < report->n_factors; i++) {
        fputs(i > 0 ? ", {\"metric\": " : "{\"metric\": ", out);
        tm_put_json(out, report->metrics[report->factors[i].metric].name);
        tm_json_number(out, ", \"factor\": ", report->factors[i].factor);
        tm_json_number(out, ", \"share_of_plugins\": ", report->factors[i].share);
        putc('}', out);
    }
    putc(']', out);
}

static int put_conclusion(FILE *out, const struct tm_report *report)
{
    const struct tm_tally *tally = &report->tally;
    int result = 0;
    tm_json_flag(out, "  \"run_wide\": {\"regressed\": ", tally->run_wide);
    tm_json_number(out, ", \"factor\": ", tally->factor);
    tm_json_number(out, ", \"share_of_plugins\": ", tally->factor_share);
    put_factors(out, report);
    result |= tm_json_lines(out, "},\n  \"remarks\": ", tm_run_remarks(report));
    result |= tm_json_owned(out, ",\n  \"summary\": ", tm_tally_words(tally));
    fputs(",\n", out);
    return result;
}

/* A rise up to `value`; null where there is none that would be told. */
static void put_rise(FILE *out, const char *before, const struct tm_reach *reach, double value, int nights)
{
    double amount = value - reach->level;
    fputs(before, out);
    if (isnan(value)) {
        fputs("null", out);
        return;
    }
    tm_json_count(out, "{\"nights\": ", nights);
    tm_json_number(out, ", \"value\": ", value);
    tm_json_number(out, ", \"amount\": ", amount);
    tm_json_number(out, ", \"change\": ", fabs(reach->level) > 0 ? amount / fabs(reach->level) : NAN);
    putc('}', out);
}

static int put_reach(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    fputs(",\n     \"reach\": ", out);
    if (isnan(v->reach.level)) {
        fputs("null", out);
        return 0;
    }
    tm_json_number(out, "{\"level\": ", v->reach.level);
    put_rise(out, ", \"least\": ", &v->reach, v->reach.least, v->reach.nights);
    put_rise(out, ", \"second_night\": ", &v->reach, v->reach.second, TM_REACH_SECOND);
    int result = tm_json_owned(out, ",\n               \"words\": ", tm_verdict_reach(report, v));
    putc('}', out);
    return result;
}

static int put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    int result = 0;
    tm_put_fields_json(out, TM_FIELDS_GATE_JSON, report, v, "\n    {", ",\n     ");
    result |= tm_json_owned(out, ",\n     \"words\": ", tm_verdict_words(report, v));
    result |= tm_json_owned(out, ",\n     \"sentence\": ", tm_verdict_sentence(report, v));
    result |= put_reach(out, report, v);
    putc('}', out);
    return result;
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
        tm_json_text(out, ", \"why\": ", tm_report_why_unjudged(report, plugin));
        putc('}', out);
        comma = ",";
    }
    fputs("]\n", out);
}

int tm_write_json(FILE *out, const struct tm_report *report)
{
    tm_json_text(out, "{\n  \"format\": ", "tidemark.gate/1");
    tm_json_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    tm_json_text(out, ",\n  \"outcome\": ", report->outcome);
    tm_json_count(out, ",\n  \"exit_code\": ", report->exit_code);
    tm_json_flag(out, ",\n  \"strict\": ", report->strict);
    fputs(",\n", out);
    tm_json_run(out, report);
    put_counts(out, &report->tally);
    int result = put_conclusion(out, report);
    fputs("  \"verdicts\": [", out);
    for (size_t i = 0; i < report->n_verdicts && result == 0; i++) {
        fputs(i ? "," : "", out);
        result = put_verdict(out, report, report->by_weight[i]);
    }
    result |= tm_json_notes(out, "],\n  \"notes\": ", report);
    fputs(",\n", out);
    put_plugins(out, report);
    fputs("}\n", out);
    return result;
}
