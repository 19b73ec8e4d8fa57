/* gnuplot is a foreign program with a language that can start others and write anywhere. It gets a directory of its own, an
 * environment of ours, limits, and a script that holds no text from the data. */
#include "report/chart/gnuplot.h"

#include <errno.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report/chart/process.h"

enum {
    PATH_SIZE = 4160, /* a directory's 4096 bytes and a name of ours */
    SAID_MOST = 200,  /* bytes of gnuplot's complaint: a line of a message */
    FILES_OPEN = 8,   /* that nftw may keep open: the directory has no others in it */
};

int tm_gnuplot_fail(struct tm_gnuplot *gnuplot, const char *what, int error)
{
    gnuplot->starved = error == ENOMEM;
    snprintf(gnuplot->message, TM_CHART_MESSAGE, "%s: %s", what, gnuplot->starved ? "out of memory" : strerror(error));
    return -1;
}

/* Only absolute places: what lies in the current directory is nobody's choice. */
static bool find_program(char program[4096])
{
    const char *path = getenv("PATH");
    for (const char *at = path ? path : "/usr/bin:/bin"; *at;) {
        int size = (int)strcspn(at, ":");
        struct stat facts;
        int written = snprintf(program, 4096, "%.*s/gnuplot", size, at);
        if (*at == '/' && written < 4096 && stat(program, &facts) == 0 && S_ISREG(facts.st_mode) && access(program, X_OK) == 0)
            return true;
        at += size + (at[size] == ':');
    }
    return false;
}

bool tm_gnuplot_is_there(void)
{
    char program[4096];
    return find_program(program);
}

/* Private, with a name of its own: another user can put nothing in it. */
static int make_directory(struct tm_gnuplot *gnuplot)
{
    const char *place = getenv("TMPDIR");
    int size = snprintf(gnuplot->directory, sizeof gnuplot->directory, "%s/tidemark-charts.XXXXXX",
                        place && *place == '/' ? place : "/tmp");
    if (size < (int)sizeof gnuplot->directory && mkdtemp(gnuplot->directory))
        return 0;
    tm_gnuplot_fail(gnuplot, "cannot make a directory for charts in $TMPDIR", errno);
    *gnuplot->directory = '\0';
    return -1;
}

int tm_gnuplot_begin(struct tm_gnuplot *gnuplot, char message[TM_CHART_MESSAGE])
{
    *gnuplot = (struct tm_gnuplot){.message = message};
    tm_signals_hold();
    if (!find_program(gnuplot->program)) {
        snprintf(message, TM_CHART_MESSAGE, "gnuplot is not installed");
        return -1;
    }
    if (make_directory(gnuplot) != 0)
        return -1;
    gnuplot->script = tm_gnuplot_open(gnuplot, "script", "we");
    return gnuplot->script ? 0 : -1;
}

static const char *path_of(const struct tm_gnuplot *gnuplot, const char *name, char path[PATH_SIZE])
{
    snprintf(path, PATH_SIZE, "%s/%s", gnuplot->directory, name);
    return path;
}

bool tm_gnuplot_has(const struct tm_gnuplot *gnuplot, const char *name)
{
    char path[PATH_SIZE];
    return access(path_of(gnuplot, name, path), F_OK) == 0;
}

void tm_gnuplot_remove(const struct tm_gnuplot *gnuplot, const char *name)
{
    char path[PATH_SIZE];
    unlink(path_of(gnuplot, name, path));
}

FILE *tm_gnuplot_open(struct tm_gnuplot *gnuplot, const char *name, const char *mode)
{
    char path[PATH_SIZE];
    path_of(gnuplot, name, path);
    FILE *file = fopen(path, mode);
    if (!file)
        tm_gnuplot_fail(gnuplot, *mode == 'r' ? "gnuplot has not drawn all charts" : "cannot write charts", errno);
    return file;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *place)
{
    (void)facts, (void)kind, (void)place;
    return remove(path);
}

