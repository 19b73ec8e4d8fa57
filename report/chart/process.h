/* One program of foreign make, under guard: in a directory, with an environment and limits of our choice, for some time, and not
 * without us. */
#ifndef TM_REPORT_CHART_PROCESS_H
#define TM_REPORT_CHART_PROCESS_H

#include <stdbool.h>

struct tm_process {
    const char *program, *directory; /* absolute */
    char *const *arguments, *const *environment;
    double seconds;
    void (*meanwhile)(void *context); /* called now and then; NULL: nothing */
    void *context;
};

enum tm_process_end { TM_PROCESS_ENDED, TM_PROCESS_TOO_LONG, TM_PROCESS_INTERRUPTED, TM_PROCESS_NOT_STARTED };

/* Runs it and returns when it and all that it has started are gone. It reads nothing; what it says is in the file "said" of its
 * directory, and no file that it writes is larger than 64 MiB. *status: as of waitpid(), or errno where it was not started. */
enum tm_process_end tm_process_run(const struct tm_process *process, int *status);

/* From hold to release SIGINT, SIGTERM, SIGHUP and SIGQUIT are only remembered, unless they are ignored: there is something to put
 * away first. Release obeys what has come; caught says whether something has. Of several holds the last release counts. */
void tm_signals_hold(void);
bool tm_signals_caught(void);
void tm_signals_release(void);

#endif
