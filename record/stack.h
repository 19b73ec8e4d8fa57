/* The stack of a thread's calls, and what their steps take: wall time, CPU, memory, waiting for a processor. In a frame, `thread`
 * is the state's address that the host passes; in a state, it is the thread whose stack has the frame. Static inline, for the hot
 * path (call.c). */
#ifndef TM_RECORD_STACK_H
#define TM_RECORD_STACK_H

#include <string.h>

#include "record/delay.h"
#include "record/held.h"

/* Flags of a call: the plugin was on the stack already when it began; a helper of another thread's call; it holds what earlier
 * steps have gathered; the plugin was on the stack already when its step began; a helper that is a step of an event loop's task. */
enum { TM_RECURSIVE = 1, TM_HELPER = 2, TM_SUSPENDED = 4, TM_NESTED = 8, TM_TASK = 16 };

/* The newest frame; NULL: the thread runs no plugin. */
static inline struct tm_rec_call *tm_stack_top(struct tm_thread *me)
{
    return me->depth ? &me->frames[me->depth - 1] : NULL;
}

/* Whose time and memory it is from now on: of the plugin on top. For the monitor and the allocator's hooks. */
static inline void tm_stack_note(struct tm_thread *me)
{
    const struct tm_rec_call *call = tm_stack_top(me);
    tm_rec_plugin *plugin = call ? call->plugin : NULL;
    atomic_store_explicit(&me->running, plugin, memory_order_relaxed);
    if (me->memory)
        __atomic_store_n(&me->memory->owner, plugin && tm_recorder.memory == TM_REC_MEMORY_OWNER ? &plugin->owner : NULL,
                         __ATOMIC_RELAXED);
}

/* ---- memory: a step's allocations less what it freed, and the most the call has held ---- */

static inline void tm_raise_to(int64_t *value, int64_t to)
{
    *value = to > *value ? to : *value;
}

/* What the thread held at most since a frame's step began is spread over the frames above it and the thread. */
static inline void tm_step_end_memory(struct tm_thread *me, uint32_t at)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t high = me->memory->high;
    for (uint32_t i = at + 1; i < me->depth; i++)
        tm_raise_to(&high, me->frames[i].memory_high);
    tm_raise_to(&frame->memory_peak, high - frame->memory_step + frame->memory);
    frame->memory += me->memory->net - frame->memory_step;
    tm_raise_to(at + 1 < me->depth ? &frame[1].memory_high : &me->memory->high, frame->memory_high);
}

/* ---- the stack ---- */

/* What a call has gathered in earlier steps. */
static inline void tm_call_copy(struct tm_rec_call *to, const struct tm_rec_call *from)
{
    to->began = from->began;
    to->cpu = from->cpu;
    to->occupied = from->occupied;
    to->longest = from->longest;
    to->inner_wall = from->inner_wall;
    to->inner_cpu = from->inner_cpu;
    to->once_cpu = from->once_cpu;
    to->once_occupied = from->once_occupied;
    to->memory = from->memory;
    to->memory_peak = from->memory_peak;
}

static __attribute__((noinline, unused)) void tm_ask_delay(struct tm_thread *me, int64_t wall)
{
    me->delay = tm_run_delay();
    me->delay_asked = wall;
}

/* How much of a step that was off its processor for so long it was waiting for one. */
static inline int64_t tm_step_delay(struct tm_thread *me, uint32_t at, int64_t off, int64_t wall)
{
    if (off < TM_DELAY_ASKED || at >= TM_FRAMES)
        return 0;
    tm_ask_delay(me, wall);
    int64_t delay = me->delay - me->delay_at[at];
    return delay < 0 ? 0 : delay < off ? delay : off;
}

/* The step's time begins. What the kernel is asked before is nobody's, or the caller's: what that was kept waiting must not be
 * taken for this step's. */
static inline void tm_step_start(struct tm_thread *me, struct tm_rec_call *frame)
{
    struct tm_instant now = tm_clock_enter(&me->clock);
    if (__builtin_expect(now.wall - me->delay_asked > TM_DELAY_STALE, 0)) {
        tm_ask_delay(me, now.wall);
        now = tm_clock_enter(&me->clock);
    }
    frame->stepped = now.wall;
    frame->stepped_cpu = now.cpu;
    if (me->depth <= TM_FRAMES)
        me->delay_at[me->depth - 1] = me->delay;
    if (me->depth == 1)
        tm_turn_begin(&me->turns, now);
}

/* Takes a frame off the stack, wherever it is; it is behind the last one then. */
static inline struct tm_rec_call *tm_step_end(struct tm_thread *me, uint32_t at, struct tm_instant now)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t step = now.wall - frame->stepped, cpu = now.cpu - frame->stepped_cpu,
            delay = tm_step_delay(me, at, step - cpu, now.wall);
    frame->cpu += cpu;
    frame->occupied += step - delay;
    tm_raise_to(&frame->longest, step);
    if (!(frame->flags & TM_NESTED)) {
        frame->once_cpu += cpu;
        frame->once_occupied += step - delay;
        if (__builtin_expect(delay > 0, 0))
            tm_cell_add_to(frame->cell, TM_PREEMPTED, delay);
    }
    if (at > 0)
        frame[-1].inner_cpu += cpu;
    if (me->memory)
        tm_step_end_memory(me, at);
    tm_turn_end(&me->turns, frame->cell, step, now, me->depth == 1, !(frame->flags & TM_NESTED));
    ((struct tm_cell *)frame->cell)->depth--;
    me->depth--;
    if (at < me->depth) {
        struct tm_rec_call gone = *frame;
        memmove(frame, frame + 1, (me->depth - at) * sizeof *frame);
        me->frames[me->depth] = gone;
        if (at < TM_FRAMES) {
            uint32_t above = me->depth < TM_FRAMES ? me->depth : TM_FRAMES - 1;
            memmove(&me->delay_at[at], &me->delay_at[at + 1], (above - at) * sizeof *me->delay_at);
        }
    }
    tm_stack_note(me);
    return &me->frames[me->depth];
}

/* Where a call is on the stack; -1: it is not. */
static inline int64_t tm_stack_place(const struct tm_thread *me, uint64_t serial)
{
    int64_t at = (int64_t)me->depth - 1;
    while (at >= 0 && me->frames[at].serial != serial)
        at--;
    return at;
}

/* Puts a filled frame on the stack; its times begin when the caller reads the clock. */
static inline void tm_stack_push(struct tm_thread *me, struct tm_cell *cell, struct tm_rec_call *frame, struct tm_rec_call *call)
{
    frame->plugin = call->plugin;
    frame->generation = call->generation;
    frame->flags = (call->flags & ~(uint32_t)TM_NESTED) | (cell->depth ? TM_NESTED : 0);
    frame->cell = cell;
    frame->thread = call;
    call->thread = me;
    call->serial = frame->serial = ++me->serial;
    me->depth++;
    cell->depth++;
    if (me->memory) {
        frame->memory_step = me->memory->net;
        frame->memory_high = me->memory->high;
        me->memory->high = me->memory->net;
    }
    tm_stack_note(me);
}

#endif
