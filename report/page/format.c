/* How the page writes single values: amounts in the unit that suits their size, changes, names, runs, days and commits. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/builder.h"
#include "base/escape.h"
#include "report/amount.h"
#include "report/page/sections.h"
#include "report/words.h"

enum {
    GROUPED_FROM = 5,  /* digits, in groups of three from there on: 9999, 10 000 */
    PERCENT_MOST = 10, /* times the baseline: from there on "×12" is read at once, "+1100 %" is not */
};

/* ---- numbers ---- */

void tm_page_fixed(FILE *out, double value, int digits)
{
    char text[64]; /* what is larger is written with an exponent */
    snprintf(text, sizeof text, "%.*f", digits, fabs(value));
    bool nothing = strspn(text, "0.") == strlen(text);
    fprintf(out, "%s%s", value < 0 && !nothing ? "−" : "", text);
}

/* With a true minus sign, and in groups of three digits before the point. */
static void put_written(FILE *out, const char *number)
{
    size_t n = strspn(number + (*number == '-'), "0123456789");
    fputs(*number == '-' ? "−" : "", out);
    number += *number == '-';
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && n >= GROUPED_FROM && (n - i) % 3 == 0)
            fputs("\u202f", out);
        putc(number[i], out);
    }
    fputs(number + n, out);
}

void tm_page_amount(FILE *out, const struct tm_report_metric *metric, double value, double beside)
{
    char number[TM_AMOUNT_SIZE];
    if (!isfinite(value))
        return;
    const char *unit = tm_amount_number(metric, value, beside, number);
    put_written(out, number);
    fputs(*unit ? " " : "", out);
    tm_put_xml(out, unit);
}

/* A share, a multiple, points of a percentage, or an amount: what says most of the two values. */
void tm_page_change(FILE *out, const struct tm_report_metric *metric, double now, double baseline)
{
    double ratio = now / baseline;
    char times[TM_AMOUNT_SIZE];
    if (!isfinite(now) || !isfinite(baseline))
        return;
    if (metric->kind != TM_METRIC_ERRORS && isfinite(ratio) && ratio >= PERCENT_MOST) {
        snprintf(times, sizeof times, "%.0f", ratio);
        fputs("×", out);
        put_written(out, times);
        return;
    }
    fputs(now > baseline ? "+" : "", out);
    if (metric->kind == TM_METRIC_ERRORS) {
        tm_page_fixed(out, 100 * (now - baseline), fabs(now - baseline) < 0.1 ? 2 : 1 /* digits: below 10 points two */);
        fputs(" points", out);
    } else if (isfinite(ratio) && fabs(ratio) < PERCENT_MOST) {
        tm_page_fixed(out, 100 * (now - baseline) / fabs(baseline), 1);
        fputs(" %", out);
    } else {
        tm_page_amount(out, metric, now - baseline, NAN);
    }
}

/* ---- names and text ---- */

void tm_page_name(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fputs("<bdi>", page->out);
    tm_put_xml(page->out, plugin->name);
    fputs("</bdi>", page->out);
}

void tm_page_link(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fprintf(page->out, "<a href=\"#p%lld\">", (long long)plugin->number);
    tm_page_name(page, plugin);
    fputs("</a>", page->out);
}

void tm_page_slug(const char *name, char slug[TM_PAGE_SLUG_SIZE])
{
    snprintf(slug, TM_PAGE_SLUG_SIZE, "%s", name);
    for (char *c = slug; *c; c++)
        if (*c == ' ')
            *c = '-';
}

void tm_page_badge(const struct tm_page *page, enum tm_class class)
{
    char slug[TM_PAGE_SLUG_SIZE];
    tm_page_slug(tm_class_name(class), slug);
    fprintf(page->out, "<b class=\"v %s\">%s</b>", slug, tm_class_name(class));
}

