/* All plugins and nights at once: wall time per call against the plugin's own median, as measured, so that a night that was slow
 * for all of them is a column. What is as usual is transparent: the ground shows through, light or dark. */
#include "report/chart/heatmap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
#include "report/chart/axis.h"

/* Pixels, but for STEPS. */
enum {
    WIDTH = 920, /* fits a page of 60 rem */
    PLOT_WIDTH = 840,
    LEFT = 46,        /* numbers of rows, up to five digits */
    TOP = 62,         /* title, bar of colours, dates */
    BOTTOM = 24,      /* dates */
    CELL_WIDEST = 18, /* few nights do not become broad bars */
    STEPS = 10,       /* shades on either side, about 5 % each */
    BAR_CELL = 7,     /* wide: the bar has the size of its labels */
    BAR_HEIGHT = 12,
    DATE_LEAST = 90,    /* between two dates */
    ORDINAL_LEAST = 16, /* between two rows' numbers */
};

/* Where the cells lie, also for the page's script, which must find them under the pointer. */
struct tm_heatmap tm_heatmap_of(const struct tm_report *report)
{
    struct tm_heatmap map = {.width = WIDTH, .left = LEFT, .top = TOP, .n_rows = report->n_plugins};
    map.n_columns = report->n_runs < TM_HEATMAP_NIGHTS_MOST ? report->n_runs : TM_HEATMAP_NIGHTS_MOST;
    map.first_run = report->n_runs - map.n_columns;
    map.cell_width = fmin((double)PLOT_WIDTH / (double)map.n_columns, CELL_WIDEST);
    /* So that the picture of 64 plugins fits a screen, and that of 5000 stays under 10 000 pixels. */
    map.cell_height = map.n_rows <= 64 ? 16 : map.n_rows <= 200 ? 10 : map.n_rows <= 500 ? 6 : map.n_rows <= 2000 ? 4 : 2;
    map.height = TOP + (int)map.n_rows * map.cell_height + BOTTOM;
    return map;
}

/* In the order of the page's table: what leads and is no pass first, then all others by name. */
void tm_heatmap_rows(const struct tm_report *report, const struct tm_report_plugin **rows)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_ranked; i++)
        if (report->ranked[i]->plugin != TM_WHOLE_RUN && n < report->n_plugins)
            rows[n++] = &report->plugins[report->ranked[i]->plugin];
    for (size_t i = 0; i < report->n_plugins && n < report->n_plugins; i++)
        if (!report->plugins[i].leader || report->plugins[i].leader->class == TM_PASS)
            rows[n++] = &report->plugins[i];
}

struct cell {
    unsigned char red, green, blue, alpha;
};

/* -STEPS .. STEPS: -50 % to +50 % and beyond, on a logarithmic scale. Okabe and Ito's vermillion and blue, which all eyes tell
 * apart, on a ground that shows through. */
static struct cell cell_of(int step)
{
    unsigned char alpha = (unsigned char)(abs(step) * 255 / STEPS);
    return step > 0 ? (struct cell){213, 94, 0, alpha} : (struct cell){0, 114, 178, alpha};
}

static const struct cell no_value = {128, 128, 128, 80}; /* grey on a light and on a dark ground */

/* From half the median to one and a half times it, logarithmic on either side; a median of 0 has
 * no scale, only a side. */
static struct cell cell_for(double value, double median)
{
    if (isnan(value) || isnan(median))
        return no_value;
    if (!(median > 0) || !(value > 0))
        return cell_of(value > median ? STEPS : value < median ? -STEPS : 0);
    double change = log(value / median), part = change > 0 ? change / log(1.5) : change / log(2);
    return cell_of((int)lround(STEPS * fmin(fmax(part, -1), 1)));
}

/* Of the nights shown; NAN: none has a value. */
static double median_of(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t first,
                        double *scratch)
{
    size_t n = 0;
    for (size_t run = first; run < report->n_runs; run++) {
        double value = tm_report_value(report, plugin, metric, run);
        if (!isnan(value))
            scratch[n++] = value;
    }
    return tm_median(scratch, n);
}

/* A row per plugin, a cell per night. 0, or -1: no memory. */
static int write_cells(FILE *out, const struct tm_report *report, const struct tm_heatmap *map)
{
    const struct tm_report_plugin **rows = calloc(report->n_plugins + 1, sizeof *rows);
    double *scratch = calloc(report->n_runs + 1, sizeof *scratch);
    int metric = tm_report_metric(report, "wall_per_call_ms"), result = rows && scratch ? 0 : -1;
    if (result == 0)
        tm_heatmap_rows(report, rows);
    for (size_t row = 0; row < map->n_rows && result == 0; row++) {
        double median = median_of(report, rows[row], metric, map->first_run, scratch);
        for (size_t column = 0; column < map->n_columns; column++) {
            struct cell cell = cell_for(tm_report_value(report, rows[row], metric, map->first_run + column), median);
            fwrite(&cell, sizeof cell, 1, out);
        }
    }
    free(rows);
    free(scratch);
    return result;
}

