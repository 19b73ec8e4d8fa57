/* Student's t by the incomplete beta function that the tails of counts are made of, and its inverse by halving: both are asked for
 * once a comparison, so nothing here need be fast. */
#include "analyze/student.h"

#include <math.h>

#include "analyze/special.h"

double tm_student_tails(double t, double df)
{
    double square = t * t;

    if (isnan(t) || !(df > 0))
        return NAN;
    if (isinf(square))
        return 0;
    return exp(tm_log_beta_inc(df / 2, 0.5, df / (df + square), square / (df + square)));
}

double tm_student_bound(double p, double df)
{
    enum { HALVINGS = 200 }; /* more than a double has room for, whatever the bracket */
    double low = 0, high = 1;

    if (!(p > 0 && p <= 1 && df > 0))
        return NAN;
    while (tm_student_tails(high, df) > p && high < 1e300)
        high *= 2;
    for (int i = 0; i < HALVINGS && high - low > 1e-13 * high; i++) {
        double middle = 0.5 * (low + high);
        if (tm_student_tails(middle, df) > p)
            low = middle;
        else
            high = middle;
    }
    return high;
}
