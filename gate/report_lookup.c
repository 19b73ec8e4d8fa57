/* What every part of the reader asks: where in the report an id of the store stands, and texts
 * that outlive their row. */
#include "base/array.h"
#include "gate/report_reader.h"

int tm_report_no_memory(struct tm_report_reader *reader)
{
    return tm_store_fail(reader->store, "out of memory");
}

int tm_report_reader_text(struct tm_report_reader *reader, const tm_rows *rows, const char *column, const char **text)
{
    struct tm_value value = tm_row_value(rows, column);
    *text = NULL;
    if (value.type != TM_TEXT)
        return 0;
    *text = value.text ? tm_arena_text(&reader->texts, value.text, value.size) : NULL;
    return *text ? 0 : tm_report_no_memory(reader);
}

/* O(1): asked for every row of a year's history. */
size_t tm_report_reader_plugin(const struct tm_report_reader *reader, int64_t id)
{
    uintptr_t position = tm_hash_find(&reader->plugins, tm_hash_integer(id), NULL, NULL);
    return position ? position - 1 : TM_WHOLE_RUN;
}

/* Runs lie in the order of time; ids mostly rise with them, but need not, so it is searched from
 * the newest, which is asked for most. */
int tm_report_reader_run(const struct tm_report_reader *reader, int64_t id)
{
    for (size_t i = reader->report.n_runs; i-- > 0;)
        if (reader->report.runs[i].id == id)
            return (int)i;
    return -1;
}

/* Nothing is known of it; NULL without memory, which has been said. */
struct tm_report_verdict *tm_report_add_verdict(struct tm_report_reader *reader)
{
    struct tm_report *report = &reader->report;
    struct tm_report_verdict *verdict = tm_array_add(&report->verdicts, &report->n_verdicts, sizeof *verdict);
    if (!verdict)
        tm_report_no_memory(reader);
    else
        *verdict = tm_report_no_verdict();
    return verdict;
}
