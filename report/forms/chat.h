/* What the forms for chats share: JSON that holds one text after the other, up to a size. */
#ifndef TM_REPORT_FORMS_CHAT_H
#define TM_REPORT_FORMS_CHAT_H

#include <stdio.h>

#include "report/news.h"

/* Writes one block of a message for a text. */
typedef void tm_chat_block(FILE *out, const char *text);

struct tm_chat {
    size_t items, bytes; /* most of them, and of what they come to */
    tm_chat_block *put;
};

/* The items, "regressed: ..." each, as far as there is room, a comma before each; how many more there are, and the tally. 0, or -1:
 * no memory. */
int tm_chat_items(FILE *out, const struct tm_news *news, const struct tm_chat *chat);

#endif
