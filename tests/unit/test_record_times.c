/* What is counted of calls that do not nest: how they end, how long they take, and whose the CPU time is. */
#include "schema/sketch.h"
#include "tests/unit/one_thread.h"

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

/* What a busy machine has taken. */
static double preempted_ns(const struct tm_profile *profile)
{
    for (size_t i = 0; i < profile->n_readings; i++)
        if (strcmp(profile->readings[i].metric, "preempted_ms") == 0)
            return profile->readings[i].value * 1e6;
    return 0;
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
    assert_true(profile->longest_step_ns == profile->wall_max_ns);
    assert_true(fabs(profile->occupied_ns + preempted_ns(profile) - profile->wall_ns) < 1);
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
    assert_true(profile->wall_ns > profile->occupied_ns);     /* the others' turns are waiting */
    assert_true(profile->longest_step_ns < profile->wall_ns); /* on a busy host it has waited for a processor, too */
    assert_true(profile->longest_step_ns >= profile->occupied_ns / TURNS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_outcomes), ON(test_latencies), ON(test_cpu), BEST(test_cpu), ON(test_interleaving), BEST(test_interleaving),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
