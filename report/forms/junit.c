/* JUnit's XML, in the part that both schemas in use allow (tests/data/junit.xsd says which): a test case per plugin, and one named
 * "*" where something is said of the whole run. */
#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/timestamp.h"
#include "report/forms/forms.h"
#include "report/verdict_fields.h"
#include "report/words.h"
#include "schema/tidemark.h"

static const double LONGEST = 1e9; /* seconds: readers know decimals of 24 digits at the most */

enum fate { PASSES, FAILS, SKIPPED };

struct suite {
    FILE *out;
    const struct tm_report *report;
    char *classname;
    const struct tm_report_verdict *whole; /* what is said of the whole run; NULL: nothing */
    int tests, of[SKIPPED + 1];
    double seconds;
};

/* What fails the gate fails the test; what nobody judged, or somebody tolerates, is skipped. */
static enum fate fate_of(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    enum tm_class class = plugin->class;
    if (plugin->leader && tm_verdict_fails(report, plugin->leader))
        return FAILS;
    return class == TM_NOT_JUDGED || class == TM_WAIVED || class == TM_RETIRED ? SKIPPED : PASSES;
}

/* Wall time per call; 0: not known. */
static double seconds_of(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    int wall = tm_report_metric(report, "wall_per_call_ms");
    double ms = tm_report_value(report, plugin, wall, report->n_runs - 1);
    for (size_t i = 0; i < plugin->n_verdicts && isnan(ms); i++)
        if (report->verdicts[plugin->first_verdict + i].metric == wall)
            ms = report->verdicts[plugin->first_verdict + i].value;
    return ms > 0 ? fmin(ms / 1000, LONGEST) : 0;
}

/* Fills in what the head of the suite says of its cases. */
static void count_cases(struct suite *suite)
{
    const struct tm_report *report = suite->report;
    for (size_t i = 0; i < report->n_ranked && !suite->whole; i++)
        if (report->ranked[i]->plugin == TM_WHOLE_RUN)
            suite->whole = report->ranked[i];
    suite->tests = suite->of[FAILS] = suite->whole || report->tally.plugins == 0 || tm_fails_as_slow(report);
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        if (!tm_plugin_is_shown(plugin))
            continue;
        suite->tests++;
        suite->of[fate_of(report, plugin)]++;
        suite->seconds += seconds_of(report, plugin);
    }
    suite->seconds = fmin(suite->seconds, LONGEST);
}

/* A dot would be taken for a package. */
static void put_undotted(FILE *out, const char *text)
{
    for (; text && *text; text++)
        putc(*text == '.' ? '_' : *text, out);
}

/* PROJECT.BRANCH: readers split it at its last dot into package and class. NULL: no memory. */
static char *make_classname(const struct tm_report *report)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    put_undotted(out, report->project);
    putc('.', out);
    put_undotted(out, report->branch);
    return tm_built(&builder);
}

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    tm_put_xml(out, value ? value : "");
    putc('"', out);
}

static void put_property(FILE *out, const char *name, const char *value)
{
    if (!value)
        return;
    fputs("      <property", out);
    put_attribute(out, "name", name);
    put_attribute(out, "value", value);
    fputs("/>\n", out);
}

/* What the run was: readers show these beside the suite. */
static void put_properties(FILE *out, const struct tm_report *report)
{
    fputs("    <properties>\n", out);
    put_property(out, "run", report->run->key);
    put_property(out, "commit", report->run->commit);
    put_property(out, "version", report->version);
    put_property(out, "project", report->project);
    put_property(out, "branch", report->branch);
    put_property(out, "host", report->host);
    put_property(out, "outcome", report->outcome);
    put_property(out, "tidemark", TM_VERSION);
    fputs("    </properties>\n", out);
}

/* message="SENTENCE; WHY; decision N". 0, or -1: no memory; so do all below. */
static int put_message(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    fputs(" message=\"", out);
    int result = tm_put_owned(out, tm_put_xml, tm_verdict_sentence(report, verdict));
    if (verdict->why) {
        fputs("; ", out);
        tm_put_xml(out, verdict->why);
    }
    if (verdict->decision)
        fprintf(out, "; decision %" PRId64, verdict->decision);
    putc('"', out);
    return result;
}

/* The text inside a failure: the words of the terminal, and the numbers below them. */
static int put_explanation(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    fprintf(out, "%s  ", tm_class_name(verdict->class));
    int result = tm_put_owned(out, tm_put_xml, tm_verdict_words(report, verdict));
    char *numbers = tm_verdict_numbers(report, verdict);
    fprintf(out, "\n    %s", numbers && !isalnum((unsigned char)*numbers) ? "of " : ""); /* a metric's name must not begin a line */
    result |= tm_put_owned(out, tm_put_xml, numbers);
    putc('\n', out);
    return result;
}

