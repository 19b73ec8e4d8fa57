/* The file that spans go to. Whatever happens to it (a full disk, a size limit, a reader that is gone, a host that closes all
 * descriptors), the host's calls go on: the first failure is kept for the close, and what comes later is only counted. */
#include "record/lines.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "record/guard.h"

static const int64_t LATEST_NS = 1000000000; /* a second: a reader that follows the file sees it live */

/* With the reader of a pipe that is full: long for a program that reads, short for a plugin's call that waits here. */
static const struct timespec PATIENCE = {.tv_nsec = 100000000};

/* A host that closes all descriptors, as daemons do, has given ours to another file. */
static bool is_ours(const struct tm_lines *lines)
{
    struct stat status;
    return fstat(lines->file, &status) == 0 && status.st_dev == lines->device && status.st_ino == lines->inode;
}

/* That the pipe, if it is one, takes more before long. No other signal may prolong it. */
static bool takes_more(int file)
{
    sigset_t all;
    struct pollfd ready = {.fd = file, .events = POLLOUT};
    sigfillset(&all);
    return ppoll(&ready, 1, &PATIENCE, &all) > 0;
}

/* Takes back what was written of the last line, so that all are whole, unless somebody else has written behind it. */
static void take_back(const struct tm_lines *lines, size_t written)
{
    struct stat status;
    size_t tail = 0;
    off_t end = lseek(lines->file, 0, SEEK_CUR);
    while (tail < written && lines->bytes[written - tail - 1] != '\n')
        tail++;
    if (tail > 0 && fstat(lines->file, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == end) {
        int kept = ftruncate(lines->file, end - (off_t)tail);
        (void)kept;
    }
}

/* What was not written is counted as missing, by lines. After a failure nothing more is tried:
 * half a trace file, whole lines only. */
static void write_all(struct tm_lines *lines)
{
    size_t written = 0;
    if (!lines->failed && !is_ours(lines))
        lines->failed = EBADF;
    while (written < lines->used && !lines->failed) {
        ssize_t size = write(lines->file, lines->bytes + written, lines->used - written);
        if (size >= 0)
            written += (size_t)size;
        else if (errno != EINTR && !(errno == EAGAIN && takes_more(lines->file)))
            lines->failed = errno;
    }
    if (lines->failed)
        take_back(lines, written);
    for (size_t i = written; i < lines->used; i++)
        lines->missing += lines->bytes[i] == '\n';
    lines->used = 0;
    lines->since_ns = 0;
}

/* With the lock. */
static void write_lines(struct tm_lines *lines)
{
    struct tm_guard guard;
    tm_guard_begin(&guard);
    write_all(lines);
    tm_guard_end(&guard);
}

void tm_lines_add(struct tm_lines *lines, const char *head, const struct tm_span *span)
{
    int cancel;
    int64_t end_ns = span->start_ns + span->wall_ns;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel); /* a thread may be cancelled in write(), and would keep the lock */
    pthread_mutex_lock(&lines->lock);
    if (lines->failed)
        lines->missing++;
    else
        lines->used += tm_span_line(lines->bytes + lines->used, head, span);
    if (lines->since_ns == 0)
        lines->since_ns = end_ns;
    if (lines->used > sizeof lines->bytes - TM_SPAN_LINE_SIZE || (lines->used > 0 && end_ns - lines->since_ns > LATEST_NS))
        write_lines(lines);
    pthread_mutex_unlock(&lines->lock);
    pthread_setcancelstate(cancel, NULL);
}

/* Not through a link: whoever may write to the folder could lead a host's spans into any file of its user's. The system's own
 * links, /dev/stdout and such, are nobody's. */
static int open_file(const char *path, int flags)
{
    bool system = strncmp(path, "/dev/", 5) == 0 || strncmp(path, "/proc/", 6) == 0;
    return open(path, flags | O_CLOEXEC | (system ? 0 : O_NOFOLLOW), 0666);
}

/* Ends a line that somebody before us could not end. 0 or errno; a file that may be written and not read is taken as it is. */
static int end_last_line(struct tm_lines *lines, const char *path, const struct stat *status)
{
    char last = '\n';
    if (!S_ISREG(status->st_mode) || status->st_size == 0)
        return 0;
    int file = open_file(path, O_RDONLY);
    if (file < 0)
        return errno == EACCES ? 0 : errno;
    ssize_t size = pread(file, &last, 1, status->st_size - 1);
    int error = size < 0 ? errno : 0;
    close(file);
    if (last != '\n')
        lines->bytes[lines->used++] = '\n';
    return error;
}

int tm_lines_open(struct tm_lines *lines, const char *path)
{
    struct stat status;
    lines->file = open_file(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK); /* a pipe's reader may never come */
    if (lines->file < 0)
        return errno;
    lines->failed = 0;
    lines->missing = 0;
    lines->since_ns = 0;
    lines->used = 0;
    int error = fstat(lines->file, &status) == 0 ? end_last_line(lines, path, &status) : errno;
    if (error) {
        close(lines->file);
        lines->file = -1;
        return error;
    }
    lines->device = status.st_dev;
    lines->inode = status.st_ino;
    return 0;
}

/* The first failure there was, as errno; 0: every line is there. */
int tm_lines_close(struct tm_lines *lines)
{
    pthread_mutex_lock(&lines->lock);
    if (lines->used > 0)
        write_lines(lines);
    if (is_ours(lines) && close(lines->file) != 0 && !lines->failed)
        lines->failed = errno;
    lines->file = -1;
    pthread_mutex_unlock(&lines->lock);
    return lines->failed;
}

void tm_lines_forked(struct tm_lines *lines)
{
    pthread_mutex_init(&lines->lock, NULL);
    lines->missing = 0;
    lines->since_ns = 0;
    lines->used = 0;
}
