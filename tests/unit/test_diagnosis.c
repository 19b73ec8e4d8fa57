/* What the data say about the cause: one history for each diagnosis, and those that must not be mistaken for it. */
#include "tests/unit/findings_fixture.h"

enum { SINCE = 45, SAID_MOST = 4 };

struct row {
    const char *name;
    void (*make)(struct made *made, size_t plugin); /* of the plugin "ocr" among four that stay as they are */
    const char *cause, *improve;
    const char *says[SAID_MOST]; /* in evidence, diagnosis, next step or command */
    const char *never;           /* what is not said */
};

/* ---- histories ---- */

static void wait_longer(struct made *made, size_t p)
{
    multiply(made, p, WALL, SINCE, 1.5);
    add_verdict(made, p, WALL, TM_REGRESSED, SINCE);
}

static void compute_more(struct made *made, size_t p)
{
    set(made, p, WALL, SINCE, 150);
    set(made, p, CPU, SINCE, 105);
    add_verdict(made, p, WALL, TM_REGRESSED, SINCE);
}

static void compute_on_two_nights(struct made *made, size_t p)
{
    set(made, p, WALL, TONIGHT - 1, 150);
    set(made, p, CPU, TONIGHT - 1, 105);
    add_verdict(made, p, WALL, TM_REGRESSED, TONIGHT - 1);
}

static void spin(struct made *made, size_t p)
{
    multiply(made, p, CPU, SINCE, 1.5);
    add_verdict(made, p, CPU, TM_OPEN, SINCE);
}

static void spin_beside(struct made *made, size_t p)
{
    multiply(made, p, CPU, SINCE, 3);
    multiply(made, p, WALL, SINCE, 1.06);
    add_verdict(made, p, CPU, TM_OPEN, SINCE);
}

static void fail_fast(struct made *made, size_t p)
{
    for (size_t night = SINCE; night < NIGHTS; night++)
        *value(made, p, FAILS, night) = 0.3;
    multiply(made, p, WALL, SINCE, 0.8);
    add_verdict(made, p, FAILS, TM_REGRESSED, SINCE);
}

static void fail_in_passing(struct made *made, size_t p)
{
    for (size_t night = SINCE; night < NIGHTS; night++)
        *value(made, p, FAILS, night) = 0.05;
    add_verdict(made, p, FAILS, TM_OPEN, SINCE);
}

static void fail_slowly(struct made *made, size_t p)
{
    for (size_t night = SINCE; night < NIGHTS; night++)
        *value(made, p, FAILS, night) = 0.3;
    multiply(made, p, WALL, SINCE, 2);
    add_verdict(made, p, WALL, TM_REGRESSED, SINCE);
}

static void leak(struct made *made, size_t p)
{
    set(made, p, KEPT, SINCE, 60);
    multiply(made, p, PEAK, SINCE, 1.12);
    add_verdict(made, p, KEPT, TM_OPEN, SINCE);
}

static void leak_seen_by_the_peak(struct made *made, size_t p)
{
    set(made, p, KEPT, SINCE, 60);
    multiply(made, p, PEAK, SINCE, 1.12);
    add_verdict(made, p, PEAK, TM_OPEN, SINCE);
}

static void spike_memory(struct made *made, size_t p)
{
    multiply(made, p, PEAK, SINCE, 1.5);
    add_verdict(made, p, PEAK, TM_REGRESSED, SINCE);
}

static void spike_unknown(struct made *made, size_t p)
{
    forget(made, p, KEPT);
    spike_memory(made, p);
}

static void slow_host(struct made *made, size_t p)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        multiply(made, i, WALL, SINCE, 1.25), multiply(made, i, CPU, SINCE, 1.25);
    (void)p;
    add_verdict(made, TM_WHOLE_RUN, WALL, TM_REGRESSED, SINCE)->effect = 0.25;
}

static void waiting_host(struct made *made, size_t p)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        multiply(made, i, WALL, SINCE, 1.25);
    (void)p;
    add_verdict(made, TM_WHOLE_RUN, WALL, TM_OPEN, SINCE);
}

