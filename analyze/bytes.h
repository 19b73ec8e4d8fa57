/* Numbers as bytes, of as many as they need and alike on every machine; what the judge's memory is written with. docs/schema.md
 * describes them.
 *
 * A writer appends to a growing buffer and notes failure there; a reader walks a bounded slice, and once it has met anything
 * impossible everything it returns is 0 and `bad` stays set: so each form is written, and read, as a plain list of its fields. */
#ifndef TM_ANALYZE_BYTES_H
#define TM_ANALYZE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that grow; freed with tm_bytes_free. `failed` is set when memory was short: what was written since is not there. */
struct tm_bytes {
    unsigned char *bytes;
    size_t size, room;
    bool failed;
};

/* Frees the bytes; they are then empty and usable. */
void tm_bytes_free(struct tm_bytes *bytes);

/* Empties the buffer, and forgets a failure. */
void tm_bytes_begin(struct tm_bytes *out);

/* Appends `size` bytes, which the caller fills in. NULL: it failed, now or before. Nothing is written after a failure, so a writer
 * may put all of its fields and look at `failed` at the end. */
unsigned char *tm_put_room(struct tm_bytes *out, size_t size);

void tm_put_byte(struct tm_bytes *out, unsigned char byte);
void tm_put_count(struct tm_bytes *out, uint64_t value);
void tm_put_integer(struct tm_bytes *out, int64_t value); /* small ones of either sign are short */
void tm_put_real(struct tm_bytes *out, double value);

/* Up to TM_REALS_MOST of a kind, which resemble each other; they come back to the last bit. */
enum { TM_REALS_MOST = 64 };
void tm_put_reals(struct tm_bytes *out, const double *values, int n);

/* Bytes to be read, which anybody may have written. */
struct tm_slice_of_bytes {
    const unsigned char *at, *end;
    bool bad;
};

struct tm_slice_of_bytes tm_slice_of_bytes(const void *bytes, size_t size); /* NULL is damage, not an empty one */

unsigned char tm_get_byte(struct tm_slice_of_bytes *in);
uint64_t tm_get_count(struct tm_slice_of_bytes *in, uint64_t most); /* more than `most` is damage */
int64_t tm_get_integer(struct tm_slice_of_bytes *in);
double tm_get_real(struct tm_slice_of_bytes *in); /* what is not finite is damage */
void tm_get_reals(struct tm_slice_of_bytes *in, double *values, int n);

#endif
