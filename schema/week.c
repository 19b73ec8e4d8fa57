/* What is left of a week's values; see the header for the formulas. */
#include "schema/week.h"

#include <math.h>

bool tm_week_value_add(struct tm_week_value *into, const struct tm_week_value *from)
{
    if (into->n == 0) {
        *into = *from;
        return true;
    }
    double a = (double)into->n, b = (double)from->n, n = a + b, distance = from->mean - into->mean;
    struct tm_week_value sum = {.n = into->n + from->n,
                                .mean = into->mean + distance * (b / n),
                                .m2 = into->m2 + from->m2 + distance * distance * (a * b / n),
                                .least = fmin(into->least, from->least),
                                .most = fmax(into->most, from->most)};
    if (!isfinite(sum.m2))
        return false;
    /* Rounding may carry the mean of equal values past them. */
    sum.mean = fmin(fmax(sum.mean, sum.least), sum.most);
    *into = sum;
    return true;
}

bool tm_week_value_sound(const struct tm_week_value *value)
{
    return value->n > 0 && isfinite(value->least) && isfinite(value->most) && value->least <= value->mean &&
           value->mean <= value->most && isfinite(value->m2) && value->m2 >= 0 &&
           (value->m2 == 0 || (value->n > 1 && value->least < value->most));
}

int64_t tm_week_begin(int64_t seconds)
{
    enum { FIRST_MONDAY = -3 * 86400 }; /* 1970-01-01 was a Thursday */
    return seconds - (seconds - FIRST_MONDAY) % TM_WEEK_SECONDS;
}
