/* The rules that name a cause, the most particular first: the first one that fits is the diagnosis. docs/methods.md has them in
 * words. */
#include "report/findings/diagnosis.h"
#include "report/words.h"

#include <math.h>
#include <string.h>

static const double EXPLAINS = 0.5; /* share of the added time that CPU time must account for to be its cause: the larger part */
static const double FAR_MORE = 3;   /* CPU time added for each ms of wall time: calls do not wait for that */
static const size_t FEW_ALIKE = 2;  /* as bad runs before, that make one more of them no news */
static const double HARDLY = 1.0 / 3.0; /* of the tail's rise: the median has not taken part in it */
enum { REMARKS_MOST = 2 };              /* beside the cause: a finding is read in half a minute */

static bool judge_says(const struct tm_facts *f, const char *signal)
{
    return f->verdict->signal && strcmp(f->verdict->signal, signal) == 0;
}

static bool is_missing(const struct tm_facts *f)
{
    return f->verdict->class == TM_MISSING;
}

static bool is_over_limit(const struct tm_facts *f)
{
    return f->verdict->class == TM_OVER_LIMIT && f->verdict->metric >= 0;
}

static bool is_whole_run(const struct tm_facts *f)
{
    return f->verdict->plugin == TM_WHOLE_RUN;
}

/* No slow host can change memory, sizes or counts. */
static bool is_shared(const struct tm_facts *f)
{
    return is_whole_run(f) && !tm_is_of_times(f->report, f->verdict);
}

static bool calls_more(const struct tm_facts *f)
{
    return f->symptoms.lead == TM_CALLS;
}

static bool fails(const struct tm_facts *f)
{
    return tm_is_up(f, TM_FAILS) && (f->symptoms.lead == TM_FAILS || tm_is_time(f));
}

static bool fails_slowly(const struct tm_facts *f)
{
    return fails(f) && tm_is_up(f, TM_WALL);
}

/* A peak that rises with what is left behind is the leak, not a spike. */
static bool leaks(const struct tm_facts *f)
{
    return f->symptoms.lead == TM_KEPT || (f->symptoms.lead == TM_PEAK && tm_is_up(f, TM_KEPT));
}

static bool spikes(const struct tm_facts *f)
{
    return f->symptoms.lead == TM_PEAK;
}

static bool happens_now_and_then(const struct tm_facts *f)
{
    return tm_is_suspect(f) && f->symptoms.alike >= FEW_ALIKE;
}

/* Where no median is known, the average has to stand for it. */
static bool slows_some_calls(const struct tm_facts *f)
{
    bool tail = tm_is_up(f, TM_P95) || f->symptoms.lead == TM_ASPECTS; /* p99, longest call */
    if (!tail || !tm_is_wall(f))
        return false;
    if (tm_shift(f, TM_P50)->direction != TM_DIRECTION_UNKNOWN)
        return tm_is_not_up(f, TM_P50) && !(tm_rise(f, TM_P50) > HARDLY * tm_rise(f, TM_P95));
    return f->symptoms.lead != TM_WALL && tm_is_not_up(f, TM_WALL);
}

/* Its level has moved by less than its runs now differ. */
static bool only_scatters(const struct tm_facts *f)
{
    double away = fabs(tm_report_level(f->report, f->verdict) / f->verdict->baseline - 1);
    return f->symptoms.scatters && tm_is_time(f) && (tm_is_suspect(f) || away < f->symptoms.scatter_now);
}

static bool climbs(const struct tm_facts *f)
{
    return f->symptoms.course == TM_CLIMB && tm_is_time(f);
}

/* Uses more CPU time than its callers wait for: something runs beside the call. */
static bool loops(const struct tm_facts *f)
{
    return tm_is_time(f) && tm_is_up(f, TM_CPU) &&
           (tm_is_not_up(f, TM_WALL) || (f->symptoms.lead == TM_CPU && tm_cpu_part(f) >= FAR_MORE));
}

static bool is_slower(const struct tm_facts *f)
{
    return (tm_is_time(f) || f->symptoms.lead == TM_BLOCKED) && tm_is_up(f, TM_WALL);
}

