/* audit: does the gate keep its promise on the store's own past, and how small a change would it
 * see? The whole history is replayed, which counts alarms and follows them; the newest values of
 * each series are kept on the way, and known steps are injected into them afterwards. Where the
 * promise is not kept, the history is replayed with smaller budgets until one keeps it. */
#include "cli/audit.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "base/hash.h"
#include "cli/arguments.h"
#include "cli/settings.h"

/* Nights of a series: enough for a baseline before each of the five places, and few enough to be of
 * the noise of today. */
enum { KEPT = 120 };

/* The newest values of one series, as a ring. */
struct audited {
    char *plugin;
    int metric, n, at;
    double y[KEPT];
};

/* All series met so far. */
struct auditing {
    const struct tm_rules *rules;
    struct audited *series;
    size_t n;
    struct tm_hash index; /* by plugin and metric: position + 1 */
};

/* The ring of a verdict's series, made if it is new; NULL: no memory. */
static struct audited *find_series(struct auditing *a, const struct tm_verdict *v)
{
    uint64_t hash = tm_verdict_series(v);
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

/* A night of the replay: keeps the corrected value of each time or size, the one the judge judged. */
static int see_night(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct auditing *a = context;
    (void)run;
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        /* Verdicts on a plugin as such and on the whole run have no series; counts have no step
         * in percent. */
        if (v->metric < 0 || !v->plugin_id || a->rules->metrics[v->metric].kind != TM_METRIC_RATIO)
            continue;
        struct audited *series = find_series(a, v);
        if (!series)
            return tm_store_fail(session->store, "out of memory");
        series->y[series->at] = tm_to_y(&a->rules->metrics[v->metric], v->corrected);
        series->at = (series->at + 1) % KEPT;
        series->n += series->n < KEPT;
    }
    return 0;
}

static int by_name(const void *a, const void *b)
{
    const struct tm_audit_row *x = a, *y = b;
    int order = strcmp(x->plugin, y->plugin);
    return order ? order : x->metric - y->metric;
}

/* What would be caught in each series: 0, or -1 without memory. The ring is laid out oldest first. */
static int inject_steps(const struct auditing *a, struct tm_audit *audit)
{
    audit->rows = calloc(a->n + 1, sizeof *audit->rows); /* + 1: calloc(0) may be NULL */
    if (!audit->rows)
        return -1;
    audit->n_rows = a->n;
    for (size_t s = 0; s < a->n; s++) {
        const struct audited *series = &a->series[s];
        double y[KEPT];
        struct tm_detector_params params =
            tm_detector_params_for(tm_budget_share(a->rules->budget, (size_t)series->metric, a->rules->n_metrics));
        for (int i = 0; i < series->n; i++)
            y[i] = series->y[(series->at + KEPT - series->n + i) % KEPT];
        audit->rows[s] = (struct tm_audit_row){.plugin = series->plugin, .metric = series->metric, .runs = series->n};
        tm_audit_series(y, series->n, &params, audit->rows[s].smallest);
    }
    if (a->n > 0)
        qsort(audit->rows, a->n, sizeof *audit->rows, by_name);
    return 0;
}

/* ---- which budget keeps the promise ---- */

/* The alarms that close by themselves stay within the budget that is set. */
static bool keeps(const struct tm_audit *audit, const struct tm_tried_budget *tried)
{
    return 1000.0 * (double)tried->closed <= audit->rules->budget * (double)tried->judged;
}

/* In the order of budgets, for people to read. */
static struct tm_tried_budget *add_tried(struct tm_audit *audit, double budget, const struct tm_promise *promise)
{
    size_t at = audit->n_tried++;
    for (; at > 0 && audit->tried[at - 1].budget > budget; at--)
        audit->tried[at] = audit->tried[at - 1];
    audit->tried[at] = (struct tm_tried_budget){budget, promise->judged, promise->n_alarms, promise->of[TM_FATE_CLOSED]};
    return &audit->tried[at];
}

/* One more replay: 1 if the budget keeps the promise, 0, or -1 with the store's message. */
static int try_budget(struct tm_context *context, struct tm_audit *audit, double budget)
{
    struct tm_settings *settings = &context->settings;
    struct tm_promise promise;
    double set = settings->rules.budget;
    settings->rules.budget = budget;
    int result = tm_promise_measure(&promise, context->store, settings, &context->scope, NULL, NULL);
    settings->rules.budget = set;
    if (result == 0)
        result = keeps(audit, add_tried(audit, budget, &promise));
    tm_promise_free(&promise);
    return result;
}

