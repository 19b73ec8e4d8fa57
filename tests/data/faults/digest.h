/* What a command has left, as numbers to compare: its files, and each table of its store. */
#ifndef TM_FAULTS_DIGEST_H
#define TM_FAULTS_DIGEST_H

#include <stdbool.h>
#include <stddef.h>

enum { TABLES_MOST = 40 };
static const unsigned long long SEED = 14695981039346656037u; /* FNV-1a's; of an empty table */

struct tables {
    int n;
    unsigned long long of[TABLES_MOST];
};

unsigned long long add_bytes(unsigned long long hash, const void *bytes, size_t size);
unsigned long long of_file(const char *path);                    /* 0: there is none */
unsigned long long of_folder(const char *path, bool remove_all); /* whatever the order of the entries */

/* In the order of their names. What SQLite finds to roll back it rolls back. */
void read_tables(const char *path, struct tables *tables);
bool same_tables(const struct tables *a, const struct tables *b);

#endif