void tm_gnuplot_end(struct tm_gnuplot *gnuplot)
{
    tm_process_stop(&gnuplot->process);
    if (gnuplot->script)
        fclose(gnuplot->script);
    if (*gnuplot->directory)
        nftw(gnuplot->directory, remove_entry, FILES_OPEN, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
    *gnuplot = (struct tm_gnuplot){0};
    tm_signals_release();
}

/* The last line it said, as far as it is plain text. */
static void last_said(struct tm_gnuplot *gnuplot, char said[SAID_MOST])
{
    char line[SAID_MOST];
    FILE *file = tm_gnuplot_open(gnuplot, "said", "re");
    *said = '\0';
    while (file && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[strspn(line, " \t^")])
            snprintf(said, SAID_MOST, "%s", line + strspn(line, " \t"));
    }
    if (file)
        fclose(file);
    for (char *at = said; *at; at++)
        if (*at < ' ' || *at > '~')
            *at = '?';
}

/* What a program that has ended says about itself: 0, or -1. */
static int check_end(struct tm_gnuplot *gnuplot, int status)
{
    char said[SAID_MOST];
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    last_said(gnuplot, said);
    if (WIFSIGNALED(status))
        snprintf(gnuplot->message, TM_CHART_MESSAGE, "gnuplot was ended by signal %d (%s)", WTERMSIG(status),
                 strsignal(WTERMSIG(status)));
    else
        snprintf(gnuplot->message, TM_CHART_MESSAGE, "gnuplot failed with exit code %d%s%s", WEXITSTATUS(status), *said ? ": " : "",
                 said);
    return -1;
}

/* The child sees no variable of ours: none may change what it draws, and none leaks. What it is started with it has copied when
 * this returns. */
int tm_gnuplot_start(struct tm_gnuplot *gnuplot, int seconds)
{
    char home[PATH_SIZE], temporary[PATH_SIZE];
    char *const arguments[] = {"gnuplot", "-d", "script", NULL};
    char *const environment[] = {"PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC", home, temporary, NULL};
    const char *allowed = getenv("TIDEMARK_GNUPLOT_SECONDS");
    long wanted = allowed ? strtol(allowed, NULL, 10) : 0;
    gnuplot->process = (struct tm_process){.program = gnuplot->program,
                                           .directory = gnuplot->directory,
                                           .arguments = arguments,
                                           .environment = environment,
                                           .seconds = wanted > 0 ? (double)wanted : seconds};
    snprintf(home, sizeof home, "HOME=%s", gnuplot->directory);
    snprintf(temporary, sizeof temporary, "TMPDIR=%s", gnuplot->directory);
    bool bad = ferror(gnuplot->script);
    bad = fclose(gnuplot->script) != 0 || bad;
    gnuplot->script = NULL;
    if (bad)
        return tm_gnuplot_fail(gnuplot, "cannot write gnuplot's script", errno);
    int error = tm_process_start(&gnuplot->process);
    gnuplot->process.arguments = gnuplot->process.environment = NULL;
    return error ? tm_gnuplot_fail(gnuplot, "cannot start gnuplot", error) : 0;
}

int tm_gnuplot_look(struct tm_gnuplot *gnuplot)
{
    int status = 0;
    switch (tm_process_look(&gnuplot->process, &status)) {
    case TM_PROCESS_RUNNING:
        return 1;
    case TM_PROCESS_INTERRUPTED:
        snprintf(gnuplot->message, TM_CHART_MESSAGE, "no charts: interrupted");
        return -1;
    case TM_PROCESS_TOO_LONG:
        snprintf(gnuplot->message, TM_CHART_MESSAGE, "gnuplot took longer than %.0f seconds and was stopped",
                 gnuplot->process.seconds);
        return -1;
    case TM_PROCESS_ENDED:
    default:
        return check_end(gnuplot, status);
    }
}

int tm_gnuplot_run(struct tm_gnuplot *gnuplot, int seconds)
{
    int state = tm_gnuplot_start(gnuplot, seconds);
    if (state == 0)
        while ((state = tm_gnuplot_look(gnuplot)) == 1)
            tm_process_pause();
    return state;
}
