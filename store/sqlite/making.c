/* A store that is not there is made beside its place, under a name that ends in -making, and moved
 * there when it is ready: nobody finds half of one, and whoever gives up leaves none.
 *
 * That file is also the lock under which it is made. It is flock's, which knows nothing of SQLite's
 * own; closing a descriptor of the file gives up SQLite's, so it is closed behind the connection. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/durable.h"
#include "store/sqlite/db.h"

static bool is_there(const char *path)
{
    struct stat facts;
    return lstat(path, &facts) == 0 || errno != ENOENT;
}

/* The one that had the lock may have moved the file into its place, or taken it away. */
static bool is_named(int file, const char *path)
{
    struct stat own, named;
    return fstat(file, &own) == 0 && lstat(path, &named) == 0 && own.st_dev == named.st_dev && own.st_ino == named.st_ino;
}

/* Not a link, in either sense: what is made is cleared first, and that would be another one's. */
static bool is_file(int file)
{
    struct stat facts;
    return fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_nlink <= 1;
}

/* 1: locked; 0: another one has it; -1: no lock can be had here, or no file. *file -1 but for 1. */
static int try_lock(const char *name, int *file)
{
    enum { MODE = 0644 }; /* SQLite's own, and less by the umask */
    *file = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, MODE);
    if (*file < 0)
        return -1;
    int locked = !is_file(*file)                        ? -1
                 : flock(*file, LOCK_EX | LOCK_NB) == 0 ? is_named(*file, name)
                 : errno == EWOULDBLOCK                 ? 0
                                                        : -1;
    if (locked != 1) {
        close(*file);
        *file = -1;
    }
    return locked;
}

static void remove_journal(const char *name)
{
    char journal[strlen(name) + sizeof "-journal"];
    snprintf(journal, sizeof journal, "%s-journal", name);
    unlink(journal);
}

/* What a killed process has left is nobody's: the lock is free. */
static int clear(tm_store *store)
{
    const struct tm_sqlite *own = tm_sqlite_of(store);
    remove_journal(own->making);
    return ftruncate(own->maker, 0) == 0 ? 0 : tm_store_fail(store, "cannot make '%s': %s", store->path, strerror(errno));
}

static void drop(struct tm_sqlite *own)
{
    free(own->making);
    own->making = NULL;
    if (own->maker >= 0)
        close(own->maker);
    own->maker = -1;
}

/* Where no lock can be had, SQLite makes the store where it belongs, or says why it cannot. */
int tm_sqlite_make(tm_store *store)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (strcmp(store->path, ":memory:") == 0 || !*store->path || is_there(store->path))
        return 0;
    if (asprintf(&own->making, "%s-making", store->path) < 0) {
        own->making = NULL;
        return tm_store_fail(store, "out of memory");
    }
    int locked, tries = 0;
    while ((locked = try_lock(own->making, &own->maker)) == 0 && !is_there(store->path))
        if (!tm_sqlite_wait(own, tries++))
            return tm_store_fail(store, "cannot make '%s': another program has been at it for more than %d seconds", store->path,
                                 TM_LOCK_SECONDS);
    if (locked == 1 && !is_there(store->path))
        return clear(store);
    if (locked == 1)
        unlink(own->making);
    drop(own);
    return 0;
}

/* Nobody else makes one meanwhile but who knows nothing of the lock. */
int tm_sqlite_publish(tm_store *store)
{
    struct tm_sqlite *own = tm_sqlite_of(store);
    if (!own->making)
        return 0;
    int error = is_there(store->path) ? EEXIST : tm_move(AT_FDCWD, own->making, AT_FDCWD, store->path);
    if (error)
        return tm_store_fail(store, "cannot make '%s': %s", store->path, strerror(error));
    free(own->making);
    own->making = NULL;
    return 1;
}

void tm_sqlite_end_making(struct tm_sqlite *own)
{
    if (own->making && own->maker >= 0) {
        remove_journal(own->making);
        unlink(own->making);
    }
    drop(own);
}
