/* The fields of a row, by the kinds of their columns. A field that cannot be read spoils its
 * row, and with it the input; the rows behind it are still looked at, for what else is wrong. */
#include "ingest/formats/csv_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/plural.h"
#include "base/text.h"
#include "ingest/number.h"
#include "ingest/settle.h"
#include "schema/sketch.h"
#include "schema/valid.h"

/* The row in hand is empty: all unknown, so that an empty field is "not recorded" and never 0. */
static void start_row(struct tm_table *table)
{
    table->row = (struct tm_profile)TM_PROFILE_INIT;
    table->row.wall_ns = NAN;
    table->plugin = NULL;
    table->field = 0;
    table->bad = false;
    table->changed = 0;
    if (table->has_texts)
        tm_arena_reset(&table->texts);
    table->has_texts = false;
    tm_sink_clear_values(table->sink);
}

/* What was found, why it will not do, and what would: the message is often all that its reader has. */
static void number_fault(struct tm_table *table, enum tm_number_fault fault, const char *text, size_t size, const char *expected)
{
    char shown[TM_SHOWN_SIZE];
    static const char *const why[] = {"", "", " (too large)", " (negative)", " (not a whole number)"};
    TM_TABLE_FAULT(table, table->field, "found '%s'%s, expected %s in column '%s'", tm_shown(text, size, shown), why[fault],
                   expected, table->columns[table->field].name);
}

/* A number with its unit: the shift is in the parsing, the factor (a power of two) rounds
 * nothing. */
static void real_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    double value;
    if (size == 0)
        return;
    enum tm_number_fault fault = tm_parse_real(text, size, column->shift, &value);
    if (fault == TM_NUMBER_OK && value < 0 && !column->may_fall)
        fault = TM_NUMBER_NEGATIVE;
    value *= column->factor;
    if (fault == TM_NUMBER_OK && isinf(value))
        fault = TM_NUMBER_RANGE;
    if (fault != TM_NUMBER_OK)
        number_fault(table, fault, text, size, column->may_fall ? "a number" : "a number that is not negative");
    else
        *(double *)((char *)&table->row + column->at) = value;
}

/* Empty: not recorded. */
static void count_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    int64_t value;
    if (size == 0)
        return;
    enum tm_number_fault fault = tm_parse_count(text, size, &value);
    if (fault != TM_NUMBER_OK)
        number_fault(table, fault, text, size, "a whole number from 0 to 9223372036854775807");
    else
        *(int64_t *)((char *)&table->row + column->at) = value;
}

/* A metric may be negative; it is judged by amounts near zero. */
static void metric_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    if (size == 0)
        return;
    enum tm_number_fault fault = tm_parse_real(text, size, 0, &table->sink->values[column->slot]);
    if (fault != TM_NUMBER_OK)
        number_fault(table, fault, text, size, "a number (--ignore NAME skips a column of text)");
}

/* NULL after a fault, which leaves the row out. */
static void plugin_field(struct tm_table *table, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault;
    table->plugin = tm_sink_plugin(table->sink, text, size, &fault);
    if (fault)
        TM_TABLE_FAULT(table, table->field, "found '%s', expected a plugin's name: it %s", tm_shown(text, size, shown), fault);
}

/* Empty is "not recorded". Short texts only, such as a version: they are shown in messages and on pages. */
static void text_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = size ? tm_name_fault(text, size) : NULL;
    if (fault)
        TM_TABLE_FAULT(table, table->field, "found '%s', expected a short text in column '%s': it %s", tm_shown(text, size, shown),
                       column->name, fault);
    if (size == 0 || fault)
        return;
    const char *kept = tm_arena_text(&table->texts, text, size);
    if (!kept)
        tm_sink_no_memory(table->sink, table->file);
    *(const char **)((char *)&table->row + column->at) = kept;
    table->has_texts = true;
}

/* Two hexadecimal digits a byte; the value of a digit, 16 of what is none. */
static unsigned digit_value(char c)
{
    return c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

static bool read_bytes(const char *text, size_t size, unsigned char *bytes)
{
    bool good = size % 2 == 0;
    for (size_t i = 0; i + 1 < size && good; i += 2) {
        unsigned high = digit_value(text[i]), low = digit_value(text[i + 1]);
        bytes[i / 2] = (unsigned char)(high << 4 | (low & 15));
        good = high < 16 && low < 16;
    }
    return good;
}

/* Read once to see that it is one; it is kept as it came. */
static void sketch_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    struct tm_sketch sketch;
    if (size == 0)
        return;
    unsigned char *bytes = tm_arena_take(&table->texts, size / 2 + 1);
    if (!bytes) {
        tm_sink_no_memory(table->sink, table->file);
        return;
    }
    table->has_texts = true;
    tm_sketch_init(&sketch);
    bool good = read_bytes(text, size, bytes);
    if (good && tm_sketch_decode(&sketch, bytes, size / 2) != 0) {
        if (errno == ENOMEM)
            tm_sink_no_memory(table->sink, table->file);
        good = false;
    }
    tm_sketch_free(&sketch);
    if (!good) {
        TM_TABLE_FAULT(table, table->field, "found no latency sketch in column '%s', expected one as 'tidemark export' writes it",
                       column->name);
        return;
    }
    table->row.latency = bytes;
    table->row.latency_size = size / 2;
}

