#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "record/binding.h"
#include "record/plugins.h"
#include "record/state.h"
#include "schema/valid.h"

static size_t hash(const char *name)
{
    uint64_t h = 0xcbf29ce484222325;
    for (; *name; name++)
        h = (h ^ (unsigned char)*name) * 0x100000001b3;
    return (size_t)(h ^ h >> 32);
}

/* All that were ever registered, also before a stop: a host may still hold them, and one of the same name is the same again. */
static struct {
    tm_rec_plugin **list;
    size_t n;
    uint32_t *index; /* by name: place in the list + 1, open addressing */
    size_t index_size;
} known;

/* Where the name is in the index, or would be. */
static uint32_t *find(const char *name)
{
    size_t mask = known.index_size - 1, at = hash(name) & mask;
    while (known.index[at] && strcmp(known.list[known.index[at] - 1]->name, name) != 0)
        at = (at + 1) & mask;
    return &known.index[at];
}

static int more_room(tm_rec_plugin ***list, size_t n)
{
    tm_rec_plugin **more = realloc(*list, n * sizeof *more);
    if (more)
        *list = more;
    return more ? 0 : -1;
}

/* Room for one more: the index is at most half full. */
static int grow(void)
{
    if (2 * (known.n + 1) <= known.index_size)
        return 0;
    size_t size = known.index_size ? 2 * known.index_size : 64;
    if (more_room(&known.list, size / 2) != 0 || more_room(&tm_recorder.plugins, size / 2) != 0)
        return -1;
    uint32_t *index = calloc(size, sizeof *index);
    if (!index)
        return -1;
    free(known.index);
    known.index = index;
    known.index_size = size;
    for (size_t i = 0; i < known.n; i++)
        *find(known.list[i]->name) = (uint32_t)i + 1;
    return 0;
}

static tm_rec_plugin *new_plugin(const char *name)
{
    tm_rec_plugin *plugin = calloc(1, sizeof *plugin);
    if (!plugin || !(plugin->name = strdup(name))) {
        free(plugin);
        return NULL;
    }
    plugin->ordinal = TM_PLUGINS_MAX;
    plugin->errors.busy = (atomic_flag)ATOMIC_FLAG_INIT;
    return plugin;
}

static tm_rec_plugin *add(const char *name)
{
    tm_rec_plugin *plugin = grow() == 0 ? new_plugin(name) : NULL;
    if (!plugin)
        return NULL;
    known.list[known.n++] = plugin;
    *find(name) = (uint32_t)known.n;
    return plugin;
}

/* Nothing has been recorded of it. */
static void clear(tm_rec_plugin *plugin)
{
    tm_totals_clear(&plugin->carry);
    tm_errors_forget(&plugin->errors);
    plugin->owner_taken = atomic_load(&plugin->owner.live);
    atomic_store(&plugin->owner.peak, plugin->owner_taken);
}

static void take_part(tm_rec_plugin *plugin)
{
    clear(plugin);
    free(plugin->version);
    plugin->version = NULL;
    tm_recorder.plugins[tm_recorder.n_plugins] = plugin;
    plugin->ordinal = (uint32_t)tm_recorder.n_plugins++;
}

static tm_rec_plugin *find_or_add(const char *name)
{
    uint32_t at = known.index_size ? *find(name) : 0;
    tm_rec_plugin *plugin = at ? known.list[at - 1] : NULL;
    if (plugin && plugin->ordinal < TM_PLUGINS_MAX)
        return plugin;
    if (tm_recorder.n_plugins == TM_PLUGINS_MAX) {
        tm_rec_fail("plugin '%s' is one too many: %d can be recorded", name, TM_PLUGINS_MAX);
        return NULL;
    }
    if (!plugin && !(plugin = add(name))) {
        tm_rec_fail("out of memory");
        return NULL;
    }
    take_part(plugin);
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
    tm_rec_plugin *plugin = tm_recorder_on() ? find_or_add(name) : NULL; /* it may have stopped meanwhile */
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

void tm_plugins_forget(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++)
        tm_recorder.plugins[i]->ordinal = TM_PLUGINS_MAX;
    tm_recorder.n_plugins = 0;
}

void tm_plugins_forked(void)
{
    for (size_t i = 0; i < tm_recorder.n_plugins; i++)
        clear(tm_recorder.plugins[i]);
}
