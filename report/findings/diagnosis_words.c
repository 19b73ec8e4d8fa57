/* The words of a diagnosis: an explanation for each cause. They say nothing but what the data show, and "likely" where it is no
 * more than that. */
#include <math.h>

#include "report/findings/diagnosis.h"

/* Parts of the added wall time that CPU time accounts for. */
static const double HARDLY = 0.1; /* worth no figure */
static const double ALL = 0.995;  /* would be shown as 100 % */
static const double HALF = 0.5;   /* less is "only" */

static bool was_there(const struct tm_report *report, const struct tm_report_plugin *plugin, size_t run)
{
    return !isnan(tm_report_value(report, plugin, tm_report_metric(report, tm_aspect_metric(TM_CALLS)), run));
}

/* The only plugin that first appears in the run in which this one is first missing. */
static const struct tm_report_plugin *successor(const struct tm_facts *f)
{
    const struct tm_report *report = f->report;
    const struct tm_report_plugin *found = NULL;
    size_t gone = report->n_runs; /* the first run without it */
    while (gone > 0 && !was_there(report, &report->plugins[f->verdict->plugin], gone - 1))
        gone--;
    for (size_t i = 0; gone > 0 && gone < report->n_runs && i < report->n_plugins; i++) {
        size_t first = 0;
        while (first < report->n_runs && !was_there(report, &report->plugins[i], first))
            first++;
        if (first == gone && found)
            return NULL;
        if (first == gone)
            found = &report->plugins[i];
    }
    return found;
}

void tm_explain_missing(FILE *out, const struct tm_facts *f)
{
    const struct tm_report_plugin *next = successor(f);
    fputs("The data cannot tell whether it was removed, was not called, or failed to load.", out);
    if (next)
        fprintf(out, " In the first run without it, %s appears for the first time: perhaps this is its new name.", next->name);
}

void tm_explain_whole_run(FILE *out, const struct tm_facts *f)
{
    const struct tm_crowd *crowd = &f->crowd;
    fputs("So many plugins do not get slower together by themselves: the cause is likely the host, its load, or a runtime that "
          "they share.",
          out);
    if (isnan(crowd->cpu) || !(crowd->wall > 0))
        return;
    if (crowd->cpu >= crowd->wall / 2)
        fprintf(out,
                " CPU time rose as well, by a median of %.0f %%: the processor is slower or busier, or the runtime does more work.",
                100 * crowd->cpu);
    else
        fprintf(out, " CPU time hardly rose, by a median of %.0f %%: they wait for disk, network or processor.", 100 * crowd->cpu);
}

void tm_explain_shared(FILE *out, const struct tm_facts *f)
{
    fprintf(out,
            "No host changes %s of so many plugins at once: the cause is likely something that they share, a build, a library or "
            "the data.",
            tm_report_metric_title(&f->report->metrics[f->verdict->metric]));
}

void tm_explain_calls_more(FILE *out, const struct tm_facts *f)
{
    const struct tm_shift *calls = tm_shift(f, TM_CALLS), *wall = tm_shift(f, TM_WALL);
    fprintf(out, "It is called %s often", calls->now < calls->before ? "less" : "more");
    if (tm_knows_total(f)) {
        fprintf(out, ", and a call takes %s",
                wall->direction == TM_UP     ? "longer as well"
                : wall->direction == TM_DOWN ? "less time"
                                             : "as long as before");
        tm_put_change_in_brackets(out, f, TM_WALL);
        fputs(": ", out);
        tm_put_total(out, f);
    }
    fputs(". The cause is in its callers.", out);
}

static void put_fails(FILE *out, const struct tm_facts *f)
{
    const struct tm_shift *fails = tm_shift(f, TM_FAILS);
    fprintf(out, "%.3g %% of its calls fail", 100 * fails->now);
    if (!isnan(fails->before))
        fprintf(out, " (was %.3g %%)", 100 * fails->before);
}

void tm_explain_fails_slowly(FILE *out, const struct tm_facts *f)
{
    put_fails(out, f);
    fputs(", and the average call takes longer", out);
    tm_put_change_in_brackets(out, f, TM_WALL);
    fputs(": it fails slowly, likely after a timeout or retries.", out);
}

void tm_explain_fails_fast(FILE *out, const struct tm_facts *f)
{
    bool shorter = tm_shift(f, TM_WALL)->direction == TM_DOWN;
    put_fails(out, f);
    fprintf(out, ", and the average call takes %s", shorter ? "less time" : "no longer");
    tm_put_change_in_brackets(out, f, TM_WALL);
    fputs(shorter ? ": it fails fast, likely before its work is done." : ": failing costs no extra time.", out);
}

/* Per call and per run: kilobytes a call are megabytes a night. */
void tm_explain_leaks(FILE *out, const struct tm_facts *f)
{
    const struct tm_shift *kept = tm_shift(f, TM_KEPT), *calls = tm_shift(f, TM_CALLS);
    fputs("On average a call leaves ", out);
    tm_put_figure_beside(out, f, TM_KEPT, kept->now, kept->before);
    fputs(" behind", out);
    if (!isnan(kept->before)) {
        fputs(" (was ", out);
        tm_put_figure_beside(out, f, TM_KEPT, kept->before, kept->now);
        putc(')', out);
    }
    if (calls->now > 0) {
        fprintf(out, "; the %.0f calls of a run leave ", calls->now);
        tm_put_figure(out, f, TM_KEPT, kept->now * calls->now);
    }
    fputs(". This is likely a leak, or a cache without a bound.", out);
    if (tm_is_up(f, TM_PEAK)) {
        fputs(" The peak rose with it", out);
        tm_put_change_in_brackets(out, f, TM_PEAK);
        putc('.', out);
    }
}

