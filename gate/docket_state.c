/* A lineage's memory in the store: plain bytes of this program's own structures, which the settings' fingerprint guards. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gate/docket.h"

enum { STATE_FORMAT = 3, DAMAGED = 2, MOST_NIGHTS = 1 << 30 };

struct lineage_state {
    int64_t night, run_wide_since, run_wide_good, previous_run, previous_at;
};

static uint64_t mix_number(uint64_t hash, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    hash = (hash ^ bits) * 0x100000001b3u;
    return hash ^ (hash >> 29);
}

static uint64_t mix_text(uint64_t hash, const char *text)
{
    for (; text && *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return mix_number(hash, text ? 1 : 0);
}

static uint64_t mix_metric(uint64_t hash, const struct tm_metric_rule *metric)
{
    bool usual = !metric->higher_is_better && !(metric->floor > 0) && fabs(metric->min_effect - 0.05) < 1e-12;
    if (!tm_known_metric(metric->name) && usual)
        return hash; /* a new metric of the project's own changes nothing for the others */
    hash = mix_number(mix_text(hash, metric->name), metric->min_effect);
    return mix_number(mix_number(hash, metric->floor), metric->higher_is_better);
}

static uint64_t mix_plugin(uint64_t hash, const struct tm_plugin_rule *rule)
{
    hash = mix_number(mix_text(mix_text(hash, rule->glob), rule->metric), rule->min_effect);
    return mix_number(mix_number(hash, rule->floor), rule->ignore);
}

/* All that decides what a night is judged like: with other settings, or another layout of the state, everything is judged anew. */
static void fingerprint(const struct tm_docket *docket, char text[40])
{
    const struct tm_rules *rules = docket->rules;
    const double numbers[] = {STATE_FORMAT,
                              sizeof(struct tm_series),
                              sizeof(struct tm_presence),
                              rules->missing_seen,
                              rules->missing_of,
                              rules->floors,
                              rules->budget,
                              rules->extreme};
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        hash = mix_number(hash, numbers[i]);
    for (size_t m = 0; m < rules->n_metrics; m++)
        hash = mix_metric(hash, &rules->metrics[m]);
    for (size_t i = 0; i < rules->n_plugins; i++)
        hash = mix_plugin(hash, &rules->plugins[i]);
    snprintf(text, 40, "%016llx", (unsigned long long)mix_text(hash, docket->base));
}

static int metric_index(const struct tm_rules *rules, const char *name)
{
    for (size_t m = 0; m < rules->n_metrics; m++)
        if (strcmp(rules->metrics[m].name, name) == 0)
            return (int)m;
    return -1;
}

static int load_series_row(struct tm_docket *docket, const tm_rows *rows)
{
    int64_t id = tm_rows_value(rows, 0).integer;
    const char *metric = tm_rows_text(rows, 1);
    struct tm_value state = tm_rows_value(rows, 2);
    struct tm_plugin *plugin = tm_lineage_plugin(&docket->lineage, id, (size_t)id < docket->n_names ? docket->names[id] : NULL);
    if (!plugin)
        return -1;
    if (!*metric && state.size == sizeof plugin->presence) {
        memcpy(&plugin->presence, state.text, state.size);
        return 0;
    }
    int index = metric_index(docket->rules, metric);
    if (index < 0 || state.size != sizeof(struct tm_series))
        return 0;
    struct tm_series *series = tm_plugin_series(plugin, (size_t)index);
    if (!series)
        return -1;
    memcpy(series, state.text, state.size);
    if (tm_series_sound(series, docket->rules->metrics[index].kind))
        return 0;
    *series = (struct tm_series){0}; /* no state of ours: nothing may rest on it */
    return DAMAGED;
}

static int load_series(struct tm_docket *docket, int64_t lineage_id)
{
    tm_rows *rows = tm_ask(docket->store, TM_Q_SERIES_OF, "i", lineage_id);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if ((step = load_series_row(docket, rows)) != 0)
            break;
    tm_rows_close(rows);
    return step;
}

static void restore(struct tm_lineage *lineage, const struct lineage_state *state)
{
    lineage->night = state->night;
    lineage->run_wide_since = state->run_wide_since;
    lineage->run_wide_good = state->run_wide_good;
    lineage->previous_run = state->previous_run;
    lineage->previous_at = state->previous_at;
}

size_t tm_docket_state_bytes(const struct tm_docket *docket, unsigned char bytes[64])
{
    const struct tm_lineage *lineage = &docket->lineage;
    struct lineage_state state = {lineage->night, lineage->run_wide_since, lineage->run_wide_good, lineage->previous_run,
                                  lineage->previous_at};
    memcpy(bytes, &state, sizeof state);
    return sizeof state;
}

