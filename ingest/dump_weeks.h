/* What a dump's lines of weeks have beyond texts and numbers, as members of objects (json_strict.h). */
#ifndef TM_INGEST_DUMP_WEEKS_H
#define TM_INGEST_DUMP_WEEKS_H

#include "ingest/json_strict.h"

tm_json_take tm_dump_take_week;   /* int64_t: when a week begins; the first is said by the first day of 1970 */
tm_json_take tm_dump_take_runs;   /* struct tm_week_fact: its runs, an array of names */
tm_json_take tm_dump_take_values; /* struct tm_week_plugin: its metrics, an object of arrays: n, mean, m2, least, most */

#endif
