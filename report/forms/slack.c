/* What is new, as the payload of an incoming webhook of Slack: blocks of plain text, in which nothing is markup and no :word:
 * becomes a picture. */
#include "base/escape.h"
#include "report/forms/chat.h"
#include "report/forms/forms.h"

enum {
    ITEMS = 40,     /* Slack takes 50 blocks, and there are a heading, a tally, and what has no room */
    BYTES = 100000, /* 40 items come to less: a block may have 3000 characters, and an item has 400, each of five at most */
};

static void put_block(FILE *out, const char *text)
{
    fputs("    {\"type\": \"section\", \"text\": {\"type\": \"plain_text\", \"emoji\": false, \"text\": ", out);
    tm_put_slack(out, text);
    fputs("}}", out);
}

/* The text before the blocks is what a notification shows. */
int tm_write_slack(FILE *out, const struct tm_report *report)
{
    static const struct tm_chat chat = {ITEMS, BYTES, put_block};
    struct tm_news news;
    int result = tm_news_find(report, &news);
    if (result == 0 && news.n > 0) {
        fputs("{\n  \"text\": ", out);
        tm_put_slack(out, news.about);
        fputs(",\n  \"mrkdwn\": false,\n  \"blocks\": [\n", out);
        put_block(out, news.about);
        result = tm_chat_items(out, &news, &chat);
        fputs("\n  ]\n}\n", out);
    }
    tm_news_free(&news);
    return result;
}
