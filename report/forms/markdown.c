/* For step summaries and comments on merge requests. Whoever shows it cuts it off or leaves it out when it is too long: 65,536
 * characters for a comment on GitHub, 1 MiB for a step's summary there, a million characters on GitLab. So this one fits the least.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "base/escape.h"
#include "base/timestamp.h"
#include "report/forms/forms.h"
#include "report/notes.h"
#include "report/verdict_fields.h"
#include "report/words.h"

enum {
    MOST_BYTES = 50000, /* of rows: leaves GitHub's 65,536 characters some room for the rest and for who quotes it */
    SHOWN_OPENLY = 20,  /* rows; more are a click away */
};

struct page {
    FILE *out;
    const struct tm_report *report;
    size_t room, left_out; /* bytes for rows, and rows that found none */
    bool failed;           /* no memory */
};

/* Which verdicts a table is for, and what it writes of each: 0, or -1, no memory. */
typedef bool belongs(const struct tm_report *report, const struct tm_report_verdict *verdict);
typedef int put_row(FILE *out, const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Names stand in <code>: there no @name is called, no #1 becomes a link. */
static void put_code(FILE *out, const char *text)
{
    if (!text)
        return;
    fputs("<code>", out);
    tm_put_markdown(out, text);
    fputs("</code>", out);
}

/* Now and before, or the effect where no value is known. 0, or -1: no memory. */
static int put_level(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    struct tm_builder builder;
    if (v->metric < 0 || isnan(v->value)) {
        if (!isnan(v->effect))
            fprintf(out, "%+.1f %%", 100 * v->effect);
        return 0;
    }
    if (!tm_build(&builder))
        return -1;
    tm_put_change(builder.out, report, v);
    return tm_put_owned(out, tm_put_markdown, tm_built(&builder));
}

/* By its day, with its key in brackets where that is another. */
static void put_run(FILE *out, const char *key, int64_t at)
{
    char day[TM_TIME_SIZE];
    tm_time_format(at, day);
    day[10] = '\0'; /* "2026-11-20" of a time */
    if (!key || at == 0 || strcmp(key, day) == 0) {
        put_code(out, key);
        return;
    }
    fprintf(out, "%s (", day);
    put_code(out, key);
    putc(')', out);
}

static void put_since(FILE *out, const struct tm_report_verdict *v)
{
    put_run(out, v->since, v->since_at);
    if (!v->since || !tm_interval_is_wide(&v->interval))
        return;
    fputs(" (at the earliest ", out);
    put_run(out, v->interval.earliest, v->interval.earliest_at);
    fputs(", at the latest ", out);
    put_run(out, v->interval.latest, v->interval.latest_at);
    putc(')', out);
}

static int put_commits(FILE *out, const struct tm_report_verdict *v)
{
    struct tm_commits commits = tm_verdict_commits(v);
    struct tm_builder builder;
    if (!commits.from || !commits.to)
        return 0;
    if (!tm_build(&builder))
        return -1;
    tm_put_commits(builder.out, "", commits);
    char *range = tm_built(&builder);
    if (!range)
        return -1;
    put_code(out, range);
    free(range);
    return 0;
}

static void put_last_seen(FILE *out, const struct tm_report_verdict *v)
{
    fputs("last seen in ", out);
    put_code(out, v->last_good);
    tm_put_how_long_ago(out, v);
}

static int put_allowed(FILE *out, const char *before, const struct tm_report *report, const struct tm_report_verdict *v)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return -1;
    tm_put_allowed(builder.out, before, report, v);
    return tm_put_owned(out, tm_put_markdown, tm_built(&builder));
}

/* A step needs no word, every other kind has one. */
static int put_remark(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const char *const parts[] = {v->kind && strcmp(v->kind, "step") != 0 ? v->kind : NULL, v->signal, v->why};
    const char *comma = "";
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (parts[i]) {
            fputs(comma, out);
            tm_put_markdown(out, parts[i]);
            comma = ", ";
        }
    if (v->class == TM_MISSING && v->last_good)
        put_last_seen(out, v);
    return put_allowed(out, comma, report, v);
}

/* A row of the main table; what fails the gate is bold. */
static int put_verdict(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const char *mark = tm_verdict_fails(report, v) ? "**" : "";
    fprintf(out, "| %s%s%s | ", mark, tm_class_name(v->class), mark);
    put_code(out, tm_verdict_subject(report, v));
    fputs(" | ", out);
    put_code(out, v->metric < 0 ? NULL : report->metrics[v->metric].name);
    fputs(" | ", out);
    int result = put_level(out, report, v);
    fputs(" | ", out);
    put_since(out, v);
    fputs(" | ", out);
    result |= put_commits(out, v);
    fputs(" | ", out);
    result |= put_remark(out, report, v);
    fputs(" |\n", out);
    return result;
}

static int put_numbers(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    fprintf(out, "| %s | ", tm_class_name(v->class));
    put_code(out, tm_verdict_subject(report, v));
    fputs(" | ", out);
    int result = tm_put_owned(out, tm_put_markdown, tm_verdict_numbers(report, v));
    fputs(isnan(v->reach.level) ? "" : "; ", out);
    result |= tm_put_owned(out, tm_put_markdown, tm_verdict_reach(report, v));
    fputs(" |\n", out);
    return result;
}

