/* The public way to add a run: collected in memory, stored whole on commit. The lock is held only then. */
#include <stdlib.h>
#include <string.h>

#include "store/sqlite/db.h"

/* A text that the collected run owns. */
struct text {
    struct text *next;
    char bytes[];
};

struct tm_pending {
    struct text *texts;
    struct tm_run run;
    struct tm_profile *profiles;
    size_t n_profiles, profiles_room;
    struct tm_spike *spikes;
    size_t n_spikes, spikes_room;
};

/* Copies *bytes and points it to the copy; NULL stays NULL. */
static int keep(struct tm_pending *pending, const void **bytes, size_t size)
{
    if (!*bytes)
        return 0;
    struct text *text = malloc(sizeof *text + size);
    if (!text)
        return -1;
    memcpy(text->bytes, *bytes, size);
    text->next = pending->texts;
    pending->texts = text;
    *bytes = text->bytes;
    return 0;
}

static int keep_text(struct tm_pending *pending, const char **text)
{
    const void *bytes = *text;
    int result = keep(pending, &bytes, *text ? strlen(*text) + 1 : 0);
    *text = bytes;
    return result;
}

static int keep_readings(struct tm_pending *pending, struct tm_profile *profile)
{
    const void *bytes = profile->n_readings ? profile->readings : NULL;
    if (keep(pending, &bytes, profile->n_readings * sizeof *profile->readings) != 0)
        return -1;
    profile->readings = bytes;
    struct tm_reading *readings = (struct tm_reading *)(uintptr_t)bytes;
    for (size_t i = 0; i < profile->n_readings; i++)
        if (keep_text(pending, &readings[i].metric) != 0 || keep_text(pending, &readings[i].unit) != 0)
            return -1;
    return 0;
}

static int make_room(void **array, size_t *room, size_t used, size_t size)
{
    if (used < *room)
        return 0;
    size_t more = *room ? 2 * *room : 16;
    void *bigger = realloc(*array, more * size);
    if (!bigger)
        return -1;
    *array = bigger;
    *room = more;
    return 0;
}

static struct tm_pending *pending_of(tm_store *store)
{
    if (!store->pending)
        tm_db_fail(store, "no run was begun");
    return store->pending;
}

int tm_run_begin(tm_store *store, const struct tm_run *run)
{
    if (store->pending)
        return tm_db_fail(store, "run '%s' is not committed yet", store->pending->run.key);
    if (!run->key)
        return tm_db_fail(store, "a run needs a key");
    struct tm_pending *pending = calloc(1, sizeof *pending);
    if (!pending)
        return tm_db_fail(store, "out of memory");
    store->pending = pending;
    pending->run = *run;
    const char **texts[] = {&pending->run.project,   &pending->run.key,     &pending->run.host,     &pending->run.branch,
                            &pending->run.commit_id, &pending->run.version, &pending->run.repeat_of};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (keep_text(pending, texts[i]) != 0) {
            tm_run_abort(store);
            return tm_db_fail(store, "out of memory");
        }
    return 0;
}

int tm_run_add(tm_store *store, const struct tm_profile *profile)
{
    struct tm_pending *pending = pending_of(store);
    if (!pending)
        return -1;
    void *array = pending->profiles;
    if (make_room(&array, &pending->profiles_room, pending->n_profiles, sizeof *pending->profiles) != 0)
        return tm_db_fail(store, "out of memory");
    pending->profiles = array;
    struct tm_profile *copy = &pending->profiles[pending->n_profiles];
    *copy = *profile;
    if (keep_text(pending, &copy->plugin) != 0 || keep_text(pending, &copy->clock) != 0 ||
        keep_text(pending, &copy->plugin_version) != 0 || keep(pending, &copy->latency, copy->latency_size) != 0 ||
        keep_readings(pending, copy) != 0)
        return tm_db_fail(store, "out of memory");
    pending->n_profiles++;
    return 0;
}

int tm_run_spike(tm_store *store, const struct tm_spike *spike)
{
    struct tm_pending *pending = pending_of(store);
    if (!pending)
        return -1;
    void *array = pending->spikes;
    if (make_room(&array, &pending->spikes_room, pending->n_spikes, sizeof *pending->spikes) != 0)
        return tm_db_fail(store, "out of memory");
    pending->spikes = array;
    pending->spikes[pending->n_spikes] = *spike;
    if (keep_text(pending, &pending->spikes[pending->n_spikes].plugin) != 0)
        return tm_db_fail(store, "out of memory");
    pending->n_spikes++;
    return 0;
}

int tm_run_commit(tm_store *store, enum tm_outcome *outcome)
{
    struct tm_pending *pending = pending_of(store);
    enum tm_outcome result;
    if (!pending || tm_begin(store) != 0)
        return -1;
    struct tm_run_content content = {pending->run, pending->profiles, pending->n_profiles, pending->spikes, pending->n_spikes};
    if (tm_put_run(store, &content, TM_PUT, &result) != 0) {
        tm_rollback(store);
        return -1;
    }
    if (tm_commit(store) != 0)
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
    for (struct text *text = pending->texts, *next; text; text = next) {
        next = text->next;
        free(text);
    }
    free(pending->profiles);
    free(pending->spikes);
    free(pending);
    store->pending = NULL;
}
