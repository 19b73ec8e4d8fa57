/* The weeks before the runs of a report, in which older ones were rolled up. However many there are, a chart has room for so many:
 * then neighbours are one. */
#include <stdlib.h>

#include "gate/report_reader.h"

enum { WEEKS_MOST = 156 }; /* three years; on a chart of 640 pixels four each */

/* Where the weeks are drawn, and how many there are in the store. */
static int read_begins(struct tm_report_reader *reader, int64_t before, size_t *stored)
{
    struct tm_report *report = &reader->report;
    const struct tm_judged_run *run = reader->run;
    int64_t n = 0;
    if (tm_get(reader->store, &n, TM_Q_WEEKS_COUNT, "iiti", run->project_id, run->host_id, run->branch, before) < 0)
        return -1;
    *stored = (size_t)n;
    report->weeks = n > 0 ? calloc(*stored < WEEKS_MOST ? *stored : WEEKS_MOST, sizeof *report->weeks) : NULL;
    if (n > 0 && !report->weeks)
        return tm_report_no_memory(reader);
    return 0;
}

/* The week's place, which begins with the first of its weeks and ends with the last. */
static size_t add_week(struct tm_report *report, size_t nth, size_t stored, int64_t begins_at)
{
    size_t at = stored <= WEEKS_MOST ? nth : nth * WEEKS_MOST / stored;
    if (at == report->n_weeks)
        report->weeks[report->n_weeks++].begins_at = begins_at;
    report->weeks[at].ends_at = begins_at + TM_WEEK_SECONDS;
    return at;
}

static int add_value(struct tm_report_reader *reader, const tm_rows *rows, size_t week, size_t room)
{
    struct tm_report *report = &reader->report;
    size_t at = tm_report_reader_plugin(reader, tm_row_integer(rows, "plugin_id"));
    int metric = tm_report_metric(report, tm_row_text(rows, "metric"));
    const struct tm_week_value value = {tm_row_integer(rows, "n"), tm_row_real(rows, "mean"), tm_row_real(rows, "m2"),
                                        tm_row_real(rows, "least"), tm_row_real(rows, "most")};
    /* A row of no plugin or metric that is shown; or one that is damaged, which 'check' tells of. */
    if (at == TM_WHOLE_RUN || metric < 0 || !tm_week_value_sound(&value))
        return 0;
    struct tm_report_plugin *plugin = &report->plugins[at];
    if (!plugin->weekly)
        plugin->weekly = calloc(report->n_metrics * room, sizeof *plugin->weekly);
    if (!plugin->weekly)
        return tm_report_no_memory(reader);
    /* Weeks too far apart to be summed leave the first of them. */
    tm_week_value_add(&plugin->weekly[(size_t)metric * room + week], &value);
    return 0;
}

int tm_report_read_weeks(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    const struct tm_judged_run *run = reader->run;
    int64_t before = report->runs[0].started_at, begins_at = INT64_MIN;
    size_t stored, nth = 0, week = 0;
    int step = -1, result = 0;
    if (read_begins(reader, before, &stored) != 0)
        return -1;
    if (stored == 0)
        return 0;
    /* As many as there will be: the values lie one metric behind the other. */
    size_t room = stored < WEEKS_MOST ? stored : WEEKS_MOST;
    tm_rows *rows = tm_ask(reader->store, TM_Q_WEEKS_BEFORE, "iitiii", run->project_id, run->host_id, run->branch, before,
                           reader->first_id, reader->last_id);
    while (rows && result == 0 && (step = tm_rows_next(rows)) == 1) {
        int64_t begins = tm_row_integer(rows, "begins_at");
        if (begins != begins_at)
            week = add_week(report, nth++, stored, begins);
        begins_at = begins;
        if (tm_row_value(rows, "plugin_id").type != TM_NULL)
            result = add_value(reader, rows, week, room);
    }
    return tm_rows_close(rows) != 0 || (result == 0 && step < 0) ? -1 : result;
}
