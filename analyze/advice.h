/* Which budget and which least change suit a store, told from what became of its alarms. An alarm that closes by itself within a
 * few runs was most likely no regression; one that lasted, or that somebody decided about, most likely was. */
#ifndef TM_ANALYZE_ADVICE_H
#define TM_ANALYZE_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* further runs of its series in which an alarm closes by itself: it is gone within 3, and the detector needs 3 of the old level
     * to call it so */
    TM_CLOSES_WITHIN = 6,
    TM_ADVICE_LEAST = 5 /* alarms, seen or allowed by the budget: of fewer, one more or less would be another advice */
};

enum tm_fate { TM_FATE_LASTED, TM_FATE_CLOSED, TM_FATE_DECIDED, TM_FATE_YOUNG }; /* young: too few runs since to tell */

struct tm_alarm_fate {
    enum tm_fate fate;
    double effect; /* a share; NAN: an amount, or of the whole run */
};

/* Has enough been seen to recommend anything? Either TM_ADVICE_LEAST alarms closed by themselves, or there were so many judgements
 * that the budget (false alarms per 1000) allows TM_ADVICE_LEAST alarms. */
bool tm_enough_to_advise(int64_t judged, int64_t closed, double budget);

/* The largest below a budget of those that are recommended: 0.05, 0.1, 0.2, 0.5, 1, 2 and 5; 0: there is none. A larger one is
 * never recommended: alarms that close by themselves are the surest of the false ones, not all of them. */
double tm_lower_budget(double budget);

/* What a least change (min-effect, a share) would have held back. */
struct tm_held_back {
    size_t closed, of_closed; /* of the alarms that closed by themselves */
    size_t others, of_others; /* of those that lasted or were decided */
};
void tm_hold_back(const struct tm_alarm_fate *fates, size_t n, double share, struct tm_held_back *held);

/* The smallest of 7.5, 10, 15, 20, 30 and 50 % that would have held back more than half of the alarms that closed by themselves and
 * at most a tenth of the others; 0: none would, or fewer than TM_ADVICE_LEAST closed by themselves. */
double tm_advised_min_effect(const struct tm_alarm_fate *fates, size_t n);

#endif
