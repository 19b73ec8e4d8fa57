/* Rows behind rows of the same plugin, in the memory of SQLite, so that its limits hold. */
#include "store/sqlite/heaps.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BYTES_FIRST = 1 << 10, HEAPS_FIRST = 64 }; /* of a plugin: a hundred nights of one column; plugins */

void tm_heaps_free(struct tm_heaps *heaps)
{
    for (size_t i = 0; i < heaps->n; i++) {
        sqlite3_free(heaps->list[i].name);
        sqlite3_free(heaps->list[i].bytes);
    }
    sqlite3_free(heaps->list);
    tm_hash_free(&heaps->by_plugin);
    *heaps = (struct tm_heaps){0};
}

/* Makes room for `more` elements behind the n that are there: at least half as much again. */
static bool reserve(void **array, size_t *room, size_t n, size_t more, size_t first, size_t size)
{
    if (n + more <= *room)
        return true;
    size_t wanted = *room + *room / 2 + first;
    wanted = wanted > n + more ? wanted : n + more;
    void *larger = sqlite3_realloc64(*array, wanted * size);
    if (!larger)
        return false;
    *array = larger;
    *room = wanted;
    return true;
}

struct owner {
    const struct tm_heaps *heaps;
    int64_t plugin, project;
};

static bool is_of(uintptr_t item, const void *key)
{
    const struct owner *owner = key;
    const struct tm_heap *heap = &owner->heaps->list[item - 1];
    return heap->plugin == owner->plugin && heap->project == owner->project;
}

/* NULL: no memory. */
static struct tm_heap *heap_of(struct tm_heaps *heaps, int64_t plugin, int64_t project)
{
    const struct owner owner = {heaps, plugin, project};
    uint64_t hash = tm_hash_integer(plugin);
    void *list = heaps->list;
    if (++heaps->last < heaps->n && is_of(heaps->last + 1, &owner))
        return &heaps->list[heaps->last];
    uintptr_t found = tm_hash_find(&heaps->by_plugin, hash, is_of, &owner);
    if (!found) {
        if (!reserve(&list, &heaps->room, heaps->n, 1, HEAPS_FIRST, sizeof *heaps->list))
            return NULL;
        heaps->list = list;
        if (tm_hash_add(&heaps->by_plugin, hash, heaps->n + 1) != 0)
            return NULL;
        heaps->list[heaps->n++] = (struct tm_heap){.plugin = plugin, .project = project};
        found = heaps->n;
    }
    heaps->last = found - 1;
    return &heaps->list[heaps->last];
}

static bool lay(struct tm_heap *heap, sqlite3_value *value)
{
    int type = sqlite3_value_type(value);
    bool number = type == SQLITE_INTEGER || type == SQLITE_FLOAT;
    const void *data = type == SQLITE_TEXT ? sqlite3_value_text(value) : type == SQLITE_BLOB ? sqlite3_value_blob(value) : NULL;
    uint32_t size = type == SQLITE_TEXT || type == SQLITE_BLOB ? (uint32_t)sqlite3_value_bytes(value) : 0;
    void *bytes = heap->bytes;
    if ((type == SQLITE_TEXT && !data) || !reserve(&bytes, &heap->room, heap->n, 1 + sizeof(double) + size, BYTES_FIRST, 1))
        return false;
    heap->bytes = bytes;
    heap->bytes[heap->n++] = (unsigned char)type;
    if (number) {
        int64_t integer = type == SQLITE_INTEGER ? sqlite3_value_int64(value) : 0;
        double real = type == SQLITE_FLOAT ? sqlite3_value_double(value) : 0;
        memcpy(heap->bytes + heap->n, type == SQLITE_INTEGER ? (void *)&integer : (void *)&real, sizeof real);
        heap->n += sizeof real;
    } else if (type != SQLITE_NULL) {
        memcpy(heap->bytes + heap->n, &size, sizeof size);
        heap->n += sizeof size;
        if (size > 0)
            memcpy(heap->bytes + heap->n, data, size);
        heap->n += size;
    }
    return true;
}

