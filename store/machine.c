#include "store/machine.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "store/store.h"

static struct {
    struct tm_machine machine;
    char key[320], model[160], os[80];
} here;

/* The value of a "name : value" line of a file under /proc. */
static int read_field(const char *path, const char *field, char *value, size_t size)
{
    char line[512];
    FILE *file = fopen(path, "re");
    int found = 0;
    while (file && !found && fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (!colon || strncmp(line, field, strlen(field)) != 0)
            continue;
        snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
        value[strcspn(value, "\n")] = '\0';
        found = 1;
    }
    if (file)
        fclose(file);
    return found;
}

static int64_t memory_class(void)
{
    double gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1024.0 * 1024.0 * 1024.0);
    int64_t power = 1;
    while ((double)power * 1.5 < gib)
        power *= 2;
    return power;
}

static void look(void)
{
    struct utsname system;
    if (!read_field("/proc/cpuinfo", "model name", here.model, sizeof here.model))
        snprintf(here.model, sizeof here.model, "%s", uname(&system) == 0 ? system.machine : "unknown CPU");
    if (uname(&system) == 0)
        snprintf(here.os, sizeof here.os, "%.32s %.40s", system.sysname, system.machine);
    for (char *c = here.model; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = ' ';
    here.machine = (struct tm_machine){.key = here.key, .cpu_model = here.model, .os = here.os, .memory_gib = memory_class()};
    here.machine.cores = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(here.key, sizeof here.key, "%s, %d core%s, %d GiB", here.model, (int)here.machine.cores,
             here.machine.cores == 1 ? "" : "s", (int)here.machine.memory_gib);
}

const struct tm_machine *tm_this_machine(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, look);
    return &here.machine;
}

const char *tm_host(void)
{
    return tm_this_machine()->key;
}
