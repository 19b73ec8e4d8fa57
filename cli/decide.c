/* accept, waive, retire, decisions, undo: what people say of the judge's verdicts. Here options and
 * dates are read and checked, in decide_words.c the plugins; what a decision does stands in
 * gate/decide.c.
 *
 * A reason is required: whoever meets the decision later has nothing else to judge it by. */
#include "cli/decide.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/builder.h"
#include "base/timestamp.h"
#include "cli/decision_file.h"
#include "cli/format.h"
#include "schema/valid.h"

/* Who decides: what the CI says before what the machine says, for there the user is a robot. A
 * name that cannot be stored is passed over. */
const char *tm_decision_author(void)
{
    const char *names[] = {getenv("TIDEMARK_USER"), getenv("GITHUB_ACTOR"), getenv("GITLAB_USER_LOGIN"), getenv("USER"),
                           getlogin()};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && *names[i] && !tm_name_fault(names[i], strlen(names[i])))
            return names[i];
    return "unknown";
}

const char *tm_decision_reason(const struct tm_arguments *arguments)
{
    const char *reason = tm_option_value(arguments, "reason");
    if (!reason || !*reason)
        tm_trouble("'%s' needs --reason TEXT: others will ask why", arguments->command->name);
    else if (tm_option_value(arguments, "issue") &&
             tm_name_fault(tm_option_value(arguments, "issue"), strlen(tm_option_value(arguments, "issue"))))
        tm_trouble("--issue %s", tm_name_fault(tm_option_value(arguments, "issue"), strlen(tm_option_value(arguments, "issue"))));
    else if (tm_name_fault(reason, strlen(reason)))
        tm_trouble("the reason %s", tm_name_fault(reason, strlen(reason)));
    else
        return reason;
    return NULL;
}

/* 0, or TM_EXIT_TROUBLE after a message. */
static int read_ceiling(const struct tm_arguments *arguments, double *ceiling)
{
    const char *text = tm_option_value(arguments, "ceiling");
    if (!text)
        return tm_trouble("'waive' needs --ceiling SHARE, like +30%%: the tolerated rise above the level before");
    if (tm_read_ceiling(text, ceiling) != 0)
        return tm_trouble("--ceiling '%s': expected a share above zero, like +30%% or 0.3", text);
    return 0;
}

/* What only a waiver has. 0, or TM_EXIT_TROUBLE after a message. */
static int read_waiver(const struct tm_arguments *arguments, struct tm_decision_wish *wish)
{
    const char *until = tm_option_value(arguments, "until");
    if (!wish->metric || !until)
        return tm_trouble("'waive' needs --metric M and --until DATE");
    if (read_ceiling(arguments, &wish->ceiling) != 0 || tm_option_time(arguments, "until", &wish->until) != 0)
        return TM_EXIT_TROUBLE;
    return tm_read_last_second(until, &wish->until) == 0 ? 0 : TM_EXIT_TROUBLE;
}

int tm_decision_check(struct tm_context *context)
{
    return tm_decision_reason(context->arguments) ? 0 : TM_EXIT_TROUBLE;
}

/* The day on which the plugin's oldest open level began, for a line that must say one. 0, or TM_EXIT_TROUBLE after a message. */
static int find_since(struct tm_context *context, const char *plugin, char since[TM_TIME_SIZE])
{
    struct tm_judged_run newest;
    int64_t first = 0;
    int found = tm_judged_run_find(context->store, &context->scope, NULL, &newest), step = -1;
    tm_rows *rows =
        found == 1 ? tm_ask(context->store, TM_Q_OPEN_OF, "itt", newest.id, plugin, tm_option_value(context->arguments, "metric"))
                   : NULL;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        int64_t at = tm_row_time(rows, "since_at") ? tm_row_time(rows, "since_at") : newest.started_at;
        first = first == 0 || at < first ? at : first;
    }
    tm_judged_run_free(&newest);
    if (found < 0 || (found == 1 && (tm_rows_close(rows) != 0 || step < 0)))
        return tm_store_trouble(context->store);
    if (first == 0)
        return tm_trouble("'%s' has nothing open in the newest run's verdicts: --from RUN, COMMIT or DATE says since when", plugin);
    tm_time_format(first, since);
    since[strlen("2026-11-20")] = '\0';
    return 0;
}

