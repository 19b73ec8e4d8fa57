/* What the files of the command audit share. */
#ifndef TM_CLI_AUDIT_H
#define TM_CLI_AUDIT_H

#include <stdio.h>

#include "analyze/audit.h"
#include "gate/promise.h"

enum { TM_AUDIT_TRIED_MOST = 8 }; /* budgets: the one that is set, and those of tm_lower_budget */

/* What a budget comes to on the store's past. */
struct tm_tried_budget {
    double budget;
    int64_t judged;
    size_t alarms, closed;
};

/* A series, and the smallest steps that would be caught in it. */
struct tm_audit_row {
    const char *plugin;
    int metric, runs;
    double smallest[TM_AUDIT_WITHINS]; /* as tm_audit_series gives them */
};

struct tm_audit {
    const struct tm_rules *rules;
    struct tm_promise promise; /* with the settings as they are */
    struct tm_audit_row *rows; /* by name */
    size_t n_rows;
    struct tm_tried_budget tried[TM_AUDIT_TRIED_MOST]; /* rising */
    size_t n_tried;
    bool enough;               /* has been seen to recommend a budget */
    double budget, min_effect; /* that are recommended; 0: none */
};

/* cli/audit_forms.c. Text tells all; CSV is the table of series alone, whose totals tm_audit_totals writes for people. */
void tm_audit_text(FILE *out, const struct tm_audit *audit);
void tm_audit_totals(FILE *out, const struct tm_audit *audit);
void tm_audit_csv(FILE *out, const struct tm_audit *audit);
void tm_audit_json(FILE *out, const struct tm_audit *audit);

#endif
