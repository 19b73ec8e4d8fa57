/* ingest: files of measurements into the store, also as the gate's first step. Parsing runs ahead
 * in a thread of its own; here runs are stored one after the other, and what was wrong is told at
 * the end, when all of it is known. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/plural.h"
#include "base/timestamp.h"
#include "cli/arguments.h"
#include "cli/ingest.h"
#include "cli/input.h"
#include "cli/spool.h"
#include "ingest/ingest.h"

/* Standard error is a terminal and the input takes a while: one line that grows. */
struct progress {
    bool shown, wanted;
    time_t last;
};

/* Once a second, and not in the first: most inputs are read by then. */
static void show_progress(struct progress *progress, const tm_reader *reader, const struct tm_ingested *tally)
{
    time_t now = progress->wanted ? time(NULL) : progress->last;
    if (now == progress->last)
        return;
    uint64_t runs = tally->stored + tally->already;
    fprintf(stderr, "\rtidemark: %" PRIu64 " MB read, %" PRIu64 " run%s ", tm_reader_bytes(reader) / 1000000, runs,
            TM_PLURAL(runs));
    progress->shown = true;
    progress->last = now;
}

static void end_progress(struct progress *progress)
{
    if (progress->shown)
        fputs("\r\033[K", stderr);
    progress->shown = false;
}

/* Notices first, errors last: the last lines are what people look at. */
int tm_print_diag(const struct tm_diag *diag)
{
    for (uint64_t i = 0; i < diag->n_notices && i < TM_DIAG_KEPT; i++)
        if (diag->notices[i])
            tm_say(stderr, "notice: %s", diag->notices[i]);
    if (diag->n_notices > TM_DIAG_KEPT)
        tm_say(stderr, "notice: ... and %" PRIu64 " more", diag->n_notices - TM_DIAG_KEPT);
    for (uint64_t i = 0; i < diag->n_errors && i < TM_DIAG_KEPT; i++)
        if (diag->errors[i])
            tm_say(stderr, "%s", diag->errors[i]);
    if (diag->n_errors > TM_DIAG_KEPT)
        tm_say(stderr, "... and %" PRIu64 " more", diag->n_errors - TM_DIAG_KEPT);
    return diag->lost ? tm_trouble("out of memory: not all could be told that is to be said of the input") : 0;
}

/* Without --at and without a column, a run began when its newest file was written; what comes through a pipe began now. */
static int64_t assumed_start(const struct tm_ingest_options *options)
{
    int64_t newest = -1;
    for (size_t i = 0; i < options->n_files; i++) {
        struct stat file;
        bool piped = strcmp(options->files[i], "-") == 0 || stat(options->files[i], &file) != 0 || !S_ISREG(file.st_mode);
        int64_t at = piped ? (int64_t)time(NULL) : (int64_t)file.st_mtime;
        newest = at > newest ? at : newest;
    }
    return newest;
}

/* What the line says of the run. 0, or TM_EXIT_TROUBLE after a message. The assumed start is
 * overwritten by --at. */
static int read_options(const struct tm_context *context, struct tm_ingest_options *options, enum tm_put_mode *mode)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_run *run = &options->run;
    run->key = tm_option_value(arguments, "run");
    run->project = tm_option_value(arguments, "project");
    options->default_project = context->scope.project;
    options->default_branch = context->default_branch;
    run->branch = context->scope.branch;
    run->host = context->scope.host;
    run->commit_id = tm_option_value(arguments, "commit");
    run->version = tm_option_value(arguments, "version");
    run->repeat_of = tm_option_value(arguments, "repeat-of");
    run->part = tm_option_value(arguments, "part");
    const char *at = tm_option_value(arguments, "at");
    options->at_mtime = at && strcmp(at, "mtime") == 0;
    options->has_start = at && !options->at_mtime;
    options->files = (const char *const *)arguments->words;
    options->n_files = (size_t)arguments->n_words;
    bool append = tm_option_given(arguments, "append"), replace = tm_option_given(arguments, "replace");
    if (append && replace)
        return tm_trouble("--append and --replace exclude each other");
    if (append && run->part)
        return tm_trouble("--append and --part exclude each other: a part is stored whole");
    if (run->part && !*run->part)
        return tm_trouble("--part: expected a name, found none");
    /* A pull request must not take the name of one of the base's nights. */
    *mode = append                             ? TM_PUT_APPEND
            : !replace                         ? TM_PUT
            : tm_option_given(arguments, "pr") ? TM_PUT_REPLACE_IN_BRANCH
                                               : TM_PUT_REPLACE;
    run->started_at = assumed_start(options);
    if (options->at_mtime)
        return 0;
    return tm_option_time(arguments, "at", &run->started_at) == 0 ? 0 : TM_EXIT_TROUBLE;
}

