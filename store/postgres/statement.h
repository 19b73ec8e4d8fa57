/* Ad hoc statements, which sql.c begins: their rows come one by one, as text. */
#ifndef TM_STORE_POSTGRES_STATEMENT_H
#define TM_STORE_POSTGRES_STATEMENT_H

#include "store/postgres/db.h"

/* `columns` says what they are called, whatever the server sends them as; it is taken in any case. NULL with the message: no
 * memory. */
tm_statement *tm_postgres_ad_hoc(tm_store *store, PGresult *columns);

/* Waits for the first row of the query that was sent. 0, or -1 with the reason kept. */
int tm_postgres_ad_hoc_first(tm_statement *statement);

#endif
