/* Three statements, one after the other, each in the order of plugins; texts are copied, for a row is gone with the next one. */
#include "store/fact_run.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/fields.h"
#include "store/fact_values.h"

struct reading_in {
    tm_store *store;
    struct tm_fact_run *run;
};

static int no_memory(const struct reading_in *in)
{
    return tm_store_fail(in->store, "out of memory");
}

static int copy_text(const struct reading_in *in, const tm_rows *rows, const char *column, const char **text)
{
    const char *found;
    if (tm_fact_text(in->store, rows, column, &found) != 0)
        return -1;
    *text = found ? tm_arena_text(&in->run->texts, found, strlen(found)) : NULL;
    return *text || !found ? 0 : no_memory(in);
}

/* Calls `add` with each row. */
static int each(const struct reading_in *in, tm_rows *rows, int (*add)(const struct reading_in *, const tm_rows *))
{
    int step = rows ? 1 : -1, result = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1)
        result = add(in, rows);
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

static int read_field(const struct reading_in *in, const tm_rows *rows, const struct tm_field *field, struct tm_profile *profile)
{
    void *at = (char *)profile + field->at;
    if (field->type == TM_FIELD_TEXT)
        return copy_text(in, rows, field->column, at);
    if (field->type == TM_FIELD_REAL)
        return tm_fact_real(in->store, rows, field->column, at);
    *(int64_t *)at = tm_fact_count(rows, field->column);
    return 0;
}

static int read_latency(const struct reading_in *in, const tm_rows *rows, struct tm_profile *profile)
{
    struct tm_value latency = tm_row_value(rows, "latency");
    if (latency.type != TM_BLOB)
        return 0;
    profile->latency = tm_arena_text(&in->run->texts, latency.size > 0 ? latency.text : "", latency.size);
    profile->latency_size = latency.size;
    return profile->latency ? 0 : no_memory(in);
}

static int add_profile(const struct reading_in *in, const tm_rows *rows)
{
    struct tm_fact_run *run = in->run;
    if (tm_array_reserve(&run->profiles, &run->profiles_room, run->n_profiles + 1, sizeof *run->profiles) != 0)
        return no_memory(in);
    struct tm_profile *profile = &run->profiles[run->n_profiles++];
    *profile = (struct tm_profile)TM_PROFILE_INIT;
    if (copy_text(in, rows, "plugin", &profile->plugin) != 0)
        return -1;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (read_field(in, rows, &tm_fields[i], profile) != 0)
            return -1;
    return read_latency(in, rows, profile);
}

static int add_reading(const struct reading_in *in, const tm_rows *rows)
{
    struct tm_fact_run *run = in->run;
    if (tm_array_reserve(&run->readings, &run->readings_room, run->n_readings + 1, sizeof *run->readings) != 0)
        return no_memory(in);
    struct tm_reading *reading = &run->readings[run->n_readings++];
    *reading = (struct tm_reading){0};
    return copy_text(in, rows, "metric", &reading->metric) != 0 || copy_text(in, rows, "unit", &reading->unit) != 0
               ? -1
               : tm_fact_real(in->store, rows, "value", &reading->value);
}

/* Each row goes to the profile in hand, or to one behind it. */
static int read_readings(const struct reading_in *in, enum tm_query query, int64_t id)
{
    struct tm_fact_run *run = in->run;
    tm_rows *rows = tm_ask(in->store, query, "i", id);
    int step = rows ? 1 : -1, result = 0;
    size_t at = 0;
    while (result == 0 && step == 1 && (step = tm_rows_next(rows)) == 1) {
        const char *plugin = tm_row_text(rows, "plugin");
        while (at < run->n_profiles && strcmp(run->profiles[at].plugin, plugin) != 0)
            at++;
        if (at == run->n_profiles)
            result = tm_fact_damaged(in->store, "a reading is of no profile");
        else if ((result = add_reading(in, rows)) == 0)
            run->profiles[at].n_readings++;
    }
    const struct tm_reading *next = run->readings; /* when the array has grown to its end */
    for (size_t i = 0; i < run->n_profiles; next += run->profiles[i++].n_readings)
        run->profiles[i].readings = next;
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : result;
}

static int add_spike(const struct reading_in *in, const tm_rows *rows)
{
    struct tm_fact_run *run = in->run;
    if (tm_array_reserve(&run->spikes, &run->spikes_room, run->n_spikes + 1, sizeof *run->spikes) != 0)
        return no_memory(in);
    struct tm_spike *spike = &run->spikes[run->n_spikes++];
    return copy_text(in, rows, "plugin", &spike->plugin) != 0 || tm_fact_real(in->store, rows, "at_ms", &spike->at_ms) != 0 ||
                   tm_fact_real(in->store, rows, "duration_ms", &spike->duration_ms) != 0 ||
                   tm_fact_real(in->store, rows, "cpu_percent", &spike->cpu_percent) != 0
               ? -1
               : 0;
}

int tm_fact_run_read(tm_store *store, enum tm_rows_of of, int64_t id, struct tm_fact_run *into, struct tm_run_content *content)
{
    const struct reading_in in = {store, into};
    tm_arena_reset(&into->texts);
    into->n_profiles = into->n_readings = into->n_spikes = 0;
    const struct tm_content_queries *queries = &tm_content_queries[of];
    if (each(&in, tm_ask(store, queries->profiles_told, "i", id), add_profile) != 0 ||
        read_readings(&in, queries->readings_told, id) != 0 ||
        each(&in, tm_ask(store, queries->spikes_told, "i", id), add_spike) != 0)
        return -1;
    content->profiles = into->profiles;
    content->n_profiles = into->n_profiles;
    content->spikes = into->spikes;
    content->n_spikes = into->n_spikes;
    return 0;
}

void tm_fact_run_free(struct tm_fact_run *run)
{
    tm_arena_free(&run->texts);
    free(run->profiles);
    free(run->spikes);
    free(run->readings);
}
