/* From verdicts on metrics to one word per plugin. One cause shows in several numbers: the
 * strongest alarm tells of it and the others join, so that a team is woken once. Also here: who
 * is missing, and what the numbers together say of the kind of trouble (signal). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/judging.h"
#include "base/array.h"
#include "schema/fields.h"

/* Nights within which a second metric's alarm belongs to the first one's: as long as the
 * detector looks at the same runs, one change may pass its bar in one metric some nights after
 * the other. */
enum { SAME_CAUSE = TM_DETECTOR_NEWEST };

/* Share by which time must be up for a signal to call it so: the least change that is judged by
 * default. */
static const double UP = 0.05;

/* Share of the added wall time that CPU time must explain for the plugin to be computing rather
 * than waiting. */
static const double EXPLAINED = 0.5;

/* Did another metric of the plugin raise its alert within the last nights? */
static bool alerted_lately(const struct tm_judging *j, const struct tm_plugin *plugin)
{
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        const struct tm_alarm_memory *alarm = tm_alarm_of(tm_series_at(plugin, m));
        if (alarm->alert_night && alarm->alert_night < j->lineage->night && alarm->shared == TM_TOLD_BY_ITSELF &&
            j->lineage->night - alarm->alert_night <= SAME_CAUSE)
            return true;
    }
    return false;
}

/* How far beyond its bar: evidence of different metrics needs different amounts. */
static double strength(const struct tm_verdict *verdict)
{
    return verdict->needed > 0 ? verdict->evidence / verdict->needed : 0;
}

/* One alert per plugin: the strongest of tonight's alarms raises it, unless another metric has
 * just done so; the rest join. */
static void join_alarms(struct tm_judging *j, size_t row)
{
    const struct tm_plugin *plugin = tm_plugin_of(j, j->rows[row].sample);
    struct tm_verdict *first = NULL;
    bool lately = alerted_lately(j, plugin);
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        struct tm_verdict *verdict = tm_verdict_at(j, row, m);
        if (verdict && verdict->class == TM_REGRESSED && (!first || strength(verdict) > strength(first)))
            first = verdict;
    }
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        struct tm_verdict *verdict = tm_verdict_at(j, row, m);
        if (!verdict || verdict->class != TM_REGRESSED)
            continue;
        struct tm_alarm_memory *alarm = tm_series_at(plugin, m)->alarm;
        /* A further step of the metric that raised the alert is an alert of its own. */
        bool again = alarm->alert_night && alarm->shared == TM_TOLD_BY_ITSELF;
        /* Another metric told of the cause some nights ago, or tells of it tonight, more
         * strongly. */
        bool joins = verdict != first || (lately && !again);
        alarm->alert_night = j->lineage->night;
        alarm->shared = joins ? TM_TOLD_BY_METRIC : TM_TOLD_BY_ITSELF;
        if (joins) {
            verdict->class = TM_OPEN;
            verdict->why = "told by another metric of the plugin";
        }
    }
}

/* By name, since a project may judge any metrics in any order; NULL: not judged, or no value. */
static const struct tm_verdict *of_name(const struct tm_judging *j, size_t row, const char *name)
{
    for (size_t m = 0; m < j->rules->n_metrics; m++)
        if (strcmp(j->rules->metrics[m].name, name) == 0)
            return tm_verdict_at(j, row, m);
    return NULL;
}

/* The share by which it is up; 0 where there is nothing to compare with. */
static double rise(const struct tm_verdict *verdict)
{
    return verdict && verdict->baseline > 0 ? verdict->corrected / verdict->baseline - 1 : 0;
}

static double added(const struct tm_verdict *verdict)
{
    return verdict->corrected - verdict->baseline;
}

/* A verdict that says "worse": suspect, open, regressed, or waived. A missing plugin has no
 * numbers. */
static bool counts(const struct tm_verdict *verdict)
{
    return verdict && verdict->class >= TM_WAIVED && verdict->class != TM_MISSING;
}

static int by_plugin(const void *id, const void *sample)
{
    int64_t a = *(const int64_t *)id, b = ((const struct tm_sample *)sample)->plugin_id;
    return (a > b) - (a < b);
}

