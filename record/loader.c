/* Plugins by name, and calls of them. A call holds its plugin by a count, not by the table's lock, so that plugins may call,
 * register and unload others; what is being called cannot be unloaded. */
#include "record/loaders.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/text.h"
#include "record/state.h"
#include "schema/valid.h"

tm_loader *tm_loader_new(void)
{
    tm_loader *loader = calloc(1, sizeof *loader);
    if (loader && tm_loaders_add(loader) == 0)
        return loader;
    free(loader);
    return NULL;
}

/* Unloads it as well. */
static void free_plugin(struct tm_loaded *plugin)
{
    tm_library_close(&plugin->library);
    free(plugin->name);
    free(plugin);
}

void tm_loader_free(tm_loader *loader)
{
    if (!loader)
        return;
    tm_loaders_remove(loader);
    for (int i = 0; i < TM_LOADER_BUCKETS; i++)
        for (struct tm_loaded *plugin; (plugin = loader->buckets[i]);) {
            loader->buckets[i] = plugin->next; /* first: its close may call those that are there still */
            free_plugin(plugin);
        }
    pthread_rwlock_destroy(&loader->lock);
    free(loader);
}

/* ---- the table, with its lock ---- */

static int nameless(void)
{
    return tm_rec_fail("a plugin needs a name");
}

/* What points to the plugin, or where it would be. */
static struct tm_loaded **place_of(tm_loader *loader, const char *name)
{
    static struct tm_loaded *nobody;
    unsigned hash = 0;
    if (!name)
        return &nobody;
    for (const char *at = name; *at; at++)
        hash = hash * 31 + (unsigned char)*at; /* few names, each looked up at every call: the shortest loop */
    struct tm_loaded **place = &loader->buckets[hash % TM_LOADER_BUCKETS];
    while (*place && strcmp((*place)->name, name) != 0)
        place = &(*place)->next;
    return place;
}

bool tm_loader_has(tm_loader *loader, const char *name)
{
    pthread_rwlock_rdlock(&loader->lock);
    bool has = *place_of(loader, name) != NULL;
    pthread_rwlock_unlock(&loader->lock);
    return has;
}

/* The message that there is no such plugin, with the name that is nearest. */
static void fail_unknown(const tm_loader *loader, const char *name)
{
    char shown[TM_SHOWN_SIZE];
    if (!name) {
        nameless();
        return;
    }
    struct tm_nearest nearest = tm_nearest_to(name);
    for (int i = 0; i < TM_LOADER_BUCKETS; i++)
        for (const struct tm_loaded *plugin = loader->buckets[i]; plugin; plugin = plugin->next)
            tm_nearest_offer(&nearest, plugin->name);
    tm_shown(name, strlen(name), shown);
    if (*nearest.found)
        tm_rec_fail("no plugin '%s': did you mean '%s'?", shown, nearest.found);
    else
        tm_rec_fail("no plugin '%s'", shown);
}

/* ---- registering ---- */

/* NULL: not a name, or no memory, with a message. */
static struct tm_loaded *new_plugin(const char *name)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = name ? tm_plugin_name_fault(name, strlen(name)) : NULL;
    struct tm_loaded *plugin = fault || !name ? NULL : calloc(1, sizeof *plugin);
    if (!name)
        nameless();
    else if (fault)
        tm_rec_fail("plugin name '%s' %s", tm_shown(name, strlen(name), shown), fault);
    else if (!plugin || !(plugin->name = strdup(name)))
        tm_rec_fail("out of memory");
    else
        return plugin;
    free(plugin);
    return NULL;
}

static int registered_already(const char *name)
{
    return tm_rec_fail("plugin '%s' is registered already", name);
}

/* Takes the plugin, also where it fails: one of that name came before it. */
static int add_plugin(tm_loader *loader, struct tm_loaded *plugin)
{
    pthread_rwlock_wrlock(&loader->lock);
    struct tm_loaded **place = place_of(loader, plugin->name);
    int result = *place ? registered_already(plugin->name) : 0;
    if (result == 0)
        *place = plugin;
    pthread_rwlock_unlock(&loader->lock);
    if (result != 0)
        free_plugin(plugin);
    return result;
}

