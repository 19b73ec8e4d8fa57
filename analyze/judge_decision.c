/* What people decided, brought to bear on the runs after it. An accepted level restarts the
 * baseline before the night is judged, a waiver tolerates a verdict after it, a retired plugin may
 * be absent.
 *
 * A decision counts from the run it was made at, in the order of runs and not of clocks: a
 * history that is judged anew then meets it at the same night as before. */
#include <math.h>
#include <string.h>

#include "analyze/judging.h"

/* In the order of enum tm_decision_kind; stored, so these words stay. */
static const char *const kind_names[] = {"accept", "waive", "retire"};

const char *tm_decision_kind_name(enum tm_decision_kind kind)
{
    return kind_names[kind];
}

int tm_decision_kind_named(const char *name)
{
    for (int kind = TM_ACCEPT; kind <= TM_RETIRE; kind++)
        if (strcmp(kind_names[kind], name) == 0)
            return kind;
    return -1;
}

/* Runs of the series since that run, itself included; all if it lies further back than is
 * remembered, 0 if it is still to come. */
static int runs_since(const struct tm_lineage *lineage, const struct tm_series *series, const struct tm_decision *decision)
{
    for (int i = 0; i < TM_RECENT && series->recent[i]; i++)
        if (tm_lineage_run(lineage, series->recent[i]) == decision->from_run)
            return i + 1;
    return decision->from_at <= lineage->previous_at ? TM_RECENT : 0;
}

/* Its newest values, from the decision's run on, are a level of their own. 0, or -1 without memory. */
static int restart(struct tm_judging *j, struct tm_kept **place, size_t metric, const struct tm_decision *decision)
{
    enum tm_metric_kind kind = j->rules->metrics[metric].kind;
    struct tm_series series;
    tm_kept_open(*place, kind, &series);
    tm_series_restart(&series, kind, runs_since(j->lineage, &series, decision));
    return tm_kept_close(place, &series, kind, false);
}

/* Restarts the series of one plugin that the decision is about. Accepting the whole run's shift
 * (plugin_id 0) leaves alone what is open for a reason of its own. */
static int accept_series(struct tm_judging *j, struct tm_plugin *plugin, const struct tm_decision *decision)
{
    for (size_t m = 0; m < j->rules->n_metrics; m++) {
        const struct tm_kept *kept = tm_series_at(plugin, m);
        if (!kept || (decision->metric && strcmp(decision->metric, j->rules->metrics[m].name) != 0))
            continue;
        /* A host slows times alone; another metric's shift is accepted by its name. */
        if (!decision->plugin_id && !decision->metric && !j->rules->metrics[m].run_wide)
            continue;
        bool own = tm_alarm_of(kept)->alert_night && tm_alarm_of(kept)->shared != TM_TOLD_BY_RUN;
        /* A decision on this plugin by name means whatever is open of it. */
        if (!decision->plugin_id && own)
            continue;
        if (tm_end_alarm(j, plugin->id, m, tm_alarm_of(kept), TM_ACCEPTED, decision->id) != 0 ||
            restart(j, &plugin->series[m], m, decision) != 0)
            return -1;
    }
    return 0;
}

/* plugin_id 0 accepts the run-wide shift: in all plugins, and as the run's own alarm. */
static int accept(struct tm_judging *j, const struct tm_decision *decision)
{
    for (size_t i = 0; i < j->lineage->n_plugins; i++)
        if ((decision->plugin_id == 0 || decision->plugin_id == j->lineage->plugins[i].id) &&
            accept_series(j, &j->lineage->plugins[i], decision) != 0)
            return -1;
    return decision->plugin_id == 0 ? tm_end_run_wide(j, TM_ACCEPTED, decision->id) : 0;
}

/* Is (at, run) the decision's first run or a later one? Runs that started in the same second are
 * told apart by their ids. */
static bool not_before(int64_t at, int64_t run, const struct tm_decision *decision)
{
    return at > decision->made_run_at || (at == decision->made_run_at && run >= decision->made_run);
}

/* Decisions that count from this night on, and did not for the one before: each is applied once,
 * however often the night is judged. An accepted level concerns branches as the decision says; a
 * retired plugin that the lineage never saw is no matter. */
int tm_apply_decisions(struct tm_judging *j)
{
    const struct tm_lineage *lineage = j->lineage;
    for (size_t i = 0; i < j->n_decisions; i++) {
        const struct tm_decision *decision = &j->decisions[i];
        if (!not_before(j->night->started_at, j->night->run_id, decision) ||
            not_before(lineage->previous_at, lineage->previous_run, decision) ||
            (decision->branch && strcmp(decision->branch, j->night->branch) != 0) ||
            (decision->kind == TM_ACCEPT && j->night->alone))
            continue;
        struct tm_plugin *plugin = tm_lineage_find(lineage, decision->plugin_id);
        if (decision->kind == TM_ACCEPT && accept(j, decision) != 0)
            return -1;
        if (decision->kind == TM_RETIRE && plugin)
            plugin->presence.retired_by = decision->id;
    }
    return 0;
}

