#ifndef TM_STORE_SQLITE_SQLEXT_H
#define TM_STORE_SQLITE_SQLEXT_H

#include <sqlite3.h>

/* Statistics for SQL, adapters over analyze/ and schema/sketch.h; every
 * definition, NULL and error rule is in docs/methods.md.
 *
 *     aggregates and window functions      scalars
 *     median(x)          mad(x)            zscore(x, mean, sd)
 *     percentile(x, p)   stddev(x)         robust_z(x, median, mad)
 *     sketch_merge(blob)                   sketch_percentile(blob, p)
 *
 * Compiled with -DSQLITE_CORE this registers them on one connection of the
 * SQLite linked in: SQLITE_OK or SQLite's error code. Compiled without, the
 * same files make a loadable module: .load ./tidemark_sql */
int tm_sqlext_register(sqlite3 *db);

#endif
