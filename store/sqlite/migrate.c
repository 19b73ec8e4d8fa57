/* Making a store, and bringing an older one up to date: each migration in a transaction of its
 * own, the views made anew by the last. A file that is not a store, or a newer one, is left
 * alone. */
#include "store/sqlite/db.h"

#include <stdio.h>
#include <string.h>

/* "Tide"; and 8 KiB, which hold some 100 profiles: half as many pages to journal and to read as
 * with SQLite's usual 4 KiB. */
enum { APPLICATION_ID = 0x54696465, PAGE_SIZE = 8192 };

struct file_state {
    int64_t application_id, version, objects; /* read by read_state */
};

/* What the file says it is; an empty file has zeros. */
static int read_state(tm_store *store, struct file_state *state)
{
    /* The first read also rolls back what a killed writer left behind. */
    if (tm_sqlite_number(store, "SELECT count(*) FROM sqlite_schema", &state->objects) != 0)
        return -1;
    if (tm_sqlite_number(store, "PRAGMA application_id", &state->application_id) != 0)
        return -1;
    return tm_sqlite_number(store, "PRAGMA user_version", &state->version);
}

/* 0 for a store, and for an empty file that may be made one. */
static int refuse_foreign(tm_store *store, const struct file_state *state, unsigned flags)
{
    bool empty = state->objects == 0 && state->application_id == 0;
    if (empty && (flags & TM_CREATE))
        return 0;
    if (state->application_id != APPLICATION_ID)
        return tm_store_fail(store, "cannot open '%s': not a Tidemark store but %s; it was not touched", store->path,
                             empty ? "an empty database" : "another program's database");
    if (state->version < 0 || (state->version == 0 && state->objects > 0))
        return tm_store_fail(store, "cannot open '%s': damaged (schema version %d); it was not touched", store->path,
                             (int)state->version);
    if (state->version > TM_MIGRATION_COUNT)
        return tm_store_fail(store,
                             "cannot open '%s': made by a newer Tidemark (schema %d, this one knows up to %d); it was not touched",
                             store->path, (int)state->version, TM_MIGRATION_COUNT);
    return 0;
}

/* Views are no data: ours of any older version go, and the current ones are made by the last
 * migration. Those that people made beside them stay. */
static int drop_views(tm_store *store)
{
    sqlite3 *model = tm_sqlite_model(store);
    sqlite3_stmt *views = NULL;
    int step = SQLITE_ERROR, result = 0;
    if (!model)
        return -1;
    if (sqlite3_prepare_v2(model, "SELECT name FROM sqlite_schema WHERE type = 'view'", -1, &views, NULL) == SQLITE_OK)
        while (result == 0 && (step = sqlite3_step(views)) == SQLITE_ROW) {
            const char *name = (const char *)sqlite3_column_text(views, 0);
            char *sql = name ? sqlite3_mprintf("DROP VIEW IF EXISTS main.\"%w\"", name) : NULL;
            result = sql ? tm_sqlite_exec(store, sql) : tm_store_fail(store, "cannot migrate '%s': out of memory", store->path);
            sqlite3_free(sql);
        }
    if (result == 0 && step != SQLITE_DONE)
        result = tm_store_fail(store, "cannot migrate '%s': %s", store->path, sqlite3_errmsg(model));
    sqlite3_finalize(views);
    sqlite3_close(model);
    return result;
}

/* Until 3.51.3 SQLite may lose commits of a database in WAL mode, and damage it, when a checkpoint
 * resets the log while another connection writes. A store is made without; somebody has turned it on. */
static int refuse_wal(tm_store *store)
{
    enum { WAL_IS_SAFE = 3051003 };
    sqlite3_stmt *mode = NULL;
    if (sqlite3_libversion_number() >= WAL_IS_SAFE)
        return 0;
    int code = sqlite3_prepare_v2(tm_sqlite_db(store), "PRAGMA main.journal_mode", -1, &mode, NULL);
    const char *text = code == SQLITE_OK && sqlite3_step(mode) == SQLITE_ROW ? (const char *)sqlite3_column_text(mode, 0) : NULL;
    int result = text ? 0 : tm_sqlite_error(store, "open");
    if (text && strcmp(text, "wal") == 0)
        result =
            tm_store_fail(store,
                          "cannot open '%s': it is in WAL mode, in which SQLite %s may lose data; 'PRAGMA journal_mode = DELETE' "
                          "in sqlite3 ends that, or SQLite 3.51.3 is needed",
                          store->path, sqlite3_libversion());
    sqlite3_finalize(mode);
    return result;
}

/* One migration, in its own transaction. Another process may have been faster: look again under
 * the lock. */
static int migrate_once(tm_store *store, unsigned flags, int64_t *version)
{
    struct file_state now;
    char mark[120];
    if (tm_sqlite_begin(store, false) != 0)
        return -1;
    if (read_state(store, &now) != 0 || refuse_foreign(store, &now, flags) != 0)
        goto undo;
    *version = now.version;
    if (now.version < TM_MIGRATION_COUNT) {
        snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d", APPLICATION_ID, (int)now.version + 1);
        if (tm_sqlite_exec(store, tm_migrations[now.version]) != 0 || tm_sqlite_exec(store, mark) != 0)
            goto undo;
        /* Version and content change in one transaction: a migration that is cut short has not
         * happened. */
        *version = now.version + 1;
        if (*version == TM_MIGRATION_COUNT && (drop_views(store) != 0 || tm_sqlite_exec(store, tm_views) != 0))
            goto undo;
    }
    if (tm_sqlite_commit(store) == 0)
        return 0;
undo:
    tm_sqlite_rollback(store);
    return -1;
}

/* The size of pages can be set only before the first is written. */
int tm_sqlite_migrate(tm_store *store, unsigned flags)
{
    struct file_state state;
    if (read_state(store, &state) != 0 || refuse_foreign(store, &state, flags) != 0 || refuse_wal(store) != 0)
        return -1;
    if (tm_sqlite_plans(store)) {
        const struct tm_migration *migration = store->migration;
        for (int64_t i = state.version; i < TM_MIGRATION_COUNT; i++)
            migration->plan(migration->context, tm_migrations[i]);
        if (state.version < TM_MIGRATION_COUNT)
            migration->plan(migration->context, tm_views);
        return 0;
    }
    /* A reader of a file on a read-only medium meets this: it is told, instead of "attempt to
     * write". */
    if (state.version < TM_MIGRATION_COUNT && state.objects > 0 && sqlite3_db_readonly(tm_sqlite_db(store), "main") == 1)
        return tm_store_fail(
            store,
            "cannot open '%s': made by an older Tidemark (schema %d); somebody who may write the file must bring it up to date "
            "first",
            store->path, (int)state.version);
    if (state.objects == 0) {
        char page_size[60];
        snprintf(page_size, sizeof page_size, "PRAGMA page_size = %d", PAGE_SIZE);
        if (tm_sqlite_exec(store, page_size) != 0)
            return -1;
    }
    /* One step a transaction: a store that is interrupted goes on from where it was. */
    while (state.version < TM_MIGRATION_COUNT)
        if (migrate_once(store, flags, &state.version) != 0)
            return -1;
    return 0;
}
