/* What is opened as a store, what is refused and left alone, and who may write. */
#include "schema/fingerprint.h"
#include "tests/unit/store_rules.h"

static void write_file(const char *name, const char *bytes, size_t size)
{
    FILE *out = fopen(file(name), "w");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes, 1, size, out), size);
    assert_int_equal(fclose(out), 0);
}

static void execute(sqlite3 *db, const char *sql)
{
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
        fail_msg("%s: %s", sql, error);
}

static void make_text(const char *name)
{
    write_file(name, "plugin,wall_ms\nalpha,1\n", 23);
}

static void make_noise(const char *name)
{
    char bytes[20000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(i * 2654435761u >> 13);
    write_file(name, bytes, sizeof bytes);
}

static void make_empty(const char *name)
{
    write_file(name, "", 0);
}

static void make_with(const char *name, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(file(name), &db), SQLITE_OK);
    execute(db, sql);
    sqlite3_close(db);
}

static void make_foreign(const char *name)
{
    make_with(name, "CREATE TABLE t (x); INSERT INTO t VALUES (1)");
}

static void make_foreign_id(const char *name)
{
    make_with(name, "CREATE TABLE run (x); PRAGMA application_id = 1234; PRAGMA user_version = 1");
}

static void make_foreign_empty(const char *name)
{
    make_with(name, "PRAGMA application_id = 1234");
}

static void make_newer(const char *name)
{
    tm_close(open_store(name, TM_CREATE));
    make_with(name, "PRAGMA user_version = 1000");
}

static void make_directory(const char *name)
{
    assert_int_equal(mkdir(file(name), 0777), 0);
}

static void make_nothing(const char *name)
{
    (void)name;
}

static const struct refusal {
    const char *name;
    void (*make)(const char *name);
    unsigned flags[3];
    int n_flags;
    const char *message;
} refusals[] = {
    {"text", make_text, {TM_CREATE, 0, TM_READONLY}, 3, "not a Tidemark store"},
    {"noise", make_noise, {TM_CREATE, 0, TM_READONLY}, 3, "not a Tidemark store"},
    {"foreign", make_foreign, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"foreign_id", make_foreign_id, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"foreign_empty", make_foreign_empty, {TM_CREATE, 0, TM_READONLY}, 3, "another program's database"},
    {"newer", make_newer, {TM_CREATE, 0, TM_READONLY}, 3, "newer Tidemark"},
    {"directory", make_directory, {TM_CREATE, 0, TM_READONLY}, 3, "cannot open"},
    {"empty", make_empty, {0, TM_READONLY}, 2, "an empty database"},
    {"missing", make_nothing, {0, TM_READONLY}, 2, "no store at"},
};

static void refuses_and_leaves_alone(void **state)
{
    const struct refusal *row;
    (void)state;
    EACH(row, refusals)
    {
        row->make(row->name);
        uint64_t before = fingerprint(row->name);
        for (int i = 0; i < row->n_flags; i++) {
            tm_store *store;
            int result = tm_open(file(row->name), row->flags[i], &store);
            expect_error(row->name, store, result, row->message);
            if (row->make != make_directory && !strstr(tm_error(store), row->name))
                fail_msg("%s: the message '%s' does not name the file", row->name, tm_error(store));
            tm_close(store);
            if (fingerprint(row->name) != before)
                fail_msg("%s: the file was altered", row->name);
        }
    }
    assert_int_equal(access(file("missing"), F_OK), -1);
}

/* Root may read everything, so it is somebody else for a while. */
static void refuses_what_it_may_not_read(void **state)
{
    enum { NOBODY = 65534 };
    uid_t me = geteuid();
    tm_store *store;
    (void)state;
    tm_close(open_store("locked.db", TM_CREATE));
    assert_int_equal(chmod(file("locked.db"), 0), 0);
    if (me == 0 && seteuid(NOBODY) != 0)
        return;
    int result = tm_open(file("locked.db"), TM_READONLY, &store);
    assert_int_equal(seteuid(me), 0);
    expect_error("unreadable", store, result, "locked.db");
    tm_close(store);
}

static void opens_again(void **state)
{
    (void)state;
    make_empty("again.db");
    tm_close(open_store("again.db", TM_CREATE));
    uint64_t before = fingerprint("again.db");
    for (unsigned flags = 0; flags <= (TM_CREATE | TM_READONLY); flags++)
        tm_close(open_store("again.db", flags));
    assert_int_equal(fingerprint("again.db"), before);
    tm_close(NULL);
}

static void readers_cannot_write(void **state)
{
    (void)state;
    tm_close(open_store("reader.db", TM_CREATE));
    uint64_t before = fingerprint("reader.db");
    tm_store *store = open_store("reader.db", TM_READONLY);
    struct tm_profile profile = full_profile();
    expect_error("put", store, put(store, &night, &profile, 1, NULL), "readonly");
    expect_error("remove", store, tm_remove_run(store, NULL, "n1"), "");
    tm_close(store);
    assert_int_equal(fingerprint("reader.db"), before);
}

static void names_the_missing_directory(void **state)
{
    tm_store *store;
    (void)state;
    int result = tm_open(file("no/such/x.db"), TM_CREATE, &store);
    expect_error("directory", store, result, "there is no directory");
    if (!strstr(tm_error(store), "/no/such'"))
        fail_msg("the message '%s' does not name the directory", tm_error(store));
    tm_close(store);
}

/* A change of the tables changes it: then the new one belongs into schema/fingerprint.h. */
static void a_new_store_has_the_known_fingerprint(void **state)
{
    (void)state;
    char found[TM_SHA256_BASE64];
    tm_store *store = open_store("made.db", TM_CREATE);
    assert_int_equal(tm_sqlite_fingerprint(store, found), 0);
    assert_string_equal(found, TM_SCHEMA_FINGERPRINT);
    /* What people add is no difference, but it is not the same either. */
    assert_int_equal(sqlite3_exec(tm_sqlite_db(store), "CREATE VIEW mine AS SELECT 1", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(tm_sqlite_fingerprint(store, found), 0);
    assert_string_not_equal(found, TM_SCHEMA_FINGERPRINT);
    assert_int_equal(tm_sqlite_verify_schema(store), 0);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_store_has_the_known_fingerprint),
        cmocka_unit_test(refuses_and_leaves_alone),
        cmocka_unit_test(refuses_what_it_may_not_read),
        cmocka_unit_test(opens_again),
        cmocka_unit_test(readers_cannot_write),
        cmocka_unit_test(names_the_missing_directory),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
