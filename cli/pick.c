#include "cli/pick.h"

#include <stdlib.h>
#include <string.h>

#include "gate/docket.h"

static int take_run(tm_rows *rows, struct tm_picked_run *run)
{
    int step = rows ? tm_rows_next(rows) : -1;
    if (step == 1) {
        int64_t *numbers[] = {&run->id, &run->project_id, &run->host_id, &run->started_at};
        for (int i = 0; i < 4; i++)
            *numbers[i] = tm_rows_value(rows, i).integer;
        run->key = strdup(tm_rows_text(rows, 4));
        run->branch = strdup(tm_rows_text(rows, 5));
        run->commit = strdup(tm_rows_text(rows, 6));
    }
    tm_rows_close(rows);
    return step;
}

int tm_pick_run(const struct tm_arguments *arguments, tm_store *store, const char *key, struct tm_picked_run *run)
{
    const char *project = tm_option_value(arguments, "project");
    int step = take_run(tm_ask(store, TM_Q_RUN_PICK, "tttt", project ? project : "default", tm_option_value(arguments, "branch"),
                               tm_option_value(arguments, "host"), key),
                        run);
    if (step < 0)
        return tm_trouble("%s", tm_error(store));
    if (step == 0 && key)
        return tm_trouble("no run '%s' to judge (of that project, branch and host)", key);
    return step == 0 ? tm_trouble("there is no run to judge (of that project, branch and host)") : 0;
}

void tm_picked_run_free(struct tm_picked_run *run)
{
    free(run->key);
    free(run->branch);
    free(run->commit);
    *run = (struct tm_picked_run){0};
}

int tm_judge_lineage(tm_store *store, const struct tm_settings *settings, const struct tm_picked_run *run, size_t *judged)
{
    struct tm_docket docket;
    int result = tm_docket_open(&docket, store, &settings->rules, run->project_id, run->host_id, run->branch, settings->base);
    if (result == 0)
        result = tm_docket_bring_forward(&docket, judged);
    tm_docket_close(&docket);
    return result == 0 ? 0 : tm_trouble("%s", tm_error(store));
}
