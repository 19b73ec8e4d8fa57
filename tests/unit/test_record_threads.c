/* The recorder on many threads. Short, because it also runs under the thread sanitizer. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/wait.h>
#include <unistd.h>

#include "record/snapshot.h"
#include "record/threads.h"
#include "tests/unit/recording.h"

enum { THREADS = 4, PLUGINS = 5, CALLS = 4000, SHORT_THREADS = 2000 };

static tm_rec_plugin *plugins[PLUGINS];

static int start_with_plugins(void **state)
{
    static const char *const names[PLUGINS] = {"p0", "p1", "p2", "p3", "p4"};
    (void)state;
    int result = start(*state ? TM_REC_CLOCK_BEST : TM_REC_CLOCK_SYSCALL);
    for (int i = 0; i < PLUGINS; i++)
        plugins[i] = tm_rec_register(names[i], NULL);
    return result;
}

static int stop(void **state)
{
    (void)state;
    tm_rec_stop();
    return 0;
}

static void on_threads(void *(*work)(void *))
{
    pthread_t threads[THREADS];
    for (intptr_t i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, work, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
}

struct sum {
    int64_t calls, errors, latencies, kinds, faults;
    double wall, cpu;
};

static void add_up(struct sum *sum, const struct tm_rec_snapshot *snapshot)
{
    struct tm_sketch sketch;
    tm_sketch_init(&sketch);
    for (size_t i = 0; i < snapshot->n_entries; i++) {
        const struct tm_rec_entry *entry = &snapshot->entries[i];
        sum->calls += entry->profile.calls;
        sum->errors += entry->profile.errors;
        sum->wall += entry->profile.wall_ns;
        sum->cpu += entry->profile.cpu_ns;
        sum->kinds += entry->other_errors;
        for (size_t k = 0; k < entry->n_errors; k++)
            sum->kinds += entry->errors[k].count;
        bool sound = tm_sketch_decode(&sketch, entry->profile.latency, entry->profile.latency_size) == 0 &&
                     sketch.max == entry->profile.wall_max_ns && tm_sketch_count(&sketch) == (uint64_t)entry->profile.calls;
        sum->faults += !sound;
        sum->latencies += (int64_t)tm_sketch_count(&sketch);
    }
    tm_sketch_free(&sketch);
}

static struct sum take_all(void)
{
    struct sum sum = {0};
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_non_null(snapshot);
    add_up(&sum, snapshot);
    tm_rec_snapshot_free(snapshot);
    assert_int_equal(sum.faults, 0);
    return sum;
}

static void *call_many(void *context)
{
    intptr_t thread = (intptr_t)context;
    for (int i = 0; i < CALLS; i++) {
        struct tm_rec_call outer, inner;
        tm_rec_begin(&outer, plugins[(i + thread) % PLUGINS]);
        tm_rec_begin(&inner, plugins[i % PLUGINS]);
        if (i % 100 == 0)
            tm_rec_error(&inner, "Error", i % 200 ? "one" : "other");
        tm_rec_end(&inner, i % 100 ? TM_REC_OK : TM_REC_ERROR);
        tm_rec_end(&outer, TM_REC_OK);
    }
    return NULL;
}

static void test_sums(void **state)
{
    (void)state;
    on_threads(call_many);
    struct sum sum = take_all();
    assert_int_equal(sum.calls, 2 * THREADS * CALLS);
    assert_int_equal(sum.latencies, sum.calls);
    assert_int_equal(sum.errors, THREADS * CALLS / 100);
    assert_int_equal(sum.kinds, sum.errors);
}

/* ---- flushes meanwhile: each call is in one of them ---- */

static atomic_bool done;
static struct sum flushed;

static void *flush_often(void *context)
{
    unsigned turn = 0;
    (void)context;
    for (bool last = false; !last;) {
        last = atomic_load(&done);
        struct tm_taken *taken = tm_take(true, true);
        if (!taken)
            continue;
        if (turn++ % 3 == 0) {
            tm_taken_give_back(taken);
            last = false;
        } else {
            add_up(&flushed, tm_taken_shown(taken));
        }
        tm_taken_free(taken);
        tm_rec_snapshot_free(tm_rec_take());
    }
    return NULL;
}

