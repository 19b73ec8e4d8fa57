/* Which findings there are and in what order, and what is said of the data's gaps. */
#include "tests/unit/findings_fixture.h"

enum { SINCE = 45 };

static struct tm_findings found;

static void find(struct made *made)
{
    assert_int_equal(tm_findings_find(&made->report, &found), 0);
}

static void done(struct made *made)
{
    tm_findings_free(&found);
    free_report(made);
}

static size_t slow_plugin(struct made *made, const char *name, double factor, enum tm_class class)
{
    size_t plugin = add_plugin(made, name);
    multiply(made, plugin, WALL, class == TM_SUSPECT ? TONIGHT : SINCE, factor);
    add_verdict(made, plugin, WALL, class, class == TM_SUSPECT ? TONIGHT : SINCE);
    return plugin;
}

static void missing_plugin(struct made *made, const char *name)
{
    size_t plugin = add_plugin(made, name);
    made->plugins[plugin].present = false;
    for (int m = 0; m < N_METRICS; m++)
        *value(made, plugin, m, TONIGHT) = NAN;
    add_verdict(made, plugin, -1, TM_MISSING, 0)->last_good = made->keys[TONIGHT - 1];
}

static void expect_order(const char *wanted)
{
    char names[512] = "";
    for (size_t i = 0; i < found.n; i++) {
        size_t name = strcspn(found.list[i].title, " ");
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%.*s", i ? " " : "", (int)name, found.list[i].title);
    }
    assert_string_equal(names, wanted);
}

/* ---- which ones, and in what order ---- */

static void worst_class_first_then_cost(void **state)
{
    struct made *made = make_report();
    (void)state;
    slow_plugin(made, "suspect", 9, TM_SUSPECT);
    missing_plugin(made, "missing");
    slow_plugin(made, "open-little", 1.2, TM_OPEN);
    slow_plugin(made, "open-much", 4, TM_OPEN);
    slow_plugin(made, "new-little", 1.1, TM_REGRESSED);
    slow_plugin(made, "new-more", 1.3, TM_REGRESSED);
    multiply(made, slow_plugin(made, "new-rarely-called", 8, TM_REGRESSED), CALLS, 0, 0.01);
    find(made);
    expect_order("new-more new-little new-rarely-called open-much open-little missing suspect");
    done(made);
}

/* A fifth of all calls failing is more than a hundredth of all time. */
static void costs_are_compared_as_shares(void **state)
{
    struct made *made = make_report();
    (void)state;
    slow_plugin(made, "slower", 1.06, TM_OPEN);
    size_t failing = add_plugin(made, "failing");
    for (size_t night = SINCE; night < NIGHTS; night++)
        *value(made, failing, FAILS, night) = 0.4;
    add_verdict(made, failing, FAILS, TM_OPEN, SINCE);
    find(made);
    expect_order("failing slower");
    assert_true(fabs(found.list[0].share - 0.2) < 0.001);
    assert_true(found.list[1].share > 0.02 && found.list[1].share < 0.04);
    done(made);
}

/* Where nothing is known of the cost, by how far it moved. */
static void effect_decides_where_cost_does_not(void **state)
{
    static const double factors[] = {0.8, 0.4, 0.6};
    static const char *const names[] = {"a", "b", "c"};
    struct made *made = make_report();
    (void)state;
    for (int i = 0; i < 3; i++) {
        size_t plugin = add_plugin(made, names[i]);
        multiply(made, plugin, HITS, SINCE, factors[i]);
        add_verdict(made, plugin, HITS, TM_OPEN, SINCE);
    }
    find(made);
    expect_order("b c a");
    done(made);
}

static void seven_are_shown(void **state)
{
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
    struct made *made = make_report();
    (void)state;
    for (int i = 0; i < 9; i++)
        slow_plugin(made, names[i], 1.9 - 0.1 * i, TM_OPEN);
    find(made);
    expect_order("a b c d e f g");
    assert_int_equal(found.left_out, 2);
    done(made);
}

