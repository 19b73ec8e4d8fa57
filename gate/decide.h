/* What people decide about verdicts: a new level is fine, a regression is tolerated for a while, a plugin is gone. */
#ifndef TM_GATE_DECIDE_H
#define TM_GATE_DECIDE_H

#include "analyze/judge.h"
#include "gate/run.h"

struct tm_decision_wish {
    enum tm_decision_kind kind;
    struct tm_scope scope;           /* project; branch and host where the decision is for them alone */
    const char *plugin;              /* "*": the whole run, of an accepted run-wide shift */
    bool by_glob;                    /* a glob met the plugin: one that is in the newest run has nothing to retire */
    const char *metric;              /* NULL: all that is open; required of a waiver */
    const char *from;                /* accept: key of the new level's first run; NULL: where the regression began */
    double ceiling;                  /* waive: how much above the level before is tolerated, as a share */
    int64_t until;                   /* waive: the last second */
    int64_t begun_from, begun_until; /* accept: only of levels that began in that time; 0: any */
    const char *reason, *issue, *made_by;
    const char *source; /* the line of a file that it is from; NULL: none */
};

enum tm_decision_fault {
    TM_DECIDED,
    TM_DECISION_TROUBLE,     /* the store's message says what */
    TM_DECISION_NO_PLUGIN,   /* of that name in the project */
    TM_DECISION_NOTHING_OPEN /* nothing of the plugin is open in the newest run's verdicts; or a glob met it, and it is not absent
                              */
};

/* Told of each decision made. */
typedef void tm_decision_made(void *context, int64_t number, const char *metric);

/* Inside a transaction: decides, from the newest run of the scope on, that one included: the next gate judges it again. */
enum tm_decision_fault tm_decide(tm_store *store, const struct tm_decision_wish *wish, tm_decision_made *made, void *context);

/* Inside a transaction: takes a decision back. What it changed may lie far back, so the next gate judges all nights anew. 1, 0
 * (there is no such decision in the project) or -1. */
int tm_undo_decision(tm_store *store, const char *project, int64_t number);

#endif