static void test_flushes_meanwhile(void **state)
{
    pthread_t flusher;
    (void)state;
    flushed = (struct sum){0};
    atomic_store(&done, false);
    pthread_create(&flusher, NULL, flush_often, NULL);
    on_threads(call_many);
    atomic_store(&done, true);
    pthread_join(flusher, NULL);
    assert_int_equal(flushed.faults, 0);
    assert_int_equal(flushed.calls, 2 * THREADS * CALLS);
    assert_int_equal(flushed.latencies, flushed.calls);
    assert_int_equal(flushed.errors, THREADS * CALLS / 100);
    assert_int_equal(flushed.kinds, flushed.errors);
    assert_int_equal(take_all().calls, 0);
}

/* ---- asynchronous calls that move from thread to thread ---- */

enum { MOVING = 16 };

static struct moving {
    pthread_mutex_t lock;
    struct tm_rec_call call;
    int steps;
} moving[MOVING];

static void *move_calls(void *context)
{
    unsigned seed = (unsigned)(intptr_t)context;
    for (int i = 0; i < CALLS; i++) {
        struct moving *m = &moving[rand_r(&seed) % MOVING];
        pthread_mutex_lock(&m->lock);
        if (m->steps == 0)
            tm_rec_begin(&m->call, plugins[i % PLUGINS]);
        else
            tm_rec_resume(&m->call);
        if (++m->steps == 5) {
            tm_rec_end(&m->call, TM_REC_OK);
            m->steps = 0;
        } else {
            tm_rec_suspend(&m->call);
        }
        pthread_mutex_unlock(&m->lock);
    }
    return NULL;
}

static void test_moving_calls(void **state)
{
    int begun = 0;
    (void)state;
    for (int i = 0; i < MOVING; i++)
        moving[i] = (struct moving){.lock = PTHREAD_MUTEX_INITIALIZER};
    on_threads(move_calls);
    for (int i = 0; i < MOVING; i++) {
        begun += moving[i].steps;
        tm_rec_end(&moving[i].call, TM_REC_OK); /* where it is suspended; harmless where it is over */
    }
    struct sum sum = take_all();
    int left = 0;
    for (int i = 0; i < MOVING; i++)
        left += moving[i].steps > 0;
    assert_int_equal(sum.calls, (THREADS * CALLS - begun) / 5 + left);
    assert_int_equal(sum.errors, 0);
}

/* ---- a call that ends elsewhere while its thread still has it on the stack ---- */

static struct tm_rec_call stray, around;
static pthread_barrier_t barrier;

static void *begin_stray(void *context)
{
    struct tm_rec_call next;
    (void)context;
    tm_rec_begin(&around, plugins[0]);
    tm_rec_begin(&stray, plugins[1]);
    pthread_barrier_wait(&barrier); /* the other one ends it */
    pthread_barrier_wait(&barrier);
    tm_rec_begin(&next, plugins[2]);
    tm_rec_end(&next, TM_REC_OK);
    tm_rec_end(&around, TM_REC_OK);
    return NULL;
}

static void test_end_on_another_thread(void **state)
{
    pthread_t thread;
    (void)state;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, begin_stray, NULL);
    pthread_barrier_wait(&barrier);
    tm_rec_suspend(&stray); /* it is not on this thread */
    tm_rec_end(&stray, TM_REC_OK);
    memset(&stray, 0xee, sizeof stray); /* its memory is somebody else's from now on */
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    struct sum sum = take_all();
    assert_int_equal(sum.calls, 3);
    assert_int_equal(sum.errors, 0);
}

/* More of them than there is room for at first, by a thread that does nothing else meanwhile. */
enum { STRAYS = 200 };

static struct tm_rec_call strays[STRAYS];

static void *begin_strays(void *context)
{
    (void)context;
    for (int i = 0; i < STRAYS; i++)
        tm_rec_begin(&strays[i], plugins[i % 2]);
    burn_ms(10);
    pthread_barrier_wait(&barrier); /* the other one ends them */
    pthread_barrier_wait(&barrier);
    burn_ms(10); /* of its own */
    struct tm_rec_call last;
    tm_rec_begin(&last, plugins[0]);
    burn_ms(5);
    tm_rec_end(&last, TM_REC_OK);
    return NULL;
}

