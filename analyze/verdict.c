/* Verdicts are kept in one array by the judgement that they belong to: by index, since the array
 * moves while a night is judged. */
#include "analyze/verdict.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

/* In the order of enum tm_class; stored and printed, so these words stay. */
static const char *const class_names[] = {"pass",    "not judged", "improved", "retired", "waived",
                                          "suspect", "over limit", "missing",  "open",    "regressed"};

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

/* Of 1,260 suspects on the public histories 371 were the beginning of a change. */
static const double REAL_SUSPECTS = 0.29;

double tm_verdict_probability(enum tm_class class, double evidence)
{
    if (class == TM_SUSPECT)
        return REAL_SUSPECTS;
    if ((class != TM_REGRESSED && class != TM_IMPROVED) || !(evidence > 0))
        return NAN;
    /* Fitted to 637 alarms at a budget of 2. */
    return 1 / (1 + exp(0.52 - 1.65 * log1p(evidence)));
}

/* Stored and printed, so these words stay. */
const char *tm_signal_name(enum tm_signal signal)
{
    static const char *const names[] = {"", "waiting", "blocking", "compute", "tight loop", "failing fast", "leak", "memory spike"};
    return names[signal];
}

enum { COUNTED = 10 }; /* repeats that are told by their number: more are rarely made */

/* Texts that are stored and read again, so none is made at run time. */
const char *tm_confirmed_words(int more)
{
    static const char *const words[COUNTED] = {"confirmed by 1 more measurement",  "confirmed by 2 more measurements",
                                               "confirmed by 3 more measurements", "confirmed by 4 more measurements",
                                               "confirmed by 5 more measurements", "confirmed by 6 more measurements",
                                               "confirmed by 7 more measurements", "confirmed by 8 more measurements",
                                               "confirmed by 9 more measurements", "confirmed by 10 more measurements"};
    return more <= COUNTED ? words[more - 1] : "confirmed by more than 10 more measurements";
}

const char *tm_not_confirmed_words(int more)
{
#define NOT_CONFIRMED(measurements) "not confirmed: with " measurements " it is within its usual range"
    static const char *const words[COUNTED] = {NOT_CONFIRMED("1 more measurement"),  NOT_CONFIRMED("2 more measurements"),
                                               NOT_CONFIRMED("3 more measurements"), NOT_CONFIRMED("4 more measurements"),
                                               NOT_CONFIRMED("5 more measurements"), NOT_CONFIRMED("6 more measurements"),
                                               NOT_CONFIRMED("7 more measurements"), NOT_CONFIRMED("8 more measurements"),
                                               NOT_CONFIRMED("9 more measurements"), NOT_CONFIRMED("10 more measurements")};
    return more <= COUNTED ? words[more - 1] : NOT_CONFIRMED("more than 10 more measurements");
#undef NOT_CONFIRMED
}

/* More metrics than a project has. */
enum { METRIC_BITS = 20 };

uint64_t tm_verdict_series(const struct tm_verdict *verdict)
{
    return tm_hash_integer((int64_t)(((uint64_t)verdict->plugin_id << METRIC_BITS) + (uint64_t)(int64_t)verdict->metric));
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
                                   .pct_population = NAN,
                                   .allowed = NAN};
    return verdict;
}

bool tm_is_young(const struct tm_verdict *verdict)
{
    return verdict->class == TM_NOT_JUDGED && verdict->why && strcmp(verdict->why, TM_TOO_FEW_RUNS) == 0;
}

void tm_judgement_free(struct tm_judgement *judgement)
{
    free(judgement->young);
    free(judgement->verdicts);
    free(judgement->ends);
    free(judgement->factors);
    *judgement = (struct tm_judgement){0};
}
