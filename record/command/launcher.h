/* A small process that starts commands, one after the other, and times them. */
#ifndef TM_RECORD_COMMAND_LAUNCHER_H
#define TM_RECORD_COMMAND_LAUNCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* What all commands of a launcher have in common. */
struct tm_launching {
    int output;        /* takes what they print, cut to nothing before each where it is a file; -1: they print where we do */
    double timeout_ns; /* then a command is ended; 0: never */
    bool (*interrupted)(void); /* has a signal come for us? It has a handler, without SA_RESTART */
};

enum { TM_LAST_WORDS = 2048 };

/* One execution. Times and memory are those of the command and of all that it started in its process group, together with what
 * these have waited for. */
struct tm_execution {
    double wall_ns; /* from its start to the end of the last of them */
    double user_ns, system_ns;
    double peak_bytes; /* of the largest process */
    int status;        /* as of waitpid() */
    bool timed_out;
    int not_started;           /* errno: there was no such program, ...; 0: it was started */
    size_t said;               /* bytes of `words` */
    char words[TM_LAST_WORDS]; /* the last ones on standard error; none where they print where we do */
};

struct tm_launcher {
    const struct tm_launching *common;
    pid_t id;
    int line; /* a socket to it */
};

enum tm_launched { TM_LAUNCHED, TM_LAUNCH_INTERRUPTED, TM_LAUNCH_LOST /* the launcher is no more */ };

/* 0 or errno. `common` stays until the end. All lists of words must be there before: the launcher sees memory as it is now. End it
 * in any case once it has begun. */
int tm_launcher_begin(struct tm_launcher *launcher, const struct tm_launching *common);

/* Executes words[0], looked for in PATH, and returns when it and its process group are gone. An interruption ends them. */
enum tm_launched tm_launcher_execute(struct tm_launcher *launcher, char *const *words, struct tm_execution *execution);

void tm_launcher_end(struct tm_launcher *launcher);

/* ---- execute.c: in the launcher ---- */

/* Serves requests until nobody is left who could ask. */
_Noreturn void tm_launcher_serve(const struct tm_launching *common, int line);

#endif
