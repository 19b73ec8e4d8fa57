/* The text form with colours, for a terminal: the same lines, in which the outcome and the word for a verdict's class have theirs.
 * No name can stand where such a word does, nor hold an escape sequence: the plain form sees to that. */
#include <stdlib.h>
#include <string.h>

#include "base/builder.h"
#include "report/forms/forms.h"

#define RED    "\033[31m"
#define GREEN  "\033[32m"
#define YELLOW "\033[33m"
#define BOLD   "\033[1m"
#define PLAIN  "\033[0m"

/* A word that begins a line, with what follows it there; so that 'open' is no beginning of another word. */
struct paint {
    const char *word, *behind, *colour;
};

static const struct paint outcomes[] = {{"PASS", "  ", GREEN}, {"FAIL", "  ", RED}, {"NOT JUDGED", "  ", YELLOW}};
static const struct paint classes[] = {{"regressed", " ", RED},  {"open", " ", RED},      {"missing", " ", RED},
                                       {"suspect", " ", YELLOW}, {"waived", " ", YELLOW}, {"improved", " ", GREEN}};

static const struct paint *find(const struct paint *rows, size_t n, const char *line)
{
    for (size_t i = 0; i < n; i++) {
        size_t size = strlen(rows[i].word);
        if (strncmp(line, rows[i].word, size) == 0 && strncmp(line + size, rows[i].behind, strlen(rows[i].behind)) == 0)
            return &rows[i];
    }
    return NULL;
}

/* The first line is the outcome: all of it is bold. */
static void put_line(FILE *out, const char *line, bool first)
{
    const struct paint *paint =
        first ? find(outcomes, sizeof outcomes / sizeof *outcomes, line) : find(classes, sizeof classes / sizeof *classes, line);
    size_t size = paint ? strlen(paint->word) : 0;
    fputs(first ? BOLD : "", out);
    if (paint)
        fprintf(out, "%s%s" PLAIN "%s", paint->colour, paint->word, first ? BOLD : "");
    fprintf(out, "%s%s\n", line + size, first ? PLAIN : "");
}

int tm_write_coloured(FILE *out, const struct tm_report *report)
{
    struct tm_builder builder;
    int result = tm_build(&builder) ? tm_write_text(builder.out, report) : -1;
    char *text = tm_built(&builder);
    if (!text || result != 0) {
        free(text);
        return -1;
    }
    for (char *line = text, *end; (end = strchr(line, '\n')); line = end + 1) {
        *end = '\0';
        put_line(out, line, line == text);
    }
    free(text);
    return 0;
}

const struct tm_form tm_coloured_text = {"text", false, NULL, tm_write_coloured, NULL};
