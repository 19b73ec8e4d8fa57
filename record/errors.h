/* What went wrong with a plugin: a few distinct kinds, counted. */
#ifndef TM_RECORD_ERRORS_H
#define TM_RECORD_ERRORS_H

#include <stdatomic.h>
#include <stdbool.h>

#include "record/tidemark_record.h"

enum { TM_ERROR_TYPE = 64, TM_ERROR_MESSAGE = 161 }; /* bytes, with the NUL; tidemark_record.h promises 63 and 160 */

struct tm_error_kind {
    int64_t count;
    char type[TM_ERROR_TYPE], message[TM_ERROR_MESSAGE];
};

struct tm_errors {
    atomic_flag busy;
    _Atomic bool any;
    size_t n;
    struct tm_error_kind kinds[TM_REC_ERRORS_KEPT];
    _Atomic int64_t others;
};

/* Texts as they are kept: cut between characters, what may not be shown as '?'. NULL is "". */
void tm_error_text(char *kept, size_t size, const char *text);

/* Adds to a kind that is known or finds room, else to the others; also to them if another thread is at it. */
void tm_errors_add(struct tm_errors *errors, const struct tm_error_kind *kind);

/* Is there anything to read? */
bool tm_errors_any(struct tm_errors *errors);

/* All of it, into an empty one. take: errors is empty then. */
void tm_errors_read(struct tm_errors *errors, bool take, struct tm_errors *copy);

/* Adds what was taken to what came since then; of kinds that find no room, only the number. */
void tm_errors_give_back(struct tm_errors *errors, const struct tm_errors *taken);
void tm_errors_forget(struct tm_errors *errors); /* nobody else is at it */

#endif
