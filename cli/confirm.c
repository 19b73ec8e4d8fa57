/* --confirm of the gate. The night is stored and judged before its suspects are measured again:
 * that may take hours, in which others must be able to write, and the machine may fail. What the
 * command brings is one transaction: all repeats and the new verdict, or the old one. */
#include "cli/confirm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/builder.h"
#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/ingest.h"
#include "cli/remeasure.h"
#include "gate/gate.h"
#include "ingest/ingest.h"
#include "report/chart/process.h"

/* An alarm of one night asks for three measurements, and the first is one of them: so there is one to
 * spare. More than ten would be a typing error. */
enum { TIMES = 3, TIMES_MOST = 10 };

static int read_times(const struct tm_arguments *arguments, int64_t *times)
{
    *times = TIMES;
    if (tm_option_count(arguments, "times", 1, times) != 0)
        return TM_EXIT_TROUBLE;
    return *times <= TIMES_MOST ? 0 : tm_trouble("--times %" PRId64 " is too many: at most %d", *times, TIMES_MOST);
}

int tm_confirm_check(const struct tm_arguments *arguments)
{
    const char *command = tm_option_value(arguments, "confirm");
    int64_t times;
    if (!command)
        return tm_option_given(arguments, "times") ? tm_trouble("--times is for --confirm") : 0;
    if (!strstr(command, TM_REMEASURED_FILE)) {
        tm_trouble("--confirm '%s' does not say where " TM_REMEASURED_FILE " goes", command);
        tm_hint("the command has to write its measurements to the file whose name takes the place of " TM_REMEASURED_FILE);
        return TM_EXIT_TROUBLE;
    }
    if (tm_option_given(arguments, "dry-run"))
        return tm_trouble("--confirm and --dry-run exclude each other: repeats are stored");
    return read_times(arguments, &times);
}

/* The suspects' names, a line each. *n: how many. NULL after a message. */
static char *list_suspects(struct tm_context *context, size_t *n)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    if (!out) {
        tm_trouble("out of memory");
        return NULL;
    }
    tm_rows *rows = tm_ask(context->store, TM_Q_SUSPECTS_OF, "i", context->run.id);
    int step = -1;
    for (*n = 0; rows && (step = tm_rows_next(rows)) == 1; ++*n)
        fprintf(out, "%s%s", *n > 0 ? "\n" : "", tm_row_text(rows, "name"));
    bool read = tm_rows_close(rows) == 0 && step == 0;
    char *list = tm_built(&builder);
    if (read && list)
        return list;
    free(list);
    if (read)
        tm_trouble("out of memory");
    else
        tm_store_trouble(context->store);
    return NULL;
}

/* The key of the repeat of that number: the run's, cut between two characters where both do not
 * fit. */
static void key_of_repeat(const char *key, int number, char repeat[TM_NAME_MAX + 1])
{
    size_t length = strlen(key), most = TM_NAME_MAX - 3; /* "~10" */
    if (length > most)
        for (length = most; length > 0 && ((unsigned char)key[length] & 0xc0) == 0x80; length--)
            ;
    snprintf(repeat, TM_NAME_MAX + 1, "%.*s~%d", (int)length, key, number);
}

/* Whatever the file says of its run: it is a repeat of this one. */
static void make_repeat(const struct tm_context *context, const char *host, const char *key, struct tm_run *run)
{
    const struct tm_judged_run *judged = &context->run;
    run->project = context->scope.project;
    run->key = key;
    run->host = host;
    run->branch = judged->branch;
    run->commit_id = *judged->commit ? judged->commit : NULL;
    run->repeat_of = judged->key;
}

/* The one run that the file holds. */
static int store_file(struct tm_context *context, const char *host, const char *file, int number)
{
    const struct tm_ingest_options options = {.files = &file,
                                              .n_files = 1,
                                              .has_start = tm_option_given(context->arguments, "at"),
                                              .per_call = tm_option_given(context->arguments, "calls"),
                                              .run.started_at = (int64_t)time(NULL)};
    char key[TM_NAME_MAX + 1];
    struct tm_run_content content;
    struct tm_place place;
    enum tm_outcome outcome;
    int next, code = 0, runs = 0;
    tm_reader *reader = tm_reader_open(&options);
    if (!reader)
        return tm_trouble("out of memory");
    key_of_repeat(context->run.key, number, key);
    while ((next = tm_reader_next(reader, &content, &place)) == 1 && code == 0) {
        make_repeat(context, host, key, &content.run);
        if (++runs > 1)
            code = tm_trouble("the command of --confirm wrote more than one run");
        else if (tm_put_run(context->store, &content, TM_PUT, &outcome) != 0)
            code = tm_store_trouble(context->store);
    }
    tm_print_diag(tm_reader_diag(reader));
    if (code == 0 && next < 0)
        code = tm_trouble("the command of --confirm wrote what cannot be read");
    else if (code == 0 && runs == 0)
        code = tm_trouble("the command of --confirm wrote no rows after the header");
    tm_reader_close(reader);
    return code;
}

/* Neither too few plugins nor too many: else the night would be judged on what nobody measured
 * twice. */
