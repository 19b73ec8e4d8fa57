/* gate: judging the newest night. It is one transaction from the first row stored to the last
 * verdict: it passes or fails on exactly what is in the store afterwards, and a night that could
 * not be judged is not in it. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/array.h"
#include "base/plural.h"
#include "cli/ahead.h"
#include "cli/arguments.h"
#include "cli/color.h"
#include "cli/confirm.h"
#include "cli/decision_file.h"
#include "cli/forms.h"
#include "cli/ingest.h"
#include "cli/pull_request.h"
#include "cli/retention.h"
#include "cli/settings.h"
#include "cli/spool.h"
#include "cli/terminal.h"
#include "gate/gate.h"
#include "gate/report_reader.h"

enum { SPARKLINE_RUNS = 60 }; /* as many blocks as there are columns below a line's subject */

/* The forms are looked at before anything is stored. A dry run of a first night makes no store: it is judged in memory. */
static int prepare(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_chosen_forms forms;
    if (tm_forms_choose(context, tm_forms, "text", &forms) != 0 || tm_confirm_check(arguments) != 0 || tm_spool_check(context) != 0)
        return TM_EXIT_TROUBLE;
    if (arguments->n_words > 0)
        context->flags = TM_CREATE | TM_MADE_LATE;
    if (tm_option_given(arguments, "dry-run") && arguments->n_words > 0 && !tm_is_address(context->path) &&
        access(context->path, F_OK) != 0)
        context->path = ":memory:";
    return tm_pull_request_prepare(context);
}

/* --explain=PLUGIN; NULL: all of them, or none. */
static const char *explained_plugin(const struct tm_context *context)
{
    const char *name = tm_option_value(context->arguments, "explain");
    return name && *name ? name : NULL;
}

/* The other lineages that are judged beside the one of the newest run: those that the input has brought, or all. */
struct others {
    struct tm_judged_run *runs;
    size_t n;
};

static int judge_other(struct tm_context *context, struct others *others, const char *branch, const char *host, const char *key)
{
    const struct tm_scope scope = {.project = context->scope.project, .branch = branch, .host = host};
    size_t judged;
    struct tm_judged_run *run = tm_array_add(&others->runs, &others->n, sizeof *run);
    if (!run)
        return tm_trouble("out of memory");
    int found = tm_judged_run_find(context->store, &scope, key, run);
    if (found < 0 || (found > 0 && tm_judge_lineage(context->store, &context->settings, run, &tm_terminal_watcher, &judged) != 0))
        return tm_store_trouble(context->store);
    /* The one of the newest run is judged already, and repeats have no lineage of their own. */
    if (found == 0 || run->id == context->run.id) {
        tm_judged_run_free(run);
        others->n--;
    }
    return 0;
}

static int judge_touched(struct tm_context *context, const struct tm_touched *touched, struct others *others)
{
    int code = 0;
    for (size_t i = 0; i < touched->n && code == 0 && touched->n > 1; i++)
        code = judge_other(context, others, touched->of[i].branch, touched->of[i].host, touched->of[i].key);
    return code;
}

/* The names first: judging asks the store in between. */
static int judge_all(struct tm_context *context, struct others *others)
{
    struct tm_touched all = {0};
    int code = 0, step = -1;
    tm_rows *rows =
        tm_ask(context->store, TM_Q_LINEAGE_NAMES, "ttt", context->scope.project, context->scope.branch, context->scope.host);
    while (rows && code == 0 && (step = tm_rows_next(rows)) == 1) {
        const struct tm_run run = {.branch = tm_row_text(rows, "branch"), .host = tm_row_text(rows, "host")};
        if (tm_touched_note(&all, &run, "", 0) != 0)
            code = tm_trouble("out of memory");
    }
    if (tm_rows_close(rows) != 0 || (code == 0 && step < 0))
        code = tm_store_trouble(context->store);
    for (size_t i = 0; i < all.n && code == 0; i++)
        code = judge_other(context, others, all.of[i].branch, all.of[i].host, NULL);
    tm_touched_free(&all);
    return code;
}

/* What was stored is what is judged: an input may say of which project it is. */
static int judge_project(struct tm_context *context, const char *project)
{
    if (context->scope.project && strcmp(context->scope.project, project) == 0)
        return 0;
    free(context->owned_project);
    context->scope.project = context->owned_project = strdup(project);
    return context->owned_project ? 0 : tm_trouble("out of memory");
}

/* With --parts a run is judged when all are there. What came with this command is stored all the same: the others may be waiting
 * for it. A dry run stores nothing. */
