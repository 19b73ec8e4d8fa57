/* Somebody's SQL: in a transaction that reads, of a role that may do no more (reader.c), within limits, row by row as the server
 * sends them. The server's protocol takes one statement at a time, and says before it runs which columns it has: none has what is
 * no question. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "store/postgres/db.h"
#include "store/postgres/statement.h"

/* As our own statements have them, so that a value is shown alike. The size of temporary files is a superuser's to limit; for
 * another login the server's own limit counts. */
static int begin(tm_store *store, const struct tm_sql_limits *limits)
{
    struct tm_postgres *own = tm_postgres_of(store);
    char sql[540];
    double ms = ceil(limits->seconds * 1000); /* 0 is none for the server, too */
    long long temp_kib = (limits->temp_bytes > 0 ? limits->temp_bytes : (int64_t)4 << 30) / 1024 + 1;
    snprintf(sql, sizeof sql,
             "BEGIN READ ONLY; SET LOCAL statement_timeout = %lld; SET LOCAL lock_timeout = '%ds'; "
             "SET LOCAL idle_in_transaction_session_timeout = '1h'; SET LOCAL extra_float_digits = 1; SET LOCAL DateStyle = ISO; "
             "SET LOCAL standard_conforming_strings = on; "
             "SET LOCAL TimeZone = 'UTC'; "
             "SELECT set_config('temp_file_limit', '%lldkB', true) FROM pg_roles WHERE rolname = current_user AND rolsuper",
             (long long)fmin(ms, INT_MAX), TM_LOCK_SECONDS, temp_kib);
    *own->state = '\0';
    own->asking = true;
    return tm_postgres_run(own, sql) == 0 ? 0 : tm_postgres_error(store, "use");
}

/* The columns that the query will have; NULL after a message. */
static PGresult *describe(tm_store *store, const char *sql)
{
    struct tm_postgres *own = tm_postgres_of(store);
    PGresult *result = own->pq->PQprepare(own->db, "", sql, 0, NULL);
    if (own->pq->PQresultStatus(result) == PGRES_COMMAND_OK) {
        own->pq->PQclear(result);
        result = own->pq->PQdescribePrepared(own->db, "");
    }
    if (own->pq->PQresultStatus(result) != PGRES_COMMAND_OK) {
        tm_postgres_failed(own, result);
        tm_postgres_error(store, NULL);
        return NULL;
    }
    if (own->pq->PQnfields(result) > 0)
        return result;
    own->pq->PQclear(result);
    if (!sql[strspn(sql, "; \t\r\n")])
        tm_store_fail(store, "there is no SQL statement in the query");
    else
        tm_store_fail(store, "refused: ad hoc SQL may only read the store");
    return NULL;
}

/* The statement that asks tm_read() for rows of those columns: it has to be told their types. NULL after a message. */
static char *call_of(tm_store *store, const PGresult *columns)
{
    struct tm_postgres *own = tm_postgres_of(store);
    struct tm_builder asked, call;
    int n = own->pq->PQnfields(columns);
    FILE *out = tm_build(&asked);
    for (int i = 0; i < n && out; i++)
        fprintf(out, "%s(%d, %u)", i ? ", " : "SELECT format_type(oid, -1), typtype = 'p' FROM (VALUES ", i,
                own->pq->PQftype(columns, i));
    if (out)
        fputs(") AS wanted (n, oid) JOIN pg_type USING (oid) ORDER BY n", out);
    char *sql = tm_built(&asked);
    PGresult *types = sql ? own->pq->PQexec(own->db, sql) : NULL;
    free(sql);
    if (own->pq->PQresultStatus(types) != PGRES_TUPLES_OK || own->pq->PQntuples(types) != n) {
        if (sql)
            tm_postgres_failed(own, types), tm_postgres_error(store, NULL);
        else
            tm_store_fail(store, "out of memory");
        return NULL;
    }
    out = tm_build(&call);
    for (int i = 0; i < n && out; i++)
        fprintf(out, "%sc%d %s", i ? ", " : "SELECT * FROM tm_read($1::text) AS t(", i, own->pq->PQgetvalue(types, i, 0));
    if (out)
        fputc(')', out);
    sql = tm_built(&call);
    if (!sql)
        tm_store_fail(store, "out of memory");
    for (int i = 0; i < n && sql; i++)
        if (*own->pq->PQgetvalue(types, i, 1) == 't') {
            tm_store_fail(store, "SQL: column '%s' is of type '%s', which cannot be shown: cast it to text",
                          own->pq->PQfname(columns, i), own->pq->PQgetvalue(types, i, 0));
            free(sql);
            sql = NULL;
        }
    own->pq->PQclear(types);
    return sql;
}

/* Sends the query. 0, or -1 after a message. */
static int send(tm_store *store, const char *sql, const PGresult *columns, bool by_function)
{
    struct tm_postgres *own = tm_postgres_of(store);
    const char *values[] = {sql};
    char *call = by_function ? call_of(store, columns) : NULL;
    if (by_function && !call)
        return -1;
    int sent = call ? own->pq->PQsendQueryParams(own->db, call, 1, NULL, values, NULL, NULL, 0)
                    : own->pq->PQsendQueryParams(own->db, sql, 0, NULL, NULL, NULL, NULL, 0);
    free(call);
    if (sent == 1 && own->pq->PQsetSingleRowMode(own->db) == 1)
        return 0;
    tm_postgres_failed(own, NULL);
    return tm_postgres_error(store, NULL);
}

/* NULL after a message. The statement takes the columns. */
static tm_statement *ask(tm_store *store, const char *sql, PGresult *columns, bool by_function)
{
    tm_statement *statement = tm_postgres_ad_hoc(store, columns);
    if (!statement || send(store, sql, columns, by_function) != 0) {
        tm_postgres_finalize(statement);
        return NULL;
    }
    if (tm_postgres_ad_hoc_first(statement) == 0)
        return statement;
    tm_postgres_error(store, NULL);
    tm_postgres_finalize(statement);
    return NULL;
}

tm_statement *tm_postgres_query(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    bool by_function;
    tm_postgres_query_end(store, NULL);
    PGresult *columns =
        begin(store, limits) == 0 && tm_postgres_become_reader(store, &by_function) == 0 ? describe(store, sql) : NULL;
    tm_statement *statement = columns ? ask(store, sql, columns, by_function) : NULL;
    if (!statement)
        tm_postgres_query_end(store, NULL);
    return statement;
}

/* What the server still has to say of a query that nobody reads on is stopped, and read. */
static void drain(struct tm_postgres *own)
{
    char words[256];
    PGcancel *cancel = own->pq->PQtransactionStatus(own->db) == PQTRANS_ACTIVE ? own->pq->PQgetCancel(own->db) : NULL;
    PGresult *result;
    if (cancel)
        own->pq->PQcancel(cancel, words, sizeof words);
    own->pq->PQfreeCancel(cancel);
    while ((result = own->pq->PQgetResult(own->db)))
        own->pq->PQclear(result);
}

void tm_postgres_query_end(tm_store *store, tm_statement *statement)
{
    struct tm_postgres *own = tm_postgres_of(store);
    tm_postgres_finalize(statement);
    if (!own->asking)
        return;
    drain(own);
    own->asking = false;
    tm_postgres_run(own, "ROLLBACK");
    tm_postgres_run(own, "SELECT pg_advisory_unlock_all()"); /* the one thing that would be left of a query in a session */
}
