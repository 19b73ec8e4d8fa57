/* Storing one run: new, the same again, more of it, or instead of it. */
#include <string.h>

#include "base/text.h"
#include "schema/valid.h"
#include "store/content.h"

static int check_text(tm_store *store, const char *what, const char *text)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = text ? tm_name_fault(text, strlen(text)) : NULL;
    return fault ? tm_db_fail(store, "%s '%s' %s", what, tm_shown(text, strlen(text), shown), fault) : 0;
}

static int check_run(tm_store *store, const struct tm_run *run)
{
    if (!run->key)
        return tm_db_fail(store, "a run needs a key");
    return check_text(store, "run key", run->key) || check_text(store, "project", run->project) ||
                   check_text(store, "host", run->host) || check_text(store, "branch", run->branch) ||
                   check_text(store, "commit", run->commit_id) || check_text(store, "version", run->version)
               ? -1
               : 0;
}

/* A confirming run is judged with the one it repeats: like with like, and in one step. */
static int check_repeated(tm_store *store, const struct tm_run *run, sqlite3_stmt *found)
{
    const char *host = run->host ? run->host : tm_host(), *branch = run->branch ? run->branch : "main";
    if (sqlite3_column_type(found, 6) != SQLITE_NULL)
        return tm_db_fail(store, "run '%s' repeats '%s', which is a repeat itself: name the first run", run->key, run->repeat_of);
    if (strcmp(host, (const char *)sqlite3_column_text(found, 2)) != 0)
        return tm_db_fail(store, "run '%s' repeats '%s' on another host: '%s', not '%s'", run->key, run->repeat_of, host,
                          (const char *)sqlite3_column_text(found, 2));
    if (strcmp(branch, (const char *)sqlite3_column_text(found, 3)) != 0)
        return tm_db_fail(store, "run '%s' repeats '%s' on another branch: '%s', not '%s'", run->key, run->repeat_of, branch,
                          (const char *)sqlite3_column_text(found, 3));
    return 0;
}

static int find_repeated(tm_store *store, int64_t project, const struct tm_run *run, int64_t *id)
{
    *id = TM_UNKNOWN;
    if (!run->repeat_of)
        return 0;
    sqlite3_stmt *found = tm_db_bind(store, TM_Q_RUN_FIND, "it", project, run->repeat_of);
    int step = found ? sqlite3_step(found) : SQLITE_ERROR, result = 0;
    if (step == SQLITE_ROW && strcmp(run->repeat_of, run->key) != 0) {
        *id = sqlite3_column_int64(found, 0);
        result = check_repeated(store, run, found);
    } else if (step == SQLITE_ROW || step == SQLITE_DONE) {
        result = tm_db_fail(store, "run '%s' repeats '%s', but there is no such run", run->key, run->repeat_of);
    } else {
        result = tm_db_error(store, "read");
    }
    sqlite3_reset(found);
    return result;
}

/* Tells the lineages that have judged this run, or later ones, to judge again. A repeat counts as its first run. */
static int touch_lineages(tm_store *store, int64_t project, int64_t run)
{
    int64_t any, id, at, host;
    if (store->has_lineages == 0) {
        int found = tm_get(store, &any, TM_Q_LINEAGES_ANY, "");
        if (found < 0)
            return -1;
        store->has_lineages = 1 + found;
    }
    if (store->has_lineages == 1)
        return 0;
    if (tm_get(store, &id, TM_Q_RUN_JUDGED_AS, "i", run) != 1 || tm_get(store, &at, TM_Q_RUN_STARTED_AT, "i", id) != 1 ||
        tm_get(store, &host, TM_Q_RUN_HOST, "i", id) != 1)
        return -1;
    return tm_do(store, TM_Q_LINEAGE_TOUCH, "iiii", project, host, at, id);
}

/* Else rows that come later would be compared with, added to or put in place of those that came before. */
static int enlist(tm_store *store, const struct tm_run *run, int64_t id)
{
    int added = tm_seen_add(&store->runs, id);
    if (added < 0)
        return tm_db_fail(store, "out of memory");
    return added ? 0
                 : tm_db_fail(store, "run '%s' comes again after another run: the rows of a run must follow one another", run->key);
}

static int write_run(tm_store *store, int64_t project, const struct tm_run *run, int64_t *id)
{
    int64_t host, repeated;
    if (tm_make_host(store, run->host, &host) != 0 || find_repeated(store, project, run, &repeated) != 0)
        return -1;
    if (tm_get(store, id, TM_Q_RUN_ADD, "itiitttn", project, run->key, run->started_at, host, run->branch ? run->branch : "main",
               run->commit_id, run->version, repeated) != 1)
        return -1;
    return enlist(store, run, *id);
}

