/* The judge's memory as bytes: what a lineage, a plugin's presence and a series are between two nights.
 *
 * Fields, never the bytes of a struct: numbers of variable length, least byte first, doubles by their bits, behind a
 * version. Two machines may share a store, and a struct may change. What follows from other fields is left out (medians, scales)
 * and computed again; run ids stand once in the lineage, series refer to nights; a part of many values that was the whole run's
 * stands once in the lineage too. docs/schema.md describes the form.
 *
 * Bytes come from a file that somebody else may have written: a reader believes nothing and returns TM_MEMORY_DAMAGED. */
#ifndef TM_ANALYZE_MEMORY_H
#define TM_ANALYZE_MEMORY_H

#include "analyze/bytes.h"
#include "analyze/lineage.h"
#include "base/hash.h"

enum { TM_MEMORY_VERSION = 6 }; /* 1 to 3 were bytes of structs, up to 5 doubles stood as they are */

enum tm_memory_fault { TM_MEMORY_READ, TM_MEMORY_DAMAGED, TM_MEMORY_NONE }; /* NONE: no memory to read into */

/* Parts of values that were the whole run's, each once: what series refer to by number. */
struct tm_commons {
    double *values;
    size_t n;
    struct tm_hash index; /* of the values' bits: position + 1 */
};

/* Collects what the series of a lineage have in common: 0, or -1 without memory. Free in any case. */
int tm_commons_collect(struct tm_commons *commons, const struct tm_lineage *lineage, const struct tm_rules *rules);
void tm_commons_free(struct tm_commons *commons);
size_t tm_commons_number(const struct tm_commons *commons, double common); /* from 1; 0: it is no part, or none of them */
bool tm_is_part(double common);

/* Each replaces what `out` holds. Look at out->failed. */
void tm_memory_write_lineage(struct tm_bytes *out, const struct tm_lineage *lineage, const struct tm_commons *commons);
void tm_memory_write_presence(struct tm_bytes *out, const struct tm_presence *presence);
void tm_memory_write_series(struct tm_bytes *out, const struct tm_series *series, enum tm_metric_kind kind,
                            const struct tm_lineage *lineage, const struct tm_commons *commons);

/* The lineage is read first, into an empty one: its nights and commons are what series refer to. */
enum tm_memory_fault tm_memory_read_lineage(struct tm_lineage *lineage, struct tm_commons *commons, const void *bytes, size_t size);
enum tm_memory_fault tm_memory_read_presence(struct tm_presence *presence, const void *bytes, size_t size);
enum tm_memory_fault tm_memory_read_series(struct tm_series *series, enum tm_metric_kind kind, const struct tm_lineage *lineage,
                                           const struct tm_commons *commons, const void *bytes, size_t size);

#endif
