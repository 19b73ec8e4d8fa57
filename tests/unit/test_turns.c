/* What many executions come to, and the order in which they are made: timings that are given, and commands that write down when
 * they were executed. */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "analyze/stats.h"
#include "record/command/turns.h"
#include "schema/sketch.h"

/* ---- numbers ---- */

static void near(double got, double wanted, double bound)
{
    if (!(fabs(got - wanted) <= bound))
        fail_msg("%.17g, not %.17g", got, wanted);
}

static void summary_of_many(void **state)
{
    struct tm_timing timings[] = {{10e6, 4e6, 1e6, 2048, 0, false},
                                  {12e6, 5e6, 2e6, 8192, 3 << 8, false},
                                  {11e6, 6e6, 3e6, 4096, 9, false},
                                  {19e6, 5e6, 2e6, 1024, 0, true}};
    const struct tm_subject subject = {.name = "x", .timings = timings, .n = 4};
    struct tm_summary s;
    (void)state;
    assert_int_equal(tm_summarize(&subject, &s), 0);
    near(s.mean, 13e6, 1e-3);
    near(s.stdev, sqrt((9 + 1 + 4 + 36) / 3.0) * 1e6, 1e-3);
    near(s.median, 11.5e6, 1e-3);
    near(s.min, 10e6, 0);
    near(s.max, 19e6, 0);
    near(s.total, 52e6, 1e-3);
    near(s.user, 5e6, 1e-3);
    near(s.system, 2e6, 1e-3);
    near(s.cpu_total, 28e6, 1e-3);
    near(s.peak_bytes, 8192, 0);
    assert_int_equal(s.failed, 3);
    assert_int_equal(s.timed_out, 1);
    assert_int_equal(s.outliers, 0);
}

/* Ten robust standard deviations: of 20 values 100 to 101 and one far off. */
static void outliers(void **state)
{
    struct tm_timing timings[21] = {{0}};
    const struct tm_subject subject = {.name = "x", .timings = timings, .n = 21};
    struct tm_summary s;
    (void)state;
    for (int i = 0; i < 21; i++)
        timings[i].wall_ns = 100 + i / 20.0;
    assert_int_equal(tm_summarize(&subject, &s), 0);
    assert_int_equal(s.outliers, 0);
    timings[7].wall_ns = 110; // cppcheck-suppress unreadVariable ; read through subject
    assert_int_equal(tm_summarize(&subject, &s), 0);
    assert_int_equal(s.outliers, 1);
    assert_false(s.first_is_out);
    timings[0].wall_ns = 90; // cppcheck-suppress unreadVariable ; read through subject: the first one, on the quick side
    assert_int_equal(tm_summarize(&subject, &s), 0);
    assert_int_equal(s.outliers, 2);
    assert_false(s.first_is_out);
    // cppcheck-suppress [redundantAssignment, unreadVariable] ; read through subject
    timings[0].wall_ns = 110;
    assert_int_equal(tm_summarize(&subject, &s), 0);
    assert_true(s.first_is_out);
}

static void one_has_no_noise(void **state)
{
    struct tm_timing timing = {.wall_ns = 5};
    const struct tm_subject subject = {.name = "x", .timings = &timing, .n = 1};
    struct tm_summary s;
    (void)state;
    assert_int_equal(tm_summarize(&subject, &s), 0);
    assert_true(isnan(s.stdev));
    near(s.median, 5, 0);
    assert_int_equal(s.outliers, 0);
}

