/* From the store's rows to the runs that a form of the export writes. */
#ifndef TM_CLI_EXPORT_RUNS_H
#define TM_CLI_EXPORT_RUNS_H

#include "report/export/export.h"
#include "store/store.h"

struct tm_export_wish {
    struct tm_scope scope;
    const char *run; /* its key; NULL: all */
    const struct tm_export_form *form;
};

/* Called when the first run is at hand, with the stream to write to in export->out; not 0 ends the export. */
typedef int tm_export_open(void *context, struct tm_export *export);

/* Writes them all, as they are at one moment: 0, -1 with the store's message, or what `open` has returned. *profiles: how many were
 * written; without a run `open` is not called. */
int tm_export_runs(tm_store *store, const struct tm_export_wish *wish, tm_export_open *open, void *context, uint64_t *profiles);

#endif
