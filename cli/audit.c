/* audit: how often does the judge cry, and how small a change would it see? The whole history is
 * replayed once, which counts alarms; the newest values of each series are kept on the way, and
 * known steps are injected into them afterwards. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/audit.h"
#include "base/array.h"
#include "base/csv_field.h"
#include "base/hash.h"
#include "cli/settings.h"

/* Nights of a series: enough for a baseline before each of the five places, and few enough to be of the noise of today. */
enum { KEPT = 120 };

/* The newest values of one series, as a ring. */
struct audited {
    char *plugin;
    int metric, n, at;
    double y[KEPT];
};

/* All series met so far, and what the replay counted. */
struct auditing {
    const struct tm_rules *rules;
    struct audited *series;
    size_t n;
    int64_t nights, judged, alarms;
    struct tm_hash index; /* by plugin and metric: position + 1 */
};

/* The ring of a verdict's series, made if it is new; NULL: no memory. */
static struct audited *find_series(struct auditing *a, const struct tm_verdict *v)
{
    uint64_t hash = tm_hash_integer(v->plugin_id * TM_METRICS_MAX + v->metric); /* one number for the two */
    uintptr_t position = tm_hash_find(&a->index, hash, NULL, NULL);
    if (position)
        return &a->series[position - 1];
    char *name = strdup(v->plugin);
    struct audited *series = name ? tm_array_add(&a->series, &a->n, sizeof *series) : NULL;
    if (!series || tm_hash_add(&a->index, hash, a->n) != 0) {
        /* The array's last element is given back; it holds no name. */
        a->n -= series != NULL;
        free(name);
        return NULL;
    }
    series->plugin = name;
    series->metric = v->metric;
    return series;
}

/* A night of the replay: counts its alarms, and keeps the corrected value of each time or size,
 * the one the judge judged. */
static int see_night(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct auditing *a = context;
    (void)run;
    a->nights++;
    a->judged += (int64_t)judgement->judged;
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        /* Verdicts on a plugin as such and on the whole run have no series; counts have no step
         * in percent. */
        bool counted = v->metric >= 0 && v->plugin_id && a->rules->metrics[v->metric].kind == TM_METRIC_RATIO;
        a->alarms += v->class == TM_REGRESSED;
        struct audited *series = counted ? find_series(a, v) : NULL;
        if (counted && !series)
            return tm_store_fail(session->store, "out of memory");
        if (series) {
            series->y[series->at] = tm_to_y(&a->rules->metrics[v->metric], v->corrected);
            series->at = (series->at + 1) % KEPT;
            series->n += series->n < KEPT;
        }
    }
    return 0;
}

/* A step as a share; empty where the series is too short to say. */
static void put_share(double step)
{
    if (isinf(step))
        fputs(",more than 200%", stdout);
    else if (isnan(step))
        fputs(",", stdout);
    else
        printf(",%.3g%%", 100 * expm1(step));
}

/* A row of the table. The ring is laid out oldest first. */
static void put_series(const struct auditing *a, const struct audited *series)
{
    double y[KEPT], smallest[TM_AUDIT_WITHINS];
    struct tm_detector_params params =
        tm_detector_params_for(tm_budget_share(a->rules->budget, (size_t)series->metric, a->rules->n_metrics));
    for (int i = 0; i < series->n; i++)
        y[i] = series->y[(series->at + KEPT - series->n + i) % KEPT];
    tm_audit_series(y, series->n, &params, smallest);
    tm_csv_field(stdout, series->plugin, strlen(series->plugin));
    putchar(',');
    tm_csv_field(stdout, a->rules->metrics[series->metric].name, strlen(a->rules->metrics[series->metric].name));
    printf(",%d", series->n);
    for (int w = 0; w < TM_AUDIT_WITHINS; w++)
        put_share(smallest[w]);
    putchar('\n');
}

static int by_name(const void *a, const void *b)
{
    const struct audited *x = a, *y = b;
    int order = strcmp(x->plugin, y->plugin);
    return order ? order : x->metric - y->metric;
}

static void print_audit(struct auditing *a)
{
    fprintf(stderr, "%" PRId64 " nights, %" PRId64 " judgements, %" PRId64 " alarms: %.2f per 1000 (budget %g)\n", a->nights,
            a->judged, a->alarms, a->judged ? 1000.0 * (double)a->alarms / (double)a->judged : 0.0, a->rules->budget);
    puts("plugin,metric,runs,caught_within_2,caught_within_3,caught_within_5");
    if (a->n > 0)
        qsort(a->series, a->n, sizeof *a->series, by_name);
    for (size_t i = 0; i < a->n; i++)
        put_series(a, &a->series[i]);
}

/* The project's own noise, under the settings of the command line: a try of another budget
 * changes nothing. */
static int run_audit(struct tm_context *context)
{
    struct auditing a = {.rules = &context->settings.rules};
    int result = tm_replay_lineages(context->store, &context->settings, &context->scope,
                                    &(struct tm_replay_wish){.until = INT64_MAX}, see_night, &a);
    if (result == 0)
        print_audit(&a);
    for (size_t i = 0; i < a.n; i++)
        free(a.series[i].plugin);
    free(a.series);
    tm_hash_free(&a.index);
    return result == 0 ? TM_EXIT_DONE : tm_store_trouble(context->store);
}

const struct tm_command tm_command_audit = {
    .name = "audit",
    .usage = "[options]",
    .summary = "measure the alarm rate, and the smallest change caught in each series within 2, 3 and 5 nights",
    .more =
        "audit injects steps of 5 % to 200 % at five places into the newest 120 values of each series, and runs the detector on "
        "them. A step\n"
        "counts as caught if the detector finds it at three or more places. Not all alarms of the measured rate are false: some "
        "are real.",
    .example = "  tidemark audit --budget 0.1\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .needs_settings = true,
    .run = run_audit,
    .options = {TM_SCOPE_OPTIONS, TM_JUDGE_OPTIONS},
};
