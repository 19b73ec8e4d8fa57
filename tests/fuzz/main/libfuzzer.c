/* What clang's fuzzer calls. TM_FUZZ names the target. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const struct tm_fuzz_target *target;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    const char *name = getenv("TM_FUZZ");
    (void)argc, (void)argv;
    target = tm_fuzz_find(name ? name : "");
    if (!target) {
        fputs("fuzz: TM_FUZZ must name a target:", stderr);
        for (const struct tm_fuzz_target *known = tm_fuzz_targets; known->name; known++)
            fprintf(stderr, " %s", known->name);
        fputc('\n', stderr);
        exit(2);
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool begun;
    if (!begun) {
        tm_scene_begin();
        atexit(tm_scene_end);
        begun = true;
    }
    target->run(bytes, size);
    return 0;
}
