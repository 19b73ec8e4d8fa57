/* The judge's memory as bytes: written and read between any two nights it changes no verdict, it is small, and no bytes whatever
 * bring the judge down. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/judge.h"
#include "analyze/memory.h"

enum { PLUGINS = 12, METRICS = 4, NIGHTS = 120 };

static uint64_t random_state;

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return (double)(random_state >> 11) / 9007199254740992.0;
}

static void make_rules(struct tm_rules *rules)
{
    static struct tm_metric_rule metrics[METRICS];
    static const char *const names[METRICS] = {"wall_per_call_ms", "mem_delta_per_call_kb", "error_rate", "calls"};
    static const struct tm_limit limits[] = {{"*", "wall_per_call_ms", 18, 0}, {"*", "calls", 105, 1}};
    *rules = (struct tm_rules){
        .limits = limits, .n_limits = 2, .budget = 0.5, .floors = true, .extreme = 10, .missing_seen = 8, .missing_of = 10};
    for (size_t m = 0; m < METRICS; m++)
        metrics[rules->n_metrics++] = tm_metric_named(names[m])->rule;
    rules->metrics = metrics;
}

/* Good until the next night. A night of mostly calm plugins: one steps up, one is away at times, slow nights slow down all. */
static size_t make_night(int night, struct tm_sample samples[PLUGINS])
{
    static double values[PLUGINS][METRICS];
    double host = night % 17 == 5 ? 1.3 : 1;
    size_t n = 0;
    for (int p = 0; p < PLUGINS; p++) {
        double step = 1;
        if (p == 3 && night > 60)
            step = 1.5;
        if (p == 4 && night > 80)
            step = 0.6;
        if (p == 7 && uniform() < 0.3)
            continue;
        double calls = floor(100 + 10 * uniform()), errors = p == 5 && night > 70 ? floor(10 * uniform()) : 0;
        values[n][0] = (10 + p) * host * step * (1 + 0.02 * uniform());
        values[n][1] = p == 6 && night > 65 ? 900 : 3 * uniform() - 1;
        values[n][2] = errors / calls;
        values[n][3] = calls;
        samples[n] = (struct tm_sample){.plugin_id = 1000 + 37 * p,
                                        .plugin = "p",
                                        .calls = calls,
                                        .errors = errors,
                                        .clock = p == 9 && night > 50 ? 7 : 0,
                                        .values = values[n]};
        n++;
    }
    return n;
}

/* Everything of `from` written, and read into the empty `to`. Returns the bytes. */
static size_t copy(const struct tm_lineage *from, struct tm_lineage *to, const struct tm_rules *rules, size_t *n_series)
{
    struct tm_commons commons, read;
    struct tm_bytes bytes = {0};
    size_t size = 0;
    *n_series = 0;
    assert_int_equal(tm_commons_collect(&commons, from, rules), 0);
    tm_memory_write_lineage(&bytes, from, &commons);
    assert_false(bytes.failed);
    size += bytes.size;
    assert_int_equal(tm_memory_read_lineage(to, &read, bytes.bytes, bytes.size), TM_MEMORY_READ);
    for (size_t i = 0; i < from->n_plugins; i++) {
        struct tm_plugin *plugin = tm_lineage_plugin(to, from->plugins[i].id, from->plugins[i].name);
        tm_memory_write_presence(&bytes, &from->plugins[i].presence);
        size += bytes.size;
        assert_int_equal(tm_memory_read_presence(&plugin->presence, bytes.bytes, bytes.size), TM_MEMORY_READ);
        for (size_t m = 0; m < rules->n_metrics; m++) {
            const struct tm_kept *kept = tm_series_at(&from->plugins[i], m);
            struct tm_series series;
            if (!kept)
                continue;
            tm_kept_open(kept, rules->metrics[m].kind, &series);
            tm_memory_write_series(&bytes, &series, rules->metrics[m].kind, from, &commons);
            size += bytes.size;
            ++*n_series;
            assert_int_equal(tm_memory_read_series(&series, rules->metrics[m].kind, to, &read, bytes.bytes, bytes.size),
                             TM_MEMORY_READ);
            assert_int_equal(tm_kept_close(tm_series_place(plugin, m), &series, rules->metrics[m].kind, false), 0);
        }
    }
    tm_bytes_free(&bytes);
    tm_commons_free(&commons);
    tm_commons_free(&read);
    return size;
}

static bool same(double a, double b)
{
    return (a == b && signbit(a) == signbit(b)) || (isnan(a) && isnan(b));
}

static void assert_same_judgement(const struct tm_judgement *a, const struct tm_judgement *b)
{
    assert_int_equal(a->n_verdicts, b->n_verdicts);
    assert_int_equal(a->judged, b->judged);
    assert_true(same(a->factors[0].factor, b->factors[0].factor));
    for (size_t i = 0; i < a->n_verdicts; i++) {
        const struct tm_verdict *x = &a->verdicts[i], *y = &b->verdicts[i];
        assert_int_equal(x->plugin_id, y->plugin_id);
        assert_int_equal(x->class, y->class);
        assert_int_equal(x->since_run, y->since_run);
        assert_int_equal(x->good_run, y->good_run);
        assert_memory_equal(&x->interval, &y->interval, sizeof x->interval);
        assert_true(same(x->baseline, y->baseline) && same(x->effect, y->effect) && same(x->evidence, y->evidence) &&
                    same(x->z_history, y->z_history) && same(x->corrected, y->corrected) && same(x->needed, y->needed));
    }
}

