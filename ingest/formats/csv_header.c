/* The header of a file: what its columns are, and whether they go together. All of its faults are
 * told at once, and rows of a header that makes no sense are not read: each would only repeat
 * them. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/formats/csv_table.h"
#include "schema/fields.h"
#include "schema/valid.h"

/* Passed over because the user said so (--ignore), before anybody asks what it means. */
static bool is_ignored(const struct tm_table *table, const char *name)
{
    for (size_t i = 0; i < table->sink->options->n_ignored; i++)
        if (strcmp(table->sink->options->ignored[i], name) == 0)
            return true;
    return false;
}

/* Two columns of one name, or of one meaning (wall_ms beside wall_us): whichever counted, the
 * other would silently not. */
static void check_duplicate(struct tm_table *table, size_t index)
{
    const struct tm_column *column = &table->columns[index];
    for (size_t i = 0; i < index; i++) {
        const struct tm_column *other = &table->columns[i];
        if (strcmp(other->name, column->name) == 0)
            TM_TABLE_FAULT(table, index, "found column '%s' a second time, expected each column once", column->name);
        else if (column->meaning && other->meaning && strcmp(other->meaning, column->meaning) == 0)
            TM_TABLE_FAULT(table, index, "found column '%s' beside '%s', expected one column for %s", column->name, other->name,
                           column->meaning);
        else
            continue;
        return;
    }
}

/* Columns that only make sense where a row is a profile. */
static bool only_in_profiles(const struct tm_column *column)
{
    static const char *const names[] = {"calls", "wall_p50_ms", "wall_p95_ms", "wall_p99_ms", "wall_max_ms", TM_SKETCH_COLUMN};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (column->meaning && strcmp(column->meaning, names[i]) == 0)
            return true;
    return false;
}

static struct tm_column *new_column(struct tm_table *table)
{
    if (tm_array_reserve(&table->columns, &table->columns_room, table->n_columns + 1, sizeof *table->columns) != 0)
        return NULL;
    return &table->columns[table->n_columns++];
}

/* A column that says of its metric what unit and direction it has: 1, 0 if it is none, -1 without memory. Its parts have the limits
 * of names, not the whole. *fault: what is wrong with it. */
static int describe_column(struct tm_table *table, struct tm_column *column, const char *name, size_t size, const char **fault)
{
    struct tm_reading *metric = &column->described;
    char *parts = tm_arena_text(&table->names, name, size);
    int described = parts ? tm_metric_column_read(parts, metric) : -1;
    if (!parts) {
        tm_sink_no_memory(table->sink, table->file);
    } else if (described < 0) {
        *fault = "begins like that of a metric and is not like metric[better=lower unit=U] NAME";
        described = 1;
    } else if (described > 0) {
        *fault = tm_name_fault(metric->metric, strlen(metric->metric));
        if (!*fault && metric->unit)
            *fault = tm_name_fault(metric->unit, strlen(metric->unit));
        column->kind = TM_COLUMN_METRIC;
        column->meaning = name;
    }
    return described;
}

/* The name lives as long as the header. */
void tm_header_field(struct tm_table *table, const char *text, size_t size)
{
    char shown[TM_SHOWN_SIZE];
    struct tm_column *column = new_column(table);
    char *name = column ? tm_arena_text(&table->names, text, size) : NULL;
    if (!name) {
        tm_sink_no_memory(table->sink, table->file);
        return;
    }
    *column = (struct tm_column){.kind = TM_COLUMN_IGNORED, .name = name};
    const char *fault = NULL;
    int described = is_ignored(table, name) ? 0 : describe_column(table, column, name, size, &fault);
    if (described < 0)
        return;
    if (described == 0)
        fault = tm_name_fault(text, size);
    if (fault)
        TM_TABLE_FAULT(table, table->field, "found '%s', expected a column name: it %s", tm_shown(text, size, shown), fault);
    else if (described == 0 && !is_ignored(table, name) && tm_column_understand(column, name) != 0)
        TM_TABLE_FAULT(table, table->field, "found column '%s' without a unit, expected one in its name, like %s%s", name, name,
                       column->unit);
    column->name = name;
    if (!fault)
        check_duplicate(table, table->field);
}

/* By meaning, so wall_us counts as wall time. */
static bool has_column(const struct tm_table *table, const char *meaning)
{
    for (size_t i = 0; i < table->n_columns; i++)
        if (table->columns[i].meaning && strcmp(table->columns[i].meaning, meaning) == 0)
            return true;
    return false;
}

/* Has it a column of what a plugin did, beside how often? */
static bool measures(const struct tm_table *table)
{
    bool any = false;
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct tm_column *column = &table->columns[i];
        any = any || column->kind == TM_COLUMN_REAL || column->kind == TM_COLUMN_METRIC ||
              (column->kind == TM_COLUMN_COUNT && strcmp(column->meaning, "calls") != 0);
    }
    return any;
}

