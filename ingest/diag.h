/* What was wrong in the input: the first errors word by word, then a count; and notices. */
#ifndef TM_INGEST_DIAG_H
#define TM_INGEST_DIAG_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TM_DIAG_KEPT = 20 }; /* a screenful: more of the same fault teaches nobody */

/* All zero: nothing noted. A text may be NULL where memory was short, and `lost` is set then; the counts are right in any case. */
struct tm_diag {
    char *errors[TM_DIAG_KEPT], *notices[TM_DIAG_KEPT];
    uint64_t n_errors, n_notices;
    bool lost;
};

struct tm_place {
    const char *file;
    uint64_t line, column; /* from 1; 0: none */
};

/* Notes a fault, which keeps the input from being stored; the text is printf's. Text of the input must have been made safe
 * (tm_shown). */
void tm_diag_error(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tm_diag_verror(struct tm_diag *diag, const struct tm_place *place, const char *format, va_list arguments);

/* Notes what people should know and what hinders nothing. */
void tm_diag_notice(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Frees the texts; nothing is noted then. */
void tm_diag_clear(struct tm_diag *diag);

#endif
