/* From the rows of a run to the judge's samples. The usual metrics are columns of one query, a
 * project's own are rows of another; both come in the order of plugin ids, so they are merged
 * without a table. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
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
        columns->metric[m] = tm_metric_named(name) || tm_metric_has_held(name) ? tm_rows_column(rows, name) : -1;
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

/* What is left of a wall time in which calls were held by others. */
static double share_left(double held_ms, double wall_ms)
{
    return held_ms > 0 && wall_ms > 0 ? fmax(1 - held_ms / wall_ms, LEAST_SHARE) : 1;
}

/* The measurements of a plugin in a night with repeats, the first run's first, without what they were held. */
struct measured {
    double *values; /* by metric and measurement, `room` for each metric */
    size_t n, room;
    bool held; /* some of them */
};

/* Room for one more. 0, or -1 without memory. */
static int make_room(struct measured *measured, size_t n_metrics)
{
    if (measured->n < measured->room)
        return 0;
    size_t room = measured->room ? 2 * measured->room : 8 /* more repeats are rare */;
    double *values = calloc(room * n_metrics + 1, sizeof *values); /* + 1: no metrics are no failure */
    if (!values)
        return -1;
    for (size_t m = 0; measured->n > 0 && m < n_metrics; m++)
        memcpy(&values[m * room], &measured->values[m * measured->room], measured->n * sizeof *values);
    free(measured->values);
    measured->values = values;
    measured->room = room;
    return 0;
}

/* The row in hand. 0, or -1 with the store's message. */
static int add_measurement(struct tm_session *session, const tm_rows *rows, const struct columns *columns, size_t at,
                           struct measured *measured)
{
    const struct tm_rules *rules = session->rules;
    double calls = real_at(rows, columns->calls);
    double share = share_left(tm_row_real(rows, TM_METRIC_HELD), tm_row_real(rows, "wall_per_call_ms") * calls);
    if (make_room(measured, rules->n_metrics) != 0)
        return tm_store_fail(session->store, "out of memory");
    if (measured->n == 0) {
        session->repeats[at].first_calls = calls;
        session->repeats[at].first_errors = real_at(rows, columns->errors);
    }
    for (size_t m = 0; m < rules->n_metrics; m++) {
        double value = columns->metric[m] < 0 ? NAN : real_at(rows, columns->metric[m]);
        measured->values[m * measured->room + measured->n] = tm_metric_has_held(rules->metrics[m].name) ? value * share : value;
    }
    measured->held = measured->held || share < 1;
    measured->n++;
    return 0;
}

/* Of one metric, in order; those that do not have it go. The first is of the first run that has it. */
static size_t summarize(double *values, size_t n, struct tm_repeated *repeated)
{
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]))
            values[left++] = values[i];
    if (left > 0)
        *repeated = (struct tm_repeated){.n = (int)left, .first = values[0], .least = values[0], .most = values[0]};
    for (size_t i = 1; i < left; i++) {
        repeated->least = fmin(repeated->least, values[i]);
        repeated->most = fmax(repeated->most, values[i]);
    }
    return left;
}

/* All of the sample's are there. Its values are medians of them already, of the times as they were measured. */
static void end_measurements(struct tm_session *session, size_t at, struct measured *measured)
{
    const struct tm_rules *rules = session->rules;
    for (size_t m = 0; m < rules->n_metrics && measured->n > 0; m++) {
        double *values = &measured->values[m * measured->room];
        size_t n = summarize(values, measured->n, &session->repeats[at].of[m]);
        if (measured->held && n > 0 && tm_metric_has_held(rules->metrics[m].name))
            session->values[at * rules->n_metrics + m] = tm_median(values, n);
    }
    session->repeats[at].more = (int)measured->n - 1;
    session->samples[at].repeats = measured->n > 1 ? &session->repeats[at] : NULL;
    measured->n = 0;
    measured->held = false;
}

