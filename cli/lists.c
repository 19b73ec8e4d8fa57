/* runs, plugins, show: what is in the store. */
#include "cli/show.h"
#include "cli/unknown.h"

enum { SHOWN_IN_TABLE = 30 };

static int run_runs(const struct tm_arguments *arguments)
{
    struct tm_scope scope = tm_option_scope(arguments);
    if (tm_option_count(arguments, "last", 0, &scope.newest) != 0)
        return TM_EXIT_TROUBLE;
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = store ? tm_check_scope(store, &scope) : TM_EXIT_TROUBLE;
    if (code == 0)
        code = tm_print_rows(arguments, store, tm_list_runs(store, &scope));
    tm_close(store);
    return code;
}

const struct tm_command tm_command_runs = {
    .name = "runs",
    .usage = "[options]",
    .summary = "list the runs in the store, oldest first",
    .example = "  tidemark runs --last 10\n",
    .run = run_runs,
    .options = {{"last", "N", "only the newest N (default: all)"}, TM_SCOPE_OPTIONS, TM_FORMAT_OPTION},
};

static int run_plugins(const struct tm_arguments *arguments)
{
    struct tm_scope scope = tm_option_scope(arguments);
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = store ? tm_check_scope(store, &scope) : TM_EXIT_TROUBLE;
    if (code == 0)
        code = tm_print_rows(arguments, store, tm_list_plugins(store, &scope));
    tm_close(store);
    return code;
}

const struct tm_command tm_command_plugins = {
    .name = "plugins",
    .usage = "[options]",
    .summary = "list the plugins, with their runs and averages",
    .example = "  tidemark plugins --format csv\n",
    .run = run_plugins,
    .options = {TM_SCOPE_OPTIONS, TM_FORMAT_OPTION},
};

static int show(const struct tm_arguments *arguments, tm_store *store, struct tm_scope *scope)
{
    const char *name = arguments->words[0];
    int code = tm_check_plugin(store, scope->project, name);
    if (code == 0)
        code = tm_print_rows(arguments, store, tm_list_history(store, scope, name));
    if (code != 0 || !tm_format_is_table(arguments))
        return code;
    return tm_show_judged(store, scope->project ? scope->project : "default", name);
}

static int run_show(const struct tm_arguments *arguments)
{
    struct tm_scope scope = tm_option_scope(arguments);
    scope.newest = tm_format_is_table(arguments) ? SHOWN_IN_TABLE : 0;
    if (tm_option_count(arguments, "last", 0, &scope.newest) != 0)
        return TM_EXIT_TROUBLE;
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = store ? tm_check_scope(store, &scope) : TM_EXIT_TROUBLE;
    if (code == 0)
        code = show(arguments, store, &scope);
    tm_close(store);
    return code;
}

const struct tm_command tm_command_show = {
    .name = "show",
    .usage = "PLUGIN [options]",
    .summary = "show a plugin: its history, changes of level, verdicts and decisions",
    .example = "  tidemark show pdf-parser --last 14\n",
    .run = run_show,
    .least_words = 1,
    .most_words = 1,
    .options = {{"last", "N", "only the newest N runs, 0 for all (default: 30 in a table, else all)"},
                TM_SCOPE_OPTIONS,
                TM_FORMAT_OPTION},
};
