/* Storing one run: new, the same again, more of it, or instead of it. A run that is stored
 * already is compared first, its own row in run_row.c, its profiles in compare.c. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "schema/key.h"
#include "store/content.h"
#include "store/handle.h"
#include "store/ids.h"
#include "store/parts.h"
#include "store/run_row.h"

/* Order: check what is given, clear, rewrite the run's row, write. The batch is laid anew, for
 * comparing has moved its rows. */
static int replace_content(tm_store *store, int64_t project, int64_t id, const struct tm_run_content *content)
{
    if (tm_content_prepare(store, project, content) != 0 || tm_content_clear(store, TM_OF_RUN, id) != 0 ||
        tm_parts_clear(store, id) != 0 || tm_run_rewrite(store, project, content, id) != 0)
        return -1;
    return tm_content_write(store, project, TM_OF_RUN, id, content);
}

/* The run is stored already: nothing to do, rows to add, content to replace, or a conflict. */
static int put_again(tm_store *store, int64_t project, const struct tm_stored_run *stored, const struct tm_run_content *content,
                     enum tm_put_mode mode, enum tm_outcome *outcome)
{
    /* The message is compare_run's. */
    if (!stored->same && mode != TM_PUT_REPLACE) {
        store->conflict = TM_OTHER_RUN;
        return -1;
    }
    int parts = mode == TM_PUT_APPEND ? tm_in_parts(store, stored->id) : 0;
    if (parts != 0)
        return parts < 0 ? -1
                         : tm_store_fail(store, "run '%s' is stored in parts: nothing can be appended to it", content->run.key);
    enum tm_likeness likeness = tm_content_compare(store, project, TM_OF_RUN, stored->id, content, mode == TM_PUT_APPEND);
    /* Nothing is written, so nothing need be judged again. */
    if (likeness == TM_SAME && stored->same) {
        *outcome = TM_ALREADY;
        return 0;
    }
    if (likeness == TM_FAILED)
        return -1;
    /* A conflict. The message is compare.c's. */
    if (likeness != TM_MORE && mode != TM_PUT_REPLACE)
        return -1;
    /* Before the row changes: the lineage that has judged it is found by where it stands now. */
    if (tm_run_touch(store, project, stored->id) != 0)
        return -1;
    if (mode != TM_PUT_REPLACE)
        return tm_content_write(store, project, TM_OF_RUN, stored->id, content);
    if (replace_content(store, project, stored->id, content) != 0)
        return -1;
    return tm_run_touch(store, project, stored->id); /* it may stand elsewhere now */
}

/* A run that nobody named, and whose default key is not stored, may be there under another name: one that it was given, or one of
 * an older version. Then content->run.key becomes that. */
static int find_alike(tm_store *store, int64_t project, struct tm_run_content *content, struct tm_stored_run *stored)
{
    const struct tm_run *run = &content->run;
    const char *branch = tm_run_branch(run), *host = tm_run_host(run);
    const char *hash = store->put_key + strlen(store->put_key) - TM_KEY_CONTENT;
    char alike[sizeof store->put_key] = "";
    tm_rows *runs = content->assumed_start
                        ? tm_ask(store, TM_Q_RUNS_OF_COMMIT, "ittttt", project, branch, host, run->repeat_of, run->commit_id, hash)
                        : tm_ask(store, TM_Q_RUNS_OF_START, "itttit", project, branch, host, run->repeat_of, run->started_at, hash);
    enum tm_likeness likeness = TM_OTHER;
    int step = runs ? 1 : -1;
    while (likeness == TM_OTHER && step == 1 && (step = tm_rows_next(runs)) == 1) {
        likeness = tm_content_compare(store, project, TM_OF_RUN, tm_row_integer(runs, "run_id"), content, false);
        snprintf(alike, sizeof alike, "%s", tm_row_text(runs, "key"));
    }
    if (tm_rows_close(runs) != 0 || step < 0 || likeness == TM_FAILED)
        return -1;
    store->conflict = TM_NO_CONFLICT; /* that others differ is no conflict */
    if (likeness != TM_SAME)
        return 0;
    memcpy(store->put_key, alike, sizeof alike);
    return tm_run_find(store, project, content, stored);
}

