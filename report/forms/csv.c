/* A row per verdict, in RFC 4180 with \n at the ends of lines; for programs, so names are left as they are. */
#include <inttypes.h>
#include <math.h>

#include "report/forms/forms.h"
#include "report/verdict_fields.h"

static void put_text(FILE *out, const char *text)
{
    putc(',', out);
    if (text)
        tm_put_csv(out, text);
}

static void put_numbers(FILE *out, const double *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        putc(',', out);
        if (isfinite(numbers[i]))
            tm_put_number(out, numbers[i]);
    }
}

static void put_row(FILE *out, const struct tm_report *report, const struct tm_report_verdict *v)
{
    const double amounts[] = {v->value, v->corrected, v->baseline, v->effect, v->evidence, v->needed};
    const double standing[] = {v->z_history, v->pct_history, v->z_population, v->pct_population};
    tm_put_csv(out, tm_verdict_subject(report, v));
    put_text(out, v->metric < 0 ? "" : report->metrics[v->metric].name);
    put_text(out, tm_class_name(v->class));
    fprintf(out, ",%d", v->leads);
    put_text(out, v->kind);
    put_numbers(out, amounts, sizeof amounts / sizeof *amounts);
    fprintf(out, ",%d,%d", v->runs, v->baseline_runs);
    put_numbers(out, standing, sizeof standing / sizeof *standing);
    put_text(out, v->since);
    put_text(out, v->last_good);
    put_text(out, v->good_commit);
    put_text(out, v->since_commit);
    put_text(out, v->signal);
    put_text(out, v->why);
    putc(',', out);
    if (v->decision)
        fprintf(out, "%" PRId64, v->decision);
    putc('\n', out);
}

void tm_write_csv(FILE *out, const struct tm_report *report)
{
    fputs("plugin,metric,class,leads,kind,value,corrected,baseline,effect,evidence,needed,runs,baseline_runs,z_history,pct_history,"
          "z_population,pct_population,since,last_good,good_commit,since_commit,signal,why,decision_id\n",
          out);
    for (size_t i = 0; i < report->n_verdicts; i++)
        put_row(out, report, report->by_weight[i]);
}
