/* tidemark.decisions: decisions in the repository, where people review them. */
#ifndef TM_CLI_DECISION_FILE_H
#define TM_CLI_DECISION_FILE_H

#include "base/hash.h"
#include "cli/command.h"
#include "cli/decision_line.h"

struct tm_decision_file {
    const char *path; /* NULL: there is none, and nobody has named one */
    struct tm_decision_line *lines;
    size_t n;
    struct tm_hash by_id; /* items: places in lines, from 1 */
    struct tm_arena texts;
};

/* Reads the file that --decisions names, or 'decisions' under [store] in tidemark.ini, or ./tidemark.decisions if it is there. 0,
 * or TM_EXIT_TROUBLE after a message for every line that is wrong. Free in any case. */
int tm_decision_file_read(const struct tm_context *context, struct tm_decision_file *file);
void tm_decision_file_free(struct tm_decision_file *file);

/* Appends these lines, all or none, each of which can be read then. 0, or TM_EXIT_TROUBLE after a message. */
int tm_decision_file_append(const char *path, const struct tm_decision_words *words, size_t n);

/* After the run of that key (NULL: the newest) was judged, inside its transaction: brings the store in step with the file, and has
 * the run judged again where that changes what is decided. 0, or TM_EXIT_TROUBLE after a message. */
int tm_decision_file_follow(struct tm_context *context, const struct tm_decision_file *file, const char *key);

#endif
