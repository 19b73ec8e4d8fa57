/* Problems come one by one from whoever looks, and are told in the order of how much they matter. */
#include "gate/problems.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

const char *tm_severity_name(enum tm_problem_severity severity)
{
    static const char *const names[TM_SEVERITIES] = {[TM_NOTE] = "note", [TM_WARNING] = "warning", [TM_TROUBLE] = "trouble"};
    return names[severity];
}

/* One word to a shell as it stands, and no option. */
static bool is_word(const char *name)
{
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("._/:+@-", *at))
            return false;
    return *name && *name != '-';
}

/* `mend` with the name, or what stands for it, in the place of its %s. NULL: no memory. */
static char *fill(const char *mend, const char *name, const char *placeholder)
{
    const char *place = name ? strstr(mend, "%s") : NULL;
    char *filled;
    if (!place)
        return strdup(mend);
    return asprintf(&filled, "%.*s%s%s", (int)(place - mend), mend, is_word(name) ? name : placeholder, place + 2) < 0 ? NULL
                                                                                                                       : filled;
}

void tm_problem_add(struct tm_problems *problems, enum tm_problem_severity severity, const char *mend, const char *name,
                    const char *placeholder, const char *format, ...)
{
    va_list arguments;
    char *text = NULL, *command = fill(mend, name, placeholder);
    va_start(arguments, format);
    if (vasprintf(&text, format, arguments) < 0)
        text = NULL;
    va_end(arguments);
    struct tm_problem *problem = text && command ? tm_array_add(&problems->list, &problems->n, sizeof *problem) : NULL;
    if (problem) {
        *problem = (struct tm_problem){severity, problems->check, text, command};
        return;
    }
    problems->failed = true;
    free(text);
    free(command);
}

void tm_problems_sort(struct tm_problems *problems)
{
    for (size_t i = 1; i < problems->n; i++) {
        struct tm_problem problem = problems->list[i];
        size_t at = i;
        for (; at > 0 && problems->list[at - 1].severity < problem.severity; at--)
            problems->list[at] = problems->list[at - 1];
        problems->list[at] = problem;
    }
}

void tm_problems_free(struct tm_problems *problems)
{
    for (size_t i = 0; i < problems->n; i++) {
        free(problems->list[i].text);
        free(problems->list[i].mend);
    }
    free(problems->list);
    *problems = (struct tm_problems){.n = 0};
}
