/* Advice from the fates of alarms. Lists of round values, not a formula: what people write into a
 * file of settings should look chosen, and a finer answer would not be a surer one. */
#include "analyze/advice.h"

#include <math.h>

#include "analyze/rules.h"

static const double budgets[] = {0.05, 0.1, 0.2, 0.5, 1, 2, 5};
static const double shares[] = {0.075, 0.1, 0.15, 0.2, 0.3, 0.5};
enum { N_BUDGETS = sizeof budgets / sizeof *budgets, N_SHARES = sizeof shares / sizeof *shares };

bool tm_enough_to_advise(int64_t judged, int64_t closed, double budget)
{
    return closed >= TM_ADVICE_LEAST || (double)judged * budget / 1000 >= TM_ADVICE_LEAST;
}

double tm_lower_budget(double budget)
{
    double lower = 0;
    for (int i = 0; i < N_BUDGETS && budgets[i] < budget; i++)
        lower = budgets[i];
    return lower;
}

/* By the judge's own bound, which lets a change of four fifths of the share pass. */
void tm_hold_back(const struct tm_alarm_fate *fates, size_t n, double share, struct tm_held_back *held)
{
    const struct tm_rules rules = {.floors = false};
    const struct tm_metric_rule rule = {.kind = TM_METRIC_RATIO, .min_effect = share};
    double least = tm_min_change(&rules, &rule, 0);
    *held = (struct tm_held_back){0};
    for (size_t i = 0; i < n; i++) {
        if (isnan(fates[i].effect) || fates[i].fate == TM_FATE_YOUNG)
            continue;
        bool is_held = fabs(log1p(fmax(fates[i].effect, -0.99))) < least;
        bool closed = fates[i].fate == TM_FATE_CLOSED;
        held->closed += closed && is_held;
        held->of_closed += closed;
        held->others += !closed && is_held;
        held->of_others += !closed;
    }
}

double tm_advised_min_effect(const struct tm_alarm_fate *fates, size_t n)
{
    for (int i = 0; i < N_SHARES; i++) {
        struct tm_held_back held;
        tm_hold_back(fates, n, shares[i], &held);
        if (held.of_closed >= TM_ADVICE_LEAST && 2 * held.closed > held.of_closed && 10 * held.others <= held.of_others)
            return shares[i];
    }
    return 0;
}
