/* A run's own row: checked, found, written, compared; and what rests on it is told when it changes. */
#include "store/run_row.h"

#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "schema/valid.h"
#include "store/handle.h"
#include "store/ids.h"

/* A name that is not given needs no check. */
static int check_text(tm_store *store, const char *what, const char *text)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = text ? tm_name_fault(text, strlen(text)) : NULL;
    return fault ? tm_store_fail(store, "%s '%s' %s", what, tm_shown(text, strlen(text), shown), fault) : 0;
}

/* The first fault is the one that is told. */
int tm_run_check(tm_store *store, const struct tm_run *run)
{
    if (!tm_time_known(run->started_at))
        return tm_store_fail(store, "run '%s' starts at %lld: expected epoch seconds of the years 1970 to 9999", run->key,
                             (long long)run->started_at);
    return check_text(store, "run key", run->key) || check_text(store, "project", run->project) ||
                   check_text(store, "host", run->host) || check_text(store, "branch", run->branch) ||
                   check_text(store, "commit", run->commit_id) || check_text(store, "version", run->version) ||
                   check_text(store, "tool", run->tool) || check_text(store, "part", run->part)
               ? -1
               : 0;
}

/* A confirming run is judged with the one it repeats, which `found` stands on: like with like,
 * and in one step. */
static int check_repeated(tm_store *store, const struct tm_run *run, const tm_rows *found)
{
    const char *host = tm_run_host(run), *branch = tm_run_branch(run);
    const char *stored_host = tm_row_text(found, "host"), *stored_branch = tm_row_text(found, "branch");
    if (tm_row_value(found, "repeat_of").type != TM_NULL)
        return tm_store_fail(store, "run '%s' repeats '%s', which is a repeat itself: name the first run", run->key,
                             run->repeat_of);
    if (strcmp(host, stored_host) != 0)
        return tm_store_fail(store, "run '%s' repeats '%s' on another host: '%s', not '%s'", run->key, run->repeat_of, host,
                             stored_host);
    if (strcmp(branch, stored_branch) != 0)
        return tm_store_fail(store, "run '%s' repeats '%s' on another branch: '%s', not '%s'", run->key, run->repeat_of, branch,
                             stored_branch);
    return 0;
}

/* TM_UNKNOWN, which is stored as NULL, for a run that repeats none. A run that names itself is told as one that is not there: it
 * has no first run. */
static int find_repeated(tm_store *store, int64_t project, const struct tm_run *run, int64_t *id)
{
    *id = TM_UNKNOWN;
    if (!run->repeat_of)
        return 0;
    tm_rows *found = tm_ask(store, TM_Q_RUN_FIND, "it", project, run->repeat_of);
    int step = found ? tm_rows_next(found) : -1, result = step < 0 ? -1 : 0;
    if (step == 1 && strcmp(run->repeat_of, run->key) != 0) {
        *id = tm_row_integer(found, "run_id");
        result = check_repeated(store, run, found);
    } else if (step >= 0) {
        result = tm_store_fail(store, "run '%s' repeats '%s', but there is no such run", run->key, run->repeat_of);
    }
    return tm_rows_close(found) == 0 ? result : -1;
}

/* Tells the lineages that have judged this run, or later ones, to judge again. A repeat counts
 * as its first run. */
int tm_run_touch(tm_store *store, int64_t project, int64_t run)
{
    int64_t any, id, at, host;
    /* Asked once a transaction and project: one that nobody gates has no lineages, and an import of years
     * need not look for each run. */
    if (store->lineages == TM_LINEAGES_UNKNOWN || store->lineages_project != project) {
        int found = tm_get(store, &any, TM_Q_LINEAGES_ANY, "i", project);
        if (found < 0)
            return -1;
        store->lineages = found ? TM_LINEAGES_SOME : TM_LINEAGES_NONE;
        store->lineages_project = project;
    }
    if (store->lineages == TM_LINEAGES_NONE)
        return 0;
    /* The first run's place in time is what counts for a repeat. */
    int found = tm_get(store, &id, TM_Q_RUN_JUDGED_AS, "i", run);
    if (found == 1)
        found = tm_get(store, &at, TM_Q_RUN_STARTED_AT, "i", id);
    if (found == 1)
        found = tm_get(store, &host, TM_Q_RUN_HOST, "i", id);
    if (found == 0)
        tm_store_fail(store, "'%s' is damaged: a run refers to a run that is not there ('tidemark check' says more)", store->path);
    return found == 1 ? tm_do(store, TM_Q_LINEAGE_TOUCH, "iiii", project, host, at, id) : -1;
}

