/* A tree of airspeed velocity's results: a directory for each machine, in it a file for each commit
 * and environment, each a run of the commit's time; benchmarks.json beside them says what is
 * measured in which unit. A file that is no result, or of another machine, is passed over with a
 * notice, as asv does. */
#include "ingest/formats/asv.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "ingest/directory.h"
#include "ingest/formats/sniff.h"

static void *begin(struct tm_sink *sink)
{
    struct tm_asv *asv = calloc(1, sizeof *asv);
    if (asv)
        asv->document.sink = sink;
    return asv;
}

static void end(void *reader)
{
    struct tm_asv *asv = reader;
    tm_hash_free(&asv->by_name);
    free(asv->benchmarks);
    tm_arena_free(&asv->tree);
    tm_asv_clear(asv);
    tm_document_end(reader);
}

static const char *keep(struct tm_asv *asv, struct tm_json_text text)
{
    const char *kept = text.text ? tm_arena_text(&asv->tree, text.text, text.size) : NULL;
    if (text.text && !kept)
        tm_sink_no_memory(asv->document.sink, NULL);
    return kept;
}

struct described {
    struct tm_json_text type, unit, version;
};

static void read_description(struct tm_json *json, void *into)
{
    static const struct tm_json_member members[] = {
        {"type", TM_JSON_A_TEXT, offsetof(struct described, type), NULL},
        {"unit", TM_JSON_A_TEXT, offsetof(struct described, unit), NULL},
        {"version", TM_JSON_A_TEXT, offsetof(struct described, version), NULL},
    };
    struct tm_asv *asv = into;
    struct described described = {0};
    struct tm_json_text name = json->key;
    if (json->token != TM_JSON_OBJECT) { /* "version": of the file */
        tm_json_skip(json);
        return;
    }
    if (!tm_json_read(json, members, sizeof members / sizeof *members, &described))
        return;
    struct tm_asv_benchmark *added = tm_array_add(&asv->benchmarks, &asv->n_benchmarks, sizeof *added);
    if (!added || tm_hash_add(&asv->by_name, tm_hash_text(name.text, name.size), asv->n_benchmarks) != 0) {
        tm_json_no_memory(json);
        return;
    }
    *added = (struct tm_asv_benchmark){keep(asv, name), keep(asv, described.type), keep(asv, described.unit),
                                       keep(asv, described.version)};
    tm_arena_reset(&json->texts);
}

static void read_benchmarks(struct tm_asv *asv, const char *directory)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_description}};
    const char *path = tm_document_printf(&asv->document, "%s/benchmarks.json", directory);
    if (path && tm_directory_has(directory, "benchmarks.json"))
        tm_document_read_file(&asv->document, path, members, 1, asv, asv->document.sink->diag);
}

/* The name of a result's file without commit and extension: the environment. */
static const char *environment_of(struct tm_asv *asv, const char *file, size_t stem)
{
    const char *hyphen = memchr(file, '-', stem);
    return hyphen ? tm_document_keep(&asv->document, hyphen + 1, stem - (size_t)(hyphen + 1 - file)) : NULL;
}

/* A file that is no result is passed over, as asv does; one that could not be read is not, nor is it for want of memory. */
static void tell_left_out(struct tm_asv *asv, const struct tm_place *place, const struct tm_diag *why, int read, bool mine)
{
    struct tm_diag *diag = asv->document.sink->diag;
    const char *fault = why->n_errors ? why->errors[0] : NULL, *behind = fault ? strstr(fault, ": ") : NULL;
    const char *words = behind ? behind + 2 : "out of memory";
    if (read < 0 || why->lost)
        tm_diag_error(diag, place, "%s", words);
    else
        tm_diag_notice(diag, place, "is passed over: %s",
                       read == 0 ? words
                       : !mine   ? "it is of another machine than its directory"
                                 : "it is no file of results");
}

/* One file, one run: known again by machine, commit and environment, which are its path. */
static void read_result(struct tm_asv *asv, const char *machine, const struct tm_directory_entry *file, size_t stem)
{
    struct tm_document *document = &asv->document;
    const struct tm_place place = {file->path, 0, 0};
    struct tm_gather_facts *facts = &document->facts;
    struct tm_diag diag = {0};
    tm_gather_begin(&document->gather, document->sink, file->path);
    tm_arena_reset(&document->kept);
    *facts = (struct tm_gather_facts)TM_GATHER_FACTS_INIT;
    facts->tool = "asv";
    tm_asv_clear(asv);
    int read = tm_document_read_file(document, file->path, tm_asv_members, tm_asv_n_members, asv, &diag);
    bool mine = !asv->machine || strcmp(asv->machine, machine) == 0;
    if (read == 1 && mine && asv->has_results && facts->commit) {
        facts->host = machine;
        facts->part = asv->environment ? asv->environment : environment_of(asv, file->name, stem);
        facts->key = tm_document_printf(document, "%s/%.*s", machine, (int)stem, file->name);
        tm_asv_add(asv);
        tm_gather_run(&document->gather, facts);
    } else {
        tell_left_out(asv, &place, &diag, read, mine);
    }
    tm_gather_drop(&document->gather);
    tm_diag_clear(&diag);
}

