/* Numbers as CSV files write them: decimal, nothing before, nothing behind. */
#ifndef TM_INGEST_NUMBER_H
#define TM_INGEST_NUMBER_H

#include <stddef.h>
#include <stdint.h>

enum tm_number_fault {
    TM_NUMBER_OK,
    TM_NUMBER_NONE,     /* not a decimal number */
    TM_NUMBER_RANGE,    /* too large */
    TM_NUMBER_NEGATIVE, /* a count below zero */
    TM_NUMBER_FRACTION, /* a count with a fraction or an exponent */
};

/* value = text * 10^shift, correctly rounded: "0.4123" with shift 3 is the double nearest to 412.3. */
enum tm_number_fault tm_parse_real(const char *text, size_t size, int shift, double *value);

/* A whole number from 0 to 2^63-1. */
enum tm_number_fault tm_parse_count(const char *text, size_t size, int64_t *value);

#endif
