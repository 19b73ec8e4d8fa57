/* What a chart is made of, before anything is drawn: thinned lines, tics, units, numbered changes, levels, scales. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report/chart/panel.h"
#include "report/chart/thin.h"

#define EACH(row, table) for (row = table; row < table + sizeof table / sizeof *table; row++)

enum { DAY = 86400, START = 1795140000 /* 2026-11-20T02:00:00Z */ };

/* ---- thinning ---- */

static double next_random(void)
{
    static uint64_t state = 7;
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (double)(state >> 11) / 9007199254740992.0;
}

enum { LONG = 5000 };

static bool holds(const struct tm_point *points, size_t n, struct tm_point wanted)
{
    for (size_t i = 0; i < n; i++)
        if (!(points[i].x < wanted.x || points[i].x > wanted.x || points[i].y < wanted.y || points[i].y > wanted.y))
            return true;
    return false;
}

/* A spike in either direction at every place must survive, and so must the line's ends. */
static void thinning_keeps_extremes(void **state)
{
    static struct tm_point line[LONG], thin[LONG];
    (void)state;
    for (int spike = 0; spike < LONG; spike += 7) {
        for (int i = 0; i < LONG; i++)
            line[i] = (struct tm_point){(float)i, (float)next_random()};
        line[spike].y = spike % 2 ? 9 : -9;
        memcpy(thin, line, sizeof line);
        size_t n = tm_thin(thin, LONG, 600);
        if (n > 603 || !holds(thin, n, line[spike]) || !holds(thin, 1, line[0]) || !holds(thin + n - 1, 1, line[LONG - 1]))
            fail_msg("spike at %d: %zu points", spike, n);
        for (size_t i = 1; i < n; i++)
            assert_true(thin[i].x > thin[i - 1].x);
    }
}

static void thinning_leaves_short_lines(void **state)
{
    struct tm_point line[] = {{0, 1}, {1, 5}, {2, 2}, {3, NAN}, {9, 4}}, same[5];
    (void)state;
    memcpy(same, line, sizeof line);
    assert_int_equal(tm_thin(same, 5, 5), 5);
    assert_memory_equal(same, line, sizeof line);
    assert_int_equal(tm_thin(same, 0, 5), 0);
}

static void thinning_keeps_breaks(void **state)
{
    static struct tm_point line[LONG];
    size_t breaks = 0;
    (void)state;
    for (int i = 0; i < LONG; i++)
        line[i] = (struct tm_point){(float)i, i % 500 == 250 ? NAN : (float)next_random()};
    size_t n = tm_thin(line, LONG, 100);
    for (size_t i = 0; i < n; i++)
        breaks += isnan(line[i].y) != 0;
    assert_int_equal(breaks, 10);
    assert_true(n <= 100 + 3 + 3 * 10);
}

static void thinning_of_one_moment(void **state)
{
    struct tm_point line[100];
    (void)state;
    for (int i = 0; i < 100; i++)
        line[i] = (struct tm_point){5, (float)i};
    size_t n = tm_thin(line, 100, 10);
    assert_true(n >= 2 && n <= 13);
    assert_true(line[n - 1].y > 98.5F && line[0].y < 0.5F);
}

/* How far the line that is left passes above or below a point. */
static double distance(const struct tm_point *line, size_t n, struct tm_point point)
{
    for (size_t i = 0; i + 1 < n; i++)
        if (line[i].x <= point.x && line[i + 1].x >= point.x && !isnan(line[i].y) && !isnan(line[i + 1].y)) {
            double part =
                line[i + 1].x > line[i].x ? ((double)point.x - (double)line[i].x) / ((double)line[i + 1].x - (double)line[i].x) : 0;
            return fabs((double)line[i].y + part * ((double)line[i + 1].y - (double)line[i].y) - (double)point.y);
        }
    return holds(line, n, point) ? 0 : INFINITY;
}

