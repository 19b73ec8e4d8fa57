/* What this machine is. Runs compare only with those of the same host, so its key is made of
 * what stays: a model that could not be read once would begin another history, and the gate
 * would have nothing to judge by. */
#include "store/machine.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/plural.h"
#include "store/store.h"

static struct {
    struct tm_machine machine;
    char key[320], model[160], os[80]; /* the key is the model and some 30 bytes; CPUs' names have up to 48 */
} here;

/* The value of a "name : value" line: 1, or 0 where it is another one. */
static int take_value(const char *line, const char *field, char *value, size_t size)
{
    const char *colon = strchr(line, ':');
    if (!colon || strncmp(line, field, strlen(field)) != 0)
        return 0;
    snprintf(value, size, "%s", colon + 1 + strspn(colon + 1, " \t"));
    return 1;
}

/* That of the first such line of a file under /proc: 1, 0 where there is no such line or file, -1
 * where it cannot be read. A stream would need memory, and who asks for the machine's key cannot be
 * told that there is none. */
static int read_field(const char *path, const char *field, char *value, size_t size)
{
    char line[512],
        bytes[4096]; /* the longest line of /proc/cpuinfo, the flags, has more: its rest reads like a line without a colon */
    size_t used = 0;
    ssize_t n = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC), found = 0;
    if (file < 0)
        return errno == ENOENT ? 0 : -1;
    while (!found && (n = read(file, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < n && !found; i++) {
            if (bytes[i] != '\n' && used + 1 < sizeof line) {
                line[used++] = bytes[i];
                continue;
            }
            line[used] = '\0';
            used = 0;
            found = take_value(line, field, value, size);
        }
    close(file);
    return found || n == 0 ? found : -1;
}

/* The power of two that is nearest to the memory in GiB, by ratio: 1.5 lies between 1 and 2. */
static int64_t memory_class(void)
{
    double gib = (double)sysconf(_SC_PHYS_PAGES) * (double)sysconf(_SC_PAGESIZE) / (1024.0 * 1024.0 * 1024.0);
    int64_t power = 1;
    while ((double)power * 1.5 < gib)
        power *= 2;
    return power;
}

/* Fills in `here`. The key must come out the same every night, so what may change from boot to
 * boot is left out or rounded. */
static int read_machine(void)
{
    struct utsname system;
    int found = read_field("/proc/cpuinfo", "model name", here.model, sizeof here.model);
    if (found < 0)
        return -1;
    if (found == 0) /* other processors than x86 have no such line */
        snprintf(here.model, sizeof here.model, "%s", uname(&system) == 0 ? system.machine : "unknown CPU");
    if (uname(&system) == 0)
        snprintf(here.os, sizeof here.os, "%.32s %.40s", system.sysname, system.machine);
    /* The key is a name like others: no control characters, nothing that is not ASCII. */
    for (char *c = here.model; *c; c++)
        if ((unsigned char)*c < 0x20 || (unsigned char)*c >= 0x7f)
            *c = ' ';
    here.machine = (struct tm_machine){.key = here.key, .cpu_model = here.model, .os = here.os, .memory_gib = memory_class()};
    here.machine.cores = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(here.key, sizeof here.key, "%s, %d core%s, %d GiB", here.model, (int)here.machine.cores, TM_PLURAL(here.machine.cores),
             (int)here.machine.memory_gib);
    return 0;
}

const struct tm_machine *tm_this_machine(void)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static bool known;
    pthread_mutex_lock(&lock);
    if (!known)
        known = read_machine() == 0;
    /* Read under the lock: another thread may be filling it in. */
    bool have = known;
    pthread_mutex_unlock(&lock);
    return have ? &here.machine : NULL;
}

const char *tm_host(void)
{
    const struct tm_machine *machine = tm_this_machine();
    return machine ? machine->key : "";
}
