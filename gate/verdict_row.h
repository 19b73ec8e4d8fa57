/* The one place that maps a verdict to the columns of the table verdict, and back: by name. */
#ifndef TM_GATE_VERDICT_ROW_H
#define TM_GATE_VERDICT_ROW_H

#include "analyze/judge.h"
#include "gate/report_reader.h"
#include "store/store.h"

/* Puts what is said of a run in place of what was said before: a row for each verdict that is no pass, and the counts. 0, or -1
 * with the store's message. */
int tm_verdicts_store(tm_store *store, const struct tm_rules *rules, const struct tm_judgement *judgement);

/* From a row of the query verdicts_of, or from a verdict just made (passes are not stored): 0, or -1 without memory. Both leave
 * *verdict zeroed but for what they know. */
int tm_verdict_from_row(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_verdict *verdict);
void tm_verdict_from_judge(const struct tm_verdict *judged, size_t plugin, struct tm_report_verdict *verdict);

/* The interval in a row of verdicts_of or events_of: 0, or -1 without memory. */
int tm_interval_from_row(struct tm_report_reader *reader, const tm_rows *rows, struct tm_report_interval *interval);

#endif
