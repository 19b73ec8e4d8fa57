/* Ids of rows. With an engine of many projects the project's number is in the bits above TM_ID_BITS, so an id alone says whose it
 * is; SQLite counts through the whole store, and never gets there. */
#ifndef TM_SCHEMA_ID_H
#define TM_SCHEMA_ID_H

#include <stdint.h>

enum { TM_ID_BITS = 40 };

/* The number within the project: what a page and its charts go by, for numbers of JavaScript hold 53 bits. An id that does not say
 * that it is of the project is its own number. */
static inline int64_t tm_id_number(int64_t id, int64_t project)
{
    return id >> TM_ID_BITS == project ? id & (((int64_t)1 << TM_ID_BITS) - 1) : id;
}

#endif
