/* Which run a row belongs to. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "base/timestamp.h"
#include "ingest/formats/csv_table.h"
#include "schema/fields.h"

enum { CHUNK_ROWS = 1024 };

static void fault(struct tm_table *table, size_t column, const char *format, ...) __attribute__((format(printf, 3, 4)));

static void fault(struct tm_table *table, size_t column, const char *format, ...)
{
    struct tm_place place = tm_csv_place(table->csv, column);
    va_list arguments;
    va_start(arguments, format);
    tm_diag_verror(table->diag, &place, format, arguments);
    va_end(arguments);
    table->bad = true;
}

/* A sum over the rows, so that their order does not matter. */
static uint32_t content_hash(const struct tm_profile *profiles, size_t count)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t hash = tm_profile_hash(&profiles[i]);
        sum += hash ^ (hash >> 32);
    }
    return (uint32_t)(sum ^ (sum >> 32));
}

static const char *make_key(struct tm_table *table, const struct tm_chunk_run *run)
{
    char key[TM_TIME_SIZE + 16], time[TM_TIME_SIZE];
    tm_time_format(run->run.started_at, time);
    int size = snprintf(key, sizeof key, "%s-%08x", time, (unsigned)content_hash(table->chunk->profiles + run->first, run->count));
    return tm_arena_text(&table->chunk->arena, key, (size_t)size);
}

static void end_run(struct tm_table *table)
{
    struct tm_chunk_run *run = table->run;
    if (!run)
        return;
    if (tm_calls_finish(&table->calls, table->chunk, &table->metrics) != 0)
        table->failed = true;
    run->count = table->chunk->n_profiles - run->first;
    if (!run->run.key)
        run->run.key = make_key(table, run);
    table->run = NULL;
    table->failed = table->failed || !run->run.key;
    if (table->chunk->n_profiles >= CHUNK_ROWS && table->full(table->context) != 0)
        table->failed = true;
}

/* The slot's text for the run, in the chunk's memory; an empty field is left to the option or the default. */
static const char *slot_text(struct tm_table *table, enum tm_run_slot slot, const char *option)
{
    const struct tm_run_text *now = &table->current[slot];
    if (!table->has_slot[slot] || now->size == 0)
        return option;
    return tm_arena_text(&table->chunk->arena, now->text, now->size);
}

/* What changed becomes what is. */
static void take_incoming(struct tm_table *table)
{
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        if (table->changed & 1u << slot) {
            struct tm_run_text before = table->current[slot];
            table->current[slot] = table->incoming[slot];
            table->incoming[slot] = before;
        }
}

static bool read_start(struct tm_table *table, int64_t *started_at)
{
    const struct tm_run_text *text = &table->current[TM_RUN_STARTED_AT];
    *started_at = table->options->run.started_at;
    if (!table->has_slot[TM_RUN_STARTED_AT] || tm_time_parse(text->text, text->size, started_at) == 0)
        return true;
    char shown[TM_SHOWN_SIZE];
    fault(table, table->slot_column[TM_RUN_STARTED_AT],
          "found '%s', expected a time in column 'started_at' (ISO 8601 or epoch seconds)",
          tm_shown(text->text, text->size, shown));
    return false;
}

static void begin_run(struct tm_table *table)
{
    const struct tm_run *given = &table->options->run;
    struct tm_chunk_run *run = tm_chunk_add_run(table->chunk);
    take_incoming(table);
    if (!run) {
        table->failed = true;
        return;
    }
    *run = (struct tm_chunk_run){.run = *given, .first = table->chunk->n_profiles, .file = table->file};
    run->line = tm_csv_place(table->csv, 0).line;
    if (!read_start(table, &run->run.started_at))
        table->bad = true;
    run->run.key = slot_text(table, TM_RUN_KEY, given->key);
    run->run.branch = slot_text(table, TM_RUN_BRANCH, given->branch);
    run->run.commit_id = slot_text(table, TM_RUN_COMMIT, given->commit_id);
    run->run.host = slot_text(table, TM_RUN_HOST, given->host);
    run->run.version = slot_text(table, TM_RUN_VERSION, given->version);
    table->run = run;
    table->run_ordinal++;
}

/* Does this row begin another run than the one in hand? */
static bool is_other_run(const struct tm_table *table)
{
    if (!table->run)
        return true;
    if (table->has_slot[TM_RUN_KEY])
        return table->changed & 1u << TM_RUN_KEY;
    return !table->options->run.key && table->changed & 1u << TM_RUN_STARTED_AT;
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
    if (table->run_ordinal == 0 || !table->options->has_start || !table->has_slot[TM_RUN_KEY])
        return false;
    if (!table->one_too_many)
        fault(table, table->slot_column[TM_RUN_KEY],
              "found a second run with --at, expected a column 'started_at' where there are several runs");
    return table->one_too_many = true;
}

static bool find_run(struct tm_table *table)
{
    if (is_other_run(table)) {
        end_run(table);
        if (is_one_too_many(table))
            return false;
        begin_run(table);
        return !table->bad && !table->failed;
    }
    for (int slot = 0; slot < TM_RUN_SLOTS; slot++)
        if (table->changed & 1u << slot) {
            refuse_change(table, (enum tm_run_slot)slot);
            return false;
        }
    return true;
}

static void add_profile(struct tm_table *table)
{
    if (table->plugin->last_run == table->run_ordinal) {
        char shown[TM_SHOWN_SIZE];
        fault(table, 0, "found plugin '%s' a second time in one run, expected each plugin once",
              tm_shown(table->plugin->text, table->plugin->size, shown));
        return;
    }
    struct tm_profile *profile = tm_chunk_add_profile(table->chunk);
    if (!profile) {
        table->failed = true;
        return;
    }
    *profile = table->row;
    profile->plugin = table->plugin->text;
    table->plugin->last_run = table->run_ordinal;
    if (table->metrics.count && tm_give_readings(table->chunk, profile, &table->metrics, table->metric_values) != 0)
        table->failed = true;
}

void tm_table_place_row(struct tm_table *table)
{
    if (!find_run(table))
        return;
    if (!table->per_call)
        add_profile(table);
    else if (tm_calls_add(&table->calls, table->plugin, &table->row, table->metric_values, table->metrics.count) != 0)
        table->failed = true;
}

void tm_table_finish(struct tm_table *table)
{
    end_run(table);
}
