/* What a replay says, night by night, kept as histories: a plugin's runs are counted, its alarms
 * noted with their position. Of the values only the newest are kept: whether an alarm is at a short
 * event is known some nights later at most. */
#include "gate/past.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

enum { WATCHED = 50 }; /* runs in which the few values after an alarm come, of a metric that is not in every run */

/* The newest values of one metric, as tm_to_y gives them, as a ring. */
struct tm_past_values {
    int n, at;
    double y[TM_SHORT_EVENT_VALUES];
};

/* Lineages come one after the other; the session's texts go with it, so the branch is copied. */
static int enter_lineage(struct tm_past *past, const struct tm_session *session)
{
    if (past->branch && past->host_id == session->host_id && strcmp(past->branch, session->branch) == 0)
        return 0;
    tm_hash_free(&past->index);
    past->host_id = session->host_id;
    past->branch = tm_arena_text(&past->texts, session->branch, strlen(session->branch));
    past->n_lineages++;
    return past->branch ? 0 : -1;
}

static int add_run(struct tm_past *past, const struct tm_run_ref *run)
{
    struct tm_past_run *added = tm_array_add(&past->runs, &past->n_runs, sizeof *added);
    if (!added)
        return -1;
    added->key = tm_arena_text(&past->texts, run->key, strlen(run->key));
    added->commit = tm_arena_text(&past->texts, run->commit, strlen(run->commit));
    added->lineage = past->n_lineages - 1;
    return added->key && added->commit ? 0 : -1;
}

/* The plugin in the lineage in hand, made if it is new. NULL: no memory. */
static struct tm_past_plugin *find_plugin(struct tm_past *past, const struct tm_verdict *verdict)
{
    uint64_t hash = tm_hash_integer(verdict->plugin_id);
    uintptr_t position = tm_hash_find(&past->index, hash, NULL, NULL);
    if (position)
        return &past->plugins[position - 1];
    struct tm_past_plugin *plugin = tm_array_add(&past->plugins, &past->n_plugins, sizeof *plugin);
    if (!plugin || tm_hash_add(&past->index, hash, past->n_plugins) != 0)
        return NULL;
    plugin->name = tm_arena_text(&past->texts, verdict->plugin, strlen(verdict->plugin));
    plugin->lineage = past->n_lineages - 1;
    plugin->values = calloc(past->rules->n_metrics + 1, sizeof *plugin->values);
    return plugin->name && plugin->values ? plugin : NULL;
}

/* The newest run is at the end of the history; a verdict of another metric may have put it there. */
static int enter_run(struct tm_past *past, struct tm_past_plugin *plugin)
{
    int run = (int)past->n_runs - 1;
    size_t n = (size_t)plugin->history.runs;
    if (n > 0 && plugin->runs[n - 1] == run)
        return 0;
    int *added = tm_array_add(&plugin->runs, &n, sizeof *added);
    if (!added)
        return -1;
    *added = run;
    plugin->history.runs = (int)n;
    return 0;
}

static void keep_value(struct tm_past_values *values, double y)
{
    values->y[values->at] = y;
    values->at = (values->at + 1) % TM_SHORT_EVENT_VALUES;
    values->n += values->n < TM_SHORT_EVENT_VALUES;
}

static void begin_short_event(struct tm_short_event *event, const struct tm_past_values *values, enum tm_metric_kind kind)
{
    double y[TM_SHORT_EVENT_VALUES];
    for (int i = 0; i < values->n; i++)
        y[i] = values->y[(values->at + TM_SHORT_EVENT_VALUES - values->n + i) % TM_SHORT_EVENT_VALUES];
    tm_short_event_begin(event, y, values->n, kind);
}

static int add_alarm(struct tm_past *past, struct tm_past_plugin *plugin, int metric, size_t whole_run)
{
    struct tm_history *history = &plugin->history;
    struct tm_alarm *alarm = tm_array_add(&history->alarms, &history->n_alarms, sizeof *alarm);
    if (!alarm)
        return -1;
    alarm->position = history->runs - 1;
    alarm->metric = metric;
    alarm->whole_run = whole_run;
    begin_short_event(&alarm->event, &plugin->values[metric], past->rules->metrics[metric].kind);
    return 0;
}

