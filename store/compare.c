/* Is what is given what is stored? */
#include <stdio.h>
#include <string.h>

#include "store/content.h"

/* The columns of profiles_of_run from the third on. */
static const struct field {
    const char *name;
    char type; /* n count, r real, t text */
    size_t at; /* in struct tm_profile */
} fields[] = {
    {"calls", 'n', offsetof(struct tm_profile, calls)},
    {"errors", 'n', offsetof(struct tm_profile, errors)},
    {"wall_ns", 'r', offsetof(struct tm_profile, wall_ns)},
    {"cpu_ns", 'r', offsetof(struct tm_profile, cpu_ns)},
    {"mem_delta_bytes", 'r', offsetof(struct tm_profile, mem_delta_bytes)},
    {"peak_mem_bytes", 'r', offsetof(struct tm_profile, peak_mem_bytes)},
    {"wall_p50_ns", 'r', offsetof(struct tm_profile, wall_p50_ns)},
    {"wall_p95_ns", 'r', offsetof(struct tm_profile, wall_p95_ns)},
    {"wall_p99_ns", 'r', offsetof(struct tm_profile, wall_p99_ns)},
    {"wall_max_ns", 'r', offsetof(struct tm_profile, wall_max_ns)},
    {"occupied_ns", 'r', offsetof(struct tm_profile, occupied_ns)},
    {"longest_step_ns", 'r', offsetof(struct tm_profile, longest_step_ns)},
    {"cancelled", 'n', offsetof(struct tm_profile, cancelled)},
    {"timeouts", 'n', offsetof(struct tm_profile, timeouts)},
    {"clock", 't', offsetof(struct tm_profile, clock)},
    {"plugin_version", 't', offsetof(struct tm_profile, plugin_version)},
};
enum { FIRST_FIELD = 2, N_FIELDS = sizeof fields / sizeof *fields, LATENCY = FIRST_FIELD + N_FIELDS };

static bool same_field(const struct field *field, const struct tm_profile *given, sqlite3_stmt *stored, int column, char *shown,
                       size_t size)
{
    const char *at = (const char *)given + field->at;
    bool null = sqlite3_column_type(stored, column) == SQLITE_NULL;
    if (field->type == 'n') {
        int64_t value = *(const int64_t *)at;
        snprintf(shown, size, value == TM_UNKNOWN ? "none" : "%lld", (long long)value);
        return value == TM_UNKNOWN ? null : !null && value == sqlite3_column_int64(stored, column);
    }
    if (field->type == 'r') {
        double value = *(const double *)at;
        snprintf(shown, size, isnan(value) ? "none" : "%.15g", value);
        return isnan(value)
                   ? null
                   : !null && !(value < sqlite3_column_double(stored, column) || value > sqlite3_column_double(stored, column));
    }
    const char *text = *(const char *const *)at;
    snprintf(shown, size, "%s", text ? text : "none");
    return text ? !null && strcmp(text, (const char *)sqlite3_column_text(stored, column)) == 0 : null;
}

static bool same_latency(const struct tm_profile *given, sqlite3_stmt *stored)
{
    size_t size = (size_t)sqlite3_column_bytes(stored, LATENCY);
    const void *blob = sqlite3_column_blob(stored, LATENCY);
    if (!given->latency)
        return !blob;
    return blob && size == given->latency_size && memcmp(blob, given->latency, size) == 0;
}

static int other(tm_store *store, const char *run, const char *plugin, const char *how)
{
    tm_db_fail(store, "run '%s' is stored already with other rows: plugin '%s' %s", run, plugin, how);
    return TM_OTHER;
}

