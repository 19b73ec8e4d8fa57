/* The detector on series made by hand: noise of 2 % that repeats from run to run of the test, and what is done to it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/detector.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { LONGEST = 400, CROWD = 12 };
static const double SIGMA = 0.02;

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

struct series {
    struct tm_detector state;
    struct tm_detector_params params;
    struct tm_detector_result result;
};

static void start(struct series *s, uint64_t with, double budget)
{
    seed = with;
    *s = (struct series){.params = tm_detector_params_for(budget)};
}

static enum tm_detector_class feed(struct series *s, double y)
{
    tm_detector_step(&s->state, &s->params, y, 0, &s->result);
    return s->result.class;
}

/* n nights around `level`; how many of them are of that class */
static int nights(struct series *s, int n, double level, enum tm_detector_class class)
{
    int found = 0;
    for (int i = 0; i < n; i++)
        found += feed(s, level + SIGMA * normal()) == class;
    return found;
}

/* The night of the first alarm, from 1; 0: none in n. */
static int alarm_within(struct series *s, int n, double level)
{
    for (int i = 1; i <= n; i++)
        if (feed(s, level + SIGMA * normal()) == TM_DETECTOR_REGRESSED)
            return i;
    return 0;
}

static void steps_are_caught(void **state)
{
    static const struct {
        const char *name;
        double step, budget;
        int within, at_least; /* of 20 series */
    } rows[] =
        {
            {"10 %, budget 0.5", 0.10, 0.5, 5, 18}, {"20 %, budget 0.5", 0.20, 0.5, 3, 20},
            {"50 %, budget 0.5", 0.50, 0.5, 2, 20}, {"threefold, budget 0.5", 2, 0.5, 2, 20},
            {"8 %, budget 1", 0.08, 1, 5, 16},      {"20 %, budget 0.1", 0.20, 0.1, 5, 19},
            {"50 %, budget 0.1", 0.50, 0.1, 4, 20},
        },
      *row;
    (void)state;
    EACH(row, rows)
    {
        int caught = 0;
        for (uint64_t i = 0; i < 20; i++) {
            struct series s;
            start(&s, 100 + i, row->budget);
            nights(&s, 60, 5, TM_DETECTOR_QUIET);
            int caught_on = alarm_within(&s, row->within, 5 + log1p(row->step));
            assert_true(caught_on != 1);
            caught += caught_on > 0;
            if (caught_on && !(fabs(s.result.effect - log1p(row->step)) < 3 * SIGMA && s.result.evidence > s.result.needed))
                fail_msg("%s: effect %g, evidence %g, needed %g", row->name, s.result.effect, s.result.evidence, s.result.needed);
        }
        if (caught < row->at_least)
            fail_msg("%s: %d of 20 caught within %d nights, expected %d", row->name, caught, row->within, row->at_least);
    }
}

static void a_step_on_a_short_history(void **state)
{
    struct series s;
    (void)state;
    start(&s, 7, 0.5);
    nights(&s, 14, 5, TM_DETECTOR_QUIET);
    assert_in_range(alarm_within(&s, 5, 5 + log(1.5)), 2, 5);
    assert_int_equal(s.result.kind, TM_DETECTOR_STEP);
}

/* A climb of 15 % over 20 nights is seen while it goes on or soon after, in most series. */
static void drifts_are_caught(void **state)
{
    int caught = 0, called_drift = 0;
    (void)state;
    for (uint64_t i = 0; i < 20; i++) {
        struct series s;
        bool alarm = false;
        start(&s, 300 + i, 1);
        nights(&s, 60, 5, TM_DETECTOR_QUIET);
        for (int t = 1; t <= 32 && !alarm; t++)
            alarm = feed(&s, 5 + log(1.15) * fmin(1, t / 20.0) + SIGMA / 2 * normal()) == TM_DETECTOR_REGRESSED;
        caught += alarm;
        called_drift += alarm && s.result.kind == TM_DETECTOR_DRIFT;
    }
    assert_in_range(caught, 16, 20);
    assert_in_range(called_drift, 1, 20);
}