/* Which option would get past the conflict; none where one was given already. */
static void hint_conflict(enum tm_conflict conflict, enum tm_put_mode mode)
{
    if (mode != TM_PUT || conflict == TM_NO_CONFLICT)
        return;
    if (conflict == TM_OTHER_PLUGINS)
        tm_hint("--replace puts the new rows in place of the stored ones, --append adds plugins that the run does not have");
    else
        tm_hint("--replace puts the new %s in place of the stored %s", conflict == TM_OTHER_RUN ? "run" : "rows",
                conflict == TM_OTHER_RUN ? "one" : "ones");
}

/* What was refused, and which option would get past it. */
static void tell_refused(tm_store *store, const struct tm_place *place, const struct tm_run *run, enum tm_put_mode mode)
{
    tm_say(stderr, "%s:%" PRIu64 ": %s", place->file, place->line, tm_error(store));
    if (run->part && !run->key)
        tm_hint("--run KEY names the run that the part is of");
    hint_conflict(tm_put_conflict(store), mode);
}

/* Rows that came without a name and a time, and are stored: mostly a job that was repeated. Sizes and counts may be equal night
 * after night, though, and a night that is not stored must be noticed. */
static void hint_alike(const struct tm_run_content *content, struct tm_put_name stored)
{
    char time[TM_TIME_SIZE];
    tm_time_format(stored.started_at, time);
    if (content->run.commit_id)
        tm_hint("the same rows of the same commit are stored already, as run '%s' of %s", stored.key, time);
    else
        tm_hint("the same rows are stored already, as run '%s' of %s; no --commit says that they are of another", stored.key, time);
    tm_hint("if this is another run, give it a name with --run, or a time with --at");
}

/* A run without a project goes to 'default', as ever. Where the store knows only others, that is rarely meant. */
static int note_default_project(tm_store *store)
{
    char first[TM_NAME_MAX + 1] = "";
    int found = tm_has_project(store, "default");
    if (found != 0)
        return found > 0 ? 0 : tm_store_trouble(store);
    tm_rows *rows = tm_ask(store, TM_Q_PROJECT_NAMES, "");
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1)
        snprintf(first, sizeof first, "%s", tm_row_text(rows, "name"));
    if (tm_rows_close(rows) != 0 || step < 0)
        return tm_store_trouble(store);
    if (step == 1)
        tm_hint("no project was named: the run goes to the new project 'default'; the store has '%s' (--project NAME)", first);
    return 0;
}

/* Which project the runs are of, before one is stored. */
static int note_project(tm_store *store, const struct tm_run *run, struct tm_ingested *tally)
{
    const char *project = run->project ? run->project : "default";
    bool first = tally->stored + tally->already == 0;
    tally->several_projects = tally->several_projects || (!first && strcmp(project, tally->project) != 0);
    if (first)
        snprintf(tally->project, sizeof tally->project, "%s", project);
    return first && !run->project ? note_default_project(store) : 0;
}

