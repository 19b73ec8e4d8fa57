/* Rows of plugins that come after the first hundreds, as short text: the script makes the same of them that the table has. What is
 * not known is null, and left out at the end. No code: a browser runs no script of that type. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "base/builder.h"
#include "base/escape.h"
#include "report/page/packed.h"
#include "report/page/sections.h"
#include "report/words.h"

enum { POINTS = 40 }; /* of a sparkline: as many as can be told apart in 120 pixels, and no more */

static void put_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, ",%.5g", value);
    else
        fputs(",null", out);
}

/* The mean of what shares a point. */
static double mean_of(const double *values, size_t from, size_t end)
{
    double sum = 0;
    size_t n = 0;
    for (size_t i = from; i < end; i++)
        if (isfinite(values[i]))
            sum += values[i], n++;
    return n > 0 ? sum / (double)n : NAN;
}

/* Hundredths of the highest: nobody sees more in a sparkline. */
static void put_spark(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    double points[POINTS], most = 0;
    size_t n = plugin->values && metric >= 0 ? (report->n_runs < POINTS ? report->n_runs : POINTS) : 0;
    for (size_t i = 0; i < n; i++) {
        points[i] = mean_of(plugin->values + (size_t)metric * report->n_runs, i * report->n_runs / n, (i + 1) * report->n_runs / n);
        most = fmax(most, fabs(points[i]));
    }
    double steps = most > 0 ? fmin(100 / most, 1e300) : 1; /* of what is next to nothing, too, it is a number */
    fprintf(out, ",%.4g,\"", steps);
    tm_put_packed(out, points, n, steps);
    fputc('"', out);
}

static void put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin,
                        const struct tm_report_verdict *v, int metric)
{
    bool judged = v && v->metric >= 0 && isfinite(v->value);
    put_number(out, judged ? tm_report_level(report, v) : tm_report_value(report, plugin, metric, report->n_runs - 1));
    if (!judged)
        return;
    put_number(out, v->baseline);
    const double places[] = {v->z_history, v->pct_history, v->z_population, v->pct_population};
    fputs(",[0", out);
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        put_number(out, places[i]);
    fputc(']', out);
    struct tm_commits commits = tm_verdict_commits(v);
    if (!v->since)
        return;
    fprintf(out, ",%d,", v->since_run);
    tm_put_json(out, v->since);
    fputc(',', out);
    tm_put_json(out, commits.from ? commits.from : "");
    fputc(',', out);
    tm_put_json(out, commits.to ? commits.to : "");
}

static void put_row(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    FILE *out = page->out;
    const struct tm_report *report = page->report;
    const struct tm_report_verdict *v = tm_page_verdict(report, plugin);
    const struct tm_chart_extent *extent = page->extents && !page->no_charts ? &page->extents[plugin - report->plugins] : NULL;
    int metric = v && v->metric >= 0 ? v->metric : report->n_metrics ? 0 : -1;
    fprintf(out, ",\n[%" PRId64 ",", plugin->number);
    tm_put_json(out, plugin->name);
    fprintf(out, ",%d,%d,%d", plugin->class, metric, extent ? extent->height : 0);
    put_spark(out, report, plugin, metric);
    put_verdict(out, report, plugin, v, metric);
    fputc(']', out);
}

void tm_page_brief(const struct tm_page *page)
{
    size_t n = page->report->n_plugins;
    if (n <= TM_PAGE_WHOLE)
        return;
    fprintf(page->out, "<p class=remark id=brief-remark>These are the first %d of %zu plugins: scripts show the others.</p>\n",
            TM_PAGE_WHOLE, n);
    fputs("<script type=\"application/json\" id=\"brief\">[0", page->out);
    tm_page_each(page, TM_PAGE_WHOLE, n, put_row);
    fputs("]</script>\n", page->out);
}
