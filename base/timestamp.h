/* Points in time: seconds since 1970-01-01T00:00:00Z. */
#ifndef TM_BASE_TIMESTAMP_H
#define TM_BASE_TIMESTAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads ISO 8601 (2026-11-20, 2026-11-20T02:00, 2026-11-20 02:00:00.5+01:00; without a zone it is UTC) or epoch seconds. A fraction
 * of a second is dropped. Returns 0, or -1 if the text is no time between the years 1970 and 9999. */
int tm_time_parse(const char *text, size_t size, int64_t *seconds);

/* Is it a time between the years 1970 and 9999, which is what the functions here can read and write? */
bool tm_time_known(int64_t seconds);

enum { TM_TIME_SIZE = 21 };

/* Writes 2026-11-20T02:00:00Z. */
void tm_time_format(int64_t seconds, char text[TM_TIME_SIZE]);

#endif
