/* The loader's report of what is recorded of its plugins. The loader itself runs them without knowing how a report is made. */
#include <errno.h>
#include <string.h>

#include "record/loaders.h"
#include "record/outlet/bottlenecks.h"
#include "record/state.h"

static int is_loaded(void *loader, const char *name)
{
    return tm_loader_has(loader, name);
}

static int put_report(tm_loader *loader, FILE *stream, const struct tm_rec_snapshot *taken)
{
    errno = 0;
    if (tm_snapshot_put_bottlenecks(stream, taken, true, is_loaded, loader) != 0)
        return tm_rec_fail("out of memory");
    if (fflush(stream) != 0 || ferror(stream))
        return tm_rec_fail("cannot write the report: %s", strerror(errno ? errno : EIO));
    return 0;
}

int tm_loader_report(tm_loader *loader, FILE *stream)
{
    if (!stream)
        return tm_rec_fail("cannot write the report: no stream");
    if (!tm_recorder_on())
        return tm_rec_fail("nothing to report: the recorder is off (PLUGIN_PROFILING=1 turns it on)");
    struct tm_rec_snapshot *taken = tm_rec_take();
    if (!taken)
        return -1;
    int result = put_report(loader, stream, taken);
    tm_rec_snapshot_free(taken);
    return result;
}
