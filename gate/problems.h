/* What keeps something from working as it should: a list, and with what each is mended. */
#ifndef TM_GATE_PROBLEMS_H
#define TM_GATE_PROBLEMS_H

#include <stdbool.h>
#include <stddef.h>

enum tm_problem_severity { TM_NOTE, TM_WARNING, TM_TROUBLE, TM_SEVERITIES };

const char *tm_severity_name(enum tm_problem_severity severity);

struct tm_problem {
    enum tm_problem_severity severity;
    const char *check; /* the name of the check that has found it */
    char *text, *mend; /* what is the matter, and the command or the line of configuration that mends it; raw: they hold names */
};

/* {0} is an empty one. */
struct tm_problems {
    struct tm_problem *list;
    size_t n;
    const char *check; /* the one that looks now */
    bool failed;       /* no memory: the list is not all */
};

/* Adds one. mend is a text of ours in which %s stands for `name`, if that is not NULL: a name that a shell would take for more than
 * one word, or for an option, is left out for `placeholder`. */
void tm_problem_add(struct tm_problems *problems, enum tm_problem_severity severity, const char *mend, const char *name,
                    const char *placeholder, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* The worst first; those of one severity stay as they were found. */
void tm_problems_sort(struct tm_problems *problems);
void tm_problems_free(struct tm_problems *problems);

#endif
