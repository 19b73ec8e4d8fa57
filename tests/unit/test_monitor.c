/* Spikes: how they are kept, and that the monitor sees them and names who it was. */
#include <dirent.h>
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "record/binding.h"
#include "record/clock.h"
#include "record/monitor.h"
#include "record/spikes.h"
#include "schema/valid.h"

/* ---- what is kept ---- */

static struct tm_spikes spikes;

static const char alpha[] = "alpha", beta[] = "beta";

static bool add(double at_ms, double duration_ms, double percent, const char *plugin)
{
    return tm_spikes_add(&spikes, &(struct tm_spike){at_ms, duration_ms, percent, plugin}) != NULL;
}

static void assert_spike(size_t i, double at_ms, double duration_ms, double percent, const char *plugin)
{
    assert_true(i < spikes.n);
    const struct tm_spike *spike = &spikes.kept[i];
    if (spike->at_ms != at_ms || spike->duration_ms != duration_ms || spike->cpu_percent != percent || spike->plugin != plugin)
        fail_msg("spike %zu: found %g + %g ms, %g %%, %s", i, spike->at_ms, spike->duration_ms, spike->cpu_percent, spike->plugin);
}

static void samples_become_one_spike(void **state)
{
    (void)state;
    tm_spikes_forget(&spikes);
    assert_true(add(100, 10, 85, alpha));
    assert_false(add(110, 10, 99, alpha));
    assert_false(add(120, 12, 90, alpha));
    assert_int_equal(spikes.n, 1);
    assert_spike(0, 100, 32, 99, alpha);
    assert_true(add(132, 10, 90, beta));
    tm_spikes_pause(&spikes);
    assert_true(add(200, 10, 90, beta));
    assert_int_equal(spikes.n, 3);
    assert_spike(1, 132, 10, 90, beta);
    assert_spike(2, 200, 10, 90, beta);
}

static void unknown_culprits(void **state)
{
    (void)state;
    tm_spikes_forget(&spikes);
    assert_true(add(0, 10, 90, NULL));
    assert_false(add(10, 10, 90, alpha));
    assert_false(add(20, 10, 90, NULL));
    assert_false(add(30, 10, 90, alpha));
    assert_spike(0, 0, 40, 90, alpha);
    assert_true(add(40, 10, 90, beta));
    tm_spikes_pause(&spikes);
    assert_true(add(60, 10, 90, NULL));
    assert_spike(2, 60, 10, 90, NULL);
}

/* The weakest goes; the others stay in order, and the one that goes on still does. */
static void not_more_than_fit(void **state)
{
    (void)state;
    tm_spikes_forget(&spikes);
    for (int i = 0; i < TM_SPIKES_KEPT; i++) {
        add(100 * i, i == 7 ? 1 : 10, 90, alpha);
        tm_spikes_pause(&spikes);
    }
    assert_int_equal(spikes.n, TM_SPIKES_KEPT);
    assert_true(add(1e6, 10, 90, beta));
    assert_false(add(1e6 + 10, 10, 90, beta));
    assert_int_equal(spikes.n, TM_SPIKES_KEPT);
    assert_spike(TM_SPIKES_KEPT - 1, 1e6, 20, 90, beta);
    for (size_t i = 1; i < spikes.n; i++) {
        assert_true(spikes.kept[i - 1].at_ms < spikes.kept[i].at_ms);
        assert_true(spikes.kept[i].at_ms != 700);
    }
}

/* ---- the monitor ---- */

static const double INTERVAL_MS = 40;

static struct tm_rec_config config_of(double percent)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.spike_interval = INTERVAL_MS / 1000;
    config.spike_percent = percent;
    return config;
}

static void start(const char *cpus, double percent)
{
    struct tm_rec_config config = config_of(percent);
    setenv("TIDEMARK_CPUS", cpus, 1);
    if (tm_rec_start(&config) != 0)
        fail_msg("%s", tm_rec_message());
}

