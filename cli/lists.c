/* runs, plugins, show: what is in the store. Each is one query of the store's, printed as the
 * user asked; only show adds what the judge and people said, and only for the eye: a script asks
 * SQL. */
#include "cli/arguments.h"
#include "cli/format.h"
#include "cli/history_blocks.h"
#include "cli/terminal.h"

enum { SHOWN_IN_TABLE = 30 }; /* runs: a month of nights, and a screen */

static int read_last(struct tm_context *context)
{
    return tm_option_count(context->arguments, "last", 0, &context->scope.newest) == 0 ? 0 : TM_EXIT_TROUBLE;
}

static int run_runs(struct tm_context *context)
{
    return tm_print_rows(context, tm_list_runs(context->store, &context->scope));
}

const struct tm_command tm_command_runs = {
    .name = "runs",
    .usage = "[options]",
    .summary = "list the runs in the store, oldest first",
    .example = "  tidemark runs --last 10\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = read_last,
    .run = run_runs,
    .options = {{"last", "N", "list only the newest N (default: all)"}, TM_SCOPE_OPTIONS, TM_FORMAT_OPTION},
};

static int run_plugins(struct tm_context *context)
{
    return tm_print_rows(context, tm_list_plugins(context->store, &context->scope));
}

const struct tm_command tm_command_plugins = {
    .name = "plugins",
    .usage = "[options]",
    .summary = "list the plugins, with their runs and averages",
    .example = "  tidemark plugins --format csv\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .run = run_plugins,
    .options = {TM_SCOPE_OPTIONS, TM_FORMAT_OPTION},
};

/* A table shows a month unless told otherwise; other forms are for programs, which want all. */
static int prepare_show(struct tm_context *context)
{
    context->scope.newest = tm_format_is_table(context->arguments) ? SHOWN_IN_TABLE : 0;
    return read_last(context);
}

/* Prints a titled table, nothing if it is empty: 0, or TM_EXIT_TROUBLE after a message. */
static int print_section(struct tm_context *context, const char *title, enum tm_query query)
{
    const char *project = context->scope.project, *plugin = context->arguments->words[0];
    tm_rows *rows = tm_ask(context->store, query, "tt", project, plugin);
    int any = rows ? tm_rows_next(rows) : -1;
    if (tm_rows_close(rows) != 0 || any < 0)
        return tm_store_trouble(context->store);
    if (any == 0)
        return 0;
    printf("\n%s\n\n", title);
    rows = tm_ask(context->store, query, "tt", project, plugin);
    const struct tm_listing listing = tm_listing_of(rows);
    int result = rows ? tm_format_table.write(stdout, &listing) : -1;
    return tm_rows_close(rows) != 0 || result != 0 ? tm_store_trouble(context->store) : 0;
}

/* The plugin may say which project is meant: it is in one only, mostly. */
static int run_show(struct tm_context *context)
{
    const char *name = context->arguments->words[0];
    int code = tm_context_choose_project(context, name);
    if (code == 0)
        code = tm_context_check_plugin(context, name);
    if (code == 0)
        code = tm_print_rows(context, tm_list_history(context->store, &context->scope, name));
    if (code != 0 || !tm_format_is_table(context->arguments))
        return code;
    if (tm_sparklines_wanted(context->arguments))
        code = tm_print_history_blocks(context, name);
    if (code == 0)
        code = print_section(context, "older runs, rolled up into weeks, newest first", TM_Q_WEEKS_OF_PLUGIN);
    if (code == 0)
        code = print_section(context, "changes of level", TM_Q_LEVELS_OF_PLUGIN);
    if (code == 0)
        code = print_section(context, "alarms, newest first", TM_Q_ALARMS_OF_PLUGIN);
    if (code == 0)
        code = print_section(context, "verdicts that were no pass, newest first", TM_Q_VERDICTS_OF_PLUGIN);
    return code ? code : print_section(context, "decisions", TM_Q_DECISIONS_OF_PLUGIN);
}

const struct tm_command tm_command_show = {
    .name = "show",
    .usage = "PLUGIN [options]",
    .summary = "show a plugin's history, changes of level, verdicts and decisions",
    .example = "  tidemark show pdf-parser --last 14\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .checks_scope = true,
    .prepare = prepare_show,
    .run = run_show,
    .least_words = 1,
    .most_words = 1,
    .options = {{"last", "N", "show only the newest N runs, 0 for all (default: 30 in a table, else all)"},
                TM_SCOPE_OPTIONS,
                TM_FORMAT_OPTION,
                {"no-sparkline", NULL, "no newest runs in blocks; there are none but on a terminal that knows UTF-8"}},
};
