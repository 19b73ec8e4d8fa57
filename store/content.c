/* One run's rows: checked, laid into the handle's batch in the order of the table, and written.
 * The checks here are all that stands between a caller and the tables: a writer's connection
 * passes over the tables' own. */
#include "store/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hash.h"
#include "base/text.h"
#include "schema/columns.h"
#include "schema/fields.h"
#include "schema/valid.h"
#include "store/handle.h"
#include "store/ids.h"

const struct tm_content_queries tm_content_queries[] = {
    [TM_OF_RUN] = {TM_Q_PROFILES_OF_RUN,
                   TM_Q_PROFILE_FIND,
                   TM_Q_READING_ADD,
                   TM_Q_READING_FIND,
                   TM_Q_SPIKE_ADD,
                   TM_Q_SPIKES_COUNT,
                   {TM_Q_READINGS_CLEAR, TM_Q_RECORDINGS_CLEAR, TM_Q_SPIKES_CLEAR, TM_Q_PROFILES_CLEAR},
                   TM_Q_DUMP_PROFILES,
                   TM_Q_DUMP_READINGS,
                   TM_Q_DUMP_SPIKES},
    [TM_OF_PART] = {TM_Q_PROFILES_OF_PART,
                    TM_Q_PART_PROFILE_FIND,
                    TM_Q_PART_READING_ADD,
                    TM_Q_PART_READING_FIND,
                    TM_Q_PART_SPIKE_ADD,
                    TM_Q_PART_SPIKES_COUNT,
                    {TM_Q_PART_READINGS_CLEAR, TM_Q_PART_SPIKES_CLEAR, TM_Q_PART_PROFILES_CLEAR, TM_Q_COUNT},
                    TM_Q_PART_PROFILES_TOLD,
                    TM_Q_PART_READINGS_TOLD,
                    TM_Q_PART_SPIKES_TOLD},
};

static int by_plugin_id(const void *a, const void *b)
{
    int64_t x = ((const struct tm_batch_row *)a)->plugin_id, y = ((const struct tm_batch_row *)b)->plugin_id;
    return (x > y) - (x < y);
}

/* Into the order of plugins' ids; most files have their rows in the same order every night, and
 * so in this one already. Ids rise strictly then; otherwise a plugin that is there twice shows
 * after sorting. */
static int sort_rows(tm_store *store, const char *run)
{
    struct tm_batch *batch = &store->batch;
    bool sorted = true;
    for (size_t i = 1; i < batch->count; i++)
        sorted = sorted && batch->rows[i - 1].plugin_id < batch->rows[i].plugin_id;
    if (sorted)
        return 0;
    qsort(batch->rows, batch->count, sizeof *batch->rows, by_plugin_id);
    for (size_t i = 1; i < batch->count; i++)
        if (batch->rows[i - 1].plugin_id == batch->rows[i].plugin_id)
            return tm_store_fail(store, "run '%s': plugin '%s' occurs twice", run, batch->rows[i].profile->plugin);
    return 0;
}

/* Faults are words that continue "NAME ...", NULL where there is none, as in schema/valid.h. */
static const char *name_fault(const char *name)
{
    return name ? tm_name_fault(name, strlen(name)) : "is missing";
}

static const char *text_fault(const char *text)
{
    return text ? tm_name_fault(text, strlen(text)) : NULL;
}

/* *field becomes what the fault is said of. */
static const char *reading_fault(const struct tm_reading *reading, const char **field)
{
    *field = "a metric's name";
    const char *fault = name_fault(reading->metric);
    if (fault)
        return fault;
    *field = reading->metric;
    if (!isfinite(reading->value))
        return "is not finite";
    fault = text_fault(reading->unit);
    if (fault)
        *field = "a metric's unit";
    else if (reading->better && strcmp(reading->better, "lower") != 0 && strcmp(reading->better, "higher") != 0 &&
             strcmp(reading->better, TM_BETTER_BOTH) != 0)
        fault = "has a direction that is neither lower nor higher";
    return fault;
}

static bool is_named(uintptr_t item, const void *key)
{
    return strcmp((const char *)item, key) == 0;
}

