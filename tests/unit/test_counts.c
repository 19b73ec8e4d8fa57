/* Errors out of calls and calls of a run, judged as counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/counts.h"

static uint64_t seed;

static double uniform(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return ((double)(seed >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    double radius = sqrt(-2 * log(uniform()));
    return radius * cos(6.283185307179586 * uniform());
}

/* Poisson of a mean below some hundreds */
static double poisson(double mean)
{
    double left = exp(-mean), n = -1;
    for (double p = 1; p > left; n++)
        p *= uniform();
    return n;
}

struct series {
    struct tm_counts state;
    struct tm_count_params params;
    struct tm_detector_result result;
};

static void start(struct series *s, enum tm_count_law law, double budget)
{
    seed = 42;
    *s = (struct series){.params = {law, tm_count_threshold(budget), 0.05, law == TM_BINOMIAL ? 0.001 : 1}};
}

static enum tm_detector_class feed(struct series *s, double events, double trials)
{
    tm_counts_step(&s->state, &s->params, events, trials, &s->result);
    if (!(isfinite(s->result.evidence) && isfinite(s->result.z) && isfinite(s->result.effect)))
        fail_msg("evidence %g, z %g, effect %g", s->result.evidence, s->result.z, s->result.effect);
    return s->result.class;
}

static int nights(struct series *s, int n, double events, double trials, enum tm_detector_class class)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        found += feed(s, events, trials) == class;
    return found;
}

static void a_first_error_is_nothing(void **state)
{
    static const double calls[] = {1, 5, 30, 1000, 1e6};
    (void)state;
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        struct series s;
        start(&s, TM_BINOMIAL, 1);
        assert_int_equal(nights(&s, 50, 0, calls[i], TM_DETECTOR_REGRESSED), 0);
        assert_int_equal(feed(&s, 1, calls[i]), TM_DETECTOR_QUIET);
        assert_int_equal(nights(&s, 20, 0, calls[i], TM_DETECTOR_QUIET), 20);
        assert_false(s.result.open);
    }
}

/* 50,000 calls without an error, then 3 of 1000 twice */
static void errors_after_none(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 0.5);
    assert_int_equal(nights(&s, 50, 0, 1000, TM_DETECTOR_QUIET), 50 - TM_DETECTOR_NEEDED);
    assert_int_not_equal(feed(&s, 3, 1000), TM_DETECTOR_REGRESSED); /* no single night alarms */
    assert_int_equal(feed(&s, 3, 1000), TM_DETECTOR_REGRESSED);
    assert_true(fabs(s.result.effect - 0.003) < 1e-12 && s.result.k == 2 && s.result.evidence > s.result.needed);
    assert_true(s.result.open);
}

/* One error a night stays below the floor of 0.1 % of calls where that is the floor. */
static void rare_errors_stay_below_the_floor(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    nights(&s, 50, 0, 2000, TM_DETECTOR_QUIET);
    assert_int_equal(nights(&s, 50, 1, 2000, TM_DETECTOR_REGRESSED), 0);
}

static void a_storm_and_the_recovery(void **state)
{
    struct series s;
    bool returned = false;
    (void)state;
    start(&s, TM_BINOMIAL, 0.1);
    nights(&s, 50, 1, 500, TM_DETECTOR_QUIET);
    assert_int_equal(feed(&s, 250, 500), TM_DETECTOR_SUSPECT);
    assert_int_equal(feed(&s, 250, 500), TM_DETECTOR_REGRESSED);
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(feed(&s, 250 + i % 7, 500), TM_DETECTOR_REGRESSED);
        assert_true(s.result.open);
    }
    for (int i = 0; i < 8; i++) {
        assert_int_not_equal(feed(&s, 1, 500), TM_DETECTOR_REGRESSED);
        returned = returned || s.result.returned;
    }
    assert_true(returned && !s.result.open);
    assert_int_equal(nights(&s, 40, 1, 500, TM_DETECTOR_QUIET), 40);
}

static void one_bad_night_never_alarms(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    nights(&s, 30, 2, 400, TM_DETECTOR_QUIET);
    assert_int_equal(feed(&s, 400, 400), TM_DETECTOR_SUSPECT);
    assert_int_equal(nights(&s, 60, 2, 400, TM_DETECTOR_REGRESSED), 0);
    assert_false(s.result.open);
}

/* Error rates that differ from night to night far more than a coin would */
static void overdispersed_histories_stay_quiet(void **state)
{
    int alarms = 0, judged = 0;
    struct series s;
    (void)state;
    for (int series = 0; series < 100; series++) {
        uint64_t next = seed;
        start(&s, TM_BINOMIAL, 1);
        seed = series ? next : 42;
        for (int i = 0; i < 150; i++) {
            double rate = 0.02 * exp(0.3 * normal());
            alarms += feed(&s, fmin(1000, poisson(1000 * rate)), 1000) == TM_DETECTOR_REGRESSED;
            judged += s.result.class != TM_DETECTOR_TOO_FEW;
        }
    }
    if (1000.0 * alarms / judged > 2)
        fail_msg("%d alarms in %d judgements", alarms, judged);
}

