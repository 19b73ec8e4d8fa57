/* Looking twice at the CPU clocks of all threads that run a plugin. What it costs is the reading of clocks, one system call a
 * thread; so there is a credit of readings, earned by the tick, and a thread that has been to blame before is asked first, alone.
 */
#include "record/suspect.h"

#include <math.h>

enum {
    MOST_THREADS = 256,             /* that are looked at; of more, which are many times the CPUs, some are not seen */
    CREDIT_PER_TICK = 24,           /* readings of half a microsecond: 12 us, 5 % of the shortest tick and far less of usual ones */
    MOST_CREDIT = 3 * MOST_THREADS, /* so that after a quiet time all threads can be looked at: twice, and once more */
};

/* The moment between two looks: a part of a tick, so that the rest of it is still to come; above the grain of CPU clocks by far,
 * and no longer than people call a moment. Where others leave the process no time to run just then, the looking goes on, each time
 * LONGER times as long, for a tenth of a second in all. */
static const double LOOK = 0.25, SHORTEST_LOOK_NS = 5e5, LONGEST_LOOK_NS = 2e7, PATIENCE_NS = 1e8, LONGER = 3;

/* Of the process's CPU time, at the pace of the last tick; a plugin that used less was all but waiting, and is not to blame. */
static const double LEAST_SHARE = 0.1;

/* A thread in the first look; a plugin's sum in the second. */
struct look {
    uint64_t number;
    int64_t cpu_ns;
    const tm_rec_plugin *plugin;
    const void *state;
};

static struct {
    int64_t tick_ns, credit;
    struct look last; /* the thread that used most; number 0: none */
    struct look threads[MOST_THREADS], sums[MOST_THREADS];
    size_t n_threads, n_sums;
} view; /* of the monitor's thread alone */

void tm_suspect_start(int64_t tick_ns)
{
    view.tick_ns = tick_ns;
    view.credit = MOST_CREDIT;
    view.last.number = 0;
}

static void count_running(void *count, const struct tm_rec_seen_thread *thread)
{
    *(int64_t *)count += thread->running != NULL;
}

/* The first look: every thread that runs a plugin now, with its CPU clock. */
static void look_first(void *context, const struct tm_rec_seen_thread *thread)
{
    (void)context;
    if (thread->running && view.n_threads < MOST_THREADS)
        view.threads[view.n_threads++] = (struct look){.number = thread->number,
                                                       .cpu_ns = tm_read_clock(thread->cpu_clock),
                                                       .plugin = thread->running,
                                                       .state = thread->state};
}

/* The second look: what each has used since, by plugin. A thread that has changed plugin
 * meanwhile is the new one's. */
static void look_again(void *most, const struct tm_rec_seen_thread *thread)
{
    size_t i = 0;
    while (i < view.n_threads && view.threads[i].number != thread->number)
        i++;
    if (i == view.n_threads)
        return;
    const tm_rec_plugin *plugin = thread->running ? thread->running : view.threads[i].plugin;
    int64_t cpu_ns = tm_read_clock(thread->cpu_clock), used = cpu_ns - view.threads[i].cpu_ns;
    i = 0;
    while (i < view.n_sums && view.sums[i].plugin != plugin)
        i++;
    if (i == view.n_sums)
        view.sums[view.n_sums++] = (struct look){.plugin = plugin};
    view.sums[i].cpu_ns += used;
    if (used > *(int64_t *)most) {
        *(int64_t *)most = used;
        view.last = (struct look){thread->number, cpu_ns, plugin, thread->state};
    }
}

/* The plugin that has used most since the first look, if that is more than `least`. */
static const tm_rec_plugin *second_look(double least)
{
    int64_t most = 0;
    const struct look *top = NULL;
    view.n_sums = 0;
    tm_rec_each_thread(look_again, &most);
    for (size_t i = 0; i < view.n_sums; i++)
        if (!top || view.sums[i].cpu_ns > top->cpu_ns)
            top = &view.sums[i];
    view.credit -= (int64_t)view.n_threads;
    return top && (double)top->cpu_ns > least ? top->plugin : NULL;
}

/* Who used the process's CPU time between two looks; NULL: nobody that could be seen, or told to stop. */
static const tm_rec_plugin *look_twice(struct tm_usage process, bool (*sleep_until)(int64_t ns))
{
    double pause = fmin(fmax(LOOK * (double)view.tick_ns, SHORTEST_LOOK_NS), LONGEST_LOOK_NS), elapsed = 0;
    double pace = (double)process.cpu_ns / (double)process.wall_ns;
    const tm_rec_plugin *plugin = NULL;
    int64_t began = tm_read_clock(CLOCK_MONOTONIC);
    view.n_threads = 0;
    tm_rec_each_thread(look_first, NULL);
    view.credit -= (int64_t)view.n_threads;
    while (view.n_threads > 0 && !plugin && elapsed + pause < PATIENCE_NS && view.credit >= (int64_t)view.n_threads) {
        if (!sleep_until(began + (int64_t)(elapsed + pause)))
            return NULL;
        elapsed = (double)(tm_read_clock(CLOCK_MONOTONIC) - began);
        plugin = second_look(LEAST_SHARE * pace * elapsed);
        pause *= LONGER;
    }
    return plugin;
}

static void look_at_last(void *used, const struct tm_rec_seen_thread *thread)
{
    int64_t cpu_ns = tm_read_clock(thread->cpu_clock);
    *(int64_t *)used = cpu_ns - view.last.cpu_ns;
    view.last.cpu_ns = cpu_ns;
    view.last.plugin = thread->running;
}

/* How much the thread that used most has used since it was looked at; 0: it is gone. */
static int64_t used_by_last(void)
{
    int64_t used = 0;
    if (view.last.number)
        tm_rec_see_thread(view.last.state, view.last.number, look_at_last, &used);
    return used;
}

static void earn_credit(void)
{
    view.credit += view.credit < MOST_CREDIT ? CREDIT_PER_TICK : 0;
}

bool tm_suspect(struct tm_usage process, bool (*sleep_until)(int64_t ns), const tm_rec_plugin **plugin)
{
    const tm_rec_plugin *before = view.last.plugin; /* another one since then may have come only now, and wait */
    int64_t used = used_by_last(), running = 0;
    earn_credit();
    const tm_rec_plugin *still = view.last.plugin == before ? before : NULL;
    *plugin = still;
    if (used > process.cpu_ns / 2 && still)
        return true;
    tm_rec_each_thread(count_running, &running);
    if (2 * running > view.credit)
        return (double)used > LEAST_SHARE * (double)process.cpu_ns && still;
    *plugin = look_twice(process, sleep_until);
    return true;
}

void tm_suspect_nobody(bool quiet)
{
    earn_credit();
    if (quiet)
        view.last.number = 0;
    else
        used_by_last();
}