static bool lay_byte(struct tm_heap *heap)
{
    void *bytes = heap->bytes;
    if (!reserve(&bytes, &heap->room, heap->n, 1, BYTES_FIRST, 1))
        return false;
    heap->bytes = bytes;
    heap->bytes[heap->n++] = SQLITE_NULL;
    return true;
}

size_t tm_heap_size_at(const unsigned char *at)
{
    uint32_t size;
    if (*at == SQLITE_NULL)
        return 1;
    if (*at == SQLITE_INTEGER || *at == SQLITE_FLOAT)
        return 1 + sizeof(double);
    memcpy(&size, at + 1, sizeof size);
    return 1 + sizeof size + size;
}

void tm_heaps_collect(sqlite3_context *context, int argc, sqlite3_value **argv)
{
    struct tm_heaps *heaps = sqlite3_value_pointer(argv[0], TM_HEAPS_POINTER);
    if (!heaps) {
        sqlite3_result_error(context, "tidemark_collect() is not for queries", -1);
        return;
    }
    struct tm_heap *heap = heap_of(heaps, sqlite3_value_int64(argv[1]), sqlite3_value_int64(argv[2]));
    bool laid = heap != NULL;
    for (int i = 3; i < argc && laid; i++)
        laid = lay(heap, argv[i]);
    if (laid && argc == 3) /* a row of no columns is a byte */
        laid = lay_byte(heap);
    if (!laid)
        sqlite3_result_error_nomem(context);
}

void tm_heaps_collected(sqlite3_context *context)
{
    sqlite3_result_null(context);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct tm_heap *)a)->name, ((const struct tm_heap *)b)->name);
}

int tm_heaps_name(sqlite3 *db, struct tm_heaps *heaps)
{
    sqlite3_stmt *find = NULL;
    size_t kept = 0;
    int code = sqlite3_prepare_v2(db, "SELECT name FROM main.plugin WHERE plugin_id = ?1 AND project_id = ?2", -1, &find, NULL);
    for (size_t i = 0; i < heaps->n && code == SQLITE_OK; i++) {
        struct tm_heap *heap = &heaps->list[i];
        sqlite3_bind_int64(find, 1, heap->plugin);
        sqlite3_bind_int64(find, 2, heap->project);
        bool known = sqlite3_step(find) == SQLITE_ROW;
        heap->name = known ? sqlite3_mprintf("%s", sqlite3_column_text(find, 0)) : NULL;
        code = sqlite3_reset(find);
        if (code == SQLITE_OK && known && !heap->name)
            code = SQLITE_NOMEM;
        if (code == SQLITE_OK && !known) {
            sqlite3_free(heap->bytes);
            *heap = (struct tm_heap){0};
        } else if (code == SQLITE_OK && kept++ != i) {
            heaps->list[kept - 1] = *heap;
            *heap = (struct tm_heap){0};
        }
    }
    sqlite3_finalize(find);
    if (code != SQLITE_OK)
        return code;
    heaps->n = kept;
    if (kept > 0)
        qsort(heaps->list, kept, sizeof *heaps->list, by_name);
    return SQLITE_OK;
}

void tm_heap_give(sqlite3_context *context, const unsigned char *at)
{
    int64_t integer;
    double real;
    uint32_t size;
    switch (*at++) {
    case SQLITE_INTEGER:
        memcpy(&integer, at, sizeof integer);
        sqlite3_result_int64(context, integer);
        break;
    case SQLITE_FLOAT:
        memcpy(&real, at, sizeof real);
        sqlite3_result_double(context, real);
        break;
    case SQLITE_TEXT:
        memcpy(&size, at, sizeof size);
        sqlite3_result_text(context, (const char *)at + sizeof size, (int)size, SQLITE_TRANSIENT);
        break;
    case SQLITE_BLOB:
        memcpy(&size, at, sizeof size);
        sqlite3_result_blob(context, at + sizeof size, (int)size, SQLITE_TRANSIENT);
        break;
    default:
        sqlite3_result_null(context);
        break;
    }
}
