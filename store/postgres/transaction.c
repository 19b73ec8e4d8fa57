/* Transactions. What two writers of one project could do to each other, the lock on the project's
 * row keeps apart (tm_postgres_lock_project); writers of two projects never meet. */
#include <stdio.h>
#include <string.h>

#include "store/postgres/db.h"

/* The limits are the transaction's, not the session's: a pooler gives the session to others. */
int tm_postgres_begin(tm_store *store, bool references)
{
    struct tm_postgres *own = tm_postgres_of(store);
    char begin[160];
    (void)references; /* the server looks after them itself */
    snprintf(begin, sizeof begin, "BEGIN; SET LOCAL lock_timeout = '%ds'; SET LOCAL idle_in_transaction_session_timeout = '1h'",
             TM_LOCK_SECONDS);
    if (tm_postgres_run(own, begin) != 0)
        return tm_postgres_error(store, "use");
    own->transaction++;
    own->prepared_any = false;
    return 0;
}

/* A transaction that has failed is rolled back by COMMIT, which calls that a success. */
int tm_postgres_commit(tm_store *store)
{
    struct tm_postgres *own = tm_postgres_of(store);
    if (own->prepared_any && tm_postgres_run(own, "DEALLOCATE ALL") != 0)
        return tm_postgres_error(store, "write");
    PGresult *result = own->pq->PQexec(own->db, "COMMIT");
    if (own->pq->PQresultStatus(result) != PGRES_COMMAND_OK) {
        tm_postgres_failed(own, result);
        return tm_postgres_error(store, "write");
    }
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

/* Whoever writes in a project holds its row; FOR NO KEY UPDATE lets those pass that only refer to it. */
int tm_postgres_lock_project(tm_store *store, const char *project)
{
    struct tm_postgres *own = tm_postgres_of(store);
    const char *values[] = {project};
    PGresult *result = own->pq->PQexecParams(own->db, "SELECT 1 FROM project WHERE name = $1::text FOR NO KEY UPDATE", 1, NULL,
                                             values, NULL, NULL, 0);
    if (own->pq->PQresultStatus(result) != PGRES_TUPLES_OK) {
        tm_postgres_failed(own, result);
        return tm_postgres_error(store, "use");
    }
    own->pq->PQclear(result);
    return 0;
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

/* Nothing was written but copies of this session's own. */
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
