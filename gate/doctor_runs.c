/* Checks of the runs: whether there is a past to judge by, and whether it is what it says it is. Runs come oldest first. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/plural.h"
#include "base/timestamp.h"
#include "gate/doctor_checks.h"

enum {
    DAY = 86400,
    LOOKED_AT = 20, /* newest runs, for habits: what was once is no habit */
    NAMED = 3,      /* lines of one sort: more are a list that nobody reads */
};

/* A day of grace: clocks are set by hand, and zones forgotten. */
static bool is_future(const struct tm_doctor *doctor, size_t run)
{
    return doctor->runs[run].started_at > doctor->now + DAY;
}

static size_t newest(const struct tm_doctor *doctor)
{
    return doctor->n_runs > LOOKED_AT ? doctor->n_runs - LOOKED_AT : 0;
}

void tm_check_no_runs(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->n_runs == 0 && !doctor->place.trouble)
        tm_problem_add(problems, TM_WARNING, "tidemark gate night.csv", NULL, NULL, "project '%s' has no runs", doctor->project);
}

/* ---- lineages ---- */

static bool same_lineage(const struct tm_doctor_run *a, const struct tm_doctor_run *b)
{
    return strcmp(a->branch, b->branch) == 0 && strcmp(a->host, b->host) == 0;
}

static size_t runs_like(const struct tm_doctor *doctor, const struct tm_doctor_run *run)
{
    size_t n = 0;
    for (size_t i = 0; i < doctor->n_runs; i++)
        n += same_lineage(&doctor->runs[i], run);
    return n;
}

static bool is_newest_of_lineage(const struct tm_doctor *doctor, size_t at)
{
    for (size_t i = at + 1; i < doctor->n_runs; i++)
        if (same_lineage(&doctor->runs[i], &doctor->runs[at]))
            return false;
    return true;
}

/* Of the newest runs of the base branch: how many there are, on how many hosts, and how many on hosts that have no past yet. */
struct spread {
    size_t runs, hosts, alone;
};

static struct spread spread_of(const struct tm_doctor *doctor)
{
    struct spread spread = {0, 0, 0};
    const struct tm_doctor_run *seen[LOOKED_AT];
    for (size_t i = doctor->n_runs; i-- > 0 && spread.runs < LOOKED_AT;) {
        const struct tm_doctor_run *run = &doctor->runs[i];
        size_t at = 0;
        if (strcmp(run->branch, doctor->base) != 0)
            continue;
        while (at < spread.hosts && strcmp(seen[at]->host, run->host) != 0)
            at++;
        if (at == spread.hosts)
            seen[spread.hosts++] = run;
        spread.runs++;
        spread.alone += runs_like(doctor, run) <= TM_DETECTOR_NEEDED;
    }
    return spread;
}

/* Hosted runners: a host of its own for each run, or nearly so. A second machine that has just begun is none. */
static bool is_spread(const struct spread *spread)
{
    return spread->hosts >= 3 && 2 * spread->alone >= spread->runs;
}

void tm_check_hosts(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    struct spread spread = spread_of(doctor);
    if (is_spread(&spread))
        tm_problem_add(problems, TM_WARNING, "tidemark gate FILE --host NAME, with one name for all runners", NULL, NULL,
                       "the newest %zu runs of branch '%s' come from %zu hosts, and %zu of them have no past on theirs: a run is "
                       "compared with runs of the same host",
                       spread.runs, doctor->base, spread.hosts, spread.alone);
}

static size_t count_branch(const struct tm_doctor *doctor, const char *branch)
{
    size_t n = 0;
    for (size_t i = 0; i < doctor->n_runs; i++)
        n += strcmp(doctor->runs[i].branch, branch) == 0;
    return n;
}

