/* Which lineages an import has brought runs of: a history may have several, for its suites, hosts or branches. */
#ifndef TM_CLI_TOUCHED_H
#define TM_CLI_TOUCHED_H

#include <stddef.h>
#include <stdint.h>

#include "schema/tidemark.h"

struct tm_touched_lineage {
    char *branch, *host, *key; /* key: of its newest run */
    int64_t newest_at;
    uint64_t runs;
};

/* All zero: none. */
struct tm_touched {
    struct tm_touched_lineage *of;
    size_t n, last; /* last: the one that was noted last */
};

/* A run of that name and start was stored, or was there. 0, or -1 without memory. */
int tm_touched_note(struct tm_touched *touched, const struct tm_run *run, const char *key, int64_t started_at);
void tm_touched_free(struct tm_touched *touched);

#endif
