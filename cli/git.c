/* What a git repository says of itself, read by hand: to run git in a directory is to run what its configuration says. */
#include "cli/git.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/message.h"

/* The rest of a file's first line behind `prefix`, into `rest`, which may be the path itself. false: it begins in another way. */
static bool read_pointer(const char *path, const char *prefix, char rest[PATH_MAX])
{
    char line[PATH_MAX];
    FILE *file = fopen(path, "re");
    bool read = file && fgets(line, sizeof line, file) && strncmp(line, prefix, strlen(prefix)) == 0;
    if (file)
        fclose(file);
    if (!read)
        return false;
    line[strcspn(line, "\n")] = '\0';
    strcpy(rest, line + strlen(prefix));
    return true;
}

/* false: it is too long. */
static bool copied(const char *path, char room[PATH_MAX])
{
    if (strlen(path) >= PATH_MAX)
        return false;
    strcpy(room, path);
    return true;
}

/* A path that a file in `folder` names: as it is, or from that folder on. false: it is too long. */
static bool named_from(const char *folder, const char *name, char path[PATH_MAX])
{
    char whole[2 * PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", folder, name);
    return copied(*name == '/' ? name : whole, path);
}

/* 1, 0, or -1: it cannot be told, by errno. */
static int is_there(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat facts;
    if (!named_from(folder, name, path))
        return errno = ENAMETOOLONG, -1;
    if (stat(path, &facts) == 0)
        return 1;
    return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
}

/* The repository's directory: .git here or in a directory above, or the one that a file of that name points to, as in a worktree or
 * a submodule. false: there is none. */
static bool find_repository(char path[PATH_MAX])
{
    char here[PATH_MAX - sizeof "/.git"], pointed[PATH_MAX];
    if (!getcwd(here, sizeof here))
        return false;
    for (;;) {
        struct stat facts;
        snprintf(path, PATH_MAX, "%s/.git", here);
        if (stat(path, &facts) == 0)
            return S_ISDIR(facts.st_mode) || (read_pointer(path, "gitdir: ", pointed) && named_from(here, pointed, path));
        char *slash = strrchr(here, '/');
        if (!slash || slash == here)
            return false;
        *slash = '\0';
    }
}

/* What it has in common with its other worktrees. */
static bool find_common(const char *directory, char common[PATH_MAX])
{
    char path[PATH_MAX], named[PATH_MAX];
    if (!named_from(directory, "commondir", path) || !read_pointer(path, "", named))
        return copied(directory, common);
    return named_from(directory, named, common);
}

const char *tm_git_symbolic(const char *name, const char *prefix, char room[PATH_MAX])
{
    char directory[PATH_MAX], path[PATH_MAX], common[PATH_MAX];
    if (!find_repository(directory) || !named_from(directory, name, path))
        return NULL;
    /* One that is there and names no reference is an answer: a worktree may have checked out no branch. */
    if (!read_pointer(path, "ref: ", room) && (is_there(directory, name) != 0 || !find_common(directory, common) ||
                                               !named_from(common, name, path) || !read_pointer(path, "ref: ", room)))
        return NULL;
    size_t size = strlen(prefix);
    return strncmp(room, prefix, size) == 0 && room[size] ? room + size : NULL;
}

/* A line without blanks at its ends. */
static char *trimmed(char *line)
{
    line += strspn(line, " \t");
    size_t size = strlen(line);
    while (size > 0 && isspace((unsigned char)line[size - 1]))
        line[--size] = '\0';
    return line;
}

/* Of "KEY = VALUE" the value, else NULL. */
static const char *value_in(char *line, const char *key)
{
    size_t size = strlen(key);
    if (strncmp(line, key, size) != 0)
        return NULL;
    line += size + strspn(line + size, " \t");
    return *line == '=' ? trimmed(line + 1) : NULL;
}

/* Calls `see` with each value of that key in a section whose head begins so, until it says true. false: it never did. */
static bool find_setting(const char *common, const char *section, const char *key, bool (*see)(const char *value, char *room),
                         char *room)
{
    char path[PATH_MAX], line[PATH_MAX];
    bool inside = false, found = false;
    FILE *file = named_from(common, "config", path) ? fopen(path, "re") : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *text = trimmed(line);
        const char *value = inside ? value_in(text, key) : NULL;
        if (*text == '[')
            inside = strncmp(text, section, strlen(section)) == 0;
        else if (value)
            found = see(value, room);
    }
    if (file)
        fclose(file);
    return found;
}

