#include "base/nearest.h"

#include <stdint.h>
#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance in bytes; names longer than TM_NEAREST_MAX are near to nothing. */
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
    nearest->changes = far;
    strcpy(nearest->found, candidate);
}
