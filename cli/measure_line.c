/* The options of measure. All that can be wrong with them is said before the first command is executed. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/arguments.h"
#include "cli/measure.h"
#include "cli/output.h"
#include "report/chart/process.h"

/* Ten runs tell their noise, and three seconds of them that of a command that is over at once. Of a pair the noise of both counts.
 */
enum { RUNS = 10, PAIRS = 15 };
static const double LEAST_NS = 3e9, PAIR_LEAST_NS = 2.5e9; /* of each */

static int read_run(const struct tm_context *context, struct tm_measuring *measuring)
{
    const struct tm_arguments *arguments = context->arguments;
    struct tm_run *run = &measuring->run;
    run->key = tm_option_value(arguments, "run");
    run->project = context->scope.project;
    run->branch = context->scope.branch;
    run->host = context->scope.host;
    run->commit_id = tm_option_value(arguments, "commit");
    run->version = tm_option_value(arguments, "version");
    run->repeat_of = tm_option_value(arguments, "repeat-of");
    run->part = tm_option_value(arguments, "part");
    run->tool = "tidemark measure";
    run->started_at = (int64_t)time(NULL);
    bool append = tm_option_given(arguments, "append");
    measuring->mode = append ? TM_PUT_APPEND : TM_PUT;
    if (append && run->part)
        return tm_trouble("--append and --part exclude each other: a part is stored whole");
    if ((append || run->part) && !run->key)
        return tm_trouble("--%s needs --run KEY: the run to which it belongs", append ? "append" : "part");
    return tm_option_time(arguments, "at", &run->started_at) == 0 ? 0 : TM_EXIT_TROUBLE;
}

static int read_turns(const struct tm_arguments *arguments, struct tm_measuring *measuring)
{
    struct tm_turns *turns = &measuring->turns;
    int64_t runs = measuring->pair ? PAIRS : RUNS, warmups = 0;
    const char *prepare = tm_option_value(arguments, "prepare");
    bool counted = tm_option_given(arguments, "runs");
    turns->least_ns = counted ? 0 : measuring->pair ? PAIR_LEAST_NS : LEAST_NS;
    turns->may_fail = tm_option_given(arguments, "ignore-failure");
    turns->together = measuring->pair;
    if (counted && tm_option_given(arguments, "min-time"))
        return tm_trouble("-n and --min-time exclude each other");
    if (tm_option_count(arguments, "runs", 1, &runs) != 0 || tm_option_count(arguments, "warmup", 0, &warmups) != 0 ||
        tm_option_seconds(arguments, "min-time", &turns->least_ns) != 0 ||
        tm_option_seconds(arguments, "timeout", &measuring->launching.timeout_ns) != 0)
        return TM_EXIT_TROUBLE;
    turns->least = (size_t)runs;
    turns->warmups = (size_t)warmups;
    if (prepare && !(turns->prepare = tm_measuring_shell(measuring, prepare)))
        return tm_trouble("out of memory");
    return 0;
}

/* Where commands print. */
static int open_output(const struct tm_context *context, struct tm_launching *launching)
{
    const char *output = tm_option_value(context->arguments, "output");
    bool file = output && strcmp(output, "null") != 0 && strcmp(output, "inherit") != 0;
    if (output && strcmp(output, "inherit") == 0)
        return 0;
    if (file && tm_output_check(context, "output", output) != 0)
        return TM_EXIT_TROUBLE;
    launching->output =
        file ? open(output, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666) : open("/dev/null", O_WRONLY | O_CLOEXEC);
    return launching->output >= 0 ? 0 : tm_trouble("cannot write '%s': %s", file ? output : "/dev/null", strerror(errno));
}

static int read_form(const struct tm_context *context, struct tm_measuring *measuring)
{
    const char *name = tm_option_value(context->arguments, "format");
    if (measuring->pair)
        return tm_measuring_choose_forms(context, &measuring->forms);
    if (!name || strcmp(name, "text") == 0)
        return 0;
    measuring->format = tm_format_named(name);
    return measuring->format ? 0 : tm_trouble("no format '%s': expected text, table, csv, json or markdown", name);
}

int tm_measuring_read(const struct tm_context *context, struct tm_measuring *measuring)
{
    const struct tm_arguments *arguments = context->arguments;
    *measuring = (struct tm_measuring){.launcher.line = -1,
                                       .launching = {.output = -1, .interrupted = tm_signals_caught},
                                       .pair = tm_option_given(arguments, "pair"),
                                       .turns.by_shell = tm_option_given(arguments, "shell"),
                                       .fail_above = NAN};
    measuring->stored = !measuring->pair && !tm_option_given(arguments, "no-store");
    if (measuring->pair && tm_option_given(arguments, "file"))
        return tm_trouble("--pair and --file exclude each other");
    if (!measuring->pair && tm_option_given(arguments, "fail-above"))
        return tm_trouble("--fail-above is for --pair; 'tidemark gate' judges what is stored");
    if (tm_option_share(arguments, "fail-above", 0, 1000, &measuring->fail_above) != 0)
        return TM_EXIT_TROUBLE;
    int code = read_run(context, measuring);
    if (code == 0)
        code = read_form(context, measuring);
    if (code == 0)
        code = read_turns(arguments, measuring);
    if (code == 0)
        code = tm_measuring_read_subjects(arguments, measuring);
    measuring->turns.subjects = measuring->subjects;
    measuring->turns.n = measuring->n;
    return code == 0 ? open_output(context, &measuring->launching) : code;
}

void tm_measuring_free(struct tm_measuring *measuring)
{
    tm_launcher_end(&measuring->launcher);
    if (measuring->launching.output >= 0)
        close(measuring->launching.output);
    for (size_t i = 0; i < measuring->n; i++)
        tm_subject_free(&measuring->subjects[i]);
    for (size_t i = 0; i < measuring->n_owned; i++)
        free(measuring->owned[i]);
    free(measuring->subjects);
    free(measuring->owned);
}
