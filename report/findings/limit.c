/* A value beyond what people allow: whether its past knows better is said beside it. */
#include <math.h>

#include "report/amount.h"
#include "report/findings/diagnosis.h"

void tm_explain_over_limit(FILE *out, const struct tm_facts *f)
{
    const struct tm_report_verdict *v = f->verdict;
    const struct tm_report_metric *metric = &f->report->metrics[v->metric];
    bool usual = !isnan(v->baseline) && (metric->higher_is_better ? v->baseline < v->allowed : v->baseline > v->allowed);
    fprintf(out, "It is %s the limit of ", metric->higher_is_better ? "under" : "over");
    tm_put_amount(out, metric, v->allowed);
    fputs(" that tidemark.ini sets. ", out);
    if (isnan(v->baseline))
        fputs("What is usual for it is not known yet.", out);
    else {
        fputs(usual ? "So it usually is: its level is " : "Usually it keeps to it, with ", out);
        tm_put_amount(out, metric, v->baseline);
        putc('.', out);
    }
}
