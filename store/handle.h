/* What is behind a store's handle, whatever its engine: shared by the files of store/ and its engines, seen by nobody else. */
#ifndef TM_STORE_HANDLE_H
#define TM_STORE_HANDLE_H

#include "base/hash.h"
#include "store/engine.h"
#include "store/metrics.h"
#include "store/names.h"

struct tm_pending;

/* The profiles of one run, in the order of their plugins' ids: the order of the table they go into. */
struct tm_batch {
    struct tm_batch_row *rows;
    size_t count, room;
};

enum tm_lineages { TM_LINEAGES_UNKNOWN, TM_LINEAGES_NONE, TM_LINEAGES_SOME };

struct tm_store {
    const struct tm_engine *engine;
    void *connection; /* the engine's own */
    char *path;
    unsigned flags;                       /* that it was opened with */
    const struct tm_migration *migration; /* while it is opened; NULL: as ever */
    bool unreachable;                     /* opening failed for want of the server, or of the way to it */
    bool made;                            /* late, by the last commit: the engine opens it again before the next one */
    char error[2048];                     /* three names of TM_NAME_MAX would not fit: long ones are shown cut (base/text.h) */
    bool in_transaction;
    tm_waiting *waiting;              /* NULL: nobody is told */
    tm_statement *cached[TM_Q_COUNT]; /* prepared at first use */
    struct tm_batch batch;            /* the run that is being put */
    struct tm_pending *pending;       /* the run that tm_run_begin began */
    enum tm_conflict conflict;        /* why the last put was refused */
    char put_key[TM_NAME_MAX + 1];    /* what the last put is stored as */
    int64_t put_start;
    char put_part[TM_NAME_MAX + 1]; /* the part of it, where that was to be named after this process */

    /* What was learnt in the open transaction; forgotten when it ends, since others may write then. */
    struct tm_names plugins; /* ids of plugins_project's plugins, as far as they were needed */
    int64_t plugins_project;
    int64_t next_plugin;    /* the id of a plugin that is added; 0: not asked for yet */
    bool all_plugins_known; /* `plugins` has all of the project's: it had none before */
    struct tm_known_metrics metrics;
    enum tm_lineages lineages; /* whether lineages_project has any */
    int64_t lineages_project;
    struct tm_hash runs;          /* the ids of those that were put */
    char locked[TM_NAME_MAX + 1]; /* the project that was locked last; "": none */
};

/* A value as an integer: a REAL is cut off, and held within the range; 0 for what is no number. */
static inline int64_t tm_value_integer(const struct tm_value *value)
{
    if (value->type != TM_REAL)
        return value->type == TM_INTEGER ? value->integer : 0;
    // cppcheck-suppress incorrectLogicOperator ; it does not know hexadecimal exponents
    if (value->real >= -0x1p63 && value->real < 0x1p63)
        return (int64_t)value->real;
    return isnan(value->real) ? 0 : value->real > 0 ? INT64_MAX : INT64_MIN;
}

/* tm_begin; `references` as the engine's begin has it. Storing runs looks up every id it writes and takes out all it replaces, so
 * it goes without, a quarter of its time; whatever removes rows needs them. */
int tm_begin_with(tm_store *store, bool references);

/* Drops what was learnt in the open transaction. */
void tm_forget(tm_store *store);

/* Drops that, and every statement that was prepared. */
void tm_drop_statements(tm_store *store);

/* A reader of the statement's rows; `ad_hoc`: one of the engine's query, which ends with it. NULL without memory, or where there is
 * no statement; the statement is taken in any case. */
tm_rows *tm_rows_new(tm_store *store, tm_statement *statement, bool ad_hoc);

/* seal.c: tells of every judgement, and of the judge's memory, that is not what was sealed. How many that are, or -1. */
int64_t tm_seal_check(tm_store *store, tm_tell *tell, void *context);

/* tm_rows_value, of any length: for what is only looked at, and neither shown nor copied. */
struct tm_value tm_rows_any_value(const tm_rows *rows, int column);

#endif
