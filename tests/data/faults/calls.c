/* ptrace with a seccomp filter: only the calls of the table stop the process, so that it runs nearly as fast as ever. For x86-64;
 * on other machines nothing can be watched, which the tests say. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include "calls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef __x86_64__

/* Where a call has its descriptor and its path, counted from 0; -1: none. With a path the descriptor is the folder that the path
 * begins in; without, that is the working directory. */
static const struct known {
    long number;
    enum tm_call_kind kind;
    int fd, path;
} known[] = {
    {SYS_read, TM_CALL_READ, 0, -1},      {SYS_pread64, TM_CALL_READ, 0, -1},     {SYS_open, TM_CALL_OPEN, -1, 0},
    {SYS_openat, TM_CALL_OPEN, 0, 1},     {SYS_creat, TM_CALL_OPEN, -1, 0},       {SYS_write, TM_CALL_WRITE, 0, -1},
    {SYS_pwrite64, TM_CALL_WRITE, 0, -1}, {SYS_writev, TM_CALL_WRITE, 0, -1},     {SYS_fsync, TM_CALL_SYNC, 0, -1},
    {SYS_fdatasync, TM_CALL_SYNC, 0, -1}, {SYS_ftruncate, TM_CALL_CHANGE, 0, -1}, {SYS_rename, TM_CALL_CHANGE, -1, 1},
    {SYS_renameat, TM_CALL_CHANGE, 2, 3}, {SYS_renameat2, TM_CALL_CHANGE, 2, 3},  {SYS_unlink, TM_CALL_CHANGE, -1, 0},
    {SYS_unlinkat, TM_CALL_CHANGE, 0, 1}, {SYS_mkdir, TM_CALL_CHANGE, -1, 0},     {SYS_mkdirat, TM_CALL_CHANGE, 0, 1},
    {SYS_rmdir, TM_CALL_CHANGE, -1, 0},
};
enum { N_KNOWN = sizeof known / sizeof *known };

/* The calls of the table stop, all others go. */
static void install_filter(void)
{
    struct sock_filter filter[2 * N_KNOWN + 2];
    unsigned short n = 0;
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0); /* seccomp_data.nr */
    for (size_t i = 0; i < N_KNOWN; i++) {
        filter[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (unsigned)known[i].number, 0, 1);
        filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE);
    }
    filter[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    struct sock_fprog program = {n, filter};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        _exit(98);
}

static void become(const struct tm_calls *calls, char **words)
{
    int in = open("/dev/null", O_RDONLY), out = open(calls->out, O_WRONLY | O_CREAT | O_TRUNC, 0644),
        err = open(calls->err, O_WRONLY | O_CREAT | O_TRUNC, 0644);
    if (in < 0 || out < 0 || err < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(err, 2) < 0 ||
        ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0)
        _exit(97);
    raise(SIGSTOP);
    install_filter();
    execv(words[0], words);
    _exit(96);
}

static unsigned long long argument(const struct user_regs_struct *regs, int at)
{
    const unsigned long long all[] = {regs->rdi, regs->rsi, regs->rdx, regs->r10, regs->r8, regs->r9};
    return all[at];
}

/* A text of the process's memory, as far as its page goes. */
static void read_text(pid_t pid, unsigned long long at, char *text, size_t size)
{
    size_t left = 4096 - (size_t)(at % 4096), n = size - 1 < left ? size - 1 : left;
    struct iovec to = {text, n}, from = {(void *)(uintptr_t)at, n}; /* NOLINT(performance-no-int-to-ptr): another's address */
    ssize_t got = process_vm_readv(pid, &to, 1, &from, 1, 0);
    text[got > 0 ? got : 0] = '\0';
}

/* Of a descriptor, or of the working directory. */
static void path_of(pid_t pid, int fd, char *path, size_t size)
{
    char link[64];
    snprintf(link, sizeof link, fd >= 0 ? "/proc/%d/fd/%d" : "/proc/%d/cwd", pid, fd);
    ssize_t got = readlink(link, path, size - 1);
    path[got > 0 ? got : 0] = '\0';
}

