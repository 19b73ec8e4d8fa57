/* Looking for damage. */
#include <stdio.h>
#include <string.h>

#include "store/sqlite/db.h"

struct findings {
    tm_tell *tell;
    void *context;
    int64_t count;
};

static void find(struct findings *findings, const char *rule, const char *place)
{
    findings->count++;
    findings->tell(findings->context, rule, place ? place : "");
}

/* Each row of the statement is a finding; `describe` puts it into words. */
static int look(tm_store *store, struct findings *findings, const char *sql, void (*describe)(struct findings *, sqlite3_stmt *))
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return tm_db_error(store, "check");
    int step;
    while ((step = sqlite3_step(statement)) == SQLITE_ROW)
        describe(findings, statement);
    int result = step == SQLITE_DONE ? 0 : tm_db_error(store, "check");
    sqlite3_finalize(statement);
    return result;
}

static void describe_integrity(struct findings *findings, sqlite3_stmt *row)
{
    const char *text = (const char *)sqlite3_column_text(row, 0);
    if (text && strcmp(text, "ok") != 0)
        find(findings, "the file is sound", text);
}

static void describe_reference(struct findings *findings, sqlite3_stmt *row)
{
    char place[300];
    snprintf(place, sizeof place, "a row of %s refers to a row of %s that is not there", (const char *)sqlite3_column_text(row, 0),
             (const char *)sqlite3_column_text(row, 2));
    find(findings, "references lead somewhere", place);
}

static void describe_invariant(struct findings *findings, sqlite3_stmt *row)
{
    find(findings, (const char *)sqlite3_column_text(row, 0), (const char *)sqlite3_column_text(row, 1));
}

int64_t tm_check(tm_store *store, tm_tell *tell, void *context)
{
    struct findings findings = {tell, context, 0};
    if (tm_db_exec(store, "PRAGMA ignore_check_constraints = 0") != 0)
        return -1;
    if (look(store, &findings, "PRAGMA integrity_check", describe_integrity) != 0 ||
        look(store, &findings, "PRAGMA foreign_key_check", describe_reference) != 0)
        return -1;
    for (int i = 0; i < TM_INVARIANT_COUNT; i++)
        if (look(store, &findings, tm_invariants[i].sql, describe_invariant) != 0)
            return -1;
    return findings.count;
}
