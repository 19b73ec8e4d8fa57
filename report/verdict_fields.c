#include "report/verdict_fields.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>

bool tm_plugin_is_shown(const struct tm_report_plugin *plugin)
{
    return plugin->present || plugin->n_verdicts > 0;
}

const char *tm_verdict_subject(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    return verdict->plugin == TM_WHOLE_RUN ? "*" : report->plugins[verdict->plugin].name;
}

bool tm_verdict_is_news(const struct tm_report_verdict *verdict)
{
    return verdict->leads && verdict->class != TM_NOT_JUDGED && verdict->class != TM_PASS;
}

bool tm_verdict_fails(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (verdict->plugin == TM_WHOLE_RUN)
        return true;
    return verdict->leads && (verdict->class >= TM_MISSING || (report->strict && verdict->class == TM_SUSPECT));
}

double tm_verdict_change(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    if (verdict->metric < 0 || !(fabs(verdict->baseline) > 0))
        return NAN;
    return (tm_report_level(report, verdict) - verdict->baseline) / fabs(verdict->baseline);
}

void tm_put_outcome(FILE *out, const struct tm_report *report)
{
    for (const char *letter = report->outcome; *letter; letter++)
        putc(toupper((unsigned char)*letter), out);
}

void tm_put_owned(FILE *out, tm_escape *put, char *text)
{
    put(out, text ? text : "(out of memory)");
    free(text);
}
