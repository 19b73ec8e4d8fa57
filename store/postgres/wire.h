/* Numbers as PostgreSQL sends and takes them: most significant byte first. */
#ifndef TM_STORE_POSTGRES_WIRE_H
#define TM_STORE_POSTGRES_WIRE_H

#include <stdint.h>
#include <string.h>

/* The types that the tables have, by their numbers in every PostgreSQL. */
enum tm_postgres_type {
    TM_PG_BOOL = 16,
    TM_PG_BYTEA = 17,
    TM_PG_NAME = 19,
    TM_PG_INT8 = 20,
    TM_PG_INT2 = 21,
    TM_PG_INT4 = 23,
    TM_PG_TEXT = 25,
    TM_PG_FLOAT4 = 700,
    TM_PG_FLOAT8 = 701,
    TM_PG_VARCHAR = 1043,
    TM_PG_NUMERIC = 1700,
};

static inline void tm_wire_put(char *bytes, uint64_t value, int size)
{
    for (int i = size - 1; i >= 0; i--, value >>= 8)
        bytes[i] = (char)(value & 0xff);
}

static inline uint64_t tm_wire_get(const char *bytes, int size)
{
    uint64_t value = 0;
    for (int i = 0; i < size; i++)
        value = value << 8 | (unsigned char)bytes[i];
    return value;
}

static inline void tm_wire_put_real(char *bytes, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    tm_wire_put(bytes, bits, 8);
}

static inline double tm_wire_get_real(const char *bytes)
{
    uint64_t bits = tm_wire_get(bytes, 8);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
