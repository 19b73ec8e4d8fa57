/* What fails the gate, or may, as issues of services that know one again from run to run: by its fingerprint, which is of what is
 * wrong, and not of how bad it is or since when. */
#ifndef TM_REPORT_FORMS_ISSUES_H
#define TM_REPORT_FORMS_ISSUES_H

#include <stdio.h>

#include "analyze/report.h"
#include "base/sha256.h"

struct tm_issue {
    const char *check;   /* the class, "empty run" or "slow run" */
    const char *subject; /* the plugin, "*" for the whole run; raw */
    const char *text;    /* all that is to be said, in one line; inert where people read */
    bool fails;          /* else it is a suspect */
    bool grave;          /* a plugin that is missing, or the whole run */
    char fingerprint[TM_SHA256_BASE64];
};

/* 0, or -1: no memory. */
typedef int tm_issue_put(FILE *out, const struct tm_issue *issue, bool first);

/* Puts each, the worst first. *any: there was one. 0, or -1: no memory. */
int tm_issues_put(FILE *out, const struct tm_report *report, tm_issue_put *put, bool *any);

#endif
