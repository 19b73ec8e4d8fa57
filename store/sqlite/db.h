/* The SQLite behind a handle: what the files of store/ share, and nobody else sees. */
#ifndef TM_STORE_SQLITE_DB_H
#define TM_STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "store/names.h"
#include "schema/sql.h"
#include "store/seen.h"
#include "store/store.h"

struct tm_batch;
struct tm_pending;

struct tm_store {
    sqlite3 *db;
    char *path;
    char error[2048];
    bool in_transaction;
    sqlite3_stmt *cached[TM_Q_COUNT];
    struct tm_names plugins; /* ids already looked up, of plugins_project */
    int64_t plugins_project;
    struct tm_batch *batch;       /* what the tm_batch table shows */
    struct tm_pending *pending;   /* the run that tm_run_begin began */
    int has_lineages;             /* in the open transaction: 0 not asked yet, 1 none, 2 some */
    struct tm_seen runs;          /* put in the open transaction */
    enum tm_conflict conflict;    /* why the last put was refused */
    struct tm_watchdog *watchdog; /* of the running ad hoc query; NULL: none */
    bool locked_down;             /* set for ad hoc SQL, for good */
};

/* Sets the message and returns -1. */
int tm_db_fail(tm_store *store, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same, with SQLite's own words behind: "cannot DOING 'PATH': ...". */
int tm_db_error(tm_store *store, const char *doing);

sqlite3_stmt *tm_db_bind(tm_store *store, enum tm_query query, const char *types,
                         ...); /* as tm_ask, to be stepped; NULL on failure */

/* BEGIN IMMEDIATE. Storing runs looks up every id it writes and takes out all it replaces, so it goes without the look-ups of
 * foreign keys, a quarter of its time; whatever removes rows needs them. */
int tm_db_begin(tm_store *store, bool references);
int tm_db_exec(tm_store *store, const char *sql);
void tm_db_forget(tm_store *store); /* drops what a rollback or another writer may have made untrue */

/* Ids by name. find: 1, 0 (not there) or -1. */
int tm_find_project(tm_store *store, const char *name, int64_t *id);
int tm_find_plugin(tm_store *store, int64_t project, const char *name, int64_t *id);
int tm_find_run(tm_store *store, int64_t project, const char *key, int64_t *id);
/* make: 0 or -1; makes what is not there. */
int tm_make_project(tm_store *store, const char *name, int64_t *id);
int tm_make_host(tm_store *store, const char *key, int64_t *id); /* NULL: this machine */
int tm_make_plugin(tm_store *store, int64_t project, const char *name, int64_t *id);
int tm_make_metric(tm_store *store, const char *name, const char *unit, int64_t *id);

int tm_db_migrate(tm_store *store, unsigned flags);

int tm_sql_error(tm_store *store); /* puts what went wrong in an ad hoc query into words */
void tm_sql_end(tm_store *store);  /* of the ad hoc query; harmless without one */

/* A cursor over a statement; `owned`: an ad hoc one, finalized on close. Takes the statement also on failure. */
tm_rows *tm_rows_new(tm_store *store, sqlite3_stmt *statement, bool owned);

int tm_batch_register(tm_store *store);
void tm_batch_free(struct tm_batch *batch);

#endif
