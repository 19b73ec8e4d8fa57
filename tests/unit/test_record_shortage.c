/* The recorder without memory: each allocation fails in turn, and what comes of it is an error, never a wrong figure. The program's
 * own malloc and the like stand before the C library's, so there is nothing to try with sanitizers, which have theirs. */
#include "tests/unit/recording.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>

#include "record/tidemark_loader.h"

#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)

/* NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the allocator of the C library goes by these names */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
int __register_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void), void *dso);
/* NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp) */

static long fails_at, asked; /* which allocation from now on fails; 0: none. How many there were. */
static bool no_fork_handlers;
static _Thread_local bool no_thread_values;

static bool fails(void)
{
    return ++asked == fails_at;
}

void *malloc(size_t size)
{
    return fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    return fails() ? NULL : __libc_realloc(block, size);
}

int pthread_atfork(void (*prepare)(void), void (*parent)(void), void (*child)(void))
{
    return no_fork_handlers ? ENOMEM : __register_atfork(prepare, parent, child, NULL);
}

/* Which the recorder alone calls here. */
int pthread_setspecific(pthread_key_t key, const void *value)
{
    static int (*next)(pthread_key_t, const void *);
    if (no_thread_values)
        return ENOMEM;
    if (!next)
        *(void **)&next = dlsym(RTLD_NEXT, "pthread_setspecific");
    return next(key, value);
}

static void fail_at(long which)
{
    asked = 0;
    fails_at = which;
}

/* Whether it has been met. */
static bool has_failed(void)
{
    bool met = fails_at > 0 && asked >= fails_at;
    fails_at = 0;
    return met;
}

static int stop(void **state)
{
    (void)state;
    fails_at = 0;
    tm_rec_stop();
    return 0;
}

static int start_it(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_SYSCALL);
}

/* The first of all: handlers are registered once. */
static void fork_handlers(void **state)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    config.on = 1;
    no_fork_handlers = true;
    int started = tm_rec_start(&config);
    tm_loader *loader = tm_loader_new();
    no_fork_handlers = false;
    assert_int_equal(started, -1);
    assert_non_null(strstr(tm_rec_message(), "out of memory"));
    assert_int_equal(tm_rec_is_on, 0);
    assert_null(loader);
    loader = tm_loader_new();
    assert_non_null(loader);
    tm_loader_free(loader);
}

/* A plugin without its version would be another one in the store. */
static void versions(void **state)
{
    (void)state;
    tm_rec_plugin *plugin = NULL;
    for (long which = 1; !plugin; which++) {
        fail_at(which);
        plugin = tm_rec_register("versioned", NULL);
        assert_int_equal(plugin == NULL, has_failed());
    }
    fail_at(1);
    assert_null(tm_rec_register("versioned", "1.4"));
    assert_true(has_failed());
    assert_string_equal(tm_rec_message(), "out of memory");
    assert_ptr_equal(tm_rec_register("versioned", "1.4"), plugin);
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, TM_REC_OK);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_non_null(taken);
    assert_string_equal(taken->entries[0].profile.plugin_version, "1.4");
    tm_rec_snapshot_free(taken);
}

static int nothing(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return 0;
}

/* The call that finds no memory is not recorded, all later ones are. */
static void loaded_plugins(void **state)
{
    (void)state;
    tm_loader *loader = tm_loader_new();
    assert_int_equal(tm_loader_register_function(loader, "nothing", nothing, NULL), 0);
    fail_at(1);
    assert_int_equal(tm_loader_invoke(loader, "nothing", NULL, NULL), 0);
    assert_true(has_failed());
    for (int i = 0; i < 3; i++)
        assert_int_equal(tm_loader_invoke(loader, "nothing", NULL, NULL), 0);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_non_null(taken);
    assert_int_equal(taken->n_entries, 1);
    assert_int_equal(taken->entries[0].profile.calls, 3);
    tm_rec_snapshot_free(taken);
    tm_loader_free(loader);
}

/* Whatever fails in a flush, the next one has everything. */
static void flushes(void **state)
{
    char path[4096], text[4096] = "";
    int flushed = -1;
    (void)state;
    snprintf(path, sizeof path, "%s/short.csv", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp");
    tm_rec_plugin *plugin = tm_rec_register("flushed", "1.4");
    for (int i = 0; i < 5; i++) {
        struct tm_rec_call call;
        tm_rec_begin(&call, plugin);
        tm_rec_error(&call, "ValueError", "twice");
        tm_rec_end(&call, i < 2 ? TM_REC_ERROR : TM_REC_OK);
    }
    for (long which = 1; flushed != 0; which++) {
        fail_at(which);
        flushed = tm_rec_flush_csv(path);
        bool failed = has_failed();
        if (flushed != 0)
            assert_true(failed);
    }
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, sizeof text - 1, file) > 0);
    fclose(file);
    remove(path);
    assert_non_null(strstr(text, "\nflushed,5,2,"));
}

/* Nobody would tell that such a thread has ended, and its memory would be somebody else's. */
static void *call_without_thread_values(void *plugin)
{
    struct tm_rec_call call;
    no_thread_values = true;
    tm_rec_begin(&call, plugin);
    bool recorded = call.plugin != NULL;
    bool told = strstr(tm_rec_message(), "out of memory") != NULL;
    tm_rec_end(&call, TM_REC_OK);
    no_thread_values = false;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, TM_REC_OK);
    return (void *)(intptr_t)(!recorded && told);
}

static void thread_values(void **state)
{
    pthread_t thread;
    void *right = NULL;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, call_without_thread_values, tm_rec_register("threaded", NULL)), 0);
    pthread_join(thread, &right);
    assert_non_null(right);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_non_null(taken);
    assert_int_equal(taken->entries[0].profile.calls, 1);
    tm_rec_snapshot_free(taken);
}

static int locate(struct tm_rec_site *site)
{
    *site = (struct tm_rec_site){.plugin = "plugin", .address = (const void *)(uintptr_t)locate, .place = "here"};
    return tm_rec_sites_locate(&(struct tm_rec_sites){site, 1});
}

/* A place is located, or it is said why not. */
static void located_sites(void **state)
{
    struct tm_rec_site expected, site;
    (void)state;
    if (locate(&expected) != 0)
        skip(); /* there is no addr2line here */
    bool failed = true;
    for (long which = 1; failed; which++) {
        fail_at(which);
        int located = locate(&site);
        failed = has_failed();
        assert_true(located == 0 || failed);
        assert_string_equal(site.place, located == 0 ? expected.place : "here");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(fork_handlers, NULL, stop),      cmocka_unit_test_setup_teardown(versions, start_it, stop),
        cmocka_unit_test_setup_teardown(loaded_plugins, start_it, stop), cmocka_unit_test_setup_teardown(flushes, start_it, stop),
        cmocka_unit_test_setup_teardown(thread_values, start_it, stop),  cmocka_unit_test(located_sites),
    };
    return cmocka_run_group_tests_name("the recorder without memory", tests, NULL, NULL);
}

#else

int main(void)
{
    puts("1..1\nok 1 - the recorder without memory # skipped: the allocator is not ours");
    return 0;
}

#endif
