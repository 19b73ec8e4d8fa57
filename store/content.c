#include "store/content.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "schema/valid.h"

static int by_plugin_id(const void *a, const void *b)
{
    int64_t x = ((const struct tm_batch_row *)a)->plugin_id, y = ((const struct tm_batch_row *)b)->plugin_id;
    return (x > y) - (x < y);
}

static int sort_rows(tm_store *store, const char *run)
{
    struct tm_batch *batch = store->batch;
    bool sorted = true;
    for (size_t i = 1; i < batch->count; i++)
        sorted = sorted && batch->rows[i - 1].plugin_id < batch->rows[i].plugin_id;
    if (sorted)
        return 0;
    qsort(batch->rows, batch->count, sizeof *batch->rows, by_plugin_id);
    for (size_t i = 1; i < batch->count; i++)
        if (batch->rows[i - 1].plugin_id == batch->rows[i].plugin_id)
            return tm_db_fail(store, "run '%s': plugin '%s' is there twice", run, batch->rows[i].profile->plugin);
    return 0;
}

static const char *name_fault(const char *name)
{
    return name ? tm_name_fault(name, strlen(name)) : "is missing";
}

static const char *text_fault(const char *text)
{
    return text ? tm_name_fault(text, strlen(text)) : NULL;
}

static const char *reading_fault(const struct tm_reading *readings, size_t at, const char **field)
{
    const struct tm_reading *reading = &readings[at];
    *field = "a metric's name";
    const char *fault = name_fault(reading->metric);
    if (fault)
        return fault;
    *field = reading->metric;
    for (size_t i = 0; i < at; i++)
        if (strcmp(readings[i].metric, reading->metric) == 0)
            return "is there twice";
    if (!isfinite(reading->value))
        return "is not finite";
    fault = text_fault(reading->unit);
    if (fault)
        *field = "a metric's unit";
    return fault;
}

static const char *readings_fault(const struct tm_profile *profile, const char **field)
{
    const char *fault = NULL;
    for (size_t i = 0; i < profile->n_readings && !fault; i++)
        fault = reading_fault(profile->readings, i, field);
    return fault;
}

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
    return fault ? tm_db_fail(store, "run '%s', plugin '%s': %s %s", run, tm_shown(name, strlen(name), shown), field, fault) : 0;
}

static int check_spikes(tm_store *store, const struct tm_run_content *content)
{
    for (size_t i = 0; i < content->n_spikes; i++) {
        const char *field = "its plugin's name";
        const char *fault = text_fault(content->spikes[i].plugin);
        if (!fault)
            fault = tm_spike_fault(&content->spikes[i], &field);
        if (fault)
            return tm_db_fail(store, "run '%s', spike %zu: %s %s", content->run.key, i + 1, field, fault);
    }
    return 0;
}

static int make_room(tm_store *store, size_t rows)
{
    struct tm_batch *batch = store->batch;
    if (batch->capacity >= rows)
        return 0;
    struct tm_batch_row *bigger = realloc(batch->rows, rows * sizeof *bigger);
    if (!bigger)
        return tm_db_fail(store, "out of memory");
    batch->rows = bigger;
    batch->capacity = rows;
    return 0;
}

int tm_content_prepare(tm_store *store, int64_t project, const struct tm_run_content *content)
{
    struct tm_batch *batch = store->batch;
    if (make_room(store, content->n_profiles) != 0)
        return -1;
    batch->count = 0;
    for (size_t i = 0; i < content->n_profiles; i++) {
        const struct tm_profile *profile = &content->profiles[i];
        struct tm_batch_row *row = &batch->rows[batch->count++];
        row->profile = profile;
        if (check_profile(store, content->run.key, profile) != 0 ||
            tm_make_plugin(store, project, profile->plugin, &row->plugin_id) != 0)
            return -1;
    }
    return check_spikes(store, content) == 0 ? sort_rows(store, content->run.key) : -1;
}

static bool has_recording(const struct tm_profile *p)
{
    return p->latency || p->clock || p->plugin_version || !isnan(p->occupied_ns) || !isnan(p->longest_step_ns) ||
           p->cancelled != TM_UNKNOWN || p->timeouts != TM_UNKNOWN;
}

static int write_recording(tm_store *store, int64_t run_id, const struct tm_batch_row *row)
{
    const struct tm_profile *p = row->profile;
    return tm_do(store, TM_Q_RECORDING_ADD, "iittrrnnb", run_id, row->plugin_id, p->plugin_version, p->clock, p->occupied_ns,
                 p->longest_step_ns, p->cancelled, p->timeouts, p->latency, p->latency_size);
}

static int write_readings(tm_store *store, int64_t run_id, const struct tm_batch_row *row)
{
    for (size_t i = 0; i < row->profile->n_readings; i++) {
        const struct tm_reading *reading = &row->profile->readings[i];
        int64_t metric;
        if (tm_make_metric(store, reading->metric, reading->unit, &metric) != 0 ||
            tm_do(store, TM_Q_READING_ADD, "iiir", run_id, row->plugin_id, metric, reading->value) != 0)
            return -1;
    }
    return 0;
}

/* The run's profiles have been written. 1, 0 or -1 */
static int has_profile(tm_store *store, int64_t project, int64_t run_id, const char *name, int64_t *plugin)
{
    int64_t one;
    int found = tm_find_plugin(store, project, name, plugin);
    return found == 1 ? tm_get(store, &one, TM_Q_PROFILE_FIND, "ii", run_id, *plugin) : found;
}

static int write_spike(tm_store *store, int64_t project, int64_t run_id, int64_t seq, const struct tm_spike *spike)
{
    int64_t plugin = TM_UNKNOWN;
    int found = spike->plugin ? has_profile(store, project, run_id, spike->plugin, &plugin) : 1;
    if (found == 0)
        tm_db_fail(store, "a spike's plugin '%s' has no profile in the run", spike->plugin);
    if (found != 1)
        return -1;
    return tm_do(store, TM_Q_SPIKE_ADD, "iirrrn", run_id, seq, spike->at_ms, spike->duration_ms, spike->cpu_percent, plugin);
}

int tm_content_write(tm_store *store, int64_t project, int64_t run_id, const struct tm_run_content *content)
{
    struct tm_batch *batch = store->batch;
    batch->run_id = run_id;
    if (batch->count > 0 && tm_do(store, TM_Q_PROFILES_ADD, "") != 0)
        return -1;
    for (size_t i = 0; i < batch->count; i++) {
        const struct tm_batch_row *row = &batch->rows[i];
        if (has_recording(row->profile) && write_recording(store, run_id, row) != 0)
            return -1;
        if (write_readings(store, run_id, row) != 0)
            return -1;
    }
    int64_t spikes = 0;
    if (content->n_spikes && tm_get(store, &spikes, TM_Q_SPIKES_COUNT, "i", run_id) != 1)
        return -1;
    for (size_t i = 0; i < content->n_spikes; i++)
        if (write_spike(store, project, run_id, spikes + (int64_t)i, &content->spikes[i]) != 0)
            return -1;
    return 0;
}

int tm_content_clear(tm_store *store, int64_t run_id)
{
    static const enum tm_query clear[] = {TM_Q_READINGS_CLEAR, TM_Q_RECORDINGS_CLEAR, TM_Q_SPIKES_CLEAR, TM_Q_PROFILES_CLEAR};
    for (size_t i = 0; i < sizeof clear / sizeof *clear; i++)
        if (tm_do(store, clear[i], "i", run_id) != 0)
            return -1;
    return 0;
}
