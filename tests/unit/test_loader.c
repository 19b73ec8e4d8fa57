/* The loader: what it loads, what it refuses and how it says so, and that calls through it are recorded. */
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/outlet/bottlenecks.h"
#include "record/tidemark_loader.h"
#include "record/tidemark_record.h"
#include "tests/plugins/plugins.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static tm_loader *loader;

static int begin(void **state)
{
    (void)state;
    loader = tm_loader_new();
    return loader ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    tm_loader_free(loader);
    tm_rec_stop();
    return 0;
}

static void start(void)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.spike_interval = 0;
    if (tm_rec_start(&config) != 0)
        fail_msg("%s", tm_rec_message());
}

/* A file among the plugins that are built for tests; NULL is the program. */
static const char *file(const char *name)
{
    static char path[1024];
    const char *build = getenv("TM_BUILD");
    snprintf(path, sizeof path, "%s/tests/plugins/%s", build ? build : "build", name ? name : "");
    return name ? path : NULL;
}

static void load(const char *name, const char *so, const char *symbol)
{
    if (tm_loader_register(loader, name, file(so), symbol) != 0)
        fail_msg("%s", tm_rec_message());
}

static int answer(void *context, const void *input, void *output)
{
    *(int *)output = *(const int *)input + *(int *)context;
    return 0;
}

static int fails(void *context, const void *input, void *output)
{
    (void)context, (void)output;
    return *(const int *)input;
}

static const struct tm_rec_entry *entry_of(const struct tm_rec_snapshot *taken, const char *plugin)
{
    for (size_t i = 0; taken && i < taken->n_entries; i++)
        if (strcmp(taken->entries[i].profile.plugin, plugin) == 0)
            return &taken->entries[i];
    return NULL;
}

/* ---- calling ---- */

static void a_function(void **state)
{
    int one = 1, two = 2, three = 0;
    (void)state;
    assert_int_equal(tm_loader_register_function(loader, "adder", answer, &one), 0);
    assert_int_equal(tm_loader_invoke(loader, "adder", &two, &three), 0);
    assert_int_equal(three, 3);
}

static void shared_objects(void **state)
{
    unsigned char pixels[16] = {8, 8, 8, 8};
    struct image from = {4, 4, pixels}, to = {0};
    const char *page = "";
    long counts[2];
    (void)state;
    load("image-resizer", "resize.so", "resize");
    load("web-search", "search.so", NULL);
    load("word-counter", "words.so", "count_words");
    assert_int_equal(tm_loader_invoke(loader, "image-resizer", &from, &to), 0);
    assert_int_equal(to.width, 2);
    assert_int_equal(to.pixels[0], 4);
    free(to.pixels);
    assert_int_equal(tm_loader_invoke(loader, "web-search", "tide", &page), 0);
    assert_string_equal(page, "the rise and fall of the sea");
    assert_int_equal(tm_loader_invoke(loader, "word-counter", page, counts), 0);
    assert_int_equal(tm_loader_invoke(loader, "word-counter", "and again", counts), 0);
    assert_int_equal(counts[0], 2);
    assert_int_equal(counts[1], 9);
}

/* The same object twice, under two names: each with a context of its own. */
static void twice(void **state)
{
    long counts[2];
    (void)state;
    load("one", "words.so", "count_words");
    load("two", "words.so", "count_words");
    tm_loader_invoke(loader, "one", "a b c", counts);
    tm_loader_invoke(loader, "two", "a", counts);
    assert_int_equal(counts[1], 1);
}

static void codes(void **state)
{
    int seven = 7;
    (void)state;
    assert_int_equal(tm_loader_register_function(loader, "failing", fails, NULL), 0);
    assert_int_equal(tm_loader_invoke(loader, "failing", &seven, NULL), 7);
    assert_string_equal(tm_rec_message(), "plugin 'failing' failed with code 7");
}

/* ---- what is refused ---- */

static const struct unknown {
    const char *name, *message;
} unknowns[] = {
    {"pdf-praser", "no plugin 'pdf-praser': did you mean 'pdf-parser'?"},
    {"frobnicate", "no plugin 'frobnicate'"},
    {"", "no plugin ''"},
    {"bad\nname", "no plugin 'bad\\x0aname'"},
};

