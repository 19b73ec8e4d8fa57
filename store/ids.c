/* From names to ids. Plugins are remembered as long as the transaction lasts: every row of every
 * run has one. */
#include "store/ids.h"

#include <errno.h>
#include <string.h>

#include "store/handle.h"
#include "store/machine.h"

/* Not remembered: asked once a run. */
int tm_find_project(tm_store *store, const char *name, int64_t *id)
{
    return tm_get(store, id, TM_Q_PROJECT_FIND, "t", name);
}

int tm_find_plugin(tm_store *store, int64_t project, const char *name, int64_t *id)
{
    return tm_get(store, id, TM_Q_PLUGIN_FIND, "it", project, name);
}

int tm_find_run(tm_store *store, int64_t project, const char *key, int64_t *id)
{
    return tm_get(store, id, TM_Q_RUN_FIND, "it", project, key);
}

/* Found or added; a project needs no more than a name. Whoever makes one writes in it: locked from before it is looked for, so that
 * two who make the same one do not meet, and nobody's run is looked for and then stored by two. */
int tm_make_project(tm_store *store, const char *name, int64_t *id)
{
    int found = tm_lock_project(store, name) == 0 ? tm_find_project(store, name, id) : -1;
    if (found == 0)
        found = tm_get(store, id, TM_Q_PROJECT_ADD, "t", name);
    return found == 1 ? 0 : -1;
}

/* A host that is named is just that name; of this machine what it is made of is stored too. Found
 * first: no id is used up. */
int tm_make_host(tm_store *store, const char *key, int64_t *id)
{
    static const struct tm_machine unknown = {.cores = TM_UNKNOWN, .memory_gib = TM_UNKNOWN};
    const struct tm_machine *machine = key ? &unknown : tm_this_machine();
    if (!machine)
        return tm_store_fail(store, "cannot identify this machine: /proc/cpuinfo: %s", strerror(errno));
    if (!key)
        key = machine->key;
    int found = tm_get(store, id, TM_Q_HOST_FIND, "t", key);
    if (found == 0)
        found =
            tm_get(store, id, TM_Q_HOST_ADD, "ttnnt", key, machine->cpu_model, machine->cores, machine->memory_gib, machine->os);
    return found == 1 ? 0 : -1;
}

/* Ids rise from the largest there is; no other program can add any in this transaction. The very last one is not counted up:
 * another insert of it fails, and says so. */
static int add_plugin(tm_store *store, int64_t project, const char *name, int64_t *id)
{
    *id = store->next_plugin;
    if (tm_do(store, TM_Q_PLUGIN_ADD, "iit", *id, project, name) != 0)
        return -1;
    store->next_plugin += store->next_plugin < INT64_MAX;
    return 0;
}

/* What is remembered is of one project: runs of several in one transaction are rare. In a store without a plugin nobody need be
 * looked for who is not remembered. */
static int turn_to_project(tm_store *store, int64_t project)
{
    if (tm_get(store, &store->next_plugin, TM_Q_PLUGIN_NEXT, "i", project) != 1)
        return -1;
    tm_names_clear(&store->plugins);
    store->plugins_project = project;
    store->all_plugins_known = store->next_plugin == 1;
    return 0;
}

/* Remembered, found, or added, in this order: a night's plugins are the same as the night
 * before. */
int tm_make_plugin(tm_store *store, int64_t project, const char *name, int64_t *id)
{
    if (store->plugins_project != project && turn_to_project(store, project) != 0)
        return -1;
    *id = tm_names_get(&store->plugins, name);
    if (*id)
        return 0;
    int found = store->all_plugins_known ? 0 : tm_find_plugin(store, project, name, id);
    if (found < 0 || (found == 0 && add_plugin(store, project, name, id) != 0))
        return -1;
    return tm_names_put(&store->plugins, name, *id) == 0 ? 0 : tm_store_fail(store, "out of memory");
}
