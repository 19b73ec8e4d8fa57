/* JSON lines with the names of the CSV's columns: an object is a row. They go through the same
 * table as CSV, so what a column means, and what is wrong with it, is told in one place; a line
 * with other members than the one before begins a new header. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/formats/csv_table.h"
#include "ingest/formats/document.h"
#include "ingest/formats/sniff.h"

struct lines {
    struct tm_json json; /* first */
    struct tm_table table;
    struct tm_json_text *names, *values; /* of the line in hand */
    size_t n_names, n_values;
    char *header; /* the names of the header in hand, each terminated */
    size_t header_size, header_room;
};

static void *begin(struct tm_sink *sink)
{
    struct lines *lines = calloc(1, sizeof *lines);
    if (lines)
        lines->table.sink = sink;
    return lines;
}

static void end(void *reader)
{
    struct lines *lines = reader;
    tm_table_free(&lines->table);
    tm_json_free(&lines->json);
    free(lines->names);
    free(lines->values);
    free(lines->header);
    free(lines);
}

static void read_member(struct tm_json *json, void *into)
{
    struct lines *lines = into;
    char shown[64];
    struct tm_json_text value = {"", 0};
    struct tm_json_text *name = tm_array_add(&lines->names, &lines->n_names, sizeof *name);
    struct tm_json_text *added = name ? tm_array_add(&lines->values, &lines->n_values, sizeof *added) : NULL;
    if (!added) {
        tm_json_no_memory(json);
        return;
    }
    if (json->token == TM_JSON_OBJECT || json->token == TM_JSON_ARRAY)
        tm_json_fault(json, "found %s, expected a number or a text", tm_json_found(json, shown));
    else if (json->token == TM_JSON_TEXT_VALUE || json->token == TM_JSON_NUMBER)
        tm_json_take_text(json, &value);
    *name = json->key;
    *added = value;
}

/* The same members in the same order are the same columns. */
static bool is_same_header(const struct lines *lines)
{
    size_t at = 0;
    for (size_t i = 0; i < lines->n_names; i++) {
        size_t size = lines->names[i].size + 1;
        if (at + size > lines->header_size || memcmp(lines->header + at, lines->names[i].text, size) != 0)
            return false;
        at += size;
    }
    return at == lines->header_size && at > 0;
}

static bool give_header(struct lines *lines, const char *file)
{
    tm_table_start_part(&lines->table, file);
    lines->header_size = 0;
    for (size_t i = 0; i < lines->n_names; i++) {
        size_t size = lines->names[i].size + 1;
        if (tm_array_reserve(&lines->header, &lines->header_room, lines->header_size + size, 1) != 0)
            return tm_json_no_memory(&lines->json);
        memcpy(lines->header + lines->header_size, lines->names[i].text, size);
        lines->header_size += size;
        tm_table_field(&lines->table, lines->names[i].text, lines->names[i].size);
    }
    tm_table_row(&lines->table);
    return true;
}

static void read_source(void *reader, struct tm_source *source)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_member}};
    struct lines *lines = reader;
    struct tm_json *json = &lines->json;
    const struct tm_place place = {source->name, 0, 0};
    bool any = false;
    tm_json_begin(json, source, lines->table.sink->diag);
    json->lines = true;
    lines->header_size = 0;
    tm_table_start_file(&lines->table, source->name);
    lines->table.json = json;
    while (tm_json_next(json) != TM_JSON_END && json->token != TM_JSON_FAILED && !lines->table.sink->failed) {
        lines->table.line = json->line;
        free(lines->names), free(lines->values);
        lines->names = lines->values = NULL;
        lines->n_names = lines->n_values = 0;
        if (!tm_json_read(json, members, 1, lines) || (!is_same_header(lines) && !give_header(lines, source->name)))
            break;
        any = true;
        for (size_t i = 0; i < lines->n_values; i++)
            tm_table_field(&lines->table, lines->values[i].text, lines->values[i].size);
        tm_table_row(&lines->table);
        tm_arena_reset(&json->texts);
    }
    lines->table.json = NULL;
    if (!any && json->token != TM_JSON_FAILED)
        tm_diag_error(lines->table.sink->diag, &place, "has no measurement in it; nothing was stored");
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "plugin");
}

const struct tm_input_format tm_input_ndjson = {
    .name = "ndjson",
    .summary = "JSON lines with the names of the CSV's columns",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .end = end,
};
