/* Making a store, and bringing an older one up to date. */
#include "store/sqlite/db.h"

#include <stdio.h>
#include <string.h>

enum { APPLICATION_ID = 0x54696465 /* "Tide" */, PAGE_SIZE = 8192 };

struct file_state {
    int64_t application_id, version, objects; /* read by read_state */
};

static int read_number(tm_store *store, const char *sql, int64_t *value)
{
    *value = 0;
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) != SQLITE_OK)
        return tm_db_error(store, "open");
    int step = sqlite3_step(statement);
    if (step == SQLITE_ROW)
        *value = sqlite3_column_int64(statement, 0);
    else
        tm_db_error(store, "open");
    sqlite3_finalize(statement);
    return step == SQLITE_ROW ? 0 : -1;
}

static int read_state(tm_store *store, struct file_state *state)
{
    /* The first read also rolls back what a killed writer left behind. */
    if (read_number(store, "SELECT count(*) FROM sqlite_schema", &state->objects) != 0)
        return -1;
    if (read_number(store, "PRAGMA application_id", &state->application_id) != 0)
        return -1;
    return read_number(store, "PRAGMA user_version", &state->version);
}

static int refuse_foreign(tm_store *store, const struct file_state *state, unsigned flags)
{
    bool empty = state->objects == 0 && state->application_id == 0;
    if (empty && (flags & TM_CREATE))
        return 0;
    if (state->application_id != APPLICATION_ID)
        return tm_db_fail(store, "cannot open '%s': not a Tidemark store but %s; it was not touched", store->path,
                          empty ? "an empty database" : "another program's database");
    if (state->version < 0 || (state->version == 0 && state->objects > 0))
        return tm_db_fail(store, "cannot open '%s': damaged (schema version %d); it was not touched", store->path,
                          (int)state->version);
    if (state->version > TM_MIGRATION_COUNT)
        return tm_db_fail(store,
                          "cannot open '%s': made by a newer Tidemark (schema %d, this one knows up to %d); it was not touched",
                          store->path, (int)state->version, TM_MIGRATION_COUNT);
    return 0;
}

static int drop_views(tm_store *store)
{
    char sql[8192] = "";
    sqlite3_stmt *views = NULL;
    if (sqlite3_prepare_v2(store->db, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &views, NULL) != SQLITE_OK)
        return tm_db_error(store, "migrate");
    while (sqlite3_step(views) == SQLITE_ROW) {
        size_t used = strlen(sql);
        sqlite3_snprintf((int)(sizeof sql - used), sql + used, "DROP VIEW \"%w\";", (const char *)sqlite3_column_text(views, 0));
    }
    sqlite3_finalize(views);
    return tm_db_exec(store, sql);
}

/* One migration, in its own transaction. Another process may have been faster: look again under the lock. */
static int migrate_once(tm_store *store, unsigned flags, int64_t *version)
{
    struct file_state now;
    char mark[120];
    if (tm_begin(store) != 0)
        return -1;
    if (read_state(store, &now) != 0 || refuse_foreign(store, &now, flags) != 0)
        goto undo;
    *version = now.version;
    if (now.version < TM_MIGRATION_COUNT) {
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, (int)now.version + 1);
        if (tm_db_exec(store, tm_migrations[now.version]) != 0 || tm_db_exec(store, mark) != 0)
            goto undo;
        *version = now.version + 1;
        if (*version == TM_MIGRATION_COUNT && (drop_views(store) != 0 || tm_db_exec(store, tm_views) != 0))
            goto undo;
    }
    return tm_commit(store);
undo:
    tm_rollback(store);
    return -1;
}

int tm_db_migrate(tm_store *store, unsigned flags)
{
    struct file_state state;
    if (read_state(store, &state) != 0 || refuse_foreign(store, &state, flags) != 0)
        return -1;
    if (state.version < TM_MIGRATION_COUNT && state.objects > 0 && sqlite3_db_readonly(store->db, "main") == 1)
        return tm_db_fail(
            store,
            "cannot open '%s': made by an older Tidemark (schema %d) and has to be brought up to date first, by somebody "
            "who may write it",
            store->path, (int)state.version);
    if (state.objects == 0) {
        char page_size[60];
        snprintf(page_size, sizeof page_size, "PRAGMA page_size = %d", PAGE_SIZE);
        if (tm_db_exec(store, page_size) != 0)
            return -1;
    }
    while (state.version < TM_MIGRATION_COUNT)
        if (migrate_once(store, flags, &state.version) != 0)
            return -1;
    return 0;
}
