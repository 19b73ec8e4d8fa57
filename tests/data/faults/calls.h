/* Runs a command and stops it at each call that changes, or asks for, something below one folder: before the call, to fail it, to
 * cut it short or to kill the process; and after it. By ptrace, so that calls which the C library makes by itself are seen too. */
#ifndef TM_FAULTS_CALLS_H
#define TM_FAULTS_CALLS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What a call is, as far as it matters here. */
enum tm_call_kind { TM_CALL_READ, TM_CALL_OPEN, TM_CALL_WRITE, TM_CALL_SYNC, TM_CALL_CHANGE /* a name, or a size */ };

struct tm_call {
    enum tm_call_kind kind;
    pid_t pid;
    int fd;         /* of the open file that it is about; -1: the path is the call's own */
    char path[512]; /* absolute, and shortened */
};

enum {
    TM_CALL_GO_ON = 0,
    TM_CALL_SHORT = -1 /* half of what it would write or read */,
    TM_CALL_KILL = -2 /* a number above 0: errno */
};

struct tm_calls {
    const char *folder;                                       /* absolute */
    int (*before)(void *context, const struct tm_call *call); /* one of TM_CALL_*, or errno; NULL: nothing */
    void (*after)(void *context, const struct tm_call *call); /* NULL: nothing */
    void *context;
    const char *out, *err; /* files for what it prints */
    int seconds;           /* after which it is killed */
};

/* The exit code, or minus the signal that ended it. -1000: it could not be watched. */
int tm_calls_run(const struct tm_calls *calls, char **words);

#endif
