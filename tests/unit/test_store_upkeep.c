/* Runs that change later: appended to, replaced, removed; plugins and metrics that get other names and words. */
#include "tests/unit/store_rules.h"

static void put_once(tm_store *store, const struct tm_run_content *content, enum tm_put_mode mode, int expected,
                     enum tm_outcome outcome)
{
    enum tm_outcome found = TM_STORED;
    assert_int_equal(tm_begin(store), 0);
    int result = tm_put_run(store, content, mode, &found);
    if (result != expected || (result == 0 && found != outcome))
        fail_msg("mode %d: returned %d, outcome %d: %s", mode, result, found, tm_error(store));
    if (result == 0)
        assert_int_equal(tm_commit(store), 0);
    tm_rollback(store);
}

static void appends(void **state)
{
    tm_store *store = open_store("append.db", TM_CREATE);
    struct tm_profile profiles[] = {full_profile(), full_profile(), full_profile()};
    struct tm_run_content content = {.run = night, .profiles = profiles, .n_profiles = 2};
    (void)state;
    profiles[1].plugin = "beta", profiles[2].plugin = "gamma";
    put_once(store, &content, TM_PUT_APPEND, 0, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_ALREADY);
    struct tm_profile *beta = &profiles[1];
    content.profiles = beta; /* one that is there, one that is not */
    put_once(store, &content, TM_PUT, -1, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_STORED);
    put_once(store, &content, TM_PUT_APPEND, 0, TM_ALREADY);
    beta->wall_ns = 5;
    put_once(store, &content, TM_PUT_APPEND, -1, TM_STORED);
    content.run.started_at++;
    put_once(store, &content, TM_PUT_APPEND, -1, TM_STORED);
    assert_int_equal(number(store, "SELECT count(*) FROM profiles WHERE wall_ms = 1e-4"), 3);
    assert_int_equal(number(store, "SELECT count(*) FROM reading"), 6);
    assert_int_equal(number(store, "SELECT count(*) FROM recording"), 3);
    tm_close(store);
}

static void replaces(void **state)
{
    tm_store *store = open_store("replace.db", TM_CREATE);
    struct tm_profile profiles[] = {full_profile(), full_profile()}, bare = TM_PROFILE_INIT;
    struct tm_spike spike = {1, 1, 90, "alpha"};
    struct tm_run_content content = {.run = night, .profiles = profiles, .n_profiles = 2, .spikes = &spike, .n_spikes = 1};
    (void)state;
    content.run.commit_id = "c";
    profiles[1].plugin = "beta";
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_STORED);
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_ALREADY);
    bare.plugin = "gamma", bare.wall_ns = 7;
    content = (struct tm_run_content){.run = {.key = "n1", .started_at = 5, .branch = "dev"}, .profiles = &bare, .n_profiles = 1};
    put_once(store, &content, TM_PUT_REPLACE, 0, TM_STORED);
    assert_int_equal(number(store, "SELECT count(*) FROM profiles WHERE run = 'n1' AND started_at = 5 AND branch = 'dev' AND "
                                   "commit_id = 'c' AND host = 'ci' "
                                   "AND plugin = 'gamma'"),
                     1);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM reading) + (SELECT count(*) FROM recording) + "
                      "(SELECT count(*) FROM spike)"),
        1);
    tm_close(store);
}

/* Each value that is wrong at the command line is wrong here, too. */
static void upkeep(void **state)
{
    tm_store *store = open_store("upkeep.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_prune_wish wish = {.before = night.started_at, .keep_runs = TM_UNKNOWN, .needed = TM_UNKNOWN, .all = true};
    struct tm_pruned pruned;
    (void)state;
    assert_int_equal(put(store, &night, &profile, 1, NULL), 0);
    expect_error("no run", store, tm_remove_run(store, NULL, "n2"), "no run 'n2'");
    expect_error("no project", store, tm_remove_run(store, "site", "n1"), "'site'");
    expect_error("no plugin", store, tm_rename_plugin(store, NULL, "beta", "gamma"), "no plugin 'beta'");
    expect_error("bad name", store, tm_rename_plugin(store, NULL, "alpha", "a\nb"), "control character");
    expect_error("no metric", store, tm_describe_metric(store, NULL, "misses", "lower", NULL), "no metric 'misses'");
    expect_error("no direction", store, tm_describe_metric(store, NULL, "hits", "sideways", NULL), "sideways");
    expect_error("bad unit", store, tm_describe_metric(store, NULL, "hits", NULL, "a\x1b"), "control character");
    assert_int_equal(tm_describe_metric(store, NULL, "hits", "higher", NULL), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM metric WHERE name = 'hits' AND better = 'higher' AND unit = 'count'"), 1);
    assert_int_equal(tm_prune(store, &wish, &pruned), 0);
    assert_int_equal(pruned.runs, 0);
    wish.before++;
    wish.project = "site";
    assert_int_equal(tm_prune(store, &wish, &pruned), 0);
    assert_int_equal(pruned.runs, 0);
    wish.project = NULL;
    assert_int_equal(tm_prune(store, &wish, &pruned), 0);
    assert_int_equal(pruned.runs, 1);
    assert_int_equal(
        number(store, "SELECT (SELECT count(*) FROM profile) + (SELECT count(*) FROM reading) + (SELECT count(*) FROM recording)"),
        0);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(appends),
        cmocka_unit_test(replaces),
        cmocka_unit_test(upkeep),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
