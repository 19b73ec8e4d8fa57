/* What happens around every command, from its row in the table: the store is opened, a
 * transaction begun, a project chosen, a run's verdicts made ready; and afterwards everything is closed, and
 * what was not committed taken back.
 *
 * So a command says what it needs and reads top to bottom; the order of all that comes before it
 * stands in provide() alone. */
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/address.h"
#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/held.h"
#include "cli/settings.h"
#include "cli/spool.h"
#include "gate/gate.h"
#include "gate/reading.h"

enum { LONG_HISTORY = 100 }; /* nights: fewer are judged before anybody wonders */

/* One line on a terminal, once a second, wiped at the end. */
static void show_judging(void *context, size_t done, size_t of)
{
    static time_t last;
    time_t now = time(NULL);
    (void)context;
    if (of <= LONG_HISTORY || !isatty(STDERR_FILENO))
        return;
    if (done == of)
        fputs("\r\033[K", stderr);
    else if (last && now != last)
        fprintf(stderr, "\rtidemark: judging night %zu of %zu ", done, of);
    last = now;
}

const struct tm_watcher tm_terminal_watcher = {.progress = show_judging};

int tm_context_commit(struct tm_context *context)
{
    context->committed = tm_commit(context->store) == 0;
    return context->committed ? 0 : tm_store_trouble(context->store);
}

/* What stands for one that is not said: the command line, the environment, the file, or NULL. */
static const char *preferred(const char *given, const char *variable, const char *configured)
{
    const char *value = given ? given : getenv(variable);
    return value && *value ? value : configured && *configured ? configured : NULL;
}

/* Adds a name in quotes; names that do not fit are counted by three dots. */
static void add_name(char *list, size_t size, const char *name)
{
    size_t used = strlen(list);
    if (used + strlen(name) + sizeof ", '', ..." < size)
        snprintf(list + used, size - used, "%s'%s'", used ? ", " : "", name);
    else if (used + sizeof ", ..." < size)
        snprintf(list + used, size - used, ", ...");
}

/* Named, or the only one in the store. Several are a question, since a guess would print another
 * project's verdicts; but a store that has one called default is used as it always was. */
int tm_context_choose_project(struct tm_context *context, const char *plugin)
{
    char names[600] = "", first[TM_NAME_MAX + 1] = "";
    size_t n = 0;
    bool has_default = false;
    int step = -1;
    if (context->scope.project)
        return 0;
    tm_rows *rows = tm_ask(context->store, TM_Q_PROJECTS_WITH, "t", plugin);
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_row_text(rows, "name");
        if (n++ == 0)
            snprintf(first, sizeof first, "%s", name);
        add_name(names, sizeof names, name);
        has_default = has_default || strcmp(name, "default") == 0;
    }
    if (tm_rows_close(rows) != 0 || step < 0)
        return tm_store_trouble(context->store);
    if (n > 1 && !has_default) { /* with it, a store is used as it always was */
        if (plugin)
            tm_trouble("which project? '%s' is a plugin of %zu: %s", plugin, n, names);
        else
            tm_trouble("which project? the store has %zu: %s", n, names);
        tm_hint("choose with --project NAME, or for good with TIDEMARK_PROJECT or 'project =' under [store] in tidemark.ini");
        return TM_EXIT_TROUBLE;
    }
    /* An empty store has no project yet: default is the one it will have. */
    context->scope.project = n == 1 ? strdup(first) : "default";
    if (n == 1)
        context->owned_project = (char *)context->scope.project;
    return context->scope.project ? 0 : tm_trouble("out of memory");
}

int tm_context_lock_project(struct tm_context *context)
{
    return tm_lock_project(context->store, context->scope.project) == 0 ? 0 : tm_store_trouble(context->store);
}

/* An empty history would look like an answer. */
int tm_context_check_plugin(struct tm_context *context, const char *name)
{
    int found = tm_has_plugin(context->store, context->scope.project, name);
    if (found != 0)
        return found > 0 ? 0 : tm_store_trouble(context->store);
    char *nearest = tm_nearest_plugin(context->store, context->scope.project, name);
    tm_trouble("no plugin '%s' in the store", name);
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    else
        tm_hint("'tidemark plugins' lists them");
    free(nearest);
    return TM_EXIT_TROUBLE;
}