/* What is not given keeps its stored value. */
static int rewrite_run(tm_store *store, int64_t project, const struct tm_run *run, int64_t id)
{
    int64_t host = TM_UNKNOWN, repeated;
    if ((run->host && tm_make_host(store, run->host, &host) != 0) || find_repeated(store, project, run, &repeated) != 0)
        return -1;
    return tm_do(store, TM_Q_RUN_UPDATE, "iintttn", id, run->started_at, host, run->branch, run->commit_id, run->version, repeated);
}

static int differs(tm_store *store, const struct tm_run *run, const char *what, const char *given, const char *stored)
{
    return tm_db_fail(store, "run '%s' is stored already with another %s: given '%s', stored '%s'", run->key, what, given,
                      stored ? stored : "none");
}

static bool same_text(const char *given, const char *stored)
{
    return !given || (stored && strcmp(given, stored) == 0);
}

/* Compares what `run` gives with the stored row that `found` stands on. */
static int compare_run(tm_store *store, const struct tm_run *run, sqlite3_stmt *found)
{
    const char *given[] = {run->host, run->branch, run->commit_id, run->version, run->repeat_of};
    static const char *const what[] = {"host", "branch", "commit", "version", "repeated run"};
    if (run->started_at != sqlite3_column_int64(found, 1))
        return tm_db_fail(store, "run '%s' is stored already with another start time: given %lld, stored %lld (epoch seconds)",
                          run->key, (long long)run->started_at, (long long)sqlite3_column_int64(found, 1));
    for (int i = 0; i < 5; i++) {
        const char *stored = (const char *)sqlite3_column_text(found, 2 + i);
        if (!same_text(given[i], stored))
            return differs(store, run, what[i], given[i], stored);
    }
    return 0;
}

struct stored_run {
    int64_t id; /* 0: there is none */
    bool same;  /* as far as the run's own row goes; else the handle's message names the difference */
};

static int find_stored(tm_store *store, int64_t project, const struct tm_run *run, struct stored_run *stored)
{
    sqlite3_stmt *found = tm_db_bind(store, TM_Q_RUN_FIND, "it", project, run->key);
    if (!found)
        return -1;
    int step = sqlite3_step(found);
    if (step == SQLITE_ROW) {
        stored->id = sqlite3_column_int64(found, 0);
        stored->same = compare_run(store, run, found) == 0;
    }
    int result = step == SQLITE_ROW || step == SQLITE_DONE ? 0 : tm_db_error(store, "read");
    sqlite3_reset(found);
    return result == 0 && stored->id ? enlist(store, run, stored->id) : result;
}

/* The batch is laid anew: comparing has moved its rows. */
static int replace(tm_store *store, int64_t project, int64_t id, const struct tm_run_content *content)
{
    if (tm_content_prepare(store, project, content) != 0 || tm_content_clear(store, id) != 0 ||
        rewrite_run(store, project, &content->run, id) != 0)
        return -1;
    return tm_content_write(store, project, id, content);
}

static int put_again(tm_store *store, int64_t project, const struct stored_run *stored, const struct tm_run_content *content,
                     enum tm_put_mode mode, enum tm_outcome *outcome)
{
    if (!stored->same && mode != TM_PUT_REPLACE) {
        store->conflict = TM_OTHER_RUN;
        return -1;
    }
    enum tm_likeness likeness = tm_content_compare(store, stored->id, content, mode == TM_PUT_APPEND);
    if (likeness == TM_SAME && stored->same) {
        *outcome = TM_ALREADY;
        return 0;
    }
    if (likeness == TM_FAILED)
        return -1;
    if (likeness != TM_MORE && mode != TM_PUT_REPLACE)
        return -1;
    if (touch_lineages(store, project, stored->id) != 0)
        return -1;
    if (mode != TM_PUT_REPLACE)
        return tm_content_write(store, project, stored->id, content);
    if (replace(store, project, stored->id, content) != 0)
        return -1;
    return touch_lineages(store, project, stored->id); /* it may stand elsewhere now */
}

int tm_put_run(tm_store *store, const struct tm_run_content *content, enum tm_put_mode mode, enum tm_outcome *outcome)
{
    const struct tm_run *run = &content->run;
    struct stored_run stored = {0};
    int64_t project, id;
    *outcome = TM_STORED;
    store->conflict = TM_NO_CONFLICT;
    if (!store->in_transaction)
        return tm_db_fail(store, "no transaction is open");
    if (check_run(store, run) != 0 || tm_make_project(store, run->project ? run->project : "default", &project) != 0)
        return -1;
    if (find_stored(store, project, run, &stored) != 0 || tm_content_prepare(store, project, content) != 0)
        return -1;
    if (stored.id)
        return put_again(store, project, &stored, content, mode, outcome);
    if (write_run(store, project, run, &id) != 0 || touch_lineages(store, project, id) != 0)
        return -1;
    return tm_content_write(store, project, id, content);
}

enum tm_conflict tm_put_conflict(const tm_store *store)
{
    return store->conflict;
}