static int compare_readings(tm_store *store, int64_t run_id, const struct tm_batch_row *row, const char *run)
{
    const struct tm_profile *given = row->profile;
    int64_t count;
    if (tm_get(store, &count, TM_Q_READINGS_COUNT, "ii", run_id, row->plugin_id) != 1)
        return TM_FAILED;
    if (count != (int64_t)given->n_readings)
        return other(store, run, given->plugin, "has other metrics");
    for (size_t i = 0; i < given->n_readings; i++) {
        const struct tm_reading *reading = &given->readings[i];
        sqlite3_stmt *stored = tm_db_bind(store, TM_Q_READING_FIND, "iit", run_id, row->plugin_id, reading->metric);
        if (!stored)
            return TM_FAILED;
        bool same = sqlite3_step(stored) == SQLITE_ROW &&
                    !(sqlite3_column_double(stored, 0) < reading->value || sqlite3_column_double(stored, 0) > reading->value);
        sqlite3_reset(stored);
        if (!same)
            return other(store, run, given->plugin, reading->metric);
    }
    return TM_SAME;
}

static int compare_row(tm_store *store, int64_t run_id, const struct tm_batch_row *row, sqlite3_stmt *stored, const char *run)
{
    char shown[200], how[600];
    for (int i = 0; i < N_FIELDS; i++) {
        int column = FIRST_FIELD + i;
        if (same_field(&fields[i], row->profile, stored, column, shown, sizeof shown))
            continue;
        const char *text = (const char *)sqlite3_column_text(stored, column);
        snprintf(how, sizeof how, "has %s %s, stored is %s", fields[i].name, shown, text ? text : "none");
        return other(store, run, row->profile->plugin, how);
    }
    if (!same_latency(row->profile, stored))
        return other(store, run, row->profile->plugin, "has another latency sketch");
    return compare_readings(store, run_id, row, run);
}

/* Walks the batch and the stored rows side by side, both in the order of plugin ids; the rows that are not stored move to the
 * front. */
static int walk(tm_store *store, int64_t run_id, const char *run, sqlite3_stmt *stored, size_t *fresh, bool append)
{
    struct tm_batch *batch = store->batch;
    size_t at = 0;
    int step, likeness = TM_SAME;
    while ((step = sqlite3_step(stored)) == SQLITE_ROW && likeness == TM_SAME) {
        int64_t id = sqlite3_column_int64(stored, 0);
        while (at < batch->count && batch->rows[at].plugin_id < id)
            batch->rows[(*fresh)++] = batch->rows[at++];
        if (at < batch->count && batch->rows[at].plugin_id == id)
            likeness = compare_row(store, run_id, &batch->rows[at++], stored, run);
        else if (!append)
            likeness = other(store, run, (const char *)sqlite3_column_text(stored, 1), "is stored, but not given");
    }
    if (step != SQLITE_DONE && step != SQLITE_ROW) {
        tm_db_error(store, "read");
        return TM_FAILED;
    }
    while (at < batch->count)
        batch->rows[(*fresh)++] = batch->rows[at++];
    return likeness;
}

enum tm_likeness tm_content_compare(tm_store *store, int64_t run_id, const struct tm_run_content *content, bool append)
{
    struct tm_batch *batch = store->batch;
    size_t fresh = 0;
    int64_t spikes = 0;
    sqlite3_stmt *stored = tm_db_bind(store, TM_Q_PROFILES_OF_RUN, "i", run_id);
    if (!stored)
        return TM_FAILED;
    int likeness = walk(store, run_id, content->run.key, stored, &fresh, append);
    sqlite3_reset(stored);
    if (likeness != TM_SAME)
        return (enum tm_likeness)likeness;
    if (fresh > 0 && !append)
        return (enum tm_likeness)other(store, content->run.key, batch->rows[0].profile->plugin, "is given, but not stored");
    if (!append && tm_get(store, &spikes, TM_Q_SPIKES_COUNT, "i", run_id) != 1)
        return TM_FAILED;
    if (!append && spikes != (int64_t)content->n_spikes) {
        tm_db_fail(store, "run '%s' is stored already with other spikes", content->run.key);
        return TM_OTHER;
    }
    if (append)
        batch->count = fresh;
    return fresh > 0 ? TM_MORE : TM_SAME;
}
