/* Headers, and the fields of a row. */
#include "ingest/table.h"

#include <stdlib.h>
#include <string.h>

#include "ingest/number.h"
#include "schema/valid.h"

#define FAULT(table, index, ...)                                                                                                   \
    do {                                                                                                                           \
        struct tm_place place_ = tm_csv_place((table)->csv, index);                                                                \
        tm_diag_error((table)->diag, &place_, __VA_ARGS__);                                                                        \
        (table)->bad = true;                                                                                                       \
    } while (0)

static void out_of_memory(struct tm_table *table)
{
    struct tm_place place = {table->file, 0, 0};
    if (!table->failed)
        tm_diag_error(table->diag, &place, "out of memory");
    table->failed = true;
}

static bool is_ignored(const struct tm_table *table, const char *name)
{
    for (size_t i = 0; i < table->options->n_ignored; i++)
        if (strcmp(table->options->ignored[i], name) == 0)
            return true;
    return false;
}

static void check_duplicate(struct tm_table *table, size_t index)
{
    const struct tm_column *column = &table->columns[index];
    for (size_t i = 0; i < index; i++) {
        const struct tm_column *other = &table->columns[i];
        if (strcmp(other->name, column->name) == 0)
            FAULT(table, index, "found column '%s' a second time, expected each column once", column->name);
        else if (column->meaning && other->meaning && strcmp(other->meaning, column->meaning) == 0)
            FAULT(table, index, "found column '%s' beside '%s', expected one column for %s", column->name, other->name,
                  column->meaning);
        else
            continue;
        return;
    }
}

/* Columns that only make sense where a row is a profile. */
static bool only_in_profiles(const struct tm_column *column)
{
    static const char *const names[] = {"calls", "wall_p50_ms", "wall_p95_ms", "wall_p99_ms", "wall_max_ms"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (column->meaning && strcmp(column->meaning, names[i]) == 0)
            return true;
    return false;
}

static struct tm_column *new_column(struct tm_table *table)
{
    if (table->n_columns == table->columns_room) {
        size_t room = table->columns_room ? 2 * table->columns_room : 32;
        struct tm_column *bigger = realloc(table->columns, room * sizeof *bigger);
        if (!bigger)
            return NULL;
        table->columns = bigger;
        table->columns_room = room;
    }
    return &table->columns[table->n_columns++];
}

static void header_field(struct tm_table *table, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    struct tm_column *column = new_column(table);
    char *name = column ? tm_arena_text(&table->symbols.arena, text, size) : NULL;
    if (!name) {
        out_of_memory(table);
        return;
    }
    *column = (struct tm_column){.kind = TM_COLUMN_IGNORED};
    const char *fault = tm_name_fault(text, size);
    if (fault)
        FAULT(table, table->field, "found '%s', expected a column name: it %s", tm_shown(text, size, shown), fault);
    else if (!is_ignored(table, name) && tm_column_understand(column, name) != 0)
        FAULT(table, table->field, "found column '%s' without a unit, expected one in its name, like %s%s", name, name,
              column->unit);
    column->name = name;
    if (!fault)
        check_duplicate(table, table->field);
}

static bool has_column(const struct tm_table *table, const char *meaning)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].meaning && strcmp(table->columns[i].meaning, meaning) == 0)
            return true;
    return false;
}

/* Metrics of all files of a call share one list, since a run may go on in the next file. */
static void enlist_metric(struct tm_table *table, struct tm_column *column, size_t index)
{
    struct tm_metrics *metrics = &table->metrics;
    struct tm_place place = tm_csv_place(table->csv, index);
    for (size_t i = 0; i < metrics->count; i++)
        if (strcmp(metrics->names[i].metric, column->name) == 0) {
            column->slot = (int)i;
            return;
        }
    struct tm_reading *names = realloc(metrics->names, (metrics->count + 1) * sizeof *names);
    double *values = realloc(table->metric_values, (metrics->count + 1) * sizeof *values);
    metrics->names = names ? names : metrics->names;
    table->metric_values = values ? values : table->metric_values;
    if (!names || !values) {
        out_of_memory(table);
        return;
    }
    names[metrics->count] = (struct tm_reading){.metric = column->name, .unit = column->unit};
    values[metrics->count] = NAN;
    column->slot = (int)metrics->count++;
    tm_diag_notice(table->diag, &place, "column '%s' is kept as a metric%s%s", column->name, column->unit ? " in " : "",
                   column->unit ? column->unit : "");
}

