/* A run's profiles by COPY in its binary form: a row is its number of fields, each with its size
 * before it. */
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "schema/fields.h"
#include "schema/id.h"
#include "store/postgres/db.h"
#include "store/postgres/wire.h"

/* Bytes on their way; sent from time to time. */
struct copy {
    struct tm_postgres *own;
    char bytes[1 << 16];
    size_t used;
    bool failed;
};

enum { ROW_MOST = 2 + 12 * TM_FIELDS_MAX }; /* bytes of a row whose fields are all numbers */

static void send(struct copy *copy)
{
    if (copy->used > 0 && !copy->failed && copy->own->pq->PQputCopyData(copy->own->db, copy->bytes, (int)copy->used) != 1)
        copy->failed = true;
    copy->used = 0;
}

static void put(struct copy *copy, uint64_t value, int size)
{
    tm_wire_put(copy->bytes + copy->used, value, size);
    copy->used += (size_t)size;
}

static void put_integer(struct copy *copy, int64_t value)
{
    put(copy, 8, 4);
    put(copy, (uint64_t)value, 8);
}

static void put_real(struct copy *copy, double value)
{
    put(copy, 8, 4);
    tm_wire_put_real(copy->bytes + copy->used, value);
    copy->used += 8;
}

static void put_field(struct copy *copy, const struct tm_field *field, const struct tm_profile *profile)
{
    if (!tm_field_known(field, profile))
        put(copy, UINT32_MAX, 4); /* a size of -1: NULL */
    else if (field->type == TM_FIELD_COUNT)
        put_integer(copy, tm_field_count(field, profile));
    else
        put_real(copy, tm_field_real(field, profile));
}

/* The columns of the table profile: ids, then the fields that are no recorder's, in their order. */
static void put_row(struct copy *copy, int64_t run_id, const struct tm_batch_row *row, int n_fields)
{
    if (copy->used + ROW_MOST > sizeof copy->bytes)
        send(copy);
    put(copy, (uint64_t)n_fields + 3, 2);
    put_integer(copy, run_id >> TM_ID_BITS);
    put_integer(copy, run_id);
    put_integer(copy, row->plugin_id);
    for (size_t i = 0; i < tm_n_fields; i++)
        if (!tm_fields[i].recorder)
            put_field(copy, &tm_fields[i], row->profile);
}

static int begin_copy(struct tm_postgres *own)
{
    PGresult *result = own->pq->PQexec(own->db, "COPY profile FROM STDIN (FORMAT binary)");
    if (own->pq->PQresultStatus(result) != PGRES_COPY_IN)
        return tm_postgres_failed(own, result);
    own->pq->PQclear(result);
    return 0;
}

/* Reads what the server says of it, to the last result. */
static int end_copy(struct copy *copy)
{
    struct tm_postgres *own = copy->own;
    int result = copy->failed || own->pq->PQputCopyEnd(own->db, NULL) != 1 ? tm_postgres_failed(own, NULL) : 0;
    PGresult *said;
    while ((said = own->pq->PQgetResult(own->db))) {
        if (result == 0 && own->pq->PQresultStatus(said) != PGRES_COMMAND_OK)
            result = tm_postgres_failed(own, said);
        else
            own->pq->PQclear(said);
    }
    return result;
}

int tm_postgres_add_profiles(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n)
{
    static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0"; /* its last NUL is the literal's */
    struct copy *copy = malloc(sizeof *copy);
    int n_fields = 0;
    if (!copy)
        return tm_store_fail(store, "out of memory");
    copy->own = tm_postgres_of(store), copy->used = 0, copy->failed = false;
    for (size_t i = 0; i < tm_n_fields; i++)
        n_fields += !tm_fields[i].recorder;
    int result = begin_copy(copy->own);
    if (result == 0) {
        memcpy(copy->bytes, head, 19);
        copy->used = 19;
        for (size_t i = 0; i < n; i++)
            put_row(copy, run_id, &rows[i], n_fields);
        put(copy, UINT16_MAX, 2); /* the end */
        send(copy);
        result = end_copy(copy);
    }
    free(copy);
    return result == 0 ? 0 : tm_postgres_error(store, "write");
}