/* Somebody who looks at the terminal would think that nothing happens. */
static void say_waiting(const char *path)
{
    if (isatty(STDERR_FILENO))
        tm_hint("'%s' is being written by another program: waiting for it", path);
}

/* What a process holds is not left in a file when it crashes: libpq keeps the password for as long as it is connected. */
static void leave_no_core(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_CORE, &limit) == 0) {
        limit.rlim_cur = 0;
        (void)setrlimit(RLIMIT_CORE, &limit); /* lowering one's own limit is always allowed */
    }
}

int tm_context_open(const struct tm_context *context, const char *path, unsigned flags, tm_store **store)
{
    if (tm_is_address(path))
        leave_no_core();
    int opened = tm_open(path, flags, store);
    tm_arguments_forget(context->arguments, path);
    return opened;
}

/* The message lives in the handle, so the handle is closed after it was told. */
static int open_store(struct tm_context *context)
{
    if (tm_context_open(context, context->path, context->flags, &context->store) == 0) {
        tm_when_waiting(context->store, say_waiting);
        return 0;
    }
    int code = tm_spool_open(context);
    if (code != 0) {
        tm_close(context->store);
        context->store = NULL;
    }
    return code;
}

void tm_context_let_go(struct tm_context *context)
{
    if (tm_is_address(context->path))
        return;
    tm_close(context->store);
    context->store = NULL;
}

int tm_context_take_up(struct tm_context *context)
{
    return context->store ? 0 : open_store(context);
}

/* An empty list would look like an answer. */
static int check_scope(const struct tm_context *context)
{
    const struct tm_scope *scope = &context->scope;
    int project = scope->project ? tm_has_project(context->store, scope->project) : 1;
    int host = scope->host ? tm_has_host(context->store, scope->host) : 1;
    if (project < 0 || host < 0)
        return tm_store_trouble(context->store);
    if (project && host)
        return 0;
    char *nearest = project ? tm_nearest_host(context->store, scope->host) : tm_nearest_project(context->store, scope->project);
    tm_trouble("no %s '%s' in the store", project ? "host" : "project", project ? scope->host : scope->project);
    if (nearest)
        tm_hint("did you mean '%s'?", nearest);
    else
        tm_hint("'tidemark runs' shows the %ss", project ? "host" : "project");
    free(nearest);
    return TM_EXIT_TROUBLE;
}

/* The run that the options name, and its verdicts, of one moment with what tm_report_read() reads, which ends it. Nothing is
 * written. */
static int provide_judged_run(struct tm_context *context)
{
    const char *key = tm_option_value(context->arguments, "run");
    bool aside = false;
    if (tm_snapshot(context->store) != 0 || tm_gate_find(context->store, &context->scope, key, &context->run) != 0)
        return tm_store_trouble(context->store);
    int code = tm_settings_read_stored(context);
    if (code == 0 && tm_reading_prepare(context->store, &context->settings, &context->run, &tm_terminal_watcher, &aside) != 0)
        code = tm_store_trouble(context->store);
    if (code == 0 && aside && tm_settings_given(context->arguments))
        tm_hint("judged in memory, with the settings given here; the stored verdicts stay as they are");
    else if (code == 0 && aside)
        tm_hint("no gate has judged run '%s' as it is now: it was judged in memory", context->run.key);
    return code;
}

