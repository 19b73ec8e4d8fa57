/* Ten thousand series in which nothing happens: how often does the detector cry? In each kind of noise at most one and a half
 * times as often as it was told it may. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "analyze/detector.h"

enum { SERIES = 10000, NIGHTS = 150, KINDS = 4 };
static const double SIGMA = 0.02;

static uint64_t seed;

static double uniform(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return ((double)(seed >> 11) + 0.5) * 0x1p-53;
}

static double normal(void)
{
    double radius = sqrt(-2 * log(uniform()));
    return radius * cos(6.283185307179586 * uniform());
}

static double gaussian(double last)
{
    (void)last;
    return normal();
}

/* Student's t with three degrees of freedom, of standard deviation 1 */
static double heavy(double last)
{
    double a = normal(), b = normal(), c = normal();
    (void)last;
    return normal() / sqrt(a * a + b * b + c * c);
}

/* Two modes, six sigmas apart; one night in three is in the upper one */
static double bimodal(double last)
{
    (void)last;
    return normal() + (uniform() < 0.3 ? 6 : 0);
}

static double sluggish(double last)
{
    return 0.5 * last + sqrt(0.75) * normal();
}

static double (*const noise[KINDS])(double) = {gaussian, heavy, bimodal, sluggish};
static const char *const names[KINDS] = {"Gaussian", "t3", "bimodal", "AR(1) 0.5"};

static long alarms_of(int kind, const struct tm_detector_params *params, long *judged)
{
    struct tm_detector state = {0};
    struct tm_detector_result result;
    double x = normal();
    long alarms = 0;
    for (int night = 0; night < NIGHTS; night++) {
        x = noise[kind](x);
        tm_detector_step(&state, params, 3 + SIGMA * x, 0, &result);
        *judged += result.class != TM_DETECTOR_TOO_FEW;
        alarms += result.class == TM_DETECTOR_REGRESSED;
    }
    return alarms;
}

static void cry_within_the_budget(double budget)
{
    struct tm_detector_params params = tm_detector_params_for(budget);
    long alarms[KINDS] = {0}, judged[KINDS] = {0}, all = 0, of = 0;
    seed = 88172645463325252u;
    for (int i = 0; i < SERIES; i++)
        alarms[i % KINDS] += alarms_of(i % KINDS, &params, &judged[i % KINDS]);
    for (int k = 0; k < KINDS; k++) {
        double rate = 1000.0 * (double)alarms[k] / (double)judged[k];
        print_message("# budget %g, %s: %.3f per 1000\n", budget, names[k], rate);
        if (rate > 1.5 * budget)
            fail_msg("%s: %.3f false alarms per 1000 at a budget of %g", names[k], rate, budget);
        all += alarms[k];
        of += judged[k];
    }
    print_message("# budget %g, all: %.3f per 1000 of %ld\n", budget, 1000.0 * (double)all / (double)of, of);
}

static void budget_of_a_tenth(void **state)
{
    (void)state;
    cry_within_the_budget(0.1);
}

static void budget_of_a_half(void **state)
{
    (void)state;
    cry_within_the_budget(0.5);
}

static void budget_of_one(void **state)
{
    (void)state;
    cry_within_the_budget(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(budget_of_a_tenth),
        cmocka_unit_test(budget_of_a_half),
        cmocka_unit_test(budget_of_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