/* The CPU time that they took on their thread is theirs, and the later calls' time is theirs. */
static void test_many_end_on_another_thread(void **state)
{
    pthread_t thread;
    (void)state;
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&thread, NULL, begin_strays, NULL);
    pthread_barrier_wait(&barrier);
    for (int i = 0; i < STRAYS; i++)
        tm_rec_end(&strays[i], TM_REC_ERROR);
    pthread_barrier_wait(&barrier);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&barrier);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_profile *first = &snapshot->entries[0].profile, *second = &snapshot->entries[1].profile;
    assert_int_equal(first->calls + second->calls, STRAYS + 1);
    assert_int_equal(first->errors + second->errors, STRAYS);
    if (first->cpu_ns < 14.5e6 || first->cpu_ns > 22e6 || second->cpu_ns < 9.5e6 || second->cpu_ns > 16e6)
        fail_msg("15 and 10 ms: %g and %g ms", first->cpu_ns / 1e6, second->cpu_ns / 1e6);
    tm_rec_snapshot_free(snapshot);
}

static struct tm_rec_call left_over;

static void *leave_a_call(void *context)
{
    (void)context;
    tm_rec_begin(&left_over, plugins[0]);
    return NULL;
}

/* A thread that ends within a call has failed there. */
static void test_thread_ends_within_a_call(void **state)
{
    pthread_t thread;
    (void)state;
    pthread_create(&thread, NULL, leave_a_call, NULL);
    pthread_join(thread, NULL);
    tm_rec_end(&left_over, TM_REC_OK);
    struct sum sum = take_all();
    assert_int_equal(sum.calls, 1);
    assert_int_equal(sum.errors, 1);
}

/* ---- helpers ---- */

static void *help(void *context)
{
    struct tm_rec_call helper;
    tm_rec_adopt(&helper, context);
    burn_ms(10);
    tm_rec_release(&helper);
    tm_rec_release(&helper);
    burn_ms(10);
    return NULL;
}

static void *leave_a_helper(void *call)
{
    static _Thread_local struct tm_rec_call helper;
    tm_rec_adopt(&helper, call);
    return NULL;
}

/* A helper that was left on a thread is no call that has failed. */
static void test_helpers_left(void **state)
{
    struct tm_rec_call call;
    pthread_t thread;
    (void)state;
    tm_rec_begin(&call, plugins[0]);
    for (int i = 0; i < 3; i++) {
        pthread_create(&thread, NULL, leave_a_helper, &call);
        pthread_join(thread, NULL);
    }
    tm_rec_end(&call, TM_REC_OK);
    struct sum sum = take_all();
    assert_int_equal(sum.calls, 1);
    assert_int_equal(sum.errors, 0);
}

static void test_helpers(void **state)
{
    struct tm_rec_call call;
    pthread_t threads[2];
    (void)state;
    tm_rec_begin(&call, plugins[0]);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, help, &call);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    tm_rec_end(&call, TM_REC_OK);
    struct sum sum = take_all();
    assert_int_equal(sum.calls, 1);
    assert_int_equal(sum.latencies, 1);
    if (sum.cpu < 19e6 || sum.cpu > 25e6)
        fail_msg("two helpers of 10 ms each: %g ms", sum.cpu / 1e6);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_profile *profile = &snapshot->entries[0].profile;
    assert_true(profile->occupied_ns > profile->wall_ns);
    assert_true(profile->wall_ns == profile->wall_max_ns);
    tm_rec_snapshot_free(snapshot);
}

/* ---- threads that come and go ---- */

static long resident_kb(void)
{
    char line[128];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtol(line + 6, NULL, 10);
    if (status)
        fclose(status);
    return kb;
}

static void *call_some(void *context)
{
    (void)context;
    for (int i = 0; i < PLUGINS; i++) {
        struct tm_rec_call call;
        tm_rec_begin(&call, plugins[i]);
        tm_rec_end(&call, TM_REC_OK);
    }
    return NULL;
}

