/* Check values over what is derived. A disk can turn a bit, and whoever can write the file can take out a verdict; who then reads
 * an old run would believe what is left. No protection against somebody who computes the value as well: there is no secret here.
 *
 * A run's is of all that its judgement left; the memory's are of each series and, in the lineage's row, of the whole. They are
 * FNV-1a, 64 bits: each step is a bijection, so a turned bit always shows. Stores hold them, and machines of both byte orders share
 * a store: numbers enter byte by byte, the lowest first. Columns enter with their names, and not where they are NULL, so that a
 * column that a later version adds changes nothing. */
#include <stdio.h>
#include <string.h>

#include "store/handle.h"

#define PRIME UINT64_C(0x100000001b3) /* FNV's */

static uint64_t mix(uint64_t hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * PRIME;
    return hash;
}

/* Most numbers are small: the bytes of 0 at their end change nothing but by the prime, and are one
 * multiplication. */
static uint64_t mix_number(uint64_t hash, uint64_t number)
{
#define SQUARE(x) ((x) * (x))
    static const uint64_t zeros[] = {1,
                                     PRIME,
                                     SQUARE(PRIME),
                                     SQUARE(PRIME) * PRIME,
                                     SQUARE(SQUARE(PRIME)),
                                     SQUARE(SQUARE(PRIME)) * PRIME,
                                     SQUARE(SQUARE(PRIME)) * SQUARE(PRIME),
                                     SQUARE(SQUARE(PRIME)) * SQUARE(PRIME) * PRIME,
                                     SQUARE(SQUARE(SQUARE(PRIME)))};
#undef SQUARE
    int left = 8;
    for (; number; number >>= 8, left--)
        hash = (hash ^ (number & 0xff)) * PRIME;
    return hash * zeros[left];
}

enum { COLUMNS_MOST = 64 }; /* twice as many as the widest of these tables has */

/* What the columns of the rows are called, asked once for all of them. */
struct columns {
    int n, seal; /* seal: the table's own, which is not mixed; -1: it has none */
    const char *names[COLUMNS_MOST];
    size_t sizes[COLUMNS_MOST];
};

static void find_columns(struct columns *columns, const tm_rows *rows)
{
    columns->n = tm_rows_width(rows);
    columns->seal = -1;
    for (int i = 0; i < columns->n; i++) {
        columns->names[i] = tm_rows_name(rows, i);
        columns->sizes[i] = strlen(columns->names[i]);
        if (strcmp(columns->names[i], "seal") == 0)
            columns->seal = i;
    }
}

static uint64_t mix_value(uint64_t hash, const struct columns *columns, int column, const struct tm_value *value)
{
    uint64_t bits = (uint64_t)value->integer;
    if (value->type == TM_NULL || column == columns->seal)
        return hash;
    hash = mix_number(mix(hash, columns->names[column], columns->sizes[column]), value->type);
    if (value->type == TM_REAL)
        memcpy(&bits, &value->real, sizeof bits);
    if (value->type == TM_REAL || value->type == TM_INTEGER)
        return mix_number(hash, bits);
    return mix_number(mix(hash, value->text, value->size), value->size);
}

/* Also what the table's seal column holds, where it has one: *stored, 0 where it is NULL. */
static int mix_rows(tm_store *store, enum tm_query query, int64_t run, uint64_t *hash, int64_t *stored)
{
    tm_rows *rows = tm_ask(store, query, "i", run);
    struct columns columns = {0};
    int step = -1;
    if (rows && tm_rows_width(rows) > COLUMNS_MOST) {
        tm_rows_close(rows);
        return tm_store_fail(store, "a table of verdicts has more than %d columns: the store is damaged", COLUMNS_MOST);
    }
    while (rows && (step = tm_rows_next(rows)) == 1) {
        if (columns.n == 0) /* a first step may have the statement prepared anew, names and all */
            find_columns(&columns, rows);
        for (int i = 0; i < columns.n; i++) {
            struct tm_value value = tm_rows_any_value(rows, i); /* a run of many young plugins lists millions of bytes */
            *hash = mix_value(*hash, &columns, i, &value);
            if (i == columns.seal)
                *stored = tm_value_integer(&value);
        }
        *hash = mix_number(*hash, query == TM_Q_TOLD_JUDGEMENT ? 1 : 2); /* the end of a row */
    }
    /* And of a table; not of one without rows that older versions have not. */
    if (columns.n > 0 || query != TM_Q_TOLD_UNJUDGED)
        *hash = mix_number(*hash, 3);
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : 0;
}

static const uint64_t START = 0xcbf29ce484222325u; /* FNV's */

/* 0 stands for NULL. */
static int64_t as_seal(uint64_t hash)
{
    return hash ? (int64_t)hash : 1;
}

