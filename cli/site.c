/* A report's folder, which may be watched, served or mounted: it stays the same one, and so does whatever else lies in it. All is
 * made in a folder of our own inside, synced, and taken to its place; the page comes last. Charts that no page needs go after that,
 * those of an older report as well as those of a killed one.
 *
 * Somebody else may write to the directory: names are taken relative to folders that are open, and no link is followed below it. */
#include "cli/site.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/durable.h"
#include "base/replace.h"
#include "cli/charts.h"
#include "cli/message.h"
#include "report/chart/process.h"

static const char staging[] = ".tidemark-report."; /* and six digits */

enum {
    DIGITS = 6,
    TRIES = 100,       /* as for any file that is made beside another, base/replace.c */
    WAIT_SECONDS = 120 /* for another report: as long as for a store's lock */
};

static int fail(const struct tm_site *site, const char *what, int error)
{
    return tm_trouble("cannot write '%s/%s': %s", site->directory, what, strerror(error));
}

/* A file system without locks has nobody to wait for; what may be somebody's is then left alone. 0: it is ours; 1: unknown; -1. */
static int lock(const struct tm_site *site)
{
    const struct timespec tick = {0, 20000000}; /* 20 ms: nobody sees it, and 6,000 looks cost nothing */
    struct timespec now, end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += WAIT_SECONDS;
    while (flock(site->folder, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK && errno != EINTR)
            return 1;
        if (tm_signals_caught())
            return tm_trouble("interrupted"), -1;
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (now.tv_sec > end.tv_sec)
            return tm_trouble("another report is being written to '%s' for more than %d seconds", site->directory, WAIT_SECONDS),
                   -1;
        nanosleep(&tick, NULL);
    }
    return 0;
}

/* The page and the feed, and what only those of ours have within their first lines. */
static const struct own_file {
    const char *name, *mark;
} page_file = {"index.html", "content=\"Tidemark"}, feed_file = {"feed.atom", ">Tidemark</generator>"};

