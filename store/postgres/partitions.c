/* The tables cut into partitions by project, as `migrate --partitions N` wants them: what stands in
 * the scripts as a comment behind a table becomes its cut. */
#include "store/postgres/partitions.h"

#include <stdio.h>
#include <string.h>

#include "base/builder.h"

static const char MARK[] = ") /* partitions */;", TABLE[] = "CREATE TABLE ";

/* The name of the table that ends at the mark: of the last one that begins before it. */
static const char *table_before(const char *script, const char *mark, int *size)
{
    const char *last = NULL;
    for (const char *at = script; (at = strstr(at, TABLE)) && at < mark; at++)
        last = at + strlen(TABLE);
    *size = last ? (int)strcspn(last, " (") : 0;
    return last;
}

char *tm_postgres_partitioned(const char *script, int64_t partitions)
{
    struct tm_builder builder;
    FILE *out = tm_build(&builder);
    const char *rest = script, *mark;
    if (!out)
        return NULL;
    while (partitions > 0 && (mark = strstr(rest, MARK))) {
        int size;
        const char *table = table_before(script, mark, &size);
        fprintf(out, "%.*s) PARTITION BY HASH (project_id);\n", (int)(mark - rest), rest);
        for (int64_t i = 0; i < partitions; i++)
            fprintf(out, "CREATE TABLE %.*s_p%lld PARTITION OF %.*s FOR VALUES WITH (MODULUS %lld, REMAINDER %lld);\n", size, table,
                    (long long)i, size, table, (long long)partitions, (long long)i);
        rest = mark + strlen(MARK);
    }
    fputs(rest, out);
    return tm_built(&builder);
}
