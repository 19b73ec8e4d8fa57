/* The facts that the store holds. Names are copied, for a row's texts are gone with the next one. */
#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/array.h"
#include "base/hash.h"
#include "gate/doctor.h"

enum {
    NEWEST_RUNS = 50,  /* in which a plugin is, or is gone: as many as a baseline has */
    CLOCKED_RUNS = 10, /* by which clocks their CPU times were taken */
};

static int no_memory(tm_store *store)
{
    return tm_store_fail(store, "out of memory");
}

/* A copy; NULL where the row has none. *failed: no memory. */
static const char *copy_known(struct tm_doctor *doctor, const tm_rows *rows, const char *column, bool *failed)
{
    struct tm_value value = tm_row_value(rows, column);
    const char *text = value.type == TM_TEXT ? tm_arena_text(&doctor->texts, value.text, strlen(value.text)) : NULL;
    *failed = *failed || (value.type == TM_TEXT && !text);
    return text;
}

/* "" there. */
static const char *copy(struct tm_doctor *doctor, const tm_rows *rows, const char *column, bool *failed)
{
    const char *text = copy_known(doctor, rows, column, failed);
    return text ? text : "";
}

/* Closes what read_NAME has read to its end. 0, or -1. */
static int end(tm_store *store, tm_rows *rows, int step, bool failed)
{
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    return failed ? no_memory(store) : 0;
}

static int read_runs(struct tm_doctor *doctor, tm_store *store)
{
    bool failed = false;
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_DOCTOR_RUNS, "ti", doctor->project, (int64_t)TM_DOCTOR_RUNS);
    while (!failed && rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_doctor_run *run = tm_array_add(&doctor->runs, &doctor->n_runs, sizeof *run);
        failed = !run;
        if (run)
            *run = (struct tm_doctor_run){.id = tm_row_integer(rows, "run_id"),
                                          .started_at = tm_row_integer(rows, "started_at"),
                                          .key = copy(doctor, rows, "key", &failed),
                                          .branch = copy(doctor, rows, "branch", &failed),
                                          .host = copy(doctor, rows, "host", &failed),
                                          .has_commit = tm_row_integer(rows, "has_commit"),
                                          .has_version = tm_row_integer(rows, "has_version")};
    }
    return end(store, rows, step, failed);
}

/* By what the settings make of it, too. */
static bool is_directed(const struct tm_settings *settings, const char *name, const char *better)
{
    for (size_t m = 0; m < settings->rules.n_metrics; m++)
        if (strcmp(settings->rules.metrics[m].name, name) == 0)
            return !settings->rules.metrics[m].either;
    return *better;
}

static int read_metrics(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings)
{
    bool failed = false;
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_METRICS, "t", doctor->project);
    while (!failed && rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_doctor_metric *metric = tm_array_add(&doctor->metrics, &doctor->n_metrics, sizeof *metric);
        failed = !metric;
        if (!metric)
            break;
        const char *name = copy(doctor, rows, "name", &failed);
        *metric = (struct tm_doctor_metric){name, copy(doctor, rows, "unit", &failed),
                                            is_directed(settings, name, tm_row_text(rows, "better"))};
    }
    return end(store, rows, step, failed);
}

static int read_open(struct tm_doctor *doctor, tm_store *store)
{
    bool failed = false;
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_DOCTOR_OPEN, "t", doctor->project);
    while (!failed && rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_doctor_open *open = tm_array_add(&doctor->open, &doctor->n_open, sizeof *open);
        failed = !open;
        if (open)
            *open = (struct tm_doctor_open){copy(doctor, rows, "plugin", &failed), copy(doctor, rows, "metric", &failed),
                                            copy(doctor, rows, "branch", &failed), tm_row_integer(rows, "runs")};
    }
    return end(store, rows, step, failed);
}

static int read_decisions(struct tm_doctor *doctor, tm_store *store)
{
    bool failed = false;
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_DOCTOR_DECISIONS, "ti", doctor->project, (int64_t)NEWEST_RUNS);
    while (!failed && rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_doctor_decision *decision = tm_array_add(&doctor->decisions, &doctor->n_decisions, sizeof *decision);
        failed = !decision;
        if (!decision)
            break;
        *decision = (struct tm_doctor_decision){.number = tm_row_integer(rows, "number"),
                                                .kind = copy(doctor, rows, "kind", &failed),
                                                .plugin = copy(doctor, rows, "plugin", &failed),
                                                .metric = copy_known(doctor, rows, "metric", &failed),
                                                .until = tm_row_integer(rows, "until"),
                                                .seen = tm_row_integer(rows, "seen")};
        decision->known_metric = tm_row_integer(rows, "stored_metric") || !decision->metric || tm_metric_named(decision->metric);
    }
    return end(store, rows, step, failed);
}

/* A glob, or a name, that somebody has written: in a section of tidemark.ini, or in that line of the decisions file. */
struct glob {
    const char *text;
    uint64_t line; /* 0: a section's */
    size_t first;  /* the place of the first one of that text, which alone is matched */
    bool met;
};

struct globs {
    struct glob *list;
    size_t n;
    struct tm_hash firsts; /* items: places in list, from 1 */
    size_t *wild;          /* places of the firsts that are more than a name */
    size_t n_wild;
};

struct sought {
    const struct glob *list;
    const char *text;
};

static bool is_text(uintptr_t place, const void *key)
{
    const struct sought *sought = key;
    return strcmp(sought->list[place - 1].text, sought->text) == 0;
}

/* The place, from 1, of the first one of that text; 0: there is none. */
static size_t find_glob(const struct globs *globs, const char *text)
{
    const struct sought sought = {globs->list, text};
    return tm_hash_find(&globs->firsts, tm_hash_text(text, strlen(text)), is_text, &sought);
}

