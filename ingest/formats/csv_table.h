/* From the rows of CSV files to runs. One table reads all files of a call, one after the other. */
#ifndef TM_INGEST_FORMATS_CSV_TABLE_H
#define TM_INGEST_FORMATS_CSV_TABLE_H

#include "ingest/formats/csv_columns.h"
#include "ingest/formats/csv_split.h"
#include "ingest/json.h"
#include "ingest/sink.h"

struct tm_run_text {
    char *text; /* terminated */
    size_t size, room;
};

struct tm_table {
    struct tm_sink *sink;
    struct tm_csv *csv;         /* the file in hand */
    const struct tm_json *json; /* or this one, of JSON lines; NULL: it is CSV */
    uint64_t line;              /* of its row in hand */
    const char *file;

    /* the header in hand */
    struct tm_column *columns;
    size_t n_columns, columns_room;
    bool has_header, per_call;
    struct tm_arena names;  /* of its columns */
    uint64_t errors_before; /* of the file in hand */
    bool skip_rows;         /* the header makes no sense: its errors are enough */
    bool has_slot[TM_RUN_SLOTS];
    size_t slot_column[TM_RUN_SLOTS]; /* where it has it */

    /* the first file with a header that makes sense: the others must have the same run columns */
    const char *first_file;
    bool first_slots[TM_RUN_SLOTS];

    /* the row in hand */
    size_t field;
    bool bad;
    struct tm_profile row;
    struct tm_arena texts; /* that it points to */
    bool has_texts;        /* any */
    struct tm_symbol *plugin;
    unsigned changed; /* bit per run slot: differs from the run in hand, and stands in `incoming` */
    struct tm_run_text incoming[TM_RUN_SLOTS];

    /* the run in hand, which is the sink's */
    struct tm_run_text current[TM_RUN_SLOTS];
    bool one_too_many; /* runs; that has been said */
};

/* Before each file; and before another header within it. */
void tm_table_start_file(struct tm_table *table, const char *file);
void tm_table_start_part(struct tm_table *table, const char *file);
/* For tm_csv_read. */
void tm_table_field(void *table, const char *text, size_t size);
void tm_table_row(void *table);
/* After each file: says what the file lacked as a whole. */
void tm_table_end_file(struct tm_table *table);
void tm_table_free(struct tm_table *table);

/* csv_header.c: a field of the header, and its end. */
void tm_header_field(struct tm_table *table, const char *text, size_t size);
void tm_header_row(struct tm_table *table);

/* Where field `index` of the row in hand is; of a line of JSON no more is known than which one it is. */
static inline struct tm_place tm_table_place(const struct tm_table *table, size_t index)
{
    return table->json ? (struct tm_place){table->file, table->line, 0} : tm_csv_place(table->csv, index);
}

/* Says what is wrong with a field of the row in hand, which is then left out; the text is printf's. */
#define TM_TABLE_FAULT(table, index, ...)                                                                                          \
    do {                                                                                                                           \
        struct tm_place place_ = tm_table_place((table), index);                                                                   \
        tm_diag_error((table)->sink->diag, &place_, __VA_ARGS__);                                                                  \
        (table)->bad = true;                                                                                                       \
    } while (0)

/* csv_runs.c: puts the row in hand into its run, beginning it if need be. */
void tm_table_place_row(struct tm_table *table);

#endif
