/* What is drawn of a line: of more points than pixels the extremes of each stretch, so that no peak is lost; and no point that lies
 * on the way from one neighbour to another. */
#include "report/chart/thin.h"

#include <math.h>
#include <stdbool.h>

/* Keeps of points[from..end) the ends that are asked for, the lowest and the highest; writes them at `to`, which is not behind
 * `from`. */
static size_t copy_extremes(struct tm_point *points, size_t from, size_t end, bool first, bool last, size_t to)
{
    size_t lowest = from, highest = from;
    for (size_t i = from + 1; i < end; i++) {
        if (points[i].y < points[lowest].y)
            lowest = i;
        if (points[i].y > points[highest].y)
            highest = i;
    }
    for (size_t i = from; i < end; i++)
        if (i == lowest || i == highest || (first && i == from) || (last && i == end - 1))
            points[to++] = points[i];
    return to;
}

/* Stretches are cut by x, so that a stretch without nights costs no points. */
size_t tm_thin(struct tm_point *points, size_t n, size_t most)
{
    if (n <= most || n == 0)
        return n;
    size_t to = 0, from = 0, stretches = most / 2;
    float start = points[0].x, width = (points[n - 1].x - start) / (float)stretches;
    while (from < n) {
        if (isnan(points[from].y)) {
            points[to++] = points[from++];
            continue;
        }
        float stretch = floorf((points[from].x - start) / width);
        size_t end = from + 1;
        while (end < n && !isnan(points[end].y) && !(floorf((points[end].x - start) / width) > stretch))
            end++;
        to = copy_extremes(points, from, end, from == 0, end == n, to);
        from = end;
    }
    return to;
}

/* Between these slopes a line from the last point that stays passes all points since near enough. */
struct cone {
    double low, high;
};

/* The point may be left out: the next one lies within the cone that is left when it must be passed as well. */
static bool can_pass(struct cone *cone, struct tm_point from, struct tm_point passed, struct tm_point next, double off)
{
    double dx = (double)passed.x - (double)from.x, dy = (double)passed.y - (double)from.y;
    if (isnan(dy) || !(dx > 0))
        return false; /* a break, or several points at one x */
    double slope = ((double)next.y - (double)from.y) / ((double)next.x - (double)from.x);
    cone->low = fmax(cone->low, (dy - off) / dx);
    cone->high = fmin(cone->high, (dy + off) / dx);
    return slope >= cone->low && slope <= cone->high;
}

/* Each point once, from left to right: a line from one point of before to another, as long as it can be. */
size_t tm_straighten(struct tm_point *points, size_t n, double off)
{
    const struct cone open = {-INFINITY, INFINITY};
    struct cone cone = open;
    size_t to = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && i + 1 < n && can_pass(&cone, points[to - 1], points[i], points[i + 1], off))
            continue;
        points[to++] = points[i];
        cone = open;
    }
    return to;
}
