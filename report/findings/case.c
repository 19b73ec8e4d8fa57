#include "report/findings/case.h"

#include <math.h>
#include <string.h>

#include "report/findings/diagnosis.h"
#include "report/words.h"

int tm_case_of(const struct tm_report *report, const struct tm_report_verdict *verdict, struct tm_case *c)
{
    size_t since = verdict->since_run < 0 ? report->n_runs : (size_t)verdict->since_run;
    *c = (struct tm_case){.report = report, .verdict = verdict};
    if (verdict->plugin == TM_WHOLE_RUN) {
        if (tm_crowd_at(report, since, &c->crowd) != 0)
            return -1;
    } else if (verdict->metric >= 0) {
        tm_symptoms_of(report, verdict, &c->symptoms);
    }
    c->severity = tm_severity(c);
    return 0;
}

const struct tm_shift *tm_shift(const struct tm_case *c, enum tm_aspect aspect)
{
    return &c->symptoms.of[aspect];
}

bool tm_is_up(const struct tm_case *c, enum tm_aspect aspect)
{
    return tm_shift(c, aspect)->course == TM_UP;
}

bool tm_is_not_up(const struct tm_case *c, enum tm_aspect aspect)
{
    return tm_shift(c, aspect)->course == TM_SAME || tm_shift(c, aspect)->course == TM_DOWN;
}

double tm_rise(const struct tm_case *c, enum tm_aspect aspect)
{
    const struct tm_shift *shift = tm_shift(c, aspect);
    return shift->before > 0 ? shift->now / shift->before - 1 : NAN;
}

const struct tm_report_metric *tm_case_metric(const struct tm_case *c)
{
    return c->verdict->metric < 0 ? NULL : &c->report->metrics[c->verdict->metric];
}

bool tm_is_wall(const struct tm_case *c)
{
    return tm_case_metric(c) && strncmp(tm_case_metric(c)->name, "wall_", 5) == 0;
}

bool tm_is_time(const struct tm_case *c)
{
    return tm_is_wall(c) || c->symptoms.lead == TM_CPU;
}

bool tm_is_suspect(const struct tm_case *c)
{
    return c->verdict->class == TM_SUSPECT;
}

double tm_cpu_part(const struct tm_case *c)
{
    const struct tm_shift *wall = tm_shift(c, TM_WALL), *cpu = tm_shift(c, TM_CPU);
    return wall->now > wall->before ? (cpu->now - cpu->before) / (wall->now - wall->before) : NAN;
}

bool tm_knows_total(const struct tm_case *c)
{
    return tm_shift(c, TM_CALLS)->before > 0 && tm_shift(c, TM_WALL)->before > 0;
}

void tm_put_figure(FILE *out, const struct tm_case *c, enum tm_aspect aspect, double value)
{
    tm_put_amount(out, &c->report->metrics[tm_report_metric(c->report, tm_aspect_metric(aspect))], value);
}

void tm_put_pair(FILE *out, const struct tm_case *c, enum tm_aspect aspect)
{
    tm_put_figure(out, c, aspect, tm_shift(c, aspect)->now);
    if (isnan(tm_shift(c, aspect)->before))
        return;
    fputs(", was ", out);
    tm_put_figure(out, c, aspect, tm_shift(c, aspect)->before);
}

void tm_put_pair_in_brackets(FILE *out, const struct tm_case *c, enum tm_aspect aspect)
{
    fputs(" (", out);
    tm_put_pair(out, c, aspect);
    putc(')', out);
}

void tm_put_total(FILE *out, const struct tm_case *c)
{
    const struct tm_shift *calls = tm_shift(c, TM_CALLS), *wall = tm_shift(c, TM_WALL);
    fprintf(out, "its total time went from %.3g s to %.3g s a run", calls->before * wall->before / 1e3,
            calls->now * wall->now / 1e3);
}

void tm_put_scatter(FILE *out, const struct tm_case *c)
{
    const struct tm_symptoms *s = &c->symptoms;
    fprintf(out, "the middle half of the last %zu runs spans %.0f %% of their median, %.3g %% before", s->scatter_runs,
            100 * s->scatter_now, 100 * s->scatter_before);
}
