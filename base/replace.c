/* A file replaced whole or not at all: written beside the old one, synced, and renamed over it at the end. Whoever reads meanwhile
 * sees the old file; a full disk, a lost process or a power failure leaves it as it was.
 *
 * What is no regular file (a pipe, /dev/stdout) cannot be renamed over and is written to as it
 * is. */
#include "base/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/durable.h"

enum {
    LINKS_MOST = 40, /* as many as the kernel follows; a ring of links ends here too */
    TRIES = 100      /* names that are taken: one in 16 million by chance, so a hundred are no chance */
};

/* What a link at `path` points to, to be freed; *next NULL: it is no link. -1: no memory. */
static int pointed_to(const char *path, char **next)
{
    char target[PATH_MAX];
    ssize_t length = readlink(path, target, sizeof target - 1);
    *next = NULL;
    if (length < 0)
        return 0;
    target[length] = '\0';
    const char *slash = strrchr(path, '/');
    /* A relative target is relative to the link's folder. */
    int folder = *target == '/' || !slash ? 0 : (int)(slash + 1 - path);
    if (asprintf(next, "%.*s%s", folder, path, target) >= 0)
        return 0;
    *next = NULL;
    errno = ENOMEM;
    return -1;
}

/* Where a chain of links ends, also if nothing is there, to be freed; NULL: errno. */
static char *end_of_links(const char *path)
{
    char *at = strdup(path), *next = NULL;
    int links = 0, found = 0;
    while (at && links++ < LINKS_MOST && (found = pointed_to(at, &next)) == 0 && next) {
        free(at);
        at = next;
    }
    if (at && found == 0 && !next)
        return at;
    if (at && found == 0)
        errno = ELOOP;
    free(at);
    return NULL;
}

unsigned tm_some_number(void)
{
    uint32_t number;
    struct timespec now;
    if (getentropy(&number, sizeof number) == 0)
        return number;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (unsigned)now.tv_nsec ^ (unsigned)getpid() << 8;
}

/* A new file beside the path. Not by mkstemp, for which the process's umask would have to be
 * known, and nobody can read that without changing it for all threads. */
static int create_beside(struct tm_replacement *replacement, mode_t mode)
{
    size_t room = strlen(replacement->path) + sizeof ".123456";
    int file = -1;
    replacement->unfinished = malloc(room);
    if (!replacement->unfinished)
        return -1;
    for (int i = 0; i < TRIES && file < 0 && (i == 0 || errno == EEXIST); i++) {
        snprintf(replacement->unfinished, room, "%s.%06x", replacement->path, tm_some_number() & 0xffffff);
        file = open(replacement->unfinished, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    }
    return file;
}

/* The new file gets the old one's mode, past the umask; a new one what the umask leaves of 0666. */
static FILE *open_beside(struct tm_replacement *replacement, const struct stat *old)
{
    int file = create_beside(replacement, old ? old->st_mode & 0777 : 0666);
    if (file < 0)
        return NULL;
    if (old)
        fchmod(file, old->st_mode & 0777);
    FILE *out = fdopen(file, "w");
    if (!out) {
        close(file);
        unlink(replacement->unfinished);
    }
    return out;
}

/* Returns `result`, for a last line. */
static int free_names(struct tm_replacement *replacement, int result)
{
    free(replacement->unfinished);
    free(replacement->path);
    return result;
}

/* errno is cleared first: a function below may fail for want of memory without setting it. */
int tm_replacement_begin(struct tm_replacement *replacement, const char *path)
{
    struct stat old;
    bool there = stat(path, &old) == 0;
    *replacement = (struct tm_replacement){0};
    errno = 0;
    if (there && !S_ISREG(old.st_mode))
        replacement->out = fopen(path, "we");
    else if ((replacement->path = end_of_links(path)))
        replacement->out = open_beside(replacement, there ? &old : NULL);
    return replacement->out ? 0 : free_names(replacement, errno ? errno : ENOMEM);
}

int tm_replacement_end(struct tm_replacement *replacement, bool keep)
{
    int error = tm_close_durably(replacement->out, keep);
    if (replacement->path && keep && !error)
        error = tm_move(AT_FDCWD, replacement->unfinished, AT_FDCWD, replacement->path);
    if (replacement->path && (error || !keep))
        unlink(replacement->unfinished);
    return free_names(replacement, error);
}
