/* Making the tables, and bringing older ones up to date: all that is missing in one transaction,
 * with a lock that lets others wait. Views and functions are made anew by it. */
#include <stdio.h>
#include <stdlib.h>

#include "store/postgres/db.h"
#include "store/postgres/partitions.h"

/* 0: there are no tables yet. */
static int read_version(tm_store *store, int64_t *version)
{
    struct tm_postgres *own = tm_postgres_of(store);
    int64_t there = 0;
    *version = 0;
    /* FROM pg_class: who opens a table hears of tables that others have made while a lock was waited for. */
    if (tm_postgres_number(own, "SELECT count(*) FROM pg_class WHERE oid = to_regclass('tidemark_schema')", &there) != 0 ||
        (there && tm_postgres_number(own, "SELECT coalesce(max(version), 0) FROM tidemark_schema", version) != 0))
        return tm_postgres_error(store, "open");
    if (*version > TM_POSTGRES_MIGRATION_COUNT)
        return tm_store_fail(store,
                             "cannot open '%s': made by a newer Tidemark (schema %d, this one knows up to %d); it was not touched",
                             store->path, (int)*version, TM_POSTGRES_MIGRATION_COUNT);
    return 0;
}

/* Runs a script as it was asked for, or only tells it. */
static int run_script(tm_store *store, const char *script)
{
    const struct tm_migration *migration = store->migration;
    char *sql = tm_postgres_partitioned(script, migration ? migration->partitions : 0);
    int result = 0;
    if (!sql)
        return tm_store_fail(store, "out of memory");
    if (migration && migration->plan)
        migration->plan(migration->context, sql);
    else if (tm_postgres_run(tm_postgres_of(store), sql) != 0)
        result = tm_postgres_error(store, "migrate");
    free(sql);
    return result;
}

/* What there is to do from that version on, the number of each behind it. */
static int run_scripts(tm_store *store, int64_t version)
{
    char mark[100];
    for (; version < TM_POSTGRES_MIGRATION_COUNT; version++) {
        snprintf(mark, sizeof mark, "INSERT INTO tidemark_schema (version) VALUES (%d);\n", (int)version + 1);
        bool last = version + 1 == TM_POSTGRES_MIGRATION_COUNT;
        if (run_script(store, tm_postgres_migrations[version]) != 0 || run_script(store, mark) != 0 ||
            (last && run_script(store, tm_postgres_views) != 0))
            return -1;
    }
    return 0;
}

/* From `version` on. Under the lock another one may have been faster. */
static int migrate(tm_store *store)
{
    /* "Tide", as the file of SQLite has it: one number for all stores of a database is enough. */
    static const char lock[] = "SELECT pg_advisory_xact_lock(1416193125)";
    struct tm_postgres *own = tm_postgres_of(store);
    int64_t version;
    if (tm_postgres_run(own, lock) != 0)
        return tm_postgres_error(store, "migrate");
    return read_version(store, &version) == 0 && run_scripts(store, version) == 0 ? tm_postgres_make_reader(store) : -1;
}

int tm_postgres_migrate(tm_store *store, unsigned flags)
{
    int64_t version;
    if (read_version(store, &version) != 0)
        return -1;
    if (version > 0 && store->migration && store->migration->partitions > 0)
        return tm_store_fail(store, "'%s' is there already: only a new store can be made in partitions", store->path);
    if (version == TM_POSTGRES_MIGRATION_COUNT)
        return 0;
    if (store->migration && store->migration->plan)
        return run_scripts(store, version);
    if (version == 0 && !(flags & TM_CREATE))
        return tm_store_fail(store, "no store at '%s': 'tidemark ingest' makes one, --db or TIDEMARK_DB names another",
                             store->path);
    if (tm_postgres_begin(store, false) != 0)
        return -1;
    int result = migrate(store);
    if (result == 0)
        result = tm_postgres_commit(store);
    if (result != 0)
        tm_postgres_rollback(store);
    return result;
}
