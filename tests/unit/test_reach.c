/* What the gate is said to see, it sees: runs that lie a little beyond the smallest rise are put before the judge itself and raise
 * an alarm in time, and runs a little below do not. */
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
#include "analyze/reach.h"

enum { PLUGINS = 5, SEEDS = 2, WALL = 0, GROWTH, ERRORS, SCORE, METRICS, CALLS = 400 };

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

/* A plugin's past: so many nights, what the night does to the usual value beside its noise, and how large that is. */
struct past {
    const char *name;
    int nights;
    double noise;
    double (*times)(int night);
};

static double as_ever(int night)
{
    (void)night;
    return 1;
}

static double better_lately(int night)
{
    return night < 50 ? 1 : 0.7;
}

static double worse_lately(int night)
{
    return night < 52 ? 1 : 1.5;
}

static double one_bad_night(int night)
{
    return night == 58 ? 1.6 : 1;
}

static double two_modes(int night)
{
    return night % 7 < 2 ? 1.15 : 1;
}

static double begins_to_climb(int night)
{
    return night < 58 ? 1 : 1.1;
}

static const struct past pasts[] = {{"quiet", 60, 0.005, as_ever},      {"noisy", 60, 0.05, as_ever},
                                    {"young", 13, 0.02, as_ever},       {"improved", 60, 0.02, better_lately},
                                    {"open", 60, 0.02, worse_lately},   {"one bad night", 60, 0.02, one_bad_night},
                                    {"two modes", 60, 0.01, two_modes}, {"has begun", 60, 0.02, begins_to_climb}};

static struct tm_rules rules_of_four(void)
{
    static struct tm_metric_rule four[METRICS];
    four[0] = tm_metric_named("wall_per_call_ms")->rule;
    four[1] = tm_metric_named("mem_delta_per_call_kb")->rule;
    four[2] = tm_metric_named("error_rate")->rule;
    four[3] = tm_metric_named("wall_per_call_ms")->rule;
    four[3].name = "score";
    four[3].run_wide = false;
    four[3].higher_is_better = true;
    return (struct tm_rules){
        .budget = 0.5, .metrics = four, .n_metrics = METRICS, .floors = true, .extreme = 10, .missing_seen = 8, .missing_of = 10};
}

/* One more night: plugin 1 has these values. */
static void judge(struct tm_lineage *lineage, const struct tm_rules *rules, const double values[METRICS],
                  struct tm_judgement *judgement)
{
    struct tm_sample samples[PLUGINS];
    double all[PLUGINS][METRICS];
    int64_t night = lineage->night + 1;
    for (int p = 0; p < PLUGINS; p++) {
        const double usual[METRICS] = {10 + 7 * p, 40, 0, 300};
        memcpy(all[p], p == 0 ? values : usual, sizeof all[p]);
        samples[p] = (struct tm_sample){
            .plugin_id = p + 1, .plugin = "p", .calls = CALLS, .errors = all[p][ERRORS] * CALLS, .values = all[p]};
    }
    struct tm_night seen = {500 + night, 1795140000 + 86400 * night, "main", false, samples, PLUGINS, false};
    assert_int_equal(tm_judge(lineage, rules, &seen, NULL, 0, judgement), 0);
}

/* The same past for the same seed; `usual` is what each metric goes on with. */
static void live_through(struct tm_lineage *lineage, const struct tm_rules *rules, const struct past *past, int seed,
                         struct tm_judgement *judgement, double usual[METRICS])
{
    random_state = 20261130 + (uint64_t)seed;
    for (int night = 0; night < past->nights; night++) {
        double times = past->times(night);
        double values[] = {10 * times * exp(past->noise * gaussian()), 40 * times * exp(past->noise * gaussian()),
                           floor(uniform() * (times > 1.2 ? 20 : 5)) / CALLS, 300 / times * exp(past->noise * gaussian())};
        judge(lineage, rules, values, judgement);
    }
    for (size_t m = 0; m < METRICS; m++) {
        struct tm_reach reach = tm_reach_of(lineage, rules, METRICS, false, 1, m);
        usual[m] = m == ERRORS ? floor(reach.level * CALLS) / CALLS : reach.level;
    }
}

static bool is_told(const struct tm_judgement *judgement, size_t metric)
{
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        if (v->plugin_id == 1 && v->metric == (int)metric)
            return v->class == TM_REGRESSED || (v->class == TM_OPEN && v->why);
    }
    return false;
}

/* On which of so many nights the judge tells of the metric at that value; 0: on none. */
static int night_told(const struct tm_rules *rules, const struct past *past, int seed, size_t metric, double value, int nights)
{
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {0};
    double values[METRICS];
    int told = 0;
    live_through(&lineage, rules, past, seed, &judgement, values);
    values[metric] = value;
    for (int night = 1; night <= nights && !told; night++) {
        judge(&lineage, rules, values, &judgement);
        told = is_told(&judgement, metric) ? night : 0;
    }
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
    return told;
}

