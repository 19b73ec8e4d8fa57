/* The bytes of one input: a file or standard input, read once, of which the beginning can be looked at before it is read. A pipe is
 * as good as a file, and what gzip has compressed as what it was. */
#ifndef TM_INGEST_SOURCE_H
#define TM_INGEST_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum { TM_SOURCE_PEEK = 4096 }; /* what can be looked at: the head of every format says what it is within less */

struct tm_source {
    const char *name; /* for messages */
    int fd;
    bool owned;              /* fd is closed with it */
    _Atomic uint64_t *bytes; /* counts what has been read, for who watches from another thread */
    unsigned char head[TM_SOURCE_PEEK];
    size_t head_size, head_read;    /* looked at, and of that already given out */
    struct tm_unpacking *unpacking; /* NULL: it is not compressed */
    const char *fault;              /* of what is compressed; NULL: none */
};

/* Opens `file`, "-" is standard input: 0, or errno. `file` must outlive the source. */
int tm_source_open(struct tm_source *source, const char *file, _Atomic uint64_t *bytes);
void tm_source_close(struct tm_source *source);

/* Fills source->head before anything is read: 0, or errno. Less than TM_SOURCE_PEEK bytes are all there is. */
int tm_source_peek(struct tm_source *source);

/* Reads up to `size` bytes, those looked at first: how many, 0 at the end, -1: tm_source_fault says why. */
ssize_t tm_source_read(struct tm_source *source, void *buffer, size_t size);

/* Why peeking or reading failed, right after it has. */
const char *tm_source_fault(const struct tm_source *source);

#endif
