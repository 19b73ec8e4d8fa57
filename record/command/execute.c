/* The launcher's own side. A command is a process group: posix_spawn() starts it, at the price of one system call whatever our size
 * is, and orphans of the group become our children, so that we can wait for all of it and count what it took.
 *
 * Signals are blocked but while we wait in ppoll(), so that none is missed between a look and a wait. Nothing here allocates once
 * the first command was started. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "record/command/launcher.h"

/* Where a program's stack lies changes its speed by some percent, and depends on the size of the environment. So each start has
 * another one, and the mean is one of many. The step is prime to SHIFTS: all sizes come before one comes again. */
#define SHIFT_VARIABLE "TIDEMARK_SHIFT="
enum { SHIFTS = 4096, SHIFT_STEP = 1543 };

static const double GRACE_NS = 1e9; /* between asking a group to end and making it */

static volatile sig_atomic_t told_to_end;

struct tm_executing {
    const struct tm_launching *common;
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t open; /* signals that are blocked while we wait: those of before */
    char **environment;
    char shift[sizeof SHIFT_VARIABLE + SHIFTS];
    size_t shifted;
    int ear, mouth; /* a pipe: what we hear of standard error, and what commands get as that */
};

static void remember(int signal)
{
    if (signal != SIGCHLD)
        told_to_end = signal;
}

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return 1e9 * (double)now.tv_sec + (double)now.tv_nsec;
}

/* ---- once ---- */

/* Ends come by SIGTERM alone: a terminal's signals go to whoever started us, who tells us. */
static void take_signals(struct tm_executing *x)
{
    const struct sigaction action = {.sa_handler = remember};
    static const int ours[] = {SIGCHLD, SIGTERM};
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++) {
        sigaddset(&blocked, ours[i]);
        sigaction(ours[i], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &blocked, &x->open);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        sigdelset(&x->open, ours[i]);
}

/* Commands read nothing. What they say goes where `common` has it. */
static int choose_files(struct tm_executing *x)
{
    int reason = posix_spawn_file_actions_addopen(&x->files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    if (reason == 0 && x->common->output >= 0)
        reason = posix_spawn_file_actions_adddup2(&x->files, x->common->output, STDOUT_FILENO);
    if (reason == 0 && x->common->output >= 0)
        reason = posix_spawn_file_actions_adddup2(&x->files, x->mouth, STDERR_FILENO);
    return reason;
}

/* A group of its own, and signals as they were before us. */
static int choose_attributes(struct tm_executing *x)
{
    sigset_t usual;
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGCHLD);
    int reason = posix_spawnattr_setflags(&x->attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (reason == 0)
        reason = posix_spawnattr_setpgroup(&x->attributes, 0);
    if (reason == 0)
        reason = posix_spawnattr_setsigmask(&x->attributes, &x->open);
    return reason == 0 ? posix_spawnattr_setsigdefault(&x->attributes, &usual) : reason;
}

/* Ours with the variable in it that changes its size. */
static int make_environment(struct tm_executing *x)
{
    size_t n = 0;
    while (environ[n])
        n++;
    x->environment = calloc(n + 2, sizeof *x->environment);
    if (!x->environment)
        return ENOMEM;
    memcpy(x->environment + 1, environ, n * sizeof *environ);
    memcpy(x->shift, SHIFT_VARIABLE, sizeof SHIFT_VARIABLE);
    memset(x->shift + sizeof SHIFT_VARIABLE - 1, 'x', SHIFTS);
    x->environment[0] = x->shift;
    return 0;
}

static int open_pipe(struct tm_executing *x)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0)
        return errno;
    x->ear = ends[0];
    x->mouth = ends[1];
    return fcntl(x->ear, F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;
}

