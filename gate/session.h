/* The judge's session: the runs of one lineage (a project's, on one host and branch), brought before the judge one after the other.
 * Here store and analyze meet: nights are read, what the judge remembers and says is kept, decisions are applied.
 *
 * Functions return 0, or -1 with the store's message. */
#ifndef TM_GATE_SESSION_H
#define TM_GATE_SESSION_H

#include "analyze/judge.h"
#include "analyze/memory.h"
#include "base/arena.h"
#include "base/hash.h"
#include "store/store.h"

struct tm_run_ref {
    int64_t id, started_at;
    bool repeated;   /* other runs confirm it and are judged with it */
    bool fine_clock; /* see struct tm_night */
    const char *key, *commit;
};

/* Told while many nights are judged: done is the one in hand, from 1 to `of`. */
typedef void tm_judging_progress(void *context, size_t done, size_t of);

/* Of a run that has just been judged: verdicts that are not stored and say something all the same, passes that have a reason. Their
 * `plugin` is NULL. Free with tm_noted_free. */
struct tm_noted {
    int64_t run_id; /* 0: none has been judged */
    struct tm_verdict *verdicts;
    size_t n;
};

struct tm_session {
    tm_store *store;
    const struct tm_rules *rules;
    int64_t project_id, host_id;
    const char *branch, *base;
    struct tm_decision *decisions;
    size_t n_decisions;
    bool undecided;            /* judge as if there were none */
    size_t threads;            /* that judge; 0: as many as there are processors */
    struct tm_arena texts;     /* names of plugins, texts of decisions */
    struct tm_hash names;      /* of the project's plugins, by id */
    struct tm_hash places;     /* among the rules' metrics, by the store's id, of those that were met: position + 1 */
    struct tm_sample *samples; /* of the night in hand */
    size_t samples_room;
    double *values; /* of the samples, by sample and metric */
    size_t values_room;
    struct tm_repeats *repeats; /* one a sample, where that night was measured more than once */
    size_t repeats_room;
    struct tm_repeated *repeated; /* of the repeats, by sample and metric */
    size_t repeated_room;
    struct tm_lineage lineage;
    const char
        *settings; /* what the rules were made from (struct tm_settings, given), kept beside the memory; NULL: the defaults */
    tm_judging_progress *progress; /* NULL: nobody watches */
    void *progress_context;
    struct tm_noted *noted;         /* of the newest run; NULL: nobody asks */
    struct tm_nights_ahead *nights; /* what tm_session_look_ahead judged; freed with tm_session_drop_ahead */
};

/* Called after each judged night: 0 to go on, 1 to stop there, -1 to fail. */
typedef int tm_night_seen(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                          const struct tm_judgement *judgement);

/* base: the branch a new branch takes its history from. Rules and texts must outlive the session. Close it in any case. */
int tm_session_open(struct tm_session *session, tm_store *store, const struct tm_rules *rules, int64_t project_id, int64_t host_id,
                    const char *branch, const char *base);
void tm_session_close(struct tm_session *session);

/* Is it a branch whose runs are judged each by itself, against its base as it is then? */
bool tm_session_judges_alone(const struct tm_session *session);

/* The name of a plugin of the project; NULL: it is none, as only a damaged store can hold in its runs. */
const char *tm_session_plugin(const struct tm_session *session, int64_t id);

/* ---- noted.c ---- */

/* Takes what the judgement notes, if somebody asks. 0, or -1 with the store's message. */
int tm_session_note(struct tm_session *session, const struct tm_judgement *judgement);
void tm_noted_free(struct tm_noted *noted);

/* ---- judging.c ---- */

/* Judges the whole lineage up to the time `until` from nothing, storing nothing. 0, what `seen` has stopped it with, or -1. */
int tm_session_replay(struct tm_session *session, int64_t until, tm_night_seen *seen, void *context);

/* Inside a transaction: judges what was not judged yet, up to the newest run, and stores verdicts and memory. *judged counts the
 * nights. */
int tm_session_bring_forward(struct tm_session *session, size_t *judged);

/* What tm_session_look_ahead is for. */
enum tm_looking {
    TM_LOOK_UNJUDGED, /* a lineage without verdicts that stand */
    TM_LOOK_STALE,    /* the same, where there once were some */
    TM_LOOK_ALL,      /* any: what stands is to be dropped */
};

/* Outside of transactions, changing nothing: judges a lineage that is to be judged from nothing, all nights but the newest, for
 * tm_session_bring_forward to store. That may be used only if nobody has changed the store meanwhile. -1: as with any reading that
 * others write beneath, there may be nothing wrong. */
int tm_session_look_ahead(struct tm_session *session, enum tm_looking looking);
void tm_session_drop_ahead(struct tm_session *session);

/* Judges one run of the lineage once more, passes and all, storing nothing: from the stored memory if it is the newest one judged,
 * else by replaying what came before it. The session's lineage is that of after the run. */
int tm_session_judge_again(struct tm_session *session, int64_t run, int64_t started_at, struct tm_judgement *judgement);

/* night.c: reads what each plugin did in the run, repeats pooled; the samples are the session's until the next call. */
int tm_session_read_night(struct tm_session *session, const char *branch, const struct tm_run_ref *run, struct tm_night *night);

/* session_memory.c: the lineage's memory in the store, as it was before the newest judged run, so that this one can be judged
 * again. */
struct tm_stored_lineage {
    int64_t id, judged_run;
    bool usable;               /* memory and verdicts stand, up to judged_run */
    bool again;                /* the newest judged run has changed */
    int64_t seal;              /* of the memory; 0: none, a version before seals wrote it */
    uint64_t others;           /* the seals of series that are stored and not judged, summed up */
    uint64_t series;           /* those of all series, as they are stored */
    struct tm_commons commons; /* of the series' memory; free with tm_commons_free */
};

/* Do verdicts stand for that run, by the session's settings? 1, 0 or -1. Changes nothing. */
int tm_session_has_judged(struct tm_session *session, int64_t run, int64_t started_at);

/* Reads the memory into the session's lineage; what does not stand (other settings, an older form, damage) is dropped, and the
 * lineage is empty then. First the lineage's own part, which says how far it was judged; then, where that is not all, its series.
 */
int tm_session_find(struct tm_session *session, struct tm_stored_lineage *stored);
/* Is a lineage stored, and does its memory stand? 1, 0 (no lineage) or -1. Changes nothing, not even the session. */
int tm_session_peek(struct tm_session *session, struct tm_stored_lineage *stored);
int tm_session_load_series(struct tm_session *session, struct tm_stored_lineage *stored);
/* Stores beside the memory with which settings it was made. */
int tm_session_save_settings(struct tm_session *session, const struct tm_stored_lineage *stored);
/* Stores the memory as it stands now. The lineage's own part goes into *bytes, for tm_session_save_judged; free it with
 * tm_bytes_free. */
struct tm_bytes;
int tm_session_save_memory(struct tm_session *session, struct tm_stored_lineage *stored, struct tm_bytes *bytes);

/* After the run was judged: it is the newest one judged, on the memory of before it. */
int tm_session_save_judged(struct tm_session *session, const struct tm_stored_lineage *stored, const struct tm_run_ref *run,
                           const struct tm_bytes *bytes);

#endif
