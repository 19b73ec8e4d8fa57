/* A command that only reads must not depend on where it is called: the settings that lie about there are not those of the gate. */
#include "gate/reading.h"

int tm_reading_settings(tm_store *store, const struct tm_judged_run *run, struct tm_settings *settings)
{
    tm_rows *rows = tm_ask(store, TM_Q_LINEAGE_SETTINGS_OF, "iit", run->project_id, run->host_id, run->branch);
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        enum tm_setting_fault fault = tm_settings_set_lines(settings, tm_row_text(rows, "settings"));
        if (fault == TM_SETTING_TROUBLE)
            step = tm_store_fail(store, "out of memory");
        else if (fault != TM_SETTING_DONE)
            step = 0;
    }
    return tm_rows_close(rows) != 0 ? -1 : step;
}

int tm_reading_prepare(tm_store *store, const struct tm_settings *settings, const struct tm_judged_run *run,
                       const struct tm_watcher *watcher, bool *aside)
{
    struct tm_session session;
    size_t judged;
    int result = tm_session_open(&session, store, &settings->rules, run->project_id, run->host_id, run->branch, settings->base);
    int current = result == 0 ? tm_session_has_judged(&session, run->id, run->started_at) : -1;
    tm_session_close(&session);
    *aside = current == 0;
    if (current != 0)
        return current < 0 ? -1 : 0;
    return tm_aside(store) == 0 ? tm_judge_lineage(store, settings, run, watcher, &judged) : -1;
}