/* The newest waiver of that plugin and metric that counts tonight, expired or not: an expired
 * one is named in the verdict. */
static const struct tm_decision *waiver_for(const struct tm_judging *j, const struct tm_verdict *verdict)
{
    /* The last that fits: a newer waiver replaces an older one. */
    const struct tm_decision *found = NULL;
    for (size_t i = 0; i < j->n_decisions; i++) {
        const struct tm_decision *d = &j->decisions[i];
        if (d->kind == TM_WAIVE && d->plugin_id == verdict->plugin_id && (!d->branch || strcmp(d->branch, j->night->branch) == 0) &&
            not_before(j->night->started_at, j->night->run_id, d) &&
            strcmp(d->metric, j->rules->metrics[verdict->metric].name) == 0)
            found = d;
    }
    return found;
}

/* How far above the baseline, in the direction that is worse, as a share. No positive baseline,
 * no share: then no ceiling covers it. */
static double excess(const struct tm_judging *j, const struct tm_verdict *verdict)
{
    double sign = j->rules->metrics[verdict->metric].higher_is_better ? -1 : 1;
    return verdict->baseline > 0 ? sign * (verdict->corrected / verdict->baseline - 1) : INFINITY;
}

/* A decision that is not among them tolerates nothing. */
static double ceiling_of(const struct tm_judging *j, int64_t decision)
{
    for (size_t i = 0; i < j->n_decisions; i++)
        if (j->decisions[i].id == decision)
            return j->decisions[i].ceiling;
    return 0;
}

/* Verdicts that only repeat the waived one (another metric told of the same cause) are waived
 * with it, up to the same ceiling: else a waiver of wall time would leave the plugin red for its
 * CPU time. */
static void waive_told(struct tm_judging *j, const struct tm_verdict *waived)
{
    for (size_t i = 0; i < j->out->n_verdicts; i++) {
        struct tm_verdict *verdict = &j->out->verdicts[i];
        if (verdict->plugin_id != waived->plugin_id || verdict->class != TM_OPEN || verdict->metric < 0 || verdict->decision_id)
            continue;
        if (isnan(verdict->allowed) && tm_alarm_of(tm_series_of(j->lineage, verdict))->shared == TM_TOLD_BY_METRIC &&
            excess(j, verdict) <= ceiling_of(j, waived->decision_id)) {
            verdict->class = TM_WAIVED;
            verdict->decision_id = waived->decision_id;
        }
    }
}

/* On the branch of a pull request a new level is not remembered: what was accepted there is tolerated in its runs from then on. The
 * levels that were accepted on the base are the base's, and the run is judged by them. */
static void tolerate_accepted(struct tm_judging *j, const struct tm_decision *d)
{
    if (d->kind != TM_ACCEPT || !d->branch || strcmp(d->branch, j->night->branch) != 0 ||
        !not_before(j->night->started_at, j->night->run_id, d))
        return;
    for (size_t i = 0; i < j->out->n_verdicts; i++) {
        struct tm_verdict *verdict = &j->out->verdicts[i];
        if (verdict->class < TM_SUSPECT || verdict->metric < 0 || !isnan(verdict->allowed) ||
            (d->plugin_id && d->plugin_id != verdict->plugin_id) ||
            (d->metric && strcmp(d->metric, j->rules->metrics[verdict->metric].name) != 0))
            continue;
        verdict->class = TM_WAIVED;
        verdict->decision_id = d->id;
        verdict->why = TM_ACCEPTED_HERE;
    }
}

/* What lies under a waiver's ceiling, until its date, does not fail. In two passes, for the
 * verdicts that repeat a waived one may stand before it. */
void tm_waive(struct tm_judging *j)
{
    for (size_t i = 0; i < j->out->n_verdicts && j->n_decisions > 0; i++) {
        struct tm_verdict *verdict = &j->out->verdicts[i];
        /* Only what would fail, or might, can be tolerated; nobody waives the whole run, and a limit is raised where it stands. */
        if (verdict->metric < 0 || !isnan(verdict->allowed) || verdict->plugin_id == 0 || verdict->class < TM_SUSPECT)
            continue;
        const struct tm_decision *waiver = waiver_for(j, verdict);
        if (!waiver)
            continue;
        /* Named in any case: that it does not hold any more is what the reader has to know. */
        verdict->decision_id = waiver->id;
        if (j->night->started_at > waiver->until)
            verdict->why = "its waiver has expired";
        else if (excess(j, verdict) > waiver->ceiling)
            verdict->why = "beyond the ceiling of its waiver";
        else
            verdict->class = TM_WAIVED;
    }
    for (size_t i = 0; i < j->out->n_verdicts && j->n_decisions > 0; i++)
        if (j->out->verdicts[i].class == TM_WAIVED && j->out->verdicts[i].decision_id)
            waive_told(j, &j->out->verdicts[i]);
    for (size_t i = 0; i < j->n_decisions && j->night->alone; i++)
        tolerate_accepted(j, &j->decisions[i]);
}
