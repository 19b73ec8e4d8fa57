/* "Did you mean ...?": of all names offered the one with the fewest changes. At most a third of
 * the letters may differ: further away, a proposal is a guess and misleads. */
#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance in bytes, one row of its table at a time; names longer than
 * TM_NEAREST_MAX are near to nothing. O(a b), a few microseconds a name. */
static size_t distance(const char *a, const char *b)
{
    size_t row[TM_NEAREST_MAX + 1], a_size = strlen(a), b_size = strlen(b);
    if (a_size > TM_NEAREST_MAX || b_size > TM_NEAREST_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b_size; j++)
        row[j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(change, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_size];
}

struct tm_nearest tm_nearest_to(const char *wanted)
{
    return (struct tm_nearest){.wanted = wanted, .changes = strlen(wanted) / 3 + 1};
}

void tm_nearest_offer(struct tm_nearest *nearest, const char *candidate)
{
    size_t far = distance(nearest->wanted, candidate);
    if (far >= nearest->changes)
        return;
    /* From here on only something nearer counts: of equals the first offered stays. */
    nearest->changes = far;
    strcpy(nearest->found, candidate);
}
