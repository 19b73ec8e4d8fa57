/* What is new tonight, for those who want to be told once: a message for each cause. What is open or missing since an earlier night
 * is no news. */
#ifndef TM_REPORT_NEWS_H
#define TM_REPORT_NEWS_H

#include "analyze/report.h"

struct tm_news_item {
    const char *word; /* "regressed", "missing", "over limit", "suspect", "slow run", "empty run" or "closed" */
    char *text;       /* a sentence; inert where people read, in one line, of TM_NEWS_CHARACTERS at most; owned */
};

struct tm_news {
    struct tm_news_item *items; /* the worst first, what has closed last */
    size_t n, bad;              /* bad: all but what has closed */
    char *about, *tally; /* "FAIL, 3 new: run night-7 on main of default", "judged 39 of ..."; owned, and like the items' text */
};

/* Of a sentence: names may be as long as a page, and a chat cuts or refuses what is too long. */
enum { TM_NEWS_CHARACTERS = 400 };

/* New are alarms that were raised tonight, plugins that are missing for the first time or over a limit that they kept to in the run
 * before, with `strict` suspects and a run that was
 * slow for all, a run that is empty, and alarms that closed by themselves. A shift of the whole run is one, and so is a group of
 * plugins that got worse together, or cost that moved from one to another. 0, or -1: no memory. Free in any case. */
int tm_news_find(const struct tm_report *report, struct tm_news *news);
void tm_news_free(struct tm_news *news);

#endif
