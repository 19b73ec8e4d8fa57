/* The output of any command is kept in memory, and what is more than that in a file that has no name; when the store is closed it
 * is printed. The one place for that: a command prints as it always would. */
#include "cli/held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"

#ifdef __GLIBC__ /* elsewhere stdout is no variable */

enum { IN_MEMORY = 16 << 20 /* bytes: a list of 100,000 runs; nobody lacks them */, PIECE = 65536 };

static struct {
    FILE *real; /* NULL: nothing is held */
    char *text;
    size_t size, room;
    int file; /* what came after the text; -1: nothing */
    int error;
} held = {.file = -1};

/* Without a place for files it is one in memory. */
static int open_nameless(void)
{
    const char *place = getenv("TMPDIR");
    int file = open(place && *place ? place : "/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (file >= 0)
        return file;
    FILE *named = tmpfile();
    file = named ? fcntl(fileno(named), F_DUPFD_CLOEXEC, 0) : -1;
    if (named)
        fclose(named);
    return file >= 0 ? file : memfd_create("tidemark-output", MFD_CLOEXEC);
}

/* True: the text now has room for so much more. */
static bool make_room(size_t more)
{
    size_t room = held.room ? held.room : PIECE;
    while (room < held.size + more)
        room *= 2;
    char *text = room == held.room ? held.text : realloc(held.text, room);
    if (text) {
        held.text = text;
        held.room = room;
    }
    return text;
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno != EINTR)
            return false;
        bytes += written > 0 ? written : 0;
        size -= written > 0 ? (size_t)written : 0;
    }
    return true;
}

/* 0 is how a stream is told of a failure; the first one is kept. */
static ssize_t keep(void *cookie, const char *bytes, size_t size)
{
    (void)cookie;
    if (held.file < 0 && held.size + size <= IN_MEMORY) {
        if (make_room(size)) {
            memcpy(held.text + held.size, bytes, size);
            held.size += size;
            return (ssize_t)size;
        }
    } else if ((held.file >= 0 || (held.file = open_nameless()) >= 0) && write_all(held.file, bytes, size)) {
        return (ssize_t)size;
    }
    held.error = held.error ? held.error : errno;
    return 0;
}

void tm_output_hold(void)
{
    struct stat facts;
    if (fstat(STDOUT_FILENO, &facts) != 0 || !(S_ISFIFO(facts.st_mode) || S_ISSOCK(facts.st_mode) || isatty(STDOUT_FILENO)))
        return;
    FILE *out = fopencookie(NULL, "w", (cookie_io_functions_t){.write = keep});
    if (!out)
        return; /* without memory the command itself will not get far */
    held.real = stdout;
    stdout = out;
}

bool tm_output_printed(void)
{
    if (!held.real)
        return __fpending(stdout) > 0;
    fflush(stdout);
    return held.size > 0 || held.file >= 0;
}

/* A failure of the real one is main's to see. */
static void print_held(void)
{
    char piece[PIECE];
    ssize_t size = 0;
    if (held.size > 0)
        fwrite(held.text, 1, held.size, stdout);
    for (off_t at = 0; held.file >= 0 && (size = pread(held.file, piece, sizeof piece, at)) > 0; at += size)
        fwrite(piece, 1, (size_t)size, stdout);
    if (size < 0)
        held.error = errno;
}

int tm_output_release(int code)
{
    if (!held.real)
        return code;
    if (fclose(stdout) != 0 && !held.error)
        held.error = errno;
    stdout = held.real;
    held.real = NULL;
    print_held();
    free(held.text);
    if (held.file >= 0)
        close(held.file);
    return held.error ? tm_trouble("cannot keep the output: %s", strerror(held.error)) : code;
}

#else

void tm_output_hold(void)
{
}

bool tm_output_printed(void)
{
    return true;
}

int tm_output_release(int code)
{
    return code;
}

#endif
