/* A query of somebody's, on one store that is opened once. The limits of `tidemark sql` are made smaller, so that a query that
 * keeps within them keeps within a second. */
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "store/sqlite/db.h"
#include "tests/fuzz/fuzz.h"

enum { HEAP_BYTES = 64 << 20, TEMP_BYTES = 16 << 20, VALUE_BYTES = 1 << 20, ROWS_MOST = 10000 };

static const struct tm_sql_limits limits = {.seconds = 0.2, .temp_bytes = TEMP_BYTES};

static tm_store *open_store(void)
{
    tm_store *store;
    const struct tm_scene_store *made = tm_scene_store();
    tm_scene_write("t.db", made->bytes, made->size);
    if (tm_open("t.db", TM_READONLY, &store) != 0)
        abort();
    tm_rows_close(tm_sql(store, "SELECT 1", &limits)); /* which sets the limits that stay */
    sqlite3_limit(tm_sqlite_db(store), SQLITE_LIMIT_LENGTH, VALUE_BYTES);
    return store;
}

static tm_store *opened;

static void close_store(void)
{
    tm_close(opened);
}

void tm_fuzz_sql(const uint8_t *bytes, size_t size)
{
    if (!opened) {
        opened = open_store();
        atexit(close_store);
    }
    sqlite3_hard_heap_limit64(HEAP_BYTES);
    char *query = malloc(size + 1);
    if (!query)
        return;
    if (size > 0)
        memcpy(query, bytes, size);
    query[size] = '\0';
    tm_rows *rows = tm_sql(opened, query, &limits);
    for (int i = 0; rows && i < ROWS_MOST && tm_rows_next(rows) == 1; i++)
        for (int column = 0; column < tm_rows_width(rows); column++)
            (void)strlen(tm_rows_text(rows, column));
    tm_rows_close(rows);
    free(query);
}
