/* Random numbers by place: a number belongs to (seed, stream, plugin, night), so that one night can
 * be made without those before it. */
#include "nights.h"

/* Splitmix64. */
static uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

struct rng rng_at(uint64_t seed, enum stream stream, uint64_t a, uint64_t b)
{
    uint64_t x = mix(seed ^ mix((uint64_t)stream + 1));
    return (struct rng){mix(mix(x ^ a) ^ b)};
}

uint64_t rng_next(struct rng *r)
{
    r->state += 0x9e3779b97f4a7c15u;
    return mix(r->state);
}

double rng_unit(struct rng *r)
{
    return ((double)(rng_next(r) >> 12) + 0.5) / 4503599627370496.0; /* 2^52 */
}

double rng_between(struct rng *r, double lo, double hi)
{
    return lo + (hi - lo) * rng_unit(r);
}

/* The sum of twelve uniform numbers has variance 1: no logarithm, no cosine, and exact. */
double rng_normal(struct rng *r)
{
    int64_t sum = 0;

    for (int word = 0; word < 3; word++) {
        uint64_t x = rng_next(r);
        sum += (int64_t)((x & 0xffff) + (x >> 16 & 0xffff) + (x >> 32 & 0xffff) + (x >> 48));
    }
    return (double)(sum - 6 * 65535) / 65536;
}

/* 1 / max(u, v) > x needs both u and v below 1/x. */
double rng_tail(struct rng *r, double most)
{
    double u = rng_unit(r), v = rng_unit(r);
    double x = 1 / (u > v ? u : v);

    return x < most ? x : most;
}

/* e^x = (e^(x/256))^256; six terms of the series leave a relative error below 1e-9 for |x| < 16. */
double exp_of(double x)
{
    double t = x / 256, term = 1, sum = 1;

    for (int i = 1; i <= 6; i++) {
        term *= t / i;
        sum += term;
    }
    for (int i = 0; i < 8; i++)
        sum *= sum;
    return sum;
}
