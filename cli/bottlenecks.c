/* bottlenecks, compare: one run's plugins beside each other, and two runs side by side. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/population.h"
#include "cli/command.h"
#include "cli/format.h"

/* The columns of night_samples. */
enum { PLUGIN = 1, CALLS, ERRORS, WALL, CPU, P95, PEAK };

struct plugin_row {
    char *name;
    double calls, errors, wall, cpu, peak;
    struct tm_standing standing;
};

struct population {
    struct plugin_row *rows;
    size_t n;
    double cpu_total;
};

static double real(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_REAL ? value.real : value.type == TM_INTEGER ? (double)value.integer : NAN;
}

static void free_population(struct population *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->rows[i].name);
    free(p->rows);
}

static int read_population(tm_store *store, int64_t run, struct population *p)
{
    tm_rows *rows = tm_ask(store, TM_Q_NIGHT_SAMPLES_POOLED, "i", run);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct plugin_row *bigger = realloc(p->rows, (p->n + 1) * sizeof *bigger);
        if (!bigger)
            break;
        p->rows = bigger;
        p->rows[p->n++] = (struct plugin_row){.name = strdup(tm_rows_text(rows, PLUGIN)),
                                              .calls = real(rows, CALLS),
                                              .errors = real(rows, ERRORS),
                                              .wall = real(rows, WALL),
                                              .cpu = real(rows, CPU),
                                              .peak = real(rows, PEAK)};
        double cpu = real(rows, CPU) * real(rows, CALLS);
        p->cpu_total += isnan(cpu) ? 0 : cpu;
    }
    tm_rows_close(rows);
    return step;
}

static int stand(struct population *p)
{
    double *values = calloc(2 * p->n + 1, sizeof *values);
    struct tm_standing *standings = calloc(p->n + 1, sizeof *standings);
    for (size_t i = 0; values && standings && i < p->n; i++)
        values[i] = p->rows[i].wall;
    if (values && standings)
        tm_population(values, p->n, values + p->n, standings);
    for (size_t i = 0; values && standings && i < p->n; i++)
        p->rows[i].standing = standings[i];
    int result = values && standings ? 0 : -1;
    free(values);
    free(standings);
    return result;
}

static int by_wall(const void *a, const void *b)
{
    double x = ((const struct plugin_row *)a)->wall, y = ((const struct plugin_row *)b)->wall;
    return (x < y) - (x > y);
}

static const char *signal_of(const struct plugin_row *row)
{
    double errors = row->calls > 0 ? row->errors / row->calls : 0;
    if (errors > 0.1)
        return "failing";
    if (isnan(row->cpu))
        return "no CPU recorded";
    double share = row->wall > 0 ? row->cpu / row->wall : 0;
    return share < 0.35 ? "waiting" : share > 1.2 ? "several threads" : "compute";
}

static void put_row(const struct plugin_row *row, double cpu_total)
{
    fputs("[BOTTLENECK] ", stdout);
    tm_write_safe(stdout, row->name, strlen(row->name));
    printf(" | avg %.1fms | z=", row->wall);
    if (isnan(row->standing.z))
        putchar('-');
    else
        printf("%.2f", row->standing.z);
    if (!isnan(row->peak))
        printf(" | mem=%.1fKB", row->peak);
    if (!isnan(row->standing.robust_z))
        printf(" | robust z=%.2f", row->standing.robust_z);
    if (!isnan(row->standing.rank))
        printf(" | rank %.0f%%", row->standing.rank);
    if (!isnan(row->cpu) && cpu_total > 0)
        printf(" | cpu %.0f%%", 100 * row->cpu * row->calls / cpu_total);
    if (row->errors > 0)
        printf(" | errors %.0f of %.0f", row->errors, row->calls);
    printf(" | %s\n", signal_of(row));
}

static double threshold_of(const struct tm_arguments *arguments)
{
    const char *text = tm_option_value(arguments, "z");
    if (!text || strcmp(text, "2.0") == 0 || strcmp(text, "2") == 0)
        return 2;
    return strcmp(text, "1.5") == 0 ? 1.5 : strcmp(text, "3.0") == 0 || strcmp(text, "3") == 0 ? 3 : NAN;
}

static void put_notes(const struct population *p, double z, size_t classic, size_t hidden)
{
    if (classic + hidden == 0)
        printf("no outlier among %zu plugins\n", p->n);
    if (p->n > 0 && tm_classic_limit(p->n) < z)
        printf("note: with %zu plugins the classic z cannot exceed %.2f, so z > %.1f can never fire: go by the robust z\n", p->n,
               tm_classic_limit(p->n), z);
    if (hidden > 0)
        printf("note: %zu of these %s below z = %.1f only because slow plugins raise mean and deviation for each other\n", hidden,
               hidden == 1 ? "lies" : "lie", z);
}

/* Outliers by either view; the classic z is printed as people know it, the robust one catches those that hide each other. */
static int show(const struct tm_arguments *arguments, tm_store *store, int64_t run)
{
    struct population p = {0};
    double z = threshold_of(arguments);
    size_t classic = 0, hidden = 0;
    if (isnan(z))
        return tm_trouble("--z '%s': expected 1.5, 2.0 or 3.0", tm_option_value(arguments, "z"));
    if (read_population(store, run, &p) != 0 || stand(&p) != 0) {
        free_population(&p);
        return tm_trouble("%s", tm_error(store));
    }
    if (p.n > 0)
        qsort(p.rows, p.n, sizeof *p.rows, by_wall);
    for (size_t i = 0; i < p.n; i++) {
        bool by_classic = p.rows[i].standing.z > z, by_robust = p.rows[i].standing.robust_z > z + 1;
        if (by_classic || by_robust || tm_option_given(arguments, "all"))
            put_row(&p.rows[i], p.cpu_total);
        classic += by_classic;
        hidden += by_robust && !by_classic;
    }
    put_notes(&p, z, classic, hidden);
    free_population(&p);
    return 0;
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
    .more = "z is (average - mean) / standard deviation over the plugins' averages per call; robust z works on logarithms with "
            "median and MAD\n"
            "and is not fooled by several slow plugins; rank is the share of plugins that are faster.",
    .example = "  tidemark bottlenecks --z 1.5\n",
    .run = run_bottlenecks,
    .options = {{"run", "KEY", "that run (default: the newest)"},
                {"z", "LIMIT", "1.5, 2.0 or 3.0 (default: 2.0); the robust z is asked for one more"},
                {"all", NULL, "all plugins, slowest first"},
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