static void others_are_no_findings(void **state)
{
    struct made *made = make_report();
    (void)state;
    slow_plugin(made, "waived", 2, TM_WAIVED);
    slow_plugin(made, "improved", 0.5, TM_IMPROVED);
    size_t twice = slow_plugin(made, "twice", 2, TM_OPEN);
    add_verdict(made, twice, P95, TM_OPEN, SINCE)->leads = false;
    find(made);
    expect_order("twice");
    done(made);
}

/* The run first; its plugins only if they did more than the run did. */
static void what_the_run_did_is_told_once(void **state)
{
    struct made *made = make_report();
    (void)state;
    for (int i = 0; i < 5; i++)
        slow_plugin(made, i == 2 ? "far-worse" : "part", i == 2 ? 2.5 : 1.25, TM_OPEN);
    slow_plugin(made, "fresh", 1.25, TM_REGRESSED);
    struct tm_report_verdict *whole = add_verdict(made, TM_WHOLE_RUN, WALL, TM_OPEN, SINCE);
    whole->kind = "run-wide";
    find(made);
    assert_int_equal(found.n, 3);
    assert_ptr_equal(found.list[0].verdict, whole);
    assert_non_null(strstr(found.list[1].title, "fresh"));
    assert_non_null(strstr(found.list[2].title, "far-worse"));
    done(made);
}

static void nothing_to_report(void **state)
{
    struct made *made = make_report();
    (void)state;
    add_plugin(made, "quiet");
    made->report.outcome = "pass";
    find(made);
    assert_int_equal(found.n + found.left_out + found.n_gaps, 0);
    assert_string_equal(tm_nothing_found(&made->report), "nothing to look into");
    made->report.outcome = "not judged";
    assert_string_equal(tm_nothing_found(&made->report), "nothing can be said yet");
    made->report.tally.plugins = 0;
    assert_string_equal(tm_nothing_found(&made->report), "the run is empty: no plugin was called");
    done(made);
}

/* ---- gaps ---- */

static void no_cpu(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        forget(made, i, CPU);
}

static void no_cpu_for_two(struct made *made)
{
    forget(made, 0, CPU);
    forget(made, 1, CPU);
}

/* One of thirty is no word worth, unless it is the one that is asked about. */
static void no_cpu_for_one(struct made *made)
{
    while (made->report.n_plugins < 30)
        add_plugin(made, "more");
    forget(made, 7, CPU);
}

static void no_cpu_for_the_one(struct made *made)
{
    no_cpu_for_one(made);
    *value(made, 7, CPU, TONIGHT) = 60;
    forget(made, 3, CPU);
    add_verdict(made, 3, WALL, TM_OPEN, SINCE);
}

static void no_percentiles(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        forget(made, i, P50), forget(made, i, P95);
}

static void only_a_median(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        forget(made, i, P95);
}

static void no_memory(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        forget(made, i, PEAK), forget(made, i, KEPT);
}

static void no_errors(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        forget(made, i, FAILS);
}

static void no_commits(struct made *made)
{
    for (int i = 0; i < NIGHTS; i++)
        made->runs[i].commit = i % 2 ? NULL : "";
}

static void few_commits(struct made *made)
{
    for (int i = 0; i < 20; i++)
        made->runs[i].commit = NULL;
}

static void few_runs(struct made *made)
{
    made->report.tally.comparable = 5;
    made->report.tally.judged = 0;
}

static void no_runs(struct made *made)
{
    few_runs(made);
    made->report.tally.comparable = 0;
}

/* What explains a time is no gap of what has none. */
static void no_times(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        for (int m = WALL; m < N_METRICS; m++)
            if (m != HITS && m != CALLS)
                forget(made, i, m);
}

static void not_all_judged(struct made *made)
{
    made->report.tally.judged -= 2;
}

static void holes(struct made *made)
{
    for (int i = 0; i < NIGHTS; i++)
        made->runs[i].started_at += (i > 20 ? 3 : 0) * DAY + (i > 40 ? 4 : 0) * DAY + (i % 7) * 600;
}

static void workdays(struct made *made)
{
    for (int i = 0; i < NIGHTS; i++)
        made->runs[i].started_at = 1785715200 + (i / 5 * 7 + i % 5) * DAY; /* the first is a Monday */
}

