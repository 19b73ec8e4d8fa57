/* A database that fails: every statement that cannot be prepared, bound, stepped or read, every transaction that cannot begin or
 * end, once each, in every call that changes the store or judges it. The call says so, and the store holds what it held.
 *
 * An engine in front of SQLite's does it: it counts the calls, and fails the one that is asked for. */
#include <math.h>

#include "gate/adopt.h"
#include "gate/decide.h"
#include "gate/restored.h"
#include "tests/unit/store_rules.h"

/* Of a call with thousands of them the first ones fail, and then each STRIDE-th. */
enum { FIRST = 150, STRIDE = 41, NIGHTS = 12 };

static long calls, failing; /* since the last start; the one that fails, from 1; 0: none */

static bool fails_now(void)
{
    return ++calls == failing;
}

static int refuse(tm_store *store)
{
    return tm_store_fail(store, "a fault of the test");
}

static tm_statement *prepare(tm_store *store, enum tm_query query)
{
    if (fails_now()) {
        refuse(store);
        return NULL;
    }
    return tm_sqlite_prepare(store, query);
}

static int bind(tm_statement *statement, int at, const struct tm_value *value)
{
    return fails_now() ? -1 : tm_sqlite_bind(statement, at, value);
}

static int step(tm_statement *statement)
{
    return fails_now() ? -1 : tm_sqlite_step(statement);
}

static int read_value(tm_statement *statement, int column, struct tm_value *into)
{
    return fails_now() ? -1 : tm_sqlite_value(statement, column, into);
}

static int begin(tm_store *store, bool references)
{
    return fails_now() ? refuse(store) : tm_sqlite_begin(store, references);
}

static int commit(tm_store *store)
{
    return fails_now() ? refuse(store) : tm_sqlite_commit(store);
}

static int add_profiles(tm_store *store, int64_t run_id, const struct tm_batch_row *rows, size_t n)
{
    return fails_now() ? refuse(store) : tm_sqlite_add_profiles(store, run_id, rows, n);
}

/* ---- what is tried ---- */

static const struct tm_watcher nobody = {0};

static int gate(tm_store *store)
{
    tm_gate_result *result;
    if (tm_gate(store, NULL, &result) != 0)
        return -1;
    tm_gate_free(result);
    return 0;
}

static int put_night(tm_store *store, const char *key, int night_number, bool slow)
{
    struct tm_profile profiles[] = {full_profile(), full_profile(), full_profile()};
    static const char *const names[] = {"alpha", "beta", "gamma"};
    struct tm_run run = night;
    run.key = key;
    run.started_at += (int64_t)night_number * 86400;
    for (int i = 0; i < 3; i++) {
        profiles[i].plugin = names[i];
        profiles[i].calls = 100;
        profiles[i].wall_ns = 1e9 * (1 + 0.01 * ((night_number * 7 + i) % 5)) * (slow && i == 0 ? 3 : 1);
    }
    return put(store, &run, profiles, 3, NULL);
}

static int replace(tm_store *store)
{
    struct tm_profile profile = full_profile();
    struct tm_run run = night;
    enum tm_outcome outcome;
    run.key = "n3";
    run.project = "default";
    run.branch = "main";
    run.started_at += (int64_t)3 * 86400;
    const struct tm_run_content content = {.run = run, .profiles = &profile, .n_profiles = 1};
    if (tm_begin(store) != 0)
        return -1;
    return tm_put_run(store, &content, TM_PUT_REPLACE, &outcome) == 0 ? tm_commit(store) : -1;
}

static int store_one(tm_store *store)
{
    return put_night(store, "new", NIGHTS + 1, false);
}

static int remove_one(tm_store *store)
{
    return tm_remove_run(store, NULL, "n4");
}

static int rename_one(tm_store *store)
{
    return tm_rename_plugin(store, NULL, "beta", "delta");
}

static int describe(tm_store *store)
{
    return tm_describe_metric(store, NULL, "hits", "higher", "n");
}

static int prune(tm_store *store)
{
    struct tm_pruned pruned;
    struct tm_prune_wish wish = {.keep_runs = TM_UNKNOWN, .needed = TM_UNKNOWN};
    return tm_keep_days(store, NULL, 5, &wish.before) == 0 ? tm_prune(store, &wish, &pruned) : -1;
}

static int roll_up(tm_store *store)
{
    struct tm_pruned pruned;
    const struct tm_prune_wish wish = {.before = TM_UNKNOWN, .keep_runs = 8, .needed = 3, .rollup = true};
    return tm_prune(store, &wish, &pruned);
}

static void made(void *context, int64_t number, const char *metric)
{
    (void)context, (void)number, (void)metric;
}

static int decide(tm_store *store, enum tm_decision_kind kind)
{
    const struct tm_decision_wish wish = {.kind = kind,
                                          .scope = {.project = "default"},
                                          .plugin = "alpha",
                                          .metric = "wall_per_call_ms",
                                          .from = kind == TM_ACCEPT ? "n11" : NULL,
                                          .ceiling = 0.5,
                                          .until = night.started_at * 2,
                                          .reason = "r",
                                          .made_by = "b"};
    if (tm_begin(store) != 0)
        return -1;
    return tm_decide(store, &wish, made, NULL) == TM_DECIDED ? tm_commit(store) : -1;
}

