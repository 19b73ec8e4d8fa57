/* The sections of the page and the pieces they share, each written as whole elements. Internal to the page. */
#ifndef TM_REPORT_PAGE_SECTIONS_H
#define TM_REPORT_PAGE_SECTIONS_H

#include <stdio.h>

#include "report/page/page.h"

struct tm_page {
    FILE *out;
    const struct tm_report *report;
    const struct tm_findings *findings;
    const char *charts, *no_charts;
    const struct tm_chart_extent *extents; /* by plugin; NULL: not known */
    struct tm_links links;
    bool *failed;        /* set where something is left out for want of memory: then this is no page */
    size_t *points_left; /* bytes that numbers for the script may still take */
};

/* The files of these names, embedded by the Makefile. */
extern const char tm_page_css[], tm_numbers_js[], tm_brief_js[], tm_page_js[], tm_heat_js[], tm_charts_js[], tm_two_js[];

/* The sections, in the order of the page. */
void tm_page_headline(const struct tm_page *page); /* what regressed, in a sentence, and which run this is */
void tm_page_findings(const struct tm_page *page); /* what to do first, and what is missing in the data */
void tm_page_table(const struct tm_page *page);    /* a row per plugin */
void tm_page_runs(const struct tm_page *page);     /* no section: what the script must know of every run and metric */
void tm_page_heatmap(const struct tm_page *page);  /* all plugins and nights as a picture */
void tm_page_plugins(const struct tm_page *page);  /* a section per plugin */

/* ---- of one plugin ---- */

typedef void tm_page_part(const struct tm_page *page, const struct tm_report_plugin *plugin);

/* So many plugins have a row and a section of their own. Of the others the script makes rows, and sections when somebody asks for
 * them: a page of thousands is read on phones, too. */
enum { TM_PAGE_WHOLE = 500 };

/* In the order of the page: who has something said of it, the worst first; then the others by name. The first is number 0. */
void tm_page_each(const struct tm_page *page, size_t from, size_t end, tm_page_part *put);

/* The verdict that stands for the plugin in the table: the one that leads, or that of the first metric; NULL: none. */
const struct tm_report_verdict *tm_page_verdict(const struct tm_report *report, const struct tm_report_plugin *plugin);

/* What the script makes the others' rows and sections of. */
void tm_page_brief(const struct tm_page *page);

/* Changes of level, decisions, nights that stood out. */
void tm_page_past(const struct tm_page *page, const struct tm_report_plugin *plugin);

/* What people decided on a plugin, by its index, or on TM_WHOLE_RUN. */
void tm_page_decisions(const struct tm_page *page, size_t plugin);

/* What the script must know of the plugin's chart to answer for its points: nothing where there is no room left for it. */
void tm_page_points(const struct tm_page *page, const struct tm_report_plugin *plugin, const struct tm_chart_extent *extent);

/* The last runs of what a finding is about, as an inline picture; nothing where there are no values. */
void tm_page_evidence(const struct tm_page *page, const struct tm_report_verdict *verdict);

/* An inline picture of a metric's history, with the baseline. At most 60 points, the extremes among them. */
void tm_page_spark(FILE *out, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, double baseline);

/* ---- format.c: text ---- */

enum { TM_PAGE_SLUG_SIZE = 32, TM_PAGE_DAY_SIZE = 32 }; /* bytes: the longest class or outcome; a date in either form */

void tm_page_name(const struct tm_page *page, const struct tm_report_plugin *plugin); /* in an element of its own direction */
void tm_page_link(const struct tm_page *page, const struct tm_report_plugin *plugin); /* to its section */
void tm_page_badge(const struct tm_page *page, enum tm_class class);                  /* the class in its colour */

/* A text that may name the plugin: where it does so first, put_name is called. named NULL: it does not. */
void tm_page_text(const struct tm_page *page, const char *text, const struct tm_report_plugin *named, tm_page_part *put_name);

void tm_page_run(const struct tm_page *page, int run, const char *key); /* by its key, and its day if that says more */
void tm_page_interval(const struct tm_page *page, const struct tm_report_interval *interval); /* nothing where the date is sure */
void tm_page_commits(const struct tm_page *page, struct tm_commits commits);                  /* good..bad, shortened */
void tm_page_slug(const char *name, char slug[TM_PAGE_SLUG_SIZE]);                            /* "not judged" as "not-judged" */

const char *tm_page_day(int64_t seconds, char day[TM_PAGE_DAY_SIZE]);  /* "2026-11-20" */
const char *tm_page_date(int64_t seconds, char day[TM_PAGE_DAY_SIZE]); /* "20 November 2026" */

/* ---- format.c: numbers ---- */

/* In the unit that suits the larger of the two: what stands side by side has one unit. NAN: nothing is written. */
void tm_page_amount(FILE *out, const struct tm_report_metric *metric, double value, double beside);

/* "+49.7 %" of a baseline that is not near nothing, else the difference. */
void tm_page_change(FILE *out, const struct tm_report_metric *metric, double now, double baseline);

/* So many digits behind the point, with a true minus sign. */
void tm_page_fixed(FILE *out, double value, int digits);

#endif
