/* How the statements of the store, and people's own over the views, find their rows. */
#include "tests/unit/fixture.h"

/* As those find it who did not make it: what the planner is told of the tables is read when a store is opened. */
static tm_store *reopen(const char *name)
{
    tm_close(open_store(name, TM_CREATE));
    return open_store(name, 0);
}

/* The steps of a plan, each ended by a line end. */
static void plan_of(tm_store *store, const char *name, const char *sql, char *plan, size_t size)
{
    sqlite3_stmt *statement;
    with_views(store);
    char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
    if (sqlite3_prepare_v2(tm_sqlite_db(store), explain, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", name, sqlite3_errmsg(tm_sqlite_db(store)));
    size_t used = 0;
    *plan = '\0';
    while (sqlite3_step(statement) == SQLITE_ROW) {
        used += (size_t)snprintf(plan + used, size - used, "%s\n", (const char *)sqlite3_column_text(statement, 3));
        assert_true(used < size);
    }
    sqlite3_finalize(statement);
    sqlite3_free(explain);
}

/* The only statements that may walk a table which grows with the runs. profile, recording, reading: none. */
static const struct {
    const char *query, *step;
} walks[] = {
    {"list_plugins", "SCAN run"},
    {"list_runs", "SCAN run"},
    {"verdicts_of_plugin", "SCAN run"},
    {"exported_runs", "SCAN run"},
    {"exported_metrics", "SCAN metric"},
    {"prune_list", "SCAN run"},
    {"prune_list", "SCAN decision"}, /* of each run that is old enough: decisions are few */
    {"runs_before", "SCAN run"},
    {"branches", "SCAN run"},
    {"branches", "SCAN lineage"},
    {"metric_names", "SCAN metric USING COVERING INDEX"},
    {"metrics", "SCAN metric USING INDEX"},
    {"metric_anywhere", "SCAN metric USING COVERING INDEX"},
    {"metric_turns", "SCAN metric"},
    {"metric_describe_named", "SCAN metric"},
    {"plugins_of_project", "SCAN plugin"},
    {"decisions", "SCAN decision"},
    {"decisions_of_lines", "SCAN decision"},
    {"decision_list", "SCAN decision"},
    {"decision_remove", "SCAN decision"},
    {"decisions_told", "SCAN decision"},
    {"decisions_of_plugin", "SCAN decision"},
    {"doctor_decisions", "SCAN decision"},
    {"plugin_names", "SCAN plugin"},
    {"dump_hosts", "SCAN run"},
    {"dump_decisions", "SCAN decision"},
    {"project_used", "SCAN decision"},
    {"decisions_of_no_metric", "SCAN decision"},
};

static bool may_walk(const char *query, const char *step)
{
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++)
        if (strcmp(walks[i].query, query) == 0 && strncmp(step, walks[i].step, strlen(walks[i].step)) == 0)
            return true;
    return false;
}

static bool walks_table(const char *step)
{
    static const char *const tables[] = {"profile", "recording", "reading",  "spike",   "run",
                                         "plugin",  "metric",    "decision", "verdict", "unjudged"};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        size_t size = strlen(tables[i]);
        if (strncmp(step, "SCAN ", 5) == 0 && strncmp(step + 5, tables[i], size) == 0 && strchr(" \n", step[5 + size]))
            return true;
    }
    return strncmp(step, "SEARCH profile USING AUTOMATIC", 30) == 0;
}

static void statements_do_not_walk(void **state)
{
    tm_store *store = reopen("plans.db");
    char plan[8000];
    int failures = 0;
    (void)state;
    for (int i = 0; i < TM_Q_COUNT; i++) {
        plan_of(store, tm_queries[i].name, tm_queries[i].sql, plan, sizeof plan);
        for (char *step = plan, *end; *step; step = end + 1) {
            end = strchr(step, '\n');
            if (walks_table(step) && !may_walk(tm_queries[i].name, step)) {
                print_message("%s: %.*s\n", tm_queries[i].name, (int)(end - step), step);
                failures++;
            }
        }
    }
    assert_int_equal(failures, 0);
    tm_close(store);
}