/* Notes that the run has been put. A second time is refused: rows that come later would be
 * compared with, added to or put in place of those that came before. */
static int note_run(tm_store *store, const struct tm_run *run, int64_t id)
{
    uint64_t hash = tm_hash_integer(id);
    if (tm_hash_find(&store->runs, hash, NULL, NULL))
        return tm_store_fail(store, "run '%s' comes again after another run: the rows of a run must follow one another", run->key);
    return tm_hash_add(&store->runs, hash, 1) == 0 ? 0 : tm_store_fail(store, "out of memory");
}

/* What is not given takes its default: this machine, branch main. */
int tm_run_write(tm_store *store, int64_t project, const struct tm_run *run, int64_t *id)
{
    int64_t host, repeated;
    if (tm_make_host(store, run->host, &host) != 0 || find_repeated(store, project, run, &repeated) != 0)
        return -1;
    if (tm_get(store, id, TM_Q_RUN_ADD, "itiitttnt", project, run->key, run->started_at, host, tm_run_branch(run), run->commit_id,
               run->version, repeated, run->tool) != 1)
        return -1;
    return run->part ? 0 : note_run(store, run, *id);
}

/* What is not given keeps its stored value. */
int tm_run_rewrite(tm_store *store, int64_t project, const struct tm_run_content *content, int64_t id)
{
    const struct tm_run *run = &content->run;
    int64_t host = TM_UNKNOWN, repeated;
    if (!content->assumed_start)
        store->put_start = run->started_at;
    if ((run->host && tm_make_host(store, run->host, &host) != 0) || find_repeated(store, project, run, &repeated) != 0)
        return -1;
    return tm_do(store, TM_Q_RUN_UPDATE, "iintttnit", id, run->started_at, host, run->branch, run->commit_id, run->version,
                 repeated, (int64_t)content->assumed_start, run->tool);
}

/* Compares what `run` gives with the stored row that `found` stands on; what is not given is not
 * compared. Parts may have begun at any time, on any host. */
static int compare_run(tm_store *store, const struct tm_run_content *content, const tm_rows *found)
{
    const struct tm_run *run = &content->run;
    const struct {
        const char *what, *column, *given;
    } texts[] = {
        {"host", "host", run->part ? NULL : run->host},
        {"branch", "branch", run->branch},
        {"commit", "commit_id", run->commit_id},
        {"version", "version", run->version},
        {"tool", "tool", run->tool},
        {"repeated run", "repeat_of", run->repeat_of},
    };
    int64_t started_at = tm_row_time(found, "started_at");
    if (!content->assumed_start && !run->part && run->started_at != started_at)
        return tm_store_fail(store, "run '%s' is stored already with another start time: given %lld, stored %lld (epoch seconds)",
                             run->key, (long long)run->started_at, (long long)started_at);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        struct tm_value stored = tm_row_value(found, texts[i].column);
        const char *text = stored.type == TM_TEXT ? stored.text : NULL;
        if (texts[i].given && (!text || strcmp(texts[i].given, text) != 0))
            return tm_store_fail(store, "run '%s' is stored already with another %s: given '%s', stored '%s'", run->key,
                                 texts[i].what, texts[i].given, text ? text : "none");
    }
    return 0;
}

/* Is a run of that key stored? Noted, so that its rows cannot come a second time in this
 * transaction. */
int tm_run_find(tm_store *store, int64_t project, const struct tm_run_content *content, struct tm_stored_run *stored)
{
    const struct tm_run *run = &content->run;
    tm_rows *found = tm_ask(store, TM_Q_RUN_FIND, "it", project, run->key);
    int step = found ? tm_rows_next(found) : -1;
    if (step == 1) {
        stored->id = tm_row_integer(found, "run_id");
        stored->same = compare_run(store, content, found) == 0;
        store->put_start = tm_row_time(found, "started_at");
    }
    if (tm_rows_close(found) != 0 || step < 0)
        return -1;
    /* Parts follow one another as they like. */
    return step == 1 && !run->part ? note_run(store, run, stored->id) : 0;
}
