/* The recorder on one thread: calls, nesting, steps, errors, names, and what a flush leaves. */
#include <limits.h>
#include <malloc.h>
#include <sys/wait.h>
#include <time.h>

#include "record/binding.h"
#include "record/threads.h"
#include "tests/unit/recording.h"

static const struct tm_rec_entry *entry_of(const struct tm_rec_snapshot *snapshot, const char *plugin)
{
    for (size_t i = 0; i < snapshot->n_entries; i++)
        if (strcmp(snapshot->entries[i].profile.plugin, plugin) == 0)
            return &snapshot->entries[i];
    fail_msg("plugin '%s' is not in the snapshot", plugin);
    return NULL;
}

/* The entry of a plugin, valid until the next call. */
static const struct tm_rec_entry *seen(const char *plugin)
{
    static struct tm_rec_snapshot *snapshot;
    tm_rec_snapshot_free(snapshot);
    snapshot = NULL;
    if (!plugin)
        return NULL;
    snapshot = tm_rec_take();
    assert_non_null(snapshot);
    return entry_of(snapshot, plugin);
}

static int start_syscall(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_SYSCALL);
}

static int start_best(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_BEST);
}

static int stop(void **state)
{
    (void)state;
    seen(NULL);
    tm_rec_stop();
    return 0;
}

static void call_once(tm_rec_plugin *plugin, enum tm_rec_status status)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, status);
}

/* ---- on and off ---- */

/* However long the recording before it was. */
static void test_second_start(void **state)
{
    (void)state;
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    wait_ms(2100); /* in whole seconds that is two; one the clocks of the test may be apart */
    tm_rec_stop();
    int64_t before = time(NULL);
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    assert_in_range(tm_rec_began(), before, time(NULL) + 1);
    tm_rec_stop();
}

static void test_off_does_nothing(void **state)
{
    struct tm_rec_call call, helper;
    (void)state;
    unsetenv("PLUGIN_PROFILING");
    assert_int_equal(tm_rec_start(NULL), 0);
    assert_int_equal(tm_rec_is_on, 0);
    tm_rec_plugin *plugin = tm_rec_register("alpha", "1");
    assert_null(plugin);
    tm_rec_begin(&call, plugin);
    tm_rec_suspend(&call);
    tm_rec_resume(&call);
    tm_rec_error(&call, "Error", "message");
    tm_rec_adopt(&helper, &call);
    tm_rec_release(&helper);
    tm_rec_end(&call, TM_REC_OK);
    assert_null(tm_rec_take());
    assert_int_equal(tm_rec_flush_csv(file("off.csv")), 0);
    assert_int_equal(access(file("off.csv"), F_OK), -1);
    tm_rec_stop();
}

static void test_environment(void **state)
{
    static const struct {
        const char *value;
        int on;
    } rows[] = {{"1", 1}, {"0", 0}, {"", 0}, {"true", 0}, {"11", 0}}, *row;
    (void)state;
    EACH(row, rows)
    {
        setenv("PLUGIN_PROFILING", row->value, 1);
        assert_int_equal(tm_rec_start(NULL), 0);
        if (tm_rec_is_on != row->on)
            fail_msg("PLUGIN_PROFILING='%s': on is %d", row->value, tm_rec_is_on);
        tm_rec_stop();
    }
    setenv("PLUGIN_PROFILING", "1", 1);
    assert_int_equal(tm_rec_start(&(struct tm_rec_config){.on = 0}), 0);
    assert_int_equal(tm_rec_is_on, 0);
    unsetenv("PLUGIN_PROFILING");
}

static void test_start_again(void **state)
{
    struct tm_rec_call call;
    (void)state;
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    assert_int_equal(tm_rec_start(NULL), -1);
    assert_string_equal(tm_rec_message(), "the recorder is on already");
    tm_rec_plugin *former = tm_rec_register("former", NULL);
    tm_rec_begin(&call, former);
    tm_rec_stop();
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_end(&call, TM_REC_OK); /* of the recorder before */
    call_once(former, TM_REC_OK);
    call_once(plugin, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 1);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, 1);
    tm_rec_snapshot_free(snapshot);
    tm_rec_stop();
}

