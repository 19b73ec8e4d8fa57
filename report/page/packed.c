#include "report/page/packed.h"

#include <inttypes.h>
#include <math.h>
#include <stdint.h>

enum {
    SIGNS = 92,
    ONE_BELOW = 64,
    TWO_BELOW = ONE_BELOW + 24 * SIGNS,
    LONG = 88, /* and PLACES signs */
    NONE = 89,
    NONES = 90,
    PLACES = 6,
};

static const double LEAST_DIGITS = 2000; /* `most` has that many steps at least: of 250 ms a tenth of one */
static const double LEAST_PART = 50;     /* and `least` a fiftieth of that: two digits */
static const double STEPS_MOST = 1e11;   /* twice that fits PLACES signs */
static const double FINEST = 1e300;      /* what is written is a number */

double tm_packed_steps(double most, double least)
{
    if (!(most > 0) || !isfinite(most))
        return 1;
    double fine = least > 0 ? fmin(most, LEAST_PART * least) : most;
    double steps = pow(10, ceil(log10(LEAST_DIGITS / fine) - 1e-9)), room = pow(10, floor(log10(STEPS_MOST / most)));
    return fmin(fmin(steps, room), FINEST);
}

static size_t put_sign(FILE *out, uint64_t sign)
{
    int c = '#' + (int)sign;
    putc(c == '<' ? ' ' : c == '\\' ? '!' : c, out);
    return 1;
}

static size_t put_difference(FILE *out, int64_t difference)
{
    uint64_t code = difference < 0 ? (uint64_t)(-difference) * 2 - 1 : (uint64_t)difference * 2, place = 1;
    if (code < ONE_BELOW)
        return put_sign(out, code);
    if (code < TWO_BELOW)
        return put_sign(out, ONE_BELOW + (code - ONE_BELOW) / SIGNS) + put_sign(out, (code - ONE_BELOW) % SIGNS);
    put_sign(out, LONG);
    for (int i = 1; i < PLACES; i++)
        place *= SIGNS;
    for (; place > 0; place /= SIGNS)
        put_sign(out, code / place % SIGNS);
    return 1 + PLACES;
}

static size_t put_nones(FILE *out, size_t n)
{
    size_t length = 0;
    for (; n > 1; n -= n < SIGNS + 1 ? n : SIGNS + 1)
        length += put_sign(out, NONES) + put_sign(out, (n < SIGNS + 1 ? n : SIGNS + 1) - 2);
    return n == 1 ? length + put_sign(out, NONE) : length;
}

size_t tm_put_packed(FILE *out, const double *values, size_t n, double steps)
{
    int64_t before = 0;
    size_t length = 0, missing = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(values[i])) {
            missing++;
            continue;
        }
        int64_t step = (int64_t)llround(fmin(fmax(values[i] * steps, -STEPS_MOST), STEPS_MOST));
        length += put_nones(out, missing);
        length += put_difference(out, step - before);
        before = step, missing = 0;
    }
    return length + put_nones(out, missing);
}