/* An unknown column is kept, not refused, and said so: a slip of the pen shows in the notice. Those of the recorder are known. */
static void enlist_metric(struct tm_table *table, struct tm_column *column, size_t index)
{
    struct tm_place place = tm_table_place(table, index);
    bool is_new;
    const struct tm_reading *described = &column->described;
    if (described->metric)
        column->slot = tm_sink_metric_like(table->sink, described->metric, described->unit, described->better, &is_new);
    else
        column->slot = tm_sink_metric(table->sink, column->name, column->unit, NULL, &is_new);
    if (is_new && !described->metric && !tm_explains_times(column->name))
        tm_diag_notice(table->sink->diag, &place, "column '%s' is kept as a metric%s%s", column->name, column->unit ? " in " : "",
                       column->unit ? column->unit : "");
}

/* A column and an option that say the same thing may disagree: one of them is too many. A key
 * without a start could not be placed in time. */
static void check_run_columns(struct tm_table *table)
{
    const struct tm_run *given = &table->sink->options->run;
    static const char *const flags[TM_RUN_SLOTS] = {"--project", "--run",     "--at", "--branch",   "--commit",
                                                    "--host",    "--version", "",     "--repeat-of"};
    for (size_t i = 0; i < table->n_columns; i++) {
        const struct tm_column *column = &table->columns[i];
        if (column->kind != TM_COLUMN_RUN_TEXT)
            continue;
        table->has_slot[column->slot] = true;
        table->slot_column[column->slot] = i;
        bool also_given = column->slot == TM_RUN_STARTED_AT ? table->sink->options->has_start
                                                            : tm_run_slot_text((enum tm_run_slot)column->slot, given) != NULL;
        if (also_given)
            TM_TABLE_FAULT(table, i, "found column '%s' beside the option %s, expected one of them", column->name,
                           flags[column->slot]);
    }
    if (table->has_slot[TM_RUN_KEY] && !table->has_slot[TM_RUN_STARTED_AT] && !table->sink->options->has_start)
        TM_TABLE_FAULT(table, table->slot_column[TM_RUN_KEY],
                       "found a run column and no start time, expected a column 'started_at' (or --at TIME for a single run)");
}

/* Rows of a file that does not say which run they are of would silently join the run before
 * them. */
static void compare_run_columns(struct tm_table *table)
{
    struct tm_place top = {table->file, 1, 0};
    for (int slot = 0; slot < TM_RUN_SLOTS && table->first_file; slot++) {
        const char *name = tm_run_slot_name((enum tm_run_slot)slot);
        if (table->has_slot[slot] && !table->first_slots[slot])
            TM_TABLE_FAULT(table, table->slot_column[slot],
                           "found column '%s', which '%s' does not have, expected the same run columns in all files", name,
                           table->first_file);
        else if (!table->has_slot[slot] && table->first_slots[slot])
            tm_diag_error(table->sink->diag, &top,
                          "found no column '%s', which '%s' has, expected the same run columns in all files", name,
                          table->first_file);
    }
}

/* The header is complete: is a row a call or a profile, and is everything there that either
 * needs? */
void tm_header_row(struct tm_table *table)
{
    struct tm_place top = {table->file, 1, 0};
    /* A column named call says it as well as the option. */
    table->per_call = table->sink->options->per_call || has_column(table, "call");
    table->has_header = true;
    for (size_t i = 0; i < table->n_columns; i++) {
        struct tm_column *column = &table->columns[i];
        if (table->per_call && only_in_profiles(column))
            TM_TABLE_FAULT(table, i, "found column '%s' where a row is one call, expected figures of single calls", column->name);
        if (column->kind == TM_COLUMN_METRIC)
            enlist_metric(table, column, i);
    }
    /* With one column only, another separator was mostly used. */
    if (!has_column(table, "plugin"))
        tm_diag_error(table->sink->diag, &top, "found no column 'plugin', expected one in the header%s",
                      table->n_columns == 1 ? " (are the columns separated by commas?)" : "");
    if (table->per_call && !has_column(table, "wall_ms"))
        tm_diag_error(table->sink->diag, &top,
                      "found no column of wall time, expected wall_ms, wall_us, wall_ns or wall_s where a row is one call");
    else if (!measures(table))
        tm_diag_error(table->sink->diag, &top,
                      "found no column with a measurement, expected wall_ms (or wall_us, wall_ns, wall_s), or any other number");
    check_run_columns(table);
    compare_run_columns(table);
    table->skip_rows = table->sink->diag->n_errors > table->errors_before;
    /* Only a header that makes sense is a measure for those of later files. */
    if (!table->first_file && !table->skip_rows) {
        table->first_file = table->file;
        memcpy(table->first_slots, table->has_slot, sizeof table->has_slot);
    }
}
