/* The view `profiles` in the order of plugins' names, for GROUP BY plugin without a sort. */
#ifndef TM_STORE_SQLITE_BYPLUGIN_H
#define TM_STORE_SQLITE_BYPLUGIN_H

#include <sqlite3.h>

/* Makes the module TM_BYPLUGIN_MODULE known: a table of it has the columns and the rows of the view `profiles`. An SQLite code. */
int tm_byplugin_register(sqlite3 *db);

#define TM_BYPLUGIN_MODULE "tidemark_profiles"

#endif
