/* The named statements of PostgreSQL beside those of SQLite: as many parameters, the same columns. tests/shell/test_postgres.sh
 * runs it with a server, at the address TM_POSTGRES_STORE. */
#include "tests/unit/fixture.h"

#ifdef TM_POSTGRES
#include "store/postgres/db.h"
#include "store/postgres/wire.h"

/* The numbers that PostgreSQL counts or the columns that it has no need of: by name, and why. */
static const struct {
    const char *query, *why;
} differ[] = {
    {"profiles_add", "rows come by COPY"},
    {"run_next_id", "no number is free to all projects"},
};

static bool may_differ(const char *query)
{
    for (size_t i = 0; i < sizeof differ / sizeof *differ; i++)
        if (strcmp(differ[i].query, query) == 0)
            return true;
    return false;
}

/* The highest number behind the mark of a parameter. */
static int parameters(const char *sql, char mark)
{
    long highest = 0;
    for (const char *at = strchr(sql, mark); at; at = strchr(at + 1, mark)) {
        long number = strtol(at + 1, NULL, 10);
        highest = number > highest ? number : highest;
    }
    return (int)highest;
}

/* What tm_postgres_value can read. */
static bool is_known(Oid type)
{
    return type == TM_PG_INT8 || type == TM_PG_INT4 || type == TM_PG_BOOL || type == TM_PG_FLOAT8 || type == TM_PG_BYTEA ||
           type == TM_PG_TEXT;
}

static PGresult *describe(struct tm_postgres *own, int query)
{
    PGresult *result = own->pq->PQprepare(own->db, "", tm_postgres_queries[query], 0, NULL);
    if (own->pq->PQresultStatus(result) == PGRES_COMMAND_OK) {
        own->pq->PQclear(result);
        result = own->pq->PQdescribePrepared(own->db, "");
    }
    return result;
}

/* The differences found, told on standard error. */
static int compare(tm_store *sqlite, tm_store *postgres, int query)
{
    struct tm_postgres *own = tm_postgres_of(postgres);
    const char *name = tm_queries[query].name;
    PGresult *there = describe(own, query);
    tm_statement *here = sqlite->engine->prepare(sqlite, (enum tm_query)query);
    int faults = 0, width = here ? sqlite->engine->width(here) : -1;
    /* SELECT *: every table has the project before its own columns. */
    int before = own->pq->PQnfields(there) == width + 1 && strcmp(own->pq->PQfname(there, 0), "project_id") == 0;
    if (!here)
        fail_msg("%s: %s", name, (sqlite->engine->error(sqlite, "prepare"), tm_error(sqlite)));
    if (own->pq->PQresultStatus(there) != PGRES_COMMAND_OK)
        faults += fprintf(stderr, "%s: %s\n", name, own->pq->PQerrorMessage(own->db)) > 0;
    else if (own->pq->PQnfields(there) != width + before || own->pq->PQnparams(there) != parameters(tm_queries[query].sql, '?'))
        faults += fprintf(stderr, "%s: %d columns of %d parameters, not %d of %d\n", name, own->pq->PQnfields(there),
                          own->pq->PQnparams(there), width, parameters(tm_queries[query].sql, '?')) > 0;
    for (int i = 0; faults == 0 && i < width; i++) {
        const char *column = sqlite->engine->column(here, i);
        /* What has no name there is read by its place. */
        if (strspn(column, "abcdefghijklmnopqrstuvwxyz_0123456789") == strlen(column) && strcmp(column, "1") != 0 &&
            strcmp(column, own->pq->PQfname(there, before + i)) != 0)
            faults +=
                fprintf(stderr, "%s: column %d is '%s', not '%s'\n", name, i, own->pq->PQfname(there, before + i), column) > 0;
        if (!is_known(own->pq->PQftype(there, before + i)))
            faults += fprintf(stderr, "%s: column '%s' is of type %u\n", name, column, own->pq->PQftype(there, before + i)) > 0;
    }
    own->pq->PQclear(there);
    sqlite->engine->finalize(here);
    return may_differ(name) ? 0 : faults;
}

static void statements_are_the_same(void **state)
{
    const char *address = getenv("TM_POSTGRES_STORE");
    tm_store *sqlite, *postgres;
    (void)state;
    if (!address)
        skip();
    sqlite = open_store("statements.db", TM_CREATE);
    with_views(sqlite);
    if (tm_open(address, TM_CREATE, &postgres) != 0)
        fail_msg("%s", tm_error(postgres));
    int faults = 0;
    for (int i = 0; i < TM_Q_COUNT; i++)
        faults += compare(sqlite, postgres, i);
    assert_int_equal(faults, 0);
    tm_close(postgres);
    tm_close(sqlite);
}
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
#ifdef TM_POSTGRES
        cmocka_unit_test(statements_are_the_same),
#endif
    };
    if (!getenv("TM_POSTGRES_STORE")) {
        puts("ok postgres statements # skipped: test_postgres.sh runs it with a server");
        return 0;
    }
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
