/* export: what was measured, for other programs, and for a store that is made from it; or the store as it is. A file appears whole
 * or not at all, and not without a run in it: nobody finds out later that a name was misspelt. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/replace.h"
#include "cli/arguments.h"
#include "cli/export_runs.h"
#include "cli/output.h"

/* NULL (and a message): there is none of that name. */
static const struct tm_export_form *find_form(const struct tm_arguments *arguments)
{
    const char *name = tm_option_value(arguments, "format");
    const struct tm_export_form *form = tm_export_form_named(name ? name : "csv");
    if (!form)
        tm_trouble("no format '%s': expected csv, ndjson, data.js, openmetrics or otlp", name);
    return form;
}

/* A snapshot is the whole store. A store that is there already is mostly somebody's. */
static int check_snapshot(const struct tm_context *context, const char *file)
{
    static const char *const choices[] = {"format", "output", "run", "last", "project", "branch", "host"};
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (tm_option_given(context->arguments, choices[i]))
            return tm_trouble("--snapshot and --%s exclude each other: a snapshot is the whole store", choices[i]);
    if (tm_output_check(context, "snapshot", file) != 0)
        return TM_EXIT_TROUBLE;
    if (access(file, F_OK) != 0 || tm_option_given(context->arguments, "replace"))
        return 0;
    tm_trouble("'%s' is there already", file);
    tm_hint("--replace puts the snapshot in its place");
    return TM_EXIT_TROUBLE;
}

static int prepare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    const char *file = tm_option_value(arguments, "output");
    if (tm_option_given(arguments, "snapshot"))
        return check_snapshot(context, tm_option_value(arguments, "snapshot"));
    if (tm_option_given(arguments, "replace"))
        return tm_trouble("--replace is for --snapshot: --output puts the new file in place of the old one in any case");
    if (!find_form(arguments) || tm_option_count(arguments, "last", 0, &context->scope.newest) != 0)
        return TM_EXIT_TROUBLE;
    return tm_output_check(context, "output", file);
}

static int open_output(void *context, struct tm_export *export)
{
    struct tm_output *output = context;
    export->out = output->out;
    return 0;
}

/* A journal or a log belongs to a store that somebody is writing, or was killed at. It is known by its name alone: SQLite would
 * play it into the snapshot. */
static int check_journals(const char *file, const char *path)
{
    static const char *const endings[] = {"journal", "wal"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        char *name;
        if (asprintf(&name, "%s-%s", path, endings[i]) < 0)
            return tm_trouble("out of memory");
        bool there = access(name, F_OK) == 0;
        free(name);
        if (there)
            return tm_trouble(
                "cannot write '%s': '%s-%s' is beside it, of a store that is in use or was left in the middle of a change", file,
                file, endings[i]);
    }
    return 0;
}

/* SQLite writes into the file beside that will take the name: the one that is synced and renamed, like every other. */
static int write_snapshot(struct tm_context *context, const char *file)
{
    struct tm_replacement snapshot;
    int error = tm_replacement_begin(&snapshot, file);
    if (error)
        return tm_trouble("cannot write '%s': %s", file, strerror(error));
    int code = 0;
    if (!snapshot.unfinished)
        code = tm_trouble("--snapshot '%s': a store is a file, and that is none", file);
    else
        code = check_journals(file, snapshot.path);
    if (code == 0 && tm_copy(context->store, snapshot.unfinished) != 0)
        code = tm_store_trouble(context->store);
    error = tm_replacement_end(&snapshot, code == 0);
    return code == 0 && error ? tm_trouble("cannot write '%s': %s", file, strerror(error)) : code;
}

static int run_export(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    if (tm_option_given(arguments, "snapshot"))
        return write_snapshot(context, tm_option_value(arguments, "snapshot"));
    const struct tm_export_wish wish = {
        .scope = context->scope, .run = tm_option_value(arguments, "run"), .form = find_form(arguments)};
    struct tm_output output;
    uint64_t profiles;
    if (tm_output_open(&output, tm_option_value(arguments, "output")) != 0)
        return TM_EXIT_TROUBLE;
    int code = tm_export_runs(context->store, &wish, open_output, &output, &profiles);
    if (code != 0)
        code = tm_store_trouble(context->store);
    else if (profiles == 0)
        code = tm_trouble("there is no run to export (of that project, branch, host and name)");
    int closed = tm_output_close(&output, code == 0);
    return code ? code : closed;
}

const struct tm_command tm_command_export = {
    .name = "export",
    .usage = "[options]",
    .summary = "write what was measured as CSV, JSON lines or for other programs, or the whole store as a file",
    .more =
        "CSV and JSON lines hold all that is measured of the runs: 'tidemark ingest' makes the same runs of them. Without options\n"
        "it is the whole store, as CSV on standard output. data.js (github-action-benchmark), openmetrics and otlp are for other "
        "programs.",
    .example = "  tidemark export -o history.csv\n"
               "  tidemark export --snapshot backup.db\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare,
    .run = run_export,
    .options = {{"format", "FORM", "csv, ndjson, data.js, openmetrics or otlp (default: csv)"},
                {"output", "FILE", "write to a file"},
                {"run", "KEY", "only that run, with its repeats"},
                {"snapshot", "FILE", "write the whole store, verdicts and decisions too, as a store of its own"},
                {"replace", NULL, "with --snapshot: also in place of a file that is there"},
                {"last", "N", "only the newest N runs, 0 for all (default: all)"},
                TM_SCOPE_OPTIONS},
};
