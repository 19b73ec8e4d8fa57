/* Opening and closing a store. The one place that knows which engines there are: the path says
 * which of them a store is behind. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/handle.h"

/* Every path is a file's, so far. */
static const struct tm_engine *engine_of(const char *path)
{
    (void)path;
    return &tm_sqlite_engine;
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
    tm_store *store = *out = calloc(1, sizeof *store);
    if (!store)
        return -1;
    store->engine = engine_of(path);
    store->path = strdup(path);
    if (!store->path)
        return tm_store_fail(store, "out of memory");
    if ((store->engine->features & TM_ENGINE_FILE) && !(flags & TM_CREATE) && access(path, F_OK) != 0)
        return cannot_find(store);
    store->flags = flags;
    return store->engine->open(store, flags);
}

/* Statements before the connection: an engine may refuse to close over them. */
void tm_close(tm_store *store)
{
    if (!store)
        return;
    tm_run_abort(store);
    tm_drop_statements(store);
    store->engine->close(store);
    free(store->batch.rows);
    free(store->path);
    free(store);
}