/* Stores every run of the input: 0, or -1 when the input or the store failed. */
static int store_runs(tm_store *store, tm_reader *reader, enum tm_put_mode mode, struct tm_ingested *tally)
{
    struct progress progress = {.wanted = isatty(STDERR_FILENO), .last = time(NULL) + 1};
    struct tm_run_content content;
    struct tm_place place;
    enum tm_outcome outcome;
    int next;
    while ((next = tm_reader_next(reader, &content, &place)) == 1) {
        if (note_project(store, &content.run, tally) != 0)
            return -1;
        if (tm_put_run(store, &content, mode, &outcome) != 0) {
            end_progress(&progress);
            tell_refused(store, &place, &content.run, mode);
            return -1;
        }
        const struct tm_put_name stored = tm_put_name(store);
        *(outcome == TM_STORED ? &tally->stored : &tally->already) += 1;
        tally->profiles += content.n_profiles;
        snprintf(tally->part, sizeof tally->part, "%s", content.run.part ? content.run.part : "");
        if (tm_touched_note(&tally->lineages, &content.run, stored.key, stored.started_at) != 0) {
            end_progress(&progress);
            tm_trouble("out of memory");
            return -1;
        }
        /* The newest run by its start, for the gate; of equals the last one read. */
        if (!*tally->key || stored.started_at >= tally->newest_at) {
            snprintf(tally->key, sizeof tally->key, "%s", stored.key);
            tally->newest_at = stored.started_at;
        }
        if (outcome == TM_ALREADY && !content.run.key && content.assumed_start) {
            end_progress(&progress);
            hint_alike(&content, stored);
        }
        show_progress(&progress, reader, tally);
    }
    end_progress(&progress);
    return tm_print_diag(tm_reader_diag(reader)) == 0 ? next : -1;
}

/* Runs of many hosts that were one machine under many names: a container's, mostly. */
static void hint_short_lineages(const struct tm_ingested *tally)
{
    enum { JUDGED_FROM = 7 }; /* runs: six make a baseline */
    uint64_t most = 0;
    for (size_t i = 0; i < tally->lineages.n; i++)
        most = tally->lineages.of[i].runs > most ? tally->lineages.of[i].runs : most;
    if (tally->lineages.n > 1 && most < JUDGED_FROM && tally->stored + tally->already >= JUDGED_FROM)
        tm_hint(
            "these runs are of %zu hosts and branches with at most %" PRIu64
            " runs each, and nothing is judged on fewer than %d: --host NAME makes one history of several hosts, --branch NAME of "
            "several branches",
            tally->lineages.n, most, JUDGED_FROM);
}

void tm_ingest_print(const struct tm_ingested *tally)
{
    const char *how = tally->stored ? "stored" : "already stored", *what = *tally->part ? "part" : "run";
    bool one = tally->stored + tally->already == 1;
    if (one && *tally->part)
        tm_say(stdout, "part '%s' of run '%s' %s: %" PRIu64 " plugin%s", tally->part, tally->key, how, tally->profiles,
               TM_PLURAL(tally->profiles));
    else if (one)
        tm_say(stdout, "run '%s' %s: %" PRIu64 " plugin%s", tally->key, how, tally->profiles, TM_PLURAL(tally->profiles));
    else
        tm_say(stdout, "%" PRIu64 " %s%s stored, %" PRIu64 " already stored: %" PRIu64 " profile%s", tally->stored, what,
               TM_PLURAL(tally->stored), tally->already, tally->profiles, TM_PLURAL(tally->profiles));
    hint_short_lineages(tally);
}

/* A header without rows is no night: it must not pass as "nothing to store". */
static int ingest_all(tm_store *store, const struct tm_ingest_options *options, enum tm_put_mode mode, struct tm_ingested *tally)
{
    tm_reader *reader = tm_reader_open(options);
    if (!reader)
        return tm_trouble("out of memory");
    int code = TM_EXIT_DONE;
    if (store_runs(store, reader, mode, tally) != 0)
        code = tm_trouble("nothing was stored");
    else if (tally->stored + tally->already == 0)
        code = tm_trouble("found no rows after the header; nothing was stored");
    tm_reader_close(reader);
    return code;
}

/* Of the gate --format is the form of its verdict. */
static bool is_gate(const struct tm_arguments *arguments)
{
    return strcmp(arguments->command->name, "gate") == 0;
}

