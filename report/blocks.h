/* A history in one line of text: a block for each run, as high as its value. */
#ifndef TM_REPORT_BLOCKS_H
#define TM_REPORT_BLOCKS_H

#include <stdio.h>

#include "analyze/report.h"

/* A line of the newest runs of the report, at most `most` of them, in UTF-8, behind `before`; a blank for a run without a value.
 * Values are those that are compared: without what the whole run was slower or faster. No line where fewer than two runs have a
 * value. */
void tm_put_blocks(FILE *out, const char *before, const struct tm_report *report, const struct tm_report_plugin *plugin, int metric,
                   size_t most);

#endif
