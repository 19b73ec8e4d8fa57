/* bottlenecks: one run's plugins beside each other. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "cli/arguments.h"
#include "report/bottlenecks.h"

struct population {
    struct tm_bottleneck *rows;
    size_t n;
    struct tm_arena names;
};

/* All plugins of one run; names are copied, the rest are numbers. 0, or -1 with the store's message. */
static int read_population(tm_store *store, int64_t run, struct population *population)
{
    tm_rows *rows = tm_ask(store, TM_Q_BOTTLENECKS, "i", run);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_bottleneck *row = tm_array_add(&population->rows, &population->n, sizeof *row);
        const char *name = tm_row_text(rows, "plugin");
        char *copy = tm_arena_text(&population->names, name, strlen(name));
        if (!row || !copy) {
            step = tm_store_fail(store, "out of memory");
            break;
        }
        *row = (struct tm_bottleneck){.name = copy,
                                      .calls = tm_row_real(rows, "calls"),
                                      .errors = tm_row_real(rows, "errors"),
                                      .wall_ms = tm_row_real(rows, "wall_per_call_ms"),
                                      .cpu_ms = tm_row_real(rows, "cpu_per_call_ms"),
                                      .occupied_ms = tm_row_real(rows, "occupied_per_call_ms"),
                                      .step_ms = tm_row_real(rows, "longest_step_ms"),
                                      .peak_kb = tm_row_real(rows, "peak_mem_kb")};
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* The three limits that people know; NAN: another one, which is refused. */
static double threshold_of(const struct tm_arguments *arguments)
{
    const char *text = tm_option_value(arguments, "z");
    if (!text || strcmp(text, "2.0") == 0 || strcmp(text, "2") == 0)
        return 2;
    return strcmp(text, "1.5") == 0 ? 1.5 : strcmp(text, "3.0") == 0 || strcmp(text, "3") == 0 ? 3 : NAN;
}

static int print_population(struct tm_context *context, int64_t run, double z)
{
    struct population population = {0};
    int result = read_population(context->store, run, &population);
    if (result == 0 &&
        tm_put_bottlenecks(stdout, population.rows, population.n, z, tm_option_given(context->arguments, "all")) != 0)
        result = tm_store_fail(context->store, "out of memory");
    free(population.rows);
    tm_arena_free(&population.names);
    return result == 0 ? TM_EXIT_DONE : tm_store_trouble(context->store);
}

static int run_bottlenecks(struct tm_context *context)
{
    struct tm_judged_run run;
    double z = threshold_of(context->arguments);
    int found = tm_judged_run_find(context->store, &context->scope, tm_option_value(context->arguments, "run"), &run);
    int64_t id = run.id;
    tm_judged_run_free(&run);
    if (found != 1)
        return found == 0 ? tm_trouble("there is no such run") : tm_store_trouble(context->store);
    if (isnan(z))
        return tm_trouble("--z '%s': expected 1.5, 2.0 or 3.0", tm_option_value(context->arguments, "z"));
    return print_population(context, id, z);
}

const struct tm_command tm_command_bottlenecks = {
    .name = "bottlenecks",
    .usage = "[options]",
    .summary = "list a run's outliers",
    .more =
        "z is (average - mean) / standard deviation over the plugins' averages per call. robust z works on logarithms, with median "
        "and MAD,\n"
        "so that several slow plugins do not hide each other. rank is the share of plugins that are faster. A plugin that waits "
        "has\n"
        "given its thread back, one that blocks keeps it; step is the longest time that it kept it, if a recorder measured it.",
    .example = "  tidemark bottlenecks --z 1.5\n",
    .group = TM_ASKING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .run = run_bottlenecks,
    .options = {{"run", "KEY", "look at that run (default: the newest)"},
                {"z", "LIMIT", "the limit of z: 1.5, 2.0 or 3.0 (default: 2.0); that of robust z is one more"},
                {"all", NULL, "list all plugins, slowest first; those that are no outliers as [PLUGIN]"},
                TM_SCOPE_OPTIONS},
};
