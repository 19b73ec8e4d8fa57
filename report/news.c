/* One list for all forms that tell only what is new, so that no chat hears of what another one does not. Whoever is told every
 * night of the same twenty plugins stops to read; so an event is told on its night alone, and by one of its verdicts. */
#include "report/news.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/builder.h"
#include "base/text.h"
#include "report/notes.h"
#include "report/verdict_fields.h"
#include "report/words.h"

/* Bytes of the first so many characters of a text that is UTF-8. */
static size_t bytes_of(const char *text, size_t characters)
{
    size_t left = strlen(text), all = left;
    while (characters-- > 0 && left > 0) {
        uint32_t code;
        size_t size = tm_utf8_character(text + (all - left), left, &code);
        left -= size > 0 ? size : 1;
    }
    return all - left;
}

/* Takes a text that somebody has just made, and makes it inert and short. NULL: no memory. */
static char *made_safe(char *text)
{
    char *safe = text ? tm_safe_text(text) : NULL, *cut = NULL;
    free(text);
    if (!safe || !safe[bytes_of(safe, TM_NEWS_CHARACTERS)])
        return safe;
    if (asprintf(&cut, "%.*s\u2026", (int)bytes_of(safe, TM_NEWS_CHARACTERS - 1), safe) < 0)
        cut = NULL;
    free(safe);
    return cut;
}

/* Takes the text. 0, or -1: there is none, or no memory. */
static int add_item(struct tm_news *news, const char *word, char *text)
{
    char *safe = made_safe(text);
    struct tm_news_item *item = safe ? tm_array_add(&news->items, &news->n, sizeof *item) : NULL;
    if (!item) {
        free(safe);
        return -1;
    }
    *item = (struct tm_news_item){word, safe};
    return 0;
}

/* A verdict's sentence, or its event's; with the commits to search. NULL: no memory. */
static char *text_of(const struct tm_report *report, const struct tm_report_verdict *v)
{
    struct tm_builder builder;
    char *sentence = v->group || v->moved_with ? tm_event_text(report, v) : tm_verdict_sentence(report, v);
    if (!tm_build(&builder)) {
        free(sentence);
        return NULL;
    }
    if (sentence)
        fputs(sentence, builder.out);
    tm_put_commits(builder.out, ", commits ", tm_verdict_commits(v));
    char *text = tm_built(&builder);
    if (!sentence) {
        free(text);
        text = NULL;
    }
    free(sentence);
    return text;
}

/* A missing plugin counts the runs without it, from 1. */
static bool is_new(const struct tm_report *report, const struct tm_report_verdict *v)
{
    if (!tm_verdict_speaks(v))
        return false;
    if (v->class == TM_OVER_LIMIT)
        return !v->before_too;
    return v->class == TM_REGRESSED || (v->class == TM_MISSING && v->runs <= 1) || (v->class == TM_SUSPECT && report->strict);
}

/* told: of each group, whether one of its members has spoken. */
static int add_verdicts(const struct tm_report *report, struct tm_news *news, bool *told)
{
    int result = 0;
    for (size_t i = 0; i < report->n_verdicts && result == 0; i++) {
        const struct tm_report_verdict *v = report->by_weight[i];
        if (!is_new(report, v) || (v->group && told[v->group - 1]))
            continue;
        if (v->group)
            told[v->group - 1] = true;
        result = add_item(news, tm_class_name(v->class), text_of(report, v));
    }
    return result;
}

static int add_run(const struct tm_report *report, struct tm_news *news)
{
    if (report->tally.plugins == 0)
        return add_item(news, "empty run", strdup(TM_EMPTY_RUN));
    return tm_fails_as_slow(report) ? add_item(news, "slow run", strdup(TM_SLOW_RUN)) : 0;
}

static int add_ends(const struct tm_report *report, struct tm_news *news)
{
    int result = 0;
    for (size_t i = 0; i < tm_notes(report) && result == 0; i++)
        if (tm_note_is_wanted(report, i, TM_NOTES_OF_ENDS))
            result = add_item(news, tm_note_word(report, i), tm_note_text(report, i));
    return result;
}

static char *about(const struct tm_report *report, const struct tm_news *news)
{
    struct tm_builder builder;
    if (!tm_build(&builder))
        return NULL;
    tm_put_outcome(builder.out, report);
    if (news->bad > 0)
        fprintf(builder.out, ", %zu new", news->bad);
    if (news->n > news->bad)
        fprintf(builder.out, ", %zu closed", news->n - news->bad);
    fprintf(builder.out, ": run %s on %s", report->run->key, report->branch);
    if (report->project)
        fprintf(builder.out, " of %s", report->project);
    return made_safe(tm_built(&builder));
}

int tm_news_find(const struct tm_report *report, struct tm_news *news)
{
    *news = (struct tm_news){NULL, 0, 0, NULL, NULL};
    bool *told = calloc(report->n_groups + 1, sizeof *told); /* + 1: calloc(0) may be NULL */
    int result = told ? add_run(report, news) : -1;
    if (result == 0)
        result = add_verdicts(report, news, told);
    free(told);
    news->bad = news->n;
    if (result == 0)
        result = add_ends(report, news);
    if (result != 0 || news->n == 0)
        return result;
    news->about = about(report, news);
    news->tally = made_safe(tm_tally_words(&report->tally));
    return news->about && news->tally ? 0 : -1;
}

void tm_news_free(struct tm_news *news)
{
    for (size_t i = 0; i < news->n; i++)
        free(news->items[i].text);
    free(news->items);
    free(news->about);
    free(news->tally);
    *news = (struct tm_news){NULL, 0, 0, NULL, NULL};
}
