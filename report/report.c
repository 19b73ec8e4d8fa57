/* Looking things up in a report. What is not there has no value: NAN, or the index -1. */
#include "report/report.h"

#include <math.h>
#include <string.h>

int tm_report_metric(const struct tm_report *report, const char *name)
{
    for (size_t m = 0; m < report->n_metrics; m++)
        if (strcmp(report->metrics[m].name, name) == 0)
            return (int)m;
    return -1;
}

double tm_report_value(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric, size_t run)
{
    return plugin->values && metric >= 0 ? plugin->values[(size_t)metric * report->n_runs + run] : NAN;
}

bool tm_effect_is_amount(const struct tm_report_metric *metric)
{
    return metric->kind == TM_METRIC_GROWTH || metric->kind == TM_METRIC_ERRORS;
}

/* The effect of a change of level is that of the level; of a suspect or an extreme run it is tonight's. */
double tm_report_level(const struct tm_report *report, const struct tm_report_verdict *verdict)
{
    bool level = verdict->class == TM_REGRESSED || verdict->class == TM_OPEN || verdict->class == TM_IMPROVED;
    if (isnan(verdict->effect) || !level || verdict->metric < 0)
        return verdict->corrected;
    return tm_effect_is_amount(&report->metrics[verdict->metric]) ? verdict->baseline + verdict->effect
                                                                  : verdict->baseline * (1 + verdict->effect);
}
