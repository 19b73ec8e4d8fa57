#ifndef TM_STORE_POSTGRES_PARTITIONS_H
#define TM_STORE_POSTGRES_PARTITIONS_H

#include <stdint.h>

/* The script with its tables cut into so many partitions by project; 0: as it is. NULL: no memory. The caller frees it. */
char *tm_postgres_partitioned(const char *script, int64_t partitions);

#endif