static void be_called_more(struct made *made, size_t p)
{
    multiply(made, p, CALLS, SINCE, 3);
    add_verdict(made, p, CALLS, TM_REGRESSED, SINCE);
}

static void wait_and_be_called_more(struct made *made, size_t p)
{
    multiply(made, p, CALLS, SINCE, 2);
    wait_longer(made, p);
}

static void slow_down_some_calls(struct made *made, size_t p)
{
    multiply(made, p, P95, SINCE, 1.8);
    multiply(made, p, WALL, SINCE, 1.03);
    add_verdict(made, p, P95, TM_REGRESSED, SINCE);
}

static void slow_down_some_calls_without_median(struct made *made, size_t p)
{
    forget(made, p, P50);
    slow_down_some_calls(made, p);
}

static void slow_down_the_average_only(struct made *made, size_t p)
{
    multiply(made, p, P95, SINCE, 2.5);
    multiply(made, p, WALL, SINCE, 1.2);
    add_verdict(made, p, WALL, TM_REGRESSED, SINCE);
}

static void scatter(struct made *made, size_t p, size_t since, double width)
{
    for (size_t night = since; night < NIGHTS; night++)
        *value(made, p, WALL, night) *= 1 + width * noise(p, 77, night);
}

static void become_unsteady(struct made *made, size_t p)
{
    scatter(made, p, TONIGHT - 14, 0.3);
    *value(made, p, WALL, TONIGHT) = 160;
    add_verdict(made, p, WALL, TM_SUSPECT, TONIGHT);
}

static void become_unsteady_for_good(struct made *made, size_t p)
{
    multiply(made, p, WALL, SINCE - 10, 1.07);
    scatter(made, p, SINCE - 10, 0.25);
    add_verdict(made, p, WALL, TM_OPEN, SINCE - 10);
}

static void climb(struct made *made, size_t p)
{
    for (size_t night = 25; night < NIGHTS; night++) {
        double part = fmin(1, (double)(night - 25) / 20);
        *value(made, p, WALL, night) *= 1 + 0.3 * part;
        *value(made, p, CPU, night) *= 1 + 0.45 * part;
    }
    add_verdict(made, p, WALL, TM_OPEN, 35);
}

/* The same, which the gate has told as one step. */
static void climb_told_as_step(struct made *made, size_t p)
{
    static struct tm_report_event told = {.metric = WALL, .run = 37, .since_run = 35, .class = TM_REGRESSED, .kind = "step"};
    climb(made, p);
    told.plugin = p;
    made->report.events = &told;
    made->report.n_events = 1;
    made->plugins[p].n_events = 1;
}

static void step_twice(struct made *made, size_t p)
{
    multiply(made, p, WALL, 30, 1.2);
    multiply(made, p, CPU, 30, 1.3);
    multiply(made, p, WALL, 42, 1.2);
    multiply(made, p, CPU, 42, 1.3);
    add_verdict(made, p, WALL, TM_OPEN, 30);
}

static void step_and_rise(struct made *made, size_t p)
{
    for (size_t night = 35; night < NIGHTS; night++)
        *value(made, p, WALL, night) *= 1.6 + 0.01 * (double)(night - 35);
    add_verdict(made, p, WALL, TM_OPEN, 35);
}

static void slow_down_without_cpu_time(struct made *made, size_t p)
{
    forget(made, p, CPU);
    wait_longer(made, p);
}

static void happen_again(struct made *made, size_t p)
{
    *value(made, p, WALL, 10) = 160;
    *value(made, p, WALL, 22) = 155;
    *value(made, p, WALL, 40) = 170;
    *value(made, p, WALL, TONIGHT) = 158;
    add_verdict(made, p, WALL, TM_SUSPECT, TONIGHT)->baseline = 100;
}

static void happen_for_the_first_time(struct made *made, size_t p)
{
    *value(made, p, WALL, TONIGHT) = 158;
    add_verdict(made, p, WALL, TM_SUSPECT, TONIGHT);
}

