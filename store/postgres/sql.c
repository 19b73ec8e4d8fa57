/* Somebody's SQL: in a transaction that reads, of a role that may do no more, within limits, row by
 * row as the server sends them. The server's protocol takes one statement at a time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/db.h"
#include "store/postgres/statement.h"

/* A superuser is never left in charge: COPY ... TO PROGRAM and functions that read files work in a transaction that reads, too. */
static int give_up_rights(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    int64_t may = 0, super = 0;
    if (tm_postgres_number(
            own,
            "SELECT (EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'tidemark_reader') AND pg_has_role(current_user, "
            "(SELECT oid FROM pg_roles WHERE rolname = 'tidemark_reader'), 'MEMBER'))::int",
            &may) != 0 ||
        tm_postgres_number(own, "SELECT rolsuper::int FROM pg_roles WHERE rolname = current_user", &super) != 0)
        return tm_postgres_error(store, "use");
    if (may)
        return tm_postgres_run(own, "SET LOCAL ROLE tidemark_reader") == 0 ? 0 : tm_postgres_error(store, "use");
    return super ? tm_store_fail(store, "refused: ad hoc SQL does not run as a superuser, and there is no role 'tidemark_reader'")
                 : 0;
}

static int begin(tm_store *store, const struct tm_sql_limits *limits)
{
    struct tm_postgres *own = tm_postgres_of(store);
    char sql[240];
    int64_t temp = limits->temp_bytes > 0 ? limits->temp_bytes : (int64_t)4 << 30;
    (void)temp; /* temp_file_limit is a superuser's to set; the server has its own */
    snprintf(sql, sizeof sql,
             "BEGIN READ ONLY; SET LOCAL statement_timeout = %lld; SET LOCAL extra_float_digits = 1; SET LOCAL DateStyle = ISO",
             (long long)(limits->seconds * 1000));
    if (tm_postgres_run(own, sql) != 0)
        return tm_postgres_error(store, "use");
    own->asking = true;
    return give_up_rights(store);
}

tm_statement *tm_postgres_query(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    struct tm_postgres *own = tm_postgres_of(store);
    tm_postgres_query_end(store, NULL);
    tm_statement *statement = begin(store, limits) == 0 ? tm_postgres_ad_hoc(store) : NULL;
    if (!statement) {
        tm_postgres_query_end(store, NULL);
        return NULL;
    }
    bool sent =
        own->pq->PQsendQueryParams(own->db, sql, 0, NULL, NULL, NULL, NULL, 0) == 1 && own->pq->PQsetSingleRowMode(own->db) == 1;
    if (!sent)
        tm_postgres_failed(own, NULL);
    if (!sent || tm_postgres_ad_hoc_first(statement) != 0) {
        if (*own->state || *own->message)
            tm_postgres_error(store, NULL);
        tm_postgres_query_end(store, statement);
        return NULL;
    }
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
}
