/* Names, runs and days as the page shows them. */
#include <string.h>
#include <time.h>

#include "base/escape.h"
#include "report/page/parts.h"

void tm_page_name(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fputs("<bdi>", page->out);
    tm_put_xml(page->out, plugin->name);
    fputs("</bdi>", page->out);
}

void tm_page_link(const struct tm_page *page, const struct tm_report_plugin *plugin)
{
    fprintf(page->out, "<a href=\"#p%lld\">", (long long)plugin->id);
    tm_page_name(page, plugin);
    fputs("</a>", page->out);
}

void tm_page_slug(const char *name, char slug[32])
{
    snprintf(slug, 32, "%s", name);
    for (char *c = slug; *c; c++)
        if (*c == ' ')
            *c = '-';
}

void tm_page_badge(const struct tm_page *page, enum tm_class class)
{
    char slug[32];
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
    tm_put_xml(page->out, key ? key : "");
    if (one && key && !strstr(key, tm_page_day(one->started_at, day)))
        fprintf(page->out, " (%s)", day);
}

void tm_page_commits(const struct tm_page *page, const char *good, const char *bad)
{
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
