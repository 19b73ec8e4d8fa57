/* What is new, in a few lines for a mail or a chat: the subject first. */
#include "report/forms/forms.h"
#include "report/news.h"

enum { ITEMS = 10 }; /* a screen of a phone */

/* What is said of an item has been made inert; the words before it are ours. */
int tm_write_text_short(FILE *out, const struct tm_report *report)
{
    struct tm_news news;
    int result = tm_news_find(report, &news);
    if (result == 0 && news.n > 0) {
        fprintf(out, "%s\n", news.about);
        for (size_t i = 0; i < news.n && i < ITEMS; i++)
            fprintf(out, "%-10s %s\n", news.items[i].word, news.items[i].text);
        if (news.n > ITEMS)
            fprintf(out, "and %zu more; 'tidemark gate' lists them all\n", news.n - ITEMS);
    }
    tm_news_free(&news);
    return result;
}
