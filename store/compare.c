/* Is what is given what is stored? The batch and the stored rows are gone through side by side,
 * both in the order of plugins' ids, and the first difference is named in the words and units of
 * the views.
 *
 * A row that cannot be read is a failure, never a difference: with --replace a difference
 * overwrites. */
#include <stdio.h>
#include <string.h>

#include "schema/fields.h"
#include "store/content.h"
#include "store/handle.h"

/* One run's comparison. */
struct comparison {
    tm_store *store;
    const struct tm_content_queries *queries;
    int64_t project, id;
    const struct tm_run *run;
    tm_rows *rows; /* of queries->profiles */
    int columns[TM_FIELDS_MAX], plugin, name, latency, readings;
    bool append;
};

/* NAN is like every number; callers have ruled it out. */
static bool same_number(double a, double b)
{
    return !(a < b || a > b);
}

/* NAN: no number. A REAL column may hold an integer. */
static double number_of(const struct tm_value *value)
{
    return value->type == TM_INTEGER ? (double)value->integer : value->type == TM_REAL ? value->real : NAN;
}

/* A text is compared byte for byte, a number to the last bit: what was stored was given in the
 * same way. */
static bool same_field(const struct tm_field *field, const struct tm_profile *given, const struct tm_value *stored)
{
    if (!tm_field_known(field, given) || stored->type == TM_NULL)
        return !tm_field_known(field, given) && stored->type == TM_NULL;
    if (field->type == TM_FIELD_COUNT)
        return stored->type == TM_INTEGER && stored->integer == tm_field_count(field, given);
    if (field->type == TM_FIELD_REAL)
        return same_number(tm_field_real(field, given), number_of(stored));
    return stored->type == TM_TEXT && strcmp(stored->text, tm_field_text(field, given)) == 0;
}

enum { SHOWN = 200 }; /* bytes of a value in a message: a number whole, a text as far as it takes to recognize it */

/* The two values in words: numbers with 15 digits, or with 17 where it takes these to tell them
 * apart. */
static void show_field(const struct tm_field *field, const struct tm_profile *given, const struct tm_value *stored,
                       char found[SHOWN], char expected[SHOWN])
{
    bool known = tm_field_known(field, given), there = stored->type != TM_NULL;
    snprintf(found, SHOWN, "none");
    snprintf(expected, SHOWN, "none");
    if (field->type == TM_FIELD_TEXT) {
        if (known)
            snprintf(found, SHOWN, "%s", tm_field_text(field, given));
        if (there)
            snprintf(expected, SHOWN, "%s", stored->type == TM_TEXT ? stored->text : "");
    } else if (field->type == TM_FIELD_COUNT) {
        if (known)
            snprintf(found, SHOWN, "%lld", (long long)tm_field_count(field, given));
        if (there)
            snprintf(expected, SHOWN, "%lld", (long long)stored->integer);
    } else {
        for (int digits = 15; digits <= 17; digits += 2) {
            if (known)
                snprintf(found, SHOWN, "%.*g", digits, tm_field_real(field, given) / tm_field_factor(field));
            if (there)
                snprintf(expected, SHOWN, "%.*g", digits, number_of(stored) / tm_field_factor(field));
            if (strcmp(found, expected) != 0)
                break;
        }
    }
}

/* Sketches of equal content have equal bytes, so bytes decide. */
static bool same_latency(const struct tm_profile *given, const struct tm_value *stored)
{
    if (!given->latency || stored->type == TM_NULL)
        return !given->latency && stored->type == TM_NULL;
    return stored->size == given->latency_size && (stored->size == 0 || memcmp(stored->text, given->latency, stored->size) == 0);
}

/* Says what differs and how, in the handle's message. */
static enum tm_likeness differ(const struct comparison *at, enum tm_conflict conflict, const char *plugin, const char *how)
{
    at->store->conflict = conflict;
    if (at->run->part)
        tm_store_fail(at->store, "part '%s' of run '%s' is stored already with other rows: plugin '%s' %s", at->run->part,
                      at->run->key, plugin, how);
    else
        tm_store_fail(at->store, "run '%s' is stored already with other rows: plugin '%s' %s", at->run->key, plugin, how);
    return TM_OTHER;
}

/* The stored value of one of a plugin's readings, NAN where there is none: readings are never
 * stored as NAN. 0, or -1. */
static int read_reading(const struct comparison *at, int64_t plugin, int64_t metric, double *value)
{
    tm_rows *rows = tm_ask(at->store, at->queries->reading_find, "iii", at->id, plugin, metric);
    int step = rows ? tm_rows_next(rows) : -1;
    *value = step == 1 ? tm_row_real(rows, "value") : NAN;
    return tm_rows_close(rows) == 0 && step >= 0 ? 0 : -1;
}

/* Their number first: with as many stored as given, and each given one found, none is stored
 * beside them. */
