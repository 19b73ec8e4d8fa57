/* A verdict's numbers are one table, from which the row is written and read; its few texts are
 * treated one by one. So a new number is one line here and a column, and cannot be written
 * without being read. */
#include "gate/verdict_row.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/builder.h"

/* NAN is NULL. `judged` and `reported` are offsets of doubles. */
#define NUMBER(member)                                                                                                             \
    {                                                                                                                              \
#member, offsetof(struct tm_verdict, member), offsetof(struct tm_report_verdict, member)                                   \
    }
static const struct {
    const char *column;
    size_t judged, reported;
} numbers[] = {
    NUMBER(value),     NUMBER(corrected),   NUMBER(baseline),     NUMBER(effect),         NUMBER(evidence), NUMBER(needed),
    NUMBER(z_history), NUMBER(pct_history), NUMBER(z_population), NUMBER(pct_population), NUMBER(allowed),
};
#undef NUMBER
enum { N_NUMBERS = sizeof numbers / sizeof *numbers };

/* The parameters of the query verdict_put, in its order; the numbers follow in the order of the
 * table. */
enum {
    RUN,
    PLUGIN,
    METRIC,
    CLASS,
    LEADS,
    KIND,
    RUNS,
    BASELINE_RUNS,
    SINCE_RUN,
    GOOD_RUN,
    SIGNAL,
    WHY,
    DECISION,
    EARLIEST,
    LATEST,
    SURE_GOOD,
    FIRST_NUMBER
};
enum { N_VALUES = FIRST_NUMBER + N_NUMBERS };

/* A text; NULL and "" are both SQL NULL: none. */
static struct tm_value text_of(const char *text)
{
    return text && *text ? (struct tm_value){.type = TM_TEXT, .text = text, .size = strlen(text)}
                         : (struct tm_value){.type = TM_NULL};
}

static struct tm_value integer_of(int64_t integer)
{
    return (struct tm_value){.type = TM_INTEGER, .integer = integer};
}

/* 0: none */
static struct tm_value id_of(int64_t id)
{
    return id ? integer_of(id) : (struct tm_value){.type = TM_NULL};
}

/* One row. A verdict on the plugin as such has the empty metric, not NULL: it is part of the
 * row's key. */
static int store_verdict(tm_store *store, const struct tm_rules *rules, int64_t run, const struct tm_verdict *v)
{
    struct tm_value values[N_VALUES];
    const char *metric = v->metric < 0 ? "" : rules->metrics[v->metric].name;
    values[RUN] = integer_of(run);
    values[PLUGIN] = integer_of(v->plugin_id);
    values[METRIC] = (struct tm_value){.type = TM_TEXT, .text = metric, .size = strlen(metric)};
    values[CLASS] = text_of(tm_class_name(v->class));
    values[LEADS] = integer_of(v->leads);
    values[KIND] = text_of(v->kind);
    values[RUNS] = integer_of(v->runs);
    values[BASELINE_RUNS] = integer_of(v->baseline_runs);
    values[SINCE_RUN] = id_of(v->since_run);
    values[GOOD_RUN] = id_of(v->good_run);
    values[SIGNAL] = text_of(tm_signal_name(v->signal));
    values[WHY] = text_of(v->why);
    values[DECISION] = id_of(v->decision_id);
    values[EARLIEST] = id_of(v->interval.earliest_run);
    values[LATEST] = id_of(v->interval.latest_run);
    values[SURE_GOOD] = id_of(v->interval.sure_good_run);
    for (int i = 0; i < N_NUMBERS; i++) {
        double number = *(const double *)((const char *)v + numbers[i].judged);
        values[FIRST_NUMBER + i] = (struct tm_value){.type = isnan(number) ? TM_NULL : TM_REAL, .real = number};
    }
    return tm_do_values(store, TM_Q_VERDICT_PUT, values, N_VALUES);
}

/* What was taken off each metric of the run. The row of the judgement repeats the first metric's,
 * for who asks for one. */
static int store_factors(tm_store *store, const struct tm_rules *rules, const struct tm_judgement *judgement)
{
    if (tm_do(store, TM_Q_RUN_FACTORS_CLEAR, "i", judgement->run_id) != 0)
        return -1;
    for (size_t m = 0; m < judgement->n_factors; m++)
        if (!isnan(judgement->factors[m].factor) &&
            tm_do(store, TM_Q_RUN_FACTOR_ADD, "itrr", judgement->run_id, rules->metrics[m].name, judgement->factors[m].factor,
                  judgement->factors[m].share) != 0)
            return -1;
    return 0;
}

/* Alarms that are open no longer since this run. */
static int store_ends(tm_store *store, const struct tm_rules *rules, const struct tm_judgement *judgement)
{
    if (tm_do(store, TM_Q_ALARM_ENDS_CLEAR, "i", judgement->run_id) != 0)
        return -1;
    for (size_t i = 0; i < judgement->n_ends; i++) {
        const struct tm_alarm_end *end = &judgement->ends[i];
        const char *metric = end->metric < 0 ? "" : rules->metrics[end->metric].name;
        const struct tm_value values[] = {integer_of(judgement->run_id),
                                          integer_of(end->plugin_id),
                                          {.type = TM_TEXT, .text = metric, .size = strlen(metric)},
                                          text_of(tm_ending_name(end->ending)),
                                          id_of(end->raised_run),
                                          id_of(end->decision_id)};
        if (tm_do_values(store, TM_Q_ALARM_END_PUT, values, sizeof values / sizeof *values) != 0)
            return -1;
    }
    return 0;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* NULL: no memory. */
static char *list_of(int64_t *ids, size_t n)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out)
        return NULL;
    qsort(ids, n, sizeof *ids, by_id);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%c%" PRId64, i == 0 ? '[' : ',', ids[i]);
    putc(']', out);
    return tm_built(&builder);
}