/* Noise, a step, spikes and breaks: no point is passed by more than is allowed, and much is left out. */
static void straightening_is_near(void **state)
{
    static const double offs[] = {0.25, 1, 4};
    static struct tm_point line[LONG], left[LONG];
    (void)state;
    for (size_t row = 0; row < 3; row++) {
        for (int i = 0; i < LONG; i++)
            line[i] = (struct tm_point){(float)i * 1.7F, (float)(3 * next_random() + (i > 2000 ? 40 : 0) + (i % 97 == 0 ? 60 : 0))};
        line[3000].y = NAN;
        memcpy(left, line, sizeof line);
        size_t n = tm_straighten(left, LONG, offs[row]);
        assert_true(holds(left, 1, line[0]) && holds(left + n - 1, 1, line[LONG - 1]));
        assert_true(holds(left, n, line[97]) && holds(left, n, line[2999]) && holds(left, n, line[3001]));
        assert_true(n < (row == 0 ? LONG : row == 1 ? LONG * 8 / 10 : LONG / 10));
        for (int i = 0; i < LONG; i++)
            if (i != 3000 && !(distance(left, n, line[i]) <= offs[row] + 1e-4))
                fail_msg("off %g: point %d is %g away", offs[row], i, distance(left, n, line[i]));
    }
}

static void straightening_of_little(void **state)
{
    struct tm_point flat[] = {{0, 5}, {1, 5}, {2, 5}, {3, 5}}, upright[] = {{0, 1}, {2, 1}, {2, 9}, {2, 3}, {4, 3}};
    (void)state;
    assert_int_equal(tm_straighten(flat, 4, 0), 2);
    assert_true(holds(flat, 2, (struct tm_point){3, 5}));
    assert_int_equal(tm_straighten(upright, 5, 1), 5);
    assert_int_equal(tm_straighten(flat, 1, 1), 1);
    assert_int_equal(tm_straighten(flat, 0, 1), 0);
}

/* ---- axes ---- */

static void join(const struct tm_tic *tics, size_t n, char *text)
{
    *text = '\0';
    for (size_t i = 0; i < n; i++)
        strcat(strcat(text, i ? " | " : ""), tics[i].text);
}

static const struct {
    double low, high;
    int most;
    const char *tics;
} value_rows[] = {
    {0, 10, 4, "0 | 5 | 10"},
    {0, 10, 6, "0 | 2 | 4 | 6 | 8 | 10"},
    {0.58, 1.25, 4, "0.6 | 0.8 | 1.0 | 1.2"},
    {-3, 3, 4, "-2 | 0 | 2"},
    {-0.0001, 0.0001, 3, "-0.0001 | 0.0000 | 0.0001"},
    {1e9, 3e9, 4, "1e+09 | 2e+09 | 3e+09"},
    {-3e-6, 2e-6, 3, "-2e-06 | 0 | 2e-06"},
    {5, 5, 4, ""},
    {-INFINITY, 3, 4, ""},
    {0, NAN, 4, ""},
};

static void value_tics(void **state)
{
    struct tm_tic tics[TM_TICS_MOST];
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof value_rows / sizeof *value_rows; i++) {
        join(tics, tm_value_tics(value_rows[i].low, value_rows[i].high, value_rows[i].most, tics), text);
        if (strcmp(text, value_rows[i].tics) != 0)
            fail_msg("%g to %g: '%s', not '%s'", value_rows[i].low, value_rows[i].high, text, value_rows[i].tics);
    }
}

static void value_tics_are_few(void **state)
{
    struct tm_tic tics[TM_TICS_MOST];
    (void)state;
    for (int i = 0; i < 20000; i++) {
        double low = 1000 * (next_random() - 0.5), high = low + pow(10, 6 * next_random() - 3);
        size_t n = tm_value_tics(low, high, 4, tics);
        for (size_t k = 0; k < n; k++)
            assert_true(tics[k].at >= low - 1e-6 * (high - low) && tics[k].at <= high + 1e-6 * (high - low));
        if (n < 1 || n > 4)
            fail_msg("%g to %g: %zu tics", low, high, n);
    }
}