static int accept(tm_store *store)
{
    return decide(store, TM_ACCEPT);
}

static int waive(tm_store *store)
{
    return decide(store, TM_WAIVE);
}

static int undo(tm_store *store)
{
    if (tm_begin(store) != 0)
        return -1;
    return tm_undo_decision(store, "default", 1) == 1 ? tm_commit(store) : -1;
}

static int adopt(tm_store *store)
{
    const struct tm_scope scope = {.project = "default"};
    struct tm_settings settings;
    struct tm_judged_run run = {0};
    struct tm_adoption adoption = {.run = &run, .reason = "r", .made_by = "b"};
    int result = tm_begin(store) == 0 && tm_settings_init(&settings) == TM_SETTING_DONE ? 0 : -1;
    if (result != 0)
        return -1;
    result =
        tm_settings_finish(&settings, store, "default") == TM_SETTING_DONE && tm_judged_run_find(store, &scope, NULL, &run) == 1
            ? tm_adopt(store, &settings, &nobody, &adoption)
            : -1;
    tm_judged_run_free(&run);
    tm_settings_free(&settings);
    return result == 0 ? tm_commit(store) : -1;
}

static int put_fact(void *context, const struct tm_fact *fact)
{
    struct tm_fact renamed = *fact;
    if (renamed.project)
        renamed.project = "copy";
    if (fact->kind == TM_FACT_RUN)
        renamed.run.run.project = "copy";
    if (fact->kind == TM_FACT_DECISION)
        renamed.decision.number += 100;
    return tm_put_fact(context, &renamed);
}

/* From a store that does not fail into one that does. */
static int restore(tm_store *store)
{
    struct tm_restored restored;
    tm_store *from = open_store("base.db", TM_READONLY);
    int result = tm_begin(store) == 0 ? tm_walk_facts(from, NULL, put_fact, store) : -1;
    tm_close(from);
    return result == 0 && tm_judge_restored(store, &nobody, &restored) == 0 ? tm_commit(store) : -1;
}

static int see_fact(void *context, const struct tm_fact *fact)
{
    (void)context, (void)fact;
    return 0;
}

static int walk(tm_store *store)
{
    return tm_walk_facts(store, NULL, see_fact, NULL);
}

static const struct {
    const char *name;
    int (*call)(tm_store *);
} tried[] = {
    {"a new run", store_one}, {"replacing", replace},  {"removing", remove_one}, {"renaming", rename_one}, {"describing", describe},
    {"pruning", prune},       {"rolling up", roll_up}, {"accepting", accept},    {"waiving", waive},       {"undoing", undo},
    {"adopting", adopt},      {"restoring", restore},  {"telling", walk},        {"the gate", gate},
};

/* ---- trying it ---- */

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    FILE *in = fopen(file(from), "r"), *out = fopen(file(to), "w");
    assert_true(in && out);
    for (size_t n; (n = fread(bytes, 1, sizeof bytes, in)) > 0;)
        assert_int_equal(fwrite(bytes, 1, n, out), n);
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* 0 if the call has done its work although that one failed; -1: it said so. */
static int try_with(const struct tm_engine *engine, int (*call)(tm_store *), long which)
{
    tm_store *store = open_store("t.db", 0);
    store->engine = engine;
    calls = 0;
    failing = which;
    int result = call(store);
    failing = 0;
    if (result != 0 && !*tm_error(store))
        fail_msg("fault %ld has no message", which);
    store->engine = &tm_sqlite_engine;
    tm_rollback(store);
    tm_close(store);
    return result;
}

static void what_fails_is_told_and_changes_nothing(void **state)
{
    struct tm_engine engine = tm_sqlite_engine;
    (void)state;
    engine.prepare = prepare;
    engine.bind = bind;
    engine.step = step;
    engine.value = read_value;
    engine.begin = begin;
    engine.commit = commit;
    engine.add_profiles = add_profiles;
    tm_store *base = open_store("base.db", TM_CREATE);
    for (int i = 0; i < NIGHTS; i++) {
        char key[8];
        snprintf(key, sizeof key, "n%d", i);
        assert_int_equal(put_night(base, key, i, i > 8), 0);
    }
    assert_int_equal(gate(base), 0);
    assert_int_equal(decide(base, TM_WAIVE), 0);
    tm_close(base);
    uint64_t before = fingerprint("base.db");
    for (size_t i = 0; i < sizeof tried / sizeof *tried; i++) {
        copy_file("base.db", "t.db");
        if (try_with(&engine, tried[i].call, 0) != 0)
            fail_msg("%s fails without a fault", tried[i].name);
        long all = calls;
        copy_file("base.db", "t.db");
        for (long which = 1; which <= all; which += which < FIRST ? 1 : STRIDE) {
            int result = try_with(&engine, tried[i].call, which);
            if (result == 0)
                fail_msg("%s: fault %ld of %ld was not told", tried[i].name, which, all);
            if (fingerprint("t.db") != before)
                fail_msg("%s: fault %ld of %ld has changed the store", tried[i].name, which, all);
        }
        assert_true(all > 5);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_fails_is_told_and_changes_nothing)};
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