static void test_memory_needs_hooks(void **state)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    (void)state;
    config.on = 1;
    config.memory = TM_REC_MEMORY_NET;
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "LD_PRELOAD=.../libtidemark_malloc.so"));
    assert_int_equal(tm_rec_is_on, 0);
    config.site_bytes = 1; /* of NET */
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "site_bytes 1"));
}

/* ---- names ---- */

static void test_names(void **state)
{
    static char longest[TM_NAME_MAX + 1], too_long[TM_NAME_MAX + 2];
    static const struct {
        const char *name, *message; /* NULL: accepted */
    } rows[] =
        {
            {"a", NULL},
            {"with space, comma and \"quotes\"", NULL},
            {" leading and trailing ", NULL},
            {"../../etc/passwd; $(reboot)", NULL},
            {"größer 中文 \xf0\x9f\x90\x8c", NULL},
            {"-5", NULL},
            {longest, NULL},
            {"", "plugin name '' is empty"},
            {"*", "plugin name '*' is '*', which stands for the whole run"},
            {"line\nbreak", "plugin name 'line\\x0abreak' holds a control character"},
            {"\xff", "plugin name '\\xff' is not valid UTF-8"},
            {too_long, "is longer than 1024 bytes"},
        },
      *row;
    (void)state;
    memset(longest, 'x', TM_NAME_MAX);
    memset(too_long, 'x', TM_NAME_MAX + 1);
    EACH(row, rows)
    {
        tm_rec_plugin *plugin = tm_rec_register(row->name, NULL);
        if (!plugin != !!row->message)
            fail_msg("'%s' was %s", row->name, plugin ? "accepted" : "refused");
        if (row->message)
            assert_non_null(strstr(tm_rec_message(), row->message));
        else
            assert_string_equal(tm_rec_plugin_name(plugin), row->name);
        assert_ptr_equal(tm_rec_register(row->name, NULL), plugin);
        call_once(plugin, TM_REC_OK);
        if (plugin)
            assert_int_equal(seen(row->name)->profile.calls, 1);
    }
}

static void test_versions(void **state)
{
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    call_once(plugin, TM_REC_OK);
    assert_null(seen("alpha")->profile.plugin_version);
    tm_rec_register("alpha", "1.4");
    tm_rec_register("alpha", NULL);
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.4");
    assert_ptr_equal(tm_rec_register("alpha", "no\ttext"), plugin);
    assert_string_equal(tm_rec_message(), "version 'no\\x09text' of plugin 'alpha' holds a control character");
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.4");
    tm_rec_register("alpha", "1.5");
    assert_string_equal(seen("alpha")->profile.plugin_version, "1.5");
}

static void test_many_plugins(void **state)
{
    char name[32];
    (void)state;
    for (int i = 0; i < TM_PLUGINS_MAX; i++) {
        snprintf(name, sizeof name, "plugin-%d", i);
        tm_rec_plugin *plugin = tm_rec_register(name, NULL);
        assert_non_null(plugin);
        if (i % 1000 == 0)
            call_once(plugin, TM_REC_OK);
    }
    assert_null(tm_rec_register("one more", NULL));
    assert_non_null(strstr(tm_rec_message(), "at most"));
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, TM_PLUGINS_MAX / 1000 + 1);
    for (size_t i = 1; i < snapshot->n_entries; i++)
        assert_true(strcmp(snapshot->entries[i - 1].profile.plugin, snapshot->entries[i].profile.plugin) < 0);
    tm_rec_snapshot_free(snapshot);
}

/* ---- what is counted ---- */

static void test_outcomes(void **state)
{
    static const enum tm_rec_status statuses[] = {TM_REC_OK,      TM_REC_OK,      TM_REC_OK,      TM_REC_ERROR,    TM_REC_TIMEOUT,
                                                  TM_REC_TIMEOUT, TM_REC_TIMEOUT, TM_REC_TIMEOUT, TM_REC_CANCELLED};
    const enum tm_rec_status *status;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    EACH(status, statuses) call_once(plugin, *status);
    const struct tm_profile *profile = &seen("alpha")->profile;
    assert_int_equal(profile->calls, 9);
    assert_int_equal(profile->errors, 5); /* timeouts are errors */
    assert_int_equal(profile->timeouts, 4);
    assert_int_equal(profile->cancelled, 1);
    assert_true(isnan(profile->mem_delta_bytes) && isnan(profile->peak_mem_bytes));
    assert_string_equal(profile->clock, "thread_cputime");
}

