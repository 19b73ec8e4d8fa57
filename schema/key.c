/* The default key of a run. Stores hold such keys, and a night that comes again is known by its
 * own: what enters a hash, and in which order, stays as it is. */
#include "schema/key.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/timestamp.h"
#include "schema/fields.h"

enum { COMMIT_SHOWN = 12 }; /* as many digits as git shows of a commit in a large repository */

/* A sum, so that the order of profiles does not matter: two exports of one night may list plugins
 * differently. */
static uint64_t content_hash(const struct tm_run_content *content)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < content->n_profiles; i++) {
        uint64_t hash = tm_profile_hash(&content->profiles[i]);
        sum += hash ^ (hash >> 32);
    }
    return sum;
}

/* The letters and digits that a commit begins with; its other characters are in the hash alone. */
static int commit_shown(const char *commit)
{
    int n = 0;
    while (commit && n < COMMIT_SHOWN && isalnum((unsigned char)commit[n]))
        n++;
    return n;
}

void tm_default_key(const struct tm_run_content *content, const char *branch, const char *host, char key[TM_KEY_SIZE])
{
    const struct tm_run *run = &content->run;
    uint64_t sum = content_hash(content), all = TM_HASH_START;
    char digits[17], time[TM_TIME_SIZE];
    snprintf(digits, sizeof digits, "%016" PRIx64, sum);
    const char *texts[] = {digits, branch, host, run->repeat_of, content->assumed_start ? run->commit_id : NULL};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        all = tm_hash_on(all, texts[i]);
    uint32_t first = (uint32_t)(all ^ (all >> 32)), last = (uint32_t)(sum ^ (sum >> 32));
    int n = commit_shown(run->commit_id);
    tm_time_format(run->started_at, time);
    if (!content->assumed_start)
        snprintf(key, TM_KEY_SIZE, "%s-%08" PRIx32 "%08" PRIx32, time, first, last);
    else
        snprintf(key, TM_KEY_SIZE, "%.*s%s%08" PRIx32 "%08" PRIx32, n, n ? run->commit_id : "", n ? "-" : "", first, last);
}