static void everything(struct made *made)
{
    few_runs(made), no_cpu(made), no_commits(made), no_errors(made), no_percentiles(made), no_memory(made);
}

static void nothing(struct made *made)
{
    (void)made;
}

static void no_values(struct made *made)
{
    for (size_t i = 0; i < made->report.n_plugins; i++) {
        free(made->plugins[i].values);
        made->plugins[i].values = NULL;
    }
}

static void gaps_are_told(void **state)
{
    static const struct {
        const char *name;
        void (*make)(struct made *made);
        size_t n;
        const char *first;
    } rows[] =
        {
            {"nothing", nothing, 0, NULL},
            {"no CPU time", no_cpu, 1, "No CPU time was recorded for any plugin: "},
            {"no CPU time for two", no_cpu_for_two, 1, "No CPU time was recorded for p and q: "},
            {"no CPU time for one of thirty", no_cpu_for_one, 0, NULL},
            {"no CPU time for the one", no_cpu_for_the_one, 1, "No CPU time was recorded for s: "},
            {"no percentiles", no_percentiles, 1, "No percentiles were recorded for any plugin: "},
            {"only a median", only_a_median, 0, NULL},
            {"no memory", no_memory, 1, "No memory was recorded for any plugin: "},
            {"no errors", no_errors, 1, "Errors were not recorded for any plugin: "},
            {"no commits", no_commits, 1, "No commits were recorded: "},
            {"few commits", few_commits, 1, "No commits were recorded for 20 of the last 60 runs: "},
            {"few runs", few_runs, 1, "There are only 5 runs to compare with; judging takes 6. Store 1 more night."},
            {"no runs", no_runs, 1, "There are no runs to compare with yet; judging takes 6. Store 6 more nights."},
            {"no times", no_times, 0, NULL},
            {"not all judged", not_all_judged, 1, "2 of 4 plugins were not judged"},
            {"holes", holes, 1, "About 7 runs are missing between night-1 and night-60, where a run every 24.2 hours is usual"},
            {"workdays", workdays, 0, NULL},
            {"everything", everything, TM_GAPS_MOST, "There are only 5 runs"},
            {"no history", no_values, 0, NULL},
        },
      *row;
    (void)state;
    EACH(row, rows)
    {
        struct made *made = make_report();
        static const char *const names[] = {"p", "q", "r", "s"};
        for (int i = 0; i < 4; i++)
            add_plugin(made, names[i]);
        row->make(made);
        find(made);
        if (found.n_gaps != row->n)
            fail_msg("%s: %zu gaps: %s", row->name, found.n_gaps, found.n_gaps ? found.gaps[0] : "");
        if (row->first && strncmp(found.gaps[0], row->first, strlen(row->first)) != 0)
            fail_msg("%s: %s", row->name, found.gaps[0]);
        done(made);
    }
}

/* ---- commands ---- */

static void plain_names_stay_plain(void **state)
{
    struct made *made = make_report();
    (void)state;
    missing_plugin(made, "pdf-parser_2.0");
    missing_plugin(made, "it's two words");
    missing_plugin(made, "gr\303\266\303\237e");
    made->report.project = "my project";
    find(made);
    const char *wanted[] = {"pdf-parser_2.0", "'it'\\''s two words'", "'gr\303\266\303\237e'"};
    for (int i = 0; i < 3; i++) {
        char command[128];
        snprintf(command, sizeof command, "tidemark retire %s --reason WHY --project 'my project'", wanted[i]);
        bool any = false;
        for (size_t f = 0; f < found.n; f++)
            any = any || strcmp(found.list[f].command, command) == 0;
        if (!any)
            fail_msg("no %s", command);
    }
    done(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(worst_class_first_then_cost),
        cmocka_unit_test(costs_are_compared_as_shares),
        cmocka_unit_test(effect_decides_where_cost_does_not),
        cmocka_unit_test(seven_are_shown),
        cmocka_unit_test(others_are_no_findings),
        cmocka_unit_test(what_the_run_did_is_told_once),
        cmocka_unit_test(nothing_to_report),
        cmocka_unit_test(gaps_are_told),
        cmocka_unit_test(plain_names_stay_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
