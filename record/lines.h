/* Whole lines appended to a file, by any thread, without harm to the host: a full disk, a size limit, a pipe that nobody reads,
 * or a descriptor that the host has closed ends the writing, not the program. Lines are collected and written together: when there
 * are many, when the oldest is a second old and another one comes, and at the close. */
#ifndef TM_RECORD_LINES_H
#define TM_RECORD_LINES_H

#include <pthread.h>
#include <stdint.h>
#include <sys/types.h>

#include "record/span.h"

struct tm_lines {
    pthread_mutex_t lock;
    int file;
    dev_t device; /* of the file */
    ino_t inode;
    int failed;       /* errno: the file has not taken a line, and gets no more */
    int64_t missing;  /* lines */
    int64_t since_ns; /* the oldest line's end, as its span says; 0: there is none */
    size_t used;
    char bytes[4 * TM_SPAN_LINE_SIZE]; /* a line at its longest, and some hundred as they are */
};

#define TM_LINES_INIT                                                                                                              \
    {                                                                                                                              \
        .lock = PTHREAD_MUTEX_INITIALIZER, .file = -1                                                                              \
    }

/* 0 or errno; ENXIO: a pipe that nobody has open to read. A file that is there goes on; if its last line has no end, it gets one.
 */
int tm_lines_open(struct tm_lines *lines, const char *path);

/* A span as a line that begins with head (tm_span_head). Writes what is collected when it must: the thread may wait for that. */
void tm_lines_add(struct tm_lines *lines, const char *head, const struct tm_span *span);

int tm_lines_close(struct tm_lines *lines);   /* 0 or errno of what failed since the opening */
void tm_lines_forked(struct tm_lines *lines); /* in the child: what the parent has collected is the parent's */

#endif
