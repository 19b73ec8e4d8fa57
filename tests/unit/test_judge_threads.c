/* However many threads judge, what is said and remembered is the same; and a brief judgement says of a night what a full one does.
 * Also for the thread sanitizer. */
#include <math.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyze/judge.h"
#include "analyze/memory.h"
#include "base/workers.h"

enum { PLUGINS = 1100, METRICS = 4, NIGHTS = 26 }; /* enough values for threads to be begun */

static uint64_t random_state;
static double values[PLUGINS][METRICS];

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static void make_rules(struct tm_rules *rules)
{
    static struct tm_metric_rule metrics[METRICS];
    static const char *const names[METRICS] = {"wall_per_call_ms", "cpu_per_call_ms", "error_rate", "peak_mem_kb"};
    *rules =
        (struct tm_rules){.budget = 0.5, .floors = true, .extreme = 10, .missing_seen = 8, .missing_of = 10, .metrics = metrics};
    for (size_t m = 0; m < METRICS; m++)
        metrics[rules->n_metrics++] = tm_metric_named(names[m])->rule;
}

/* Slow nights, a few plugins that step up, some that come late or stay away, and in the end memory that all need more of. */
static size_t make_night(int night, struct tm_sample samples[PLUGINS])
{
    double host = night % 9 == 8 ? 1.3 : 1;
    size_t n = 0;
    for (int p = 0; p < PLUGINS; p++) {
        double step = p % 97 == 3 && night > 14 ? 1.5 : p % 97 == 4 && night > 12 ? 0.6 : 1, calls = floor(100 + 10 * uniform());
        double errors = p % 101 == 5 && night > 15 ? floor(20 * uniform()) : 0, noise = 1 + 0.02 * uniform();
        if ((p % 89 == 7 && night > 20) || (p % 50 == 9 && night < 18))
            continue;
        values[n][0] = (10 + p) * host * step * noise;
        if (p % 97 == 11) /* by half, and less than the floor */
            values[n][0] = (night > 14 ? 0.015 : 0.01) * noise;
        values[n][1] = (5 + p) * host * step * (1 + 0.02 * uniform());
        values[n][2] = errors / calls;
        values[n][3] = 1000 * (night > 20 ? 1.4 : 1) * (1 + 0.02 * uniform());
        samples[n] = (struct tm_sample){.plugin_id = 3 + 7 * p,
                                        .plugin = "p",
                                        .calls = calls,
                                        .errors = errors,
                                        .clock = p % 40 == 2 && night > 16 ? 7 : 3,
                                        .values = values[n]};
        n++;
    }
    return n;
}

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t mix_verdict(uint64_t hash, const struct tm_verdict *v)
{
    const double numbers[] = {v->value,  v->corrected, v->baseline,    v->effect,       v->evidence,
                              v->needed, v->z_history, v->pct_history, v->z_population, v->pct_population};
    const int64_t facts[] = {v->plugin_id, v->metric,   (int64_t)v->class,  v->leads,       v->young,        v->runs,
                             v->since_run, v->good_run, (int64_t)v->signal, v->why != NULL, v->baseline_runs};
    return mix(mix(hash, numbers, sizeof numbers), facts, sizeof facts);
}

/* The memory of all that was judged, as it would be stored. */
static uint64_t mix_memory(uint64_t hash, const struct tm_lineage *lineage, const struct tm_rules *rules)
{
    struct tm_commons commons;
    struct tm_bytes bytes = {0};
    assert_int_equal(tm_commons_collect(&commons, lineage, rules), 0);
    for (size_t i = 0; i < lineage->n_plugins; i++)
        for (size_t m = 0; m < rules->n_metrics; m++) {
            struct tm_series series;
            tm_kept_open(tm_series_at(&lineage->plugins[i], m), rules->metrics[m].kind, &series);
            tm_memory_write_series(&bytes, &series, rules->metrics[m].kind, lineage, &commons);
            assert_false(bytes.failed);
            hash = mix(hash, bytes.bytes, bytes.size);
        }
    tm_bytes_free(&bytes);
    tm_commons_free(&commons);
    return hash;
}

struct said {
    uint64_t all, told; /* hashes: of everything, and of what both a brief and a full judgement say */
    size_t alarms, run_wide;
};

static bool is_told(const struct tm_verdict *verdict)
{
    return verdict->class == TM_PASS ? verdict->why != NULL : !verdict->young;
}

