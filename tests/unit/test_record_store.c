/* What a flush writes is what was recorded: into a store, and by way of a CSV file and `tidemark ingest` into another. */
#include "store/store.h"
#include "tests/unit/recording.h"

static const char *const names[] = {"plain", "with, comma", "with \"quotes\"", " spaces ", "größer", "-1"};

enum { NAMES = sizeof names / sizeof *names };

/* Calls of different lengths and ends, some nested. */
static void record_something(void)
{
    tm_rec_plugin *plugins[NAMES];
    for (int i = 0; i < NAMES; i++)
        plugins[i] = tm_rec_register(names[i], i % 2 ? "v1, \"beta\"" : NULL);
    for (int i = 0; i < 40; i++) {
        struct tm_rec_call outer, inner;
        tm_rec_begin(&outer, plugins[i % NAMES]);
        tm_rec_begin(&inner, plugins[(i + 2) % NAMES]);
        burn_ms(0.01 * (i % 7));
        tm_rec_end(&inner, i % 5 == 0 ? TM_REC_TIMEOUT : TM_REC_OK);
        if (i % 8 == 0)
            tm_rec_suspend(&outer);
        tm_rec_end(&outer, i % 9 == 0 ? TM_REC_CANCELLED : i % 11 == 0 ? TM_REC_ERROR : TM_REC_OK);
    }
}

static const char *const query =
    "SELECT p.calls, p.errors, p.wall_ns, p.cpu_ns, p.mem_delta_bytes, p.peak_mem_bytes, p.wall_p50_ns, "
    "p.wall_p95_ns, p.wall_p99_ns, p.wall_max_ns, r.occupied_ns, r.longest_step_ns, r.cancelled, r.timeouts, "
    "r.clock, r.plugin_version, plugin.name FROM profile p JOIN plugin USING (plugin_id) JOIN recording r "
    "USING (run_id, plugin_id) ORDER BY plugin.name";

static double number(const tm_rows *rows, int column)
{
    struct tm_value value = tm_rows_value(rows, column);
    return value.type == TM_INTEGER ? (double)value.integer : value.type == TM_REAL ? value.real : NAN;
}

static void compare_row(const tm_rows *rows, const struct tm_profile *p)
{
    const double expected[] = {(double)p->calls,  (double)p->errors,  p->wall_ns,           p->cpu_ns,          p->mem_delta_bytes,
                               p->peak_mem_bytes, p->wall_p50_ns,     p->wall_p95_ns,       p->wall_p99_ns,     p->wall_max_ns,
                               p->occupied_ns,    p->longest_step_ns, (double)p->cancelled, (double)p->timeouts};
    for (int i = 0; i < (int)(sizeof expected / sizeof *expected); i++)
        if (number(rows, i) != expected[i] && !(isnan(number(rows, i)) && isnan(expected[i])))
            fail_msg("%s: %s is %.17g, recorded was %.17g", p->plugin, tm_rows_name(rows, i), number(rows, i), expected[i]);
    assert_string_equal(tm_rows_text(rows, 14), p->clock);
    assert_string_equal(tm_rows_text(rows, 15), p->plugin_version ? p->plugin_version : "");
    assert_string_equal(tm_rows_text(rows, 16), p->plugin);
}

static void compare_readings(tm_store *store, const struct tm_rec_snapshot *snapshot)
{
    tm_rows *rows =
        tm_sql(store,
               "SELECT plugin.name, metric.name, metric.unit, value FROM reading JOIN metric USING (metric_id) JOIN plugin "
               "USING (plugin_id) ORDER BY 1, 2 DESC",
               &(struct tm_sql_limits){0});
    size_t entry = 0, reading = 0, compared = 0;
    while (rows && tm_rows_next(rows) == 1) {
        while (entry < snapshot->n_entries && reading == snapshot->entries[entry].profile.n_readings)
            entry++, reading = 0;
        assert_true(entry < snapshot->n_entries);
        const struct tm_reading *r = &snapshot->entries[entry].profile.readings[reading++];
        assert_string_equal(tm_rows_text(rows, 0), snapshot->entries[entry].profile.plugin);
        assert_string_equal(tm_rows_text(rows, 1), r->metric);
        assert_string_equal(tm_rows_text(rows, 2), "ms");
        if (number(rows, 3) != r->value)
            fail_msg("%s: %s is %.17g, recorded was %.17g", tm_rows_text(rows, 0), r->metric, number(rows, 3), r->value);
        compared++;
    }
    tm_rows_close(rows);
    assert_true(compared > 0);
}

