/* Stores that somebody else wrote to. An input is a list of changes to a valid store: rows, values of any type, the schema, single
 * bytes and runs of pages, its length. Then come commands, of which the first byte picks one; `check` and two gates are always
 * there. */
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/fuzz/fuzz.h"

enum { CHANGES_MOST = 24, COLUMNS_MOST = 200, SQL_SIZE = 1000 };

/* The columns of all tables, as they are in the valid store. */
static struct column {
    char table[40], name[40];
} columns[COLUMNS_MOST];
static size_t n_columns;

static void learn_columns(sqlite3 *db)
{
    sqlite3_stmt *row = NULL;
    const char *sql =
        "SELECT s.name, c.name FROM sqlite_schema AS s, pragma_table_info(s.name) AS c WHERE s.type = 'table' ORDER BY 1, c.cid";
    if (sqlite3_prepare_v2(db, sql, -1, &row, NULL) != SQLITE_OK)
        abort();
    while (n_columns < COLUMNS_MOST && sqlite3_step(row) == SQLITE_ROW) {
        struct column *column = &columns[n_columns++];
        snprintf(column->table, sizeof column->table, "%s", sqlite3_column_text(row, 0));
        snprintf(column->name, sizeof column->name, "%s", sqlite3_column_text(row, 1));
    }
    sqlite3_finalize(row);
}

/* A value as SQL: those on which programs stumble, or one of the input's own. */
static void value_of(struct tm_pieces *pieces, char sql[SQL_SIZE])
{
    static const char *const values[] = {"NULL",
                                         "0",
                                         "1",
                                         "-1",
                                         "2147483648",
                                         "9007199254740993",
                                         "9223372036854775807",
                                         "-9223372036854775808",
                                         "9e999",
                                         "-9e999",
                                         "1e-320",
                                         "0.5",
                                         "''",
                                         "x''",
                                         "zeroblob(100)",
                                         "CAST(x'ff00fe' AS TEXT)",
                                         "replace(hex(zeroblob(600000)), '0', 'x')",
                                         "'::stop-commands::'",
                                         "(SELECT max(run_id) FROM run)",
                                         "random()"};
    const size_t n = sizeof values / sizeof *values;
    uint64_t kind = tm_piece(pieces, 1);
    char text[41];
    if (kind < 128)
        snprintf(sql, SQL_SIZE, "%s", values[kind % n]);
    else if (kind < 180)
        snprintf(sql, SQL_SIZE, "%lld", (long long)tm_piece(pieces, (int)(kind % 9)));
    else if (kind < 210)
        snprintf(sql, SQL_SIZE, "%.17g", (double)(int64_t)tm_piece(pieces, 3) / 1000);
    else {
        tm_piece_text(pieces, text, sizeof text);
        sqlite3_snprintf(SQL_SIZE, sql, "%Q", text);
    }
}

/* Rows, values, copies of rows, bytes inside of blobs. */
static void change_rows(sqlite3 *db, struct tm_pieces *pieces, int kind)
{
    const struct column *column = &columns[tm_piece(pieces, 1) % n_columns];
    unsigned every = (unsigned)tm_piece(pieces, 1) % 16 + 1, which = (unsigned)tm_piece(pieces, 1) % every;
    char value[SQL_SIZE], sql[3 * SQL_SIZE];
    value_of(pieces, value);
    if (kind == 0)
        snprintf(sql, sizeof sql, "UPDATE \"%s\" SET \"%s\" = %s WHERE rowid %% %u = %u", column->table, column->name, value, every,
                 which);
    else if (kind == 1)
        snprintf(sql, sizeof sql, "DELETE FROM \"%s\" WHERE rowid %% %u = %u", column->table, every, which);
    else if (kind == 2)
        snprintf(sql, sizeof sql, "UPDATE \"%s\" SET \"%s\" = \"%s\" * %s WHERE rowid %% %u = %u", column->table, column->name,
                 column->name, value, every, which);
    else
        snprintf(sql, sizeof sql,
                 "UPDATE \"%s\" SET \"%s\" = CAST(substr(\"%s\", 1, %u) || x'%02x' || substr(\"%s\", %u) AS BLOB) WHERE "
                 "typeof(\"%s\") = 'blob'",
                 column->table, column->name, column->name, which, (unsigned)tm_piece(pieces, 1), column->name,
                 which + (unsigned)tm_piece(pieces, 1) % 3, column->name);
    sqlite3_exec(db, sql, NULL, NULL, NULL);
}

