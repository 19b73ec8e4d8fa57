/* A line as words. Words that are put into quotes again are the same words. */
#include <stdlib.h>
#include <string.h>

#include "record/command/words.h"
#include "tests/fuzz/fuzz.h"

/* 'word', for each. */
static char *quote(char *const *words, size_t n)
{
    size_t size = 1;
    for (size_t i = 0; i < n; i++)
        size += 4 * strlen(words[i]) + 3;
    char *line = malloc(size), *to = line;
    for (size_t i = 0; line && i < n; i++) {
        *to++ = '\'';
        for (const char *at = words[i]; *at; at++)
            to = *at == '\'' ? stpcpy(to, "'\\''") : (*to = *at, to + 1);
        to = stpcpy(to, "' ");
    }
    if (line)
        *to = '\0';
    return line;
}

void tm_fuzz_words(const uint8_t *bytes, size_t size)
{
    char **words, **again, *line = malloc(size + 1);
    size_t n, n_again, at = 0;
    if (!line)
        return;
    memcpy(line, bytes, size);
    line[size] = '\0';
    enum tm_words_result result = tm_words_split(line, &words, &n, &at);
    if (result == TM_WORDS_TAKEN) {
        char *quoted = quote(words, n);
        if (!quoted || tm_words_split(quoted, &again, &n_again, &at) != TM_WORDS_TAKEN || n_again != n || words[n])
            abort();
        for (size_t i = 0; i < n; i++)
            if (strcmp(words[i], again[i]) != 0)
                abort();
        free(again);
        free(words);
        free(quoted);
    } else if (at >= strlen(line)) {
        abort();
    }
    free(line);
}