static void unknown_names(void **state)
{
    const struct unknown *row;
    (void)state;
    assert_int_equal(tm_loader_register_function(loader, "pdf-parser", fails, NULL), 0);
    assert_int_equal(tm_loader_register_function(loader, "web-search", fails, NULL), 0);
    EACH(row, unknowns)
    {
        assert_int_equal(tm_loader_invoke(loader, row->name, NULL, NULL), TM_LOADER_UNKNOWN);
        assert_string_equal(tm_rec_message(), row->message);
        assert_int_equal(tm_loader_unload(loader, row->name), -1);
        assert_string_equal(tm_rec_message(), row->message);
    }
}

static const struct refused {
    const char *name, *so, *symbol, *message; /* that the message contains */
} refusals[] = {
    {"gone", "gone.so", NULL, "gone.so: cannot open shared object file"},
    {"text", "resize.d", NULL, "resize.d: "},
    {"resizer", "resize.so", NULL, "resize.so' has no function 'resizer'"},
    {"resizer", "resize.so", "resize_", "resize.so' has no function 'resize_'"},
    {"resizer", "resize.so", "a\nb", "resize.so' has no function 'a\\x0ab'"},
    {"red", "\x1b[31m\n.so", NULL, "\\x1b[31m\\x0a.so: cannot open shared object file"},
    {"in-program", NULL, NULL, "the program has no function 'in_program' (is it linked with -rdynamic?)"},
    {"undefined", "bad_undefined.so", "bad_undefined", "undefined symbol: something_that_nobody_has"},
    {"data", "bad_symbols.so", "not_a_function", "is not a function"},
    {"closed", "bad_symbols.so", "cannot_open", "'cannot_open_open' returned 13"},
    {"taken", "resize.so", "resize", "plugin 'taken' is registered already"},
    {"", "resize.so", "resize", "plugin name ''"},
    {"*", "resize.so", "resize", "plugin name '*'"},
    {"new\nline", "resize.so", "resize", "plugin name 'new\\x0aline'"},
};

static void refused_by_name(void **state)
{
    const struct refused *row;
    (void)state;
    assert_int_equal(tm_loader_register_function(loader, "taken", fails, NULL), 0);
    EACH(row, refusals)
    {
        if (tm_loader_register(loader, row->name, file(row->so), row->symbol) != -1)
            fail_msg("'%s' was registered", row->name);
        if (!strstr(tm_rec_message(), row->message))
            fail_msg("'%s': found \"%s\", expected \"%s\"", row->name, tm_rec_message(), row->message);
    }
    assert_int_equal(tm_loader_register_function(loader, "taken", fails, NULL), -1);
    assert_string_equal(tm_rec_message(), "plugin 'taken' is registered already");
}

static void long_symbol(void **state)
{
    char symbol[513] = "", lacking[2000] = "";
    (void)state;
    memset(symbol, 's', 512);
    load("long", "long_symbol.so", symbol);
    assert_int_equal(tm_loader_invoke(loader, "long", NULL, NULL), 0);
    load(symbol, "long_symbol.so", NULL);
    assert_int_equal(tm_loader_invoke(loader, symbol, NULL, NULL), 0);
    memset(lacking, 's', sizeof lacking - 1);
    assert_int_equal(tm_loader_register(loader, "longer", file("long_symbol.so"), lacking), -1);
    assert_non_null(strstr(tm_rec_message(), "has no function 'ssss"));
}

/* In a process of its own: the signal that ended it, and what it said. */
static int crash(const char *so, char said[512])
{
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        for (int number = 1; number < 32; number++)
            signal(number, SIG_DFL);
        dup2(ends[1], STDERR_FILENO);
        if (tm_loader_register(loader, "bad", file(so), NULL) == 0)
            tm_loader_invoke(loader, "bad", NULL, NULL);
        _exit(0);
    }
    close(ends[1]);
    ssize_t size = 0, more;
    while (size < 511 && (more = read(ends[0], said + size, 511 - (size_t)size)) > 0)
        size += more;
    said[size] = '\0';
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void last_words(void **state)
{
    char said[512];
    (void)state;
    assert_int_equal(crash("bad_crash.so", said), SIGSEGV);
    assert_non_null(strstr(said, "tidemark: plugin 'bad' crashed while '"));
    assert_non_null(strstr(said, "bad_crash.so' was loaded\n"));
    assert_int_equal(crash("bad_abort.so", said), SIGABRT);
    assert_non_null(strstr(said, "bad_abort.so' was loaded\n"));
}

