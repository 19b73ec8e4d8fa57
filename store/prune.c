/* Pruning. What goes is what one query lists, which a dry run shows as well. With a rollup its runs are added to their weeks first,
 * week by week in the order of time: so a week that is rolled up in two goes is the same as in one, to the last bit. */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "store/handle.h"
#include "store/ids.h"
#include "store/weeks.h"

/* Back from the newest run, or from now where that is earlier: neither a clock that runs ahead nor a
 * run that a wrong one has dated takes the rest along. More days than there have been: nothing is
 * that old. */
int tm_keep_days(tm_store *store, const char *project, int64_t days, int64_t *before)
{
    enum { DAY = 86400 }; /* seconds */
    int64_t newest = 0;
    int found = tm_get(store, &newest, TM_Q_NEWEST_START, "t", project);
    newest = newest < time(NULL) ? newest : (int64_t)time(NULL);
    *before = days > newest / DAY ? 0 : newest - days * DAY;
    return found < 0 ? -1 : 0;
}

tm_rows *tm_list_prunable(tm_store *store, const struct tm_prune_wish *wish)
{
    return tm_ask(store, TM_Q_PRUNE_LIST, "ntnnit", wish->before, wish->project, wish->keep_runs, wish->needed,
                  (int64_t)wish->whole_weeks, wish->branches);
}

/* A project that would have no run any more is mostly a slip: of the time, or of who wrote it. */
static int refuse_to_empty(tm_store *store, const struct tm_prune_wish *wish)
{
    if (wish->all || wish->before == TM_UNKNOWN || wish->keep_runs != TM_UNKNOWN || wish->needed != TM_UNKNOWN)
        return 0;
    tm_rows *rows = tm_ask(store, TM_Q_PROJECTS_EMPTIED, "it", wish->before, wish->project);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1)
        tm_store_fail(store, "refused: no run of project '%s' would be left; --all removes them too", tm_row_text(rows, "name"));
    return tm_rows_close(rows) != 0 || step != 0 ? -1 : 0;
}

/* A run that goes. */
struct going {
    int64_t id, started_at;
    struct tm_week_place place;
    bool repeat;
    const char *project, *key;
};

struct pruning {
    tm_store *store;
    struct tm_pruned *pruned;
    struct tm_arena texts;
    struct going *runs;
    size_t n;
};

static int no_memory(const struct pruning *p)
{
    return tm_store_fail(p->store, "out of memory");
}

