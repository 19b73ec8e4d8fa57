/* What may be stored at all. Each check returns NULL, or what is wrong in words that continue "NAME ...". */
#ifndef TM_SCHEMA_VALID_H
#define TM_SCHEMA_VALID_H

#include <stdbool.h>

#include "schema/tidemark.h"

/* 1 to TM_NAME_MAX bytes of UTF-8 without control characters (U+0000-1F, U+007F-9F). Bidirectional marks and the like are allowed.
 */
const char *tm_name_fault(const char *text, size_t size);

/* The size in bytes of the next character of text that people will see, and whether it may be shown as it is; if not (a control
 * character, or no UTF-8) it is a single byte. */
size_t tm_next_character(const char *text, size_t size, bool *showable);

enum { TM_SHOWN = 60, TM_SHOWN_SIZE = 4 * TM_SHOWN + 4 };

/* Text of unknown origin, fit to be shown: what may not be shown as \xNN, long text cut. Returns `shown`. */
const char *tm_shown(const char *text, size_t size, char shown[TM_SHOWN_SIZE]);

enum { TM_SHOWN_LONG = 240, TM_SHOWN_LONG_SIZE = 4 * TM_SHOWN_LONG + 4 };

/* The same for paths and for messages of others, which say less when they are cut. */
const char *tm_shown_long(const char *text, char shown[TM_SHOWN_LONG_SIZE]);

/* p50 <= p95 <= p99 <= max, as far as they are known. */
bool tm_percentiles_rise(const struct tm_profile *profile);

/* A plugin's name is not '*' either: that stands for the whole run. */
const char *tm_plugin_name_fault(const char *text, size_t size);

/* Counts in range, errors <= calls, percentiles rising, measurements finite and not negative (memory growth may
 * be). *field names the culprit. */
const char *tm_profile_fault(const struct tm_profile *profile, const char **field);

/* Measurements finite and not negative; the duration may be unknown. */
const char *tm_spike_fault(const struct tm_spike *spike, const char **field);

#endif