static void change_schema(sqlite3 *db, struct tm_pieces *pieces)
{
    static const char *const changes[] = {"DROP VIEW latest",
                                          "DROP INDEX run_series",
                                          "DROP TABLE verdict",
                                          "CREATE TABLE mine (a, b)",
                                          "CREATE VIEW mine AS SELECT 1",
                                          "CREATE TRIGGER t AFTER INSERT ON verdict BEGIN DELETE FROM verdict; END",
                                          "ALTER TABLE verdict RENAME TO v",
                                          "CREATE VIEW verdict AS SELECT * FROM v",
                                          "PRAGMA user_version = 1",
                                          "PRAGMA user_version = 99",
                                          "PRAGMA application_id = 1",
                                          "PRAGMA user_version = 0",
                                          "ANALYZE",
                                          "PRAGMA auto_vacuum = FULL; VACUUM",
                                          "PRAGMA journal_mode = WAL",
                                          "PRAGMA encoding = 'UTF-16'",
                                          "UPDATE sqlite_schema SET sql = replace(sql, 'CHECK', 'UNIQUE')",
                                          "UPDATE sqlite_schema SET rootpage = 3 WHERE name = 'run'",
                                          "UPDATE sqlite_schema SET sql = sql || ' x' WHERE type = 'view'",
                                          "DELETE FROM sqlite_schema WHERE type = 'index'",
                                          "UPDATE lineage SET stale = 2",
                                          "DELETE FROM verdict",
                                          "DELETE FROM judgement"};
    sqlite3_exec(db, changes[tm_piece(pieces, 1) % (sizeof changes / sizeof *changes)], NULL, NULL, NULL);
}

/* One byte, a run of bytes, or an end. */
static void change_file(int file, struct tm_pieces *pieces, int kind)
{
    uint8_t bytes[512];
    struct stat status;
    if (fstat(file, &status) != 0 || status.st_size == 0)
        return;
    off_t at = (off_t)tm_piece(pieces, 3) % status.st_size;
    memset(bytes, (int)tm_piece(pieces, 1), sizeof bytes);
    size_t size = kind == 0 ? 1 : (size_t)tm_piece(pieces, 1) % sizeof bytes + 1;
    ssize_t done = kind < 2 ? pwrite(file, bytes, size, at) : ftruncate(file, at);
    (void)done;
}

static sqlite3 *open_as_stranger(void)
{
    sqlite3 *db = NULL;
    if (sqlite3_open("t.db", &db) != SQLITE_OK)
        abort();
    sqlite3_exec(
        db,
        "PRAGMA synchronous = OFF; PRAGMA journal_mode = MEMORY; PRAGMA foreign_keys = 0; PRAGMA ignore_check_constraints = 1;"
        "PRAGMA writable_schema = 1",
        NULL, NULL, NULL);
    return db;
}

/* In SQL first, since no SQL works on what follows. */
static void change_store(struct tm_pieces *pieces)
{
    struct tm_pieces again = *pieces;
    sqlite3 *db = open_as_stranger();
    if (n_columns == 0)
        learn_columns(db);
    for (int i = 0; i < CHANGES_MOST && pieces->at < pieces->end; i++) {
        uint64_t kind = tm_piece(pieces, 1) % 8;
        if (kind < 4)
            change_rows(db, pieces, (int)kind);
        else if (kind < 5)
            change_schema(db, pieces);
        else
            tm_piece(pieces, 5);
    }
    sqlite3_close(db);
    int file = open("t.db", O_RDWR | O_CLOEXEC);
    for (int i = 0; file >= 0 && i < CHANGES_MOST && again.at < again.end; i++) {
        uint64_t kind = tm_piece(&again, 1) % 8;
        if (kind >= 5)
            change_file(file, &again, (int)kind - 5);
    }
    close(file);
}

void tm_fuzz_store(const uint8_t *bytes, size_t size)
{
    static const char *const commands[][6] = {{"findings"},
                                              {"gate", "--dry-run"},
                                              {"replay"},
                                              {"audit"},
                                              {"doctor"},
                                              {"bottlenecks"},
                                              {"trend", "p3"},
                                              {"show", "p3"},
                                              {"runs"},
                                              {"plugins"},
                                              {"decisions"},
                                              {"rebuild"},
                                              {"compare", "n13", "n14"},
                                              {"rename", "p3", "p9"},
                                              {"rm", "n13"},
                                              {"prune", "--keep-days", "3"},
                                              {"ingest", "next.csv", "--run", "n15", "--at", "1761400000"},
                                              {"sql", "SELECT * FROM profiles"},
                                              {"sql", "SELECT * FROM history"},
                                              {"gate", "--format", "junit"},
                                              {"gate", "--format", "json", "--explain"},
                                              {"report", "-o", "page", "--no-charts"}};
    const struct tm_scene_store *made = tm_scene_store();
    struct tm_pieces pieces = {bytes, bytes + size};
    uint64_t picked = tm_piece(&pieces, 1) % (sizeof commands / sizeof *commands);
    static const char next[] = "plugin,calls,wall_ms\np1,100,1000\np3,100,2000\n";
    tm_scene_clear();
    tm_scene_write("t.db", made->bytes, made->size);
    tm_scene_write("next.csv", next, sizeof next - 1);
    change_store(&pieces);
    const char *words[9] = {"--db", "t.db"};
    for (int i = 0; i < 6 && commands[picked][i]; i++)
        words[2 + i] = commands[picked][i];
    tm_scene_run(words);
    tm_scene_run((const char *[]){"--db", "t.db", "gate", NULL});
    tm_scene_run((const char *[]){"--db", "t.db", "check", NULL});
}
