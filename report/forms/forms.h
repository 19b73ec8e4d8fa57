/* The forms that the gate's verdict can take: one file and one row in tm_forms[] each. */
#ifndef TM_REPORT_FORMS_FORMS_H
#define TM_REPORT_FORMS_FORMS_H

#include <stdio.h>

#include "analyze/report.h"

struct tm_form {
    const char *name;
    bool document;      /* owns the whole of its output: nothing else may be written there */
    const char *ending; /* of file names that choose this form under its name ("svg"); NULL: any */
    void (*write)(FILE *out, const struct tm_report *report);
};

extern const struct tm_form tm_forms[]; /* ends with a NULL name */

/* The form of that name for a file (NULL: standard output); NULL: there is none. */
const struct tm_form *tm_form_find(const char *name, const char *file);

void tm_write_text(FILE *out, const struct tm_report *report);
void tm_write_json(FILE *out, const struct tm_report *report);
void tm_write_csv(FILE *out, const struct tm_report *report);
void tm_write_markdown(FILE *out, const struct tm_report *report);
void tm_write_junit(FILE *out, const struct tm_report *report);
void tm_write_github(FILE *out, const struct tm_report *report); /* workflow commands; the step summary is Markdown */
void tm_write_openmetrics(FILE *out, const struct tm_report *report);
void tm_write_badge_json(FILE *out, const struct tm_report *report);
void tm_write_badge_svg(FILE *out, const struct tm_report *report);

#endif
