#include "report/forms/issues.h"

#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/text.h"
#include "report/verdict_fields.h"
#include "report/words.h"

/* Of the plugin and the metric, with a character between them that no name holds. */
static int make_fingerprint(struct tm_issue *issue, const char *what)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    fprintf(builder.out, "%s\n%s", issue->subject, what);
    char *text = tm_built(&builder);
    if (text)
        tm_sha256_base64(text, builder.size, issue->fingerprint);
    free(text);
    return text ? 0 : -1;
}

/* Frees both; one that is NULL found no memory. `rest` may be "". The result is freed by the caller. */
static char *joined(char *sentence, char *rest)
{
    char *both = NULL;
    const char *begin = rest ? rest + strspn(rest, ",; ") : NULL;
    if (sentence && begin && asprintf(&both, "%s%s%s", sentence, *begin ? "; " : "", begin) < 0)
        both = NULL;
    char *safe = both ? tm_safe_text(both) : NULL;
    free(both);
    free(sentence);
    free(rest);
    return safe;
}

static int put_issue(FILE *out, tm_issue_put *put, struct tm_issue *issue, const char *what, char *text, bool *any)
{
    int result = text ? make_fingerprint(issue, what) : -1;
    issue->text = text;
    if (result == 0)
        result = put(out, issue, !*any);
    *any = true;
    free(text);
    return result;
}

/* A run that fails of itself, without a verdict. */
static int put_run(FILE *out, const struct tm_report *report, tm_issue_put *put, bool *any)
{
    const char *why = report->tally.plugins == 0 ? TM_EMPTY_RUN : tm_fails_as_slow(report) ? TM_SLOW_RUN : NULL;
    struct tm_issue issue = {
        .check = report->tally.plugins == 0 ? "empty run" : "slow run", .subject = "*", .fails = true, .grave = true};
    return why ? put_issue(out, put, &issue, issue.check, joined(strdup(why), strdup("")), any) : 0;
}

int tm_issues_put(FILE *out, const struct tm_report *report, tm_issue_put *put, bool *any)
{
    *any = false;
    int result = put_run(out, report, put, any);
    for (size_t i = 0; i < report->n_verdicts && result == 0; i++) {
        const struct tm_report_verdict *v = report->by_weight[i];
        struct tm_issue issue = {.check = tm_class_name(v->class),
                                 .subject = tm_verdict_subject(report, v),
                                 .fails = tm_verdict_fails(report, v),
                                 .grave = v->class == TM_MISSING || v->plugin == TM_WHOLE_RUN};
        if (issue.fails || (tm_verdict_is_news(v) && v->class == TM_SUSPECT))
            result = put_issue(out, put, &issue, v->metric < 0 ? "" : report->metrics[v->metric].name,
                               joined(tm_verdict_sentence(report, v), tm_verdict_words(report, v)), any);
    }
    return result;
}