static int stop(void **state)
{
    (void)state;
    tm_rec_stop();
    unsetenv("TIDEMARK_CPUS");
    return 0;
}

static void wait_ms(long ms)
{
    struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&time, NULL);
}

/* Until the thread has used so much CPU time, however little of it others leave. */
static void burn_ms(double ms)
{
    struct timespec now, then;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &then);
    do
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    while ((double)(now.tv_sec - then.tv_sec) * 1e3 + (double)(now.tv_nsec - then.tv_nsec) / 1e6 < ms);
}

static void call_and_burn(const char *name, double ms)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(name, NULL));
    burn_ms(ms);
    tm_rec_end(&call, TM_REC_OK);
}

static int count_tasks(void)
{
    int n = 0;
    DIR *dir = opendir("/proc/self/task");
    for (struct dirent *entry; dir && (entry = readdir(dir));)
        n += entry->d_name[0] != '.';
    if (dir)
        closedir(dir);
    return n;
}

/* The process's threads. One that has been joined may still be on its way out. */
static int count_threads(int expected)
{
    int n = count_tasks();
    for (int i = 0; i < 1000 && n > expected; i++, n = count_tasks())
        wait_ms(1);
    return n;
}

struct sums {
    size_t n;
    double ms, named_ms, first_ms, last_ms, percent;
};

static struct sums spikes_of(const char *plugin)
{
    struct sums sums = {.first_ms = INFINITY};
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_non_null(taken);
    for (size_t i = 0; i < taken->n_spikes; i++) {
        const struct tm_spike *spike = &taken->spikes[i];
        assert_null(tm_spike_fault(spike, &(const char *){NULL}));
        sums.n++;
        sums.ms += spike->duration_ms;
        sums.named_ms += spike->plugin && strcmp(spike->plugin, plugin) == 0 ? spike->duration_ms : 0;
        sums.first_ms = fmin(sums.first_ms, spike->at_ms);
        sums.last_ms = spike->at_ms + spike->duration_ms;
        sums.percent = fmax(sums.percent, spike->cpu_percent);
    }
    tm_rec_snapshot_free(taken);
    return sums;
}

static _Atomic bool waiting;

/* A thread in a plugin that does nothing. */
static void *wait_in_plugin(void *name)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(name, NULL));
    while (waiting)
        wait_ms(100);
    tm_rec_end(&call, TM_REC_OK);
    return NULL;
}

enum { WAITERS = 6 };

static void start_waiters(pthread_t threads[WAITERS])
{
    static char names[WAITERS][16];
    waiting = true;
    for (int i = 0; i < WAITERS; i++) {
        snprintf(names[i], sizeof names[i], "waiter-%d", i);
        assert_int_equal(pthread_create(&threads[i], NULL, wait_in_plugin, names[i]), 0);
    }
}

static void end_waiters(const pthread_t threads[WAITERS])
{
    waiting = false;
    for (int i = 0; i < WAITERS; i++)
        pthread_join(threads[i], NULL);
}

static void idle(void **state)
{
    pthread_t threads[WAITERS];
    (void)state;
    start("1", 50);
    start_waiters(threads);
    wait_ms(200);
    assert_int_equal(spikes_of("").n, 0);
    end_waiters(threads);
}

/* Of the spikes while it blocked: the share in which it is named. 0, too, if others left it so little time that there was no spike.
 *
 * In spikes one thread uses no more than all of their time, and outside of them less than a hundredth of the rest, which is the
 * threshold, 10 % of a tenth of a CPU: used <= spikes + (elapsed - spikes) / 100. So spikes last at least (used - elapsed / 100) /
 * 0.99, however the process was scheduled; a fifth less is for the first and the last interval, in a part of which it did nothing.
 */