static void a_spike_is_a_suspect(void **state)
{
    struct series s;
    (void)state;
    start(&s, 11, 0.5);
    nights(&s, 50, 5, TM_DETECTOR_QUIET);
    assert_int_equal(feed(&s, 5 + log(3)), TM_DETECTOR_SUSPECT);
    assert_false(s.result.open);
    assert_true(s.result.z > 20 && s.result.percentile >= 100);
    assert_int_equal(nights(&s, 100, 5, TM_DETECTOR_REGRESSED), 0);
}

/* Spikes that come and go, never two in a row, are the series' own way. */
static void spikes_that_return_never_alarm(void **state)
{
    struct series s;
    (void)state;
    start(&s, 12, 1);
    nights(&s, 50, 5, TM_DETECTOR_QUIET);
    for (int i = 0; i < 20; i++) {
        assert_int_not_equal(feed(&s, 5 + log(2 + uniform())), TM_DETECTOR_REGRESSED);
        assert_int_equal(nights(&s, 6 + i % 3, 5, TM_DETECTOR_REGRESSED), 0);
    }
}

static void improvements_are_no_alarm(void **state)
{
    struct series s;
    (void)state;
    start(&s, 13, 0.5);
    nights(&s, 50, 5, TM_DETECTOR_QUIET);
    assert_int_equal(nights(&s, 5, 5 - log(1.4), TM_DETECTOR_IMPROVED), 1);
    assert_false(s.result.open);
    assert_int_equal(nights(&s, 40, 5 - log(1.4), TM_DETECTOR_REGRESSED), 0);
    /* and back to where it was is a regression */
    assert_in_range(alarm_within(&s, 5, 5), 2, 5);
}

/* A few lucky runs make a better level; their end is no regression, and a step beyond what was there
 * before them is one. */
static void the_end_of_a_young_improvement_is_no_alarm(void **state)
{
    (void)state;
    for (int better = 3; better <= 8; better++) {
        struct series s;
        start(&s, 90 + (uint64_t)better, 0.5);
        nights(&s, 50, 5, TM_DETECTOR_QUIET);
        assert_int_equal(nights(&s, better, 5 - log(1.4), TM_DETECTOR_IMPROVED), 1);
        assert_int_equal(nights(&s, 40, 5, TM_DETECTOR_REGRESSED), 0);
        start(&s, 90 + (uint64_t)better, 0.5);
        nights(&s, 50, 5, TM_DETECTOR_QUIET);
        nights(&s, better, 5 - log(1.4), TM_DETECTOR_IMPROVED);
        assert_in_range(alarm_within(&s, 8, 5 + log(1.4)), 1, 6);
    }
}

static void a_return_closes(void **state)
{
    struct series s;
    bool returned = false;
    (void)state;
    start(&s, 14, 0.5);
    nights(&s, 50, 5, TM_DETECTOR_QUIET);
    assert_in_range(alarm_within(&s, 5, 5 + log(1.4)), 2, 5);
    for (int i = 0; i < 30; i++) {
        assert_int_not_equal(feed(&s, 5 + log(1.4) + SIGMA * normal()), TM_DETECTOR_REGRESSED);
        assert_true(s.result.open && !s.result.returned);
    }
    for (int i = 0; i < 10 && !returned; i++) {
        assert_int_not_equal(feed(&s, 5 + SIGMA * normal()), TM_DETECTOR_REGRESSED);
        returned = s.result.returned;
    }
    assert_true(returned && !s.result.open);
    assert_int_equal(nights(&s, 60, 5, TM_DETECTOR_REGRESSED), 0);
    assert_in_range(alarm_within(&s, 5, 5 + log(1.4)), 2, 5);
}

