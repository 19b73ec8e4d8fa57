/* Names of columns. The unit stands before the metric's name, so that the name needs no quoting: it is the rest. */
#include "schema/columns.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static const char BEGIN[] = "metric[", BETTER[] = "better=", UNIT[] = "unit=", END[] = "] ";
static const char LATE[] = " better="; /* behind a unit, of which it is no part: somebody has taken the wrong order */
static const char *const directions[] = {"lower", "higher", TM_BETTER_BOTH};

static const struct {
    const char *name;
    size_t at; /* in struct tm_run */
} slots[TM_RUN_SLOTS] = {
    [TM_RUN_PROJECT] = {"project", offsetof(struct tm_run, project)},
    [TM_RUN_KEY] = {"run", offsetof(struct tm_run, key)},
    [TM_RUN_STARTED_AT] = {"started_at", 0},
    [TM_RUN_BRANCH] = {"branch", offsetof(struct tm_run, branch)},
    [TM_RUN_COMMIT] = {"commit", offsetof(struct tm_run, commit_id)},
    [TM_RUN_HOST] = {"host", offsetof(struct tm_run, host)},
    [TM_RUN_VERSION] = {"version", offsetof(struct tm_run, version)},
    [TM_RUN_TOOL] = {"tool", offsetof(struct tm_run, tool)},
    [TM_RUN_REPEAT_OF] = {"repeat_of", offsetof(struct tm_run, repeat_of)},
};

const char *tm_run_slot_name(enum tm_run_slot slot)
{
    return slots[slot].name;
}

const char *tm_run_slot_text(enum tm_run_slot slot, const struct tm_run *run)
{
    return *(const char *const *)((const char *)run + slots[slot].at);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

char *tm_metric_column(const char *name, const char *unit, const char *better)
{
    size_t room = sizeof BEGIN + sizeof BETTER + sizeof UNIT + sizeof END + strlen(name) + (unit ? 2 * strlen(unit) : 0) +
                  (better ? strlen(better) + 1 : 0);
    char *text = malloc(room), *at = text;
    if (!text)
        return NULL;
    at = stpcpy(at, BEGIN);
    if (better)
        at = stpcpy(stpcpy(at, BETTER), better);
    if (unit) {
        at = stpcpy(stpcpy(at, better ? " " : ""), UNIT);
        for (; *unit; *at++ = *unit++)
            if (*unit == ']' || *unit == '\\' || begins(unit, LATE))
                *at++ = '\\';
    }
    stpcpy(stpcpy(at, END), name);
    return text;
}

/* Moves over a direction; NULL: there is none that is known. */
static const char *read_better(char **at)
{
    for (size_t i = 0; i < sizeof directions / sizeof *directions; i++)
        if (begins(*at, directions[i])) {
            *at += strlen(directions[i]);
            return directions[i];
        }
    return NULL;
}

/* Moves to the ']' behind a unit, and ends the unit there. False: that is not what comes. */
static bool read_unit(char **at)
{
    char *to = *at;
    while (**at && **at != ']' && !begins(*at, LATE)) {
        *at += **at == '\\' && (*at)[1] ? 1 : 0;
        *to++ = *(*at)++;
    }
    bool ended = **at == ']';
    *to = '\0'; /* which may be where the ']' was */
    return ended;
}

int tm_metric_column_read(char *text, struct tm_reading *metric)
{
    *metric = (struct tm_reading){.value = NAN};
    if (!begins(text, BEGIN))
        return 0;
    char *at = text + strlen(BEGIN);
    if (begins(at, BETTER)) {
        at += strlen(BETTER);
        metric->better = read_better(&at);
        if (!metric->better || !(*at == ']' || begins(at, " unit=")))
            return -1;
        at += *at == ' ';
    }
    if (begins(at, UNIT)) {
        at += strlen(UNIT);
        metric->unit = at;
        if (!read_unit(&at))
            return -1;
    } else if (*at != ']') {
        return -1;
    }
    metric->metric = at + 2;
    return at[1] == ' ' && at[2] ? 1 : -1;
}
