/* What the data lack: figures that were not recorded, runs that are not there. Each gap is one sentence that says what it hides and
 * how to close it; one that concerns few plugins and no finding is not worth that. */
#include "base/builder.h"
#include "base/plural.h"
#include "report/findings/diagnosis.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/stats.h"
#include "report/findings/symptoms.h"
#include "report/words.h"

enum {
    NAMED = 3,         /* plugins that are listed by name: more make no sentence */
    RECENT = 60,       /* runs that are looked at for holes: two months of nights, older ones nobody can repair */
    RECENT_LEAST = 10, /* of fewer no usual pace is known */
    HOLES_LEAST = 3,   /* one or two nights are missing anywhere */
    DAY = 86400,       /* seconds */
};
static const double WORTH_A_WORD = 0.05; /* of the plugins or runs */

/* A gap: how it is written, nothing if it is not there; and of a figure which it is, or which two stand for each other, how the
 * sentence begins, and how it ends. */
struct gap {
    void (*put)(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct gap *gap);
    enum tm_aspect one, other;
    const char *what, *therefore;
};

/* ---- figures that were not recorded ---- */

static double tonight(const struct tm_report *report, const struct tm_report_plugin *plugin, enum tm_aspect aspect)
{
    return tm_report_value(report, plugin, tm_report_metric(report, tm_aspect_metric(aspect)), report->n_runs - 1);
}

struct lack {
    size_t present, without, found; /* plugins of the run; of those in question */
    const struct tm_report_plugin *some[NAMED];
};

/* Who has neither of the two figures? They explain a time: a throughput or a size lacks none of them. */
static struct lack count_without(const struct tm_report *report, const struct tm_findings *findings, enum tm_aspect one,
                                 enum tm_aspect other)
{
    struct lack lack = {0};
    for (size_t i = 0; i < report->n_plugins; i++) {
        const struct tm_report_plugin *plugin = &report->plugins[i];
        if (!plugin->present || isnan(tonight(report, plugin, TM_CALLS)) || isnan(tonight(report, plugin, TM_WALL)))
            continue;
        lack.present++;
        if (!isnan(tonight(report, plugin, one)) || !isnan(tonight(report, plugin, other)))
            continue;
        if (lack.without < NAMED)
            lack.some[lack.without] = plugin;
        lack.without++;
        bool found = false;
        for (size_t k = 0; k < findings->n; k++)
            found |= findings->list[k].verdict->plugin == i;
        lack.found += found;
    }
    return lack;
}

/* "for any plugin", "for a, b and c", "for 12 of 39 plugins" */
static void put_whom(FILE *out, const struct lack *lack)
{
    if (lack->without == lack->present) {
        fputs("any plugin", out);
    } else if (lack->without > NAMED) {
        fprintf(out, "%zu of %zu plugins", lack->without, lack->present);
    } else {
        for (size_t i = 0; i < lack->without; i++)
            fprintf(out, "%s%s", i == 0 ? "" : i + 1 == lack->without ? " and " : ", ", lack->some[i]->name);
    }
}

/* Told where a finding lacks the figure, or more than a few plugins do. */
static void put_figure(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct gap *gap)
{
    struct lack lack = count_without(report, findings, gap->one, gap->other);
    if (lack.without == 0 || (lack.found == 0 && (double)lack.without <= WORTH_A_WORD * (double)lack.present))
        return;
    fprintf(out, "%s recorded for ", gap->what);
    put_whom(out, &lack);
    fprintf(out, ": %s", gap->therefore);
}

/* ---- runs ---- */

/* Too few nights of the project, or too few at the level of single plugins: the remedies differ. */
static void put_few(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct gap *gap)
{
    const struct tm_tally *tally = &report->tally;
    int64_t rest = tally->plugins - tally->judged, more = TM_DETECTOR_NEEDED - tally->comparable;
    (void)findings, (void)gap;
    if (rest > 0 && tally->comparable == 0)
        fprintf(out, "There are no runs to compare with yet; judging takes %d. Store %" PRId64 " more nights.", TM_DETECTOR_NEEDED,
                more);
    else if (rest > 0 && more > 0)
        fprintf(out, "There %s only %" PRId64 " run%s to compare with; judging takes %d. Store %" PRId64 " more night%s.",
                tally->comparable == 1 ? "is" : "are", tally->comparable, TM_PLURAL(tally->comparable), TM_DETECTOR_NEEDED, more,
                TM_PLURAL(more));
    else if ((double)rest > WORTH_A_WORD * (double)tally->plugins) {
        fprintf(out, "%" PRId64 " of %" PRId64 " plugins were %s", rest, tally->plugins,
                rest == tally->partly ? "judged in part" : "not judged");
        tm_put_reasons(out, tally);
        fprintf(out, ". A level is judged once it has %d runs; 'tidemark gate --explain' lists them.", TM_DETECTOR_NEEDED);
    }
}

