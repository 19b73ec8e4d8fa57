/* Lines of more points than can be seen. Pure. */
#ifndef TM_REPORT_CHART_THIN_H
#define TM_REPORT_CHART_THIN_H

#include <stddef.h>

/* In pixels; y NAN: the line is broken there. */
struct tm_point {
    float x, y;
};

/* Reduces a line, in place, to its first and last point and the lowest and highest of each of most / 2 stretches of equal width;
 * breaks stay, and begin a new stretch. Returns how many points are left: all of them where there are no more than `most`, else up
 * to most + 3 + 3 for each break. */
size_t tm_thin(struct tm_point *points, size_t n, size_t most);

/* Leaves out, in place, what the line does not need: afterwards it passes no more than `off` pixels above or below any point that
 * is gone. What is left are points of before, first and last and those beside breaks among them. x must not fall. Returns how many
 * are left. */
size_t tm_straighten(struct tm_point *points, size_t n, double off);

#endif
