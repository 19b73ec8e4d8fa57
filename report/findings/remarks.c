/* Remarks: what else is true, beside the cause, the most useful first. */
#include <math.h>
#include <string.h>

#include "report/amount.h"
#include "report/findings/diagnosis.h"

/* Tonight is worse than the new level: by more scales than noise of a night reaches, and by a tenth, which is worth a sentence. */
static const double BEYOND = 5, BEYOND_SHARE = 1.1;

static bool is_cause(const struct tm_cause *cause, const char *name)
{
    return strcmp(cause->name, name) == 0;
}

static bool is_memory(const struct tm_facts *f)
{
    return f->symptoms.lead == TM_KEPT || f->symptoms.lead == TM_PEAK;
}

/* Each writes its sentence if it is true, with a blank before it, and says so. */
typedef bool remark(FILE *out, const struct tm_facts *f, const struct tm_cause *cause);

static bool same_commit(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    (void)cause;
    if (f->symptoms.same_commit)
        fputs(" The commit is the same before and after: the cause is likely not the code but its input, settings or surroundings.",
              out);
    return f->symptoms.same_commit;
}

/* Of an open regression the level is told, which no single run has moved. */
static bool slow_run(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    double factor = f->report->run->factor;
    (void)cause;
    if (isnan(factor) || f->verdict->class == TM_OPEN || !tm_is_time(f))
        return false;
    fprintf(out, " The whole run was %.0f %% %s than usual; these figures are corrected for that.", 100 * fabs(factor),
            factor > 0 ? "slower" : "faster");
    return true;
}

static bool holds_others(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report *report = f->report;
    double ms = tm_held_others(f), calls = NAN;
    (void)cause;
    if (ms > 0)
        calls =
            tm_report_value(report, &report->plugins[f->verdict->plugin], tm_report_metric(report, "calls"), report->n_runs - 1);
    if (!(calls > 0))
        return false;
    fputs(" It kept others from the event loop for ", out);
    tm_put_total_time(out, ms / calls);
    fputs(" a call, all together, and their wall times are judged without that.", out);
    return true;
}

static bool first_of_its_kind(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_suspect(f) || f->symptoms.seen == 0 || f->symptoms.alike > 0)
        return false;
    fprintf(out, " None of the %zu runs before was nearly as bad.", f->symptoms.seen);
    return true;
}

static bool beyond_its_level(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_report_verdict *v = f->verdict;
    (void)cause;
    if (v->class != TM_OPEN || !tm_is_time(f) || !(v->z_history > BEYOND) ||
        !(v->corrected > BEYOND_SHARE * tm_report_level(f->report, v)))
        return false;
    fputs(" This run is worse still: ", out);
    tm_put_figure(out, f, f->symptoms.lead < TM_ASPECTS ? f->symptoms.lead : TM_WALL, v->corrected);
    putc('.', out);
    return true;
}

static bool still_rises(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    if (!(f->symptoms.rise > 0) || is_cause(cause, "drift"))
        return false;
    fprintf(out, " It still rises, by %.3g %% a run.", 100 * f->symptoms.rise);
    return true;
}

/* Slower and called more often: the total says what it comes to. */
static bool more_calls(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_shift *calls = tm_shift(f, TM_CALLS);
    if (!tm_is_up(f, TM_CALLS) || is_cause(cause, "more calls") || !tm_knows_total(f))
        return false;
    fprintf(out, " It is also called more often (%.0f times a run, was %.0f): ", calls->now, calls->before);
    tm_put_total(out, f);
    putc('.', out);
    return true;
}

static bool leaks_too(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_up(f, TM_KEPT) || is_memory(f))
        return false;
    fputs(" Calls also leave more memory behind", out);
    tm_put_change_in_brackets(out, f, TM_KEPT);
    putc('.', out);
    return true;
}

static bool peaks_too(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    (void)cause;
    if (!tm_is_up(f, TM_PEAK) || is_memory(f))
        return false;
    fputs(" Peak memory rose as well", out);
    tm_put_change_in_brackets(out, f, TM_PEAK);
    putc('.', out);
    return true;
}

static bool unsteady_too(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    if (!f->symptoms.scatters || !tm_is_time(f) || is_cause(cause, "unsteady") || is_cause(cause, "now and then"))
        return false;
    fputs(" It has become unsteady as well: ", out);
    tm_put_scatter(out, f);
    putc('.', out);
    return true;
}

static bool two_steps(FILE *out, const struct tm_facts *f, const struct tm_cause *cause)
{
    const struct tm_symptoms *s = &f->symptoms;
    (void)cause;
    if (s->course != TM_TWO_STEPS)
        return false;
    fprintf(out, " It changed in two steps, with run %s and with run %s.", f->report->runs[s->first_step].key,
            f->report->runs[s->climb_last].key);
    return true;
}

static remark *const remarks[] = {holds_others, same_commit, two_steps, slow_run,  first_of_its_kind, beyond_its_level,
                                  still_rises,  more_calls,  leaks_too, peaks_too, unsteady_too};

void tm_put_remarks(FILE *out, const struct tm_facts *f, const struct tm_cause *cause, int most)
{
    for (size_t i = 0; i < sizeof remarks / sizeof *remarks && most > 0; i++)
        most -= remarks[i](out, f, cause);
}
