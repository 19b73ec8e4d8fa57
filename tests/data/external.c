/* A program outside of Tidemark that adds a run to a store:
 *     cc external.c $(pkg-config --cflags --libs tidemark) -o external
 *     ./external tidemark.db */
#include <stdio.h>
#include <tidemark.h>

static int add_profiles(tm_store *store)
{
    struct tm_reading hits = {.metric = "cache_hits", .unit = "count", .value = 77};
    struct tm_profile parser = TM_PROFILE_INIT, reader = TM_PROFILE_INIT;
    parser.plugin = "pdf-parser", parser.calls = 12, parser.errors = 1;
    parser.wall_ns = 4947.6e6, parser.cpu_ns = 4400e6, parser.peak_mem_bytes = 96 << 20;
    parser.clock = "thread", parser.occupied_ns = 4500e6, parser.timeouts = 0;
    parser.readings = &hits, parser.n_readings = 1;
    reader.plugin = "ocr-reader", reader.wall_ns = 512e6;
    struct tm_spike spike = {1500, 250, 97.5, "pdf-parser"};
    if (tm_run_add(store, &parser) != 0 || tm_run_add(store, &reader) != 0)
        return -1;
    return tm_run_spike(store, &spike);
}

static int add_run(tm_store *store)
{
    struct tm_run run = {.key = "external", .started_at = 1795140000, .host = "ci-1", .commit_id = "3f2a91c"};
    enum tm_outcome outcome;
    if (tm_run_begin(store, &run) != 0 || add_profiles(store) != 0 || tm_run_commit(store, &outcome) != 0)
        return -1;
    puts(outcome == TM_ALREADY ? "already stored" : "stored");
    return 0;
}

int main(int argc, char **argv)
{
    tm_store *store;
    int failed = tm_open(argc > 1 ? argv[1] : "tidemark.db", TM_CREATE, &store) != 0 || add_run(store) != 0;
    if (failed)
        fprintf(stderr, "external: %s\n", tm_error(store));
    tm_close(store);
    return failed ? 2 : 0;
}
