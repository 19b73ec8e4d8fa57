/* What lies around a store: the file system, leftovers, what this user may do, what is installed. Nothing is written to find out.
 */
#include "cli/doctor.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/address.h"
#include "base/escape.h"
#include "report/chart/gnuplot.h"

/* File systems whose locks are another machine's, or another program's, business: the numbers are the kernel's (linux/magic.h, and
 * statfs(2) for those that it has forgotten). */
static const struct {
    unsigned long magic;
    const char *name;
} remote[] = {
    {0x6969, "NFS"},        {0x517b, "SMB"},          {0xff534d42, "CIFS"}, {0xfe534d42, "SMB"},  {0x01021997, "9P"},
    {0x65735546, "FUSE"},   {0x73757245, "Coda"},     {0x5346414f, "AFS"},  {0x6b414653, "AFS"},  {0x00c36400, "Ceph"},
    {0x0bd00bd0, "Lustre"}, {0x19830326, "BeeGFS"},   {0x47504653, "GPFS"}, {0x01161970, "GFS2"}, {0x7461636f, "OCFS2"},
    {0xaad7aaea, "PanFS"},  {0x0bad1dea, "a remote"},
};

/* Of what is there: the file, or the directory that it would be in. */
static void look_at_file_system(struct tm_doctor_place *place, const char *path)
{
    struct statfs facts;
    struct statvfs room;
    if (statfs(path, &facts) == 0)
        for (size_t i = 0; i < sizeof remote / sizeof *remote; i++)
            if ((unsigned long)facts.f_type == remote[i].magic)
                place->remote = remote[i].name;
    if (statvfs(path, &room) == 0)
        place->free_bytes = (int64_t)(room.f_bavail * room.f_frsize);
}

/* "." of a name without a slash. */
static void directory_of(const char *path, char directory[PATH_MAX])
{
    const char *slash = strrchr(path, '/');
    snprintf(directory, PATH_MAX, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (!*directory)
        strcpy(directory, "/");
}

/* Byte 18 of the header of SQLite's files, the version to write: 1 with a journal, 2 with a write-ahead log. */
static bool is_in_wal(const char *path)
{
    char version = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    bool wal = file >= 0 && pread(file, &version, 1, 18) == 1 && version == 2;
    if (file >= 0)
        close(file);
    return wal;
}

static int look_for_leftover(struct tm_doctor *doctor, const char *path)
{
    char *name;
    struct stat facts;
    if (asprintf(&name, "%s-making", path) < 0)
        return -1;
    bool there = lstat(name, &facts) == 0;
    doctor->place.leftover = there ? tm_arena_text(&doctor->texts, name, strlen(name)) : NULL;
    free(name);
    return there && !doctor->place.leftover ? -1 : 0;
}

int tm_place_look(struct tm_doctor *doctor, const char *path)
{
    struct tm_doctor_place *place = &doctor->place;
    char directory[PATH_MAX];
    struct stat facts;
    *place = (struct tm_doctor_place){.is_file = !tm_is_address(path),
                                      .bytes = TM_UNKNOWN,
                                      .free_bytes = TM_UNKNOWN,
                                      .in_ci = tm_in_ci_job(),
                                      .no_gnuplot = !tm_gnuplot_is_there()};
    if (!place->is_file)
        return 0;
    bool there = stat(path, &facts) == 0;
    directory_of(path, directory);
    place->there = there;
    place->in_wal = there && S_ISREG(facts.st_mode) && is_in_wal(path);
    place->bytes = there ? (int64_t)facts.st_size : 0;
    place->writable = !there || access(path, W_OK) == 0;
    place->journalable = access(directory, W_OK) == 0;
    look_at_file_system(place, there ? path : directory);
    return look_for_leftover(doctor, path);
}
