/* Where a format's reader puts what it reads: runs one after the other, each with its profiles or its single calls. The sink owns
 * the names and texts, knows which plugins a run has, sums up calls, and hands whole runs on.
 *
 * A reader says tm_sink_begin_run, then tm_sink_plugin and tm_sink_profile (or tm_sink_call) for each row, and tm_sink_end_run.
 * What it cannot read it reports with a place of any kind to sink->diag; then nothing of the input is stored, and reading on only
 * serves to find more faults. */
#ifndef TM_INGEST_SINK_H
#define TM_INGEST_SINK_H

#include "ingest/calls.h"
#include "ingest/diag.h"
#include "ingest/ingest.h"

struct tm_sink {
    const struct tm_ingest_options *options;
    struct tm_diag *diag;
    _Atomic uint64_t *bytes;    /* read so far, for who watches: of what a reader opens by itself, too */
    struct tm_chunk *chunk;     /* where runs go */
    int (*full)(void *context); /* called between runs when the chunk has grown enough: exchanges it; not 0: nobody wants more */
    void *context;
    bool failed; /* memory was short, or nobody wants more: reading on is of no use */

    bool no_time_told; /* that files do not say when they were measured */

    struct tm_symbols symbols; /* the plugins of the input */
    struct tm_metrics metrics; /* and its further metrics, by their ordinals */
    double *values;            /* of the row in hand, by the same; NAN: none */

    struct tm_chunk_run *run; /* in hand; NULL: none. Points into the chunk */
    uint64_t run_ordinal;     /* runs begun */
    struct tm_calls calls;
};

/* Says once that memory was short. */
void tm_sink_no_memory(struct tm_sink *sink, const char *file);

/* A terminated text that lives as long as the run in hand; NULL without memory, which has been noted. */
const char *tm_sink_text(struct tm_sink *sink, const char *text, size_t size);

/* The plugin of that name. NULL: the name cannot be stored, and *fault says why in words that continue "it ..."; or (*fault NULL)
 * there was no memory, which has been noted. */
struct tm_symbol *tm_sink_plugin(struct tm_sink *sink, const char *name, size_t size, const char **fault);

/* The ordinal of a further metric, made if it is new (*is_new), then with that unit and direction; NULL: not said. Texts are
 * copied. -1 without memory, noted. All readers of a call share one list, since a run may go on in the next file. */
int tm_sink_metric(struct tm_sink *sink, const char *name, const char *unit, const char *better, bool *is_new);

/* The same of a metric of exactly that unit and direction: an input may have several of one name, of other projects. */
int tm_sink_metric_like(struct tm_sink *sink, const char *name, const char *unit, const char *better, bool *is_new);

/* Forgets the values of the row before. */
void tm_sink_clear_values(struct tm_sink *sink);

/* Ends the run in hand and begins another. The texts of `run` must live as long as the run (tm_sink_text). assumed_start: neither
 * the input nor an option says when it started. NULL without memory, noted. */
struct tm_run *tm_sink_begin_run(struct tm_sink *sink, const struct tm_run *run, bool assumed_start, const char *file,
                                 uint64_t line);
void tm_sink_end_run(struct tm_sink *sink); /* harmless without a run */

/* Adds a profile of the plugin, with the values of the row. False: the run has one of it already. */
bool tm_sink_profile(struct tm_sink *sink, struct tm_symbol *plugin, const struct tm_profile *profile);

/* Adds a single call of the plugin, with the values of the row. */
void tm_sink_call(struct tm_sink *sink, struct tm_symbol *plugin, const struct tm_profile *call);

/* Frees all but the chunk, which is the reader's. */
void tm_sink_free(struct tm_sink *sink);

#endif