static void honest_coins_stay_quiet(void **state)
{
    static const double rates[] = {0, 0.0001, 0.002, 0.05};
    struct series s;
    int alarms = 0, judged = 0;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    for (int series = 0; series < 200; series++) {
        s.state = (struct tm_counts){0};
        for (int i = 0; i < 150; i++) {
            alarms += feed(&s, fmin(300, poisson(300 * rates[series % 4])), 300) == TM_DETECTOR_REGRESSED;
            judged += s.result.class != TM_DETECTOR_TOO_FEW;
        }
    }
    if (1000.0 * alarms / judged > 1)
        fail_msg("%d alarms in %d judgements", alarms, judged);
}

static void fewer_errors_are_an_improvement(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    nights(&s, 50, 50, 500, TM_DETECTOR_QUIET);
    assert_int_equal(nights(&s, 6, 2, 500, TM_DETECTOR_IMPROVED), 1);
    assert_false(s.result.open);
}

static void calls_of_a_run(void **state)
{
    struct series s;
    int alarms = 0;
    (void)state;
    start(&s, TM_POISSON, 0.5);
    for (int i = 0; i < 400; i++)
        alarms += feed(&s, poisson(60), 1) == TM_DETECTOR_REGRESSED;
    assert_in_range(alarms, 0, 1);
    start(&s, TM_POISSON, 0.5);
    for (int i = 0; i < 50; i++)
        feed(&s, poisson(60), 1);
    assert_int_not_equal(feed(&s, 120, 1), TM_DETECTOR_REGRESSED);
    assert_int_equal(feed(&s, 118, 1), TM_DETECTOR_REGRESSED);
    assert_true(fabs(s.result.effect - 59) < 4);
    start(&s, TM_POISSON, 0.5);
    assert_int_equal(nights(&s, 60, 60, 1, TM_DETECTOR_QUIET), 54); /* constant counts: no dispersion below 1 */
    assert_int_equal(nights(&s, 6, 61, 1, TM_DETECTOR_REGRESSED), 0);
}

static void nights_without_calls(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    assert_int_equal(nights(&s, 20, 0, 0, TM_DETECTOR_REGRESSED), 0);
    assert_int_equal(nights(&s, 20, 0, 10, TM_DETECTOR_REGRESSED), 0);
    start(&s, TM_POISSON, 1);
    assert_int_equal(nights(&s, 20, 0, 1, TM_DETECTOR_REGRESSED), 0);
}

static void all_calls_fail(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 1);
    assert_int_equal(nights(&s, 60, 100, 100, TM_DETECTOR_QUIET), 54);
    assert_int_equal(nights(&s, 6, 0, 100, TM_DETECTOR_IMPROVED), 1);
}

static void many_calls(void **state)
{
    struct series s;
    (void)state;
    start(&s, TM_BINOMIAL, 0.5);
    nights(&s, 50, 5000, 1e6, TM_DETECTOR_QUIET);
    assert_int_not_equal(feed(&s, 7000, 1e6), TM_DETECTOR_REGRESSED);
    assert_int_equal(feed(&s, 7000, 1e6), TM_DETECTOR_REGRESSED);
}

static void thresholds(void **state)
{
    (void)state;
    assert_true(fabs(tm_count_threshold(1) - log(1000)) < 1e-12);
    assert_true(tm_count_threshold(0.1) > tm_count_threshold(0.5) && tm_count_threshold(0.5) > tm_count_threshold(1));
}

static void state_is_all_there_is(void **state)
{
    struct series whole, pieces;
    unsigned char stored[sizeof(struct tm_counts)];
    (void)state;
    start(&whole, TM_BINOMIAL, 1);
    pieces = whole;
    memset(stored, 0, sizeof stored);
    for (int i = 0; i < 200; i++) {
        double errors = poisson(i > 80 && i < 140 ? 40 : 3);
        feed(&whole, errors, 400);
        memset(&pieces.state, 0xa5, sizeof pieces.state);
        memcpy(&pieces.state, stored, sizeof stored);
        feed(&pieces, errors, 400);
        memcpy(stored, &pieces.state, sizeof stored);
        assert_int_equal(whole.result.class, pieces.result.class);
        assert_true(whole.result.open == pieces.result.open && whole.result.k == pieces.result.k);
        assert_memory_equal(&whole.result.evidence, &pieces.result.evidence, sizeof(double));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_first_error_is_nothing),
        cmocka_unit_test(errors_after_none),
        cmocka_unit_test(rare_errors_stay_below_the_floor),
        cmocka_unit_test(a_storm_and_the_recovery),
        cmocka_unit_test(one_bad_night_never_alarms),
        cmocka_unit_test(overdispersed_histories_stay_quiet),
        cmocka_unit_test(honest_coins_stay_quiet),
        cmocka_unit_test(fewer_errors_are_an_improvement),
        cmocka_unit_test(calls_of_a_run),
        cmocka_unit_test(nights_without_calls),
        cmocka_unit_test(all_calls_fail),
        cmocka_unit_test(many_calls),
        cmocka_unit_test(thresholds),
        cmocka_unit_test(state_is_all_there_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