static void test_short_threads(void **state)
{
    long before = 0;
    (void)state;
    for (int i = 0; i < SHORT_THREADS; i++) {
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, call_some, NULL), 0);
        pthread_join(thread, NULL);
        if (i == 100)
            before = resident_kb();
    }
    long grown = resident_kb() - before;
    assert_int_equal(take_all().calls, SHORT_THREADS * PLUGINS);
    int threads = 0, spare = 0;
    for (struct tm_thread *thread = tm_recorder.threads; thread; thread = thread->next)
        threads++;
    for (struct tm_thread *thread = tm_recorder.spare_threads; thread; thread = thread->next)
        spare++;
    assert_in_range(threads + spare, 1, 2 * THREADS + 2);
    (void)grown;
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(grown < 1000);
#endif
}

#ifndef __SANITIZE_THREAD__ /* which takes a thread for ended before its last destructors run */

static pthread_key_t late;

static void call_late(void *again)
{
    call_some(NULL);
    pthread_setspecific(late, again);
}

static void *end_late(void *context)
{
    (void)context;
    call_some(NULL);
    pthread_setspecific(late, plugins);
    return NULL;
}

/* Calls by the destructors of a thread's data, which run again and again: nothing of the thread may be used after it. */
static void test_calls_of_destructors(void **state)
{
    pthread_t thread;
    (void)state;
    assert_int_equal(pthread_key_create(&late, call_late), 0);
    for (int i = 0; i < 20; i++) {
        pthread_create(&thread, NULL, end_late, NULL);
        pthread_join(thread, NULL);
    }
    pthread_key_delete(late);
    assert_true(take_all().calls >= 20 * PLUGINS);
    for (const struct tm_thread *t = tm_recorder.threads; t; t = t->next)
        assert_ptr_equal(t, tm_thread_self);
}

#endif

#ifndef __SANITIZE_THREAD__ /* which allows no threads in children */

static void *call_until_done(void *context)
{
    while (!atomic_load(&done))
        call_some(context);
    return NULL;
}

static int record_in_child(void)
{
    alarm(60); /* ends a child that waits for what is its parent's */
    call_some(NULL);
    struct tm_rec_snapshot *taken = tm_rec_take();
    int good = taken && taken->n_entries > 0;
    tm_rec_snapshot_free(taken);
    return good ? 0 : 1;
}

/* Whatever other threads are in the middle of, the child records. */
static void test_forks_meanwhile(void **state)
{
    pthread_t threads[2];
    int status;
    (void)state;
    atomic_store(&done, false);
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, call_until_done, NULL);
    for (int i = 0; i < 100; i++) {
        pid_t child = fork();
        if (child == 0)
            _exit(record_in_child());
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_int_equal(status, 0);
    }
    atomic_store(&done, true);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
}

#endif

static int64_t latest;

static void visit(void *context, const struct tm_rec_seen_thread *thread)
{
    const char **running = context;
    struct timespec cpu;
    assert_int_equal(clock_gettime(thread->cpu_clock, &cpu), 0);
    if (thread->running)
        *running = tm_rec_plugin_name(thread->running);
    latest = (int64_t)thread->number;
}

static void *visit_often(void *context)
{
    const char *running = NULL;
    (void)context;
    while (!atomic_load(&done))
        tm_rec_each_thread(visit, &running);
    return NULL;
}

static void test_visitors(void **state)
{
    const char *running = NULL;
    struct tm_rec_call outer, inner;
    pthread_t visitor;
    (void)state;
    tm_rec_begin(&outer, plugins[3]);
    tm_rec_each_thread(visit, &running);
    assert_string_equal(running, "p3");
    tm_rec_begin(&inner, plugins[4]);
    tm_rec_each_thread(visit, &running);
    assert_string_equal(running, "p4");
    tm_rec_end(&inner, TM_REC_OK);
    tm_rec_suspend(&outer);
    running = "nobody";
    tm_rec_each_thread(visit, &running);
    assert_string_equal(running, "nobody");
    tm_rec_end(&outer, TM_REC_OK);
    atomic_store(&done, false);
    pthread_create(&visitor, NULL, visit_often, NULL);
    for (int i = 0; i < 20; i++)
        on_threads(call_some);
    atomic_store(&done, true);
    pthread_join(visitor, NULL);
    assert_true(latest > 0);
}

/* ---- another thread wants the same processor ---- */

static void *want_processor(void *context)
{
    (void)context;
    while (!atomic_load(&done))
        ;
    return NULL;
}

