/* What an engine does by itself: running somebody's SQL, and looking for damage. Nothing here is
 * common to engines but the contract. */
#include "store/handle.h"

tm_rows *tm_sql(tm_store *store, const char *sql, const struct tm_sql_limits *limits)
{
    if (store->engine->features & TM_ENGINE_AD_HOC)
        return tm_rows_new(store, store->engine->query(store, sql, limits), true);
    tm_store_fail(store, "a store in %s runs no ad hoc SQL", store->engine->name);
    return NULL;
}

int64_t tm_check(tm_store *store, tm_tell *tell, void *context)
{
    int64_t findings = store->engine->check(store, tell, context);
    /* Of damaged tables nobody knows what they would say. */
    return findings != 0 ? findings : tm_seal_check(store, tell, context);
}