/* Sections are told once each, however many lines they have. false: no memory. */
static bool add_glob(struct globs *globs, const char *text, uint64_t line)
{
    size_t first = find_glob(globs, text);
    if (first && line == 0)
        return true;
    struct glob *glob = tm_array_add(&globs->list, &globs->n, sizeof *glob);
    if (!glob)
        return false;
    *glob = (struct glob){text, line, first ? first - 1 : globs->n - 1, strcmp(text, "*") == 0};
    if (first)
        return true;
    if (strpbrk(text, "*?[\\")) {
        size_t *wild = tm_array_add(&globs->wild, &globs->n_wild, sizeof *wild);
        if (!wild)
            return false;
        *wild = glob->first;
    }
    return tm_hash_add(&globs->firsts, tm_hash_text(text, strlen(text)), globs->n) == 0;
}

static int list_globs(const struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings, struct globs *globs)
{
    const struct tm_rules *rules = &settings->rules;
    bool added = true;
    for (size_t i = 0; i < rules->n_plugins && added; i++)
        added = add_glob(globs, settings->plugin_rules[i].glob, 0);
    for (size_t i = 0; i < rules->n_limits && added; i++)
        added = add_glob(globs, rules->limits[i].glob, 0);
    for (size_t i = 0; i < doctor->place.n_decided && added; i++)
        added = add_glob(globs, doctor->place.decided[i].plugin, doctor->place.decided[i].number);
    return added ? 0 : no_memory(store);
}

static int match_globs(tm_store *store, const char *project, struct globs *globs)
{
    int step = -1;
    tm_rows *rows = tm_ask(store, TM_Q_PLUGIN_NAMES, "t", project);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_row_text(rows, "name");
        size_t named = find_glob(globs, name);
        if (named)
            globs->list[named - 1].met = true;
        for (size_t i = 0; i < globs->n_wild; i++) {
            struct glob *glob = &globs->list[globs->wild[i]];
            glob->met = glob->met || fnmatch(glob->text, name, 0) == 0;
        }
    }
    return end(store, rows, step, false);
}

static bool add_unmet(struct tm_doctor *doctor, const struct glob *glob)
{
    char section[TM_NAME_MAX + 8];
    if (glob->line) {
        struct tm_doctor_line *line = tm_array_add(&doctor->lines, &doctor->n_lines, sizeof *line);
        if (line)
            *line = (struct tm_doctor_line){glob->line, glob->text};
        return line;
    }
    snprintf(section, sizeof section, "plugin %s", glob->text);
    struct tm_doctor_setting *setting = tm_array_add(&doctor->settings, &doctor->n_settings, sizeof *setting);
    if (setting)
        *setting = (struct tm_doctor_setting){tm_arena_text(&doctor->texts, section, strlen(section)),
                                              "no plugin of the project has such a name"};
    return setting && setting->section;
}

/* A glob without a plugin is a slip of the pen, or of a plugin that is gone. */
static int read_globs(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings)
{
    struct globs globs = {.n = 0};
    int result = list_globs(doctor, store, settings, &globs);
    if (result == 0 && globs.n > 0)
        result = match_globs(store, doctor->project, &globs);
    for (size_t i = 0; i < globs.n && result == 0; i++)
        if (!globs.list[globs.list[i].first].met && !add_unmet(doctor, &globs.list[i]))
            result = no_memory(store);
    free(globs.list);
    free(globs.wild);
    tm_hash_free(&globs.firsts);
    return result;
}

/* Of the newest run's lineage: another host may have another clock, and that is none that changes. */
static int read_clocks(struct tm_doctor *doctor, tm_store *store)
{
    struct tm_judged_run run;
    const struct tm_scope scope = {.project = doctor->project};
    int result = tm_judged_run_find(store, &scope, NULL, &run);
    if (result > 0)
        result = tm_get(store, &doctor->clocks, TM_Q_DOCTOR_CLOCKS, "iiti", run.project_id, run.host_id, run.branch,
                        (int64_t)CLOCKED_RUNS);
    tm_judged_run_free(&run);
    return result < 0 ? -1 : 0;
}

static int read_reader(struct tm_doctor *doctor, tm_store *store)
{
    int64_t there = 0;
    int found = tm_get(store, &there, TM_Q_DOCTOR_READER, "t", doctor->project);
    doctor->place.no_reader = found == 0;
    return found < 0 ? -1 : 0;
}

int tm_doctor_read(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings, const char *project)
{
    doctor->project = project;
    doctor->base = settings->base;
    doctor->now = time(NULL);
    int result = tm_snapshot(store);
    if (result == 0)
        result = read_runs(doctor, store);
    if (result == 0)
        result = read_metrics(doctor, store, settings);
    if (result == 0)
        result = read_open(doctor, store);
    if (result == 0)
        result = read_decisions(doctor, store);
    if (result == 0)
        result = read_globs(doctor, store, settings);
    if (result == 0)
        result = read_clocks(doctor, store);
    if (result == 0)
        result = read_reader(doctor, store);
    if (result == 0)
        result = tm_get(store, &doctor->unjudged, TM_Q_LINEAGES_UNJUDGED, "t", project) < 0 ? -1 : 0;
    if (result == 0)
        result = tm_doctor_read_noise(doctor, store, settings);
    tm_snapshot_end(store);
    return result;
}

void tm_doctor_free(struct tm_doctor *doctor)
{
    free(doctor->runs);
    free(doctor->metrics);
    free(doctor->open);
    free(doctor->decisions);
    free(doctor->settings);
    free(doctor->lines);
    tm_arena_free(&doctor->texts);
    *doctor = (struct tm_doctor){.now = 0};
}
