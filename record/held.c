/* What is counted of a call that was held. Most were not, or for less than anybody could notice. */
#include "record/held.h"

enum { NOTICED = 1000 }; /* ns: less is the switch from one step to the next */

static int64_t larger(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t tm_held_end(const struct tm_rec_call *call, struct tm_thread *me, struct tm_cell *cell, int64_t now)
{
    if (TM_HELD_THREAD(call) != (int64_t)me->number)
        return 0;
    tm_steps_settle(&cell->steps, me->turns.steps.idles);
    int64_t at_idle = me->turns.steps.ns_at_idle - cell->steps.ns_at_idle, due = TM_HELD_DUE(call);
    int64_t held = tm_turns_ns(me, now) - cell->steps.ns - larger(at_idle, TM_HELD_FROM(call));
    if (due <= now && now - due < held)
        held = now - due;
    return held < NOTICED ? 0 : held;
}