/* Begins, chooses and judges as the command's row says: 0, or an exit code. */
static int provide(struct tm_context *context)
{
    const struct tm_command *command = context->arguments->command;
    int code = 0;
    if (command->needs == TM_NEEDS_NOTHING)
        return 0;
    if (command->needs == TM_NEEDS_TRANSACTION && tm_begin(context->store) != 0)
        code = tm_store_trouble(context->store);
    bool one_project = command->needs_project || command->needs == TM_NEEDS_JUDGED_RUN;
    if (code == 0 && (command->checks_scope || one_project))
        code = check_scope(context);
    if (code == 0 && one_project)
        code = tm_context_choose_project(context, NULL);
    if (code == 0 && one_project && command->needs == TM_NEEDS_TRANSACTION)
        code = tm_context_lock_project(context);
    if (code == 0 && command->needs_settings)
        code = tm_settings_read(context);
    if (code == 0 && command->needs == TM_NEEDS_JUDGED_RUN)
        code = provide_judged_run(context);
    return code;
}

/* May the input be read once more? Not standard input, a pipe or a terminal. */
static bool reads_files_only(const struct tm_arguments *arguments)
{
    struct stat facts;
    for (int i = 0; i < arguments->n_words; i++)
        if (strcmp(arguments->words[i], "-") == 0 ||
            (stat(arguments->words[i], &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode)))
            return false;
    return true;
}

/* After a command that failed before it stored or printed anything: is it to be run again? Then everything is as it was before. */
static bool start_again(struct tm_context *context, const char *project, int *tries)
{
    const struct tm_command *command = context->arguments->command;
    if (context->committed || command->needs < TM_NEEDS_WRITING || tm_may_try_again(context->store) == TM_AGAIN_NO ||
        tm_output_printed() || !reads_files_only(context->arguments) ||
        tm_try_again(context->store, tries, command->repeatable) != 0)
        return false;
    tm_hint("that may pass: trying again");
    tm_judged_run_free(&context->run);
    tm_settings_free(&context->settings);
    memset(&context->settings, 0, sizeof context->settings);
    free(context->owned_project);
    context->owned_project = NULL;
    context->scope.project = project;
    return true;
}

/* One place tries again, whatever the command. */
static int provide_and_run(struct tm_context *context)
{
    const char *project = context->scope.project;
    int tries = 0, code;
    do {
        code = provide(context);
        if (code == 0)
            code = context->arguments->command->run(context);
    } while (code == TM_EXIT_TROUBLE && start_again(context, project, &tries));
    return code;
}

/* Whatever fails, the same end frees everything: all of it is zero until it is there. */
int tm_command_run(const struct tm_arguments *arguments)
{
    const struct tm_command *command = arguments->command;
    struct tm_config config = {0};
    struct tm_context context = {.arguments = arguments, .config = &config};
    int code = tm_config_read(&config, arguments);
    if (code == 0) {
        const char *path = preferred(arguments->db, "TIDEMARK_DB", tm_config_value(&config, "store", "db"));
        context.path = path ? path : "tidemark.db";
        context.flags = command->needs <= TM_NEEDS_JUDGED_RUN ? TM_READONLY : 0;
        context.scope.project =
            preferred(tm_option_value(arguments, "project"), "TIDEMARK_PROJECT", tm_config_value(&config, "store", "project"));
        context.scope.branch = tm_option_value(arguments, "branch");
        context.scope.host = tm_option_value(arguments, "host");
    }
    /* SQLite takes it for a database in memory, which is gone when the command ends. */
    if (code == 0 && (strcmp(context.path, ":memory:") == 0 || !*context.path))
        code = tm_trouble("--db '%s' is no file: nothing would be kept", context.path);
    tm_output_hold();
    /* Options first: a line that makes no sense must not make a store. */
    if (code == 0 && command->prepare)
        code = command->prepare(&context);
    if (code == 0 && command->needs != TM_NEEDS_NOTHING)
        code = open_store(&context);
    if (code == 0 && context.store && !context.spooled)
        code = tm_spool_send(&context);
    if (code == 0)
        code = provide_and_run(&context);
    /* What was not committed is taken back, also after a command that failed. */
    if (context.store)
        tm_rollback(context.store);
    tm_judged_run_free(&context.run);
    tm_settings_free(&context.settings);
    tm_close(context.store);
    free(context.owned_project);
    if (command->finish && context.own)
        command->finish(&context);
    free(context.own);
    tm_config_free(&config);
    return tm_output_release(code);
}
