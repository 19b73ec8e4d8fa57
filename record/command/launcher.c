/* Why a process of its own starts the commands: the system counts the memory of whoever starts a program as the program's own peak,
 * until it is larger. The launcher is a fork of ours that has touched little yet. It also outlives none of us: it ends, and what it
 * has started with it, when we do, however that is.
 *
 * We ask by the address of a command's words, which is the same in both processes, and the answer is a struct tm_execution. */
#include "record/command/launcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TICK_MS = 100 }; /* between two looks for a signal that came just before we waited: people do not feel it */

int tm_launcher_begin(struct tm_launcher *launcher, const struct tm_launching *common)
{
    int ends[2];
    *launcher = (struct tm_launcher){.common = common, .line = -1};
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    fflush(NULL);
    pid_t parent = getpid();
    launcher->id = fork();
    int reason = errno;
    if (launcher->id == 0) {
        close(ends[0]);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(0);
        tm_launcher_serve(common, ends[1]);
    }
    close(ends[1]);
    launcher->line = ends[0];
    if (launcher->id > 0)
        return 0;
    close(ends[0]);
    *launcher = (struct tm_launcher){.line = -1};
    return reason;
}

/* An answer, whole. An interruption is passed on once; the answer comes nevertheless. */
static bool read_answer(struct tm_launcher *launcher, struct tm_execution *execution)
{
    struct pollfd answer = {.fd = launcher->line, .events = POLLIN};
    bool told = false;
    while (poll(&answer, 1, TICK_MS) <= 0) {
        if (!told && launcher->common->interrupted())
            told = kill(launcher->id, SIGTERM) == 0;
    }
    return recv(launcher->line, execution, sizeof *execution, 0) == (ssize_t)sizeof *execution;
}

enum tm_launched tm_launcher_execute(struct tm_launcher *launcher, char *const *words, struct tm_execution *execution)
{
    if (launcher->common->interrupted())
        return TM_LAUNCH_INTERRUPTED;
    bool asked = send(launcher->line, &words, sizeof words, MSG_NOSIGNAL) == (ssize_t)sizeof words;
    bool answered = asked && read_answer(launcher, execution);
    if (launcher->common->interrupted())
        return TM_LAUNCH_INTERRUPTED;
    return answered ? TM_LAUNCHED : TM_LAUNCH_LOST;
}

void tm_launcher_end(struct tm_launcher *launcher)
{
    if (launcher->line >= 0)
        close(launcher->line);
    while (launcher->id > 0 && waitpid(launcher->id, NULL, 0) < 0 && errno == EINTR)
        ;
    *launcher = (struct tm_launcher){.line = -1};
}
