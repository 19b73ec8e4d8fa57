/* Decisions that people review: lines of a file in the repository. The store has them as decisions of its own, with the line they
 * came from; a gate brings both in step. */
#ifndef TM_GATE_DECIDE_FILE_H
#define TM_GATE_DECIDE_FILE_H

#include "gate/decide.h"

enum { TM_LINE_ID = 17 }; /* 64 bits in hexadecimal */

struct tm_decision_line {
    uint64_t number; /* of the line, from 1 */
    enum tm_decision_kind kind;
    const char *plugin; /* a name or a glob */
    const char *metric; /* NULL: all that is open */
    const char *since;  /* accept: a run, a commit or a date */
    int64_t since_at;   /* the first second, where it is a date; else TM_UNKNOWN */
    double ceiling;     /* waive */
    int64_t until;      /* waive: the last second; accept: of levels that begin no later, TM_UNKNOWN: than 30 days after since */
    const char *reason, *issue;
    char id[TM_LINE_ID]; /* of all it says, wherever it stands in the file */
};

/* What came of it. */
struct tm_lines_told {
    size_t added, removed;  /* decisions of the store */
    size_t waiting;         /* lines that have no decision: what they are about is not open, or not there */
    uint64_t first_waiting; /* the number of such a line */
};

/* Inside a transaction, after the run was judged, which is the newest of its lineage: decisions of that branch that came from the
 * file, and stand there no more, are taken back, which changes what is open: then nothing else is done, and the run is to be judged
 * and this to be called once more. Lines that are new to the branch are decided. 0, or -1 with the store's message. */
int tm_decide_lines(tm_store *store, const struct tm_scope *scope, const struct tm_judged_run *run,
                    const struct tm_decision_line *lines, size_t n, struct tm_lines_told *told);

#endif