/* Back before the new level had values enough to be judged by: the gate must not stay red for it. */
static void a_short_regression_closes(void **state)
{
    (void)state;
    for (int bad = 2; bad <= 8; bad++) {
        struct series s;
        int closed = 0;
        start(&s, 40 + (uint64_t)bad, 0.5);
        nights(&s, 50, 5, TM_DETECTOR_QUIET);
        assert_int_equal(nights(&s, bad, 5 + log(1.5), TM_DETECTOR_REGRESSED), 1);
        assert_true(s.result.open);
        for (int i = 1; i <= 20 && !closed; i++) {
            assert_int_not_equal(feed(&s, 5 + SIGMA * normal()), TM_DETECTOR_REGRESSED);
            closed = s.result.open ? 0 : i;
        }
        if (closed == 0 || closed > TM_DETECTOR_NEWEST)
            fail_msg("%d bad nights: closed on night %d of the return", bad, closed);
    }
}

static void a_second_step_while_open(void **state)
{
    struct series s;
    (void)state;
    start(&s, 15, 0.5);
    nights(&s, 50, 5, TM_DETECTOR_QUIET);
    assert_in_range(alarm_within(&s, 5, 5 + log(1.4)), 2, 5);
    nights(&s, 25, 5 + log(1.4), TM_DETECTOR_QUIET);
    assert_in_range(alarm_within(&s, 5, 5 + log(2)), 2, 5);
    assert_true(s.result.open && fabs(s.state.old_median - 5) < SIGMA);
    /* half way back is not back */
    nights(&s, 25, 5 + log(1.4), TM_DETECTOR_QUIET);
    assert_true(s.result.open);
    nights(&s, 25, 5, TM_DETECTOR_QUIET);
    assert_false(s.result.open);
}

static void series_without_noise(void **state)
{
    static const double levels[] = {0, -13.8, 5, 700};
    const double *level;
    (void)state;
    EACH(level, levels)
    {
        struct series s;
        start(&s, 16, 1);
        for (int i = 0; i < 100; i++) {
            enum tm_detector_class class = feed(&s, *level);
            assert_int_equal(class, i < TM_DETECTOR_NEEDED ? TM_DETECTOR_TOO_FEW : TM_DETECTOR_QUIET);
            assert_true(isfinite(s.result.z) && isfinite(s.result.evidence) && isfinite(s.result.scale));
        }
        assert_int_equal(feed(&s, *level + log(1.03)), TM_DETECTOR_QUIET); /* below what anybody minds */
        feed(&s, *level);
        assert_int_equal(feed(&s, *level + log(1.5)), TM_DETECTOR_SUSPECT);
        assert_int_equal(feed(&s, *level + log(1.5)), TM_DETECTOR_REGRESSED);
        assert_true(fabs(s.result.effect - log(1.5)) < 1e-9);
    }
}

static void too_few_runs_are_not_judged(void **state)
{
    struct series s;
    (void)state;
    start(&s, 17, 1);
    for (int i = 0; i < TM_DETECTOR_NEEDED; i++) {
        assert_int_equal(feed(&s, i), TM_DETECTOR_TOO_FEW);
        assert_int_equal(s.result.n, i + 1);
        assert_false(s.result.open);
    }
    assert_int_not_equal(feed(&s, 0), TM_DETECTOR_TOO_FEW);
}

static void a_smaller_budget_needs_more(void **state)
{
    static const double budgets[] = {0.01, 0.1, 0.5, 0.999, 1, 1.001, 2, 10, 1000};
    double before = INFINITY;
    (void)state;
    for (size_t i = 0; i < sizeof budgets / sizeof *budgets; i++) {
        double threshold = tm_detector_params_for(budgets[i]).threshold;
        assert_true(threshold > 0 && threshold < before);
        before = threshold;
    }
    assert_true(fabs(tm_detector_params_for(1 + 1e-9).threshold - tm_detector_params_for(1).threshold) < 1e-6);
}

/* Equal to the last bit, NAN or not */
static bool equal(double a, double b)
{
    return !(a < b) && !(a > b);
}

static bool same(const struct tm_detector_result *a, const struct tm_detector_result *b)
{
    return a->class == b->class && a->kind == b->kind && a->run_wide == b->run_wide && a->open == b->open &&
           a->returned == b->returned && a->k == b->k && a->n == b->n && equal(a->effect, b->effect) &&
           equal(a->evidence, b->evidence) && equal(a->needed, b->needed) && equal(a->common, b->common) && equal(a->z, b->z) &&
           equal(a->percentile, b->percentile) && equal(a->median, b->median) && equal(a->scale, b->scale);
}