/* Did its calls of tonight make others wait for the event loop? Samples lie by the ids of their plugins. */
static bool holds_others(const struct tm_judging *j, int64_t plugin_id)
{
    const struct tm_night *night = j->night;
    const struct tm_sample *sample = bsearch(&plugin_id, night->samples, night->n_samples, sizeof *sample, by_plugin);
    for (size_t m = 0; sample && m < j->rules->n_metrics; m++)
        if (strcmp(j->rules->metrics[m].name, TM_METRIC_HELD_OTHERS) == 0)
            return sample->values[m] > 0;
    return false;
}

/* Wall and CPU against the plugin's own past say how it is slow. docs/methods.md has the table. */
static enum tm_signal signal_of_times(const struct tm_judging *j, size_t row)
{
    const struct tm_verdict *wall = of_name(j, row, "wall_per_call_ms"), *cpu = of_name(j, row, "cpu_per_call_ms");
    const struct tm_verdict *blocked = of_name(j, row, "blocked_per_call_ms");
    /* A rise must also be one that was found: 6 % of a noisy plugin is nothing. CPU time needs no
     * verdict of its own where wall time has one, for it explains that. */
    bool slow = rise(wall) > UP && counts(wall), hot = rise(cpu) > UP && (counts(cpu) || slow);
    if (slow && cpu && hot && added(cpu) >= EXPLAINED * added(wall))
        return TM_COMPUTE;
    if (slow && cpu)
        return counts(blocked) && added(blocked) >= EXPLAINED * added(wall) && holds_others(j, blocked->plugin_id) ? TM_BLOCKING
                                                                                                                   : TM_WAITING;
    if (!slow && counts(blocked) && !(hot && added(cpu) > added(blocked)))
        return TM_BLOCKING;
    if (!hot || slow)
        return TM_SIGNAL_NONE;
    /* Wall time may have risen by as much, and just not enough to be found. */
    return wall && added(wall) >= EXPLAINED * added(cpu) ? TM_COMPUTE : TM_TIGHT_LOOP;
}

/* The word for what the leader's own metric shows: memory that grows is no computing, whatever else
 * the plugin has open. */
static enum tm_signal signal_of(const struct tm_judging *j, size_t row, const struct tm_verdict *leader)
{
    const struct tm_metric_rule *rule = &j->rules->metrics[leader->metric];
    const struct tm_verdict *wall = of_name(j, row, "wall_per_call_ms");
    bool leaks = counts(of_name(j, row, "mem_delta_per_call_kb"));
    if (strcmp(rule->name, "error_rate") == 0)
        return rise(wall) > UP && counts(wall) ? TM_SIGNAL_NONE : TM_FAILING_FAST;
    if (strcmp(rule->name, "mem_delta_per_call_kb") == 0)
        return TM_LEAK;
    if (strcmp(rule->name, "peak_mem_kb") == 0)
        return leaks ? TM_LEAK : TM_MEMORY_SPIKE;
    enum tm_signal signal = strcmp(rule->unit ? rule->unit : "", "ms") == 0 ? signal_of_times(j, row) : TM_SIGNAL_NONE;
    /* Who keeps more and more has more to go through. */
    return leaks && signal == TM_TIGHT_LOOP ? TM_LEAK : signal;
}

/* Is the alarm this one's own, and not another metric's or the whole run's? */
static bool has_raised(const struct tm_judging *j, const struct tm_verdict *verdict)
{
    const struct tm_alarm_memory *alarm = tm_alarm_of(tm_series_of(j->lineage, verdict));
    return alarm->alert_night && alarm->shared == TM_TOLD_BY_ITSELF;
}

/* Of two of a class: the one that raised the alarm before those that joined it, then the
 * stronger. */
static bool goes_before(const struct tm_judging *j, const struct tm_verdict *a, const struct tm_verdict *b)
{
    if (a->class != b->class)
        return a->class > b->class;
    if (a->class >= TM_OPEN && has_raised(j, a) != has_raised(j, b))
        return has_raised(j, a);
    /* Of passes, one that was suspected has something to say. */
    if (a->class == TM_PASS && !a->why != !b->why)
        return a->why;
    return strength(a) > strength(b);
}

