/* The spike monitor: a thread that wakes every interval and reads the process's CPU clock. Above the threshold it finds out who it
 * is, while it still is (suspect.h). An interval above the threshold is a sample of a spike (spikes.h).
 *
 * Looking is done as seldom as will do: once in an interval where there is little to see, or where one plugin was to blame all the
 * time; else four times, and to blame is who was suspected most. */
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "record/binding.h"
#include "record/monitor.h"
#include "record/quota.h"
#include "record/spikes.h"
#include "record/state.h"
#include "record/suspect.h"

enum {
    TICKS = 4,           /* of an interval that must be looked at closely: enough to see a culprit that comes or goes inside it */
    LONG_NS = 100000000, /* the least interval for the kernel's sum, which is up to a scheduler's tick (1 to 10 ms) late: 10 % */
};

/* Of the threshold; below it there is little to see. */
static const double QUIET = 0.25;

static const double LEAST_INTERVAL = 0.001,
                    LARGEST_INTERVAL = 86400; /* seconds: a millisecond to a day; beside less, the monitor itself is seen */

struct reading {
    int64_t at_ns, cpu_ns; /* of the process */
};

enum state { OFF, RUNS, ENDS }; /* ENDS: somebody waits for the thread's end */

static struct {
    pthread_mutex_t lock; /* of `state` and `spikes`; all else is the thread's own, or constant while it runs */
    pthread_cond_t wake, over;
    pthread_t thread;
    enum state state;
    atomic_bool wanted; /* by a child of a fork: the parent had it. Atomic: a lock may be held for ever there */
    int64_t interval_ns;
    double percent, cpus;
    void (*on_spike)(void *context, const struct tm_spike *spike);
    void *context;
    struct reading tick, interval; /* when they began */
    const tm_rec_plugin *suspected[TICKS];
    size_t n_ticks, n_suspected; /* of this interval, and those of them that know who it was */
    size_t ticks;                /* that this interval will have */
    struct tm_spikes spikes;
} monitor = {.lock = PTHREAD_MUTEX_INITIALIZER, .over = PTHREAD_COND_INITIALIZER};

static _Thread_local bool is_monitor; /* this thread */

/* Sleeps until then, by the monotonic clock; false: stop. */
static bool sleep_until(int64_t ns)
{
    struct timespec until = {.tv_sec = ns / 1000000000, .tv_nsec = ns % 1000000000};
    int result = 0;
    pthread_mutex_lock(&monitor.lock);
    while (monitor.state == RUNS && result == 0)
        result = pthread_cond_timedwait(&monitor.wake, &monitor.lock, &until);
    bool goes_on = monitor.state == RUNS;
    pthread_mutex_unlock(&monitor.lock);
    return goes_on;
}

/* Who was suspected most often, and how often; of equals the later one, and nobody last. */
static const tm_rec_plugin *culprit(size_t *times)
{
    const tm_rec_plugin *most = NULL;
    *times = 0;
    for (size_t i = 0; i < monitor.n_suspected; i++) {
        size_t n = 0;
        for (size_t j = 0; j < monitor.n_suspected; j++)
            n += monitor.suspected[j] == monitor.suspected[i];
        if (n > *times || (n == *times && monitor.suspected[i])) {
            most = monitor.suspected[i];
            *times = n;
        }
    }
    return most;
}

/* on_spike is called without the lock: it may ask for spikes. */
static void add_sample(const struct tm_spike *sample)
{
    struct tm_spike copy;
    pthread_mutex_lock(&monitor.lock);
    const struct tm_spike *begun = tm_spikes_add(&monitor.spikes, sample);
    if (begun)
        copy = *begun;
    pthread_mutex_unlock(&monitor.lock);
    if (begun && monitor.on_spike) {
        copy.at_ms = tm_unflushed_ms(copy.at_ms);
        monitor.on_spike(monitor.context, &copy);
    }
}

static struct reading read_process(void)
{
    return (struct reading){.at_ns = tm_rec_now(), .cpu_ns = tm_read_clock(CLOCK_PROCESS_CPUTIME_ID)};
}