static size_t first_recent(const struct tm_report *report)
{
    return report->n_runs > RECENT ? report->n_runs - RECENT : 0;
}

/* Few of them missing is an accident; most, a job that does not pass them. */
static void put_commits(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct gap *gap)
{
    size_t first = first_recent(report), recent = report->n_runs - first, without = 0;
    (void)findings, (void)gap;
    for (size_t i = first; i < report->n_runs; i++)
        without += !report->runs[i].commit || !*report->runs[i].commit;
    if (without == 0 || (double)without <= WORTH_A_WORD * (double)recent)
        return;
    if (without == recent)
        fputs("No commits were recorded", out);
    else
        fprintf(out, "No commits were recorded for %zu of the last %zu runs", without, recent);
    fputs(": a change can be dated, but not traced to what was changed. Pass --commit to gate or ingest, or add a column commit to "
          "the "
          "profiles.",
          out);
}

static size_t weekday(double time)
{
    return (size_t)fmod(floor(time / DAY), 7);
}

/* Runs that would have come at the usual pace; not on days of the week that never have one. */
static double count_holes(const struct tm_report *report, size_t first, double pause)
{
    bool has_runs[7] = {false};
    double holes = 0;
    for (size_t i = first; i < report->n_runs; i++)
        has_runs[weekday((double)report->runs[i].started_at)] = true;
    for (size_t i = first + 1; i < report->n_runs; i++) {
        double start = (double)report->runs[i - 1].started_at, away = (double)report->runs[i].started_at - start;
        double missed = fmin(round(away / pause) - 1, RECENT);
        for (double k = 1; k <= missed; k++)
            holes += has_runs[weekday(start + k * pause)];
    }
    return holes;
}

/* Nights that did not come: the job that should run is what nobody looks at. */
static void put_holes(FILE *out, const struct tm_report *report, const struct tm_findings *findings, const struct gap *gap)
{
    size_t first = first_recent(report), recent = report->n_runs - first;
    double pauses[RECENT], holes;
    size_t n = 0;
    (void)findings, (void)gap;
    for (size_t i = first + 1; i < report->n_runs; i++)
        pauses[n++] = (double)(report->runs[i].started_at - report->runs[i - 1].started_at);
    double pause = tm_median(pauses, n); /* the usual pace */
    if (recent < RECENT_LEAST || !(pause > 0))
        return;
    holes = count_holes(report, first, pause);
    if (holes < HOLES_LEAST || holes <= WORTH_A_WORD * (double)recent)
        return;
    fprintf(out,
            "About %.0f runs are missing between %s and %s, where a run every %.3g %s is usual: changes show later and span more "
            "commits. Find out why the job did not run; with --max-age the gate reports it.",
            holes, report->runs[first].key, report->run->key, pause < 2 * DAY ? pause / 3600 : pause / DAY,
            pause < 2 * DAY ? "hours" : "days");
}

/* ---- the worst of them ---- */

/* Nothing hides more than the first one, and so on. */
static const struct gap gaps[] = {
    {.put = put_few},
    {put_figure, TM_CPU, TM_CPU, "No CPU time was",
     "waiting and computing cannot be told apart. Add a column cpu_ms to the profiles."},
    {.put = put_commits},
    {put_figure, TM_FAILS, TM_FAILS, "Errors were not",
     "a plugin that fails fast looks like one that got faster. Add a column errors to the profiles."},
    {put_figure, TM_P50, TM_P95, "No percentiles were",
     "whether all calls got slower or only some cannot be told. Add columns wall_p50_ms and wall_p95_ms to the profiles, or ingest "
     "a "
     "row per call with --calls."},
    {put_figure, TM_PEAK, TM_KEPT, "No memory was",
     "leaks and spikes go unseen. Add columns mem_delta_kb and peak_mem_kb to the profiles."},
    {.put = put_holes},
};

/* The first TM_GAPS_MOST, in the order of what they hide. 0, or -1: no memory. */
int tm_find_gaps(const struct tm_report *report, struct tm_findings *findings)
{
    for (size_t i = 0; i < sizeof gaps / sizeof *gaps && findings->n_gaps < TM_GAPS_MOST; i++) {
        struct tm_builder builder;
        if (!tm_build(&builder))
            return -1;
        gaps[i].put(builder.out, report, findings, &gaps[i]);
        char *text = tm_built(&builder);
        if (!text)
            return -1;
        if (builder.size > 0)
            findings->gaps[findings->n_gaps++] = text;
        else
            free(text);
    }
    return 0;
}
