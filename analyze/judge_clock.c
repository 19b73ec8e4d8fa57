/* CPU times taken with different clocks are not compared: what one leaves out another may count.
 * A plugin whose clock has changed is not judged by its CPU time that night, and if the new
 * clock stays, its CPU history begins anew with it. */
#include <string.h>

#include "analyze/judging.h"

/* The recorder's self_cpu_per_call_ms is a project's own metric to the judge, but a CPU time
 * like the other. */
bool tm_is_cpu_time(const struct tm_metric_rule *rule)
{
    const struct tm_metric *known = tm_metric_named(rule->name);
    return known ? known->cpu_time : strcmp(rule->name, "self_cpu_per_call_ms") == 0;
}

/* Counts the nights in a row with another clock. A recording that names no clock says nothing:
 * it neither confirms nor changes. When the new clock has stayed, it becomes the plugin's, and
 * other_nights keeps TM_CLOCK_STAYS for this one night, which is what the others ask. */
static void note_clock(struct tm_presence *presence, uint32_t clock)
{
    if (presence->other_nights == TM_CLOCK_STAYS)
        presence->other_nights = 0; /* it began anew the night before */
    if (clock == 0)
        return;
    if (presence->clock == 0)
        presence->clock = clock;
    if (clock == presence->clock) {
        presence->other_nights = 0;
        return;
    }
    /* Two nights with two different other clocks are no clock that stays. */
    presence->other_nights = clock == presence->other_clock ? presence->other_nights + 1 : 1;
    presence->other_clock = clock;
    if (presence->other_nights == TM_CLOCK_STAYS)
        presence->clock = clock;
}

/* Notes every plugin's clock, and forgets the CPU history of those whose new clock has stayed:
 * tonight's value is then the first of a new one. */
int tm_note_clocks(struct tm_judging *j)
{
    for (size_t i = 0; i < j->night->n_samples; i++) {
        struct tm_plugin *plugin = tm_plugin_of(j, i);
        note_clock(&plugin->presence, j->night->samples[i].clock);
        if (plugin->presence.other_nights != TM_CLOCK_STAYS)
            continue;
        for (size_t m = 0; m < j->rules->n_metrics; m++) {
            struct tm_kept *kept = j->metrics[m].cpu_time ? tm_series_at(plugin, m) : NULL;
            if (!kept)
                continue;
            if (tm_end_alarm(j, plugin->id, m, tm_alarm_of(kept), TM_BEGUN_ANEW, 0) != 0)
                return -1;
            tm_kept_forget(kept, j->rules->metrics[m].kind);
        }
    }
    return 0;
}

/* Only where there is a history to compare with: a first value needs no clock to agree with. */
bool tm_other_clock(const struct tm_judging *j, size_t sample, size_t metric)
{
    const struct tm_plugin *plugin = tm_plugin_of(j, sample);
    int64_t nights = plugin->presence.other_nights;
    return j->metrics[metric].cpu_time && tm_series_at(plugin, metric) && nights > 0 && nights < TM_CLOCK_STAYS;
}

const char *tm_why_anew(const struct tm_judging *j, size_t sample, size_t metric)
{
    bool anew = j->metrics[metric].cpu_time && tm_plugin_of(j, sample)->presence.other_nights == TM_CLOCK_STAYS;
    return anew ? "another CPU clock than before: its history begins anew" : NULL;
}
