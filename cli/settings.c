#include "cli/settings.h"

#include <errno.h>
#include <ini.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const default_metrics[] = {"wall_per_call_ms",      "cpu_per_call_ms", "wall_p95_ms",        "peak_mem_kb",
                                              "mem_delta_per_call_kb", "error_rate",      "blocked_per_call_ms"};
enum { LONGEST_SECTION = 49 };        /* libinih cuts what is longer */
static const double OWN_SCALE = 1e-3; /* of metrics of the project's own: below it they change by amounts, above by factors */

static const char *keep(struct tm_settings *settings, const char *text)
{
    if (settings->n_texts == sizeof settings->texts / sizeof *settings->texts)
        return NULL;
    char *copy = strdup(text);
    if (copy)
        settings->texts[settings->n_texts++] = copy;
    return copy;
}

/* 0, or -1 if it is no number from least to most. A % behind it makes it a share. */
static int read_number(const char *text, double least, double most, double *value)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end > text && *end == '%') {
        number /= 100;
        end++;
    }
    if (errno || end == text || *end || !(number >= least && number <= most))
        return -1;
    *value = number;
    return 0;
}

static int read_bool(const char *text, bool *value)
{
    bool yes = strcmp(text, "yes") == 0 || strcmp(text, "true") == 0 || strcmp(text, "1") == 0;
    if (!yes && strcmp(text, "no") != 0 && strcmp(text, "false") != 0 && strcmp(text, "0") != 0)
        return -1;
    *value = yes;
    return 0;
}

static struct tm_metric_rule *find_metric(struct tm_settings *settings, const char *name)
{
    for (size_t m = 0; m < settings->rules.n_metrics; m++)
        if (strcmp(settings->rules.metrics[m].name, name) == 0)
            return &settings->rules.metrics[m];
    return NULL;
}

static struct tm_metric_rule *add_metric(struct tm_settings *settings, const char *name)
{
    struct tm_metric_rule *rule = find_metric(settings, name);
    const struct tm_metric_rule *known = tm_known_metric(name);
    if (rule || settings->rules.n_metrics == TM_METRICS_MAX)
        return rule;
    rule = &settings->rules.metrics[settings->rules.n_metrics];
    *rule = known ? *known : (struct tm_metric_rule){keep(settings, name), "", TM_METRIC_GROWTH, OWN_SCALE, false, 0.05, 0};
    if (!rule->name)
        return NULL;
    settings->rules.n_metrics++;
    return rule;
}

static void default_settings(struct tm_settings *settings)
{
    *settings = (struct tm_settings){.base = "main"};
    settings->rules = (struct tm_rules){.budget = 0.5, .floors = true, .extreme = 10, .missing_seen = 8, .missing_of = 10};
    settings->min_effect = NAN;
    settings->rules.plugins = settings->plugin_rules;
}

/* A list of names between commas or blanks; each is checked when all that is known has been read. */
static int read_metrics(struct tm_settings *settings, const char *list)
{
    settings->listed = keep(settings, list);
    return settings->listed && list[strspn(list, ", \t")] ? 0 : -1;
}

static int set_general(struct tm_settings *s, const char *name, const char *value)
{
    if (strcmp(name, "budget") == 0)
        return read_number(value, 1e-6, 1000, &s->rules.budget);
    if (strcmp(name, "metrics") == 0)
        return read_metrics(s, value);
    if (strcmp(name, "base") == 0)
        return (s->base = keep(s, value)) ? 0 : -1;
    if (strcmp(name, "strict") == 0)
        return read_bool(value, &s->strict);
    if (strcmp(name, "floors") == 0)
        return read_bool(value, &s->rules.floors);
    if (strcmp(name, "extreme") == 0) {
        s->extreme_given = true;
        return read_number(value, 0, 1e9, &s->rules.extreme);
    }
    if (strcmp(name, "allow-unjudged") == 0)
        return read_bool(value, &s->allow_unjudged);
    if (strcmp(name, "max-age") == 0)
        return read_number(value, 0, 1e6, &s->max_age_days);
    if (strcmp(name, "min-effect") == 0)
        return read_number(value, 0, 100, &s->min_effect);
    return 1;
}

static int set_metric(struct tm_settings *s, const char *metric, const char *name, const char *value)
{
    struct tm_metric_rule *rule = add_metric(s, metric);
    if (!rule)
        return -1;
    if (strcmp(name, "min-effect") == 0) {
        s->own_effect[rule - s->rules.metrics] = true;
        return read_number(value, 0, 100, &rule->min_effect);
    }
    if (strcmp(name, "floor") == 0)
        return read_number(value, 0, 1e300, &rule->floor);
    if (strcmp(name, "better") == 0) {
        rule->higher_is_better = strcmp(value, "higher") == 0;
        return rule->higher_is_better || strcmp(value, "lower") == 0 ? 0 : -1;
    }
    return 1;
}

