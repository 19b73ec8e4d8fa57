/* What an alarm is worth where it is known what happened. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "analyze/evaluation.h"

enum { MOST = 6, RUNS = 100 };

/* One history of 100 runs: what happened, what was called, and what comes of it. Positions of alarms end with 0. */
static const struct {
    const char *name;
    struct tm_event events[3];
    size_t n_events;
    int alarms[MOST], metric; /* of all alarms */
    size_t regressions, caught, false_alarms, judged;
    int delay;
} rows[] = {
    {"nothing happened, nothing was called", {{0}}, 0, {0}, 0, 0, 0, 0, 72, -1},
    {"an alarm without a cause", {{0}}, 0, {50}, 0, 0, 0, 1, 72, -1},
    {"in the warm-up and in the last runs nothing counts", {{0}}, 0, {19, 92, 99}, 0, 0, 0, 0, 72, -1},
    {"the first and the last run that count", {{0}}, 0, {20, 91}, 0, 0, 0, 2, 72, -1},
    {"alarms in a row are one", {{0}}, 0, {50, 51, 55, 60, 66}, 0, 0, 0, 2, 72, -1},
    {"a step at once", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {40}, 0, 1, 1, 0, 57, 0},
    {"a step at the last run of the bound", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {45}, 0, 1, 1, 0, 57, 5},
    {"too late for the step, and not false", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {46, 52}, 0, 1, 0, 0, 57, -1},
    {"false again", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {46, 53, 60}, 0, 1, 0, 2, 57, -1},
    {"a little early", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {38}, 0, 1, 0, 0, 57, -1},
    {"too early", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {37}, 0, 1, 0, 1, 57, -1},
    {"the first of several catches", {{TM_EVENT_STEP, -1, 40, 40, 0}}, 1, {42, 44}, 0, 1, 1, 0, 57, 2},
    {"one alarm for two steps", {{TM_EVENT_STEP, -1, 40, 40, 0}, {TM_EVENT_STEP, -1, 42, 42, 1}}, 2, {43}, 0, 2, 2, 0, 55, 3},
    {"a drift, up to its end and the bound", {{TM_EVENT_DRIFT, -1, 40, 60, 0}}, 1, {65}, 0, 1, 1, 0, 37, -1},
    {"a drift before its start", {{TM_EVENT_DRIFT, -1, 40, 60, 0}}, 1, {39}, 0, 1, 0, 0, 37, -1},
    {"gray counts neither way", {{TM_EVENT_GRAY, -1, 40, 49, 0}}, 1, {40, 49}, 0, 0, 0, 0, 62, -1},
    {"gray ends", {{TM_EVENT_GRAY, -1, 40, 49, 0}}, 1, {39, 50}, 0, 0, 0, 2, 62, -1},
    {"an alarm that follows a gray one", {{TM_EVENT_GRAY, -1, 40, 49, 0}}, 1, {49, 54, 60}, 0, 0, 0, 1, 62, -1},
    {"a step in the warm-up is none, but its time is not judged",
     {{TM_EVENT_STEP, -1, 15, 15, 0}},
     1,
     {24, 30},
     0,
     0,
     0,
     1,
     64,
     -1},
    {"a step in the last runs is none", {{TM_EVENT_STEP, -1, 92, 92, 0}}, 1, {93}, 0, 0, 0, 0, 70, -1},
    {"the metric that the step is about", {{TM_EVENT_STEP, 1, 40, 40, 0}}, 1, {41}, 1, 1, 1, 0, 57, 1},
    {"another metric", {{TM_EVENT_STEP, 1, 40, 40, 0}}, 1, {41}, 0, 1, 0, 0, 57, -1},
};

