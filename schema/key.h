/* What a run is called that nobody gave a name. */
#ifndef TM_SCHEMA_KEY_H
#define TM_SCHEMA_KEY_H

#include "schema/run.h"

enum { TM_KEY_SIZE = 48, TM_KEY_CONTENT = 8 };

/* The default key: the start where somebody said it, else the beginning of the commit; and 16 hexadecimal digits. The last 8
 * (TM_KEY_CONTENT) are a hash of the profiles, all that keys of older versions had; the first 8 are one of profiles, branch, host,
 * repeated run, and without a start of the commit. So the same rows of the same commit have the same key whenever and however they
 * come, and rows of another branch or host have another. Never a clock, nor a file's time. */
void tm_default_key(const struct tm_run_content *content, const char *branch, const char *host, char key[TM_KEY_SIZE]);

#endif