/* A line of the file, and room for what it says since. */
struct lined {
    struct tm_decision_words words;
    char day[TM_TIME_SIZE];
};

/* 0, or TM_EXIT_TROUBLE after a message. */
static int check_metric(const struct tm_context *context, const char *metric)
{
    int64_t project, id;
    if (!metric || tm_metric_named(metric))
        return 0;
    int found = tm_get(context->store, &project, TM_Q_PROJECT_FIND, "t", context->scope.project);
    if (found == 1)
        found = tm_get(context->store, &id, TM_Q_METRIC_FIND, "it", project, metric);
    if (found < 0)
        return tm_store_trouble(context->store);
    return found ? 0 : tm_trouble("no metric '%s' in project '%s'", metric, context->scope.project);
}

static int make_line(struct tm_context *context, const char *plugin, struct lined *line)
{
    bool one = !strpbrk(plugin, "*?[");
    if (check_metric(context, tm_option_value(context->arguments, "metric")) != 0 ||
        (one && tm_context_check_plugin(context, plugin) != 0))
        return TM_EXIT_TROUBLE;
    const struct tm_arguments *arguments = context->arguments;
    line->words = (struct tm_decision_words){.kind = (enum tm_decision_kind)tm_decision_kind_named(arguments->command->name),
                                             .plugin = plugin,
                                             .metric = tm_option_value(arguments, "metric"),
                                             .since = tm_option_value(arguments, "from"),
                                             .ceiling = tm_option_value(arguments, "ceiling"),
                                             .until = tm_option_value(arguments, "until"),
                                             .issue = tm_option_value(arguments, "issue"),
                                             .reason = tm_decision_reason(arguments)};
    if (line->words.kind != TM_ACCEPT || line->words.since)
        return 0;
    line->words.since = line->day;
    if (!one && tm_has_plugin(context->store, context->scope.project, plugin) == 0)
        return tm_trouble("'%s' is a glob: --from RUN, COMMIT or DATE says since when", plugin);
    return find_since(context, plugin, line->day);
}

/* A line for each word, all or none. */
static int fill_lines(struct tm_context *context, const char *path, struct lined *lines, struct tm_decision_words *words)
{
    const struct tm_arguments *arguments = context->arguments;
    for (int i = 0; i < arguments->n_words; i++) {
        if (make_line(context, arguments->words[i], &lines[i]) != 0)
            return TM_EXIT_TROUBLE;
        words[i] = lines[i].words;
    }
    if (tm_decision_file_append(path, words, (size_t)arguments->n_words) != 0)
        return TM_EXIT_TROUBLE;
    for (int i = 0; i < arguments->n_words; i++)
        tm_say(stdout, "'%s': a line to %s %s", path, arguments->command->name, words[i].plugin);
    return 0;
}

/* Into the file that is reviewed. */
static int write_lines(struct tm_context *context, const char *path)
{
    size_t n = (size_t)context->arguments->n_words;
    struct lined *lines = calloc(n, sizeof *lines);
    struct tm_decision_words *words = calloc(n, sizeof *words);
    int code = lines && words ? fill_lines(context, path, lines, words) : tm_trouble("out of memory");
    free(lines);
    free(words);
    return code;
}

/* Decides inside one transaction; the newest run is judged again by the next gate. */
static int run_decision(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_decision_wish wish = {.kind = (enum tm_decision_kind)tm_decision_kind_named(arguments->command->name),
                                    .scope = context->scope,
                                    .metric = tm_option_value(arguments, "metric"),
                                    .from = tm_option_value(arguments, "from"),
                                    .reason = tm_decision_reason(arguments),
                                    .issue = tm_option_value(arguments, "issue"),
                                    .made_by = tm_decision_author()};
    struct tm_builder told; /* once it is stored */
    if (tm_option_given(arguments, "to"))
        return write_lines(context, tm_option_value(arguments, "to"));
    int code = wish.kind == TM_WAIVE ? read_waiver(arguments, &wish) : 0;
    if (code != 0)
        return code;
    if (!tm_build(&told))
        return tm_trouble("out of memory");
    code = tm_decide_words(context, &wish, told.out);
    char *lines = tm_built(&told);
    if (code == 0 && !lines)
        code = tm_trouble("out of memory");
    if (code == 0)
        code = tm_context_commit(context);
    if (code == 0)
        fputs(lines, stdout);
    free(lines);
    return code;
}