/* Texts of the run change rarely: each slot has a buffer of its own that grows. */
static int set_text(struct tm_run_text *to, const char *text, size_t size)
{
    if (tm_array_reserve(&to->text, &to->room, size + 1, 1) != 0)
        return -1;
    memcpy(to->text, text, size);
    to->text[size] = '\0';
    to->size = size;
    return 0;
}

/* Compared with the run in hand first, for nearly every row says the same. What differs waits in
 * `incoming` until the row is whole: only then is it known whether a run begins. */
static void run_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    const struct tm_run_text *now = &table->current[column->slot];
    if (table->sink->run && now->text && now->size == size && memcmp(now->text, text, size) == 0)
        return;
    bool required = column->slot == TM_RUN_KEY || column->slot == TM_RUN_STARTED_AT;
    const char *fault = size || required ? tm_name_fault(text, size) : NULL;
    if (fault)
        TM_TABLE_FAULT(table, table->field, "found '%s' in column '%s', expected a short text: it %s", tm_shown(text, size, shown),
                       column->name, fault);
    else if (set_text(&table->incoming[column->slot], text, size) != 0)
        tm_sink_no_memory(table->sink, table->file);
    table->changed |= 1u << column->slot;
}

/* One field, by the kind of its column. Without a header yet it is a column's name. */
void tm_table_field(void *context, const char *text, size_t size)
{
    struct tm_table *table = context;
    if (table->sink->failed || table->skip_rows || (table->has_header && table->field >= table->n_columns)) {
        table->field++;
        return;
    }
    if (size > TM_FIELD_MAX) {
        TM_TABLE_FAULT(table, table->field, "found a field of %zu bytes, expected at most 1 MiB", size);
    } else if (!table->has_header) {
        tm_header_field(table, text, size);
    } else {
        const struct tm_column *column = &table->columns[table->field];
        switch (column->kind) {
        case TM_COLUMN_PLUGIN:
            plugin_field(table, text, size);
            break;
        case TM_COLUMN_RUN_TEXT:
            run_field(table, column, text, size);
            break;
        case TM_COLUMN_COUNT:
            count_field(table, column, text, size);
            break;
        case TM_COLUMN_REAL:
            real_field(table, column, text, size);
            break;
        case TM_COLUMN_TEXT:
            text_field(table, column, text, size);
            break;
        case TM_COLUMN_SKETCH:
            sketch_field(table, column, text, size);
            break;
        case TM_COLUMN_METRIC:
            metric_field(table, column, text, size);
            break;
        case TM_COLUMN_IGNORED:
            break;
        }
    }
    table->field++;
}

static bool has_values(const struct tm_sink *sink)
{
    bool any = false;
    for (size_t i = 0; i < sink->metrics.count; i++)
        any = any || !isnan(sink->values[i]);
    return any;
}

/* What only the whole row can show: the number of fields, a missing wall time, numbers that
 * contradict one another. */
static void check_row(struct tm_table *table)
{
    /* Too few or too many: which field is which cannot be known, so nothing else is said of the row. */
    if (table->field != table->n_columns) {
        TM_TABLE_FAULT(table, 0, "found %zu field%s, expected %zu as in the header", table->field, TM_PLURAL(table->field),
                       table->n_columns);
        return;
    }
    if (table->bad)
        return;
    if (table->per_call && isnan(table->row.wall_ns))
        TM_TABLE_FAULT(table, 0, "found no wall time, expected a number");
    else if (!tm_profile_measured(&table->row) && !has_values(table->sink))
        TM_TABLE_FAULT(table, 0, "found no measurement, expected a wall time or any other number");
    else if (!tm_percentiles_rise(&table->row))
        TM_TABLE_FAULT(table, 0, "found percentiles that fall, expected p50 <= p95 <= p99 <= max");
    else if (table->row.errors > table->row.calls)
        TM_TABLE_FAULT(table, 0, "found %lld error%s in %lld call%s, expected no more errors than calls",
                       (long long)table->row.errors, TM_PLURAL(table->row.errors), (long long)table->row.calls,
                       TM_PLURAL(table->row.calls));
}

/* The first row is the header, whatever it holds. */
void tm_table_row(void *context)
{
    struct tm_table *table = context;
    if (table->sink->failed || table->skip_rows)
        return;
    if (!table->has_header) {
        tm_header_row(table);
    } else {
        check_row(table);
        if (!table->bad)
            tm_table_place_row(table);
    }
    start_row(table);
}

/* Each file has a header of its own; the run in hand goes on. */
void tm_table_start_file(struct tm_table *table, const char *file)
{
    if (tm_settle_each_file(table->sink->options))
        tm_sink_end_run(table->sink);
    tm_table_start_part(table, file);
}

void tm_table_start_part(struct tm_table *table, const char *file)
{
    table->file = file;
    table->n_columns = 0;
    table->has_header = table->skip_rows = false;
    tm_arena_reset(&table->names);
    table->errors_before = table->sink->diag->n_errors;
    memset(table->has_slot, 0, sizeof table->has_slot);
    start_row(table);
}

/* A file without a header is empty, whatever blank lines it has. */
void tm_table_end_file(struct tm_table *table)
{
    struct tm_place place = {table->file, 0, 0};
    if (!table->has_header && !table->sink->failed)
        tm_diag_error(table->sink->diag, &place, "found an empty file, expected a header and rows");
}

void tm_table_free(struct tm_table *table)
{
    for (int i = 0; i < TM_RUN_SLOTS; i++) {
        free(table->current[i].text);
        free(table->incoming[i].text);
    }
    free(table->columns);
    tm_arena_free(&table->names);
    tm_arena_free(&table->texts);
}