/* A profile may have thousands of readings: their names go into a table. */
static const char *readings_fault(const struct tm_profile *profile, const char **field)
{
    struct tm_hash seen = {0};
    const char *fault = NULL;
    for (size_t i = 0; i < profile->n_readings && !fault; i++) {
        fault = reading_fault(&profile->readings[i], field);
        const char *name = fault ? "" : profile->readings[i].metric;
        uint64_t hash = tm_hash_text(name, strlen(name));
        if (!fault && tm_hash_find(&seen, hash, is_named, name))
            fault = "occurs twice";
        else if (!fault && tm_hash_add(&seen, hash, (uintptr_t)name) != 0)
            fault = "cannot be looked up: out of memory";
    }
    tm_hash_free(&seen);
    return fault;
}

/* What the tables' CHECKs would say, in words that name run, plugin and field. 0, or -1 with the
 * message. */
static int check_profile(tm_store *store, const char *run, const struct tm_profile *profile)
{
    const char *field = "its name";
    const char *fault = profile->plugin ? tm_plugin_name_fault(profile->plugin, strlen(profile->plugin)) : "is missing";
    if (!fault)
        fault = tm_profile_fault(profile, &field);
    if (!fault)
        fault = readings_fault(profile, &field);
    char shown[TM_SHOWN_SIZE];
    const char *name = profile->plugin ? profile->plugin : "";
    return fault ? tm_store_fail(store, "run '%s', plugin '%s': %s %s", run, tm_shown(name, strlen(name), shown), field, fault) : 0;
}

/* Spikes have no name to be told by, so their position is. */
static int check_spikes(tm_store *store, const struct tm_run_content *content)
{
    for (size_t i = 0; i < content->n_spikes; i++) {
        const char *field = "its plugin's name";
        const char *fault = text_fault(content->spikes[i].plugin);
        if (!fault)
            fault = tm_spike_fault(&content->spikes[i], &field);
        if (fault)
            return tm_store_fail(store, "run '%s', spike %zu: %s %s", content->run.key, i + 1, field, fault);
    }
    return 0;
}

int tm_content_prepare(tm_store *store, int64_t project, const struct tm_run_content *content)
{
    struct tm_batch *batch = &store->batch;
    if (tm_array_reserve(&batch->rows, &batch->room, content->n_profiles, sizeof *batch->rows) != 0)
        return tm_store_fail(store, "out of memory");
    batch->count = 0;
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        struct tm_batch_row *row = &batch->rows[batch->count++];
        /* Checked before its plugin is made: a refused run leaves no plugin behind. */
        row->profile = profile;
        if (check_profile(store, content->run.key, profile) != 0 ||
            tm_make_plugin(store, project, profile->plugin, &row->plugin_id) != 0)
            return -1;
    }
    return check_spikes(store, content) == 0 ? sort_rows(store, content->run.key) : -1;
}

/* Most profiles have none of it, so this is asked often: the recorder's fields lie last in the
 * table. */
static bool has_recording(const struct tm_profile *profile)
{
    for (size_t i = tm_n_fields; i > 0 && tm_fields[i - 1].recorder; i--)
        if (tm_field_known(&tm_fields[i - 1], profile))
            return true;
    return profile->latency;
}

static struct tm_value integer(int64_t value)
{
    return (struct tm_value){.type = TM_INTEGER, .integer = value};
}

/* What is not recorded is NULL, never 0. */
static struct tm_value field_value(const struct tm_field *field, const struct tm_profile *profile)
{
    if (!tm_field_known(field, profile))
        return (struct tm_value){.type = TM_NULL};
    if (field->type == TM_FIELD_COUNT)
        return integer(tm_field_count(field, profile));
    if (field->type == TM_FIELD_REAL)
        return (struct tm_value){.type = TM_REAL, .real = tm_field_real(field, profile)};
    return (struct tm_value){.type = TM_TEXT, .text = tm_field_text(field, profile)};
}

