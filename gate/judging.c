/* Judging a session's runs in the order of time. A run is judged by what came before it and by
 * nothing later, whether it is tonight's or replayed: both go through judge_run. */
#include <stdlib.h>
#include <string.h>

#include "analyze/fork.h"
#include "base/array.h"
#include "base/workers.h"
#include "gate/session.h"
#include "gate/told.h"
#include "gate/verdict_row.h"

static int no_memory(tm_store *store)
{
    return tm_store_fail(store, "out of memory");
}

/* Runs in the order of time. */
struct run_list {
    struct tm_run_ref *runs;
    size_t n;
    struct tm_arena texts;
};

static void free_runs(struct run_list *list)
{
    free(list->runs);
    tm_arena_free(&list->texts);
    *list = (struct run_list){0};
}

/* Copies of the texts: rows are gone with the next one. -1: no memory. */
static int add_run(struct run_list *list, const tm_rows *rows)
{
    struct tm_run_ref *run = tm_array_add(&list->runs, &list->n, sizeof *run);
    const char *key = tm_row_text(rows, "key"), *commit = tm_row_text(rows, "commit_id");
    if (!run)
        return -1;
    *run = (struct tm_run_ref){.id = tm_row_integer(rows, "run_id"),
                               .started_at = tm_row_time(rows, "started_at"),
                               .repeated = tm_row_integer(rows, "repeats") > 0,
                               .fine_clock = tm_row_integer(rows, "fine_clock") > 0,
                               .key = tm_arena_text(&list->texts, key, strlen(key)),
                               .commit = tm_arena_text(&list->texts, commit, strlen(commit))};
    return run->key && run->commit ? 0 : -1;
}