/* A part without a name is this process's. Which run it is of, nothing but a key can say. */
static int name_part(tm_store *store, struct tm_run *run)
{
    char machine[256] = "";
    if (!run->key)
        return tm_store_fail(store, "part '%s' has no run: the parts of a run share its key", run->part);
    if (*run->part)
        return 0;
    if (gethostname(machine, sizeof machine - 1) != 0 || !*machine)
        return tm_store_fail(store, "the part of run '%s' needs a name: this machine has none", run->key);
    snprintf(store->put_part, sizeof store->put_part, "%s:%ld", machine, (long)getpid());
    run->part = store->put_part;
    return 0;
}

/* Whoever takes a run's name takes the run out of its branch's history. */
static int check_branch(tm_store *store, int64_t project, const struct tm_run *run)
{
    tm_rows *rows = tm_ask(store, TM_Q_RUN_FIND, "it", project, run->key);
    int found = rows ? tm_rows_next(rows) : -1;
    if (found == 1 && strcmp(tm_row_text(rows, "branch"), tm_run_branch(run)) != 0)
        found = tm_store_fail(store, "run '%s' is one of branch '%s': it is not replaced by one of branch '%s'", run->key,
                              tm_row_text(rows, "branch"), tm_run_branch(run));
    return tm_rows_close(rows) != 0 || found < 0 ? -1 : 0;
}

/* New, or there already. The project is made even where the run is refused; the caller rolls back. */
static int put(tm_store *store, struct tm_run_content *content, enum tm_put_mode mode, enum tm_outcome *outcome)
{
    struct tm_stored_run stored = {0};
    struct tm_run *run = &content->run;
    int64_t project, id;
    bool unnamed = !run->key;
    if (run->part && name_part(store, run) != 0)
        return -1;
    if (unnamed) {
        tm_default_key(content, tm_run_branch(run), tm_run_host(run), store->put_key);
        run->key = store->put_key;
    }
    if (tm_run_check(store, run) != 0 || tm_make_project(store, run->project ? run->project : "default", &project) != 0)
        return -1;
    if (!unnamed)
        snprintf(store->put_key, sizeof store->put_key, "%s", run->key);
    store->put_start = run->started_at;
    if (mode == TM_PUT_REPLACE_IN_BRANCH) {
        if (check_branch(store, project, run) != 0)
            return -1;
        mode = TM_PUT_REPLACE;
    }
    if (run->part)
        return tm_put_part(store, project, content, mode, outcome);
    if (tm_run_find(store, project, content, &stored) != 0 || tm_content_prepare(store, project, content) != 0)
        return -1;
    if (unnamed && !stored.id && find_alike(store, project, content, &stored) != 0)
        return -1;
    if (stored.id)
        return put_again(store, project, &stored, content, mode, outcome);
    if (tm_run_write(store, project, run, &id) != 0 || tm_run_touch(store, project, id) != 0)
        return -1;
    return tm_content_write(store, project, TM_OF_RUN, id, content);
}

int tm_put_run(tm_store *store, const struct tm_run_content *content, enum tm_put_mode mode, enum tm_outcome *outcome)
{
    struct tm_run_content named = *content;
    *outcome = TM_STORED;
    store->conflict = TM_NO_CONFLICT;
    return store->in_transaction ? put(store, &named, mode, outcome) : tm_store_fail(store, "no transaction is open");
}

struct tm_put_name tm_put_name(const tm_store *store)
{
    return (struct tm_put_name){store->put_key, store->put_start};
}

enum tm_conflict tm_put_conflict(const tm_store *store)
{
    return store->conflict;
}