static void profile_of_many(void **state)
{
    struct tm_timing timings[100] = {{0}};
    const struct tm_subject subject = {.name = "x", .timings = timings, .n = 100};
    struct tm_profile p;
    struct tm_sketch sketch;
    unsigned char *latency;
    (void)state;
    for (int i = 0; i < 100; i++)
        // cppcheck-suppress unreadVariable ; read through subject
        timings[i] = (struct tm_timing){1e6 * (i + 1), 1e6, 5e5, 1e6 + i, i < 7 ? 256 : 0, i < 2};
    assert_int_equal(tm_profile_of(&subject, false, &p, &latency), 0);
    assert_string_equal(p.plugin, "x");
    assert_int_equal(p.calls, 100);
    assert_int_equal(p.errors, 7);
    assert_int_equal(p.timeouts, TM_UNKNOWN);
    near(p.wall_ns, 5050e6, 1);
    near(p.cpu_ns, 150e6, 1);
    near(p.peak_mem_bytes, 1e6 + 99, 0);
    near(p.wall_p50_ns, 50.5e6, 0.01 * 50.5e6);
    near(p.wall_p99_ns, 99e6, 0.01 * 99e6);
    near(p.wall_max_ns, 100e6, 0);
    tm_sketch_init(&sketch);
    assert_int_equal(tm_sketch_decode(&sketch, p.latency, p.latency_size), 0);
    assert_int_equal(tm_sketch_count(&sketch), 100);
    tm_sketch_free(&sketch);
    free(latency);
    assert_int_equal(tm_profile_of(&subject, true, &p, &latency), 0);
    assert_int_equal(p.timeouts, 2);
    free(latency);
}

/* ---- turns ---- */

static bool interrupt;

static bool interrupted(void)
{
    return interrupt;
}

static char order[L_tmpnam + 20];

/* "printf a >>FILE", for a shell */
static char *const *noting(const char *what, char *line, size_t size, char **words)
{
    static char shell[] = "/bin/sh", option[] = "-c";
    snprintf(line, size, "printf %s >>%s", what, order);
    words[0] = shell;
    words[1] = option;
    words[2] = line;
    words[3] = NULL;
    return words;
}

static void expect_order(const char *wanted)
{
    char got[200];
    FILE *in = fopen(order, "r");
    assert_non_null(in);
    got[fread(got, 1, sizeof got - 1, in)] = '\0';
    fclose(in);
    unlink(order);
    assert_string_equal(got, wanted);
}

struct scene {
    struct tm_launching launching;
    struct tm_launcher launcher;
    struct tm_subject subjects[2];
    struct tm_turns turns;
    struct tm_turns_trouble trouble;
    char lines[3][200];
    char *words[3][4];
};

static void begin(struct scene *s, const char *a, const char *b)
{
    interrupt = false;
    *s = (struct scene){.launching = {.output = -1, .interrupted = interrupted}};
    snprintf(order, sizeof order, "%s/order.%d", getenv("TMPDIR") ? getenv("TMPDIR") : "/tmp", (int)getpid());
    s->subjects[0] = (struct tm_subject){.name = "a", .words = noting(a, s->lines[0], sizeof s->lines[0], s->words[0])};
    s->subjects[1] = (struct tm_subject){.name = "b", .words = noting(b, s->lines[1], sizeof s->lines[1], s->words[1])};
    s->turns = (struct tm_turns){.subjects = s->subjects, .n = 2, .least = 3};
}

static enum tm_turns_end take(struct scene *s)
{
    assert_int_equal(tm_launcher_begin(&s->launcher, &s->launching), 0);
    enum tm_turns_end end = tm_turns_take(&s->turns, &s->launcher, &s->trouble);
    tm_launcher_end(&s->launcher);
    return end;
}

static void finish(struct scene *s)
{
    tm_subject_free(&s->subjects[0]);
    tm_subject_free(&s->subjects[1]);
}

static void turns_go_back_and_forth(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "a", "b");
    s.turns.warmups = 1;
    s.turns.prepare = noting("p", s.lines[2], sizeof s.lines[2], s.words[2]);
    assert_int_equal(take(&s), TM_TURNS_TAKEN);
    expect_order("papbpapbpbpapapb");
    assert_int_equal(s.subjects[0].n, 3);
    assert_int_equal(s.subjects[1].n, 3);
    near(s.subjects[0].total_ns,
         s.subjects[0].timings[0].wall_ns + s.subjects[0].timings[1].wall_ns + s.subjects[0].timings[2].wall_ns, 1);
    finish(&s);
}