/* The runs of `branch` later than (after_at, after_run), up to and with the time `until`. */
static int list_runs(struct tm_session *session, const char *branch, int64_t after_at, int64_t after_run, int64_t until,
                     struct run_list *list)
{
    /* From nothing means from the very first: one with a time that is none must be met, and refused. */
    int64_t from = after_at < 0 ? INT64_MIN : after_at;
    tm_rows *rows = tm_ask(session->store, TM_Q_LINEAGE_RUNS, "iitiiii", session->project_id, session->host_id, branch, from,
                           after_run, until, INT64_MAX);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_run(list, rows) != 0) {
            step = no_memory(session->store);
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* The one way from a stored run to a judgement, for tonight's as for a replayed one. The branch
 * is the base's while a fork is made. */
static int judge_run(struct tm_session *session, const char *branch, const struct tm_run_ref *run, struct tm_judgement *judgement)
{
    struct tm_night night;
    if (tm_session_read_night(session, branch, run, &night) != 0)
        return -1;
    night.alone = tm_session_judges_alone(session) && strcmp(branch, session->branch) == 0;
    size_t n_decisions = session->undecided ? 0 : session->n_decisions;
    judgement->threads = session->threads ? session->threads : tm_processors();
    if (tm_judge(&session->lineage, session->rules, &night, session->decisions, n_decisions, judgement) != 0)
        return no_memory(session->store);
    return 0;
}

/* A branch begins with what the last runs of its base say at that time: those are judged, storing
 * nothing, and the lineage is then the branch's. Without runs of the base it begins empty, as a
 * project does. */
static int fork_from_base(struct tm_session *session, int64_t first_at)
{
    struct run_list runs = {0};
    struct tm_judgement judgement = {0};
    int64_t after_at = -1; /* all runs of the base, where it has fewer than TM_FORK_RUNS */
    int result = tm_get(session->store, &after_at, TM_Q_LINEAGE_NTH_BEFORE, "iitii", session->project_id, session->host_id,
                        session->base, first_at, (int64_t)TM_FORK_RUNS);
    result = result < 0 ? -1 : list_runs(session, session->base, after_at, INT64_MAX, first_at, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++)
        result = judge_run(session, session->base, &runs.runs[i], &judgement);
    if (result == 0 && tm_lineage_fork(&session->lineage, session->rules, first_at, tm_session_judges_alone(session)) != 0)
        result = no_memory(session->store);
    free_runs(&runs);
    tm_judgement_free(&judgement);
    return result;
}

/* Nothing is remembered, or what a branch inherits whose next run starts at that time. */
static int begin_lineage(struct tm_session *session, int64_t first_at)
{
    tm_lineage_free(&session->lineage);
    session->lineage.previous_at = -1; /* before any run */
    return strcmp(session->branch, session->base) == 0 ? 0 : fork_from_base(session, first_at);
}

/* The lineage as it was before its first run. */
static int start_from_nothing(struct tm_session *session)
{
    int64_t first_at = 0;
    return tm_get(session->store, &first_at, TM_Q_LINEAGE_FIRST_AT, "iit", session->project_id, session->host_id, session->branch) <
                   0
               ? -1
               : begin_lineage(session, first_at);
}

/* Before the run is judged: one that is judged by itself begins anew from its base. The first one, and one that the memory is of
 * already, have done so. */
static int prepare_run(struct tm_session *session, const struct tm_run_ref *run)
{
    bool begun = session->lineage.previous_run == 0 && session->lineage.previous_at == run->started_at - 1;
    return tm_session_judges_alone(session) && !begun ? begin_lineage(session, run->started_at) : 0;
}

/* The runs that the lineage has not seen yet. */
static int list_rest(struct tm_session *session, int64_t until, struct run_list *runs)
{
    return list_runs(session, session->branch, session->lineage.previous_at, session->lineage.previous_run, until, runs);
}

/* The same steps as bringing forward, without the memory: what a night would have been told then,
 * not what is known now. */
int tm_session_replay(struct tm_session *session, int64_t until, tm_night_seen *seen, void *context)
{
    struct run_list runs = {0};
    struct tm_judgement judgement = {0};
    int result = start_from_nothing(session);
    if (result == 0)
        result = list_rest(session, until, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++) {
        result = prepare_run(session, &runs.runs[i]);
        if (result == 0)
            result = judge_run(session, session->branch, &runs.runs[i], &judgement);
        if (result == 0)
            result = seen(context, session, &runs.runs[i], &judgement);
    }
    free_runs(&runs);
    tm_judgement_free(&judgement);
    return result;
}

static int store_judgement(struct tm_session *session, const struct tm_judgement *judgement)
{
    return tm_verdicts_store(session->store, session->rules, judgement) != 0 ? -1 : tm_seal_run(session->store, judgement->run_id);
}

/* The memory is stored as it stands before the last run: that one may grow, or be repeated, and
 * is then judged again. */
static int judge_and_store(struct tm_session *session, struct tm_stored_lineage *stored, const struct run_list *runs, size_t from)
{
    struct tm_judgement judgement = {.brief = true};
    struct tm_bytes memory = {0};
    int result = 0;
    for (size_t i = from; i < runs->n && result == 0; i++) {
        const struct tm_run_ref *run = &runs->runs[i];
        bool last = i + 1 == runs->n;
        if (session->progress)
            session->progress(session->progress_context, i + 1, runs->n);
        result = prepare_run(session, run);
        if (result == 0 && last)
            result = tm_session_save_memory(session, stored, &memory);
        if (result == 0)
            result = judge_run(session, session->branch, run, &judgement);
        if (result == 0)
            result = store_judgement(session, &judgement);
        if (result == 0 && last)
            result = tm_session_save_judged(session, stored, run, &memory) != 0 ? -1 : tm_session_note(session, &judgement);
    }
    tm_bytes_free(&memory);
    tm_judgement_free(&judgement);
    return result;
}

/* Is there nothing to judge? The newest judged run is always listed, for the memory is that of
 * before it. Alone and unchanged, it needs no second judgement: its verdicts stand. */
static bool is_judged(const struct tm_stored_lineage *stored, const struct run_list *runs)
{
    return stored->usable && !stored->again && runs->n > 0 && runs->runs[runs->n - 1].id == stored->judged_run;
}

/* The judgement that stands is made once more from the rows, and must be the same. Memory that does
 * not stand is no matter here: it is dropped, and *stored says so. */
static int judge_again(struct tm_session *session, struct tm_stored_lineage *stored, const struct run_list *runs)
{
    struct tm_judgement judgement = {.brief = true};
    int result = tm_session_load_series(session, stored);
    for (size_t i = 0; i < runs->n && result == 0 && stored->usable; i++)
        result = judge_run(session, session->branch, &runs->runs[i], &judgement);
    if (result == 0 && stored->usable)
        result = tm_told_verify(session, &runs->runs[runs->n - 1], &judgement);
    if (result == 0 && stored->usable)
        result = tm_session_note(session, &judgement);
    tm_judgement_free(&judgement);
    return result;
}

/* ---- ahead of the lock ---- */

/* All nights but the newest: the memory is that of before it, and so what is left to do under the lock is one night. */
struct tm_nights_ahead {
    struct run_list runs; /* the newest too */
    struct tm_judgement *judgements;
    size_t n;
    struct tm_lineage lineage; /* after them */
};

void tm_session_drop_ahead(struct tm_session *session)
{
    struct tm_nights_ahead *nights = session->nights;
    if (!nights)
        return;
    for (size_t i = 0; i < nights->n; i++)
        tm_judgement_free(&nights->judgements[i]);
    free(nights->judgements);
    free_runs(&nights->runs);
    tm_lineage_free(&nights->lineage);
    free(nights);
    session->nights = NULL;
}

/* The same steps as judge_and_store, with the verdicts kept in memory. */
static int judge_ahead(struct tm_session *session, struct tm_nights_ahead *nights)
{
    int result = start_from_nothing(session);
    if (result == 0)
        result = list_rest(session, INT64_MAX, &nights->runs);
    for (size_t i = 0; i + 1 < nights->runs.n && result == 0; i++) {
        struct tm_judgement *judgement = tm_array_add(&nights->judgements, &nights->n, sizeof *judgement);
        if (!judgement)
            return no_memory(session->store);
        *judgement = (struct tm_judgement){.brief = true};
        if (session->progress)
            session->progress(session->progress_context, i + 1, nights->runs.n);
        result = prepare_run(session, &nights->runs.runs[i]);
        if (result == 0)
            result = judge_run(session, session->branch, &nights->runs.runs[i], judgement);
    }
    return result;
}

int tm_session_look_ahead(struct tm_session *session, enum tm_looking looking)
{
    struct tm_stored_lineage stored = {0};
    int found = tm_session_peek(session, &stored);
    if (found < 0 || (looking != TM_LOOK_ALL && stored.usable) || (looking == TM_LOOK_STALE && found == 0))
        return found < 0 ? -1 : 0;
    session->nights = calloc(1, sizeof *session->nights);
    if (!session->nights)
        return no_memory(session->store);
    int result = judge_ahead(session, session->nights);
    session->nights->lineage = session->lineage;
    session->lineage = (struct tm_lineage){0};
    if (result != 0)
        tm_session_drop_ahead(session);
    return result;
}

/* Goes on from there: all its runs are in *runs, of which so many have been stored. */
static int take_ahead(struct tm_session *session, struct run_list *runs, size_t *stored)
{
    struct tm_nights_ahead *nights = session->nights;
    int result = 0;
    for (*stored = 0; *stored < nights->n && result == 0; ++*stored)
        result = store_judgement(session, &nights->judgements[*stored]);
    tm_lineage_free(&session->lineage);
    session->lineage = nights->lineage;
    *runs = nights->runs;
    nights->lineage = (struct tm_lineage){0};
    nights->runs = (struct run_list){0};
    tm_session_drop_ahead(session);
    return result;
}

/* Reads the series, or starts from nothing where they do not stand, and judges. */
static int judge_rest(struct tm_session *session, struct tm_stored_lineage *stored, struct run_list *runs)
{
    size_t from = 0;
    if (tm_session_load_series(session, stored) != 0)
        return -1;
    if (!stored->usable)
        free_runs(runs);
    if (!stored->usable && session->nights) {
        if (take_ahead(session, runs, &from) != 0)
            return -1;
    } else if (!stored->usable) {
        if (start_from_nothing(session) != 0 || list_rest(session, INT64_MAX, runs) != 0)
            return -1;
    }
    return runs->n > 0 ? judge_and_store(session, stored, runs, from) : 0;
}

/* Loads what is remembered, judges the rest, stores both. Where there is nothing new, no row
 * changes, but what stands is verified. */
int tm_session_bring_forward(struct tm_session *session, size_t *judged)
{
    struct tm_stored_lineage stored = {0};
    struct run_list runs = {0};
    int result = tm_session_find(session, &stored);
    *judged = 0;
    if (result == 0)
        result = tm_session_save_settings(session, &stored);
    if (result == 0 && stored.usable)
        result = list_rest(session, INT64_MAX, &runs);
    bool judged_already = is_judged(&stored, &runs);
    if (result == 0 && judged_already)
        result = judge_again(session, &stored, &runs);
    if (result == 0 && !(judged_already && stored.usable)) {
        result = judge_rest(session, &stored, &runs);
        *judged = runs.n;
    }
    if (result == 0)
        result = tm_seal_lineage(session->store, session->project_id, session->host_id, session->branch);
    free_runs(&runs);
    tm_commons_free(&stored.commons);
    return result;
}

struct sought_run {
    int64_t id;
    struct tm_judgement *judgement;
};

/* Copies the judgement of the run that is sought, and stops there: the session stands behind it. */
static int copy_judgement(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                          const struct tm_judgement *judgement)
{
    struct sought_run *sought = context;
    if (run->id != sought->id)
        return 0;
    *sought->judgement = *judgement;
    /* Alarms that ended, and what was taken off, are stored: nobody asks a judgement made again for them. */
    sought->judgement->factors = NULL;
    sought->judgement->n_factors = 0;
    sought->judgement->ends = NULL;
    sought->judgement->n_ends = sought->judgement->ends_room = 0;
    sought->judgement->young = NULL;
    sought->judgement->n_young = 0;
    /* One more than none: malloc(0) may be NULL, which would read as no memory. */
    sought->judgement->room = judgement->n_verdicts + 1;
    sought->judgement->verdicts = malloc(sought->judgement->room * sizeof *judgement->verdicts);
    if (!sought->judgement->verdicts)
        return no_memory(session->store);
    if (judgement->n_verdicts > 0)
        memcpy(sought->judgement->verdicts, judgement->verdicts, judgement->n_verdicts * sizeof *judgement->verdicts);
    return 1;
}

int tm_session_judge_again(struct tm_session *session, int64_t run, int64_t started_at, struct tm_judgement *judgement)
{
    struct tm_stored_lineage stored = {0};
    struct run_list runs = {0};
    struct sought_run sought = {run, judgement};
    int result = tm_session_find(session, &stored);
    if (result == 0 && stored.judged_run == run)
        result = tm_session_load_series(session, &stored);
    tm_commons_free(&stored.commons);
    /* An older run, or no memory that stands: everything before it is judged again. Dear, but
     * asked for by hand and rarely. */
    if (result != 0 || !stored.usable || stored.judged_run != run)
        return result != 0 || tm_session_replay(session, started_at, copy_judgement, &sought) < 0 ? -1 : 0;
    result = list_rest(session, started_at, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++)
        if (runs.runs[i].id == run)
            result = judge_run(session, session->branch, &runs.runs[i], judgement);
    free_runs(&runs);
    return result;
}
