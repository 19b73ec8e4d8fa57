/* A dump's lines, one by one; a run with the profiles and spikes that follow it is one fact. So a line is looked at before it is
 * known whether the run is whole: its type, of which the reader then goes on with the members.
 *
 * The last line says that it is the last: a file that was cut off between two lines is no dump. */
#include "ingest/dump_reader.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/dump_lines.h"
#include "schema/dump.h"

struct tm_dump_reader {
    struct tm_source source;
    struct tm_json json;
    struct tm_diag diag;
    _Atomic uint64_t bytes;
    bool opened, begun, ended;
    enum tm_dump_type type; /* of the line in hand, whose members are still to be read */
    struct tm_place place;  /* where it begins */
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
    struct tm_week_plugin *weekly;
    size_t n_weekly, weekly_room;
};

tm_dump_reader *tm_dump_open(const char *file)
{
    tm_dump_reader *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    int error = tm_source_open(&reader->source, file, &reader->bytes);
    const struct tm_place place = {reader->source.name, 0, 0};
    reader->opened = error == 0;
    if (error)
        tm_diag_error(&reader->diag, &place, "cannot open: %s", strerror(error));
    else if (tm_source_peek(&reader->source) != 0)
        tm_diag_error(&reader->diag, &place, "cannot read: %s", tm_source_fault(&reader->source));
    tm_json_begin(&reader->json, &reader->source, &reader->diag);
    reader->json.lines = true;
    return reader;
}

/* The next line's beginning: its type. */
static bool begin_line(tm_dump_reader *reader)
{
    struct tm_json *json = &reader->json;
    char shown[64];
    enum tm_json_token token = tm_json_next(json);
    reader->place = tm_json_place(json);
    if (token == TM_JSON_END)
        return tm_json_fault(json, "found the end of the file, expected a line of the type 'end': the dump is cut off");
    if (token != TM_JSON_OBJECT)
        return tm_json_fault(json, "found %s, expected an object", tm_json_found(json, shown));
    if (tm_json_next(json) != TM_JSON_KEY || json->size != strlen("type") || strcmp(json->text, "type") != 0)
        return tm_json_fault(json, "found another member, expected 'type' first");
    if (tm_json_next(json) == TM_JSON_TEXT_VALUE)
        reader->type = tm_dump_type_named(json->text, json->size);
    if (json->token != TM_JSON_TEXT_VALUE || reader->type == TM_DUMP_TYPES)
        return tm_json_fault(json, "found %s, expected the type of a line of a dump", tm_json_found(json, shown));
    return true;
}

/* The first line, by which a file of something else is known. */
static bool read_header(tm_dump_reader *reader)
{
    struct tm_json *json = &reader->json;
    struct tm_dump_line line;
    char shown[64], name[TM_SHOWN_SIZE];
    if (tm_json_next(json) != TM_JSON_OBJECT)
        return tm_json_fault(json, "found %s, expected {\"format\":\"" TM_DUMP_FORMAT "\",...}: a dump of 'tidemark dump'",
                             tm_json_found(json, shown));
    if (!tm_dump_read_line(json, TM_DUMP_HEADER, &line))
        return false;
    if (strcmp(line.format, TM_DUMP_FORMAT) != 0)
        return tm_json_fault(json, "found the format '%s', expected '" TM_DUMP_FORMAT "'",
                             tm_shown(line.format, strlen(line.format), name));
    if (line.version != TM_DUMP_VERSION)
        return tm_json_fault(json, "found version %lld, expected %d: another version of Tidemark wrote it", (long long)line.version,
                             TM_DUMP_VERSION);
    return begin_line(reader);
}

/* In the line of a profile or a spike the run is named again. */
static bool check_run(tm_dump_reader *reader, const struct tm_dump_line *line, const char *run)
{
    char found[TM_SHOWN_SIZE], wanted[TM_SHOWN_SIZE];
    if (strcmp(line->run, run) == 0)
        return true;
    return tm_json_fault(&reader->json, "found a line of run '%s', expected one of '%s', which it follows",
                         tm_shown(line->run, strlen(line->run), found), tm_shown(run, strlen(run), wanted));
}

static bool add_line(tm_dump_reader *reader, const struct tm_dump_line *line)
{
    if (reader->type == TM_DUMP_PROFILE) {
        if (tm_array_reserve(&reader->profiles, &reader->profiles_room, reader->n_profiles + 1, sizeof line->profile) != 0)
            return tm_json_no_memory(&reader->json);
        reader->profiles[reader->n_profiles++] = line->profile;
    } else {
        if (tm_array_reserve(&reader->spikes, &reader->spikes_room, reader->n_spikes + 1, sizeof line->spike) != 0)
            return tm_json_no_memory(&reader->json);
        reader->spikes[reader->n_spikes++] = line->spike;
    }
    return true;
}

