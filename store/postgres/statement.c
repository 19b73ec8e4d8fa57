/* Named statements. What a parameter is, the server says when a statement is first run: values are
 * then sent in that type, as bytes. A statement that is run more than once in a transaction is
 * prepared for the rest of it, and no longer: a pooler gives each transaction another session. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/postgres/statement.h"
#include "store/postgres/wire.h"

enum { PARAMETERS = 32 }; /* no statement has as many */

struct statement {
    tm_store *store;
    struct tm_postgres *own;
    enum tm_query query;
    struct tm_value values[PARAMETERS];
    Oid types[PARAMETERS];        /* once known */
    int n_types;                  /* -1: not known yet */
    unsigned ran_in, prepared_in; /* transactions; 0: none */
    PGresult *result;             /* of the run in hand; NULL: it has not run */
    int row;                      /* the next one */
    PGresult *columns;            /* of an ad hoc query, which comes a row at a time, as text; NULL: it is none */
};

static struct statement *native(tm_statement *statement)
{
    return (struct statement *)statement;
}

tm_statement *tm_postgres_prepare(tm_store *store, enum tm_query query)
{
    struct statement *statement = calloc(1, sizeof *statement);
    if (!statement) {
        tm_store_fail(store, "out of memory");
        return NULL;
    }
    statement->store = store;
    statement->own = tm_postgres_of(store);
    statement->query = query;
    statement->n_types = -1;
    return (tm_statement *)statement;
}

void tm_postgres_reset(tm_statement *of)
{
    struct statement *statement = native(of);
    if (statement->result)
        statement->own->pq->PQclear(statement->result);
    statement->result = NULL;
    statement->row = 0;
}

void tm_postgres_clear(tm_statement *of)
{
    tm_postgres_reset(of);
    memset(native(of)->values, 0, sizeof native(of)->values);
}

void tm_postgres_finalize(tm_statement *of)
{
    if (!of)
        return;
    tm_postgres_reset(of);
    if (native(of)->columns)
        native(of)->own->pq->PQclear(native(of)->columns);
    free(of);
}

int tm_postgres_bind(tm_statement *of, int at, const struct tm_value *value)
{
    native(of)->values[at - 1] = *value;
    return 0;
}

/* The name that the statement is prepared under. */
static const char *name_of(const struct statement *statement, char name[16])
{
    snprintf(name, 16, "tm%d", (int)statement->query);
    return name;
}

/* 0 where the result is no failure, and goes on. */
static int check(struct statement *statement, PGresult *result)
{
    ExecStatusType status = statement->own->pq->PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ? 0 : tm_postgres_failed(statement->own, result);
}

static int ask_types(struct statement *statement)
{
    const struct tm_libpq *pq = statement->own->pq;
    PGresult *result = pq->PQprepare(statement->own->db, "", tm_postgres_queries[statement->query], 0, NULL);
    if (check(statement, result) != 0)
        return -1;
    pq->PQclear(result);
    result = pq->PQdescribePrepared(statement->own->db, "");
    if (check(statement, result) != 0)
        return -1;
    statement->n_types = pq->PQnparams(result);
    for (int i = 0; i < statement->n_types && i < PARAMETERS; i++)
        statement->types[i] = pq->PQparamtype(result, i);
    pq->PQclear(result);
    return 0;
}

/* Asks the server what the parameters are: once in the life of a statement. That takes two questions, which a pooler gives to one
 * session in a transaction only. */
static int learn_types(struct statement *statement)
{
    struct tm_postgres *own = statement->own;
    bool alone = own->pq->PQtransactionStatus(own->db) == PQTRANS_IDLE;
    if (alone && tm_postgres_run(own, "BEGIN") != 0)
        return -1;
    int result = ask_types(statement);
    if (alone && (result != 0 || tm_postgres_run(own, "COMMIT") != 0)) {
        struct tm_postgres kept = *own;
        tm_postgres_run(own, "ROLLBACK");
        memcpy(own->state, kept.state, sizeof kept.state); /* the reason is what failed before */
        memcpy(own->message, kept.message, sizeof kept.message);
        return -1;
    }
    return result;
}

