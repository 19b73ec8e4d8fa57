/* How alarms end. Whatever makes an open regression one no longer tells it here, before the series'
 * memory of the alarm goes: the level came back, people accepted it, or the series began anew. */
#include "analyze/judging.h"
#include "base/array.h"

/* In the order of enum tm_ending; stored and printed, so these words stay. */
const char *tm_ending_name(enum tm_ending ending)
{
    static const char *const names[] = {"returned", "accepted", "begun anew"};
    return names[ending];
}

static int add_end(struct tm_judging *j, struct tm_alarm_end end, int64_t alert_night)
{
    struct tm_judgement *out = j->out;
    if (tm_array_reserve(&out->ends, &out->ends_room, out->n_ends + 1, sizeof *out->ends) != 0)
        return -1;
    end.raised_run = tm_lineage_run(j->lineage, (int32_t)alert_night);
    out->ends[out->n_ends++] = end;
    return 0;
}

/* What another metric or the whole run tells of has raised no alarm of its own. */
int tm_end_alarm(struct tm_judging *j, int64_t plugin_id, size_t metric, const struct tm_alarm_memory *alarm, enum tm_ending ending,
                 int64_t decision_id)
{
    if (!alarm->alert_night || alarm->shared != TM_TOLD_BY_ITSELF)
        return 0;
    return add_end(
        j, (struct tm_alarm_end){.plugin_id = plugin_id, .metric = (int)metric, .ending = ending, .decision_id = decision_id},
        alarm->alert_night);
}

int tm_end_run_wide(struct tm_judging *j, enum tm_ending ending, int64_t decision_id)
{
    int64_t night = j->lineage->run_wide_night;
    bool open = j->lineage->run_wide_since;
    tm_lineage_forget_run_wide(j->lineage);
    if (!open)
        return 0;
    return add_end(j, (struct tm_alarm_end){.metric = -1, .ending = ending, .decision_id = decision_id}, night);
}