static const struct {
    int64_t last; /* days behind 2026-11-20T02:00:00Z */
    const char *tics;
} time_rows[] = {
    {0, "2026-11-20"},
    {1, "06:00 | 12:00 | 18:00 | Nov 21, 2026"},
    {5, "Nov 21, 2026 | Nov 22 | Nov 23 | Nov 24 | Nov 25"},
    {30, "Nov 23, 2026 | Nov 30 | Dec 7 | Dec 14"},
    {60, "Nov 23, 2026 | Dec 7 | Dec 21 | Jan 4, 2027 | Jan 18"},
    {180, "2026-12 | 2027-01 | 2027-02 | 2027-03 | 2027-04 | 2027-05"},
    {365, "2027-01 | 2027-03 | 2027-05 | 2027-07 | 2027-09 | 2027-11"},
    {5000, "2028 | 2030 | 2032 | 2034 | 2036 | 2038 | 2040"},
    {2900000, "4000 | 6000 | 8000"},
};

static void time_tics(void **state)
{
    struct tm_tic tics[TM_TICS_MOST];
    char text[512];
    (void)state;
    for (size_t i = 0; i < sizeof time_rows / sizeof *time_rows; i++) {
        join(tics, tm_time_tics(START, START + time_rows[i].last * DAY, 7, tics), text);
        if (strcmp(text, time_rows[i].tics) != 0)
            fail_msg("%d days: '%s', not '%s'", (int)time_rows[i].last, text, time_rows[i].tics);
    }
}

static const struct {
    const char *metric;
    double largest, shown;
    const char *unit;
} unit_rows[] = {
    {"wall_per_call_ms", 412.3, 412.3, "ms"},
    {"wall_per_call_ms", 3000, 3, "s"},
    {"wall_per_call_ms", 0.25, 250, "us"},
    {"wall_per_call_ms", 2e-5, 20, "ns"},
    {"wall_per_call_ms", 240e3, 4, "min"},
    {"wall_per_call_ms", 7.2e6, 2, "h"},
    {"wall_per_call_ms", 0, 0, "ms"},
    {"peak_mem_kb", 512, 512, "KiB"},
    {"peak_mem_kb", 3072, 3, "MiB"},
    {"peak_mem_kb", 2097152, 2, "GiB"},
    {"mem_delta_per_call_kb", -4096, -4, "MiB"},
    {"mem_delta_per_call_kb", 0.5, 512, "B"},
    {"error_rate", 0.25, 25, "%"},
    {"calls", 64, 64, ""},
    {"calls", 64000, 64, "thousands"},
    {"cache \"hits\"", 5e6, 5, "millions"},
    {"cache \"hits\"", 0.25, 0.25, ""},
};

/* The unit that the project has given its own metric is no part of it. */
static void units(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof unit_rows / sizeof *unit_rows; i++) {
        const struct tm_report_metric metric = {.name = unit_rows[i].metric, .unit = "'; evil"};
        const struct tm_chart_unit unit = tm_chart_unit_for(&metric, unit_rows[i].largest);
        if (strcmp(unit.name, unit_rows[i].unit) != 0 || fabs(unit.scale * unit_rows[i].largest - unit_rows[i].shown) > 1e-9)
            fail_msg("%s %g: %g %s", metric.name, unit_rows[i].largest, unit.scale * unit_rows[i].largest, unit.name);
    }
}

static const struct {
    double value;
    int digits;
    const char *text;
} number_rows[] = {{279.628, 4, "279.6"},       {279.628, 3, "280"}, {0, 4, "0"},         {12.5, 4, "12.5"},
                   {0.0456789, 4, "0.04568"},   {4995, 3, "4995"},   {99999, 4, "99999"}, {1.5e7, 4, "1.5e+07"},
                   {-6.561e-9, 4, "-6.56e-09"}, {-5.13, 4, "-5.13"}};

static void numbers(void **state)
{
    char text[TM_TIC_SIZE];
    (void)state;
    for (size_t i = 0; i < sizeof number_rows / sizeof *number_rows; i++) {
        tm_chart_number(number_rows[i].value, number_rows[i].digits, text);
        assert_string_equal(text, number_rows[i].text);
    }
}

/* ---- changes, levels, scales: one plugin, two metrics ---- */

enum { RUNS = 60, WALL = 0, CPU = 1, EVENTS = 80 };