/* All that follows the run's own line and belongs to it. */
static bool read_rows(tm_dump_reader *reader, struct tm_fact *fact)
{
    struct tm_dump_line line;
    reader->n_profiles = reader->n_spikes = 0;
    fact->run.run.project = fact->project;
    while (begin_line(reader)) {
        if (reader->type != TM_DUMP_PROFILE && reader->type != TM_DUMP_SPIKE) {
            fact->run.profiles = reader->profiles;
            fact->run.n_profiles = reader->n_profiles;
            fact->run.spikes = reader->spikes;
            fact->run.n_spikes = reader->n_spikes;
            return true;
        }
        if (!tm_dump_read_line(&reader->json, reader->type, &line) || !check_run(reader, &line, fact->run.run.key) ||
            !add_line(reader, &line))
            return false;
    }
    return false;
}

/* All that follows a week's own line and belongs to it. */
static bool read_weekly(tm_dump_reader *reader, struct tm_fact *fact)
{
    struct tm_dump_line line;
    reader->n_weekly = 0;
    while (begin_line(reader)) {
        if (reader->type != TM_DUMP_WEEKLY) {
            fact->week.plugins = reader->weekly;
            fact->week.n_plugins = reader->n_weekly;
            return true;
        }
        if (!tm_dump_read_line(&reader->json, reader->type, &line))
            return false;
        if (line.begins_at != fact->week.begins_at)
            return tm_json_fault(&reader->json, "found a line of another week, expected one of the week that it follows");
        if (tm_array_reserve(&reader->weekly, &reader->weekly_room, reader->n_weekly + 1, sizeof line.weekly) != 0)
            return tm_json_no_memory(&reader->json);
        reader->weekly[reader->n_weekly++] = line.weekly;
    }
    return false;
}

/* The line in hand and what belongs to it; the next one's beginning is read then. */
static bool read_fact(tm_dump_reader *reader, struct tm_fact *fact)
{
    static const enum tm_fact_kind kinds[] = {[TM_DUMP_HOST] = TM_FACT_HOST,
                                              [TM_DUMP_METRIC] = TM_FACT_METRIC,
                                              [TM_DUMP_RUN] = TM_FACT_RUN,
                                              [TM_DUMP_WEEK] = TM_FACT_WEEK,
                                              [TM_DUMP_DECISION] = TM_FACT_DECISION,
                                              [TM_DUMP_JUDGED] = TM_FACT_LINEAGE,
                                              [TM_DUMP_DECISIONS] = TM_FACT_LAST_DECISION};
    struct tm_dump_line line;
    enum tm_dump_type type = reader->type;
    if (type == TM_DUMP_PROFILE || type == TM_DUMP_SPIKE)
        return tm_json_fault(&reader->json, "found a line of a run, expected the run before it");
    if (type == TM_DUMP_WEEKLY)
        return tm_json_fault(&reader->json, "found a line of a week, expected the week before it");
    if (!tm_dump_read_line(&reader->json, type, &line))
        return false;
    *fact = line.fact;
    fact->kind = kinds[type];
    if (type == TM_DUMP_WEEK)
        return read_weekly(reader, fact);
    return type == TM_DUMP_RUN ? read_rows(reader, fact) : begin_line(reader);
}

/* Nothing may follow the last line. */
static bool read_end(tm_dump_reader *reader)
{
    struct tm_dump_line line;
    char shown[64];
    if (!tm_dump_read_line(&reader->json, TM_DUMP_END, &line))
        return false;
    reader->ended = true;
    return tm_json_next(&reader->json) == TM_JSON_END ||
           tm_json_fault(&reader->json, "found %s, expected nothing behind the line of the type 'end'",
                         tm_json_found(&reader->json, shown));
}

int tm_dump_next(tm_dump_reader *reader, struct tm_fact *fact, struct tm_place *place)
{
    if (reader->diag.n_errors > 0 || reader->ended)
        return reader->diag.n_errors > 0 ? -1 : 0;
    tm_arena_reset(&reader->json.texts);
    bool well = reader->begun || read_header(reader);
    reader->begun = true;
    *place = reader->place;
    if (well && reader->type == TM_DUMP_END)
        return read_end(reader) ? 0 : -1;
    return well && read_fact(reader, fact) ? 1 : -1;
}

const struct tm_diag *tm_dump_diag(const tm_dump_reader *reader)
{
    return &reader->diag;
}

void tm_dump_close(tm_dump_reader *reader)
{
    if (!reader)
        return;
    if (reader->opened)
        tm_source_close(&reader->source);
    tm_json_free(&reader->json);
    tm_diag_clear(&reader->diag);
    free(reader->profiles);
    free(reader->spikes);
    free(reader->weekly);
    free(reader);
}