/* A whole history. */
static struct said judge(size_t threads, bool brief)
{
    static struct tm_sample samples[PLUGINS];
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {.brief = brief, .threads = threads};
    struct tm_rules rules;
    struct said said = {1, 1, 0, 0};
    random_state = 3;
    make_rules(&rules);
    for (int night = 0; night < NIGHTS; night++) {
        size_t n = make_night(night, samples);
        struct tm_night seen = {1 + night, 86400 * (int64_t)night, "main", false, samples, n, false};
        assert_int_equal(tm_judge(&lineage, &rules, &seen, NULL, 0, &judgement), 0);
        for (size_t i = 0; i < judgement.n_verdicts; i++) {
            const struct tm_verdict *verdict = &judgement.verdicts[i];
            said.all = mix_verdict(said.all, verdict);
            said.told = is_told(verdict) && verdict->class != TM_NOT_JUDGED ? mix_verdict(said.told, verdict) : said.told;
            said.alarms += verdict->class == TM_REGRESSED;
            said.run_wide += verdict->class == TM_REGRESSED && !verdict->plugin_id;
        }
        const size_t counts[] = {judgement.judged,  judgement.passed, judgement.held,
                                 judgement.n_young, judgement.n_ends, judgement.plugins};
        said.told = mix(said.told, counts, sizeof counts);
        said.told = mix(said.told, judgement.factors, judgement.n_factors * sizeof *judgement.factors);
    }
    said.told = mix_memory(said.told, &lineage, &rules);
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
    return said;
}

static void any_number_of_threads_says_the_same(void **state)
{
    static const size_t numbers[] = {2, 5};
    struct said one = judge(1, false);
    (void)state;
    assert_in_range(one.alarms, 10, 2000);
    assert_int_equal(one.run_wide, 1);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct said many = judge(numbers[i], false);
        assert_int_equal(one.all, many.all);
        assert_int_equal(one.told, many.told);
    }
}

static void a_brief_judgement_leaves_out_what_is_not_told(void **state)
{
    struct said full = judge(1, false), brief = judge(3, true);
    (void)state;
    assert_int_equal(full.told, brief.told);
    assert_int_equal(full.alarms, brief.alarms);
    assert_true(full.all != brief.all);
}

enum { PARTS = 1000 };

struct parts {
    atomic_int done[PARTS];
    pthread_t caller;
    atomic_int by_others, takes_signals;
    size_t bad; /* the part that fails; PARTS: none */
    bool slow;  /* the caller is */
};

static int do_part(void *context, size_t part)
{
    struct parts *parts = context;
    sigset_t mask;
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    atomic_fetch_add(&parts->done[part], 1);
    if (!pthread_equal(pthread_self(), parts->caller)) {
        atomic_fetch_add(&parts->by_others, 1);
        atomic_fetch_add(&parts->takes_signals, sigismember(&mask, SIGTERM) == 0);
    } else if (parts->slow) {
        usleep(1000); /* the others have their turn */
    }
    return part == parts->bad ? -1 : 0;
}

static void every_part_is_done_once(void **state)
{
    static const size_t threads[] = {0, 1, 2, 7, 100};
    (void)state;
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        static struct parts parts;
        memset(&parts, 0, sizeof parts);
        parts.bad = PARTS;
        assert_int_equal(tm_work_in_parts(PARTS, threads[i], do_part, &parts), 0);
        for (size_t p = 0; p < PARTS; p++)
            assert_int_equal(parts.done[p], 1);
        parts.bad = 500;
        assert_int_equal(tm_work_in_parts(PARTS, threads[i], do_part, &parts), -1);
        assert_int_equal(tm_work_in_parts(0, threads[i], do_part, &parts), 0);
    }
}

/* A host's signals stay its own threads'. */
static void other_threads_take_no_signals(void **state)
{
    static struct parts parts;
    sigset_t mask;
    (void)state;
    parts.bad = PARTS;
    parts.slow = true;
    parts.caller = pthread_self();
    assert_int_equal(tm_work_in_parts(PARTS, 8, do_part, &parts), 0);
    assert_true(parts.by_others > 0);
    assert_int_equal(parts.takes_signals, 0);
    pthread_sigmask(SIG_BLOCK, NULL, &mask);
    assert_int_equal(sigismember(&mask, SIGTERM), 0); /* this one does, as before */
    assert_in_range(tm_processors(), 1, 100000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_number_of_threads_says_the_same),
                                       cmocka_unit_test(a_brief_judgement_leaves_out_what_is_not_told),
                                       cmocka_unit_test(every_part_is_done_once), cmocka_unit_test(other_threads_take_no_signals)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
