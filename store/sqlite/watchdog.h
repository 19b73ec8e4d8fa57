/* Stops a query that takes too long, from a thread of its own: so it is stopped also where a single step of it takes long. */
#ifndef TM_STORE_SQLITE_WATCHDOG_H
#define TM_STORE_SQLITE_WATCHDOG_H

#include <sqlite3.h>

struct tm_watchdog;

/* From `seconds` (> 0) after now on, whatever runs on the connection is interrupted. NULL: no memory, or no thread. */
struct tm_watchdog *tm_watchdog_start(sqlite3 *db, double seconds);
void tm_watchdog_stop(struct tm_watchdog *watchdog); /* before the connection is closed; NULL is harmless */

#endif
