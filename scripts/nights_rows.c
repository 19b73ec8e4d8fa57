/* The rows of one night, from the model: a row per plugin, or one per call. */
#include <stdlib.h>

#include "nights.h"

enum { COMMIT_DIGITS = 12 };

/* A nightly job starts a little after two. */
static void put_start(struct out *out, const struct options *o, uint64_t night)
{
    struct rng r = rng_at(o->seed, STREAM_COMMIT, night, 1);

    put_time(out, o->start_day + (int64_t)night - 1, 2 * 3600 + (unsigned)(rng_next(&r) % 240));
}

static void put_run(struct out *out, const struct options *o, uint64_t night)
{
    put_date(out, o->start_day + (int64_t)night - 1);
    put_char(out, ',');
    put_start(out, o, night);
    put_char(out, ',');
}

static void put_calls(struct out *out, const struct options *o, const struct plugin *p, uint64_t night, const struct night *n)
{
    for (size_t i = 0; i < n->calls; i++) {
        put_row(out);
        put_run(out, o, night);
        put_text(out, p->name);
        put_char(out, ',');
        put_real(out, n->call[i].wall_ms);
        put_char(out, ',');
        put_real(out, n->call[i].cpu_ms);
        put_text(out, n->call[i].error ? ",1\n" : ",0\n");
    }
}

static void put_profile(struct out *out, const struct options *o, const struct plugin *p, uint64_t night, struct night *n)
{
    struct profile f = night_profile(n);
    const double times[] = {f.p50_ms, f.p95_ms, f.p99_ms};

    put_row(out);
    put_run(out, o, night);
    put_commit(out, o->seed, night, COMMIT_DIGITS);
    put_text(out, ",main,");
    put_text(out, p->name);
    put_char(out, ',');
    put_uint(out, f.calls);
    put_char(out, ',');
    put_uint(out, f.errors);
    put_char(out, ',');
    put_real(out, f.wall_ms);
    put_char(out, ',');
    put_real(out, f.cpu_ms);
    put_char(out, ',');
    put_int(out, (int64_t)n->mem_delta_kb);
    put_char(out, ',');
    put_int(out, (int64_t)n->peak_mem_kb);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        put_char(out, ',');
        put_real(out, times[i]);
    }
    put_char(out, '\n');
}

static struct plugin *plugins_make(const struct options *o)
{
    struct plugin *all = must_alloc(NULL, (size_t)o->plugins, sizeof *all);

    for (uint64_t i = 0; i < o->plugins; i++)
        plugin_make(&all[i], o, i);
    return all;
}

static const char call_columns[] = "run,started_at,plugin,wall_ms,cpu_ms,error\n";
static const char profile_columns[] = "run,started_at,commit,branch,plugin,calls,errors,wall_ms,cpu_ms,"
                                      "mem_delta_kb,peak_mem_kb,wall_p50_ms,wall_p95_ms,wall_p99_ms\n";

void write_history(const struct options *o, struct out *out)
{
    struct plugin *all = plugins_make(o);
    struct night n = {0};
    uint64_t first = o->only_night ? o->only_night : 1, last = o->only_night ? o->only_night : o->nights;

    put_text(out, o->calls ? call_columns : profile_columns);
    for (uint64_t night = first; night <= last; night++)
        for (uint64_t i = 0; i < o->plugins; i++) {
            if (!night_make(&n, o, &all[i], i, night))
                continue;
            if (o->calls)
                put_calls(out, o, &all[i], night, &n);
            else
                put_profile(out, o, &all[i], night, &n);
        }
    free(n.call);
    free(all);
}

/* ---- what was done to whom ---- */

/* Three decimals are enough to say it, and do not pretend to more. */
static void put_effect(struct out *out, double effect)
{
    if (effect < 0)
        put_char(out, '-');
    put_nano(out, (uint64_t)((effect < 0 ? -effect : effect) * 1000 + .5) * 1000000);
    put_char(out, '\n');
}

static void put_truth(struct out *out, const struct options *o, const char *who, const char *kind, const char *metric,
                      uint64_t first, uint64_t last, double effect)
{
    put_row(out);
    put_text(out, who);
    put_char(out, ',');
    put_text(out, kind);
    put_char(out, ',');
    put_uint(out, first);
    put_char(out, ',');
    put_uint(out, last);
    put_char(out, ',');
    put_date(out, o->start_day + (int64_t)first - 1);
    put_char(out, ',');
    put_text(out, metric);
    put_char(out, ',');
    put_effect(out, effect);
}

void write_truth(const struct options *o, struct out *out)
{
    struct plugin p;

    put_text(out, "plugin,kind,first_night,last_night,run,metric,effect\n");
    for (uint64_t i = 0; i < o->plugins; i++) {
        plugin_make(&p, o, i);
        if (p.kind > KIND_FLAKY && p.first <= o->nights)
            put_truth(out, o, p.name, kind_name(p.kind), kind_metric(p.kind), p.first, p.last, p.effect);
    }
    for (uint64_t night = 1; night <= o->nights; night++)
        if (slow_factor(o, night) > 1)
            put_truth(out, o, "*", "slow-night", "wall_ms", night, night, slow_factor(o, night) - 1);
}