static struct tm_usage used_since(struct reading now, struct reading then)
{
    return (struct tm_usage){now.at_ns - then.at_ns, now.cpu_ns - then.cpu_ns};
}

/* Of one CPU, or of what the process may use. */
static double percent_of(struct tm_usage used)
{
    return 100 * (double)used.cpu_ns / ((double)used.wall_ns * monitor.cpus);
}

/* ticks: 1, or TICKS where it must be looked at closely. */
static void begin_interval(struct reading now, size_t ticks)
{
    monitor.interval = monitor.tick = now;
    monitor.ticks = ticks;
    monitor.n_ticks = monitor.n_suspected = 0;
}

/* Is it a sample of a spike? And how closely is the next interval to be looked at? */
static void end_interval(struct reading now)
{
    struct tm_usage used = used_since(now, monitor.interval);
    size_t times;
    const tm_rec_plugin *plugin = culprit(&times);
    struct tm_spike sample = {.at_ms = (double)monitor.interval.at_ns / 1e6,
                              .duration_ms = (double)used.wall_ns / 1e6,
                              .cpu_percent = percent_of(used),
                              .plugin = plugin ? tm_rec_plugin_name(plugin) : NULL};
    if (sample.cpu_percent >= monitor.percent)
        add_sample(&sample);
    else {
        pthread_mutex_lock(&monitor.lock);
        tm_spikes_pause(&monitor.spikes);
        pthread_mutex_unlock(&monitor.lock);
    }
    bool clear = sample.cpu_percent < QUIET * monitor.percent || (plugin && times == monitor.ticks);
    begin_interval(now, clear ? 1 : TICKS);
}

/* Who is to blame, of an interval or a part of it. */
static void tick(void)
{
    struct reading now = read_process();
    struct tm_usage used = used_since(now, monitor.tick);
    double percent = percent_of(used);
    const tm_rec_plugin *plugin;
    if (percent < monitor.percent)
        tm_suspect_nobody(percent < QUIET * monitor.percent);
    else if (tm_suspect(used, sleep_until, &plugin))
        monitor.suspected[monitor.n_suspected++] = plugin;
    monitor.tick = now;
    if (++monitor.n_ticks == monitor.ticks)
        end_interval(now);
}

/* Ticks that come too late are left out. */
static void *watch(void *unused)
{
    int64_t next = tm_read_clock(CLOCK_MONOTONIC);
    (void)unused;
    is_monitor = true;
#ifdef __linux__
    pthread_setname_np(pthread_self(), "tidemark");
#endif
    for (;;) {
        int64_t late = tm_read_clock(CLOCK_MONOTONIC) - next, pause = monitor.interval_ns / (int64_t)monitor.ticks;
        next += (late / pause + 1) * pause;
        if (!sleep_until(next))
            return NULL;
        tick();
    }
}

/* ---- reading the process's clock ---- */

#ifdef __linux__

/* To read it, the kernel goes through all threads, unless it keeps the sum anyway because a timer runs by that clock: this one,
 * which never ends. The sum has what ran up to the scheduler's last tick, so it is not for short intervals. */
static timer_t sum;
static bool has_sum;

static void start_sum(void)
{
    struct sigevent nothing = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGXCPU};
    struct itimerspec never = {.it_value = {.tv_sec = 1000000000}}; /* 32 years of CPU time */
    has_sum = monitor.interval_ns >= LONG_NS && timer_create(CLOCK_PROCESS_CPUTIME_ID, &nothing, &sum) == 0;
    if (has_sum)
        timer_settime(sum, 0, &never, NULL);
}

static void stop_sum(void)
{
    if (has_sum)
        timer_delete(sum);
}

#else

static void start_sum(void)
{
}

static void stop_sum(void)
{
}

#endif

/* ---- starting and stopping ---- */

/* By the monotonic clock: nobody's setting of the time makes the monitor sleep for an hour. */
static void make_wake(void)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&monitor.wake, &attributes);
    pthread_condattr_destroy(&attributes);
}

