/* Holding stored verdicts against the rows they came from. Whoever can write the file can delete a
 * verdict, and a disk can turn a bit: the gate would pass on that. So the newest run is judged again
 * at every gate, its verdicts are stored on trial, and both are compared column by column; then the
 * trial is undone, and every row stays as it was. */
#include "gate/told.h"

#include <string.h>

#include "gate/verdict_row.h"

/* FNV-1a, 64 bits: within one process, against damage and not against somebody who can compute it
 * too, for he would have to make the rows say the same. */
static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3u;
    return hash;
}

static uint64_t mix_value(uint64_t hash, const struct tm_value *value)
{
    hash = mix(hash, &value->type, sizeof value->type);
    if (value->type == TM_INTEGER)
        return mix(hash, &value->integer, sizeof value->integer);
    if (value->type == TM_REAL)
        return mix(hash, &value->real, sizeof value->real);
    return value->type == TM_NULL ? hash : mix(mix(hash, value->text, value->size), &value->size, sizeof value->size);
}

/* Of every row of every table that a judgement fills. */
static int read_told(tm_store *store, int64_t run, uint64_t *hash)
{
    static const enum tm_query told[] = {TM_Q_TOLD_JUDGEMENT, TM_Q_TOLD_VERDICTS, TM_Q_TOLD_FACTORS, TM_Q_TOLD_ENDS};
    *hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++) {
        tm_rows *rows = tm_ask(store, told[i], "i", run);
        int step = -1;
        while (rows && (step = tm_rows_next(rows)) == 1)
            for (int column = 0; column < tm_rows_width(rows); column++) {
                struct tm_value value = tm_rows_value(rows, column);
                *hash = mix_value(*hash, &value);
            }
        if (tm_rows_close(rows) != 0 || step < 0)
            return -1;
        *hash = mix(*hash, &i, sizeof i);
    }
    return 0;
}

int tm_told_verify(struct tm_session *session, const struct tm_run_ref *run, const struct tm_judgement *judgement)
{
    tm_store *store = session->store;
    uint64_t stored, now;
    if (read_told(store, run->id, &stored) != 0 || tm_do(store, TM_Q_TRIAL_BEGIN, "") != 0)
        return -1;
    int result = tm_verdicts_store(store, session->rules, judgement);
    if (result == 0)
        result = read_told(store, run->id, &now);
    if (result != 0 || tm_do(store, TM_Q_TRIAL_UNDO, "") != 0 || tm_do(store, TM_Q_TRIAL_END, "") != 0)
        return -1; /* the caller rolls all of it back */
    if (stored == now)
        return 0;
    return tm_store_fail(store,
                         "the stored verdicts of run '%s' are not what its rows say: they were changed, or the file is damaged; "
                         "'tidemark rebuild' judges every night anew",
                         run->key);
}