static int prepare(struct tm_executing *x)
{
    setpgid(0, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    take_signals(x);
    int reason = open_pipe(x);
    if (reason == 0)
        reason = make_environment(x);
    if (reason == 0)
        reason = posix_spawn_file_actions_init(&x->files);
    if (reason == 0)
        reason = choose_files(x);
    if (reason == 0)
        reason = posix_spawnattr_init(&x->attributes);
    return reason == 0 ? choose_attributes(x) : reason;
}

/* ---- each time ---- */

/* The end of what was said stays. */
static void hear(struct tm_executing *x, struct tm_execution *e)
{
    char piece[TM_LAST_WORDS];
    ssize_t got;
    while ((got = read(x->ear, piece, sizeof piece)) > 0) {
        size_t more = (size_t)got, left = sizeof e->words - more, kept = e->said < left ? e->said : left;
        memmove(e->words, e->words + (e->said - kept), kept);
        memcpy(e->words + kept, piece, more);
        e->said = kept + more;
    }
}

static double ns_of(struct timeval time)
{
    return 1e9 * (double)time.tv_sec + 1e3 * (double)time.tv_usec;
}

static void count(struct tm_execution *e, const struct rusage *usage)
{
    e->user_ns += ns_of(usage->ru_utime);
    e->system_ns += ns_of(usage->ru_stime);
    e->peak_bytes = fmax(e->peak_bytes, 1024 * (double)usage->ru_maxrss);
}

/* Takes in who has ended. Is anybody of the group left? */
static bool is_running(pid_t group, double began, struct tm_execution *e)
{
    struct rusage usage;
    int status;
    pid_t ended;
    while ((ended = wait4(-group, &status, WNOHANG, &usage)) > 0) {
        e->wall_ns = now_ns() - began;
        count(e, &usage);
        if (ended == group)
            e->status = status;
    }
    return ended == 0;
}

/* Until the next thing happens, or the deadline is over (INFINITY: there is none). */
static void wait_for_news(struct tm_executing *x, double deadline)
{
    struct pollfd ear = {.fd = x->ear, .events = POLLIN};
    double left = fmax(deadline - now_ns(), 0);
    struct timespec most = {0, 0};
    bool endless = !(left < 1e18); /* thirty years */
    if (!endless) {
        most.tv_sec = (time_t)(left / 1e9);
        most.tv_nsec = (long)fmod(left, 1e9);
    }
    ppoll(&ear, 1, endless ? NULL : &most, &x->open);
}

static void wait_for_group(struct tm_executing *x, pid_t group, double began, struct tm_execution *e)
{
    double deadline = x->common->timeout_ns > 0 ? began + x->common->timeout_ns : (double)INFINITY;
    bool asked = false;
    while (is_running(group, began, e)) {
        bool over = now_ns() >= deadline;
        if (asked && over) {
            kill(-group, SIGKILL);
            deadline = (double)INFINITY;
        } else if (!asked && (over || told_to_end)) {
            e->timed_out = !told_to_end;
            asked = true;
            kill(-group, SIGTERM);
            deadline = now_ns() + GRACE_NS;
        }
        wait_for_news(x, deadline);
        hear(x, e);
    }
    hear(x, e);
}

static void execute(struct tm_executing *x, char *const *words, struct tm_execution *e)
{
    pid_t group = 0;
    char *end = x->shift + sizeof SHIFT_VARIABLE - 1 + x->shifted;
    x->shifted = (x->shifted + SHIFT_STEP) % SHIFTS;
    *end = '\0';
    if (x->common->output >= 0 && ftruncate(x->common->output, 0) != 0)
        errno = 0; /* it is no file */
    double began = now_ns();
    e->not_started = posix_spawnp(&group, words[0], &x->files, &x->attributes, words, x->environment);
    *end = 'x';
    if (e->not_started == 0)
        wait_for_group(x, group, began, e);
    /* Those who left their group behind them, and are at their end. */
    while (waitpid(-1, NULL, WNOHANG) > 0)
        ;
}

_Noreturn void tm_launcher_serve(const struct tm_launching *common, int line)
{
    struct tm_executing x = {.common = common, .ear = -1, .mouth = -1};
    struct pollfd request = {.fd = line, .events = POLLIN};
    int reason = prepare(&x);
    char *const *words;
    while (!told_to_end && ppoll(&request, 1, NULL, &x.open) != 0) {
        struct tm_execution execution = {0};
        if (!(request.revents & (POLLIN | POLLHUP)))
            continue; /* a child of nobody's has ended */
        if (recv(line, &words, sizeof words, MSG_DONTWAIT) != (ssize_t)sizeof words)
            break;
        execution.not_started = reason;
        if (reason == 0)
            execute(&x, words, &execution);
        if (send(line, &execution, sizeof execution, MSG_NOSIGNAL) < 0)
            break;
    }
    _exit(0);
}