static double named_while_it_blocks(void)
{
    const double used = 400;
    tm_rec_monitor_spikes(&(struct tm_spike){0}, 1, true); /* forgets those of before */
    double began = (double)tm_rec_now() / 1e6;
    call_and_burn("blocker", used);
    double ended = (double)tm_rec_now() / 1e6, least = 0.8 * (used - 0.01 * (ended - began)) / 0.99;
    if (least <= 0)
        return 0;
    struct sums sums = spikes_of("blocker");
    for (int i = 0; i < 100 && sums.ms < least; i++) { /* the monitor may be late */
        wait_ms(20);
        sums = spikes_of("blocker");
    }
    assert_true(sums.ms >= least);
    assert_true(sums.first_ms < ended && sums.last_ms > began);
    return sums.named_ms / sums.ms;
}

/* A plugin blocks its thread and never gives it back: it is named, and the ones that wait are not. Once more, if the machine left
 * it no time to be seen at it. */
static void blocking(void **state)
{
    pthread_t threads[WAITERS];
    int tries = 0;
    (void)state;
    start("0.1", 10);
    start_waiters(threads);
    while (named_while_it_blocks() < 0.9)
        assert_true(++tries < 10);
    end_waiters(threads);
}

/* The same work by two plugins in turns: both have their spikes. */
static void one_after_the_other(void **state)
{
    (void)state;
    start("1", 10);
    call_and_burn("first", 200);
    call_and_burn("second", 200);
    wait_ms(50);
    struct sums first = spikes_of("first"), second = spikes_of("second");
    assert_true(first.named_ms >= 0.2 * first.ms);
    assert_true(second.named_ms >= 0.2 * first.ms);
}

/* Is only the one that works named? */
static bool names_the_worker_alone(void)
{
    struct tm_rec_call call;
    tm_rec_monitor_spikes(&(struct tm_spike){0}, 1, true); /* forgets those of before */
    for (int i = 0; i < 5; i++) {
        call_and_burn("worker", 100);
        tm_rec_begin(&call, tm_rec_register("sleeper", NULL));
        wait_ms(70);
        tm_rec_end(&call, TM_REC_OK);
    }
    return spikes_of("worker").named_ms > 0 && spikes_of("sleeper").named_ms <= 0;
}

/* On one thread a plugin that waits follows one that works: it is not to blame for what its thread did before. Once more, if the
 * machine let the monitor look for so long that the worker ended meanwhile. */
static void the_next_one_is_innocent(void **state)
{
    int tries = 0;
    (void)state;
    start("1", 10);
    while (!names_the_worker_alone())
        assert_true(++tries < 10);
}

/* Spikes of the host's work, in which nobody is named? */
static bool names_nobody(void)
{
    tm_rec_monitor_spikes(&(struct tm_spike){0}, 1, true); /* forgets those of before */
    burn_ms(200);
    struct tm_rec_snapshot *taken = tm_rec_take();
    assert_non_null(taken);
    bool nobody = taken->n_spikes >= 1;
    for (size_t i = 0; i < taken->n_spikes; i++)
        nobody = nobody && !taken->spikes[i].plugin;
    tm_rec_snapshot_free(taken);
    return nobody;
}

/* Work that no plugin does is nobody's. Once more, if others took the processor from the host while the monitor looked, so that
 * what a waiting thread used to wake up was most of it. */
static void the_hosts_own_work(void **state)
{
    pthread_t threads[WAITERS];
    int tries = 0;
    (void)state;
    start("1", 10);
    start_waiters(threads);
    while (!names_nobody())
        assert_true(++tries < 10);
    end_waiters(threads);
}

/* One busy thread is far above 60 % of a tenth of a CPU, and can never reach 60 % of four. */
static void share_of_what_may_be_used(void **state)
{
    (void)state;
    start("0.1", 60);
    call_and_burn("x", 200);
    struct sums sums = spikes_of("x");
    assert_true(sums.n >= 1);
    assert_true(sums.percent > 60 && sums.percent < 1100);
    tm_rec_stop();
    start("4", 60);
    call_and_burn("x", 200);
    assert_int_equal(spikes_of("x").n, 0);
}

static struct {
    int calls;
    pthread_t thread;
    char plugin[32];
    _Atomic double at_ms;
    _Atomic bool named;
} told;

