/* Opening a session: the names of the project's plugins and what people decided, read once for all
 * the nights that are judged in it. What is read lives in the session's arena, for samples and
 * decisions point to it.
 *
 * A failed allocation must never look like NULL here: in a decision, no metric means all of
 * them. */
#include "gate/session.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static int no_memory(tm_store *store)
{
    return tm_store_fail(store, "out of memory");
}

/* A text of the session's own. *copy is NULL where the row has NULL: "all of them". */
static int copy_text(struct tm_session *session, const tm_rows *rows, const char *column, const char **copy)
{
    struct tm_value value = tm_row_value(rows, column);
    *copy = NULL;
    if (value.type == TM_NULL)
        return 0;
    *copy = tm_arena_text(&session->texts, value.text ? value.text : "", value.size);
    return *copy ? 0 : no_memory(session->store);
}

/* Names by plugin id. An id that comes twice, as in a damaged store only, keeps its first name. */
static int read_names(struct tm_session *session)
{
    tm_rows *rows = tm_ask(session->store, TM_Q_PLUGINS_OF_PROJECT, "i", session->project_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        uint64_t hash = tm_hash_integer(tm_row_integer(rows, "plugin_id"));
        const char *name;
        if (copy_text(session, rows, "name", &name) != 0 || !name ||
            (!tm_hash_find(&session->names, hash, NULL, NULL) && tm_hash_add(&session->names, hash, (uintptr_t)name) != 0)) {
            step = no_memory(session->store);
            break;
        }
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* One decision, whole or not at all: half of one (a metric lost, a kind unknown) would tolerate
 * more than somebody wrote. */
static int read_decision(struct tm_session *session, const tm_rows *rows)
{
    struct tm_decision *decision = tm_array_add(&session->decisions, &session->n_decisions, sizeof *decision);
    int kind = tm_decision_kind_named(tm_row_text(rows, "kind"));
    if (!decision || copy_text(session, rows, "metric", &decision->metric) != 0 ||
        copy_text(session, rows, "branch", &decision->branch) != 0)
        return no_memory(session->store);
    decision->id = tm_row_integer(rows, "decision_id");
    if (kind < 0)
        return tm_store_fail(session->store, "decision %lld has an unknown kind: the store is damaged", (long long)decision->id);
    decision->kind = (enum tm_decision_kind)kind;
    decision->ceiling = tm_row_real(rows, "ceiling");
    if (kind == TM_WAIVE && (!decision->metric || !(decision->ceiling > 0)))
        return tm_store_fail(session->store, "decision %lld waives without a metric or a ceiling: the store is damaged",
                             (long long)decision->id);
    decision->plugin_id = tm_row_integer(rows, "plugin_id");
    decision->from_run = tm_row_integer(rows, "from_run");
    decision->from_at = tm_row_time(rows, "from_at");
    decision->made_run = tm_row_integer(rows, "made_run");
    decision->made_run_at = tm_row_time(rows, "made_run_at");
    decision->until = tm_row_time(rows, "until");
    return 0;
}

/* Of the project and host, in the order they were made. */
static int read_decisions(struct tm_session *session)
{
    tm_rows *rows = tm_ask(session->store, TM_Q_DECISIONS, "ii", session->project_id, session->host_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (read_decision(session, rows) != 0) {
            step = -1;
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

int tm_session_open(struct tm_session *session, tm_store *store, const struct tm_rules *rules, int64_t project_id, int64_t host_id,
                    const char *branch, const char *base)
{
    *session = (struct tm_session){
        .store = store, .rules = rules, .project_id = project_id, .host_id = host_id, .branch = branch, .base = base};
    return read_names(session) == 0 ? read_decisions(session) : -1;
}

bool tm_session_judges_alone(const struct tm_session *session)
{
    return session->rules->pr && strcmp(session->branch, session->base) != 0;
}

/* Also of one that failed to open: what is not there is NULL. */
void tm_session_close(struct tm_session *session)
{
    free(session->decisions);
    free(session->samples);
    free(session->values);
    free(session->repeats);
    free(session->repeated);
    tm_hash_free(&session->names);
    tm_hash_free(&session->places);
    tm_lineage_free(&session->lineage);
    tm_arena_free(&session->texts);
}

/* The hash's items are the names themselves. */
const char *tm_session_plugin(const struct tm_session *session, int64_t id)
{
    return (const char *)tm_hash_find(&session->names, tm_hash_integer(id), NULL, NULL);
}
