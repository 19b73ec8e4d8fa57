/* Values of rows on their way into facts: one that is not fit to be told is a failure, never left out. 0, or -1 with the message in
 * the handle. */
#ifndef TM_STORE_FACT_VALUES_H
#define TM_STORE_FACT_VALUES_H

#include "store/store.h"

/* NULL for NULL; valid until the next row. */
int tm_fact_text(tm_store *store, const tm_rows *rows, const char *column, const char **text);
/* NAN for NULL. */
int tm_fact_real(tm_store *store, const tm_rows *rows, const char *column, double *real);

/* TM_UNKNOWN for NULL. What cannot be read fails the reading of the rows (store.h). */
int64_t tm_fact_count(const tm_rows *rows, const char *column);
int64_t tm_fact_time(const tm_rows *rows, const char *column);

/* Says what is damaged. Always -1. */
int tm_fact_damaged(tm_store *store, const char *what);

#endif
