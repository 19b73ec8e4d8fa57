/* In which order plugins stand on the page, and what speaks for each. */
#include "report/page/sections.h"

/* Every plugin once, the worst first: the order of all lists of the page. */
void tm_page_each(const struct tm_page *page, size_t from, size_t end, tm_page_part *put)
{
    const struct tm_report *report = page->report;
    size_t n = 0;
    for (size_t i = 0; i < report->n_ranked; i++)
        if (report->ranked[i]->plugin != TM_WHOLE_RUN && n++ >= from && n <= end)
            put(page, &report->plugins[report->ranked[i]->plugin]);
    for (size_t i = 0; i < report->n_plugins; i++)
        if ((!report->plugins[i].leader || report->plugins[i].class == TM_PASS) && n++ >= from && n <= end)
            put(page, &report->plugins[i]);
}

const struct tm_report_verdict *tm_page_verdict(const struct tm_report *report, const struct tm_report_plugin *plugin)
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
