/* The public way to add a run: collected in memory, stored whole on commit. The lock is held only
 * then, however long a program takes to measure; and what it gives may be gone as soon as a call
 * returns, so all of it is copied. */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/array.h"
#include "schema/fields.h"
#include "store/handle.h"

struct tm_pending {
    struct tm_arena bytes; /* all that the run, its profiles and its spikes point to */
    struct tm_run run;
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
};

/* Copies *bytes and points it to the copy; NULL stays NULL. 0, or -1 without memory. */
static int copy_bytes(struct tm_pending *pending, const void **bytes, size_t size)
{
    if (!*bytes)
        return 0;
    void *copy = tm_arena_take(&pending->bytes, size);
    if (!copy)
        return -1;
    *bytes = memcpy(copy, *bytes, size);
    return 0;
}

static int copy_text(struct tm_pending *pending, const char **text)
{
    const void *bytes = *text;
    int result = copy_bytes(pending, &bytes, *text ? strlen(*text) + 1 : 0);
    *text = bytes;
    return result;
}

/* The array and the texts of each element. */
static int copy_readings(struct tm_pending *pending, struct tm_profile *profile)
{
    size_t size = profile->n_readings * sizeof *profile->readings;
    if (profile->n_readings == 0)
        return 0;
    struct tm_reading *readings = tm_arena_take(&pending->bytes, size);
    if (!readings)
        return -1;
    profile->readings = memcpy(readings, profile->readings, size);
    for (size_t i = 0; i < profile->n_readings; i++)
        if (copy_text(pending, &readings[i].metric) != 0 || copy_text(pending, &readings[i].unit) != 0 ||
            copy_text(pending, &readings[i].better) != 0)
            return -1;
    return 0;
}

/* The struct has been copied already, with the caller's pointers: each is replaced by one to a
 * copy. Which members are texts, the table of fields says. */
static int copy_profile(struct tm_pending *pending, struct tm_profile *profile)
{
    if (copy_text(pending, &profile->plugin) != 0 || copy_readings(pending, profile) != 0)
        return -1;
    for (size_t i = 0; i < tm_n_fields; i++)
        if (tm_fields[i].type == TM_FIELD_TEXT && copy_text(pending, (const char **)((char *)profile + tm_fields[i].at)) != 0)
            return -1;
    return copy_bytes(pending, &profile->latency, profile->latency_size);
}

/* The run that tm_run_begin() began; NULL, with the message set, where there is none. */
static struct tm_pending *pending_of(tm_store *store)
{
    if (!store->pending)
        tm_store_fail(store, "no run was begun");
    return store->pending;
}

int tm_run_begin(tm_store *store, const struct tm_run *run)
{
    if (store->pending)
        return tm_store_fail(store, "run '%s' is not committed yet", store->pending->run.key);
    if (!run->key)
        return tm_store_fail(store, "a run needs a key");
    struct tm_pending *pending = calloc(1, sizeof *pending);
    if (!pending)
        return tm_store_fail(store, "out of memory");
    /* From here on tm_run_abort() frees it, whole or in parts. */
    store->pending = pending;
    pending->run = *run;
    const char **texts[] = {&pending->run.project,   &pending->run.key,       &pending->run.host,
                            &pending->run.branch,    &pending->run.commit_id, &pending->run.version,
                            &pending->run.repeat_of, &pending->run.tool,      &pending->run.part};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (copy_text(pending, texts[i]) != 0) {
            tm_run_abort(store);
            return tm_store_fail(store, "out of memory");
        }
    return 0;
}

/* Counted only when it is whole. */
int tm_run_add(tm_store *store, const struct tm_profile *profile)
{
    struct tm_pending *pending = pending_of(store);
    if (!pending)
        return -1;
    size_t n = pending->n_profiles;
    if (tm_array_reserve(&pending->profiles, &pending->profiles_room, n + 1, sizeof *pending->profiles) != 0)
        return tm_store_fail(store, "out of memory");
    pending->profiles[n] = *profile;
    if (copy_profile(pending, &pending->profiles[n]) != 0) /* what was copied stays in the arena until the run ends: no harm */
        return tm_store_fail(store, "out of memory");
    pending->n_profiles++;
    return 0;
}

/* As tm_run_add(): copied, and counted when it is whole. */
int tm_run_spike(tm_store *store, const struct tm_spike *spike)
{
    struct tm_pending *pending = pending_of(store);
    if (!pending)
        return -1;
    size_t n = pending->n_spikes;
    if (tm_array_reserve(&pending->spikes, &pending->spikes_room, n + 1, sizeof *pending->spikes) != 0)
        return tm_store_fail(store, "out of memory");
    pending->spikes[n] = *spike;
    if (copy_text(pending, &pending->spikes[n].plugin) != 0)
        return tm_store_fail(store, "out of memory");
    pending->n_spikes++;
    return 0;
}

/* One transaction: 0 or -1, when nothing of it is left but perhaps what was committed. */
static int store_pending(tm_store *store, const struct tm_pending *pending, enum tm_outcome *outcome)
{
    if (tm_begin(store) != 0)
        return -1;
    /* Borrowed from the pending run, which lives until tm_run_abort() below. */
    struct tm_run_content content = {.run = pending->run,
                                     .profiles = pending->profiles,
                                     .n_profiles = pending->n_profiles,
                                     .spikes = pending->spikes,
                                     .n_spikes = pending->n_spikes};
    if (tm_put_run(store, &content, TM_PUT, outcome) != 0) {
        tm_rollback(store);
        return -1;
    }
    return tm_commit(store);
}

/* The lock is taken, the run put and the lock given back in one call; on failure the run stays as it is, to be tried again. What
 * may pass is tried again here: whether a commit was heard of or not, the run is then found stored already, with the same rows. */
int tm_run_commit(tm_store *store, enum tm_outcome *outcome)
{
    struct tm_pending *pending = pending_of(store);
    enum tm_outcome result;
    int tries = 0;
    if (!pending)
        return -1;
    while (store_pending(store, pending, &result) != 0)
        if (tm_try_again(store, &tries, true) != 0)
            return -1;
    if (outcome)
        *outcome = result;
    tm_run_abort(store);
    return 0;
}

void tm_run_abort(tm_store *store)
{
    struct tm_pending *pending = store->pending;
    if (!pending)
        return;
    tm_arena_free(&pending->bytes);
    free(pending->profiles);
    free(pending->spikes);
    free(pending);
    store->pending = NULL;
}
