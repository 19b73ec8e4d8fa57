/* Output to a file or to standard output, behind one pair of calls. A file appears whole or not
 * at all (base/replace.h); standard output cannot be taken back, so main looks at it once, at the
 * very end. */
#include "cli/output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/arguments.h"

int tm_output_open(struct tm_output *output, const char *path)
{
    *output = (struct tm_output){.out = stdout};
    if (!path)
        return 0;
    output->path = strdup(path);
    if (!output->path)
        return tm_trouble("out of memory");
    int error = tm_replacement_begin(&output->file, path);
    output->out = output->file.out;
    if (!error)
        return 0;
    free(output->path);
    output->path = NULL;
    return tm_trouble("cannot write '%s': %s", path, strerror(error));
}

int tm_output_close(struct tm_output *output, bool keep)
{
    int code = 0;
    if (!output->path)
        return 0; /* main looks at standard output */
    /* What was given up on purpose needs no message of its own: whoever gave it up has said why. */
    int error = tm_replacement_end(&output->file, keep);
    if (keep && error)
        code = tm_trouble("cannot write '%s': %s", output->path, strerror(error));
    free(output->path);
    *output = (struct tm_output){0};
    return code;
}

bool tm_same_file(const char *a, const char *b)
{
    struct stat x, y;
    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

int tm_output_check(const struct tm_context *context, const char *option, const char *file)
{
    return file && tm_same_file(file, context->path) ? tm_trouble("--%s would write over the store '%s'", option, file) : 0;
}
