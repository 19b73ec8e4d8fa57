/* SHA-256 (FIPS 180-4), for the hashes of a content security policy and of a store's schema. */
#ifndef TM_BASE_SHA256_H
#define TM_BASE_SHA256_H

#include <stddef.h>

enum { TM_SHA256_BASE64 = 45 }; /* bytes, with the end */

/* The hash of the bytes in base64, with its end. */
void tm_sha256_base64(const void *data, size_t size, char text[TM_SHA256_BASE64]);

#endif