static void statements_and_rules_run(void **state)
{
    tm_store *store = open_store("prepare.db", TM_CREATE);
    (void)state;
    with_views(store);
    for (int i = 0; i < TM_Q_COUNT; i++) {
        sqlite3_stmt *statement;
        if (sqlite3_prepare_v2(tm_sqlite_db(store), tm_queries[i].sql, -1, &statement, NULL) != SQLITE_OK)
            fail_msg("%s: %s", tm_queries[i].name, sqlite3_errmsg(tm_sqlite_db(store)));
        sqlite3_finalize(statement);
    }
    for (int i = 0; i < TM_INVARIANT_COUNT; i++) {
        sqlite3_stmt *statement;
        if (sqlite3_prepare_v2(tm_sqlite_db(store), tm_invariants[i].sql, -1, &statement, NULL) != SQLITE_OK)
            fail_msg("%s: %s", tm_invariants[i].name, sqlite3_errmsg(tm_sqlite_db(store)));
        if (sqlite3_column_count(statement) != 2 || sqlite3_step(statement) != SQLITE_DONE)
            fail_msg("%s: finds something in an empty store", tm_invariants[i].name);
        sqlite3_finalize(statement);
    }
    tm_close(store);
}

/* Of one plugin they read its rows alone: the plugin's number is a part of each search. */
static void one_plugin_costs_its_rows(void **state)
{
    static const struct {
        enum tm_query query;
        const char *step;
    } rows[] = {
        {TM_Q_NIGHT_SAMPLES, "SEARCH profile USING PRIMARY KEY (run_id=? AND plugin_id>? AND plugin_id<?)"},
        {TM_Q_NIGHT_SAMPLES_POOLED, "SEARCH profile USING PRIMARY KEY (run_id=? AND plugin_id>? AND plugin_id<?)"},
        {TM_Q_NIGHT_READINGS, "SEARCH reading USING PRIMARY KEY (run_id=? AND plugin_id>? AND plugin_id<?)"},
        {TM_Q_NIGHT_READINGS_POOLED, "SEARCH reading USING PRIMARY KEY (run_id=? AND plugin_id>? AND plugin_id<?)"},
        {TM_Q_EVENTS_OF, "SEARCH verdict USING PRIMARY KEY (run_id=? AND plugin_id>? AND plugin_id<?)"},
        {TM_Q_LEVELS_OF_PLUGIN, "SEARCH verdict USING PRIMARY KEY (run_id=? AND plugin_id=?)"},
        {TM_Q_VERDICTS_OF_PLUGIN, "SEARCH verdict USING PRIMARY KEY (run_id=? AND plugin_id=?)"},
    };
    tm_store *store = reopen("one.db");
    char plan[8000];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        plan_of(store, tm_queries[rows[i].query].name, tm_queries[rows[i].query].sql, plan, sizeof plan);
        if (!strstr(plan, rows[i].step))
            fail_msg("%s: no '%s':\n%s", tm_queries[rows[i].query].name, rows[i].step, plan);
    }
    tm_close(store);
}

/* What a view must come by, one after the other, and by what not. */
static const struct view_plan {
    const char *name, *sql, *steps[4], *never;
} view_plans[] = {
    {"one plugin",
     "SELECT run, ts, wall_per_call_ms FROM profiles WHERE plugin = 'x'",
     {"SEARCH plugin USING INDEX", " run", "SEARCH profile USING PRIMARY KEY (run_id=? AND plugin_id=?)"},
     "SCAN profile"},
    {"one plugin, by time",
     "SELECT run, ts, wall_per_call_ms FROM profiles WHERE plugin = 'x' ORDER BY started_at",
     {"SEARCH plugin USING INDEX", " run", "SEARCH profile USING PRIMARY KEY (run_id=? AND plugin_id=?)"},
     "SCAN profile"},
    {"one plugin's history",
     "SELECT ts, value FROM history WHERE plugin = 'x' AND metric = 'wall_per_call_ms'",
     {"SEARCH plugin USING INDEX", " run", "SEARCH profile USING PRIMARY KEY (run_id=? AND plugin_id=?)"},
     "SCAN profile"},
    {"all plugins",
     "SELECT plugin, avg(wall_per_call_ms) FROM profiles GROUP BY plugin",
     {" run", "SEARCH profile USING PRIMARY KEY (run_id=?)\n", "SEARCH plugin USING PRIMARY KEY (plugin_id=?)"},
     "SCAN plugin"},
    {"all plugins of a branch",
     "SELECT plugin, avg(wall_ms) FROM profiles WHERE branch = 'main' GROUP BY plugin",
     {" run", "SEARCH profile USING PRIMARY KEY (run_id=?)\n", "SEARCH plugin USING PRIMARY KEY (plugin_id=?)"},
     "SCAN plugin"},
    {"one run",
     "SELECT plugin, wall_ms FROM profiles WHERE run = 'n1'",
     {"SEARCH run USING INDEX", "SEARCH profile USING PRIMARY KEY (run_id=?)\n", "SEARCH plugin USING PRIMARY KEY (plugin_id=?)"},
     "SCAN plugin"},
    {"latest",
     "SELECT plugin, wall_ms FROM latest",
     {"SEARCH run USING INTEGER PRIMARY KEY", "SEARCH profile USING PRIMARY KEY (run_id=?)\n", "SEARCH plugin USING PRIMARY KEY"},
     "SCAN plugin"},
};