/* Saved and restored as bytes after every night, a series says the same; nothing is kept elsewhere. */
static void state_is_all_there_is(void **state)
{
    struct series whole, pieces;
    unsigned char stored[sizeof(struct tm_detector)];
    (void)state;
    start(&whole, 18, 1);
    pieces = whole;
    memset(stored, 0, sizeof stored);
    for (int i = 0; i < LONGEST; i++) {
        double y = 5 + SIGMA * normal() + (i > 60 ? log(1.3) : 0) - (i > 120 ? log(1.3) : 0) +
                   (i > 200 ? log(1.2) * fmin(1, (i - 200) / 20.0) : 0) + (uniform() < 0.03 ? uniform() : 0);
        double common = i % 17 == 0 ? log(1.2) : 0;
        tm_detector_step(&whole.state, &whole.params, y + common, common, &whole.result);
        memset(&pieces.state, 0xa5, sizeof pieces.state);
        memcpy(&pieces.state, stored, sizeof stored);
        tm_detector_step(&pieces.state, &pieces.params, y + common, common, &pieces.result);
        memcpy(stored, &pieces.state, sizeof stored);
        assert_true(same(&whole.result, &pieces.result));
    }
}

/* ---- whole nights ---- */

struct entry {
    struct tm_detector_params params;
    double y;
    struct tm_detector_result result;
};

struct crowd {
    struct tm_detector states[CROWD];
    struct entry entries[CROWD];
    struct tm_night_facts facts;
    bool run_wide_alarm;
    bool host; /* may a slow host be behind it? */
};

static void start_crowd(struct crowd *c, uint64_t with)
{
    seed = with;
    memset(c, 0, sizeof *c);
    c->host = true;
}

static struct tm_voter voter_of(const struct crowd *c, int i)
{
    return (struct tm_voter){c->entries[i].y, c->entries[i].y - c->states[i].median, c->states[i].scale};
}

/* What the judge does with one metric: the run's part first, then each of the first n series. */
static void judge_night(struct crowd *c, int n)
{
    struct tm_voter voters[CROWD];
    bool votes[CROWD];
    c->facts = (struct tm_night_facts){0};
    for (int i = 0; i < n; i++) {
        votes[i] = c->states[i].n_base >= TM_DETECTOR_NEEDED;
        voters[c->facts.judged] = voter_of(c, i);
        if (votes[i])
            tm_night_count(&c->facts, &voters[c->facts.judged]);
    }
    if (c->host && tm_night_has_moved(&c->facts))
        tm_night_find_factor(&c->facts, voters);
    for (int i = 0; i < n; i++) {
        struct entry *e = &c->entries[i];
        double common = votes[i] ? tm_common_part(voter_of(c, i).ratio, c->facts.factor) : 0;
        tm_detector_step(&c->states[i], &e->params, e->y, common, &e->result);
        c->facts.together += e->result.class == TM_DETECTOR_REGRESSED && (e->result.run_wide || !c->host);
    }
    c->run_wide_alarm = tm_is_run_wide(c->facts.together, c->facts.judged);
}

/* One night in which plugin i is shift[i] (NULL: nothing) beyond its level, and all are `common` beyond. */
static int night(struct crowd *c, double budget, double common, const double *shift)
{
    int alarms = 0;
    for (int i = 0; i < CROWD; i++)
        c->entries[i] =
            (struct entry){.params = tm_detector_params_for(budget), .y = i + common + (shift ? shift[i] : 0) + SIGMA * normal()};
    judge_night(c, CROWD);
    for (int i = 0; i < CROWD; i++)
        alarms += c->entries[i].result.class == TM_DETECTOR_REGRESSED;
    return alarms;
}

static void quiet_nights(struct crowd *c, int n)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(night(c, 0.5, 0, NULL), 0);
        assert_true(fabs(c->facts.factor) < 1e-12 && !c->run_wide_alarm);
    }
}

