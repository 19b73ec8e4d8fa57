/* The exit rule. Nothing else in the program decides whether a run passes: the gate's exit code,
 * the page and the library's result ask here, so that none of them can be kinder than another. */
#include "analyze/outcome.h"

#include <string.h>

enum tm_gate_exit tm_outcome(const struct tm_tally *tally, const struct tm_strictness *strictness)
{
    bool worse =
        tally->run_wide || tally->of[TM_REGRESSED] || tally->of[TM_OPEN] || tally->of[TM_MISSING] || tally->of[TM_OVER_LIMIT];
    /* A run without any plugin fails: an empty file is a broken pipeline, not a quiet night. */
    if (worse || (strictness->strict && (tally->of[TM_SUSPECT] || tally->slow)) || tally->plugins == 0)
        return TM_GATE_FAIL;
    /* Nothing judged is no pass either, unless the user expects that of a new project. A metric that is new to all plugins, or was
     * accepted for all, leaves the others judged. */
    return tally->judged + tally->partly == 0 && !strictness->allow_unjudged ? TM_GATE_UNJUDGED : TM_GATE_PASS;
}

const char *tm_outcome_name(enum tm_gate_exit exit)
{
    static const char *const names[] = {"pass", "fail", "trouble", "not judged"};
    return names[exit];
}

/* The judge stores what it found; whether one extreme night fails is the user's choice, and may
 * change without judging anew. */
enum tm_class tm_reported_class(enum tm_class class, const char *kind, const struct tm_strictness *strictness)
{
    return strictness->extreme_fails && kind && strcmp(kind, "extreme") == 0 ? TM_REGRESSED : class;
}

void tm_tally_reason(struct tm_tally *tally, const char *why)
{
    size_t i = 0;
    while (i < tally->n_reasons && strcmp(tally->reasons[i].why, why) != 0)
        i++;
    if (i == TM_REASONS_MOST)
        return;
    if (i == tally->n_reasons)
        tally->reasons[tally->n_reasons++] = (struct tm_tally_reason){why, 0};
    tally->reasons[i].plugins++;
}