static bool computes(const struct tm_facts *f)
{
    double part = tm_cpu_part(f);
    return is_slower(f) && (isnan(part) ? judge_says(f, "compute") : part >= EXPLAINS);
}

static bool waits(const struct tm_facts *f)
{
    double part = tm_cpu_part(f);
    return is_slower(f) && (isnan(part) ? judge_says(f, "waiting") : part < EXPLAINS);
}

/* It keeps its thread without computing. Nobody waits longer for it, but everybody who needs the thread does; or its own callers
 * do, too, and others were held by it: on a thread of its own that is waiting like any other. */
static bool blocks(const struct tm_facts *f)
{
    const struct tm_shift *blocked = tm_shift(f, TM_BLOCKED), *wall = tm_shift(f, TM_WALL);
    double added = blocked->now - (isnan(blocked->before) ? 0 : blocked->before);
    if (!is_slower(f))
        return f->symptoms.lead == TM_BLOCKED;
    return tm_held_others(f) > 0 && !(tm_cpu_part(f) >= EXPLAINS) && added >= EXPLAINS * (wall->now - wall->before);
}

static bool any_case(const struct tm_facts *f)
{
    (void)f;
    return true;
}

static const struct tm_cause causes[] = {
    {"missing", is_missing, tm_explain_missing, TM_ASPECTS, NULL, NULL},
    {"over limit", is_over_limit, tm_explain_over_limit, TM_ASPECTS, NULL, NULL},
    {"shared", is_shared, tm_explain_shared, TM_ASPECTS, NULL, NULL},
    {"host", is_whole_run, tm_explain_whole_run, TM_WALL, NULL, NULL},
    {"more calls", calls_more, tm_explain_calls_more, TM_ASPECTS, "Count who calls it", "find who does so more often"},
    {"failing slow", fails_slowly, tm_explain_fails_slowly, TM_FAILS, "Call it as the host does",
     "look for a timeout or retries in front of the error"},
    {"failing fast", fails, tm_explain_fails_fast, TM_FAILS, "Call it as the host does", "read the error that comes back"},
    {"leak", leaks, tm_explain_leaks, TM_KEPT, "Take heap snapshots before and after 100 calls", "see which objects stay"},
    {"memory spike", spikes, tm_explain_spikes, TM_PEAK, "Record the allocations of one call", "see what is alive at the peak"},
    {"blocking", blocks, tm_explain_blocks, TM_BLOCKED, "Sample the stack of its thread while a call keeps it",
     "look for a sleep, a lock or I/O that does not give the thread back"},
    {"now and then", happens_now_and_then, tm_explain_happens, TM_ASPECTS, NULL, NULL},
    {"some calls", slows_some_calls, tm_explain_some_calls, TM_P95, "Trace the slowest calls", "look for what they have in common"},
    {"unsteady", only_scatters, tm_explain_scatters, TM_ASPECTS, "Trace calls of slow and of fast runs",
     "compare what they wait for"},
    {"drift", climbs, tm_explain_climbs, TM_ASPECTS, NULL, NULL},
    {"tight loop", loops, tm_explain_loops, TM_CPU, "Sample the stacks of all threads", "look for one that spins or polls"},
    {"compute", computes, tm_explain_computes, TM_ASPECTS, "Profile one call with a CPU profiler", "compare where the time goes"},
    {"waiting", waits, tm_explain_waits, TM_ASPECTS, "Trace what one call waits for",
     "look for a new request, query, lock, retry or sleep"},
    {"slower", is_slower, tm_explain_slower, TM_ASPECTS, "Profile one call", "see whether it computes more or waits longer"},
    {"unknown", any_case, tm_explain_unknown, TM_ASPECTS, "Measure one call", "see what else has changed"},
};

/* The last rule fits always. */
const struct tm_cause *tm_cause_of(const struct tm_facts *f)
{
    const struct tm_cause *cause = causes;
    while (!cause->fits(f))
        cause++;
    return cause;
}

void tm_put_diagnosis(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    cause->explain(out, f);
    if (!is_whole_run(f) && !is_missing(f))
        tm_put_remarks(out, f, cause, REMARKS_MOST);
}
