/* A feed of the lineage's alarms, for who follows them by a reader of news. */
#ifndef TM_REPORT_FEED_H
#define TM_REPORT_FEED_H

#include <stdio.h>

#include "analyze/report.h"

/* Writes the report's entries as Atom (RFC 4287), beside a page `index.html`. 0, or -1: no memory, and what was written is not to
 * be used. Errors of `out` are the caller's to look for. */
int tm_feed_write(FILE *out, const struct tm_report *report);

#endif
