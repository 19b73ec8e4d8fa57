/* What was raised, and what ended, in the runs that are shown: a list for those who follow it, the newest first. */
#include "base/array.h"
#include "gate/report_reader.h"

/* Enough for who looks once a week; each reader of a feed keeps what it has seen. */
enum { ENTRIES_MOST = 50 };

static int read_raised(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_verdict *verdict)
{
    *verdict = tm_report_no_verdict();
    verdict->class = TM_REGRESSED;
    verdict->leads = true;
    verdict->value = tm_row_real(rows, "value");
    verdict->corrected = tm_row_real(rows, "corrected");
    verdict->baseline = tm_row_real(rows, "baseline");
    verdict->effect = tm_row_real(rows, "effect");
    verdict->since_at = tm_row_time(rows, "since_at");
    return tm_report_reader_text(reader, rows, "kind", &verdict->kind) != 0 ||
                   tm_report_reader_text(reader, rows, "since", &verdict->since) != 0 ||
                   tm_report_reader_text(reader, rows, "since_commit", &verdict->since_commit) != 0 ||
                   tm_report_reader_text(reader, rows, "good_commit", &verdict->good_commit) != 0 ||
                   tm_report_reader_text(reader, rows, "signal", &verdict->signal) != 0
               ? -1
               : 0;
}

static int read_end(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_end *end)
{
    end->runs_open = tm_row_integer(rows, "runs_open");
    end->decision = tm_row_integer(rows, "decision_id");
    return tm_report_reader_text(reader, rows, "ended", &end->ended) != 0 ||
                   tm_report_reader_text(reader, rows, "raised", &end->raised) != 0
               ? -1
               : 0;
}

/* Of a plugin or metric that the report does not show, nothing is told. */
static int add_entry(struct tm_report_reader *reader, const tm_rows *rows)
{
    struct tm_report *report = &reader->report;
    int64_t id = tm_row_integer(rows, "plugin_id"); /* 0: the whole run */
    size_t plugin = tm_report_reader_plugin(reader, id);
    int metric = tm_report_metric(report, tm_row_text(rows, "metric"));
    bool raised = tm_row_value(rows, "ended").type == TM_NULL;
    if ((id != 0 && plugin == TM_WHOLE_RUN) || (metric < 0 && (raised || id != 0)))
        return 0;
    struct tm_report_entry *entry = tm_array_add(&report->entries, &report->n_entries, sizeof *entry);
    if (!entry)
        return tm_report_no_memory(reader);
    entry->raised = raised;
    entry->at = tm_row_time(rows, "started_at");
    if (raised ? read_raised(reader, rows, &entry->verdict) != 0 : read_end(reader, rows, &entry->end) != 0)
        return -1;
    entry->verdict.plugin = entry->end.plugin = plugin;
    entry->verdict.metric = entry->end.metric = metric;
    return tm_report_reader_text(reader, rows, "run", &entry->run);
}

int tm_report_read_entries(struct tm_report_reader *reader)
{
    const struct tm_report_run *first = &reader->report.runs[0];
    const struct tm_judged_run *run = reader->run;
    tm_rows *rows = tm_ask(reader->store, TM_Q_ENTRIES_OF, "iitiiiii", run->project_id, run->host_id, run->branch,
                           first->started_at, first->id, run->started_at, run->id, (int64_t)ENTRIES_MOST);
    int step = -1;
    while (rows && (step = tm_rows_next(rows)) == 1)
        if (add_entry(reader, rows) != 0) {
            step = -1;
            break;
        }
    return tm_rows_close(rows) != 0 ? -1 : step;
}
