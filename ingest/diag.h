/* What was wrong in the input: the first errors word by word, then a count; and notices. */
#ifndef TM_INGEST_DIAG_H
#define TM_INGEST_DIAG_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

enum { TM_DIAG_KEPT = 20 };

struct tm_diag {
    char *errors[TM_DIAG_KEPT], *notices[TM_DIAG_KEPT];
    uint64_t n_errors, n_notices;
};

struct tm_place {
    const char *file;
    uint64_t line, column; /* from 1; 0: none */
};

void tm_diag_error(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tm_diag_verror(struct tm_diag *diag, const struct tm_place *place, const char *format, va_list arguments);
void tm_diag_notice(struct tm_diag *diag, const struct tm_place *place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void tm_diag_clear(struct tm_diag *diag);

#endif
