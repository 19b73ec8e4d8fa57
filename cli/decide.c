/* accept, waive, retire, decisions, undo: what people say of the judge's verdicts. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "analyze/rules.h"
#include "base/timestamp.h"
#include "cli/command.h"
#include "schema/valid.h"

enum { DAY = 86400 };

/* What a decision is about. */
struct subject {
    int64_t project_id, run_id, started_at; /* the newest run, from which the decision counts */
    int64_t host_id;
    char branch[TM_NAME_MAX + 1];
    int64_t plugin_id; /* TM_UNKNOWN: '*', the whole run */
};

static const char *project_of(const struct tm_arguments *arguments)
{
    const char *project = tm_option_value(arguments, "project");
    return project ? project : "default";
}

static const char *author(void)
{
    const char *names[] = {getenv("TIDEMARK_USER"), getenv("GITHUB_ACTOR"), getenv("GITLAB_USER_LOGIN"), getenv("USER"),
                           getlogin()};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i] && *names[i] && !tm_name_fault(names[i], strlen(names[i])))
            return names[i];
    return "unknown";
}

static int find_newest(const struct tm_arguments *arguments, tm_store *store, struct subject *subject)
{
    tm_rows *rows = tm_ask(store, TM_Q_RUN_PICK, "tttt", project_of(arguments), tm_option_value(arguments, "branch"),
                           tm_option_value(arguments, "host"), (const char *)NULL);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        subject->run_id = tm_rows_value(rows, 0).integer;
        subject->project_id = tm_rows_value(rows, 1).integer;
        subject->host_id = tm_rows_value(rows, 2).integer;
        subject->started_at = tm_rows_value(rows, 3).integer;
        snprintf(subject->branch, sizeof subject->branch, "%s", tm_rows_text(rows, 5));
    }
    tm_rows_close(rows);
    if (step == 0)
        return tm_trouble("there is no run in project '%s' yet", project_of(arguments));
    return step < 0 ? tm_trouble("%s", tm_error(store)) : 0;
}

static int find_plugin(const struct tm_arguments *arguments, tm_store *store, struct subject *subject)
{
    const char *name = arguments->words[0];
    subject->plugin_id = TM_UNKNOWN;
    if (strcmp(name, "*") == 0)
        return 0;
    int found = tm_get(store, &subject->plugin_id, TM_Q_PLUGIN_FIND, "it", subject->project_id, name);
    if (found == 1)
        return 0;
    char *nearest = tm_nearest_plugin(store, project_of(arguments), name);
    tm_trouble("no plugin '%s' in project '%s'", name, project_of(arguments));
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    free(nearest);
    return TM_EXIT_TROUBLE;
}

/* The reason, checked; NULL (and a message) if it is missing. */
static const char *reason_of(const struct tm_arguments *arguments)
{
    const char *reason = tm_option_value(arguments, "reason");
    if (!reason || !*reason)
        tm_trouble("'%s' needs --reason \"...\": whoever looks next will ask", arguments->command->name);
    else if (tm_option_value(arguments, "issue") &&
             tm_name_fault(tm_option_value(arguments, "issue"), strlen(tm_option_value(arguments, "issue"))))
        tm_trouble("--issue %s", tm_name_fault(tm_option_value(arguments, "issue"), strlen(tm_option_value(arguments, "issue"))));
    else if (tm_name_fault(reason, strlen(reason)))
        tm_trouble("the reason %s", tm_name_fault(reason, strlen(reason)));
    else
        return reason;
    return NULL;
}

struct decided {
    const char *kind, *metric;
    int64_t from_run, until;
    double ceiling;
};

/* Decisions count from the newest run on, that one included: what it says is judged again. */
static int add(const struct tm_arguments *arguments, tm_store *store, const struct subject *subject, const struct decided *d)
{
    int64_t number;
    bool level = strcmp(d->kind, "accept") == 0; /* is one host's and branch's; the others are for all that no option leaves out */
    int64_t host = level || tm_option_given(arguments, "host") ? subject->host_id : TM_UNKNOWN;
    const char *branch = level ? subject->branch : tm_option_value(arguments, "branch");
    if (tm_get(store, &number, TM_Q_DECISION_ADD, "inttntniirnttti", subject->project_id, subject->plugin_id, d->kind, d->metric,
               host, branch, d->from_run, subject->run_id, subject->started_at, d->ceiling, d->until, reason_of(arguments),
               tm_option_value(arguments, "issue"), author(), (int64_t)time(NULL)) != 1)
        return tm_trouble("%s", tm_error(store));
    printf("decision %" PRId64 ": %s %s%s%s\n", number, d->kind, arguments->words[0], d->metric ? " " : "",
           d->metric ? d->metric : "");
    return 0;
}

