/* Upkeep: taking out, renaming, describing; pruning is prune.c's. Each call is one transaction, which heeds
 * references: what refers to a run goes with it. What the gate had concluded from rows that are
 * gone is marked stale, to be judged again. */
#include <string.h>

#include "base/text.h"
#include "schema/valid.h"
#include "store/handle.h"
#include "store/ids.h"

static const char *project_or_default(const char *project)
{
    return project ? project : "default";
}

/* Ends the transaction that an upkeep call began: commits after 0, rolls back after -1. */
static int end_transaction(tm_store *store, int result)
{
    if (result == 0)
        return tm_commit(store);
    tm_rollback(store);
    return result;
}

/* Begins, with the project locked; NULL: all. 0, or -1 without a transaction. */
static int begin_in(tm_store *store, const char *project)
{
    if (tm_begin_with(store, true) != 0)
        return -1;
    return tm_lock_project(store, project) == 0 ? 0 : end_transaction(store, -1);
}

/* The id of a run or a plugin; a name that is not there is a failure here. */
static int find_named(tm_store *store, const char *project, const char *what, const char *name,
                      int (*find_id)(tm_store *, int64_t, const char *, int64_t *), int64_t *project_id, int64_t *id)
{
    int found = tm_find_project(store, project_or_default(project), project_id);
    if (found == 1)
        found = find_id(store, *project_id, name, id);
    if (found == 0)
        return tm_store_fail(store, "no %s '%s' in project '%s'", what, name, project_or_default(project));
    return found < 0 ? -1 : 0;
}

/* Every lineage of the project is spoilt, not only the run's own: branches that began with it, and
 * runs that repeat it, rest on it as well. */
int tm_remove_run(tm_store *store, const char *project, const char *key)
{
    int64_t id = 0, project_id = 0;
    if (begin_in(store, project_or_default(project)) != 0)
        return -1;
    int result = find_named(store, project, "run", key, tm_find_run, &project_id, &id);
    if (result == 0)
        result = tm_do(store, TM_Q_LINEAGE_SPOIL, "nt", project_id, (const char *)NULL) != 0
                     ? -1
                     : tm_do(store, TM_Q_RUN_REMOVE, "i", id);
    return end_transaction(store, result);
}

/* Within the transaction, so that the new name is still free when it is taken. The plugin's id
 * stays, and with it its whole history. */
static int rename_plugin(tm_store *store, const char *project, const char *name, const char *new_name)
{
    int64_t id = 0, taken, project_id;
    if (find_named(store, project, "plugin", name, tm_find_plugin, &project_id, &id) != 0)
        return -1;
    /* The table would refuse it too, in words that nobody wants to read. */
    int found = tm_find_plugin(store, project_id, new_name, &taken);
    if (found == 1)
        return tm_store_fail(store, "cannot rename '%s': there is a plugin '%s' already", name, new_name);
    return found < 0 ? -1 : tm_do(store, TM_Q_PLUGIN_RENAME, "it", id, new_name);
}

/* The name is checked before the lock is taken: others need not wait for a slip. */
int tm_rename_plugin(tm_store *store, const char *project, const char *name, const char *new_name)
{
    const char *fault = tm_plugin_name_fault(new_name, strlen(new_name));
    if (fault)
        return tm_store_fail(store, "the new name %s", fault);
    if (begin_in(store, project_or_default(project)) != 0)
        return -1;
    return end_transaction(store, rename_plugin(store, project, name, new_name));
}

/* Which direction is better and the unit are checked before the lock is taken. */
int tm_describe_metric(tm_store *store, const char *project, const char *name, const char *better, const char *unit)
{
    int64_t id = 0;
    char shown[TM_SHOWN_SIZE];
    if (better && strcmp(better, "lower") != 0 && strcmp(better, "higher") != 0)
        return tm_store_fail(store, "better '%s': expected lower or higher", tm_shown(better, strlen(better), shown));
    const char *fault = unit ? tm_name_fault(unit, strlen(unit)) : NULL;
    if (fault)
        return tm_store_fail(store, "unit '%s' %s", tm_shown(unit, strlen(unit), shown), fault);
    if (begin_in(store, project) != 0)
        return -1;
    int found = tm_get(store, &id, TM_Q_METRIC_ANYWHERE, "tt", project, name);
    int turned = found == 1 && better ? tm_get(store, &id, TM_Q_METRIC_TURNS, "ttt", project, name, better) : 0;
    int result = found == 1 && turned >= 0 ? tm_do(store, TM_Q_METRIC_DESCRIBE_NAMED, "tttt", project, name, better, unit) : -1;
    if (result == 0 && turned)
        result = tm_do(store, TM_Q_LINEAGES_JUDGE_ANEW, "n", TM_UNKNOWN);
    if (found == 0)
        tm_store_fail(store, "no metric '%s'", name);
    return end_transaction(store, result);
}
