#include <stdlib.h>
#include <string.h>

#include "ingest/record/core.h"
#include "schema/valid.h"

static size_t hash(const char *name)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3;
    return (size_t)(h ^ h >> 32);
}

/* Where the name is in the index, or would be. */
static uint32_t *find(const char *name)
{
    size_t mask = tm_recorder.index_size - 1, at = hash(name) & mask;
    while (tm_recorder.index[at] && strcmp(tm_recorder.plugins[tm_recorder.index[at] - 1]->name, name) != 0)
        at = (at + 1) & mask;
    return &tm_recorder.index[at];
}

/* Room for one more: the index is at most half full. */
static int grow(void)
{
    if (2 * (tm_recorder.n_plugins + 1) <= tm_recorder.index_size)
        return 0;
    size_t size = tm_recorder.index_size ? 2 * tm_recorder.index_size : 64;
    uint32_t *index = calloc(size, sizeof *index);
    tm_rec_plugin **plugins = realloc(tm_recorder.plugins, size / 2 * sizeof *plugins);
    if (plugins)
        tm_recorder.plugins = plugins;
    if (!index || !plugins) {
        free(index);
        return -1;
    }
    free(tm_recorder.index);
    tm_recorder.index = index;
    tm_recorder.index_size = size;
    for (size_t i = 0; i < tm_recorder.n_plugins; i++)
        *find(plugins[i]->name) = (uint32_t)i + 1;
    return 0;
}

static tm_rec_plugin *new_plugin(const char *name)
{
    tm_rec_plugin *plugin = calloc(1, sizeof *plugin);
    if (!plugin || !(plugin->name = strdup(name))) {
        free(plugin);
        return NULL;
    }
    plugin->ordinal = (uint32_t)tm_recorder.n_plugins;
    plugin->errors.busy = (atomic_flag)ATOMIC_FLAG_INIT;
    tm_totals_clear(&plugin->carry);
    return plugin;
}

static tm_rec_plugin *find_or_add(const char *name)
{
    if (tm_recorder.index_size) {
        uint32_t at = *find(name);
        if (at)
            return tm_recorder.plugins[at - 1];
    }
    if (tm_recorder.n_plugins == TM_PLUGINS_MAX) {
        tm_rec_fail("plugin '%s' is one too many: %d can be recorded", name, TM_PLUGINS_MAX);
        return NULL;
    }
    tm_rec_plugin *plugin = grow() == 0 ? new_plugin(name) : NULL;
    if (!plugin) {
        tm_rec_fail("out of memory");
        return NULL;
    }
    tm_recorder.plugins[tm_recorder.n_plugins++] = plugin;
    *find(name) = plugin->ordinal + 1;
    return plugin;
}

/* The newest version counts. One that is no text is left out, with a message. */
static void set_version(tm_rec_plugin *plugin, const char *version)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = version ? tm_name_fault(version, strlen(version)) : NULL;
    if (fault)
        tm_rec_fail("version '%s' of plugin '%s' %s", tm_shown(version, strlen(version), shown), plugin->name, fault);
    if (!version || fault || (plugin->version && strcmp(plugin->version, version) == 0))
        return;
    char *copy = strdup(version);
    if (!copy)
        return;
    free(plugin->version);
    plugin->version = copy;
}

tm_rec_plugin *tm_rec_register(const char *name, const char *version)
{
    char shown[TM_SHOWN_SIZE];
    if (!tm_recorder_on())
        return NULL;
    const char *fault = name ? tm_plugin_name_fault(name, strlen(name)) : NULL;
    if (!name) {
        tm_rec_fail("a plugin without a name");
        return NULL;
    }
    if (fault) {
        tm_rec_fail("plugin name '%s' %s", tm_shown(name, strlen(name), shown), fault);
        return NULL;
    }
    tm_recorder_lock();
    tm_rec_plugin *plugin = find_or_add(name);
    if (plugin)
        set_version(plugin, version);
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

/* Plugins of an earlier start: somebody may still hold them, and blocks of memory point to them. */
static tm_rec_plugin *former;

void tm_plugins_forget(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++) {
        tm_recorder.plugins[i]->ordinal = TM_PLUGINS_MAX;
        tm_recorder.plugins[i]->next_former = former;
        former = tm_recorder.plugins[i];
    }
    free(tm_recorder.plugins);
    free(tm_recorder.index);
    tm_recorder.plugins = NULL;
    tm_recorder.index = NULL;
    tm_recorder.n_plugins = tm_recorder.index_size = 0;
}

void tm_plugins_forked(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++) {
        tm_rec_plugin *plugin = tm_recorder.plugins[i];
        tm_totals_clear(&plugin->carry);
        tm_errors_forget(&plugin->errors);
        plugin->owner_taken = atomic_load(&plugin->owner.live);
        atomic_store(&plugin->owner.peak, plugin->owner_taken);
    }
}
