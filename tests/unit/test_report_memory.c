/* Whatever a report is written as: where memory runs short, that is an error, and never a report that lacks something. Each
 * allocation on the way fails once, alone: the writer has to say -1, or to write the same bytes. */
#include "tests/unit/stage.h"

#include "base/escape.h"
#include "report/feed.h"
#include "report/page/page.h"

#if defined __GLIBC__ && !defined __SANITIZE_ADDRESS__ && !defined __SANITIZE_THREAD__
#define CAN_FAIL 1
#else
#define CAN_FAIL 0 /* a sanitizer has an allocator of its own */
#endif

/* ---- an allocator that fails when asked to ---- */

static size_t allocations, failing; /* since the last start; the one that fails, from 1; 0: none */

#if CAN_FAIL
/* glibc's own, under its other names. */
void *real_malloc(size_t size) __asm__("__libc_malloc");
void *real_calloc(size_t n, size_t size) __asm__("__libc_calloc");
void *real_realloc(void *old, size_t size) __asm__("__libc_realloc");

static bool fails_now(void)
{
    return ++allocations == failing;
}

void *malloc(size_t size)
{
    return fails_now() ? NULL : real_malloc(size);
}

void *calloc(size_t n, size_t size)
{
    return fails_now() ? NULL : real_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
    return fails_now() ? NULL : real_realloc(old, size);
}
#endif

/* ---- the writers ---- */

static int put_findings(FILE *out, const struct tm_report *report,
                        int (*put)(FILE *, const struct tm_report *, const struct tm_findings *))
{
    struct tm_findings findings;
    int result = tm_findings_find(report, &findings);
    if (result == 0)
        result = put(out, report, &findings);
    tm_findings_free(&findings);
    return result;
}

static int narrow(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    return tm_findings_text(out, report, findings, 80);
}

static int put_page(FILE *out, const struct tm_report *report, const struct tm_findings *findings)
{
    return tm_page_write(out, report, findings, &(struct tm_page_wish){.charts = "charts"});
}

static int put_findings_text(FILE *out, const struct tm_report *report)
{
    return put_findings(out, report, narrow);
}

static int put_findings_markdown(FILE *out, const struct tm_report *report)
{
    return put_findings(out, report, tm_findings_markdown);
}

static int put_findings_json(FILE *out, const struct tm_report *report)
{
    return put_findings(out, report, tm_findings_json);
}

static int put_whole_page(FILE *out, const struct tm_report *report)
{
    return put_findings(out, report, put_page);
}

static const struct {
    const char *name;
    tm_form_writer *write;
    bool allocates;
} writers[] = {{"text", tm_write_text, true},
               {"coloured", tm_write_coloured, true},
               {"json", tm_write_json, true},
               {"csv", tm_write_csv, false},
               {"markdown", tm_write_markdown, true},
               {"junit", tm_write_junit, true},
               {"codequality", tm_write_codequality, true},
               {"sarif", tm_write_sarif, true},
               {"github", tm_write_github, true},
               {"openmetrics", tm_write_openmetrics, false},
               {"badge", tm_write_badge_json, false},
               {"badge.svg", tm_write_badge_svg, false},
               {"slack", tm_write_slack, true},
               {"teams", tm_write_teams, true},
               {"text-short", tm_write_text_short, true},
               {"findings as text", put_findings_text, true},
               {"findings as markdown", put_findings_markdown, true},
               {"findings as json", put_findings_json, true},
               {"page", put_whole_page, true},
               {"feed", tm_feed_write, true}};

static const struct {
    const char *name;
    void (*make)(struct stage *stage);
} reports[] = {
    {"every class", every_class_explained}, {"slow run", slow_run}, {"with history", with_history}, {"empty", empty_run}};

/* ---- the test ---- */

static char complete[1 << 20], other[1 << 20];

/* Writes into a buffer, with the allocation of that number failing (0: none). */
static int write_failing(size_t i, tm_form_writer *write, const struct tm_report *report, char text[1 << 20])
{
    memset(text, 0, 1 << 20);
    FILE *out = fmemopen(text, 1 << 20, "w");
    assert_non_null(out);
    putc('x', out); /* the stream has its buffer from now on */
    allocations = 0, failing = i;
    int result = write(out, report);
    failing = 0;
    assert_int_equal(fclose(out), 0);
    return result;
}

static void no_report_lacks_what_there_was_no_memory_for(void **state)
{
    (void)state;
    if (!CAN_FAIL) {
        print_message("skipped: no allocator of ours here\n");
        return;
    }
    for (size_t r = 0; r < sizeof reports / sizeof *reports; r++) {
        const struct tm_report *report = report_of(reports[r].make);
        for (size_t w = 0; w < sizeof writers / sizeof *writers; w++) {
            int result = write_failing(0, writers[w].write, report, complete);
            size_t n = allocations, missed = 0;
            bool as_known =
                n > 0 ? writers[w].allocates : !writers[w].allocates || r > 0; /* the first report has something for all */
            if (result != 0 || !as_known)
                fail_msg("%s, %s: %d, with %zu allocations", reports[r].name, writers[w].name, result, n);
            for (size_t i = 1; i <= n; i++)
                missed += write_failing(i, writers[w].write, report, other) != -1 && strcmp(complete, other) != 0;
            if (missed > 0)
                fail_msg("%s, %s: %zu of %zu failed allocations went unnoticed", reports[r].name, writers[w].name, missed, n);
        }
    }
}

/* Longer than any buffer of the C library's: a stream in memory has to grow, and may not. */
static void no_long_text_is_cut(void **state)
{
    enum { LONG = 40000 };
    static char text[LONG + 1];
    size_t tried = 0;
    (void)state;
    memset(text, 'x', LONG);
    for (size_t i = 1; CAN_FAIL; i++) {
        allocations = 0, failing = i;
        char *safe = tm_safe_text(text);
        bool met = allocations >= i;
        failing = 0;
        if (safe && strcmp(safe, text) != 0)
            fail_msg("allocation %zu: %zu of %d bytes", i, strlen(safe), LONG);
        free(safe);
        tried += met;
        if (!met)
            break;
    }
    assert_true(tried > 2 || !CAN_FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(no_report_lacks_what_there_was_no_memory_for),
                                       cmocka_unit_test(no_long_text_is_cut)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