/* In a young store all plugins, with all their metrics: one row. The list is brought into order. */
static int store_young(tm_store *store, const struct tm_judgement *judgement)
{
    int result = tm_do(store, TM_Q_UNJUDGED_CLEAR, "i", judgement->run_id);
    if (result != 0 || judgement->n_young == 0)
        return result;
    char *list = list_of(judgement->young, judgement->n_young);
    result = list ? tm_do(store, TM_Q_UNJUDGED_PUT, "itit", judgement->run_id, TM_TOO_FEW_RUNS, (int64_t)judgement->n_young, list)
                  : tm_store_fail(store, "out of memory");
    free(list);
    return result;
}

static bool has_row(const struct tm_verdict *verdict)
{
    return verdict->class != TM_PASS && !verdict->young;
}

/* Passes are left out: most rows would only say that nothing happened. Young plugins are listed. */
int tm_verdicts_store(tm_store *store, const struct tm_rules *rules, const struct tm_judgement *judgement)
{
    /* What was said before goes first: a run that is judged again may have lost a verdict. */
    if (tm_do(store, TM_Q_VERDICTS_CLEAR, "i", judgement->run_id) != 0)
        return -1;
    for (size_t i = 0; i < judgement->n_verdicts; i++)
        if (has_row(&judgement->verdicts[i]) && store_verdict(store, rules, judgement->run_id, &judgement->verdicts[i]) != 0)
            return -1;
    if (store_young(store, judgement) != 0 || store_factors(store, rules, judgement) != 0 ||
        store_ends(store, rules, judgement) != 0)
        return -1;
    const struct tm_run_factor factor = judgement->n_factors > 0 ? judgement->factors[0] : (struct tm_run_factor){NAN, NAN};
    return tm_do(store, TM_Q_JUDGEMENT_PUT, "iiiiirri", judgement->run_id, (int64_t)judgement->plugins, (int64_t)judgement->judged,
                 (int64_t)judgement->passed, (int64_t)judgement->comparable, factor.factor, factor.share, (int64_t)judgement->held);
}

int tm_interval_from_row(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_interval *interval)
{
    interval->earliest_at = tm_row_time(rows, "earliest_at");
    interval->latest_at = tm_row_time(rows, "latest_at");
    interval->sure_good_at = tm_row_time(rows, "sure_good_at");
    return tm_report_reader_text(reader, rows, "earliest", &interval->earliest) != 0 ||
                   tm_report_reader_text(reader, rows, "latest", &interval->latest) != 0 ||
                   tm_report_reader_text(reader, rows, "sure_good", &interval->sure_good) != 0 ||
                   tm_report_reader_text(reader, rows, "sure_good_commit", &interval->sure_good_commit) != 0 ||
                   tm_report_reader_text(reader, rows, "latest_commit", &interval->latest_commit) != 0
               ? -1
               : 0;
}

/* Texts first: they may fail, and nothing of a verdict without them may be shown. */
int tm_verdict_from_row(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_verdict *verdict)
{
    int class = tm_class_named(tm_row_text(rows, "class"));
    const struct {
        const char *column, **text;
    } texts[] = {{"kind", &verdict->kind},
                 {"since", &verdict->since},
                 {"last_good", &verdict->last_good},
                 {"good_commit", &verdict->good_commit},
                 {"since_commit", &verdict->since_commit},
                 {"signal", &verdict->signal},
                 {"why", &verdict->why}};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (tm_report_reader_text(reader, rows, texts[i].column, texts[i].text) != 0)
            return -1;
    if (tm_interval_from_row(reader, rows, &verdict->interval) != 0)
        return -1;
    /* A class of a newer version, or damage: shown as anything else, it might pass. */
    if (class < 0)
        return tm_store_fail(reader->store,
                             "a verdict has an unknown class: the store is damaged ('tidemark rebuild' judges anew)");
    verdict->plugin = tm_report_reader_plugin(reader, tm_row_integer(rows, "plugin_id"));
    verdict->metric = tm_report_metric(&reader->report, tm_row_text(rows, "metric"));
    /* The stored class is the judge's; whether an extreme suspect fails is tonight's setting. */
    verdict->class = tm_reported_class((enum tm_class) class, verdict->kind, &reader->settings->strictness);
    verdict->leads = tm_row_integer(rows, "leads");
    verdict->before_too = tm_row_integer(rows, "before_too");
    verdict->runs = (int)tm_row_integer(rows, "runs");
    verdict->baseline_runs = (int)tm_row_integer(rows, "baseline_runs");
    verdict->since_run = tm_report_reader_run(reader, tm_row_integer(rows, "since_run"));
    verdict->decision = tm_row_integer(rows, "decision_id");
    verdict->good_at = tm_row_time(rows, "good_at");
    verdict->since_at = tm_row_time(rows, "since_at");
    for (int i = 0; i < N_NUMBERS; i++)
        *(double *)((char *)verdict + numbers[i].reported) = tm_row_real(rows, numbers[i].column);
    return 0;
}

/* Only passes come this way: they have no beginning and no decision. */
void tm_verdict_from_judge(const struct tm_verdict *judged, size_t plugin, struct tm_report_verdict *verdict)
{
    verdict->plugin = plugin;
    verdict->metric = judged->metric;
    verdict->class = judged->class;
    verdict->leads = judged->leads;
    verdict->runs = judged->runs;
    verdict->baseline_runs = judged->baseline_runs;
    verdict->since_run = -1;
    verdict->why = judged->why;
    for (int i = 0; i < N_NUMBERS; i++)
        *(double *)((char *)verdict + numbers[i].reported) = *(const double *)((const char *)judged + numbers[i].judged);
}