static int list_runs(struct pruning *p, const struct tm_prune_wish *wish)
{
    tm_rows *rows = tm_list_prunable(p->store, wish);
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1) {
        const char *project = tm_row_text(rows, "project"), *key = tm_row_text(rows, "run");
        struct going *run = tm_array_add(&p->runs, &p->n, sizeof *run);
        if (!run || !(run->project = tm_arena_text(&p->texts, project, strlen(project))) ||
            !(run->key = tm_arena_text(&p->texts, key, strlen(key))))
            result = no_memory(p);
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

/* Which run it is, and where it belongs. */
static int find_run(struct pruning *p, struct going *run)
{
    tm_rows *rows = tm_ask(p->store, TM_Q_PRUNED_RUN, "tt", run->project, run->key);
    int step = rows ? tm_rows_next(rows) : -1, result = 0;
    if (step == 1) {
        const char *branch = tm_row_text(rows, "branch");
        run->id = tm_row_integer(rows, "run_id");
        run->started_at = tm_row_time(rows, "started_at");
        run->repeat = tm_row_value(rows, "repeat_of").type != TM_NULL;
        run->place = (struct tm_week_place){.project = tm_row_integer(rows, "project_id"),
                                            .host = tm_row_integer(rows, "host_id"),
                                            .branch = tm_arena_text(&p->texts, branch, strlen(branch)),
                                            .begins_at = tm_week_begin(run->started_at)};
        result = run->place.branch ? 0 : no_memory(p);
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

static int compare_places(const struct tm_week_place *a, const struct tm_week_place *b)
{
    int branches = strcmp(a->branch, b->branch);
    if (a->project != b->project)
        return a->project < b->project ? -1 : 1;
    if (branches != 0)
        return branches;
    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    return a->begins_at == b->begins_at ? 0 : a->begins_at < b->begins_at ? -1 : 1;
}

static int compare_runs(const void *a, const void *b)
{
    const struct going *one = a, *other = b;
    int places = compare_places(&one->place, &other->place);
    if (places != 0 || one->id == other->id)
        return places;
    if (one->started_at != other->started_at)
        return one->started_at < other->started_at ? -1 : 1;
    return one->id < other->id ? -1 : 1;
}

/* A repeat is a part of its run, and a run that is in the week already is not counted again. */
static int roll_run(struct pruning *p, const struct going *run, struct tm_week_sums *sums, bool *any)
{
    bool known = !run->repeat && tm_week_has_run(sums, run->key);
    p->pruned->known += known;
    if (run->repeat || known)
        return 0;
    *any = true;
    if (tm_week_roll(p->store, run->id, sums) != 0)
        return -1;
    enum tm_week_fault fault = tm_week_add_run(sums, run->key);
    return fault == TM_WEEK_DONE ? 0 : tm_week_fail(p->store, fault, "");
}

/* The runs from `first` on that are of one week. */
static int roll_week(struct pruning *p, size_t first, size_t n)
{
    const struct tm_week_place *place = &p->runs[first].place;
    struct tm_week_sums sums = {0};
    int64_t id;
    bool any = false;
    int result = tm_week_find(p->store, place, &id);
    if (result == 0 && id)
        result = tm_week_read(p->store, id, &sums);
    for (size_t i = first; i < first + n && result == 0; i++)
        result = roll_run(p, &p->runs[i], &sums, &any);
    if (result == 0 && any) {
        result = tm_week_write(p->store, place, id, &sums);
        p->pruned->weeks++;
    }
    tm_week_sums_free(&sums);
    return result;
}

static int roll_up(struct pruning *p)
{
    for (size_t i = 0; i < p->n; i++)
        if (find_run(p, &p->runs[i]) != 0)
            return -1;
    if (p->n > 0)
        qsort(p->runs, p->n, sizeof *p->runs, compare_runs);
    for (size_t i = 0, n; i < p->n; i += n) {
        for (n = 1; i + n < p->n && compare_places(&p->runs[i].place, &p->runs[i + n].place) == 0;)
            n++;
        if (roll_week(p, i, n) != 0)
            return -1;
    }
    return 0;
}

/* What was concluded from them, of the project alone where there is one; and the weeks of branches that go as a whole. */
static int spoil(tm_store *store, const struct tm_prune_wish *wish)
{
    int64_t id = TM_UNKNOWN;
    if (wish->project && tm_find_project(store, wish->project, &id) < 0)
        return -1;
    if (wish->branches && tm_do(store, TM_Q_BRANCH_WEEKS_REMOVE, "nt", id, wish->branches) != 0)
        return -1;
    return tm_do(store, TM_Q_LINEAGE_SPOIL, "nt", id, wish->branches);
}

static int remove_runs(struct pruning *p, const struct tm_prune_wish *wish)
{
    for (size_t i = 0; i < p->n; i++) {
        if ((p->runs[i].id == 0 && find_run(p, &p->runs[i]) != 0) || tm_do(p->store, TM_Q_RUN_REMOVE, "i", p->runs[i].id) != 0)
            return -1;
        p->pruned->runs++;
    }
    /* Nothing removed, nothing to judge again. */
    return p->n > 0 || wish->branches ? spoil(p->store, wish) : 0;
}

static int used(tm_store *store, int64_t *bytes)
{
    *bytes = TM_UNKNOWN;
    return store->engine->used ? store->engine->used(store, bytes) : 0;
}

/* In the transaction. */
static int prune(tm_store *store, const struct tm_prune_wish *wish, struct tm_pruned *pruned)
{
    struct pruning p = {.store = store, .pruned = pruned};
    int result = refuse_to_empty(store, wish) != 0 || used(store, &pruned->used_before) != 0 ? -1 : list_runs(&p, wish);
    if (result == 0 && wish->rollup)
        result = roll_up(&p);
    if (result == 0)
        result = remove_runs(&p, wish);
    if (result == 0 && wish->before != TM_UNKNOWN && wish->needed != TM_UNKNOWN &&
        tm_get(store, &pruned->kept, TM_Q_RUNS_BEFORE, "it", wish->before, wish->project) < 0)
        result = -1;
    if (result == 0)
        result = used(store, &pruned->used);
    tm_arena_free(&p.texts);
    free(p.runs);
    return result;
}

int tm_prune(tm_store *store, const struct tm_prune_wish *wish, struct tm_pruned *pruned)
{
    *pruned = (struct tm_pruned){0};
    if (tm_begin_with(store, true) != 0)
        return -1;
    if (tm_lock_project(store, wish->project) == 0 && prune(store, wish, pruned) == 0)
        return tm_commit(store);
    tm_rollback(store);
    return -1;
}
