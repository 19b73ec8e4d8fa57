/* Weeks of older runs: values combined against all of them at once, runs rolled up in one go and in several, and what is no week.
 */
#include "schema/facts.h"
#include "schema/sketch.h"
#include "tests/unit/store_rules.h"

enum { DAY = 86400, WEEKS_START = 1740355200 /* Monday, 2025-02-24 */, VALUES = 400 };

/* ---- values ---- */

static const struct series {
    const char *row;
    double start, step; /* of a simple generator */
    double scale, shift;
} series[] = {
    {"around one", 1, 7, 1, 0},        {"small", 3, 5, 1e-300, 0}, {"large", 5, 11, 1e150, 0},
    {"far from zero", 2, 13, 1, 1e12}, {"negative", 4, 3, -20, 5}, {"all alike", 1, 0, 1, 0.1},
};

static double value_of(const struct series *row, int i)
{
    return row->shift + row->scale * (row->step ? fmod(row->start * 37 + row->step * 61.7 * i * (1 + i % 7), 97) : row->start);
}

/* Two passes in long double. */
static struct tm_week_value directly(const struct series *row, int from, int to)
{
    long double sum = 0, squares = 0;
    struct tm_week_value value = {.n = to - from, .least = INFINITY, .most = -INFINITY};
    for (int i = from; i < to; i++) {
        sum += (long double)value_of(row, i);
        value.least = fmin(value.least, value_of(row, i));
        value.most = fmax(value.most, value_of(row, i));
    }
    long double mean = sum / (to - from);
    for (int i = from; i < to; i++)
        squares += ((long double)value_of(row, i) - mean) * ((long double)value_of(row, i) - mean);
    value.mean = (double)mean;
    value.m2 = (double)squares;
    return value;
}

static struct tm_week_value one_by_one(const struct series *row, int from, int to)
{
    struct tm_week_value value = {0};
    for (int i = from; i < to; i++) {
        double x = value_of(row, i);
        assert_true(tm_week_value_add(&value, &(struct tm_week_value){1, x, 0, x, x}));
    }
    return value;
}

static void expect_near(const char *row, const char *what, double found, double wanted, double scale)
{
    if (!(fabs(found - wanted) <= 1e-11 * scale))
        fail_msg("%s: %s is %.17g, expected %.17g", row, what, found, wanted);
}

static void expect_alike(const struct series *row, const struct tm_week_value *found, const struct tm_week_value *wanted)
{
    assert_int_equal(found->n, wanted->n);
    assert_true(found->least == wanted->least && found->most == wanted->most);
    expect_near(row->row, "the mean", found->mean, wanted->mean, fmax(fabs(wanted->mean), wanted->most - wanted->least));
    /* Values that are 1e12 apart from zero have four digits behind the point left. */
    expect_near(row->row, "M2", found->m2, wanted->m2, wanted->m2 * (row->shift > 1e6 ? 1e7 : 1));
    assert_true(tm_week_value_sound(found));
}

static void combines_as_all_at_once(void **state)
{
    const struct series *row;
    (void)state;
    EACH(row, series)
    {
        const struct tm_week_value all = directly(row, 0, VALUES), single = one_by_one(row, 0, VALUES);
        expect_alike(row, &single, &all);
        for (int cut = 1; cut < VALUES; cut += 1 + cut / 2) {
            struct tm_week_value first = one_by_one(row, 0, cut), second = one_by_one(row, cut, VALUES), other = second;
            assert_true(tm_week_value_add(&other, &first));
            assert_true(tm_week_value_add(&first, &second));
            expect_alike(row, &first, &all);
            expect_alike(row, &other, &all);
        }
    }
}

static void equal_values_do_not_scatter(void **state)
{
    const struct tm_week_value value = one_by_one(&series[5], 0, VALUES);
    (void)state;
    assert_true(value.m2 == 0 && value.mean == value.least && value.mean == value.most);
}

static void too_far_apart(void **state)
{
    struct tm_week_value value = {1, 1e200, 0, 1e200, 1e200};
    const struct tm_week_value before = value, other = {1, -1e200, 0, -1e200, -1e200};
    (void)state;
    assert_false(tm_week_value_add(&value, &other));
    assert_memory_equal(&value, &before, sizeof value);
}

