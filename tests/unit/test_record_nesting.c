/* Calls inside of calls: whose time it is, what jumps out of them leave behind, and calls that end in no order. */
#include <setjmp.h>

#include "tests/unit/one_thread.h"

static void test_self_times(void **state)
{
    struct tm_rec_call outer, inner;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("outer", NULL), *b = tm_rec_register("inner", NULL);
    for (int i = 0; i < 3; i++) {
        tm_rec_begin(&outer, a);
        tm_rec_begin(&inner, b);
        burn_ms(1);
        tm_rec_end(&inner, TM_REC_OK);
        burn_ms(0.1);
        tm_rec_end(&outer, TM_REC_OK);
    }
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_rec_entry *o = entry_of(snapshot, "outer"), *i = entry_of(snapshot, "inner");
    assert_true(o->self_wall_ns + i->profile.wall_ns == o->profile.wall_ns);
    assert_true(o->self_cpu_ns + i->profile.cpu_ns == o->profile.cpu_ns);
    assert_true(i->self_wall_ns == i->profile.wall_ns && i->self_cpu_ns == i->profile.cpu_ns);
    assert_true(i->profile.wall_ns >= 3e6);
    for (size_t r = 0; r < i->profile.n_readings; r++) /* a busy machine may preempt it */
        assert_string_equal(i->profile.readings[r].metric, "preempted_ms");
    assert_true(o->profile.n_readings >= 2);
    assert_string_equal(o->profile.readings[0].metric, "self_wall_per_call_ms");
    assert_string_equal(o->profile.readings[1].metric, "self_cpu_per_call_ms");
    assert_true(fabs(o->profile.readings[0].value - o->self_wall_ns / 3e6) < 1e-9);
    tm_rec_snapshot_free(snapshot);
}

/* alpha -> beta -> alpha: two calls of alpha, its time once. */
static void test_recursion(void **state)
{
    struct tm_rec_call first, second, third;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_begin(&first, a);
    tm_rec_begin(&second, b);
    tm_rec_begin(&third, a);
    burn_ms(1);
    tm_rec_end(&third, TM_REC_OK);
    burn_ms(1);
    tm_rec_end(&second, TM_REC_OK);
    burn_ms(1);
    tm_rec_end(&first, TM_REC_OK);
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    const struct tm_rec_entry *alpha = entry_of(snapshot, "alpha"), *beta = entry_of(snapshot, "beta");
    assert_int_equal(alpha->profile.calls, 2);
    assert_true(alpha->profile.wall_ns == alpha->profile.wall_max_ns);
    assert_true(alpha->profile.wall_ns > beta->profile.wall_ns);
    assert_true(alpha->self_wall_ns + beta->self_wall_ns == alpha->profile.wall_ns);
    assert_true(alpha->self_cpu_ns + beta->self_cpu_ns == alpha->profile.cpu_ns);
    tm_rec_snapshot_free(snapshot);
    call_once(a, TM_REC_OK); /* and afterwards it counts again */
    assert_true(seen("alpha")->profile.wall_ns > seen("alpha")->profile.wall_max_ns);
}

static void test_deep_recursion(void **state)
{
    enum { DEPTH = 500 };
    struct tm_rec_call calls[DEPTH];
    (void)state;
    tm_rec_plugin *plugin = tm_rec_register("alpha", NULL);
    for (int i = 0; i < DEPTH; i++)
        tm_rec_begin(&calls[i], plugin);
    for (int i = DEPTH; i-- > 0;)
        tm_rec_end(&calls[i], TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, DEPTH);
    assert_int_equal(seen("alpha")->profile.errors, 0);
}

static jmp_buf way_out;

static void leave_by_longjmp(tm_rec_plugin *plugin)
{
    struct tm_rec_call calls[3];
    for (int i = 0; i < 3; i++)
        tm_rec_begin(&calls[i], plugin);
    longjmp(way_out, 1);
}