/* gnuplot draws no image of a single row: there are two. */
static void write_bar(FILE *out)
{
    for (int row = 0; row < 2; row++) {
        for (int step = -STEPS; step <= STEPS; step++) {
            struct cell cell = cell_of(step);
            fwrite(&cell, sizeof cell, 1, out);
        }
        fwrite(&no_value, sizeof no_value, 1, out);
    }
}

/* The cells of the map, or of the bar of colours (map NULL), as a file for gnuplot. 0, or -1 with errno. */
static int write_file(struct tm_gnuplot *gnuplot, const char *name, const struct tm_report *report, const struct tm_heatmap *map)
{
    FILE *out = tm_gnuplot_open(gnuplot, name, "we");
    int result = out ? 0 : -1;
    if (out && map)
        result = write_cells(out, report, map);
    else if (out)
        write_bar(out);
    if (out && (ferror(out) | fclose(out)))
        result = -1;
    return result;
}

/* The key: the bar of colours with its ends, its middle, and "no value" behind it. */
static void draw_bar(struct tm_picture *picture)
{
    double left = WIDTH - 34 - (2 * STEPS + 1) * BAR_CELL - 110, top = 18;
    struct {
        int step;
        const char *text;
    } labels[] = {{-STEPS, "-50 %"}, {0, "own median"}, {STEPS, "+50 %"}};
    picture->images[picture->n_images++] = (struct tm_image){"bar", 2 * STEPS + 2, 2, left, top, BAR_CELL, BAR_HEIGHT / 2.0};
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++)
        tm_picture_text(picture, TM_PEN_FAINT, TM_CENTER, left + (labels[i].step + STEPS + 0.5) * BAR_CELL, top - 8,
                        labels[i].text);
    tm_picture_text(picture, TM_PEN_FAINT, TM_LEFT, left + (2 * STEPS + 2) * BAR_CELL + 5, top + BAR_HEIGHT / 2.0, "no value");
}

/* Above and below the cells, where there is room between two dates. */
static void draw_dates(struct tm_picture *picture, const struct tm_report *report, const struct tm_heatmap *map)
{
    struct tm_tic tics[TM_TICS_MOST];
    double width = map->cell_width * (double)map->n_columns, taken = 0, bottom = map->height - BOTTOM;
    size_t n = tm_time_tics(report->runs[map->first_run].started_at, report->runs[report->n_runs - 1].started_at,
                            1 + (int)(width / DATE_LEAST), tics);
    for (size_t i = 0; i < n; i++) {
        size_t column = 0; /* of the first night from that date on */
        while (column + 1 < map->n_columns && (double)report->runs[map->first_run + column].started_at < tics[i].at)
            column++;
        double x = map->left + map->cell_width * ((double)column + 0.5);
        if (x - tm_text_width(tics[i].text) / 2 < taken)
            continue;
        taken = x + tm_text_width(tics[i].text) / 2 + 8;
        tm_picture_text(picture, TM_PEN_FAINT, TM_CENTER, x, map->top - 13, tics[i].text);
        tm_picture_line(picture, TM_INK_AXIS, x, map->top - 5, x, map->top - 1);
        tm_picture_text(picture, TM_PEN_FAINT, TM_CENTER, x, bottom + 14, tics[i].text);
        tm_picture_line(picture, TM_INK_AXIS, x, bottom + 1, x, bottom + 5);
    }
}

/* Which row this is, of all plugins: the first, and as many as there is room for. */
static void draw_ordinals(struct tm_picture *picture, const struct tm_heatmap *map)
{
    size_t every = (size_t)map->cell_height >= ORDINAL_LEAST ? 1 : (size_t)map->cell_height >= ORDINAL_LEAST / 2 ? 2 : 10;
    char text[TM_TIC_SIZE];
    for (size_t row = 0; row < map->n_rows; row++) {
        if (row > 0 && (row + 1) % every != 0)
            continue;
        snprintf(text, sizeof text, "%zu", row + 1);
        tm_picture_text(picture, TM_PEN_FAINT, TM_RIGHT, map->left - 6, map->top + ((double)row + 0.5) * map->cell_height, text);
    }
}

/* The cells are one image, however many plugins there are. */
int tm_heatmap_write(struct tm_gnuplot *gnuplot, const struct tm_report *report, struct tm_picture *picture)
{
    struct tm_heatmap map = tm_heatmap_of(report);
    tm_picture_clear(picture);
    picture->width = map.width;
    picture->height = map.height;
    if (map.n_rows > 0 && write_file(gnuplot, "cells", report, &map) != 0)
        return -1;
    if (write_file(gnuplot, "bar", report, NULL) != 0)
        return -1;
    if (map.n_rows > 0)
        picture->images[picture->n_images++] =
            (struct tm_image){"cells", map.n_columns, map.n_rows, map.left, map.top, map.cell_width, map.cell_height};
    draw_bar(picture);
    draw_dates(picture, report, &map);
    draw_ordinals(picture, &map);
    tm_picture_text(picture, TM_PEN_TITLE, TM_LEFT, 4, 14, "wall time per call, every plugin and night");
    tm_picture_write(gnuplot->script, picture, TM_CHART_SVG, "heatmap.svg");
    return picture->failed ? -1 : 0;
}
