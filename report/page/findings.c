/* What to do first: the findings as a list that folds, and what is missing in the data. */
#include "base/escape.h"
#include "report/page/sections.h"
#include "report/words.h"

enum { UNFOLDED = 3 }; /* as many as fit a screen */

/* A term and its text; nothing without a text. */
static void put_point(const struct tm_page *page, const char *name, const char *text)
{
    if (!text || !*text)
        return;
    fprintf(page->out, "<dt>%s</dt><dd>", name);
    tm_put_xml(page->out, text);
    fputs("</dd>\n", page->out);
}

/* The first ones are unfolded. */
static void put_finding(const struct tm_page *page, const struct tm_finding *finding, bool open)
{
    const struct tm_report *report = page->report;
    const struct tm_report_verdict *verdict = finding->verdict;
    const struct tm_report_plugin *plugin = verdict->plugin == TM_WHOLE_RUN ? NULL : &report->plugins[verdict->plugin];
    char slug[TM_PAGE_SLUG_SIZE];
    tm_page_slug(tm_class_name(verdict->class), slug);
    fprintf(page->out, "<li class=\"%s\"><details%s><summary><h3>", slug, open ? " open" : "");
    tm_page_text(page, finding->title, plugin, tm_page_name);
    fputs("</h3> ", page->out);
    tm_page_badge(page, verdict->class);
    fputs("</summary>\n<div class=told>\n", page->out);
    tm_page_evidence(page, verdict);
    fputs("<dl>\n", page->out);
    fputs("<dt>Where</dt><dd>", page->out);
    if (plugin) { /* the link is here, since the title folds and unfolds */
        tm_page_link(page, plugin);
        fputs(": ", page->out);
    }
    tm_put_xml(page->out, finding->where);
    fputs("</dd>\n", page->out);
    struct tm_commits commits = tm_verdict_commits(verdict);
    if (commits.to && (page->links.commit || page->links.compare)) {
        fputs("<dt>Commits</dt><dd>", page->out);
        tm_page_commits(page, commits);
        fputs("</dd>\n", page->out);
    }
    put_point(page, "Evidence", finding->evidence);
    put_point(page, "Diagnosis", finding->diagnosis);
    put_point(page, "Next step", finding->next_step);
    if (finding->command) {
        fputs("<dt>Command</dt><dd><code>", page->out);
        tm_put_xml(page->out, finding->command);
        fputs("</code></dd>\n", page->out);
    }
    put_point(page, "Goal", finding->goal);
    fputs("</dl></div></details></li>\n", page->out);
}

static void put_gaps(const struct tm_page *page)
{
    const struct tm_findings *findings = page->findings;
    if (findings->n_gaps == 0)
        return;
    fputs("<h3>What is missing in the data</h3>\n<ul class=\"gaps\">\n", page->out);
    for (size_t i = 0; i < findings->n_gaps; i++) {
        fputs("<li>", page->out);
        tm_put_xml(page->out, findings->gaps[i]);
        fputs("</li>\n", page->out);
    }
    fputs("</ul>\n", page->out);
}

void tm_page_findings(const struct tm_page *page)
{
    const struct tm_findings *findings = page->findings;
    fputs("<section id=\"findings\" aria-labelledby=\"findings-title\">\n<h2 id=\"findings-title\">What to do first</h2>\n",
          page->out);
    if (findings->n == 0)
        fprintf(page->out, "<p class=\"said\">%s.</p>\n", tm_nothing_found(page->report));
    else
        fputs("<ol class=\"findings\">\n", page->out);
    for (size_t i = 0; i < findings->n; i++)
        put_finding(page, &findings->list[i], i < UNFOLDED);
    if (findings->n > 0)
        fputs("</ol>\n", page->out);
    if (findings->left_out > 0)
        fprintf(page->out, "<p>%zu more %s in the table below.</p>\n", findings->left_out, findings->left_out == 1 ? "is" : "are");
    put_gaps(page);
    fputs("</section>\n", page->out);
}