/* The host's signals are not for this thread. */
static int start_thread(void)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = pthread_create(&monitor.thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

static void set_state(enum state state)
{
    pthread_mutex_lock(&monitor.lock);
    monitor.state = state;
    pthread_mutex_unlock(&monitor.lock);
}

static int check_config(const struct tm_rec_config *config)
{
    if (!(config->spike_interval >= LEAST_INTERVAL && config->spike_interval <= LARGEST_INTERVAL))
        return tm_rec_fail("cannot look for spikes every %g seconds: expected 0.001 to 86400, or 0", config->spike_interval);
    if (!(config->spike_percent > 0))
        return tm_rec_fail("cannot look for spikes above %g %%: expected more than 0", config->spike_percent);
    return 0;
}

/* With the lock, which others get while the thread comes to its end. */
static void end_thread(void)
{
    monitor.state = ENDS;
    pthread_cond_signal(&monitor.wake);
    pthread_mutex_unlock(&monitor.lock);
    pthread_join(monitor.thread, NULL);
    pthread_mutex_lock(&monitor.lock);
    pthread_cond_destroy(&monitor.wake);
    stop_sum();
    tm_spikes_forget(&monitor.spikes);
    monitor.state = OFF;
    pthread_cond_broadcast(&monitor.over);
}

bool tm_rec_monitor_is_me(void)
{
    return is_monitor;
}

/* Of several callers one ends the thread, and all wait for its end. The thread cannot wait for its own. */
void tm_rec_monitor_stop(void)
{
    if (is_monitor) {
        tm_rec_fail("on_spike cannot stop recording");
        return;
    }
    pthread_mutex_lock(&monitor.lock);
    monitor.wanted = false;
    if (monitor.state == RUNS)
        end_thread();
    while (monitor.state != OFF)
        pthread_cond_wait(&monitor.over, &monitor.lock);
    pthread_mutex_unlock(&monitor.lock);
}

/* By what it was told. Everything that can fail comes before the state says RUNS, or takes it back. */
static int run(void)
{
    tm_spikes_forget(&monitor.spikes);
    tm_suspect_start(monitor.interval_ns / TICKS);
    start_sum();
    begin_interval(read_process(), 1);
    make_wake();
    set_state(RUNS);
    int error = start_thread();
    if (error == 0)
        return 0;
    set_state(OFF);
    stop_sum();
    return tm_rec_fail("cannot start the spike monitor: %s", strerror(error));
}

int tm_rec_monitor_start(const struct tm_rec_config *config)
{
    if (is_monitor)
        return tm_rec_fail("on_spike cannot start recording");
    monitor.wanted = false;
    tm_rec_monitor_stop(); /* it still runs if on_spike has stopped the recorder */
    if (config->spike_interval == 0)
        return 0;
    if (check_config(config) != 0)
        return -1;
    monitor.interval_ns = (int64_t)(config->spike_interval * 1e9);
    monitor.percent = config->spike_percent;
    monitor.cpus = tm_rec_spike_cpus();
    if (isnan(monitor.cpus))
        return -1;
    monitor.on_spike = config->on_spike;
    monitor.context = config->context;
    return run();
}

void tm_rec_monitor_after_fork(void)
{
    if (!is_monitor && atomic_load_explicit(&monitor.wanted, memory_order_relaxed) && atomic_exchange(&monitor.wanted, false))
        run();
}

/* In a child there is no monitor's thread: locks are made anew, and nothing runs until the child calls a plugin. */
void tm_rec_monitor_forked(void)
{
    monitor.wanted = monitor.state == RUNS;
    pthread_mutex_init(&monitor.lock, NULL);
    pthread_cond_init(&monitor.over, NULL);
    monitor.state = OFF;
    is_monitor = false;
    tm_spikes_forget(&monitor.spikes);
}

/* Copies at most `most`; forget takes them, whole list and all, in the same step. */
size_t tm_rec_monitor_spikes(struct tm_spike *spikes, size_t most, bool forget)
{
    pthread_mutex_lock(&monitor.lock);
    size_t n = monitor.spikes.n < most ? monitor.spikes.n : most;
    memcpy(spikes, monitor.spikes.kept, n * sizeof *spikes);
    if (forget)
        tm_spikes_forget(&monitor.spikes);
    pthread_mutex_unlock(&monitor.lock);
    return n;
}
