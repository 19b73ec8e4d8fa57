/* The table of all plugins, the worst first, with a sparkline each. Its rows leave out the ends of their elements, as HTML allows:
 * there may be thousands. */
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "report/page/sections.h"
#include "report/words.h"

/* Every plugin once, the worst first: the order of all lists of the page. */
void tm_page_each(const struct tm_page *page, tm_page_part *put)
{
    const struct tm_report *report = page->report;
    for (size_t i = 0; i < report->n_ranked; i++)
        if (report->ranked[i]->plugin != TM_WHOLE_RUN)
            put(page, &report->plugins[report->ranked[i]->plugin]);
    for (size_t i = 0; i < report->n_plugins; i++)
        if (!report->plugins[i].leader || report->plugins[i].class == TM_PASS)
            put(page, &report->plugins[i]);
}

/* The verdict that stands for the plugin in the table: the one that leads, or that of the first metric; NULL: none. */
static const struct tm_report_verdict *verdict_for(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    const struct tm_report_verdict *first = NULL;
    if (plugin->leader && (plugin->leader->metric >= 0 || plugin->class != TM_PASS))
        return plugin->leader;
    for (size_t i = 0; i < plugin->n_verdicts; i++) {
        const struct tm_report_verdict *verdict = &report->verdicts[plugin->first_verdict + i];
        if (!first || (verdict->metric >= 0 && verdict->metric < first->metric))
            first = verdict;
    }
    return first;
}

/* The columns: how they are called in the page's address, and in the head. */
static const struct {
    const char *key, *title;
} columns[] = {{"plugin", "Plugin"},       {"verdict", "Verdict"},
               {NULL, "All runs"},         {"tonight", "Tonight"},
               {"baseline", "Baseline"},   {"change", "Change"},
               {"z", "z in history"},      {"rank", "Rank in history"},
               {"zp", "z among plugins"},  {"rankp", "Rank among plugins"},
               {"since", "Since, commits"}};

static void put_head(FILE *out)
{
    fputs("<thead><tr>", out);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        if (columns[i].key)
            fprintf(out, "<th scope=\"col\" data-key=\"%s\">%s</th>", columns[i].key, columns[i].title);
        else
            fprintf(out, "<th scope=\"col\">%s</th>", columns[i].title);
    fputs("</tr></thead>\n", out);
}

static void put_number(FILE *out, double value, int digits, const char *unit)
{
    fputs("<td>", out);
    if (!isfinite(value))
        return;
    tm_page_fixed(out, value, digits);
    fputs(unit, out);
}

/* A cell with the figure that sorts it. */
static void open_cell(FILE *out, double key)
{
    if (isfinite(key))
        fprintf(out, "<td data-v=%.5g>", key);
    else
        fputs("<td>", out);
}

static void put_figures(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const struct tm_report_metric *metric = &report->metrics[v->metric];
    double now = tm_report_level(report, v);
    open_cell(out, now);
    tm_page_amount(out, metric, now, v->baseline);
    open_cell(out, v->baseline);
    tm_page_amount(out, metric, v->baseline, now);
    open_cell(out, (now - v->baseline) / fmax(fabs(v->baseline), 1e-9 /* what grew from nothing comes first */));
    tm_page_change(out, metric, now, v->baseline);
    put_number(out, v->z_history, 1, "");
    put_number(out, v->pct_history, 0, " %");
    put_number(out, v->z_population, 1, "");
    put_number(out, v->pct_population, 0, " %");
}

/* Of what is not judged: what was measured. */
static void put_measured(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    double value = report->n_runs ? tm_report_value(report, plugin, metric, report->n_runs - 1) : NAN;
    open_cell(out, value);
    if (metric >= 0)
        tm_page_amount(out, &report->metrics[metric], value, NAN);
    fputs("<td><td><td><td><td><td>", out);
}

/* The row is sorted and filtered by the script, which reads the class and the figures from its attributes. */
static void put_row(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    FILE *out = page->out;
    const struct tm_report *report = page->report;
    const struct tm_report_verdict *v = verdict_for(report, plugin);
    int metric = v && v->metric >= 0 ? v->metric : report->n_metrics ? 0 : -1;
    char slug[TM_PAGE_SLUG_SIZE];
    tm_page_slug(tm_class_name(plugin->class), slug);
    fprintf(out, "\n<tr class=%s data-m=%d><th scope=row>", slug, metric);
    tm_page_link(page, plugin);
    if (metric >= 0) {
        fputs("<small>", out);
        tm_put_xml(out, tm_report_metric_title(&report->metrics[metric]));
        fputs("</small>", out);
    }
    fprintf(out, "<td><b class=\"v %s\">%s</b><td>", slug, tm_class_name(plugin->class));
    tm_page_spark(out, report, plugin, metric, v ? v->baseline : NAN);
    if (v && v->metric >= 0 && isfinite(v->value))
        put_figures(out, report, v);
    else
        put_measured(out, report, plugin, metric);
    fputs("<td>", out);
    if (v && v->since) {
        tm_page_run(page, v->since_run, v->since);
        tm_page_interval(page, &v->interval);
        tm_page_commits(page, tm_verdict_commits(v));
    }
}

/* ---- what the script makes use of ---- */

/* Hidden until the script, which makes it work, shows it. */
static void put_filter(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    size_t of[TM_CLASSES] = {0};
    for (size_t i = 0; i < report->n_plugins; i++)
        of[report->plugins[i].class]++;
    fputs("<form class=\"tools\" id=\"tools\" hidden>\n<label>Find <input type=\"search\" id=\"filter\" autocomplete=\"off\" "
          "placeholder=\"part of a name\"></label>\n<fieldset><legend>Only</legend>",
          page->out);
    for (int class = TM_CLASSES; class -- > 0;) {
        char slug[TM_PAGE_SLUG_SIZE];
        tm_page_slug(tm_class_name((enum tm_class) class), slug);
        if (of[class] > 0)
            fprintf(page->out,
                    "<label class=\"%s\"><input type=\"checkbox\" name=\"class\" value=\"%s\">%s <span>%zu</span></label>", slug,
                    slug, tm_class_name((enum tm_class) class), of[class]);
    }
    fputs("</fieldset>\n<output id=\"shown\" aria-live=\"polite\"></output>\n</form>\n", page->out);
}

void tm_page_table(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    fputs("<section id=\"plugins\" aria-labelledby=\"plugins-title\">\n<h2 id=\"plugins-title\">All plugins</h2>\n", page->out);
    put_filter(page);
    fprintf(page->out,
            "<div class=\"wide\" role=\"region\" aria-label=\"Table of all plugins\" tabindex=\"0\">\n<table class=\"all\" "
            "id=\"all\">\n"
            "<caption>%zu plugin%s, the worst first. A row shows the metric that speaks for its plugin.</caption>\n",
            report->n_plugins, report->n_plugins == 1 ? "" : "s");
    put_head(page->out);
    fputs("<tbody>", page->out);
    tm_page_each(page, put_row);
    fputs("\n</tbody></table></div>\n</section>\n", page->out);
}

/* ---- sparklines: a history at a glance, of which only the shape is to be seen ---- */

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
