/* JUnit's XML, in the part that both schemas in use allow (tests/data/junit.xsd says which): a test case per plugin and metric.
 * What fails the comparison fails the test; what could not be told is skipped. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/timestamp.h"
#include "report/compare/compare.h"
#include "report/words.h"

static const double LONGEST = 1e9; /* seconds: readers know decimals of 24 digits at the most */

/* Without --fail-above, whatever is worse fails the test, if not the command. */
static bool fails(const struct tm_comparison *c, const struct tm_compared *row)
{
    return row->fails || (isnan(c->fail_above) && row->class == TM_CHANGE_WORSE);
}

static bool is_skipped(const struct tm_compared *row)
{
    return row->class == TM_CHANGE_UNKNOWN;
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    tm_put_xml(out, value);
    putc('"', out);
}

/* "147.7 ms, then 208.6 ms: +41.3 % (+32.2 % to +51.0 %), p 0.0001, history of 24 runs" as an attribute. 0, or -1: no memory. */
static int put_message(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    tm_compare_put_sentence(builder.out, c, row);
    fputs(" message=\"", out);
    int result = tm_put_owned(out, tm_put_xml, tm_built(&builder));
    putc('"', out);
    return result;
}

/* The time of a case is the wall time of B, where that is what is compared. */
static double seconds_of(const struct tm_comparison *c, const struct tm_compared *row)
{
    static const double MS = 1e-3;
    double value = row->value[TM_COMPARE_B];
    return strcmp(c->metrics[row->metric].rule.name, "wall_per_call_ms") == 0 && value > 0 ? fmin(value * MS, LONGEST) : 0;
}

static int put_case(FILE *out, const struct tm_comparison *c, const struct tm_compared *row)
{
    int result = 0;
    fputs("    <testcase", out);
    put_attribute(out, "name", c->metrics[row->metric].rule.name);
    put_attribute(out, "classname", row->name);
    fprintf(out, " time=\"%.6f\"", seconds_of(c, row));
    if (!fails(c, row) && !is_skipped(row)) {
        fputs("/>\n", out);
        return 0;
    }
    fputs(fails(c, row) ? ">\n      <failure" : ">\n      <skipped", out);
    result = put_message(out, c, row);
    if (fails(c, row)) {
        put_attribute(out, "type", tm_change_class_name(row->class));
        fputs("></failure>\n    </testcase>\n", out);
    } else {
        fputs("/>\n    </testcase>\n", out);
    }
    return result;
}

/* The text form, as the suite's output: what changed for the better, and what it all comes to. */
static int put_system_out(FILE *out, const struct tm_comparison *c)
{
    struct tm_builder builder;
    char *text, *rest = NULL;
    int result = tm_build(&builder) ? tm_comparison_text(builder.out, c) : -1;
    if (!(text = tm_built(&builder)))
        result = -1;
    fputs("    <system-out>", out);
    for (char *line = text ? strtok_r(text, "\n", &rest) : NULL; line; line = strtok_r(NULL, "\n", &rest)) {
        tm_put_xml(out, line);
        putc('\n', out);
    }
    fputs("</system-out>\n", out);
    free(text);
    return result;
}

/* Both schemas demand a host and a time without a zone: those of B. */
static void open_suite(FILE *out, const struct tm_comparison *c)
{
    const char *host = c->sides[TM_COMPARE_B].host;
    char at[TM_TIME_SIZE];
    size_t failures = 0;
    double seconds = 0;
    for (size_t i = 0; i < c->n_rows; i++) {
        failures += fails(c, &c->rows[i]);
        seconds += seconds_of(c, &c->rows[i]);
    }
    tm_time_format(c->sides[TM_COMPARE_B].started_at, at);
    at[strlen(at) - 1] = '\0'; /* without a zone */
    fputs("  <testsuite name=\"tidemark compare\" package=\"tidemark\" id=\"0\"", out);
    put_attribute(out, "timestamp", at);
    put_attribute(out, "hostname", host && host[strspn(host, " ")] ? host : "localhost");
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"%zu\" time=\"%.3f\">\n    <properties>\n", c->n_rows,
            failures, c->of[TM_CHANGE_UNKNOWN], fmin(seconds, LONGEST));
}

static void put_property(FILE *out, const char *name, const char *value)
{
    fputs("      <property", out);
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    fputs("/>\n", out);
}

int tm_comparison_junit(FILE *out, const struct tm_comparison *c)
{
    int result = 0;
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    open_suite(out, c);
    put_property(out, "a", c->sides[TM_COMPARE_A].name);
    put_property(out, "b", c->sides[TM_COMPARE_B].name);
    fputs("    </properties>\n", out);
    for (size_t i = 0; i < c->n_rows && result == 0; i++)
        result = put_case(out, c, &c->rows[i]);
    result |= put_system_out(out, c);
    fputs("    <system-err></system-err>\n  </testsuite>\n</testsuites>\n", out);
    return result;
}