/* Downwards until the promise is kept. 0, or -1 with the store's message. */
static int find_budget(struct tm_context *context, struct tm_audit *audit)
{
    double budget = audit->rules->budget;
    int kept = keeps(audit, add_tried(audit, budget, &audit->promise));
    audit->enough = tm_enough_to_advise(audit->promise.judged, (int64_t)audit->promise.of[TM_FATE_CLOSED], budget);
    while (audit->enough && kept == 0 && (budget = tm_lower_budget(budget)) > 0)
        kept = try_budget(context, audit, budget);
    audit->budget = audit->enough && kept == 1 ? budget : 0;
    return kept < 0 ? -1 : 0;
}

/* ---- the command ---- */

enum form { TEXT, CSV, JSON, N_FORMS };

/* N_FORMS (and a message): there is no such form. Text for people, CSV for pipes, as lists have it. */
static enum form find_form(const struct tm_arguments *arguments)
{
    static const char *const names[N_FORMS] = {[TEXT] = "text", [CSV] = "csv", [JSON] = "json"};
    const char *name = tm_option_value(arguments, "format");
    int form = 0;
    if (!name)
        return isatty(STDOUT_FILENO) ? TEXT : CSV;
    while (form < N_FORMS && strcmp(names[form], name) != 0)
        form++;
    if (form == N_FORMS)
        tm_trouble("--format '%s': expected text, csv or json", name);
    return (enum form)form;
}

static int prepare(struct tm_context *context)
{
    return find_form(context->arguments) < N_FORMS ? 0 : TM_EXIT_TROUBLE;
}

static void print_audit(const struct tm_audit *audit, enum form form)
{
    if (form == TEXT) {
        tm_audit_text(stdout, audit);
    } else if (form == JSON) {
        tm_audit_json(stdout, audit);
    } else {
        tm_audit_totals(stderr, audit);
        tm_audit_csv(stdout, audit);
    }
}

/* The project's own noise, under the settings of the command line: a try of another budget
 * changes nothing. */
static int run_audit(struct tm_context *context)
{
    struct auditing a = {.rules = &context->settings.rules};
    struct tm_audit audit = {.rules = a.rules};
    int result = tm_promise_measure(&audit.promise, context->store, &context->settings, &context->scope, see_night, &a);
    if (result == 0 && inject_steps(&a, &audit) != 0)
        result = tm_store_fail(context->store, "out of memory");
    if (result == 0)
        result = find_budget(context, &audit);
    audit.min_effect = tm_advised_min_effect(audit.promise.fates, audit.promise.n_alarms);
    if (result == 0)
        print_audit(&audit, find_form(context->arguments));
    for (size_t i = 0; i < a.n; i++)
        free(a.series[i].plugin);
    free(a.series);
    tm_hash_free(&a.index);
    free(audit.rows);
    tm_promise_free(&audit.promise);
    return result == 0 ? TM_EXIT_DONE : tm_store_trouble(context->store);
}

const struct tm_command tm_command_audit = {
    .name = "audit",
    .usage = "[options]",
    .summary = "measure how many alarms close by themselves, recommend a budget, and find the smallest change that is caught",
    .more =
        "audit replays the store as if nobody had decided anything, and follows the alarms: one that closes within 6 "
        "runs was\n"
        "most likely false. It recommends the budget that is set if such alarms stay within it, else the largest of 0.05, 0.1, "
        "0.2, "
        "0.5, 1,\n"
        "2 and 5 at which they do; the history is replayed once for each that is tried. audit also injects steps of 5 % to 200 % "
        "at "
        "five\n"
        "places into the newest 120 values of each series, and runs the detector on them. A step counts as caught if the detector "
        "finds it\n"
        "at three or more places.",
    .example = "  tidemark audit --budget 0.1 --format text\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .needs_settings = true,
    .prepare = prepare,
    .run = run_audit,
    .options = {{"format", "FORM", "text, csv or json (default: text on a terminal, else csv, with the totals on standard error)"},
                {"min-effect", "SHARE", "smallest change that counts (default: 5%)"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
