/* Any bytes as a dump. What is stored of it is dumped, and that stored again must give the same dump. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

static void must_be_equal(const char *a, const char *b)
{
    FILE *first = fopen(a, "re"), *second = fopen(b, "re");
    int c = 0, d = 0;
    while (first && second && c == d && c != EOF) {
        c = getc(first);
        d = getc(second);
    }
    if (!first || !second || c != d)
        abort();
    fclose(first);
    fclose(second);
}

void tm_fuzz_restore(const uint8_t *bytes, size_t size)
{
    tm_scene_clear();
    tm_scene_write("any.jsonl", bytes, size);
    if (tm_scene_run((const char *[]){"--db", "one.db", "restore", "any.jsonl", NULL}) != 0)
        return;
    if (tm_scene_run((const char *[]){"--db", "one.db", "check", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "one.db", "dump", "-o", "one.jsonl", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "two.db", "restore", "one.jsonl", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "two.db", "dump", "-o", "two.jsonl", NULL}) != 0)
        abort();
    must_be_equal("one.jsonl", "two.jsonl");
}
