/* Is the schema ours? A store may come from anywhere, and whoever can write it can put a view in a
 * table's place, or a trigger behind it, so that rows that were given are never there. So what the
 * file declares is compared, word for word, with what the migrations make in an empty database.
 * Making that takes milliseconds; a store to which nobody added anything is known by its hash.
 *
 * What people added beside it is theirs and stays: views, tables, indexes. A trigger on one of our
 * tables is not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "schema/fingerprint.h"
#include "store/sqlite/db.h"

/* All that is made by CREATE; SQLite's own indexes and tables follow from it. */
#define DECLARED "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~' "

sqlite3 *tm_sqlite_model(tm_store *store)
{
    sqlite3 *model = NULL;
    int code = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    for (int i = 0; i < TM_MIGRATION_COUNT && code == SQLITE_OK; i++)
        code = sqlite3_exec(model, tm_migrations[i], NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(model, tm_views, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return model;
    tm_store_fail(store, "cannot compare the schema of '%s': %s", store->path, sqlite3_errstr(code));
    sqlite3_close(model);
    return NULL;
}

struct comparison {
    tm_store *store;
    tm_tell *tell;
    void *context;
    int64_t count;
};

static void differ(struct comparison *at, const char *type, const char *name, const char *how)
{
    char place[300]; /* our own names are short; of a trigger's what fits */
    snprintf(place, sizeof place, "%s '%.200s' %s", type, name, how);
    at->count++;
    at->tell(at->context, "the schema is Tidemark's", place);
}

/* The declaration of the model's row in the store; 1 where it is the same, 0 where it is not, or not
 * there (*there), -1. */
static int same_in_store(sqlite3_stmt *find, sqlite3_stmt *wanted, bool *there)
{
    const char *sql = (const char *)sqlite3_column_text(wanted, 2);
    for (int i = 0; i < 2; i++)
        if (sqlite3_bind_value(find, i + 1, sqlite3_column_value(wanted, i)) != SQLITE_OK)
            return -1;
    int step = sqlite3_step(find), result = step == SQLITE_DONE ? 0 : -1;
    *there = step == SQLITE_ROW;
    if (*there) {
        const char *found = (const char *)sqlite3_column_text(find, 0);
        result = found && sql ? strcmp(found, sql) == 0 : -1;
    }
    sqlite3_reset(find);
    return result;
}

/* Everything of the model must be there, and be the same. */
static int compare_declarations(struct comparison *at, sqlite3 *model)
{
    sqlite3_stmt *wanted = NULL, *find = NULL;
    int step = SQLITE_ERROR, same = 0;
    if (sqlite3_prepare_v2(model, DECLARED "ORDER BY type, name", -1, &wanted, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(tm_sqlite_db(at->store), "SELECT sql FROM main.sqlite_schema WHERE type = ?1 AND name = ?2", -1, &find,
                           NULL) == SQLITE_OK)
        while (same >= 0 && (step = sqlite3_step(wanted)) == SQLITE_ROW) {
            bool there = false;
            same = same_in_store(find, wanted, &there);
            if (same == 0)
                differ(at, (const char *)sqlite3_column_text(wanted, 0), (const char *)sqlite3_column_text(wanted, 1),
                       there ? "is another than Tidemark makes" : "is missing");
        }
    sqlite3_finalize(wanted);
    sqlite3_finalize(find);
    return step == SQLITE_DONE && same >= 0 ? 0 : -1;
}

/* Triggers that stand on a table or view of the model, which has none. */
static int find_triggers(struct comparison *at, sqlite3 *model)
{
    sqlite3_stmt *triggers = NULL, *ours = NULL;
    int step = SQLITE_ERROR, found = SQLITE_DONE;
    if (sqlite3_prepare_v2(tm_sqlite_db(at->store), "SELECT tbl_name, name FROM main.sqlite_schema WHERE type = 'trigger'", -1,
                           &triggers, NULL) == SQLITE_OK &&
        sqlite3_prepare_v2(model, "SELECT 1 FROM sqlite_schema WHERE name = ?1 COLLATE NOCASE", -1, &ours, NULL) == SQLITE_OK)
        while ((found == SQLITE_ROW || found == SQLITE_DONE) && (step = sqlite3_step(triggers)) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(triggers, 1);
            found = name && sqlite3_bind_value(ours, 1, sqlite3_column_value(triggers, 0)) == SQLITE_OK ? sqlite3_step(ours)
                                                                                                        : SQLITE_NOMEM;
            if (found == SQLITE_ROW)
                differ(at, "trigger", name, "is on a table of Tidemark's");
            sqlite3_reset(ours);
        }
    sqlite3_finalize(triggers);
    sqlite3_finalize(ours);
    return step == SQLITE_DONE ? 0 : -1;
}

/* All that is declared, with its end behind each text, so that none runs into the next. Only what SQLite
 * makes by itself is left out; a trigger never is, whatever its name. */
int tm_sqlite_fingerprint(tm_store *store, char text[TM_SHA256_BASE64])
{
    static const char all[] = "SELECT type, name, tbl_name, sql FROM main.sqlite_schema "
                              "WHERE NOT (name LIKE 'sqlite~_%' ESCAPE '~' AND type IN ('table', 'index')) ORDER BY type, name";
    struct tm_builder builder;
    sqlite3_stmt *declared = NULL;
    int step = SQLITE_ERROR;
    bool starved = false;
    FILE *out = tm_build(&builder);
    if (out && sqlite3_prepare_v2(tm_sqlite_db(store), all, -1, &declared, NULL) == SQLITE_OK)
        while ((step = sqlite3_step(declared)) == SQLITE_ROW)
            for (int column = 0; column < 4; column++) {
                const unsigned char *part = sqlite3_column_text(declared, column);
                starved = starved || (!part && sqlite3_column_type(declared, column) != SQLITE_NULL);
                fwrite(part ? part : (const unsigned char *)"", 1, (size_t)sqlite3_column_bytes(declared, column) + 1, out);
            }
    int failed = step == SQLITE_DONE ? 0 : tm_sqlite_error(store, "read the schema of");
    sqlite3_finalize(declared);
    char *read = tm_built(&builder);
    if (failed == 0 && (!read || starved))
        failed = tm_store_fail(store, "cannot read the schema of '%s': out of memory", store->path);
    if (failed == 0)
        tm_sha256_base64(read, builder.size, text);
    free(read);
    return failed;
}

int64_t tm_sqlite_compare_schema(tm_store *store, tm_tell *tell, void *context)
{
    struct comparison at = {store, tell, context, 0};
    char fingerprint[TM_SHA256_BASE64];
    if (tm_sqlite_fingerprint(store, fingerprint) != 0)
        return -1;
    if (strcmp(fingerprint, TM_SCHEMA_FINGERPRINT) == 0)
        return 0;
    sqlite3 *model = tm_sqlite_model(store);
    if (!model)
        return -1;
    if (compare_declarations(&at, model) != 0 || find_triggers(&at, model) != 0)
        at.count = tm_sqlite_error(store, "read the schema of");
    sqlite3_close(model);
    return at.count;
}

struct first {
    char place[300];
};

static void keep_first(void *context, const char *rule, const char *place)
{
    struct first *first = context;
    (void)rule;
    if (!*first->place)
        snprintf(first->place, sizeof first->place, "%s", place);
}

/* The cookie, which SQLite counts up at every change of the schema, is read first: a change while
 * this compares is seen by the next transaction. */
int tm_sqlite_verify_schema(tm_store *store)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    struct first first = {""};
    int64_t cookie;
    if (tm_sqlite_number(store, "PRAGMA main.schema_version", &cookie) != 0)
        return -1;
    if (own->verified && own->schema_cookie == cookie)
        return 0;
    own->verified = false;
    int64_t differences = tm_sqlite_compare_schema(store, keep_first, &first);
    if (differences != 0)
        return differences < 0
                   ? -1
                   : tm_store_fail(store, "cannot use '%s': its schema is not Tidemark's: %s ('tidemark check' lists all)",
                                   store->path, first.place);
    own->schema_cookie = cookie;
    own->verified = true;
    return 0;
}
