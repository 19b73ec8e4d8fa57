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
    if (!read_pointer(path, "ref: ", room) &&
        (!find_common(directory, common) || !named_from(common, name, path) || !read_pointer(path, "ref: ", room)))
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

/* "url = ADDRESS": the address, else NULL. */
static const char *address_in(char *line)
{
    if (strncmp(line, "url", 3) != 0)
        return NULL;
    line += 3 + strspn(line + 3, " \t");
    return *line == '=' ? trimmed(line + 1) : NULL;
}

bool tm_git_origin(char address[PATH_MAX])
{
    char directory[PATH_MAX], common[PATH_MAX], path[PATH_MAX], line[PATH_MAX];
    bool in_origin = false, found = false;
    FILE *file = find_repository(directory) && find_common(directory, common) && named_from(common, "config", path)
                     ? fopen(path, "re")
                     : NULL;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *text = trimmed(line);
        const char *value = in_origin ? address_in(text) : NULL;
        if (*text == '[')
            in_origin = strcmp(text, "[remote \"origin\"]") == 0;
        else if (value)
            found = copied(value, address);
    }
    if (file)
        fclose(file);
    return found;
}

static bool is_there(const char *folder, const char *name)
{
    char path[PATH_MAX];
    struct stat facts;
    return named_from(folder, name, path) && stat(path, &facts) == 0;
}

int tm_git_open(struct tm_git *git)
{
    char directory[PATH_MAX];
    if (!find_repository(directory) || !find_common(directory, git->common))
        return tm_trouble("there is no git repository here: name the branches");
    if (is_there(git->common, "shallow"))
        return tm_trouble("'%s' is a shallow copy, which has few branches: fetch all, or name them", git->common);
    if (is_there(git->common, "reftable"))
        return tm_trouble("'%s' keeps its branches in a reftable, which is not read: name them", git->common);
    return 0;
}

/* refs/remotes/REMOTE/NAME of any remote. */
static bool is_of_a_remote(const char *folder, const char *name)
{
    char path[PATH_MAX];
    bool found = false;
    DIR *remotes = named_from(folder, "refs/remotes", path) ? opendir(path) : NULL;
    for (struct dirent *entry; remotes && !found && (entry = readdir(remotes));) {
        char below[PATH_MAX + sizeof entry->d_name];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        found = *entry->d_name != '.' && strlen(below) < PATH_MAX && is_there(below, name);
    }
    if (remotes)
        closedir(remotes);
    return found;
}

bool tm_git_has_file(const struct tm_git *git, const char *name)
{
    char heads[PATH_MAX];
    bool outside = *name == '/' || strstr(name, "..");
    return !outside && named_from(git->common, "refs/heads", heads) && (is_there(heads, name) || is_of_a_remote(git->common, name));
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
    FILE *file = named_from(git->common, "packed-refs", path) ? fopen(path, "re") : NULL;
    if (!file)
        return errno == ENOENT ? 0 : tm_trouble("cannot read '%s': %s", path, strerror(errno));
    while (getline(&line, &size, file) > 0) {
        const char *name = packed_name(line);
        if (name)
            see(context, name);
    }
    int result = ferror(file) ? tm_trouble("cannot read '%s': %s", path, strerror(errno)) : 0;
    free(line);
    fclose(file);
    return result;
}
