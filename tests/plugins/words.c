/* Counts words, and how many in all: a plugin that holds something between its calls. */
#include <ctype.h>
#include <stdlib.h>

int count_words(void *context, const void *input, void *output);
int count_words_open(void **context);
void count_words_close(void *context);

const char count_words_version[] = "0.3";

int count_words_open(void **context)
{
    *context = calloc(1, sizeof(long));
    return *context ? 0 : 1;
}

void count_words_close(void *context)
{
    free(context);
}

/* input: text; output: long[2], the words in it and those in all texts so far. */
int count_words(void *context, const void *input, void *output)
{
    long *total = context, *counts = output, words = 0;
    int inside = 0;
    for (const char *at = input; *at; at++) {
        int letter = !isspace((unsigned char)*at);
        words += letter && !inside;
        inside = letter;
    }
    *total += words;
    counts[0] = words;
    counts[1] = *total;
    return 0;
}
