/* The gate shows more than the store holds: who passes for the floor alone, and whom repeats have cleared.
 * To judge the run once more for these few is as dear as the gate itself; so they are noted while it is
 * judged. */
#include <stdlib.h>

#include "base/array.h"
#include "gate/session.h"

static bool is_noted(const struct tm_verdict *verdict)
{
    return verdict->class == TM_PASS && verdict->why;
}

int tm_session_note(struct tm_session *session, const struct tm_judgement *judgement)
{
    struct tm_noted *noted = session->noted;
    if (!noted)
        return 0;
    tm_noted_free(noted);
    for (size_t i = 0; i < judgement->n_verdicts; i++) {
        if (!is_noted(&judgement->verdicts[i]))
            continue;
        struct tm_verdict *verdict = tm_array_add(&noted->verdicts, &noted->n, sizeof *verdict);
        if (!verdict)
            return tm_store_fail(session->store, "out of memory");
        *verdict = judgement->verdicts[i];
        verdict->plugin = NULL; /* its name goes with the session */
    }
    noted->run_id = judgement->run_id;
    return 0;
}

void tm_noted_free(struct tm_noted *noted)
{
    free(noted->verdicts);
    *noted = (struct tm_noted){0};
}
