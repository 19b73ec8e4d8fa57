#include "gate/docket.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RUNS_BEFORE_FORK = 150, MOST_PLUGINS = 1 << 26, LONG_HISTORY = 100 };

static int64_t integer(const tm_rows *rows, int column)
{
    return tm_rows_value(rows, column).integer;
}

static double real(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

/* Calls `each` for every row of a query and closes it: 0, or -1. */
static int for_each(tm_rows *rows, int (*each)(struct tm_docket *, const tm_rows *), struct tm_docket *docket)
{
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (each(docket, rows) != 0) {
            step = -1;
            break;
        }
    tm_rows_close(rows);
    return step;
}

static int read_name(struct tm_docket *docket, const tm_rows *rows)
{
    if (integer(rows, 0) <= 0 || integer(rows, 0) > MOST_PLUGINS)
        return 0; /* none of ours */
    size_t id = (size_t)integer(rows, 0);
    if (id >= docket->n_names) {
        size_t more = 2 * id + 64;
        char **names = realloc(docket->names, more * sizeof *names);
        if (!names)
            return -1;
        memset(names + docket->n_names, 0, (more - docket->n_names) * sizeof *names);
        docket->names = names;
        docket->n_names = more;
    }
    docket->names[id] = strdup(tm_rows_text(rows, 1));
    return docket->names[id] ? 0 : -1;
}

static enum tm_decision_kind decision_kind(const char *name)
{
    return strcmp(name, "accept") == 0 ? TM_ACCEPT : strcmp(name, "waive") == 0 ? TM_WAIVE : TM_RETIRE;
}

static int read_decision(struct tm_docket *docket, const tm_rows *rows)
{
    struct tm_decision *bigger = realloc(docket->decisions, (docket->n_decisions + 1) * sizeof *bigger);
    if (!bigger)
        return -1;
    docket->decisions = bigger;
    const char *metric = tm_rows_text(rows, 3), *branch = tm_rows_text(rows, 10);
    bigger[docket->n_decisions++] = (struct tm_decision){.id = integer(rows, 0),
                                                         .kind = decision_kind(tm_rows_text(rows, 1)),
                                                         .plugin_id = integer(rows, 2),
                                                         .metric = *metric ? strdup(metric) : NULL,
                                                         .branch = *branch ? strdup(branch) : NULL,
                                                         .from_run = integer(rows, 4),
                                                         .from_at = integer(rows, 5),
                                                         .made_run = integer(rows, 6),
                                                         .made_run_at = integer(rows, 7),
                                                         .until = integer(rows, 8),
                                                         .ceiling = real(rows, 9)};
    return 0;
}

int tm_docket_open(struct tm_docket *docket, tm_store *store, const struct tm_rules *rules, int64_t project_id, int64_t host_id,
                   const char *branch, const char *base)
{
    *docket = (struct tm_docket){.store = store, .rules = rules, .project_id = project_id, .host_id = host_id};
    docket->branch = branch;
    docket->base = base;
    if (for_each(tm_ask(store, TM_Q_PLUGINS_OF_PROJECT, "i", project_id), read_name, docket) != 0)
        return -1;
    return for_each(tm_ask(store, TM_Q_DECISIONS, "ii", project_id, host_id), read_decision, docket);
}

void tm_docket_close(struct tm_docket *docket)
{
    for (size_t i = 0; i < docket->n_names; i++)
        free(docket->names[i]);
    for (size_t i = 0; i < docket->n_decisions; i++) {
        free((char *)(uintptr_t)docket->decisions[i].metric);
        free((char *)(uintptr_t)docket->decisions[i].branch);
    }
    free(docket->names);
    free(docket->decisions);
    free(docket->samples);
    tm_lineage_free(&docket->lineage);
}

/* Which column of the night's rows holds each metric; -1: a metric of the project's own, read apart. */
static bool map_columns(const struct tm_rules *rules, const tm_rows *rows, int *column_of)
{
    bool all = true;
    for (size_t m = 0; m < rules->n_metrics; m++) {
        const char *name = strcmp(rules->metrics[m].name, "calls") == 0 ? "calls_of_run" : rules->metrics[m].name;
        column_of[m] = -1;
        for (int c = 0; c < tm_rows_width(rows); c++)
            if (strcmp(tm_rows_name(rows, c), name) == 0)
                column_of[m] = c;
        all = all && column_of[m] >= 0;
    }
    return all;
}

/* NULL: no plugin of this project, as only a damaged store can hold in its runs. */
static const char *name_of(const struct tm_docket *docket, int64_t id)
{
    return id > 0 && (size_t)id < docket->n_names ? docket->names[id] : NULL;
}

/* 0: none. */
static uint32_t hash_text(const char *text)
{
    uint32_t hash = 0x811c9dc5;
    for (const char *at = text; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x01000193;
    return *text ? hash | 1 : 0;
}

static int add_sample(struct tm_docket *docket, const tm_rows *rows, const int *column_of, size_t at)
{
    if (at == docket->room) {
        size_t room = docket->room ? 2 * docket->room : 256;
        struct tm_sample *bigger = realloc(docket->samples, room * sizeof *bigger);
        if (!bigger)
            return -1;
        docket->samples = bigger;
        docket->room = room;
    }
    struct tm_sample *sample = &docket->samples[at];
    sample->plugin_id = integer(rows, 0);
    sample->plugin = docket->names[sample->plugin_id];
    sample->calls = real(rows, 2);
    sample->errors = real(rows, 3);
    sample->clock = hash_text(tm_rows_text(rows, tm_rows_width(rows) - 1)); /* the last column */
    for (size_t m = 0; m < docket->rules->n_metrics; m++)
        sample->values[m] = column_of[m] < 0 ? NAN : real(rows, column_of[m]);
    return 0;
}

static int read_own_metrics(struct tm_docket *docket, int64_t run, size_t n)
{
    tm_rows *rows = tm_ask(docket->store, TM_Q_NIGHT_READINGS, "i", run);
    size_t at = 0;
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_rows_text(rows, 1);
        while (at < n && docket->samples[at].plugin_id < integer(rows, 0))
            at++;
        for (size_t m = 0; at < n && m < docket->rules->n_metrics; m++)
            if (docket->samples[at].plugin_id == integer(rows, 0) && strcmp(docket->rules->metrics[m].name, name) == 0)
                docket->samples[at].values[m] = real(rows, 2);
    }
    tm_rows_close(rows);
    return step;
}

static int read_night(struct tm_docket *docket, const char *branch, const struct tm_run_ref *run, struct tm_night *night)
{
    int column_of[TM_METRICS_MAX], step = -1;
    size_t n = 0;
    tm_rows *rows = tm_ask(docket->store, run->repeats ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_SAMPLES, "i", run->id);
    bool all = rows && map_columns(docket->rules, rows, column_of);
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (name_of(docket, integer(rows, 0)) && add_sample(docket, rows, column_of, n++) != 0) {
            step = -1;
            break;
        }
    tm_rows_close(rows);
    if (step == 0 && !all)
        step = read_own_metrics(docket, run->id, n);
    *night = (struct tm_night){run->id, run->started_at, branch, docket->samples, n};
    return step;
}

struct run_list {
    struct tm_run_ref *runs;
    size_t n;
};

static void free_runs(struct run_list *list)
{
    for (size_t i = 0; i < list->n; i++)
        free(list->runs[i].key);
    free(list->runs);
    *list = (struct run_list){0};
}

/* The runs of `branch` later than (after_at, after_run), up to and with `until`, in the order of time. */
static int list_runs(struct tm_docket *docket, const char *branch, int64_t after_at, int64_t after_run, int64_t until,
                     struct run_list *list)
{
    tm_rows *rows = tm_ask(docket->store, TM_Q_LINEAGE_RUNS, "iitiiii", docket->project_id, docket->host_id, branch, after_at,
                           after_run, until, INT64_MAX);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_run_ref *bigger = realloc(list->runs, (list->n + 1) * sizeof *bigger);
        if (!bigger) {
            step = -1;
            break;
        }
        list->runs = bigger;
        list->runs[list->n++] =
            (struct tm_run_ref){integer(rows, 0), integer(rows, 1), integer(rows, 3), strdup(tm_rows_text(rows, 2))};
    }
    tm_rows_close(rows);
    return step;
}

