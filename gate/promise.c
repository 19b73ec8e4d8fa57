/* Following alarms through a replay. An alarm is open as long as its series' verdicts say so: each
 * series knows its open alarms, so that a night costs one look at each verdict. The replay knows no
 * decisions, so that an alarm about which somebody decided on its very night is still there to be
 * followed. */
#include "gate/promise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* An alarm on its way. */
struct tm_followed {
    int64_t plugin_id, at, run; /* plugin_id 0: the whole run; when it was raised */
    int metric;
    size_t series;
    int further; /* runs of its series since, the one in which it closed included */
    bool open;
    size_t older_open; /* of its series, index + 1; 0: none */
    int decision;      /* a tm_decision_kind; -1: none while it was open */
};

/* One number for the two. The whole run is one series: while it is open, its verdicts may speak of another metric. */
static uint64_t hash_of(const struct tm_verdict *v)
{
    return v->plugin_id ? tm_verdict_series(v) : 0;
}

/* The series of a verdict; NULL: it has raised no alarm. */
static struct tm_promise_series *find_series(const struct tm_promise *p, const struct tm_verdict *v)
{
    uintptr_t position = tm_hash_find(&p->index, hash_of(v), NULL, NULL);
    return position ? &p->series[position - 1] : NULL;
}

/* Of an alarm, made if it is new. NULL: no memory. */
static struct tm_promise_series *add_series(struct tm_promise *p, const struct tm_verdict *v)
{
    struct tm_promise_series *found = find_series(p, v);
    if (found)
        return found;
    struct tm_promise_series *series = tm_array_add(&p->series, &p->n_series, sizeof *series);
    if (!series || tm_hash_add(&p->index, hash_of(v), p->n_series) != 0)
        return NULL;
    series->plugin = strdup(v->plugin);
    series->metric = v->metric;
    return series->plugin ? series : NULL;
}

/* Of the whole run an effect is a mean over its plugins, which no plugin's least change holds back. */
static double share_of(const struct tm_session *session, const struct tm_verdict *v)
{
    bool is_share = v->plugin_id && !tm_metric_is_by_amount(session->rules->metrics[v->metric].kind);
    return is_share ? v->effect : NAN;
}

static int add_alarm(struct tm_promise *p, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_verdict *v)
{
    struct tm_promise_series *series = add_series(p, v);
    struct tm_followed *alarm = series ? tm_array_add(&p->followed, &p->n_followed, sizeof *alarm) : NULL;
    struct tm_alarm_fate *fate = alarm ? tm_array_add(&p->fates, &p->n_alarms, sizeof *fate) : NULL;
    if (!fate)
        return -1;
    *alarm = (struct tm_followed){.plugin_id = v->plugin_id,
                                  .at = run->started_at,
                                  .run = run->id,
                                  .metric = v->metric,
                                  .series = (size_t)(series - p->series),
                                  .open = true,
                                  .older_open = series->newest_open,
                                  .decision = -1};
    fate->effect = share_of(session, v);
    series->alarms++;
    series->newest_open = p->n_followed;
    return 0;
}

/* One more run of a series with open alarms; is its regression open still? */
static void follow(struct tm_promise *p, struct tm_promise_series *series, bool open)
{
    for (size_t i = series->newest_open; i > 0; i = p->followed[i - 1].older_open) {
        p->followed[i - 1].further++;
        p->followed[i - 1].open = open;
    }
    series->newest_open = open ? series->newest_open : 0;
}

/* A whole run's alarm has no verdict any more once it is over; a plugin without one was not there. */
static void follow_all(struct tm_promise *p, const struct tm_judgement *judgement)
{
    static const struct tm_verdict whole_run = {.plugin_id = 0};
    bool whole_run_told = false;
    for (size_t i = 0; i < judgement->n_verdicts && p->n_series > 0; i++) {
        const struct tm_verdict *v = &judgement->verdicts[i];
        struct tm_promise_series *series = v->metric >= 0 ? find_series(p, v) : NULL;
        if (series)
            follow(p, series, v->class == TM_OPEN || v->class == TM_REGRESSED);
        whole_run_told = whole_run_told || !v->plugin_id;
    }
    struct tm_promise_series *series = whole_run_told ? NULL : find_series(p, &whole_run);
    if (series)
        follow(p, series, false);
}

