/* What one night looks like: a plugin's level in it, what has happened to it by then, and the noise
 * on top. */
#include <stdlib.h>

#include "nights.h"

enum { DRIFT_NIGHTS = 20 };

/* Of one call in one night, before the noise between calls. */
struct level {
    double compute_ms, wait_ms, spin_ms; /* spin: processor time beside the call, which nobody waits for */
    double error_rate, leak_kb;
};

/* Noise between nights, correlated over three of them: weights .8, .5, .33 have a sum of squares of 1. */
static double night_noise(const struct options *o, uint64_t index, uint64_t night)
{
    static const double weight[] = {.8, .5, .33};
    double sum = 0;

    for (uint64_t back = 0; back < 3; back++) {
        struct rng r = rng_at(o->seed, STREAM_NOISE, index, night + 2 - back);
        sum += weight[back] * rng_normal(&r);
    }
    return sum;
}

static double noise_factor(const struct options *o, const struct plugin *p, uint64_t index, uint64_t night)
{
    struct rng r = rng_at(o->seed, STREAM_SPIKE, index, night), mode = rng_at(o->seed, STREAM_MODE, index, (night + index) / 2);
    double factor = slow_factor(o, night) * exp_of(p->night_sigma * night_noise(o, index, night));

    if (rng_unit(&r) < (p->kind == KIND_FLAKY ? .1 : .01))
        factor *= 1 + (p->kind == KIND_FLAKY ? p->effect : .1) * rng_tail(&r, 6);
    if (p->kind == KIND_BIMODAL && rng_unit(&mode) < .4)
        factor *= 1 + p->effect;
    return factor;
}

static double drift_part(const struct plugin *p, uint64_t night)
{
    uint64_t climbed = night - p->first + 1;

    return p->effect * (climbed < DRIFT_NIGHTS ? (double)climbed / DRIFT_NIGHTS : 1);
}

static void apply_event(struct level *l, const struct plugin *p, uint64_t night)
{
    switch (p->kind) {
    case KIND_FRESH:
    case KIND_COMPUTE:
    case KIND_RECOVERS:
        l->compute_ms += p->effect * p->wall_ms;
        break;
    case KIND_DRIFT:
        l->compute_ms += drift_part(p, night) * p->wall_ms;
        break;
    case KIND_WAIT:
        l->wait_ms += p->effect * p->wall_ms;
        break;
    case KIND_SPIN:
        l->spin_ms = p->effect * l->compute_ms;
        break;
    case KIND_IMPROVES:
        l->compute_ms *= 1 + p->effect;
        l->wait_ms *= 1 + p->effect;
        break;
    case KIND_LEAK:
        l->leak_kb = p->effect;
        break;
    case KIND_FAILING:
        l->error_rate = p->effect;
        break;
    case KIND_QUIET:
    case KIND_BIMODAL:
    case KIND_FLAKY:
    case KIND_APPEARS:
    case KIND_VANISHES:
        break;
    }
}

static struct level level_of(const struct options *o, const struct plugin *p, uint64_t index, uint64_t night)
{
    struct level l = {.compute_ms = p->wall_ms * p->cpu_share, .error_rate = p->error_rate};
    double factor = noise_factor(o, p, index, night);

    l.wait_ms = p->wall_ms - l.compute_ms;
    if (night >= p->first && night <= p->last)
        apply_event(&l, p, night);
    l.compute_ms *= factor;
    l.wait_ms *= factor;
    l.spin_ms *= factor;
    return l;
}

/* One call in a hundred takes several times as long; a call that fails stops after a third of the way. */
static struct call call_make(const struct level *l, const struct plugin *p, struct rng *r)
{
    double compute = l->compute_ms * exp_of(.5 * p->call_sigma * rng_normal(r));
    double wait = l->wait_ms * exp_of(p->call_sigma * rng_normal(r));
    struct call c = {.error = rng_unit(r) < l->error_rate};
    double part = c.error ? .3 : 1;

    if (rng_unit(r) < .01) {
        double tail = rng_tail(r, 12);
        compute *= p->cpu_share < .5 ? 1 : tail;
        wait *= tail;
    }
    c.wall_ms = part * (compute + wait);
    c.cpu_ms = part * compute + l->spin_ms;
    return c;
}

static bool is_there(const struct plugin *p, uint64_t night)
{
    return p->kind == KIND_APPEARS ? night >= p->first : p->kind != KIND_VANISHES || night < p->first;
}

/* Memory comes in pages of 4 KiB. */
static double pages(double kb)
{
    return (double)((int64_t)(kb / 4 + (kb < 0 ? -.5 : .5)) * 4);
}

bool night_make(struct night *n, const struct options *o, const struct plugin *p, uint64_t index, uint64_t night)
{
    struct rng r = rng_at(o->seed, STREAM_CALLS, index, night);
    struct level l = level_of(o, p, index, night);
    double leaked;

    if (!is_there(p, night))
        return false;
    n->calls = (size_t)(o->calls_per_plugin ? o->calls_per_plugin : p->calls - p->calls / 10 + rng_next(&r) % (p->calls / 5));
    if (n->calls > n->room) {
        n->room = n->calls;
        n->call = must_alloc(n->call, n->room, sizeof *n->call);
    }
    leaked = l.leak_kb * (double)n->calls;
    n->peak_mem_kb = pages(p->heap_kb * (1 + .008 * rng_normal(&r)) + leaked);
    n->mem_delta_kb = pages(p->heap_kb * .0006 * (rng_normal(&r) + .5) + leaked);
    for (size_t i = 0; i < n->calls; i++)
        n->call[i] = call_make(&l, p, &r);
    return true;
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct call *)a)->wall_ms, y = ((const struct call *)b)->wall_ms;

    return (x > y) - (x < y);
}

static double percentile(const struct night *n, unsigned percent)
{
    uint64_t hundredths = (n->calls - 1) * percent;
    size_t i = (size_t)(hundredths / 100);
    double low = n->call[i].wall_ms, high = i + 1 < n->calls ? n->call[i + 1].wall_ms : low;

    return low + (high - low) * (double)(hundredths % 100) / 100;
}

struct profile night_profile(struct night *n)
{
    struct profile f = {.calls = n->calls};

    for (size_t i = 0; i < n->calls; i++) {
        f.errors += n->call[i].error;
        f.wall_ms += n->call[i].wall_ms;
        f.cpu_ms += n->call[i].cpu_ms;
    }
    qsort(n->call, n->calls, sizeof *n->call, by_wall);
    f.p50_ms = percentile(n, 50);
    f.p95_ms = percentile(n, 95);
    f.p99_ms = percentile(n, 99);
    return f;
}
