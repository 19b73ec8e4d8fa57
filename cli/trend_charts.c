/* Which charts are drawn: plugins by their names and by globs, and of each some metrics. There may be thousands of plugins, and a
 * picture holds few. */
#include <fnmatch.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/nearest.h"
#include "base/plural.h"
#include "cli/arguments.h"
#include "cli/beside.h"
#include "cli/trend.h"

/* ---- which plugins ---- */

/* Each once. */
static int add_plugin(struct tm_trend *trend, const char *name, bool by_glob)
{
    for (size_t i = 0; i < trend->n_plugins; i++)
        if (strcmp(trend->plugins[i].name, name) == 0)
            return 0;
    struct tm_trend_plugin *plugin = tm_array_add(&trend->plugins, &trend->n_plugins, sizeof *plugin);
    if (!plugin)
        return tm_trouble("out of memory");
    *plugin = (struct tm_trend_plugin){name, by_glob};
    return 0;
}

static int add_glob(struct tm_trend *trend, const char *glob)
{
    size_t fitting = 0;
    int code = tm_plugin_names_read(trend->context, &trend->names);
    for (size_t i = 0; i < trend->names.n && code == 0; i++)
        if (fnmatch(glob, trend->names.list[i], 0) == 0) {
            code = add_plugin(trend, trend->names.list[i], true);
            fitting++;
        }
    return code == 0 && fitting == 0 ? tm_trouble("'%s' meets no plugin in project '%s'", glob, trend->context->scope.project)
                                     : code;
}

/* A plugin may be called like a glob: then it is its name. */
static int add_word(struct tm_trend *trend, const char *word)
{
    struct tm_context *context = trend->context;
    int named = tm_is_like_glob(word) ? tm_has_plugin(context->store, context->scope.project, word) : 1;
    if (named < 0)
        return tm_store_trouble(context->store);
    if (!named)
        return add_glob(trend, word);
    int code = tm_context_check_plugin(context, word);
    return code == 0 ? add_plugin(trend, word, false) : code;
}

/* Before anything is read of them: a glob may stand for thousands. */
static int check_room(const struct tm_trend *trend)
{
    size_t metrics = 0;
    for (int at = 0; tm_option_next(trend->context->arguments, "metric", &at);)
        metrics++;
    if (trend->n_plugins * (metrics ? metrics : 1) <= TM_PANELS_MOST)
        return 0;
    if (metrics > 1)
        return tm_trouble("%zu plugin%s and %zu metrics are more charts than a picture holds, which is %d", trend->n_plugins,
                          TM_PLURAL(trend->n_plugins), metrics, TM_PANELS_MOST);
    return tm_trouble("that is %zu plugins, and a picture holds %d", trend->n_plugins, TM_PANELS_MOST);
}

int tm_trend_find_plugins(struct tm_trend *trend)
{
    const struct tm_arguments *arguments = trend->context->arguments;
    int code = tm_context_choose_project(trend->context, tm_is_like_glob(arguments->words[0]) ? NULL : arguments->words[0]);
    for (int i = 0; i < arguments->n_words && code == 0; i++)
        code = add_word(trend, arguments->words[i]);
    return code == 0 ? check_room(trend) : code;
}

/* ---- which charts ---- */

/* Also a metric that is shown but not judged. 0, or TM_EXIT_TROUBLE after a message. */
static int find_metric(const struct tm_report *report, const char *name, int *metric)
{
    struct tm_nearest nearest = tm_nearest_to(name);
    *metric = tm_report_metric(report, name);
    if (*metric >= 0)
        return 0;
    for (size_t m = 0; m < report->n_metrics; m++)
        tm_nearest_offer(&nearest, report->metrics[m].name);
    tm_trouble("no metric '%s' in the store", name);
    if (*nearest.found)
        tm_hint("did you mean '%s'?", nearest.found);
    return TM_EXIT_TROUBLE;
}

static bool has_values(const struct tm_report *report, const struct tm_report_plugin *plugin, int metric)
{
    for (size_t run = 0; run < report->n_runs; run++)
        if (!isnan(tm_report_value(report, plugin, metric, run)))
            return true;
    return false;
}

/* Where there is room for one: the metric people ask for most, or of a plugin without times the first of its own. */
static int usual_metric(const struct tm_report *report, const struct tm_report_plugin *plugin)
{
    int wall = tm_report_metric(report, "wall_per_call_ms"), custom[TM_CHART_CUSTOM_MOST];
    return has_values(report, plugin, wall) || tm_chart_custom(report, plugin, custom) == 0 ? wall : custom[0];
}

/* Each once. A plugin among several that has no values of the metric is said, and left out. */
static int add_chart(struct tm_trend *trend, const struct tm_report_plugin *plugin, int metric)
{
    const struct tm_report *report = &trend->reader.report;
    const struct tm_chart_of wanted = {plugin, metric};
    for (size_t i = 0; i < trend->n_charts; i++)
        if (trend->charts[i].plugin == plugin && trend->charts[i].metric == metric)
            return 0;
    if (trend->n_plugins > 1 && metric >= 0 && !has_values(report, plugin, metric))
        return tm_trend_without(report, &wanted);
    struct tm_chart_of *chart = tm_array_add(&trend->charts, &trend->n_charts, sizeof *chart);
    if (!chart)
        return tm_trouble("out of memory");
    *chart = wanted;
    return 0;
}

/* Without --metric a file has all of one plugin's. */
static int add_charts(struct tm_trend *trend, const struct tm_report_plugin *plugin)
{
    const struct tm_arguments *arguments = trend->context->arguments;
    int metric = -1, code = 0, at = 0;
    for (const char *name; code == 0 && (name = tm_option_next(arguments, "metric", &at));) {
        code = find_metric(&trend->reader.report, name, &metric);
        if (code == 0)
            code = add_chart(trend, plugin, metric);
    }
    if (tm_option_given(arguments, "metric"))
        return code;
    bool all = trend->n_plugins == 1 && trend->wish.medium != TM_CHART_TERMINAL;
    return add_chart(trend, plugin, all ? -1 : usual_metric(&trend->reader.report, plugin));
}

int tm_trend_list_charts(struct tm_trend *trend)
{
    int code = 0;
    for (size_t i = 0; i < trend->n_plugins && code == 0; i++) {
        const struct tm_report_plugin *plugin = tm_report_plugin_named(&trend->reader, trend->plugins[i].name);
        if (plugin)
            code = add_charts(trend, plugin);
        else if (!trend->plugins[i].by_glob)
            code = tm_trouble_elsewhere(trend->context, trend->plugins[i].name);
    }
    return code == 0 && trend->n_charts == 0 ? tm_trouble("there is no chart: no values are known") : code;
}
