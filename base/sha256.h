/* SHA-256 (FIPS 180-4), for the hashes of a content security policy and of a store's schema, and for names that stay. */
#ifndef TM_BASE_SHA256_H
#define TM_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

enum { TM_SHA256_SIZE = 32, TM_SHA256_BASE64 = 45 /* bytes, with the end */ };

void tm_sha256(const void *data, size_t size, uint8_t digest[TM_SHA256_SIZE]);

/* The hash of the bytes in base64, with its end. */
void tm_sha256_base64(const void *data, size_t size, char text[TM_SHA256_BASE64]);

#endif