/* Who takes longer needs fewer: alone it stops, together it goes on. */
static void who_has_enough_stops(void **state)
{
    struct scene s;
    (void)state;
    for (int together = 0; together < 2; together++) {
        begin(&s, "a; sleep 0.2", "b; sleep 0.01");
        s.turns.least = 1;
        s.turns.least_ns = 0.15e9;
        s.turns.together = together;
        snprintf(s.lines[0], sizeof s.lines[0], "sleep 0.2");
        snprintf(s.lines[1], sizeof s.lines[1], "sleep 0.01");
        assert_int_equal(take(&s), TM_TURNS_TAKEN);
        assert_true(s.subjects[1].n > 1);
        assert_int_equal(s.subjects[0].n, together ? s.subjects[1].n : 1);
        finish(&s);
    }
}

static void failures_end_it(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "a", "b");
    snprintf(s.lines[1], sizeof s.lines[1], "echo why >&2; exit 3");
    s.launching.output = STDERR_FILENO;
    assert_int_equal(take(&s), TM_TURNS_FAILED);
    assert_ptr_equal(s.trouble.subject, &s.subjects[1]);
    assert_int_equal(s.trouble.execution.status, 3 << 8);
    assert_int_equal(s.trouble.execution.said, 4);
    assert_memory_equal(s.trouble.execution.words, "why\n", 4);
    s.turns.may_fail = true;
    assert_int_equal(take(&s), TM_TURNS_TAKEN);
    assert_true(tm_timing_failed(&s.subjects[1].timings[0]));
    assert_false(tm_timing_failed(&s.subjects[0].timings[0]));
    unlink(order);
    finish(&s);
}

static void no_such_command(void **state)
{
    static char nothing[] = "/no/such/command";
    struct scene s;
    (void)state;
    begin(&s, "a", "b");
    s.words[1][0] = nothing;
    assert_int_equal(take(&s), TM_TURNS_NOT_STARTED);
    assert_ptr_equal(s.trouble.subject, &s.subjects[1]);
    assert_int_equal(s.trouble.execution.not_started, ENOENT);
    s.turns.prepare = s.words[1];
    assert_int_equal(take(&s), TM_TURNS_PREPARE_FAILED);
    unlink(order);
    finish(&s);
}

static void launcher_is_lost(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "a", "b");
    assert_int_equal(tm_launcher_begin(&s.launcher, &s.launching), 0);
    kill(s.launcher.id, SIGKILL);
    assert_int_equal(tm_turns_take(&s.turns, &s.launcher, &s.trouble), TM_TURNS_LOST);
    tm_launcher_end(&s.launcher);
    interrupt = true;
    assert_int_equal(take(&s), TM_TURNS_INTERRUPTED);
    finish(&s);
}

static void shell_is_taken_off(void **state)
{
    struct scene s;
    (void)state;
    begin(&s, "a", "b");
    s.turns.by_shell = true;
    s.lines[0][0] = s.lines[1][0] = '\0'; /* nothing: what is left of a shell that does nothing is nearly nothing */
    s.turns.least = 20;
    assert_int_equal(take(&s), TM_TURNS_TAKEN);
    double least = INFINITY;
    for (size_t i = 0; i < s.subjects[0].n; i++)
        least = fmin(least, s.subjects[0].timings[i].wall_ns);
    near(least, 0, 0.2e6);
    finish(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(summary_of_many),         cmocka_unit_test(outliers),
        cmocka_unit_test(one_has_no_noise),        cmocka_unit_test(profile_of_many),
        cmocka_unit_test(turns_go_back_and_forth), cmocka_unit_test(who_has_enough_stops),
        cmocka_unit_test(failures_end_it),         cmocka_unit_test(no_such_command),
        cmocka_unit_test(launcher_is_lost),        cmocka_unit_test(shell_is_taken_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
