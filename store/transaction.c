/* Transactions: one at a time on a handle, each a writing one. What a handle has learnt of the
 * store is true within one only. */
#include <stdio.h>
#include <string.h>

#include "store/handle.h"

void tm_forget(tm_store *store)
{
    tm_names_clear(&store->plugins);
    store->plugins_project = 0;
    store->next_plugin = 0;
    store->all_plugins_known = false;
    tm_forget_metrics(&store->metrics);
    store->lineages = TM_LINEAGES_UNKNOWN;
    tm_hash_free(&store->runs);
    *store->locked = '\0';
}

void tm_drop_statements(tm_store *store)
{
    for (int i = 0; i < TM_Q_COUNT; i++) {
        store->engine->finalize(store->cached[i]);
        store->cached[i] = NULL;
    }
    tm_forget(store);
}

/* What is behind the handle, by the name that it has now. */
static int open_again(tm_store *store)
{
    tm_drop_statements(store);
    store->engine->close(store);
    return store->engine->open(store, store->flags & ~(unsigned)TM_MADE_LATE);
}

/* What was learnt before may be stale: another program may have written meanwhile. */
int tm_begin_with(tm_store *store, bool references)
{
    if (store->in_transaction)
        return tm_store_fail(store, "a transaction is open already");
    if (store->made && open_again(store) != 0)
        return -1;
    store->made = false;
    if (store->engine->begin(store, references) != 0)
        return -1;
    store->in_transaction = true;
    tm_forget(store);
    return 0;
}

/* A store that is opened again counts anew. */
int tm_version(tm_store *store, int64_t *version)
{
    if (!store->engine->version || store->made)
        return 0;
    return store->engine->version(store, version) == 0 ? 1 : -1;
}

void tm_when_waiting(tm_store *store, tm_waiting *waiting)
{
    store->waiting = waiting;
}

int tm_begin(tm_store *store)
{
    return tm_begin_with(store, false);
}

/* Runs of a history come project by project: the last one is remembered. */
int tm_lock_project(tm_store *store, const char *project)
{
    if (!store->in_transaction)
        return tm_store_fail(store, "no transaction is open");
    if (!store->engine->lock_project || (project && strcmp(project, store->locked) == 0))
        return 0;
    if (store->engine->lock_project(store, project) != 0)
        return -1;
    snprintf(store->locked, sizeof store->locked, "%s", project ? project : "");
    return 0;
}

int tm_commit(tm_store *store)
{
    if (!store->in_transaction)
        return tm_store_fail(store, "no transaction is open");
    /* A commit may fail for want of disk: the transaction is then open still, and would make
     * every later begin fail. */
    if (store->engine->commit(store) != 0) {
        tm_rollback(store);
        return -1;
    }
    store->in_transaction = false;
    tm_hash_free(&store->runs);
    *store->locked = '\0';
    int published = store->engine->publish ? store->engine->publish(store) : 0;
    store->made = published == 1;
    return published < 0 ? -1 : 0;
}

/* Ids that were made in the transaction are gone with it, so they must be forgotten. */
void tm_rollback(tm_store *store)
{
    store->engine->rollback(store);
    store->in_transaction = false;
    tm_forget(store);
}

/* Statements that are prepared already mean the store's own tables. */
int tm_aside(tm_store *store)
{
    tm_drop_statements(store);
    return store->engine->aside(store);
}

int tm_snapshot(tm_store *store)
{
    return store->engine->snapshot(store);
}

/* A transaction that writes goes on. */
void tm_snapshot_end(tm_store *store)
{
    if (!store->in_transaction)
        store->engine->snapshot_end(store);
}

int tm_copy(tm_store *store, const char *path)
{
    if (!store->engine->copy)
        return tm_store_fail(store, "a store of %s cannot be copied into a file", store->engine->name);
    return store->engine->copy(store, path);
}
