/* The runs of one lineage, brought before the judge one after the other: reading nights, keeping state and verdicts. */
#ifndef TM_GATE_DOCKET_H
#define TM_GATE_DOCKET_H

#include "analyze/judge.h"
#include "store/store.h"

struct tm_run_ref {
    int64_t id, started_at, repeats;
    char *key;
};

struct tm_docket {
    tm_store *store;
    const struct tm_rules *rules;
    int64_t project_id, host_id;
    const char *branch, *base;
    struct tm_decision *decisions;
    size_t n_decisions;
    char **names; /* of plugins, by id */
    size_t n_names;
    struct tm_sample *samples; /* of the night in hand */
    size_t room;
    struct tm_lineage lineage;
};

/* Called after each judged night; not 0 stops. */
typedef int tm_night_seen(void *context, const struct tm_docket *docket, const struct tm_run_ref *run,
                          const struct tm_judgement *judgement);

/* base: the branch a new branch takes its history from. The texts must outlive the docket. 0, or -1 with the store's message. */
int tm_docket_open(struct tm_docket *docket, tm_store *store, const struct tm_rules *rules, int64_t project_id, int64_t host_id,
                   const char *branch, const char *base);
void tm_docket_close(struct tm_docket *docket);

/* Judges the whole lineage up to `until` from nothing, storing nothing. */
int tm_docket_replay(struct tm_docket *docket, int64_t until, tm_night_seen *seen, void *context);

/* Inside a transaction: judges what was not judged yet, up to the newest run, and stores verdicts and state. *judged counts the
 * nights. */
int tm_docket_bring_forward(struct tm_docket *docket, size_t *judged);

/* Judges one run of the lineage once more, passes and all, storing nothing: from the stored state if it is the newest one judged,
 * else by replaying what came before it. */
int tm_docket_judge_again(struct tm_docket *docket, int64_t run, int64_t started_at, struct tm_judgement *judgement);

/* docket_state.c: the lineage's memory in the store. */
struct tm_stored_lineage {
    int64_t id, judged_run, judged_at;
    bool usable; /* state and verdicts stand, up to judged_run */
    bool again;  /* the newest judged run has changed */
};
int tm_docket_load(struct tm_docket *docket, struct tm_stored_lineage *stored);
int tm_docket_save_state(struct tm_docket *docket, const struct tm_stored_lineage *stored);
int tm_docket_save_judged(struct tm_docket *docket, const struct tm_stored_lineage *stored, const struct tm_run_ref *run,
                          const void *state, size_t size);
int tm_docket_save_verdicts(struct tm_docket *docket, const struct tm_judgement *judgement);
size_t tm_docket_state_bytes(const struct tm_docket *docket, unsigned char bytes[64]);

#endif
