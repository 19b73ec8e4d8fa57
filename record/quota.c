/* How many CPUs the process may use: what its affinity allows, and the CPU quota of each control group from its own up to the root.
 *
 * /proc/self/cgroup names the group in each hierarchy, /proc/self/mountinfo where a hierarchy is mounted and which of its groups is
 * at that mount's top. In a container the two may speak of different roots:
 *
 *     group       top of the mount    where the group is
 *     /a/b        /                   MOUNT/a/b
 *     /a/b        /a                  MOUNT/b             the mount shows a part of the hierarchy
 *     /a/b        /..                 unknown, but MOUNT is above it, and so are its limits
 *     /a/b        /c                  not below this mount
 *
 * A file that is not there, or says something else than a limit, limits nothing. One that cannot be read for want of memory or of
 * file descriptors may say anything: then the answer is NAN, with errno set. */
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "record/quota.h"
#include "record/state.h"

enum {
    PATH_SIZE = 4096,         /* PATH_MAX of Linux */
    LINE_SIZE = 128,          /* two numbers of 64 bits and some room */
    FIRST_CPUS = 1024,        /* that an affinity is asked for, as cpu_set_t has it; the kernel refuses a set that is too small */
    MOST_CPUS = 1 << 20,      /* and so on; far above the 8192 that Linux is built for at most */
    USUAL_PERIOD_US = 100000, /* cpu.max leaves it out when it is the kernel's own */
};
static const double LARGEST_DECIMAL = 1e6; /* for TIDEMARK_CPUS; more CPUs than any machine has */

/* The process's groups in the two hierarchies that may limit its CPU; "": in none. */
struct groups {
    char v1[PATH_SIZE], v2[PATH_SIZE];
};

struct mount {
    char *top, *at, *type, *options;
};

static FILE *open_below(const char *root, const char *dir, const char *name)
{
    char path[2 * PATH_SIZE];
    int size = snprintf(path, sizeof path, "%s%s/%s", root, dir, name);
    return size < 0 || (size_t)size >= sizeof path ? NULL : fopen(path, "re");
}

/* Does the error leave open what the file says? */
static bool is_shortage(int error)
{
    return error == ENOMEM || error == EMFILE || error == ENFILE;
}

/* NAN if either is: a limit that is not known may be lower than the other one. */
static double least(double a, double b)
{
    return isnan(a) || isnan(b) ? NAN : fmin(a, b);
}

/* The first line of a file without its end. 1, 0: there is none, or -1: it is not known (errno). */
static int read_line(const char *root, const char *dir, const char *name, char line[LINE_SIZE])
{
    errno = 0;
    FILE *file = open_below(root, dir, name);
    if (!file)
        return is_shortage(errno) ? -1 : 0;
    bool there = fgets(line, LINE_SIZE, file);
    int error = errno;
    fclose(file);
    errno = error;
    return there ? 1 : is_shortage(error) ? -1 : 0;
}

/* A whole number of microseconds; *end is what follows it. NAN: something else, or not above zero. */
static double microseconds(const char *text, char **end)
{
    long long value = strtoll(text, end, 10);
    return value > 0 && value < LLONG_MAX && strchr(" \n", **end) ? (double)value : NAN;
}

/* In CPUs; INFINITY: none, NAN: not known. "50000 100000", or "max 100000". */
static double limit_v2(const char *root, const char *dir)
{
    char line[LINE_SIZE], *end;
    int there = read_line(root, dir, "cpu.max", line);
    if (there <= 0)
        return there < 0 ? NAN : INFINITY;
    double quota = microseconds(line, &end), period = NAN;
    if (!isnan(quota))
        period = *end == ' ' ? microseconds(end + 1, &end) : USUAL_PERIOD_US;
    return isnan(period) ? INFINITY : quota / period;
}

/* The same of version 1, where a quota of -1 is none. */
static double limit_v1(const char *root, const char *dir)
{
    char quota[LINE_SIZE], period[LINE_SIZE], *end;
    int there = read_line(root, dir, "cpu.cfs_quota_us", quota);
    if (there > 0)
        there = read_line(root, dir, "cpu.cfs_period_us", period);
    if (there <= 0)
        return there < 0 ? NAN : INFINITY;
    double limit = microseconds(quota, &end) / microseconds(period, &end);
    return isnan(limit) ? INFINITY : limit;
}

/* Is `word` one of those in a list with commas? */
static bool lists(const char *list, const char *word)
{
    size_t size = strlen(word);
    for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 1 : NULL)
        if (strncmp(at, word, size) == 0 && (at[size] == ',' || at[size] == '\0' || at[size] == '\n'))
            return true;
    return false;
}

/* The next line, with its end; as getline has it. false: no more, or with *failed not known (errno). Closes the file then. */
static bool next_line(FILE *file, char **line, size_t *room, bool *failed)
{
    errno = 0;
    if (file && getline(line, room, file) > 0)
        return true;
    int error = errno;
    *failed = is_shortage(error);
    if (file)
        fclose(file);
    errno = error;
    return false;
}

/* Lines are ID:CONTROLLERS:PATH; version 2 has no controllers there. A path may hold colons. 0, or -1: not known (errno). */
static int read_groups(const char *root, struct groups *groups)
{
    char *line = NULL;
    size_t room = 0;
    bool failed = false;
    errno = 0;
    FILE *file = open_below(root, "/proc/self", "cgroup");
    if (!file)
        return is_shortage(errno) ? -1 : 0;
    while (next_line(file, &line, &room, &failed)) {
        char *controllers = strchr(line, ':'), *path = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!path || path[1] != '/')
            continue;
        *path++ = '\0';
        path[strcspn(path, "\n")] = '\0';
        char *group = strcmp(line, "0:") == 0 ? groups->v2 : lists(controllers + 1, "cpu") ? groups->v1 : NULL;
        if (group && strlen(path) < PATH_SIZE)
            strcpy(group, path);
    }
    free(line);
    return failed ? -1 : 0;
}

