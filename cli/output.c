#include "cli/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/command.h"

/* A device or a pipe is written to as it is; it has no place to take. */
static bool is_special(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode);
}

static FILE *open_unfinished(struct tm_output *output)
{
    if (asprintf(&output->unfinished, "%s.XXXXXX", output->path) < 0) {
        output->unfinished = NULL;
        return NULL;
    }
    int file = mkstemp(output->unfinished);
    if (file < 0) {
        free(output->unfinished);
        output->unfinished = NULL;
        return NULL;
    }
    mode_t mask = umask(0);
    umask(mask);
    fchmod(file, 0666 & ~mask);
    return fdopen(file, "w");
}

int tm_output_open(struct tm_output *output, const char *path)
{
    *output = (struct tm_output){.out = stdout};
    if (!path)
        return 0;
    output->path = strdup(path);
    if (!output->path)
        return tm_trouble("out of memory");
    output->out = is_special(path) ? fopen(path, "we") : open_unfinished(output);
    if (output->out)
        return 0;
    int code = tm_trouble("cannot write '%s': %s", path, strerror(errno));
    free(output->path);
    output->path = NULL;
    return code;
}

int tm_output_close(struct tm_output *output, bool keep)
{
    int code = 0;
    if (!output->path)
        return 0; /* main looks at standard output */
    bool failed = ferror(output->out);
    errno = failed ? EIO : 0;
    failed = fclose(output->out) != 0 || failed;
    if (keep && !failed && output->unfinished)
        failed = rename(output->unfinished, output->path) != 0;
    if (keep && failed)
        code = tm_trouble("cannot write '%s': %s", output->path, strerror(errno));
    if (output->unfinished && (!keep || failed))
        unlink(output->unfinished);
    free(output->path);
    free(output->unfinished);
    *output = (struct tm_output){0};
    return code;
}