void tm_check_branches(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    size_t of_base = count_branch(doctor, doctor->base);
    if (of_base <= TM_DETECTOR_NEEDED && doctor->n_runs - of_base > TM_DETECTOR_NEEDED)
        tm_problem_add(problems, TM_WARNING, "base = BRANCH under [gate] in tidemark.ini, or tidemark gate FILE --branch %s",
                       doctor->base, "BRANCH",
                       "the base branch '%s' has %zu run%s, and other branches %zu: these begin with the base's history",
                       doctor->base, of_base, TM_PLURAL(of_base), doctor->n_runs - of_base);
}

/* Another branch begins with the base's history, and hosts that come and go are told by tm_check_hosts. */
void tm_check_young(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    struct spread spread = spread_of(doctor);
    size_t told = 0;
    for (size_t i = doctor->n_runs; i-- > 0 && told < NAMED && !is_spread(&spread);) {
        const struct tm_doctor_run *run = &doctor->runs[i];
        size_t n = runs_like(doctor, run);
        if (n > TM_DETECTOR_NEEDED || strcmp(run->branch, doctor->base) != 0 || !is_newest_of_lineage(doctor, i))
            continue;
        told++;
        tm_problem_add(
            problems, TM_NOTE, "tidemark gate FILE --allow-unjudged, until then", NULL, NULL,
            "branch '%s' on host '%s' has %zu run%s of the %d that a verdict compares with: the first comes with the %dth",
            run->branch, run->host, n, TM_PLURAL(n), TM_DETECTOR_NEEDED, TM_DETECTOR_NEEDED + 1);
    }
}

void tm_check_unjudged(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    if (doctor->unjudged > 0)
        tm_problem_add(problems, TM_NOTE, "tidemark gate --all-lineages", NULL, NULL,
                       "no gate has judged the newest run of %" PRId64 " branch%s and host%s", doctor->unjudged,
                       doctor->unjudged == 1 ? "" : "es", TM_PLURAL(doctor->unjudged));
}

/* ---- times ---- */

static const char *day_of(int64_t seconds, char text[TM_TIME_SIZE])
{
    tm_time_format(seconds, text);
    text[10] = '\0'; /* "2026-11-20" of a time */
    return text;
}

void tm_check_future(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    char until[TM_TIME_SIZE];
    size_t first = doctor->n_runs;
    while (first > 0 && is_future(doctor, first - 1))
        first--;
    size_t n = doctor->n_runs - first;
    if (n > 0)
        tm_problem_add(
            problems, TM_TROUBLE, "tidemark rm %s, and ingest it with --at TIME", doctor->runs[first].key, "RUN",
            "%zu run%s dated in the future, up to %s, the first is '%s': until then every night is older than the newest run", n,
            n == 1 ? " is" : "s are", day_of(doctor->runs[doctor->n_runs - 1].started_at, until), doctor->runs[first].key);
}

/* In the order in which they were stored. */
static int by_id(const void *a, const void *b)
{
    const struct tm_doctor_run *x = *(const struct tm_doctor_run *const *)a, *y = *(const struct tm_doctor_run *const *)b;
    return (x->id > y->id) - (x->id < y->id);
}

/* Each of those makes what was judged behind it be judged again. */
void tm_check_order(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    enum { FEW = 3 };                                                                 /* are a job that was started again */
    const struct tm_doctor_run **stored = calloc(doctor->n_runs + 1, sizeof *stored); /* + 1: calloc(0) may be NULL */
    size_t late = 0;
    if (!stored) {
        problems->failed = true;
        return;
    }
    for (size_t i = 0; i < doctor->n_runs; i++)
        stored[i] = &doctor->runs[i];
    qsort(stored, doctor->n_runs, sizeof *stored, by_id);
    for (size_t i = newest(doctor); i < doctor->n_runs; i++)
        for (size_t before = 0; before < i; before++)
            if (same_lineage(stored[before], stored[i]) && stored[before]->started_at > stored[i]->started_at) {
                late++;
                break;
            }
    if (late >= FEW)
        tm_problem_add(problems, TM_NOTE,
                       "tidemark gate FILE --at TIME, when the measurement began; or ingest in the order of time", NULL, NULL,
                       "%zu of the newest %zu runs were stored behind later ones", late, doctor->n_runs - newest(doctor));
    free(stored);
}

