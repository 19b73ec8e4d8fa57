/* Reading a file once, its head twice: the head is kept, looked at to tell the format, and then
 * given out first. So a pipe, which cannot be read again, is as good as a file.
 *
 * What gzip has compressed is read as what it was. */
#include "ingest/source.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

enum { PACKED = 1 << 16, GZIP = 16 + MAX_WBITS }; /* bytes read at once; zlib's word for gzip's format with any window */

/* No history of measurements is larger; a file that is made to fill the memory is. */
static const uint64_t MOST_UNPACKED = UINT64_C(1) << 32;

struct tm_unpacking {
    z_stream stream;
    uint64_t unpacked;
    bool between; /* behind a member's end, where the file may end */
    unsigned char bytes[PACKED];
};

/* Standard input is not ours to close. */
int tm_source_open(struct tm_source *source, const char *file, _Atomic uint64_t *bytes)
{
    bool input = strcmp(file, "-") == 0;
    source->name = input ? "standard input" : file;
    source->fd = input ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    source->owned = !input;
    source->bytes = bytes;
    source->head_size = source->head_read = 0;
    source->unpacking = NULL;
    source->fault = NULL;
    return source->fd < 0 ? errno : 0;
}

/* Nothing was written, so a failure to close means nothing. */
void tm_source_close(struct tm_source *source)
{
    if (source->unpacking)
        inflateEnd(&source->unpacking->stream);
    free(source->unpacking);
    source->unpacking = NULL;
    if (source->owned && source->fd >= 0)
        close(source->fd);
}

const char *tm_source_fault(const struct tm_source *source)
{
    return source->fault ? source->fault : strerror(errno);
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

static ssize_t fail(struct tm_source *source, const char *fault)
{
    source->fault = fault;
    return -1;
}

/* One more piece of what was compressed; 0 at the end of the file. */
static ssize_t refill(struct tm_source *source)
{
    struct tm_unpacking *unpacking = source->unpacking;
    ssize_t got = read_some(source->fd, unpacking->bytes, sizeof unpacking->bytes);
    unpacking->stream.next_in = unpacking->bytes;
    unpacking->stream.avail_in = got > 0 ? (uInt)got : 0;
    return got;
}

/* Several members, one behind the other, are one file, as gzip has it. */
static ssize_t unpack(struct tm_source *source, void *buffer, size_t size)
{
    struct tm_unpacking *unpacking = source->unpacking;
    z_stream *stream = &unpacking->stream;
    stream->next_out = buffer;
    stream->avail_out = size < PACKED ? (uInt)size : PACKED;
    const uInt wanted = stream->avail_out;
    while (stream->avail_out == wanted) {
        ssize_t got = stream->avail_in > 0 ? 1 : refill(source);
        if (got < 0)
            return -1;
        if (got == 0)
            return unpacking->between ? 0 : fail(source, "it is compressed by gzip, and cut off");
        int code = inflate(stream, Z_NO_FLUSH);
        unpacking->between = code == Z_STREAM_END;
        if (code == Z_STREAM_END)
            inflateReset(stream);
        else if (code == Z_MEM_ERROR)
            return fail(source, "out of memory");
        else if (code != Z_OK && code != Z_BUF_ERROR)
            return fail(source, "it is compressed by gzip, and damaged");
    }
    ssize_t given = (ssize_t)(wanted - stream->avail_out);
    unpacking->unpacked += (uint64_t)given;
    return unpacking->unpacked <= MOST_UNPACKED ? given : fail(source, "it is compressed by gzip, to a part of 4 GiB or less");
}

static ssize_t read_raw(struct tm_source *source, void *buffer, size_t size)
{
    return source->unpacking ? unpack(source, buffer, size) : read_some(source->fd, buffer, size);
}

/* A pipe gives less than asked for: it is read until the head is full or the input ends. */
static int fill_head(struct tm_source *source)
{
    ssize_t got = 1;
    while (got > 0 && source->head_size < TM_SOURCE_PEEK) {
        got = read_raw(source, source->head + source->head_size, TM_SOURCE_PEEK - source->head_size);
        if (got < 0)
            return errno ? errno : EIO;
        source->head_size += (size_t)got;
    }
    return 0;
}

int tm_source_peek(struct tm_source *source)
{
    int error = fill_head(source);
    if (error || source->head_size < 2 || source->head[0] != 0x1f || source->head[1] != 0x8b)
        return error;
    struct tm_unpacking *unpacking = calloc(1, sizeof *unpacking);
    if (!unpacking || inflateInit2(&unpacking->stream, GZIP) != Z_OK) {
        free(unpacking);
        return ENOMEM;
    }
    memcpy(unpacking->bytes, source->head, source->head_size);
    unpacking->stream.next_in = unpacking->bytes;
    unpacking->stream.avail_in = (uInt)source->head_size;
    source->unpacking = unpacking;
    source->head_size = 0;
    return fill_head(source);
}

/* The head first, then the file; never both in one call, so a short count is no end. */
ssize_t tm_source_read(struct tm_source *source, void *buffer, size_t size)
{
    size_t left = source->head_size - source->head_read;
    ssize_t got = left > 0 ? (ssize_t)(left < size ? left : size) : read_raw(source, buffer, size);
    if (left > 0) {
        memcpy(buffer, source->head + source->head_read, (size_t)got);
        source->head_read += (size_t)got;
    }
    if (got > 0)
        *source->bytes += (uint64_t)got;
    return got;
}
