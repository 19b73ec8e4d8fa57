/* Holding stored verdicts against the rows they came from. Whoever can write the file can delete a
 * verdict, and a disk can turn a bit: the gate would pass on that. So the newest run is judged again
 * at every gate, its verdicts are stored on trial, and both are compared column by column; then the
 * trial is undone, and every row stays as it was. */
#include "gate/told.h"

#include "gate/verdict_row.h"

int tm_told_verify(struct tm_session *session, const struct tm_run_ref *run, const struct tm_judgement *judgement)
{
    tm_store *store = session->store;
    int64_t stored, now;
    if (tm_seal_of_run(store, run->id, &stored) != 0 || tm_do(store, TM_Q_TRIAL_BEGIN, "") != 0)
        return -1;
    int result = tm_verdicts_store(store, session->rules, judgement);
    if (result == 0)
        result = tm_seal_of_run(store, run->id, &now);
    if (result != 0 || tm_do(store, TM_Q_TRIAL_UNDO, "") != 0 || tm_do(store, TM_Q_TRIAL_END, "") != 0)
        return -1; /* the caller rolls all of it back */
    if (stored == now)
        return 0;
    return tm_store_fail(store,
                         "the stored verdicts of run '%s' are not what its rows say: they were changed, or the file is damaged; "
                         "'tidemark rebuild' judges every night anew",
                         run->key);
}
