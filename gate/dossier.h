/* Reads what a report is made of out of the store: struct tm_report with all its arrays and texts. */
#ifndef TM_GATE_DOSSIER_H
#define TM_GATE_DOSSIER_H

#include "base/arena.h"
#include "cli/pick.h"
#include "gate/docket.h"
#include "report/report.h"

struct tm_dossier {
    struct tm_report report;
    struct tm_arena texts;
    tm_store *store;
    const struct tm_settings *settings;
    const struct tm_picked_run *run;
    size_t *plugin_at; /* id -> index + 1 */
    size_t n_ids;
    bool extreme_fails;
};

struct tm_dossier_wish {
    int64_t runs; /* history of so many runs, 0: none; then the plugins' values and events are read */
    bool passes;  /* the numbers behind passes, too: the run is judged once more */
    bool explain;
};

/* The run has been judged. 0, or TM_EXIT_TROUBLE after a message. Free in any case; settings and run must outlive the dossier. */
int tm_dossier_read(struct tm_dossier *dossier, tm_store *store, const struct tm_settings *settings,
                    const struct tm_picked_run *run, const struct tm_dossier_wish *wish);
void tm_dossier_free(struct tm_dossier *dossier);

/* The plugin of that name; NULL: it is not in the report. */
const struct tm_report_plugin *tm_dossier_plugin(const struct tm_dossier *dossier, const char *name);

/* For the parts of the reader. -1: no memory or a failed query. */
int tm_dossier_history(struct tm_dossier *dossier, int64_t newest);
int tm_dossier_verdicts(struct tm_dossier *dossier, bool passes);
int tm_dossier_events(struct tm_dossier *dossier);
int tm_dossier_decisions(struct tm_dossier *dossier);
const char *tm_dossier_text(struct tm_dossier *dossier, const tm_rows *rows, int column); /* NULL for NULL; kept */
double tm_dossier_real(const tm_rows *rows, int column);                                  /* NAN for NULL */
size_t tm_dossier_plugin_at(const struct tm_dossier *dossier, int64_t id);                /* TM_WHOLE_RUN: none of them */
int tm_dossier_run_at(const struct tm_dossier *dossier, int64_t id);                      /* -1: none of them */
int tm_dossier_metric_at(const struct tm_dossier *dossier, const char *name);             /* -1 */

/* A further element of an array: its address, zeroed; NULL: no memory. */
void *tm_dossier_grow(void *array_of_pointer, size_t *n, size_t size);

#endif
