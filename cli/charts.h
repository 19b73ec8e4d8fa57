/* Folders of charts, and what else may lie where a report's charts are. `folder` is always one that is open. */
#ifndef TM_CLI_CHARTS_H
#define TM_CLI_CHARTS_H

#include <stdbool.h>

enum { TM_CHARTS_NAME = 17 }; /* 16 characters: 96 bits of a hash, in which no two reports are alike by chance */

/* Whether DIR/charts is a report's: charts, folders of them, or nothing. 0, or TM_EXIT_TROUBLE after a message. */
int tm_charts_check(int folder, const char *directory);

/* The name for what the folder holds, by content; synced, the charts and their folder are on disk. 0, or errno. */
int tm_charts_name(int folder, bool synced, char name[TM_CHARTS_NAME]);

/* Removes the folder of that path, and only charts from it. */
void tm_charts_remove(int folder, const char *path);

/* Removes all charts and their folders in "charts" but the one of that name, "": all; and "charts" itself, if nothing is left. */
void tm_charts_remove_but(int folder, const char *name);

#endif