static void test_latencies(void **state)
{
    struct tm_sketch sketch;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    for (int i = 0; i < 99; i++)
        call_once(plugin, TM_REC_OK);
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    wait_ms(20);
    tm_rec_end(&call, TM_REC_OK);
    const struct tm_profile *profile = &seen("alpha")->profile;
    assert_true(profile->wall_max_ns >= 20e6 && profile->wall_max_ns <= profile->wall_ns);
    assert_true(profile->wall_p50_ns < 1e6);
    assert_true(profile->wall_p50_ns <= profile->wall_p95_ns && profile->wall_p95_ns <= profile->wall_p99_ns &&
                profile->wall_p99_ns <= profile->wall_max_ns);
    assert_true(profile->longest_step_ns == profile->wall_max_ns && profile->occupied_ns == profile->wall_ns);
    tm_sketch_init(&sketch);
    assert_int_equal(tm_sketch_decode(&sketch, profile->latency, profile->latency_size), 0);
    assert_int_equal(tm_sketch_count(&sketch), 100);
    assert_true(sketch.max == profile->wall_max_ns);
    tm_sketch_free(&sketch);
}

/* A sleeper takes no CPU, and a burner its own. */
static void check_cpu(double sleeper_limit)
{
    struct tm_rec_call call;
    tm_rec_plugin *sleeper = tm_rec_register("sleeper", NULL), *burner = tm_rec_register("burner", NULL);
    int64_t burnt = 0;
    for (int i = 0; i < 5; i++) {
        tm_rec_begin(&call, sleeper);
        wait_ms(10);
        tm_rec_end(&call, TM_REC_OK);
        tm_rec_begin(&call, burner);
        int64_t from = thread_cpu();
        burn_ms(10);
        burnt += thread_cpu() - from;
        tm_rec_end(&call, TM_REC_OK);
    }
    const struct tm_profile *profile = &seen("sleeper")->profile;
    if (profile->wall_ns < 50e6 || profile->cpu_ns > sleeper_limit)
        fail_msg("sleeper: wall %g ms, CPU %g ms", profile->wall_ns / 1e6, profile->cpu_ns / 1e6);
    profile = &seen("burner")->profile;
    if (profile->cpu_ns < 0.99 * (double)burnt || profile->cpu_ns > 1.02 * (double)burnt)
        fail_msg("burner: CPU %g ms of %g ms", profile->cpu_ns / 1e6, (double)burnt / 1e6);
}

static void test_cpu(void **state)
{
    (void)state;
    check_cpu(1e6);
}

/* Ten asynchronous calls take turns on one thread: each is credited its own steps, and all together the thread's CPU time. */
static void test_interleaving(void **state)
{
    enum { PLUGINS = 10, TURNS = 20 };
    struct tm_rec_call calls[PLUGINS];
    tm_rec_plugin *plugins[PLUGINS];
    char name[16];
    (void)state;
    int64_t burnt[PLUGINS] = {0}, start_cpu = thread_cpu();
    for (int i = 0; i < PLUGINS; i++) {
        snprintf(name, sizeof name, "p%d", i);
        plugins[i] = tm_rec_register(name, NULL);
        call_once(plugins[i], TM_REC_OK);
        tm_rec_begin(&calls[i], plugins[i]);
        tm_rec_suspend(&calls[i]);
    }
    for (int turn = 0; turn < TURNS; turn++)
        for (int i = 0; i < PLUGINS; i++) {
            tm_rec_resume(&calls[i]);
            int64_t from = thread_cpu();
            burn_ms(0.05 * (i + 1));
            burnt[i] += thread_cpu() - from;
            tm_rec_suspend(&calls[i]);
        }
    int64_t all = thread_cpu() - start_cpu;
    double credited = 0, own = 0;
    for (int i = 0; i < PLUGINS; i++) {
        tm_rec_end(&calls[i], TM_REC_OK);
        snprintf(name, sizeof name, "p%d", i);
        double cpu = seen(name)->profile.cpu_ns;
        if (cpu < 0.98 * (double)burnt[i] - 0.5e6 || cpu > 1.05 * (double)burnt[i] + 1e6)
            fail_msg("plugin %d is credited %g ms of %g ms", i, cpu / 1e6, (double)burnt[i] / 1e6);
        credited += cpu;
        own += (double)burnt[i];
    }
    if (credited < 0.98 * own || credited > 1.005 * (double)all)
        fail_msg("credited %g ms, burnt %g ms of %g ms", credited / 1e6, own / 1e6, (double)all / 1e6);
    const struct tm_profile *profile = &seen("p9")->profile;
    assert_true(profile->wall_ns > profile->occupied_ns); /* the others' turns are waiting */
    assert_true(profile->longest_step_ns < profile->occupied_ns);
    assert_true(profile->longest_step_ns >= profile->occupied_ns / TURNS);
}

