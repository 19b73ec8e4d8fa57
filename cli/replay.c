/* replay: what the gate would have said each night. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/csv_field.h"
#include "base/text.h"
#include "cli/format.h"
#include "cli/replaying.h"

struct replaying {
    bool all;
    int64_t nights, judged, alarms;
    FILE *out;
};

static void put_number(FILE *out, double value)
{
    char text[TM_NUMBER_SIZE];
    putc(',', out);
    if (!isnan(value))
        fputs(tm_exact_number(value, text), out);
}

static void put_row(struct replaying *r, const struct tm_docket *docket, const struct tm_run_ref *run, const struct tm_verdict *v)
{
    const char *metric = v->metric < 0 ? "" : docket->rules->metrics[v->metric].name;
    tm_csv_field(r->out, run->key, strlen(run->key));
    putc(',', r->out);
    tm_csv_field(r->out, v->plugin, strlen(v->plugin));
    putc(',', r->out);
    if (*metric)
        tm_csv_field(r->out, metric, strlen(metric));
    fprintf(r->out, ",%s,%d", tm_class_name(v->class), v->leads);
    const double numbers[] = {v->effect,       v->evidence,       v->needed, v->z_history, v->pct_history,
                              v->z_population, v->pct_population, v->value,  v->corrected, v->baseline};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(r->out, numbers[i]);
    fprintf(r->out, ",%s,%s\n", v->kind ? v->kind : "", tm_signal_name(v->signal));
}

static int see_night(void *context, const struct tm_docket *docket, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct replaying *r = context;
    r->nights++;
    r->judged += (int64_t)judgement->judged;
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        r->alarms += v->class == TM_REGRESSED;
        if (r->out && (r->all || v->class != TM_PASS))
            put_row(r, docket, run, v);
    }
    return 0;
}

struct lineage_name {
    int64_t project_id, host_id;
    char *branch;
};

static int replay_lineage(const struct tm_arguments *arguments, tm_store *store, const struct tm_settings *settings,
                          const struct lineage_name *name, tm_night_seen *seen, void *context)
{
    struct tm_docket docket;
    int64_t until = INT64_MAX;
    if (tm_option_time(arguments, "until", &until) != 0)
        return TM_EXIT_TROUBLE;
    int result = tm_docket_open(&docket, store, &settings->rules, name->project_id, name->host_id, name->branch, settings->base);
    if (result == 0)
        result = tm_docket_replay(&docket, until, seen, context);
    tm_docket_close(&docket);
    return result == 0 ? 0 : tm_trouble("%s", tm_error(store));
}

static int list_lineages(const struct tm_arguments *arguments, tm_store *store, const char *base, struct lineage_name **list,
                         size_t *n)
{
    const char *project = tm_option_value(arguments, "project");
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGES, "tttt", project ? project : "default", tm_option_value(arguments, "branch"),
                           tm_option_value(arguments, "host"), base);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct lineage_name *bigger = realloc(*list, (*n + 1) * sizeof *bigger);
        if (!bigger)
            break;
        *list = bigger;
        bigger[(*n)++] =
            (struct lineage_name){tm_rows_value(rows, 0).integer, tm_rows_value(rows, 1).integer, strdup(tm_rows_text(rows, 2))};
    }
    tm_rows_close(rows);
    return step == 0 ? 0 : tm_trouble("%s", tm_error(store));
}

int tm_replay_all(const struct tm_arguments *arguments, tm_store *store, const struct tm_settings *settings, tm_night_seen *seen,
                  void *context)
{
    struct lineage_name *lineages = NULL;
    size_t n = 0;
    int code = list_lineages(arguments, store, settings->base, &lineages, &n);
    for (size_t i = 0; i < n; i++) {
        if (code == 0)
            code = replay_lineage(arguments, store, settings, &lineages[i], seen, context);
        free(lineages[i].branch);
    }
    free(lineages);
    return code;
}

static int replay(const struct tm_arguments *arguments, tm_store *store)
{
    struct tm_settings settings = {0};
    struct replaying r = {.all = tm_option_given(arguments, "all"), .out = tm_option_given(arguments, "summary") ? NULL : stdout};
    int code = tm_settings_read(&settings, arguments, store);
    if (code == 0 && r.out)
        puts("run,plugin,metric,verdict,leads,effect,evidence,needed,z_history,pct_history,z_population,pct_population,value,"
             "corrected,"
             "baseline,kind,signal");
    if (code == 0)
        code = tm_replay_all(arguments, store, &settings, see_night, &r);
    if (code == 0 && !r.out)
        printf("%" PRId64 " nights, %" PRId64 " judgements, %" PRId64 " alarms (%.2f per 1000)\n", r.nights, r.judged, r.alarms,
               r.judged ? 1000.0 * (double)r.alarms / (double)r.judged : 0.0);
    tm_settings_free(&settings);
    return code;
}

static int run_replay(const struct tm_arguments *arguments)
{
    const char *format = tm_option_value(arguments, "format");
    if (format && strcmp(format, "csv") != 0)
        return tm_trouble("replay has one format: csv");
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code = store ? replay(arguments, store) : TM_EXIT_TROUBLE;
    tm_close(store);
    return code;
}

const struct tm_command tm_command_replay = {
    .name = "replay",
    .usage = "[options]",
    .summary = "say what the gate would have said each night, using nothing later than that night",
    .more = "A row for every verdict that is not a pass. Nothing is stored. effect is a share of the baseline (0.5: 50 % more), or "
            "an amount\n"
            "where the metric may be zero.",
    .example = "  tidemark replay --budget 0.1 --format csv > verdicts.csv\n",
    .run = run_replay,
    .options = {{"all", NULL, "passes too"},
                {"summary", NULL, "only count nights, judgements and alarms"},
                {"until", "TIME", "only runs up to then"},
                {"format", "csv", "the only one"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
