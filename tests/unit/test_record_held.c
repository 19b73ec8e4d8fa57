/* Calls that are ready, and held by others on their thread. */
#include "record/clock.h"
#include "tests/unit/one_thread.h"

/* NAN: it has none. */
static double reading(const char *plugin, const char *metric)
{
    const struct tm_profile *profile = &seen(plugin)->profile;
    for (size_t i = 0; i < profile->n_readings; i++)
        if (strcmp(profile->readings[i].metric, metric) == 0)
            return profile->readings[i].value;
    return NAN;
}

static void block(const char *name, int64_t ms)
{
    struct tm_rec_call call;
    tm_rec_begin(&call, tm_rec_register(name, NULL));
    wait_ms(ms);
    tm_rec_end(&call, TM_REC_OK);
}

/* due_ms: of a timer from now on; negative: none. */
static void suspend(struct tm_rec_call *call, const char *name, double due_ms)
{
    tm_rec_begin(call, tm_rec_register(name, NULL));
    if (due_ms >= 0)
        tm_rec_due((double)tm_nanoseconds(CLOCK_MONOTONIC) / 1e9 + due_ms / 1e3);
    tm_rec_suspend(call);
}

static void go_on(struct tm_rec_call *call)
{
    tm_rec_resume(call);
    tm_rec_end(call, TM_REC_OK);
}

/* This thread is idle only when it says so: a busy machine may take its processor at any time. */
static void tell(void)
{
    block("first", 0);
    tm_rec_waits();
}

static void test_held_by_another(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tell();
    suspend(&call, "held", -1);
    block("short", 2); /* far from the other one: a busy machine may make it longer */
    block("blocker", 80);
    go_on(&call);
    double held = reading("held", "held_ms");
    assert_true(held >= 82 && held <= seen("held")->profile.wall_ns / 1e6);
    assert_true(reading("blocker", "held_others_ms") >= 80 && reading("blocker", "held_others_ms") <= held);
    assert_true(isnan(reading("short", "held_others_ms")) && isnan(reading("blocker", "held_ms")));
}

/* What was ready before the thread was idle has had its turn. */
static void test_an_idle_thread_holds_nobody(void **state)
{
    struct tm_rec_call call;
    (void)state;
    suspend(&call, "held", -1);
    block("blocker", 20);
    wait_ms(10);
    go_on(&call);
    assert_true(isnan(reading("held", "held_ms")));
}

static void test_who_tells_is_idle_when_it_says(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tell();
    suspend(&call, "held", -1);
    block("blocker", 20);
    wait_ms(10); /* the host's, not idle */
    go_on(&call);
    assert_true(reading("held", "held_ms") >= 20);
    int64_t began = tm_rec_waits();
    suspend(&call, "later", -1);
    block("blocker", 20);
    wait_ms(1);
    tm_rec_waited(began);
    go_on(&call);
    assert_true(isnan(reading("later", "held_ms")));
}

static void test_from_when_a_timer_is_due(void **state)
{
    struct tm_rec_call call, early;
    (void)state;
    tell();
    suspend(&call, "timer", 20);
    suspend(&early, "early", 1000);
    block("blocker", 50);
    go_on(&call);
    go_on(&early); /* woken by something else than its timer */
    double held = reading("timer", "held_ms");
    assert_true(held >= 29 && held <= seen("timer")->profile.wall_ns / 1e6 - 19);
    assert_true(reading("early", "held_ms") >= 50);
}

static void test_own_calls_hold_nobody(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tell();
    suspend(&call, "same", -1);
    block("same", 20);
    go_on(&call);
    assert_true(isnan(reading("same", "held_ms")) && isnan(reading("same", "held_others_ms")));
}

/* Of a call and the one inside it that took most of it, the inner one is to blame. */
static void test_the_innermost_is_to_blame(void **state)
{
    struct tm_rec_call call, outer;
    (void)state;
    tell();
    suspend(&call, "held", -1);
    tm_rec_begin(&outer, tm_rec_register("router", NULL));
    block("inner", 20);
    tm_rec_end(&outer, TM_REC_OK);
    go_on(&call);
    assert_true(reading("inner", "held_others_ms") >= 19);
    assert_true(isnan(reading("router", "held_others_ms")));
}

/* What awaits another one is suspended with it, inside of its step, and goes on inside of the next one. */
static void test_a_call_inside_is_not_held_by_its_caller(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tell();
    tm_rec_begin(&outer, tm_rec_register("outer", NULL));
    wait_ms(20);
    suspend(&inner, "inner", -1);
    tm_rec_suspend(&outer);
    tm_rec_resume(&outer);
    go_on(&inner);
    tm_rec_end(&outer, TM_REC_OK);
    /* Of 20 ms none: what a busy machine makes of switching is less. */
    assert_true(!(reading("inner", "held_ms") >= 10) && !(reading("outer", "held_others_ms") >= 10));
}

/* The caller's step goes on after the call inside has given the thread back. */
static void test_held_by_the_rest_of_a_step(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tell();
    tm_rec_begin(&outer, tm_rec_register("outer", NULL));
    wait_ms(20);
    suspend(&inner, "inner", -1);
    wait_ms(10);
    tm_rec_end(&outer, TM_REC_OK);
    go_on(&inner);
    assert_true(reading("inner", "held_ms") >= 9 && reading("inner", "held_ms") <= seen("inner")->profile.wall_ns / 1e6);
}

static void test_who_was_done_before_is_not_to_blame(void **state)
{
    struct tm_rec_call call;
    (void)state;
    tell();
    block("before", 20);
    suspend(&call, "held", -1);
    block("short", 5);
    go_on(&call);
    assert_true(reading("held", "held_ms") >= 5 && isnan(reading("before", "held_others_ms")));
}

static void test_due_at_any_time(void **state)
{
    const double times[] = {-1e300, -INFINITY, INFINITY, NAN, 1e300};
    (void)state;
    tell();
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        struct tm_rec_call call;
        char name[] = {'p', (char)('0' + i), 0};
        tm_rec_begin(&call, tm_rec_register(name, NULL));
        tm_rec_due(times[i]);
        tm_rec_suspend(&call);
        block("blocker", 5);
        go_on(&call);
        assert_true(reading(name, "held_ms") >= 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_held_by_another),
        ON(test_an_idle_thread_holds_nobody),
        ON(test_who_tells_is_idle_when_it_says),
        ON(test_from_when_a_timer_is_due),
        ON(test_own_calls_hold_nobody),
        ON(test_the_innermost_is_to_blame),
        ON(test_a_call_inside_is_not_held_by_its_caller),
        ON(test_held_by_the_rest_of_a_step),
        ON(test_who_was_done_before_is_not_to_blame),
        ON(test_due_at_any_time),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
