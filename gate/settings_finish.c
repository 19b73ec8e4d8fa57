/* When all has been set that somebody sets: the store says which metrics there are, and which branch is the base.
 * Names are checked against that, limits get their units, and the list of metrics is made. */
#include <math.h>
#include <string.h>

#include "gate/setting.h"
#include "schema/fields.h"
#include "schema/units.h"

/* What the store says of a metric yields to what a file has said; but higher is better if either
 * says so. */
static enum tm_setting_fault take_stored_metric(struct tm_settings *settings, const tm_rows *rows)
{
    struct tm_metric_rule *rule;
    const char *unit = tm_row_text(rows, "unit");
    enum tm_setting_fault fault = tm_setting_add_metric(settings, tm_row_text(rows, "name"), &rule);
    if (fault != TM_SETTING_DONE)
        return fault;
    settings->marks[rule - settings->rules.metrics].stored = true;
    const char *better = tm_row_text(rows, "better");
    rule->higher_is_better = rule->higher_is_better || strcmp(better, "higher") == 0;
    rule->either = rule->either && !*better;
    return *unit ? tm_setting_text(settings, unit, &rule->unit) : TM_SETTING_DONE;
}

/* Every metric that the store has of the project. */
static enum tm_setting_fault take_stored_metrics(struct tm_settings *settings, tm_store *store, const char *project)
{
    enum tm_setting_fault fault = TM_SETTING_DONE;
    tm_rows *rows = tm_ask(store, TM_Q_METRICS, "t", project);
    int step = -1;
    while (fault == TM_SETTING_DONE && rows && (step = tm_rows_next(rows)) == 1)
        fault = take_stored_metric(settings, rows);
    if (fault == TM_SETTING_TROUBLE)
        tm_store_fail(store, "out of memory");
    return tm_rows_close(rows) != 0 || step < 0 ? TM_SETTING_TROUBLE : fault;
}

static enum tm_setting_fault unknown_metric(struct tm_settings *settings, const char *name)
{
    settings->unknown = name;
    return TM_SETTING_UNKNOWN_METRIC;
}

/* A metric that is named but does not exist is a slip of the pen, and would switch off what its
 * author wanted judged. */
static enum tm_setting_fault check_names(struct tm_settings *s)
{
    for (size_t m = 0; m < s->rules.n_metrics; m++)
        if (!tm_metric_named(s->rules.metrics[m].name) && !s->marks[m].stored)
            return unknown_metric(s, s->rules.metrics[m].name);
    for (size_t i = 0; i < s->rules.n_plugins; i++)
        if (s->plugin_rules[i].metric && !tm_setting_metric(s, s->plugin_rules[i].metric) &&
            !tm_metric_named(s->plugin_rules[i].metric))
            return unknown_metric(s, s->plugin_rules[i].metric);
    return TM_SETTING_DONE;
}

/* Is the name one of the list's words, not a part of one? */
static bool is_listed(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += size)
        if ((at == list || strchr(", \t", at[-1])) && strchr(", \t", at[size]))
            return true;
    return false;
}

static bool has_limit(const struct tm_settings *s, const char *metric)
{
    for (size_t i = 0; i < s->rules.n_limits; i++)
        if (strcmp(s->limits[i].metric, metric) == 0)
            return true;
    return false;
}

/* 'metrics' decides which are judged, whatever else has been said of others. */
static enum tm_setting_fault apply_list(struct tm_settings *s)
{
    size_t kept = 0;
    bool held = tm_setting_metric(s, TM_METRIC_HELD); /* a part of wall time, whichever of its metrics is judged */
    if (!s->listed)
        return TM_SETTING_DONE;
    /* A copy, for strtok_r writes into it. */
    char *names = tm_arena_text(&s->texts, s->listed, strlen(s->listed));
    if (!names)
        return TM_SETTING_TROUBLE;
    for (char *name; (name = strtok_r(names, ", \t", &names));) {
        struct tm_metric_rule *rule = tm_setting_metric(s, name);
        if (!rule && !tm_metric_named(name))
            return unknown_metric(s, name);
        /* A usual metric that is not judged by default, like calls. */
        if (!rule && tm_setting_add_metric(s, name, &rule) != TM_SETTING_DONE)
            return TM_SETTING_TROUBLE;
        rule->only_limit = false;
    }
    for (size_t m = 0; m < s->rules.n_metrics; m++) {
        const char *name = s->rules.metrics[m].name;
        bool listed = is_listed(s->listed, name);
        if (!listed && !has_limit(s, name) && !tm_explains_times(name) && !(held && strcmp(name, "wall_per_call_ms") == 0))
            continue;
        s->marks[kept] = s->marks[m];
        s->rules.metrics[kept] = s->rules.metrics[m];
        s->rules.metrics[kept++].only_limit = !listed;
    }
    s->rules.n_metrics = kept;
    return TM_SETTING_DONE;
}

