/* The table of a profile's fields against all that has to agree with it: tables, views, what is stored and compared, keys of runs.
 */
#include "tests/unit/fixture.h"

#include "analyze/metrics.h"
#include "schema/fields.h"

static const struct tm_run night = {.key = "n1", .started_at = 1795140000, .host = "ci"};

#define KEY_HASH 0x1db44169c577f8b2u /* of full_profile() */

/* A store with a full profile in it, for reading. */
static tm_store *stored_profile(const char *name)
{
    tm_store *store = open_store(name, TM_CREATE);
    struct tm_profile profile = full_profile();
    if (put(store, &night, &profile, 1, NULL) != 0)
        fail_msg("%s", tm_error(store));
    tm_close(store);
    return open_store(name, TM_READONLY);
}

static tm_rows *query(tm_store *store, const char *sql)
{
    tm_rows *rows = tm_sql(store, sql, &(struct tm_sql_limits){0});
    if (!rows || tm_rows_next(rows) != 1)
        fail_msg("%s: %s", sql, tm_error(store));
    return rows;
}

/* The column holds the profile's value of the field, divided by `factor`. */
static void expect_stored(const struct tm_field *field, const tm_rows *rows, const char *column, double factor)
{
    struct tm_profile profile = full_profile();
    if (tm_rows_column(rows, column) < 0)
        fail_msg("%s: there is no column %s", field->name, column);
    if (field->type == TM_FIELD_TEXT)
        assert_string_equal(tm_row_text(rows, column), tm_field_text(field, &profile));
    else if (field->type == TM_FIELD_COUNT)
        assert_int_equal(tm_row_integer(rows, column), tm_field_count(field, &profile));
    else if (tm_row_real(rows, column) != tm_field_real(field, &profile) / factor)
        fail_msg("%s: column %s has %.17g", field->name, column, tm_row_real(rows, column));
}

static void each_has_a_column_in_its_table(void **state)
{
    tm_store *store = stored_profile("tables.db");
    (void)state;
    for (int recorder = 0; recorder <= 1; recorder++) {
        tm_rows *rows = query(store, recorder ? "SELECT * FROM recording" : "SELECT * FROM profile");
        for (size_t i = 0; i < tm_n_fields; i++)
            if (tm_fields[i].recorder == recorder)
                expect_stored(&tm_fields[i], rows, tm_fields[i].column, 1);
        assert_int_equal(tm_rows_close(rows), 0);
    }
    tm_close(store);
}

static void each_has_a_column_in_the_view(void **state)
{
    tm_store *store = stored_profile("view.db");
    tm_rows *rows = query(store, "SELECT * FROM profiles");
    (void)state;
    for (size_t i = 0; i < tm_n_fields; i++)
        expect_stored(&tm_fields[i], rows, tm_fields[i].name, tm_field_factor(&tm_fields[i]));
    assert_int_equal(tm_rows_close(rows), 0);
    tm_close(store);
}

/* Another value that may be stored. */
static struct tm_profile changed(const struct tm_field *field)
{
    struct tm_profile profile = full_profile();
    char *at = (char *)&profile + field->at;
    if (field->type == TM_FIELD_COUNT)
        *(int64_t *)at += 1;
    else if (field->type == TM_FIELD_REAL)
        *(double *)at += 1;
    else
        *(const char **)at = "changed";
    return profile;
}

/* The profile as it is where the field was not recorded. */
static struct tm_profile without(const struct tm_field *field)
{
    struct tm_profile profile = full_profile();
    char *at = (char *)&profile + field->at;
    if (field->type == TM_FIELD_COUNT)
        *(int64_t *)at = TM_UNKNOWN;
    else if (field->type == TM_FIELD_REAL)
        *(double *)at = NAN;
    else
        *(const char **)at = NULL;
    return profile;
}

static void expect_difference(tm_store *store, const struct tm_field *field, const struct tm_profile *profile)
{
    char expected[100];
    snprintf(expected, sizeof expected, "plugin 'alpha' has %s ", field->name);
    if (put(store, &night, profile, 1, NULL) != -1 || !strstr(tm_error(store), expected))
        fail_msg("%s: '%s', expected '%s'", field->name, tm_error(store), expected);
}

