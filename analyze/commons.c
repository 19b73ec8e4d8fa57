/* Parts of values that were the whole run's: of a slow night all plugins have the same one. It stands
 * once in the lineage's memory, and series refer to it by number. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/memory.h"
#include "base/array.h"

/* The bits are the key. */
static uint64_t key_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return tm_hash_integer((int64_t)bits); /* a bijection: the hash is the value */
}

/* Not `!= 0`: a part that is NAN, which no night makes, counts as none. */
bool tm_is_part(double common)
{
    return fabs(common) > 0;
}

size_t tm_commons_number(const struct tm_commons *commons, double common)
{
    return tm_is_part(common) ? tm_hash_find(&commons->index, key_of(common), NULL, NULL) : 0;
}

/* Each value once; 0, which is nothing in common, not at all. 0, or -1: no memory. */
static int add_common(struct tm_commons *commons, double value)
{
    if (!tm_is_part(value) || tm_commons_number(commons, value))
        return 0;
    double *slot = tm_array_add(&commons->values, &commons->n, sizeof *slot);
    if (!slot || tm_hash_add(&commons->index, key_of(value), commons->n) != 0)
        return -1;
    *slot = value;
    return 0;
}

/* Those of one array. */
static int add_commons(struct tm_commons *commons, const double *values, int n)
{
    for (int i = 0; i < n; i++)
        if (add_common(commons, values[i]) != 0)
            return -1;
    return 0;
}

/* Only the values that a series still holds: parts of forgotten nights go with them. */
int tm_commons_collect(struct tm_commons *commons, const struct tm_lineage *lineage, const struct tm_rules *rules)
{
    *commons = (struct tm_commons){0};
    for (size_t i = 0; i < lineage->n_plugins; i++)
        for (size_t m = 0; m < rules->n_metrics; m++) {
            const struct tm_kept *kept = tm_series_at(&lineage->plugins[i], m);
            struct tm_series series;
            /* Counts have no common part: a slow night makes no errors. */
            if (!kept || !tm_kept_has_parts(kept))
                continue;
            tm_kept_open(kept, rules->metrics[m].kind, &series);
            const struct tm_detector *level = &series.level;
            if (add_commons(commons, level->base_common, level->n_base) != 0 ||
                add_commons(commons, level->wait_common, level->n_wait) != 0)
                return -1;
        }
    return 0;
}

void tm_commons_free(struct tm_commons *commons)
{
    free(commons->values);
    tm_hash_free(&commons->index);
    *commons = (struct tm_commons){0};
}
