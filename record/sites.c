/* Which places in the plugins' code hold memory, and which of them hold more than they did. The hooks know addresses and owners;
 * here they get names, which need the dynamic linker, and are compared with those of an earlier moment. */
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef RTLD_DL_LINKMAP
#include <link.h>
#endif

#include "base/array.h"
#include "record/sites.h"
#include "record/state.h"

enum { FIRST_SITES = 256 }; /* some pages; most programs have fewer */

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Which object a place is in, and how far from where that was linked to: what addr2line asks for.
 * 0: in none. */
uintptr_t tm_site_object(const void *address, char path[TM_SITE_PATH])
{
    Dl_info info;
    if (dladdr(address, &info) == 0 || !info.dli_fname)
        return 0;
    snprintf(path, TM_SITE_PATH, "%s", info.dli_fname);
#ifdef RTLD_DL_LINKMAP
    struct link_map *map = NULL;
    if (dladdr1(address, &info, (void **)&map, RTLD_DL_LINKMAP) != 0 && map) {
        ssize_t length = *map->l_name ? 0 : readlink("/proc/self/exe", path, TM_SITE_PATH - 1); /* no name: the program */
        if (length > 0)
            path[length] = '\0';
        return (uintptr_t)address - map->l_addr;
    }
#endif
    return (uintptr_t)address - (uintptr_t)info.dli_fbase;
}

/* "function+0x12 (object+0x34)", or what is known of it. The offset finds the line later, when
 * the process is gone. */
static void name_place(struct tm_rec_site *site)
{
    char path[TM_SITE_PATH];
    Dl_info info;
    uintptr_t offset = tm_site_object(site->address, path);
    if (!offset)
        snprintf(site->place, sizeof site->place, "%p", site->address);
    else if (dladdr(site->address, &info) && info.dli_sname)
        snprintf(site->place, sizeof site->place, "%.120s+0x%zx (%.90s+0x%zx)", info.dli_sname,
                 (size_t)((const char *)site->address - (const char *)info.dli_saddr), base_name(path), (size_t)offset);
    else
        snprintf(site->place, sizeof site->place, "%.120s+0x%zx", base_name(path), (size_t)offset);
}

/* Owners are members of their plugins (record/plugins.h). */
static const char *plugin_of(const struct tm_memory_owner *owner)
{
    return ((const tm_rec_plugin *)((const char *)owner - offsetof(tm_rec_plugin, owner)))->name;
}

static struct tm_rec_sites *with_room(size_t count)
{
    struct tm_rec_sites *sites = malloc(sizeof *sites);
    if (sites)
        *sites = (struct tm_rec_sites){.sites = calloc(count ? count : 1, sizeof *sites->sites)};
    if (sites && sites->sites)
        return sites;
    tm_rec_sites_free(sites);
    tm_rec_fail("out of memory");
    return NULL;
}

/* All there are, in an array to free; NULL: no memory (tm_rec_message). */
static struct tm_memory_site *read_sites(size_t *count)
{
    struct tm_memory_site *found = NULL;
    size_t room = 0;
    do {
        if (tm_array_reserve(&found, &room, room + FIRST_SITES, sizeof *found) != 0) {
            free(found);
            tm_rec_fail("out of memory");
            return NULL;
        }
        *count = tm_recorder.hooks->sites(found, room);
    } while (*count == room); /* there may be more */
    return found;
}

/* What is held now; places are named at once, since an object may be unloaded later. */
struct tm_rec_sites *tm_rec_sites_take(void)
{
    size_t count;
    if (!tm_recorder_on() || !tm_recorder.notes_sites) {
        tm_rec_fail("no places are noted: start the recorder with memory by owner and site_bytes");
        return NULL;
    }
    struct tm_memory_site *found = read_sites(&count);
    struct tm_rec_sites *taken = found ? with_room(count) : NULL;
    for (size_t i = 0; taken && i < count; i++) {
        struct tm_rec_site *site = &taken->sites[taken->n_sites++];
        site->plugin = plugin_of(found[i].owner);
        site->address = found[i].address;
        site->bytes = found[i].bytes;
        site->blocks = found[i].blocks;
        name_place(site);
    }
    free(found);
    return taken;
}

void tm_rec_sites_free(struct tm_rec_sites *sites)
{
    if (sites)
        free(sites->sites);
    free(sites);
}

/* A plugin's name is one place in memory as long as the process lives. */
static int by_place(const void *a, const void *b)
{
    const struct tm_rec_site *x = a, *y = b;
    if (x->address != y->address)
        return (uintptr_t)x->address < (uintptr_t)y->address ? -1 : 1;
    return ((uintptr_t)x->plugin > (uintptr_t)y->plugin) - ((uintptr_t)x->plugin < (uintptr_t)y->plugin);
}

static int by_bytes(const void *a, const void *b)
{
    const struct tm_rec_site *x = a, *y = b;
    return (x->bytes < y->bytes) - (x->bytes > y->bytes);
}

/* Of each place what it holds more than before, the most first. A place that holds less, or the
 * same, is left out. */
struct tm_rec_sites *tm_rec_sites_growth(const struct tm_rec_sites *before, const struct tm_rec_sites *after)
{
    if (!before || !after)
        return NULL;
    struct tm_rec_sites *grown = with_room(after->n_sites), *sorted = with_room(before->n_sites);
    if (!grown || !sorted)
        goto out;
    memcpy(sorted->sites, before->sites, before->n_sites * sizeof *sorted->sites);
    qsort(sorted->sites, before->n_sites, sizeof *sorted->sites, by_place);
    for (size_t i = 0; i < after->n_sites; i++) {
        struct tm_rec_site *site = &grown->sites[grown->n_sites];
        const struct tm_rec_site *was = bsearch(&after->sites[i], sorted->sites, before->n_sites, sizeof *was, by_place);
        *site = after->sites[i];
        site->bytes -= was ? was->bytes : 0;
        site->blocks -= was ? was->blocks : 0;
        grown->n_sites += site->bytes > 0;
    }
    qsort(grown->sites, grown->n_sites, sizeof *grown->sites, by_bytes);
out:
    tm_rec_sites_free(sorted);
    if (sorted)
        return grown;
    tm_rec_sites_free(grown);
    return NULL;
}
