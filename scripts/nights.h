#ifndef TM_SCRIPTS_NIGHTS_H
#define TM_SCRIPTS_NIGHTS_H

/* A generator of plugin histories. Every figure is a function of (seed, plugin, night) alone, computed with integers and IEEE
 * addition, multiplication and division only: the same options write the same bytes on every machine, and one night written alone
 * equals that night within the whole history. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Clang fuses a*b+c unless told otherwise, which would change the last digit between machines. */
#ifdef __clang__
#pragma STDC FP_CONTRACT OFF
#endif

struct options {
    uint64_t seed, nights, plugins, only_night, calls_per_plugin, bench_calls;
    int64_t start_day; /* days since 1970-01-01 */
    bool noise_only, calls, bench;
    const char *out, *truth; /* NULL: standard output; no listing */
};

/* ---- nights_random.c: random numbers and the one function they need ---- */

enum stream {
    STREAM_PLUGIN,
    STREAM_EVENT,
    STREAM_SLOW,
    STREAM_NOISE,
    STREAM_MODE,
    STREAM_SPIKE,
    STREAM_CALLS,
    STREAM_COMMIT,
    STREAM_BENCH
};

struct rng {
    uint64_t state;
};

struct rng rng_at(uint64_t seed, enum stream stream, uint64_t a, uint64_t b);
uint64_t rng_next(struct rng *r);
double rng_unit(struct rng *r); /* in (0, 1) */
double rng_between(struct rng *r, double lo, double hi);
double rng_normal(struct rng *r);            /* mean 0, variance 1, within +-6 */
double rng_tail(struct rng *r, double most); /* Pareto from 1 on, P(X > x) = x^-2, cut at `most` */
double exp_of(double x);                     /* e^x for |x| < 16 */

/* ---- nights_plugins.c: who takes part, and what happens to them ---- */

enum kind {
    KIND_QUIET,
    KIND_BIMODAL,
    KIND_FLAKY, /* up to here noise, from here on events */
    KIND_FRESH,
    KIND_COMPUTE,
    KIND_WAIT,
    KIND_SPIN,
    KIND_DRIFT,
    KIND_LEAK,
    KIND_FAILING,
    KIND_RECOVERS,
    KIND_IMPROVES,
    KIND_APPEARS,
    KIND_VANISHES
};

struct plugin {
    char name[40];
    enum kind kind;
    uint64_t first, last; /* nights of the event, counted from 1 */
    double effect;        /* see kind_metric() */
    double wall_ms;       /* typical time of a call */
    double cpu_share;     /* part of it that is computing */
    uint64_t calls;       /* typical number in a night */
    double heap_kb;
    double night_sigma, call_sigma; /* of the logarithms */
    double error_rate;
};

void plugin_make(struct plugin *p, const struct options *o, uint64_t index);
const char *kind_name(enum kind kind);
/* The figure an event changes. The effect is a relative change, but for error_rate the new rate, for mem_delta_kb the KB that every
 * call leaves behind, and for presence 1 (appears) or 0 (vanishes). */
const char *kind_metric(enum kind kind);
/* Factor of a night that is slow for every plugin, or 1. */
double slow_factor(const struct options *o, uint64_t night);

/* ---- nights_model.c: what one night looks like ---- */

struct call {
    double wall_ms, cpu_ms;
    bool error;
};

struct night { /* one plugin's calls in one night */
    struct call *call;
    size_t calls, room;
    double mem_delta_kb, peak_mem_kb;
};

struct profile {
    uint64_t calls, errors;
    double wall_ms, cpu_ms, p50_ms, p95_ms, p99_ms;
};

/* False if the plugin is not there in that night. `n` starts zeroed, is used again from call to call, and its `call` is the
 * caller's to free. */
bool night_make(struct night *n, const struct options *o, const struct plugin *p, uint64_t index, uint64_t night);
/* Sorts the calls of `n` by wall time. Percentiles interpolate between the nearest ranks (type 7). */
struct profile night_profile(struct night *n);

/* ---- nights_out.c: text ---- */

struct out {
    FILE *file;
    const char *name;
    size_t used;
    char buf[1 << 16];
};

void out_open(struct out *o, const char *path); /* NULL: standard output; ends the program where it cannot */
void out_close(struct out *o);
void put_row(struct out *o); /* call before each row: makes room for 1 KiB */
void put_char(struct out *o, char c);
void put_text(struct out *o, const char *s);
void put_uint(struct out *o, uint64_t v);
void put_int(struct out *o, int64_t v);
void put_nano(struct out *o, uint64_t v); /* v * 1e-9, six significant digits */
void put_real(struct out *o, double v);   /* the same of 0 <= v < 1e9 */
void put_date(struct out *o, int64_t day);
void put_time(struct out *o, int64_t day, unsigned second);
void put_commit(struct out *o, uint64_t seed, uint64_t night, int digits);
bool date_parse(const char *s, int64_t *day);
void *must_alloc(void *old, size_t count, size_t size);

/* ---- the listings ---- */

void write_history(const struct options *o, struct out *out); /* nights_rows.c */
void write_truth(const struct options *o, struct out *out);
void write_bench(const struct options *o, struct out *out); /* nights_bench.c */
void write_bench_calls(const struct options *o, struct out *out);

#endif
