/* accept, waive, retire, decisions, undo: what people say of the judge's verdicts. Here words and
 * dates are read and checked; what a decision does stands in gate/decide.c.
 *
 * A reason is required: whoever meets the decision later has nothing else to judge it by. */
#include "cli/decide.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/builder.h"
#include "cli/format.h"
#include "gate/decide.h"
#include "schema/valid.h"

enum { DAY = 86400 }; /* seconds */

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

/* A share above the level before, "+30%" or 0.3. 0, or TM_EXIT_TROUBLE after a message. From 1000
 * times on it is no ceiling. */
static int read_ceiling(const struct tm_arguments *arguments, double *ceiling)
{
    const char *text = tm_option_value(arguments, "ceiling");
    char *end;
    if (!text)
        return tm_trouble("'waive' needs --ceiling SHARE, like +30%%: the tolerated rise above the level before");
    *ceiling = strtod(text, &end);
    if (*end == '%') {
        *ceiling /= 100;
        end++;
    }
    if (end == text || *end || !(*ceiling > 0 && *ceiling < 1000))
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
    if (strlen(until) == strlen("2027-01-31"))
        wish->until += DAY - 1; /* a date means its whole day */
    return 0;
}

int tm_decision_check(struct tm_context *context)
{
    return tm_decision_reason(context->arguments) ? 0 : TM_EXIT_TROUBLE;
}

/* What will be printed once it is stored. */
struct told {
    const struct tm_arguments *arguments;
    struct tm_builder lines;
};

static void tell_decision(void *user, int64_t number, const char *metric)
{
    const struct told *told = user;
    const struct tm_arguments *arguments = told->arguments;
    tm_say(told->lines.out, "decision %" PRId64 ": %s %s%s%s", number, arguments->command->name, arguments->words[0],
           metric ? " " : "", metric ? metric : "");
}

static int no_plugin(struct tm_context *context, const char *name)
{
    char *nearest = tm_nearest_plugin(context->store, context->scope.project, name);
    tm_trouble("no plugin '%s' in project '%s'", name, context->scope.project);
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

static int nothing_open(const char *name)
{
    tm_trouble("'%s' has nothing open in the newest run's verdicts", name);
    tm_hint("'tidemark gate' judges it; --metric M --from RUN accepts a level that is not open");
    return TM_EXIT_TROUBLE;
}

static int decide(struct tm_context *context, const struct tm_decision_wish *wish, struct told *told)
{
    switch (tm_decide(context->store, wish, tell_decision, told)) {
    case TM_DECISION_NO_PLUGIN:
        return no_plugin(context, wish->plugin);
    case TM_DECISION_NOTHING_OPEN:
        return nothing_open(wish->plugin);
    case TM_DECISION_TROUBLE:
        return tm_store_trouble(context->store);
    case TM_DECIDED:
        break;
    }
    return 0;
}

/* Decides inside one transaction; the newest run is judged again by the next gate. */
static int run_decision(struct tm_context *context)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_decision_wish wish = {.kind = (enum tm_decision_kind)tm_decision_kind_named(arguments->command->name),
                                    .scope = context->scope,
                                    .plugin = arguments->words[0],
                                    .metric = tm_option_value(arguments, "metric"),
                                    .from = tm_option_value(arguments, "from"),
                                    .reason = tm_decision_reason(arguments),
                                    .issue = tm_option_value(arguments, "issue"),
                                    .made_by = tm_decision_author()};
    struct told told = {arguments, {0}};
    int code = wish.kind == TM_WAIVE ? read_waiver(arguments, &wish) : 0;
    if (code != 0)
        return code;
    if (!tm_build(&told.lines))
        return tm_trouble("out of memory");
    code = decide(context, &wish, &told);
    char *lines = tm_built(&told.lines);
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
    .usage = "PLUGIN --reason TEXT [options]",
    .summary = "accept a plugin's new level: closes the regression, restarts the baseline",
    .more = "PLUGIN '*' accepts a shift of the whole run. The gate compares with the new level from its first run on.",
    .example = "  tidemark accept pdf-parser --reason \"OCR is on now, slower on purpose\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = 1,
    .options = {{"metric", "M", "accept only this metric (default: all that are open)"},
                {"from", "RUN", "the first run of the new level (default: where the regression began)"},
                TM_DECISION_OPTIONS},
};

const struct tm_command tm_command_waive = {
    .name = "waive",
    .usage = "PLUGIN --metric M --ceiling +30% --until DATE --reason TEXT",
    .summary = "tolerate a regression up to a ceiling, until a date",
    .more = "The gate compares the date with the start of each run, not with the clock.",
    .example =
        "  tidemark waive pdf-parser --metric wall_per_call_ms --ceiling +60% --until 2027-01-31 --reason \"fix is in review\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = 1,
    .options = {{"metric", "M", "the metric; required"},
                {"ceiling", "SHARE", "the tolerated rise above the level before, like +30%; required"},
                {"until", "DATE", "the last day; required"},
                TM_DECISION_OPTIONS},
};

const struct tm_command tm_command_retire = {
    .name = "retire",
    .usage = "PLUGIN --reason TEXT [options]",
    .summary = "stop expecting a removed plugin",
    .example = "  tidemark retire font-loader --reason \"part of the renderer now\"\n",
    .group = TM_DECIDING,
    .needs = TM_NEEDS_TRANSACTION,
    .needs_project = true,
    .prepare = tm_decision_check,
    .run = run_decision,
    .least_words = 1,
    .most_words = 1,
    .options = {TM_DECISION_OPTIONS},
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
