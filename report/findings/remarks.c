/* What else is true, beside the cause, the most useful first. */
#include <math.h>
#include <string.h>

#include "report/findings/diagnosis.h"

static const double BEYOND = 5; /* scales of the new level */
static const double BEYOND_SHARE = 1.1;

static bool is_cause(const struct tm_cause *cause, const char *name)
{
    return strcmp(cause->name, name) == 0;
}

static bool is_memory(const struct tm_case *c)
{
    return c->symptoms.lead == TM_KEPT || c->symptoms.lead == TM_PEAK;
}

/* Each writes its sentence if it is true, with a blank before it, and says so. */
typedef bool remark(FILE *out, const struct tm_case *c, const struct tm_cause *cause);

static bool same_commit(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    (void)cause;
    if (c->symptoms.same_commit)
        fputs(" The commit is the same before and after: likely not the code, but its input, settings or surroundings.", out);
    return c->symptoms.same_commit;
}

static bool slow_run(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    double factor = c->report->run->factor;
    (void)cause;
    if (isnan(factor) || c->verdict->class == TM_OPEN || !tm_is_time(c))
        return false;
    fprintf(out, " The whole run was %.0f %% %s; that is taken off these figures.", 100 * fabs(factor),
            factor > 0 ? "slow" : "fast");
    return true;
}

static bool first_of_its_kind(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_suspect(c) || c->symptoms.seen == 0 || c->symptoms.alike > 0)
        return false;
    fprintf(out, " None of the %zu runs before was about as bad.", c->symptoms.seen);
    return true;
}

static bool beyond_its_level(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = c->verdict;
    (void)cause;
    if (v->class != TM_OPEN || !tm_is_time(c) || !(v->z_history > BEYOND) ||
        !(v->corrected > BEYOND_SHARE * tm_report_level(c->report, v)))
        return false;
    fputs(" This run is worse still: ", out);
    tm_put_figure(out, c, c->symptoms.lead < TM_ASPECTS ? c->symptoms.lead : TM_WALL, v->corrected);
    putc('.', out);
    return true;
}

static bool still_rises(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    if (!(c->symptoms.rise > 0) || is_cause(cause, "drift"))
        return false;
    fprintf(out, " It still rises, by %.3g %% a run.", 100 * c->symptoms.rise);
    return true;
}

static bool more_calls(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    const struct tm_shift *calls = tm_shift(c, TM_CALLS);
    if (!tm_is_up(c, TM_CALLS) || is_cause(cause, "more calls") || !tm_knows_total(c))
        return false;
    fprintf(out, " It is also called more often (%.0f times a run, was %.0f): ", calls->now, calls->before);
    tm_put_total(out, c);
    putc('.', out);
    return true;
}

static bool leaks_too(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_up(c, TM_KEPT) || is_memory(c))
        return false;
    fputs(" Calls also leave more memory behind", out);
    tm_put_pair_in_brackets(out, c, TM_KEPT);
    putc('.', out);
    return true;
}

static bool peaks_too(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_up(c, TM_PEAK) || is_memory(c))
        return false;
    fputs(" Peak memory rose as well", out);
    tm_put_pair_in_brackets(out, c, TM_PEAK);
    putc('.', out);
    return true;
}

static bool unsteady_too(FILE *out, const struct tm_case *c, const struct tm_cause *cause)
{
    if (!c->symptoms.scatters || !tm_is_time(c) || is_cause(cause, "unsteady") || is_cause(cause, "now and then"))
        return false;
    fputs(" It has become unsteady, too: ", out);
    tm_put_scatter(out, c);
    putc('.', out);
    return true;
}

static remark *const remarks[] = {same_commit, slow_run,  first_of_its_kind, beyond_its_level, still_rises,
                                  more_calls,  leaks_too, peaks_too,         unsteady_too};

void tm_put_remarks(FILE *out, const struct tm_case *c, const struct tm_cause *cause, int most)
{
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks && most > 0; i++)
        most -= remarks[i](out, c, cause);
}
