/* check, rm, rename, metric: looking after the store. Each command is one call of store.h,
 * and a transaction in it; a name that is not there is answered with the nearest one. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "cli/arguments.h"

/* SQLite tells some places in several lines. */
static void print_broken_rule(void *context, const char *rule, const char *place)
{
    (void)context;
    for (size_t size = strcspn(place, "\n");; place += size + 1, size = strcspn(place, "\n")) {
        tm_say(stdout, "broken rule: %s: %.*s", rule, (int)size, place);
        if (!place[size])
            break;
    }
}

/* A store with another schema is what check is for. */
static int prepare_check(struct tm_context *context)
{
    context->flags = TM_ANY_SCHEMA;
    return 0;
}

static int run_check(struct tm_context *context)
{
    int64_t findings = tm_check(context->store, print_broken_rule, NULL);
    if (findings < 0)
        return tm_store_trouble(context->store);
    if (findings > 0)
        return tm_trouble("%" PRId64 " finding%s", findings, TM_PLURAL(findings));
    puts("the store is sound: file, references and rules");
    return TM_EXIT_DONE;
}

const struct tm_command tm_command_check = {
    .name = "check",
    .usage = "[options]",
    .summary = "check the store for damage: the file, references between tables, rules of the data",
    .example = "  tidemark check --db tidemark.db\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING, /* SQLite looks at no CHECK on a connection that only reads */
    .prepare = prepare_check,
    .run = run_check,
};

static int run_rm(struct tm_context *context)
{
    const char *key = context->arguments->words[0];
    if (tm_remove_run(context->store, context->scope.project, key) != 0)
        return tm_store_trouble(context->store);
    tm_say(stdout, "run '%s' removed", key);
    return TM_EXIT_DONE;
}

const struct tm_command tm_command_rm = {
    .name = "rm",
    .usage = "RUN [options]",
    .summary = "remove one run and all that belongs to it",
    .example = "  tidemark rm 2026-11-20\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING,
    .needs_project = true,
    .run = run_rm,
    .least_words = 1,
    .most_words = 1,
    .options = {{"project", "NAME", "the run's project (default: the only one, or 'default')"}},
};

/* The hint is for a misspelt name only; a new name that is taken has a message of its own. */
static int run_rename(struct tm_context *context)
{
    const char *project = context->scope.project, *name = context->arguments->words[0], *new_name = context->arguments->words[1];
    if (tm_rename_plugin(context->store, project, name, new_name) == 0) {
        tm_say(stdout, "plugin '%s' is '%s' now", name, new_name);
        return TM_EXIT_DONE;
    }
    tm_store_trouble(context->store);
    char *nearest = tm_has_plugin(context->store, project, name) == 0 ? tm_nearest_plugin(context->store, project, name) : NULL;
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

const struct tm_command tm_command_rename = {
    .name = "rename",
    .usage = "PLUGIN NEW [options]",
    .summary = "rename a plugin; its history stays",
    .example = "  tidemark rename pdf-parser pdf-reader\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING,
    .needs_project = true,
    .run = run_rename,
    .least_words = 2,
    .most_words = 2,
    .options = {{"project", "NAME", "the plugin's project (default: the only one, or 'default')"}},
};

static int prepare_metric(struct tm_context *context)
{
    const char *better = tm_option_value(context->arguments, "better");
    if (!better && !tm_option_given(context->arguments, "unit"))
        return tm_trouble("'metric' needs --better lower|higher or --unit U");
    if (better && strcmp(better, "lower") != 0 && strcmp(better, "higher") != 0)
        return tm_trouble("--better '%s': expected lower or higher", better);
    return 0;
}

static int run_metric(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    const char *name = arguments->words[0];
    if (tm_describe_metric(context->store, context->scope.project, name, tm_option_value(arguments, "better"),
                           tm_option_value(arguments, "unit")) == 0) {
        tm_say(stdout, "metric '%s' described", name);
        return TM_EXIT_DONE;
    }
    tm_store_trouble(context->store);
    char *nearest = tm_nearest_metric(context->store, name);
    if (nearest && strcmp(nearest, name) != 0)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

const struct tm_command tm_command_metric = {
    .name = "metric",
    .usage = "NAME --better lower|higher --unit U",
    .summary = "set a metric's unit and better direction",
    .example = "  tidemark metric cache_hits --better higher --unit count\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_WRITING,
    .prepare = prepare_metric,
    .run = run_metric,
    .least_words = 1,
    .most_words = 1,
    .options = {{"better", "SIDE", "lower or higher; until one is said, both directions are judged"},
                {"unit", "U", "the unit of its values"},
                {"project", "NAME", "the metric of this project (default: of all that have it)"}},
};