static void handler(int number)
{
    (void)number;
}

/* The host's own handlers are in place again. */
static void handlers_stay(void **state)
{
    struct sigaction found, own = {.sa_handler = handler}, before;
    (void)state;
    sigaction(SIGSEGV, &own, &before);
    load("image-resizer", "resize.so", "resize");
    assert_int_equal(tm_loader_register(loader, "gone", "/gone.so", NULL), -1);
    sigaction(SIGSEGV, &before, &found);
    assert_ptr_equal(found.sa_handler, handler);
}

/* A handler that the plugin has installed stays, and may go on to the one that was there when it did so. */
static void handlers_of_plugins_stay(void **state)
{
    char said[512];
    (void)state;
    assert_int_equal(crash("handler.so", said), SIGSEGV);
    assert_string_equal(said, "handled\n");
}

/* ---- unloading ---- */

static int unloads_itself(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    return tm_loader_unload(loader, "itself");
}

static void unloaded(void **state)
{
    (void)state;
    load("word-counter", "words.so", "count_words");
    assert_int_equal(tm_loader_unload(loader, "word-counter"), 0);
    assert_int_equal(tm_loader_invoke(loader, "word-counter", "", NULL), TM_LOADER_UNKNOWN);
    load("word-counter", "words.so", "count_words");
    assert_int_equal(tm_loader_register_function(loader, "itself", unloads_itself, NULL), 0);
    assert_int_equal(tm_loader_invoke(loader, "itself", NULL, NULL), -1);
    assert_int_equal(tm_loader_unload(loader, "itself"), 0);
}

static int codes_at_the_end[3];

/* Of three plugins, of which the second one is being unloaded. */
static void call_all(void)
{
    int one = 1, two;
    for (int i = 0; i < 3; i++)
        codes_at_the_end[i] = tm_loader_invoke(loader, (const char *[]){"a", "b", "c"}[i], &one, &two);
}

/* At the end all are unloaded, in any order, and each may call those that are there still. */
static void called_at_the_end(void **state)
{
    void (*back)(void) = call_all;
    int one = 1;
    (void)state;
    tm_loader_register_function(loader, "a", answer, &one);
    load("b", "calls_back.so", "calls_back");
    tm_loader_register_function(loader, "c", answer, &one);
    assert_int_equal(tm_loader_invoke(loader, "b", &back, NULL), 0);
    tm_loader_free(loader);
    loader = NULL;
    assert_int_equal(codes_at_the_end[0], TM_LOADER_UNKNOWN);
    assert_int_equal(codes_at_the_end[1], TM_LOADER_UNKNOWN);
    assert_int_equal(codes_at_the_end[2], 0);
}

/* ---- what is recorded ---- */

static int calls_another(void *context, const void *input, void *output)
{
    (void)context;
    return tm_loader_invoke(loader, "adder", input, output);
}

static void calls_are_recorded(void **state)
{
    int one = 1, two = 2, out, seven = 7;
    long counts[2];
    (void)state;
    start();
    load("word-counter", "words.so", "count_words");
    tm_loader_register_function(loader, "adder", answer, &one);
    tm_loader_register_function(loader, "outer", calls_another, NULL);
    tm_loader_register_function(loader, "failing", fails, NULL);
    tm_loader_invoke(loader, "outer", &two, &out);
    tm_loader_invoke(loader, "adder", &two, &out);
    tm_loader_invoke(loader, "failing", &seven, NULL);
    tm_loader_invoke(loader, "failing", &seven, NULL);
    tm_loader_invoke(loader, "word-counter", "a b", counts);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_int_equal(entry_of(taken, "adder")->profile.calls, 2);
    assert_int_equal(entry_of(taken, "outer")->profile.calls, 1);
    assert_true(entry_of(taken, "outer")->self_wall_ns < entry_of(taken, "outer")->profile.wall_ns);
    const struct tm_rec_entry *failing = entry_of(taken, "failing");
    assert_int_equal(failing->profile.errors, 2);
    assert_int_equal(failing->n_errors, 1);
    assert_string_equal(failing->errors[0].type, "code 7");
    assert_string_equal(entry_of(taken, "word-counter")->profile.plugin_version, "0.3");
    tm_rec_snapshot_free(taken);
}