/* The length of a name without ".json"; 0: it has no such ending. */
static size_t stem_of(const char *name)
{
    static const char ENDING[] = ".json";
    size_t size = strlen(name), ending = sizeof ENDING - 1;
    return size > ending && strcmp(name + size - ending, ENDING) == 0 ? size - ending : 0;
}

struct machine {
    struct tm_json_text name;
};

/* The machine's name is that of its description, else of its directory. */
static const char *machine_name(struct tm_asv *asv, const struct tm_directory_entry *entry)
{
    static const struct tm_json_member members[] = {{"machine", TM_JSON_A_TEXT, offsetof(struct machine, name), NULL}};
    struct machine machine = {0};
    const char *path = tm_document_printf(&asv->document, "%s/machine.json", entry->path);
    if (path && tm_directory_has(entry->path, "machine.json"))
        tm_document_read_file(&asv->document, path, members, 1, &machine, asv->document.sink->diag);
    return machine.name.text ? keep(asv, machine.name) : entry->name;
}

/* Lists a directory, or tells why it cannot be. */
static bool list(struct tm_asv *asv, struct tm_directory *directory, const char *path)
{
    int error = tm_directory_list(directory, path, &asv->tree);
    if (error)
        tm_diag_error(asv->document.sink->diag, &(struct tm_place){path, 0, 0}, "cannot read the directory: %s", strerror(error));
    return error == 0;
}

static void read_machine(struct tm_asv *asv, const struct tm_directory_entry *entry)
{
    struct tm_directory directory;
    const char *machine = machine_name(asv, entry);
    if (!machine || !list(asv, &directory, entry->path))
        return;
    for (size_t i = 0; i < directory.n && !asv->document.sink->failed; i++) {
        size_t stem = stem_of(directory.entries[i].name);
        if (stem && strcmp(directory.entries[i].name, "machine.json") != 0)
            read_result(asv, machine, &directory.entries[i], stem);
    }
}

/* Machines in the order of their names. */
static void read_tree(void *reader, const char *path)
{
    struct tm_asv *asv = reader;
    struct tm_directory directory;
    struct tm_diag *diag = asv->document.sink->diag;
    const struct tm_place place = {path, 0, 0};
    uint64_t runs = asv->document.gather.runs, faults = diag->n_errors;
    tm_hash_free(&asv->by_name);
    free(asv->benchmarks);
    asv->benchmarks = NULL;
    asv->n_benchmarks = 0;
    read_benchmarks(asv, path);
    bool listed = list(asv, &directory, path);
    for (size_t i = 0; listed && i < directory.n; i++)
        if (directory.entries[i].is_directory)
            read_machine(asv, &directory.entries[i]);
    if (asv->document.gather.runs == runs && diag->n_errors == faults)
        tm_diag_error(diag, &place, "has no result of asv in it; nothing was stored");
}

/* benchmarks.json beside directories, or a directory with a machine's description. */
static bool is_tree(const char *path)
{
    struct tm_arena arena = {0};
    struct tm_directory directory;
    bool found = tm_directory_has(path, "benchmarks.json");
    if (!found && tm_directory_list(&directory, path, &arena) == 0)
        for (size_t i = 0; i < directory.n && !found; i++)
            found = directory.entries[i].is_directory && tm_directory_has(directory.entries[i].path, "machine.json");
    tm_arena_free(&arena);
    return found;
}

static bool sniff(const unsigned char *head, size_t size)
{
    return tm_sniff_json(head, size, '{') && tm_sniff_key(head, size, 1, "commit_hash") &&
           (tm_sniff_key(head, size, 1, "results") || tm_sniff_key(head, size, 1, "params"));
}

/* A file by itself lacks what its units are. */
static void read_source(void *reader, struct tm_source *source)
{
    struct tm_asv *asv = reader;
    tm_diag_error(asv->document.sink->diag, &(struct tm_place){source->name, 0, 0},
                  "is one result of asv, expected the directory of all (the one with benchmarks.json in it)");
}

const struct tm_input_format tm_input_asv = {
    .name = "asv",
    .summary = "airspeed velocity's directory of results: a whole history, a file a run",
    .sniff = sniff,
    .begin = begin,
    .read = read_source,
    .is_tree = is_tree,
    .read_tree = read_tree,
    .end = end,
};
