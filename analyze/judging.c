/* What the parts of the judge share. Memory and verdicts are apart: a verdict lives one night,
 * the series it rests on is remembered. */
#include "analyze/judging.h"

struct tm_kept *tm_series_of(const struct tm_lineage *lineage, const struct tm_verdict *verdict)
{
    struct tm_plugin *plugin = verdict->metric >= 0 ? tm_lineage_find(lineage, verdict->plugin_id) : NULL;
    return plugin ? tm_series_at(plugin, (size_t)verdict->metric) : NULL;
}

const struct tm_alarm_memory *tm_alarm_of(const struct tm_kept *series)
{
    static const struct tm_alarm_memory none = {0};
    return series && series->alarm ? series->alarm : &none;
}

struct tm_plugin *tm_plugin_of(const struct tm_judging *j, size_t sample)
{
    return &j->lineage->plugins[j->plugin_of[sample]];
}

struct tm_verdict *tm_verdict_at(const struct tm_judging *j, size_t row, size_t metric)
{
    int at = j->verdict_of[row * j->rules->n_metrics + metric];
    return at < 0 ? NULL : &j->out->verdicts[at];
}

/* A floor that people have set is one whoever has measured. */
bool tm_rule_tonight(const struct tm_judging *j, const char *plugin, size_t metric, struct tm_metric_rule *rule)
{
    bool judged = tm_rule_for(j->rules, plugin, metric, rule);
    if (j->night->fine_clock && !rule->floor_given)
        rule->floor = 0;
    return judged;
}
