/* Transactions. What two writers of one project could do to each other, the lock on the project's
 * row keeps apart (tm_postgres_lock_project); writers of two projects never meet. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "store/postgres/db.h"

/* The limits are the transaction's, not the session's: a pooler gives the session to others. The lock_timeout counts alone while
 * somebody waits. Whoever idles for an hour hangs; a machine that has gone without a word the server finds out as soon as we would
 * of the server (open.c), for until then it holds its project's lock. */
int tm_postgres_begin(tm_store *store, bool references)
{
    struct tm_postgres *own = tm_postgres_of(store);
    char begin[400];
    (void)references; /* the server looks after them itself */
    own->unsure = false;
    *own->state = '\0';
    snprintf(begin, sizeof begin,
             "BEGIN; SET LOCAL lock_timeout = '%ds'; SET LOCAL statement_timeout = '%ds'; "
             "SET LOCAL idle_in_transaction_session_timeout = '1h'; SET LOCAL tcp_keepalives_idle = 10; "
             "SET LOCAL tcp_keepalives_interval = 5; SET LOCAL tcp_keepalives_count = 3; SET LOCAL tcp_user_timeout = '25s'",
             TM_LOCK_SECONDS, TM_POSTGRES_STATEMENT_SECONDS);
    if (tm_postgres_run(own, begin) != 0)
        return tm_postgres_error(store, "use");
    own->transaction++;
    own->prepared_any = false;
    return 0;
}

/* Whether it was stored is unknown where no answer came: the server, or a pooler before it, has gone meanwhile. */
static int commit_failed(tm_store *store, PGresult *result)
{
    struct tm_postgres *own = tm_postgres_of(store);
    tm_postgres_failed(own, result);
    own->unsure = own->lost;
    tm_postgres_error(store, "write");
    if (own->unsure) {
        size_t used = strlen(store->error);
        snprintf(store->error + used, sizeof store->error - used,
                 "; the connection was lost while that was committed: it is stored whole or not at all");
    }
    return -1;
}

/* A transaction that has failed is rolled back by COMMIT, which calls that a success. */
int tm_postgres_commit(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (own->prepared_any && tm_postgres_run(own, "DEALLOCATE ALL") != 0)
        return tm_postgres_error(store, "write");
    PGresult *result = own->pq->PQexec(own->db, "COMMIT");
    if (own->pq->PQresultStatus(result) != PGRES_COMMAND_OK)
        return commit_failed(store, result);
    bool committed = strcmp(own->pq->PQcmdStatus(result), "COMMIT") == 0;
    own->pq->PQclear(result);
    return committed ? 0 : tm_store_fail(store, "cannot write '%s': the transaction had failed before", store->path);
}

void tm_postgres_rollback(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (!own || !own->db || own->pq->PQtransactionStatus(own->db) == PQTRANS_IDLE)
        return;
    tm_postgres_run(own, "ROLLBACK");
    /* Prepared statements outlive a transaction that is rolled back. */
    if (own->prepared_any)
        tm_postgres_run(own, "DEALLOCATE ALL");
    own->prepared_any = false;
}

/* Says once that others are waited for. */
static void watch_waiting(tm_store *store)
{
    enum { TOLD_MS = 2000 };
    struct tm_postgres *own = tm_postgres_of(store);
    struct pollfd answer = {.fd = own->pq->PQsocket(own->db), .events = POLLIN};
    while (own->pq->PQisBusy(own->db)) {
        int ready = poll(&answer, 1, TOLD_MS);
        if (ready == 0 && store->waiting)
            store->waiting(store->path);
        if (ready == 0 || (ready < 0 && errno != EINTR) || own->pq->PQconsumeInput(own->db) != 1)
            return; /* what is wrong, the result says */
    }
}

/* Runs a statement that may wait for a lock. How many rows it gives, or -1. */
static int wait_for(tm_store *store, const char *sql, const char *project)
{
    struct tm_postgres *own = tm_postgres_of(store);
    const char *values[] = {project};
    PGresult *result, *more;
    if (own->pq->PQsendQueryParams(own->db, sql, project ? 1 : 0, NULL, values, NULL, NULL, 0) != 1) {
        tm_postgres_failed(own, NULL);
        return tm_postgres_error(store, "use");
    }
    watch_waiting(store);
    result = own->pq->PQgetResult(own->db);
    while ((more = own->pq->PQgetResult(own->db)))
        own->pq->PQclear(more);
    if (own->pq->PQresultStatus(result) != PGRES_TUPLES_OK) {
        tm_postgres_failed(own, result);
        return tm_postgres_error(store, "use");
    }
    int rows = own->pq->PQntuples(result);
    own->pq->PQclear(result);
    return rows;
}

/* Whoever writes in a project holds its row; FOR NO KEY UPDATE lets those pass that only refer to it. A row's lock goes to whoever
 * comes at the right moment, so those who want it queue before it, first come, first served, for a lock that is no more than a
 * turn: of the store's schema and the project's name, which those who make the project share, too. All projects: always in one
 * order, and without a turn, for there may be more of them than the server has room for locks. */
int tm_postgres_lock_project(tm_store *store, const char *project)
{
    static const char turn[] = "SELECT pg_advisory_xact_lock(1416193125, "
                               "('x' || substr(md5(current_schema() || '.' || $1::text), 1, 8))::bit(32)::int)",
                      row[] = "SELECT 1 FROM project WHERE name = $1::text FOR NO KEY UPDATE",
                      all[] = "SELECT 1 FROM project ORDER BY project_id FOR NO KEY UPDATE";
    if (!project)
        return wait_for(store, all, NULL) < 0 ? -1 : 0;
    return wait_for(store, turn, project) < 0 || wait_for(store, row, project) < 0 ? -1 : 0;
}

int tm_postgres_snapshot(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (own->pq->PQtransactionStatus(own->db) != PQTRANS_IDLE)
        return 0;
    own->transaction++;
    own->prepared_any = false;
    return tm_postgres_run(own, "BEGIN ISOLATION LEVEL REPEATABLE READ") == 0 ? 0 : tm_postgres_error(store, "use");
}

/* Nothing was written but tables of this transaction alone. */
void tm_postgres_snapshot_end(tm_store *store)
{
    tm_postgres_rollback(store);
}

int tm_postgres_aside(tm_store *store)
{
    if (tm_postgres_snapshot(store) != 0)
        return -1;
    return tm_postgres_run(tm_postgres_of(store), tm_postgres_aside_tables) == 0 ? 0 : tm_postgres_error(store, "use");
}