static void vanish(struct made *made, size_t p)
{
    for (int m = 0; m < N_METRICS; m++)
        for (size_t night = 50; night < NIGHTS; night++)
            *value(made, p, m, night) = NAN;
    made->plugins[p].present = false;
    struct tm_report_verdict *v = add_verdict(made, p, -1, TM_MISSING, 0);
    v->last_good = made->keys[49];
    v->runs = 10;
}

static void be_renamed(struct made *made, size_t p)
{
    size_t heir = add_plugin(made, "optical-reader");
    for (int m = 0; m < N_METRICS; m++)
        for (size_t night = 0; night < 50; night++)
            *value(made, heir, m, night) = NAN;
    vanish(made, p);
}

static void lose_hits(struct made *made, size_t p)
{
    multiply(made, p, HITS, SINCE, 0.5);
    add_verdict(made, p, HITS, TM_REGRESSED, SINCE);
}

static void keep_the_thread(struct made *made, size_t p)
{
    multiply(made, p, BLOCKED, SINCE, 15);
    add_verdict(made, p, BLOCKED, TM_REGRESSED, SINCE);
}

/* A synchronous plugin that waits longer keeps its thread for longer, too. */
static void wait_on_the_thread(struct made *made, size_t p)
{
    multiply(made, p, WALL, SINCE, 1.5);
    multiply(made, p, BLOCKED, SINCE, 25);
    add_verdict(made, p, BLOCKED, TM_REGRESSED, SINCE);
}

static void change_without_a_commit(struct made *made, size_t p)
{
    wait_longer(made, p);
    made->plugins[p].leader = NULL;
    made->verdicts[0].since_commit = made->verdicts[0].good_commit;
}

/* The night is 40 % slow for all; this one is slower still. */
static void be_slow_in_a_slow_run(struct made *made, size_t p)
{
    for (size_t i = 0; i < made->report.n_plugins; i++)
        multiply(made, i, WALL, TONIGHT, 1.4), multiply(made, i, CPU, TONIGHT, 1.4);
    made->runs[TONIGHT].factor = 0.4;
    *value(made, p, WALL, TONIGHT) *= 1.5;
    struct tm_report_verdict *v = add_verdict(made, p, WALL, TM_SUSPECT, TONIGHT);
    v->corrected = v->value / 1.4;
}

static void be_worse_still(struct made *made, size_t p)
{
    wait_longer(made, p);
    made->verdicts[0].class = TM_OPEN;
    made->verdicts[0].corrected = 300;
}

static void have_no_history(struct made *made, size_t p)
{
    compute_more(made, p);
    made->verdicts[0].signal = "compute";
    for (size_t i = 0; i < made->report.n_plugins; i++) {
        free(made->plugins[i].values);
        made->plugins[i].values = NULL;
    }
}

static void have_begun_long_ago(struct made *made, size_t p)
{
    wait_longer(made, p);
    made->verdicts[0].class = TM_OPEN;
    made->verdicts[0].since_run = -1;
    made->verdicts[0].since = "long-ago";
    made->verdicts[0].signal = "waiting";
}

/* ---- and what is said of them ---- */

