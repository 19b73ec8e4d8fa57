/* A tree of airspeed velocity's results: a directory for each machine, in it a file for each commit
 * and environment, each a run of the commit's time; benchmarks.json beside them says what is
 * measured in which unit. A file that is no result, or of another machine, is passed over with a
 * notice, as asv does. */
#include "ingest/formats/asv.h"

#include <dirent.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/array.h"
#include "base/text.h"
#include "ingest/formats/sniff.h"

enum { PATH = 4096 };

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
        tm_json_fault(json, "out of memory");
        return;
    }
    *added = (struct tm_asv_benchmark){keep(asv, name), keep(asv, described.type), keep(asv, described.unit),
                                       keep(asv, described.version)};
    tm_arena_reset(&json->texts);
}

/* Reads one file of the tree by a table: 1, 0 if it cannot be had, -1 if it is not what it should be (*why says it). */
static int read_file(struct tm_asv *asv, const char *path, const struct tm_json_member *members, size_t n, void *into,
                     char why[256])
{
    struct tm_source source;
    struct tm_diag diag = {0};
    struct tm_json *json = &asv->document.json;
    int error = tm_source_open(&source, path, asv->bytes ? asv->bytes : &asv->own_bytes);
    if (error)
        return 0;
    if (tm_source_peek(&source) == 0) {
        tm_json_begin(json, &source, &diag);
        tm_json_next(json);
        if (tm_json_read(json, members, n, into))
            tm_json_next(json);
    } else {
        tm_diag_error(&diag, &(struct tm_place){path, 0, 0}, "cannot read: %s", tm_source_fault(&source));
    }
    tm_source_close(&source);
    if (diag.n_errors && diag.errors[0]) {
        const char *colon = strstr(diag.errors[0], ": ");
        snprintf(why, 256, "%s", colon ? colon + 2 : diag.errors[0]);
    }
    int result = diag.n_errors ? -1 : 1;
    tm_diag_clear(&diag);
    return result;
}

static void read_benchmarks(struct tm_asv *asv, const char *directory)
{
    static const struct tm_json_member members[] = {{NULL, TM_JSON_CALL, 0, read_description}};
    char path[PATH], why[256] = "";
    snprintf(path, sizeof path, "%s/benchmarks.json", directory);
    if (read_file(asv, path, members, 1, asv, why) < 0)
        tm_diag_error(asv->document.sink->diag, &(struct tm_place){path, 0, 0}, "%s", why);
}

struct machine {
    struct tm_json_text name;
};

static int is_json(const struct dirent *entry)
{
    size_t size = strlen(entry->d_name);
    return *entry->d_name != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".json") == 0 &&
           strcmp(entry->d_name, "machine.json") != 0;
}

/* The name of a result's file without commit and extension: the environment. */
static const char *environment_of(struct tm_asv *asv, const char *file)
{
    const char *hyphen = strchr(file, '-');
    size_t size = hyphen ? strlen(hyphen + 1) : 0;
    return size > 5 ? tm_document_keep(&asv->document, hyphen + 1, size - 5) : NULL;
}

/* One file, one run: known again by machine, commit and environment, which are its path. */
static void read_result(struct tm_asv *asv, const char *machine, const char *path, const char *file)
{
    struct tm_document *document = &asv->document;
    const struct tm_place place = {path, 0, 0};
    struct tm_gather_facts *facts = &document->facts;
    char why[256] = "it is no file of results";
    tm_gather_begin(&document->gather, document->sink, path);
    tm_arena_reset(&document->kept);
    *facts = (struct tm_gather_facts)TM_GATHER_FACTS_INIT;
    facts->tool = "asv";
    tm_asv_clear(asv);
    int read = read_file(asv, path, tm_asv_members, tm_asv_n_members, asv, why);
    bool mine = !asv->machine || strcmp(asv->machine, machine) == 0;
    if (read == 0)
        tm_diag_error(document->sink->diag, &place, "cannot open: %s", strerror(errno));
    if (read == 1 && mine && asv->has_results && facts->commit) {
        facts->host = machine;
        facts->part = asv->environment ? asv->environment : environment_of(asv, file);
        facts->key = tm_document_printf(document, "%s/%.*s", machine, (int)(strlen(file) - 5), file);
        tm_asv_add(asv);
        tm_gather_run(&document->gather, facts);
    } else if (read != 0) {
        tm_diag_notice(document->sink->diag, &place, "is passed over: %s",
                       read < 0 ? why
                       : !mine  ? "it is of another machine than its directory"
                                : "it is no file of results");
    }
    tm_gather_drop(&document->gather);
}

static void read_machine(struct tm_asv *asv, const char *directory, const char *name)
{
    static const struct tm_json_member members[] = {{"machine", TM_JSON_A_TEXT, offsetof(struct machine, name), NULL}};
    struct dirent **entries = NULL;
    char path[PATH], why[256];
    struct machine machine = {0};
    snprintf(path, sizeof path, "%s/machine.json", directory);
    const char *key = name;
    if (read_file(asv, path, members, 1, &machine, why) == 1 && machine.name.text)
        key = keep(asv, machine.name);
    int n = scandir(directory, &entries, is_json, alphasort);
    for (int i = 0; i < n; i++) {
        char *file = tm_arena_take(&asv->tree, strlen(directory) + strlen(entries[i]->d_name) + 2);
        if (file && key && !asv->document.sink->failed) {
            sprintf(file, "%s/%s", directory, entries[i]->d_name);
            read_result(asv, key, file, entries[i]->d_name);
        } else {
            tm_sink_no_memory(asv->document.sink, directory);
        }
        free(entries[i]);
    }
    free(entries);
}

static bool is_there(const char *directory, const char *name)
{
    char path[PATH];
    struct stat facts;
    return snprintf(path, sizeof path, "%s/%s", directory, name) < PATH && stat(path, &facts) == 0;
}

static int is_visible(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

/* Machines in the order of their names. */
static void read_tree(void *reader, const char *directory)
{
    struct tm_asv *asv = reader;
    struct dirent **entries = NULL;
    struct stat facts;
    const struct tm_place place = {directory, 0, 0};
    uint64_t before = asv->document.gather.runs;
    tm_hash_free(&asv->by_name);
    free(asv->benchmarks);
    asv->benchmarks = NULL;
    asv->n_benchmarks = 0;
    read_benchmarks(asv, directory);
    int n = scandir(directory, &entries, is_visible, alphasort);
    for (int i = 0; i < n; i++) {
        char *path = tm_arena_take(&asv->tree, strlen(directory) + strlen(entries[i]->d_name) + 2);
        if (path) {
            sprintf(path, "%s/%s", directory, entries[i]->d_name);
            if (stat(path, &facts) == 0 && S_ISDIR(facts.st_mode))
                read_machine(asv, path, strrchr(path, '/') + 1);
        }
        free(entries[i]);
    }
    free(entries);
    if (asv->document.gather.runs == before)
        tm_diag_error(asv->document.sink->diag, &place, "has no result of asv in it; nothing was stored");
}

/* benchmarks.json beside directories, or a directory with a machine's description. */
static bool is_tree(const char *directory)
{
    struct dirent **entries = NULL;
    bool found = is_there(directory, "benchmarks.json");
    int n = !found ? scandir(directory, &entries, is_visible, alphasort) : 0;
    for (int i = 0; i < n; i++) {
        char path[PATH];
        found =
            found || (snprintf(path, sizeof path, "%s/%s", directory, entries[i]->d_name) < PATH && is_there(path, "machine.json"));
        free(entries[i]);
    }
    free(entries);
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
