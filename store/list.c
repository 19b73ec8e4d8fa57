/* What is in the store: the lists people ask for. */
#include <string.h>

#include "base/nearest.h"
#include "store/sqlite/db.h"

static int64_t newest(const struct tm_scope *scope)
{
    return scope->newest > 0 ? scope->newest : TM_UNKNOWN;
}

tm_rows *tm_list_runs(tm_store *store, const struct tm_scope *scope)
{
    return tm_rows_new(store, tm_db_bind(store, TM_Q_LIST_RUNS, "tttn", scope->project, scope->branch, scope->host, newest(scope)),
                       false);
}

tm_rows *tm_list_plugins(tm_store *store, const struct tm_scope *scope)
{
    return tm_rows_new(store, tm_db_bind(store, TM_Q_LIST_PLUGINS, "ttt", scope->project, scope->branch, scope->host), false);
}

tm_rows *tm_list_history(tm_store *store, const struct tm_scope *scope, const char *plugin)
{
    sqlite3_stmt *statement =
        tm_db_bind(store, TM_Q_LIST_HISTORY, "tttnt", scope->project, scope->branch, scope->host, newest(scope), plugin);
    return tm_rows_new(store, statement, false);
}

tm_rows *tm_list_prunable(tm_store *store, const char *project, int64_t before)
{
    return tm_rows_new(store, tm_db_bind(store, TM_Q_PRUNE_LIST, "it", before, project), false);
}

int tm_has_project(tm_store *store, const char *name)
{
    int64_t id;
    return tm_find_project(store, name, &id);
}

int tm_has_host(tm_store *store, const char *key)
{
    int64_t id;
    return tm_get(store, &id, TM_Q_HOST_FIND, "t", key);
}

int tm_has_plugin(tm_store *store, const char *project, const char *name)
{
    int64_t id;
    return tm_get(store, &id, TM_Q_PLUGIN_ANYWHERE, "tt", project, name);
}

/* The nearest of the names that a statement lists. */
static char *nearest_of(sqlite3_stmt *names, const char *name)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    while (names && sqlite3_step(names) == SQLITE_ROW)
        tm_nearest_offer(&nearest, (const char *)sqlite3_column_text(names, 0));
    sqlite3_reset(names);
    return *nearest.found ? strdup(nearest.found) : NULL;
}

char *tm_nearest_project(tm_store *store, const char *name)
{
    return nearest_of(tm_db_bind(store, TM_Q_PROJECT_NAMES, ""), name);
}

char *tm_nearest_host(tm_store *store, const char *key)
{
    return nearest_of(tm_db_bind(store, TM_Q_HOST_NAMES, ""), key);
}

char *tm_nearest_plugin(tm_store *store, const char *project, const char *name)
{
    return nearest_of(tm_db_bind(store, TM_Q_PLUGIN_NAMES, "t", project), name);
}

char *tm_nearest_metric(tm_store *store, const char *name)
{
    return nearest_of(tm_db_bind(store, TM_Q_METRIC_NAMES, ""), name);
}