static int read_run(tm_store *store, int64_t run, int64_t *seal, int64_t *stored)
{
    static const enum tm_query told[] = {TM_Q_TOLD_JUDGEMENT, TM_Q_TOLD_VERDICTS, TM_Q_TOLD_FACTORS, TM_Q_TOLD_ENDS,
                                         TM_Q_TOLD_UNJUDGED};
    uint64_t hash = START;
    *stored = 0;
    for (size_t i = 0; i < sizeof told / sizeof *told; i++)
        if (mix_rows(store, told[i], run, &hash, stored) != 0)
            return -1;
    *seal = as_seal(hash);
    return 0;
}

int tm_seal_of_run(tm_store *store, int64_t run, int64_t *seal)
{
    int64_t stored;
    return read_run(store, run, seal, &stored);
}

int tm_seal_run(tm_store *store, int64_t run)
{
    int64_t seal;
    return tm_seal_of_run(store, run, &seal) != 0 ? -1 : tm_do(store, TM_Q_JUDGEMENT_SEAL, "ii", run, seal);
}

int tm_seal_holds(tm_store *store, int64_t run)
{
    int64_t seal, stored;
    if (read_run(store, run, &seal, &stored) != 0)
        return -1;
    return stored == 0 || stored == seal;
}

/* One at a time, from the first without: a list would be of rows that change meanwhile. */
int tm_seal_lineage(tm_store *store, int64_t project, int64_t host, const char *branch)
{
    int64_t run = 0;
    int found;
    while ((found = tm_get(store, &run, TM_Q_JUDGEMENT_UNSEALED, "iiti", project, host, branch, run)) == 1)
        if (tm_seal_run(store, run) != 0)
            return -1;
    return found;
}

/* ---- the judge's memory ---- */

int64_t tm_seal_of_series(int64_t plugin, const char *metric, const void *state, size_t size)
{
    uint64_t hash = mix_number(mix(START, metric, strlen(metric)), (uint64_t)plugin);
    return as_seal(mix_number(mix(hash, state, size), size));
}

int64_t tm_seal_of_lineage(const void *state, size_t size, uint64_t series)
{
    return as_seal(mix_number(mix_number(mix(START, state, size), size), series));
}

/* The sum of the series' seals, whatever their order, as session_memory.c makes it. */
static int check_series(tm_store *store, int64_t lineage, uint64_t *sum, bool *sound)
{
    tm_rows *rows = tm_ask(store, TM_Q_SERIES_OF, "i", lineage);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        struct tm_value state = tm_row_value(rows, "state");
        int64_t stored = tm_row_integer(rows, "seal"), plugin = tm_row_integer(rows, "plugin_id");
        *sum += (uint64_t)stored;
        *sound =
            *sound && (stored == 0 || stored == tm_seal_of_series(plugin, tm_row_text(rows, "metric"), state.text, state.size));
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

/* Whether all of the lineage's memory is what was written. 1, 0 or -1. */
static int memory_holds(tm_store *store, int64_t lineage)
{
    uint64_t sum = 0;
    bool sound = true;
    if (check_series(store, lineage, &sum, &sound) != 0)
        return -1;
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGE_MEMORY, "i", lineage);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        struct tm_value state = tm_row_value(rows, "state");
        int64_t stored = tm_row_integer(rows, "seal");
        sound = sound && (stored == 0 || stored == tm_seal_of_lineage(state.text, state.size, sum));
    }
    return tm_rows_close(rows) != 0 || step < 0 ? -1 : sound;
}

/* ---- all of a store ---- */

static const char *place_of(int64_t id, char place[32])
{
    snprintf(place, 32, "number %lld", (long long)id);
    return place;
}

/* By ids, from one to the next: nothing is held of a store of any size. */
static int64_t check_all(tm_store *store, enum tm_query next, int (*holds)(tm_store *, int64_t), const char *rule, tm_tell *tell,
                         void *context)
{
    int64_t id = INT64_MIN, findings = 0;
    char place[32];
    int found, sound;
    while ((found = tm_get(store, &id, next, "i", id)) == 1) {
        sound = holds(store, id);
        if (sound < 0)
            return -1;
        if (sound == 0) {
            findings++;
            tell(context, rule, place_of(id, place));
        }
    }
    return found < 0 ? -1 : findings;
}

int64_t tm_seal_check(tm_store *store, tm_tell *tell, void *context)
{
    int64_t runs =
        check_all(store, TM_Q_JUDGEMENT_NEXT, tm_seal_holds, "the verdicts of a run are those that the gate stored", tell, context);
    int64_t lineages =
        runs < 0 ? -1
                 : check_all(store, TM_Q_LINEAGE_NEXT, memory_holds, "the judge's memory is what the gate stored", tell, context);
    return lineages < 0 ? -1 : runs + lineages;
}