static struct {
    struct tm_report report;
    struct tm_report_run runs[RUNS];
    struct tm_report_metric metrics[2];
    struct tm_report_plugin plugin;
    struct tm_report_event events[EVENTS];
    struct tm_report_verdict verdicts[4];
    struct tm_report_decision decisions[4];
    double values[2 * RUNS], scratch[RUNS];
} world;

static int make_world(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    world.report = (struct tm_report){.runs = world.runs,
                                      .run = &world.runs[RUNS - 1],
                                      .n_runs = RUNS,
                                      .metrics = world.metrics,
                                      .n_metrics = 2,
                                      .plugins = &world.plugin,
                                      .n_plugins = 1,
                                      .events = world.events,
                                      .verdicts = world.verdicts,
                                      .decisions = world.decisions};
    world.report.metrics[WALL] = (struct tm_report_metric){"wall_per_call_ms", "ms", TM_METRIC_RATIO, false, true};
    world.report.metrics[CPU] = (struct tm_report_metric){"cpu_per_call_ms", "ms", TM_METRIC_RATIO, false, true};
    world.plugin = (struct tm_report_plugin){.id = 1, .number = 1, .name = "p", .values = world.values};
    for (int i = 0; i < RUNS; i++) {
        world.runs[i] = (struct tm_report_run){.id = i + 1, .started_at = START + i * DAY, .key = "k", .factor = NAN};
        world.values[WALL * RUNS + i] = 100 + i % 3;
        world.values[CPU * RUNS + i] = 50 + i % 3;
    }
    return 0;
}

static void shift(int metric, int from, int until, double factor)
{
    for (int i = from; i < until; i++)
        world.values[metric * RUNS + i] *= factor;
}

static struct tm_report_event *tell(int metric, int run, int since_run, enum tm_class class, double baseline, double effect)
{
    struct tm_report_event *event = &world.events[world.report.n_events++];
    *event = (struct tm_report_event){.metric = metric,
                                      .run = run,
                                      .since_run = since_run,
                                      .class = class,
                                      .since = since_run >= 0 ? "k" : NULL,
                                      .baseline = baseline,
                                      .effect = effect};
    world.plugin.n_events++;
    return event;
}

static struct tm_chart_change changes[TM_CHART_CHANGES_MOST];

static size_t list_changes(void)
{
    return tm_chart_changes(&world.report, &world.plugin, changes);
}

static void changes_of_a_run_share_a_number(void **state)
{
    (void)state;
    tell(WALL, 12, 10, TM_REGRESSED, 100, 0.5);
    tell(CPU, 13, 10, TM_REGRESSED, 50, 0.5);
    tell(CPU, 20, -1, TM_SUSPECT, 50, 0.1);
    tell(WALL, 41, 40, TM_REGRESSED, 150, 0.2);
    assert_int_equal(list_changes(), 3);
    const int expected[3][3] = {{1, WALL, 10}, {1, CPU, 10}, {2, WALL, 40}};
    for (int i = 0; i < 3; i++) {
        assert_int_equal(changes[i].number, expected[i][0]);
        assert_int_equal(changes[i].metric, expected[i][1]);
        assert_int_equal(changes[i].run, expected[i][2]);
    }
    assert_true(fabs(changes[0].before - 100) < 1e-9 && fabs(changes[0].after - 150) < 1e-9);
}

/* An improvement is told without its beginning: the first of the newest runs that are nearer the new level. */
static void an_improvement_begins_where_the_values_do(void **state)
{
    (void)state;
    shift(WALL, 30, RUNS, 0.6);
    tell(WALL, 33, -1, TM_IMPROVED, 101, -0.4);
    assert_int_equal(list_changes(), 1);
    assert_int_equal(changes[0].run, 30);
}

static void what_began_before_the_first_night_has_no_mark(void **state)
{
    (void)state;
    tell(WALL, 0, -1, TM_REGRESSED, 50, 1)->since = "an older run";
    assert_int_equal(list_changes(), 0);
}

