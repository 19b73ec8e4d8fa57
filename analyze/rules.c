/* Which of the rules holds for a plugin's metric, and how values become what the detector sees:
 * a scale on which equal changes count equally and higher is worse. */
#include "analyze/rules.h"

#include <fnmatch.h>
#include <math.h>
#include <string.h>

static const double NOTHING = 1e-9; /* stands for zero where a logarithm is taken: a picosecond in ms */
static const double ENOUGH = 0.8;   /* of the least change will do: a change of just that size is else caught half the time */

/* The last rule that matches counts, so that a glob can be ignored and one of its plugins taken
 * back. */
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
        /* Rules are read from the general to the special: a later one overrides what it mentions
         * and leaves the rest. */
        judged = !special->ignore;
        if (!isnan(special->min_effect))
            rule->min_effect = special->min_effect;
        if (!isnan(special->floor)) {
            rule->floor = special->floor;
            rule->floor_given = true;
        }
    }
    return judged;
}

const struct tm_limit *tm_limit_for(const struct tm_limit *limits, size_t n, const char *plugin, const char *metric)
{
    for (size_t i = n; i-- > 0;)
        if (strcmp(limits[i].metric, metric) == 0 && fnmatch(limits[i].glob, plugin, 0) == 0)
            return &limits[i];
    return NULL;
}

/* Where nobody has said which side is worse, a limit is the most. */
bool tm_is_beyond(const struct tm_metric_rule *rule, double value, double limit)
{
    return rule->higher_is_better ? value < limit : value > limit;
}

/* Growth: asinh is linear below its scale and a logarithm far above it, so it takes zero and
 * negative values. What is counted (errors, calls) is no level; it passes unchanged. */
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

/* In y a share is the same at every level: ln(1 + share). */
double tm_min_share(const struct tm_metric_rule *rule)
{
    return log1p(ENOUGH * rule->min_effect);
}

double tm_min_change(const struct tm_rules *rules, const struct tm_metric_rule *rule, double level_y)
{
    double change = tm_min_share(rule), level = tm_from_y(rule, level_y);
    /* Absolute floors are in the metric's unit: they mean nothing where units are anybody's guess
     * (--no-floors). */
    if (!rules->floors || !(rule->floor > 0))
        return change;
    /* The floor is an amount of the metric; what it makes of y depends on the level, and on
     * which direction is worse. */
    double side = rule->higher_is_better ? -1 : 1;
    double at_floor = tm_to_y(rule, level + side * rule->floor) - level_y;
    return fmax(change, at_floor);
}

/* Wall time is what teams act on: it gets half, so that many further metrics do not deafen it. */
double tm_budget_share(double budget, size_t metric, size_t n_metrics)
{
    if (n_metrics < 2)
        return budget;
    return metric == 0 ? budget / 2 : budget / 2 / (double)(n_metrics - 1);
}
