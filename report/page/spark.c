/* Sparklines: a history at a glance, of which only the shape is to be seen. */
#include <math.h>

#include "report/page/sections.h"

/* Twice the pixels that it takes in the page, so that whole numbers are fine enough; EDGE is the radius of the dot. 60 points are
 * as many as can be told apart in 120 pixels. */
enum { WIDTH = 240, HEIGHT = 48, EDGE = 5, POINTS = 60 };

/* Values of several runs that share a column of the picture; empty: lo is NAN. */
struct column {
    double lo, hi;
    bool rises; /* lo came first */
};

struct spark {
    struct column columns[POINTS];
    int n;
    double bottom, top;
};

/* In which order lowest and highest came decides how the line goes through the column. */
static struct column column_of(const double *values, size_t from, size_t to)
{
    struct column c = {NAN, NAN, true};
    for (size_t i = from; i < to; i++) {
        if (!isfinite(values[i]))
            continue;
        if (!(c.lo <= values[i]))
            c.lo = values[i], c.rises = false;
        if (!(c.hi >= values[i]))
            c.hi = values[i], c.rises = true;
    }
    return c;
}

/* Quiet series should look quiet: the picture spans a fifth of their size at least. */
static void set_range(struct spark *spark, double baseline)
{
    double lo = baseline, hi = baseline;
    for (int i = 0; i < spark->n; i++) {
        lo = fmin(lo, spark->columns[i].lo);
        hi = fmax(hi, spark->columns[i].hi);
    }
    double middle = (lo + hi) / 2, half = fmax((hi - lo) / 2, 0.1 * fabs(middle) /* half of a fifth */);
    half = half > 0 ? half : 1;
    spark->bottom = middle - half;
    spark->top = middle + half;
}

static int y_of(const struct spark *spark, double value)
{
    return (int)lround(EDGE + (HEIGHT - 2 * EDGE) * (spark->top - value) / (spark->top - spark->bottom));
}

static int x_of(const struct spark *spark, int column, double share)
{
    double step = (double)(WIDTH - 2 * EDGE) / (spark->n > 1 ? spark->n - 1 : 1);
    return (int)lround(EDGE + step * (column + share));
}

struct pen {
    FILE *out;
    int x, y;
    char last; /* command; 0: the pen is up */
};

/* Relative and without blanks where that is shorter: a page has a line for each of thousands of plugins. */
static void draw_to(struct pen *pen, int x, int y)
{
    char command = pen->last ? 'l' : 'M';
    int dx = pen->last ? x - pen->x : x, dy = pen->last ? y - pen->y : y;
    if (pen->last == 'l')
        fprintf(pen->out, dx < 0 ? "%d" : " %d", dx);
    else
        fprintf(pen->out, "%c%d", command, dx);
    fprintf(pen->out, dy < 0 ? "%d" : " %d", dy);
    *pen = (struct pen){pen->out, x, y, command};
}

/* A line through the columns, with a gap where there is nothing; what stands alone is a dot. */
static void put_line(FILE *out, const struct spark *spark)
{
    struct pen pen = {.out = out};
    for (int i = 0; i < spark->n; i++) {
        const struct column *c = &spark->columns[i];
        if (isnan(c->lo)) {
            pen.last = 0;
            continue;
        }
        if (!pen.last) {
            draw_to(&pen, x_of(spark, i, 0), y_of(spark, c->rises ? c->lo : c->hi));
            fputs("h0", out);
        } else {
            draw_to(&pen, x_of(spark, i, 0), y_of(spark, c->rises ? c->lo : c->hi));
        }
        if (c->lo < c->hi)
            draw_to(&pen, x_of(spark, i, 0.5), y_of(spark, c->rises ? c->hi : c->lo));
    }
}

/* Of more runs than points, each column stands for several and takes two points. */
void tm_page_spark(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, double baseline)
{
    struct spark spark = {0};
    size_t runs = report->n_runs, n = runs <= POINTS ? runs : POINTS / 2;
    const double *values = plugin->values && metric >= 0 ? plugin->values + (size_t)metric * runs : NULL;
    if (!values)
        return;
    for (size_t i = 0; i < n; i++)
        spark.columns[spark.n++] = column_of(values, i * runs / n, (i + 1) * runs / n);
    set_range(&spark, baseline);
    if (isnan(spark.top))
        return;
    fprintf(out, "<svg class=k viewBox=\"0 0 %d %d\" aria-hidden=true>", WIDTH, HEIGHT);
    if (isfinite(baseline))
        fprintf(out, "<path class=l d=\"M0 %dh%d\"/>", y_of(&spark, baseline), WIDTH);
    fputs("<path d=\"", out);
    put_line(out, &spark);
    fputs("\"/>", out);
    if (isfinite(values[runs - 1]))
        fprintf(out, "<circle cx=%d cy=%d r=5 />", x_of(&spark, spark.n - 1, 0), y_of(&spark, values[runs - 1]));
    fputs("</svg>", out);
}