void tm_explain_spikes(FILE *out, const struct tm_facts *f)
{
    fputs("It needs more memory at once", out);
    tm_put_change_in_brackets(out, f, TM_PEAK);
    if (isnan(tm_shift(f, TM_KEPT)->now)) {
        fputs("; whether it gives that back was not recorded.", out);
        return;
    }
    fputs(" and gives it back: calls leave no more behind than before", out);
    tm_put_change_in_brackets(out, f, TM_KEPT);
    putc('.', out);
}

void tm_explain_happens(FILE *out, const struct tm_facts *f)
{
    const struct tm_symptoms *s = &f->symptoms;
    fprintf(out,
            "It has such runs now and then: %zu of the %zu before this one were about as bad, the last of them %s. This is "
            "likely one more of them, not a change.",
            s->alike, s->seen, f->report->runs[s->alike_last].key);
}

void tm_explain_some_calls(FILE *out, const struct tm_facts *f)
{
    bool median = tm_shift(f, TM_P50)->direction != TM_DIRECTION_UNKNOWN;
    fprintf(out, "Only some calls got slower: the %s call takes as long as before", median ? "median" : "average");
    tm_put_change_in_brackets(out, f, median ? TM_P50 : TM_WALL);
    if (tm_is_up(f, TM_P95)) {
        fputs(", the slowest twentieth takes longer (p95 ", out);
        tm_put_pair(out, f, TM_P95);
        putc(')', out);
    }
    putc('.', out);
}

void tm_explain_scatters(FILE *out, const struct tm_facts *f)
{
    fputs("It has become unsteady rather than slower: ", out);
    tm_put_scatter(out, f);
    fputs(". The cause is likely something that it shares with others: a service, a lock, a cache.", out);
}

/* "a call takes 92.8 ms more, and CPU time accounts for 95 % of that (262.5 ms, was 174 ms)" */
static void put_added(FILE *out, const struct tm_facts *f)
{
    double part = tm_cpu_part(f);
    fputs(f->symptoms.lead == TM_WALL || !tm_is_wall(f) ? "a call takes " : "the average call takes ", out);
    tm_put_figure(out, f, TM_WALL, tm_shift(f, TM_WALL)->now - tm_shift(f, TM_WALL)->before);
    fputs(" more, and CPU time ", out);
    if (part >= ALL)
        fputs("accounts for all of that", out);
    else if (part >= HARDLY)
        fprintf(out, "accounts for %s%.0f %% of that", part < HALF ? "only " : "", 100 * part);
    else
        fputs(part > -HARDLY ? "hardly changed" : "fell", out);
    tm_put_change_in_brackets(out, f, TM_CPU);
}

void tm_explain_climbs(FILE *out, const struct tm_facts *f)
{
    const struct tm_symptoms *s = &f->symptoms;
    fprintf(out, "It climbed slowly, from run %s to run %s, rather than in one step", f->report->runs[s->climb_first].key,
            f->report->runs[s->climb_last].key);
    if (s->rise > 0)
        fprintf(out, ", and still rises by %.3g %% a run", 100 * s->rise);
    if (!isnan(tm_cpu_part(f))) {
        fputs("; ", out);
        put_added(out, f);
    }
    putc('.', out);
}

void tm_explain_loops(FILE *out, const struct tm_facts *f)
{
    bool beside = tm_shift(f, TM_CPU)->now > tm_shift(f, TM_WALL)->now;
    fputs("It uses more CPU time", out);
    tm_put_change_in_brackets(out, f, TM_CPU);
    fputs(", while calls hardly take longer", out);
    tm_put_change_in_brackets(out, f, TM_WALL);
    fprintf(out, ": likely %s.",
            beside ? "another thread that spins or polls, since CPU time exceeds call time"
                   : "a loop that spins or polls, or work that nobody waits for");
}

void tm_explain_computes(FILE *out, const struct tm_facts *f)
{
    fputs("It computes more: ", out);
    if (isnan(tm_cpu_part(f)))
        fputs("CPU time rose with wall time", out);
    else
        put_added(out, f);
    putc('.', out);
}

void tm_explain_waits(FILE *out, const struct tm_facts *f)
{
    fputs("It waits longer: ", out);
    if (isnan(tm_cpu_part(f)))
        fputs("wall time rose, and CPU time hardly", out);
    else
        put_added(out, f);
    fputs(". It likely waits for I/O, a lock or another service.", out);
}

void tm_explain_blocks(FILE *out, const struct tm_facts *f)
{
    const struct tm_shift *blocked = tm_shift(f, TM_BLOCKED);
    fprintf(out, "It keeps its thread without computing for %.3g ms of a call", blocked->now);
    if (!isnan(blocked->before))
        fprintf(out, " (was %.3g ms)", blocked->before);
    fputs("; on an event loop, everybody else waits for that long.", out);
}

void tm_explain_slower(FILE *out, const struct tm_facts *f)
{
    (void)f;
    fputs("Whether it computes more or waits longer cannot be told: there is no CPU time to compare.", out);
}

void tm_explain_unknown(FILE *out, const struct tm_facts *f)
{
    static const struct {
        enum tm_aspect aspect;
        const char *name;
    } others[] = {{TM_WALL, "wall time"}, {TM_CPU, "CPU time"}, {TM_PEAK, "peak memory"}, {TM_FAILS, "the share of failing calls"}};
    const char *before = ": ";
    fputs("The data do not say why", out);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (f->symptoms.lead != others[i].aspect && tm_is_not_up(f, others[i].aspect)) {
            fprintf(out, "%s%s", before, others[i].name);
            before = ", ";
        }
    fputs(*before == ',' ? " did not rise with it." : ".", out);
}
