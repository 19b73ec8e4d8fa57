/* A history's runs mostly come lineage by lineage, so the last one is looked at first. */
#include "cli/touched.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int is_of(const struct tm_touched_lineage *lineage, const char *branch, const char *host)
{
    return strcmp(lineage->branch, branch) == 0 && strcmp(lineage->host, host) == 0;
}

static struct tm_touched_lineage *lineage_of(struct tm_touched *touched, const char *branch, const char *host)
{
    for (size_t i = 0; i < touched->n; i++) {
        size_t at = (touched->last + i) % touched->n;
        if (is_of(&touched->of[at], branch, host)) {
            touched->last = at;
            return &touched->of[at];
        }
    }
    struct tm_touched_lineage *added = tm_array_add(&touched->of, &touched->n, sizeof *added);
    if (!added)
        return NULL;
    *added = (struct tm_touched_lineage){.branch = strdup(branch), .host = strdup(host)};
    touched->last = touched->n - 1;
    return added->branch && added->host ? added : NULL;
}

int tm_touched_note(struct tm_touched *touched, const struct tm_run *run, const char *key, int64_t started_at)
{
    struct tm_touched_lineage *lineage = lineage_of(touched, run->branch ? run->branch : "main", run->host ? run->host : tm_host());
    if (!lineage)
        return -1;
    lineage->runs++;
    /* Of equals the last one read, as for the newest of all. */
    if (lineage->key && started_at < lineage->newest_at)
        return 0;
    char *copy = strdup(key);
    if (!copy)
        return -1;
    free(lineage->key);
    lineage->key = copy;
    lineage->newest_at = started_at;
    return 0;
}

void tm_touched_free(struct tm_touched *touched)
{
    for (size_t i = 0; i < touched->n; i++) {
        free(touched->of[i].branch);
        free(touched->of[i].host);
        free(touched->of[i].key);
    }
    free(touched->of);
    *touched = (struct tm_touched){0};
}