static int run_decisions(struct tm_context *context)
{
    return tm_print_rows(context, tm_ask(context->store, TM_Q_DECISION_LIST, "t", context->scope.project));
}

/* Takes a decision back by its number, of this project only: numbers are the store's. */
static int run_undo(struct tm_context *context)
{
    char *end;
    const char *word = context->arguments->words[0];
    long long number = strtoll(word, &end, 10);
    if (*end || end == word)
        return tm_trouble("'%s' is not the number of a decision: 'tidemark decisions' lists them", word);
    int undone = tm_undo_decision(context->store, context->scope.project, number);
    if (undone < 0)
        return tm_store_trouble(context->store);
    if (undone == 0)
        return tm_trouble("no decision %lld in project '%s'", number, context->scope.project);
    int code = tm_context_commit(context);
    if (code == 0)
        tm_say(stdout, "decision %lld is undone; the next gate judges all nights anew", number);
    return code;
}

const struct tm_command tm_command_accept = {
    .name = "accept",
    .usage = "PLUGIN... --reason TEXT [options]",
    .summary = "accept a plugin's new level: closes the regression, restarts the baseline",
    .more = "PLUGIN may be a glob, in quotes: of those that fit it takes each that has something open. '*' alone accepts a shift "
            "of the "
            "whole run.\nThe gate compares with the new level from its first run on.",
    .example = "  tidemark accept pdf-parser --reason \"OCR is on now, slower on purpose\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = -1,
    .options = {{"metric", "M", "accept only this metric (default: all that are open)"},
                {"from", "RUN", "the first run of the new level (default: where the regression began)"},
                TM_DECISION_TO,
                TM_DECISION_OPTIONS},
};

const struct tm_command tm_command_waive = {
    .name = "waive",
    .usage = "PLUGIN... --metric M --ceiling +30% --until DATE --reason TEXT",
    .summary = "tolerate a regression up to a ceiling, until a date",
    .more = "PLUGIN may be a glob, in quotes. The gate compares the date with the start of each run, not with the clock.",
    .example =
        "  tidemark waive pdf-parser --metric wall_per_call_ms --ceiling +60% --until 2027-01-31 --reason \"fix is in review\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = -1,
    .options = {{"metric", "M", "the metric; required"},
                {"ceiling", "SHARE", "the tolerated rise above the level before, like +30%; required"},
                {"until", "DATE", "the last day; required"},
                TM_DECISION_TO,
                TM_DECISION_OPTIONS},
};

const struct tm_command tm_command_retire = {
    .name = "retire",
    .usage = "PLUGIN... --reason TEXT [options]",
    .summary = "stop expecting a removed plugin",
    .more = "PLUGIN may be a glob, in quotes: of those that fit it takes each that is absent from the newest run.",
    .example = "  tidemark retire font-loader --reason \"part of the renderer now\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = -1,
    .options = {TM_DECISION_TO, TM_DECISION_OPTIONS},
};

const struct tm_command tm_command_decisions = {
    .name = "decisions",
    .usage = "[options]",
    .summary = "list what was accepted, waived, retired and adopted, and by whom",
    .example = "  tidemark decisions --format table\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_READING,
    .needs_project = true,
    .run = run_decisions,
    .options = {{"project", "NAME", "the project (default: the only one, or 'default')"}, TM_FORMAT_OPTION},
};

const struct tm_command tm_command_undo = {
    .name = "undo",
    .usage = "NUMBER [options]",
    .summary = "take a decision back",
    .example = "  tidemark undo 3\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .run = run_undo,
    .least_words = 1,
    .most_words = 1,
    .options = {{"project", "NAME", "the project (default: the only one, or 'default')"}},
};
