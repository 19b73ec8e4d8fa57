/* Looking for damage: the schema, then SQLite's own checks of the file and of its references, then the rules of
 * schema/invariants.sql. */
#include <stdio.h>
#include <string.h>

#include "store/sqlite/db.h"

struct findings {
    tm_tell *tell;
    void *context;
    int64_t count;
};

static void add_finding(struct findings *findings, const char *rule, const char *place)
{
    findings->count++;
    findings->tell(findings->context, rule, place);
}

/* The text of a column; NULL where it is NULL, and without memory. */
static const char *text_of(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

/* Each row of the statement is a finding; `describe` puts it into words, or gives -1 without
 * memory. */
static int list_findings(tm_store *store, struct findings *findings, const char *sql,
                         int (*describe)(struct findings *, sqlite3_stmt *))
{
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(tm_sqlite_db(store), sql, -1, &statement, NULL) != SQLITE_OK)
        return tm_sqlite_error(store, "check");
    int step, result = 0;
    while (result == 0 && (step = sqlite3_step(statement)) != SQLITE_DONE)
        if (step != SQLITE_ROW)
            result = tm_sqlite_error(store, "check");
        else if (describe(findings, statement) != 0)
            result = tm_store_fail(store, "cannot check '%s': out of memory", store->path);
    sqlite3_finalize(statement);
    return result;
}

/* "ok" alone is no finding. */
static int describe_integrity(struct findings *findings, sqlite3_stmt *row)
{
    const char *text = text_of(row, 0);
    if (!text)
        return -1;
    if (strcmp(text, "ok") != 0)
        add_finding(findings, "the file is sound", text);
    return 0;
}

static int describe_reference(struct findings *findings, sqlite3_stmt *row)
{
    const char *from = text_of(row, 0), *to = text_of(row, 2);
    char place[300]; /* two names of tables, which are ours */
    if (!from || !to)
        return -1;
    snprintf(place, sizeof place, "a row of %s refers to a row of %s that is not there", from, to);
    add_finding(findings, "references lead somewhere", place);
    return 0;
}

/* A rule names its place where it has one: a row, or the table as a whole. */
static int describe_invariant(struct findings *findings, sqlite3_stmt *row)
{
    const char *rule = text_of(row, 0), *place = text_of(row, 1);
    if (!rule || (!place && sqlite3_column_type(row, 1) != SQLITE_NULL))
        return -1;
    add_finding(findings, rule, place ? place : "");
    return 0;
}

/* The tables' CHECKs, which a writer's connection passes over, are among what SQLite looks at;
 * of a file that it may not write it does not even read them, and would call it sound. */
int64_t tm_sqlite_check(tm_store *store, tm_tell *tell, void *context)
{
    struct findings findings = {tell, context, 0};
    if (sqlite3_db_readonly(tm_sqlite_db(store), "main") == 1)
        return tm_store_fail(
            store, "cannot check '%s': the file is read-only, and SQLite would check only a part of it; check a copy", store->path);
    if (tm_sqlite_exec(store, "PRAGMA ignore_check_constraints = 0") != 0)
        return -1;
    findings.count = tm_sqlite_compare_schema(store, tell, context);
    if (findings.count < 0)
        return -1;
    bool ours = findings.count == 0;
    if (list_findings(store, &findings, "PRAGMA integrity_check", describe_integrity) != 0 ||
        list_findings(store, &findings, "PRAGMA foreign_key_check", describe_reference) != 0)
        return -1;
    /* What would the rows of another schema say? */
    for (int i = 0; i < TM_INVARIANT_COUNT && ours; i++)
        if (list_findings(store, &findings, tm_invariants[i].sql, describe_invariant) != 0)
            return -1;
    return findings.count;
}