/* Is the decision about the alarm, and not older than it? */
static bool is_about(const struct tm_decision *d, const struct tm_followed *alarm, const struct tm_session *session)
{
    bool after = d->made_run_at > alarm->at || (d->made_run_at == alarm->at && d->made_run >= alarm->run);
    return after && d->plugin_id == alarm->plugin_id &&
           (!d->metric || strcmp(d->metric, session->rules->metrics[alarm->metric].name) == 0) &&
           (!d->branch || strcmp(d->branch, session->branch) == 0);
}

/* Was it made since the night before, tonight's included? */
static bool is_new(const struct tm_promise *p, const struct tm_decision *d, const struct tm_run_ref *run)
{
    bool before = d->made_run_at < p->previous_at || (d->made_run_at == p->previous_at && d->made_run <= p->previous_run);
    bool later = d->made_run_at > run->started_at || (d->made_run_at == run->started_at && d->made_run > run->id);
    return !before && !later;
}

/* The first decision on an alarm counts. */
static void look_for_decisions(struct tm_promise *p, const struct tm_session *session, const struct tm_run_ref *run)
{
    for (size_t i = 0; i < session->n_decisions; i++) {
        const struct tm_decision *d = &session->decisions[i];
        for (size_t a = p->first; a < p->n_followed && is_new(p, d, run); a++)
            if (p->followed[a].open && p->followed[a].decision < 0 && is_about(d, &p->followed[a], session))
                p->followed[a].decision = (int)d->kind;
    }
    p->previous_at = run->started_at;
    p->previous_run = run->id;
}

/* What is open at the end of a lineage stays as it is. */
static int enter_lineage(struct tm_promise *p, const struct tm_session *session)
{
    if (p->branch && p->host_id == session->host_id && strcmp(p->branch, session->branch) == 0)
        return 0;
    for (size_t i = 0; i < p->n_series; i++)
        p->series[i].newest_open = 0;
    p->first = p->n_followed;
    p->previous_at = p->previous_run = -1;
    p->host_id = session->host_id;
    p->branch = tm_arena_text(&p->texts, session->branch, strlen(session->branch));
    return p->branch ? 0 : -1;
}

static int see_night(void *context, const struct tm_session *session, const struct tm_run_ref *run,
                     const struct tm_judgement *judgement)
{
    struct tm_promise *p = context;
    int result = enter_lineage(p, session);
    p->nights++;
    p->judged += (int64_t)judgement->judged;
    if (result == 0)
        follow_all(p, judgement);
    for (size_t i = 0; i < judgement->n_verdicts && result == 0; i++)
        if (judgement->verdicts[i].class == TM_REGRESSED && judgement->verdicts[i].metric >= 0)
            result = add_alarm(p, session, run, &judgement->verdicts[i]);
    look_for_decisions(p, session, run);
    if (result != 0)
        return tm_store_fail(session->store, "out of memory");
    return p->seen ? p->seen(p->context, session, run, judgement) : 0;
}

static enum tm_fate fate_of(const struct tm_followed *alarm)
{
    if (alarm->decision >= 0)
        return TM_FATE_DECIDED;
    if (!alarm->open && alarm->further <= TM_CLOSES_WITHIN)
        return TM_FATE_CLOSED;
    return alarm->open && alarm->further < TM_CLOSES_WITHIN ? TM_FATE_YOUNG : TM_FATE_LASTED;
}

int tm_promise_measure(struct tm_promise *promise, tm_store *store, const struct tm_settings *settings,
                       const struct tm_scope *scope, tm_night_seen *seen, void *context)
{
    *promise = (struct tm_promise){.seen = seen, .context = context};
    const struct tm_replay_wish wish = {.until = INT64_MAX, .undecided = true};
    if (tm_replay_lineages(store, settings, scope, &wish, see_night, promise) != 0)
        return -1;
    for (size_t i = 0; i < promise->n_alarms; i++) {
        const struct tm_followed *alarm = &promise->followed[i];
        promise->fates[i].fate = fate_of(alarm);
        promise->of[promise->fates[i].fate]++;
        promise->series[alarm->series].closed += promise->fates[i].fate == TM_FATE_CLOSED;
        if (alarm->decision >= 0)
            promise->decided[alarm->decision]++;
    }
    return 0;
}

void tm_promise_free(struct tm_promise *promise)
{
    for (size_t i = 0; i < promise->n_series; i++)
        free(promise->series[i].plugin);
    free(promise->series);
    free(promise->fates);
    free(promise->followed);
    tm_hash_free(&promise->index);
    tm_arena_free(&promise->texts);
    *promise = (struct tm_promise){0};
}

double tm_promise_per_1000(const struct tm_promise *promise, size_t alarms)
{
    return promise->judged ? 1000.0 * (double)alarms / (double)promise->judged : 0;
}
