/* What is new, as an Adaptive Card in the message that a workflow of Teams takes from a webhook. Texts stand in runs of rich text:
 * in these, unlike in blocks of text, nothing is Markdown. */
#include <string.h>

#include "base/escape.h"
#include "report/forms/chat.h"
#include "report/forms/forms.h"

enum {
    ITEMS = 40,
    BYTES = 22000, /* of items: Teams takes 28 KB in all, and the frame, the heading and what has no room come to some 4 */
};

/* "{{DATE(...)}}" is put into words by some that show cards: two braces never stand in one run. */
static void put_runs(FILE *out, const char *text, const char *how)
{
    fputs("{\"type\": \"RichTextBlock\", \"inlines\": [", out);
    do {
        const char *braces = strstr(text, "{{");
        size_t size = braces ? (size_t)(braces + 1 - text) : strlen(text);
        fprintf(out, "{\"type\": \"TextRun\"%s, \"text\": ", how);
        tm_put_json_text(out, text, size);
        text += size;
        fputs(*text ? "}, " : "}", out);
    } while (*text);
    fputs("]}", out);
}

static void put_block(FILE *out, const char *text)
{
    fputs("        ", out);
    put_runs(out, text, "");
}

int tm_write_teams(FILE *out, const struct tm_report *report)
{
    static const struct tm_chat chat = {ITEMS, BYTES, put_block};
    struct tm_news news;
    int result = tm_news_find(report, &news);
    if (result == 0 && news.n > 0) {
        fputs("{\n  \"type\": \"message\",\n  \"attachments\": [{\n    \"contentType\": "
              "\"application/vnd.microsoft.card.adaptive\",\n"
              "    \"contentUrl\": null,\n    \"content\": {\n"
              "      \"$schema\": \"http://adaptivecards.io/schemas/adaptive-card.json\",\n      \"type\": \"AdaptiveCard\",\n"
              "      \"version\": \"1.4\",\n      \"msteams\": {\"width\": \"Full\"},\n      \"body\": [\n        ",
              out);
        put_runs(out, news.about, ", \"weight\": \"Bolder\"");
        result = tm_chat_items(out, &news, &chat);
        fputs("\n      ]\n    }\n  }]\n}\n", out);
    }
    tm_news_free(&news);
    return result;
}
