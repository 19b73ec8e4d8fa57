/* Reading a file once, its head twice: the head is kept, looked at to tell the format, and then
 * given out first. So a pipe, which cannot be read again, is as good as a file. */
#include "ingest/source.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Standard input is not ours to close. */
int tm_source_open(struct tm_source *source, const char *file, _Atomic uint64_t *bytes)
{
    bool input = strcmp(file, "-") == 0;
    source->name = input ? "standard input" : file;
    source->fd = input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    source->owned = !input;
    source->bytes = bytes;
    source->head_size = source->head_read = 0;
    return source->fd < 0 ? errno : 0;
}

void tm_source_close(struct tm_source *source)
{
    if (source->owned && source->fd >= 0)
        close(source->fd);
}

/* A signal is no error. */
static ssize_t read_some(int fd, void *buffer, size_t size)
{
    ssize_t got;
    do
        got = read(fd, buffer, size);
    while (got < 0 && errno == EINTR);
    return got;
}

int tm_source_peek(struct tm_source *source)
{
    /* A pipe gives less than asked for: it is read until the head is full or the input ends. */
    ssize_t got = 1;
    while (got > 0 && source->head_size < TM_SOURCE_PEEK) {
        got = read_some(source->fd, source->head + source->head_size, TM_SOURCE_PEEK - source->head_size);
        if (got < 0)
            return errno;
        source->head_size += (size_t)got;
    }
    return 0;
}

/* The head first, then the file; never both in one call, so a short count is no end. */
ssize_t tm_source_read(struct tm_source *source, void *buffer, size_t size)
{
    size_t left = source->head_size - source->head_read;
    ssize_t got = left > 0 ? (ssize_t)(left < size ? left : size) : read_some(source->fd, buffer, size);
    if (left > 0) {
        memcpy(buffer, source->head + source->head_read, (size_t)got);
        source->head_read += (size_t)got;
    }
    if (got > 0)
        *source->bytes += (uint64_t)got;
    return got;
}
