/* Time in which a call was ready and others kept its thread: the event loop of both.
 *
 *     held = what outermost steps of other plugins took since the call's wake-up was due
 *
 * When it was due is known of a timer. Else it was due since the thread was idle last, or since the call's last step, if that is
 * later: all that was ready then has had its turn, so held is at most too large by what the call would have waited anyway. The
 * thread was idle if it was off its processor between two outermost steps. The longest step meanwhile is to blame. */
#ifndef TM_RECORD_HELD_H
#define TM_RECORD_HELD_H

#include "record/state.h"

enum {
    TM_IDLE = 20000, /* ns off the processor: more than a look for events that does not wait takes, less than most waits */
};

/* While a call is suspended, these fields of its state say from where it is counted; they are free then. */
#define TM_HELD_FROM(call)   ((call)->stepped)
#define TM_HELD_DUE(call)    ((call)->stepped_cpu)
#define TM_HELD_THREAD(call) ((call)->memory_step)

/* What came before the thread was idle is settled. */
static inline void tm_steps_settle(struct tm_steps *steps, uint64_t idles)
{
    if (steps->idles != idles) {
        steps->ns_at_idle = steps->ns;
        steps->idles = idles;
    }
}

/* The thread was idle: who was ready by then has had its turn. */
static inline void tm_turn_idle(struct tm_turns *turns)
{
    tm_steps_settle(&turns->steps, turns->steps.idles + 1);
    turns->longest = 0;
}

/* An outermost step begins. */
static inline void tm_turn_begin(struct tm_turns *turns, struct tm_instant now)
{
    if (!turns->told && now.wall - turns->end.wall - (now.cpu - turns->end.cpu) > TM_IDLE)
        tm_turn_idle(turns);
    turns->due = TM_NOT_DUE;
}

/* A step of the cell's plugin ends; whether it is an outermost one of the thread, and of the plugin. Of a plugin's step and those
 * of the plugins that it calls, the innermost that took half of it is the one to blame. */
static inline void tm_turn_end(struct tm_turns *turns, struct tm_cell *cell, int64_t step, struct tm_instant now, bool outermost,
                               bool once)
{
    if (once) {
        tm_steps_settle(&cell->steps, turns->steps.idles);
        cell->steps.ns += step;
    }
    if (step > turns->longest && (now.wall - step > turns->longest_end || 2 * turns->longest < step)) {
        turns->longest = step;
        turns->longest_end = now.wall;
        turns->longest_of = cell;
    }
    if (outermost) {
        turns->steps.ns += step;
        turns->end = now;
    }
}

/* What outermost steps took up to now, the one under way included: a call inside of it does not wait for what came before. */
static inline int64_t tm_turns_ns(const struct tm_thread *me, int64_t now)
{
    return me->turns.steps.ns + (me->depth > 0 ? now - me->frames[0].stepped : 0);
}

/* The call of the cell's plugin has given its thread back. */
static inline void tm_held_begin(struct tm_rec_call *call, const struct tm_thread *me, const struct tm_cell *cell, int64_t now)
{
    TM_HELD_FROM(call) = tm_turns_ns(me, now) - cell->steps.ns;
    TM_HELD_DUE(call) = me->turns.due;
    TM_HELD_THREAD(call) = (int64_t)me->number;
}

/* It goes on, with a step that begins now: how long it was held. */
int64_t tm_held_end(const struct tm_rec_call *call, struct tm_thread *me, struct tm_cell *cell, int64_t now);

#endif
