#include "ingest/record/library.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#ifdef __GLIBC__
#include <link.h>
#endif

#include "ingest/record/record.h"

enum { SYMBOL_SIZE = 256 };

/* ---- last words ---- */

static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

enum { FATAL = sizeof fatal / sizeof *fatal };

static struct sigaction before[FATAL];
static pthread_mutex_t loading = PTHREAD_MUTEX_INITIALIZER;
static pthread_t loader;
static char last_words[512];
static _Thread_local int depth; /* a plugin that is being loaded may load others */

static void restore(void)
{
    for (int i = 0; i < FATAL; i++)
        sigaction(fatal[i], &before[i], NULL);
}

/* Then what would have happened happens: a fault is met again when this returns, any other signal is raised again. */
static void say_last_words(int number, siginfo_t *info, void *where)
{
    (void)where;
    if (pthread_equal(pthread_self(), loader)) {
        ssize_t size = write(STDERR_FILENO, last_words, strlen(last_words));
        (void)size;
    }
    restore();
    if (info->si_code <= 0)
        raise(number);
}

static void begin_loading(const char *plugin, const char *path)
{
    struct sigaction action = {.sa_sigaction = say_last_words, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    if (depth++ > 0)
        return;
    pthread_mutex_lock(&loading);
    loader = pthread_self();
    snprintf(last_words, sizeof last_words, "tidemark: plugin '%.80s' crashed while '%.350s' was loaded\n", plugin, path);
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < FATAL; i++)
        sigaction(fatal[i], &action, &before[i]);
}

static void end_loading(void)
{
    if (--depth > 0)
        return;
    restore();
    pthread_mutex_unlock(&loading);
}

/* ---- symbols ---- */

/* SYMBOL followed by `suffix`; NULL: there is none. */
static void *find(const struct tm_library *library, const char *symbol, const char *suffix)
{
    char name[2 * SYMBOL_SIZE];
    snprintf(name, sizeof name, "%s%s", symbol, suffix);
    return dlsym(library->handle, name);
}

/* As far as the object says. */
static bool is_data(void *address)
{
#ifdef __GLIBC__
    Dl_info info;
    void *entry = NULL;
    if (dladdr1(address, &info, &entry, RTLD_DL_SYMENT) && entry)
        return (((const ElfW(Sym) *)entry)->st_info & 0xf) == STT_OBJECT;
#else
    (void)address;
#endif
    return false;
}

/* "pdf-parser" is pdf_parser. */
static void default_symbol(char symbol[SYMBOL_SIZE], const char *plugin)
{
    snprintf(symbol, SYMBOL_SIZE, "%s", plugin);
    for (char *at = symbol; *at; at++)
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", *at))
            *at = '_';
}

static int find_function(struct tm_library *library, const char *plugin, const char *path, const char *symbol)
{
    void *address = find(library, symbol, "");
    if (!address && path)
        return tm_rec_fail("cannot load plugin '%s': '%s' has no function '%s'", plugin, path, symbol);
    if (!address)
        return tm_rec_fail("cannot load plugin '%s': the program has no function '%s' (is it linked with -rdynamic?)", plugin,
                           symbol);
    if (is_data(address))
        return tm_rec_fail("cannot load plugin '%s': '%s' in '%s' is not a function", plugin, symbol, path ? path : "the program");
    memcpy(&library->function, &address, sizeof address); /* C has no cast from an object's pointer to a function's */
    return 0;
}

static int run_open(struct tm_library *library, const char *plugin, const char *symbol)
{
    void *opens = find(library, symbol, "_open"), *closes = find(library, symbol, "_close");
    int (*open)(void **context) = NULL;
    memcpy(&open, &opens, sizeof opens);
    int code = open ? open(&library->context) : 0;
    if (code != 0)
        return tm_rec_fail("cannot load plugin '%s': '%s_open' returned %d", plugin, symbol, code);
    memcpy(&library->close, &closes, sizeof closes);
    library->version = find(library, symbol, "_version");
    return 0;
}

static void *load(const char *plugin, const char *path)
{
    begin_loading(plugin, path ? path : "the program");
    void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    const char *fault = handle ? NULL : dlerror();
    end_loading();
    if (!handle)
        tm_rec_fail("cannot load plugin '%s': %s", plugin, fault);
    return handle;
}

int tm_library_open(struct tm_library *library, const char *plugin, const char *path, const char *symbol)
{
    char from_name[SYMBOL_SIZE];
    default_symbol(from_name, plugin);
    if (!symbol)
        symbol = from_name;
    *library = (struct tm_library){.handle = load(plugin, path)};
    if (!library->handle)
        return -1;
    if (find_function(library, plugin, path, symbol) == 0 && run_open(library, plugin, symbol) == 0)
        return 0;
    dlclose(library->handle);
    return -1;
}

void tm_library_close(struct tm_library *library)
{
    if (library->close)
        library->close(library->context);
    if (library->handle)
        dlclose(library->handle);
}
