/* Findings as one document for programs; docs/findings.schema.json describes it. */
#include <stdlib.h>

#include "report/findings/findings.h"
#include "report/json_members.h"
#include "report/verdict_fields.h"
#include "report/words.h"
#include "schema/tidemark.h"

static void put_where(FILE *out, const struct tm_report *report, const struct tm_finding *finding)
{
    const struct tm_report_verdict *v = finding->verdict;
    const struct tm_report_metric *metric = v->metric < 0 ? NULL : &report->metrics[v->metric];
    tm_json_text(out, ",\n     \"plugin\": ", tm_verdict_subject(report, v));
    tm_json_text(out, ", \"metric\": ", metric ? metric->name : NULL);
    tm_json_text(out, ", \"unit\": ", metric ? metric->unit : NULL);
    tm_json_text(out, ", \"class\": ", tm_class_name(v->class));
    tm_json_text(out, ", \"kind\": ", v->kind);
    tm_json_since(out, v);
}

static void put_evidence(FILE *out, const struct tm_report *report, const struct tm_finding *finding)
{
    const struct tm_report_verdict *v = finding->verdict;
    tm_json_text(out, ",\n     \"evidence\": {\"text\": ", finding->evidence);
    tm_json_number(out, ",\n       \"value\": ", v->value);
    tm_json_number(out, ", \"corrected\": ", v->corrected);
    tm_json_number(out, ", \"level\": ", tm_report_level(report, v));
    tm_json_number(out, ", \"baseline\": ", v->baseline);
    tm_json_number(out, ", \"evidence\": ", v->evidence);
    tm_json_number(out, ", \"needed\": ", v->needed);
    tm_json_standing(out, ",\n       ", v);
    tm_json_number(out, ", \"share_of_run\": ", finding->share);
    putc('}', out);
}

static void put_finding(FILE *out, const struct tm_report *report, const struct tm_finding *finding, size_t rank)
{
    tm_json_count(out, "\n    {\"rank\": ", (int64_t)rank);
    tm_json_text(out, ", \"title\": ", finding->title);
    tm_json_text(out, ",\n     \"where\": ", finding->where);
    put_where(out, report, finding);
    put_evidence(out, report, finding);
    tm_json_text(out, ",\n     \"cause\": ", finding->cause);
    tm_json_text(out, ", \"diagnosis\": ", finding->diagnosis);
    tm_json_text(out, ",\n     \"next_step\": ", finding->next_step);
    tm_json_text(out, ", \"command\": ", finding->command);
    tm_json_text(out, ",\n     \"improve\": ", finding->improve);
    tm_json_text(out, ", \"goal\": ", finding->goal);
    putc('}', out);
}

static void put_gaps(FILE *out, const struct tm_findings *findings)
{
    fputs("  \"gaps\": [", out);
    for (size_t i = 0; i < findings->n_gaps; i++)
        tm_json_text(out, i ? ",\n    " : "\n    ", findings->gaps[i]);
    fputs("]\n", out);
}

void tm_findings_json(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    char *remarks = tm_run_remarks(&report->tally), *summary = tm_tally_words(&report->tally);
    tm_json_text(out, "{\n  \"format\": ", "tidemark.findings/1");
    tm_json_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    tm_json_text(out, ",\n  \"outcome\": ", report->outcome);
    fputs(",\n", out);
    tm_json_run(out, report);
    tm_json_lines(out, "  \"remarks\": ", remarks);
    tm_json_text(out, ",\n  \"summary\": ", summary);
    fputs(",\n  \"findings\": [", out);
    for (size_t i = 0; i < findings->n; i++) {
        fputs(i ? "," : "", out);
        put_finding(out, report, &findings->list[i], i + 1);
    }
    tm_json_count(out, "],\n  \"left_out\": ", (int64_t)findings->left_out);
    fputs(",\n", out);
    put_gaps(out, findings);
    fputs("}\n", out);
    free(remarks);
    free(summary);
}
