/* Which run a row belongs to: told from the columns that speak of the run, where the file has
 * such. A row begins another run when its key, or without keys its start, differs from the row
 * before, or its project does; anything else that changes within a run is a fault, for one of the
 * two values would be lost.
 *
 * Runs need not be sorted, but a run's rows must stand together: a file is read once, and no run
 * is kept open for later. */
#include <stdarg.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "ingest/formats/csv_table.h"
#include "ingest/settle.h"
#include "schema/fields.h"

/* Notes what is wrong with the row in hand, at a column's place; the row is not taken. */
static void fault(struct tm_table *table, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fault(struct tm_table *table, size_t column, const char *format, ...)
{
    struct tm_place place = tm_table_place(table, column);
    va_list arguments;
    va_start(arguments, format);
    tm_diag_verror(table->sink->diag, &place, format, arguments);
    va_end(arguments);
    table->bad = true;
}

/* The slot's text for the run, in the chunk's memory; an empty field, as a column that the file
 * does not have, is left to the option or the default. */
static const char *slot_text(struct tm_table *table, enum tm_run_slot slot, const char *option)
{
    const struct tm_run_text *now = &table->current[slot];
    if (!table->has_slot[slot] || now->size == 0)
        return option;
    return tm_sink_text(table->sink, now->text, now->size);
}

/* What changed becomes what is. The buffers are exchanged, not copied: both keep their room for
 * the next change. */
static void take_incoming(struct tm_table *table)
{
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        if (table->changed & 1u << slot) {
            struct tm_run_text before = table->current[slot];
            table->current[slot] = table->incoming[slot];
            table->incoming[slot] = before;
        }
}

/* No column, no fault: the option or the time of the import is taken. */
static bool read_start(struct tm_table *table, int64_t *started_at)
{
    const struct tm_run_text *text = &table->current[TM_RUN_STARTED_AT];
    *started_at = table->sink->options->run.started_at;
    if (!table->has_slot[TM_RUN_STARTED_AT] || tm_time_parse(text->text, text->size, started_at) == 0)
        return true;
    char shown[TM_SHOWN_SIZE];
    *started_at = table->sink->options->run.started_at;
    fault(table, table->slot_column[TM_RUN_STARTED_AT],
          "found '%s', expected a time in column 'started_at' (ISO 8601 or epoch seconds)",
          tm_shown(text->text, text->size, shown));
    return false;
}

/* A bad start spoils the row that begins the run; the run is begun all the same, so that its
 * other rows are looked at. */
static void begin_run(struct tm_table *table)
{
    const struct tm_run *given = &table->sink->options->run;
    struct tm_run run = *given;
    take_incoming(table);
    if (!read_start(table, &run.started_at))
        table->bad = true;
    run.key = slot_text(table, TM_RUN_KEY, tm_settle_key(table->sink, table->file));
    run.branch = slot_text(table, TM_RUN_BRANCH, given->branch);
    run.commit_id = slot_text(table, TM_RUN_COMMIT, given->commit_id);
    run.host = slot_text(table, TM_RUN_HOST, given->host);
    run.version = slot_text(table, TM_RUN_VERSION, given->version);
    run.project = slot_text(table, TM_RUN_PROJECT, given->project);
    run.tool = slot_text(table, TM_RUN_TOOL, NULL);
    run.repeat_of = slot_text(table, TM_RUN_REPEAT_OF, given->repeat_of);
    run.part = tm_settle_part(table->sink, table->file);
    bool assumed = !table->has_slot[TM_RUN_STARTED_AT] && !table->sink->options->has_start;
    if (assumed && (table->sink->options->at_mtime || tm_settle_each_file(table->sink->options)) &&
        !tm_settle_start(table->sink, table->file, -1, &run.started_at, &assumed))
        table->bad = true;
    tm_sink_begin_run(table->sink, &run, assumed, table->file, tm_table_place(table, 0).line);
}

/* Does this row begin another run than the one in hand? */
static bool is_other_run(const struct tm_table *table)
{
    if (!table->sink->run)
        return true;
    /* A run's name is unique in its project only. */
    if (table->changed & 1u << TM_RUN_PROJECT)
        return true;
    if (table->has_slot[TM_RUN_KEY])
        return table->changed & 1u << TM_RUN_KEY;
    return !table->sink->options->run.key && table->changed & 1u << TM_RUN_STARTED_AT;
}

/* A column of the run changed within the run. */
static void refuse_change(struct tm_table *table, enum tm_run_slot slot)
{
    char found[TM_SHOWN_SIZE], before[TM_SHOWN_SIZE];
    const struct tm_run_text *now = &table->current[slot], *new = &table->incoming[slot];
    fault(table, table->slot_column[slot],
          "found %s '%s' in the run that has '%s' in the row before, expected one value in all rows of a run",
          tm_run_slot_name(slot), tm_shown(new->text, new->size, found), tm_shown(now->text ? now->text : "", now->size, before));
}

/* --at is the start of one run. Said once; what follows cannot be told apart. */
static bool is_one_too_many(struct tm_table *table)
{
    if (table->sink->run_ordinal == 0 || !table->sink->options->has_start || !table->has_slot[TM_RUN_KEY])
        return false;
    if (!table->one_too_many)
        fault(table, table->slot_column[TM_RUN_KEY],
              "found a second run with --at, expected a column 'started_at' where there are several runs");
    return table->one_too_many = true;
}

/* The run for the row in hand: the one that is open, or a new one. False: the row cannot be
 * placed, which has been noted. */
static bool find_run(struct tm_table *table)
{
    if (is_other_run(table)) {
        tm_sink_end_run(table->sink);
        if (is_one_too_many(table))
            return false;
        begin_run(table);
        return !table->bad && !table->sink->failed;
    }
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        if (table->changed & 1u << slot) {
            refuse_change(table, (enum tm_run_slot)slot);
            return false;
        }
    return true;
}

/* The row's texts go into the chunk of its run: which one that is was not known before, for a run that ends may hand its chunk on.
 */
static void keep_texts(struct tm_table *table)
{
    struct tm_profile *row = &table->row;
    for (size_t i = 0; i < tm_n_fields && table->has_texts; i++)
        if (tm_fields[i].type == TM_FIELD_TEXT && tm_field_known(&tm_fields[i], row)) {
            const char *text = tm_field_text(&tm_fields[i], row);
            *(const char **)((char *)row + tm_fields[i].at) = tm_sink_text(table->sink, text, strlen(text));
        }
    if (!row->latency)
        return;
    void *kept = tm_arena_take(&table->sink->chunk->arena, row->latency_size);
    if (kept)
        row->latency = memcpy(kept, row->latency, row->latency_size);
    else
        tm_sink_no_memory(table->sink, table->file);
}

void tm_table_place_row(struct tm_table *table)
{
    char shown[TM_SHOWN_SIZE];
    if (!find_run(table))
        return;
    keep_texts(table);
    if (table->sink->failed)
        return;
    if (table->per_call)
        tm_sink_call(table->sink, table->plugin, &table->row);
    else if (!tm_sink_profile(table->sink, table->plugin, &table->row))
        fault(table, 0, "found plugin '%s' a second time in one run, expected each plugin once",
              tm_shown(table->plugin->text, table->plugin->size, shown));
}