static void check_run_columns(struct tm_table *table)
{
    const struct tm_run *given = &table->options->run;
    const char *const options[TM_RUN_SLOTS] = {
        given->key, table->options->has_start ? "" : NULL, given->branch, given->commit_id, given->host, given->version};
    static const char *const flags[TM_RUN_SLOTS] = {"--run", "--at", "--branch", "--commit", "--host", "--version"};
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct tm_column *column = &table->columns[i];
        if (column->kind != TM_COLUMN_RUN_TEXT)
            continue;
        table->has_slot[column->slot] = true;
        table->slot_column[column->slot] = i;
        if (options[column->slot])
            FAULT(table, i, "found column '%s' beside the option %s, expected one of them", column->name, flags[column->slot]);
    }
    if (table->has_slot[TM_RUN_KEY] && !table->has_slot[TM_RUN_STARTED_AT] && !table->options->has_start)
        FAULT(table, table->slot_column[TM_RUN_KEY],
              "found a run column and no start time, expected a column 'started_at' (or --at TIME for a single run)");
}

/* Rows of a file that does not say which run they are of would silently join the run before them. */
static void compare_run_columns(struct tm_table *table)
{
    struct tm_place top = {table->file, 1, 0};
    for (int slot = 0; slot < TM_RUN_SLOTS && table->first_file; slot++) {
        const char *name = tm_run_slot_name((enum tm_run_slot)slot);
        if (table->has_slot[slot] && !table->first_slots[slot])
            FAULT(table, table->slot_column[slot],
                  "found column '%s', which '%s' does not have, expected the same run columns in all files", name,
                  table->first_file);
        else if (!table->has_slot[slot] && table->first_slots[slot])
            tm_diag_error(table->diag, &top, "found no column '%s', which '%s' has, expected the same run columns in all files",
                          name, table->first_file);
    }
}

static void header_row(struct tm_table *table)
{
    struct tm_place top = {table->file, 1, 0};
    table->per_call = table->options->per_call || has_column(table, "call");
    table->has_header = true;
    for (size_t i = 0; i < table->n_columns; i++) {
        struct tm_column *column = &table->columns[i];
        if (table->per_call && only_in_profiles(column))
            FAULT(table, i, "found column '%s' where a row is one call, expected figures of single calls", column->name);
        if (column->kind == TM_COLUMN_METRIC)
            enlist_metric(table, column, i);
    }
    if (!has_column(table, "plugin"))
        tm_diag_error(table->diag, &top, "found no column 'plugin', expected one in the header%s",
                      table->n_columns == 1 ? " (are the columns separated by commas?)" : "");
    if (!has_column(table, "wall_ms"))
        tm_diag_error(table->diag, &top,
                      "found no column of wall time, expected wall_ms, wall_us, wall_ns or wall_s in the header");
    check_run_columns(table);
    compare_run_columns(table);
    table->skip_rows = table->diag->n_errors > table->errors_before;
    if (!table->first_file && !table->skip_rows) {
        table->first_file = table->file;
        memcpy(table->first_slots, table->has_slot, sizeof table->has_slot);
    }
}

static void start_row(struct tm_table *table)
{
    table->row = (struct tm_profile)TM_PROFILE_INIT;
    table->row.wall_ns = NAN;
    table->plugin = NULL;
    table->field = 0;
    table->bad = false;
    table->changed = 0;
    for (size_t i = 0; i < table->metrics.count; i++)
        table->metric_values[i] = NAN;
}

static void number_fault(struct tm_table *table, enum tm_number_fault fault, const char *text, size_t size, const char *expected)
{
    char shown[TM_SHOWN_SIZE];
    static const char *const why[] = {"", "", " (too large)", " (negative)", " (not a whole number)"};
    FAULT(table, table->field, "found '%s'%s, expected %s in column '%s'", tm_shown(text, size, shown), why[fault], expected,
          table->columns[table->field].name);
}

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

static void metric_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    if (size == 0)
        return;
    enum tm_number_fault fault = tm_parse_real(text, size, 0, &table->metric_values[column->slot]);
    if (fault != TM_NUMBER_OK)
        number_fault(table, fault, text, size, "a number (a column of text is passed over with --ignore NAME)");
}

static void plugin_field(struct tm_table *table, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    int is_new = 0;
    const char *fault = size <= 1 || size > TM_NAME_MAX ? tm_plugin_name_fault(text, size) : NULL;
    if (!fault)
        table->plugin = tm_symbol(&table->symbols, text, size, &is_new);
    if (is_new)
        fault = tm_name_fault(text, size);
    if (fault)
        FAULT(table, table->field, "found '%s', expected a plugin's name: it %s", tm_shown(text, size, shown), fault);
    else if (!table->plugin)
        out_of_memory(table);
}