static struct tm_reach reach_of(const struct tm_rules *rules, const struct past *past, int seed, size_t metric,
                                double usual[METRICS])
{
    struct tm_lineage lineage = {.previous_at = -1};
    struct tm_judgement judgement = {0};
    live_through(&lineage, rules, past, seed, &judgement, usual);
    assert_int_equal(judgement.metrics_present, METRICS);
    struct tm_reach reach = tm_reach_of(&lineage, rules, judgement.metrics_present, false, 1, metric);
    tm_judgement_free(&judgement);
    tm_lineage_free(&lineage);
    return reach;
}

/* A little less and a little more than a value that the level rises to: a thousandth of the rise, or one error. */
static double beside(size_t metric, double level, double value, int sign)
{
    if (metric == ERRORS)
        return value + (sign < 0 ? -1.0 / CALLS : 0);
    return metric == GROWTH ? value + sign * 1e-3 * (value - level) : value * exp(sign * 1e-3 * log(value / level));
}

static void must(bool holds, const struct past *past, int seed, size_t metric, const char *what, double value)
{
    if (!holds)
        fail_msg("%s, seed %d, metric %zu: %s at %g", past->name, seed, metric, what, value);
}

static void check(const struct tm_rules *rules, const struct past *past, int seed, size_t metric)
{
    double usual[METRICS], more;
    struct tm_reach reach = reach_of(rules, past, seed, metric, usual);
    must(!isnan(reach.level), past, seed, metric, "no level", usual[metric]);
    if (isnan(reach.least)) { /* a level that has just begun, and takes what comes */
        more = metric == ERRORS ? 1 : 8 * reach.level;
        must(metric == ERRORS && !night_told(rules, past, seed, metric, more, TM_REACH_NIGHTS), past, seed, metric, "told", more);
        return;
    }
    more = beside(metric, reach.level, reach.least, 1);
    int night = night_told(rules, past, seed, metric, more, TM_REACH_NIGHTS);
    must(night > 0 && night <= reach.nights, past, seed, metric, "not told in time", more);
    more = beside(metric, reach.level, reach.least, -1);
    must(!night_told(rules, past, seed, metric, more, TM_REACH_NIGHTS), past, seed, metric, "told below the least", more);
    must(!isnan(reach.second), past, seed, metric, "nothing would be told by the second night", usual[metric]);
    more = beside(metric, reach.level, reach.second, 1);
    must(night_told(rules, past, seed, metric, more, 2), past, seed, metric, "not told by the second night", more);
    more = beside(metric, reach.level, reach.second, -1);
    must(!night_told(rules, past, seed, metric, more, 2), past, seed, metric, "told by the second night", more);
    for (int times = 2; times <= 4; times++) {
        more = reach.level + times * (reach.second - reach.level);
        if (more > 0 && (metric != ERRORS || more <= 1))
            must(night_told(rules, past, seed, metric, more, 2), past, seed, metric, "a larger one is not told", more);
    }
}

static void rises_are_told_as_said(void **state)
{
    struct tm_rules rules = rules_of_four();
    (void)state;
    for (size_t i = 0; i < sizeof pasts / sizeof *pasts; i++)
        for (int seed = 0; seed < SEEDS; seed++)
            for (size_t m = 0; m < METRICS; m++)
                check(&rules, &pasts[i], seed, m);
}

/* A bad night that is not known yet to last makes the next one tell. */
static void what_has_begun_needs_one_night(void **state)
{
    struct tm_rules rules = rules_of_four();
    const struct past past = {"one bad night", 60, 0.02, one_bad_night};
    double usual[METRICS];
    (void)state;
    struct tm_reach quiet = reach_of(&rules, &pasts[0], 1, WALL, usual), noisy = reach_of(&rules, &pasts[1], 1, WALL, usual);
    assert_true(quiet.least < noisy.least && quiet.second < noisy.second);
    assert_true(quiet.least < quiet.second);
    /* The night at 1.6 times is the last but one: two further ones at 1.6 are told, as far as they go. */
    assert_true(night_told(&rules, &past, 1, WALL, 16, 2) > 0);
}

static void too_few_runs_tell_nothing(void **state)
{
    struct tm_rules rules = rules_of_four();
    const struct past past = {"new", 2, 0.02, as_ever};
    double usual[METRICS];
    (void)state;
    for (size_t m = 0; m < METRICS; m++) {
        struct tm_reach reach = reach_of(&rules, &past, 1, m, usual);
        assert_true(isnan(reach.second));
    }
    struct tm_lineage nothing = {.previous_at = -1};
    assert_true(isnan(tm_reach_of(&nothing, &rules, 1, false, 1, WALL).level));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(rises_are_told_as_said), cmocka_unit_test(what_has_begun_needs_one_night),
                                       cmocka_unit_test(too_few_runs_tell_nothing)};
    return cmocka_run_group_tests_name("reach", tests, NULL, NULL);
}
