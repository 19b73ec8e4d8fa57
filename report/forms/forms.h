/* The forms that the gate's verdict can take: one file and one row in tm_forms[] each. */
#ifndef TM_REPORT_FORMS_FORMS_H
#define TM_REPORT_FORMS_FORMS_H

#include <stdio.h>

#include "analyze/compare.h"
#include "analyze/report.h"

/* Writes the whole report. 0, or -1: no memory, and what was written is not to be used. Errors of `out` are the caller's to look
 * for. */
typedef int tm_form_writer(FILE *out, const struct tm_report *report);
/* The same of a comparison. */
typedef int tm_comparison_writer(FILE *out, const struct tm_comparison *comparison);

struct tm_form {
    const char *name;
    bool document;      /* owns the whole of its output: nothing else may be written there */
    const char *ending; /* of file names that choose this form under its name ("svg"); NULL: any */
    tm_form_writer *write;
    tm_comparison_writer *compare; /* in a table of a comparison's forms, instead of `write` */
};

extern const struct tm_form tm_forms[];       /* ends with a NULL name */
extern const struct tm_form tm_coloured_text; /* the text form for a terminal; a table has no row of it */

/* The form of that name for a file (NULL: standard output), in such a table; NULL: there is none. */
const struct tm_form *tm_form_find(const struct tm_form *forms, const char *name, const char *file);

tm_form_writer tm_write_text;
tm_form_writer tm_write_coloured; /* text for a terminal */
tm_form_writer tm_write_json;
tm_form_writer tm_write_csv;
tm_form_writer tm_write_markdown;
tm_form_writer tm_write_junit;
tm_form_writer tm_write_codequality;
tm_form_writer tm_write_sarif;
tm_form_writer tm_write_github; /* workflow commands; the step summary is Markdown */
tm_form_writer tm_write_openmetrics;
tm_form_writer tm_write_badge_json;
tm_form_writer tm_write_badge_svg;

/* What is new tonight (report/news.h): nothing at all is written where there is nothing. */
tm_form_writer tm_write_slack;
tm_form_writer tm_write_teams;
tm_form_writer tm_write_text_short;

#endif