/* Two judges see the same nights; one of them forgets everything but its bytes every night. */
static void nothing_is_lost(void **state)
{
    struct tm_rules rules;
    struct tm_lineage whole = {.previous_at = -1}, written = {.previous_at = -1};
    struct tm_judgement a = {0}, b = {0};
    struct tm_sample samples[PLUGINS];
    size_t n_series, alarms = 0, young = 0, old = 0;
    (void)state;
    random_state = 20261129;
    make_rules(&rules);
    for (int night = 0; night < NIGHTS; night++) {
        size_t n = make_night(night, samples);
        struct tm_night seen = {5000 + 3 * night, 1795140000 + 86400 * (int64_t)night, "main", false, samples, n, false};
        struct tm_lineage read = {0};
        size_t size = copy(&written, &read, &rules, &n_series);
        tm_lineage_free(&written);
        written = read;
        assert_int_equal(tm_judge(&whole, &rules, &seen, NULL, 0, &a), 0);
        assert_int_equal(tm_judge(&written, &rules, &seen, NULL, 0, &b), 0);
        assert_same_judgement(&a, &b);
        for (size_t i = 0; i < a.n_verdicts; i++)
            alarms += a.verdicts[i].class == TM_REGRESSED;
        if (night == 10)
            young = size / n_series;
        if (night == 100)
            old = size / n_series;
    }
    print_message("bytes a series: %zu at 10 nights, %zu at 100\n", young, old);
    assert_true(alarms >= 3);
    /* A fixed struct took 1,456. */
    assert_in_range(young, 1, 1456 / 8);
    assert_in_range(old, 1, 1456 / 2);
    tm_judgement_free(&a);
    tm_judgement_free(&b);
    tm_lineage_free(&whole);
    tm_lineage_free(&written);
}

/* Every byte of a series changed, and every cut of it: read as something sound, or refused; never more than its arrays hold. */
static void hostile_bytes(void **state)
{
    struct tm_rules rules;
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {0};
    struct tm_sample samples[PLUGINS];
    struct tm_bytes bytes = {0};
    struct tm_commons commons, none;
    size_t refused = 0;
    (void)state;
    random_state = 7;
    make_rules(&rules);
    for (int night = 0; night < 80; night++) {
        size_t n = make_night(night, samples);
        struct tm_night seen = {1 + night, 86400 * (int64_t)night, "main", false, samples, n, false};
        assert_int_equal(tm_judge(&lineage, &rules, &seen, NULL, 0, &judgement), 0);
    }
    assert_int_equal(tm_commons_collect(&commons, &lineage, &rules), 0);
    for (size_t i = 0; i < lineage.n_plugins; i++)
        for (size_t m = 0; m < rules.n_metrics; m++) {
            struct tm_series series;
            tm_kept_open(tm_series_at(&lineage.plugins[i], m), rules.metrics[m].kind, &series);
            tm_memory_write_series(&bytes, &series, rules.metrics[m].kind, &lineage, &commons);
            for (size_t at = 0; at < bytes.size; at++) {
                unsigned char before = bytes.bytes[at];
                for (int change = 1; change < 256; change = 2 * change + 1) {
                    bytes.bytes[at] = (unsigned char)(before ^ change);
                    refused += tm_memory_read_series(&series, rules.metrics[m].kind, &lineage, &commons, bytes.bytes, bytes.size) !=
                               TM_MEMORY_READ;
                    assert_in_range(series.level.n_base, 0, TM_DETECTOR_BASELINE);
                    assert_in_range(series.level.n_wait, 0, TM_DETECTOR_NEWEST - 1);
                }
                bytes.bytes[at] = before;
                assert_int_equal(tm_memory_read_series(&series, rules.metrics[m].kind, &lineage, &commons, bytes.bytes, at),
                                 TM_MEMORY_DAMAGED);
            }
        }
    assert_true(refused > 100);
    for (size_t at = 0; at < 64; at++) {
        unsigned char noise[64];
        struct tm_lineage read = {0};
        struct tm_commons others;
        struct tm_presence presence;
        for (size_t k = 0; k < sizeof noise; k++)
            noise[k] = (unsigned char)(256 * uniform());
        noise[0] = at % 2 ? TM_MEMORY_VERSION : noise[0];
        tm_memory_read_lineage(&read, &others, noise, at);
        tm_memory_read_presence(&presence, noise, at);
        tm_lineage_free(&read);
        tm_commons_free(&others);
    }
    assert_int_equal(tm_memory_read_lineage(&(struct tm_lineage){0}, &none, NULL, 0), TM_MEMORY_DAMAGED);
    tm_bytes_free(&bytes);
    tm_commons_free(&commons);
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_lost), cmocka_unit_test(hostile_bytes)};
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