/* Blanks and the like are written as \040. */
static void unescape(char *text)
{
    char *to = text;
    for (const char *from = text; *from; from++) {
        if (*from == '\\' && strspn(from + 1, "01234567") >= 3) {
            char octal[4] = {from[1], from[2], from[3]};
            *to++ = (char)strtoul(octal, NULL, 8);
            from += 3;
        } else {
            *to++ = *from;
        }
    }
    *to = '\0';
}

/* ID PARENT DEVICE TOP AT OPTIONS [TAGS...] - TYPE SOURCE OPTIONS */
static bool parse_mount(char *line, struct mount *mount)
{
    char *fields[5] = {0}, *rest = strstr(line, " - "), *save = NULL;
    if (!rest)
        return false;
    *rest = '\0';
    for (int i = 0; i < 5; i++)
        fields[i] = strtok_r(i == 0 ? line : NULL, " ", &save);
    mount->top = fields[3];
    mount->at = fields[4];
    mount->type = strtok_r(rest + 3, " ", &save);
    strtok_r(NULL, " ", &save);
    mount->options = strtok_r(NULL, " \n", &save);
    if (!mount->at || !mount->options || *mount->at != '/' || strlen(mount->at) >= PATH_SIZE)
        return false;
    unescape(mount->top);
    unescape(mount->at);
    return true;
}

/* The part of the group's path that is below the mount's top; NULL: the mount shows something else. */
static const char *below(const char *group, const char *top)
{
    size_t size = strlen(top);
    if (strncmp(top, "/..", 3) == 0 && (top[3] == '/' || top[3] == '\0'))
        return "";
    if (strcmp(top, "/") == 0)
        return group;
    return strncmp(group, top, size) == 0 && (group[size] == '/' || group[size] == '\0') ? group + size : NULL;
}

/* The least of the limits from the group up to the mount's top; NAN: not known. */
static double least_above(const char *root, const struct mount *mount, const char *group,
                          double (*limit)(const char *root, const char *dir))
{
    char dir[2 * PATH_SIZE];
    const char *inner = *group ? below(group, mount->top) : NULL;
    double lowest = INFINITY;
    if (!inner || strstr(inner, "/.."))
        return lowest;
    size_t top = strlen(mount->at);
    memcpy(dir, mount->at, top);
    strcpy(dir + top, inner);
    for (char *end = dir + strlen(dir); end; end = strrchr(dir + top, '/')) {
        *end = '\0';
        lowest = least(lowest, limit(root, dir));
    }
    return lowest;
}

double tm_rec_usable_cpus_at(const char *root, double affinity)
{
    struct groups groups = {.v1 = ""};
    struct mount mount;
    char *line = NULL;
    size_t room = 0;
    bool failed = false;
    double cpus = affinity;
    if (read_groups(root, &groups) != 0)
        return NAN;
    errno = 0;
    FILE *file = open_below(root, "/proc/self", "mountinfo");
    if (!file)
        return is_shortage(errno) ? NAN : affinity;
    while (next_line(file, &line, &room, &failed)) {
        if (isnan(cpus) || !parse_mount(line, &mount))
            continue;
        if (strcmp(mount.type, "cgroup2") == 0)
            cpus = least(cpus, least_above(root, &mount, groups.v2, limit_v2));
        else if (strcmp(mount.type, "cgroup") == 0 && lists(mount.options, "cpu"))
            cpus = least(cpus, least_above(root, &mount, groups.v1, limit_v1));
    }
    free(line);
    return failed ? NAN : cpus;
}

/* The CPUs that the calling thread may run on; NAN: not known. */
static double affinity(void)
{
#ifdef CPU_ALLOC
    for (size_t most = FIRST_CPUS; most <= MOST_CPUS; most *= 4) {
        cpu_set_t *set = CPU_ALLOC(most);
        if (!set)
            return NAN;
        int count = sched_getaffinity(0, CPU_ALLOC_SIZE(most), set) == 0 ? CPU_COUNT_S(CPU_ALLOC_SIZE(most), set) : 0;
        CPU_FREE(set);
        if (count > 0)
            return count;
    }
#endif
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online > 0 ? (double)online : 1;
}

/* "2", "0.5": read as such in every locale. 0: something else. */
static double decimal(const char *text)
{
    double value = 0, place = 1;
    size_t digits = strspn(text, "0123456789");
    for (; digits > 0 && *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    for (text += *text == '.'; digits > 0 && *text >= '0' && *text <= '9'; text++)
        value += (*text - '0') * (place /= 10);
    return *text == '\0' && value < LARGEST_DECIMAL ? value : 0;
}

/* What TIDEMARK_CPUS says; 0: nothing. */
static double said_cpus(void)
{
    const char *text = secure_getenv("TIDEMARK_CPUS");
    return text ? decimal(text) : 0;
}

double tm_rec_usable_cpus(void)
{
    double cpus = said_cpus();
    if (cpus > 0)
        return cpus;
    cpus = affinity();
    if (!isnan(cpus))
        cpus = tm_rec_usable_cpus_at("", cpus);
    if (isnan(cpus))
        tm_rec_fail("cannot find out how many CPUs the process may use: %s", strerror(errno));
    return cpus;
}

double tm_rec_spike_cpus(void)
{
    double said = said_cpus(), cpus = said > 0 ? said : tm_rec_usable_cpus();
    return said > 0 || !(cpus > 1) ? cpus : 1;
}