static int judge_run(struct tm_docket *docket, const char *branch, const struct tm_run_ref *run, struct tm_judgement *judgement)
{
    struct tm_night night;
    if (read_night(docket, branch, run, &night) != 0)
        return -1;
    return tm_judge(&docket->lineage, docket->rules, &night, docket->decisions, docket->n_decisions, judgement);
}

/* What is open or missing on the base branch is not the new branch's fault. */
static void forgive(struct tm_lineage *lineage, const struct tm_rules *rules)
{
    for (size_t i = 0; i < lineage->n_plugins; i++) {
        struct tm_plugin *plugin = &lineage->plugins[i];
        if (plugin->presence.missing > 0)
            plugin->presence.missing = 0, plugin->presence.seen = 0;
        for (size_t m = 0; m < rules->n_metrics; m++)
            if (plugin->series[m])
                tm_series_forgive(plugin->series[m], rules->metrics[m].kind);
    }
    lineage->run_wide_since = lineage->run_wide_good = 0;
}

/* A branch begins with what the last runs of its base say at that time. */
static int fork_from_base(struct tm_docket *docket)
{
    struct run_list runs = {0};
    struct tm_judgement judgement = {0};
    int64_t first_at = 0, after_at = -1;
    int result =
        tm_get(docket->store, &first_at, TM_Q_LINEAGE_FIRST_AT, "iit", docket->project_id, docket->host_id, docket->branch);
    if (result == 1)
        result = tm_get(docket->store, &after_at, TM_Q_LINEAGE_NTH_BEFORE, "iitii", docket->project_id, docket->host_id,
                        docket->base, first_at, (int64_t)RUNS_BEFORE_FORK);
    result = result < 0 ? -1 : list_runs(docket, docket->base, after_at, INT64_MAX, first_at, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++)
        result = judge_run(docket, docket->base, &runs.runs[i], &judgement);
    forgive(&docket->lineage, docket->rules);
    docket->lineage.previous_at = first_at - 1;
    docket->lineage.previous_run = 0;
    free_runs(&runs);
    tm_judgement_free(&judgement);
    return result;
}

