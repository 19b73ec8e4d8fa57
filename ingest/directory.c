/* By scandir, whose order is that of the names' bytes, so that a tree is read alike everywhere. */
#include "ingest/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int is_visible(const struct dirent *entry)
{
    return *entry->d_name != '.';
}

static int add_entry(struct tm_directory *directory, const char *path, const char *name, struct tm_arena *arena)
{
    struct tm_directory_entry *entry = &directory->entries[directory->n];
    size_t length = strlen(path), slash = length > 0 && path[length - 1] == '/' ? 0 : 1, size = strlen(name);
    char *whole = tm_arena_take(arena, length + slash + size + 1);
    struct stat facts = {0}, behind = {0};
    if (!whole)
        return ENOMEM;
    memcpy(whole, path, length);
    memcpy(whole + length, "/", slash);
    memcpy(whole + length + slash, name, size + 1);
    bool is_link = lstat(whole, &facts) == 0 && S_ISLNK(facts.st_mode);
    bool found = stat(whole, &behind) == 0, is_directory = found && S_ISDIR(behind.st_mode);
    if (found && !is_directory && !S_ISREG(behind.st_mode))
        return 0;
    *entry = (struct tm_directory_entry){whole, whole + length + slash, is_directory, is_link};
    directory->n++;
    return 0;
}

int tm_directory_list(struct tm_directory *directory, const char *path, struct tm_arena *arena)
{
    struct dirent **names = NULL;
    *directory = (struct tm_directory){0};
    errno = 0;
    int n = scandir(path, &names, is_visible, alphasort), error = 0;
    if (n < 0)
        return errno ? errno : ENOMEM;
    directory->entries = tm_arena_take(arena, ((size_t)n + 1) * sizeof *directory->entries);
    error = directory->entries ? 0 : ENOMEM;
    for (int i = 0; i < n; i++) {
        if (error == 0)
            error = add_entry(directory, path, names[i]->d_name, arena);
        free(names[i]);
    }
    free(names);
    return error;
}

bool tm_directory_has(const char *path, const char *name)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool has = directory >= 0 && faccessat(directory, name, F_OK, 0) == 0;
    if (directory >= 0)
        close(directory);
    return has;
}