/* An alarm of the whole run is one of each plugin in it; the lineage's newest run is theirs. */
static int add_alarm_of_run(struct tm_past *past, int metric)
{
    past->n_whole_run++;
    for (size_t i = past->n_plugins; i-- > 0 && past->plugins[i].lineage == past->n_lineages - 1;) {
        struct tm_past_plugin *plugin = &past->plugins[i];
        if (plugin->runs[plugin->history.runs - 1] == (int)past->n_runs - 1 &&
            add_alarm(past, plugin, metric, past->n_whole_run) != 0)
            return -1;
    }
    return 0;
}

/* The value of a plugin's metric. Verdicts on a plugin as such say nothing of any value. */
static int see_value(struct tm_past *past, const struct tm_verdict *verdict)
{
    struct tm_metric_rule rule;
    struct tm_past_plugin *plugin = find_plugin(past, verdict);
    if (!plugin || enter_run(past, plugin) != 0)
        return -1;
    tm_rule_for(past->rules, verdict->plugin, (size_t)verdict->metric, &rule);
    if (isnan(verdict->value))
        return 0;
    double y = tm_to_y(&rule, verdict->value);
    keep_value(&plugin->values[verdict->metric], y);
    for (size_t i = plugin->history.n_alarms; i-- > 0 && plugin->history.alarms[i].position >= plugin->history.runs - WATCHED;)
        if (plugin->history.alarms[i].metric == verdict->metric)
            tm_short_event_go_on(&plugin->history.alarms[i].event, y);
    return 0;
}

static int see_alarm(struct tm_past *past, const struct tm_verdict *verdict)
{
    if (verdict->class != TM_REGRESSED)
        return 0;
    if (verdict->plugin_id == 0)
        return add_alarm_of_run(past, verdict->metric);
    struct tm_past_plugin *plugin = find_plugin(past, verdict);
    return plugin ? add_alarm(past, plugin, verdict->metric, 0) : -1;
}

/* Values first: an alarm of the run is about plugins whose verdicts may stand behind it. */
static int see_night(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct tm_past *past = context;
    int result = enter_lineage(past, session) == 0 ? add_run(past, run) : -1;
    for (size_t i = 0; i < judgement->n_verdicts && result == 0; i++)
        if (judgement->verdicts[i].plugin_id && judgement->verdicts[i].metric >= 0)
            result = see_value(past, &judgement->verdicts[i]);
    for (size_t i = 0; i < judgement->n_verdicts && result == 0; i++)
        if (judgement->verdicts[i].metric >= 0)
            result = see_alarm(past, &judgement->verdicts[i]);
    return result == 0 ? 0 : tm_store_fail(session->store, "out of memory");
}

int tm_past_read(struct tm_past *past, tm_store *store, const struct tm_settings *settings, const struct tm_scope *scope)
{
    *past = (struct tm_past){.rules = &settings->rules};
    return tm_replay_lineages(store, settings, scope, &(struct tm_replay_wish){.until = INT64_MAX, .undecided = true}, see_night,
                              past);
}

void tm_past_free(struct tm_past *past)
{
    for (size_t i = 0; i < past->n_plugins; i++) {
        free(past->plugins[i].history.events);
        free(past->plugins[i].history.alarms);
        free(past->plugins[i].runs);
        free(past->plugins[i].values);
    }
    free(past->plugins);
    free(past->runs);
    tm_hash_free(&past->index);
    tm_arena_free(&past->texts);
}

/* Runs rise in a history, so the one sought is found by halving. */
int tm_past_position(const struct tm_past_plugin *plugin, size_t run, bool *exactly)
{
    int low = 0, high = plugin->history.runs; /* all before low are no later than the run, all from high on are */
    while (low < high) {
        int middle = low + (high - low) / 2;
        if ((size_t)plugin->runs[middle] <= run)
            low = middle + 1;
        else
            high = middle;
    }
    *exactly = low > 0 && (size_t)plugin->runs[low - 1] == run;
    return low - 1;
}
