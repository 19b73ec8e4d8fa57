/* measure: any command, executed many times, as the profile of a run; or two of them, compared. What was measured is printed before
 * it is stored, and is never measured again because the store could not take it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/builder.h"
#include "cli/arguments.h"
#include "cli/measure.h"
#include "report/chart/process.h"

/* ---- what went wrong ---- */

/* The last lines that the command has said, each behind two blanks. */
static void show_last_words(struct tm_execution *execution)
{
    enum { LINES = 10 };
    char *lines[LINES];
    size_t n = 0, size = execution->said < sizeof execution->words ? execution->said : sizeof execution->words - 1;
    execution->words[size] = '\0';
    for (char *rest = execution->words, *line; (line = strsep(&rest, "\n"));)
        if (*line)
            lines[n++ % LINES] = line;
    for (size_t i = n > LINES ? n - LINES : 0; i < n; i++)
        tm_say(stderr, "  %s", lines[i % LINES]);
}

/* The command has failed, or the one before it. */
static int tell_failed(struct tm_turns_trouble *trouble, bool prepare)
{
    const struct tm_execution *e = &trouble->execution;
    const struct tm_timing timing = {.status = e->status, .timed_out = e->timed_out};
    struct tm_builder how;
    char *words = NULL;
    if (tm_build(&how)) {
        tm_measuring_put_end(how.out, &timing);
        words = tm_built(&how);
    }
    if (!words)
        return tm_trouble("out of memory");
    if (prepare)
        tm_trouble("the command of --prepare failed: %s", words);
    else
        tm_trouble("'%s' failed in %srun %zu: %s", trouble->subject->name, trouble->warmup ? "warm-up " : "",
                   trouble->subject->n + 1, words);
    show_last_words(&trouble->execution);
    if (!prepare)
        tm_hint("--ignore-failure measures it nevertheless, and counts failures as errors");
    free(words);
    return TM_EXIT_TROUBLE;
}

static int tell_not_started(const struct tm_turns_trouble *trouble)
{
    const char *word = trouble->subject ? trouble->subject->words[0] : "/bin/sh";
    if (trouble->execution.not_started == ENOENT)
        return tm_trouble("cannot run '%s': no such command", word);
    return tm_trouble("cannot run '%s': %s", word, strerror(trouble->execution.not_started));
}

static int tell(enum tm_turns_end end, struct tm_turns_trouble *trouble)
{
    switch (end) {
    case TM_TURNS_TAKEN:
        return 0;
    case TM_TURNS_NO_MEMORY:
        return tm_trouble("out of memory");
    case TM_TURNS_INTERRUPTED:
        return tm_trouble("interrupted");
    case TM_TURNS_LOST:
        return tm_trouble("the process that starts the commands has ended: somebody has killed it");
    case TM_TURNS_NOT_STARTED:
        return tell_not_started(trouble);
    case TM_TURNS_FAILED:
    case TM_TURNS_PREPARE_FAILED:
        break;
    }
    return tell_failed(trouble, end == TM_TURNS_PREPARE_FAILED);
}

/* ---- measuring ---- */

/* Once a second, on a terminal. */
static void show_progress(const struct tm_subject *subject)
{
    static time_t last;
    time_t now = time(NULL);
    if (last && now != last)
        fprintf(stderr, "\rtidemark: run %zu ", subject->n + 1);
    last = now;
}

static int take(struct tm_measuring *measuring)
{
    struct tm_turns_trouble trouble = {0};
    bool shown = isatty(STDERR_FILENO) && measuring->launching.output >= 0;
    measuring->turns.progress = shown ? show_progress : NULL;
    enum tm_turns_end end = tm_turns_take(&measuring->turns, &measuring->launcher, &trouble);
    tm_launcher_end(&measuring->launcher);
    if (shown)
        fputs("\r\033[K", stderr);
    int code = tell(end, &trouble);
    if (code != 0 && measuring->stored)
        tm_hint("nothing was stored");
    return code;
}

/* ---- the command ---- */

/* The launcher is begun before a store is opened: what it then holds of our memory is little. */
static int prepare(struct tm_context *context)
{
    struct tm_measuring *measuring = calloc(1, sizeof *measuring);
    context->own = measuring;
    context->flags = TM_CREATE | TM_MADE_LATE;
    if (!measuring)
        return tm_trouble("out of memory");
    int code = tm_measuring_read(context, measuring);
    int reason = code == 0 ? tm_launcher_begin(&measuring->launcher, &measuring->launching) : 0;
    return reason ? tm_trouble("cannot start a process: %s", strerror(reason)) : code;
}