static int check_parts(struct tm_context *context, const char *key)
{
    int64_t wanted = 0, there = 0;
    struct tm_judged_run run;
    if (!tm_option_given(context->arguments, "parts"))
        return 0;
    if (tm_option_count(context->arguments, "parts", 1, &wanted) != 0)
        return TM_EXIT_TROUBLE;
    int found = tm_judged_run_find(context->store, &context->scope, key, &run);
    if (found <= 0)
        return found == 0 ? 0 : tm_store_trouble(context->store); /* who judges says what is missing */
    int code = tm_get(context->store, &there, TM_Q_PARTS_COUNT, "i", run.id) == 1 ? 0 : tm_store_trouble(context->store);
    bool brought = context->arguments->n_words > 0 && !tm_option_given(context->arguments, "dry-run");
    if (code == 0 && there < wanted && brought)
        code = tm_context_commit(context);
    if (code == 0 && there < wanted)
        code = tm_trouble("run '%s' has %lld of %lld parts: it was not judged%s", run.key, (long long)there, (long long)wanted,
                          brought ? "; what was given is stored" : "");
    if (code == 0 && there > wanted)
        tm_hint("run '%s' has %lld parts, more than --parts %lld", run.key, (long long)there, (long long)wanted);
    tm_judged_run_free(&run);
    return code;
}

/* What comes while the store is out of reach is kept, whatever becomes of its verdict. */
static int keep_spooled(struct tm_context *context)
{
    if (!context->spooled || context->arguments->n_words == 0 || tm_option_given(context->arguments, "dry-run"))
        return 0;
    if (tm_commit(context->store) != 0 || tm_begin(context->store) != 0)
        return tm_store_trouble(context->store);
    tm_say(stderr, "notice: what was given is in the spool '%s', to be sent from there", context->path);
    return 0;
}

/* Which lineages the gate will judge, as far as that can be known before the input is read: of a night that comes with the command
 * those of the options, or the usual ones. Texts are borrowed from *run. 1, 0: not known, -1. */
static int foresee(struct tm_context *context, struct tm_judged_run *run, struct tm_ahead_wish *wish)
{
    struct tm_scope *scope = &wish->scope;
    *scope = context->scope;
    if (context->arguments->n_words > 0) {
        wish->looking = TM_LOOK_STALE;
        scope->project = scope->project ? scope->project : "default";
        scope->branch = scope->branch ? scope->branch : context->default_branch ? context->default_branch : "main";
        scope->host = scope->host ? scope->host : tm_host();
        return scope->host != NULL;
    }
    if (tm_option_given(context->arguments, "all-lineages"))
        return 1;
    int found = tm_judged_run_find(context->store, scope, tm_option_value(context->arguments, "run"), run);
    wish->only = (struct tm_lineage_name){run->project_id, run->host_id, run->branch};
    return found;
}

/* A history that is to be judged from nothing is judged before others are kept from writing. Of the lineage of a night that has not
 * been read yet only what was judged before, by other settings: another one may not be this gate's. Whatever is wrong with the
 * store is told by who judges under the lock. */
static int begin(struct tm_context *context)
{
    struct tm_judged_run run = {0};
    struct tm_ahead ahead = {0};
    struct tm_ahead_wish wish = {.looking = TM_LOOK_UNJUDGED};
    size_t judged;
    int stands = 0;
    int code = context->arguments->n_words > 0 ? 0 : tm_context_choose_project(context, NULL);
    bool foreseen = code == 0 && foresee(context, &run, &wish) == 1;
    if (foreseen)
        code = tm_settings_foresee(context, wish.scope.project);
    if (foreseen && code == 0)
        stands = tm_begin_ahead(context->store, &context->settings, &wish, &ahead);
    else if (code == 0 || code == TM_SETTINGS_LATER)
        stands = tm_begin(context->store);
    code = code == TM_SETTINGS_LATER ? 0 : code;
    if (stands < 0 || (stands == 1 && tm_ahead_store(context->store, &ahead, &judged) != 0))
        code = tm_store_trouble(context->store);
    tm_ahead_free(&ahead);
    tm_judged_run_free(&run);
    tm_settings_free(&context->settings);
    return code;
}