/* ---- nesting ---- */

static void test_self_times(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("outer", NULL), *b = tm_rec_register("inner", NULL);
    for (int i = 0; i < 3; i++) {
        tm_rec_begin(&outer, a);
        tm_rec_begin(&inner, b);
        burn_ms(1);
        tm_rec_end(&inner, TM_REC_OK);
        burn_ms(0.1);
        tm_rec_end(&outer, TM_REC_OK);
    }
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_rec_entry *o = entry_of(snapshot, "outer"), *i = entry_of(snapshot, "inner");
    assert_true(o->self_wall_ns + i->profile.wall_ns == o->profile.wall_ns);
    assert_true(o->self_cpu_ns + i->profile.cpu_ns == o->profile.cpu_ns);
    assert_true(i->self_wall_ns == i->profile.wall_ns && i->self_cpu_ns == i->profile.cpu_ns);
    assert_true(i->profile.wall_ns >= 3e6);
    assert_int_equal(i->profile.n_readings, 0);
    assert_int_equal(o->profile.n_readings, 2);
    assert_string_equal(o->profile.readings[0].metric, "self_wall_per_call_ms");
    assert_true(fabs(o->profile.readings[0].value - o->self_wall_ns / 3e6) < 1e-9);
    tm_rec_snapshot_free(snapshot);
}

/* alpha -> beta -> alpha: two calls of alpha, its time once. */
static void test_recursion(void **state)
{
    struct tm_rec_call first, second, third;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_begin(&first, a);
    tm_rec_begin(&second, b);
    tm_rec_begin(&third, a);
    burn_ms(1);
    tm_rec_end(&third, TM_REC_OK);
    burn_ms(1);
    tm_rec_end(&second, TM_REC_OK);
    burn_ms(1);
    tm_rec_end(&first, TM_REC_OK);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_rec_entry *alpha = entry_of(snapshot, "alpha"), *beta = entry_of(snapshot, "beta");
    assert_int_equal(alpha->profile.calls, 2);
    assert_true(alpha->profile.wall_ns == alpha->profile.wall_max_ns);
    assert_true(alpha->profile.wall_ns > beta->profile.wall_ns);
    assert_true(alpha->self_wall_ns + beta->self_wall_ns == alpha->profile.wall_ns);
    assert_true(alpha->self_cpu_ns + beta->self_cpu_ns == alpha->profile.cpu_ns);
    tm_rec_snapshot_free(snapshot);
    call_once(a, TM_REC_OK); /* and afterwards it counts again */
    assert_true(seen("alpha")->profile.wall_ns > seen("alpha")->profile.wall_max_ns);
}

static void test_deep_recursion(void **state)
{
    enum { DEPTH = 500 };
    struct tm_rec_call calls[DEPTH];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    for (int i = 0; i < DEPTH; i++)
        tm_rec_begin(&calls[i], plugin);
    for (int i = DEPTH; i-- > 0;)
        tm_rec_end(&calls[i], TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, DEPTH);
    assert_int_equal(seen("alpha")->profile.errors, 0);
}

static jmp_buf way_out;

static void leave_by_longjmp(tm_rec_plugin *plugin)
{
    struct tm_rec_call calls[3];
    for (int i = 0; i < 3; i++)
        tm_rec_begin(&calls[i], plugin);
    longjmp(way_out, 1);
}