static int accept_open(const struct tm_arguments *arguments, tm_store *store, const struct subject *subject, int64_t from_run)
{
    const char *metric = tm_option_value(arguments, "metric");
    struct decided decided[TM_METRICS_MAX];
    char names[TM_METRICS_MAX][TM_NAME_MAX + 1];
    int n = 0, step = -1, code = 0;
    tm_rows *rows = tm_ask(store, TM_Q_OPEN_OF, "itt", subject->run_id, arguments->words[0], metric);
    while (rows && n < TM_METRICS_MAX && (step = tm_rows_next(rows)) == 1) {
        snprintf(names[n], sizeof names[n], "%s", tm_rows_text(rows, 0));
        int64_t since = tm_rows_value(rows, 1).integer;
        decided[n] = (struct decided){"accept", names[n],
                                      from_run != TM_UNKNOWN ? from_run
                                      : since                ? since
                                                             : subject->run_id,
                                      TM_UNKNOWN, NAN};
        n++;
    }
    tm_rows_close(rows);
    if (step < 0 && n < TM_METRICS_MAX)
        return tm_trouble("%s", tm_error(store));
    if (n == 0 && !(metric && from_run != TM_UNKNOWN)) {
        tm_trouble("nothing of '%s' is open in the newest run's verdicts", arguments->words[0]);
        tm_hint("'tidemark gate' judges it; --metric M --from RUN accepts a level that is not open");
        return TM_EXIT_TROUBLE;
    }
    if (n == 0)
        decided[n++] = (struct decided){"accept", metric, from_run, TM_UNKNOWN, NAN};
    if (subject->plugin_id == TM_UNKNOWN) { /* the whole run: with all its metrics */
        n = 1;
        decided[0].metric = NULL;
    }
    for (int i = 0; i < n && code == 0; i++)
        code = add(arguments, store, subject, &decided[i]);
    return code;
}

static int accept(const struct tm_arguments *arguments, tm_store *store, const struct subject *subject)
{
    const char *from = tm_option_value(arguments, "from");
    int64_t from_run = TM_UNKNOWN;
    if (from && tm_get(store, &from_run, TM_Q_RUN_FIND, "it", subject->project_id, from) != 1)
        return tm_trouble("no run '%s' in project '%s'", from, project_of(arguments));
    return accept_open(arguments, store, subject, from_run);
}

static int read_ceiling(const struct tm_arguments *arguments, double *ceiling)
{
    const char *text = tm_option_value(arguments, "ceiling");
    char *end;
    if (!text)
        return tm_trouble("'waive' needs --ceiling +30%%: how much above the level before is tolerated");
    *ceiling = strtod(text, &end);
    if (*end == '%') {
        *ceiling /= 100;
        end++;
    }
    if (end == text || *end || !(*ceiling > 0 && *ceiling < 1000))
        return tm_trouble("--ceiling '%s': expected a share above zero, like +30%% or 0.3", text);
    return 0;
}

static int waive(const struct tm_arguments *arguments, tm_store *store, const struct subject *subject)
{
    struct decided d = {.kind = "waive", .metric = tm_option_value(arguments, "metric"), .from_run = TM_UNKNOWN};
    if (!d.metric || !tm_option_given(arguments, "until"))
        return tm_trouble("'waive' needs --metric M and --until DATE");
    int64_t any;
    if (!tm_known_metric(d.metric) && tm_get(store, &any, TM_Q_METRIC_FIND, "t", d.metric) != 1)
        return tm_trouble("no metric '%s'", d.metric);
    if (subject->plugin_id == TM_UNKNOWN)
        return tm_trouble("a waiver is for one plugin");
    if (read_ceiling(arguments, &d.ceiling) != 0 || tm_option_time(arguments, "until", &d.until) != 0)
        return TM_EXIT_TROUBLE;
    if (strlen(tm_option_value(arguments, "until")) == strlen("2027-01-31"))
        d.until += DAY - 1; /* a date means its whole day */
    return add(arguments, store, subject, &d);
}

static int retire(const struct tm_arguments *arguments, tm_store *store, const struct subject *subject)
{
    struct decided d = {.kind = "retire", .from_run = TM_UNKNOWN, .until = TM_UNKNOWN, .ceiling = NAN};
    if (subject->plugin_id == TM_UNKNOWN)
        return tm_trouble("a whole run cannot retire");
    return add(arguments, store, subject, &d);
}

/* Decides inside one transaction; the newest run is then judged again by the next gate. */
static int decide(const struct tm_arguments *arguments,
                  int (*what)(const struct tm_arguments *, tm_store *, const struct subject *))
{
    struct subject subject = {0};
    if (!reason_of(arguments))
        return TM_EXIT_TROUBLE;
    tm_store *store = tm_open_store(arguments, 0);
    int code = !store ? TM_EXIT_TROUBLE : tm_begin(store) == 0 ? 0 : tm_trouble("%s", tm_error(store));
    if (code == 0)
        code = find_newest(arguments, store, &subject);
    if (code == 0)
        code = find_plugin(arguments, store, &subject);
    if (code == 0)
        code = what(arguments, store, &subject);
    if (code == 0 && tm_do(store, TM_Q_LINEAGE_SPOIL_FROM, "iii", subject.project_id, subject.started_at, subject.run_id) != 0)
        code = tm_trouble("%s", tm_error(store));
    if (code == 0 && tm_commit(store) != 0)
        code = tm_trouble("%s", tm_error(store));
    tm_close(store);
    return code;
}