/* 0, or -1 with the store's message. */
static int make_repeats(struct tm_session *session, size_t n)
{
    size_t n_metrics = session->rules->n_metrics;
    if (tm_array_reserve(&session->repeats, &session->repeats_room, n, sizeof *session->repeats) != 0 ||
        tm_array_reserve(&session->repeated, &session->repeated_room, n * n_metrics, sizeof *session->repeated) != 0)
        return tm_store_fail(session->store, "out of memory");
    for (size_t i = 0; i < n * n_metrics; i++)
        session->repeated[i] = (struct tm_repeated){0};
    for (size_t i = 0; i < n; i++)
        session->repeats[i] = (struct tm_repeats){.of = &session->repeated[i * n_metrics]};
    return 0;
}

/* The single measurements of a night with repeats, beside the samples, which have their medians. */
static int read_measurements(struct tm_session *session, int64_t run, size_t n)
{
    struct columns columns = {0};
    struct measured measured = {0};
    size_t at = 0;
    int step = -1;
    tm_rows *rows = tm_ask(session->store, TM_Q_NIGHT_MEASUREMENTS, "i", run);
    if (rows && find_columns(session->rules, rows, &columns) != 0)
        return close_without_memory(session, rows);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t plugin = tm_rows_value(rows, columns.plugin_id).integer;
        for (; at < n && session->samples[at].plugin_id < plugin; at++)
            end_measurements(session, at, &measured);
        if (at < n && session->samples[at].plugin_id == plugin && add_measurement(session, rows, &columns, at, &measured) != 0) {
            step = -1;
            break;
        }
    }
    if (at < n)
        end_measurements(session, at, &measured);
    free(measured.values);
    free(columns.metric);
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* The metric's place among the rules'; n_metrics: none. */
static size_t metric_place(const struct tm_rules *rules, const char *name)
{
    size_t at = 0;
    while (at < rules->n_metrics && strcmp(rules->metrics[at].name, name) != 0)
        at++;
    return at;
}

/* Which of the rules' metrics the row is of, n_metrics: none. A name is looked for once, however many rows have it: a project may
 * have thousands. 0, or -1 without memory. */
static int find_place(struct tm_session *session, const tm_rows *rows, size_t *place)
{
    uint64_t hash = tm_hash_integer(tm_row_integer(rows, "metric_id"));
    uintptr_t found = tm_hash_find(&session->places, hash, NULL, NULL);
    *place = found ? found - 1 : metric_place(session->rules, tm_row_text(rows, "metric"));
    return found ? 0 : tm_hash_add(&session->places, hash, *place + 1);
}

/* Adds the readings to the samples, and what a repeated night measured to their repeats. A reading of a plugin that has no profile
 * in the run has no sample, and is not judged. */
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

/* Takes off what calls were held by others, by the same share from the mean and from percentiles. A night without a recorder has
 * nothing of it. */
static void take_held(struct tm_session *session, size_t n)
{
    const struct tm_rules *rules = session->rules;
    size_t held = metric_place(rules, TM_METRIC_HELD), wall = metric_place(rules, "wall_per_call_ms");
    if (held == rules->n_metrics || wall == rules->n_metrics)
        return;
    for (size_t i = 0; i < n; i++) {
        double *values = &session->values[i * rules->n_metrics];
        double share = share_left(values[held], values[wall] * session->samples[i].calls);
        for (size_t m = 0; share < 1 && m < rules->n_metrics; m++)
            values[m] *= tm_metric_has_held(rules->metrics[m].name) ? share : 1;
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
        step = make_repeats(session, n);
    if (step == 0 && columns.own)
        step = read_own_metrics(session, run, n);
    if (step == 0 && run->repeated)
        step = read_measurements(session, run->id, n);
    else if (step == 0 && columns.own)
        take_held(session, n);
    *night = (struct tm_night){run->id, run->started_at, branch, run->fine_clock, session->samples, n, false};
    return step;
}
