/* Storing a part of a run: the part's rows as they are given, then the run's own, made anew of all
 * parts that are there. So whatever the order in which parts come, what is stored in the end is
 * the same; and nobody who reads a run need know of parts. */
#include "store/parts.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/text.h"
#include "schema/combine.h"
#include "schema/valid.h"
#include "store/content.h"
#include "store/fact_run.h"
#include "store/handle.h"
#include "store/ids.h"
#include "store/run_row.h"

int tm_in_parts(tm_store *store, int64_t run)
{
    int64_t one;
    return tm_get(store, &one, TM_Q_PART_ANY, "i", run);
}

/* The parts of a run, read whole. */
struct parts {
    struct tm_run_content *contents; /* in the order of names; run.key is the run's */
    struct tm_fact_run *rows;        /* what each content borrows from */
    int64_t *ids, *hosts;
    size_t n, n_rows, n_ids, n_hosts;
    struct tm_arena names;
};

static void free_parts(struct parts *parts)
{
    for (size_t i = 0; i < parts->n_rows; i++)
        tm_fact_run_free(&parts->rows[i]);
    free(parts->rows);
    free(parts->contents);
    free(parts->ids);
    free(parts->hosts);
    tm_arena_free(&parts->names);
}

/* The row's own facts; -1: no memory. */
static int add_part(struct parts *parts, const char *key, const tm_rows *rows)
{
    struct tm_run_content *content = tm_array_add(&parts->contents, &parts->n, sizeof *content);
    int64_t *id = content ? tm_array_add(&parts->ids, &parts->n_ids, sizeof *id) : NULL;
    int64_t *host = id ? tm_array_add(&parts->hosts, &parts->n_hosts, sizeof *host) : NULL;
    struct tm_fact_run *own = host ? tm_array_add(&parts->rows, &parts->n_rows, sizeof *own) : NULL;
    const char *name = tm_row_text(rows, "part");
    const char *kept = own ? tm_arena_text(&parts->names, name, strlen(name)) : NULL;
    if (!kept)
        return -1;
    *id = tm_row_integer(rows, "part_id");
    *host = tm_row_integer(rows, "host_id");
    content->run = (struct tm_run){.key = key, .part = kept, .started_at = tm_row_time(rows, "started_at")};
    return 0;
}

static int read_parts(tm_store *store, int64_t run, const char *key, struct parts *parts)
{
    tm_rows *rows = tm_ask(store, TM_Q_PARTS_OF_RUN, "i", run);
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1)
        if (add_part(parts, key, rows) != 0)
            result = tm_store_fail(store, "out of memory");
    if (tm_rows_close(rows) != 0 || step < 0)
        return -1;
    for (size_t i = 0; i < parts->n && result == 0; i++)
        result = tm_fact_run_read(store, TM_OF_PART, parts->ids[i], &parts->rows[i], &parts->contents[i]);
    return result;
}

/* The run stands where the first part stood, at the earliest start. */
static int write_whole(tm_store *store, int64_t project, int64_t run, int64_t host, const struct tm_run_content *whole)
{
    if (tm_content_prepare(store, project, whole) != 0 || tm_content_clear(store, TM_OF_RUN, run) != 0 ||
        tm_do(store, TM_Q_RUN_PLACE, "iii", run, whole->run.started_at, host) != 0)
        return -1;
    store->put_start = whole->run.started_at;
    return tm_content_write(store, project, TM_OF_RUN, run, whole);
}

/* Makes the run's rows of its parts. */
static int make_whole(tm_store *store, int64_t project, int64_t run, const char *key)
{
    struct parts parts = {0};
    struct tm_combined combined = {0};
    struct tm_run_content whole;
    int result = read_parts(store, run, key, &parts);
    if (result == 0 && !parts.hosts) {
        tm_store_fail(store, "'%s' is damaged: a run has lost its parts ('tidemark check' says more)", store->path);
        result = -1;
    }
    if (result == 0 && tm_combine(parts.contents, parts.n, &combined, &whole) != 0)
        result = tm_store_fail(store, "out of memory");
    if (result == 0)
        result = write_whole(store, project, run, parts.hosts[0], &whole);
    tm_combined_free(&combined);
    free_parts(&parts);
    return result;
}

int tm_parts_clear(tm_store *store, int64_t run)
{
    struct parts parts = {0};
    int result = read_parts(store, run, "", &parts);
    for (size_t i = 0; i < parts.n && result == 0; i++)
        result = tm_content_clear(store, TM_OF_PART, parts.ids[i]) != 0 ? -1 : tm_do(store, TM_Q_PART_REMOVE, "i", parts.ids[i]);
    free_parts(&parts);
    return result;
}

