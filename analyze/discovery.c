/* What is rare once is common among a thousand. */
#include "analyze/discovery.h"

#include <math.h>
#include <stdlib.h>

/* A p, and whose it is. */
struct ordered {
    double p;
    size_t at, family;
};

static int by_p(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    return (x->p > y->p) - (x->p < y->p);
}

static int by_family_and_p(const void *a, const void *b)
{
    const struct ordered *x = a, *y = b;
    return x->family != y->family ? (x->family > y->family) - (x->family < y->family) : by_p(a, b);
}

/* q of n p in ascending order; returns the least. */
static double step_up(const struct ordered *all, size_t n, double *q)
{
    double least = 1;
    for (size_t i = n; i-- > 0;) {
        least = fmin(least, all[i].p * (double)n / (double)(i + 1));
        q[all[i].at] = least;
    }
    return least;
}

/* Those that are known, in no order. */
static size_t take_known(const double *p, const size_t *family, size_t n, struct ordered *all, double *q)
{
    size_t known = 0;
    for (size_t i = 0; i < n; i++) {
        q[i] = NAN;
        if (!isnan(p[i]))
            all[known++] = (struct ordered){p[i], i, family ? family[i] : 0};
    }
    return known;
}

int tm_false_discovery(const double *p, size_t n, double *q)
{
    struct ordered *all = malloc((n + 1) * sizeof *all); /* + 1: none is no failure */
    if (!all)
        return -1;
    size_t known = take_known(p, NULL, n, all, q);
    qsort(all, known, sizeof *all, by_p);
    step_up(all, known, q);
    free(all);
    return 0;
}

/* Each family's own q, and its p; NAN: it has none. */
static void look_into(const double *p, const size_t *family, size_t n, struct ordered *all, double *q, double *of_family)
{
    size_t known = take_known(p, family, n, all, q);
    qsort(all, known, sizeof *all, by_family_and_p);
    for (size_t from = 0, end; from < known; from = end) {
        for (end = from; end < known && all[end].family == all[from].family;)
            end++;
        of_family[all[from].family] = step_up(all + from, end - from, q);
    }
}

int tm_false_discovery_of_families(const double *p, const size_t *family, size_t n, size_t families, double share, double *q,
                                   size_t *counted)
{
    struct ordered *all = malloc((n + 1) * sizeof *all); /* + 1: none is no failure */
    double *of_family = malloc((families + 1) * sizeof *of_family), *q_family = malloc((families + 1) * sizeof *q_family);
    size_t with_p = 0;
    int result = all && of_family && q_family ? 0 : -1;
    *counted = 0;
    for (size_t i = 0; i < families && result == 0; i++)
        of_family[i] = NAN;
    if (result == 0) {
        look_into(p, family, n, all, q, of_family);
        result = tm_false_discovery(of_family, families, q_family);
    }
    for (size_t i = 0; i < families && result == 0; i++) {
        with_p += isnan(of_family[i]) ? 0 : 1;
        *counted += q_family[i] <= share;
    }
    for (size_t i = 0; i < n && result == 0; i++)
        if (!isnan(p[i]))
            q[i] = fmin(1, fmax(q_family[family[i]], q[i] * (double)with_p / (double)(*counted ? *counted : 1)));
    free(all);
    free(of_family);
    free(q_family);
    return result;
}