static int ends_its_thread(void *context, const void *input, void *output)
{
    (void)context, (void)input, (void)output;
    pthread_exit(NULL);
}

static void *invoke_last(void *unused)
{
    tm_loader_invoke(loader, "last", NULL, NULL);
    return unused;
}

/* A thread's end unwinds the stack as a C++ exception does. */
static void without_return(void **state)
{
    pthread_t thread;
    (void)state;
    start();
    tm_loader_register_function(loader, "last", ends_its_thread, NULL);
    assert_int_equal(pthread_create(&thread, NULL, invoke_last, NULL), 0);
    pthread_join(thread, NULL);
    struct tm_rec_snapshot *taken = tm_rec_take();
    const struct tm_rec_entry *last = entry_of(taken, "last");
    assert_int_equal(last->profile.calls, 1);
    assert_int_equal(last->profile.errors, 1);
    assert_int_equal(last->n_errors, 1);
    assert_string_equal(last->errors[0].type, "did not return");
    tm_rec_snapshot_free(taken);
    if (tm_loader_unload(loader, "last") != 0)
        fail_msg("%s", tm_rec_message());
}

/* Off, on, off and on again, with plugins registered at any time. */
static void started_later(void **state)
{
    int one = 1, two = 2, out;
    (void)state;
    tm_loader_register_function(loader, "adder", answer, &one);
    tm_loader_invoke(loader, "adder", &two, &out);
    for (int i = 1; i <= 3; i++) {
        start();
        tm_rec_register("another", NULL);
        for (int j = 0; j < i; j++)
            tm_loader_invoke(loader, "adder", &two, &out);
        struct tm_rec_snapshot *taken = tm_rec_take();
        assert_int_equal(taken->n_entries, 1);
        assert_int_equal(entry_of(taken, "adder")->profile.calls, i);
        tm_rec_snapshot_free(taken);
        tm_rec_stop();
        tm_loader_invoke(loader, "adder", &two, &out);
    }
}

static void *invoke_many(void *unused)
{
    int one = 1, out;
    for (int i = 0; i < 2000; i++)
        tm_loader_invoke(loader, "adder", &one, &out);
    return unused;
}

static void *load_and_unload(void *unused)
{
    for (int i = 0; i < 100; i++) {
        load("word-counter", "words.so", "count_words");
        tm_loader_unload(loader, "word-counter");
    }
    return unused;
}

static void by_many_threads(void **state)
{
    pthread_t threads[4];
    int one = 1;
    (void)state;
    start();
    tm_loader_register_function(loader, "adder", answer, &one);
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, i < 3 ? invoke_many : load_and_unload, NULL), 0);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_int_equal(entry_of(taken, "adder")->profile.calls, 6000);
    tm_rec_snapshot_free(taken);
}

#ifndef __SANITIZE_THREAD__ /* which allows no threads in children */

static atomic_bool enough;

static void *invoke_on(void *unused)
{
    int one = 1, sum;
    while (!enough)
        tm_loader_invoke(loader, "adder", &one, &sum);
    return unused;
}

/* In the child nobody is inside of the loader, nor of a plugin. */
static int load_in_child(void)
{
    int one = 1, sum = 0;
    alarm(60); /* ends a child that waits for what is its parent's */
    bool good = tm_loader_register_function(loader, "another", answer, &one) == 0 &&
                tm_loader_invoke(loader, "another", &one, &sum) == 0 && sum == 2 && tm_loader_unload(loader, "adder") == 0;
    return good ? 0 : 1;
}

static void in_a_child(void **state)
{
    pthread_t threads[2];
    int one = 1, status;
    (void)state;
    tm_loader_register_function(loader, "adder", answer, &one);
    enough = false;
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, invoke_on, NULL), 0);
    for (int i = 0; i < 50; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(load_in_child());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    enough = true;
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(tm_loader_unload(loader, "adder"), 0);
}

static void *load_slowly(void *unused)
{
    load("slow", "slow.so", NULL);
    return unused;
}

static void (*segv_handler(void))(int)
{
    struct sigaction now;
    sigaction(SIGSEGV, NULL, &now);
    return now.sa_handler;
}

