/* Any bytes as a dump. What is stored of it is dumped, and that stored again must give the same dump. Most inputs are no dump,
 * which the reader alone finds out: a store is made only for those that are. */
#include <stdio.h>
#include <stdlib.h>

#include "ingest/dump_reader.h"
#include "tests/fuzz/fuzz.h"

static bool is_dump(const char *file)
{
    tm_dump_reader *reader = tm_dump_open(file);
    struct tm_fact fact;
    struct tm_place place;
    int next = reader ? 1 : -1;
    while (next == 1)
        next = tm_dump_next(reader, &fact, &place);
    tm_dump_close(reader);
    return next == 0;
}

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
    if (!is_dump("any.jsonl") || tm_scene_run((const char *[]){"--db", "one.db", "restore", "any.jsonl", NULL}) != 0)
        return;
    if (tm_scene_run((const char *[]){"--db", "one.db", "check", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "one.db", "dump", "-o", "one.jsonl", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "two.db", "restore", "one.jsonl", NULL}) != 0 ||
        tm_scene_run((const char *[]){"--db", "two.db", "dump", "-o", "two.jsonl", NULL}) != 0)
        abort();
    must_be_equal("one.jsonl", "two.jsonl");
}
