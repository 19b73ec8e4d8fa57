/* What other programs measure, on its way to the sink. Their files say in any order when and where a run was, and have a benchmark
 * more than once: rows are gathered until the run's facts are known, and rows of one name become one profile.
 *
 * A format's reader says tm_gather_row for each row it reads, with tm_gather_reading for its further numbers, and at the end of a
 * run tm_gather_run with what the file says of it. */
#ifndef TM_INGEST_GATHER_H
#define TM_INGEST_GATHER_H

#include "ingest/sink.h"

/* Single values of a run that are kept, 160 MB as programs write them: as many may be in some KB that gzip has compressed. */
enum { TM_GATHER_MOST = 1 << 23 };

/* What a file says of a run. NULL, -1: nothing. */
struct tm_gather_facts {
    const char *key;    /* of the run, where the file has one that lasts */
    int64_t started_at; /* epoch seconds */
    const char *commit, *branch, *version;
    const char *host; /* the machine it was measured on, never a container's name */
    const char *part; /* of the host: suites of one file are lineages of their own */
    const char *tool; /* the format's name; NULL: a plugin host has measured */
    uint64_t line;
};

#define TM_GATHER_FACTS_INIT                                                                                                       \
    {                                                                                                                              \
        .started_at = -1                                                                                                           \
    }

/* One row. NAN and TM_UNKNOWN: not measured. Times are per call. */
struct tm_gather_row {
    const char *name;
    size_t size;
    int64_t calls; /* at least 1 */
    int64_t errors;
    double wall_ns, cpu_ns, peak_mem_bytes;
    double p50_ns, p95_ns, p99_ns, max_ns;
    const double *samples; /* wall time per call, each of as many calls; what the percentiles are taken from */
    size_t n_samples;
};

#define TM_GATHER_ROW_INIT                                                                                                         \
    {                                                                                                                              \
        .calls = 1, .errors = TM_UNKNOWN, .wall_ns = NAN, .cpu_ns = NAN, .peak_mem_bytes = NAN, .p50_ns = NAN, .p95_ns = NAN,      \
        .p99_ns = NAN, .max_ns = NAN                                                                                               \
    }

/* A number of calls that a file has as a double: 1 where it is none, or more than a double counts one by one (2^53). */
int64_t tm_gather_calls(double calls);

struct tm_gather {
    struct tm_sink *sink;
    const char *file;
    struct tm_gathered *rows; /* a row for each name, in the order of their first coming */
    size_t n_rows, rows_room;
    struct tm_hash index; /* of the symbols, to positions from 1 */
    struct tm_gather_sample *samples;
    struct tm_gather_value *readings;
    size_t n_samples, samples_room, n_readings, readings_room;
    size_t row; /* in hand, where tm_gather_reading adds */
    double weight;
    struct tm_arena texts; /* of the names that had to be spelt out */
    uint64_t runs;         /* given on so far, of all inputs */
    uint64_t named;        /* and of those of the input in hand */
    bool refused;          /* a second run, and that has been told */
};

/* Before each input. */
void tm_gather_begin(struct tm_gather *gather, struct tm_sink *sink, const char *file);

/* Adds a row; it is then the one in hand. A name that cannot be stored is spelt out, with a notice. Rows of one name are combined:
 * times weighted by calls, readings not, calls and errors added, percentiles from all samples (a row without samples is one). */
void tm_gather_row(struct tm_gather *gather, const struct tm_gather_row *row, uint64_t line);

/* A further number of the row in hand; NAN: none. unit, better NULL: not said. Texts are copied. */
void tm_gather_reading(struct tm_gather *gather, const char *metric, const char *unit, const char *better, double value);

/* A number of the row in hand that a file tells by nothing but a unit: a time is its wall time per call (and a sample of it),
 * anything else a reading that is called as its unit ("value" without one). better NULL: as the unit says. */
void tm_gather_by_unit(struct tm_gather *gather, const char *unit, const char *better, double value);

/* Ends a run: its rows go to the sink. A run without rows is none; false then. */
bool tm_gather_run(struct tm_gather *gather, const struct tm_gather_facts *facts);

/* The name as it is, or as a name that can be stored, with a notice, in the gatherer's memory. NULL: no memory, which has been
 * noted. */
const char *tm_gather_name(struct tm_gather *gather, const char *name, size_t *size, uint64_t line);

/* Has the run in hand a row of that name? */
bool tm_gather_has(const struct tm_gather *gather, const char *name, size_t size);

/* Forgets the rows of a run that was not read to its end. */
void tm_gather_drop(struct tm_gather *gather);

void tm_gather_free(struct tm_gather *gather);

#endif
