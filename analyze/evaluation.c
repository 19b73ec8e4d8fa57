/* Alarms against the truth. Of one history everything follows from positions; two things span
 * several: an alarm of the whole run speaks only where it is right for at least half of the run's
 * plugins, and a change of a whole run is caught when it is caught in half of them. */
#include "analyze/evaluation.h"

#include <math.h>
#include <stdlib.h>

static const int EARLY = 2,
                 LATE = 12; /* runs around an event in which an alarm is about it, if too early or too late to catch it */
static const int CLOSE = 5; /* runs after an alarm in which another one is the same alarm */

/* ---- one alarm ---- */

static bool counts(const struct tm_history *history, int position)
{
    return position >= TM_EVALUATION_WARM_UP && position < history->runs - TM_EVALUATION_TAIL;
}

static bool is_between(int position, int first, int last)
{
    return first <= position && position <= last;
}

/* Does an alarm of that metric at that position catch the event? metric -1: of any. */
static bool catches(const struct tm_event *event, int position, int metric, int within)
{
    return event->kind != TM_EVENT_GRAY && event->start >= TM_EVALUATION_WARM_UP &&
           (event->metric < 0 || metric < 0 || event->metric == metric) && is_between(position, event->start, event->end + within);
}

/* HIT, GRAY, LATE or FALSE, in this order of what outranks what. */
static enum tm_alarm_worth worth_of(const struct tm_history *history, int position, int metric, int within)
{
    bool gray = false, late = false;
    for (size_t i = 0; i < history->n_events; i++) {
        const struct tm_event *event = &history->events[i];
        if (catches(event, position, metric, within))
            return TM_ALARM_HIT;
        gray = gray || (event->kind == TM_EVENT_GRAY && is_between(position, event->start, event->end));
        late = late || (event->kind != TM_EVENT_GRAY && is_between(position, event->start - EARLY, event->end + LATE));
    }
    return gray ? TM_ALARM_GRAY : late ? TM_ALARM_LATE : TM_ALARM_FALSE;
}

/* ---- alarms of whole runs ---- */

/* Of each alarm of a whole run: its plugins where something counts, and those for which it is right. */
struct reach {
    size_t members, right;
};

/* Fills in the worth of all alarms by themselves, and how far those of whole runs reach. */
static void weigh_alarms(const struct tm_history *histories, size_t n, int within, struct reach *reach)
{
    for (size_t h = 0; h < n; h++)
        for (size_t i = 0; i < histories[h].n_alarms; i++) {
            struct tm_alarm *alarm = &histories[h].alarms[i];
            alarm->worth = TM_ALARM_ASIDE;
            if (!counts(&histories[h], alarm->position))
                continue;
            alarm->worth = worth_of(&histories[h], alarm->position, alarm->metric, within);
            reach[alarm->whole_run].members++;
            reach[alarm->whole_run].right += alarm->worth == TM_ALARM_HIT;
        }
}

/* Where it is right for half, it speaks for those alone; where it is not, it is false for those
 * that did not change, and catches nothing. */
static bool speaks(const struct tm_alarm *alarm, const struct reach *reach)
{
    const struct reach *of = &reach[alarm->whole_run];
    if (alarm->worth == TM_ALARM_ASIDE || alarm->whole_run == 0)
        return alarm->worth != TM_ALARM_ASIDE;
    return alarm->worth == (2 * of->right >= of->members ? TM_ALARM_HIT : TM_ALARM_FALSE);
}

/* ---- one history ---- */

/* Alarms of one run are one alarm: the best of them says what it is worth, and the first of them
 * bears it if it is false. */
static void score_false(const struct tm_history *history, struct tm_score *score)
{
    int last = -CLOSE - 1;
    for (size_t i = 0, next; i < history->n_alarms; i = next) {
        struct tm_alarm *first = NULL;
        bool is_false = true;
        for (next = i; next < history->n_alarms && history->alarms[next].position == history->alarms[i].position; next++) {
            struct tm_alarm *alarm = &history->alarms[next];
            if (alarm->worth == TM_ALARM_ASIDE)
                continue;
            is_false = is_false && alarm->worth == TM_ALARM_FALSE;
            alarm->worth = alarm->worth == TM_ALARM_FALSE ? TM_ALARM_FOLLOWS : alarm->worth;
            first = first ? first : alarm;
        }
        if (!first)
            continue;
        if (is_false && first->position - last > CLOSE) {
            first->worth = TM_ALARM_FALSE;
            score->false_alarms++;
            score->short_events += first->event.over;
        }
        last = first->position;
    }
}

static size_t count_judged(const struct tm_history *history, int within)
{
    size_t judged = 0;
    for (int position = TM_EVALUATION_WARM_UP; counts(history, position); position++)
        judged += worth_of(history, position, -1, within) == TM_ALARM_FALSE;
    return judged;
}

/* ---- what was known ---- */

/* An event that was caught. */
struct catch
{
    size_t known, history, alarm;
    int delay;
};

/* The first alarm that catches it; n_alarms: none does. */
static size_t first_catch(const struct tm_history *history, const struct tm_event *event, int within)
{
    size_t i = 0;
    while (i < history->n_alarms && !(history->alarms[i].worth == TM_ALARM_HIT &&
                                      catches(event, history->alarms[i].position, history->alarms[i].metric, within)))
        i++;
    return i;
}

