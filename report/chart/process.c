/* Runs a program to its end, and sees to it that nothing of it remains: not when it takes too long, not when a signal ends us,
 * not when we are killed. */
#include "report/chart/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    FILE_MOST = 64 << 20, /* bytes of a file that the program writes: a chart has less than 100 KB */
    TICK_NS = 2000000,    /* between two looks at it: 2 ms are not felt, and cost nothing */
    NOT_STARTED = 127,    /* exit code, as shells have it; nobody reads it, the pipe says why */
};

/* By which people and systems end a program. */
static const int ending[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
enum { N_ENDING = sizeof ending / sizeof *ending };
static volatile sig_atomic_t caught;
static struct sigaction before[N_ENDING];
static int holds;

static void remember(int signal)
{
    caught = signal;
}

/* What is ignored stays ignored (nohup); the rest is only remembered until tm_signals_release(). */
void tm_signals_hold(void)
{
    struct sigaction action = {.sa_handler = remember};
    if (holds++ > 0)
        return;
    sigemptyset(&action.sa_mask);
    caught = 0;
    for (int i = 0; i < N_ENDING; i++) {
        sigaction(ending[i], NULL, &before[i]);
        if (before[i].sa_handler != SIG_IGN)
            sigaction(ending[i], &action, NULL);
    }
}

/* Raised again with the handlers of before: the program ends as it would have ended. */
void tm_signals_release(void)
{
    if (--holds > 0)
        return;
    for (int i = 0; i < N_ENDING; i++)
        sigaction(ending[i], &before[i], NULL);
    if (caught)
        raise(caught);
    caught = 0;
}

bool tm_signals_caught(void)
{
    return caught != 0;
}

static void limit(unsigned resource, rlim_t most)
{
    struct rlimit limits = {most, most};
    setrlimit(resource, &limits);
}

/* Standard input is nothing, what is said goes into a file. */
static bool redirect(void)
{
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC), said = open("said", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    return nothing >= 0 && said >= 0 && dup2(nothing, 0) == 0 && dup2(said, 1) == 1 && dup2(said, 2) == 2;
}

/* What we ignore or hold, a program that we start shall not. */
static void reset_signals(void)
{
    sigset_t none;
    for (int i = 0; i < N_ENDING; i++)
        signal(ending[i], SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* In the child: becomes the program, or writes errno into the pipe. A group of its own, and an end with its parent. */
static _Noreturn void become(const struct tm_process *process, pid_t parent, int pipe_end)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, FILE_MOST);
    reset_signals();
    if (getppid() == parent && chdir(process->directory) == 0 && redirect())
        execve(process->program, process->arguments, process->environment);
    int reason = errno;
    if (write(pipe_end, &reason, sizeof reason) < 0)
        _exit(NOT_STARTED);
    _exit(NOT_STARTED);
}

/* The process, or -1 with errno. The pipe's other end is closed when the program has begun. */
static pid_t start(const struct tm_process *process)
{
    int ends[2], reason = 0;
    pid_t parent = getpid();
    ssize_t got;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    pid_t child = fork();
    if (child == 0)
        become(process, parent, ends[1]);
    int fork_failed = errno;
    close(ends[1]);
    while ((got = read(ends[0], &reason, sizeof reason)) < 0 && errno == EINTR)
        ;
    close(ends[0]);
    if (child > 0 && got > 0)
        waitpid(child, NULL, 0);
    errno = child < 0 ? fork_failed : reason;
    return got > 0 ? -1 : child;
}

static double seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* Ended, and not yet forgotten by the system: its number is still its own. */
static bool has_ended(pid_t child)
{
    siginfo_t facts = {0};
    return waitid(P_PID, (id_t)child, &facts, WEXITED | WNOHANG | WNOWAIT) != 0 || facts.si_pid == child;
}

int tm_process_start(struct tm_process *process)
{
    pid_t child = start(process);
    if (child < 0)
        return errno;
    process->id = child;
    process->deadline = seconds_now() + process->seconds;
    return 0;
}

/* Ends it if it has not ended; what it may have started ends with it. */
static void gather(struct tm_process *process, int *status)
{
    kill(-process->id, SIGKILL);
    while (waitpid(process->id, status, 0) < 0 && errno == EINTR)
        ;
    process->id = 0;
}

enum tm_process_end tm_process_look(struct tm_process *process, int *status)
{
    enum tm_process_end end = has_ended(process->id)              ? TM_PROCESS_ENDED
                              : caught                            ? TM_PROCESS_INTERRUPTED
                              : seconds_now() > process->deadline ? TM_PROCESS_TOO_LONG
                                                                  : TM_PROCESS_RUNNING;
    if (end != TM_PROCESS_RUNNING)
        gather(process, status);
    return end;
}

void tm_process_stop(struct tm_process *process)
{
    if (process->id > 0)
        gather(process, NULL);
}

void tm_process_pause(void)
{
    const struct timespec tick = {0, TICK_NS};
    nanosleep(&tick, NULL);
}