static void each_alarm_has_its_worth(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tm_event events[3];
        struct tm_alarm alarms[MOST] = {{0}};
        struct tm_known known[3] = {{0}};
        struct tm_history history = {.runs = RUNS, .events = events, .n_events = rows[i].n_events, .alarms = alarms};
        struct tm_score score;
        memcpy(events, rows[i].events, sizeof events);
        for (size_t a = 0; a < MOST && rows[i].alarms[a]; a++) {
            history.alarms[a].position = rows[i].alarms[a];
            history.alarms[a].metric = rows[i].metric;
            history.n_alarms++;
        }
        for (size_t k = 0; k < rows[i].n_events; k++)
            known[events[k].known].kind = events[k].kind;
        assert_int_equal(tm_evaluate(&history, 1, known, rows[i].n_events, 0, 5, &score), 0);
        if (score.regressions != rows[i].regressions || score.caught != rows[i].caught ||
            score.false_alarms != rows[i].false_alarms || score.judged != rows[i].judged || score.median_delay != rows[i].delay)
            fail_msg("%s: %zu regressions, %zu caught, %zu false in %zu, delay %d", rows[i].name, score.regressions, score.caught,
                     score.false_alarms, score.judged, score.median_delay);
    }
}

/* Of a night with alarms in several metrics the best counts, in whichever order they come. */
static void one_night_is_one_alarm(void **state)
{
    (void)state;
    for (int first = 0; first < 2; first++) {
        struct tm_event event = {TM_EVENT_STEP, 1, 40, 40, 0};
        struct tm_alarm alarms[] = {
            {.position = 41, .metric = first}, {.position = 41, .metric = !first}, {.position = 60}, {.position = 60}};
        struct tm_known known = {.kind = TM_EVENT_STEP};
        struct tm_history history = {RUNS, &event, 1, alarms, 4};
        struct tm_score score;
        assert_int_equal(tm_evaluate(&history, 1, &known, 1, 0, 5, &score), 0);
        assert_int_equal(score.caught, 1);
        assert_int_equal(score.false_alarms, 1);
        assert_int_equal(alarms[2].worth, TM_ALARM_FALSE);
        assert_int_equal(alarms[3].worth, TM_ALARM_FOLLOWS);
    }
}

/* Four plugins, of which the first `changed` have a step at 40; an alarm of the whole run at 42. */
static const struct {
    const char *name;
    size_t changed, caught, false_alarms;
} whole_runs[] = {
    {"nobody changed", 0, 0, 4},
    {"one of four changed: it is not caught", 1, 0, 3},
    {"half of them changed: caught, and nobody is told wrongly", 2, 2, 0},
    {"all changed", 4, 4, 0},
};

static void a_whole_run_is_right_for_half_of_its_plugins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof whole_runs / sizeof *whole_runs; i++) {
        struct tm_event events[4];
        struct tm_alarm alarms[4];
        struct tm_known known[4] = {{0}};
        struct tm_history histories[4];
        struct tm_score score;
        for (size_t h = 0; h < 4; h++) {
            events[h] = (struct tm_event){TM_EVENT_STEP, -1, 40, 40, h};
            alarms[h] = (struct tm_alarm){.position = 42, .whole_run = 1};
            histories[h] = (struct tm_history){RUNS, &events[h], h < whole_runs[i].changed, &alarms[h], 1};
        }
        assert_int_equal(tm_evaluate(histories, 4, known, 4, 1, 5, &score), 0);
        if (score.caught != whole_runs[i].caught || score.false_alarms != whole_runs[i].false_alarms)
            fail_msg("%s: %zu caught, %zu false", whole_runs[i].name, score.caught, score.false_alarms);
    }
}

/* One known change in four plugins, caught in the first of them after so many runs (-1: not). */
static const struct {
    const char *name;
    int after[4], delay; /* -1: missed */
} changes_of_runs[] = {
    {"in none", {-1, -1, -1, -1}, -1}, {"in one", {2, -1, -1, -1}, -1}, {"in half, when the second was", {1, 4, -1, -1}, 4},
    {"in three", {3, 0, 5, -1}, 3},    {"in all", {5, 5, 5, 0}, 5},
};