static void each_is_stored_and_compared(void **state)
{
    tm_store *store = open_store("compare.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    enum tm_outcome outcome = TM_STORED;
    (void)state;
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    assert_int_equal(put(store, &night, &profile, 1, &outcome), 0);
    assert_int_equal(outcome, TM_ALREADY);
    for (size_t i = 0; i < tm_n_fields; i++) {
        profile = changed(&tm_fields[i]);
        expect_difference(store, &tm_fields[i], &profile);
        if (tm_fields[i].required)
            continue;
        profile = without(&tm_fields[i]);
        expect_difference(store, &tm_fields[i], &profile);
    }
    tm_close(store);
}

/* What is not recorded comes back as such, and a recorder's field alone is enough for a row of its own. */
static void each_may_be_unknown(void **state)
{
    tm_store *store = open_store("unknown.db", TM_CREATE);
    (void)state;
    for (size_t i = 0; i < tm_n_fields; i++) {
        const struct tm_field *field = &tm_fields[i];
        struct tm_run run = {.key = field->name, .started_at = 1, .host = "ci"};
        struct tm_profile alone = TM_PROFILE_INIT, full = full_profile();
        size_t size = field->type == TM_FIELD_COUNT  ? sizeof(int64_t)
                      : field->type == TM_FIELD_REAL ? sizeof(double)
                                                     : sizeof(char *);
        enum tm_outcome outcome = TM_STORED;
        alone.plugin = "alpha", alone.calls = 20, alone.wall_ns = 1;
        memcpy((char *)&alone + field->at, (char *)&full + field->at, size);
        assert_int_equal(put(store, &run, &alone, 1, NULL), 0);
        assert_int_equal(put(store, &run, &alone, 1, &outcome), 0);
        assert_int_equal(outcome, TM_ALREADY);
    }
    tm_close(store);
}

/* Runs are stored under keys made of this: another value, and a file that is ingested again would be a second run. */
static void the_key_hash_stays(void **state)
{
    struct tm_profile profile = full_profile();
    (void)state;
    assert_int_equal(tm_profile_hash(&profile), KEY_HASH);
    for (size_t i = 0; i < tm_n_fields; i++) {
        profile = changed(&tm_fields[i]);
        if (tm_fields[i].in_key && tm_profile_hash(&profile) == KEY_HASH)
            fail_msg("%s: does not enter the key", tm_fields[i].name);
    }
    profile = full_profile();
    profile.plugin = "beta";
    assert_int_not_equal(tm_profile_hash(&profile), KEY_HASH);
    profile = full_profile();
    profile.n_readings = 1;
    assert_int_not_equal(tm_profile_hash(&profile), KEY_HASH);
}

/* A metric is called the same wherever it is: as a column of profiles and latest, in history, and, where it is a field, in files.
 */
static void each_metric_has_one_name(void **state)
{
    static const char *const views[] = {"profiles", "latest"};
    char sql[200];
    tm_store *store = stored_profile("metrics.db");
    (void)state;
    for (size_t i = 0; i < tm_n_metrics; i++) {
        const char *name = tm_metrics[i].rule.name;
        for (size_t v = 0; v < 2; v++) {
            snprintf(sql, sizeof sql,
                     "SELECT value, %s AS here FROM history JOIN %s USING (project, plugin, run) WHERE metric = '%s'", name,
                     views[v], name);
            tm_rows *rows = query(store, sql);
            if (tm_row_real(rows, "value") != tm_row_real(rows, "here"))
                fail_msg("%s: differs in %s", name, views[v]);
            assert_int_equal(tm_rows_close(rows), 0);
        }
        /* Per call or as a share it is made of fields; else it is one. */
        if (!strstr(name, "_per_call_") && strcmp(name, "error_rate") != 0 && !tm_field_named(name))
            fail_msg("%s: no field", name);
    }
    tm_close(store);
}

static void names_lead_to_fields(void **state)
{
    (void)state;
    for (size_t i = 0; i < tm_n_fields; i++)
        assert_ptr_equal(tm_field_named(tm_fields[i].name), &tm_fields[i]);
    assert_null(tm_field_named("wall_ns"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_has_a_column_in_its_table),
        cmocka_unit_test(each_has_a_column_in_the_view),
        cmocka_unit_test(each_is_stored_and_compared),
        cmocka_unit_test(each_may_be_unknown),
        cmocka_unit_test(the_key_hash_stays),
        cmocka_unit_test(each_metric_has_one_name),
        cmocka_unit_test(names_lead_to_fields),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
