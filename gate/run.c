/* Runs and lineages by name. A lineage is a project's runs on one host and branch: what compares
 * with one another. */
#include "gate/run.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* The query picks the newest of what fits, and the first run for one that confirms it. Texts are
 * copied: the row goes when it is closed. */
int tm_judged_run_find(tm_store *store, const struct tm_scope *scope, const char *key, struct tm_judged_run *run)
{
    *run = (struct tm_judged_run){0};
    tm_rows *rows = tm_ask(store, TM_Q_RUN_PICK, "tttt", scope->project, scope->branch, scope->host, key);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        run->id = tm_row_integer(rows, "run_id");
        run->project_id = tm_row_integer(rows, "project_id");
        run->host_id = tm_row_integer(rows, "host_id");
        run->started_at = tm_row_time(rows, "started_at");
        run->key = strdup(tm_row_text(rows, "key"));
        run->branch = strdup(tm_row_text(rows, "branch"));
        run->commit = strdup(tm_row_text(rows, "commit_id"));
        if (!run->key || !run->branch || !run->commit)
            step = tm_store_fail(store, "out of memory");
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

void tm_judged_run_free(struct tm_judged_run *run)
{
    free(run->key);
    free(run->branch);
    free(run->commit);
    tm_noted_free(&run->noted);
    *run = (struct tm_judged_run){0};
}

int tm_lineage_open(struct tm_session *session, tm_store *store, const struct tm_settings *settings,
                    const struct tm_lineage_name *name, const struct tm_watcher *watcher)
{
    int result = tm_session_open(session, store, &settings->rules, name->project_id, name->host_id, name->branch, settings->base);
    /* Set even where opening failed: closing does not look at any of these. */
    session->settings = settings->given;
    session->threads = settings->threads;
    session->progress = watcher->progress;
    session->progress_context = watcher->context;
    session->noted = watcher->noted;
    return result;
}

/* One lineage: open, judge what is new, close. */
static int bring_forward(tm_store *store, const struct tm_settings *settings, const struct tm_lineage_name *name,
                         const struct tm_watcher *watcher, size_t *judged)
{
    struct tm_session session;
    int result = tm_lineage_open(&session, store, settings, name, watcher);
    if (result == 0)
        result = tm_session_bring_forward(&session, judged);
    tm_session_close(&session);
    return result;
}

int tm_judge_lineage(tm_store *store, const struct tm_settings *settings, const struct tm_judged_run *run,
                     const struct tm_watcher *watcher, size_t *judged)
{
    const struct tm_lineage_name name = {run->project_id, run->host_id, run->branch};
    return bring_forward(store, settings, &name, watcher, judged);
}

void tm_lineages_free(struct tm_lineage_names *list)
{
    free(list->names);
    tm_arena_free(&list->branches);
    *list = (struct tm_lineage_names){0};
}

/* Listed before any is judged: judging asks the store too. */
int tm_lineages_list(tm_store *store, const struct tm_scope *scope, const char *base, struct tm_lineage_names *list)
{
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGES, "tttt", scope->project, scope->branch, scope->host, base);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *branch = tm_row_text(rows, "branch");
        struct tm_lineage_name *name = tm_array_add(&list->names, &list->n, sizeof *name);
        if (name)
            *name = (struct tm_lineage_name){tm_row_integer(rows, "project_id"), tm_row_integer(rows, "host_id"),
                                             tm_arena_text(&list->branches, branch, strlen(branch))};
        if (!name || !name->branch) {
            step = tm_store_fail(store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Each lineage in a session of its own: nothing is shared between hosts or branches but the
 * base's history, which is replayed for a branch too. */
int tm_replay_lineages(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope,
                       const struct tm_replay_wish *wish, tm_night_seen *seen, void *context)
{
    struct tm_lineage_names list = {0};
    int result = tm_lineages_list(store, scope, settings->base, &list);
    for (size_t i = 0; i < list.n && result == 0; i++) {
        struct tm_session session;
        result = tm_session_open(&session, store, &settings->rules, list.names[i].project_id, list.names[i].host_id,
                                 list.names[i].branch, settings->base);
        session.undecided = wish->undecided;
        session.threads = settings->threads;
        if (result == 0)
            result = tm_session_replay(&session, wish->until, seen, context);
        tm_session_close(&session);
    }
    tm_lineages_free(&list);
    return result;
}

/* One lineage that fails ends it all: half of a rebuilt project would be a mixture. */
int tm_rebuild_lineages(tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope,
                        const struct tm_watcher *watcher, size_t *judged)
{
    struct tm_lineage_names list = {0};
    /* Memory and verdicts are derived: marked as spoilt, each lineage starts from nothing when it
     * is brought forward. */
    int result = tm_lock_project(store, NULL) == 0 ? tm_do(store, TM_Q_LINEAGES_SPOIL_ALL, "") : -1;
    if (result == 0)
        result = tm_lineages_list(store, scope, settings->base, &list);
    /* Counted over all lineages: what the user is told. */
    *judged = 0;
    for (size_t i = 0; i < list.n && result == 0; i++) {
        size_t nights = 0;
        result = bring_forward(store, settings, &list.names[i], watcher, &nights);
        *judged += nights;
    }
    tm_lineages_free(&list);
    return result;
}
