/* A line as a shell's words, without a shell. */
#ifndef TM_RECORD_COMMAND_WORDS_H
#define TM_RECORD_COMMAND_WORDS_H

#include <stddef.h>

enum tm_words_result {
    TM_WORDS_TAKEN,
    TM_WORDS_NO_MEMORY,
    TM_WORDS_OPEN,    /* a quote that does not end, or a backslash with nothing behind it */
    TM_WORDS_SPECIAL, /* a character on which a shell would act */
};

/*
 * Words as POSIX has them (Shell Command Language, 2.2), as far as nothing is expanded:
 *
 *     blanks, tabs and line ends divide words      'text' is the text as it is, and a part of its word
 *     \c outside of quotes is c, of any c          "text" is the text, in which \" \\ \$ and \` are the second character
 *
 * A character on which a shell would act is refused, never taken for itself: outside of single quotes $ and `, outside of all
 * quotes | & ; < > ( ) * ? [ too, and # and ~ where a word begins. So a line that is taken means what it means to a shell.
 *
 * *words: the words and a NULL behind them, to be freed by one free(), *n of them; or *at: where in the line the trouble is.
 */
enum tm_words_result tm_words_split(const char *line, char ***words, size_t *n, size_t *at);

#endif