/* Another metric raised the alarm; this one has followed. */
static void what_is_open_without_an_alarm_is_a_change(void **state)
{
    (void)state;
    tell(WALL, 12, 10, TM_REGRESSED, 100, 0.5);
    world.verdicts[0] =
        (struct tm_report_verdict){.metric = WALL, .class = TM_OPEN, .since_run = 10, .baseline = 100, .effect = 0.5};
    world.verdicts[1] = (struct tm_report_verdict){.metric = CPU, .class = TM_OPEN, .since_run = 11, .baseline = 50, .effect = 0.4};
    world.report.n_verdicts = world.plugin.n_verdicts = 2;
    assert_int_equal(list_changes(), 2);
    assert_int_equal(changes[1].metric, CPU);
    assert_int_equal(changes[1].number, 2);
    assert_true(fabs(changes[1].after - 70) < 1e-9);
}

static void of_too_many_changes_the_newest_stay(void **state)
{
    (void)state;
    for (int i = 0; i < 50; i++)
        tell(WALL, i + 2, i, TM_REGRESSED, 100, 0.5);
    assert_int_equal(list_changes(), TM_CHART_CHANGES_MOST);
    assert_int_equal(changes[0].run, 10);
    assert_int_equal(changes[0].number, 1);
    assert_int_equal(changes[TM_CHART_CHANGES_MOST - 1].run, 49);
}

static struct tm_level levels[TM_LEVELS_MOST];

static size_t list_levels(int metric)
{
    size_t n = list_changes();
    return tm_levels_of(&world.report, &world.plugin, metric, changes, n, world.scratch, levels);
}

static void expect_level(size_t i, size_t first, size_t end, double median, bool accepted)
{
    if (levels[i].first != first || levels[i].end != end || fabs(levels[i].median - median) > 1e-9 ||
        levels[i].accepted != accepted)
        fail_msg("level %zu: runs %zu..%zu, %g", i, levels[i].first, levels[i].end, levels[i].median);
}

static void one_level_without_changes(void **state)
{
    (void)state;
    assert_int_equal(list_levels(WALL), 1);
    expect_level(0, 0, RUNS, 101, false);
    assert_true(levels[0].low < 100.5 && levels[0].high > 101.5);
}

static void a_change_cuts(void **state)
{
    (void)state;
    shift(WALL, 30, RUNS, 2);
    tell(WALL, 32, 30, TM_REGRESSED, 101, 1);
    assert_int_equal(list_levels(WALL), 2);
    expect_level(0, 0, 30, 101, false);
    expect_level(1, 30, RUNS, 202, false);
}

/* The plugin's other metric is cut there as well if it went along, and only then. */
static void a_change_of_another_metric_cuts_what_went_along(void **state)
{
    (void)state;
    tell(WALL, 32, 30, TM_REGRESSED, 101, 1);
    assert_int_equal(list_levels(CPU), 1);
    shift(CPU, 30, RUNS, 2);
    assert_int_equal(list_levels(CPU), 2);
    expect_level(1, 30, RUNS, 102, false);
}

static void a_level_that_is_back_is_another_one(void **state)
{
    (void)state;
    shift(WALL, 20, 40, 2);
    tell(WALL, 22, 20, TM_REGRESSED, 101, 1);
    assert_int_equal(list_levels(WALL), 3);
    expect_level(1, 20, 40, 202, false);
    expect_level(2, 40, RUNS, 101, false);
}

static void an_accepted_level(void **state)
{
    (void)state;
    shift(WALL, 20, RUNS, 2);
    tell(WALL, 22, 20, TM_REGRESSED, 101, 1);
    world.decisions[0] =
        (struct tm_report_decision){.kind = TM_ACCEPT, .plugin = 0, .metric = WALL, .from_run = 20, .made_run = 50};
    world.decisions[1] =
        (struct tm_report_decision){.kind = TM_ACCEPT, .plugin = 7, .metric = WALL, .from_run = 50, .made_run = 50};
    world.report.n_decisions = 2;
    assert_int_equal(list_levels(WALL), 2);
    expect_level(1, 20, RUNS, 202, true);
}

/* Wall time is compared without the run's factor, other metrics as they are. */
static void slow_runs_are_corrected(void **state)
{
    (void)state;
    world.runs[5].factor = 0.25;
    world.values[WALL * RUNS + 5] = 125;
    world.values[CPU * RUNS + 5] = 60;
    assert_true(fabs(tm_chart_value(&world.report, &world.plugin, WALL, 5) - 100) < 1e-9);
    assert_true(fabs(tm_chart_value(&world.report, &world.plugin, CPU, 5) - 60) < 1e-9);
    assert_true(tm_chart_is_corrected(&world.report, WALL, 5) && !tm_chart_is_corrected(&world.report, WALL, 6));
}

