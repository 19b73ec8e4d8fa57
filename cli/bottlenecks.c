/* bottlenecks, compare: one run's plugins beside each other, and two runs side by side. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/format.h"
#include "report/bottlenecks.h"

/* The columns of the query. */
enum { PLUGIN, CALLS, ERRORS, WALL, CPU, OCCUPIED, STEP, PEAK };

struct population {
    struct tm_bottleneck *rows; /* their names are owned */
    size_t n;
};

static double real(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

static void free_population(struct population *p)
{
    for (size_t i = 0; i < p->n; i++)
        free((char *)p->rows[i].name);
    free(p->rows);
}

static int add_row(struct population *p, const tm_rows *rows)
{
    char *name = strdup(tm_rows_text(rows, PLUGIN));
    struct tm_bottleneck *bigger = name ? realloc(p->rows, (p->n + 1) * sizeof *bigger) : NULL;
    if (!bigger) {
        free(name);
        return -1;
    }
    p->rows = bigger;
    p->rows[p->n++] = (struct tm_bottleneck){.name = name,
                                             .calls = real(rows, CALLS),
                                             .errors = real(rows, ERRORS),
                                             .wall_ms = real(rows, WALL),
                                             .cpu_ms = real(rows, CPU),
                                             .occupied_ms = real(rows, OCCUPIED),
                                             .step_ms = real(rows, STEP),
                                             .peak_kb = real(rows, PEAK)};
    return 0;
}

/* NULL, or what went wrong. */
static const char *read_population(tm_store *store, int64_t run, struct population *p)
{
    tm_rows *rows = tm_ask(store, TM_Q_BOTTLENECKS, "i", run);
    int step = -1, added = 0;
    while (rows && added == 0 && (step = tm_rows_next(rows)) == 1)
        added = add_row(p, rows);
    tm_rows_close(rows);
    return added != 0 ? "out of memory" : step != 0 ? tm_error(store) : NULL;
}

static double threshold_of(const struct tm_arguments *arguments)
{
    const char *text = tm_option_value(arguments, "z");
    if (!text || strcmp(text, "2.0") == 0 || strcmp(text, "2") == 0)
        return 2;
    return strcmp(text, "1.5") == 0 ? 1.5 : strcmp(text, "3.0") == 0 || strcmp(text, "3") == 0 ? 3 : NAN;
}

static int show(const struct tm_arguments *arguments, tm_store *store, int64_t run)
{
    struct population p = {0};
    double z = threshold_of(arguments);
    if (isnan(z))
        return tm_trouble("--z '%s': expected 1.5, 2.0 or 3.0", tm_option_value(arguments, "z"));
    const char *fault = read_population(store, run, &p);
    if (!fault && tm_put_bottlenecks(stdout, p.rows, p.n, z, tm_option_given(arguments, "all")) != 0)
        fault = "out of memory";
    free_population(&p);
    return fault ? tm_trouble("%s", fault) : TM_EXIT_DONE;
}

static int run_bottlenecks(const struct tm_arguments *arguments)
{
    const char *project = tm_option_value(arguments, "project");
    int64_t run;
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = TM_EXIT_TROUBLE;
    int found =
        store ? tm_get(store, &run, TM_Q_RUN_PICK, "tttt", project ? project : "default", tm_option_value(arguments, "branch"),
                       tm_option_value(arguments, "host"), tm_option_value(arguments, "run"))
              : -1;
    if (found == 1)
        code = show(arguments, store, run);
    else if (store)
        tm_trouble("%s", found == 0 ? "there is no such run" : tm_error(store));
    tm_close(store);
    return code;
}

const struct tm_command tm_command_bottlenecks = {
    .name = "bottlenecks",
    .usage = "[options]",
    .summary = "who is an outlier among all plugins of one run",
    .more =
        "z is (average - mean) / standard deviation over the plugins' averages per call; robust z works on logarithms with "
        "median and MAD\n"
        "and is not fooled by several slow plugins; rank is the share of plugins that are faster. A plugin that is waiting has\n"
        "given its thread back, one that is blocking keeps it; step is the longest it kept it, if a recorder knows.",
    .example = "  tidemark bottlenecks --z 1.5\n",
    .run = run_bottlenecks,
    .options = {{"run", "KEY", "that run (default: the newest)"},
                {"z", "LIMIT", "1.5, 2.0 or 3.0 (default: 2.0); the robust z is asked for one more"},
                {"all", NULL, "all plugins, slowest first; those that are no outliers as [PLUGIN]"},
                TM_SCOPE_OPTIONS},
};

static int find_run(tm_store *store, const char *project, const char *key, int64_t *id)
{
    int found = tm_get(store, id, TM_Q_RUN_BY_KEY, "tt", project, key);
    return found == 1 ? 0 : found < 0 ? tm_trouble("%s", tm_error(store)) : tm_trouble("no run '%s' in project '%s'", key, project);
}

static int run_compare(const struct tm_arguments *arguments)
{
    const char *project = tm_option_value(arguments, "project");
    int64_t first, second;
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = store ? find_run(store, project ? project : "default", arguments->words[0], &first) : TM_EXIT_TROUBLE;
    if (code == 0)
        code = find_run(store, project ? project : "default", arguments->words[1], &second);
    if (code == 0)
        code = tm_print_rows(arguments, store, tm_ask(store, TM_Q_COMPARE_RUNS, "ii", first, second));
    tm_close(store);
    return code;
}

const struct tm_command tm_command_compare = {
    .name = "compare",
    .usage = "RUN RUN [options]",
    .summary = "two runs side by side, what slowed most first",
    .example = "  tidemark compare 2026-11-18 2026-11-20 --format table\n",
    .run = run_compare,
    .least_words = 2,
    .most_words = 2,
    .options = {{"project", "NAME", "the project (default: default)"}, TM_FORMAT_OPTION},
};
