/* What may be stored at all. Each check returns NULL, or what is wrong in words that continue "NAME ...". */
#ifndef TM_SCHEMA_VALID_H
#define TM_SCHEMA_VALID_H

#include "schema/tidemark.h"

/* 1 to TM_NAME_MAX bytes of UTF-8 without control characters (U+0000-1F, U+007F-9F). Bidirectional marks and the like are allowed. */
const char *tm_name_fault(const char *text, size_t size);

/* Counts in range, errors <= calls, measurements finite and not negative (memory growth may be). *field names the culprit. */
const char *tm_profile_fault(const struct tm_profile *profile, const char **field);

#endif