static void on_spike(void *context, const struct tm_spike *spike)
{
    told.calls++;
    told.thread = pthread_self();
    told.at_ms = spike->at_ms;
    snprintf(told.plugin, sizeof told.plugin, "%s", spike->plugin ? spike->plugin : "");
    tm_rec_snapshot_free(tm_rec_take());
    *(int *)context += 1;
    told.named = strcmp(told.plugin, "blocker") == 0;
}

static void flush(void)
{
    char path[600];
    const char *parent = getenv("TMPDIR");
    snprintf(path, sizeof path, "%s/tidemark-monitor.%d.csv", parent ? parent : "/tmp", (int)getpid());
    assert_int_equal(tm_rec_flush_csv(path), 0);
    unlink(path);
}

/* In the same terms as a snapshot tells it: since the flush before. */
static void told_when_it_begins(void **state)
{
    int context = 0;
    struct tm_rec_config config = config_of(10);
    (void)state;
    setenv("TIDEMARK_CPUS", "1", 1);
    config.on_spike = on_spike;
    config.context = &context;
    assert_int_equal(tm_rec_start(&config), 0);
    wait_ms(300);
    flush();
    int64_t flushed = tm_rec_now();
    for (int i = 0; i < 10 && !told.named; i++) {
        call_and_burn("blocker", 200);
        wait_ms(100);
    }
    assert_true(told.at_ms <= (double)(tm_rec_now() - flushed) / 1e6);
    tm_rec_stop();
    assert_true(told.calls >= 1);
    assert_int_equal(told.calls, context);
    assert_false(pthread_equal(told.thread, pthread_self()));
    assert_string_equal(told.plugin, "blocker");
}

static void in_a_child(void)
{
    if (count_threads(1) != 1 || tm_rec_take() == NULL)
        _exit(1);
#ifndef __SANITIZE_THREAD__ /* which allows no threads here */
    call_and_burn("child", 200);
    struct tm_rec_snapshot *taken = tm_rec_take();
    if (!taken || taken->n_spikes == 0 || strcmp(taken->spikes[0].plugin, "child") != 0)
        _exit(2);
    tm_rec_stop();
    start("1", 10);
    call_and_burn("child", 200);
    taken = tm_rec_take();
    if (!taken || taken->n_spikes == 0)
        _exit(3);
    tm_rec_stop();
#endif
    _exit(count_threads(1) == 1 ? 0 : 4);
}

/* The child has a monitor from its first call on, and no spikes of the parent's; the parent's goes on. */
static void after_a_fork(void **state)
{
    int status;
    (void)state;
    start("1", 10);
    call_and_burn("parent", 200);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        in_a_child();
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    double before = spikes_of("parent").ms;
    call_and_burn("parent", 200);
    assert_true(spikes_of("parent").ms > before);
}

/* The thread ends with the recorder, and no signal of the host ends up in it. */
static void starts_and_stops(void **state)
{
    (void)state;
    int threads = count_threads(1);
    for (int i = 0; i < 50; i++) {
        start("1", 50);
        assert_int_equal(count_threads(threads + 1), threads + 1);
        tm_rec_stop();
        assert_int_equal(count_threads(threads), threads);
    }
}

static _Atomic int stops, refused;

static void *stop_monitor(void *unused)
{
    tm_rec_monitor_stop();
    stops++;
    return unused;
}

static _Atomic bool busy;

static void be_slow(void *context, const struct tm_spike *spike)
{
    (void)context;
    (void)spike;
    busy = true;
    wait_ms(100);
}

/* Until on_spike has been called. */
static void start_and_burn(void (*tell)(void *context, const struct tm_spike *spike), const _Atomic bool *called)
{
    struct tm_rec_config config = config_of(10);
    setenv("TIDEMARK_CPUS", "1", 1);
    config.on_spike = tell;
    assert_int_equal(tm_rec_start(&config), 0);
    for (int i = 0; i < 100 && !*called; i++)
        burn_ms(INTERVAL_MS);
    assert_true(*called);
}