static int start_from_nothing(struct tm_docket *docket)
{
    tm_lineage_free(&docket->lineage);
    docket->lineage.previous_at = -1;
    return strcmp(docket->branch, docket->base) == 0 ? 0 : fork_from_base(docket);
}

int tm_docket_replay(struct tm_docket *docket, int64_t until, tm_night_seen *seen, void *context)
{
    struct run_list runs = {0};
    struct tm_judgement judgement = {0};
    int result = start_from_nothing(docket);
    if (result == 0)
        result = list_runs(docket, docket->branch, docket->lineage.previous_at, docket->lineage.previous_run, until, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++) {
        result = judge_run(docket, docket->branch, &runs.runs[i], &judgement);
        if (result == 0)
            result = seen(context, docket, &runs.runs[i], &judgement);
    }
    free_runs(&runs);
    tm_judgement_free(&judgement);
    return result;
}

/* A store that was never judged takes a while: one line on a terminal, once a second, wiped at the end. */
static void show_progress(size_t done, size_t of, time_t *last)
{
    time_t now = time(NULL);
    if (!isatty(STDERR_FILENO))
        return;
    if (done == of)
        fputs("\r\033[K", stderr);
    else if (*last && now != *last)
        fprintf(stderr, "\rtidemark: judging night %zu of %zu ", done, of);
    *last = now;
}

/* Judges the runs in turn and stores what is said of them; the state is stored as it stands before the last one. */
static int judge_and_store(struct tm_docket *docket, const struct tm_stored_lineage *stored, const struct run_list *runs)
{
    struct tm_judgement judgement = {0};
    unsigned char state[64];
    size_t size = 0;
    time_t shown = 0;
    int result = 0;
    for (size_t i = 0; i < runs->n && result == 0; i++) {
        bool last = i + 1 == runs->n;
        if (runs->n > LONG_HISTORY)
            show_progress(i + 1, runs->n, &shown);
        if (last) {
            size = tm_docket_state_bytes(docket, state);
            result = tm_docket_save_state(docket, stored);
        }
        if (result == 0)
            result = judge_run(docket, docket->branch, &runs->runs[i], &judgement);
        if (result == 0)
            result = tm_docket_save_verdicts(docket, &judgement);
        if (result == 0 && last)
            result = tm_docket_save_judged(docket, stored, &runs->runs[i], state, size);
    }
    tm_judgement_free(&judgement);
    return result;
}

int tm_docket_bring_forward(struct tm_docket *docket, size_t *judged)
{
    struct tm_stored_lineage stored = {0};
    struct run_list runs = {0};
    int result = tm_docket_load(docket, &stored);
    if (result == 0 && !stored.usable)
        result = start_from_nothing(docket);
    if (result == 0)
        result = list_runs(docket, docket->branch, docket->lineage.previous_at, docket->lineage.previous_run, INT64_MAX, &runs);
    bool nothing_new = stored.usable && !stored.again && runs.n > 0 && runs.runs[runs.n - 1].id == stored.judged_run;
    *judged = nothing_new ? 0 : runs.n;
    if (result == 0 && !nothing_new && runs.n > 0)
        result = judge_and_store(docket, &stored, &runs);
    free_runs(&runs);
    return result;
}

struct sought_run {
    int64_t id;
    struct tm_judgement *judgement;
};

/* Takes the judgement of the run that is sought; the replay goes on in an empty one. */
static int take_judgement(void *context, const struct tm_docket *docket, const struct tm_run_ref *run,
                          const struct tm_judgement *judgement)
{
    struct sought_run *sought = context;
    (void)docket;
    if (run->id != sought->id)
        return 0;
    *sought->judgement = *judgement;
    sought->judgement->verdicts = malloc((judgement->n_verdicts + 1) * sizeof *judgement->verdicts);
    if (!sought->judgement->verdicts)
        return -1;
    memcpy(sought->judgement->verdicts, judgement->verdicts, judgement->n_verdicts * sizeof *judgement->verdicts);
    sought->judgement->room = judgement->n_verdicts + 1;
    return 0;
}

int tm_docket_judge_again(struct tm_docket *docket, int64_t run, int64_t started_at, struct tm_judgement *judgement)
{
    struct tm_stored_lineage stored = {0};
    struct run_list runs = {0};
    struct sought_run sought = {run, judgement};
    int result = tm_docket_load(docket, &stored);
    if (result != 0 || !stored.usable || stored.judged_run != run)
        return result != 0 ? -1 : tm_docket_replay(docket, started_at, take_judgement, &sought);
    result = list_runs(docket, docket->branch, docket->lineage.previous_at, docket->lineage.previous_run, started_at, &runs);
    for (size_t i = 0; i < runs.n && result == 0; i++)
        if (runs.runs[i].id == run)
            result = judge_run(docket, docket->branch, &runs.runs[i], judgement);
    free_runs(&runs);
    return result;
}
