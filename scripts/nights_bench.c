/* The history of the benchmarks, written fast: the shape of a big store rather than a believable
 * history, integers in 1e-9 of the column's unit, and noise from a table. */
#include <stdlib.h>

#include "nights.h"

enum { NOISE = 4096, COMMIT_DIGITS = 40 };

struct base {
    char name[24];
    uint64_t p50, calls, cpu_permille, heap_kb;
};

struct bench {
    struct base *plugin;
    uint32_t noise[NOISE]; /* factors of 1024 */
};

static uint64_t noisy(const struct bench *b, uint64_t v, uint64_t draw)
{
    return v * b->noise[draw % NOISE] / 1024;
}

static void bench_make(struct bench *b, const struct options *o)
{
    struct rng r = rng_at(o->seed, STREAM_BENCH, 0, 0);

    b->plugin = must_alloc(NULL, (size_t)o->plugins, sizeof *b->plugin);
    for (uint64_t i = 0; i < o->plugins; i++) {
        struct base *p = &b->plugin[i];
        snprintf(p->name, sizeof p->name, "plugin-%03u", (unsigned)i);
        p->p50 = (uint64_t)(exp_of(rng_between(&r, 0, 6)) * 1e9);
        p->calls = 20 + rng_next(&r) % 80;
        p->cpu_permille = 50 + rng_next(&r) % 900;
        p->heap_kb = (uint64_t)exp_of(rng_between(&r, 9, 12));
    }
    for (int i = 0; i < NOISE; i++) {
        double factor = exp_of(.08 * rng_normal(&r));
        b->noise[i] = (uint32_t)(1024 * factor * (i % 64 ? 1 : rng_tail(&r, 5)));
    }
}

static void put_next(struct out *out, uint64_t nano)
{
    put_char(out, ',');
    put_nano(out, nano);
}

/* One draw of 64 bits feeds the whole row: its pieces pick the noise of each figure. */
static void put_figures(struct out *out, const struct bench *b, const struct base *p, uint64_t draw)
{
    uint64_t calls = p->calls + (draw >> 60), errors = draw >> 54 & 63 ? 0 : 1 + (draw & 3);
    uint64_t p50 = noisy(b, p->p50, draw), p95 = p50 + noisy(b, p50, draw >> 12), p99 = p95 + noisy(b, p50, draw >> 24) / 2;
    uint64_t wall = noisy(b, p50 * calls, draw >> 36) + p99, cpu = wall * p->cpu_permille / 1000;

    put_uint(out, calls);
    put_char(out, ',');
    put_uint(out, errors);
    put_next(out, wall);
    put_next(out, cpu);
    put_next(out, noisy(b, p->heap_kb * 1000000, draw >> 18));
    put_next(out, noisy(b, p->heap_kb * 1000000000, draw >> 30));
    put_next(out, p50);
    put_next(out, p95);
    put_next(out, p99);
    put_char(out, '\n');
}

static void put_bench_night(struct out *out, const struct options *o, const struct bench *b, uint64_t night)
{
    struct rng r = rng_at(o->seed, STREAM_BENCH, night, 1);

    for (uint64_t i = 0; i < o->plugins; i++) {
        put_row(out);
        put_text(out, night < 1000 ? night < 100 ? night < 10 ? "r000" : "r00" : "r0" : "r");
        put_uint(out, night);
        put_char(out, ',');
        put_time(out, o->start_day + (int64_t)night - 1, 2 * 3600);
        put_char(out, ',');
        put_commit(out, o->seed, night, COMMIT_DIGITS);
        put_char(out, ',');
        put_text(out, b->plugin[i].name);
        put_char(out, ',');
        put_figures(out, b, &b->plugin[i], rng_next(&r));
    }
}

void write_bench(const struct options *o, struct out *out)
{
    struct bench b;
    uint64_t first = o->only_night ? o->only_night : 1, last = o->only_night ? o->only_night : o->nights;

    bench_make(&b, o);
    put_text(out, "run_id,started_at,commit,plugin,calls,errors,wall_ms,cpu_ms,mem_delta_kb,peak_mem_kb,wall_p50_ms,wall_p95_ms,"
                  "wall_p99_ms\n");
    for (uint64_t night = first; night <= last; night++)
        put_bench_night(out, o, &b, night);
    free(b.plugin);
}

void write_bench_calls(const struct options *o, struct out *out)
{
    struct bench b;
    struct rng r = rng_at(o->seed, STREAM_BENCH, 0, 2);

    bench_make(&b, o);
    put_text(out, "plugin,wall_ms,error\n");
    for (uint64_t i = 0; i < o->bench_calls; i++) {
        uint64_t draw = rng_next(&r);
        const struct base *p = &b.plugin[(draw >> 32) % o->plugins];
        put_row(out);
        put_text(out, p->name);
        put_next(out, noisy(&b, p->p50, draw));
        put_text(out, draw >> 12 & 255 ? ",0\n" : ",1\n");
    }
    free(b.plugin);
}
