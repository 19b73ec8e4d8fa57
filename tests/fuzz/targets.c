/* The table of targets, from targets.h. */
#include <string.h>

#include "tests/fuzz/fuzz.h"

#define TM_FUZZ_TARGET(name) {#name, tm_fuzz_##name},
const struct tm_fuzz_target tm_fuzz_targets[] = {
#include "tests/fuzz/targets.h"
    {NULL, NULL}};
#undef TM_FUZZ_TARGET

const struct tm_fuzz_target *tm_fuzz_find(const char *name)
{
    for (const struct tm_fuzz_target *target = tm_fuzz_targets; target->name; target++)
        if (strcmp(target->name, name) == 0)
            return target;
    return NULL;
}
