/* A section per plugin: its chart, its past, and tonight in numbers. */
#include <stdlib.h>

#include "base/escape.h"
#include "report/chart/chart.h"
#include "report/page/parts.h"
#include "report/words.h"

static void put_words(const struct tm_page *page, const struct tm_report_verdict *verdict)
{
    char *words = verdict ? tm_verdict_sentence(page->report, verdict) : NULL;
    if (words && *words) {
        fputs("<p>", page->out);
        tm_put_xml(page->out, words);
        fputs(".</p>\n", page->out);
    }
    free(words);
}

static void put_legend(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    int metrics[TM_CHART_CUSTOM_MOST];
    size_t n = tm_chart_custom(page->report, plugin, metrics);
    for (size_t i = 0; i < n; i++) {
        fprintf(page->out, "%scustom %zu is ", i ? ", " : "<p class=legend>In the chart, ", i + 1);
        tm_put_xml(page->out, tm_report_metric_title(&page->report->metrics[metrics[i]]));
    }
    fputs(n ? "</p>\n" : "", page->out);
}

static void put_chart(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    int width, height;
    char file[32];
    if (page->no_charts || !tm_chart_size(page->report, plugin, &width, &height))
        return;
    tm_chart_file(plugin, file);
    fprintf(page->out,
            "<a class=chart href=charts/%s><img src=charts/%s width=%d height=%d loading=lazy decoding=async alt=\"Chart of ", file,
            file, width, height);
    tm_put_xml(page->out, plugin->name);
    fprintf(page->out, " over %zu runs, with its changes of level\"></a>\n", page->report->n_runs);
    put_legend(page, plugin);
}

static void put_section(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fprintf(page->out, "<section class=plugin id=p%lld>\n<h3>", (long long)plugin->id);
    tm_page_link(page, plugin);
    putc(' ', page->out);
    tm_page_badge(page, plugin->class);
    fputs("</h3>\n", page->out);
    if (plugin->class != TM_PASS)
        put_words(page, plugin->leader);
    put_chart(page, plugin);
    tm_page_past(page, plugin);
    tm_page_numbers(page, page->report->verdicts + plugin->first_verdict, plugin->n_verdicts);
    fputs("</section>\n", page->out);
}

/* Verdicts on the run itself lie behind those of the plugins. */
static void put_whole_run(const struct tm_page *page)
{
    const struct tm_report *report = page->report;
    size_t n = 0;
    while (n < report->n_verdicts && report->verdicts[report->n_verdicts - 1 - n].plugin == TM_WHOLE_RUN)
        n++;
    if (n == 0)
        return;
    fputs("<section class=plugin id=run>\n<h3>The whole run</h3>\n", page->out);
    tm_page_numbers(page, report->verdicts + report->n_verdicts - n, n);
    tm_page_decisions(page, TM_WHOLE_RUN);
    fputs("</section>\n", page->out);
}

void tm_page_plugins(const struct tm_page *page)
{
    fputs("<section id=\"sections\" aria-labelledby=\"sections-title\">\n<h2 id=\"sections-title\">Plugin by plugin</h2>\n",
          page->out);
    put_whole_run(page);
    tm_page_each(page, put_section);
    fputs("</section>\n", page->out);
}
