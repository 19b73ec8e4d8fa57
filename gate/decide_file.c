/* The file is what holds: a line that is gone takes its decisions with it, one that is new makes them,
 * and one that has made them is done. So a store that was lost, with the cache it lived in, has them again
 * after its next gate.
 *
 * A line is its branch's: on a branch whose file does not have it yet, or any more, nothing of it
 * is taken back for the others. */
#include "gate/decide_file.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"

static const int64_t ACCEPTED_DAYS = 30; /* a change that begins later is another one: whoever wrote the line had not seen it */

/* A decision that the store has of a line; texts are the arena's. */
struct made {
    int64_t number;
    const char *source, *plugin, *metric;
};

struct step {
    tm_store *store;
    const struct tm_scope *scope;
    const struct tm_judged_run *run;
    struct tm_lines_told *told;
    struct made *made;
    size_t n_made;
    struct tm_hash done;  /* of made, one for each line and plugin */
    const char **plugins; /* of the project */
    size_t n_plugins;
    struct tm_arena texts;
};

static const char *keep(struct step *step, const char *text)
{
    const char *copy = tm_arena_text(&step->texts, text, strlen(text));
    if (!copy)
        tm_store_fail(step->store, "out of memory");
    return copy;
}

/* Read before anything is decided: one query of a kind is open at a time. */
static int read_made(struct step *step)
{
    tm_rows *rows =
        tm_ask(step->store, TM_Q_DECISIONS_OF_LINES, "iti", step->run->project_id, step->run->branch, step->run->host_id);
    int next = -1;
    while (rows && (next = tm_rows_next(rows)) == 1) {
        struct made *made = tm_array_add(&step->made, &step->n_made, sizeof *made);
        if (made)
            *made = (struct made){tm_row_integer(rows, "decision_id"), keep(step, tm_row_text(rows, "source")),
                                  keep(step, tm_row_text(rows, "plugin")), keep(step, tm_row_text(rows, "metric"))};
        if (!made || !made->source || !made->plugin || !made->metric) {
            next = tm_store_fail(step->store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : next;
}

/* Of a line, and of the plugin for which it was done. */
static uint64_t hash_done(const char *id, const char *plugin)
{
    return tm_hash_text(id, strlen(id)) ^ tm_hash_integer((int64_t)tm_hash_text(plugin, strlen(plugin)));
}

static bool is_made_of(uintptr_t item, const void *key)
{
    const struct made *made = (const struct made *)item, *sought = key;
    return strcmp(made->source, sought->source) == 0 && strcmp(made->plugin, sought->plugin) == 0;
}

/* Has the line made what it can of that plugin? One that names no metric is done with the first: what opens later is another
 * change. */
static bool is_done(const struct step *step, const char *id, const char *plugin)
{
    const struct made sought = {.source = id, .plugin = plugin};
    return tm_hash_find(&step->done, hash_done(id, plugin), is_made_of, &sought);
}

static int note_done(struct step *step)
{
    for (size_t i = 0; i < step->n_made; i++) {
        const struct made *made = &step->made[i];
        if (!is_done(step, made->source, made->plugin) &&
            tm_hash_add(&step->done, hash_done(made->source, made->plugin), (uintptr_t)made) != 0)
            return tm_store_fail(step->store, "out of memory");
    }
    return 0;
}

static int read_plugins(struct step *step)
{
    tm_rows *rows = tm_ask(step->store, TM_Q_PLUGIN_NAMES, "t", step->scope->project);
    int next = -1;
    while (rows && (next = tm_rows_next(rows)) == 1) {
        const char **name = tm_array_add(&step->plugins, &step->n_plugins, sizeof *name);
        if (!name || !(*name = keep(step, tm_rows_text(rows, 0)))) {
            next = tm_store_fail(step->store, "out of memory");
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : next;
}

static bool has_id(uintptr_t item, const void *id)
{
    return strcmp(((const struct tm_decision_line *)item)->id, id) == 0;
}

static int take_back(struct step *step, const struct tm_decision_line *lines, size_t n)
{
    struct tm_hash ids = {NULL, 0, 0};
    int result = 0;
    for (size_t i = 0; i < n && result == 0; i++)
        if (tm_hash_add(&ids, tm_hash_text(lines[i].id, strlen(lines[i].id)), (uintptr_t)&lines[i]) != 0)
            result = tm_store_fail(step->store, "out of memory");
    for (size_t i = 0; i < step->n_made && result >= 0; i++) {
        const char *source = step->made[i].source;
        if (tm_hash_find(&ids, tm_hash_text(source, strlen(source)), has_id, source))
            continue;
        result = tm_undo_decision(step->store, step->scope->project, step->made[i].number);
        step->told->removed += result == 1;
    }
    tm_hash_free(&ids);
    return result < 0 ? -1 : 0;
}

/* From when on a level may have begun that the line accepts, and *key the run that it names, NULL: none. 1, 0: there is no such run
 * yet, or -1. */
static int find_since(struct step *step, const struct tm_decision_line *line, int64_t *from, const char **key)
{
    *key = NULL;
    *from = line->since_at;
    if (line->since_at != TM_UNKNOWN)
        return 1;
    tm_rows *rows = tm_ask(step->store, TM_Q_RUN_FIND, "it", step->run->project_id, line->since);
    int found = rows ? tm_rows_next(rows) : -1;
    if (found == 1) {
        *from = tm_row_time(rows, "started_at");
        *key = line->since;
    }
    if (tm_rows_close(rows) != 0)
        return -1;
    if (found != 0)
        return found;
    enum { COMMIT_LEAST = 7 }; /* letters: fewer name any commit */
    if (strlen(line->since) < COMMIT_LEAST)
        return 0;
    rows =
        tm_ask(step->store, TM_Q_RUN_OF_COMMIT, "iitt", step->run->project_id, step->run->host_id, step->run->branch, line->since);
    found = rows ? tm_rows_next(rows) : -1;
    if (found == 1)
        *from = tm_row_time(rows, "started_at");
    return tm_rows_close(rows) != 0 ? -1 : found;
}

/* A store that begins anew may not have it yet. 1, 0 or -1. */
static int knows_metric(const struct step *step, const char *metric)
{
    int64_t id;
    return !metric || tm_metric_named(metric) ? 1 : tm_get(step->store, &id, TM_Q_METRIC_FIND, "it", step->run->project_id, metric);
}

static void count(void *context, int64_t number, const char *metric)
{
    struct step *step = context;
    (void)number;
    (void)metric;
    step->told->added++;
}

/* 1: it is decided, 0: there is nothing to decide yet, or -1. */
static int decide(struct step *step, const struct tm_decision_line *line, const char *plugin, bool by_glob)
{
    struct tm_decision_wish wish = {
        .kind = line->kind,
        .scope = {.project = step->scope->project, .branch = step->run->branch, .host = step->scope->host},
        .plugin = plugin,
        .by_glob = by_glob || line->kind == TM_RETIRE,
        .metric = line->metric,
        .ceiling = line->ceiling,
        .until = line->until,
        .reason = line->reason,
        .issue = line->issue,
        .made_by = "tidemark.decisions",
        .source = line->id};
    if (is_done(step, line->id, plugin))
        return 1;
    int known = knows_metric(step, line->metric);
    if (known != 1)
        return known;
    if (line->kind == TM_ACCEPT) {
        int found = find_since(step, line, &wish.begun_from, &wish.from);
        if (found != 1)
            return found;
        wish.begun_until = line->until != TM_UNKNOWN ? line->until : wish.begun_from + ACCEPTED_DAYS * 86400;
        /* A run that is named is where the level begins, for one plugin: of others it may be another. */
        wish.from = by_glob ? NULL : wish.from;
    }
    switch (tm_decide(step->store, &wish, count, step)) {
    case TM_DECIDED:
        return 1;
    case TM_DECISION_NO_PLUGIN:
    case TM_DECISION_NOTHING_OPEN:
        return 0;
    case TM_DECISION_TROUBLE:
        break;
    }
    return -1;
}

/* '*' alone is the whole run. */
static bool is_glob(const struct tm_decision_line *line)
{
    return strpbrk(line->plugin, "*?[") && strcmp(line->plugin, "*") != 0;
}

static int follow_line(struct step *step, const struct tm_decision_line *line)
{
    bool glob = is_glob(line), any = false;
    int64_t id;
    /* A plugin may be called like a glob: then it is its name. */
    int named = glob ? tm_get(step->store, &id, TM_Q_PLUGIN_FIND, "it", step->run->project_id, line->plugin) : 1;
    glob = glob && named == 0;
    int result = named < 0 ? -1 : glob ? 0 : decide(step, line, line->plugin, false);
    for (size_t i = 0; i < step->n_plugins && glob && result >= 0; i++) {
        if (fnmatch(line->plugin, step->plugins[i], 0) == 0)
            result = decide(step, line, step->plugins[i], true);
        any = any || result == 1;
    }
    if (result >= 0 && !any && result != 1) {
        if (step->told->waiting++ == 0)
            step->told->first_waiting = line->number;
    }
    return result < 0 ? -1 : 0;
}

static bool has_glob(const struct tm_decision_line *lines, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_glob(&lines[i]))
            return true;
    return false;
}

int tm_decide_lines(tm_store *store, const struct tm_scope *scope, const struct tm_judged_run *run,
                    const struct tm_decision_line *lines, size_t n, struct tm_lines_told *told)
{
    struct step step = {.store = store, .scope = scope, .run = run, .told = told};
    *told = (struct tm_lines_told){0};
    int result = read_made(&step) != 0 || note_done(&step) != 0 || (has_glob(lines, n) && read_plugins(&step) != 0)
                     ? -1
                     : take_back(&step, lines, n);
    for (size_t i = 0; i < n && result == 0 && told->removed == 0; i++)
        result = follow_line(&step, &lines[i]);
    tm_hash_free(&step.done);
    free(step.made);
    free(step.plugins);
    tm_arena_free(&step.texts);
    return result;
}
