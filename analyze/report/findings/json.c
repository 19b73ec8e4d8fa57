/* Findings as one document for programs; docs/findings.schema.json describes it. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/report/findings/findings.h"
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

static void put_where(FILE *out, const struct tm_report *report, const struct tm_finding *finding)
{
    const struct tm_report_verdict *v = finding->verdict;
    const struct tm_report_metric *metric = v->metric < 0 ? NULL : &report->metrics[v->metric];
    put_text(out, ",\n     \"plugin\": ", tm_told_name(report, v));
    put_text(out, ", \"metric\": ", metric ? metric->name : NULL);
    put_text(out, ", \"unit\": ", metric ? metric->unit : NULL);
    put_text(out, ", \"class\": ", tm_class_name(v->class));
    put_text(out, ", \"kind\": ", v->kind);
    put_text(out, ",\n     \"since\": ", v->since);
    put_text(out, ", \"since_commit\": ", v->since_commit);
    put_text(out, ", \"last_good\": ", v->last_good);
    put_text(out, ", \"good_commit\": ", v->good_commit);
}

static void put_evidence(FILE *out, const struct tm_report *report, const struct tm_finding *finding)
{
    const struct tm_report_verdict *v = finding->verdict;
    put_text(out, ",\n     \"evidence\": {\"text\": ", finding->evidence);
    put_number(out, ",\n       \"value\": ", v->value);
    put_number(out, ", \"corrected\": ", v->corrected);
    put_number(out, ", \"level\": ", tm_report_level(report, v));
    put_number(out, ", \"baseline\": ", v->baseline);
    put_number(out, ", \"evidence\": ", v->evidence);
    put_number(out, ", \"needed\": ", v->needed);
    put_number(out, ",\n       \"z_history\": ", v->z_history);
    put_number(out, ", \"pct_history\": ", v->pct_history);
    put_number(out, ", \"z_population\": ", v->z_population);
    put_number(out, ", \"pct_population\": ", v->pct_population);
    put_number(out, ", \"share_of_run\": ", finding->share);
    putc('}', out);
}

static void put_finding(FILE *out, const struct tm_report *report, const struct tm_finding *finding, size_t rank)
{
    put_count(out, "\n    {\"rank\": ", (int64_t)rank);
    put_text(out, ", \"title\": ", finding->title);
    put_text(out, ",\n     \"where\": ", finding->where);
    put_where(out, report, finding);
    put_evidence(out, report, finding);
    put_text(out, ",\n     \"cause\": ", finding->cause);
    put_text(out, ", \"diagnosis\": ", finding->diagnosis);
    put_text(out, ",\n     \"next_step\": ", finding->next_step);
    put_text(out, ", \"command\": ", finding->command);
    put_text(out, ",\n     \"improve\": ", finding->improve);
    put_text(out, ", \"goal\": ", finding->goal);
    putc('}', out);
}

/* A text per line; takes the lines apart. */
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

static void put_gaps(FILE *out, const struct tm_findings *findings)
{
    fputs("  \"gaps\": [", out);
    for (size_t i = 0; i < findings->n_gaps; i++)
        put_text(out, i ? ",\n    " : "\n    ", findings->gaps[i]);
    fputs("]\n", out);
}

void tm_findings_json(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    char *remarks = tm_run_remarks(&report->tally), *summary = tm_tally_words(&report->tally);
    put_text(out, "{\n  \"format\": ", "tidemark.findings/1");
    put_text(out, ",\n  \"tidemark\": ", TM_VERSION);
    put_text(out, ",\n  \"outcome\": ", report->outcome);
    fputs(",\n", out);
    put_run(out, report);
    put_lines(out, "  \"remarks\": ", remarks);
    put_text(out, ",\n  \"summary\": ", summary);
    fputs(",\n  \"findings\": [", out);
    for (size_t i = 0; i < findings->n; i++) {
        fputs(i ? "," : "", out);
        put_finding(out, report, &findings->list[i], i + 1);
    }
    put_count(out, "],\n  \"left_out\": ", (int64_t)findings->left_out);
    fputs(",\n", out);
    put_gaps(out, findings);
    fputs("}\n", out);
    free(remarks);
    free(summary);
}
