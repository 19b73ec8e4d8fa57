/* Reads what a report is made of out of the store: struct tm_report with all its arrays and texts. */
#ifndef TM_GATE_REPORT_READER_H
#define TM_GATE_REPORT_READER_H

#include "analyze/report.h"
#include "base/arena.h"
#include "gate/run.h"
#include "gate/settings.h"

struct tm_report_reader {
    struct tm_report report;
    struct tm_arena texts;
    tm_store *store;
    const struct tm_settings *settings;
    const struct tm_judged_run *run;
    struct tm_hash plugins;    /* by id: position + 1 */
    int64_t first_id, last_id; /* of the plugins that are read */
    bool named;                /* they are few, and others may lie between them */
    struct tm_hash metrics;    /* by id, of those that were met: position + 1, one more than the last: not shown */
};

struct tm_report_wish {
    int64_t runs; /* history of so many runs, 0: none; then the plugins' values and events are read */
    bool entries; /* what was raised and what ended in these runs */
    bool passes;  /* the numbers behind passes too: the run is judged once more */
    bool held;    /* those that a floor has held back, too */
    bool all;     /* text: by name what was said before, too */
    bool explain; /* every number behind what was said; with `explained`: of that plugin alone, its passes too */
    const char *explained;
    int64_t since;              /* none of those runs began before, but the one that is judged; 0: whenever */
    const char *const *plugins; /* the report is of these, and costs what they cost; NULL: of all */
    size_t n_plugins;
};

/* The run has been judged. 0, or -1 with the store's message. Free in any case; settings and run must outlive the reader. */
int tm_report_read(struct tm_report_reader *reader, tm_store *store, const struct tm_settings *settings,
                   const struct tm_judged_run *run, const struct tm_report_wish *wish);
void tm_report_reader_free(struct tm_report_reader *reader);

/* The plugin of that name; NULL: it is not in the report. */
const struct tm_report_plugin *tm_report_plugin_named(const struct tm_report_reader *reader, const char *name);

/* ---- for the parts of the reader ---- */

/* 0, or -1 with the store's message. */
int tm_report_read_history(struct tm_report_reader *reader, const struct tm_report_wish *wish);  /* report_history.c */
int tm_report_read_weeks(struct tm_report_reader *reader);                                       /* report_weeks.c */
int tm_report_read_verdicts(struct tm_report_reader *reader, const struct tm_report_wish *wish); /* report_verdicts.c */
/* Is the run judged once more for that wish? Only then every metric of a young plugin has its verdict. */
bool tm_report_judges_again(const struct tm_report_reader *reader, const struct tm_report_wish *wish, bool repeated);
int tm_report_judge_again(struct tm_report_reader *reader, const struct tm_report_wish *wish,
                          bool repeated);                      /* report_again.c: adds passes, explains */
int tm_report_read_events(struct tm_report_reader *reader);    /* report_verdicts.c */
int tm_report_read_decisions(struct tm_report_reader *reader); /* report_verdicts.c */
int tm_report_read_entries(struct tm_report_reader *reader);   /* report_entries.c */

/* report_lookup.c. A copy of a column's text that lives as long as the reader; NULL for NULL. 0, or -1 without memory. */
int tm_report_reader_text(struct tm_report_reader *reader, const tm_rows *rows, const char *column, const char **text);
size_t tm_report_reader_plugin(const struct tm_report_reader *reader, int64_t id); /* its index; TM_WHOLE_RUN: none of them */
int tm_report_reader_run(const struct tm_report_reader *reader, int64_t id);       /* its index; -1: none of them */
int tm_report_no_memory(struct tm_report_reader *reader);                          /* says so: -1 */
struct tm_report_verdict *tm_report_add_verdict(struct tm_report_reader *reader);  /* of which nothing is known; NULL: no memory */

#endif
