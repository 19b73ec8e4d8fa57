/* PostgreSQL's failures in words: the server's own, or libpq's where no server answered. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/db.h"

/* A message is lines, the first of which says what is wrong: "ERROR:  ..." or libpq's own. */
static void keep_message(struct tm_postgres *own, const char *message)
{
    const char *words = strncmp(message, "ERROR:", 6) == 0   ? message + 6
                        : strncmp(message, "FATAL:", 6) == 0 ? message + 6
                                                             : message;
    while (*words == ' ')
        words++;
    snprintf(own->message, sizeof own->message, "%.*s", (int)strcspn(words, "\n"), words);
}

static bool is_state(const struct tm_postgres *own, const char *state)
{
    return strcmp(own->state, state) == 0;
}

/* The server says that it ends the session before libpq sees that it has. */
static bool is_lost(const struct tm_postgres *own)
{
    return own->pq->PQstatus(own->db) != CONNECTION_OK || strncmp(own->state, "08", 2) == 0 || is_state(own, "57P01") ||
           is_state(own, "57P02") || is_state(own, "57P03"); /* a session, a crash, and a server that starts */
}

/* In a transaction that has failed each further statement fails: the first one's reason is kept. */
int tm_postgres_failed(struct tm_postgres *own, PGresult *result)
{
    const char *state = result ? own->pq->PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    const char *primary = result ? own->pq->PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    if (!state || strcmp(state, "25P02") != 0 || !*own->state) {
        snprintf(own->state, sizeof own->state, "%s", state ? state : "");
        keep_message(own, primary ? primary : own->pq->PQerrorMessage(own->db));
    }
    own->lost = own->lost || is_lost(own);
    if (result)
        own->pq->PQclear(result);
    return -1;
}

/* Two who met, ids that two have made at once, or a connection that is lost. */
enum tm_again tm_postgres_again(tm_store *store)
{
    const struct tm_postgres *own = tm_postgres_of(store);
    if (!own->db)
        return TM_AGAIN_NO;
    if (own->unsure)
        return TM_AGAIN_UNSURE;
    return own->lost || is_state(own, "40001") || is_state(own, "40P01") || is_state(own, "23505") ? TM_AGAIN_SAME : TM_AGAIN_NO;
}

/* Of an ad hoc query. */
static int query_error(tm_store *store, const struct tm_postgres *own)
{
    if (is_state(own, "57014")) /* query_canceled */
        return tm_store_fail(store, "the query was stopped: it took longer than its time limit (--timeout SECONDS sets it)");
    if (is_state(own, "25006") || is_state(own, "42501")) /* read_only_sql_transaction, insufficient_privilege */
        return tm_store_fail(store, "refused: %s; ad hoc SQL may only read the store", own->message);
    if (is_state(own, "53400")) /* configuration_limit_exceeded: of temporary files */
        return tm_store_fail(store, "the query was stopped: %s", own->message);
    if (is_state(own, "42601") && strstr(own->message, "multiple commands"))
        return tm_store_fail(store, "expected one statement, found more after the first");
    return tm_store_fail(store, "SQL: %s", own->message);
}

int tm_postgres_error(tm_store *store, const char *doing)
{
    const struct tm_postgres *own = tm_postgres_of(store);
    if (!doing)
        return query_error(store, own);
    if (is_state(own, "55P03")) /* lock_not_available */
        return tm_store_fail(store, "cannot %s '%s': locked by another program for more than %d seconds", doing, store->path,
                             TM_LOCK_SECONDS);
    if (is_state(own, "57014")) /* query_canceled */
        return tm_store_fail(store, "cannot %s '%s': a statement took longer than %d seconds, and was stopped", doing, store->path,
                             TM_POSTGRES_STATEMENT_SECONDS);
    return tm_store_fail(store, "cannot %s '%s': %s", doing, store->path, own->message);
}

int tm_postgres_run(struct tm_postgres *own, const char *sql)
{
    PGresult *result = own->pq->PQexec(own->db, sql);
    ExecStatusType status = own->pq->PQresultStatus(result);
    if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
        return tm_postgres_failed(own, result);
    own->pq->PQclear(result);
    return 0;
}

int tm_postgres_number(struct tm_postgres *own, const char *sql, int64_t *value)
{
    PGresult *result = own->pq->PQexec(own->db, sql);
    if (own->pq->PQresultStatus(result) != PGRES_TUPLES_OK)
        return tm_postgres_failed(own, result);
    *value = own->pq->PQntuples(result) > 0 ? strtoll(own->pq->PQgetvalue(result, 0, 0), NULL, 10) : 0;
    own->pq->PQclear(result);
    return 0;
}
