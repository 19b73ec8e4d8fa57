/* A night that was measured must not be lost because a server is down. The spool is a store as any other: a night goes into it as
 * it would go into the one that is out of reach, and is sent there by the walk of 'push'. Nothing is removed from it, so a copy of
 * the store (pull) may be the spool, and has the past by which a gate can judge. */
#include "cli/spool.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/address.h"
#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/output.h"
#include "cli/transfer.h"

static const char *spool_of(const struct tm_context *context)
{
    return tm_option_value(context->arguments, "spool");
}

int tm_spool_check(const struct tm_context *context)
{
    const char *spool = spool_of(context);
    if (spool && (!*spool || strcmp(spool, ":memory:") == 0 || tm_is_address(spool)))
        return tm_trouble("--spool names no file: nothing would be kept");
    return spool && tm_same_file(spool, context->path) ? tm_trouble("--spool names the store itself") : 0;
}

int tm_spool_open(struct tm_context *context)
{
    const char *spool = spool_of(context);
    tm_store *store = NULL;
    if (!spool || !tm_unreachable(context->store))
        return tm_store_trouble(context->store);
    tm_say(stderr, "notice: %s", tm_error(context->store));
    tm_say(stderr, "notice: the spool '%s' stands for the store", spool);
    tm_close(context->store);
    context->store = NULL;
    int code = tm_open(spool, context->flags, &store) == 0 ? 0 : tm_store_trouble(store);
    if (code != 0) {
        tm_close(store);
        return code;
    }
    context->store = store;
    context->path = spool;
    context->spooled = true;
    return 0;
}

int tm_spool_send(struct tm_context *context)
{
    const char *path = spool_of(context);
    tm_store *spool = NULL;
    struct tm_sent sent = {0};
    /* A spool that nothing was ever stored in is none. */
    if (!path || tm_option_given(context->arguments, "dry-run") || access(path, F_OK) != 0)
        return 0;
    int code = tm_open(path, TM_READONLY, &spool) == 0 ? 0 : tm_store_trouble(spool);
    if (code == 0)
        code = tm_transfer(spool, context->store, NULL, false, "sent from the spool", &sent);
    tm_close(spool);
    if (code == 0 && sent.stored > 0)
        tm_say(stderr, "notice: %" PRIu64 " run%s sent from the spool '%s'", sent.stored, TM_PLURAL(sent.stored), path);
    return code == 0 && sent.failed > 0 ? TM_EXIT_TROUBLE : code; /* and that has been told */
}
