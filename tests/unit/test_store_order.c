/* The order of calls: runs that are begun, completed, committed and aborted, and transactions of several. */
#include "tests/unit/store_rules.h"

static void misuse_is_an_error(void **state)
{
    tm_store *store = open_store("misuse.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_spike spike = {1, 1, 90, NULL};
    (void)state;
    expect_error("add before begin", store, tm_run_add(store, &profile), "no run was begun");
    expect_error("spike before begin", store, tm_run_spike(store, &spike), "no run was begun");
    expect_error("commit before begin", store, tm_run_commit(store, NULL), "no run was begun");
    tm_run_abort(store);
    assert_int_equal(tm_run_begin(store, &night), 0);
    expect_error("begin twice", store, tm_run_begin(store, &night), "'n1' is not committed yet");
    tm_run_abort(store);
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    expect_error("commit twice", store, tm_run_commit(store, NULL), "no run was begun");
    expect_error("store commit without begin", store, tm_commit(store), "no transaction");
    struct tm_run_content content = {.run = night, .profiles = &profile, .n_profiles = 1};
    enum tm_outcome outcome;
    expect_error("put without begin", store, tm_put_run(store, &content, TM_PUT, &outcome), "no transaction");
    assert_int_equal(tm_begin(store), 0);
    expect_error("two transactions", store, tm_begin(store), "open already");
    tm_rollback(store);
    tm_rollback(store);
    tm_close(store);
}

static void closing_aborts(void **state)
{
    tm_store *store = open_store("closing.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    (void)state;
    uint64_t before = fingerprint("closing.db");
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    tm_close(store);
    assert_int_equal(fingerprint("closing.db"), before);
}

static void texts_are_copied(void **state)
{
    tm_store *store = open_store("copies.db", TM_CREATE);
    char key[] = "n1", plugin[] = "alpha", metric[] = "hits", blob[] = "TS";
    struct tm_reading reading = {metric, NULL, 1, NULL};
    struct tm_run run = {.key = key, .started_at = 1, .host = key};
    struct tm_profile profile = TM_PROFILE_INIT;
    (void)state;
    profile.plugin = plugin, profile.wall_ns = 1, profile.readings = &reading, profile.n_readings = 1, profile.latency = blob,
    profile.latency_size = 2;
    assert_int_equal(tm_run_begin(store, &run), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    char *const texts[] = {key, plugin, metric, blob};
    for (size_t i = 0; i < 4; i++)
        memset(texts[i], '?', 1);
    memset(&reading, 0, sizeof reading);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    assert_int_equal(number(store,
                            "SELECT count(*) FROM profiles JOIN reading USING (run_id, plugin_id) JOIN metric USING (metric_id) "
                            "WHERE run = 'n1' AND plugin = 'alpha' AND metric.name = 'hits' AND value = 1 AND latency = x'5453'"),
                     1);
    tm_close(store);
}

/* After a commit that failed, the run is still there: to be completed, committed again, or aborted. */
static void a_failed_commit_keeps_the_run(void **state)
{
    tm_store *store = open_store("failed.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_spike spike = {1, NAN, 90, "beta"};
    (void)state;
    assert_int_equal(tm_run_begin(store, &night), 0);
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_spike(store, &spike), 0);
    expect_error("commit", store, tm_run_commit(store, NULL), "'beta' has no profile in the run");
    assert_int_equal(number(store, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM plugin)"), 0);
    expect_error("begin", store, tm_run_begin(store, &night), "'n1' is not committed yet");
    expect_error("commit again", store, tm_run_commit(store, NULL), "'beta' has no profile in the run");
    profile.plugin = "beta";
    assert_int_equal(tm_run_add(store, &profile), 0);
    assert_int_equal(tm_run_commit(store, NULL), 0);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM spike WHERE duration_ms IS NULL)"), 3);
    tm_close(store);
}

static void transactions_are_whole(void **state)
{
    tm_store *writer = open_store("whole.db", TM_CREATE), *reader = open_store("whole.db", TM_READONLY);
    struct tm_profile profile = full_profile();
    struct tm_run_content first = {.run = night, .profiles = &profile, .n_profiles = 1}, second = first;
    enum tm_outcome outcome;
    (void)state;
    second.run.key = "n2";
    assert_int_equal(tm_begin(writer), 0);
    assert_int_equal(tm_put_run(writer, &first, TM_PUT, &outcome), 0);
    assert_int_equal(tm_put_run(writer, &second, TM_PUT, &outcome), 0);
    assert_int_equal(number(reader, "SELECT count(*) FROM run"), 0);
    tm_rollback(writer);
    assert_int_equal(
        number(writer, "SELECT (SELECT count(*) FROM run) + (SELECT count(*) FROM plugin) + (SELECT count(*) FROM metric)"), 0);
    assert_int_equal(tm_begin(writer), 0);
    assert_int_equal(tm_put_run(writer, &second, TM_PUT, &outcome), 0);
    assert_int_equal(tm_put_run(writer, &first, TM_PUT, &outcome), 0);
    assert_int_equal(tm_commit(writer), 0);
    assert_int_equal(number(reader, "SELECT count(*) FROM profiles"), 2);
    tm_close(writer);
    tm_close(reader);
}

static void runs_do_not_come_back(void **state)
{
    static const enum tm_put_mode modes[] = {TM_PUT, TM_PUT_APPEND, TM_PUT_REPLACE};
    struct tm_profile alpha = full_profile(), beta = full_profile();
    char name[20];
    (void)state;
    beta.plugin = "beta";
    for (int stored = 0; stored < 2; stored++)
        for (int i = 0; i < 3; i++) {
            struct tm_run_content a = {.run = night, .profiles = &alpha, .n_profiles = 1}, b = a,
                                  again = {.run = night, .profiles = &beta, .n_profiles = 1};
            enum tm_outcome outcome;
            b.run.key = "n2";
            snprintf(name, sizeof name, "back%d%d.db", stored, i);
            tm_store *store = open_store(name, TM_CREATE);
            if (stored)
                assert_int_equal(put(store, &night, &alpha, 1, NULL), 0);
            assert_int_equal(tm_begin(store), 0);
            assert_int_equal(tm_put_run(store, &a, modes[i], &outcome), 0);
            assert_int_equal(tm_put_run(store, &b, modes[i], &outcome), 0);
            int result = tm_put_run(store, &again, modes[i], &outcome);
            if (result != -1 || !strstr(tm_error(store), "comes again"))
                fail_msg("mode %d, %s before: the run's rows did not follow one another, and nobody said so", i,
                         stored ? "stored" : "not stored");
            tm_rollback(store);
            tm_close(store);
        }
}

/* Many runs: the set of those that were put grows, and still knows the first. */
static void none_of_many_runs_comes_back(void **state)
{
    tm_store *store = open_store("many.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    char key[20];
    enum tm_outcome outcome;
    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(tm_begin(store), 0);
        for (int i = 0; i <= 300; i++) {
            struct tm_run_content content = {.run = night, .profiles = &profile, .n_profiles = 1};
            content.run.key = key;
            snprintf(key, sizeof key, "n%d", i % 300);
            int result = tm_put_run(store, &content, TM_PUT, &outcome);
            if (i == 300)
                expect_error("the first", store, result, "run 'n0' comes again");
            else if (result != 0 || outcome != (round ? TM_ALREADY : TM_STORED))
                fail_msg("%s: returned %d, outcome %d: %s", key, result, outcome, tm_error(store));
        }
        assert_int_equal(tm_commit(store), 0);
    }
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(misuse_is_an_error),
        cmocka_unit_test(closing_aborts),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(a_failed_commit_keeps_the_run),
        cmocka_unit_test(transactions_are_whole),
        cmocka_unit_test(runs_do_not_come_back),
        cmocka_unit_test(none_of_many_runs_comes_back),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
