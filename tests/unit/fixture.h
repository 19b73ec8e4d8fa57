/* What tests of the store share: a directory of their own, and a store with something in it. */
#ifndef TM_TESTS_FIXTURE_H
#define TM_TESTS_FIXTURE_H

#include <dirent.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "store/sqlite/db.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

static char scratch[512];

/* A name in the directory of this test; four of them may be in use. */
static inline const char *file(const char *name)
{
    static char paths[4][1024];
    static int next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

static inline int make_scratch(void **state)
{
    const char *parent = getenv("TMPDIR");
    (void)state;
    snprintf(scratch, sizeof scratch, "%s/tidemark-store.XXXXXX", parent ? parent : "/tmp");
    return mkdtemp(scratch) ? 0 : -1;
}

static inline int remove_scratch(void **state)
{
    struct dirent *entry;
    DIR *dir = opendir(scratch);
    (void)state;
    while (dir && (entry = readdir(dir)))
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && unlink(file(entry->d_name)) != 0)
            rmdir(file(entry->d_name));
    return dir ? closedir(dir) || rmdir(scratch) : -1;
}

static inline tm_store *open_store(const char *name, unsigned flags)
{
    tm_store *store;
    if (tm_open(file(name), flags, &store) != 0)
        fail_msg("%s: %s", name, tm_error(store));
    return store;
}

static inline struct tm_profile full_profile(void)
{
    static const struct tm_reading readings[] = {{"hits", "count", 5, NULL}, {"queue_us", "us", 7.5, NULL}};
    return (struct tm_profile){.plugin = "alpha",
                               .calls = 10,
                               .errors = 1,
                               .wall_ns = 100,
                               .cpu_ns = 50,
                               .mem_delta_bytes = -5,
                               .peak_mem_bytes = 1024,
                               .wall_p50_ns = 9,
                               .wall_p95_ns = 11,
                               .wall_p99_ns = 12,
                               .wall_max_ns = 13,
                               .occupied_ns = 60,
                               .longest_step_ns = 12,
                               .cancelled = 2,
                               .timeouts = 0,
                               .clock = "thread",
                               .plugin_version = "1.2",
                               .latency = "TS-a",
                               .latency_size = 4,
                               .readings = readings,
                               .n_readings = 2};
}

/* Begins, adds and commits; what failed stays in the handle. */
static inline int put(tm_store *store, const struct tm_run *run, const struct tm_profile *profiles, size_t count,
                      enum tm_outcome *outcome)
{
    int result = tm_run_begin(store, run);
    for (size_t i = 0; i < count && result == 0; i++)
        result = tm_run_add(store, &profiles[i]);
    if (result == 0)
        result = tm_run_commit(store, outcome);
    tm_run_abort(store);
    return result;
}

/* A writer's connection asks no views; a test's may. */
static inline void with_views(tm_store *store)
{
    assert_int_equal(sqlite3_db_config(tm_sqlite_db(store), SQLITE_DBCONFIG_ENABLE_VIEW, 1, NULL), SQLITE_OK);
}

#endif