/* A part of a text; 1024 bytes at a time, cut between characters: tm_put_xml wants an end. */
static void put_part(FILE *out, const char *text, size_t size)
{
    char part[1025];
    while (size > 0) {
        size_t n = size < sizeof part - 1 ? size : sizeof part - 1;
        while (n < size && n > 1 && ((unsigned char)text[n] & 0xc0) == 0x80)
            n--;
        memcpy(part, text, n);
        part[n] = '\0';
        tm_put_xml(out, part);
        text += n, size -= n;
    }
}

/* The plugin's name in the text is written by put_name (as a link, say); only its first mention. */
void tm_page_text(const struct tm_page *page, const char *text, const struct tm_report_plugin *named, tm_page_part *put_name)
{
    const char *at = named && *named->name ? strstr(text, named->name) : NULL;
    if (at) {
        put_part(page->out, text, (size_t)(at - text));
        put_name(page, named);
        text = at + strlen(named->name);
    }
    tm_put_xml(page->out, text);
}

/* ---- days, runs and commits ---- */

static struct tm utc_of(int64_t seconds)
{
    struct tm utc = {0};
    time_t at = (time_t)seconds;
    gmtime_r(&at, &utc);
    return utc;
}

const char *tm_page_day(int64_t seconds, char day[TM_PAGE_DAY_SIZE])
{
    struct tm utc = utc_of(seconds);
    snprintf(day, TM_PAGE_DAY_SIZE, "%04d-%02d-%02d", utc.tm_year + 1900, utc.tm_mon + 1, utc.tm_mday);
    return day;
}

const char *tm_page_date(int64_t seconds, char day[TM_PAGE_DAY_SIZE])
{
    static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                         "July",    "August",   "September", "October", "November", "December"};
    struct tm utc = utc_of(seconds);
    snprintf(day, TM_PAGE_DAY_SIZE, "%d %s %d", utc.tm_mday, months[utc.tm_mon], utc.tm_year + 1900);
    return day;
}

void tm_page_run(const struct tm_page *page, int run, const char *key)
{
    char day[TM_PAGE_DAY_SIZE];
    const struct tm_report_run *one = run >= 0 ? &page->report->runs[run] : NULL;
    if (one)
        key = one->key;
    if (!one || strcmp(key, tm_page_day(one->started_at, day)) == 0) {
        tm_put_xml(page->out, key ? key : "");
        return;
    }
    fprintf(page->out, "%s <small>(", day);
    tm_put_xml(page->out, key);
    fputs(")</small>", page->out);
}

/* One of them alone where the last good run has none. */
void tm_page_interval(const struct tm_page *page, const struct tm_report_interval *interval)
{
    if (!tm_interval_is_wide(interval))
        return;
    struct tm_builder text;
    if (tm_build(&text))
        tm_put_interval(text.out, interval);
    *page->failed |= tm_put_owned(page->out, tm_put_xml, tm_built(&text)) != 0;
}

/* Shown short, whole in the address. */
static void put_commit(const struct tm_page *page, const char *commit)
{
    put_part(page->out, commit, (size_t)tm_commit_shown(commit));
}

/* Around what is shown of them; false: nobody has said where commits are seen. */
static bool open_link(const struct tm_page *page, struct tm_commits commits)
{
    bool both = commits.from && page->links.compare;
    const char *link = both ? page->links.compare : page->links.commit;
    if (!link)
        return false;
    fputs("<a href=\"", page->out);
    struct tm_builder address;
    if (tm_build(&address))
        tm_put_link(address.out, link, both ? commits.from : commits.to, commits.to);
    *page->failed |= tm_put_owned(page->out, tm_put_xml, tm_built(&address)) != 0;
    fputs("\">", page->out);
    return true;
}

void tm_page_commits(const struct tm_page *page, struct tm_commits commits)
{
    if (!commits.to || !*commits.to)
        return;
    if (commits.from && !*commits.from)
        commits.from = NULL;
    bool linked = open_link(page, commits);
    fputs("<code>", page->out);
    if (commits.from) {
        put_commit(page, commits.from);
        fputs("..", page->out);
    }
    put_commit(page, commits.to);
    fputs(linked ? "</code></a>" : "</code>", page->out);
}
