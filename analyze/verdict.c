/* Verdicts are kept in one array by the judgement that they belong to: by index, since the array
 * moves while a night is judged. */
#include "analyze/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* In the order of enum tm_class; stored and printed, so these words stay. */
static const char *const class_names[] = {"pass",    "not judged", "improved", "retired",  "waived",
                                          "suspect", "missing",    "open",     "regressed"};

const char *tm_class_name(enum tm_class class)
{
    return class_names[class];
}

/* From the store: a word that is no class is damage, or of a newer version. */
int tm_class_named(const char *name)
{
    for (int class = TM_PASS; class <= TM_REGRESSED; class ++)
        if (strcmp(class_names[class], name) == 0)
            return class;
    return -1;
}

/* Stored and printed, so these words stay. */
const char *tm_signal_name(enum tm_signal signal)
{
    static const char *const names[] = {"", "waiting", "blocking", "compute", "tight loop", "failing fast", "leak", "memory spike"};
    return names[signal];
}

/* NAN, not 0: a number that nobody filled in must not read as a measurement, in a report or in
 * the store. */
struct tm_verdict *tm_judgement_add(struct tm_judgement *judgement, int64_t plugin_id, const char *plugin, int metric)
{
    if (tm_array_reserve(&judgement->verdicts, &judgement->room, judgement->n_verdicts + 1, sizeof *judgement->verdicts) != 0)
        return NULL;
    struct tm_verdict *verdict = &judgement->verdicts[judgement->n_verdicts++];
    *verdict = (struct tm_verdict){.plugin_id = plugin_id,
                                   .plugin = plugin,
                                   .metric = metric,
                                   .value = NAN,
                                   .corrected = NAN,
                                   .baseline = NAN,
                                   .effect = NAN,
                                   .evidence = NAN,
                                   .needed = NAN,
                                   .z_history = NAN,
                                   .pct_history = NAN,
                                   .z_population = NAN,
                                   .pct_population = NAN};
    return verdict;
}

void tm_judgement_free(struct tm_judgement *judgement)
{
    free(judgement->verdicts);
    free(judgement->ends);
    *judgement = (struct tm_judgement){0};
}
