/* tidemark.decisions: decisions in the repository, where people review them. */
#ifndef TM_CLI_DECISION_FILE_H
#define TM_CLI_DECISION_FILE_H

#include "base/arena.h"
#include "cli/command.h"
#include "gate/decide_file.h"

struct tm_decision_file {
    const char *path; /* NULL: there is none, and nobody has named one */
    struct tm_decision_line *lines;
    size_t n;
    struct tm_arena texts;
};

/* "+30%" or 0.3: a share above zero, as a ceiling is one. 0 or -1. */
int tm_read_ceiling(const char *text, double *ceiling);

/* Reads the file that --decisions names, or 'decisions' under [store] in tidemark.ini, or ./tidemark.decisions if it is there. 0,
 * or TM_EXIT_TROUBLE after a message for every line that is wrong. Free in any case. */
int tm_decision_file_read(const struct tm_context *context, struct tm_decision_file *file);
void tm_decision_file_free(struct tm_decision_file *file);

/* A line as it is written; NULL: it has no such part. */
struct tm_decision_words {
    enum tm_decision_kind kind;
    const char *plugin, *metric, *since, *ceiling, *until, *issue, *reason;
};

/* Appends that line, which is then one that can be read. 0, or TM_EXIT_TROUBLE after a message; the file is then as it was. */
int tm_decision_file_append(const char *path, const struct tm_decision_words *words);

/* After the run was judged, inside its transaction: brings the store in step with the file. *changed: the run is to be judged
 * again, *unfinished: and then this to be called once more. 0, or TM_EXIT_TROUBLE after a message. */
int tm_decision_file_follow(const struct tm_context *context, bool *changed, bool *unfinished);

#endif
