/* Opening and closing a file of SQLite's. A rollback journal with synchronous = EXTRA loses
 * nothing when the power fails; a writer's connection trusts the checks that the store makes in
 * C. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/sqlite/db.h"
#include "store/sqlite/sqlext.h"
#include "store/sqlite/tempfiles.h"

/* A writer comes back to the pages of several tables and indexes until it commits: 16 MiB hold
 * those of a run of 100,000 plugins. A reader goes through most pages once, in order; SQLite's
 * usual 2 MiB would do but for the lists of names. */
enum { WRITER_CACHE_KIB = 16 * 1024, READER_CACHE_KIB = 4 * 1024 };

/* What is written is kept in memory until the commit, up to this: then SQLite begins to write it into the file, and nobody reads
 * from there on until the commit is done. It holds some twelve million profiles; memory is taken as pages are changed. */
enum { WRITER_HELD_KIB = 512 * 1024 };

/* Says which directory of the path is the one that is not there. */
static int cannot_open(tm_store *store)
{
    char *slash = strrchr(store->path, '/');
    if (sqlite3_errcode(tm_sqlite_db(store)) != SQLITE_CANTOPEN || !slash || slash == store->path)
        return tm_sqlite_error(store, "open");
    *slash = '\0';
    bool there = access(store->path, F_OK) == 0 || errno != ENOENT;
    char *directory = there ? NULL : strdup(store->path);
    *slash = '/';
    if (directory)
        tm_store_fail(store, "cannot open '%s': there is no directory '%s'", store->path, directory);
    else
        tm_sqlite_error(store, "open");
    free(directory);
    return -1;
}

/* DEFENSIVE: no SQL can damage the file. Untrusted schema: a view or a CHECK of a file that
 * somebody made up runs no function that has effects. Triggers: ours is a schema without, and
 * nobody else's may do more or less than a statement says. */
static int configure(struct tm_sqlite *own)
{
    sqlite3 *db = own->db;
    sqlite3_extended_result_codes(db, 0);
    int code = sqlite3_busy_handler(db, tm_sqlite_wait, own);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    /* The store's own statements take medians, too. */
    if (code == SQLITE_OK)
        code = tm_sqlext_register(db);
    if (code == SQLITE_OK)
        code = sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    return code;
}

/* A writer's own rows have been checked in C, word for word what the CHECKs say
 * (schema/valid.h): the CHECKs are for everybody else's, and for tm_check. */
static int connect(tm_store *store, int flags)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    sqlite3_close(own->db);
    own->db = NULL;
    bool readonly = flags & SQLITE_OPEN_READONLY;
    const char *vfs = readonly ? tm_tempfiles_vfs() : NULL;
    if (readonly && !vfs)
        return tm_store_fail(store, "cannot open '%s': temporary files cannot be kept within bounds", store->path);
    const char *path = own->making ? own->making : store->path;
    if (sqlite3_open_v2(path, &own->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs) != SQLITE_OK)
        return cannot_open(store);
    if (configure(own) != SQLITE_OK)
        return tm_sqlite_error(store, "open");
    char pragmas[250];
    /* EXTRA also syncs the directory after the journal is deleted: without it a power failure may
     * bring the journal back, and undo what was committed. */
    snprintf(pragmas, sizeof pragmas,
             "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -%d; PRAGMA cache_spill = -%d; PRAGMA ignore_check_constraints = %d",
             readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB, WRITER_HELD_KIB, !readonly);
    return tm_sqlite_exec(store, pragmas);
}

/* What is left to do once the connection is the one that is used: a writer runs our statements
 * alone, which read tables; only a reader's may ask the views. */
static int finish(tm_store *store, unsigned flags)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    own->guarded = !(flags & TM_ANY_SCHEMA);
    if (own->guarded && tm_sqlite_verify_schema(store) != 0)
        return -1;
    if (flags & TM_READONLY)
        return 0;
    if (sqlite3_db_config(own->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL) != SQLITE_OK)
        return tm_sqlite_error(store, "open");
    return tm_sqlite_register_batch(store);
}

/* Migrates first; a reader then connects again, so that the file cannot be written, and so does who has made it: SQLite's journal
 * is called as the file is. */
int tm_sqlite_open(tm_store *store, unsigned flags)
{
    struct tm_sqlite *own = store->connection = calloc(1, sizeof *own);
    if (!own)
        return tm_store_fail(store, "out of memory");
    own->store = store;
    own->maker = -1;
    int mode = SQLITE_OPEN_READWRITE | (flags & TM_CREATE ? SQLITE_OPEN_CREATE : 0);
    if ((flags & TM_CREATE) && !tm_sqlite_plans(store) && tm_sqlite_make(store) != 0)
        return -1;
    bool makes = own->making;
    if (connect(store, mode) != 0 || tm_sqlite_migrate(store, flags) != 0)
        return -1;
    if (tm_sqlite_plans(store))
        return 0;
    if (makes && (flags & TM_MADE_LATE))
        return finish(store, flags);
    if (makes) {
        sqlite3_close(own->db);
        own->db = NULL;
        if (tm_sqlite_publish(store) < 0 || connect(store, mode) != 0)
            return -1;
    }
    if ((flags & TM_READONLY) && connect(store, SQLITE_OPEN_READONLY) != 0)
        return -1;
    return finish(store, flags);
}

/* Also of a store whose opening failed half way: what is not there is NULL. close_v2, for a
 * reader's last statement may still be open. */
void tm_sqlite_close(tm_store *store)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (!own)
        return;
    sqlite3_finalize(own->add_profiles);
    tm_sqlite_query_end(store, NULL);
    sqlite3_close_v2(own->db);
    tm_sqlite_end_making(own);
    free(own);
    store->connection = NULL;
}