static const struct {
    const char *row;
    struct tm_week_value value;
    bool sound;
} sounds[] = {
    {"one", {1, 2, 0, 2, 2}, true},
    {"two", {2, 2, 2, 1, 3}, true},
    {"none", {0, 2, 0, 2, 2}, false},
    {"one that scatters", {1, 2, 1, 1, 3}, false},
    {"alike, and scattering", {2, 2, 1, 2, 2}, false},
    {"below zero", {2, 2, -1, 1, 3}, false},
    {"a mean above all", {2, 4, 2, 1, 3}, false},
    {"a mean below all", {2, 0, 2, 1, 3}, false},
    {"no mean", {2, NAN, 2, 1, 3}, false},
    {"endless", {2, 2, 2, 1, INFINITY}, false},
    {"endlessly scattering", {2, 2, INFINITY, 1, 3}, false},
};

static void could_be_of_runs(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sounds / sizeof *sounds; i++)
        if (tm_week_value_sound(&sounds[i].value) != sounds[i].sound)
            fail_msg("%s: expected %s", sounds[i].row, sounds[i].sound ? "sound" : "not sound");
}

static const struct {
    const char *row;
    int64_t at, begins_at;
} weeks[] = {
    {"the first second", 0, -3 * DAY},
    {"the first Sunday's end", 4 * DAY - 1, -3 * DAY},
    {"the first Monday", 4 * DAY, 4 * DAY},
    {"a Monday", WEEKS_START, WEEKS_START},
    {"a Sunday's last second", WEEKS_START + 7 * DAY - 1, WEEKS_START},
    {"the last second", 253402300799, 253401868800},
};

static void weeks_begin_on_monday(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof weeks / sizeof *weeks; i++)
        if (tm_week_begin(weeks[i].at) != weeks[i].begins_at)
            fail_msg("%s: begins at %lld", weeks[i].row, (long long)tm_week_begin(weeks[i].at));
}

/* ---- the store ---- */

enum { NIGHTS = 30 };

static double wall_of(int n)
{
    return 1e9 * (1 + 0.1 * ((n * 7) % 5)) / 3;
}

/* One a day, with a sketch and a reading; every ninth has two repeats. */
static void fill(tm_store *store, int from, int to)
{
    for (int n = from; n < to; n++)
        for (int again = 0; again < (n % 9 == 4 ? 3 : 1); again++) {
            char key[48], first[32];
            struct tm_sketch sketch;
            struct tm_profile profile = full_profile();
            struct tm_reading reading = {"hits", "count", n + again, "higher"};
            struct tm_run run = {.key = key, .host = "ci", .started_at = WEEKS_START + (int64_t)n * DAY + again};
            snprintf(first, sizeof first, "n%02d", n);
            snprintf(key, sizeof key, again ? "%s again %d" : "%s", first, again);
            run.repeat_of = again ? first : NULL;
            tm_sketch_init(&sketch);
            for (int i = 0; i < 10; i++)
                assert_int_equal(tm_sketch_add(&sketch, 1e6 * (n + i + 1)), 0);
            profile.calls = 10 + again, profile.errors = n % 3;
            profile.wall_ns = wall_of(n) + again;
            profile.readings = &reading, profile.n_readings = 1;
            size_t size;
            unsigned char *latency = tm_sketch_encode(&sketch, &size);
            profile.latency = latency, profile.latency_size = size;
            assert_int_equal(put(store, &run, &profile, 1, NULL), 0);
            free(latency);
            tm_sketch_free(&sketch);
        }
}

static struct tm_pruned roll(tm_store *store, int64_t before, int64_t needed)
{
    const struct tm_prune_wish wish = {.before = before, .keep_runs = TM_UNKNOWN, .needed = needed, .rollup = true};
    struct tm_pruned pruned;
    if (tm_prune(store, &wish, &pruned) != 0)
        fail_msg("%s", tm_error(store));
    return pruned;
}

