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

static bool begins(const char *line, const char *word, const char *behind)
{
    size_t size = strlen(word);
    return strncmp(line, word, size) == 0 && strncmp(line + size, behind, strlen(behind)) == 0;
}

/* A word that is none has no colour. */
static struct paint outcome_of(const char *line)
{
    for (size_t i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (begins(line, outcomes[i].word, outcomes[i].behind))
            return outcomes[i];
    return (struct paint){"", "", ""};
}

/* What fails is red, whatever its class is called. */
static struct paint class_of(const char *line)
{
    for (int class = TM_IMPROVED; class <= TM_REGRESSED; class ++) {
        const char *word = tm_class_name((enum tm_class) class);
        if (class != TM_RETIRED && begins(line, word, " "))
            return (struct paint){word, " ", class == TM_IMPROVED ? GREEN : class < TM_OVER_LIMIT ? YELLOW : RED};
    }
    return (struct paint){"", "", ""};
}

/* The first line is the outcome: all of it is bold. */
static void put_line(FILE *out, const char *line, bool first)
{
    struct paint paint = first ? outcome_of(line) : class_of(line);
    size_t size = strlen(paint.word);
    fputs(first ? BOLD : "", out);
    if (size > 0)
        fprintf(out, "%s%s" PLAIN "%s", paint.colour, paint.word, first ? BOLD : "");
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
