/* Settings are set by name wherever they come from (a file, the environment, the command line, a
 * C program), so that each has one meaning and one check. What the names of metrics mean is known
 * when the store has been asked (settings_finish.c). */
#include "gate/setting.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* Values come from files and command lines that may be gone when they are used. NULL: no memory. */
static const char *copy_text(struct tm_settings *settings, const char *text)
{
    return tm_arena_text(&settings->texts, text, strlen(text));
}

/* A number from least to most, both included; a % behind it makes it a share. Anything behind
 * that, NAN, and what is out of range is refused: *value is then as before. */
static enum tm_setting_fault read_number(const char *text, double least, double most, double *value)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end > text && *end == '%') {
        number /= 100;
        end++;
    }
    if (errno || end == text || *end || !(number >= least && number <= most))
        return TM_SETTING_BAD_VALUE;
    *value = number;
    return TM_SETTING_DONE;
}

/* yes, true, 1 and their opposites; anything else is refused, not taken for no. */
static enum tm_setting_fault read_bool(const char *text, bool *value)
{
    bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return TM_SETTING_BAD_VALUE;
    *value = yes;
    return TM_SETTING_DONE;
}

enum tm_setting_fault tm_setting_text(struct tm_settings *settings, const char *text, const char **value)
{
    const char *copy = copy_text(settings, text);
    if (!copy)
        return TM_SETTING_TROUBLE;
    *value = copy;
    return TM_SETTING_DONE;
}

struct tm_metric_rule *tm_setting_metric(struct tm_settings *settings, const char *name)
{
    for (size_t m = 0; m < settings->rules.n_metrics; m++)
        if (strcmp(settings->rules.metrics[m].name, name) == 0)
            return &settings->rules.metrics[m];
    return NULL;
}

/* Whether the name exists at all is checked at the end. */
enum tm_setting_fault tm_setting_add_metric(struct tm_settings *settings, const char *name, struct tm_metric_rule **rule)
{
    const struct tm_metric *known = tm_metric_named(name);
    *rule = tm_setting_metric(settings, name);
    if (*rule)
        return TM_SETTING_DONE;
    const char *copy = known ? known->rule.name : copy_text(settings, name);
    if (!copy || !tm_array_add(&settings->marks, &settings->n_marks, sizeof *settings->marks))
        return TM_SETTING_TROUBLE;
    *rule = tm_array_add(&settings->rules.metrics, &settings->rules.n_metrics, sizeof **rule);
    if (!*rule)
        return TM_SETTING_TROUBLE;
    **rule = known ? known->rule : tm_own_metric(copy, "");
    return TM_SETTING_DONE;
}

enum tm_setting_fault tm_settings_init(struct tm_settings *settings)
{
    *settings = (struct tm_settings){.base = "main", .min_effect = NAN};
    /* Half a false alarm in 1000 judgements: at 100 plugins, one in 20 nights. Missing: 8 of the
     * last 10 runs, so that a plugin which runs every other night never is. Extreme: ten times
     * all that the past has held is beyond doubt; once is as rare as a false alarm may be, where no
     * second night will tell (docs/methods.md has the table). */
    settings->rules =
        (struct tm_rules){.budget = 0.5, .floors = true, .extreme = 10, .extreme_alone = 1, .missing_seen = 8, .missing_of = 10};
    settings->rules.plugins = settings->plugin_rules;
    settings->rules.limits = settings->limits;
    enum tm_setting_fault fault = TM_SETTING_DONE;
    struct tm_metric_rule *rule;
    for (size_t i = 0; i < tm_n_metrics && fault == TM_SETTING_DONE; i++)
        if (tm_metrics[i].judged)
            fault = tm_setting_add_metric(settings, tm_metrics[i].rule.name, &rule);
    return fault;
}

void tm_settings_free(struct tm_settings *settings)
{
    tm_arena_free(&settings->texts);
    free(settings->given);
    free(settings->rules.metrics);
    free(settings->marks);
    settings->given = NULL;
    settings->rules.metrics = NULL;
    settings->marks = NULL;
}

