/* The SQLite behind a handle: what the files of this folder share, and nobody else sees. */
#ifndef TM_STORE_SQLITE_DB_H
#define TM_STORE_SQLITE_DB_H

#include <sqlite3.h>
#include <stdbool.h>

#include "base/sha256.h"
#include "store/handle.h"

/* What store->connection points to. */
struct tm_sqlite {
    const tm_store *store; /* whose it is */
    sqlite3 *db;
    sqlite3_stmt *add_profiles; /* prepared at first use */
    int64_t batch_run;          /* what the table tm_batch shows */
    const struct tm_batch_row *batch_rows;
    size_t batch_count;
    struct tm_watchdog *watchdog; /* of the running ad hoc query; NULL: none */
    bool locked_down;             /* set for ad hoc SQL, for good */
    bool by_plugin;               /* the view's name means the table of byplugin.h */
    bool guarded;                 /* nothing is done on a schema that is not ours */
    bool verified;                /* it was ours when SQLite's cookie of the schema was this: */
    int64_t schema_cookie;
    char *making;        /* where the store is made that is not there yet; NULL: it is */
    int maker;           /* the lock under which it is; -1: none */
    int64_t waits_since; /* for the lock that is being waited for: ms of the monotonic clock */
    bool told_waiting;
};

static inline struct tm_sqlite *tm_sqlite_of(const tm_store *store)
{
    return store->connection;
}

static inline sqlite3 *tm_sqlite_db(const tm_store *store)
{
    return tm_sqlite_of(store)->db;
}

/* Is the schema only looked at, for what there is to do? */
static inline bool tm_sqlite_plans(const tm_store *store)
{
    return store->migration && store->migration->plan;
}

/* Runs statements of ours that return nothing, 0 or -1. */
int tm_sqlite_exec(tm_store *store, const char *sql);

/* The functions of struct tm_engine (store/engine.h), where their contracts are. */
int tm_sqlite_open(tm_store *store, unsigned flags);
void tm_sqlite_close(tm_store *store);
int tm_sqlite_publish(tm_store *store);
int tm_sqlite_begin(tm_store *store, bool references);
int tm_sqlite_commit(tm_store *store);
void tm_sqlite_rollback(tm_store *store);
int tm_sqlite_version(tm_store *store, int64_t *version);
tm_statement *tm_sqlite_prepare(tm_store *store, enum tm_query query);
void tm_sqlite_finalize(tm_statement *statement);
int tm_sqlite_bind(tm_statement *statement, int at, const struct tm_value *value);
int tm_sqlite_step(tm_statement *statement);
void tm_sqlite_reset(tm_statement *statement);
void tm_sqlite_clear(tm_statement *statement);
int tm_sqlite_width(tm_statement *statement);
const char *tm_sqlite_column(tm_statement *statement, int column);
int tm_sqlite_value(tm_statement *statement, int column, struct tm_value *value);
int tm_sqlite_used(tm_store *store, int64_t *bytes);
int tm_sqlite_add_profiles(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n);
int tm_sqlite_error(tm_store *store, const char *doing);
tm_statement *tm_sqlite_query(tm_store *store, const char *sql, const struct tm_sql_limits *limits);
void tm_sqlite_query_end(tm_store *store, tm_statement *statement);
int tm_sqlite_aside(tm_store *store);
int tm_sqlite_snapshot(tm_store *store);
void tm_sqlite_snapshot_end(tm_store *store);
int tm_sqlite_copy(tm_store *store, const char *path);
int64_t tm_sqlite_check(tm_store *store, tm_tell *tell, void *context);

/* Where the store is not there, begins to make it beside its place: own->making. 0 or -1. */
int tm_sqlite_make(tm_store *store);

/* Behind the connection: takes away what was made and is not in its place. */
void tm_sqlite_end_making(struct tm_sqlite *own);

/* Sleeps a moment; tries: from 0. 0 when a lock was waited for long enough. */
int tm_sqlite_wait(void *own, int tries);

/* Makes the schema, or brings an older one up to date; refuses another program's file and a newer Tidemark's. */
int tm_sqlite_migrate(tm_store *store, unsigned flags);

/* A database in memory with the schema as the migrations make it; close it. NULL with the message. */
sqlite3 *tm_sqlite_model(tm_store *store);

/* The hash of what the store declares: TM_SCHEMA_FINGERPRINT where nothing was changed or added. 0, or -1 with the message. */
int tm_sqlite_fingerprint(tm_store *store, char text[TM_SHA256_BASE64]);

/* Tells each difference between the schema and that. Their number, or -1. */
int64_t tm_sqlite_compare_schema(tm_store *store, tm_tell *tell, void *context);

/* 0 where there is none; -1 with the message. Costs a look at SQLite's cookie as long as nobody changes the schema. */
int tm_sqlite_verify_schema(tm_store *store);

/* The number that a statement of one row gives. 0 or -1. */
int tm_sqlite_number(tm_store *store, const char *sql, int64_t *value);

/* Makes the table tm_batch known to the connection. */
int tm_sqlite_register_batch(tm_store *store);

/* What an ad hoc query may hold in memory (the values of a night's page are a few MiB; beyond that it would be the machine that
 * suffers) and in temporary files (sorting a store of some GiB). */
enum { TM_SQLITE_HEAP_BYTES = 1 << 30, TM_SQLITE_TEMP_GIB = 4 };

#endif
