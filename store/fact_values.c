/* Half of a store must not pass for the whole: what no dump could hold, or what would come back as another value, stops it. */
#include "store/fact_values.h"

#include <math.h>

#include "base/text.h"
#include "store/handle.h"

int tm_fact_damaged(tm_store *store, const char *what)
{
    return tm_store_fail(store, "'%s' is damaged: %s ('tidemark check' says more)", store->path, what);
}

int tm_fact_text(tm_store *store, const tm_rows *rows, const char *column, const char **text)
{
    struct tm_value value = tm_row_value(rows, column);
    *text = value.type == TM_TEXT ? value.text : NULL;
    return !*text || tm_is_text(*text, value.size) ? 0 : tm_fact_damaged(store, "a text is no UTF-8, or holds a NUL");
}

int tm_fact_real(tm_store *store, const tm_rows *rows, const char *column, double *real)
{
    *real = tm_row_real(rows, column);
    return isinf(*real) ? tm_fact_damaged(store, "a number is infinite") : 0;
}

int64_t tm_fact_count(const tm_rows *rows, const char *column)
{
    return tm_row_value(rows, column).type == TM_NULL ? TM_UNKNOWN : tm_row_integer(rows, column);
}

int64_t tm_fact_time(const tm_rows *rows, const char *column)
{
    return tm_row_value(rows, column).type == TM_NULL ? TM_UNKNOWN : tm_row_time(rows, column);
}