static enum tm_likeness compare_readings(const struct comparison *at, const struct tm_batch_row *row)
{
    const struct tm_profile *given = row->profile;
    if (tm_rows_value(at->rows, at->readings).integer != (int64_t)given->n_readings)
        return differ(at, TM_OTHER_ROWS, given->plugin, "has other metrics");
    for (size_t i = 0; i < given->n_readings; i++) {
        const struct tm_reading *reading = &given->readings[i];
        double value, given_value;
        int64_t metric;
        if (tm_take_reading(at->store, at->project, reading, &metric, &given_value) != 0 ||
            read_reading(at, row->plugin_id, metric, &value) != 0)
            return TM_FAILED;
        if (!isnan(value) && same_number(value, given_value))
            continue;
        char how[TM_NAME_MAX + SHOWN], expected[SHOWN] = "none";
        if (!isnan(value))
            snprintf(expected, sizeof expected, "%.15g", value);
        snprintf(how, sizeof how, "has %s %.15g, stored is %s", reading->metric, given_value, expected);
        return differ(at, TM_OTHER_ROWS, given->plugin, how);
    }
    return TM_SAME;
}

/* Field by field, then the sketch, then the readings: what people recognize best is named first. */
static enum tm_likeness compare_row(const struct comparison *at, const struct tm_batch_row *row)
{
    for (size_t i = 0; i < tm_n_fields; i++) {
        struct tm_value stored = tm_rows_value(at->rows, at->columns[i]);
        if (same_field(&tm_fields[i], row->profile, &stored))
            continue;
        char found[SHOWN], expected[SHOWN], how[3 * SHOWN];
        show_field(&tm_fields[i], row->profile, &stored, found, expected);
        snprintf(how, sizeof how, "has %s %s, stored is %s", tm_fields[i].name, found, expected);
        return differ(at, TM_OTHER_ROWS, row->profile->plugin, how);
    }
    struct tm_value latency = tm_rows_value(at->rows, at->latency);
    if (!same_latency(row->profile, &latency))
        return differ(at, TM_OTHER_ROWS, row->profile->plugin, "has another latency sketch");
    return compare_readings(at, row);
}

/* The row is not stored. An append moves such rows to the batch's front and counts them in *fresh:
 * it writes just these. */
static enum tm_likeness take_fresh(const struct comparison *at, size_t row, size_t *fresh)
{
    struct tm_batch_row *rows = at->store->batch.rows;
    if (!at->append)
        return differ(at, TM_OTHER_PLUGINS, rows[row].profile->plugin, "is given, but not stored");
    rows[(*fresh)++] = rows[row];
    return TM_SAME;
}

/* A merge of two sorted lists. */
static enum tm_likeness compare_rows(const struct comparison *at, size_t *fresh)
{
    struct tm_batch *batch = &at->store->batch;
    enum tm_likeness likeness = TM_SAME;
    size_t next = 0;
    int step = 0;
    while (likeness == TM_SAME && (step = tm_rows_next(at->rows)) == 1) {
        int64_t id = tm_rows_value(at->rows, at->plugin).integer;
        while (likeness == TM_SAME && next < batch->count && batch->rows[next].plugin_id < id)
            likeness = take_fresh(at, next++, fresh);
        if (likeness != TM_SAME)
            break;
        if (next < batch->count && batch->rows[next].plugin_id == id)
            likeness = compare_row(at, &batch->rows[next++]);
        /* Stored and not given: when appending, that is the usual case. */
        else if (!at->append)
            likeness = differ(at, TM_OTHER_PLUGINS, tm_rows_text(at->rows, at->name), "is stored, but not given");
    }
    while (likeness == TM_SAME && step >= 0 && next < batch->count)
        likeness = take_fresh(at, next++, fresh);
    return step < 0 ? TM_FAILED : likeness;
}

/* Columns are found once, not once a row. */
static enum tm_likeness compare_profiles(struct comparison *at, size_t *fresh)
{
    at->rows = tm_ask(at->store, at->queries->profiles, "i", at->id);
    if (!at->rows)
        return TM_FAILED;
    at->plugin = tm_rows_column(at->rows, "plugin_id");
    at->name = tm_rows_column(at->rows, "plugin");
    for (size_t i = 0; i < tm_n_fields; i++)
        at->columns[i] = tm_rows_column(at->rows, tm_fields[i].column);
    at->latency = tm_rows_column(at->rows, "latency");
    at->readings = tm_rows_column(at->rows, "readings");
    enum tm_likeness likeness = compare_rows(at, fresh);
    return tm_rows_close(at->rows) == 0 ? likeness : TM_FAILED; /* a value that was not read looked like NULL */
}

enum tm_likeness tm_content_compare(tm_store *store, int64_t project, enum tm_rows_of of, int64_t id,
                                    const struct tm_run_content *content, bool append)
{
    const struct tm_content_queries *queries = &tm_content_queries[of];
    struct comparison at = {
        .store = store, .queries = queries, .project = project, .id = id, .run = &content->run, .append = append};
    size_t fresh = 0;
    int64_t spikes = 0;
    enum tm_likeness likeness = compare_profiles(&at, &fresh);
    if (likeness != TM_SAME)
        return likeness;
    /* Spikes have no key to be compared by; a different number of them is a different run. */
    if (!append && tm_get(store, &spikes, queries->spikes_count, "i", id) != 1)
        return TM_FAILED;
    if (!append && spikes != (int64_t)content->n_spikes) {
        tm_store_fail(store, "run '%s' is stored already with other spikes", content->run.key);
        return TM_OTHER;
    }
    if (append)
        store->batch.count = fresh;
    return fresh > 0 ? TM_MORE : TM_SAME;
}