static int check_plugins(struct tm_context *context)
{
    static const enum tm_query faults[] = {TM_Q_REPEATS_LACK, TM_Q_REPEATS_EXCEED};
    int code = 0;
    for (size_t i = 0; i < sizeof faults / sizeof *faults && code == 0; i++) {
        tm_rows *rows = tm_ask(context->store, faults[i], "i", context->run.id);
        int step = rows ? tm_rows_next(rows) : -1;
        if (step == 1)
            code = i == 0
                       ? tm_trouble("the command of --confirm did not measure the suspect '%s'", tm_row_text(rows, "name"))
                       : tm_trouble("the command of --confirm measured '%s', which is not in the run", tm_row_text(rows, "name"));
        if (tm_rows_close(rows) != 0 || step < 0)
            code = tm_store_trouble(context->store);
    }
    return code;
}

/* The same night once more, with its repeats. */
static int judge_again(struct tm_context *context)
{
    struct tm_judged_run again = {0};
    size_t judged;
    int code =
        tm_gate_judge(context->store, &context->settings, &context->scope, context->run.key, &tm_terminal_watcher, &again, &judged);
    if (code != 0)
        code = tm_store_trouble(context->store);
    /* What the first judgement noted is of a night that is no more. */
    const struct tm_noted before = context->run.noted;
    context->run.noted = again.noted;
    again.noted = before;
    tm_judged_run_free(&again);
    return code;
}

/* The key of the run's host; "" after a message. */
static void host_of(struct tm_context *context, char host[TM_NAME_MAX + 1])
{
    tm_rows *rows = tm_ask(context->store, TM_Q_RUN_FACTS, "i", context->run.id);
    int step = rows ? tm_rows_next(rows) : -1;
    snprintf(host, TM_NAME_MAX + 1, "%s", step == 1 ? tm_row_text(rows, "host") : "");
    if (tm_rows_close(rows) != 0 || step != 1) {
        *host = '\0';
        tm_store_trouble(context->store);
    }
}

/* All repeats and the new verdict, or nothing. */
static int store_repeats(struct tm_context *context, const struct tm_remeasuring *remeasuring, int times)
{
    char host[TM_NAME_MAX + 1], path[PATH_MAX];
    int code = tm_begin(context->store) == 0 ? tm_context_lock_project(context) : tm_store_trouble(context->store);
    if (code == 0) {
        host_of(context, host);
        code = *host ? 0 : TM_EXIT_TROUBLE;
    }
    for (int i = 1; i <= times && code == 0; i++)
        code = store_file(context, host, tm_remeasure_file(remeasuring, i, path), i);
    if (code == 0)
        code = check_plugins(context);
    if (code == 0)
        code = judge_again(context);
    if (code == 0 && tm_signals_caught())
        code = tm_trouble("interrupted");
    if (code == 0)
        code = tm_context_commit(context);
    if (code != 0)
        tm_rollback(context->store);
    return code;
}

/* Measured already, by an earlier gate of the same night or by hand; or a night of the past, whose
 * code is gone. 1: measure. 0: not, and it has been said; -1 after a message. */
static int may_measure(struct tm_context *context)
{
    struct tm_scope scope = context->scope;
    struct tm_judged_run newest = {0};
    int64_t repeats = 0;
    char host[TM_NAME_MAX + 1];
    host_of(context, host);
    scope.branch = context->run.branch;
    scope.host = host;
    if (!*host || tm_get(context->store, &repeats, TM_Q_RUN_REPEATED, "i", context->run.id) < 0 ||
        tm_gate_find(context->store, &scope, NULL, &newest) != 0) {
        if (*host)
            tm_store_trouble(context->store);
        tm_judged_run_free(&newest);
        return -1;
    }
    bool is_newest = newest.id == context->run.id;
    tm_judged_run_free(&newest);
    if (repeats > 0)
        tm_hint("run '%s' has %" PRId64 " repeat%s already, and is judged with %s: its suspects are not measured again",
                context->run.key, repeats, TM_PLURAL(repeats), repeats == 1 ? "it" : "them");
    else if (!is_newest)
        tm_trouble("run '%s' is not the newest of its branch and host: what --confirm measures now would not be that night",
                   context->run.key);
    return repeats > 0 ? 0 : is_newest ? 1 : -1;
}

/* Runs the command as often as wanted, then stores. */
static int measure_and_store(struct tm_context *context, const char *suspects, int times)
{
    struct tm_remeasuring remeasuring = {.command = tm_option_value(context->arguments, "confirm"), .plugins = suspects};
    int code = tm_remeasure_begin(&remeasuring);
    for (int i = 1; i <= times && code == 0; i++)
        code = tm_remeasure_once(&remeasuring, i);
    if (code == 0)
        code = store_repeats(context, &remeasuring, times);
    if (code != 0)
        tm_hint("run '%s' is stored, and its verdict stands as it was before: 'tidemark gate --run' shows it", context->run.key);
    tm_remeasure_end(&remeasuring);
    return code;
}

int tm_confirm_suspects(struct tm_context *context)
{
    int64_t times;
    size_t n = 0;
    char *suspects = read_times(context->arguments, &times) == 0 ? list_suspects(context, &n) : NULL;
    int code = suspects ? 0 : TM_EXIT_TROUBLE;
    int may = code == 0 && n > 0 ? may_measure(context) : 0;
    if (may < 0)
        code = TM_EXIT_TROUBLE;
    if (may > 0) {
        fprintf(stderr, "tidemark: %zu suspect%s, measured again %" PRId64 " time%s\n", n, TM_PLURAL(n), times, TM_PLURAL(times));
        code = measure_and_store(context, suspects, (int)times);
    }
    free(suspects);
    return code;
}