static void a_change_of_a_whole_run_is_caught_in_half_of_its_plugins(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof changes_of_runs / sizeof *changes_of_runs; i++) {
        struct tm_event events[4];
        struct tm_alarm alarms[4];
        struct tm_known known = {.kind = TM_EVENT_STEP};
        struct tm_history histories[4];
        struct tm_score score;
        for (size_t h = 0; h < 4; h++) {
            events[h] = (struct tm_event){TM_EVENT_STEP, -1, 40, 40, 0};
            alarms[h] = (struct tm_alarm){.position = 40 + changes_of_runs[i].after[h]};
            histories[h] = (struct tm_history){RUNS, &events[h], 1, &alarms[h], changes_of_runs[i].after[h] >= 0};
        }
        assert_int_equal(tm_evaluate(histories, 4, &known, 1, 0, 5, &score), 0);
        assert_int_equal(score.regressions, 1);
        if (score.median_delay != changes_of_runs[i].delay || score.caught != (changes_of_runs[i].delay >= 0))
            fail_msg("%s: %zu caught, after %d", changes_of_runs[i].name, score.caught, score.median_delay);
    }
}

/* Values behind a quiet history; an alarm at one of them. */
static const struct {
    const char *name;
    int before; /* quiet values, of 0 */
    double values[8];
    int n, at;
    enum tm_metric_kind kind;
    bool is_one;
} short_events[] = {
    {"quiet", 50, {0, 0, 0}, 3, 1, TM_METRIC_RATIO, false},
    {"one run", 50, {1, 0, 0, 0}, 4, 0, TM_METRIC_RATIO, false},
    {"two runs, then back", 50, {1, 1, 0, 0}, 4, 1, TM_METRIC_RATIO, true},
    {"two runs, called just after", 50, {1, 1, 0, 0}, 4, 2, TM_METRIC_RATIO, true},
    {"called two runs after", 50, {1, 1, 0, 0}, 4, 3, TM_METRIC_RATIO, false},
    {"three runs, called at the second", 50, {1, 1, 1, 0}, 4, 1, TM_METRIC_RATIO, true},
    {"four runs", 50, {1, 1, 1, 1, 0}, 5, 1, TM_METRIC_RATIO, true},
    {"four runs, called at the last", 50, {1, 1, 1, 1, 0}, 5, 3, TM_METRIC_RATIO, true},
    {"five runs are a level", 50, {1, 1, 1, 1, 1, 0}, 6, 1, TM_METRIC_RATIO, false},
    {"the history ends before it is known", 50, {1, 1, 1}, 3, 1, TM_METRIC_RATIO, false},
    {"within 5 %", 50, {0.04, 0.04, 0}, 3, 1, TM_METRIC_RATIO, false},
    {"just beyond", 50, {0.05, 0.05, 0}, 3, 1, TM_METRIC_RATIO, true},
    {"a count, by one", 50, {0.01, 0.01, 0}, 3, 1, TM_METRIC_ERRORS, true},
    {"too short a past", 19, {1, 1, 0}, 3, 1, TM_METRIC_RATIO, false},
    {"long enough", 20, {1, 1, 0}, 3, 1, TM_METRIC_RATIO, true},
};

static void short_events_come_and_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof short_events / sizeof *short_events; i++) {
        double y[60] = {0};
        struct tm_short_event event;
        memcpy(y + short_events[i].before, short_events[i].values, sizeof short_events[i].values);
        tm_short_event_begin(&event, y, short_events[i].before + short_events[i].at + 1, short_events[i].kind);
        for (int k = short_events[i].at + 1; k < short_events[i].n; k++)
            tm_short_event_go_on(&event, short_events[i].values[k]);
        if (event.over != short_events[i].is_one)
            fail_msg("%s: %d", short_events[i].name, event.over);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_alarm_has_its_worth),
        cmocka_unit_test(one_night_is_one_alarm),
        cmocka_unit_test(a_whole_run_is_right_for_half_of_its_plugins),
        cmocka_unit_test(a_change_of_a_whole_run_is_caught_in_half_of_its_plugins),
        cmocka_unit_test(short_events_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
