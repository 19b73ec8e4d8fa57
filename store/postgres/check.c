/* Looks for what breaks the rules of schema/invariants.sql. Files, indexes and references are the server's to keep. */
#include "store/postgres/db.h"

static int64_t check_rule(tm_store *store, const char *sql, tm_tell *tell, void *context)
{
    struct tm_postgres *own = tm_postgres_of(store);
    PGresult *result = own->pq->PQexec(own->db, sql);
    if (own->pq->PQresultStatus(result) != PGRES_TUPLES_OK) {
        tm_postgres_failed(own, result);
        return tm_postgres_error(store, "check");
    }
    int n = own->pq->PQntuples(result);
    for (int i = 0; i < n; i++)
        tell(context, own->pq->PQgetvalue(result, i, 0), own->pq->PQgetvalue(result, i, 1));
    own->pq->PQclear(result);
    return n;
}

int64_t tm_postgres_check(tm_store *store, tm_tell *tell, void *context)
{
    int64_t findings = 0;
    for (int i = 0; i < TM_POSTGRES_INVARIANT_COUNT; i++) {
        int64_t found = check_rule(store, tm_postgres_invariants[i].sql, tell, context);
        if (found < 0)
            return -1;
        findings += found;
    }
    int64_t broken = tm_seal_check(store, tell, context);
    return broken < 0 ? -1 : findings + broken;
}
