/* check, prune, rm, rename, metric: looking after the store. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/timestamp.h"
#include "cli/command.h"

enum { DAY = 86400 };

static void tell(void *context, const char *rule, const char *place)
{
    (void)context;
    printf("broken rule: %s: %s\n", rule, place);
}

static int run_check(const struct tm_arguments *arguments)
{
    tm_store *store = tm_open_store(arguments, 0); /* SQLite looks at no CHECK on a connection that only reads */
    int code = TM_EXIT_TROUBLE;
    int64_t findings = store ? tm_check(store, tell, NULL) : -1;
    if (store && findings < 0)
        tm_trouble("%s", tm_error(store));
    else if (findings > 0)
        tm_trouble("%" PRId64 " finding%s", findings, findings == 1 ? "" : "s");
    else if (findings == 0)
        code = puts("the store is sound: file, references and rules") < 0 ? TM_EXIT_TROUBLE : TM_EXIT_DONE;
    tm_close(store);
    return code;
}

const struct tm_command tm_command_check = {
    .name = "check",
    .usage = "[options]",
    .summary = "look for damage: the file, references between tables, rules of the data",
    .example = "  tidemark check --db tidemark.db\n",
    .run = run_check,
};

/* The time before which runs go: --keep-days back from now, or --before. */
static int prune_time(const struct tm_arguments *arguments, int64_t *before)
{
    int64_t days = -1;
    if (tm_option_given(arguments, "keep-days") == tm_option_given(arguments, "before"))
        return tm_trouble("'prune' needs either --keep-days N or --before TIME");
    if (tm_option_count(arguments, "keep-days", 0, &days) != 0 || tm_option_time(arguments, "before", before) != 0)
        return TM_EXIT_TROUBLE;
    if (days >= 0)
        *before = days > time(NULL) / DAY ? 0 : (int64_t)time(NULL) - days * DAY;
    return 0;
}

static int prune(const struct tm_arguments *arguments, tm_store *store, int64_t before)
{
    const char *project = tm_option_value(arguments, "project");
    char text[TM_TIME_SIZE];
    int64_t removed;
    if (tm_option_given(arguments, "dry-run"))
        return tm_print_rows(arguments, store, tm_list_prunable(store, project, before));
    if (tm_prune(store, project, before, &removed) != 0)
        return tm_trouble("%s", tm_error(store));
    tm_time_format(before, text);
    printf("%" PRId64 " run%s from before %s removed\n", removed, removed == 1 ? "" : "s", text);
    return TM_EXIT_DONE;
}

static int run_prune(const struct tm_arguments *arguments)
{
    int64_t before = 0;
    if (prune_time(arguments, &before) != 0)
        return TM_EXIT_TROUBLE;
    tm_store *store = tm_open_store(arguments, tm_option_given(arguments, "dry-run") ? TM_READONLY : 0);
    int code = store ? prune(arguments, store, before) : TM_EXIT_TROUBLE;
    tm_close(store);
    return code;
}

const struct tm_command tm_command_prune = {
    .name = "prune",
    .usage = "--keep-days N | --before TIME [options]",
    .summary = "remove old runs and all that belongs to them",
    .example = "  tidemark prune --keep-days 730 --dry-run\n",
    .run = run_prune,
    .options = {{"keep-days", "N", "keep the runs of the last N days"},
                {"before", "TIME", "remove runs that started before that time"},
                {"dry-run", NULL, "only list the runs that would go"},
                {"project", "NAME", "only this project (default: all)"},
                TM_FORMAT_OPTION},
};

/* Opens the store, does one thing, says so. */
static int change(const struct tm_arguments *arguments, int (*what)(tm_store *, const struct tm_arguments *))
{
    tm_store *store = tm_open_store(arguments, 0);
    int code = store ? what(store, arguments) : TM_EXIT_TROUBLE;
    tm_close(store);
    return code;
}

static int remove_run(tm_store *store, const struct tm_arguments *arguments)
{
    if (tm_remove_run(store, tm_option_value(arguments, "project"), arguments->words[0]) != 0)
        return tm_trouble("%s", tm_error(store));
    printf("run '%s' removed\n", arguments->words[0]);
    return TM_EXIT_DONE;
}

static int run_rm(const struct tm_arguments *arguments)
{
    return change(arguments, remove_run);
}

const struct tm_command tm_command_rm = {
    .name = "rm",
    .usage = "RUN [options]",
    .summary = "remove one run and all that belongs to it",
    .example = "  tidemark rm 2026-11-20\n",
    .run = run_rm,
    .least_words = 1,
    .most_words = 1,
    .options = {{"project", "NAME", "the run's project (default: default)"}},
};

static int rename_plugin(tm_store *store, const struct tm_arguments *arguments)
{
    const char *project = tm_option_value(arguments, "project"), *name = arguments->words[0];
    if (tm_rename_plugin(store, project, name, arguments->words[1]) == 0) {
        printf("plugin '%s' is '%s' now\n", name, arguments->words[1]);
        return TM_EXIT_DONE;
    }
    tm_trouble("%s", tm_error(store));
    char *nearest = tm_has_plugin(store, project ? project : "default", name) == 0 ? tm_nearest_plugin(store, project, name) : NULL;
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

static int run_rename(const struct tm_arguments *arguments)
{
    return change(arguments, rename_plugin);
}

const struct tm_command tm_command_rename = {
    .name = "rename",
    .usage = "PLUGIN NEW [options]",
    .summary = "give a plugin another name; its history stays",
    .example = "  tidemark rename pdf-parser pdf-reader\n",
    .run = run_rename,
    .least_words = 2,
    .most_words = 2,
    .options = {{"project", "NAME", "the plugin's project (default: default)"}},
};

static int describe_metric(tm_store *store, const struct tm_arguments *arguments)
{
    const char *name = arguments->words[0], *better = tm_option_value(arguments, "better");
    if (tm_describe_metric(store, name, better, tm_option_value(arguments, "unit")) == 0) {
        printf("metric '%s' described\n", name);
        return TM_EXIT_DONE;
    }
    tm_trouble("%s", tm_error(store));
    char *nearest = tm_nearest_metric(store, name);
    if (nearest && strcmp(nearest, name) != 0)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

static int run_metric(const struct tm_arguments *arguments)
{
    const char *better = tm_option_value(arguments, "better"), *unit = tm_option_value(arguments, "unit");
    if (!better && !unit)
        return tm_trouble("'metric' needs --better lower|higher or --unit U");
    if (better && strcmp(better, "lower") != 0 && strcmp(better, "higher") != 0)
        return tm_trouble("--better '%s': expected lower or higher", better);
    return change(arguments, describe_metric);
}

const struct tm_command tm_command_metric = {
    .name = "metric",
    .usage = "NAME --better lower|higher --unit U",
    .summary = "say of a metric which direction is better, and its unit",
    .example = "  tidemark metric cache_hits --better higher --unit count\n",
    .run = run_metric,
    .least_words = 1,
    .most_words = 1,
    .options = {{"better", "SIDE", "lower (the default of a new metric) or higher"}, {"unit", "U", "how its values are measured"}},
};
