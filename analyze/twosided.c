/* Which test, is decided by what is there, and never by what comes out: repeats on both sides tell their own noise, one value a
 * side needs somebody else who knows it. */
#include "analyze/twosided.h"

#include <math.h>

#include "analyze/ranksum.h"
#include "analyze/stats.h"
#include "analyze/student.h"

static const double ALPHA = 0.05;         /* of the intervals */
static const double MISSED = 0.2;         /* of shifts of the smallest size that is promised: the usual power of 80 % */
static const double MEDIAN_COST = 1.5708; /* pi / 2 */

enum { MOST_PAIRS = 1000000 }; /* differences of a rank sum's interval: 8 MB */

struct tm_shift tm_shift_unknown(void)
{
    return (struct tm_shift){TM_BASIS_NONE, NAN, NAN, NAN, NAN, NAN, NAN, 0};
}

/* Fills in interval and p of a shift whose error is known. */
static void settle(struct tm_shift *s)
{
    double wide = tm_student_bound(ALPHA, s->df) * s->se;
    s->low = s->shift - wide;
    s->high = s->shift + wide;
    s->p = tm_student_tails(s->shift / s->se, s->df);
}

struct tm_shift tm_shift_welch(const double *a, size_t n_a, const double *b, size_t n_b, double floor)
{
    struct tm_shift s = tm_shift_unknown();
    if (n_a < 2 || n_b < 2)
        return s;
    double s_a = fmax(tm_stdev(a, n_a), floor), s_b = fmax(tm_stdev(b, n_b), floor);
    double v_a = s_a * s_a / (double)n_a, v_b = s_b * s_b / (double)n_b;
    s.basis = TM_BASIS_WELCH;
    s.shift = tm_mean(b, n_b) - tm_mean(a, n_a);
    s.se = sqrt(v_a + v_b);
    s.df = (v_a + v_b) * (v_a + v_b) / (v_a * v_a / (double)(n_a - 1) + v_b * v_b / (double)(n_b - 1));
    settle(&s);
    return s;
}

int tm_shift_ranks(const double *a, size_t n_a, const double *b, size_t n_b, double floor, struct tm_shift *out)
{
    struct tm_ranksum ranks;
    *out = tm_shift_welch(a, n_a, b, n_b, floor);
    if (tm_ranksum(a, n_a, b, n_b, &ranks) != 0)
        return -1;
    out->basis = TM_BASIS_RANKS;
    out->shift = ranks.shift;
    out->low = ranks.low;
    out->high = ranks.high;
    out->p = ranks.p;
    out->least_p = tm_ranksum_least(n_a, n_b);
    return 0;
}

int tm_shift_repeats(const double *a, size_t n_a, const double *b, size_t n_b, double floor, double needed, struct tm_shift *out)
{
    if (tm_ranksum_least(n_a, n_b) <= needed && n_a <= MOST_PAIRS / n_b)
        return tm_shift_ranks(a, n_a, b, n_b, floor, out);
    *out = tm_shift_welch(a, n_a, b, n_b, floor);
    return 0;
}

static double cost(size_t n)
{
    return (n < TM_REPEATS ? 1 : MEDIAN_COST) / (double)n;
}

struct tm_shift tm_shift_known(double shift, size_t n_a, size_t n_b, double scale, size_t known, double tail)
{
    struct tm_shift s = tm_shift_unknown();
    double fewer = (double)(n_a < n_b ? n_a : n_b);
    if (n_a == 0 || n_b == 0 || known < 2 || !(scale > 0))
        return s;
    s.basis = TM_BASIS_HISTORY;
    s.shift = shift;
    s.se = scale * sqrt(cost(n_a) + cost(n_b));
    s.df = fmin(tail - 1 + fewer, (double)known - 1);
    settle(&s);
    return s;
}

double tm_shift_smallest(const struct tm_shift *shift, double alpha)
{
    if (!(shift->se > 0) || isnan(shift->p))
        return NAN;
    if (shift->least_p > alpha)
        return INFINITY;
    return (tm_student_bound(alpha, shift->df) + tm_student_bound(2 * MISSED, shift->df)) * shift->se;
}