/* The values as the server takes them. */
struct sent {
    const char *values[PARAMETERS];
    int lengths[PARAMETERS], formats[PARAMETERS];
    char numbers[PARAMETERS][8];
};

static void send_number(struct sent *sent, int i, uint64_t bits, int size)
{
    tm_wire_put(sent->numbers[i], bits, size);
    sent->values[i] = sent->numbers[i];
    sent->lengths[i] = size;
}

/* In the type of the parameter, whatever the value is in. */
static void send_value(struct sent *sent, int i, Oid type, const struct tm_value *value)
{
    sent->formats[i] = 1;
    if (value->type == TM_NULL)
        return;
    if (value->type == TM_TEXT || value->type == TM_BLOB) {
        sent->values[i] = value->text;
        sent->lengths[i] = (int)(value->type == TM_TEXT ? strlen(value->text) : value->size);
    } else if (type == TM_PG_FLOAT8) {
        uint64_t bits;
        double real = value->type == TM_REAL ? value->real : (double)value->integer;
        memcpy(&bits, &real, sizeof bits);
        send_number(sent, i, bits, 8);
    } else {
        send_number(sent, i, (uint64_t)tm_value_integer(value), type == TM_PG_BOOL ? 1 : type == TM_PG_INT4 ? 4 : 8);
    }
}

/* Prepared from the second time in a transaction on. */
static int prepare_again(struct statement *statement)
{
    char name[16];
    struct tm_postgres *own = statement->own;
    if (statement->prepared_in == own->transaction || !statement->store->in_transaction)
        return 0;
    PGresult *result = own->pq->PQprepare(own->db, name_of(statement, name), tm_postgres_queries[statement->query],
                                          statement->n_types, statement->types);
    if (check(statement, result) != 0)
        return -1;
    own->pq->PQclear(result);
    own->prepared_any = true;
    statement->prepared_in = own->transaction;
    return 0;
}

static PGresult *execute(struct statement *statement)
{
    struct sent sent = {0};
    char name[16];
    struct tm_postgres *own = statement->own;
    for (int i = 0; i < statement->n_types; i++)
        send_value(&sent, i, statement->types[i], &statement->values[i]);
    if (statement->prepared_in == own->transaction && statement->store->in_transaction)
        return own->pq->PQexecPrepared(own->db, name_of(statement, name), statement->n_types, sent.values, sent.lengths,
                                       sent.formats, 1);
    return own->pq->PQexecParams(own->db, tm_postgres_queries[statement->query], statement->n_types, statement->types, sent.values,
                                 sent.lengths, sent.formats, 1);
}

/* Runs it, unless it has run. */
static int run(struct statement *statement)
{
    struct tm_postgres *own = statement->own;
    if (statement->result)
        return 0;
    if (statement->n_types < 0 && learn_types(statement) != 0)
        return -1;
    if (statement->ran_in == own->transaction && prepare_again(statement) != 0)
        return -1;
    statement->ran_in = own->transaction;
    PGresult *result = execute(statement);
    if (check(statement, result) != 0)
        return -1;
    statement->result = result;
    return 0;
}

tm_statement *tm_postgres_ad_hoc(tm_store *store, PGresult *columns)
{
    tm_statement *statement = tm_postgres_prepare(store, 0);
    if (statement)
        native(statement)->columns = columns;
    else
        tm_postgres_of(store)->pq->PQclear(columns);
    return statement;
}

/* The next result of the query: a row, or the end. */
static int take_result(struct statement *statement)
{
    const struct tm_libpq *pq = statement->own->pq;
    tm_postgres_reset((tm_statement *)statement);
    PGresult *result = pq->PQgetResult(statement->own->db);
    ExecStatusType status = pq->PQresultStatus(result);
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK)
        return tm_postgres_failed(statement->own, result);
    statement->result = result;
    return 0;
}

