#include "report/json_members.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/timestamp.h"

void tm_json_text(FILE *out, const char *before, const char *text)
{
    fputs(before, out);
    if (text)
        tm_put_json(out, text);
    else
        fputs("null", out);
}

void tm_json_number(FILE *out, const char *before, double value)
{
    fputs(before, out);
    tm_put_number(out, value);
}

void tm_json_count(FILE *out, const char *before, int64_t count)
{
    fprintf(out, "%s%" PRId64, before, count);
}

void tm_json_flag(FILE *out, const char *before, bool flag)
{
    fprintf(out, "%s%s", before, flag ? "true" : "false");
}

void tm_json_lines(FILE *out, const char *before, char *lines)
{
    char *rest = NULL;
    const char *comma = "";
    fprintf(out, "%s[", before);
    for (char *line = lines ? strtok_r(lines, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        tm_json_text(out, comma, line);
        comma = ", ";
    }
    putc(']', out);
}

void tm_json_run(FILE *out, const struct tm_report *report)
{
    char started_at[TM_TIME_SIZE];
    tm_time_format(report->run->started_at, started_at);
    tm_json_text(out, "  \"run\": {\"key\": ", report->run->key);
    tm_json_text(out, ", \"started_at\": ", started_at);
    tm_json_text(out, ", \"project\": ", report->project);
    tm_json_text(out, ", \"branch\": ", report->branch);
    tm_json_text(out, ", \"host\": ", report->host);
    tm_json_text(out, ", \"commit\": ", report->run->commit);
    tm_json_text(out, ", \"version\": ", report->version);
    fputs("},\n", out);
}

void tm_json_since(FILE *out, const struct tm_report_verdict *verdict)
{
    tm_json_text(out, ",\n     \"since\": ", verdict->since);
    tm_json_text(out, ", \"since_commit\": ", verdict->since_commit);
    tm_json_text(out, ", \"last_good\": ", verdict->last_good);
    tm_json_text(out, ", \"good_commit\": ", verdict->good_commit);
}

void tm_json_standing(FILE *out, const char *before, const struct tm_report_verdict *verdict)
{
    fputs(before, out);
    tm_json_number(out, "\"z_history\": ", verdict->z_history);
    tm_json_number(out, ", \"pct_history\": ", verdict->pct_history);
    tm_json_number(out, ", \"z_population\": ", verdict->z_population);
    tm_json_number(out, ", \"pct_population\": ", verdict->pct_population);
}
