/* One way for all: a file's runs go into a store in memory by the code that stores them for good, and every format, repeats, parts
 * and units are what they would be there. */
#include "cli/side_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/array.h"
#include "cli/ingest.h"
#include "cli/input.h"

int tm_side_find_run(tm_store *store, const char *project, const char *key, struct tm_side_runs *runs)
{
    tm_rows *rows = tm_ask(store, TM_Q_RUN_BY_KEY, "tt", project, key);
    int step = rows ? tm_rows_next(rows) : -1;
    struct tm_side_run *run = step == 1 ? tm_array_add(&runs->list, &runs->n, sizeof *run) : NULL;
    if (run)
        *run = (struct tm_side_run){.id = tm_row_integer(rows, "run_id"),
                                    .project_id = tm_row_integer(rows, "project_id"),
                                    .host_id = tm_row_integer(rows, "host_id"),
                                    .started_at = tm_row_time(rows, "started_at"),
                                    .key = strdup(tm_row_text(rows, "key")),
                                    .branch = strdup(tm_row_text(rows, "branch")),
                                    .commit = strdup(tm_row_text(rows, "commit_id")),
                                    .project = strdup(project)};
    if (step == 1 && (!run || !run->key || !run->branch || !run->commit || !run->project))
        step = tm_store_fail(store, "out of memory");
    return tm_rows_close(rows) != 0 ? -1 : step;
}

static void free_run(struct tm_side_run *run)
{
    free(run->key);
    free(run->branch);
    free(run->commit);
    free(run->project);
}

void tm_side_runs_free(struct tm_side_runs *runs)
{
    for (size_t i = 0; i < runs->n; i++)
        free_run(&runs->list[i]);
    free(runs->list);
    *runs = (struct tm_side_runs){0};
}

/* A run that was put: noted once, also where it comes in parts. One that repeats another is read with that. */
static int note_run(tm_store *store, const struct tm_run *run, struct tm_side_runs *runs)
{
    const char *project = run->project ? run->project : "default";
    if (run->repeat_of)
        return 0;
    if (tm_side_find_run(store, project, tm_put_name(store).key, runs) != 1)
        return -1;
    bool known = false;
    if (strcmp(project, runs->list[0].project) != 0)
        return tm_store_fail(store, "a side is of one project, and the input has '%s' and '%s'", runs->list[0].project, project);
    for (size_t i = 0; i + 1 < runs->n; i++)
        known = known || runs->list[i].id == runs->list[runs->n - 1].id;
    if (known)
        free_run(&runs->list[--runs->n]);
    else
        runs->list[runs->n - 1].unnamed = !run->key;
    return 0;
}

static int put_runs(tm_store *store, tm_reader *reader, const char *path, struct tm_side_runs *runs)
{
    struct tm_run_content content;
    struct tm_place place;
    enum tm_outcome outcome;
    int next, code = 0;
    while (code == 0 && (next = tm_reader_next(reader, &content, &place)) == 1)
        if (tm_put_run(store, &content, TM_PUT, &outcome) != 0 || note_run(store, &content.run, runs) != 0)
            code = tm_store_trouble(store);
    if (code == 0)
        code = tm_print_diag(tm_reader_diag(reader));
    if (code == 0 && next < 0)
        code = tm_trouble("'%s' cannot be compared", path);
    else if (code == 0 && runs->n == 0)
        code = tm_trouble("found nothing to compare in '%s'", path);
    return code;
}

/* Values of a plugin's metric come one after the other: its names are copied once. */
static int note_single(void *context, const char *plugin, const char *metric, double value)
{
    struct tm_side_singles *singles = context;
    struct tm_side_single *last = singles->n > 0 ? &singles->list[singles->n - 1] : NULL, single = {NULL, NULL, value};
    single.plugin =
        last && strcmp(last->plugin, plugin) == 0 ? last->plugin : tm_arena_text(&singles->texts, plugin, strlen(plugin));
    if (metric)
        single.metric = last && last->metric && strcmp(last->metric, metric) == 0
                            ? last->metric
                            : tm_arena_text(&singles->texts, metric, strlen(metric));
    if (!single.plugin || (metric && !single.metric))
        return -1;
    struct tm_side_single *added = tm_array_add(&singles->list, &singles->n, sizeof *added);
    if (!added)
        return -1;
    *added = single;
    return 0;
}

void tm_side_singles_free(struct tm_side_singles *singles)
{
    free(singles->list);
    tm_arena_free(&singles->texts);
    *singles = (struct tm_side_singles){0};
}

/* What a run began with when the file does not say: the time it was written at. */
static int64_t written_at(const char *path)
{
    struct stat file;
    return stat(path, &file) == 0 && S_ISREG(file.st_mode) ? (int64_t)file.st_mtime : (int64_t)time(NULL);
}

int tm_side_read_file(struct tm_context *context, const char *path, tm_store **store, struct tm_side_runs *runs,
                      struct tm_side_singles *singles)
{
    struct tm_ingest_options options = {
        .files = &path, .n_files = 1, .run.started_at = written_at(path), .single = note_single, .single_context = singles};
    tm_reader *reader = NULL;
    int code = tm_input_read(context->arguments, "input-format", "as", &options);
    if (code == 0 && (tm_open(":memory:", TM_CREATE, store) != 0 || tm_begin(*store) != 0))
        code = tm_store_trouble(*store);
    if (code == 0 && !(reader = tm_reader_open(&options)))
        code = tm_trouble("out of memory");
    if (code == 0)
        code = put_runs(*store, reader, path, runs);
    tm_reader_close(reader);
    if (code == 0 && tm_commit(*store) != 0)
        code = tm_store_trouble(*store);
    tm_input_free(&options);
    return code;
}