static const struct row rows[] = {
    {"waiting",
     wait_longer,
     "waiting",
     "wall_per_call_ms",
     {"It waits longer: a call takes 5", "CPU time hardly changed (", "Trace what one call waits for at abc02ed and at abc02fe",
      "git log --oneline abc02ed..abc02fe"},
     "climbed"},
    {"compute",
     compute_more,
     "compute",
     "wall_per_call_ms",
     {"CPU time accounts for 9", "Profile one call with a CPU profiler"},
     "It likely waits for I/O"},
    {"compute, two nights old", compute_on_two_nights, "compute", "wall_per_call_ms", {"CPU time accounts for 89 %"}, NULL},
    {"tight loop",
     spin,
     "tight loop",
     "cpu_per_call_ms",
     {"while calls hardly take longer", "or work that nobody waits for"},
     "another thread"},
    {"tight loop beside the call", spin_beside, "tight loop", "cpu_per_call_ms", {"likely another thread"}, "computes more"},
    {"failing fast",
     fail_fast,
     "failing fast",
     "error_rate",
     {"30 % of its calls fail (was 0 %)", "takes less time", "read the error that comes back"},
     "timeout"},
    {"failing in passing",
     fail_in_passing,
     "failing fast",
     "error_rate",
     {"takes no longer", "failing costs no extra time"},
     "less time"},
    {"failing slow",
     fail_slowly,
     "failing slow",
     "error_rate",
     {"takes longer", "likely after a timeout or retries"},
     "fails fast"},
    {"leak",
     leak,
     "leak",
     "mem_delta_per_call_kb",
     {"On average a call leaves 59.86 KiB behind (was 511.8 B)", "the 100 calls of a run leave 5.8", "likely a leak",
      "The peak rose with it (54."},
     "gives it back"},
    {"leak seen by the peak",
     leak_seen_by_the_peak,
     "leak",
     "mem_delta_per_call_kb",
     {"On average a call leaves"},
     "gives it back"},
    {"blocking",
     keep_the_thread,
     "blocking",
     "blocked_per_call_ms",
     {"It keeps its thread without computing for 3", " ms of a call (was ", "everybody else waits",
      "Sample the stack of its thread"},
     "It waits longer"},
    {"waiting, on its thread", wait_on_the_thread, "waiting", "blocked_per_call_ms", {"It waits longer"}, "everybody else"},
    {"memory spike", spike_memory, "memory spike", "peak_mem_kb", {"gives it back", "alive at the peak"}, "leak"},
    {"memory spike, and no more known",
     spike_unknown,
     "memory spike",
     "peak_mem_kb",
     {"whether it gives that back was not recorded"},
     "and gives it back"},
    {"slow host",
     slow_host,
     "host",
     "wall_per_call_ms",
     {"5 of 5 plugins take longer per call, the median one by 25 %", "CPU time rose as well, by a median of 25 %",
      "Compare the host of run night-45 with that of run night-46", "tidemark accept '*' --reason WHY"},
     "they wait"},
    {"waiting host", waiting_host, "host", "wall_per_call_ms", {"CPU time hardly rose, by a median of"}, "busier processor"},
    {"more calls",
     be_called_more,
     "more calls",
     "calls",
     {"It is called more often, and a call takes as long as before", "to 30.", "in its callers"},
     "also called"},
    {"slower and called more",
     wait_and_be_called_more,
     "waiting",
     "wall_per_call_ms",
     {"also called more often (200 times a run, was 100)", "to 30."},
     NULL},
    {"some calls",
     slow_down_some_calls,
     "some calls",
     "wall_p95_ms",
     {"the median call takes as long as before (9", "the slowest twentieth takes longer (p95 2"},
     "waits longer"},
    {"some calls, no median",
     slow_down_some_calls_without_median,
     "some calls",
     "wall_p95_ms",
     {"the average call takes as long as before (10"},
     "median"},
    {"some calls, by the average",
     slow_down_the_average_only,
     "some calls",
     "wall_p95_ms",
     {"the median call takes as long"},
     NULL},
    {"unsteady", become_unsteady, "unsteady", "wall_per_call_ms", {"the middle half of the last 15 runs spans"}, NULL},
    {"unsteady for good", become_unsteady_for_good, "unsteady", "wall_per_call_ms", {"rather than slower"}, NULL},
    {"drift",
     climb,
     "drift",
     "wall_per_call_ms",
     {"It climbed slowly, from run night-2", "rather than in one step", "CPU time accounts for all of that",
      "what grows from run to run"},
     "git log"},
    {"told as a step", climb_told_as_step, "compute", "wall_per_call_ms", {"It computes more"}, "climbed"},
    {"two steps",
     step_twice,
     "compute",
     "wall_per_call_ms",
     {"It computes more", "It changed in two steps, with run night-31 and with run night-43."},
     "climbed"},
    {"step that still rises", step_and_rise, "waiting", "wall_per_call_ms", {"It still rises, by 0."}, "climbed"},
    {"no CPU time",
     slow_down_without_cpu_time,
     "slower",
     "wall_per_call_ms",
     {"cannot be told: there is no CPU time", "No CPU time was recorded for ocr: "},
     "waits longer:"},
    {"now and then",
     happen_again,
     "now and then",
     "wall_per_call_ms",
     {"3 of the 59 before this one were about as bad, the last of them night-41", "Measure it once more",
      "tidemark gate FILE --run NAME --repeat-of night-60"},
     "None of the"},
    {"for the first time",
     happen_for_the_first_time,
     "waiting",
     "wall_per_call_ms",
     {"None of the 59 runs before was nearly as bad"},
     "git log"},
    {"missing",
     vanish,
     "missing",
     NULL,
     {"cannot tell whether it was removed", "in none of the 10 runs since", "tidemark retire ocr --reason WHY"},
     "its new name"},
    {"renamed", be_renamed, "missing", NULL, {"optical-reader appears for the first time: perhaps this is its new name"}, NULL},
    {"a metric of one's own",
     lose_hits,
     "unknown",
     "cache_hits",
     {"wall time, CPU time, peak memory, the share of failing calls did not rise"},
     NULL},
    {"the same commit",
     change_without_a_commit,
     "waiting",
     "wall_per_call_ms",
     {"The commit is the same before and after", "both measured the same commit"},
     "git log"},
    {"slow run",
     be_slow_in_a_slow_run,
     "waiting",
     "wall_per_call_ms",
     {"The whole run was 40 % slower than usual; these figures"},
     "computes more"},
    {"worse than its level", be_worse_still, "waiting", "wall_per_call_ms", {"This run is worse still: 300 ms"}, NULL},
    {"no history", have_no_history, "compute", "wall_per_call_ms", {"CPU time rose with wall time"}, "accounts for"},
    {"begun long ago", have_begun_long_ago, "waiting", "wall_per_call_ms", {"wall time rose, and CPU time hardly"}, "did not rise"},
};

