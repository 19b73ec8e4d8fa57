/* Findings as one document for programs; docs/findings.schema.json describes it. Of a verdict it has the fields that
 * verdict_fields.c puts there. */
#include "report/findings/findings.h"
#include "report/json_members.h"
#include "report/notes.h"
#include "report/verdict_fields.h"
#include "report/words.h"
#include "schema/tidemark.h"

static void put_finding(FILE *out, const struct tm_report *report, const struct tm_finding *finding, size_t rank)
{
    tm_json_count(out, "\n    {\"rank\": ", (int64_t)rank);
    tm_json_text(out, ", \"title\": ", finding->title);
    tm_json_text(out, ",\n     \"where\": ", finding->where);
    tm_put_fields_json(out, TM_FIELDS_FINDING_JSON, report, finding->verdict, ",\n     ", ",\n     ");
    tm_json_text(out, ",\n     \"evidence\": {\"text\": ", finding->evidence);
    tm_put_fields_json(out, TM_FIELDS_FINDING_EVIDENCE, report, finding->verdict, ",\n       ", ",\n       ");
    tm_json_number(out, ", \"share_of_run\": ", finding->share);
    putc('}', out);
    tm_json_text(out, ",\n     \"cause\": ", finding->cause);
    tm_json_text(out, ", \"diagnosis\": ", finding->diagnosis);
    tm_json_text(out, ",\n     \"next_step\": ", finding->next_step);
    tm_json_text(out, ", \"command\": ", finding->command);
    tm_json_text(out, ",\n     \"improve\": ", finding->improve);
    tm_json_text(out, ", \"goal\": ", finding->goal);
    putc('}', out);
}

int tm_findings_json(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    int result = 0;
    tm_json_text(out, "{\n  \"format\": ", "tidemark.findings/1");
    tm_json_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    tm_json_text(out, ",\n  \"outcome\": ", report->outcome);
    fputs(",\n", out);
    tm_json_run(out, report);
    result |= tm_json_lines(out, "  \"remarks\": ", tm_run_remarks(report));
    result |= tm_json_owned(out, ",\n  \"summary\": ", tm_tally_words(&report->tally));
    fputs(",\n  \"findings\": [", out);
    for (size_t i = 0; i < findings->n; i++) {
        fputs(i ? "," : "", out);
        put_finding(out, report, &findings->list[i], i + 1);
    }
    tm_json_count(out, "],\n  \"left_out\": ", (int64_t)findings->left_out);
    fputs(",\n  \"gaps\": [", out);
    for (size_t i = 0; i < findings->n_gaps; i++)
        tm_json_text(out, i ? ",\n    " : "\n    ", findings->gaps[i]);
    result |= tm_json_notes(out, "],\n  \"notes\": ", report);
    fputs("\n}\n", out);
    return result;
}
