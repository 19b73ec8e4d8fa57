/* What the doctor finds in runs and their dates: a row for each check that finds something, and for the nearest that does not. */
#include "tests/unit/doctor_fixture.h"

static void no_runs(struct healthy *h)
{
    h->doctor.n_runs = 0;
}

/* ---- lineages ---- */

static void three_nights(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 3, "main", "ci");
}

static void six_nights(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 6, "main", "ci");
}

static void seven_nights(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 7, "main", "ci");
}

static const char *const hosts[] = {"h0", "h1", "h2", "h3", "h4", "h5", "h6", "h7", "h8", "h9"};

static void hosted_runners(struct healthy *h)
{
    h->doctor.n_runs = 0;
    for (int i = 0; i < 10; i++)
        add_run(h, now - DAY * (9 - i) - 60, "main", hosts[i]);
}

/* Two runners of ten nights each, in turn: both have a past. */
static void two_runners(struct healthy *h)
{
    h->doctor.n_runs = 0;
    for (int i = 0; i < 20; i++)
        add_run(h, now - DAY * (19 - i) - 60, "main", hosts[i % 2]);
}

static void three_runners(struct healthy *h)
{
    h->doctor.n_runs = 0;
    for (int i = 0; i < 30; i++)
        add_run(h, now - DAY * (29 - i) - 60, "main", hosts[i % 3]);
}

static void second_machine(struct healthy *h)
{
    add_run(h, now - 60, "main", "new");
}

static void many_branches(struct healthy *h)
{
    h->doctor.n_runs = 0;
    add_nights(h, 2, "main", "ci");
    add_nights(h, 9, "feature", "ci");
}

/* ---- times ---- */

static void in_future(struct healthy *h)
{
    add_run(h, now + 2 * DAY, "main", "ci");
    add_run(h, now + 40 * (int64_t)DAY, "main", "ci");
}

static void by_a_zone(struct healthy *h)
{
    h->runs[29].started_at = now + DAY / 2;
}

static void old_nights(struct healthy *h)
{
    h->doctor.now += 4 * DAY;
}

static void weekend(struct healthy *h)
{
    h->doctor.now += 2 * DAY;
}

static void hourly(struct healthy *h)
{
    for (int i = 0; i < 30; i++)
        h->runs[i].started_at = now - 3600 * (29 - i);
    h->doctor.now += DAY / 2;
}

static void gap(struct healthy *h)
{
    for (int i = 0; i < 20; i++)
        h->runs[i].started_at -= 10 * DAY;
}

static void upside_down(struct healthy *h)
{
    for (int i = 0; i < 30; i++)
        h->runs[i].id = 30 - i;
}

static void one_late(struct healthy *h)
{
    h->runs[20].id = 31;
}

static void without_commits(struct healthy *h)
{
    for (int i = 0; i < 30; i++)
        h->runs[i].has_commit = h->runs[i].has_version = false;
}

static void two_without_commits(struct healthy *h)
{
    h->runs[28].has_commit = h->runs[29].has_commit = h->runs[29].has_version = false;
    h->runs[3].has_commit = false; /* long ago */
}

static void not_judged(struct healthy *h)
{
    h->doctor.unjudged = 2;
}

static const struct doctor_row rows[] = {
    {"nothing", NULL, ""},
    {"no runs", no_runs, "warning no runs: project 'default' has no runs | tidemark gate night.csv\n"},
    {"three nights", three_nights,
     "note first nights: branch 'main' on host 'ci' has 3 runs of the 6 that a verdict compares with: the first comes with the 7th "
     "| tidemark gate FILE --allow-unjudged, until then\n"},
    {"six nights", six_nights,
     "note first nights: branch 'main' on host 'ci' has 6 runs of the 6 that a verdict compares with: the first comes with the 7th "
     "| tidemark gate FILE --allow-unjudged, until then\n"},
    {"seven nights", seven_nights, ""},
    {"hosted runners", hosted_runners,
     "warning hosts: the newest 10 runs of branch 'main' come from 10 hosts, and 10 of them have no past on theirs: a run is "
     "compared with runs of the same host | tidemark gate FILE --host NAME, with one name for all runners\n"},
    {"two runners", two_runners, ""},
    {"three runners", three_runners, ""},
    {"a second machine", second_machine,
     "note first nights: branch 'main' on host 'new' has 1 run of the 6 that a verdict compares with: the first comes with the 7th "
     "| tidemark gate FILE --allow-unjudged, until then\n"},
    {"many branches", many_branches,
     "warning branches: the base branch 'main' has 2 runs, and other branches 9: these begin with the base's history | base = "
     "BRANCH under [gate] in tidemark.ini, or tidemark gate FILE --branch main\n"
     "note first nights: branch 'main' on host 'ci' has "
     "2 runs of the 6 that a verdict compares with: the first comes with the 7th | tidemark gate FILE --allow-unjudged, until "
     "then\n"},
    {"dated in the future", in_future,
     "trouble dates: 2 runs are dated in the future, up to 2026-12-30, the first is 'n31': until then every night is older than "
     "the newest run | tidemark rm n31, and ingest it with --at TIME\n"},
    {"dated by another zone", by_a_zone, ""},
    {"stale", old_nights,
     "warning stale: the newest run of branch 'main' is 4.0 days old, and runs are usually 1.0 days apart | tidemark gate "
     "--max-age DAYS, in a job that runs whatever becomes of the nightly one\n"},
    {"a weekend", weekend, ""},
    {"hourly, not today", hourly, ""},
    {"a gap", gap,
     "note gaps: there was no run for 11 days up to 2026-11-11, and runs are usually 1.0 days apart | tidemark gate --max-age DAYS "
     "tells of a night that did not run\n"},
    {"stored upside down", upside_down,
     "note order: 20 of the newest 20 runs were stored behind later ones | tidemark gate FILE --at TIME, when the measurement "
     "began; or ingest in the order of time\n"},
    {"one stored late", one_late, ""},
    {"no commits", without_commits,
     "warning commits: 20 of the newest 20 runs say no commit: a regression names no range to search | tidemark gate FILE --commit "
     "\"$(git rev-parse HEAD)\"\n"},
    {"some commits", two_without_commits,
     "note commits: 2 of the newest 20 runs say no commit: a regression names no range to search | tidemark gate FILE --commit "
     "\"$(git rev-parse HEAD)\"\n"
     "note commits: 1 of the newest 20 runs say no version, and the others do | tidemark gate FILE "
     "--version TEXT\n"},
    {"not judged", not_judged,
     "note not judged: no gate has judged the newest run of 2 branches and hosts | tidemark gate --all-lineages\n"},
};

static void runs_are_looked_at(void **state)
{
    (void)state;
    each_finds(rows, sizeof rows / sizeof *rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(runs_are_looked_at)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