static void slow_nights_raise_nothing(void **state)
{
    static const double slow[] = {0.1, 0.18, 0.4, -0.2, 1};
    struct crowd c;
    (void)state;
    start_crowd(&c, 21);
    quiet_nights(&c, 40);
    for (size_t i = 0; i < sizeof slow / sizeof *slow; i++) {
        assert_int_equal(night(&c, 0.5, log1p(slow[i]), NULL), 0);
        assert_true(fabs(c.facts.factor - log1p(slow[i])) < SIGMA);
        assert_int_equal(slow[i] > 0 ? c.facts.slow : c.facts.fast, CROWD);
        assert_int_equal(c.facts.judged, CROWD);
        for (int j = 0; j < CROWD; j++)
            assert_int_not_equal(c.entries[j].result.class, TM_DETECTOR_SUSPECT);
        quiet_nights(&c, 5);
    }
    for (int i = 0; i < 4; i++) /* four in a row are still no change */
        assert_int_equal(night(&c, 0.5, log(1.3), NULL), 0);
    quiet_nights(&c, 20);
}

static void a_regression_shows_behind_a_slow_night(void **state)
{
    double shift[CROWD] = {0};
    struct crowd c;
    (void)state;
    start_crowd(&c, 22);
    quiet_nights(&c, 40);
    shift[3] = log(1.5);
    night(&c, 0.5, 0, shift);
    assert_int_equal(night(&c, 0.5, log(1.25), shift), 1);
    assert_int_equal(c.entries[3].result.class, TM_DETECTOR_REGRESSED);
    assert_true(fabs(c.entries[3].result.effect - log(1.5)) < 3 * SIGMA);
    assert_true(fabs(c.entries[3].result.common - log(1.25)) < 2 * SIGMA);
}

static void a_lasting_shift_alarms_once(void **state)
{
    struct crowd c;
    int alarms = 0, held_alarm = 0;
    (void)state;
    start_crowd(&c, 23);
    quiet_nights(&c, 40);
    for (int i = 1; i <= 40; i++) {
        night(&c, 0.5, log(1.25), NULL);
        alarms += c.run_wide_alarm;
        if (c.run_wide_alarm)
            held_alarm = i;
    }
    assert_int_equal(alarms, 1);
    assert_int_equal(held_alarm, TM_DETECTOR_PATIENT);
    for (int i = 0; i < CROWD; i++)
        assert_true(c.states[i].open && fabs(c.states[i].old_median - i) < SIGMA);
    for (int i = 0; i < 40; i++) {
        night(&c, 0.5, 0, NULL);
        assert_false(c.run_wide_alarm);
    }
    for (int i = 0; i < CROWD; i++)
        assert_false(c.states[i].open);
}

/* A clean step in k of ten plugins, for any k and by much or little: told on its second night, of
 * those plugins alone, and dated right. */
static void a_crowd_alarms_on_its_second_night(void **state)
{
    int told = 0, right = 0, covered = 0, of = 0;
    (void)state;
    for (int k = 1; k <= CROWD / 2; k++)
        for (int turn = 0; turn < 20; turn++) {
            double shift[CROWD] = {0};
            struct crowd c;
            start_crowd(&c, 100 * (uint64_t)k + (uint64_t)turn);
            for (int i = 0; i < 40 + turn % 6; i++) /* whatever is waiting when it comes */
                night(&c, 0.5, 0, NULL);
            for (int i = 0; i < k; i++)
                shift[i] = log(turn % 2 ? 2 : 1.5);
            assert_int_equal(night(&c, 0.5, 0, shift), 0);
            assert_true(fabs(c.facts.factor) < 1e-12);
            night(&c, 0.5, 0, shift);
            for (int i = 0; i < CROWD; i++) {
                const struct tm_detector_result *result = &c.entries[i].result;
                bool alarm = result->class == TM_DETECTOR_REGRESSED;
                of += i < k;
                told += alarm && i < k;
                right += alarm && result->since == 2;
                covered += alarm && result->earliest >= 2 && result->latest <= 2;
                assert_true(!alarm || i < k);
            }
        }
    print_message("told %d, dated right %d, covered %d of %d\n", told, right, covered, of);
    assert_true(told >= of * 98 / 100 && right >= told * 95 / 100 && covered >= told * 99 / 100);
}