static void work_shortly(void)
{
    for (volatile int i = 0; i < 5000; i++)
        ;
}

/* What of it is not in the outer call is the time to begin and end that. */
static void call_batch(void)
{
    struct tm_rec_call outer, inner;
    tm_rec_begin(&outer, plugins[0]);
    for (int i = 0; i < 100; i++) {
        tm_rec_begin(&inner, plugins[1]);
        work_shortly();
        tm_rec_end(&inner, TM_REC_OK);
    }
    tm_rec_end(&outer, TM_REC_OK);
}

static double credited(void)
{
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    double ns = snapshot->entries[0].profile.cpu_ns;
    tm_rec_snapshot_free(snapshot);
    return ns;
}

/* The rest is the recorder's own, of which a sanitizer makes more. */
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
static const double LEAST_CREDITED = 0.9;
#else
static const double LEAST_CREDITED = 0.96;
#endif

/* However often the thread is preempted: what its calls are credited is its CPU time. */
static void test_preempted(void **state)
{
    cpu_set_t all, one;
    pthread_t other;
    (void)state;
    sched_getaffinity(0, sizeof all, &all);
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    sched_setaffinity(0, sizeof one, &one);
    atomic_store(&done, false);
    pthread_create(&other, NULL, want_processor, NULL);
    call_batch(); /* the first calls cost more */
    double before = credited();
    int64_t from = thread_cpu(), used;
    do {
        for (int i = 0; i < 20; i++)
            call_batch();
        used = thread_cpu() - from;
    } while (used < 50000000);
    atomic_store(&done, true);
    pthread_join(other, NULL);
    sched_setaffinity(0, sizeof all, &all);
    double got = credited() - before;
    if (got < LEAST_CREDITED * (double)used || got > 1.005 * (double)used)
        fail_msg("credited %g ms of %g ms", got / 1e6, (double)used / 1e6);
}

/* ---- the recorder stops and starts while plugins are called ---- */

#ifndef __SANITIZE_THREAD__ /* what a call of before reads meanwhile is thrown away, but it does read */

static void *call_by_name(void *context)
{
    struct tm_rec_call outer, inner;
    while (!atomic_load(&done)) {
        tm_rec_begin(&outer, tm_rec_register("outer", NULL));
        tm_rec_begin(&inner, tm_rec_register("inner", NULL));
        tm_rec_end(&inner, TM_REC_OK);
        tm_rec_end(&outer, TM_REC_OK);
    }
    return context;
}

static void test_stops_meanwhile(void **state)
{
    pthread_t threads[3];
    (void)state;
    atomic_store(&done, false);
    for (int i = 0; i < 3; i++)
        pthread_create(&threads[i], NULL, call_by_name, NULL);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
        wait_ms(1);
        tm_rec_snapshot_free(tm_rec_take());
        tm_rec_stop();
    }
    atomic_store(&done, true);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(start(TM_REC_CLOCK_SYSCALL), 0);
    tm_rec_plugin *plugin = tm_rec_register("outer", NULL);
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    tm_rec_end(&call, TM_REC_OK);
    assert_int_equal(take_all().calls, 1);
    tm_rec_stop();
}

#endif

static int best = 1;

#define ON(test) cmocka_unit_test_setup_teardown(test, start_with_plugins, stop)
#define BEST(test)                                                                                                                 \
    {                                                                                                                              \
#test " with the best clock", test, start_with_plugins, stop, &best                                                        \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_sums),
        BEST(test_sums),
        ON(test_flushes_meanwhile),
        BEST(test_flushes_meanwhile),
        BEST(test_moving_calls),
        BEST(test_end_on_another_thread),
        ON(test_many_end_on_another_thread),
        BEST(test_many_end_on_another_thread),
        ON(test_thread_ends_within_a_call),
        ON(test_helpers_left),
#ifndef __SANITIZE_THREAD__
        cmocka_unit_test(test_stops_meanwhile),
#endif
        ON(test_helpers),
        BEST(test_helpers),
        BEST(test_preempted),
        ON(test_preempted),
        BEST(test_short_threads),
#ifndef __SANITIZE_THREAD__
        ON(test_calls_of_destructors),
#endif
#ifndef __SANITIZE_THREAD__
        ON(test_forks_meanwhile),
#endif
        ON(test_visitors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
