/* Is what is given what is stored? */
#include <stdio.h>
#include <string.h>

#include "store/content.h"

/* The columns of profiles_of_run from the third on, by the names and in the units of the views. */
static const struct field {
    const char *name;
    char type;   /* n count, r real, t text */
    size_t at;   /* in struct tm_profile */
    double unit; /* real: in nanoseconds or bytes */
} fields[] = {
    {"calls", 'n', offsetof(struct tm_profile, calls), 0},
    {"errors", 'n', offsetof(struct tm_profile, errors), 0},
    {"wall_ms", 'r', offsetof(struct tm_profile, wall_ns), 1e6},
    {"cpu_ms", 'r', offsetof(struct tm_profile, cpu_ns), 1e6},
    {"mem_delta_kb", 'r', offsetof(struct tm_profile, mem_delta_bytes), 1024},
    {"peak_mem_kb", 'r', offsetof(struct tm_profile, peak_mem_bytes), 1024},
    {"wall_p50_ms", 'r', offsetof(struct tm_profile, wall_p50_ns), 1e6},
    {"wall_p95_ms", 'r', offsetof(struct tm_profile, wall_p95_ns), 1e6},
    {"wall_p99_ms", 'r', offsetof(struct tm_profile, wall_p99_ns), 1e6},
    {"wall_max_ms", 'r', offsetof(struct tm_profile, wall_max_ns), 1e6},
    {"occupied_ms", 'r', offsetof(struct tm_profile, occupied_ns), 1e6},
    {"longest_step_ms", 'r', offsetof(struct tm_profile, longest_step_ns), 1e6},
    {"cancelled", 'n', offsetof(struct tm_profile, cancelled), 0},
    {"timeouts", 'n', offsetof(struct tm_profile, timeouts), 0},
    {"clock", 't', offsetof(struct tm_profile, clock), 0},
    {"plugin_version", 't', offsetof(struct tm_profile, plugin_version), 0},
};
enum { FIRST_FIELD = 2, N_FIELDS = sizeof fields / sizeof *fields, LATENCY = FIRST_FIELD + N_FIELDS };

static bool same_number(double a, double b)
{
    return !(a < b || a > b);
}

static bool same_field(const struct field *field, const struct tm_profile *given, sqlite3_stmt *stored, int column)
{
    const char *at = (const char *)given + field->at;
    bool null = sqlite3_column_type(stored, column) == SQLITE_NULL;
    if (field->type == 'n') {
        int64_t value = *(const int64_t *)at;
        return value == TM_UNKNOWN ? null : !null && value == sqlite3_column_int64(stored, column);
    }
    if (field->type == 'r') {
        double value = *(const double *)at;
        return isnan(value) ? null : !null && same_number(value, sqlite3_column_double(stored, column));
    }
    const char *text = *(const char *const *)at;
    return text ? !null && strcmp(text, (const char *)sqlite3_column_text(stored, column)) == 0 : null;
}

enum { SHOWN = 200 };

/* The two values in words: numbers with as many digits as it takes to tell them apart. */
static void show_field(const struct field *field, const struct tm_profile *given, sqlite3_stmt *stored, int column,
                       char found[SHOWN], char expected[SHOWN])
{
    const char *at = (const char *)given + field->at, *text = NULL;
    const char *there = (const char *)sqlite3_column_text(stored, column);
    snprintf(expected, SHOWN, "%s", there ? there : "none");
    if (field->type == 't') {
        text = *(const char *const *)at;
        snprintf(found, SHOWN, "%s", text ? text : "none");
    } else if (field->type == 'n') {
        int64_t value = *(const int64_t *)at;
        snprintf(found, SHOWN, value == TM_UNKNOWN ? "none" : "%lld", (long long)value);
    } else {
        double value = *(const double *)at;
        for (int digits = 15; digits <= 17; digits += 2) {
            snprintf(found, SHOWN, isnan(value) ? "none" : "%.*g", digits, value / field->unit);
            if (there)
                snprintf(expected, SHOWN, "%.*g", digits, sqlite3_column_double(stored, column) / field->unit);
            if (strcmp(found, expected) != 0)
                break;
        }
    }
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
    store->conflict = TM_OTHER_ROWS;
    tm_db_fail(store, "run '%s' is stored already with other rows: plugin '%s' %s", run, plugin, how);
    return TM_OTHER;
}

static int other_plugins(tm_store *store, const char *run, const char *plugin, const char *how)
{
    other(store, run, plugin, how);
    store->conflict = TM_OTHER_PLUGINS;
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
        char how[TM_NAME_MAX + SHOWN];
        bool there = sqlite3_step(stored) == SQLITE_ROW;
        double value = there ? sqlite3_column_double(stored, 0) : NAN;
        sqlite3_reset(stored);
        if (there && same_number(value, reading->value))
            continue;
        if (there)
            snprintf(how, sizeof how, "has %s %.15g, stored is %.15g", reading->metric, reading->value, value);
        else
            snprintf(how, sizeof how, "has %s %.15g, stored is none", reading->metric, reading->value);
        return other(store, run, given->plugin, how);
    }
    return TM_SAME;
}

static int compare_row(tm_store *store, int64_t run_id, const struct tm_batch_row *row, sqlite3_stmt *stored, const char *run)
{
    char found[SHOWN], expected[SHOWN], how[3 * SHOWN];
    for (int i = 0; i < N_FIELDS; i++) {
        int column = FIRST_FIELD + i;
        if (same_field(&fields[i], row->profile, stored, column))
            continue;
        show_field(&fields[i], row->profile, stored, column, found, expected);
        snprintf(how, sizeof how, "has %s %s, stored is %s", fields[i].name, found, expected);
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
            likeness = other_plugins(store, run, (const char *)sqlite3_column_text(stored, 1), "is stored, but not given");
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
        return (enum tm_likeness)other_plugins(store, content->run.key, batch->rows[0].profile->plugin, "is given, but not stored");
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
