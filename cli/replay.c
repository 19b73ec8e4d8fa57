/* replay: what the gate would have said each night, judged in the order of time and stored
 * nowhere. A row per verdict, written as the nights go by. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"
#include "base/plural.h"
#include "base/text.h"
#include "cli/arguments.h"
#include "cli/settings.h"

struct replaying {
    bool all;
    int64_t nights, judged, alarms;
    FILE *out;
    tm_csv_writer *put;
};

/* NAN is an empty field. */
static void put_number(FILE *out, double value)
{
    char text[TM_NUMBER_SIZE];
    putc(',', out);
    if (!isnan(value))
        fputs(tm_exact_number(value, text), out);
}

/* The columns stand in run_replay(), in this order. */
static void put_row(struct replaying *r, const struct tm_session *session, const struct tm_run_ref *run, const struct tm_verdict *v)
{
    const char *metric = v->metric < 0 ? "" : session->rules->metrics[v->metric].name;
    r->put(r->out, run->key, strlen(run->key));
    putc(',', r->out);
    r->put(r->out, v->plugin, strlen(v->plugin));
    putc(',', r->out);
    if (*metric)
        r->put(r->out, metric, strlen(metric));
    fprintf(r->out, ",%s,%d", tm_class_name(v->class), v->leads);
    const double numbers[] = {v->effect,       v->evidence,       v->needed, v->z_history, v->pct_history,
                              v->z_population, v->pct_population, v->value,  v->corrected, v->baseline};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        put_number(r->out, numbers[i]);
    fprintf(r->out, ",%s,%s\n", v->kind ? v->kind : "", tm_signal_name(v->signal));
}

/* A night of the replay; alarms count whether rows are wanted or not. */
static int see_night(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct replaying *r = context;
    r->nights++;
    r->judged += (int64_t)judgement->judged;
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        r->alarms += v->class == TM_REGRESSED;
        if (r->out && (r->all || v->class != TM_PASS))
            put_row(r, session, run, v);
    }
    return 0;
}

static int prepare(struct tm_context *context)
{
    const char *format = tm_option_value(context->arguments, "format");
    int64_t until;
    if (format && strcmp(format, "csv") != 0)
        return tm_trouble("--format: replay writes csv only");
    return tm_option_time(context->arguments, "until", &until) == 0 ? 0 : TM_EXIT_TROUBLE;
}

/* Rows are on their way before a failure shows: the exit code says that they are not all. */
static int run_replay(struct tm_context *context)
{
    struct replaying r = {.all = tm_option_given(context->arguments, "all"),
                          .out = tm_option_given(context->arguments, "summary") ? NULL : stdout,
                          .put = tm_csv_writer_for(stdout)};
    int64_t until = INT64_MAX;
    if (tm_option_time(context->arguments, "until", &until) != 0)
        return TM_EXIT_TROUBLE;
    if (r.out)
        puts("run,plugin,metric,verdict,leads,effect,evidence,needed,z_history,pct_history,z_population,pct_population,value,"
             "corrected,baseline,kind,signal");
    if (tm_replay_lineages(context->store, &context->settings, &context->scope, &(struct tm_replay_wish){.until = until}, see_night,
                           &r) != 0)
        return tm_store_trouble(context->store);
    if (!r.out)
        printf("%" PRId64 " night%s, %" PRId64 " judgement%s, %" PRId64 " alarm%s (%.2f per 1000)\n", r.nights, TM_PLURAL(r.nights),
               r.judged, TM_PLURAL(r.judged), r.alarms, TM_PLURAL(r.alarms),
               r.judged ? 1000.0 * (double)r.alarms / (double)r.judged : 0.0);
    return TM_EXIT_DONE;
}

const struct tm_command tm_command_replay = {
    .name = "replay",
    .usage = "[options]",
    .summary = "show what the gate would have said each night, using nothing later than that night",
    .more =
        "Replay prints a row for every verdict that is not a pass, and stores nothing. effect is a share of the baseline (0.5 is "
        "50 % more),\n"
        "or an amount where the metric may be zero.",
    .example = "  tidemark replay --budget 0.1 --format csv > verdicts.csv\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .needs_settings = true,
    .prepare = prepare,
    .run = run_replay,
    .options = {{"all", NULL, "print passes as well"},
                {"summary", NULL, "print only the number of nights, judgements and alarms"},
                {"until", "TIME", "judge only runs up to then"},
                {"format", "csv", "csv, the only form"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
