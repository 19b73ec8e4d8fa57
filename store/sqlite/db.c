/* Opening and closing, transactions, statements. */
#include "store/sqlite/db.h"
#include "store/sqlite/tempfiles.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { BUSY_SECONDS = 120, WRITER_CACHE_KIB = 16 * 1024, READER_CACHE_KIB = 4 * 1024 };

int tm_db_fail(tm_store *store, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(store->error, sizeof store->error, format, arguments);
    va_end(arguments);
    return -1;
}

int tm_db_error(tm_store *store, const char *doing)
{
    int code = sqlite3_errcode(store->db);
    if (code == SQLITE_BUSY)
        return tm_db_fail(store, "cannot %s '%s': locked by another program for more than %d seconds", doing, store->path,
                          BUSY_SECONDS);
    if (code == SQLITE_NOTADB)
        return tm_db_fail(store, "cannot %s '%s': not a Tidemark store (nor any SQLite file)", doing, store->path);
    return tm_db_fail(store, "cannot %s '%s': %s", doing, store->path, sqlite3_errmsg(store->db));
}

const char *tm_error(const tm_store *store)
{
    return store ? store->error : "out of memory";
}

/* Short, uneven sleeps: writers that wait for each other neither starve nor march in step. */
static int wait_for_lock(void *context, int tries)
{
    (void)context;
    enum { SLEEP_US = 2000 };
    if (tries > BUSY_SECONDS * (1000000 / SLEEP_US))
        return 0;
    unsigned uneven = ((unsigned)tries * 2654435761u + (unsigned)getpid() * 40503u) >> 8;
    usleep(SLEEP_US / 2 + uneven % SLEEP_US);
    return 1;
}

int tm_db_exec(tm_store *store, const char *sql)
{
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : tm_db_error(store, "use");
}

void tm_db_forget(tm_store *store)
{
    tm_names_clear(&store->plugins);
    store->plugins_project = 0;
    store->has_lineages = 0;
    tm_seen_clear(&store->runs);
}

int tm_db_begin(tm_store *store, bool references)
{
    if (store->in_transaction)
        return tm_db_fail(store, "a transaction is open already");
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_ENABLE_FKEY, (int)references, NULL);
    if (tm_db_exec(store, "BEGIN IMMEDIATE") != 0)
        return -1;
    store->in_transaction = true;
    tm_db_forget(store); /* others may have written since */
    return 0;
}

int tm_begin(tm_store *store)
{
    return tm_db_begin(store, false);
}

int tm_commit(tm_store *store)
{
    if (!store->in_transaction)
        return tm_db_fail(store, "no transaction is open");
    if (sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK) {
        tm_db_error(store, "write");
        tm_rollback(store);
        return -1;
    }
    store->in_transaction = false;
    tm_seen_clear(&store->runs);
    return 0;
}

void tm_rollback(tm_store *store)
{
    if (!sqlite3_get_autocommit(store->db))
        sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
    store->in_transaction = false;
    tm_db_forget(store);
}

static int missing(tm_store *store)
{
    if (errno == ENOENT)
        return tm_db_fail(store, "no store at '%s': 'tidemark ingest' makes one, --db FILE or TIDEMARK_DB names another",
                          store->path);
    return tm_db_fail(store, "cannot open '%s': %s", store->path, strerror(errno));
}

/* Says which directory of the path is the one that is not there. */
static int cannot_open(tm_store *store)
{
    char *slash = strrchr(store->path, '/');
    if (sqlite3_errcode(store->db) != SQLITE_CANTOPEN || !slash || slash == store->path)
        return tm_db_error(store, "open");
    *slash = '\0';
    bool there = access(store->path, F_OK) == 0 || errno != ENOENT;
    char *directory = there ? NULL : strdup(store->path);
    *slash = '/';
    if (directory)
        tm_db_fail(store, "cannot open '%s': there is no directory '%s'", store->path, directory);
    else
        tm_db_error(store, "open");
    free(directory);
    return -1;
}

/* A writer's own rows have been checked in C, word for word what the CHECKs say (schema/valid.h): the CHECKs are for everybody
 * else's, and for tm_check. */
static int connect(tm_store *store, int flags)
{
    sqlite3_close(store->db);
    store->db = NULL;
    bool readonly = flags & SQLITE_OPEN_READONLY;
    const char *vfs = readonly ? tm_tempfiles_vfs() : NULL;
    if (sqlite3_open_v2(store->path, &store->db, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs) != SQLITE_OK)
        return cannot_open(store);
    sqlite3_extended_result_codes(store->db, 0);
    sqlite3_busy_handler(store->db, wait_for_lock, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    char pragmas[200];
    snprintf(pragmas, sizeof pragmas, "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -%d; PRAGMA ignore_check_constraints = %d",
             readonly ? READER_CACHE_KIB : WRITER_CACHE_KIB, !readonly);
    return tm_db_exec(store, pragmas);
}

/* Migrates, and for readers reconnects so that the file cannot be written. */
static int prepare_store(tm_store *store, unsigned flags)
{
    if (tm_db_migrate(store, flags) != 0)
        return -1;
    if (flags & TM_READONLY)
        return connect(store, SQLITE_OPEN_READONLY);
    return tm_batch_register(store);
}

int tm_open(const char *path, unsigned flags, tm_store **out)
{
    tm_store *store = *out = calloc(1, sizeof *store);
    if (!store)
        return -1;
    store->path = strdup(path);
    if (!store->path)
        return tm_db_fail(store, "out of memory");
    if (!(flags & TM_CREATE) && access(path, F_OK) != 0)
        return missing(store);
    int mode = SQLITE_OPEN_READWRITE | (flags & TM_CREATE ? SQLITE_OPEN_CREATE : 0);
    return connect(store, mode) == 0 ? prepare_store(store, flags) : -1;
}

void tm_close(tm_store *store)
{
    if (!store)
        return;
    tm_run_abort(store);
    for (int i = 0; i < TM_Q_COUNT; i++)
        sqlite3_finalize(store->cached[i]);
    tm_db_forget(store);
    tm_sql_end(store);
    sqlite3_close_v2(store->db);
    tm_batch_free(store->batch);
    free(store->path);
    free(store);
}

int tm_store_fail(tm_store *store, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(store->error, sizeof store->error, format, arguments);
    va_end(arguments);
    return -1;
}