/* The rule that the section's lines so far have made; a second 'metric' begins another one. */
static struct tm_plugin_rule *plugin_rule(struct tm_settings *s, const char *glob, bool names_metric)
{
    size_t n = s->rules.n_plugins;
    struct tm_plugin_rule *last = n > 0 ? &s->plugin_rules[n - 1] : NULL;
    if (last && strcmp(last->glob, glob) == 0 && !(names_metric && last->metric))
        return last;
    const char *kept = n < TM_PLUGIN_RULES_MAX ? keep(s, glob) : NULL;
    if (!kept)
        return NULL;
    s->plugin_rules[n] = (struct tm_plugin_rule){.glob = kept, .min_effect = NAN, .floor = NAN};
    s->rules.n_plugins++;
    return &s->plugin_rules[n];
}

static int set_plugin(struct tm_settings *s, const char *glob, const char *name, const char *value)
{
    struct tm_plugin_rule *rule = plugin_rule(s, glob, strcmp(name, "metric") == 0);
    if (!rule)
        return -1;
    if (strcmp(name, "min-effect") == 0)
        return read_number(value, 0, 100, &rule->min_effect);
    if (strcmp(name, "floor") == 0)
        return read_number(value, 0, 1e300, &rule->floor);
    if (strcmp(name, "metric") == 0)
        return (rule->metric = keep(s, value)) ? 0 : -1;
    if (strcmp(name, "ignore") == 0)
        return read_bool(value, &rule->ignore);
    return 1;
}

struct ini_context {
    struct tm_settings *settings;
    const char *path;
    bool failed;
};

/* libinih calls it for each line; 0 stops with that line's number. */
static int on_line(void *user, const char *section, const char *name, const char *value)
{
    struct ini_context *context = user;
    int result = strchr(section, '[') || strlen(section) >= LONGEST_SECTION ? 3 : 2;
    if (result == 3)
        tm_trouble("%s: section [%s: its name is too long (48 bytes at most) or holds a '['; globs know '?' and '*'", context->path,
                   section);
    else if (strcmp(section, "gate") == 0 || !*section)
        result = set_general(context->settings, name, value);
    else if (strncmp(section, "metric ", 7) == 0)
        result = set_metric(context->settings, section + 7, name, value);
    else if (strncmp(section, "plugin ", 7) == 0)
        result = set_plugin(context->settings, section + 7, name, value);
    if (result == 0)
        return 1;
    context->failed = true;
    if (result == 2)
        tm_trouble("%s: unknown section [%s], expected [gate], [metric NAME] or [plugin GLOB]", context->path, section);
    else if (result == 1)
        tm_trouble("%s: unknown key '%s' in [%s]", context->path, name, section);
    else
        tm_trouble("%s: '%s = %s' in [%s] is no valid value", context->path, name, value, section);
    return 0;
}

static int read_file(struct tm_settings *settings, const struct tm_arguments *arguments)
{
    const char *path = tm_option_value(arguments, "config");
    bool asked = path != NULL;
    if (!path)
        path = getenv("TIDEMARK_CONFIG");
    asked = asked || (path && *path);
    if (!path || !*path)
        path = "tidemark.ini";
    if (!asked && access(path, F_OK) != 0)
        return 0;
    struct ini_context context = {settings, path, false};
    int line = ini_parse(path, on_line, &context);
    if (line == 0)
        return 0;
    if (line < 0)
        return tm_trouble("cannot open '%s': %s", path, strerror(errno));
    return context.failed ? TM_EXIT_TROUBLE : tm_trouble("%s:%d: expected [section] or key = value", path, line);
}

