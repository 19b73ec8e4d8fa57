/* How much noise hides, asked of the judge's own memory: the newest run is judged again, and then it is tried whether a rise would
 * be told in each of its series. By the settings that the gate has judged with, which may not be those that lie here. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyze/reach.h"
#include "base/array.h"
#include "gate/doctor.h"
#include "gate/reading.h"

/* Values of a level from which on it is noise that hides a rise, and no longer its youth. */
enum { SETTLED = 12 };

/* What is asked of. */
struct asking {
    struct tm_session session;
    struct tm_judgement judgement;
};

/* From which share on a rise is told; NAN: none is. */
static double least_share(const struct tm_reach *reach)
{
    return isnan(reach->least) ? NAN : fabs(reach->least - reach->level) / fabs(reach->level);
}

static bool is_worse(double share, const struct tm_doctor_noise *noise)
{
    return !noise->plugin || (!isnan(noise->least) && !(share <= noise->least));
}

/* The widest of those in which a rise is hidden is the worst, or one in which none is told: it alone is asked how much it takes.
 * The others are asked for one size, which costs a fiftieth. */
static int look_at_series(struct tm_doctor *doctor, const struct asking *a, const struct tm_plugin *plugin, size_t metric,
                          double *widest)
{
    const struct tm_lineage *lineage = &a->session.lineage;
    const struct tm_rules *rules = a->session.rules;
    struct tm_doctor_noise *noise = &doctor->noise;
    const struct tm_judgement *judgement = &a->judgement;
    struct tm_series series;
    const struct tm_kept *kept = tm_series_at(plugin, metric);
    if (!kept || rules->metrics[metric].kind != TM_METRIC_RATIO)
        return 0;
    tm_kept_open(kept, rules->metrics[metric].kind, &series);
    if (series.level.n_base < SETTLED)
        return 0;
    enum tm_reached reached =
        tm_reaches(lineage, rules, judgement->metrics_present, judgement->fine_clock, plugin->id, metric, TM_DOCTOR_RISE);
    if (reached == TM_REACH_UNKNOWN)
        return 0;
    noise->asked++;
    if (reached == TM_REACHED)
        return 0;
    noise->hidden++;
    if (series.level.scale <= *widest)
        return 0;
    *widest = series.level.scale;
    struct tm_reach reach = tm_reach_of(lineage, rules, judgement->metrics_present, judgement->fine_clock, plugin->id, metric);
    if (!is_worse(least_share(&reach), noise))
        return 0;
    noise->least = least_share(&reach);
    noise->plugin = tm_arena_text(&doctor->texts, plugin->name, strlen(plugin->name));
    noise->metric = tm_arena_text(&doctor->texts, rules->metrics[metric].name, strlen(rules->metrics[metric].name));
    return noise->plugin && noise->metric ? 0 : -1;
}

/* Of the plugins that the newest run has. */
static int look_at_all(struct tm_doctor *doctor, const struct asking *a)
{
    const struct tm_lineage *lineage = &a->session.lineage;
    double widest = 0;
    for (size_t i = 0; i < lineage->n_plugins; i++) {
        const struct tm_plugin *plugin = &lineage->plugins[i];
        if (!(plugin->presence.seen & 1) || !plugin->name)
            continue;
        for (size_t m = 0; m < plugin->n_series && m < a->session.rules->n_metrics; m++)
            if (look_at_series(doctor, a, plugin, m, &widest) != 0)
                return tm_store_fail(a->session.store, "out of memory");
    }
    return 0;
}

/* ---- settings of metrics that have no values ---- */

static bool has_values(const struct asking *a, const char *metric)
{
    const struct tm_rules *rules = a->session.rules;
    for (size_t m = 0; m < rules->n_metrics; m++)
        for (size_t i = 0; strcmp(rules->metrics[m].name, metric) == 0 && i < a->session.lineage.n_plugins; i++)
            if (tm_series_at(&a->session.lineage.plugins[i], m))
                return true;
    return false;
}

static int add_setting(struct tm_doctor *doctor, const char *metric)
{
    char section[TM_NAME_MAX];
    struct tm_doctor_setting *setting = tm_array_add(&doctor->settings, &doctor->n_settings, sizeof *setting);
    if (!setting)
        return -1;
    snprintf(section, sizeof section, "metric %s", metric);
    *setting = (struct tm_doctor_setting){tm_arena_text(&doctor->texts, section, strlen(section)),
                                          "no plugin of the newest runs has values of it that are judged"};
    return setting->section ? 0 : -1;
}

/* Those that lie here. */
static int look_at_settings(struct tm_doctor *doctor, const struct asking *a, const struct tm_settings *settings)
{
    for (size_t m = 0; m < settings->rules.n_metrics; m++) {
        const struct tm_metric_rule *rule = &settings->rules.metrics[m];
        bool set = settings->marks[m].own_effect || rule->floor_given || rule->better_given;
        if (set && !has_values(a, rule->name) && add_setting(doctor, rule->name) != 0)
            return tm_store_fail(a->session.store, "out of memory");
    }
    return 0;
}

/* ---- the run ---- */

static int look(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *here, const struct tm_settings *judged,
                const struct tm_judged_run *run)
{
    struct asking a = {.judgement = {.run_id = 0}};
    int result = tm_session_open(&a.session, store, &judged->rules, run->project_id, run->host_id, run->branch, judged->base);
    int stands = result == 0 ? tm_session_has_judged(&a.session, run->id, run->started_at) : -1;
    /* A lineage that would have to be judged from nothing is judged by the gate first. */
    bool asked = stands > 0 && !tm_session_judges_alone(&a.session);
    tm_session_close(&a.session);
    if (!asked)
        return stands < 0 ? -1 : 0;
    result = tm_session_open(&a.session, store, &judged->rules, run->project_id, run->host_id, run->branch, judged->base);
    if (result == 0)
        result = tm_session_judge_again(&a.session, run->id, run->started_at, &a.judgement);
    if (result == 0)
        result = look_at_all(doctor, &a);
    if (result == 0)
        result = look_at_settings(doctor, &a, here);
    tm_judgement_free(&a.judgement);
    tm_session_close(&a.session);
    return result;
}

int tm_doctor_read_noise(struct tm_doctor *doctor, tm_store *store, const struct tm_settings *settings)
{
    struct tm_judged_run run;
    struct tm_settings judged = {.base = NULL};
    const struct tm_scope scope = {.project = doctor->project};
    int found = tm_judged_run_find(store, &scope, NULL, &run), known = 0, result = found < 0 ? -1 : 0;
    doctor->noise.least = NAN;
    if (found > 0 && tm_settings_init(&judged) != TM_SETTING_DONE)
        result = tm_store_fail(store, "out of memory");
    if (found > 0 && result == 0)
        known = tm_reading_settings(store, &run, &judged);
    enum tm_setting_fault fault = known > 0 ? tm_settings_finish(&judged, store, doctor->project) : TM_SETTING_DONE;
    if (known < 0 || fault == TM_SETTING_TROUBLE)
        result = -1;
    else if (known > 0 && fault == TM_SETTING_DONE)
        result = look(doctor, store, settings, &judged, &run);
    tm_settings_free(&judged);
    tm_judged_run_free(&run);
    return result;
}
