/* Text of unknown origin, made harmless for each kind of reader. Control characters, broken UTF-8 and marks that turn the direction
 * of text (U+202E and its like) are shown as \xNN or \u{NNNN}, and kept as escapes where the form has them. */
#ifndef TM_BASE_ESCAPE_H
#define TM_BASE_ESCAPE_H

#include <stdbool.h>
#include <stdio.h>

typedef void tm_escape(FILE *out, const char *text);

tm_escape tm_put_safe;            /* a terminal or a log */
tm_escape tm_put_xml;             /* text and quoted attributes of XML and HTML */
tm_escape tm_put_json;            /* a JSON string with its quotes; also safe inside <script> */
tm_escape tm_put_markdown;        /* inline text or a table's cell */
tm_escape tm_put_csv;             /* a field, quoted where it has to be; the bytes as they are */
tm_escape tm_put_github_data;     /* the message of a workflow command */
tm_escape tm_put_github_property; /* a property of one */
tm_escape tm_put_label;           /* an OpenMetrics label's value, without its quotes */

/* Does tm_put_safe write the text as it is? */
bool tm_is_safe(const char *text);

char *tm_safe_text(const char *text); /* as tm_put_safe puts it, to be freed; NULL: no memory */

/* The shortest decimal that reads back as the same double; JSON's null for what is not finite. */
void tm_put_number(FILE *out, double value);

#endif