static int read_environment(struct tm_settings *settings)
{
    static const struct {
        const char *variable, *name;
    } known[] = {
        {"TIDEMARK_BUDGET", "budget"}, {"TIDEMARK_BASE", "base"}, {"TIDEMARK_STRICT", "strict"}, {"TIDEMARK_MAX_AGE", "max-age"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *value = getenv(known[i].variable);
        if (value && *value && set_general(settings, known[i].name, value) != 0)
            return tm_trouble("%s='%s' is no valid value", known[i].variable, value);
    }
    return 0;
}

static int read_flags(struct tm_settings *settings, const struct tm_arguments *arguments)
{
    static const char *const values[] = {"budget", "base", "extreme", "max-age", "min-effect"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *value = tm_option_value(arguments, values[i]);
        if (value && set_general(settings, values[i], value) != 0)
            return tm_trouble("--%s '%s' is no valid value", values[i], value);
    }
    settings->strict = settings->strict || tm_option_given(arguments, "strict");
    settings->allow_unjudged = settings->allow_unjudged || tm_option_given(arguments, "allow-unjudged");
    if (tm_option_given(arguments, "no-floors"))
        settings->rules.floors = false;
    return 0;
}

static int take_own_metrics(struct tm_settings *settings, tm_store *store, const char *project)
{
    size_t left_out = 0;
    tm_rows *rows = tm_ask(store, TM_Q_METRICS, "t", project ? project : "default");
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1) {
        const char *name = tm_rows_text(rows, 0), *unit = tm_rows_text(rows, 1);
        struct tm_metric_rule *rule = add_metric(settings, name);
        if (!rule) {
            left_out++;
            continue;
        }
        settings->stored[rule - settings->rules.metrics] = true;
        if (*unit)
            rule->unit = keep(settings, unit);
        rule->higher_is_better = rule->higher_is_better || strcmp(tm_rows_text(rows, 2), "higher") == 0;
    }
    tm_rows_close(rows);
    if (left_out > 0 && !settings->listed)
        tm_hint("%zu metrics are not judged: %d is the most; 'metrics = ...' in tidemark.ini chooses", left_out, TM_METRICS_MAX);
    return step == 0 ? 0 : tm_trouble("%s", tm_error(store));
}

static int unknown_metric(const char *name)
{
    tm_trouble("there is no metric '%s'", name);
    tm_hint("metrics are wall_per_call_ms, cpu_per_call_ms, wall_p50_ms, wall_p95_ms, wall_p99_ms, wall_max_ms, peak_mem_kb, "
            "mem_delta_per_call_kb, error_rate, calls, blocked_per_call_ms, longest_step_ms, and those of the store");
    return TM_EXIT_TROUBLE;
}

/* A typing error must not switch judging off. */
static int check_names(struct tm_settings *s)
{
    for (size_t m = 0; m < s->rules.n_metrics; m++)
        if (!tm_known_metric(s->rules.metrics[m].name) && !s->stored[m])
            return unknown_metric(s->rules.metrics[m].name);
    for (size_t i = 0; i < s->rules.n_plugins; i++)
        if (s->plugin_rules[i].metric && !find_metric(s, s->plugin_rules[i].metric) && !tm_known_metric(s->plugin_rules[i].metric))
            return unknown_metric(s->plugin_rules[i].metric);
    return 0;
}

static bool is_listed(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = list; (at = strstr(at, name)); at += size)
        if ((at == list || strchr(", \t", at[-1])) && strchr(", \t", at[size]))
            return true;
    return false;
}

/* 'metrics' decides which are judged, whatever else has been said of others. */
static int apply_list(struct tm_settings *s)
{
    char copy[2048];
    size_t kept = 0;
    if (!s->listed)
        return 0;
    if (snprintf(copy, sizeof copy, "%s", s->listed) >= (int)sizeof copy)
        return tm_trouble("the list of metrics is too long");
    for (char *rest = copy, *name; (name = strtok_r(rest, ", \t", &rest));)
        if (!find_metric(s, name) && (!tm_known_metric(name) || !add_metric(s, name)))
            return unknown_metric(name);
    for (size_t m = 0; m < s->rules.n_metrics; m++)
        if (is_listed(s->listed, s->rules.metrics[m].name)) {
            s->own_effect[kept] = s->own_effect[m];
            s->stored[kept] = s->stored[m];
            s->rules.metrics[kept++] = s->rules.metrics[m];
        }
    s->rules.n_metrics = kept;
    return 0;
}

static int finish(struct tm_settings *s, tm_store *store, const char *project)
{
    int code = take_own_metrics(s, store, project);
    if (code == 0)
        code = check_names(s);
    if (code == 0)
        code = apply_list(s);
    for (size_t m = 0; m < s->rules.n_metrics && !isnan(s->min_effect); m++)
        if (!s->own_effect[m])
            s->rules.metrics[m].min_effect = s->min_effect;
    return code;
}

int tm_settings_read(struct tm_settings *settings, const struct tm_arguments *arguments, tm_store *store)
{
    default_settings(settings);
    for (size_t i = 0; i < sizeof default_metrics / sizeof *default_metrics; i++)
        add_metric(settings, default_metrics[i]);
    int code = read_file(settings, arguments);
    if (code == 0)
        code = read_environment(settings);
    if (code == 0)
        code = read_flags(settings, arguments);
    return code ? code : finish(settings, store, tm_option_value(arguments, "project"));
}

void tm_settings_free(struct tm_settings *settings)
{
    for (size_t i = 0; i < settings->n_texts; i++)
        free(settings->texts[i]);
    settings->n_texts = 0;
}
