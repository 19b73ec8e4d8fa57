/* GitLab's Code Quality report: an array of issues. GitLab shows in a merge request which issues of the branch the target does not
 * have. A plugin has no line of source that is known here: its name stands in place of a path. */
#include "base/escape.h"
#include "base/text.h"
#include "report/forms/forms.h"
#include "report/forms/issues.h"
#include "report/words.h"

/* What GitLab knows as a severity: info, minor, major, critical, blocker. */
static const char *severity_of(const struct tm_issue *issue)
{
    if (!issue->fails)
        return "minor";
    return issue->grave ? "critical" : "major";
}

static int put_issue(FILE *out, const struct tm_issue *issue, bool first)
{
    fputs(first ? "\n  {\"description\": " : ",\n  {\"description\": ", out);
    tm_put_json(out, issue->text);
    fprintf(out, ",\n   \"check_name\": \"%s\", \"severity\": \"%s\", \"fingerprint\": ", issue->check, severity_of(issue));
    tm_put_json(out, issue->fingerprint);
    fputs(",\n   \"location\": {\"path\": ", out);
    int result = tm_put_owned(out, tm_put_json, tm_safe_text(issue->subject));
    fputs(", \"lines\": {\"begin\": 1}}}", out);
    return result;
}

int tm_write_codequality(FILE *out, const struct tm_report *report)
{
    bool any;
    putc('[', out);
    int result = tm_issues_put(out, report, put_issue, &any);
    fputs(any ? "\n]\n" : "]\n", out);
    return result;
}
