/* The order in which commands are executed, and how often. */
#include "record/command/turns.h"

#include <math.h>
#include <stdlib.h>
#include <sys/wait.h>

#include "analyze/stats.h"
#include "base/array.h"

/* What every step needs. */
struct taking {
    const struct tm_turns *turns;
    struct tm_launcher *launcher;
    struct tm_turns_trouble *trouble;
    struct tm_timing start; /* of a shell: what is taken off */
};

static struct tm_timing timing_of(const struct tm_execution *e)
{
    return (struct tm_timing){e->wall_ns, e->user_ns, e->system_ns, e->peak_bytes, e->status, e->timed_out};
}

static enum tm_turns_end execute(struct taking *t, char *const *words)
{
    switch (tm_launcher_execute(t->launcher, words, &t->trouble->execution)) {
    case TM_LAUNCH_INTERRUPTED:
        return TM_TURNS_INTERRUPTED;
    case TM_LAUNCH_LOST:
        return TM_TURNS_LOST;
    case TM_LAUNCHED:
        break;
    }
    return t->trouble->execution.not_started ? TM_TURNS_NOT_STARTED : TM_TURNS_TAKEN;
}

/* The command, after what goes before it. */
static enum tm_turns_end execute_prepared(struct taking *t, const struct tm_subject *subject, struct tm_timing *timing)
{
    enum tm_turns_end end = TM_TURNS_TAKEN;
    t->trouble->subject = subject;
    if (t->turns->prepare)
        end = execute(t, t->turns->prepare);
    *timing = timing_of(&t->trouble->execution);
    if (t->turns->prepare && (end == TM_TURNS_NOT_STARTED || (end == TM_TURNS_TAKEN && tm_timing_failed(timing))))
        return TM_TURNS_PREPARE_FAILED;
    if (end == TM_TURNS_TAKEN)
        end = execute(t, subject->words);
    *timing = timing_of(&t->trouble->execution);
    return end == TM_TURNS_TAKEN && tm_timing_failed(timing) && !t->turns->may_fail ? TM_TURNS_FAILED : end;
}

static enum tm_turns_end add_timing(struct taking *t, struct tm_subject *subject)
{
    struct tm_timing timing;
    if (t->turns->progress)
        t->turns->progress(subject);
    enum tm_turns_end end = execute_prepared(t, subject, &timing);
    if (end != TM_TURNS_TAKEN)
        return end;
    struct tm_timing *added = tm_array_add(&subject->timings, &subject->n, sizeof *added);
    if (!added)
        return TM_TURNS_NO_MEMORY;
    timing.wall_ns = fmax(timing.wall_ns - t->start.wall_ns, 0);
    timing.user_ns = fmax(timing.user_ns - t->start.user_ns, 0);
    timing.system_ns = fmax(timing.system_ns - t->start.system_ns, 0);
    *added = timing;
    subject->total_ns += timing.wall_ns;
    return TM_TURNS_TAKEN;
}

static enum tm_turns_end warm_up(struct taking *t)
{
    struct tm_timing timing;
    enum tm_turns_end end = TM_TURNS_TAKEN;
    t->trouble->warmup = true;
    for (size_t round = 0; round < t->turns->warmups && end == TM_TURNS_TAKEN; round++)
        for (size_t i = 0; i < t->turns->n && end == TM_TURNS_TAKEN; i++)
            end = execute_prepared(t, &t->turns->subjects[i], &timing);
    t->trouble->warmup = end != TM_TURNS_TAKEN;
    return end;
}

/* ---- the shell ---- */

/* One of the three times. */
static double median_start(const struct tm_execution *starts, size_t at, double *scratch)
{
    for (size_t i = 0; i < TM_SHELL_STARTS; i++)
        scratch[i] = *(const double *)((const char *)&starts[i] + at);
    return tm_median(scratch, TM_SHELL_STARTS);
}

static enum tm_turns_end time_shell(struct taking *t)
{
    static char shell[] = "/bin/sh", option[] = "-c", nothing[] = "";
    static char *const words[] = {shell, option, nothing, NULL};
    double scratch[TM_SHELL_STARTS];
    enum tm_turns_end end = TM_TURNS_TAKEN;
    struct tm_execution *starts = calloc(TM_SHELL_STARTS, sizeof *starts);
    if (!starts)
        return TM_TURNS_NO_MEMORY;
    t->trouble->subject = NULL;
    for (size_t i = 0; i < TM_SHELL_STARTS && end == TM_TURNS_TAKEN; i++) {
        end = execute(t, words);
        starts[i] = t->trouble->execution;
    }
    t->start.wall_ns = median_start(starts, offsetof(struct tm_execution, wall_ns), scratch);
    t->start.user_ns = median_start(starts, offsetof(struct tm_execution, user_ns), scratch);
    t->start.system_ns = median_start(starts, offsetof(struct tm_execution, system_ns), scratch);
    free(starts);
    return end;
}

/* ---- rounds ---- */

static bool wants_more(const struct tm_turns *turns, const struct tm_subject *subject)
{
    return subject->n < turns->least || subject->total_ns < turns->least_ns;
}

/* The subjects that want more in this round. */
static size_t choose(const struct tm_turns *turns, bool *chosen)
{
    size_t n = 0;
    for (size_t i = 0; i < turns->n; i++) {
        chosen[i] = wants_more(turns, &turns->subjects[i]);
        n += chosen[i] ? 1 : 0;
    }
    for (size_t i = 0; i < turns->n && turns->together && n > 0; i++)
        chosen[i] = true;
    return n;
}

enum tm_turns_end tm_turns_take(const struct tm_turns *turns, struct tm_launcher *launcher, struct tm_turns_trouble *trouble)
{
    struct taking t = {.turns = turns, .launcher = launcher, .trouble = trouble};
    bool *chosen = calloc(turns->n, sizeof *chosen);
    enum tm_turns_end end = !chosen ? TM_TURNS_NO_MEMORY : turns->by_shell ? time_shell(&t) : TM_TURNS_TAKEN;
    if (end == TM_TURNS_TAKEN)
        end = warm_up(&t);
    for (size_t round = 0; end == TM_TURNS_TAKEN && choose(turns, chosen) > 0; round++)
        for (size_t i = 0; i < turns->n && end == TM_TURNS_TAKEN; i++) {
            size_t at = round % 2 ? turns->n - 1 - i : i;
            if (chosen[at])
                end = add_timing(&t, &turns->subjects[at]);
        }
    free(chosen);
    return end;
}
