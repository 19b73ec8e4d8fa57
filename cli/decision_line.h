/* One line of a decisions file. */
#ifndef TM_CLI_DECISION_LINE_H
#define TM_CLI_DECISION_LINE_H

#include "base/arena.h"
#include "gate/decide_file.h"

/* "+30%" or 0.3: a share above zero, as a ceiling is one. 0 or -1. */
int tm_read_ceiling(const char *text, double *ceiling);

/* The last second of a time, which of a date is that of its day. 0 or -1. */
int tm_read_last_second(const char *text, int64_t *seconds);

/* Takes the text apart, in place; what *line holds is the arena's. 0, or TM_EXIT_TROUBLE after a message "PATH:NUMBER: ..." for
 * each thing that is wrong. */
int tm_decision_line_read(char *text, const char *path, uint64_t number, struct tm_arena *texts, struct tm_decision_line *line);

/* A line as it is written; NULL: it has no such part. */
struct tm_decision_words {
    enum tm_decision_kind kind;
    const char *plugin, *metric, *since, *ceiling, *until, *issue, *reason;
};

/* To be freed; NULL: no memory. */
char *tm_decision_line_text(const struct tm_decision_words *words);

#endif
