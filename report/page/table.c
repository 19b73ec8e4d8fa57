/* The table of all plugins, the worst first, with a sparkline each. Its rows leave out the ends of their elements, as HTML allows:
 * there may be thousands. */
#include <math.h>
#include <string.h>

#include "base/escape.h"
#include "base/plural.h"
#include "report/page/sections.h"
#include "report/words.h"

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
    const struct tm_report_verdict *v = tm_page_verdict(report, plugin);
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
            report->n_plugins, TM_PLURAL(report->n_plugins));
    put_head(page->out);
    fputs("<tbody>", page->out);
    tm_page_each(page, 0, TM_PAGE_WHOLE, put_row);
    fputs("\n</tbody></table></div>\n", page->out);
    tm_page_brief(page);
    fputs("</section>\n", page->out);
}