/* The statement's parameters: the ids, the fields in their order (of a recording the recorder's), the sketch. */
static int write_fields(tm_store *store, enum tm_query query, bool recording, int64_t id, const struct tm_batch_row *row)
{
    const struct tm_profile *profile = row->profile;
    struct tm_value values[TM_FIELDS_MAX + 3];
    size_t n = 0;
    values[n++] = integer(id);
    values[n++] = integer(row->plugin_id);
    for (size_t i = 0; i < tm_n_fields; i++)
        if (tm_fields[i].recorder || !recording)
            values[n++] = field_value(&tm_fields[i], profile);
    values[n++] = (struct tm_value){.type = TM_BLOB, .text = profile->latency, .size = profile->latency_size};
    return tm_do_values(store, query, values, n);
}

/* A run's in one statement, then what only some of them have; a part's all in one row each. */
static int write_profiles(tm_store *store, enum tm_rows_of of, int64_t id)
{
    const struct tm_batch *batch = &store->batch;
    if (of == TM_OF_RUN && batch->count > 0 && store->engine->add_profiles(store, id, batch->rows, batch->count) != 0)
        return -1;
    for (size_t i = 0; i < batch->count; i++) {
        const struct tm_batch_row *row = &batch->rows[i];
        if (of == TM_OF_PART && write_fields(store, TM_Q_PART_PROFILE_ADD, false, id, row) != 0)
            return -1;
        if (of == TM_OF_RUN && has_recording(row->profile) && write_fields(store, TM_Q_RECORDING_ADD, true, id, row) != 0)
            return -1;
    }
    return 0;
}

static int write_readings(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id, const struct tm_batch_row *row)
{
    for (size_t i = 0; i < row->profile->n_readings; i++) {
        const struct tm_reading *reading = &row->profile->readings[i];
        int64_t metric;
        double value;
        if (tm_take_reading(store, project, reading, &metric, &value) != 0 ||
            tm_do(store, tm_content_queries[of].reading_add, "iiir", id, row->plugin_id, metric, value) != 0)
            return -1;
    }
    return 0;
}

/* The profiles have been written. 1, 0 or -1 */
static int has_profile(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id, const char *name, int64_t *plugin)
{
    int64_t one;
    int found = tm_find_plugin(store, project, name, plugin);
    return found == 1 ? tm_get(store, &one, tm_content_queries[of].profile_find, "ii", id, *plugin) : found;
}

/* A spike without a plugin is one in which nobody is known to have run. */
static int write_spike(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id, int64_t seq, const struct tm_spike *spike)
{
    int64_t plugin = TM_UNKNOWN;
    int found = spike->plugin ? has_profile(store, project, of, id, spike->plugin, &plugin) : 1;
    if (found == 0)
        tm_store_fail(store, "a spike's plugin '%s' has no profile in the run", spike->plugin);
    if (found != 1)
        return -1;
    return tm_do(store, tm_content_queries[of].spike_add, "iirrrn", id, seq, spike->at_ms, spike->duration_ms, spike->cpu_percent,
                 plugin);
}

int tm_content_write(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id, const struct tm_run_content *content)
{
    const struct tm_batch *batch = &store->batch;
    if (write_profiles(store, of, id) != 0)
        return -1;
    for (size_t i = 0; i < batch->count; i++)
        if (write_readings(store, project, of, id, &batch->rows[i]) != 0)
            return -1;
    /* Those of an append come behind those that are stored. */
    int64_t spikes = 0;
    if (content->n_spikes && tm_get(store, &spikes, tm_content_queries[of].spikes_count, "i", id) != 1)
        return -1;
    for (size_t i = 0; i < content->n_spikes; i++)
        if (write_spike(store, project, of, id, spikes + (int64_t)i, &content->spikes[i]) != 0)
            return -1;
    return 0;
}

/* From the leaves to the root: begun without references, the transaction takes nothing along by
 * itself. */
int tm_content_clear(tm_store *store, enum tm_rows_of of, int64_t id)
{
    const enum tm_query *clear = tm_content_queries[of].clear;
    for (size_t i = 0; i < sizeof tm_content_queries->clear / sizeof *clear && clear[i] != TM_Q_COUNT; i++)
        if (tm_do(store, clear[i], "i", id) != 0)
            return -1;
    return 0;
}
