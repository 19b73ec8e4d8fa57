/* One pass over the line, which copies what words hold behind the array of their addresses: both are one piece of memory, whose
 * size the line's length bounds. */
#include "record/command/words.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Where the pass is. */
struct split {
    const char *at; /* the next character */
    char *to;       /* where the next one of a word goes */
    char **words;
    size_t n;
    bool in_word;
};

static const char BLANKS[] = " \t\n";

/* The character belongs to a word, which it may begin. */
static void put(struct split *s, char c)
{
    if (!s->in_word)
        s->words[s->n++] = s->to;
    s->in_word = true;
    *s->to++ = c;
}

/* An empty pair of quotes is a word too. */
static void begin_word(struct split *s)
{
    if (!s->in_word)
        s->words[s->n++] = s->to;
    s->in_word = true;
}

static void end_word(struct split *s)
{
    if (s->in_word)
        *s->to++ = '\0';
    s->in_word = false;
}

/* Behind a single quote, up to the next one. */
static enum tm_words_result take_single(struct split *s)
{
    const char *end = strchr(s->at, '\'');
    if (!end)
        return TM_WORDS_OPEN;
    begin_word(s);
    memcpy(s->to, s->at, (size_t)(end - s->at));
    s->to += end - s->at;
    s->at = end + 1;
    return TM_WORDS_TAKEN;
}

/* Behind a double quote. A backslash stands for itself where it hides nothing. */
static enum tm_words_result take_double(struct split *s)
{
    begin_word(s);
    for (; *s->at && *s->at != '"'; s->at++) {
        if (*s->at == '$' || *s->at == '`')
            return TM_WORDS_SPECIAL;
        if (*s->at == '\\' && s->at[1] == '\n') {
            s->at++; /* a line that goes on */
            continue;
        }
        if (*s->at == '\\' && s->at[1] && strchr("\"\\$`", s->at[1]))
            s->at++;
        put(s, *s->at);
    }
    if (!*s->at)
        return TM_WORDS_OPEN;
    s->at++;
    return TM_WORDS_TAKEN;
}

static enum tm_words_result take_escaped(struct split *s)
{
    if (!*s->at)
        return TM_WORDS_OPEN;
    if (*s->at != '\n') /* a line that goes on */
        put(s, *s->at);
    s->at++;
    return TM_WORDS_TAKEN;
}

/* The next character that is not in quotes, and what it begins. */
static enum tm_words_result take(struct split *s)
{
    char c = *s->at++;
    if (strchr(BLANKS, c)) {
        end_word(s);
        return TM_WORDS_TAKEN;
    }
    if (c == '\'')
        return take_single(s);
    if (c == '"')
        return take_double(s);
    if (c == '\\')
        return take_escaped(s);
    if (strchr("$`|&;<>()*?[", c) || (!s->in_word && strchr("#~", c))) {
        s->at--;
        return TM_WORDS_SPECIAL;
    }
    put(s, c);
    return TM_WORDS_TAKEN;
}

enum tm_words_result tm_words_split(const char *line, char ***words, size_t *n, size_t *at)
{
    /* A word has a character or two quotes at least, and a blank before the next: so many addresses are enough, and the texts with
     * their ends are no longer than the line and its end. */
    size_t length = strlen(line), most = length / 2 + 2;
    enum tm_words_result result = TM_WORDS_TAKEN;
    char **room = malloc(most * sizeof *room + length + 1);
    if (!room)
        return TM_WORDS_NO_MEMORY;
    struct split s = {.at = line, .to = (char *)(room + most), .words = room};
    while (*s.at && result == TM_WORDS_TAKEN) {
        const char *begin = s.at;
        result = take(&s);
        *at = (size_t)((result == TM_WORDS_OPEN ? begin : s.at) - line);
    }
    end_word(&s);
    s.words[s.n] = NULL;
    if (result != TM_WORDS_TAKEN) {
        free(room);
        return result;
    }
    *words = room;
    *n = s.n;
    return TM_WORDS_TAKEN;
}
