/* From the rows of a run to the judge's samples. The usual metrics are columns of one query, a
 * project's own are rows of another; both come in the order of plugin ids, so they are merged
 * without a table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "gate/session.h"
#include "schema/fields.h"

static const double LEAST_SHARE = 0.01; /* of a wall time is left, whatever a file says of held time */

/* Where the rows of a night hold what the judge asks for. */
struct columns {
    int plugin_id, calls, errors, clock;
    int *metric; /* by the rules' metrics; -1: one of the project's own, read apart. Freed with it */
    bool own;    /* there are such */
};

/* Columns are looked up once a night, not once a row. 0, or -1 without memory. */
static int find_columns(const struct tm_rules *rules, const tm_rows *rows, struct columns *columns)
{
    *columns = (struct columns){.plugin_id = tm_rows_column(rows, "plugin_id"),
                                .calls = tm_rows_column(rows, "calls"),
                                .errors = tm_rows_column(rows, "errors"),
                                .clock = tm_rows_column(rows, "clock"),
                                .metric = calloc(rules->n_metrics + 1, sizeof *columns->metric)}; /* + 1: none is no failure */
    if (!columns->metric)
        return -1;
    for (size_t m = 0; m < rules->n_metrics; m++) {
        const char *name = rules->metrics[m].name;
        columns->metric[m] = tm_metric_named(name) ? tm_rows_column(rows, name) : -1;
        columns->own = columns->own || columns->metric[m] < 0;
    }
    return 0;
}

static int close_without_memory(struct tm_session *session, tm_rows *rows)
{
    tm_rows_close(rows);
    return tm_store_fail(session->store, "out of memory");
}

