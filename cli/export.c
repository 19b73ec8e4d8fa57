/* export: what was measured, for other programs, and for a store that is made from it. A file appears whole or not at all, and not
 * without a run in it: nobody finds out later that a name was misspelt. */
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "cli/arguments.h"
#include "cli/export_runs.h"
#include "cli/output.h"

/* NULL (and a message): there is none of that name. */
static const struct tm_export_form *find_form(const struct tm_arguments *arguments)
{
    const char *name = tm_option_value(arguments, "format");
    const struct tm_export_form *form = tm_export_form_named(name ? name : "csv");
    if (!form)
        tm_trouble("no format '%s': expected csv or ndjson", name);
    return form;
}

static int prepare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    const char *file = tm_option_value(arguments, "output");
    if (!find_form(arguments) || tm_option_count(arguments, "last", 0, &context->scope.newest) != 0)
        return TM_EXIT_TROUBLE;
    return file && tm_same_file(file, context->path) ? tm_trouble("--output would write over the store '%s'", file) : 0;
}

static int open_output(void *context, struct tm_export *export)
{
    struct tm_output *output = context;
    export->out = output->out;
    return 0;
}

static int run_export(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
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
    .summary = "write what was measured as CSV, JSON lines, or for other programs",
    .more =
        "CSV and JSON lines hold all that is measured of the runs: 'tidemark ingest' makes the same runs of them. Without options\n"
        "it is the whole store, as CSV on standard output.",
    .example = "  tidemark export -o history.csv\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare,
    .run = run_export,
    .options = {{"format", "FORM", "csv or ndjson (default: csv)"},
                {"output", "FILE", "write to a file"},
                {"run", "KEY", "only that run, with its repeats"},
                {"last", "N", "only the newest N runs, 0 for all (default: all)"},
                TM_SCOPE_OPTIONS},
};
