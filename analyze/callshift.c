/* What is known of calls within a run says how sure the run's own figures are. It says nothing of another night: a basis for those
 * who have nothing better. */
#include "analyze/callshift.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "analyze/tails.h"

static const double Z = 1.959963985;    /* the upper 2.5 % of the standard normal */
static const double BUCKET = 1.0 / 128; /* the relative error of a value in a sketch */
static const double TAIL = 0.025;
enum { NORMAL = 1000000 }; /* degrees of freedom that are as good as infinite */

/* The smallest k in 0 .. n with P(B <= k) > TAIL; that many order statistics lie below the interval. */
static double below(double n, double q)
{
    double low = 0, high = n;
    while (low < high) {
        double middle = floor((low + high) / 2);
        if (tm_tail_binomial(TM_LOWER, middle, n, q) > TAIL)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

/* ln of the quantile and of its bounds. False: there are too few calls. */
static bool quantile(const struct tm_sketch *of, double q, double *middle, double *low, double *high)
{
    double n = (double)tm_sketch_count(of);
    if (n < 2)
        return false;
    double under = below(n, q), over = below(n, 1 - q); /* order statistics outside, on either end */
    if (under < 1 || over < 1)
        return false;
    *middle = log(tm_sketch_quantile(of, q));
    *low = log(tm_sketch_quantile(of, (under - 1) / (n - 1))) - BUCKET;
    *high = log(tm_sketch_quantile(of, (n - over) / (n - 1))) + BUCKET;
    return isfinite(*low) && isfinite(*high);
}

static double two_sided(double z)
{
    return fmin(1, 2 * tm_tail_normal(TM_UPPER, fabs(z)));
}

struct tm_shift tm_shift_of_quantile(const struct tm_sketch *a, const struct tm_sketch *b, double q)
{
    struct tm_shift s = tm_shift_unknown();
    double at_a, low_a, high_a, at_b, low_b, high_b;
    if (!quantile(a, q, &at_a, &low_a, &high_a) || !quantile(b, q, &at_b, &low_b, &high_b))
        return s;
    s.basis = TM_BASIS_CALLS;
    s.shift = at_b - at_a;
    s.low = s.shift - hypot(at_b - low_b, high_a - at_a);
    s.high = s.shift + hypot(high_b - at_b, at_a - low_a);
    s.se = (s.high - s.low) / (2 * Z);
    s.df = NORMAL;
    s.p = two_sided(fmax(fabs(s.shift) - 2 * BUCKET, 0) / s.se);
    return s;
}

/* Sum of (x - mean)^2 over the buckets. */
static double squares(const struct tm_sketch *of, double mean)
{
    double sum = (double)of->zeros * mean * mean, n = (double)tm_sketch_count(of);
    for (uint32_t i = 0; i < of->len; i++) {
        uint64_t bits = (uint64_t)(of->first + i) << TM_SKETCH_SHIFT;
        double edge, off;
        memcpy(&edge, &bits, sizeof edge);
        off = edge * (1 + BUCKET) - mean;
        sum += (double)of->counts[i] * off * off;
    }
    return n > 1 ? sum / (n - 1) : NAN;
}

struct tm_shift tm_shift_of_mean(const struct tm_sketch *a, double mean_a, const struct tm_sketch *b, double mean_b)
{
    struct tm_shift s = tm_shift_unknown();
    if (tm_sketch_count(a) < 2 || tm_sketch_count(b) < 2 || !(mean_a > 0 && mean_b > 0))
        return s;
    double v_a = squares(a, mean_a) / (double)tm_sketch_count(a) / (mean_a * mean_a);
    double v_b = squares(b, mean_b) / (double)tm_sketch_count(b) / (mean_b * mean_b);
    if (!(v_a + v_b > 0) || !isfinite(v_a + v_b))
        return s;
    s.basis = TM_BASIS_CALLS;
    s.shift = log(mean_b / mean_a);
    s.se = sqrt(v_a + v_b);
    s.df = NORMAL;
    s.low = s.shift - Z * s.se;
    s.high = s.shift + Z * s.se;
    s.p = two_sided(s.shift / s.se);
    return s;
}

static double count_at(const struct tm_sketch *of, uint32_t index)
{
    return index >= of->first && index - of->first < of->len ? (double)of->counts[index - of->first] : 0;
}

double tm_slower_calls(const struct tm_sketch *a, const struct tm_sketch *b)
{
    double n_a = (double)tm_sketch_count(a), n_b = (double)tm_sketch_count(b), passed = (double)a->zeros;
    double slower = (double)b->zeros * (double)a->zeros / 2;
    if (!(n_a > 0 && n_b > 0))
        return NAN;
    uint32_t first = a->len && (!b->len || a->first < b->first) ? a->first : b->first, end = a->first + a->len;
    end = b->first + b->len > end ? b->first + b->len : end;
    for (uint32_t i = first; i < end; i++) {
        slower += count_at(b, i) * (passed + count_at(a, i) / 2);
        passed += count_at(a, i);
    }
    return slower / n_a / n_b;
}
