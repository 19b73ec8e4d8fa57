/* How the documents for programs write their values: what is not there is null, never 0 or an
 * empty text. `before` is all that stands in front of a value, the member's name with it; so a
 * document reads here as it is written. */
#include "report/json_members.h"

#include <inttypes.h>
#include <stdlib.h>
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

/* Frees the text; NULL is want of memory, written as null and told as -1. */
int tm_json_owned(FILE *out, const char *before, char *text)
{
    int result = text ? 0 : -1;
    tm_json_text(out, before, text);
    free(text);
    return result;
}

/* A text of lines as an array, a string a line; frees it as tm_json_owned() does. */
int tm_json_lines(FILE *out, const char *before, char *text)
{
    char *rest = NULL;
    const char *comma = "";
    int result = text ? 0 : -1;
    fprintf(out, "%s[", before);
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        tm_json_text(out, comma, line);
        comma = ", ";
    }
    putc(']', out);
    free(text);
    return result;
}

/* Both documents have the same one. */
void tm_json_run(FILE *out, const struct tm_report *report)
{
    char started_at[TM_TIME_SIZE];
    tm_time_format(report->run->started_at, started_at);
    tm_json_text(out, "  \"run\": {\"key\": ", report->run->key);
    tm_json_text(out, ", \"started_at\": ", started_at);
    tm_json_text(out, ", \"project\": ", report->project);
    tm_json_text(out, ", \"branch\": ", report->branch);
    tm_json_text(out, ", \"base\": ", report->base);
    tm_json_text(out, ", \"host\": ", report->host);
    tm_json_text(out, ", \"commit\": ", report->run->commit);
    tm_json_text(out, ", \"version\": ", report->version);
    fputs("},\n", out);
}
