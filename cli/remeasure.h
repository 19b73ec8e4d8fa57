/* Somebody's command that measures once more, and the files it writes. */
#ifndef TM_CLI_REMEASURE_H
#define TM_CLI_REMEASURE_H

#include <limits.h>

#define TM_REMEASURED_FILE "{file}" /* what stands for the file's name in the command */

struct tm_remeasuring {
    const char *command;           /* for /bin/sh, with TM_REMEASURED_FILE in it */
    const char *plugins;           /* for the command, in TIDEMARK_PLUGINS: a name a line */
    int files;                     /* of measurements: the directory holds at most that many */
    char directory[PATH_MAX - 64]; /* the rest is a file's name in it */
};

/* Makes a place for the files. From here to the end, signals that end a program wait: TM_EXIT_TROUBLE after a message, or 0. End it
 * in any case. */
int tm_remeasure_begin(struct tm_remeasuring *remeasuring);

/* Runs the command for the time of that number (from 1), with the name of a file that does not exist yet, and returns when it and
 * what it started are gone. 0: it has written a file; TM_EXIT_TROUBLE after a message. */
int tm_remeasure_once(struct tm_remeasuring *remeasuring, int number);

/* The name of that file. Returns `path`. */
const char *tm_remeasure_file(const struct tm_remeasuring *remeasuring, int number, char path[PATH_MAX]);

/* Removes the files, and obeys a signal that came. */
void tm_remeasure_end(struct tm_remeasuring *remeasuring);

#endif