/* What a limit's number is multiplied with to be in the metric's unit; 0: it is no unit of that metric. */
static double limit_factor(const struct tm_metric_rule *rule, const char *unit)
{
    bool share = rule->kind == TM_METRIC_ERRORS, percent = strcmp(unit, "%") == 0;
    if (!*unit)
        return 1;
    if (percent && share)
        return 0.01;
    return rule->unit ? tm_unit_factor(unit, rule->unit) : 0; /* equal names always fit */
}

/* Limits of metrics that are not judged bring them in, to be looked at for that alone. */
static enum tm_setting_fault settle_limits(struct tm_settings *s)
{
    for (size_t i = 0; i < s->rules.n_limits; i++) {
        struct tm_limit *limit = &s->limits[i];
        struct tm_metric_rule *rule = tm_setting_metric(s, limit->metric);
        if (!rule && !tm_metric_named(limit->metric))
            return unknown_metric(s, limit->metric);
        if (!rule) {
            if (tm_setting_add_metric(s, limit->metric, &rule) != TM_SETTING_DONE)
                return TM_SETTING_TROUBLE;
            rule->only_limit = true;
        }
        double factor = limit_factor(rule, s->limit_units[i]);
        s->unknown = limit->metric;
        if (!(factor > 0))
            return TM_SETTING_BAD_UNIT;
        limit->value *= factor;
        /* "2" of a share is 200 %, which nothing can exceed, and no time is below zero. */
        if ((rule->kind == TM_METRIC_ERRORS && limit->value > 1) || (rule->kind != TM_METRIC_GROWTH && limit->value < 0))
            return TM_SETTING_BAD_LIMIT;
        s->limit_units[i] = "";
    }
    return TM_SETTING_DONE;
}

/* A project whose base has another of the usual names is found by what the store has. */
static enum tm_setting_fault find_base(struct tm_settings *settings, tm_store *store, const char *project)
{
    enum tm_setting_fault fault = TM_SETTING_DONE;
    tm_rows *rows = tm_ask(store, TM_Q_BASE_BRANCH, "t", project);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1)
        fault = tm_setting_text(settings, tm_row_text(rows, "branch"), &settings->base);
    if (fault == TM_SETTING_TROUBLE)
        tm_store_fail(store, "out of memory");
    return tm_rows_close(rows) != 0 || step < 0 ? TM_SETTING_TROUBLE : fault;
}

/* The fault of a step that asks no store: its trouble is want of memory. */
static enum tm_setting_fault in_memory(tm_store *store, enum tm_setting_fault fault)
{
    if (fault == TM_SETTING_TROUBLE)
        tm_store_fail(store, "out of memory");
    return fault;
}

enum tm_setting_fault tm_settings_finish(struct tm_settings *settings, tm_store *store, const char *project)
{
    /* Strict means that suspects fail: the extreme ones among them too. */
    settings->strictness.extreme_fails = settings->strictness.extreme_fails || settings->strictness.strict;
    enum tm_setting_fault fault = take_stored_metrics(settings, store, project);
    if (fault == TM_SETTING_DONE && !settings->base_given)
        fault = find_base(settings, store, project);
    if (fault == TM_SETTING_DONE)
        fault = check_names(settings);
    if (fault == TM_SETTING_DONE)
        fault = in_memory(store, settle_limits(settings));
    if (fault == TM_SETTING_DONE)
        fault = in_memory(store, apply_list(settings));
    /* Last, when it is known which metrics have a min-effect of their own, however late they
     * were named. */
    for (size_t m = 0; m < settings->rules.n_metrics && !isnan(settings->min_effect); m++)
        if (!settings->marks[m].own_effect)
            settings->rules.metrics[m].min_effect = settings->min_effect;
    return fault;
}