/* A number of either type; NAN where the column is NULL, which is "not recorded", never 0. */
static double real_at(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

/* A clock is remembered by its hash (FNV-1a, 32 bits); 0: none was said. Stores hold these
 * hashes, so the function stays as it is. */
static uint32_t clock_at(const tm_rows *rows, int column)
{
    uint32_t hash = 0x811c9dc5; /* FNV's start */
    const char *name = tm_rows_text(rows, column);
    for (const char *at = name; *at; at++)
        hash = (hash ^ (unsigned char)*at) * 0x01000193; /* FNV's prime */
    return *name ? hash | 1 : 0;                         /* | 1: no name may hash to "none" */
}

/* Sample number `at`, of the row in hand; own metrics are NAN until read_own_metrics(). */
static int add_sample(struct tm_session *session, const tm_rows *rows, const struct columns *columns, size_t at)
{
    int64_t id = tm_rows_value(rows, columns->plugin_id).integer;
    size_t n_metrics = session->rules->n_metrics;
    if (tm_array_reserve(&session->samples, &session->samples_room, at + 1, sizeof *session->samples) != 0 ||
        tm_array_reserve(&session->values, &session->values_room, (at + 1) * n_metrics, sizeof *session->values) != 0)
        return tm_store_fail(session->store, "out of memory");
    struct tm_sample *sample = &session->samples[at];
    *sample = (struct tm_sample){.plugin_id = id,
                                 .plugin = tm_session_plugin(session, id),
                                 .calls = real_at(rows, columns->calls),
                                 .errors = real_at(rows, columns->errors),
                                 .clock = clock_at(rows, columns->clock)};
    for (size_t m = 0; m < n_metrics; m++)
        session->values[at * n_metrics + m] = columns->metric[m] < 0 ? NAN : real_at(rows, columns->metric[m]);
    return 0;
}

static void add_reading(struct tm_session *session, const tm_rows *rows, bool repeated, size_t at, size_t metric)
{
    session->values[at * session->rules->n_metrics + metric] = tm_row_real(rows, "value");
    if (repeated)
        session->repeats[at].of[metric] = (struct tm_repeated){.n = (int)tm_row_integer(rows, "measured"),
                                                               .first = tm_row_real(rows, "first"),
                                                               .least = tm_row_real(rows, "least"),
                                                               .most = tm_row_real(rows, "most")};
}

/* One measurement of a plugin: the first of a metric is the first row that has it. */
static void add_measurement(struct tm_session *session, const tm_rows *rows, const struct columns *columns, size_t at)
{
    struct tm_repeats *repeats = &session->repeats[at];
    if (repeats->more < 0) {
        repeats->first_calls = real_at(rows, columns->calls);
        repeats->first_errors = real_at(rows, columns->errors);
    }
    repeats->more++;
    for (size_t m = 0; m < session->rules->n_metrics; m++) {
        double value = columns->metric[m] < 0 ? NAN : real_at(rows, columns->metric[m]);
        if (isnan(value))
            continue;
        if (repeats->of[m].n++ == 0)
            repeats->of[m].first = repeats->of[m].least = repeats->of[m].most = value;
        repeats->of[m].least = fmin(repeats->of[m].least, value);
        repeats->of[m].most = fmax(repeats->of[m].most, value);
    }
}

/* The single measurements of a night with repeats, beside the samples, which have their medians. */
static int read_measurements(struct tm_session *session, int64_t run, size_t n)
{
    struct columns columns = {0};
    size_t at = 0, n_metrics = session->rules->n_metrics;
    int step = -1;
    if (tm_array_reserve(&session->repeats, &session->repeats_room, n, sizeof *session->repeats) != 0 ||
        tm_array_reserve(&session->repeated, &session->repeated_room, n * n_metrics, sizeof *session->repeated) != 0)
        return tm_store_fail(session->store, "out of memory");
    for (size_t i = 0; i < n; i++) /* more: none yet, the first is not one more */
        session->repeats[i] = (struct tm_repeats){.of = &session->repeated[i * n_metrics], .more = -1};
    for (size_t i = 0; i < n * n_metrics; i++)
        session->repeated[i] = (struct tm_repeated){0};
    tm_rows *rows = tm_ask(session->store, TM_Q_NIGHT_MEASUREMENTS, "i", run);
    if (rows && find_columns(session->rules, rows, &columns) != 0)
        return close_without_memory(session, rows);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t plugin = tm_rows_value(rows, columns.plugin_id).integer;
        while (at < n && session->samples[at].plugin_id < plugin)
            at++;
        if (at < n && session->samples[at].plugin_id == plugin)
            add_measurement(session, rows, &columns, at);
    }
    for (size_t i = 0; i < n; i++)
        session->samples[i].repeats = session->repeats[i].more > 0 ? &session->repeats[i] : NULL;
    free(columns.metric);
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Adds the readings to the samples, and what a repeated night measured to their repeats. A reading
 * of a plugin that has no profile in the run has no sample, and is not judged. */
/* Which of the rules' metrics the row is of, n_metrics: none. A name is looked for once, however many rows have it: a project may
 * have thousands. 0, or -1 without memory. */
static int find_place(struct tm_session *session, const tm_rows *rows, size_t *place)
{
    uint64_t hash = tm_hash_integer(tm_row_integer(rows, "metric_id"));
    uintptr_t found = tm_hash_find(&session->places, hash, NULL, NULL);
    *place = found ? found - 1 : 0;
    if (found)
        return 0;
    const char *name = tm_row_text(rows, "metric");
    while (*place < session->rules->n_metrics && strcmp(session->rules->metrics[*place].name, name) != 0)
        ++*place;
    return tm_hash_add(&session->places, hash, *place + 1);
}

static int read_own_metrics(struct tm_session *session, const struct tm_run_ref *run, size_t n)
{
    tm_rows *rows = tm_ask(session->store, run->repeated ? TM_Q_NIGHT_READINGS_POOLED : TM_Q_NIGHT_READINGS, "iii", run->id,
                           INT64_MIN, INT64_MAX);
    size_t at = 0;
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t plugin = tm_row_integer(rows, "plugin_id");
        /* Both sides rise, so neither is ever gone back on. */
        while (at < n && session->samples[at].plugin_id < plugin)
            at++;
        if (at == n || session->samples[at].plugin_id != plugin)
            continue;
        size_t place;
        if (find_place(session, rows, &place) != 0) {
            step = tm_store_fail(session->store, "out of memory");
            break;
        }
        if (place < session->rules->n_metrics)
            add_reading(session, rows, run->repeated, at, place);
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Takes off what a sample's calls were held by others, by the same share from the mean, from percentiles and from repeats. */
static void take_held(struct tm_session *session, size_t at, double held_ms, double wall_ms)
{
    const struct tm_rules *rules = session->rules;
    double *values = &session->values[at * rules->n_metrics], share = fmax(1 - held_ms / wall_ms, LEAST_SHARE);
    for (size_t m = 0; m < rules->n_metrics; m++) {
        if (!tm_metric_has_held(rules->metrics[m].name))
            continue;
        values[m] *= share;
        struct tm_repeated *repeated = session->samples[at].repeats ? &session->repeats[at].of[m] : NULL;
        if (repeated) {
            repeated->first *= share;
            repeated->least *= share;
            repeated->most *= share;
        }
    }
}

/* Of all samples; a night without a recorder has nothing of it. */
static void take_all_held(struct tm_session *session, size_t n)
{
    const struct tm_rules *rules = session->rules;
    size_t held = 0, wall = 0;
    while (held < rules->n_metrics && strcmp(rules->metrics[held].name, TM_METRIC_HELD) != 0)
        held++;
    while (wall < rules->n_metrics && strcmp(rules->metrics[wall].name, "wall_per_call_ms") != 0)
        wall++;
    if (held == rules->n_metrics || wall == rules->n_metrics)
        return;
    for (size_t i = 0; i < n; i++) {
        const struct tm_sample *sample = &session->samples[i];
        double wall_ms = sample->values[wall] * sample->calls;
        if (sample->values[held] > 0 && wall_ms > 0)
            take_held(session, i, sample->values[held], wall_ms);
    }
}

/* Repeats are pooled by the query, into the row of the run they confirm; a run without any is
 * read by a query that need not look for them. */
int tm_session_read_night(struct tm_session *session, const char *branch, const struct tm_run_ref *run, struct tm_night *night)
{
    struct columns columns = {0};
    size_t n = 0;
    int step = -1;
    tm_rows *rows = tm_ask(session->store, run->repeated ? TM_Q_NIGHT_SAMPLES_POOLED : TM_Q_NIGHT_SAMPLES, "iii", run->id,
                           INT64_MIN, INT64_MAX);
    if (rows && find_columns(session->rules, rows, &columns) != 0)
        return close_without_memory(session, rows);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        /* As only a damaged store holds: a row of a plugin that is none of the project's. */
        if (!tm_session_plugin(session, tm_rows_value(rows, columns.plugin_id).integer))
            continue;
        if (add_sample(session, rows, &columns, n) != 0) {
            step = -1;
            break;
        }
        n++;
    }
    if (tm_rows_close(rows) != 0)
        step = -1;
    free(columns.metric);
    /* Now the values stay where they are. */
    for (size_t i = 0; i < n; i++)
        session->samples[i].values = &session->values[i * session->rules->n_metrics];
    if (step == 0 && run->repeated)
        step = read_measurements(session, run->id, n);
    if (step == 0 && columns.own)
        step = read_own_metrics(session, run, n);
    if (step == 0 && columns.own)
        take_all_held(session, n);
    *night = (struct tm_night){run->id, run->started_at, branch, run->fine_clock, session->samples, n, false};
    return step;
}
