/* What may be stored at all. Each check returns NULL, or what is wrong in words that continue "NAME ...". */
#ifndef TM_SCHEMA_VALID_H
#define TM_SCHEMA_VALID_H

#include <stdbool.h>

#include "schema/tidemark.h"

/* 1 to TM_NAME_MAX bytes of UTF-8 without control characters (U+0000-1F, U+007F-9F). Bidirectional marks and the like are allowed.
 */
const char *tm_name_fault(const char *text, size_t size);

/* Is anything known of it but the number of calls? One that was not called needs nothing. */
bool tm_profile_measured(const struct tm_profile *profile);

/* p50 <= p95 <= p99 <= max, as far as they are known. */
bool tm_percentiles_rise(const struct tm_profile *profile);

/* A plugin's name is not '*' either: that stands for the whole run. */
const char *tm_plugin_name_fault(const char *text, size_t size);

/* Counts in range, errors <= calls, percentiles rising, measurements finite and not negative (memory growth may be), texts fit to
 * be stored. *field names the culprit by its column. */
const char *tm_profile_fault(const struct tm_profile *profile, const char **field);

/* Measurements finite and not negative; the duration may be unknown. */
const char *tm_spike_fault(const struct tm_spike *spike, const char **field);

#endif
