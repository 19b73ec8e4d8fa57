/* Registering plugins. A plugin's struct lives as long as the process, also through stops, for a host may still hold it, and one of
 * the same name is the same again. A recording numbers those that take part in it: the ordinal, by which threads find their cells.
 */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "record/binding.h"
#include "record/plugins.h"
#include "record/state.h"
#include "schema/valid.h"

/* With the next one: guarded by the recorder's lock. */
static struct tm_hash all; /* ever registered, by name; items are their addresses */
static size_t room;        /* of tm_recorder.plugins */

static bool has_name(uintptr_t item, const void *name)
{
    return strcmp(((const tm_rec_plugin *)item)->name, name) == 0;
}

/* NULL: no memory. */
static tm_rec_plugin *new_plugin(const char *name, uint64_t hash)
{
    tm_rec_plugin *plugin = calloc(1, sizeof *plugin);
    if (!plugin || !(plugin->name = strdup(name)) || tm_hash_add(&all, hash, (uintptr_t)plugin) != 0) {
        if (plugin)
            free(plugin->name);
        free(plugin);
        return NULL;
    }
    plugin->ordinal = TM_PLUGINS_MAX;
    plugin->errors.busy = (atomic_flag)ATOMIC_FLAG_INIT;
    return plugin;
}

/* Nothing has been recorded of it. */
static void clear_records(tm_rec_plugin *plugin)
{
    tm_totals_clear(&plugin->carry);
    tm_errors_forget(&plugin->errors);
    plugin->owner_taken = atomic_load(&plugin->owner.live);
    atomic_store(&plugin->owner.peak, plugin->owner_taken);
}

/* A plugin that takes part in this recording; NULL with a message. */
static tm_rec_plugin *find_or_add(const char *name)
{
    uint64_t hash = tm_hash_text(name, strlen(name));
    tm_rec_plugin *plugin = (tm_rec_plugin *)tm_hash_find(&all, hash, has_name, name);
    if (plugin && plugin->ordinal < TM_PLUGINS_MAX)
        return plugin;
    if (tm_recorder.n_plugins == TM_PLUGINS_MAX) {
        tm_rec_fail("cannot record plugin '%s': at most %d can be recorded", name, TM_PLUGINS_MAX);
        return NULL;
    }
    if (tm_array_reserve(&tm_recorder.plugins, &room, tm_recorder.n_plugins + 1, sizeof *tm_recorder.plugins) != 0 ||
        (!plugin && !(plugin = new_plugin(name, hash)))) {
        tm_rec_fail("out of memory");
        return NULL;
    }
    clear_records(plugin);
    free(plugin->version);
    plugin->version = NULL;
    tm_recorder.plugins[tm_recorder.n_plugins] = plugin;
    plugin->ordinal = (uint32_t)tm_recorder.n_plugins++;
    return plugin;
}

/* 0, or -1 with a message: no memory, the plugin has the version that it had. */
static int set_version(tm_rec_plugin *plugin, const char *version)
{
    if (plugin->version && strcmp(plugin->version, version) == 0)
        return 0;
    char *copy = strdup(version);
    if (!copy)
        return tm_rec_fail("out of memory");
    free(plugin->version);
    plugin->version = copy;
    return 0;
}

tm_rec_plugin *tm_rec_register(const char *name, const char *version)
{
    char shown[TM_SHOWN_SIZE];
    if (!tm_recorder_on())
        return NULL;
    if (!name) {
        tm_rec_fail("a plugin needs a name");
        return NULL;
    }
    const char *fault = tm_plugin_name_fault(name, strlen(name));
    if (fault) {
        tm_rec_fail("plugin name '%s' %s", tm_shown(name, strlen(name), shown), fault);
        return NULL;
    }
    tm_recorder_lock();
    tm_rec_plugin *plugin = tm_recorder_on() ? find_or_add(name) : NULL; /* it may have stopped meanwhile */
    fault = version ? tm_name_fault(version, strlen(version)) : NULL;
    if (plugin && fault)
        tm_rec_fail("version '%s' of plugin '%s' %s", tm_shown(version, strlen(version), shown), name, fault);
    else if (plugin && version && set_version(plugin, version) != 0)
        plugin = NULL;
    tm_recorder_unlock();
    return plugin;
}

const char *tm_rec_plugin_name(const tm_rec_plugin *plugin)
{
    return plugin ? plugin->name : NULL;
}

struct tm_memory_owner *tm_rec_owner(tm_rec_plugin *plugin)
{
    return &plugin->owner;
}

void tm_plugins_forget(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++)
        tm_recorder.plugins[i]->ordinal = TM_PLUGINS_MAX;
    tm_recorder.n_plugins = 0;
}

void tm_plugins_forked(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++)
        clear_records(tm_recorder.plugins[i]);
}
