/* Which of the rules holds for a plugin's metric, and how values become what the detector sees. */
#include "analyze/rules.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

static const double NOTHING = 1e-6; /* stands for zero where a logarithm is taken: a nanosecond in ms */
static const double ENOUGH = 0.8;   /* of the least change will do, see tm_min_change */

bool tm_plugin_ignored(const struct tm_rules *rules, const char *plugin)
{
    bool ignored = false;
    for (size_t i = 0; i < rules->n_plugins; i++)
        if (!rules->plugins[i].metric && fnmatch(rules->plugins[i].glob, plugin, 0) == 0)
            ignored = rules->plugins[i].ignore;
    return ignored;
}

bool tm_rule_for(const struct tm_rules *rules, const char *plugin, size_t metric, struct tm_metric_rule *rule)
{
    bool judged = true;
    *rule = rules->metrics[metric];
    for (size_t i = 0; i < rules->n_plugins; i++) {
        const struct tm_plugin_rule *special = &rules->plugins[i];
        if ((special->metric && strcmp(special->metric, rule->name) != 0) || fnmatch(special->glob, plugin, 0) != 0)
            continue;
        judged = !special->ignore;
        if (!isnan(special->min_effect))
            rule->min_effect = special->min_effect;
        if (!isnan(special->floor))
            rule->floor = special->floor;
    }
    return judged;
}

double tm_to_y(const struct tm_metric_rule *rule, double value)
{
    double y = rule->kind == TM_METRIC_GROWTH  ? asinh(value / rule->scale)
               : rule->kind == TM_METRIC_RATIO ? log(fmax(value, NOTHING))
                                               : value;
    return rule->higher_is_better ? -y : y;
}

double tm_from_y(const struct tm_metric_rule *rule, double y)
{
    if (rule->higher_is_better)
        y = -y;
    return rule->kind == TM_METRIC_GROWTH ? rule->scale * sinh(y) : rule->kind == TM_METRIC_RATIO ? exp(y) : y;
}

double tm_min_change(const struct tm_rules *rules, const struct tm_metric_rule *rule, double level_y)
{
    double change = log1p(ENOUGH * rule->min_effect), level = tm_from_y(rule, level_y);
    if (!rules->floors || !(rule->floor > 0))
        return change;
    double side = rule->higher_is_better ? -1 : 1;
    double at_floor = tm_to_y(rule, level + side * rule->floor) - level_y;
    return fmax(change, at_floor);
}

double tm_budget_share(double budget, size_t metric, size_t n_metrics)
{
    if (n_metrics < 2)
        return budget;
    return metric == 0 ? budget / 2 : budget / 2 / (double)(n_metrics - 1);
}