static void check_view_plans(tm_store *store, const char *where)
{
    const struct view_plan *row;
    char plan[8000];
    EACH(row, view_plans)
    {
        plan_of(store, row->name, row->sql, plan, sizeof plan);
        const char *at = plan;
        for (int i = 0; i < 4 && row->steps[i]; i++) {
            const char *step = strstr(at, row->steps[i]);
            if (!step)
                fail_msg("%s, %s: no '%s' in its place:\n%s", row->name, where, row->steps[i], plan);
            else
                at = step + strlen(row->steps[i]);
        }
        if (strstr(plan, row->never) || strstr(plan, "profile USING AUTOMATIC") || strstr(plan, "plugin USING AUTOMATIC"))
            fail_msg("%s, %s:\n%s", row->name, where, plan);
    }
}

static void views_keep_their_plans(void **state)
{
    tm_store *store = reopen("views.db");
    struct tm_profile profiles[50];
    char names[50][8], key[8];
    (void)state;
    check_view_plans(store, "in an empty store");
    for (int i = 0; i < 50; i++) {
        snprintf(names[i], sizeof names[i], "p%d", i);
        profiles[i] = full_profile();
        profiles[i].plugin = names[i];
    }
    for (int i = 0; i < 20; i++) {
        snprintf(key, sizeof key, "n%d", i);
        struct tm_run run = {.key = key, .started_at = i, .host = "ci"};
        assert_int_equal(put(store, &run, profiles, 50, NULL), 0);
    }
    tm_close(store);
    store = open_store("views.db", TM_READONLY);
    check_view_plans(store, "in a full one");
    tm_close(store);
}

/* Which queries read the view in the order of plugins, and that the next one begins anew. */
static const struct {
    const char *name, *sql;
    bool by_plugin;
} ad_hoc[] = {
    {"a mean", "SELECT plugin, avg(wall_ms) FROM profiles GROUP BY plugin", true},
    {"of a branch", "SELECT plugin, median(wall_ms) AS m FROM profiles WHERE branch = 'main' GROUP BY plugin ORDER BY m", true},
    {"by run", "SELECT run, avg(wall_ms) FROM profiles GROUP BY run", false},
    {"by two", "SELECT plugin, avg(wall_ms) FROM profiles GROUP BY plugin, branch", false},
    {"with a join", "SELECT plugin, count(*) FROM profiles JOIN run USING (run_id) GROUP BY plugin", false},
    {"the view by its name", "SELECT plugin, avg(wall_ms) FROM main.profiles GROUP BY plugin", false},
    {"no groups", "SELECT plugin FROM profiles ORDER BY plugin", false},
};

static void groups_by_plugin(void **state)
{
    const struct tm_sql_limits limits = {.seconds = 60};
    (void)state;
    tm_close(reopen("groups.db"));
    tm_store *store = open_store("groups.db", TM_READONLY);
    for (size_t i = 0; i < sizeof ad_hoc / sizeof *ad_hoc; i++) {
        tm_rows *rows = tm_sql(store, ad_hoc[i].sql, &limits);
        if (!rows || tm_sqlite_of(store)->by_plugin != ad_hoc[i].by_plugin)
            fail_msg("%s: %s", ad_hoc[i].name, rows ? "another plan" : tm_error(store));
        assert_int_equal(tm_rows_next(rows), 0);
        assert_int_equal(tm_rows_close(rows), 0);
        assert_false(tm_sqlite_of(store)->by_plugin);
    }
    tm_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_and_rules_run),  cmocka_unit_test(statements_do_not_walk),
        cmocka_unit_test(one_plugin_costs_its_rows), cmocka_unit_test(views_keep_their_plans),
        cmocka_unit_test(groups_by_plugin),
    };
    return cmocka_run_group_tests(tests, make_scratch, remove_scratch);
}
