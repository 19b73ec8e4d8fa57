/* Text of unknown origin, made harmless for each kind of reader. Control characters, broken UTF-8 and marks that turn the direction
 * of text (U+202E and its like) are shown as \xNN or \u{NNNN}, and kept as escapes where the form has them. */
#ifndef TM_BASE_ESCAPE_H
#define TM_BASE_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/csv_field.h"

typedef void tm_escape(FILE *out, const char *text);

tm_escape tm_put_safe;            /* a terminal or a log, behind other words in a line */
tm_escape tm_put_safe_first;      /* the same where a line begins: no runner of CI jobs takes it for a command */
tm_escape tm_put_xml;             /* text and quoted attributes of XML and HTML */
tm_escape tm_put_json;            /* a JSON string with its quotes; also safe inside <script> */
tm_escape tm_put_slack;           /* a JSON string with its quotes, of a text that Slack shows */
tm_escape tm_put_markdown;        /* inline text or a table's cell */
tm_escape tm_put_github_data;     /* the message of a workflow command */
tm_escape tm_put_github_property; /* a property of one */

/* tm_put_safe for a text that may hold a NUL. Returns the characters written, for columns that align: wide and combining ones are
 * rare in names, and only shift an alignment. */
enum tm_position { TM_WITHIN_LINE, TM_FIRST_IN_LINE };
size_t tm_put_shown(FILE *out, const char *text, size_t size, enum tm_position position);

/* tm_put_json for one. */
void tm_put_json_text(FILE *out, const char *text, size_t size);

/* Do a CI system's variables say that this is a job of its? */
bool tm_in_ci_job(void);

/* Does it go to a terminal, or may it go to the log of a CI job (there, whatever is no regular file)? What programs read has names
 * as they are; in these two places it is inert instead. */
bool tm_is_read_by_people(FILE *out);

tm_csv_writer *tm_csv_writer_for(FILE *out); /* writes fields: tm_csv_field, or as tm_put_safe has it and quoted */
tm_escape *tm_label_writer_for(FILE *out);   /* an OpenMetrics label's value, without its quotes */

/* Does tm_put_safe write the text as it is? */
bool tm_is_safe(const char *text);

char *tm_safe_text(const char *text); /* as tm_put_safe puts it, to be freed; NULL: no memory */

/* The shortest decimal that reads back as the same double; JSON's null for what is not finite. */
void tm_put_number(FILE *out, double value);

#endif
