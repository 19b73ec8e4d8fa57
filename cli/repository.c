/* Read by hand: to run git in a directory is to run what its configuration says. */
#include "cli/repository.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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
    const char *found = *name == '/' ? name : whole;
    return copied(found, path);
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

/* The directory that a worktree has in common with others, which is its own where there is no other. */
static bool find_common(const char *directory, char common[PATH_MAX])
{
    char path[PATH_MAX], pointed[PATH_MAX];
    if (!named_from(directory, "commondir", path))
        return false;
    return read_pointer(path, "", pointed) ? named_from(directory, pointed, common) : copied(directory, common);
}

const char *tm_repository_reference(const char *name, const char *prefix, char room[PATH_MAX])
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

bool tm_repository_origin(char address[PATH_MAX])
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
