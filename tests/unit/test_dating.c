/* Since when: a change is dated by its likeliest first run, and by the runs between which it
 * lies. Both are measured here on made-up nights, where the truth is known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/judge.h"

enum { PLUGINS = 10, SEEDS = 40, CALM = 40, NIGHTS = 60, FIRST_RUN = 500 };

static uint64_t random_state;

static double uniform(void)
{
    random_state = random_state * 6364136223846793005u + 1442695040888963407u;
    return ((double)(random_state >> 11) + 0.5) / 9007199254740992.0;
}

/* Box and Muller */
static double gaussian(void)
{
    return sqrt(-2 * log(uniform())) * cos(6.283185307179586 * uniform());
}

struct dates {
    int told, right, covered, wide;
};

/* Ten plugins with so much noise, `stepped` of which take `factor` times as long from night CALM
 * on; every first alarm is counted. An open alarm must say of every later night what it said of
 * the first. */
static void judge_steps(int stepped, double factor, double noise, struct dates *dates)
{
    struct tm_rules rules = {.budget = 0.5, .floors = true, .extreme = 10, .missing_seen = 8, .missing_of = 10};
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {0};
    struct tm_interval first[PLUGINS] = {{0}};
    int64_t since[PLUGINS] = {0};
    struct tm_metric_rule wall = tm_metric_named("wall_per_call_ms")->rule;
    rules.metrics = &wall, rules.n_metrics = 1;
    for (int night = 0; night < NIGHTS; night++) {
        struct tm_sample samples[PLUGINS];
        double values[PLUGINS];
        for (int p = 0; p < PLUGINS; p++) {
            double level = (10 + 7 * p) * (night >= CALM && p < stepped ? factor : 1);
            values[p] = level * exp(noise * gaussian());
            samples[p] = (struct tm_sample){.plugin_id = p + 1, .plugin = "p", .calls = 100, .errors = NAN, .values = &values[p]};
        }
        struct tm_night seen = {FIRST_RUN + night, 1795140000 + 86400 * (int64_t)night, "main", false, samples, PLUGINS, false};
        assert_int_equal(tm_judge(&lineage, &rules, &seen, NULL, 0, &judgement), 0);
        for (size_t i = 0; i < judgement.n_verdicts; i++) {
            const struct tm_verdict *v = &judgement.verdicts[i];
            int64_t p = v->plugin_id - 1, truth = FIRST_RUN + CALM;
            if (p < 0 || p >= stepped || !v->since_run || v->class < TM_OPEN || night < CALM)
                continue;
            assert_true(v->interval.earliest_run <= v->since_run && v->since_run <= v->interval.latest_run);
            assert_true(v->interval.sure_good_run < v->interval.earliest_run);
            if (v->class == TM_OPEN && since[p]) {
                assert_memory_equal(&v->interval, &first[p], sizeof first[p]);
                continue;
            }
            if (since[p])
                continue;
            since[p] = v->since_run;
            first[p] = v->interval;
            dates->told++;
            dates->right += v->since_run == truth;
            dates->covered += v->interval.earliest_run <= truth && truth <= v->interval.latest_run;
            dates->wide += v->interval.earliest_run < v->interval.latest_run;
        }
    }
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
}

static void doubled_times_have_a_date(void **state)
{
    (void)state;
    random_state = 20261130;
    for (int stepped = 1; stepped <= PLUGINS; stepped++) {
        struct dates dates = {0};
        for (int seed = 0; seed < SEEDS; seed++)
            judge_steps(stepped, 2, 0.02, &dates);
        print_message("# %2d of %d doubled: %d dated, %d right, %d covered, %d wide\n", stepped, PLUGINS, dates.told, dates.right,
                      dates.covered, dates.wide);
        assert_int_equal(dates.told, SEEDS * stepped);
        assert_true(dates.right >= 0.95 * dates.told);
        assert_true(dates.covered >= 0.99 * dates.told);
    }
}

/* Where the likeliest run may be the wrong one, the interval says between which it lies. */
static void small_changes_have_an_interval(void **state)
{
    struct dates dates = {0};
    (void)state;
    random_state = 20261130;
    for (int seed = 0; seed < 5 * SEEDS; seed++)
        judge_steps(1, 1.12, 0.03, &dates);
    print_message("# 12 %% in 3 %% noise: %d dated, %d right, %d covered, %d wide\n", dates.told, dates.right, dates.covered,
                  dates.wide);
    assert_true(dates.covered >= 0.9 * dates.told);
    assert_true(dates.covered > dates.right);
    assert_true(dates.wide > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(doubled_times_have_a_date),
                                       cmocka_unit_test(small_changes_have_an_interval)};
    return cmocka_run_group_tests_name("dating", tests, NULL, NULL);
}