static void finish(struct tm_context *context)
{
    tm_measuring_free(context->own);
}

/* A store that cannot take it is told before anything is measured. Signals wait until the commands are gone, and end us then. */
static int run_measure(struct tm_context *context)
{
    struct tm_measuring *measuring = context->own;
    if (measuring->stored && (tm_context_take_up(context) != 0 || tm_measuring_check_name(context, measuring) != 0))
        return TM_EXIT_TROUBLE;
    tm_context_let_go(context);
    tm_signals_hold();
    int code = take(measuring);
    if (code == 0)
        code = measuring->pair ? tm_measuring_compare(measuring) : tm_measuring_print(measuring);
    tm_signals_release();
    if (code != 0 || !measuring->stored)
        return code;
    return tm_context_take_up(context) == 0 ? tm_measuring_store(context, measuring) : TM_EXIT_TROUBLE;
}

const struct tm_command tm_command_measure = {
    .name = "measure",
    .usage = "[options] NAME -- COMMAND...",
    .summary = "run a command many times, and store it as a run; or compare two commands",
    .more = "The command is executed directly, from PATH, and with all that it starts in its process group: times, CPU and memory "
            "are theirs.\n"
            "It reads nothing, and prints nothing unless --output says where. Its failures and ends by --timeout are errors.\n"
            "\n"
            "--file FILE measures several in turns, a line each: NAME -- COMMAND. --pair 'OLD' 'NEW' runs two in turns, stores "
            "nothing,\n"
            "and says how many times slower NEW is, and how sure that is. There a line is made of words as a shell has them, with "
            "'...',\n"
            "\"...\" and \\ as quotes; what a shell would act on ($ * | > and so on) is refused outside of quotes.",
    .example = "  tidemark measure pdf-parser -- ./parse big.pdf\n"
               "  tidemark measure --file plugins.txt --run 2026-11-20 --commit 3f2a91c\n"
               "  tidemark measure --pair './old big.pdf' './new big.pdf' --fail-above 10%\n",
    .group = TM_EVERY_NIGHT,
    .needs = TM_NEEDS_NOTHING,
    .prepare = prepare,
    .run = run_measure,
    .finish = finish,
    .least_words = 0,
    .most_words = -1,
    .options = {{"runs", "N", "make N runs (default: at least 10, and at least 3 seconds; of a pair at least 15, and 5 seconds)"},
                {"warmup", "K", "make K runs first that do not count"},
                {"min-time", "SECONDS", "make runs of each command for that long, and at least 10"},
                {"prepare", "LINE", "run that line by a shell before each"},
                {"timeout", "SECONDS", "end a run that takes longer, with its process group: that is an error"},
                {"ignore-failure", NULL, "measure a command that fails, too (default: nothing is stored)"},
                {"shell", NULL, "COMMAND is a line for /bin/sh, whose own start is taken off"},
                {"output", "WHERE",
                 "what the command prints: null (the default), inherit, or a file, which has that of the last run"},
                {"file", "FILE", "measure the commands of a file in turns, a line each: NAME -- COMMAND"},
                {"pair", NULL, "compare two commands in turns, each a line in quotes"},
                {"fail-above", "SHARE", "with --pair: fail (exit code 1) if NEW got worse for certain, and by more than that: 10%"},
                {"format", "FORM", "text, table, csv, json or markdown (default: text); with --pair those of compare"},
                {"no-store", NULL, "print only"},
                {"run", "KEY", "the run's name (default: a hash of its rows, commit, branch and host)"},
                {"at", "TIME", "when the run started, ISO 8601 or epoch seconds (default: now)"},
                {"project", "NAME", "the run's project (default: $TIDEMARK_PROJECT, project in tidemark.ini, or 'default')"},
                {"branch", "NAME", "the branch that is measured (default: main)"},
                {"host", "KEY", "what it runs on (default: this machine: CPU model, cores, memory)"},
                {"commit", "ID", "the commit that is measured"},
                {"version", "TEXT", "version of what is measured"},
                {"repeat-of", "KEY", "the run confirms that one"},
                {"part", "NAME", "it is one process's part of the run"},
                {"append", NULL, "add to the stored run what it does not have yet"}},
};
