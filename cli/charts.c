/* What is a report's among the entries of a folder of charts: pictures, and folders of pictures named by what is in them. Anything
 * else is somebody's, and is never removed. */
#include "cli/charts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/builder.h"
#include "base/durable.h"
#include "base/sha256.h"
#include "cli/message.h"

/* "p12.svg", "heatmap.svg": what report/chart/ makes. */
static bool is_chart(const char *name)
{
    if (strcmp(name, "heatmap.svg") == 0)
        return true;
    size_t digits = *name == 'p' ? strspn(name + 1, "0123456789") : 0;
    return digits > 0 && strcmp(name + 1 + digits, ".svg") == 0;
}

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static bool is_folder_of_charts(const char *name)
{
    return strlen(name) == TM_CHARTS_NAME - 1 && strspn(name, letters) == TM_CHARTS_NAME - 1;
}

static bool is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* NULL where there is no such folder; a link to one is none of ours. */
static DIR *open_folder(int folder, const char *path)
{
    int file = openat(folder, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *entries = file >= 0 ? fdopendir(file) : NULL;
    if (file >= 0 && !entries)
        close(file);
    return entries;
}

static int refuse(const char *directory, const char *folder, const char *name)
{
    return tm_trouble("'%s/%s' holds '%s', which was not written by tidemark; choose another directory", directory, folder, name);
}

/* Of one folder with nothing but charts in it. */
static int check_folder(DIR *charts, const char *directory, const char *name)
{
    char shown[TM_CHARTS_NAME + sizeof "charts/"];
    DIR *entries = open_folder(dirfd(charts), name);
    struct dirent *entry;
    int code = entries ? 0 : refuse(directory, "charts", name);
    snprintf(shown, sizeof shown, "charts/%s", name);
    while (entries && code == 0 && (entry = readdir(entries)))
        if (!is_dots(entry->d_name) && !is_chart(entry->d_name))
            code = refuse(directory, shown, entry->d_name);
    if (entries)
        closedir(entries);
    return code;
}

int tm_charts_check(int folder, const char *directory)
{
    struct stat facts;
    struct dirent *entry;
    if (fstatat(folder, "charts", &facts, AT_SYMLINK_NOFOLLOW) != 0)
        return 0;
    DIR *charts = open_folder(folder, "charts");
    int code = charts ? 0 : tm_trouble("'%s/charts' is not a directory of charts; choose another directory", directory);
    while (charts && code == 0 && (entry = readdir(charts))) {
        if (is_folder_of_charts(entry->d_name))
            code = check_folder(charts, directory, entry->d_name);
        else if (!is_dots(entry->d_name) && !is_chart(entry->d_name))
            code = refuse(directory, "charts", entry->d_name);
    }
    if (charts)
        closedir(charts);
    return code;
}

/* ---- a name by content ---- */

/* All bytes of the file, to be freed; NULL: errno. */
static char *read_all(int file, size_t *size)
{
    struct stat facts;
    if (fstat(file, &facts) != 0)
        return NULL;
    size_t room = (size_t)facts.st_size + 1; /* nothing asked of malloc is no error */
    char *bytes = malloc(room);
    ssize_t got = 1;
    for (*size = 0; bytes && got > 0 && *size<room; *size += got> 0 ? (size_t)got : 0)
        got = read(file, bytes + *size, room - *size);
    if (bytes && got >= 0)
        return bytes;
    int error = bytes ? errno : ENOMEM;
    free(bytes);
    errno = error;
    return NULL;
}

/* Adds "NAME HASH" of one chart. 0, or errno. */
static int add_chart(FILE *list, int folder, const char *name, bool synced)
{
    char hash[TM_SHA256_BASE64];
    size_t size = 0;
    int file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    char *bytes = file >= 0 ? read_all(file, &size) : NULL;
    int error = bytes ? 0 : errno;
    if (!error && synced)
        error = tm_sync(file);
    if (!error) {
        tm_sha256_base64(bytes, size, hash);
        fprintf(list, "%s %s\n", name, hash);
    }
    free(bytes);
    if (file >= 0)
        close(file);
    return error;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int only_charts(const struct dirent *entry)
{
    return is_chart(entry->d_name);
}

/* A hash over the hashes of all charts, in the order of their names, in letters that a path and an address may have. */
int tm_charts_name(int folder, bool synced, char name[TM_CHARTS_NAME])
{
    struct tm_builder list;
    struct dirent **entries = NULL;
    char hash[TM_SHA256_BASE64];
    int n = scandirat(folder, ".", &entries, only_charts, by_name), error = n < 0 ? errno : 0;
    FILE *out = tm_build(&list);
    for (int i = 0; i < n; i++) {
        if (!error && out)
            error = add_chart(out, folder, entries[i]->d_name, synced);
        free(entries[i]);
    }
    free(entries);
    if (!error && synced)
        error = tm_sync(folder);
    char *text = tm_built(&list);
    if (text)
        tm_sha256_base64(text, list.size, hash);
    snprintf(name, TM_CHARTS_NAME, "%.*s", TM_CHARTS_NAME - 1, text ? hash : "");
    for (char *at = name; (at = strpbrk(at, "+/"));)
        *at = *at == '+' ? '-' : '_';
    if (!error && !text)
        error = ENOMEM;
    free(text);
    return error;
}

/* ---- removing ---- */

void tm_charts_remove(int folder, const char *path)
{
    DIR *entries = open_folder(folder, path);
    struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (is_chart(entry->d_name))
            unlinkat(dirfd(entries), entry->d_name, 0);
    if (entries)
        closedir(entries);
    unlinkat(folder, path, AT_REMOVEDIR);
}

void tm_charts_remove_but(int folder, const char *name)
{
    DIR *entries = open_folder(folder, "charts");
    struct dirent *entry;
    while (entries && (entry = readdir(entries)))
        if (is_folder_of_charts(entry->d_name) && strcmp(entry->d_name, name) != 0)
            tm_charts_remove(dirfd(entries), entry->d_name);
    if (entries)
        closedir(entries);
    tm_charts_remove(folder, "charts"); /* those of a report that put them there itself */
}
