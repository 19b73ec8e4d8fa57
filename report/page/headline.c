/* The top of the page, for somebody who reads no further: one sentence that says the worst, and which run this is. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/plural.h"
#include "base/timestamp.h"
#include "report/notes.h"
#include "report/page/sections.h"
#include "report/words.h"

/* The one that the findings begin with, if it is of that class. */
static const struct tm_report_verdict *worst_of(const struct tm_page *page, enum tm_class class)
{
    const struct tm_report *report = page->report;
    for (size_t i = 0; i < page->findings->n; i++)
        if (page->findings->list[i].verdict->class == class)
            return page->findings->list[i].verdict;
    for (size_t i = 0; i < report->n_ranked; i++)
        if (report->ranked[i]->class == class)
            return report->ranked[i];
    return NULL;
}

/* The shift of the whole run; NULL: there is none. */
static const struct tm_report_verdict *run_wide(const struct tm_report *report)
{
    const struct tm_report_verdict *last = report->n_verdicts ? &report->verdicts[report->n_verdicts - 1] : NULL;
    return report->tally.run_wide && last && last->plugin == TM_WHOLE_RUN ? last : NULL;
}

/* The headline says once which year it is. */
static void drop_year(char *day, int64_t said)
{
    char other[TM_PAGE_DAY_SIZE];
    const char *other_year = strrchr(tm_page_date(said, other), ' ');
    char *year = strrchr(day, ' ');
    if (strcmp(year, other_year) == 0)
        *year = '\0';
}

/* "pdf-parser takes 50 % longer per call since 19 November", with the day where the run is known. */
static void put_sentence(const struct tm_page *page, const struct tm_report_verdict *verdict)
{
    char day[TM_PAGE_DAY_SIZE];
    struct tm_report_verdict dated = *verdict;
    if (dated.since && dated.since_run >= 0) {
        dated.since = tm_page_date(page->report->runs[dated.since_run].started_at, day);
        drop_year(day, page->report->run->started_at);
        dated.since_at = 0; /* the day is said already */
    }
    char *sentence = tm_verdict_sentence(page->report, &dated);
    const struct tm_report_plugin *plugin = verdict->plugin == TM_WHOLE_RUN ? NULL : &page->report->plugins[verdict->plugin];
    if (sentence)
        tm_page_text(page, sentence, plugin, tm_page_link);
    else
        *page->failed = true;
    free(sentence);
}

/* Slower, if time is all that the regressions of tonight are about. */
static const char *how_they_got(const struct tm_report *report)
{
    for (size_t i = 0; i < report->n_ranked; i++) {
        const struct tm_report_verdict *verdict = report->ranked[i];
        const char *metric = verdict->metric >= 0 ? report->metrics[verdict->metric].name : "";
        if (verdict->class == TM_REGRESSED && strncmp(metric, "wall_", 5) != 0)
            return "worse";
    }
    return "slower";
}

/* ": SENTENCE", or ". The worst: SENTENCE" where there are several. */
static void put_worst(const struct tm_page *page, enum tm_class class)
{
    const struct tm_report_verdict *worst = worst_of(page, class);
    if (!worst)
        return;
    fputs(page->report->tally.of[class] > 1 ? ". The worst: " : ": ", page->out);
    put_sentence(page, worst);
}

static void put_regressed(const struct tm_page *page)
{
    const struct tm_tally *tally = &page->report->tally;
    fprintf(page->out, "%" PRId64 " of %" PRId64 " plugin%s got %s", tally->of[TM_REGRESSED], tally->plugins,
            TM_PLURAL(tally->plugins), how_they_got(page->report));
    put_worst(page, TM_REGRESSED);
}

/* Nothing new, and yet not well. */
static void put_unresolved(const struct tm_page *page)
{
    static const char *const one[TM_CLASSES] =
        {[TM_OPEN] = "is still worse than before", [TM_SUSPECT] = "had a bad run", [TM_OVER_LIMIT] = "is over its limit"},
                             *const many[TM_CLASSES] = {[TM_OPEN] = "are still worse than before",
                                                        [TM_MISSING] = "are missing",
                                                        [TM_SUSPECT] = "had a bad run",
                                                        [TM_OVER_LIMIT] = "are over their limits"};
    const int64_t *of = page->report->tally.of;
    enum tm_class class = of[TM_OPEN] ? TM_OPEN : of[TM_MISSING] ? TM_MISSING : of[TM_OVER_LIMIT] ? TM_OVER_LIMIT : TM_SUSPECT;
    fputs("no plugin got worse, but ", page->out);
    if (class == TM_MISSING && of[class] == 1 && worst_of(page, class)) {
        put_sentence(page, worst_of(page, class));
        return;
    }
    fprintf(page->out, "%" PRId64 " %s", of[class], of[class] == 1 && one[class] ? one[class] : many[class]);
    if (class != TM_MISSING)
        put_worst(page, class);
}

