/* What is in the store: the lists people ask for, and whether a name is there. Each is one named
 * query; the parameters leave a side open by being NULL. */
#include <string.h>

#include "base/nearest.h"
#include "store/ids.h"
#include "store/store.h"

/* For LIMIT, where NULL is no limit. */
static int64_t newest_or_all(const struct tm_scope *scope)
{
    return scope->newest > 0 ? scope->newest : TM_UNKNOWN;
}

tm_rows *tm_list_runs(tm_store *store, const struct tm_scope *scope)
{
    return tm_ask(store, TM_Q_LIST_RUNS, "tttn", scope->project, scope->branch, scope->host, newest_or_all(scope));
}

tm_rows *tm_list_plugins(tm_store *store, const struct tm_scope *scope)
{
    return tm_ask(store, TM_Q_LIST_PLUGINS, "ttt", scope->project, scope->branch, scope->host);
}

tm_rows *tm_list_history(tm_store *store, const struct tm_scope *scope, const char *plugin)
{
    return tm_ask(store, TM_Q_LIST_HISTORY, "tttnt", scope->project, scope->branch, scope->host, newest_or_all(scope), plugin);
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

/* Of any project where none is named. */
int tm_has_plugin(tm_store *store, const char *project, const char *name)
{
    int64_t id;
    return tm_get(store, &id, TM_Q_PLUGIN_ANYWHERE, "tt", project, name);
}

/* The nearest of the names that a statement lists; NULL also where they cannot be read: a hint
 * is then left out. */
static char *nearest_of(tm_rows *rows, const char *name)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    int step = rows ? 1 : -1;
    while (step == 1 && (step = tm_rows_next(rows)) == 1)
        tm_nearest_offer(&nearest, tm_rows_text(rows, 0));
    if (tm_rows_close(rows) != 0)
        step = -1;
    return step == 0 && *nearest.found ? strdup(nearest.found) : NULL;
}

/* Each of these reads all names of its kind: a few thousand, and only after a name was wrong. */
char *tm_nearest_project(tm_store *store, const char *name)
{
    return nearest_of(tm_ask(store, TM_Q_PROJECT_NAMES, ""), name);
}

char *tm_nearest_host(tm_store *store, const char *key)
{
    return nearest_of(tm_ask(store, TM_Q_HOST_NAMES, ""), key);
}

char *tm_nearest_plugin(tm_store *store, const char *project, const char *name)
{
    return nearest_of(tm_ask(store, TM_Q_PLUGIN_NAMES, "t", project), name);
}

char *tm_nearest_metric(tm_store *store, const char *name)
{
    return nearest_of(tm_ask(store, TM_Q_METRIC_NAMES, ""), name);
}
