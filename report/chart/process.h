/* One program of foreign make, under guard: in a directory, with an environment and limits of our choice, for some time, and not
 * without us. */
#ifndef TM_REPORT_CHART_PROCESS_H
#define TM_REPORT_CHART_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

struct tm_process {
    const char *program, *directory; /* absolute */
    char *const *arguments, *const *environment;
    double seconds; /* that it may take */
    pid_t id;       /* 0: it does not run */
    double deadline;
};

enum tm_process_end {
    TM_PROCESS_RUNNING,
    TM_PROCESS_ENDED,
    TM_PROCESS_TOO_LONG,
    TM_PROCESS_INTERRUPTED,
};

/* Starts it: 0, or errno. It reads nothing; what it says is in the file "said" of its directory, and no file that it writes is
 * larger than 64 MiB. */
int tm_process_start(struct tm_process *process);

/* Looks at one that was started. Where its time is over, or a signal has come, it is ended. When it runs no more, it and all that
 * it has started are gone. *status: as of waitpid(). */
enum tm_process_end tm_process_look(struct tm_process *process, int *status);

/* Ends it if it runs. */
void tm_process_stop(struct tm_process *process);

/* Some time between two looks. */
void tm_process_pause(void);

/* From hold to release SIGINT, SIGTERM, SIGHUP and SIGQUIT are only remembered, unless they are ignored: there is something to put
 * away first. Release obeys what has come; caught says whether something has. Of several holds the last release counts. */
void tm_signals_hold(void);
bool tm_signals_caught(void);
void tm_signals_release(void);

#endif