/* Is all that is said of the plugin that it has too few runs to compare with? It is listed then. 0, or -1: no memory. */
static int note_young(struct tm_judging *j, size_t row, int64_t plugin_id)
{
    bool young = true;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        const struct tm_verdict *verdict = tm_verdict_at(j, row, m);
        young = young && (!verdict || tm_is_young(verdict));
    }
    for (size_t m = 0; young && m < j->rules->n_metrics; m++)
        if (tm_verdict_at(j, row, m))
            tm_verdict_at(j, row, m)->young = true;
    int64_t *id = young ? tm_array_add(&j->out->young, &j->out->n_young, sizeof *id) : NULL;
    if (id)
        *id = plugin_id;
    return young && !id ? -1 : 0;
}

/* The worst class speaks, then whose alarm it is, then the
 * strongest. Counts the plugin as judged and as passed; one whose metrics were not all judged
 * has not passed, unless something was found. */
int tm_choose_leader(struct tm_judging *j, size_t row)
{
    struct tm_verdict *leader = NULL;
    /* Of all its metrics: a pass on half of them is no pass. */
    bool judged = true;
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        struct tm_verdict *verdict = tm_verdict_at(j, row, m);
        if (!verdict)
            continue;
        judged = judged && verdict->class != TM_NOT_JUDGED;
        if (!leader || goes_before(j, verdict, leader))
            leader = verdict;
    }
    if (!leader)
        return 0;
    leader->leads = true;
    j->out->judged += judged || leader->class > TM_IMPROVED;
    j->out->passed += judged && leader->class <= TM_IMPROVED;
    j->out->held += leader->class == TM_PASS && leader->why && strcmp(leader->why, TM_HELD_BACK) == 0;
    if (counts(leader))
        leader->signal = signal_of(j, row, leader);
    return note_young(j, row, leader->plugin_id);
}

/* A plugin that is not in the run: missing if it was in most of the last ones, until it is back
 * or retired. Of one that comes and goes only the absence is noted. 0, or -1: no memory. */
static int judge_absent(struct tm_judging *j, struct tm_plugin *plugin)
{
    struct tm_presence *presence = &plugin->presence;
    /* Once missing, always missing: the share of runs it was seen in falls with every night that
     * it is away. */
    int seen = __builtin_popcountll(presence->seen & ((1ull << j->rules->missing_of) - 1)); /* among the newest missing_of runs */
    bool missed = presence->missing > 0 || seen >= j->rules->missing_seen;
    /* Not yet missing, or nobody wants to know: the run without it is noted, nothing else. */
    if (!missed || (plugin->name && tm_plugin_ignored(j->rules, plugin->name))) {
        presence->seen <<= 1;
        return 0;
    }
    struct tm_verdict *verdict = tm_judgement_add(j->out, plugin->id, plugin->name, -1);
    if (!verdict)
        return -1;
    presence->missing++;
    verdict->class = presence->retired_by ? TM_RETIRED : TM_MISSING;
    verdict->leads = true;
    /* The last run it was in: where to look for what happened to it. */
    verdict->good_run = presence->last_run;
    verdict->runs = (int)presence->missing;
    verdict->baseline_runs = (int)presence->runs;
    verdict->decision_id = presence->retired_by;
    return 0;
}

/* Whoever is back is missing no longer, and a retirement has ended. */
void tm_note_present(struct tm_presence *presence, int64_t run)
{
    presence->seen = presence->seen << 1 | 1;
    presence->runs++;
    presence->missing = presence->retired_by = 0;
    presence->last_run = run;
}

/* Waivers come after the alarms are joined, for what only repeats a waived one is waived with
 * it, and before the leaders are chosen, for a waived verdict does not lead over one that fails. */
int tm_judge_plugins(struct tm_judging *j)
{
    for (size_t i = 0; i < j->n_rows; i++)
        join_alarms(j, i);
    tm_waive(j);
    for (size_t i = 0; i < j->n_rows; i++)
        if (!j->rows[i].led && tm_choose_leader(j, i) != 0)
            return -1;
    for (size_t i = 0; i < j->lineage->n_plugins; i++)
        if (j->lineage->plugins[i].presence.last_run != j->night->run_id && judge_absent(j, &j->lineage->plugins[i]) != 0)
            return -1;
    return tm_judge_run_wide(j);
}