int tm_loader_register(tm_loader *loader, const char *name, const char *path, const char *symbol)
{
    if (name && tm_loader_has(loader, name)) /* before its code runs */
        return registered_already(name);
    struct tm_loaded *plugin = new_plugin(name);
    if (!plugin)
        return -1;
    if (tm_library_open(&plugin->library, name, path, symbol) == 0)
        return add_plugin(loader, plugin);
    free(plugin->name);
    free(plugin);
    return -1;
}

int tm_loader_register_function(tm_loader *loader, const char *name, tm_plugin_function *function, void *context)
{
    struct tm_loaded *plugin = new_plugin(name);
    if (!plugin)
        return -1;
    if (!function) {
        free_plugin(plugin);
        return tm_rec_fail("plugin '%s' has no function", name);
    }
    plugin->library.function = function;
    plugin->library.context = context;
    return add_plugin(loader, plugin);
}

/* Taken out of the table under the lock, closed without it: its close may call other plugins. */
int tm_loader_unload(tm_loader *loader, const char *name)
{
    pthread_rwlock_wrlock(&loader->lock);
    struct tm_loaded **place = place_of(loader, name), *plugin = *place;
    bool idle = plugin && plugin->calls == 0;
    if (idle)
        *place = plugin->next;
    else if (plugin)
        tm_rec_fail("plugin '%s' is being called", name);
    else
        fail_unknown(loader, name);
    pthread_rwlock_unlock(&loader->lock);
    if (idle)
        free_plugin(plugin);
    return idle ? 0 : -1;
}

/* ---- calling ---- */

/* A recorder that was started anew does not know the plugin yet. */
static tm_rec_plugin *recorded(struct tm_loaded *plugin)
{
    if (!tm_recorder_on())
        return NULL;
    uint32_t generation = atomic_load(&tm_recorder.generation);
    if (atomic_load_explicit(&plugin->generation, memory_order_acquire) != generation) {
        tm_rec_plugin *registered = tm_rec_register(plugin->name, plugin->library.version);
        if (!registered) /* asked again at the next call, when there may be memory */
            return NULL;
        atomic_store(&plugin->recorded, registered);
        atomic_store(&plugin->generation, generation);
    }
    return atomic_load_explicit(&plugin->recorded, memory_order_relaxed);
}

/* Keeps it from being unloaded; NULL: there is none. */
static struct tm_loaded *hold(tm_loader *loader, const char *name)
{
    pthread_rwlock_rdlock(&loader->lock);
    struct tm_loaded *plugin = *place_of(loader, name);
    if (plugin)
        atomic_fetch_add(&plugin->calls, 1);
    else
        fail_unknown(loader, name);
    pthread_rwlock_unlock(&loader->lock);
    return plugin;
}

static void note_code(struct tm_rec_call *call, const struct tm_loaded *plugin, int code)
{
    char type[32]; /* "code -2147483648" */
    snprintf(type, sizeof type, "code %d", code);
    tm_rec_error(call, type, NULL);
    tm_rec_fail("plugin '%s' failed with code %d", plugin->name, code);
}

/* A call under way, in the frame of tm_loader_invoke. */
struct invocation {
    struct tm_loaded *plugin;
    struct tm_rec_call call;
    uint32_t forks;
    bool returned;
    int code;
};

/* Also when the plugin does not return, by a C++ exception or the end of its thread: this file is compiled with -fexceptions. */
static void end_invocation(struct invocation *it)
{
    if (!it->returned)
        tm_rec_error(&it->call, "did not return", NULL);
    else if (it->code != 0)
        note_code(&it->call, it->plugin, it->code);
    tm_rec_end(&it->call, it->returned && it->code == 0 ? TM_REC_OK : TM_REC_ERROR);
    if (it->forks == tm_loaders_forks()) /* else the plugin has forked: this is the child, which has forgotten the call */
        atomic_fetch_sub(&it->plugin->calls, 1);
}

/* The count keeps it loaded, not the lock: while it runs, others may be registered and unloaded. */
int tm_loader_invoke(tm_loader *loader, const char *name, const void *input, void *output)
{
    uint32_t forks = tm_loaders_forks();
    struct tm_loaded *plugin = hold(loader, name);
    if (!plugin)
        return TM_LOADER_UNKNOWN;
    __attribute__((cleanup(end_invocation))) struct invocation it = {.plugin = plugin, .forks = forks};
    tm_rec_begin(&it.call, recorded(plugin));
    it.code = plugin->library.function(plugin->library.context, input, output);
    it.returned = true; // cppcheck-suppress unreadVariable ; by end_invocation
    return it.code;
}