static int run_accept(const struct tm_arguments *arguments)
{
    return decide(arguments, accept);
}

static int run_waive(const struct tm_arguments *arguments)
{
    return decide(arguments, waive);
}

static int run_retire(const struct tm_arguments *arguments)
{
    return decide(arguments, retire);
}

static int run_decisions(const struct tm_arguments *arguments)
{
    tm_store *store = tm_open_store(arguments, TM_READONLY);
    int code =
        store ? tm_print_rows(arguments, store, tm_ask(store, TM_Q_DECISION_LIST, "t", project_of(arguments))) : TM_EXIT_TROUBLE;
    tm_close(store);
    return code;
}

/* What a decision changed may lie far back: everything is judged anew by the next gate. */
static int undo(const struct tm_arguments *arguments, tm_store *store)
{
    char *end;
    long long number = strtoll(arguments->words[0], &end, 10);
    int64_t project, gone;
    if (*end || end == arguments->words[0])
        return tm_trouble("'%s' is no decision's number: 'tidemark decisions' lists them", arguments->words[0]);
    if (tm_get(store, &project, TM_Q_PROJECT_FIND, "t", project_of(arguments)) != 1 ||
        tm_get(store, &gone, TM_Q_DECISION_REMOVE, "ii", (int64_t)number, project) != 1)
        return tm_trouble("no decision %lld in project '%s'", number, project_of(arguments));
    if (tm_do(store, TM_Q_LINEAGE_SPOIL, "n", project) != 0)
        return tm_trouble("%s", tm_error(store));
    printf("decision %lld is undone; the next gate judges all nights anew\n", number);
    return 0;
}

static int run_undo(const struct tm_arguments *arguments)
{
    tm_store *store = tm_open_store(arguments, 0);
    int code = !store ? TM_EXIT_TROUBLE : tm_begin(store) == 0 ? 0 : tm_trouble("%s", tm_error(store));
    if (code == 0)
        code = undo(arguments, store);
    if (code == 0 && tm_commit(store) != 0)
        code = tm_trouble("%s", tm_error(store));
    tm_close(store);
    return code;
}

#define DECISION_OPTIONS {"reason", "TEXT", "why; required"}, {"issue", "URL", "where it is discussed"}, TM_SCOPE_OPTIONS

const struct tm_command tm_command_accept = {
    .name = "accept",
    .usage = "PLUGIN --reason TEXT [options]",
    .summary = "a new level is fine: what is open ends, the baseline starts at the new level ('*': the run-wide shift)",
    .example = "  tidemark accept pdf-parser --reason \"OCR is on now, slower on purpose\"\n",
    .run = run_accept,
    .least_words = 1,
    .most_words = 1,
    .options = {{"metric", "M", "only this metric (default: all that are open)"},
                {"from", "RUN", "the new level's first run (default: where the regression began)"},
                DECISION_OPTIONS},
};

const struct tm_command tm_command_waive = {
    .name = "waive",
    .usage = "PLUGIN --metric M --ceiling +30% --until DATE --reason TEXT",
    .summary = "tolerate a regression up to a ceiling, until a date (of the runs, not of the clock)",
    .example =
        "  tidemark waive pdf-parser --metric wall_per_call_ms --ceiling +60% --until 2027-01-31 --reason \"fix is in review\"\n",
    .run = run_waive,
    .least_words = 1,
    .most_words = 1,
    .options = {{"metric", "M", "which metric"},
                {"ceiling", "SHARE", "how much above the level before, like +30%"},
                {"until", "DATE", "the last day"},
                DECISION_OPTIONS},
};

const struct tm_command tm_command_retire = {
    .name = "retire",
    .usage = "PLUGIN --reason TEXT [options]",
    .summary = "the plugin is gone for good and no longer missing",
    .example = "  tidemark retire font-loader --reason \"part of the renderer now\"\n",
    .run = run_retire,
    .least_words = 1,
    .most_words = 1,
    .options = {DECISION_OPTIONS},
};

const struct tm_command tm_command_decisions = {
    .name = "decisions",
    .usage = "[options]",
    .summary = "list what was accepted, waived and retired, and by whom",
    .example = "  tidemark decisions --format table\n",
    .run = run_decisions,
    .options = {{"project", "NAME", "the project (default: default)"}, TM_FORMAT_OPTION},
};

const struct tm_command tm_command_undo = {
    .name = "undo",
    .usage = "NUMBER [options]",
    .summary = "take a decision back",
    .example = "  tidemark undo 3\n",
    .run = run_undo,
    .least_words = 1,
    .most_words = 1,
    .options = {{"project", "NAME", "the project (default: default)"}},
};