/* The bounds keep out slips (a budget of 0 never alarms, one of 1e9 always does), not opinions. */
static enum tm_setting_fault set_general(struct tm_settings *s, const char *name, const char *value)
{
    if (strcmp(name, "budget") == 0)
        return read_number(value, 1e-6, 1000, &s->rules.budget);
    if (strcmp(name, "metrics") == 0) /* each name is checked when all that is known has been read */
        return value[strspn(value, ", \t")] ? tm_setting_text(s, value, &s->listed) : TM_SETTING_BAD_VALUE;
    if (strcmp(name, "base") == 0) {
        s->base_given = true;
        return *value ? tm_setting_text(s, value, &s->base) : TM_SETTING_BAD_VALUE;
    }
    if (strcmp(name, "pr") == 0)
        return read_bool(value, &s->rules.pr);
    if (strcmp(name, "strict") == 0)
        return read_bool(value, &s->strictness.strict);
    if (strcmp(name, "floors") == 0)
        return read_bool(value, &s->rules.floors);
    if (strcmp(name, "extreme") == 0) {
        /* Who names a bound for extremes wants them to fail. */
        s->strictness.extreme_fails = true;
        enum tm_setting_fault fault = read_number(value, 0, 1e9, &s->rules.extreme);
        s->rules.extreme_alone = s->rules.extreme;
        return fault;
    }
    if (strcmp(name, "allow-unjudged") == 0)
        return read_bool(value, &s->strictness.allow_unjudged);
    if (strcmp(name, "max-age") == 0)
        return read_number(value, 0, 1e6, &s->max_age_days);
    if (strcmp(name, "min-effect") == 0)
        return read_number(value, 0, 100, &s->min_effect);
    return TM_SETTING_UNKNOWN_NAME;
}

/* The place that the metric's limits have, or the next one. */
static int place_of_limits(const struct tm_settings *s, const char *metric)
{
    int next = 0;
    for (size_t i = 0; i < s->rules.n_limits; i++) {
        if (strcmp(s->limits[i].metric, metric) == 0)
            return s->limits[i].place;
        next = s->limits[i].place >= next ? s->limits[i].place + 1 : next;
    }
    return next;
}

/* "250 ms", "5 %", "1200": a number, and a unit that is looked at when it is known what the metric is measured in. */
static enum tm_setting_fault add_limit(struct tm_settings *s, const char *glob, const char *metric, const char *value)
{
    struct tm_limit *limit = &s->limits[s->rules.n_limits];
    char *end;
    errno = 0;
    double number = strtod(value, &end);
    int place = place_of_limits(s, metric);
    if (s->rules.n_limits == TM_PLUGIN_RULES_MAX || place == TM_LIMITED_METRICS)
        return TM_SETTING_TOO_MANY;
    if (errno || end == value || !isfinite(number) || !*metric)
        return TM_SETTING_BAD_VALUE;
    *limit = (struct tm_limit){copy_text(s, glob), copy_text(s, metric), number, place};
    s->limit_units[s->rules.n_limits] = copy_text(s, end + strspn(end, " \t"));
    if (!limit->glob || !limit->metric || !s->limit_units[s->rules.n_limits])
        return TM_SETTING_TROUBLE;
    s->rules.n_limits++;
    return TM_SETTING_DONE;
}

/* min-effect as a share, floor in the metric's unit, better: higher or lower. */
static enum tm_setting_fault set_metric(struct tm_settings *s, const char *metric, const char *name, const char *value)
{
    struct tm_metric_rule *rule;
    if (strcmp(name, "limit") == 0)
        return add_limit(s, "*", metric, value);
    enum tm_setting_fault fault = tm_setting_add_metric(s, metric, &rule);
    if (fault != TM_SETTING_DONE)
        return fault;
    if (strcmp(name, "min-effect") == 0) {
        s->marks[rule - s->rules.metrics].own_effect = true;
        return read_number(value, 0, 100, &rule->min_effect);
    }
    if (strcmp(name, "floor") == 0) {
        rule->floor_given = true;
        return read_number(value, 0, 1e300, &rule->floor);
    }
    if (strcmp(name, "run-wide") == 0) /* counts have no level that a host could shift */
        return tm_metric_is_counted(rule->kind) ? TM_SETTING_BAD_VALUE : read_bool(value, &rule->run_wide);
    if (strcmp(name, "better") != 0)
        return TM_SETTING_UNKNOWN_NAME;
    rule->better_given = true;
    rule->either = false;
    rule->higher_is_better = strcmp(value, "higher") == 0;
    return rule->higher_is_better || strcmp(value, "lower") == 0 ? TM_SETTING_DONE : TM_SETTING_BAD_VALUE;
}

