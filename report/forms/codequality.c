/* GitLab's Code Quality report: an array with an issue for each verdict that fails the gate, or may. GitLab shows in a merge
 * request which issues of the branch the target does not have, by their fingerprints; so a fingerprint is of what is wrong, and not
 * of how bad it is or since when. A plugin has no line of source that is known here: its name stands in place of a path. */
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/sha256.h"
#include "base/text.h"
#include "report/forms/forms.h"
#include "report/verdict_fields.h"
#include "report/words.h"

/* What GitLab knows as a severity: info, minor, major, critical, blocker. */
static const char *severity_of(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (!tm_verdict_fails(report, verdict))
        return "minor";
    return verdict->class == TM_MISSING || verdict->plugin == TM_WHOLE_RUN ? "critical" : "major";
}

static bool belongs(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return tm_verdict_fails(report, verdict) || (tm_verdict_is_news(verdict) && verdict->class == TM_SUSPECT);
}

/* People read it: what could harm a terminal or turn a line is spelt out, as in the other forms for them. 0, or -1: no memory; so
 * do all below. */
static int put_for_people(FILE *out, const char *text)
{
    return tm_put_owned(out, tm_put_json, tm_safe_text(text));
}

/* Frees both; one that is NULL found no memory. `rest` may be "". */
static int put_description(FILE *out, char *sentence, char *rest)
{
    char *both = NULL;
    const char *begin = rest ? rest + strspn(rest, ",; ") : NULL;
    if (sentence && begin && asprintf(&both, "%s%s%s", sentence, *begin ? "; " : "", begin) < 0)
        both = NULL;
    int result = both ? put_for_people(out, both) : -1;
    free(both);
    free(sentence);
    free(rest);
    return result;
}

/* Of the plugin and the metric, with a character between them that no name holds. */
static int put_fingerprint(FILE *out, const char *subject, const char *what)
{
    struct tm_builder builder;
    char hash[TM_SHA256_BASE64];
    if (!tm_build(&builder))
        return -1;
    fprintf(builder.out, "%s\n%s", subject, what);
    char *text = tm_built(&builder);
    if (!text)
        return -1;
    tm_sha256_base64(text, builder.size, hash);
    tm_put_json(out, hash);
    free(text);
    return 0;
}

static int put_issue(FILE *out, const char *before, const char *name, const char *severity, const char *subject, const char *what,
                     char *sentence, char *rest)
{
    fprintf(out, "%s\n  {\"description\": ", before);
    int result = put_description(out, sentence, rest);
    fprintf(out, ",\n   \"check_name\": \"%s\", \"severity\": \"%s\", \"fingerprint\": ", name, severity);
    result |= put_fingerprint(out, subject, what);
    fputs(",\n   \"location\": {\"path\": ", out);
    result |= put_for_people(out, subject);
    fputs(", \"lines\": {\"begin\": 1}}}", out);
    return result;
}

/* A run that fails of itself, without a verdict. */
static int put_run(FILE *out, const struct tm_report *report, const char **before)
{
    const char *why = report->tally.plugins == 0 ? TM_EMPTY_RUN : tm_fails_as_slow(report) ? TM_SLOW_RUN : NULL;
    const char *name = report->tally.plugins == 0 ? "empty run" : "slow run";
    if (!why)
        return 0;
    *before = ",";
    return put_issue(out, "", name, "critical", "*", name, strdup(why), strdup(""));
}

int tm_write_codequality(FILE *out, const struct tm_report *report)
{
    const char *before = "";
    putc('[', out);
    int result = put_run(out, report, &before);
    for (size_t i = 0; i < report->n_verdicts && result == 0; i++) {
        const struct tm_report_verdict *v = report->by_weight[i];
        if (!belongs(report, v))
            continue;
        result = put_issue(out, before, tm_class_name(v->class), severity_of(report, v), tm_verdict_subject(report, v),
                           v->metric < 0 ? "" : report->metrics[v->metric].name, tm_verdict_sentence(report, v),
                           tm_verdict_words(report, v));
        before = ",";
    }
    fputs(*before ? "\n]\n" : "]\n", out);
    return result;
}