/* What a longjmp has left over ends with the call around it; the memory of those calls may hold anything by then. */
static void test_longjmp(void **state)
{
    struct tm_rec_call outer, after;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("outer", NULL), *b = tm_rec_register("inner", NULL);
    tm_rec_begin(&outer, a);
    if (setjmp(way_out) == 0)
        leave_by_longjmp(b);
    tm_rec_end(&outer, TM_REC_OK);
    tm_rec_begin(&after, a);
    tm_rec_end(&after, TM_REC_OK);
    assert_int_equal(seen("inner")->profile.calls, 3);
    assert_int_equal(seen("inner")->profile.errors, 3);
    assert_int_equal(seen("outer")->profile.calls, 2);
    assert_int_equal(seen("outer")->profile.errors, 0);
    assert_true(seen("outer")->self_wall_ns < seen("outer")->profile.wall_ns);
}

/* Bytes that malloc has given out. */
static size_t allocated(void)
{
#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
    struct mallinfo2 all = mallinfo2();
    return all.uordblks + all.hblkhd;
#else
    return 0;
#endif
}

/* Nobody ends it; another call with the same state tells that it is over. */
static void test_longjmp_to_the_top(void **state)
{
    static struct tm_rec_call call;
    volatile int jumps = 0;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL);
    setjmp(way_out);
    tm_rec_begin(&call, a);
    burn_ms(1);
    if (jumps++ < 5)
        longjmp(way_out, 1); /* NOLINT(cert-err52-cpp): that is the question */
    tm_rec_end(&call, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 6);
    assert_int_equal(seen("alpha")->profile.errors, 5);
    assert_true(seen("alpha")->profile.cpu_ns > 5.9e6);
    assert_true(seen("alpha")->profile.wall_ns > 5.9e6);
}

/* A task that its own plugin starts at once, and that goes on by itself; and one that goes on inside of its own plugin. */
static void test_recursion_by_steps(void **state)
{
    struct tm_rec_call outer, inner, later;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_begin(&outer, a);
    tm_rec_begin(&inner, a);
    tm_rec_suspend(&inner);
    tm_rec_end(&outer, TM_REC_OK);
    tm_rec_resume(&inner);
    int64_t from = thread_cpu();
    burn_ms(3);
    double burnt = (double)(thread_cpu() - from);
    tm_rec_end(&inner, TM_REC_OK);
    double alpha = seen("alpha")->profile.cpu_ns;
    assert_true(alpha > 0.97 * burnt && alpha < burnt + 1e6);
    assert_true(seen("alpha")->profile.wall_ns > 2.9e6);
    tm_rec_begin(&later, b);
    tm_rec_suspend(&later);
    tm_rec_begin(&outer, b);
    tm_rec_resume(&later);
    from = thread_cpu();
    burn_ms(3);
    burnt = (double)(thread_cpu() - from);
    tm_rec_end(&later, TM_REC_OK);
    tm_rec_end(&outer, TM_REC_OK);
    double beta = seen("beta")->profile.cpu_ns;
    assert_true(beta > 0.97 * burnt && beta < burnt + 1e6);
}

/* Plugins of before a stop are used again. */
static void test_starting_again_takes_no_room(void **state)
{
    size_t before = 0;
    (void)state;
    for (int i = 0; i < 60; i++) {
        if (i == 10)
            before = allocated();
        assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
        call_once(tm_rec_register("alpha", i % 2 ? "1" : NULL), TM_REC_ERROR);
        call_once(tm_rec_register("beta", NULL), TM_REC_OK);
        assert_int_equal(seen("alpha")->profile.calls, 1);
        assert_int_equal(seen("alpha")->profile.errors, 1);
        if (i % 2)
            assert_string_equal(seen("alpha")->profile.plugin_version, "1");
        else
            assert_null(seen("alpha")->profile.plugin_version);
        tm_rec_stop();
    }
    size_t after = allocated();
    assert_true(after < before || after - before <= 1024);
}