/* Stores the night, if there is one, and judges it. */
static int judge(struct tm_context *context, const struct tm_decision_file *file, struct others *others)
{
    struct tm_ingested ingested = {0};
    size_t judged;
    int code = context->arguments->n_words > 0 ? tm_ingest_words(context, &ingested) : 0;
    if (code == 0 && ingested.several_projects)
        code = tm_trouble("the input has runs of several projects, and the gate judges one: 'tidemark ingest' stores them");
    if (code == 0)
        code = keep_spooled(context);
    if (code == 0 && *ingested.project)
        code = judge_project(context, ingested.project);
    if (code == 0)
        code = tm_context_choose_project(context, NULL);
    if (code == 0)
        code = tm_context_lock_project(context);
    if (code == 0)
        code = tm_settings_read(context);
    /* The run just stored, not the newest of the store: a night that is ingested late is judged itself. */
    const char *key = *ingested.key ? ingested.key : tm_option_value(context->arguments, "run");
    if (code == 0)
        code = check_parts(context, key);
    if (code == 0 &&
        tm_gate_judge(context->store, &context->settings, &context->scope, key, &tm_terminal_watcher, &context->run, &judged) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0)
        code = tm_decision_file_follow(context, file, key);
    if (code == 0)
        code = tm_option_given(context->arguments, "all-lineages") ? judge_all(context, others)
                                                                   : judge_touched(context, &ingested.lineages, others);
    tm_touched_free(&ingested.lineages);
    if (code == 0)
        code = tm_pull_request_check(context);
    /* A slip of the pen is told before anything is stored. */
    const char *explained = explained_plugin(context);
    return code == 0 && explained ? tm_context_check_plugin(context, explained) : code;
}

/* A regression anywhere fails; what cannot be judged yet counts where nothing else could be. */
static int worse_of(int a, int b)
{
    if (a == TM_EXIT_TROUBLE || b == TM_EXIT_TROUBLE)
        return TM_EXIT_TROUBLE;
    if (a == TM_GATE_FAIL || b == TM_GATE_FAIL)
        return TM_GATE_FAIL;
    return a < b ? a : b;
}

/* The forms that may follow one another on standard output: a document is about one run, the newest. */
static struct tm_chosen_forms lines_of(const struct tm_chosen_forms *all)
{
    struct tm_chosen_forms lines = {0};
    for (size_t i = 0; i < all->n; i++)
        if (!all->list[i].file && !all->list[i].form->document)
            lines.list[lines.n++] = all->list[i];
    return lines;
}

/* Prints what is stored of the run: the gate's exit code for it. Where it is one of several lineages, which one is said first. */
static int print_run(struct tm_context *context, const struct tm_chosen_forms *forms, const struct tm_judged_run *run, bool several)
{
    struct tm_report_reader reader;
    bool blocks = lines_of(forms).n > 0 && tm_sparklines_wanted(context->arguments);
    const struct tm_report_wish wish = {.runs = blocks ? SPARKLINE_RUNS : 1,
                                        .held = true,
                                        .all = tm_option_given(context->arguments, "all"),
                                        .explain = tm_option_given(context->arguments, "explain"),
                                        .explained = explained_plugin(context)};
    int code = tm_report_read(&reader, context->store, &context->settings, run, &wish) == 0 ? 0 : tm_store_trouble(context->store);
    reader.report.blocks = blocks;
    if (code == 0 && forms->n == 0)
        tm_hint("also judged: branch '%s' on host '%s', run '%s': %s (--branch and --host choose one)", run->branch,
                reader.report.host, run->key, reader.report.outcome);
    if (code == 0 && forms->n > 0 && several)
        tm_say(stdout, "branch '%s' on host '%s':", run->branch, reader.report.host);
    if (code == 0)
        code = tm_forms_write(forms, &reader.report);
    if (code == 0)
        code = reader.report.exit_code;
    tm_report_reader_free(&reader);
    return code;
}

/* Said where only one lineage was judged, and others have runs that nobody has judged. */
static int hint_unjudged(struct tm_context *context)
{
    int64_t unjudged = 0;
    if (tm_get(context->store, &unjudged, TM_Q_LINEAGES_UNJUDGED, "t", context->scope.project) < 0)
        return tm_store_trouble(context->store);
    if (unjudged > 0)
        tm_hint("the newest run of %lld other branch%s or host%s was not judged: --all-lineages judges all", (long long)unjudged,
                unjudged == 1 ? "" : "es", TM_PLURAL(unjudged));
    return 0;
}

/* All that was judged, in the forms that were asked for: the gate's exit code. */
static int print_verdict(struct tm_context *context, const struct others *others)
{
    struct tm_chosen_forms forms;
    if (tm_forms_choose(context, tm_forms, "text", &forms) != 0)
        return TM_EXIT_TROUBLE;
    const struct tm_chosen_forms lines = lines_of(&forms);
    int code = print_run(context, &forms, &context->run, others->n > 0 && lines.n > 0);
    for (size_t i = 0; i < others->n && code != TM_EXIT_TROUBLE; i++) {
        if (lines.n > 0)
            putchar('\n');
        code = worse_of(code, print_run(context, &lines, &others->runs[i], true));
    }
    if (code != TM_EXIT_TROUBLE && others->n == 0 && !context->scope.branch && !context->scope.host && hint_unjudged(context) != 0)
        code = TM_EXIT_TROUBLE;
    return code;
}