static char *rows_of(tm_store *store)
{
    static char text[60000];
    sqlite3_stmt *statement;
    size_t used = 0;
    with_views(store);
    if (sqlite3_prepare_v2(
            tm_sqlite_db(store),
            "SELECT plugin || metric || week || ' ' || n || ' ' || hex(format('%!.20g %!.20g', mean, stdev)) || ' ' || "
            "min || ' ' || max || ' ' || calls || ' ' || errors || ' ' || format('%!.20g', wall_ms) || ' ' || "
            "wall_p50_ms || ' ' || runs FROM weekly ORDER BY 1",
            -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s", sqlite3_errmsg(tm_sqlite_db(store)));
    while (sqlite3_step(statement) == SQLITE_ROW)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s\n", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    assert_true(used > 0 && used < sizeof text);
    return text;
}

/* Night by night, and with runs that come again in between, is the same as at once, to the last bit. */
static void several_goes_are_one(void **state)
{
    tm_store *once = open_store("once.db", TM_CREATE), *often = open_store("often.db", TM_CREATE);
    (void)state;
    fill(once, 0, NIGHTS);
    fill(often, 0, NIGHTS);
    struct tm_pruned pruned = roll(once, WEEKS_START + 20 * DAY, 2);
    assert_int_equal(pruned.runs, 20 + 2 * 2);
    assert_int_equal(pruned.weeks, 3);
    assert_int_equal(pruned.kept, 0);
    for (int n = 0; n <= 20; n++) {
        roll(often, WEEKS_START + (int64_t)n * DAY, 2);
        if (n % 4 == 3)
            fill(often, n - 3, n); /* as if somebody stored them once more */
    }
    pruned = roll(often, WEEKS_START + 20 * DAY, 2);
    assert_int_equal(pruned.weeks, 0);
    char *wanted = strdup(rows_of(once));
    assert_string_equal(rows_of(often), wanted);
    free(wanted);
    assert_int_equal(number(once, "SELECT sum(n) FROM weekly WHERE metric = 'wall_per_call_ms'"), 20);
    assert_int_equal(tm_check(once, NULL, NULL), 0);
    tm_close(once);
    tm_close(often);
}

/* Repeats are pooled in values, as the judge sees them, and added in sums. */
static void a_week_says_what_its_runs_said(void **state)
{
    tm_store *store = open_store("says.db", TM_CREATE);
    (void)state;
    fill(store, 0, NIGHTS);
    roll(store, WEEKS_START + 7 * DAY, 2);
    assert_int_equal(number(store, "SELECT calls FROM weekly WHERE metric = 'hits'"), 7 * 10 + 11 + 12);
    assert_int_equal(number(store, "SELECT errors FROM weekly WHERE metric = 'hits'"), 0 + 1 + 2 + 0 + 3 * 1 + 2 + 0);
    assert_int_equal(number(store, "SELECT round(1000 * mean) FROM weekly WHERE metric = 'hits'"), (1000 * 22 + 3) / 7);
    assert_int_equal(number(store, "SELECT max FROM weekly WHERE metric = 'hits'"), 6);
    assert_int_equal(number(store, "SELECT round(wall_p50_ms) FROM weekly WHERE metric = 'hits'"), 9);
    assert_int_equal(number(store, "SELECT runs FROM weekly WHERE metric = 'hits'"), 7);
    tm_close(store);
}

/* What a decision names stays, with its repeats; and so do as many nights as are needed. */
static void what_is_needed_stays(void **state)
{
    tm_store *store = open_store("stays.db", TM_CREATE);
    (void)state;
    fill(store, 0, NIGHTS);
    assert_int_equal(sqlite3_exec(tm_sqlite_db(store),
                                  "INSERT INTO decision (project_id, plugin_id, kind, from_run, from_at, made_run, made_run_at, "
                                  "reason, made_at) SELECT project_id, 1, 'accept', run_id, started_at, 1, 0, 'r', 0 FROM run "
                                  "WHERE key IN ('n04')",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    struct tm_pruned pruned = roll(store, INT64_C(253402300799), 12);
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE key LIKE 'n04%'"), 3);
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE key = 'n00'"), 1); /* the decision was made on it */
    assert_int_equal(number(store, "SELECT count(*) FROM run WHERE repeat_of IS NULL"), 12 + 2);
    assert_int_equal(pruned.kept, number(store, "SELECT count(*) FROM run"));
    tm_close(store);
}

/* Nothing of a week is written where one of its runs cannot be summed. */
static void all_or_nothing(void **state)
{
    tm_store *store = open_store("nothing.db", TM_CREATE);
    struct tm_profile profile = full_profile();
    struct tm_reading reading = {"far", NULL, 1e200, NULL};
    const struct tm_prune_wish wish = {.before = WEEKS_START + 20 * DAY, .keep_runs = TM_UNKNOWN, .needed = 2, .rollup = true};
    struct tm_pruned pruned;
    (void)state;
    fill(store, 0, NIGHTS);
    profile.readings = &reading, profile.n_readings = 1;
    for (int i = 0; i < 2; i++) {
        struct tm_run run = {.key = i ? "far 1" : "far 2", .host = "ci", .started_at = WEEKS_START + 15 * DAY + i};
        reading.value = i ? 1e200 : -1e200;
        assert_int_equal(put(store, &run, &profile, 1, NULL), 0);
    }
    int64_t runs = number(store, "SELECT count(*) FROM run");
    expect_error("too far", store, tm_prune(store, &wish, &pruned), "too far apart");
    assert_int_equal(number(store, "SELECT count(*) FROM run"), runs);
    assert_int_equal(number(store, "SELECT (SELECT count(*) FROM week) + (SELECT count(*) FROM week_value)"), 0);
    tm_close(store);
}

/* ---- facts ---- */

static struct tm_week_metric one_metric[] = {{"hits", {1, 2, 0, 2, 2}}, {"misses", {1, 2, 0, 2, 2}}};
static struct tm_week_plugin one_plugin[] = {
    {.plugin = "a", .calls = 3, .errors = 1, .wall_ns = 1, .cpu_ns = NAN, .metrics = one_metric, .n_metrics = 2},
    {.plugin = "b", .calls = 3, .errors = TM_UNKNOWN, .wall_ns = NAN, .cpu_ns = NAN}};
static const char *one_run[] = {"n1", "n2"};

static struct tm_fact week_fact(void)
{
    return (struct tm_fact){.kind = TM_FACT_WEEK,
                            .project = "default",
                            .week = {.branch = "main",
                                     .host = "ci",
                                     .begins_at = WEEKS_START,
                                     .runs = one_run,
                                     .n_runs = 2,
                                     .plugins = one_plugin,
                                     .n_plugins = 2}};
}

static void no_runs(struct tm_week_fact *week)
{
    week->n_runs = 0;
}
static void tuesday(struct tm_week_fact *week)
{
    week->begins_at += DAY;
}
static void runs_twice(struct tm_week_fact *week)
{
    static const char *twice[] = {"n1", "n1"};
    week->runs = twice;
}
static void plugins_twice(struct tm_week_fact *week)
{
    static struct tm_week_plugin twice[2];
    twice[0] = twice[1] = one_plugin[0];
    week->plugins = twice;
}
static struct tm_week_plugin changed;
static struct tm_week_plugin *change(struct tm_week_fact *week)
{
    changed = one_plugin[0];
    week->plugins = &changed, week->n_plugins = 1;
    return &changed;
}
static void many_errors(struct tm_week_fact *week)
{
    change(week)->errors = 4;
}
static void below_zero(struct tm_week_fact *week)
{
    change(week)->wall_ns = -1;
}
static void metrics_turned(struct tm_week_fact *week)
{
    static struct tm_week_metric turned[2];
    turned[0] = one_metric[1], turned[1] = one_metric[0];
    change(week)->metrics = turned;
}
static void too_many_values(struct tm_week_fact *week)
{
    static struct tm_week_metric many = {"hits", {3, 2, 1, 1, 3}};
    change(week)->metrics = &many, changed.n_metrics = 1;
}
static void no_sketch(struct tm_week_fact *week)
{
    change(week)->latency = "no", changed.latency_size = 2;
}

static const struct {
    const char *row;
    void (*spoil)(struct tm_week_fact *week);
    const char *message;
} spoilt[] = {
    {"no runs", no_runs, "has no runs"},
    {"not on a Monday", tuesday, "does not begin on a Monday"},
    {"a run twice", runs_twice, "runs out of order, or twice"},
    {"a plugin twice", plugins_twice, "plugins out of order, or twice"},
    {"errors above calls", many_errors, "more errors than calls"},
    {"a time below zero", below_zero, "below zero"},
    {"metrics out of order", metrics_turned, "metrics out of order"},
    {"more values than runs", too_many_values, "cannot be those of the week's runs"},
    {"no sketch", no_sketch, "is none"},
};

static void no_week_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof spoilt / sizeof *spoilt; i++) {
        tm_store *store = open_store("refused.db", TM_CREATE);
        struct tm_fact fact = week_fact();
        spoilt[i].spoil(&fact.week);
        assert_int_equal(tm_begin(store), 0);
        expect_error(spoilt[i].row, store, tm_put_fact(store, &fact), spoilt[i].message);
        tm_rollback(store);
        tm_close(store);
    }
}

static void a_week_is_put_once(void **state)
{
    tm_store *store = open_store("once more.db", TM_CREATE);
    struct tm_fact fact = week_fact();
    (void)state;
    assert_int_equal(tm_begin(store), 0);
    assert_int_equal(tm_put_fact(store, &fact), 0);
    expect_error("twice", store, tm_put_fact(store, &fact), "occurs twice");
    assert_int_equal(tm_commit(store), 0);
    assert_int_equal(number(store, "SELECT count(*) FROM weekly"), 2);
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combines_as_all_at_once),
        cmocka_unit_test(equal_values_do_not_scatter),
        cmocka_unit_test(too_far_apart),
        cmocka_unit_test(could_be_of_runs),
        cmocka_unit_test(weeks_begin_on_monday),
        cmocka_unit_test(several_goes_are_one),
        cmocka_unit_test(a_week_says_what_its_runs_said),
        cmocka_unit_test(what_is_needed_stays),
        cmocka_unit_test(all_or_nothing),
        cmocka_unit_test(no_week_is_refused),
        cmocka_unit_test(a_week_is_put_once),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