/* *id 0: there is no such part. The batch is laid. */
static int find_part(tm_store *store, int64_t run, const char *name, int64_t *id, int64_t *started_at)
{
    tm_rows *rows = tm_ask(store, TM_Q_PART_FIND, "it", run, name);
    int step = rows ? tm_rows_next(rows) : -1;
    *id = step == 1 ? tm_row_integer(rows, "part_id") : 0;
    *started_at = step == 1 ? tm_row_time(rows, "started_at") : 0;
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : 0;
}

/* The part is stored already: the same, or a conflict. */
static enum tm_likeness compare_part(tm_store *store, int64_t project, int64_t id, int64_t started_at,
                                     const struct tm_run_content *content)
{
    const struct tm_run *run = &content->run;
    if (content->assumed_start || run->started_at == started_at)
        return tm_content_compare(store, project, TM_OF_PART, id, content, false);
    store->conflict = TM_OTHER_RUN;
    tm_store_fail(store, "part '%s' of run '%s' is stored already with another start time: given %lld, stored %lld (epoch seconds)",
                  run->part, run->key, (long long)run->started_at, (long long)started_at);
    return TM_OTHER;
}

/* A new part, or the stored one's row as it is given now, with nothing under it. */
static int write_part_row(tm_store *store, int64_t run_id, const struct tm_run_content *content, int64_t *id)
{
    const struct tm_run *run = &content->run;
    int64_t host;
    if (tm_make_host(store, run->host, &host) != 0)
        return -1;
    if (*id == 0)
        return tm_get(store, id, TM_Q_PART_ADD, "itii", run_id, run->part, run->started_at, host) == 1 ? 0 : -1;
    return tm_content_clear(store, TM_OF_PART, *id) != 0 ? -1 : tm_do(store, TM_Q_PART_UPDATE, "iii", *id, run->started_at, host);
}

/* The run that the part is of, made where there is none. A run that was given whole has no parts, unless it is to give way. */
static int find_whole(tm_store *store, int64_t project, const struct tm_run_content *content, enum tm_put_mode mode, int64_t *run)
{
    struct tm_stored_run stored = {0};
    if (tm_run_find(store, project, content, &stored) != 0)
        return -1;
    *run = stored.id;
    if (!stored.id)
        return tm_run_write(store, project, &content->run, run);
    store->conflict = TM_OTHER_RUN;
    if (!stored.same && mode != TM_PUT_REPLACE)
        return -1;
    int parts = tm_in_parts(store, stored.id);
    if (parts == 0 && mode != TM_PUT_REPLACE)
        return tm_store_fail(store, "run '%s' is stored whole already: part '%s' cannot be added to it", content->run.key,
                             content->run.part);
    store->conflict = TM_NO_CONFLICT;
    return parts < 0 ? -1 : 0;
}

/* Before the row changes, for who has judged it where it stands now; and after, for it may stand elsewhere. */
static int store_part(tm_store *store, int64_t project, int64_t run, int64_t part, const struct tm_run_content *content,
                      enum tm_put_mode mode)
{
    if (tm_run_touch(store, project, run) != 0 || (mode == TM_PUT_REPLACE && tm_run_rewrite(store, project, content, run) != 0) ||
        write_part_row(store, run, content, &part) != 0 || tm_content_write(store, project, TM_OF_PART, part, content) != 0 ||
        make_whole(store, project, run, content->run.key) != 0)
        return -1;
    return tm_run_touch(store, project, run);
}

int tm_put_part(tm_store *store, int64_t project, const struct tm_run_content *content, enum tm_put_mode mode,
                enum tm_outcome *outcome)
{
    int64_t run, part, started_at;
    if (mode == TM_PUT_APPEND)
        return tm_store_fail(store, "part '%s' of run '%s': a part is given whole, and nothing is appended to it",
                             content->run.part, content->run.key);
    if (find_whole(store, project, content, mode, &run) != 0 || tm_content_prepare(store, project, content) != 0 ||
        find_part(store, run, content->run.part, &part, &started_at) != 0)
        return -1;
    enum tm_likeness likeness = part ? compare_part(store, project, part, started_at, content) : TM_OTHER;
    if (likeness == TM_FAILED || (part && likeness == TM_OTHER && mode != TM_PUT_REPLACE))
        return -1;
    if (likeness == TM_SAME) {
        *outcome = TM_ALREADY;
        return 0;
    }
    /* Comparing has moved the batch's rows. */
    if (part && tm_content_prepare(store, project, content) != 0)
        return -1;
    return store_part(store, project, run, part, content, mode);
}