static void test_misuse(void **state)
{
    struct tm_rec_call call, other, none = {0};
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_end(&none, TM_REC_OK);
    tm_rec_suspend(&none);
    tm_rec_resume(&none);
    tm_rec_begin(&call, a);
    tm_rec_resume(&call); /* it runs */
    struct tm_rec_call copy = call;
    tm_rec_end(&call, TM_REC_OK);
    tm_rec_end(&call, TM_REC_OK);
    tm_rec_end(&copy, TM_REC_OK);
    tm_rec_suspend(&copy);
    tm_rec_begin(&call, a);
    tm_rec_suspend(&call);
    tm_rec_suspend(&call);
    tm_rec_begin(&other, b);
    tm_rec_resume(&call);
    tm_rec_suspend(&other); /* from the middle */
    tm_rec_resume(&other);
    tm_rec_suspend(&call);
    tm_rec_end(&other, TM_REC_OK);
    tm_rec_end(&call, TM_REC_OK); /* while suspended */
    assert_int_equal(seen("alpha")->profile.calls, 2);
    assert_int_equal(seen("beta")->profile.calls, 1);
    assert_int_equal(seen("alpha")->profile.errors + seen("beta")->profile.errors, 0);
}

/* ---- errors ---- */

static void fail_once(tm_rec_plugin *plugin, const char *type, const char *message)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_error(&call, type, message);
    tm_rec_end(&call, TM_REC_ERROR);
}

static void test_errors(void **state)
{
    char message[400], name[16];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    memset(message, 'x', sizeof message);
    memcpy(message + 158, "\xc3\xa4\xc3\xa4", 4); /* the second character would be cut in two */
    message[sizeof message - 1] = '\0';
    fail_once(plugin, "ValueError", "bad\x1b[31m value\n\xff");
    fail_once(plugin, "ValueError", message);
    fail_once(plugin, "ValueError", message);
    fail_once(plugin, NULL, NULL);
    for (int i = 0; i < 100; i++) {
        snprintf(name, sizeof name, "%d", i);
        fail_once(plugin, "KeyError", name);
    }
    const struct tm_rec_entry *entry = seen("alpha");
    assert_int_equal(entry->profile.errors, 104);
    assert_int_equal(entry->n_errors, TM_REC_ERRORS_KEPT);
    assert_string_equal(entry->errors[0].message, "bad?[31m value??");
    assert_int_equal(entry->errors[1].count, 2);
    assert_int_equal(strlen(entry->errors[1].message), 160);
    assert_string_equal(entry->errors[1].message + 158, "\xc3\xa4");
    assert_string_equal(entry->errors[2].type, "");
    int64_t sum = entry->other_errors;
    for (size_t i = 0; i < entry->n_errors; i++)
        sum += entry->errors[i].count;
    assert_int_equal(sum, 104);
}

static void test_errors_take_no_room(void **state)
{
    char message[32];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    fail_once(plugin, "ValueError", "first");
    size_t before = allocated();
    for (int i = 0; i < 1000000; i++) {
        snprintf(message, sizeof message, "message %d", i);
        fail_once(plugin, "ValueError", message);
    }
    assert_int_equal(allocated(), before);
    assert_int_equal(seen("alpha")->profile.errors, 1000001);
}

/* ---- flushing ---- */

static void test_flush_begins_anew(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_begin(&call, plugin);
    wait_ms(100); /* the one that shall be forgotten; the next is shorter, whatever the machine does */
    tm_rec_end(&call, TM_REC_OK);
    fail_once(plugin, "ValueError", "once");
    assert_int_equal(tm_rec_flush_csv(file("first.csv")), 0);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(snapshot->n_entries, 0);
    tm_rec_snapshot_free(snapshot);
    call_once(plugin, TM_REC_OK);
    const struct tm_rec_entry *entry = seen("alpha");
    assert_int_equal(entry->profile.calls, 1);
    assert_int_equal(entry->profile.errors, 0);
    assert_int_equal(entry->n_errors, 0);
    assert_true(entry->profile.wall_max_ns < 100e6 && entry->profile.longest_step_ns < 100e6);
    assert_true(entry->profile.wall_max_ns == entry->profile.wall_ns);
}

