/* Rows of a scan, laid down plugin by plugin: as fast as the scan, since only plugins' names are sorted. */
#ifndef TM_STORE_SQLITE_HEAPS_H
#define TM_STORE_SQLITE_HEAPS_H

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hash.h"

/* A row is its columns one behind the other: a byte that is SQLite's type, and a number's eight, or a size of four and a text's. */
struct tm_heap {
    int64_t plugin, project;
    char *name;
    unsigned char *bytes;
    size_t n, room;
};

struct tm_heaps {
    struct tm_heap *list;
    size_t n, room, last; /* last: of the row before; the next row is mostly of the next plugin */
    struct tm_hash by_plugin;
};

/* All zero is an empty one. */
void tm_heaps_free(struct tm_heaps *heaps);

/* The two functions of an aggregate of no value: collect(HEAPS, plugin_id, project_id, column, ...), where HEAPS is a pointer of
 * type TM_HEAPS_POINTER. A row of no columns is a byte. */
#define TM_HEAPS_POINTER "tm_heaps"
void tm_heaps_collect(sqlite3_context *context, int argc, sqlite3_value **argv);
void tm_heaps_collected(sqlite3_context *context);

/* Gives all of them their names and sorts by these. A plugin that its project does not have goes: it is in no row of the view
 * `profiles`. An SQLite code. */
int tm_heaps_name(sqlite3 *db, struct tm_heaps *heaps);

/* A value that was laid down: how many bytes it takes; and it as the result of a column. */
size_t tm_heap_size_at(const unsigned char *at);
void tm_heap_give(sqlite3_context *context, const unsigned char *at);

#endif
