/* Loading a plugin: the shared object, its function, what it brings along, its _open. Each step that fails says which one it was,
 * for most failures here are mistakes in a path or a name. */
#include "record/library.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#ifdef __GLIBC__
#include <link.h>
#endif

#include "base/text.h"
#include "record/last_words.h"
#include "record/state.h"

/* What is to be loaded, with what messages say of it. */
struct request {
    const char *plugin;
    char *symbol;  /* with room for a suffix */
    size_t length; /* without */
    char shown_symbol[TM_SHOWN_SIZE], shown_path[TM_SHOWN_LONG_SIZE];
    bool in_program;
};

/* ---- symbols ---- */

/* The symbol followed by `suffix`; NULL: there is none. */
static void *find_symbol(const struct tm_library *library, struct request *request, const char *suffix)
{
    strcpy(request->symbol + request->length, suffix);
    return dlsym(library->handle, request->symbol);
}

/* As far as the object says. */
static bool is_data(void *address)
{
#ifdef __GLIBC__
    Dl_info info;
    void *entry = NULL;
    if (dladdr1(address, &info, &entry, RTLD_DL_SYMENT) && entry)
        return (((const ElfW(Sym) *)entry)->st_info & 0xf /* the type of a symbol: ELF32_ST_TYPE and ELF64_ST_TYPE */) ==
               STT_OBJECT;
#else
    (void)address;
#endif
    return false;
}

/* 0, or -1 with a message that says what to look at. */
static int find_function(struct tm_library *library, struct request *request)
{
    void *address = find_symbol(library, request, "");
    if (!address && request->in_program)
        return tm_rec_fail("cannot load plugin '%s': the program has no function '%s' (is it linked with -rdynamic?)",
                           request->plugin, request->shown_symbol);
    if (!address)
        return tm_rec_fail("cannot load plugin '%s': '%s' has no function '%s'", request->plugin, request->shown_path,
                           request->shown_symbol);
    if (is_data(address))
        return tm_rec_fail("cannot load plugin '%s': '%s' in '%s' is not a function", request->plugin, request->shown_symbol,
                           request->shown_path);
    memcpy(&library->function, &address, sizeof address); /* C has no cast from an object's pointer to a function's */
    return 0;
}

/* Also finds what else it brings along. 0, or -1: it has refused. */
static int run_open(struct tm_library *library, struct request *request)
{
    void *opens = find_symbol(library, request, "_open"), *closes = find_symbol(library, request, "_close");
    int (*open)(void **context) = NULL;
    memcpy(&open, &opens, sizeof opens);
    int code = open ? open(&library->context) : 0;
    if (code != 0)
        return tm_rec_fail("cannot load plugin '%s': '%s_open' returned %d", request->plugin, request->shown_symbol, code);
    memcpy(&library->close, &closes, sizeof closes);
    library->version = find_symbol(library, request, "_version");
    return 0;
}

/* ---- objects ---- */

/* dlopen runs the plugin's constructors: if they crash, standard error has its name. */
static int load(struct tm_library *library, const struct request *request, const char *path)
{
    char shown[TM_SHOWN_LONG_SIZE];
    tm_last_words_begin(request->plugin, request->shown_path);
    *library = (struct tm_library){.handle = dlopen(path, RTLD_NOW | RTLD_LOCAL)};
    const char *fault = library->handle ? NULL : dlerror();
    tm_last_words_end();
    if (library->handle)
        return 0;
    return tm_rec_fail("cannot load plugin '%s': %s", request->plugin, fault ? tm_shown_long(fault, shown) : "unknown");
}

/* Each step is undone where a later one fails: the object does not stay loaded. */
static int load_and_open(struct tm_library *library, struct request *request, const char *path)
{
    if (load(library, request, path) != 0)
        return -1;
    if (find_function(library, request) == 0 && run_open(library, request) == 0)
        return 0;
    dlclose(library->handle);
    return -1;
}

/* path NULL: the program itself. Without a symbol it is the plugin's name, as C can spell it. */
int tm_library_open(struct tm_library *library, const char *plugin, const char *path, const char *symbol)
{
    const char *name = symbol ? symbol : plugin;
    struct request request = {.plugin = plugin, .length = strlen(name), .in_program = !path};
    char *room = malloc(request.length + sizeof "_version");
    if (!room)
        return tm_rec_fail("out of memory");
    request.symbol = strcpy(room, name);
    for (char *at = request.symbol; !symbol && *at; at++) /* "pdf-parser" is pdf_parser */
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *at))
            *at = '_';
    tm_shown(request.symbol, request.length, request.shown_symbol);
    tm_shown_long(path ? path : "the program", request.shown_path);
    int result = load_and_open(library, &request, path);
    free(room);
    return result;
}

/* Its own _close first, while its code is still there. */
void tm_library_close(struct tm_library *library)
{
    if (library->close)
        library->close(library->context);
    if (library->handle)
        dlclose(library->handle);
}