static void test_failed_flush_loses_nothing(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    tm_rec_begin(&call, plugin);
    wait_ms(2);
    tm_rec_end(&call, TM_REC_OK);
    fail_once(plugin, "ValueError", "once");
    struct tm_rec_snapshot *before = tm_rec_take();
    assert_int_equal(tm_rec_flush_csv(file("no/such/directory.csv")), -1);
    assert_non_null(strstr(tm_rec_message(), "no/such/directory.csv': No such file or directory"));
    assert_int_equal(tm_rec_flush_csv("/dev/full"), -1);
    assert_non_null(strstr(tm_rec_message(), "No space left on device"));
    tm_store *store = open_store("closed.db", TM_CREATE);
    assert_int_equal(tm_rec_flush_store(store, &(struct tm_run){.key = "", .started_at = 1}), -1);
    assert_true(strlen(tm_rec_message()) > 0);
    tm_close(store);
    const struct tm_rec_entry *now = seen("alpha"), *then = entry_of(before, "alpha");
    assert_int_equal(now->profile.calls, 2);
    assert_true(now->profile.wall_ns == then->profile.wall_ns && now->profile.cpu_ns == then->profile.cpu_ns);
    assert_true(now->profile.wall_max_ns == then->profile.wall_max_ns && now->profile.wall_p50_ns == then->profile.wall_p50_ns);
    assert_int_equal(now->profile.latency_size, then->profile.latency_size);
    assert_memory_equal(now->profile.latency, then->profile.latency, then->profile.latency_size);
    assert_int_equal(now->n_errors, 1);
    tm_rec_snapshot_free(before);
}

static void test_flush_replaces_whole_files(void **state)
{
    char line[64];
    (void)state;
    FILE *old = fopen(file("night.csv"), "w");
    fputs("an older night\n", old);
    fclose(old);
    call_once(tm_rec_register("alpha", NULL), TM_REC_OK);
    assert_int_equal(tm_rec_flush_csv(file("night.csv")), 0);
    FILE *new = fopen(file("night.csv"), "r");
    assert_non_null(fgets(line, sizeof line, new));
    assert_int_equal(strncmp(line, "plugin,calls,errors,", 20), 0);
    fclose(new);
    struct dirent *entry;
    DIR *dir = opendir(scratch);
    while ((entry = readdir(dir)))
        assert_null(strstr(entry->d_name, "night.csv."));
    closedir(dir);
}

/* ---- fork ---- */

static void test_fork(void **state)
{
    struct tm_rec_call call;
    int status;
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    call_once(plugin, TM_REC_OK);
    tm_rec_begin(&call, plugin);
    pid_t child = fork();
    if (child == 0) {
        struct tm_rec_snapshot *snapshot = tm_rec_take();
        int good = snapshot && snapshot->n_entries == 0;
        tm_rec_end(&call, TM_REC_OK); /* its parent's */
        tm_rec_begin(&call, plugin);
        wait_ms(5);
        tm_rec_end(&call, TM_REC_ERROR);
        tm_rec_snapshot_free(snapshot);
        snapshot = tm_rec_take();
        const struct tm_profile *profile = &snapshot->entries[0].profile;
        good = good && snapshot->n_entries == 1 && profile->calls == 1 && profile->errors == 1 && profile->cpu_ns < 3e6;
        good = good && tm_rec_flush_csv(file("child.csv")) == 0;
        tm_rec_snapshot_free(snapshot);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    tm_rec_end(&call, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 2);
}

#define ON(test) cmocka_unit_test_setup_teardown(test, start_syscall, stop)
#define BEST(test)                                                                                                                 \
    {                                                                                                                              \
#test " with the best clock", test, start_best, stop, NULL                                                                 \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_second_start),
        cmocka_unit_test(test_off_does_nothing),
        cmocka_unit_test(test_environment),
        cmocka_unit_test(test_start_again),
        cmocka_unit_test(test_memory_needs_hooks),
        ON(test_names),
        ON(test_versions),
        ON(test_many_plugins),
        ON(test_outcomes),
        ON(test_latencies),
        ON(test_cpu),
        BEST(test_cpu),
        ON(test_interleaving),
        BEST(test_interleaving),
        ON(test_self_times),
        BEST(test_self_times),
        ON(test_recursion),
        BEST(test_recursion),
        ON(test_deep_recursion),
        ON(test_longjmp),
        ON(test_longjmp_to_the_top),
        ON(test_recursion_by_steps),
        cmocka_unit_test(test_starting_again_takes_no_room),
        ON(test_misuse),
        ON(test_errors),
        ON(test_errors_take_no_room),
        ON(test_flush_begins_anew),
        ON(test_failed_flush_loses_nothing),
        ON(test_flush_replaces_whole_files),
        ON(test_fork),
        BEST(test_fork),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
