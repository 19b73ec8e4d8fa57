/* fsync, where it matters: a file's bytes before its name, and the name in its folder after. In another order, or without, a power
 * failure leaves an empty file under the new name, or the old one after all (ext4, XFS and Btrfs differ in which). */
#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int tm_sync(int file)
{
    while (fsync(file) != 0)
        if (errno != EINTR)
            return errno == EINVAL || errno == ENOTSUP ? 0 : errno;
    return 0;
}

/* An earlier write's errno is mostly there still; NFS tells of a full disk when the file is closed. */
int tm_close_durably(FILE *out, bool keep)
{
    bool failed = fflush(out) != 0 || ferror(out);
    int error = failed ? errno ? errno : EIO : 0;
    if (!error && keep)
        error = tm_sync(fileno(out));
    errno = 0;
    if (fclose(out) != 0 && !error)
        error = errno ? errno : EIO;
    return error;
}

/* A folder that may be written and not read cannot be opened: then all there is goes to disk. */
int tm_sync_folder_of(int at, const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t size = slash ? (size_t)(slash - path) + (slash == path) : 1;
    if (size >= sizeof folder)
        return ENAMETOOLONG;
    snprintf(folder, sizeof folder, "%.*s", (int)size, slash ? path : ".");
    int file = openat(at, folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0 && errno == EACCES) {
        sync();
        return 0;
    }
    if (file < 0)
        return errno;
    int error = tm_sync(file);
    close(file);
    return error;
}

int tm_move(int from, const char *old_path, int to, const char *new_path)
{
    return renameat(from, old_path, to, new_path) == 0 ? tm_sync_folder_of(to, new_path) : errno;
}
