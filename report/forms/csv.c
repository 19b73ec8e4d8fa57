/* A row per verdict, in RFC 4180 with \n at the ends of lines; for programs, so names are left as they are, but where people read
 * them (base/escape.h). The columns are those of verdict_fields.c. */
#include "report/forms/forms.h"
#include "report/verdict_fields.h"

int tm_write_csv(FILE *out, const struct tm_report *report)
{
    tm_put_fields_csv_head(out);
    for (size_t i = 0; i < report->n_verdicts; i++)
        tm_put_fields_csv(out, report, report->by_weight[i]);
    return 0;
}