/* All that is said of a plugin is one failure: readers count failures, and a plugin is one test. */
static int put_failure(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdicts, size_t n,
                       const struct tm_report_verdict *leader)
{
    fputs("      <failure", out);
    int result = put_message(out, report, leader);
    put_attribute(out, "type", tm_class_name(leader->class));
    fputs(">", out);
    for (size_t i = 0; i < n; i++)
        if (verdicts[i].class != TM_PASS)
            result |= put_explanation(out, report, &verdicts[i]);
    fputs("</failure>\n", out);
    return result;
}

static void put_case_head(const struct suite *suite, const char *name, double seconds)
{
    fputs("    <testcase", suite->out);
    put_attribute(suite->out, "name", name);
    put_attribute(suite->out, "classname", suite->classname);
    fprintf(suite->out, " time=\"%.6f\"", seconds);
}

static int put_case_of_run(const struct suite *suite)
{
    int result = 0;
    bool empty = suite->report->tally.plugins == 0;
    if (!suite->whole && !empty && !tm_fails_as_slow(suite->report))
        return 0;
    put_case_head(suite, "*", 0);
    fputs(">\n", suite->out);
    if (suite->whole)
        result = put_failure(suite->out, suite->report, suite->whole, 1, suite->whole);
    else if (!empty)
        fputs("      <failure message=\"" TM_SLOW_RUN "\" type=\"slow run\"></failure>\n", suite->out);
    else
        fputs("      <failure message=\"" TM_EMPTY_RUN "\" type=\"empty run\"></failure>\n", suite->out);
    fputs("    </testcase>\n", suite->out);
    return result;
}

static int put_case(const struct suite *suite, const struct tm_report_plugin *plugin)
{
    const struct tm_report *report = suite->report;
    enum fate fate = fate_of(report, plugin);
    int result = 0;
    put_case_head(suite, plugin->name, seconds_of(report, plugin));
    fputs(fate == PASSES ? "/>\n" : ">\n", suite->out);
    if (fate == PASSES)
        return 0;
    if (fate == FAILS) {
        result = put_failure(suite->out, report, &report->verdicts[plugin->first_verdict], plugin->n_verdicts, plugin->leader);
    } else {
        fputs("      <skipped", suite->out);
        if (plugin->leader)
            result = put_message(suite->out, report, plugin->leader);
        else
            put_attribute(suite->out, "message", "nothing recorded that is judged");
        fputs("/>\n", suite->out);
    }
    fputs("    </testcase>\n", suite->out);
    return result;
}

/* What the gate says on a terminal: there is no other place for suspects, which pass, and for what concerns the whole run. */
static int put_system_out(FILE *out, const struct tm_report *report)
{
    struct tm_builder builder;
    char *text, *rest = NULL;
    int result = tm_build(&builder) ? tm_write_text(builder.out, report) : -1;
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

/* Both schemas demand the host and a time without a zone. */
static void open_suite(const struct suite *suite)
{
    char at[TM_TIME_SIZE];
    tm_time_format(suite->report->run->started_at, at);
    at[strlen(at) - 1] = '\0'; /* without a zone */
    const char *host = suite->report->host;
    bool named = host && host[strspn(host, " ")]; /* the schema wants a letter at least */
    fputs("  <testsuite name=\"tidemark gate\" package=\"tidemark\" id=\"0\"", suite->out);
    put_attribute(suite->out, "timestamp", at);
    put_attribute(suite->out, "hostname", named ? host : "localhost");
    fprintf(suite->out, " tests=\"%d\" failures=\"%d\" errors=\"0\" skipped=\"%d\" time=\"%.3f\">\n", suite->tests,
            suite->of[FAILS], suite->of[SKIPPED], suite->seconds);
}

int tm_write_junit(FILE *out, const struct tm_report *report)
{
    struct suite suite = {.out = out, .report = report, .classname = make_classname(report)};
    if (!suite.classname)
        return -1;
    count_cases(&suite);
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n", out);
    open_suite(&suite);
    put_properties(out, report);
    int result = put_case_of_run(&suite);
    for (size_t i = 0; i < report->n_plugins; i++)
        if (tm_plugin_is_shown(&report->plugins[i]))
            result |= put_case(&suite, &report->plugins[i]);
    result |= put_system_out(out, report);
    fputs("    <system-err></system-err>\n  </testsuite>\n</testsuites>\n", out);
    free(suite.classname);
    return result;
}
