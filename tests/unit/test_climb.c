/* Step or climb: known courses, and how often noise makes one look like the other. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "report/findings/symptoms.h"

enum { N = 60, TRIES = 400 };

static uint64_t random_state;

/* Roughly normal, deviation 1. */
static double noise(void)
{
    double sum = 0;
    for (int i = 0; i < 12; i++) {
        random_state = random_state * 6364136223846793005u + 1442695040888963407u;
        sum += (double)(random_state >> 11) / (double)(1ull << 53);
    }
    return sum - 6;
}

/* From 0 to 1 between the values `first` and `last`. */
static void course(double *y, size_t n, size_t first, size_t last, double scale)
{
    for (size_t i = 0; i < n; i++) {
        double part = i <= first ? 0 : i >= last ? 1 : (double)(i - first) / (double)(last - first);
        y[i] = part + scale * noise();
    }
}

/* The same with a level between. */
static void two_steps(double *y, size_t n, size_t first, size_t last, double between, double scale)
{
    for (size_t i = 0; i < n; i++)
        y[i] = (i <= first ? 0 : i >= last ? 1 : between) + scale * noise();
}

static void known_courses(void **state)
{
    static const struct {
        const char *name;
        size_t n, first, last;
        bool climbs;
    } rows[] = {{"step", N, 29, 30, false},      {"step near the end", N, 57, 58, false}, {"three runs", N, 20, 23, false},
                {"eight runs", N, 20, 28, true}, {"twenty runs", N, 20, 40, true},        {"to the end", N, 30, 59, true},
                {"all of it", N, 0, 59, true},   {"few values", 12, 2, 10, false},        {"just enough", 13, 2, 10, true}},
      *row;
    (void)state;
    for (row = rows; row < rows + sizeof rows / sizeof *rows; row++) {
        double y[N];
        struct tm_climb climb = {0};
        course(y, row->n, row->first, row->last, 0);
        if ((tm_find_course(y, row->n, &climb) == TM_CLIMB) != row->climbs)
            fail_msg("%s: %sa climb", row->name, row->climbs ? "not " : "");
        if (row->climbs && (climb.first > row->first + 4 || climb.last + 4 < row->last || !(climb.after > climb.before + 0.7)))
            fail_msg("%s: from %zu to %zu, %g to %g", row->name, climb.first, climb.last, climb.before, climb.after);
    }
}

static void falling_and_constant(void **state)
{
    double y[N];
    struct tm_climb climb;
    (void)state;
    course(y, N, 20, 40, 0);
    for (int i = 0; i < N; i++)
        y[i] = -y[i];
    assert_int_equal(TM_CLIMB, tm_find_course(y, N, &climb));
    assert_true(climb.after < climb.before);
    for (int i = 0; i < N; i++)
        y[i] = 7;
    assert_int_equal(TM_STEP, tm_find_course(y, N, &climb));
    assert_int_equal(TM_STEP, tm_find_course(y, 0, &climb));
}

/* A climb long ago is not looked at. */
static void only_the_newest(void **state)
{
    double y[2 * TM_CLIMB_MOST];
    struct tm_climb climb;
    (void)state;
    course(y, 2 * TM_CLIMB_MOST, 20, 50, 0);
    assert_int_equal(TM_STEP, tm_find_course(y, 2 * TM_CLIMB_MOST, &climb));
    course(y, 2 * TM_CLIMB_MOST, TM_CLIMB_MOST + 20, TM_CLIMB_MOST + 50, 0);
    assert_int_equal(TM_CLIMB, tm_find_course(y, 2 * TM_CLIMB_MOST, &climb));
}

static int count_of(enum tm_course wanted, double between, size_t first, size_t last, double scale)
{
    int n = 0;
    random_state = 1;
    for (int i = 0; i < TRIES; i++) {
        double y[N];
        struct tm_climb climb;
        if (between > 0)
            two_steps(y, N, first, last, between, scale);
        else
            course(y, N, first, last, scale);
        n += tm_find_course(y, N, &climb) == wanted;
    }
    return n;
}

static void noise_makes_few_mistakes(void **state)
{
    (void)state;
    assert_in_range(count_of(TM_STEP, 0, 29, 30, 0.05), TRIES, TRIES);
    assert_in_range(count_of(TM_STEP, 0, 29, 30, 0.2), TRIES - TRIES / 100, TRIES);
    assert_in_range(count_of(TM_CLIMB, 0, 20, 40, 0.05), TRIES, TRIES);
    assert_in_range(count_of(TM_CLIMB, 0, 20, 40, 0.2), 2 * TRIES / 3, TRIES);
    assert_in_range(count_of(TM_TWO_STEPS, 0.5, 20, 40, 0.05), TRIES, TRIES);
    assert_in_range(count_of(TM_TWO_STEPS, 0.6, 28, 36, 0.05), TRIES, TRIES);
    assert_in_range(count_of(TM_CLIMB, 0.5, 20, 40, 0.1), 0, TRIES / 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_courses),
        cmocka_unit_test(falling_and_constant),
        cmocka_unit_test(only_the_newest),
        cmocka_unit_test(noise_makes_few_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
