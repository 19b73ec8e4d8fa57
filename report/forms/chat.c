/* Messages in a chat have a greatest size, beyond which the whole message is refused. The worst come first, so what has no room is
 * the mildest, and is counted. */
#include "report/forms/chat.h"

#include <stdlib.h>

#include "base/builder.h"

/* A block as a text of its own, so that its size is known before it is in the message. NULL: no memory. */
static char *block_of(const struct tm_chat *chat, const char *text, size_t *size)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return NULL;
    fputs(",\n", builder.out);
    chat->put(builder.out, text);
    char *block = tm_built(&builder);
    *size = builder.size;
    return block;
}

/* 1: it is written; 0: it found no room; -1: no memory. */
static int try_item(FILE *out, const struct tm_chat *chat, const struct tm_news_item *item, size_t *room)
{
    char *text = NULL;
    size_t size = 0;
    if (asprintf(&text, "%s: %s", item->word, item->text) < 0)
        return -1;
    char *block = block_of(chat, text, &size);
    free(text);
    if (!block)
        return -1;
    bool fits = size <= *room;
    if (fits) {
        fputs(block, out);
        *room -= size;
    }
    free(block);
    return fits;
}

int tm_chat_items(FILE *out, const struct tm_news *news, const struct tm_chat *chat)
{
    char more[80]; /* a count of 20 digits and words */
    size_t room = chat->bytes, at = 0;
    int result = 1;
    while (at < news->n && at < chat->items && (result = try_item(out, chat, &news->items[at], &room)) == 1)
        at++;
    if (at < news->n) {
        snprintf(more, sizeof more, "and %zu more; 'tidemark gate' lists them all", news->n - at);
        fputs(",\n", out);
        chat->put(out, more);
    }
    fputs(",\n", out);
    chat->put(out, news->tally);
    return result < 0 ? -1 : 0;
}
