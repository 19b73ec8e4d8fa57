/* A flush as a run of a store, in one transaction of its own: all of it is there or nothing, and what is not there is put back into
 * the recorder. */
#include "record/snapshot.h"
#include "record/state.h"

/* An earlier run that is still open in the handle is none of ours. */
static int add_run(tm_store *store, const struct tm_run *asked, const struct tm_taken *taken)
{
    const struct tm_rec_snapshot *snapshot = tm_taken_shown(taken);
    struct tm_run run = *asked;
    if (run.started_at == 0)
        run.started_at = tm_taken_began(taken);
    if (tm_run_begin(store, &run) != 0)
        return tm_rec_fail("%s", tm_error(store));
    int result = 0;
    for (size_t i = 0; i < snapshot->n_entries && result == 0; i++)
        result = tm_run_add(store, &snapshot->entries[i].profile);
    for (size_t i = 0; i < snapshot->n_spikes && result == 0; i++)
        result = tm_run_spike(store, &snapshot->spikes[i]);
    if (result == 0)
        result = tm_run_commit(store, NULL);
    if (result != 0) {
        tm_rec_fail("%s", tm_error(store));
        tm_run_abort(store);
    }
    return result;
}

int tm_rec_flush_store(tm_store *store, const struct tm_run *run)
{
    if (!tm_recorder_on())
        return 0;
    if (!store || !run)
        return tm_rec_fail("cannot store the profiles: no %s", store ? "run" : "store");
    struct tm_taken *taken = tm_take(true, true);
    if (!taken)
        return -1;
    int result = add_run(store, run, taken);
    if (result != 0)
        tm_taken_give_back(taken);
    tm_taken_free(taken);
    return result;
}
