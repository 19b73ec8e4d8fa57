/* Digests by FNV-1a, enough to tell two outputs apart. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* NOLINT(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp): the C library's switch */
#endif
#include "digest.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

unsigned long long add_bytes(unsigned long long hash, const void *bytes, size_t size)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ at[i]) * 1099511628211u;
    return hash;
}

unsigned long long of_file(const char *path)
{
    char bytes[65536];
    unsigned long long hash = SEED;
    int file = open(path, O_RDONLY);
    ssize_t size;
    if (file < 0)
        return 0;
    while ((size = read(file, bytes, sizeof bytes)) > 0)
        hash = add_bytes(hash, bytes, (size_t)size);
    close(file);
    return hash;
}

/* Whatever the order of the entries. */
unsigned long long of_folder(const char *path, bool remove_all)
{
    unsigned long long sum = 0;
    DIR *folder = opendir(path);
    struct dirent *entry;
    while (folder && (entry = readdir(folder))) {
        char name[PATH_MAX];
        struct stat facts;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        snprintf(name, sizeof name, "%s/%s", path, entry->d_name);
        bool is_folder = lstat(name, &facts) == 0 && S_ISDIR(facts.st_mode);
        unsigned long long content = is_folder ? of_folder(name, remove_all) : of_file(name);
        sum += add_bytes(add_bytes(SEED, entry->d_name, strlen(entry->d_name)), &content, sizeof content);
        if (remove_all)
            is_folder ? rmdir(name) : unlink(name);
    }
    if (folder)
        closedir(folder);
    return sum;
}

/* The times at which something was written are no content. */
static unsigned long long of_table(sqlite3 *db, const char *table)
{
    unsigned long long hash = SEED;
    sqlite3_stmt *rows = NULL;
    char *sql = sqlite3_mprintf("SELECT * FROM \"%w\"", table);
    if (sqlite3_prepare_v2(db, sql, -1, &rows, NULL) != SQLITE_OK)
        return 0;
    while (sqlite3_step(rows) == SQLITE_ROW)
        for (int i = 0; i < sqlite3_column_count(rows); i++) {
            const char *name = sqlite3_column_name(rows, i);
            if (strcmp(name, "made_at") == 0 || strcmp(name, "judged_at") == 0 || strcmp(name, "undone_at") == 0)
                continue;
            int type = sqlite3_column_type(rows, i);
            const void *bytes = sqlite3_column_blob(rows, i);
            hash = add_bytes(hash, &type, sizeof type);
            hash = add_bytes(hash, bytes, (size_t)sqlite3_column_bytes(rows, i));
        }
    sqlite3_finalize(rows);
    sqlite3_free(sql);
    return hash;
}

void read_tables(const char *path, struct tables *tables)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *names = NULL;
    tables->n = 0;
    if (sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK &&
        sqlite3_exec(db, "PRAGMA synchronous = OFF", NULL, NULL, NULL) == SQLITE_OK && /* of a copy nobody needs again */
        sqlite3_prepare_v2(db, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name", -1, &names, NULL) == SQLITE_OK)
        while (sqlite3_step(names) == SQLITE_ROW && tables->n < TABLES_MOST)
            tables->of[tables->n++] = of_table(db, (const char *)sqlite3_column_text(names, 0));
    sqlite3_finalize(names);
    sqlite3_close(db);
}

bool same_tables(const struct tables *a, const struct tables *b)
{
    return a->n == b->n && memcmp(a->of, b->of, sizeof *a->of * (size_t)a->n) == 0;
}