/* *rule is the one that the section's lines so far have made; a second 'metric' begins another. */
static enum tm_setting_fault plugin_rule(struct tm_settings *s, const char *glob, bool names_metric, struct tm_plugin_rule **rule)
{
    size_t n = s->rules.n_plugins;
    struct tm_plugin_rule *last = n > 0 ? &s->plugin_rules[n - 1] : NULL;
    /* Lines of one section come one after the other, so the last rule is theirs. */
    *rule = last;
    if (last && strcmp(last->glob, glob) == 0 && !(names_metric && last->metric))
        return TM_SETTING_DONE;
    if (n == TM_PLUGIN_RULES_MAX)
        return TM_SETTING_TOO_MANY;
    const char *copy = copy_text(s, glob);
    if (!copy)
        return TM_SETTING_TROUBLE;
    *rule = &s->plugin_rules[s->rules.n_plugins++];
    **rule = (struct tm_plugin_rule){.glob = copy, .min_effect = NAN, .floor = NAN};
    return TM_SETTING_DONE;
}

/* Each line changes the rule of its section; a section without 'metric' holds for all the
 * plugin's metrics. */
static enum tm_setting_fault set_plugin(struct tm_settings *s, const char *glob, const char *name, const char *value)
{
    static const char limit[] = "limit ";
    struct tm_plugin_rule *rule;
    if (strncmp(name, limit, strlen(limit)) == 0)
        return add_limit(s, glob, name + strlen(limit) + strspn(name + strlen(limit), " \t"), value);
    enum tm_setting_fault fault = plugin_rule(s, glob, strcmp(name, "metric") == 0, &rule);
    if (fault != TM_SETTING_DONE)
        return fault;
    if (strcmp(name, "min-effect") == 0)
        return read_number(value, 0, 100, &rule->min_effect);
    if (strcmp(name, "floor") == 0)
        return read_number(value, 0, 1e300, &rule->floor);
    if (strcmp(name, "metric") == 0)
        return tm_setting_text(s, value, &rule->metric);
    return strcmp(name, "ignore") == 0 ? read_bool(value, &rule->ignore) : TM_SETTING_UNKNOWN_NAME;
}

/* One setting, by its section. */
static enum tm_setting_fault set_one(struct tm_settings *settings, const char *section, const char *name, const char *value)
{
    if (strcmp(section, "gate") == 0 || !*section)
        return set_general(settings, name, value);
    if (strncmp(section, "metric ", strlen("metric ")) == 0)
        return set_metric(settings, section + strlen("metric "), name, value);
    if (strncmp(section, "plugin ", strlen("plugin ")) == 0)
        return set_plugin(settings, section + strlen("plugin "), name, value);
    return TM_SETTING_UNKNOWN_SECTION;
}

/* Neither a tab nor a line's end can be in what came from a file or an option that makes sense. */
static enum tm_setting_fault note_given(struct tm_settings *settings, const char *section, const char *name, const char *value)
{
    const char *const parts[] = {section, "\t", name, "\t", value, "\n"};
    size_t size = strlen(section) + strlen(name) + strlen(value) + 4;
    if (strpbrk(section, "\t\n") || strpbrk(name, "\t\n") || strpbrk(value, "\t\n"))
        return TM_SETTING_BAD_VALUE;
    if (tm_array_reserve(&settings->given, &settings->given_room, settings->given_size + size, 1) != 0)
        return TM_SETTING_TROUBLE;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        strcpy(settings->given + settings->given_size, parts[i]);
        settings->given_size += strlen(parts[i]);
    }
    return TM_SETTING_DONE;
}

enum tm_setting_fault tm_settings_set(struct tm_settings *settings, const char *section, const char *name, const char *value)
{
    enum tm_setting_fault fault = set_one(settings, section, name, value);
    return fault == TM_SETTING_DONE ? note_given(settings, *section ? section : "gate", name, value) : fault;
}

/* The lines end with an empty one. What cannot be read was written by another version: the caller
 * then knows nothing of the gate's settings. */
enum tm_setting_fault tm_settings_set_lines(struct tm_settings *settings, const char *lines)
{
    enum tm_setting_fault fault = TM_SETTING_DONE;
    char *copy = tm_arena_text(&settings->texts, lines, strlen(lines));
    if (!copy)
        return TM_SETTING_TROUBLE;
    for (char *line, *rest = copy; fault == TM_SETTING_DONE && (line = strsep(&rest, "\n")) && *line;) {
        char *section = strsep(&line, "\t"), *name = strsep(&line, "\t"), *value = line;
        fault = name && value ? tm_settings_set(settings, section, name, value) : TM_SETTING_BAD_VALUE;
    }
    return fault == TM_SETTING_TROUBLE || fault == TM_SETTING_DONE ? fault : TM_SETTING_BAD_VALUE;
}