static struct tm_view view;
static struct tm_subject subject;

static void look(void)
{
    static struct tm_panel panels[TM_PANELS_MOST];
    assert_int_equal(tm_panels_of(&world.report, &world.plugin, WALL, panels), 1);
    subject = (struct tm_subject){.report = &world.report, .plugin = &world.plugin, .scratch = world.scratch};
    subject.n_changes = tm_chart_changes(&world.report, &world.plugin, subject.changes);
    tm_view_of(&subject, &panels[0], &view);
}

static void a_quiet_series_looks_quiet(void **state)
{
    (void)state;
    look();
    assert_true(view.high - view.low > 19 && view.low > 80 && view.high < 120 && !view.flat);
}

static void one_outlier_does_not_flatten_the_rest(void **state)
{
    (void)state;
    world.values[7] = 4000;
    look();
    assert_true(view.high < 200);
    world.values[7] = 140;
    look();
    assert_true(view.high > 140);
}

static void flat_series(void **state)
{
    static const double rows[] = {0, 3.25, -7, 1e12, 1e-9};
    const double *row;
    (void)state;
    EACH(row, rows)
    {
        for (int i = 0; i < RUNS; i++)
            world.values[i] = *row;
        look();
        if (!view.flat || !(view.low <= *row) || !(view.high >= *row) || !(view.high > view.low))
            fail_msg("%g: %g to %g", *row, view.low, view.high);
    }
}

static void a_ceiling_is_above_the_level_before(void **state)
{
    (void)state;
    shift(WALL, 20, RUNS, 2);
    tell(WALL, 22, 20, TM_REGRESSED, 101, 1);
    world.decisions[0] = (struct tm_report_decision){.kind = TM_WAIVE, .plugin = 0, .metric = WALL, .ceiling = 1.5, .made_run = 25};
    world.decisions[1] = (struct tm_report_decision){.kind = TM_WAIVE, .plugin = 0, .metric = CPU, .ceiling = 1.5, .made_run = 25};
    world.report.n_decisions = 2;
    look();
    assert_true(fabs(tm_ceiling_of(&subject, &view, &world.decisions[0]) - 252.5) < 1e-9);
    assert_true(isnan(tm_ceiling_of(&subject, &view, &world.decisions[1])));
    assert_true(view.high > 252.5);
}

#define IN_WORLD(test) cmocka_unit_test_setup(test, make_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(thinning_keeps_extremes),
        cmocka_unit_test(thinning_leaves_short_lines),
        cmocka_unit_test(thinning_keeps_breaks),
        cmocka_unit_test(thinning_of_one_moment),
        cmocka_unit_test(straightening_is_near),
        cmocka_unit_test(straightening_of_little),
        cmocka_unit_test(value_tics),
        cmocka_unit_test(value_tics_are_few),
        cmocka_unit_test(time_tics),
        cmocka_unit_test(units),
        cmocka_unit_test(numbers),
        IN_WORLD(changes_of_a_run_share_a_number),
        IN_WORLD(an_improvement_begins_where_the_values_do),
        IN_WORLD(what_began_before_the_first_night_has_no_mark),
        IN_WORLD(what_is_open_without_an_alarm_is_a_change),
        IN_WORLD(of_too_many_changes_the_newest_stay),
        IN_WORLD(one_level_without_changes),
        IN_WORLD(a_change_cuts),
        IN_WORLD(a_change_of_another_metric_cuts_what_went_along),
        IN_WORLD(a_level_that_is_back_is_another_one),
        IN_WORLD(an_accepted_level),
        IN_WORLD(slow_runs_are_corrected),
        IN_WORLD(a_quiet_series_looks_quiet),
        IN_WORLD(one_outlier_does_not_flatten_the_rest),
        IN_WORLD(flat_series),
        IN_WORLD(a_ceiling_is_above_the_level_before),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
