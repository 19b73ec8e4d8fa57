/* The picture of all plugins and nights, and what the script needs to say which plugin and night lie under the pointer: chart.h
 * knows where its cells are. */
#include <math.h>
#include <stdlib.h>

#include "base/escape.h"
#include "report/chart/chart.h"
#include "report/page/sections.h"

/* Ids in the order of rows; where memory is short, the page as a whole has failed. */
static void put_rows(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    const struct tm_report_plugin **rows = calloc(report->n_plugins, sizeof *rows);
    if (!rows) {
        *page->failed = true;
        return;
    }
    tm_heatmap_rows(report, rows);
    fputs("\"rows\":[", page->out);
    for (size_t i = 0; i < report->n_plugins; i++)
        fprintf(page->out, "%s%lld", i ? "," : "", (long long)rows[i]->number);
    free(rows);
    fputs("]", page->out);
}

/* No code: a browser runs no script of that type. */
static void put_map(const struct tm_page *page, const struct tm_heatmap *map)
{
    fprintf(page->out,
            "<script type=\"application/json\" "
            "id=\"map\">{\"left\":%d,\"top\":%d,\"cellWidth\":%.9g,\"cellHeight\":%d,\"columns\":%zu,\"first\":%zu,",
            map->left, map->top, map->cell_width, map->cell_height, map->n_columns, map->first_run);
    put_rows(page);
    fputs("}</script>\n", page->out);
}

/* Throughput and sizes have charts of their own, but no cell here. */
static bool has_wall_time(const struct tm_report *report, size_t first_run)
{
    int wall = tm_report_metric(report, "wall_per_call_ms");
    for (size_t i = 0; i < report->n_plugins; i++)
        for (size_t run = first_run; run < report->n_runs; run++)
            if (!isnan(tm_report_value(report, &report->plugins[i], wall, run)))
                return true;
    return false;
}

/* The image loads late: it is large, and far down. */
void tm_page_heatmap(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    const struct tm_heatmap map = tm_heatmap_of(report);
    fputs("<section id=\"nights\" aria-labelledby=\"nights-title\">\n<h2 id=\"nights-title\">All nights</h2>\n", page->out);
    if (page->no_charts) {
        fputs("<p class=\"remark\">There are no charts: ", page->out);
        tm_put_xml(page->out, page->no_charts);
        fputs("</p>\n", page->out);
    } else if (map.n_rows == 0 || map.n_columns == 0) {
        fputs("<p>There is nothing to draw.</p>\n", page->out);
    } else if (!has_wall_time(report, map.first_run)) {
        fputs("<p>No plugin has a wall time, of which a picture of all of them is made: the charts below show what was "
              "measured.</p>\n",
              page->out);
    } else {
        fprintf(
            page->out,
            "<figure>\n<figcaption>A row per plugin, in the order of the table above; a column per night. Point at a cell to see "
            "which it is; a click leads to the plugin.</figcaption>\n"
            "<div class=\"wide\" role=\"region\" aria-label=\"Heat map\" tabindex=\"0\"><div class=\"map\"><img id=\"heat\" "
            "src=\"%s/heatmap.svg\" width=\"%d\" height=\"%d\" loading=\"lazy\" decoding=\"async\" "
            "alt=\"Heat map of %zu plugins over %zu nights: the same as the charts below, at a glance\"></div></div>\n"
            "<output id=\"tip\" hidden></output>\n</figure>\n",
            page->charts, map.width, map.height, map.n_rows, map.n_columns);
        put_map(page, &map);
    }
    fputs("</section>\n", page->out);
}