/* The child neither waits for the load that it has not taken along, nor has its handlers. */
static void while_another_loads(void **state)
{
    pthread_t thread;
    void (*before)(int) = segv_handler();
    int status;
    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, load_slowly, NULL), 0);
    while (segv_handler() == before)
        sched_yield();
    nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL); /* then it is in the constructor */
    pid_t child = fork();
    if (child == 0) {
        alarm(10);
        if (segv_handler() != before)
            _exit(1);
        _exit(tm_loader_register(loader, "word-counter", file("words.so"), "count_words") == 0 ? 0 : 2);
    }
    pthread_join(thread, NULL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static int fork_inside(void *context, const void *input, void *output)
{
    (void)context, (void)input;
    return (*(pid_t *)output = fork()) < 0;
}

/* A plugin that forks: both go on, and in both it can be unloaded afterwards. */
static void forked_by_a_plugin(void **state)
{
    pid_t child = -1;
    int status;
    (void)state;
    tm_loader_register_function(loader, "forks", fork_inside, NULL);
    assert_int_equal(tm_loader_invoke(loader, "forks", NULL, &child), 0);
    int result = tm_loader_unload(loader, "forks");
    if (child == 0)
        _exit(result == 0 ? 0 : 1);
    assert_int_equal(result, 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

#endif

static void nothing_is_refused(void **state)
{
    (void)state;
    assert_int_equal(tm_loader_register_function(loader, "adder", NULL, NULL), -1);
    assert_string_equal(tm_rec_message(), "plugin 'adder' has no function");
    assert_int_equal(tm_loader_register_function(loader, NULL, answer, NULL), -1);
    assert_string_equal(tm_rec_message(), "a plugin needs a name");
    assert_int_equal(tm_loader_register(loader, NULL, NULL, "answer"), -1);
    assert_int_equal(tm_loader_invoke(loader, NULL, NULL, NULL), TM_LOADER_UNKNOWN);
    assert_int_equal(tm_loader_unload(loader, NULL), -1);
}

/* ---- the report ---- */

static int every(void *context, const char *plugin)
{
    (void)context, (void)plugin;
    return true;
}

/* A recording in the units of the lines; of the kinds of errors the most common one. */
static void units_of_the_report(void **state)
{
    struct tm_rec_entry entries[] = {
        {.profile = TM_PROFILE_INIT,
         .errors = {{"HttpError", "404", 2}, {"HttpError", "503", 5}, {"ValueError", "", 5}},
         .n_errors = 3,
         .other_errors = 9},
        {.profile = TM_PROFILE_INIT, .errors = {{"code 1", "", 1}}, .n_errors = 1},
        {.profile = TM_PROFILE_INIT, .errors = {{"", "", 1}}, .n_errors = 1},
        {.profile = TM_PROFILE_INIT},
    };
    struct tm_rec_snapshot snapshot = {.entries = entries, .n_entries = 4};
    char *text = NULL;
    size_t size;
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct tm_profile *profile = &entries[i].profile;
        profile->plugin = (const char *[]){"a", "b", "c", "never called"}[i];
        profile->calls = i < 3 ? 20 : 0;
        profile->errors = (int64_t[]){16, 1, 1, 0}[i];
        profile->wall_ns = (30 - 10 * i) * 20e6;
        profile->cpu_ns = profile->wall_ns / 10;
        profile->peak_mem_bytes = 1536;
        profile->occupied_ns = i == 0 ? profile->wall_ns : profile->wall_ns / 4;
        profile->longest_step_ns = 12.34e6;
    }
    FILE *out = open_memstream(&text, &size);
    assert_int_equal(tm_snapshot_put_bottlenecks(out, &snapshot, true, every, NULL), 0);
    fclose(out);
    assert_string_equal(text,
                        "[PLUGIN] a | avg 30.0ms | z=1.00 | mem=1.5KB | robust z=0.67 | rank 100% | share of cpu 50% | "
                        "step=12.3ms | errors 16 of 20 (HttpError: 503) | failing\n"
                        "[PLUGIN] b | avg 20.0ms | z=0.00 | mem=1.5KB | robust z=0.00 | rank 50% | share of cpu 33% | "
                        "step=12.3ms | errors 1 of 20 (code 1) | waiting\n"
                        "[PLUGIN] c | avg 10.0ms | z=-1.00 | mem=1.5KB | robust z=-1.15 | rank 0% | share of cpu 17% | "
                        "step=12.3ms | errors 1 of 20 | waiting\n"
                        "no outlier among 3 plugins\n"
                        "note: with 3 plugins the classic z cannot exceed 1.15, so z > 2.0 can never fire: go by the robust z\n");
    free(text);
}

static char *report(void)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (tm_loader_report(loader, out) != 0)
        fail_msg("%s", tm_rec_message());
    fclose(out);
    return text;
}

/* Of the loader's plugins only, and only of those that were called. */
static void reports(void **state)
{
    int one = 1, out;
    struct tm_rec_call call;
    (void)state;
    assert_int_equal(tm_loader_report(loader, stdout), -1);
    assert_non_null(strstr(tm_rec_message(), "PLUGIN_PROFILING=1"));
    start();
    tm_loader_register_function(loader, "adder", answer, &one);
    tm_loader_register_function(loader, "failing", fails, NULL);
    tm_loader_register_function(loader, "idle", fails, NULL);
    tm_loader_invoke(loader, "adder", &one, &out);
    tm_loader_invoke(loader, "failing", &one, NULL);
    tm_rec_begin(&call, tm_rec_register("not-ours", NULL));
    tm_rec_end(&call, TM_REC_OK);
    char *text = report();
    assert_non_null(strstr(text, "] adder | avg 0.0"));
    assert_non_null(strstr(text, " | errors 1 of 1 (code 1) | failing\n"));
    assert_non_null(strstr(text, "no outlier among 2 plugins\n"));
    assert_null(strstr(text, "idle"));
    assert_null(strstr(text, "not-ours"));
    free(text);
}

static void report_on_a_full_disk(void **state)
{
    (void)state;
    start();
    for (int mode = 0; mode < 2; mode++) {
        FILE *full = fopen("/dev/full", "w");
        if (!full)
            skip();
        setvbuf(full, NULL, mode == 0 ? _IOFBF : _IONBF, BUFSIZ);
        assert_int_equal(tm_loader_report(loader, full), -1);
        assert_string_equal(tm_rec_message(), "cannot write the report: No space left on device");
        fclose(full);
    }
    assert_int_equal(tm_loader_report(loader, NULL), -1);
    assert_string_equal(tm_rec_message(), "cannot write the report: no stream");
}

static void nothing_to_free(void **state)
{
    (void)state;
    tm_loader_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_function, begin, end),
        cmocka_unit_test_setup_teardown(shared_objects, begin, end),
        cmocka_unit_test_setup_teardown(twice, begin, end),
        cmocka_unit_test_setup_teardown(codes, begin, end),
        cmocka_unit_test_setup_teardown(unknown_names, begin, end),
        cmocka_unit_test_setup_teardown(refused_by_name, begin, end),
        cmocka_unit_test_setup_teardown(last_words, begin, end),
        cmocka_unit_test_setup_teardown(long_symbol, begin, end),
        cmocka_unit_test_setup_teardown(handlers_stay, begin, end),
        cmocka_unit_test_setup_teardown(handlers_of_plugins_stay, begin, end),
        cmocka_unit_test_setup_teardown(unloaded, begin, end),
        cmocka_unit_test_setup_teardown(called_at_the_end, begin, end),
        cmocka_unit_test_setup_teardown(calls_are_recorded, begin, end),
        cmocka_unit_test_setup_teardown(without_return, begin, end),
        cmocka_unit_test_setup_teardown(started_later, begin, end),
        cmocka_unit_test_setup_teardown(by_many_threads, begin, end),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test_setup_teardown(in_a_child, begin, end),
        cmocka_unit_test_setup_teardown(while_another_loads, begin, end),
        cmocka_unit_test_setup_teardown(forked_by_a_plugin, begin, end),
#endif
        cmocka_unit_test_setup_teardown(nothing_is_refused, begin, end),
        cmocka_unit_test(units_of_the_report),
        cmocka_unit_test_setup_teardown(reports, begin, end),
        cmocka_unit_test_setup_teardown(report_on_a_full_disk, begin, end),
        cmocka_unit_test(nothing_to_free),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
