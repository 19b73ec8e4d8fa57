/* The fields of a verdict: a row each in one table (verdict_fields.c), from which every form for programs is written, and the line
 * of numbers for people. A new field is a new row. Some are members of struct tm_report_verdict, others follow from it. */
#ifndef TM_REPORT_VERDICT_FIELDS_H
#define TM_REPORT_VERDICT_FIELDS_H

#include <stdio.h>

#include "analyze/report.h"

/* Where fields are listed; each list has an order of its own. */
enum tm_field_list {
    TM_FIELDS_GATE_JSON,        /* a verdict in the gate's document */
    TM_FIELDS_CSV,              /* a row */
    TM_FIELDS_FINDING_JSON,     /* of what and since when, in the document of findings */
    TM_FIELDS_FINDING_EVIDENCE, /* the numbers there */
    TM_FIELDS_NUMBERS,          /* the explanation for people */
    TM_FIELD_LISTS
};

/* The members of a list as JSON, ", " between them. `first` is written before the first one, `line` before one that begins another
 * line. */
void tm_put_fields_json(FILE *out, enum tm_field_list list, const struct tm_report *report, const struct tm_report_verdict *verdict,
                        const char *first, const char *line);

/* TM_FIELDS_CSV as the head of a table, and as a row of it; each ends its line. */
void tm_put_fields_csv_head(FILE *out);
void tm_put_fields_csv(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* TM_FIELDS_NUMBERS: " tonight 289.7, baseline 186.3, ...", those that are known. */
void tm_put_fields_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* The number in the field of that name, as in JSON; NAN: not known. */
double tm_verdict_number(const struct tm_report *report, const struct tm_report_verdict *verdict, const char *field);

/* ---- what follows from a verdict ---- */

/* Is the plugin part of tonight's report: in the run, or with a verdict? The others are only known from their history. */
bool tm_plugin_is_shown(const struct tm_report_plugin *plugin);

/* The name of what the verdict is on: a plugin, "*" for the whole run. */
const char *tm_verdict_subject(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Is it told where others of its plugin are not? What leads is, and a limit that is exceeded, of each metric. */
bool tm_verdict_speaks(const struct tm_report_verdict *verdict);

/* Is it worth a line where nobody asked for every number? */
bool tm_verdict_is_news(const struct tm_report_verdict *verdict);

/* Does it turn the gate red? */
bool tm_verdict_fails(const struct tm_report *report, const struct tm_report_verdict *verdict);

#endif