/* One transaction for all. A dry run judges and reports like any other, and then everything is taken back. */
static int run_gate(struct tm_context *context)
{
    struct others others = {0};
    struct tm_decision_file file;
    int code = tm_decision_file_read(context, &file);
    if (code == 0)
        code = begin(context);
    if (code == 0)
        code = judge(context, &file, &others);
    if (code == 0 && !tm_option_given(context->arguments, "dry-run"))
        code = tm_context_commit(context);
    if (code == 0 && tm_option_given(context->arguments, "confirm"))
        code = tm_confirm_suspects(context);
    code = code ? code : print_verdict(context, &others);
    if (code != TM_EXIT_TROUBLE && context->committed && !context->spooled)
        tm_retain(context);
    if (context->spooled && code == TM_GATE_UNJUDGED)
        code = tm_trouble("the spool '%s' has no past to judge by: the gate has judged nothing", context->path);
    for (size_t i = 0; i < others.n; i++)
        tm_judged_run_free(&others.runs[i]);
    free(others.runs);
    tm_decision_file_free(&file);
    return code;
}

const struct tm_command tm_command_gate = {
    .name = "gate",
    .usage = "[FILE...] [options]",
    .summary = "judge the newest run, or that of FILE, which is stored first",
    .more =
        "The gate compares each plugin with its own past on the same host and branch, and with the other plugins of the run. It "
        "fails\n"
        "(exit code 1) if a plugin regressed tonight, is still open from an earlier night, is missing, or is over its limit. A\n"
        "suspect had one bad night, and fails only with --strict. Exit code 3 means that nothing could be judged yet.",
    .example = "  tidemark gate night.csv --commit 3f2a91c\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_WRITING,
    .repeatable = true,
    .prepare = prepare,
    .run = run_gate,
    .most_words = -1,
    .options =
        {{"run", "KEY", "judge that run; with FILE: its name"},
         {"explain", "[=PLUGIN]",
          "print every number behind every verdict, or of PLUGIN, its passes too, and the smallest rise that would be told"},
         {"all", NULL,
          "name in text what is open or missing since an earlier night, held back by a floor, or retired; else they are counted"},
         {"dry-run", NULL, "judge without storing anything"},
         {"confirm", "COMMAND",
          "if there are suspects, have them measured again by COMMAND, which writes to {file}, and judge the same night by all"},
         {"times", "N", "with --confirm: how many times (default: 3)"},
         {"strict", NULL, "fail on suspects as well, and on a run that was slow for all"},
         {"extreme", "X",
          "call one run regressed at once beyond X times the baseline's whole range (default: 1 with --pr, 10 with --strict, else "
          "never)"},
         {"pr", NULL,
          "judge a branch's run by itself against its base as it is now: a value far beyond all of its past fails at once"},
         {"decisions", "FILE", "what was decided stands there, a line each (default: tidemark.decisions, if it is there)"},
         {"parts", "N", "end with trouble (2) if the run has fewer parts"},
         {"max-age", "DAYS", "end with trouble (2) if the newest run is older"},
         {"allow-unjudged", NULL, "pass if nothing can be judged yet"},
         {"min-effect", "SHARE", "smallest change that counts (default: 5%)"},
         {"format", "FORM[=FILE]",
          "text, json, csv, markdown, junit, codequality, sarif, github, openmetrics, badge, or of what is new slack, teams or "
          "text-short; append =FILE to write to a file; may be repeated"},
         TM_COLOR_OPTION,
         TM_SPARKLINE_OPTION,
         {"all-lineages", NULL, "judge the newest run of every branch and host of the project"},
         {"input-format", "NAME", "with FILE: the input's format (default: told by its beginning)"},
         {"at", "TIME", "with FILE: when the run started, or 'mtime': each file's own time"},
         {"commit", "ID", "with FILE: the commit that was measured"},
         {"version", "TEXT", "with FILE: version of the host program"},
         {"part", "NAME", "with FILE: one process's part of the run; '{stem}': each file is a part, named after it"},
         {"append", NULL, "with FILE: add plugins to the stored run"},
         {"replace", NULL, "with FILE: put the new rows in place of the stored run's"},
         {"repeat-of", "KEY", "with FILE: it confirms that run and is judged with it"},
         {"calls", NULL, "with FILE: read a row as one call"},
         TM_SPOOL_OPTION,
         TM_INPUT_OPTIONS,
         TM_SCOPE_OPTIONS,
         TM_JUDGE_OPTIONS},
};