int tm_postgres_ad_hoc_first(tm_statement *of)
{
    return take_result(native(of));
}

/* A result has one row, the last has none. The first is there when the statement is. */
static int step_ad_hoc(struct statement *statement)
{
    const struct tm_libpq *pq = statement->own->pq;
    if (statement->row > 0 && pq->PQntuples(statement->result) > 0 && take_result(statement) != 0)
        return -1;
    statement->row = 1;
    return pq->PQntuples(statement->result) > 0;
}

int tm_postgres_step(tm_statement *of)
{
    struct statement *statement = native(of);
    if (statement->columns)
        return step_ad_hoc(statement);
    if (run(statement) != 0)
        return -1;
    return statement->row++ < statement->own->pq->PQntuples(statement->result);
}

/* Columns are known when it has run; what fails here fails again at the step. */
int tm_postgres_width(tm_statement *of)
{
    struct statement *statement = native(of);
    return run(statement) == 0 ? statement->own->pq->PQnfields(statement->result) : 0;
}

const char *tm_postgres_column(tm_statement *of, int column)
{
    struct statement *statement = native(of);
    const PGresult *named = statement->columns ? statement->columns : run(statement) == 0 ? statement->result : NULL;
    const char *name = named ? statement->own->pq->PQfname(named, column) : NULL;
    return name ? name : "";
}

/* A value that was sent as text, in the type it has. Bytes are "\x..." there, and stay so. */
static int text_value(const char *text, size_t size, Oid type, struct tm_value *value)
{
    if (type == TM_PG_INT8 || type == TM_PG_INT4 || type == TM_PG_INT2)
        *value = (struct tm_value){.type = TM_INTEGER, .integer = strtoll(text, NULL, 10)};
    else if (type == TM_PG_BOOL)
        *value = (struct tm_value){.type = TM_INTEGER, .integer = *text == 't'};
    else if (type == TM_PG_FLOAT8 || type == TM_PG_FLOAT4 || type == TM_PG_NUMERIC)
        *value = (struct tm_value){.type = TM_REAL, .real = strtod(text, NULL)};
    else
        *value = (struct tm_value){.type = TM_TEXT, .text = text, .size = size};
    return 0;
}

int tm_postgres_value(tm_statement *of, int column, struct tm_value *value)
{
    const struct statement *statement = native(of);
    const struct tm_libpq *pq = statement->own->pq;
    int row = statement->row - 1;
    *value = (struct tm_value){.type = TM_NULL};
    if (pq->PQgetisnull(statement->result, row, column))
        return 0;
    const char *bytes = pq->PQgetvalue(statement->result, row, column);
    int size = pq->PQgetlength(statement->result, row, column);
    if (statement->columns)
        return text_value(bytes, (size_t)size, pq->PQftype(statement->result, column), value);
    switch (pq->PQftype(statement->result, column)) {
    case TM_PG_INT8:
        *value = (struct tm_value){.type = TM_INTEGER, .integer = (int64_t)tm_wire_get(bytes, 8)};
        return 0;
    case TM_PG_INT4:
        *value = (struct tm_value){.type = TM_INTEGER, .integer = (int32_t)(uint32_t)tm_wire_get(bytes, 4)};
        return 0;
    case TM_PG_BOOL:
        *value = (struct tm_value){.type = TM_INTEGER, .integer = *bytes != 0};
        return 0;
    case TM_PG_FLOAT8:
        *value = (struct tm_value){.type = TM_REAL, .real = tm_wire_get_real(bytes)};
        return 0;
    case TM_PG_BYTEA:
        *value = (struct tm_value){.type = TM_BLOB, .text = bytes, .size = (size_t)size};
        return 0;
    default: /* texts; no statement of ours gives anything else, which a test sees to */
        *value = (struct tm_value){.type = TM_TEXT, .text = bytes, .size = (size_t)size};
        return 0;
    }
}