/* What a longjmp has left over ends with the call around it; the memory of those calls may hold anything by then. */
static void test_longjmp(void **state)
{
    struct tm_rec_call outer, after;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("outer", NULL), *b = tm_rec_register("inner", NULL);
    tm_rec_begin(&outer, a);
    if (setjmp(way_out) == 0)
        leave_by_longjmp(b);
    tm_rec_end(&outer, TM_REC_OK);
    tm_rec_begin(&after, a);
    tm_rec_end(&after, TM_REC_OK);
    assert_int_equal(seen("inner")->profile.calls, 3);
    assert_int_equal(seen("inner")->profile.errors, 3);
    assert_int_equal(seen("outer")->profile.calls, 2);
    assert_int_equal(seen("outer")->profile.errors, 0);
    assert_true(seen("outer")->self_wall_ns < seen("outer")->profile.wall_ns);
}

/* Nobody ends it; another call with the same state tells that it is over. */
static void test_longjmp_to_the_top(void **state)
{
    static struct tm_rec_call call;
    volatile int jumps = 0;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL);
    setjmp(way_out);
    tm_rec_begin(&call, a);
    burn_ms(1);
    if (jumps++ < 5)
        longjmp(way_out, 1); /* NOLINT(cert-err52-cpp): that is the question */
    tm_rec_end(&call, TM_REC_OK);
    assert_int_equal(seen("alpha")->profile.calls, 6);
    assert_int_equal(seen("alpha")->profile.errors, 5);
    assert_true(seen("alpha")->profile.cpu_ns > 5.9e6);
    assert_true(seen("alpha")->profile.wall_ns > 5.9e6);
}

/* A task that its own plugin starts at once, and that goes on by itself; and one that goes on inside of its own plugin. */
static void test_recursion_by_steps(void **state)
{
    struct tm_rec_call outer, inner, later;
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_begin(&outer, a);
    tm_rec_begin(&inner, a);
    tm_rec_suspend(&inner);
    tm_rec_end(&outer, TM_REC_OK);
    tm_rec_resume(&inner);
    int64_t from = thread_cpu();
    burn_ms(3);
    double burnt = (double)(thread_cpu() - from);
    tm_rec_end(&inner, TM_REC_OK);
    double alpha = seen("alpha")->profile.cpu_ns;
    assert_true(alpha > 0.97 * burnt && alpha < burnt + 1e6);
    assert_true(seen("alpha")->profile.wall_ns > 2.9e6);
    tm_rec_begin(&later, b);
    tm_rec_suspend(&later);
    tm_rec_begin(&outer, b);
    tm_rec_resume(&later);
    from = thread_cpu();
    burn_ms(3);
    burnt = (double)(thread_cpu() - from);
    tm_rec_end(&later, TM_REC_OK);
    tm_rec_end(&outer, TM_REC_OK);
    double beta = seen("beta")->profile.cpu_ns;
    assert_true(beta > 0.97 * burnt && beta < burnt + 1e6);
}

static void test_misuse(void **state)
{
    struct tm_rec_call call, other, none = {0};
    (void)state;
    tm_rec_plugin *a = tm_rec_register("alpha", NULL), *b = tm_rec_register("beta", NULL);
    tm_rec_end(&none, TM_REC_OK);
    tm_rec_suspend(&none);
    tm_rec_resume(&none);
    tm_rec_begin(&call, a);
    tm_rec_resume(&call); /* it runs */
    struct tm_rec_call copy = call;
    tm_rec_end(&call, TM_REC_OK);
    tm_rec_end(&call, TM_REC_OK);
    tm_rec_end(&copy, TM_REC_OK);
    tm_rec_suspend(&copy);
    tm_rec_begin(&call, a);
    tm_rec_suspend(&call);
    tm_rec_suspend(&call);
    tm_rec_begin(&other, b);
    tm_rec_resume(&call);
    tm_rec_suspend(&other); /* from the middle */
    tm_rec_resume(&other);
    tm_rec_suspend(&call);
    tm_rec_end(&other, TM_REC_OK);
    tm_rec_end(&call, TM_REC_OK); /* while suspended */
    assert_int_equal(seen("alpha")->profile.calls, 2);
    assert_int_equal(seen("beta")->profile.calls, 1);
    assert_int_equal(seen("alpha")->profile.errors + seen("beta")->profile.errors, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON(test_self_times),         BEST(test_self_times),       ON(test_recursion),
        BEST(test_recursion),        ON(test_deep_recursion),     ON(test_longjmp),
        ON(test_longjmp_to_the_top), ON(test_recursion_by_steps), ON(test_misuse),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
