/* Where settings come from: the file, then the environment, then flags; each overrides the one
 * before it, for the nearer to the user, the stronger. What each means is gate/settings.c's. */
#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/config.h"
#include "cli/pull_request.h"
#include "gate/reading.h"

/* An empty variable is one that is not set, as CI systems leave them. */
static int read_environment(struct tm_settings *settings)
{
    static const struct {
        const char *variable, *name;
    } known[] = {
        {"TIDEMARK_BUDGET", "budget"}, {"TIDEMARK_BASE", "base"}, {"TIDEMARK_STRICT", "strict"}, {"TIDEMARK_MAX_AGE", "max-age"}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const char *value = getenv(known[i].variable);
        if (value && *value && tm_settings_set(settings, "gate", known[i].name, value) != TM_SETTING_DONE)
            return tm_trouble("%s='%s' is not a valid value", known[i].variable, value);
    }
    return 0;
}

/* Options that say how to judge, with the value of those that are flags. */
static const struct {
    const char *option, *name, *flag;
} judging[] = {{"budget", "budget", NULL},
               {"base", "base", NULL},
               {"extreme", "extreme", NULL},
               {"max-age", "max-age", NULL},
               {"min-effect", "min-effect", NULL},
               {"strict", "strict", "yes"},
               {"allow-unjudged", "allow-unjudged", "yes"},
               {"pr", "pr", "yes"},
               {"no-floors", "floors", "no"}};
enum { N_JUDGING = sizeof judging / sizeof *judging };

static int read_flags(struct tm_settings *settings, const struct tm_arguments *arguments)
{
    for (size_t i = 0; i < N_JUDGING; i++) {
        const char *given = tm_option_value(arguments, judging[i].option), *value = judging[i].flag ? judging[i].flag : given;
        if (given && tm_settings_set(settings, "gate", judging[i].name, value) != TM_SETTING_DONE)
            return tm_trouble("--%s '%s' is not a valid value", judging[i].option, value);
    }
    int64_t threads = 0;
    if (tm_option_count(arguments, "threads", 1, &threads) != 0)
        return TM_EXIT_TROUBLE;
    settings->threads = (size_t)threads;
    return 0;
}

bool tm_settings_given(const struct tm_arguments *arguments)
{
    for (size_t i = 0; i < N_JUDGING; i++)
        if (tm_option_given(arguments, judging[i].option))
            return true;
    return tm_option_given(arguments, "config");
}

/* All that can be named, since the slip is mostly one letter. */
static int unknown_metric(const char *name)
{
    char known[1024] = "";
    for (size_t i = 0; i < tm_n_metrics; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s, ", tm_metrics[i].rule.name);
    tm_trouble("no metric '%s'", name);
    tm_hint("the metrics are %sand those of the store", known);
    return TM_EXIT_TROUBLE;
}

/* For people. */
static const char *unit_of(const struct tm_settings *settings, const char *metric)
{
    for (size_t m = 0; m < settings->rules.n_metrics; m++) {
        const struct tm_metric_rule *rule = &settings->rules.metrics[m];
        if (strcmp(rule->name, metric) == 0)
            return rule->kind == TM_METRIC_ERRORS ? "%" : rule->unit && *rule->unit ? rule->unit : "plain numbers";
    }
    return "plain numbers";
}

static int finish(struct tm_settings *settings, tm_store *store, const char *project)
{
    enum tm_setting_fault fault = tm_settings_finish(settings, store, project);
    if (fault == TM_SETTING_UNKNOWN_METRIC)
        return unknown_metric(settings->unknown);
    if (fault == TM_SETTING_BAD_UNIT)
        return tm_trouble("the limit of '%s' has a unit that is none of that metric: it is measured in %s", settings->unknown,
                          unit_of(settings, settings->unknown));
    if (fault == TM_SETTING_BAD_LIMIT)
        return tm_trouble("the limit of '%s' is out of its range: expected %s", settings->unknown,
                          strcmp(unit_of(settings, settings->unknown), "%") == 0 ? "a share, like 2 % or 0.02"
                                                                                 : "a value that is not negative");
    return fault == TM_SETTING_DONE ? 0 : tm_trouble("%s", tm_error(store));
}

/* The order is the rank: what is set last counts. */
static int read_all(struct tm_context *context, const char *project)
{
    struct tm_settings *settings = &context->settings;
    int code = tm_settings_init(settings) == TM_SETTING_DONE ? 0 : tm_trouble("out of memory");
    if (code == 0)
        code = tm_config_apply(context->config, settings);
    if (code == 0)
        code = read_environment(settings);
    if (code == 0)
        code = read_flags(settings, context->arguments);
    return code == 0 && settings->rules.pr && !settings->base_given ? tm_pull_request_base(context, project) : code;
}

int tm_settings_read(struct tm_context *context)
{
    int code = read_all(context, context->scope.project);
    return code ? code : finish(&context->settings, context->store, context->scope.project);
}

int tm_settings_foresee(struct tm_context *context, const char *project)
{
    int code = read_all(context, project);
    return code ? code : tm_settings_finish(&context->settings, context->store, project) == TM_SETTING_DONE ? 0 : TM_SETTINGS_LATER;
}

/* Flags still count: who tries another budget on a report wants to see it, and is told that it
 * was judged in memory. */
int tm_settings_read_stored(struct tm_context *context)
{
    struct tm_settings *settings = &context->settings;
    if (tm_option_given(context->arguments, "config"))
        return tm_settings_read(context);
    if (tm_settings_init(settings) != TM_SETTING_DONE)
        return tm_trouble("out of memory");
    int known = tm_reading_settings(context->store, &context->run, settings);
    if (known < 0)
        return tm_store_trouble(context->store);
    if (known == 0) { /* as the gate would, called here */
        tm_settings_free(settings);
        return tm_settings_read(context);
    }
    int code = read_flags(settings, context->arguments);
    return code ? code : finish(settings, context->store, context->scope.project);
}