/* Both return, and only when the thread has ended. */
static void stopped_by_two(void **state)
{
    pthread_t threads[2];
    (void)state;
    int before = count_threads(1);
    start_and_burn(be_slow, &busy);
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, stop_monitor, NULL), 0);
    for (int i = 0; i < 500 && stops < 2; i++)
        wait_ms(10);
    assert_int_equal(stops, 2);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(count_threads(before), before);
}

static _Atomic bool tried;

static void stop_and_start(void *context, const struct tm_spike *spike)
{
    struct tm_rec_config config = config_of(10);
    (void)context;
    (void)spike;
    tm_rec_monitor_stop();
    refused += strstr(tm_rec_message(), "on_spike cannot stop") != NULL;
    refused += tm_rec_monitor_start(&config) == -1 && strstr(tm_rec_message(), "on_spike cannot start");
    tried = true;
}

static void not_by_its_own_callback(void **state)
{
    (void)state;
    int before = count_threads(1);
    start_and_burn(stop_and_start, &tried);
    assert_int_equal(count_threads(before + 1), before + 1);
    tm_rec_stop();
    assert_true(refused >= 2 && refused % 2 == 0);
    assert_int_equal(count_threads(before), before);
}

static _Atomic bool entered;

static void start_while_others_stop(void *context, const struct tm_spike *spike)
{
    (void)context;
    (void)spike;
    entered = true;
    wait_ms(100);
    refused += tm_rec_start(NULL) == -1 && strstr(tm_rec_message(), "on_spike cannot start");
    tm_rec_stop();
    refused += strstr(tm_rec_message(), "on_spike cannot stop") != NULL;
}

static void not_by_its_own_callback_while_others_stop(void **state)
{
    (void)state;
    refused = 0;
    start_and_burn(start_while_others_stop, &entered);
    alarm(20);
    tm_rec_stop();
    alarm(0);
    assert_true(refused >= 2 && refused % 2 == 0);
}

/* Once more, if the monitor was so late that an interval of before ended after the flush. */
static void flushes_forget(void **state)
{
    int tries = 0;
    (void)state;
    start("1", 10);
    do {
        assert_true(++tries <= 10);
        call_and_burn("x", 200);
        assert_true(spikes_of("x").n >= 1);
        wait_ms(100);
        flush();
    } while (spikes_of("x").n > 0);
}

static void wrong_settings(void **state)
{
    struct tm_rec_config config = config_of(0);
    (void)state;
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "0 %"));
    config = config_of(80);
    config.spike_interval = -1;
    assert_int_equal(tm_rec_start(&config), -1);
    assert_non_null(strstr(tm_rec_message(), "-1 seconds"));
    config.spike_interval = NAN;
    assert_int_equal(tm_rec_start(&config), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_become_one_spike),
        cmocka_unit_test(unknown_culprits),
        cmocka_unit_test(not_more_than_fit),
        cmocka_unit_test_teardown(idle, stop),
        cmocka_unit_test_teardown(blocking, stop),
        cmocka_unit_test_teardown(one_after_the_other, stop),
        cmocka_unit_test_teardown(the_next_one_is_innocent, stop),
        cmocka_unit_test_teardown(the_hosts_own_work, stop),
        cmocka_unit_test_teardown(share_of_what_may_be_used, stop),
        cmocka_unit_test_teardown(told_when_it_begins, stop),
        cmocka_unit_test_teardown(after_a_fork, stop),
        cmocka_unit_test_teardown(starts_and_stops, stop),
        cmocka_unit_test_teardown(stopped_by_two, stop),
        cmocka_unit_test_teardown(not_by_its_own_callback, stop),
        cmocka_unit_test_teardown(not_by_its_own_callback_while_others_stop, stop),
        cmocka_unit_test_teardown(flushes_forget, stop),
        cmocka_unit_test_teardown(wrong_settings, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
