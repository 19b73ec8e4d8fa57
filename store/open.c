/* Opening and closing a store. The one place that knows which engines there are: the path says
 * which of them a store is behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "store/handle.h"

/* An address is a server's, every other path a file's. NULL: the engine was not built in. */
static const struct tm_engine *engine_of(const char *path)
{
    if (!tm_is_address(path))
        return &tm_sqlite_engine;
#ifdef TM_POSTGRES
    return &tm_postgres_engine;
#else
    return NULL;
#endif
}

/* A store that is not there is mostly a wrong directory: the message says how to name one, or to
 * make it. */
static int cannot_find(tm_store *store)
{
    if (errno == ENOENT)
        return tm_store_fail(store, "no store at '%s': 'tidemark ingest' makes one, --db FILE or TIDEMARK_DB names another",
                             store->path);
    return tm_store_fail(store, "cannot open '%s': %s", store->path, strerror(errno));
}

/* *out is set as soon as there is a handle, since the message of a failure lives in it. */
int tm_open(const char *path, unsigned flags, tm_store **out)
{
    return tm_open_migrating(path, flags, NULL, out);
}

/* A store that is not there would be made by all there is. */
static int plan_all(const struct tm_migration *migration)
{
    for (int i = 0; i < TM_MIGRATION_COUNT; i++)
        migration->plan(migration->context, tm_migrations[i]);
    migration->plan(migration->context, tm_views);
    return 0;
}

int tm_open_migrating(const char *path, unsigned flags, const struct tm_migration *migration, tm_store **out)
{
    tm_store *store = *out = calloc(1, sizeof *store);
    if (!store)
        return -1;
    store->migration = migration;
    store->engine = engine_of(path);
    store->unreachable = !store->engine;
    if (!store->engine)
        return tm_store_fail(store, "this Tidemark was built without PostgreSQL: build it where libpq's headers are (libpq-dev)");
    store->path = strdup(path);
    if (!store->path)
        return tm_store_fail(store, "out of memory");
    bool file = store->engine->features & TM_ENGINE_FILE;
    if (file && migration && migration->partitions)
        return tm_store_fail(store, "a store of %s has no partitions", store->engine->name);
    if (file && migration && migration->plan && access(path, F_OK) != 0 && errno == ENOENT)
        return plan_all(migration);
    if (file && !(flags & TM_CREATE) && access(path, F_OK) != 0)
        return cannot_find(store);
    store->flags = flags;
    int result = store->engine->open(store, flags);
    store->migration = NULL;
    return result;
}

bool tm_unreachable(const tm_store *store)
{
    return store && store->unreachable;
}

/* Statements before the connection: an engine may refuse to close over them. */
void tm_close(tm_store *store)
{
    if (!store)
        return;
    tm_run_abort(store);
    if (store->engine) {
        tm_drop_statements(store);
        store->engine->close(store);
    }
    free(store->batch.rows);
    free(store->path);
    free(store);
}
