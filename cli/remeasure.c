/* The command of --confirm. It is the user's own line for the shell; what comes from measurements,
 * the names of plugins, reaches it in the environment alone, so that no name can become a part of
 * it.
 *
 * * It runs in a process group of its own: when a signal ends us, it and all that it started end
 * first, and its files go. */
#include "cli/remeasure.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/builder.h"
#include "cli/message.h"
#include "report/chart/process.h"

enum {
    TICK_NS = 10000000, /* between two looks at it: 10 ms are not felt after a measurement */
    GRACE_TICKS = 200,  /* two seconds between asking it to end and making it */
    FILES_OPEN = 8,     /* directories that nftw keeps open: it makes none so deep */
    NOT_STARTED = 127,  /* as shells have it */
};

const char *tm_remeasure_file(const struct tm_remeasuring *remeasuring, int number, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/repeat-%d.csv", remeasuring->directory, number);
    return path;
}

int tm_remeasure_begin(struct tm_remeasuring *remeasuring)
{
    const char *place = getenv("TMPDIR");
    tm_signals_hold();
    int size = snprintf(remeasuring->directory, sizeof remeasuring->directory, "%s/tidemark-confirm.XXXXXX",
                        place && *place ? place : "/tmp");
    if (size < (int)sizeof remeasuring->directory && mkdtemp(remeasuring->directory))
        return 0;
    int reason = size < (int)sizeof remeasuring->directory ? errno : ENAMETOOLONG;
    *remeasuring->directory = '\0';
    return tm_trouble("cannot make a directory for measurements in $TMPDIR: %s", strerror(reason));
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *where)
{
    (void)facts, (void)kind, (void)where;
    remove(path);
    return 0;
}

/* Our own files without any memory; what else the command has left there takes some. */
void tm_remeasure_end(struct tm_remeasuring *remeasuring)
{
    char path[PATH_MAX];
    for (int i = 1; i <= remeasuring->files; i++)
        unlink(tm_remeasure_file(remeasuring, i, path));
    if (*remeasuring->directory && rmdir(remeasuring->directory) != 0)
        nftw(remeasuring->directory, remove_entry, FILES_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    *remeasuring->directory = '\0';
    tm_signals_release();
}

/* A word for the shell that is the text, whatever it holds. */
static void put_quoted(FILE *out, const char *text)
{
    putc('\'', out);
    for (; *text; text++)
        fputs(*text == '\'' ? "'\\''" : (const char[]){*text, '\0'}, out);
    putc('\'', out);
}

/* The command with the file's name in it; NULL: no memory. */
static char *command_for(const char *command, const char *path)
{
    struct tm_builder line;
    FILE *out = tm_build(&line);
    if (!out)
        return NULL;
    for (const char *at; (at = strstr(command, TM_REMEASURED_FILE)); command = at + strlen(TM_REMEASURED_FILE)) {
        fwrite(command, 1, (size_t)(at - command), out);
        put_quoted(out, path);
    }
    fputs(command, out);
    return tm_built(&line);
}

/* In the child. What it prints goes to standard error: standard output is for verdicts. */
static _Noreturn void become(const char *line, pid_t parent)
{
    static const int ours[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE};
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        signal(ours[i], SIG_DFL);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (getppid() == parent && nothing >= 0 && dup2(nothing, STDIN_FILENO) >= 0 && dup2(STDERR_FILENO, STDOUT_FILENO) >= 0)
        execl("/bin/sh", "sh", "-c", line, (char *)NULL);
    fprintf(stderr, "tidemark: cannot start /bin/sh: %s\n", strerror(errno));
    _exit(NOT_STARTED);
}

/* Ended, and not yet forgotten by the system: the number of its group is still its own. */
static bool has_ended(pid_t child)
{
    siginfo_t facts = {0};
    return waitid(P_PID, (id_t)child, &facts, WEXITED | WNOHANG | WNOWAIT) != 0 || facts.si_pid == child;
}

/* Asked to end when a signal came for us, and made to when it does not. */
static int wait_for(pid_t child)
{
    const struct timespec tick = {0, TICK_NS};
    int status = 0, left = GRACE_TICKS;
    bool asked = false;
    while (!has_ended(child) && left > 0) {
        nanosleep(&tick, NULL);
        if (!asked && tm_signals_caught())
            asked = kill(-child, SIGTERM) == 0;
        left -= tm_signals_caught();
    }
    kill(-child, SIGKILL);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

/* What became of the command and its file. */
static int check(int status, const char *path)
{
    struct stat file;
    if (tm_signals_caught())
        return tm_trouble("interrupted while the suspects were measured again");
    if (WIFSIGNALED(status))
        return tm_trouble("the command of --confirm was ended by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        return tm_trouble("the command of --confirm failed: exit code %d%s", WEXITSTATUS(status),
                          WEXITSTATUS(status) == NOT_STARTED ? " (no such command)" : "");
    if (stat(path, &file) != 0)
        return tm_trouble("the command of --confirm succeeded, but wrote no " TM_REMEASURED_FILE);
    if (!S_ISREG(file.st_mode) || file.st_size == 0)
        return tm_trouble("the command of --confirm succeeded, but its " TM_REMEASURED_FILE " is %s",
                          S_ISREG(file.st_mode) ? "empty" : "no file");
    return 0;
}

int tm_remeasure_once(struct tm_remeasuring *remeasuring, int number)
{
    char path[PATH_MAX], ordinal[16];
    char *line = command_for(remeasuring->command, tm_remeasure_file(remeasuring, number, path));
    snprintf(ordinal, sizeof ordinal, "%d", number);
    remeasuring->files = number;
    if (!line || setenv("TIDEMARK_PLUGINS", remeasuring->plugins, 1) != 0 || setenv("TIDEMARK_REPEAT", ordinal, 1) != 0) {
        free(line);
        return tm_trouble("out of memory");
    }
    fflush(NULL);
    pid_t parent = getpid(), child = tm_signals_caught() ? -1 : fork();
    if (child == 0)
        become(line, parent);
    int reason = errno;
    if (child > 0)
        setpgid(child, child); /* here too: whoever comes second finds it done */
    int code = child > 0             ? check(wait_for(child), path)
               : tm_signals_caught() ? tm_trouble("interrupted")
                                     : tm_trouble("cannot start the command of --confirm: %s", strerror(reason));
    free(line);
    return code;
}
