/* The PostgreSQL behind a handle: what the files of this folder share, and nobody else sees. */
#ifndef TM_STORE_POSTGRES_DB_H
#define TM_STORE_POSTGRES_DB_H

#include <stdbool.h>

#include "store/handle.h"
#include "store/postgres/libpq.h"

/* The longest that one statement of ours may take: a COPY of a million rows takes seconds. */
enum { TM_POSTGRES_STATEMENT_SECONDS = 600 };

/* What store->connection points to. */
struct tm_postgres {
    const struct tm_libpq *pq;
    PGconn *db;
    bool readonly;
    unsigned transaction; /* counts up: statements are prepared for one at most */
    bool prepared_any;    /* in this one */
    char state[6];        /* SQLSTATE of what failed last; "" */
    char message[512];    /* and its words */
    bool lost;            /* the connection is */
    bool unsure;          /* it was lost while it committed */
    bool asking;          /* an ad hoc query runs */
};

static inline struct tm_postgres *tm_postgres_of(const tm_store *store)
{
    return store->connection;
}

/* Keeps why it failed, and frees the result. Always -1. */
int tm_postgres_failed(struct tm_postgres *own, PGresult *result);

/* Runs statements of ours that return nothing: 0, or -1 with the reason kept. */
int tm_postgres_run(struct tm_postgres *own, const char *sql);

/* The number that a statement of one row gives, as text. 0 or -1. */
int tm_postgres_number(struct tm_postgres *own, const char *sql, int64_t *value);

/* Makes the tables, or brings older ones up to date. 0, or -1 with the message. */
int tm_postgres_migrate(tm_store *store, unsigned flags);

/* Behind the views, in the migration: the role that only reads may read what was made, and has its function. 0 or -1. */
int tm_postgres_make_reader(tm_store *store);

/* In a transaction: gives up all rights but reading. *by_function: the query has to be run by tm_read(), for the login may do more,
 * and a query could take that back. 0, or -1: also of a superuser where there is no such function. */
int tm_postgres_become_reader(tm_store *store, bool *by_function);

/* The functions of struct tm_engine (store/engine.h), where their contracts are. */
int tm_postgres_open(tm_store *store, unsigned flags);
int tm_postgres_reconnect(tm_store *store);
enum tm_again tm_postgres_again(tm_store *store);
void tm_postgres_close(tm_store *store);
int tm_postgres_begin(tm_store *store, bool references);
int tm_postgres_commit(tm_store *store);
void tm_postgres_rollback(tm_store *store);
int tm_postgres_lock_project(tm_store *store, const char *project);
tm_statement *tm_postgres_prepare(tm_store *store, enum tm_query query);
void tm_postgres_finalize(tm_statement *statement);
int tm_postgres_bind(tm_statement *statement, int at, const struct tm_value *value);
int tm_postgres_step(tm_statement *statement);
void tm_postgres_reset(tm_statement *statement);
void tm_postgres_clear(tm_statement *statement);
int tm_postgres_width(tm_statement *statement);
const char *tm_postgres_column(tm_statement *statement, int column);
int tm_postgres_value(tm_statement *statement, int column, struct tm_value *value);
int tm_postgres_add_profiles(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n);
int tm_postgres_error(tm_store *store, const char *doing);
tm_statement *tm_postgres_query(tm_store *store, const char *sql, const struct tm_sql_limits *limits);
void tm_postgres_query_end(tm_store *store, tm_statement *statement);
int64_t tm_postgres_check(tm_store *store, tm_tell *tell, void *context);
int tm_postgres_aside(tm_store *store);
int tm_postgres_snapshot(tm_store *store);
void tm_postgres_snapshot_end(tm_store *store);

#endif