/* "On 20 November 2026, " and the first of these that is true. */
static void put_headline(const struct tm_page *page)
{
    char day[TM_PAGE_DAY_SIZE];
    const struct tm_report *report = page->report;
    const struct tm_tally *tally = &report->tally;
    const int64_t *of = tally->of;
    fprintf(page->out, "On %s, ", tm_page_date(report->run->started_at, day));
    if (tally->plugins == 0)
        fputs("the run was empty: it has no plugins", page->out);
    else if (run_wide(report))
        put_sentence(page, run_wide(report));
    else if (of[TM_REGRESSED])
        put_regressed(page);
    else if (of[TM_OPEN] || of[TM_MISSING] || of[TM_OVER_LIMIT] || (strcmp(report->outcome, "fail") == 0 && of[TM_SUSPECT]))
        put_unresolved(page);
    else if (tm_fails_as_slow(report))
        fputs(TM_SLOW_RUN, page->out);
    else if (tally->judged + tally->partly == 0)
        fputs("nothing could be judged yet", page->out);
    else
        fprintf(page->out, "none of the %" PRId64 " plugins %sgot worse", tally->judged + tally->partly,
                tally->judged < tally->plugins ? "that could be judged " : "");
    putc('.', page->out);
}

/* Each line of a text a paragraph of its own; frees the text. NULL: no memory. */
static void put_lines(const struct tm_page *page, const char *class, char *lines)
{
    *page->failed |= !lines;
    for (char *rest = lines && *lines ? lines : NULL, *line; (line = strsep(&rest, "\n"));) {
        fprintf(page->out, "<p class=\"%s\">", class);
        tm_put_xml(page->out, line);
        fputs("</p>\n", page->out);
    }
    free(lines);
}

/* In one paragraph, whatever names are in it; frees the text. */
static void put_note(const struct tm_page *page, char *text)
{
    fputs("<p class=\"said remark\">", page->out);
    *page->failed |= tm_put_owned(page->out, tm_put_xml, text) != 0;
    fputs("</p>\n", page->out);
}

static void put_fact(const struct tm_page *page, const char *name, const char *value)
{
    if (!value || !*value)
        return;
    fprintf(page->out, "<div><dt>%s</dt><dd><bdi>", name);
    tm_put_xml(page->out, value);
    fputs("</bdi></dd></div>\n", page->out);
}

/* What was measured, where and when; what was not said is left out. */
static void put_facts(const struct tm_page *page)
{
    char started[TM_TIME_SIZE];
    const struct tm_report *report = page->report;
    tm_time_format(report->run->started_at, started);
    fputs("<dl class=\"facts\">\n", page->out);
    put_fact(page, "Run", report->run->key);
    fprintf(page->out, "<div><dt>Started</dt><dd><time datetime=\"%s\">%.10s %.5s UTC</time></dd></div>\n", started, started,
            started + 11);
    put_fact(page, "Branch", report->branch);
    put_fact(page, "Commit", report->run->commit);
    put_fact(page, "Version", report->version);
    put_fact(page, "Host", report->host);
    if (report->project && strcmp(report->project, "default") != 0)
        put_fact(page, "Project", report->project);
    fputs("</dl>\n", page->out);
}

/* The colour of the whole head is that of the outcome. */
void tm_page_headline(const struct tm_page *page)
{
    char slug[TM_PAGE_SLUG_SIZE];
    const struct tm_report *report = page->report;
    tm_page_slug(report->outcome, slug);
    fprintf(page->out, "<header class=\"lead %s\">\n<p class=\"outcome\"><b>%s</b> <span>Tidemark report</span></p>\n<h1>", slug,
            report->outcome);
    put_headline(page);
    fputs("</h1>\n", page->out);
    put_lines(page, "said remark", tm_run_remarks(report));
    for (size_t i = 0; i < tm_notes(report); i++)
        put_note(page, tm_note_text(report, i));
    put_lines(page, "said tally", tm_tally_words(&report->tally));
    put_facts(page);
    fputs("<nav aria-label=\"Parts of this page\"><a href=\"#findings\">What to do first</a> <a href=\"#plugins\">All plugins</a> "
          "<a href=\"#nights\">All nights</a> <a href=\"#sections\">Plugin by plugin</a> <a href=\"#guide\">How to read this</a>"
          "</nav>\n</header>\n",
          page->out);
}