static char *all_said(const struct tm_findings *found)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    const struct tm_finding *finding = &found->list[0];
    fprintf(out, "%s|%s|%s|%s", finding->evidence, finding->diagnosis, finding->next_step,
            finding->command ? finding->command : "");
    for (size_t i = 0; i < found->n_gaps; i++)
        fprintf(out, "|%s", found->gaps[i]);
    fclose(out);
    return text;
}

static void is_told(void **state)
{
    const struct row *row = *state;
    struct made *made = make_report();
    struct tm_findings found;
    size_t plugin = add_plugin(made, "ocr");
    for (int i = 0; i < 4; i++)
        add_plugin(made, "quiet");
    row->make(made, plugin);
    assert_int_equal(tm_findings_find(&made->report, &found), 0);
    if (found.n != 1)
        fail_msg("%s: %zu findings", row->name, found.n);
    char *said = all_said(&found);
    const char *improve = found.list[0].improve;
    if (strcmp(found.list[0].cause, row->cause) != 0)
        fail_msg("%s: found '%s': %s", row->name, found.list[0].cause, said);
    if (row->improve ? !improve || strcmp(improve, row->improve) != 0 : improve != NULL)
        fail_msg("%s: to improve '%s'", row->name, improve ? improve : "nothing");
    for (int i = 0; i < SAID_MOST && row->says[i]; i++)
        if (!strstr(said, row->says[i]))
            fail_msg("%s: not said '%s': %s", row->name, row->says[i], said);
    if (row->never && strstr(said, row->never))
        fail_msg("%s: said '%s': %s", row->name, row->never, said);
    if (strstr(said, "nan") || strstr(said, "inf"))
        fail_msg("%s: a figure that is none: %s", row->name, said);
    free(said);
    tm_findings_free(&found);
    free_report(made);
}

int main(void)
{
    enum { N = sizeof rows / sizeof *rows };
    struct CMUnitTest tests[N];
    for (size_t i = 0; i < N; i++)
        tests[i] = (struct CMUnitTest){.name = rows[i].name, .test_func = is_told, .initial_state = (void *)(uintptr_t)&rows[i]};
    return _cmocka_run_group_tests("diagnoses", tests, N, NULL, NULL);
}
