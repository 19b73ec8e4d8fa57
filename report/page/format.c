/* How the page writes single values: amounts in the unit that suits their size, changes, names, runs, days and commits. */
#include <math.h>
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "report/page/sections.h"
#include "report/words.h"

/* What is shown of a number. */
enum {
    DIGITS = 4,        /* that count */
    GROUPED_FROM = 5,  /* digits, in groups of three from there on: 9999, 10 000 */
    PERCENT_MOST = 10, /* times the baseline: from there on "×12" is read at once, "+1100 %" is not */
};
static const double EXPONENT_FROM = 1e15, EXPONENT_BELOW = 1e-6; /* beyond these a number does not fit its cell */

/* ---- numbers ---- */

struct scale {
    const char *unit, *alias;
    double size;
};

/* Rising. Of a unit that is in none of these lists, values are written as they are. */
static const struct scale times[] = {{"ns", NULL, 1e-9}, {"µs", "us", 1e-6}, {"ms", NULL, 1e-3}, {"s", NULL, 1},
                                     {"min", NULL, 60},  {"h", NULL, 3600},  {NULL, NULL, 0}};
static const struct scale sizes[] = {{"B", "bytes", 1},
                                     {"KiB", NULL, 1024},
                                     {"MiB", NULL, 1024 * 1024.0},
                                     {"GiB", NULL, 1073741824.0},
                                     {"TiB", NULL, 1099511627776.0},
                                     {NULL, NULL, 0}};

/* NULL: the unit is not in the list. */
static const struct scale *find_unit(const struct scale *scales, const char *unit)
{
    for (; scales->unit; scales++)
        if (strcmp(scales->unit, unit) == 0 || (scales->alias && strcmp(scales->alias, unit) == 0))
            return scales;
    return NULL;
}

void tm_page_fixed(FILE *out, double value, int digits)
{
    char text[64]; /* what is larger is written with an exponent */
    snprintf(text, sizeof text, "%.*f", digits, fabs(value));
    bool nothing = strspn(text, "0.") == strlen(text);
    fprintf(out, "%s%s", value < 0 && !nothing ? "−" : "", text);
}

/* Groups of three digits from 10 000 on. */
static void put_whole(FILE *out, double value)
{
    char text[32];
    snprintf(text, sizeof text, "%.0f", fabs(value));
    size_t n = strlen(text);
    fputs(value < 0 && strcmp(text, "0") != 0 ? "−" : "", out);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && n >= GROUPED_FROM && (n - i) % 3 == 0)
            fputs("\u202f", out);
        putc(text[i], out);
    }
}

/* Four digits that count, of the larger of the two; the smaller one gets no finer steps than that. */
static void put_digits(FILE *out, double value, double most)
{
    double size = fabs(value);
    if (size >= EXPONENT_FROM)
        fprintf(out, "%.3e", value);
    else if (most >= 1000 /* four digits before the point */ ||
             fabs(value - round(value)) < 1e-9 * size /* whole, but for rounding */ || !(size > 0))
        put_whole(out, value);
    else if (most < EXPONENT_BELOW)
        fprintf(out, "%.3g", value);
    else
        tm_page_fixed(out, value, DIGITS - 1 - (int)floor(log10(most)));
}

/* `beside` is the value it will be compared with: both get one unit, and digits of the same
 * fineness. NAN: none. */
void tm_page_amount(FILE *out, const struct tm_report_metric *metric, double value, double beside)
{
    if (!isfinite(value))
        return;
    if (metric->kind == TM_METRIC_ERRORS) {
        tm_page_fixed(out, 100 * value, 2);
        fputs(" %", out);
        return;
    }
    const struct scale *family = find_unit(times, metric->unit) ? times : find_unit(sizes, metric->unit) ? sizes : NULL;
    double most = fmax(fabs(value), isfinite(beside) ? fabs(beside) : 0), size = family ? find_unit(family, metric->unit)->size : 1;
    const struct scale *scale = family;
    while (scale && scale[1].unit && most * size >= scale[1].size) /* the largest unit of which there is at least one */
        scale++;
    if (family && !(most > 0))
        scale = find_unit(family, metric->unit);
    double per = scale ? size / scale->size : 1;
    put_digits(out, value * per, most * per);
    if (scale || (*metric->unit && strcmp(metric->unit, metric->name) != 0)) { /* the name stands beside it */
        putc(' ', out);
        tm_put_xml(out, scale ? scale->unit : metric->unit);
    }
}

/* A share, a multiple, points of a percentage, or an amount: what says most of the two values. */
void tm_page_change(FILE *out, const struct tm_report_metric *metric, double now, double baseline)
{
    double ratio = now / baseline;
    if (!isfinite(now) || !isfinite(baseline))
        return;
    if (metric->kind != TM_METRIC_ERRORS && isfinite(ratio) && ratio >= PERCENT_MOST) {
        fputs("×", out);
        put_whole(out, ratio);
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

/* A key that holds its day needs no other. */
void tm_page_run(const struct tm_page *page, int run, const char *key)
{
    char day[TM_PAGE_DAY_SIZE];
    const struct tm_report_run *one = run >= 0 ? &page->report->runs[run] : NULL;
    if (one)
        key = one->key;
    tm_put_xml(page->out, key ? key : "");
    if (one && key && !strstr(key, tm_page_day(one->started_at, day)))
        fprintf(page->out, " (%s)", day);
}

/* One of them alone where the last good run has none. */
void tm_page_interval(const struct tm_page *page, const struct tm_report_interval *interval)
{
    if (!tm_interval_is_wide(interval))
        return;
    fputs(" (at the earliest ", page->out);
    tm_put_xml(page->out, interval->earliest);
    fputs(", at the latest ", page->out);
    tm_put_xml(page->out, interval->latest);
    putc(')', page->out);
}

void tm_page_commits(const struct tm_page *page, struct tm_commits commits)
{
    const char *good = commits.from, *bad = commits.to;
    if (!bad || !*bad)
        return;
    fputs("<code>", page->out);
    if (good && *good) {
        put_part(page->out, good, (size_t)tm_commit_shown(good));
        fputs("..", page->out);
    }
    put_part(page->out, bad, (size_t)tm_commit_shown(bad));
    fputs("</code>", page->out);
}