/* ---- distances of the base branch's runs ---- */

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

struct distances {
    size_t n;
    int64_t usual, longest, longest_until, newest;
};

/* Of the newest runs, whatever their host; usual: the middle one. Runs of the same minute are jobs of one night. */
static struct distances distances_of(const struct tm_doctor *doctor)
{
    enum { ONE_NIGHT = 60 };
    struct distances d = {0, 0, 0, 0, 0};
    int64_t sizes[LOOKED_AT] = {0}, later = 0;
    for (size_t i = doctor->n_runs; i-- > 0 && d.n < LOOKED_AT;) {
        const struct tm_doctor_run *run = &doctor->runs[i];
        if (strcmp(run->branch, doctor->base) != 0 || is_future(doctor, i))
            continue;
        int64_t size = later - run->started_at;
        if (!d.newest)
            d.newest = run->started_at;
        else if (size >= ONE_NIGHT)
            sizes[d.n++] = size;
        if (d.n > 0 && later && size > d.longest)
            d.longest = size, d.longest_until = later;
        later = run->started_at;
    }
    qsort(sizes, d.n, sizeof *sizes, by_size);
    d.usual = d.n > 0 ? sizes[d.n / 2] : 0;
    return d;
}

static double days(int64_t seconds)
{
    return (double)seconds / DAY;
}

enum { ENOUGH = 5 }; /* distances that make a habit */

void tm_check_stale(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    enum { TIMES = 3 };
    struct distances d = distances_of(doctor);
    int64_t age = doctor->now - d.newest;
    if (d.n >= ENOUGH && age > TIMES * d.usual && age > DAY)
        tm_problem_add(problems, TM_WARNING, "tidemark gate --max-age DAYS, in a job that runs whatever becomes of the nightly one",
                       NULL, NULL, "the newest run of branch '%s' is %.1f days old, and runs are usually %.1f days apart",
                       doctor->base, days(age), days(d.usual));
}

void tm_check_gaps(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    enum { TIMES = 7 };
    char until[TM_TIME_SIZE];
    struct distances d = distances_of(doctor);
    if (d.n >= ENOUGH && d.longest > TIMES * d.usual && d.longest > TIMES * DAY)
        tm_problem_add(problems, TM_NOTE, "tidemark gate --max-age DAYS tells of a night that did not run", NULL, NULL,
                       "there was no run for %.0f days up to %s, and runs are usually %.1f days apart", days(d.longest),
                       day_of(d.longest_until, until), days(d.usual));
}

void tm_check_commits(const struct tm_doctor *doctor, struct tm_problems *problems)
{
    size_t looked = doctor->n_runs - newest(doctor), commits = 0, versions = 0;
    for (size_t i = newest(doctor); i < doctor->n_runs; i++) {
        commits += doctor->runs[i].has_commit;
        versions += doctor->runs[i].has_version;
    }
    if (commits < looked && looked == 1)
        tm_problem_add(problems, TM_NOTE, "tidemark gate FILE --commit \"$(git rev-parse HEAD)\"", NULL, NULL,
                       "the newest run says no commit: a regression names no range to search");
    else if (commits < looked)
        tm_problem_add(problems, commits == 0 ? TM_WARNING : TM_NOTE, "tidemark gate FILE --commit \"$(git rev-parse HEAD)\"", NULL,
                       NULL, "%zu of the newest %zu runs say no commit: a regression names no range to search", looked - commits,
                       looked);
    if (versions > 0 && versions < looked)
        tm_problem_add(problems, TM_NOTE, "tidemark gate FILE --version TEXT", NULL, NULL,
                       "%zu of the newest %zu runs say no version, and the others do", looked - versions, looked);
}