bool tm_git_origin(char address[PATH_MAX])
{
    char directory[PATH_MAX], common[PATH_MAX];
    return find_repository(directory) && find_common(directory, common) &&
           find_setting(common, "[remote \"origin\"]", "url", copied, address);
}

/* A clone of one branch fetches no others. */
static bool is_narrow(const char *value, char *room)
{
    (void)room;
    return !strstr(value, "refs/heads/*:");
}

int tm_git_open(struct tm_git *git)
{
    char directory[PATH_MAX];
    if (!find_repository(directory) || !find_common(directory, git->common))
        return tm_trouble("there is no git repository here: name the branches");
    if (is_there(git->common, "shallow") != 0)
        return tm_trouble("'%s' is a shallow copy, which has few branches: fetch all, or name them", git->common);
    if (is_there(git->common, "reftable") != 0)
        return tm_trouble("'%s' keeps its branches in a reftable, which is not read: name them", git->common);
    if (find_setting(git->common, "[remote \"", "fetch", is_narrow, NULL))
        return tm_trouble("'%s' fetches only some of a remote's branches: fetch all, or name them", git->common);
    return 0;
}

/* refs/remotes/REMOTE/NAME of any remote. 1, 0 or -1. */
static int is_of_a_remote(const char *folder, const char *name)
{
    char path[PATH_MAX];
    int found = 0;
    if (!named_from(folder, "refs/remotes", path))
        return errno = ENAMETOOLONG, -1;
    DIR *remotes = opendir(path);
    if (!remotes)
        return errno == ENOENT ? 0 : -1;
    struct dirent *entry;
    while (found == 0 && (errno = 0, entry = readdir(remotes))) {
        char below[PATH_MAX + sizeof entry->d_name];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        if (*entry->d_name != '.')
            found = is_there(below, name);
    }
    int error = errno;
    closedir(remotes);
    errno = error;
    return found == 0 && error ? -1 : found;
}

bool tm_git_may_have(const char *name)
{
    return *name && *name != '/' && !strstr(name, "..") && !strpbrk(name, " ~^:?*[\\");
}

int tm_git_has_file(const struct tm_git *git, const char *name, bool *has)
{
    char heads[PATH_MAX];
    int found = named_from(git->common, "refs/heads", heads) ? is_there(heads, name) : (errno = ENAMETOOLONG, -1);
    if (found == 0)
        found = is_of_a_remote(git->common, name);
    *has = found == 1;
    return found < 0 ? tm_trouble("cannot look for branch '%s' in '%s': %s", name, git->common, strerror(errno)) : 0;
}

/* "HASH refs/heads/NAME", "HASH refs/remotes/REMOTE/NAME". NULL: another line. */
static const char *packed_name(char *line)
{
    static const char head[] = " refs/heads/", remote[] = " refs/remotes/";
    char *reference = strchr(line, ' ');
    line[strcspn(line, "\n")] = '\0';
    if (reference && strncmp(reference, head, strlen(head)) == 0)
        return reference + strlen(head);
    char *name = reference && strncmp(reference, remote, strlen(remote)) == 0 ? strchr(reference + strlen(remote), '/') : NULL;
    return name ? name + 1 : NULL;
}

int tm_git_each_packed(const struct tm_git *git, void (*see)(void *context, const char *name), void *context)
{
    char path[PATH_MAX], *line = NULL;
    size_t size = 0;
    if (!named_from(git->common, "packed-refs", path))
        return tm_trouble("the name of '%s' is too long", git->common);
    FILE *file = fopen(path, "re");
    if (!file)
        return errno == ENOENT ? 0 : tm_trouble("cannot read '%s': %s", path, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        const char *name = packed_name(line);
        if (name)
            see(context, name);
    }
    int result = feof(file) ? 0 : tm_trouble("cannot read '%s': %s", path, strerror(errno));
    free(line);
    fclose(file);
    return result;
}
