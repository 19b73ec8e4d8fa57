/* What the spike monitor costs, and whom it names: a hundred threads in plugins of which one keeps its processor, and a hundred
 * that all want one. Prints a line each: a name and a number. usage: bench_monitor */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/monitor.h"

enum { THREADS = 100, TICKS = 50, TICK_MS = 100 };

static atomic_bool ending;
static pthread_barrier_t begun;

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static void *wait_in_plugin(void *name)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(name, NULL));
    pthread_barrier_wait(&begun);
    while (!ending)
        pause_ms(200);
    tm_rec_end(&call, TM_REC_OK);
    return NULL;
}

static void *work_in_plugin(void *name)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(name, NULL));
    pthread_barrier_wait(&begun);
    while (!ending)
        ;
    tm_rec_end(&call, TM_REC_OK);
    return NULL;
}

/* What it takes to wake up as often, and do nothing. */
static void *wake_up(void *ns)
{
    struct timespec from, to;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    for (int i = 0; i < TICKS; i++)
        pause_ms(TICK_MS);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    *(double *)ns = (double)(to.tv_sec - from.tv_sec) * 1e9 + (double)(to.tv_nsec - from.tv_nsec);
    return NULL;
}

/* CPU time of the monitor's thread, which is the one of that name. */
static double monitor_ns(void)
{
    char path[64], line[128];
    double ns = 0;
    for (int tid = getpid(); tid < getpid() + 10 * THREADS && ns == 0; tid++) {
        snprintf(path, sizeof path, "/proc/self/task/%d/comm", tid);
        FILE *name = fopen(path, "r");
        if (!name)
            continue;
        if (fgets(line, sizeof line, name) && strcmp(line, "tidemark\n") == 0) {
            snprintf(path, sizeof path, "/proc/self/task/%d/schedstat", tid);
            FILE *times = fopen(path, "r");
            ns = times && fgets(line, sizeof line, times) ? strtod(line, NULL) : 0;
            if (times)
                fclose(times);
        }
        fclose(name);
    }
    return ns;
}

/* Per cent of the time of spikes in which this plugin is named. */
static double named(const char *plugin)
{
    double all = 0, its = 0;
    struct tm_rec_snapshot *taken = tm_rec_take();
    for (size_t i = 0; taken && i < taken->n_spikes; i++) {
        all += taken->spikes[i].duration_ms;
        if (taken->spikes[i].plugin && strcmp(taken->spikes[i].plugin, plugin) == 0)
            its += taken->spikes[i].duration_ms;
    }
    tm_rec_snapshot_free(taken);
    return all > 0 ? 100 * its / all : 0;
}

static void bench(const char *name, int n_working)
{
    pthread_t threads[THREADS], bare;
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.spike_interval = TICK_MS / 1e3;
    config.spike_percent = 20;
    if (tm_rec_start(&config) != 0) {
        fprintf(stderr, "bench_monitor: %s\n", tm_rec_message());
        return;
    }
    ending = false;
    pthread_barrier_init(&begun, NULL, THREADS + 1);
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, i < n_working ? work_in_plugin : wait_in_plugin, i < n_working ? "blocker" : "waiter");
    pthread_barrier_wait(&begun);
    pause_ms(20L * TICK_MS);
    tm_rec_monitor_spikes(&(struct tm_spike){0}, 1, true);
    double from = monitor_ns(), bare_ns = 0;
    pthread_create(&bare, NULL, wake_up, &bare_ns);
    pthread_join(bare, NULL);
    double ns = monitor_ns() - from;
    printf("%s-named %.1f\n%s-us %.2f\n%s-bare-us %.2f\n", name, named("blocker"), name, ns / TICKS / 1e3, name,
           bare_ns / TICKS / 1e3);
    ending = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    tm_rec_stop();
}

int main(void)
{
    bench("idle", 0);
    bench("one", 1);
    bench("all", THREADS);
    return 0;
}
