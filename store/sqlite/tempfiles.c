/* A VFS in front of SQLite's own, which differs in one thing: a file that is deleted on close is counted, and a write that would
 * take all of them together beyond the limit fails as on a full disk. */
#include "store/sqlite/tempfiles.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

static _Atomic int64_t limit = INT64_MAX, used;

/* A temporary file; that of the default VFS follows in memory. Version 1 of the methods: whatever makes it grow is a write. */
struct file {
    sqlite3_file base;
    int64_t size;
};

/* The default VFS's file, which does the work. */
static sqlite3_file *inner(sqlite3_file *file)
{
    return (sqlite3_file *)((struct file *)file + 1);
}

/* Notes the file's new size. Files of several threads are counted together, hence the atomic. */
static void resize(struct file *file, int64_t size)
{
    used += size - file->size;
    file->size = size;
}

static int file_close(sqlite3_file *file)
{
    resize((struct file *)file, 0);
    return inner(file)->pMethods->xClose(inner(file));
}

/* From here on most methods only pass on. */
static int file_read(sqlite3_file *file, void *bytes, int count, sqlite3_int64 offset)
{
    return inner(file)->pMethods->xRead(inner(file), bytes, count, offset);
}

/* Refused before anything is written, so that the file is as it was. */
static int file_write(sqlite3_file *base, const void *bytes, int count, sqlite3_int64 offset)
{
    struct file *file = (struct file *)base;
    int64_t end = offset + count;
    if (end > file->size && used + (end - file->size) > limit)
        return SQLITE_FULL;
    int result = inner(base)->pMethods->xWrite(inner(base), bytes, count, offset);
    if (result == SQLITE_OK && end > file->size)
        resize(file, end);
    return result;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int result = inner(file)->pMethods->xTruncate(inner(file), size);
    if (result == SQLITE_OK)
        resize((struct file *)file, size);
    return result;
}

static int file_sync(sqlite3_file *file, int flags)
{
    return inner(file)->pMethods->xSync(inner(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return inner(file)->pMethods->xFileSize(inner(file), size);
}

static int file_lock(sqlite3_file *file, int level)
{
    return inner(file)->pMethods->xLock(inner(file), level);
}

static int file_unlock(sqlite3_file *file, int level)
{
    return inner(file)->pMethods->xUnlock(inner(file), level);
}

static int file_reserved(sqlite3_file *file, int *reserved)
{
    return inner(file)->pMethods->xCheckReservedLock(inner(file), reserved);
}

/* Nothing is passed on: what SQLite asks here (to map the file, to set its size) would grow it without a write. */
static int file_control(sqlite3_file *file, int operation, void *argument)
{
    (void)file, (void)operation, (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file)
{
    return inner(file)->pMethods->xSectorSize(inner(file));
}

static int file_traits(sqlite3_file *file)
{
    return inner(file)->pMethods->xDeviceCharacteristics(inner(file));
}

static sqlite3_vfs *original;

/* Only what is deleted on close is bounded: the store itself is opened as ever. */
static int open_file(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out_flags)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = file_close,
        .xRead = file_read,
        .xWrite = file_write,
        .xTruncate = file_truncate,
        .xSync = file_sync,
        .xFileSize = file_size,
        .xLock = file_lock,
        .xUnlock = file_unlock,
        .xCheckReservedLock = file_reserved,
        .xFileControl = file_control,
        .xSectorSize = file_sector,
        .xDeviceCharacteristics = file_traits,
    };
    (void)vfs;
    if (!(flags & SQLITE_OPEN_DELETEONCLOSE))
        return original->xOpen(original, name, file, flags, out_flags);
    int result = original->xOpen(original, name, inner(file), flags, out_flags);
    *(struct file *)file = (struct file){.base.pMethods = result == SQLITE_OK ? &methods : NULL};
    return result;
}

static sqlite3_vfs bounded;

/* Only opening differs; the other methods do not look at which VFS they are called for. */
static void make_vfs(void)
{
    original = sqlite3_vfs_find(NULL);
    if (!original)
        return;
    bounded = *original;
    bounded.zName = "tidemark-bounded";
    bounded.pNext = NULL; /* SQLite links it into its own list */
    bounded.szOsFile = (int)sizeof(struct file) + original->szOsFile;
    bounded.xOpen = open_file;
    if (sqlite3_vfs_register(&bounded, 0) != SQLITE_OK)
        original = NULL;
}

const char *tm_tempfiles_vfs(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, make_vfs);
    return original ? bounded.zName : NULL;
}

void tm_tempfiles_limit(int64_t bytes)
{
    limit = bytes;
}