/* A row that has no room leaves out all after it as well: what is there is always the worst. */
static void try_row(struct page *page, put_row *put, const struct tm_report_verdict *verdict)
{
    struct tm_builder builder;
    if (page->left_out > 0) {
        page->left_out++;
        return;
    }
    page->failed |= !tm_build(&builder) || put(builder.out, page->report, verdict) != 0;
    char *text = tm_built(&builder);
    if (!text) {
        page->failed = true;
    } else if (builder.size <= page->room) {
        fputs(text, page->out);
        page->room -= builder.size;
    } else {
        page->left_out++;
    }
    free(text);
}

static size_t count_rows(const struct tm_report *report, belongs *wanted)
{
    size_t n = 0;
    for (size_t i = 0; i < report->n_verdicts; i++)
        n += wanted(report, report->by_weight[i]);
    return n;
}

static void put_rows(struct page *page, belongs *wanted, put_row *put, size_t first, size_t end)
{
    const struct tm_report *report = page->report;
    size_t n = 0;
    for (size_t i = 0; i < report->n_verdicts; i++)
        if (wanted(report, report->by_weight[i]) && n++ >= first && n <= end)
            try_row(page, put, report->by_weight[i]);
}

static const char verdict_head[] = "\n| verdict | plugin | metric | level | since | commits | remark |\n"
                                   "|---|---|---|---|---|---|---|\n";
static const char numbers_head[] = "\n| verdict | plugin | numbers |\n|---|---|---|\n";

/* A table behind a click, without its first rows, which stand openly. What has no room is counted. */
static void put_folded(struct page *page, const char *title, const char *head, belongs *wanted, put_row *put, size_t first)
{
    size_t n = count_rows(page->report, wanted);
    if (n <= first)
        return;
    if (page->left_out > 0) {
        page->left_out += n - first;
        return;
    }
    fprintf(page->out, "\n<details><summary>%zu %s</summary>\n%s", n - first, title, head);
    put_rows(page, wanted, put, first, SIZE_MAX);
    fputs("\n</details>\n", page->out);
}

static bool matters(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return tm_verdict_is_news(v) && (v->class >= TM_SUSPECT || tm_verdict_fails(report, v));
}

static bool is_quiet(const struct tm_report *report, const struct tm_report_verdict *v)
{
    return tm_verdict_is_news(v) && !matters(report, v);
}

static bool is_explained(const struct tm_report *report, const struct tm_report_verdict *v)
{
    (void)report;
    return v->explained;
}

static void put_tables(struct page *page)
{
    const struct tm_report *report = page->report;
    if (count_rows(report, matters) > 0) {
        fputs(verdict_head, page->out);
        put_rows(page, matters, put_verdict, 0, SHOWN_OPENLY);
    }
    put_folded(page, "more", verdict_head, matters, put_verdict, SHOWN_OPENLY);
    put_folded(page, "waived, improved or retired", verdict_head, is_quiet, put_verdict, 0);
    if (report->explain)
        put_folded(page, "verdicts with every number", numbers_head, is_explained, put_numbers, 0);
    if (page->left_out > 0)
        fprintf(page->out, "\n%zu more rows are left out here to keep this short; `tidemark gate` lists them all.\n",
                page->left_out);
}

static void put_unjudged(struct page *page)
{
    static const struct tm_unjudged_words words = {"\n- not judged: ", "\n- judged in part: ", put_code, tm_put_markdown};
    struct tm_builder builder;
    if (page->left_out > 0 || page->report->explain)
        return;
    FILE *out = tm_build(&builder);
    if (out)
        tm_put_unjudged(out, page->report, &words);
    char *text = out ? tm_built(&builder) : NULL;
    page->failed |= !text;
    if (text && builder.size <= page->room)
        fputs(text, page->out);
    free(text);
}

/* A sign before the outcome: it is seen before anything is read. */
static void put_heading(FILE *out, const struct tm_report *report)
{
    const char *sign = strcmp(report->outcome, "pass") == 0 ? "\u2705" : strcmp(report->outcome, "fail") == 0 ? "\u274c" : "\u2754";
    fprintf(out, "## %s ", sign);
    tm_put_outcome(out, report);
    fputs(": run ", out);
    put_code(out, report->run->key);
    fputs(" on ", out);
    put_code(out, report->branch);
    if (report->base) {
        fputs(", against ", out);
        put_code(out, report->base);
    }
    putc('\n', out);
}

static void put_paragraph(FILE *out, const char *text)
{
    if (text && *text)
        fprintf(out, "\n%s\n", text);
}

/* Advice holds commands with PLUGIN in capitals and quotes: nothing in it is markup. */
int tm_write_markdown(FILE *out, const struct tm_report *report)
{
    struct page page = {.out = out, .report = report, .room = MOST_BYTES};
    char *remarks = tm_run_remarks(report), *words = tm_tally_words(&report->tally);
    page.failed = !remarks || !words;
    put_heading(out, report);
    put_paragraph(out, report->tally.plugins == 0 ? TM_EMPTY_RUN : NULL);
    putc('\n', out);
    tm_put_markdown(out, words ? words : "");
    putc('\n', out);
    put_paragraph(out, remarks);
    put_tables(&page);
    put_unjudged(&page);
    page.failed |= tm_put_notes_markdown(out, report, TM_ALL_NOTES) != 0;
    put_paragraph(out, tm_regression_advice(report));
    put_paragraph(out, tm_missing_advice(report));
    free(remarks);
    free(words);
    return page.failed ? -1 : 0;
}
