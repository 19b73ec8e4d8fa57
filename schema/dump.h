/* How a dump begins, for who writes and who reads one. */
#ifndef TM_SCHEMA_DUMP_H
#define TM_SCHEMA_DUMP_H

#define TM_DUMP_FORMAT "tidemark-dump"

/* Another one where a reader of this one would misread it. A member that is added is no such change: an older program refuses what
 * it does not know. */
enum { TM_DUMP_VERSION = 1 };

#endif
