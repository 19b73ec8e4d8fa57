/* What recording costs: a pair of begin and end around nothing, off and on, with both CPU clocks, beside an indirect call; a step
 * of an asynchronous call; a flush of 64 plugins; how much memory a million failing calls take. Prints a line each: a name and a
 * number; medians, CPU time. usage: bench_record FILE (for the flush) */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "record/tidemark_record.h"

enum { ROUNDS = 101, PAIRS = 20000, SPINS = 500, FLUSHES = 51, PLUGINS = 64, FAILURES = 1000000 };

static tm_rec_plugin *plugin;
static const char *flush_to;

static double cpu_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static int ascending(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double *values, size_t n)
{
    qsort(values, n, sizeof *values, ascending);
    return values[n / 2];
}

static double time_of(void (*work)(void))
{
    double from = cpu_ns();
    work();
    return cpu_ns() - from;
}

/* CPU ns that each of so many takes more than without recording (NULL: than nothing), in turn. */
static double added(void (*work)(void), void (*bare)(void), int times)
{
    double more[ROUNDS];
    work();
    for (size_t i = 0; i < ROUNDS; i++)
        more[i] = (time_of(work) - (bare ? time_of(bare) : 0)) / times;
    return median(more, ROUNDS);
}

static void print(const char *name, double value)
{
    printf("%s %.3f\n", name, value);
    fflush(stdout);
}

static int nothing(int argument)
{
    return argument;
}

static int (*volatile called)(int) = nothing;

static void bare_calls(void)
{
    for (int i = 0; i < PAIRS; i++)
        called(i);
}

static void recorded_calls(void)
{
    struct tm_rec_call call;
    for (int i = 0; i < PAIRS; i++) {
        tm_rec_begin(&call, plugin);
        called(i);
        tm_rec_end(&call, TM_REC_OK);
    }
}

__attribute__((noinline)) static void spin(void)
{
    for (volatile int i = 0; i < 4000; i++)
        ;
}

static void bare_spins(void)
{
    for (int i = 0; i < SPINS; i++)
        spin();
}

static void recorded_spins(void)
{
    struct tm_rec_call call;
    for (int i = 0; i < SPINS; i++) {
        tm_rec_begin(&call, plugin);
        spin();
        tm_rec_end(&call, TM_REC_OK);
    }
}

static void steps(void)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, plugin);
    for (int i = 0; i < PAIRS; i++) {
        tm_rec_suspend(&call);
        tm_rec_resume(&call);
    }
    tm_rec_end(&call, TM_REC_OK);
}

static int start(enum tm_rec_clock clock)
{
    struct tm_rec_config config = TM_REC_CONFIG_INIT;
    config.on = 1;
    config.clock = clock;
    config.spike_interval = 0;
    int result = tm_rec_start(&config);
    if (result != 0)
        fprintf(stderr, "bench_record: %s\n", tm_rec_message());
    plugin = tm_rec_register("plugin", "1.0");
    return result;
}

static void bench_clock(const char *name, enum tm_rec_clock clock)
{
    char line[64];
    if (start(clock) != 0)
        return;
    snprintf(line, sizeof line, "pair-%s", name);
    print(line, added(recorded_calls, bare_calls, PAIRS));
    snprintf(line, sizeof line, "apart-%s", name);
    print(line, added(recorded_spins, bare_spins, SPINS));
    snprintf(line, sizeof line, "step-%s", name);
    print(line, added(steps, NULL, PAIRS));
    tm_rec_stop();
}

/* Each plugin 50 times, for times that differ. */
static void call_all(tm_rec_plugin **plugins)
{
    static unsigned random = 1;
    struct tm_rec_call call;
    for (int i = 0; i < PLUGINS * 50; i++) {
        random = random * 1103515245 + 12345;
        tm_rec_begin(&call, plugins[i % PLUGINS]);
        for (volatile unsigned k = random >> 16 & 1023; k > 0; k--)
            ;
        tm_rec_end(&call, TM_REC_OK);
    }
}

static void bench_flush(void)
{
    tm_rec_plugin *plugins[PLUGINS];
    double times[FLUSHES];
    char name[32];
    if (start(TM_REC_CLOCK_BEST) != 0)
        return;
    for (int i = 0; i < PLUGINS; i++) {
        snprintf(name, sizeof name, "plugin-%d", i);
        plugins[i] = tm_rec_register(name, "1.0");
    }
    for (int i = 0; i < FLUSHES; i++) {
        call_all(plugins);
        unlink(flush_to);
        double from = cpu_ns();
        if (tm_rec_flush_csv(flush_to) != 0)
            fprintf(stderr, "bench_record: %s\n", tm_rec_message());
        times[i] = (cpu_ns() - from) / 1e6;
    }
    print("flush", median(times, FLUSHES));
    unlink(flush_to);
    tm_rec_stop();
}

static double resident_kb(void)
{
    char line[128];
    double kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmRSS:", 6) == 0)
            kb = strtod(line + 6, NULL);
    if (status)
        fclose(status);
    return kb;
}

static void fail_often(int times)
{
    struct tm_rec_call call;
    char message[64];
    for (int i = 0; i < times; i++) {
        snprintf(message, sizeof message, "message number %d", i);
        tm_rec_begin(&call, plugin);
        tm_rec_error(&call, "ValueError", message);
        tm_rec_end(&call, TM_REC_ERROR);
    }
}

static void bench_failures(void)
{
    if (start(TM_REC_CLOCK_BEST) != 0)
        return;
    fail_often(1000);
    double before = resident_kb();
    fail_often(FAILURES);
    print("failures-kb", resident_kb() - before);
    tm_rec_stop();
}

int main(int argc, char **argv)
{
    flush_to = argc > 1 ? argv[1] : "bench.csv";
    print("bare", added(bare_calls, NULL, PAIRS));
    print("off", added(recorded_calls, bare_calls, PAIRS));
    bench_clock("rseq", TM_REC_CLOCK_RSEQ);
    bench_clock("syscall", TM_REC_CLOCK_SYSCALL);
    bench_flush();
    bench_failures();
    return 0;
}
