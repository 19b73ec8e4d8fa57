/* What is drawn of a line of more points than pixels: the extremes of each stretch, so that no peak is lost. */
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