/* One that is not ours is somebody's work; a link or a pipe is none. */
static int check_file(const struct tm_site *site, const struct own_file *own)
{
    char head[512] = "";
    struct stat facts;
    int file = openat(site->folder, own->name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (file < 0 && errno != ELOOP)
        return errno == ENOENT ? 0 : tm_trouble("cannot open '%s/%s': %s", site->directory, own->name, strerror(errno));
    bool is_file = file >= 0 && fstat(file, &facts) == 0 && S_ISREG(facts.st_mode);
    ssize_t size = is_file ? read(file, head, sizeof head - 1) : 0;
    if (file >= 0)
        close(file);
    if (!is_file)
        return tm_trouble("'%s/%s' is not a file; choose another directory", site->directory, own->name);
    head[size > 0 ? size : 0] = '\0';
    return strstr(head, own->mark)
               ? 0
               : tm_trouble("'%s/%s' was not written by tidemark; choose another directory", site->directory, own->name);
}

/* Ours by name and owner; what is in it as well. */
static void remove_staging(int folder, const char *name)
{
    struct stat facts;
    int inside = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (inside < 0)
        return;
    if (fstat(inside, &facts) == 0 && facts.st_uid == geteuid()) {
        tm_charts_remove(inside, "charts");
        unlinkat(inside, page_file.name, 0);
        unlinkat(inside, feed_file.name, 0);
        unlinkat(folder, name, AT_REMOVEDIR);
    }
    close(inside);
}

/* With the lock: whoever made them is gone. */
static void remove_leftovers(const struct tm_site *site)
{
    int copy = openat(site->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *all = copy >= 0 ? fdopendir(copy) : NULL;
    struct dirent *entry;
    size_t head = sizeof staging - 1;
    while (all && (entry = readdir(all)))
        if (strncmp(entry->d_name, staging, head) == 0 && strspn(entry->d_name + head, "0123456789abcdef") == DIGITS &&
            !entry->d_name[head + DIGITS])
            remove_staging(site->folder, entry->d_name);
    if (all)
        closedir(all);
    else if (copy >= 0)
        close(copy);
}

/* As mkdtemp() would, in a folder that is open; and the folder to draw into. */
static int make_staging(struct tm_site *site)
{
    errno = EEXIST;
    for (int i = 0; i < TRIES && !*site->staged && errno == EEXIST; i++) {
        char name[TM_SITE_NAME];
        snprintf(name, sizeof name, "%s%06x", staging, tm_some_number() & 0xffffff);
        if (mkdirat(site->folder, name, 0700) == 0)
            snprintf(site->staged, sizeof site->staged, "%s", name);
    }
    if (!*site->staged)
        return fail(site, "index.html", errno);
    site->staging = openat(site->folder, site->staged, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (site->staging < 0 || mkdirat(site->staging, "charts", 0777) != 0)
        return fail(site, site->staged, errno);
    site->drawing = openat(site->staging, "charts", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    return site->drawing >= 0 ? 0 : fail(site, site->staged, errno);
}

static int open_folder(struct tm_site *site)
{
    bool made = mkdir(site->directory, 0777) == 0;
    if (!made && errno != EEXIST)
        return tm_trouble("cannot make the directory '%s': %s", site->directory, strerror(errno));
    site->folder = open(site->directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (site->folder < 0)
        return tm_trouble("cannot open the directory '%s': %s", site->directory, strerror(errno));
    int error = made ? tm_sync_folder_of(AT_FDCWD, site->directory) : 0;
    return error ? tm_trouble("cannot make the directory '%s': %s", site->directory, strerror(error)) : 0;
}

int tm_site_open(struct tm_site *site, const char *directory)
{
    *site = (struct tm_site){.directory = directory, .folder = -1, .staging = -1, .drawing = -1};
    int code = open_folder(site);
    int locked = code == 0 ? lock(site) : -1;
    if (code == 0)
        code = locked < 0 ? TM_EXIT_TROUBLE : check_file(site, &page_file);
    if (code == 0)
        code = check_file(site, &feed_file);
    if (code == 0)
        code = tm_charts_check(site->folder, directory);
    if (locked == 0)
        remove_leftovers(site);
    return code ? code : make_staging(site);
}

/* The same charts as before need not be moved. Damaged ones under that name are no report's any more. */
int tm_site_keep_charts(struct tm_site *site)
{
    char name[TM_CHARTS_NAME], there[TM_CHARTS_NAME];
    int error = tm_charts_name(site->drawing, true, name);
    if (!error && mkdirat(site->folder, "charts", 0777) != 0 && errno != EEXIST)
        error = errno;
    if (error)
        return fail(site, "charts", error);
    snprintf(site->charts, sizeof site->charts, "charts/%s", name);
    int old = openat(site->folder, site->charts, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (old >= 0) {
        bool same = tm_charts_name(old, true, there) == 0 && strcmp(name, there) == 0;
        close(old);
        if (same)
            return 0;
        tm_charts_remove(site->folder, site->charts);
    }
    site->fresh = true;
    error = tm_move(site->staging, "charts", site->folder, site->charts);
    if (!error)
        error = tm_sync(site->folder);
    return error ? fail(site, site->charts, error) : 0;
}

/* With the mode of the old one, where there is one. */
static FILE *begin_file(struct tm_site *site, const char *name)
{
    struct stat old;
    int file = openat(site->staging, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
    if (file >= 0 && fstatat(site->folder, name, &old, AT_SYMLINK_NOFOLLOW) == 0)
        fchmod(file, old.st_mode & 0777);
    FILE *out = file >= 0 ? fdopen(file, "w") : NULL;
    if (!out)
        fail(site, name, errno);
    if (!out && file >= 0)
        close(file);
    return out;
}

/* Whoever gave it up has said why. */
static int end_file(struct tm_site *site, const char *name, FILE *out, bool keep)
{
    int error = tm_close_durably(out, keep);
    if (!error && keep)
        error = tm_move(site->staging, name, site->folder, name);
    return error && keep ? fail(site, name, error) : 0;
}

FILE *tm_site_begin_feed(struct tm_site *site)
{
    return begin_file(site, feed_file.name);
}

int tm_site_end_feed(struct tm_site *site, FILE *feed, bool keep)
{
    return end_file(site, feed_file.name, feed, keep);
}

FILE *tm_site_begin_page(struct tm_site *site)
{
    return begin_file(site, page_file.name);
}

/* From the rename on the report is there, and what only the old one needed goes. */
int tm_site_end_page(struct tm_site *site, FILE *page, bool keep)
{
    int code = end_file(site, page_file.name, page, keep);
    if (code != 0 || !keep)
        return code;
    site->fresh = false;
    tm_charts_remove_but(site->folder, *site->charts ? site->charts + sizeof "charts" : "");
    return 0;
}

void tm_site_close(struct tm_site *site)
{
    if (site->fresh)
        tm_charts_remove(site->folder, site->charts);
    if (site->drawing >= 0)
        close(site->drawing);
    if (site->staging >= 0)
        close(site->staging);
    if (*site->staged)
        remove_staging(site->folder, site->staged);
    if (site->folder >= 0)
        close(site->folder);
    *site = (struct tm_site){.folder = -1, .staging = -1, .drawing = -1};
}