/* What a host cannot slow: all ten on their second night, as one alarm; and nothing is taken off. */
static void what_no_host_can_slow_alarms_at_once(void **state)
{
    static const double rises[] = {1.3, 1.5, 3};
    (void)state;
    for (size_t r = 0; r < sizeof rises / sizeof *rises; r++) {
        struct crowd c;
        start_crowd(&c, 30 + r);
        c.host = false;
        quiet_nights(&c, 40);
        assert_int_equal(night(&c, 0.5, log(rises[r]), NULL), 0);
        assert_true(fabs(c.facts.factor) < 1e-12);
        for (int i = 0; i < CROWD; i++)
            assert_int_equal(c.entries[i].result.class, TM_DETECTOR_SUSPECT);
        assert_int_equal(night(&c, 0.5, log(rises[r]), NULL), CROWD);
        assert_true(c.run_wide_alarm && fabs(c.facts.factor) < 1e-12);
    }
}

/* Half of them slower and half not, or all of them by quite different shares: no host. Twelve
 * percent in all: a host. */
static void a_host_moves_all_alike(void **state)
{
    double shift[CROWD] = {0};
    struct crowd c;
    (void)state;
    start_crowd(&c, 41);
    quiet_nights(&c, 40);
    for (int i = 0; i < CROWD / 2; i++)
        shift[i] = log(2);
    night(&c, 0.5, 0, shift);
    assert_true(fabs(c.facts.factor) < 1e-12);
    start_crowd(&c, 42);
    quiet_nights(&c, 40);
    for (int i = 0; i < CROWD; i++)
        shift[i] = log(1.1) * (1 << i % 4);
    night(&c, 0.5, 0, shift);
    assert_true(fabs(c.facts.factor) < 1e-12);
    start_crowd(&c, 43);
    quiet_nights(&c, 40);
    for (int i = 0; i < CROWD; i++)
        shift[i] = log(1.12) * (0.9 + 0.02 * i);
    night(&c, 0.5, 0, shift);
    assert_true(fabs(c.facts.factor - log(1.12)) < SIGMA);
}

static void empty_and_small_nights(void **state)
{
    struct crowd c;
    (void)state;
    start_crowd(&c, 27);
    judge_night(&c, 0);
    assert_int_equal(c.facts.judged, 0);
    assert_false(c.run_wide_alarm);
    for (int i = 0; i < 30; i++) {
        for (int j = 0; j < 2; j++)
            c.entries[j] = (struct entry){.params = tm_detector_params_for(0.5), .y = j + (i == 29 ? 0.5 : 0) + SIGMA * normal()};
        judge_night(&c, 2);
        assert_true(fabs(c.facts.factor) < 1e-12); /* two cannot tell the run from themselves */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_caught),
        cmocka_unit_test(a_step_on_a_short_history),
        cmocka_unit_test(drifts_are_caught),
        cmocka_unit_test(a_spike_is_a_suspect),
        cmocka_unit_test(spikes_that_return_never_alarm),
        cmocka_unit_test(improvements_are_no_alarm),
        cmocka_unit_test(the_end_of_a_young_improvement_is_no_alarm),
        cmocka_unit_test(a_return_closes),
        cmocka_unit_test(a_short_regression_closes),
        cmocka_unit_test(a_second_step_while_open),
        cmocka_unit_test(series_without_noise),
        cmocka_unit_test(too_few_runs_are_not_judged),
        cmocka_unit_test(a_smaller_budget_needs_more),
        cmocka_unit_test(state_is_all_there_is),
        cmocka_unit_test(slow_nights_raise_nothing),
        cmocka_unit_test(a_regression_shows_behind_a_slow_night),
        cmocka_unit_test(a_lasting_shift_alarms_once),
        cmocka_unit_test(a_crowd_alarms_on_its_second_night),
        cmocka_unit_test(what_no_host_can_slow_alarms_at_once),
        cmocka_unit_test(a_host_moves_all_alike),
        cmocka_unit_test(empty_and_small_nights),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
