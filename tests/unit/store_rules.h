/* What tests of the store's rules share: looking at its file and tables, and rows that differ in one value. */
#ifndef TM_TESTS_STORE_RULES_H
#define TM_TESTS_STORE_RULES_H

#include "tests/unit/fixture.h"

/* FNV-1a of a file's bytes, 0 if there is none. */
static inline uint64_t fingerprint(const char *name)
{
    uint64_t hash = 0xcbf29ce484222325u;
    FILE *in = fopen(file(name), "r");
    for (int c; in && (c = getc(in)) != EOF;)
        hash = (hash ^ (unsigned)c) * 0x100000001b3u;
    return in ? fclose(in), hash : 0;
}

static inline int64_t number(tm_store *store, const char *sql)
{
    sqlite3_stmt *statement;
    with_views(store);
    if (sqlite3_prepare_v2(tm_sqlite_db(store), sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(tm_sqlite_db(store)));
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return value;
}

static inline void expect_error(const char *row, tm_store *store, int result, const char *message)
{
    if (result != -1 || !strstr(tm_error(store), message))
        fail_msg("%s: returned %d, message '%s', expected one with '%s'", row, result, result ? tm_error(store) : "", message);
}

static const struct tm_run night = {.key = "n1", .started_at = 1795140000, .host = "ci"};

/* A member of the full profile, and another value for it. */
struct change {
    const char *name;
    size_t at;
    char type; /* n count, r real, t text */
    double value;
    const char *text;
};

static inline struct tm_profile changed_profile(const struct change *change)
{
    struct tm_profile profile = full_profile();
    char *at = (char *)&profile + change->at;
    if (change->type == 'n')
        *(int64_t *)at = (int64_t)change->value;
    else if (change->type == 'r')
        *(double *)at = change->value;
    else
        *(const char **)at = change->text;
    return profile;
}

/* A run that is not as it should be, and what is said of it. */
struct run_change {
    const char *name;
    struct tm_run run;
    const char *message;
};

#endif
