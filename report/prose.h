/* Sentences with names in them, in Markdown that a merge request or a step summary shows. */
#ifndef TM_REPORT_PROSE_H
#define TM_REPORT_PROSE_H

#include <stdio.h>

/* As tm_put_markdown, and no name calls a person or links an issue. 0, or -1: no memory. */
int tm_put_prose(FILE *out, const char *text);

#endif
