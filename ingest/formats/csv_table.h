/* From the rows of CSV files to runs. One table reads all files of a call, one after the other. */
#ifndef TM_INGEST_FORMATS_CSV_TABLE_H
#define TM_INGEST_FORMATS_CSV_TABLE_H

#include "ingest/calls.h"
#include "ingest/formats/csv_columns.h"
#include "ingest/formats/csv_split.h"
#include "ingest/ingest.h"

struct tm_run_text {
    char *text; /* terminated */
    size_t size, room;
};

struct tm_table {
    const struct tm_ingest_options *options;
    struct tm_diag *diag;
    struct tm_csv *csv; /* the file in hand */
    const char *file;
    struct tm_chunk *chunk;     /* where runs go */
    int (*full)(void *context); /* called between runs when the chunk has grown enough: may exchange it */
    void *context;
    bool failed; /* memory, or `full` said stop */

    /* the header in hand */
    struct tm_column *columns;
    size_t n_columns, columns_room;
    bool has_header, per_call;
    uint64_t errors_before; /* of the file in hand */
    bool skip_rows;         /* the header makes no sense: its errors are enough */
    bool has_slot[TM_RUN_SLOTS];
    size_t slot_column[TM_RUN_SLOTS]; /* where it has it */
    struct tm_metrics metrics;
    double *metric_values;

    /* the first file with a header that makes sense: the others must have the same run columns */
    const char *first_file;
    bool first_slots[TM_RUN_SLOTS];

    /* the row in hand */
    size_t field;
    bool bad;
    struct tm_profile row;
    struct tm_symbol *plugin;
    unsigned changed; /* bit per run slot: differs from the run in hand, and stands in `incoming` */
    struct tm_run_text incoming[TM_RUN_SLOTS];

    /* the run in hand */
    struct tm_chunk_run *run; /* NULL: none; points into the chunk */
    struct tm_run_text current[TM_RUN_SLOTS];
    uint64_t run_ordinal;
    bool one_too_many; /* runs; that has been said */
    struct tm_calls calls;

    struct tm_symbols symbols;
};

/* Before each file. */
void tm_table_start_file(struct tm_table *table, const char *file);
/* For tm_csv_read. */
void tm_table_field(void *table, const char *text, size_t size);
void tm_table_row(void *table);
/* After each file: says what the file lacked as a whole. */
void tm_table_end_file(struct tm_table *table);
/* After all files: the last run is whole now. */
void tm_table_finish(struct tm_table *table);
void tm_table_free(struct tm_table *table);

/* header.c: a field of the header, and its end. */
void tm_header_field(struct tm_table *table, const char *text, size_t size);
void tm_header_row(struct tm_table *table);

/* Says what is wrong with a field of the row in hand, which is then left out; the text is printf's. */
#define TM_TABLE_FAULT(table, index, ...)                                                                                          \
    do {                                                                                                                           \
        struct tm_place place_ = tm_csv_place((table)->csv, index);                                                                \
        tm_diag_error((table)->diag, &place_, __VA_ARGS__);                                                                        \
        (table)->bad = true;                                                                                                       \
    } while (0)

void tm_table_out_of_memory(struct tm_table *table);

/* run_rows.c: puts the row in hand into its run, beginning it if need be. */
void tm_table_place_row(struct tm_table *table);

#endif