static void compare(const char *name, const struct tm_rec_snapshot *snapshot)
{
    size_t n = 0;
    tm_store *store = open_store(name, TM_READONLY);
    tm_rows *rows = tm_sql(store, query, &(struct tm_sql_limits){0});
    if (!rows)
        fail_msg("%s", tm_error(store));
    for (; tm_rows_next(rows) == 1; n++)
        compare_row(rows, &snapshot->entries[n].profile);
    tm_rows_close(rows);
    assert_int_equal(n, NAMES);
    compare_readings(store, snapshot);
    tm_close(store);
}

static void test_store(void **state)
{
    (void)state;
    record_something();
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    tm_store *store = open_store("direct.db", TM_CREATE);
    if (tm_rec_flush_store(store, &(struct tm_run){.key = "night", .started_at = 1795140000}) != 0)
        fail_msg("%s", tm_rec_message());
    tm_close(store);
    compare("direct.db", snapshot);
    store = open_store("direct.db", TM_READONLY);
    tm_rows *rows = tm_sql(
        store,
        "SELECT sum(sketch_percentile(latency, 100) = wall_max_ns), count(*) FROM profile JOIN recording USING (run_id, plugin_id)",
        &(struct tm_sql_limits){0});
    assert_int_equal(tm_rows_next(rows), 1);
    assert_true(number(rows, 0) == NAMES && number(rows, 1) == NAMES);
    tm_rows_close(rows);
    tm_close(store);
    tm_rec_snapshot_free(snapshot);
}

/* A run that says no time began when recording did, or with the flush before. */
static void test_began(void **state)
{
    struct tm_value value;
    time_t before = time(NULL) - 1; /* the clocks of seconds and nanoseconds may differ by a tick */
    (void)state;
    record_something();
    tm_store *store = open_store("began.db", TM_CREATE);
    assert_int_equal(tm_rec_flush_store(store, &(struct tm_run){.key = "night"}), 0);
    tm_rows *rows = tm_sql(store, "SELECT started_at FROM run", &(struct tm_sql_limits){0});
    assert_int_equal(tm_rows_next(rows), 1);
    value = tm_rows_value(rows, 0);
    assert_true(value.integer >= before && value.integer <= time(NULL));
    tm_rows_close(rows);
    tm_close(store);
}

static void test_csv(void **state)
{
    char command[4096];
    (void)state;
    record_something();
    struct tm_rec_snapshot *snapshot = tm_rec_take();
    assert_int_equal(tm_rec_flush_csv(file("night.csv")), 0);
    const char *program = getenv("TIDEMARK");
    snprintf(command, sizeof command, "'%s' --db '%s' ingest --run night --at 1795140000 '%s' >/dev/null 2>'%s'",
             program ? program : "build/tidemark", file("ingested.db"), file("night.csv"), file("log"));
    assert_int_equal(system(command), 0); /* NOLINT(cert-env33-c): as people run it */
    compare("ingested.db", snapshot);
    tm_rec_snapshot_free(snapshot);
}

static int start_it(void **state)
{
    (void)state;
    return start(TM_REC_CLOCK_BEST);
}

static int stop(void **state)
{
    (void)state;
    tm_rec_stop();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_store, start_it, stop),
        cmocka_unit_test_setup_teardown(test_csv, start_it, stop),
        cmocka_unit_test_setup_teardown(test_began, start_it, stop),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