/* The files, and what may be said of them more than once. */
int tm_ingest_words(struct tm_context *context, struct tm_ingested *tally)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_ingest_options options = {0};
    enum tm_put_mode mode = TM_PUT;
    *tally = (struct tm_ingested){0};
    int code = read_options(context, &options, &mode);
    if (code == 0)
        code = tm_input_read(arguments, is_gate(arguments) ? "input-format" : "format", "plugin", &options);
    if (code == 0)
        code = ingest_all(context->store, &options, mode, tally);
    tm_input_free(&options);
    return code;
}

static int prepare(struct tm_context *context)
{
    context->flags = TM_CREATE | TM_MADE_LATE;
    return tm_spool_check(context);
}

/* One transaction for all files: everything, or nothing. */
static int run_ingest(struct tm_context *context)
{
    struct tm_ingested ingested;
    int code = tm_ingest_words(context, &ingested);
    if (code == 0 && tm_commit(context->store) != 0)
        code = tm_trouble("%s; the run may or may not be stored: repeat the command, which is harmless", tm_error(context->store));
    if (code == 0)
        tm_ingest_print(&ingested);
    tm_touched_free(&ingested.lineages);
    return code;
}

const struct tm_command tm_command_ingest = {
    .name = "ingest",
    .usage = "[options] FILE...",
    .summary = "store runs from files: CSV, or what other tools write, whole histories included ('-': standard input)",
    .more =
        "A row is a plugin's profile in a run. It has the columns plugin and wall_ms (or wall_us, wall_ns, wall_s), and may have "
        "calls,\n"
        "errors, cpu_ms, mem_delta_kb, peak_mem_kb, wall_p50_ms, wall_p95_ms, wall_p99_ms and wall_max_ms. With --calls, or a "
        "column named call, a "
        "row is one\n"
        "call. Columns run, started_at, project, branch, commit, host, version, tool and repeat_of put many runs into one file.\n"
        "Other numeric columns become metrics; one named like metric[better=higher unit=MB/s] NAME says direction and unit.\n"
        "All files of one call are one input, with the same run columns: either all of it is stored, or nothing.\n"
        "\n"
        "Files of other tools are known by their beginning; 'tidemark formats' lists what is read. There a file, or an entry of a\n"
        "history, is a run: with several files '--run {stem}' names each after its file. A directory is a tree of asv or "
        "criterion,\n"
        "else its files are read in the order of their names.\n"
        "\n"
        "Several processes, machines or jobs may measure one run: each stores its part (--run KEY --part NAME), once, in any "
        "order,\n"
        "and the run's figures are made of all parts that are there. Names like MACHINE:WORKER say which parts ran beside one "
        "another.",
    .example = "  tidemark ingest night.csv --run 2026-11-20 --at 2026-11-20T02:00:00Z --commit 3f2a91c\n"
               "  tidemark ingest data.js\n"
               "  tidemark ingest nightly/*.json --run '{stem}' --at mtime\n"
               "  tidemark ingest worker-*.csv --run 2026-11-20 --part '{stem}'\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_TRANSACTION,
    .repeatable = true,
    .prepare = prepare,
    .run = run_ingest,
    .least_words = 1,
    .most_words = -1,
    .options = {{"run", "KEY", "the run's name (default: a hash of its rows, commit, branch and host)"},
                {"at", "TIME", "when the run started, ISO 8601 or epoch seconds, or 'mtime': each file's own time"},
                {"project", "NAME", "the run's project (default: $TIDEMARK_PROJECT, project in tidemark.ini, or 'default')"},
                {"branch", "NAME", "the branch that was measured (default: main)"},
                {"host", "KEY", "what the run ran on (default: this machine: CPU model, cores, memory)"},
                {"commit", "ID", "the commit that was measured"},
                {"version", "TEXT", "version of the host program"},
                {"repeat-of", "KEY", "the run confirms that one"},
                {"calls", NULL, "read a row as one call, not as a profile"},
                {"part", "NAME", "the files are one process's part of the run; '{stem}': each file is a part, named after it"},
                {"append", NULL, "add plugins that the stored run does not have yet"},
                {"replace", NULL, "put the new rows in place of the stored run's"},
                {"format", "NAME", "the input's format (default: told by its beginning; 'tidemark formats' lists them)"},
                TM_SPOOL_OPTION,
                TM_INPUT_OPTIONS},
};
