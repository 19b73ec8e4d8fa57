/* What asv.c (the tree) and asv_result.c (one file of it) share. */
#ifndef TM_INGEST_FORMATS_ASV_H
#define TM_INGEST_FORMATS_ASV_H

#include "ingest/formats/document.h"

struct tm_asv_benchmark {
    const char *name, *type, *unit, *version; /* NULL: not said */
};

/* What one benchmark yielded in one file: a value for each combination of its parameters. */
struct tm_asv_entry {
    const char *name, *version;
    const char ***params; /* lists of texts, each ended by NULL; the last one varies fastest */
    size_t n_params;
    double *values; /* NAN where there is none */
    bool *failed;   /* and whether that is a failure, or it was skipped */
    size_t n_values;
    bool all_failed;  /* null instead of a list */
    double **samples; /* by combination; NULL: none */
    size_t *n_samples, n_sampled;
    double *number, *repeat; /* by combination */
    size_t n_number, n_repeat;
    uint64_t line;
};

struct tm_asv {
    struct tm_document document; /* first */
    struct tm_arena tree;        /* texts that live as long as the reader */
    struct tm_asv_benchmark *benchmarks;
    size_t n_benchmarks;
    struct tm_hash by_name;

    /* the file in hand */
    const char *machine, *environment;
    bool has_results;
    const char **columns; /* of a result that is a list */
    size_t n_columns;
    struct tm_asv_entry *entries;
    size_t n_entries;
};

/* The members of a file of results, read into a struct tm_asv. */
extern const struct tm_json_member tm_asv_members[];
extern const size_t tm_asv_n_members;

/* Adds the entries of the file that was read to the gathering. */
void tm_asv_add(struct tm_asv *asv);

/* Forgets the file in hand. */
void tm_asv_clear(struct tm_asv *asv);

#endif
