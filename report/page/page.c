/* The frame of the page: its head, its sections in order, and how to read them. One file that needs no network: style and script
 * are in it, and the head forbids a browser to take any other. */
#include "report/page/page.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/sha256.h"
#include "report/page/sections.h"
#include "report/words.h"
#include "schema/tidemark.h"

/* Bytes of numbers for the script: with them the page stays below 3 MB. The plugins that come first have them; rows of others take
 * room from them. */
enum { POINTS_MOST = 1150000, POINTS_LEAST = 400000, BRIEF_ROW = 200 };

static size_t room_for_points(const struct tm_report *report)
{
    size_t brief = report->n_plugins > TM_PAGE_WHOLE ? (report->n_plugins - TM_PAGE_WHOLE) * BRIEF_ROW : 0;
    return brief < POINTS_MOST - POINTS_LEAST ? POINTS_MOST - brief : POINTS_LEAST;
}

/* The only style and scripts that a browser will take are ours. 'self' are the charts, in a folder and on a server. */
static void put_policy(FILE *out)
{
    const char *const scripts[] = {tm_numbers_js, tm_brief_js, tm_page_js, tm_heat_js, tm_charts_js, tm_two_js};
    char hash[TM_SHA256_BASE64];
    tm_sha256_base64(tm_page_css, strlen(tm_page_css), hash);
    fprintf(out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'; style-src 'sha256-%s'; "
            "script-src",
            hash);
    for (size_t i = 0; i < sizeof scripts / sizeof *scripts; i++) {
        tm_sha256_base64(scripts[i], strlen(scripts[i]), hash);
        fprintf(out, " 'sha256-%s'", hash);
    }
    fputs("; base-uri 'none'; form-action 'none'\">\n", out);
}

static void put_title(const struct tm_page *page)
{
    fprintf(page->out, "<title>%s: ", page->report->outcome);
    tm_put_xml(page->out, page->report->run->key);
    if (page->report->branch) {
        fputs(" on ", page->out);
        tm_put_xml(page->out, page->report->branch);
    }
    fputs(" - Tidemark</title>\n", page->out);
}

/* ---- how many were judged, and how to read the page ---- */

static const char guide[] =
    "<section id=\"guide\" aria-labelledby=\"guide-title\">\n<h2 id=\"guide-title\">How to read this page</h2>\n<dl "
    "class=\"guide\">\n"
    "<dt>Baseline</dt><dd>The plugin’s usual value: the median of its last runs, up to 50, since its level last changed.</dd>\n"
    "<dt>Verdict</dt><dd><b class=\"v regressed\">regressed</b>: it got worse, and tonight’s evidence suffices to say so. "
    "<b class=\"v open\">open</b>: it regressed on an earlier night and is still worse. "
    "<b class=\"v missing\">missing</b>: it was in most of the last runs and is not in this one. These three make the gate fail. "
    "<b class=\"v suspect\">suspect</b>: it had one bad run, which proves nothing yet. "
    "<b class=\"v waived\">waived</b> and <b class=\"v retired\">retired</b>: somebody decided so. "
    "<b class=\"v improved\">improved</b> and <b class=\"v pass\">pass</b> need no attention. "
    "<b class=\"v not-judged\">not judged</b>: there are too few runs to compare with, or the reason that stands with it.</dd>\n"
    "<dt>Evidence</dt><dd>How much likelier the newest runs are if the level has changed than if it has not, as a logarithm. "
    "Evidence beyond what is needed raises the alarm, once.</dd>\n"
    "<dt>z</dt><dd>How many robust standard deviations tonight’s value is away from the middle: of the plugin’s own history, or of "
    "all plugins tonight. Noise often exceeds 3; z is shown and decides nothing.</dd>\n"
    "<dt>Rank</dt><dd>The share of runs, or of plugins, that are below tonight’s value.</dd>\n"
    "<dt>Commits</dt><dd>The last good run’s commit and that of the first bad one: the cause lies between them.</dd>\n"
    "<dt>All runs</dt><dd>The whole history at a glance; the dotted line is the baseline, the dot is "
    "tonight.</dd>\n</dl>\n</section>\n";

static void put_paragraph(const struct tm_page *page, const char *text)
{
    if (!text)
        return;
    fputs("<p class=\"said\">", page->out);
    tm_put_xml(page->out, text);
    fputs(".</p>\n", page->out);
}

/* How many were judged, and why not the rest. */
static void put_judged(const struct tm_page *page)
{
    const struct tm_tally *tally = &page->report->tally;
    char *words = tm_tally_words(tally);
    fputs("<section id=\"judged\" aria-labelledby=\"judged-title\">\n<h2 id=\"judged-title\">How many were judged</h2>\n",
          page->out);
    *page->failed |= !words;
    put_paragraph(page, words);
    fprintf(page->out, "<p>This run was compared with up to %" PRId64 " earlier ones of the same host and branch.</p>\n",
            tally->comparable);
    put_paragraph(page, tm_regression_advice(page->report));
    put_paragraph(page, tm_missing_advice(page->report));
    fputs("</section>\n", page->out);
    free(words);
}

static void put_guide(const struct tm_page *page)
{
    put_judged(page);
    fputs(guide, page->out);
}

/* ---- the page ---- */

/* The script stands behind the table, which it can sort before the rest has come. */
int tm_page_write(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct tm_page_wish *wish)
{
    bool failed = false;
    size_t points_left = room_for_points(report);
    const struct tm_page page = {out,           report,      findings, wish->charts, wish->no_charts,
                                 wish->extents, wish->links, &failed,  &points_left};
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"generator\" content=\"Tidemark " TM_VERSION "\">\n",
          out);
    put_policy(out);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
          "dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n"
          "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"Alarms\" href=\"feed.atom\">\n",
          out);
    put_title(&page);
    fprintf(out, "<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#plugins\">To the table of plugins</a>\n",
            tm_page_css);
    tm_page_headline(&page);
    fputs("<main>\n", out);
    tm_page_findings(&page);
    tm_page_table(&page);
    tm_page_runs(&page);
    fprintf(out, "<script>%s</script>\n<script>%s</script>\n<script>%s</script>\n", tm_numbers_js, tm_brief_js, tm_page_js);
    tm_page_heatmap(&page);
    tm_page_plugins(&page);
    put_guide(&page);
    fprintf(out, "</main>\n<script>%s</script>\n<script>%s</script>\n<script>%s</script>\n</body>\n</html>\n", tm_heat_js,
            tm_charts_js, tm_two_js);
    return failed ? -1 : 0;
}
