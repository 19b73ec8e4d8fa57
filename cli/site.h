/* The folder of a report: a page, DIR/index.html, its charts in DIR/charts/NAME, and a feed, DIR/feed.atom. It goes from one whole
 * report to the next in one step, when the page is renamed: charts lie in a folder named by their content, and a page names the
 * folder of its own. */
#ifndef TM_CLI_SITE_H
#define TM_CLI_SITE_H

#include <stdbool.h>
#include <stdio.h>

enum { TM_SITE_NAME = 32 }; /* bytes of "charts/NAME" or of a folder's name, with the end */

struct tm_site {
    const char *directory;
    int folder, staging, drawing; /* DIR, locked; a folder of ours in it; "charts" in that, to draw into. -1: not open */
    char staged[TM_SITE_NAME];    /* the staging folder's name; "": there is none */
    char charts[TM_SITE_NAME];    /* what the page calls their folder; "": it has no charts */
    bool fresh;                   /* these charts were not there before */
};

/* Makes the directory if need be, waits for another report that is being written there, removes what a killed one has left, and
 * refuses what no report made. 0, or TM_EXIT_TROUBLE after a message; to be closed in either case. */
int tm_site_open(struct tm_site *site, const char *directory);

/* Takes all that was drawn to its place. 0, or TM_EXIT_TROUBLE after a message. */
int tm_site_keep_charts(struct tm_site *site);

/* The same as below for the feed, which comes before the page and is a whole one by itself. */
FILE *tm_site_begin_feed(struct tm_site *site);
int tm_site_end_feed(struct tm_site *site, FILE *feed, bool keep);

/* The page's stream, NULL after a message; and its end, with which the new report is there: 0, or TM_EXIT_TROUBLE after a message.
 * keep false: the old one stays. */
FILE *tm_site_begin_page(struct tm_site *site);
int tm_site_end_page(struct tm_site *site, FILE *page, bool keep);

/* Removes what is not needed, and unlocks. */
void tm_site_close(struct tm_site *site);

#endif