/* False: not below the folder. */
static bool describe(const struct tm_calls *calls, pid_t pid, const struct user_regs_struct *regs, struct tm_call *call)
{
    const struct known *of = NULL;
    for (size_t i = 0; i < N_KNOWN && !of; i++)
        of = (unsigned long long)known[i].number == regs->orig_rax ? &known[i] : NULL;
    if (!of)
        return false;
    int fd = of->fd < 0 ? -1 : (int)argument(regs, of->fd);
    *call = (struct tm_call){.kind = of->kind, .pid = pid, .fd = of->path < 0 ? fd : -1};
    if (of->path >= 0)
        read_text(pid, argument(regs, of->path), call->path, sizeof call->path);
    if (call->path[0] != '/') {
        char name[200];
        snprintf(name, sizeof name, "%s", call->path);
        path_of(pid, fd, call->path, sizeof call->path - sizeof name);
        if (*name)
            strcat(strcat(call->path, "/"), name);
    }
    return strncmp(call->path, calls->folder, strlen(calls->folder)) == 0;
}

/* At a call's door: lets it in, or does what was asked for. True: stop behind it as well. */
static bool at_call(const struct tm_calls *calls, pid_t pid, struct tm_call *call)
{
    struct user_regs_struct regs;
    if (ptrace(PTRACE_GETREGS, pid, NULL, &regs) != 0 || !describe(calls, pid, &regs, call))
        return false;
    int wish = calls->before ? calls->before(calls->context, call) : TM_CALL_GO_ON;
    if (wish == TM_CALL_KILL)
        kill(pid, SIGKILL);
    if (wish == TM_CALL_SHORT && regs.rdx > 1 && regs.orig_rax != SYS_writev)
        regs.rdx /= 2;
    if (wish > 0) {
        regs.orig_rax = (unsigned long long)-1; /* no call at all, and this is what it gives */
        regs.rax = (unsigned long long)-wish;
    }
    if (wish > 0 || wish == TM_CALL_SHORT)
        ptrace(PTRACE_SETREGS, pid, NULL, &regs);
    return wish <= 0 && calls->after;
}

/* Until the command has ended; what it starts is watched as well. */
static int watch(const struct tm_calls *calls, pid_t child)
{
    struct tm_call inside = {.pid = 0};
    int status, result = -1000;
    pid_t pid;
    alarm((unsigned)calls->seconds);
    while ((pid = waitpid(-1, &status, __WALL)) > 0) {
        if (WIFEXITED(status) || WIFSIGNALED(status)) {
            if (pid == child)
                result = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
            continue;
        }
        int signal = WSTOPSIG(status), event = status >> 16;
        bool follow = false;
        if (event == PTRACE_EVENT_SECCOMP)
            follow = at_call(calls, pid, &inside);
        else if (signal == (SIGTRAP | 0x80) && inside.pid == pid && calls->after)
            calls->after(calls->context, &inside);
        bool ours = event || signal == (SIGTRAP | 0x80) || signal == SIGSTOP || signal == SIGTRAP;
        ptrace(follow ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL,
               (void *)(uintptr_t)(ours ? 0 : signal)); /* NOLINT(performance-no-int-to-ptr) */
    }
    alarm(0);
    return result;
}

int tm_calls_run(const struct tm_calls *calls, char **words)
{
    int status;
    const long options = PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP | PTRACE_O_TRACEFORK |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE;
    pid_t child = fork();
    if (child == 0)
        become(calls, words);
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFSTOPPED(status) ||
        ptrace(PTRACE_SETOPTIONS, child, NULL, (void *)options) != 0) /* NOLINT(performance-no-int-to-ptr) */
        return -1000;
    ptrace(PTRACE_CONT, child, NULL, NULL);
    return watch(calls, child);
}

#else

int tm_calls_run(const struct tm_calls *calls, char **words)
{
    (void)calls, (void)words;
    return -1000;
}

#endif
