/* Notes: what no single verdict tells, in a sentence each. Every form that people read has them, and so have the documents for
 * programs. */
#ifndef TM_REPORT_NOTES_H
#define TM_REPORT_NOTES_H

#include <stdio.h>

#include "analyze/report.h"

/* Which are told: the findings tell groups and moves themselves. */
enum tm_notes_wanted { TM_ALL_NOTES, TM_NOTES_OF_ENDS };

bool tm_note_is_wanted(const struct tm_report *report, size_t note, enum tm_notes_wanted wanted);

/* How many there are. They are counted from 0. */
size_t tm_notes(const struct tm_report *report);

/* "together", "moved", "closed": one word for what sort of note it is, as a verdict has its class. */
const char *tm_note_word(const struct tm_report *report, size_t note);

/* The sentence; raw, it holds names. To be freed; NULL: no memory. */
char *tm_note_text(const struct tm_report *report, size_t note);

/* The same of an alarm that ended, however it did. */
char *tm_end_text(const struct tm_report *report, const struct tm_report_end *end);

/* The same of the group or the move that a verdict belongs to. */
char *tm_event_text(const struct tm_report *report, const struct tm_report_verdict *verdict);

/* Writes all notes, as lines "closed     SENTENCE" for a terminal, or as a Markdown list with an empty line before it. 0, or -1: no
 * memory. */
int tm_put_notes(FILE *out, const struct tm_report *report);
int tm_put_notes_markdown(FILE *out, const struct tm_report *report, enum tm_notes_wanted wanted);

/* The member "notes" of a document, with what stands before it. 0, or -1: no memory. */
int tm_json_notes(FILE *out, const char *before, const struct tm_report *report);

#endif
