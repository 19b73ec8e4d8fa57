#include "report/page/page.h"

#include <string.h>

#include "base/escape.h"
#include "report/page/parts.h"
#include "report/page/sha256.h"
#include "schema/tidemark.h"

/* The only style and script that a browser will take are the two in the head. 'self' are the charts, in a folder and on a server.
 */
static void put_policy(FILE *out)
{
    char style[TM_SHA256_BASE64], script[TM_SHA256_BASE64];
    tm_sha256_base64(tm_page_css, strlen(tm_page_css), style);
    tm_sha256_base64(tm_page_js, strlen(tm_page_js), script);
    fprintf(out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src 'self'; style-src 'sha256-%s'; "
            "script-src 'sha256-%s'; base-uri 'none'; form-action 'none'\">\n",
            style, script);
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

/* The script stands behind the table, which it can sort before the rest has come. */
void tm_page_write(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const char *no_charts)
{
    const struct tm_page page = {out, report, findings, no_charts};
    fputs("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta name=\"generator\" content=\"Tidemark " TM_VERSION "\">\n",
          out);
    put_policy(out);
    fputs("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light "
          "dark\">\n"
          "<meta name=\"referrer\" content=\"no-referrer\">\n",
          out);
    put_title(&page);
    fprintf(out, "<style>%s</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#plugins\">To the table of plugins</a>\n",
            tm_page_css);
    tm_page_lead(&page);
    fputs("<main>\n", out);
    tm_page_findings(&page);
    tm_page_table(&page);
    fprintf(out, "<script>%s</script>\n", tm_page_js);
    tm_page_heatmap(&page);
    tm_page_plugins(&page);
    tm_page_guide(&page);
    fputs("</main>\n</body>\n</html>\n", out);
}
