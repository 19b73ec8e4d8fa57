#include "cli/links.h"

#include <string.h>

#include "cli/git.h"

/* How hosts call their pages: behind "https://HOST/PATH". */
static const struct {
    const char *host; /* the whole name, or its beginning where it ends with a point */
    const char *commit, *compare;
} hosts[] = {{"github.com", "/commit/%s", "/compare/%s...%s"},
             {"gitlab.com", "/-/commit/%s", "/-/compare/%s...%s"},
             {"gitlab.", "/-/commit/%s", "/-/compare/%s...%s"},
             {"codeberg.org", "/commit/%s", "/compare/%s...%s"},
             {"bitbucket.org", "/commits/%s", NULL}};

/* "git@HOST:PATH", "ssh://git@HOST:22/PATH", "https://NAME:SECRET@HOST/PATH": host and path; nothing of a name or a secret. */
static bool take_apart(char *address, const char **host, const char **path)
{
    char *scheme = strstr(address, "://"), *start = scheme ? scheme + 3 : address;
    char *end = start + strcspn(start, scheme ? "/" : ":");
    if (!*end)
        return false;
    *end = '\0';
    char *at = strrchr(start, '@'), *rest = end + 1 + strspn(end + 1, "/");
    *host = at ? at + 1 : start;
    start = strchr(*host, ':');
    if (start)
        *start = '\0'; /* a port is the protocol's, and not that of pages */
    size_t size = strlen(rest);
    while (size > 0 && rest[size - 1] == '/')
        rest[--size] = '\0';
    if (size > 4 && strcmp(rest + size - 4, ".git") == 0)
        rest[size - 4] = '\0';
    *path = rest;
    return **host && *rest;
}

static bool is_host(const char *known, const char *host)
{
    size_t size = strlen(known);
    return known[size - 1] == '.' ? strncmp(host, known, size) == 0 : strcmp(host, known) == 0;
}

static const char *made(char *room, size_t size, const char *host, const char *path, const char *page, int holes)
{
    if (!page)
        return NULL;
    snprintf(room, size, "https://%s/%s%s", host, path, page);
    return tm_link_is_valid(room, holes) ? room : NULL;
}

/* What the origin says; nothing where its host is not known. */
static struct tm_links find_origin(struct tm_link_room *room)
{
    char address[PATH_MAX];
    const char *host, *path;
    if (!tm_git_origin(address) || !take_apart(address, &host, &path))
        return (struct tm_links){0};
    for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
        if (is_host(hosts[i].host, host))
            return (struct tm_links){made(room->commit, sizeof room->commit, host, path, hosts[i].commit, 1),
                                     made(room->compare, sizeof room->compare, host, path, hosts[i].compare, 2)};
    return (struct tm_links){0};
}

struct tm_links tm_links_find(const struct tm_config *config, struct tm_link_room *room)
{
    struct tm_links links = {tm_config_value(config, "report", "commit-url"), tm_config_value(config, "report", "compare-url")};
    return links.commit || links.compare ? links : find_origin(room);
}