/* Drops all that is derived of this lineage. */
static int clear(struct tm_docket *docket, int64_t lineage_id)
{
    if (tm_do(docket->store, TM_Q_SERIES_CLEAR, "i", lineage_id) != 0 ||
        tm_do(docket->store, TM_Q_VERDICTS_SPOIL, "iit", docket->project_id, docket->host_id, docket->branch) != 0)
        return -1;
    return tm_do(docket->store, TM_Q_JUDGEMENTS_SPOIL, "iit", docket->project_id, docket->host_id, docket->branch);
}

int tm_docket_load(struct tm_docket *docket, struct tm_stored_lineage *stored)
{
    struct lineage_state state = {0};
    char settings[40];
    fingerprint(docket, settings);
    tm_rows *rows = tm_ask(docket->store, TM_Q_LINEAGE_FIND, "iit", docket->project_id, docket->host_id, docket->branch);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        struct tm_value blob = tm_rows_value(rows, 5);
        const char *as = tm_rows_text(rows, 1);
        int64_t stale = tm_rows_value(rows, 4).integer;
        stored->id = tm_rows_value(rows, 0).integer;
        stored->judged_run = tm_rows_value(rows, 2).integer;
        stored->judged_at = tm_rows_value(rows, 3).integer;
        stored->again = stale == 1;
        stored->usable = stale < 2 && strcmp(as, settings) == 0 && stored->judged_run && blob.size == sizeof state;
        if (stored->usable)
            memcpy(&state, blob.text, sizeof state);
    }
    tm_rows_close(rows);
    if (step < 0)
        return -1;
    if (!stored->id)
        return tm_get(docket->store, &stored->id, TM_Q_LINEAGE_ADD, "iittt", docket->project_id, docket->host_id, docket->branch,
                      docket->base, settings) == 1
                   ? 0
                   : -1;
    if (!stored->usable)
        return clear(docket, stored->id);
    int loaded = load_series(docket, stored->id);
    if (loaded < 0)
        return -1;
    if (loaded == DAMAGED || state.night < 0 || state.night > MOST_NIGHTS) {
        stored->usable = false;
        return clear(docket, stored->id);
    }
    restore(&docket->lineage, &state);
    return 0;
}

int tm_docket_save_state(struct tm_docket *docket, const struct tm_stored_lineage *stored)
{
    for (size_t i = 0; i < docket->lineage.n_plugins; i++) {
        const struct tm_plugin *plugin = &docket->lineage.plugins[i];
        if (tm_do(docket->store, TM_Q_SERIES_PUT, "iitb", stored->id, plugin->id, "", (const void *)&plugin->presence,
                  sizeof plugin->presence) != 0)
            return -1;
        for (size_t m = 0; m < docket->rules->n_metrics; m++)
            if (plugin->series[m] &&
                tm_do(docket->store, TM_Q_SERIES_PUT, "iitb", stored->id, plugin->id, docket->rules->metrics[m].name,
                      (const void *)plugin->series[m], sizeof *plugin->series[m]) != 0)
                return -1;
    }
    return 0;
}

int tm_docket_save_judged(struct tm_docket *docket, const struct tm_stored_lineage *stored, const struct tm_run_ref *run,
                          const void *state, size_t size)
{
    char settings[40];
    fingerprint(docket, settings);
    return tm_do(docket->store, TM_Q_LINEAGE_UPDATE, "ittiib", stored->id, settings, docket->base, run->id, run->started_at, state,
                 size);
}

static int save_verdict(struct tm_docket *docket, int64_t run, const struct tm_verdict *v)
{
    const char *metric = v->metric < 0 ? "" : docket->rules->metrics[v->metric].name;
    const char *signal = tm_signal_name(v->signal);
    return tm_do(docket->store, TM_Q_VERDICT_PUT, "iittitrrrrrrnnrrrrnnttn", run, v->plugin_id, metric, tm_class_name(v->class),
                 (int64_t)v->leads, v->kind, v->value, v->corrected, v->baseline, v->effect, v->evidence, v->needed,
                 (int64_t)v->runs, (int64_t)v->baseline_runs, v->z_history, v->pct_history, v->z_population, v->pct_population,
                 v->since_run ? v->since_run : TM_UNKNOWN, v->good_run ? v->good_run : TM_UNKNOWN, *signal ? signal : NULL, v->why,
                 v->decision_id ? v->decision_id : TM_UNKNOWN);
}

int tm_docket_save_verdicts(struct tm_docket *docket, const struct tm_judgement *judgement)
{
    if (tm_do(docket->store, TM_Q_VERDICTS_CLEAR, "i", judgement->run_id) != 0)
        return -1;
    for (size_t i = 0; i < judgement->n_verdicts; i++)
        if (judgement->verdicts[i].class != TM_PASS && save_verdict(docket, judgement->run_id, &judgement->verdicts[i]) != 0)
            return -1;
    return tm_do(docket->store, TM_Q_JUDGEMENT_PUT, "iiiiirri", judgement->run_id, (int64_t)judgement->plugins,
                 (int64_t)judgement->judged, (int64_t)judgement->passed, (int64_t)judgement->comparable, judgement->factor,
                 judgement->factor_share, (int64_t)judgement->held);
}
