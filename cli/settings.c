/* Where settings come from. What each means is gate/settings.c's. */
#include "cli/settings.h"

#include <stdlib.h>
#include <string.h>

#include "cli/arguments.h"
#include "cli/config.h"

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

static int read_flags(struct tm_settings *settings, const struct tm_arguments *arguments)
{
    static const char *const values[] = {"budget", "base", "extreme", "max-age", "min-effect"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const char *value = tm_option_value(arguments, values[i]);
        if (value && tm_settings_set(settings, "gate", values[i], value) != TM_SETTING_DONE)
            return tm_trouble("--%s '%s' is not a valid value", values[i], value);
    }
    if (tm_option_given(arguments, "strict"))
        settings->strictness.strict = true;
    if (tm_option_given(arguments, "allow-unjudged"))
        settings->strictness.allow_unjudged = true;
    if (tm_option_given(arguments, "no-floors"))
        settings->rules.floors = false;
    return 0;
}

static int unknown_metric(const char *name)
{
    char known[1024] = "";
    for (size_t i = 0; i < tm_n_metrics; i++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s, ", tm_metrics[i].rule.name);
    tm_trouble("no metric '%s'", name);
    tm_hint("the metrics are %sand those of the store", known);
    return TM_EXIT_TROUBLE;
}

static int finish(struct tm_settings *settings, tm_store *store, const char *project)
{
    enum tm_setting_fault fault = tm_settings_finish(settings, store, project);
    if (settings->left_out > 0 && !settings->listed)
        tm_hint("the gate judges at most %d metrics and leaves out %zu: choose with 'metrics =' in tidemark.ini", TM_METRICS_MAX,
                settings->left_out);
    if (fault == TM_SETTING_UNKNOWN_METRIC)
        return unknown_metric(settings->unknown);
    return fault == TM_SETTING_DONE ? 0 : tm_trouble("%s", tm_error(store));
}

int tm_settings_read(struct tm_context *context)
{
    struct tm_settings *settings = &context->settings;
    int code = tm_settings_init(settings) == TM_SETTING_DONE ? 0 : tm_trouble("out of memory");
    if (code == 0)
        code = tm_config_apply(context->config, settings);
    if (code == 0)
        code = read_environment(settings);
    if (code == 0)
        code = read_flags(settings, context->arguments);
    return code ? code : finish(settings, context->store, context->scope.project);
}
