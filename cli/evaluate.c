/* evaluate: is the gate any good on the store's own past? The history is replayed as if nobody had
 * decided anything, and its alarms are held against a list of changes that are known. */
#include "cli/evaluate.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/ingest.h"
#include "cli/settings.h"

enum {
    WITHIN = 5,        /* runs after which a regression that was not called is missed, where nobody says */
    WITHIN_MOST = 1000 /* beyond any history's patience; keeps sums of positions small */
};

/* The exit code where fewer were caught than --at-least asks for. */
enum { EXIT_TOO_FEW = 1 };

static const struct {
    const char *name;
    int (*put)(FILE *out, const struct tm_evaluation *evaluation);
} forms[] = {{"text", tm_evaluation_text}, {"csv", tm_evaluation_csv}, {"json", tm_evaluation_json}};
enum { N_FORMS = sizeof forms / sizeof *forms };

/* What the options say. */
struct wish {
    size_t form;
    int64_t within;
    double at_least; /* a share; below 0: not asked for */
};

/* A share, as 0.6 or 60%. 0, or TM_EXIT_TROUBLE after a message. */
static int read_share(const char *text, double *share)
{
    char *end;
    errno = 0;
    *share = strtod(text, &end);
    if (end > text && *end == '%') {
        *share /= 100;
        end++;
    }
    if (errno || end == text || *end || !(*share >= 0 && *share <= 1))
        return tm_trouble("--at-least '%s': expected a share like 60%% or 0.6", text);
    return 0;
}

static int read_wish(const struct tm_arguments *arguments, struct wish *wish)
{
    const char *form = tm_option_value(arguments, "format"), *share = tm_option_value(arguments, "at-least");
    *wish = (struct wish){.within = WITHIN, .at_least = -1};
    while (form && wish->form < N_FORMS && strcmp(forms[wish->form].name, form) != 0)
        wish->form++;
    if (wish->form == N_FORMS)
        return tm_trouble("--format '%s': expected text, csv or json", form);
    if (tm_option_count(arguments, "within", 0, &wish->within) != 0)
        return TM_EXIT_TROUBLE;
    if (wish->within > WITHIN_MOST)
        return tm_trouble("--within '%s': expected at most %d runs", tm_option_value(arguments, "within"), WITHIN_MOST);
    return share ? read_share(share, &wish->at_least) : 0;
}

static int prepare(struct tm_context *context)
{
    struct wish wish;
    return read_wish(context->arguments, &wish);
}

/* The truth, and its place in the past: 0, or TM_EXIT_TROUBLE after messages. What is wrong with
 * the file itself is told before anything is replayed. */
static int read_truth(struct tm_context *context, struct tm_evaluation *e)
{
    struct tm_diag diag = {0};
    const char *file = context->arguments->words[0];
    int code = 0;
    if (tm_truth_read(&e->truth, file, context->scope.project, &diag) != 0)
        code = TM_EXIT_TROUBLE;
    if (code == 0 && tm_past_read(&e->past, context->store, &context->settings, &context->scope) != 0) {
        tm_diag_clear(&diag);
        return tm_store_trouble(context->store);
    }
    if (code == 0 && tm_evaluation_place(e, &diag) != 0)
        code = TM_EXIT_TROUBLE;
    if (tm_print_diag(&diag) != 0)
        code = TM_EXIT_TROUBLE;
    tm_diag_clear(&diag);
    return code == 0 ? 0 : tm_trouble("nothing was evaluated");
}

/* What a score is made in: 0, or -1 without memory. */
static int take_room(struct tm_evaluation *e)
{
    /* One more than none each: calloc(0) may be NULL. */
    e->histories = calloc(e->past.n_plugins + 1, sizeof *e->histories);
    e->known = calloc(e->truth.n_rows + 1, sizeof *e->known);
    e->patient = calloc(e->truth.n_rows + 1, sizeof *e->patient);
    return e->histories && e->known && e->patient ? 0 : -1;
}

/* Twice: the alarms' worth that stays is that of the bound which was asked for. */
static int score(struct tm_evaluation *e)
{
    size_t n = e->past.n_plugins, n_known = e->truth.n_rows;
    struct tm_score patient, asked;
    for (size_t i = 0; i < n; i++)
        e->histories[i] = e->past.plugins[i].history;
    for (size_t k = 0; k < n_known; k++)
        e->known[k].kind = e->patient[k].kind = tm_truth_event(e->truth.rows[k].kind);
    if (tm_evaluate(e->histories, n, e->patient, n_known, e->past.n_whole_run, TM_EVALUATION_PATIENT, &patient) != 0 ||
        tm_evaluate(e->histories, n, e->known, n_known, e->past.n_whole_run, e->within, &asked) != 0)
        return -1;
    e->patient_score = patient;
    e->score = asked;
    return 0;
}

/* A share of nothing is no share: a list that says nothing must not pass. */
static int judge(const struct tm_evaluation *e, double at_least)
{
    if (at_least < 0)
        return TM_EXIT_DONE;
    if (e->score.regressions == 0)
        return tm_trouble("--at-least: no known regression counts, so there is no share of them");
    return (double)e->score.caught < at_least * (double)e->score.regressions ? EXIT_TOO_FEW : TM_EXIT_DONE;
}

static int run_evaluate(struct tm_context *context)
{
    struct tm_evaluation e = {.rules = &context->settings.rules};
    struct wish wish;
    int code = read_wish(context->arguments, &wish);
    e.within = (int)wish.within;
    if (code == 0)
        code = read_truth(context, &e);
    if (code == 0 && (take_room(&e) != 0 || score(&e) != 0 || forms[wish.form].put(stdout, &e) != 0))
        code = tm_trouble("out of memory");
    if (code == 0)
        code = judge(&e, wish.at_least);
    free(e.histories);
    free(e.known);
    free(e.patient);
    tm_past_free(&e.past);
    tm_truth_free(&e.truth);
    return code;
}

const struct tm_command tm_command_evaluate = {
    .name = "evaluate",
    .usage = "TRUTH.csv [options]",
    .summary = "hold the gate against a list of known regressions: what it catches, and its false alarms",
    .more =
        "TRUTH.csv ('-': standard input) has the columns plugin ('*': the whole run) and run or commit: the first bad one. It may "
        "have kind\n"
        "(step, which is the default, drift, or gray for what is debatable), end (the last run of a drift or of a gray stretch), "
        "metric and\n"
        "project. start instead of run is a position in the plugin's own history, from 0. Other columns are passed over.\n"
        "The store is replayed as if nobody had decided anything, and nothing is written. The first 20 and the last 8 runs of a "
        "plugin do\n"
        "not count. The exit code is 0, and 1 only if fewer are caught than --at-least asks for.",
    .example = "  tidemark evaluate known.csv --budget 0.1 --at-least 60%\n",
    .group = TM_KEEPING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .needs_settings = true,
    .prepare = prepare,
    .run = run_evaluate,
    .least_words = 1,
    .most_words = 1,
    .options = {{"within", "N", "a regression is caught by an alarm at most N runs after it began (default: 5)"},
                {"at-least", "SHARE", "exit with 1 if a smaller share of the regressions is caught, like 60%"},
                {"format", "FORM", "text, csv or json (default: text)"},
                {"min-effect", "SHARE", "smallest change that counts (default: 5%)"},
                TM_SCOPE_OPTIONS,
                TM_JUDGE_OPTIONS},
};