static void text_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    const char *fault = size ? tm_name_fault(text, size) : NULL;
    if (fault)
        FAULT(table, table->field, "found '%s', expected a short text in column '%s': it %s", tm_shown(text, size, shown),
              column->name, fault);
    if (size == 0 || fault)
        return;
    const char *copy = tm_arena_text(&table->chunk->arena, text, size);
    if (!copy)
        out_of_memory(table);
    *(const char **)((char *)&table->row + column->at) = copy;
}

static int set_text(struct tm_run_text *to, const char *text, size_t size)
{
    if (to->room < size + 1) {
        char *bigger = realloc(to->text, 2 * size + 32);
        if (!bigger)
            return -1;
        to->text = bigger;
        to->room = 2 * size + 32;
    }
    memcpy(to->text, text, size);
    to->text[size] = '\0';
    to->size = size;
    return 0;
}

static void run_field(struct tm_table *table, const struct tm_column *column, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    const struct tm_run_text *now = &table->current[column->slot];
    if (table->run && now->text && now->size == size && memcmp(now->text, text, size) == 0)
        return;
    bool required = column->slot == TM_RUN_KEY || column->slot == TM_RUN_STARTED_AT;
    const char *fault = size || required ? tm_name_fault(text, size) : NULL;
    if (fault)
        FAULT(table, table->field, "found '%s' in column '%s', expected a short text: it %s", tm_shown(text, size, shown),
              column->name, fault);
    else if (set_text(&table->incoming[column->slot], text, size) != 0)
        out_of_memory(table);
    table->changed |= 1u << column->slot;
}

void tm_table_field(void *context, const char *text, size_t size)
{
    struct tm_table *table = context;
    if (table->failed || table->skip_rows || (table->has_header && table->field >= table->n_columns)) {
        table->field++;
        return;
    }
    if (size > TM_FIELD_MAX) {
        FAULT(table, table->field, "found a field of %zu bytes, expected at most 1 MiB", size);
    } else if (!table->has_header) {
        header_field(table, text, size);
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
        case TM_COLUMN_METRIC:
            metric_field(table, column, text, size);
            break;
        case TM_COLUMN_IGNORED:
            break;
        }
    }
    table->field++;
}

static void check_row(struct tm_table *table)
{
    if (table->field != table->n_columns) {
        FAULT(table, 0, "found %zu field%s, expected %zu as in the header", table->field, table->field == 1 ? "" : "s",
              table->n_columns);
        return;
    }
    if (table->bad)
        return;
    if (isnan(table->row.wall_ns))
        FAULT(table, 0, "found no wall time, expected a number");
    else if (!tm_percentiles_rise(&table->row))
        FAULT(table, 0, "found percentiles that fall, expected p50 <= p95 <= p99 <= max");
    else if (table->row.errors > table->row.calls)
        FAULT(table, 0, "found %lld error%s in %lld call%s, expected no more errors than calls", (long long)table->row.errors,
              table->row.errors == 1 ? "" : "s", (long long)table->row.calls, table->row.calls == 1 ? "" : "s");
}

void tm_table_row(void *context)
{
    struct tm_table *table = context;
    if (table->failed || table->skip_rows)
        return;
    if (!table->has_header) {
        header_row(table);
    } else {
        check_row(table);
        if (!table->bad)
            tm_table_place_row(table);
    }
    start_row(table);
}

void tm_table_start_file(struct tm_table *table, const char *file)
{
    table->file = file;
    table->n_columns = 0;
    table->has_header = table->skip_rows = false;
    table->errors_before = table->diag->n_errors;
    memset(table->has_slot, 0, sizeof table->has_slot);
    start_row(table);
}

void tm_table_end_file(struct tm_table *table)
{
    struct tm_place place = {table->file, 0, 0};
    if (!table->has_header && !table->failed)
        tm_diag_error(table->diag, &place, "found an empty file, expected a header and rows");
}

void tm_table_free(struct tm_table *table)
{
    tm_calls_free(&table->calls, &table->symbols);
    tm_symbols_free(&table->symbols);
    for (int i = 0; i < TM_RUN_SLOTS; i++) {
        free(table->current[i].text);
        free(table->incoming[i].text);
    }
    free(table->columns);
    free(table->metrics.names);
    free(table->metric_values);
}