/* Adds the history's catches to those of the others. Returns how many there are then. */
static size_t find_catches(const struct tm_history *histories, size_t h, int within, struct tm_known *known, struct catch *catches,
                           size_t n)
{
    for (size_t i = 0; i < histories[h].n_events; i++) {
        const struct tm_event *event = &histories[h].events[i];
        if (event->kind == TM_EVENT_GRAY || !counts(&histories[h], event->start))
            continue;
        known[event->known].counted++;
        size_t alarm = first_catch(&histories[h], event, within);
        if (alarm == histories[h].n_alarms)
            continue;
        known[event->known].caught++;
        catches[n++] = (struct catch){event->known, h, alarm, histories[h].alarms[alarm].position - event->start};
    }
    return n;
}

static int by_known_and_delay(const void *a, const void *b)
{
    const struct catch *x = a, *y = b;
    if (x->known != y->known)
        return x->known < y->known ? -1 : 1;
    return x->delay != y->delay ? x->delay - y->delay : (x->history > y->history) - (x->history < y->history);
}

static int by_size(const void *a, const void *b)
{
    return *(const int *)a - *(const int *)b;
}

/* From catches to changes: each at the alarm by which half of its events are caught. `delays` has
 * room for one of each. */
static void score_known(struct tm_known *known, size_t n_known, struct catch *catches, size_t n, int *delays,
                        struct tm_score *score)
{
    size_t steps = 0, at = 0;
    if (n > 0)
        qsort(catches, n, sizeof *catches, by_known_and_delay);
    for (size_t k = 0; k < n_known; k++) {
        size_t half = (known[k].counted + 1) / 2;
        score->regressions += known[k].counted > 0;
        if (known[k].counted > 0 && known[k].caught >= half) {
            const struct catch *that = &catches[at + half - 1];
            known[k].is_caught = true;
            known[k].delay = that->delay;
            known[k].history = that->history;
            known[k].alarm = that->alarm;
            score->caught++;
            if (known[k].kind == TM_EVENT_STEP)
                delays[steps++] = that->delay;
        }
        at += known[k].caught;
    }
    if (steps > 0)
        qsort(delays, steps, sizeof *delays, by_size);
    score->median_delay = steps > 0 ? delays[steps / 2] : -1;
}

int tm_evaluate(const struct tm_history *histories, size_t n, struct tm_known *known, size_t n_known, size_t n_whole_run,
                int within, struct tm_score *score)
{
    size_t n_events = 0, n_found = 0;
    for (size_t h = 0; h < n; h++)
        n_events += histories[h].n_events;
    /* One more than none each: calloc(0) may be NULL. */
    struct reach *reach = calloc(n_whole_run + 1, sizeof *reach);
    struct catch *found = calloc(n_events + 1, sizeof *found);
    int *delays = calloc(n_known + 1, sizeof *delays);
    bool room = reach && found && delays;
    *score = (struct tm_score){0};
    for (size_t k = 0; k < n_known; k++)
        known[k] = (struct tm_known){.kind = known[k].kind};
    if (room)
        weigh_alarms(histories, n, within, reach);
    for (size_t h = 0; h < n && room; h++) {
        for (size_t i = 0; i < histories[h].n_alarms; i++)
            if (!speaks(&histories[h].alarms[i], reach))
                histories[h].alarms[i].worth = TM_ALARM_ASIDE;
        score_false(&histories[h], score);
        score->judged += count_judged(&histories[h], within);
        n_found = find_catches(histories, h, within, known, found, n_found);
    }
    if (room)
        score_known(known, n_known, found, n_found, delays, score);
    free(reach);
    free(found);
    free(delays);
    return room ? 0 : -1;
}

/* ---- short events ---- */

/* The bound of what lies before `first`; INFINITY: too few values to call anything unusual. */
static double bound_before(const double *y, int first, enum tm_metric_kind kind)
{
    /* A count has no level of which 5 % could be taken: one more than ever is beyond. */
    double most = -INFINITY, beyond = tm_metric_is_counted(kind) ? 0 : log(1.05);
    int oldest = first > TM_SHORT_EVENT_MEMORY ? first - TM_SHORT_EVENT_MEMORY : 0;
    if (first - oldest < TM_EVALUATION_WARM_UP)
        return INFINITY;
    for (int i = oldest; i < first; i++)
        most = fmax(most, y[i]);
    return most + beyond;
}

/* How many values up to `last` lie beyond what was before all of them: 2 to 4, or 0. */
static int beyond_up_to(const double *y, int last, enum tm_metric_kind kind, double *bound)
{
    for (int length = TM_SHORT_EVENT_LONGEST; length >= 2; length--) {
        int first = last - length + 1, i = first;
        *bound = bound_before(y, first, kind);
        while (i >= 0 && i <= last && y[i] > *bound)
            i++;
        if (i > last)
            return length;
    }
    return 0;
}

void tm_short_event_begin(struct tm_short_event *event, const double *y, int n, enum tm_metric_kind kind)
{
    *event = (struct tm_short_event){0};
    int length = beyond_up_to(y, n - 1, kind, &event->bound);
    if (length > 0)
        event->left = TM_SHORT_EVENT_LONGEST + 1 - length; /* the fifth at the latest must be back */
    else
        event->over = beyond_up_to(y, n - 2, kind, &event->bound) > 0 && y[n - 1] <= event->bound;
}

void tm_short_event_go_on(struct tm_short_event *event, double y)
{
    if (event->left == 0)
        return;
    event->over = y <= event->bound;
    event->left = event->over ? 0 : event->left - 1;
}
