/* Calls and their steps. What is under way on a thread lies on a stack of frames that the thread owns: what a host passes to begin
 * may be gone (a longjmp, an exception) when the call is ended for it. */
#include <string.h>

#include "ingest/record/core.h"

/* Flags of a call: the plugin was on the stack already; a helper of another thread's call; it holds what earlier steps have
 * gathered. */
enum { RECURSIVE = 1, HELPER = 2, SUSPENDED = 4 };

#define LONGEST_CALL ((1LL << TM_OCTAVES) - 1)
#define HOT          __attribute__((flatten)) /* all that it calls here is inlined: a third of the time */

static uint32_t generation(void)
{
    return atomic_load_explicit(&tm_recorder.generation, memory_order_relaxed);
}

static struct tm_thread *current(void)
{
    struct tm_thread *me = tm_thread_current();
    return __builtin_expect(me != NULL, 1) ? me : tm_thread_attach();
}

static struct tm_cell *cell_of(struct tm_thread *me, const tm_rec_plugin *plugin)
{
    struct tm_cell *cell = me->cells[plugin->ordinal];
    return __builtin_expect(cell != NULL, 1) ? cell : tm_thread_add_cell(me, plugin);
}

static struct tm_rec_call *top(struct tm_thread *me)
{
    return me->depth ? &me->frames[me->depth - 1] : NULL;
}

static void note_running(struct tm_thread *me)
{
    const struct tm_rec_call *call = top(me);
    tm_rec_plugin *plugin = call ? call->plugin : NULL;
    atomic_store_explicit(&me->running, plugin, memory_order_relaxed);
    if (me->memory)
        me->memory->owner = plugin && tm_recorder.memory == TM_REC_MEMORY_OWNER ? &plugin->owner : NULL;
}

/* ---- memory: a step's allocations less what it freed, and the most the call has held ---- */

static void begin_memory(struct tm_memory_thread *memory, struct tm_rec_call *frame)
{
    frame->memory_step = memory->net;
    frame->memory_high = memory->high;
    memory->high = memory->net;
}

static void raise(int64_t *value, int64_t to)
{
    *value = to > *value ? to : *value;
}

/* What the thread held at most since a frame's step began is spread over the frames above it and the thread. */
static void end_memory(struct tm_thread *me, uint32_t at)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t high = me->memory->high;
    for (uint32_t i = at + 1; i < me->depth; i++)
        raise(&high, me->frames[i].memory_high);
    raise(&frame->memory_peak, high - frame->memory_step + frame->memory);
    frame->memory += me->memory->net - frame->memory_step;
    raise(at + 1 < me->depth ? &frame[1].memory_high : &me->memory->high, frame->memory_high);
}

/* ---- the stack ---- */

/* What a call has gathered in earlier steps. */
static void copy_state(struct tm_rec_call *to, const struct tm_rec_call *from)
{
    to->began = from->began;
    to->cpu = from->cpu;
    to->occupied = from->occupied;
    to->longest = from->longest;
    to->inner_wall = from->inner_wall;
    to->inner_cpu = from->inner_cpu;
    to->memory = from->memory;
    to->memory_peak = from->memory_peak;
}

static void start_step(struct tm_rec_call *frame, struct tm_instant now)
{
    frame->stepped = now.wall;
    frame->stepped_cpu = now.cpu;
}

/* Takes a frame off the stack, wherever it is; it is behind the last one then. */
static struct tm_rec_call *end_step(struct tm_thread *me, uint32_t at, struct tm_instant now)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t step = now.wall - frame->stepped, cpu = now.cpu - frame->stepped_cpu;
    frame->cpu += cpu;
    frame->occupied += step;
    raise(&frame->longest, step);
    if (at > 0)
        frame[-1].inner_cpu += cpu;
    if (me->memory)
        end_memory(me, at);
    me->cells[frame->plugin->ordinal]->depth--;
    me->depth--;
    if (at < me->depth) {
        struct tm_rec_call gone = *frame;
        memmove(frame, frame + 1, (me->depth - at) * sizeof *frame);
        me->frames[me->depth] = gone;
    }
    note_running(me);
    return &me->frames[me->depth];
}

/* Where a call is on the stack; -1: it is not. */
static int64_t find(const struct tm_thread *me, uint64_t serial)
{
    int64_t at = (int64_t)me->depth - 1;
    while (at >= 0 && me->frames[at].serial != serial)
        at--;
    return at;
}

/* ---- calls that another thread has ended ---- */

static void drop_strays(struct tm_thread *me)
{
    struct tm_instant now = tm_clock_leave(&me->clock);
    tm_recorder_lock();
    for (uint32_t i = 0; i < me->n_strays; i++) {
        int64_t at = find(me, me->strays[i]);
        if (at >= 0)
            end_step(me, (uint32_t)at, now);
    }
    atomic_store(&me->n_strays, 0);
    tm_recorder_unlock();
}

static bool has_strays(const struct tm_thread *me)
{
    return __builtin_expect(atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)&me->n_strays, memory_order_relaxed) > 0, 0);
}

/* Tells a thread that a call on its stack is over. false: the thread is gone, and the call was counted then. */
static bool tell(struct tm_thread *other, uint64_t serial)
{
    tm_recorder_lock();
    bool lives = other->generation == generation() && serial >> TM_SERIAL_BITS == other->number;
    if (lives && other->n_strays < TM_STRAYS)
        other->strays[other->n_strays++] = serial;
    tm_recorder_unlock();
    return lives;
}

/* Where the next call goes. NULL: no memory. */
static struct tm_rec_call *next_frame(struct tm_thread *me)
{
    if (has_strays(me))
        drop_strays(me);
    return me->depth < me->room || tm_thread_more_frames(me) == 0 ? &me->frames[me->depth] : NULL;
}

/* Puts a filled frame on the stack; its times begin when the caller reads the clock. */
static void push(struct tm_thread *me, struct tm_cell *cell, struct tm_rec_call *frame, struct tm_rec_call *call)
{
    frame->plugin = call->plugin;
    frame->generation = call->generation;
    frame->flags = call->flags;
    call->thread = frame->thread = me;
    call->serial = frame->serial = ++me->serial;
    me->depth++;
    cell->depth++;
    if (me->memory)
        begin_memory(me->memory, frame);
    note_running(me);
}

/* ---- what is counted ---- */

static void trace_end(const struct tm_thread *me, const struct tm_rec_call *call, const struct tm_facts *facts,
                      enum tm_rec_status status)
{
    int64_t peak = facts->extremes[TM_PEAK];
    tm_rec_trace_end(call, facts->latency, call->cpu > 0 ? call->cpu : 0, peak == TM_NOTHING ? -1 : peak, status,
                     me->failed == call->serial ? me->error_type : NULL);
}

static void gather_rare(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    facts->sums[TM_ERRORS] = status == TM_REC_ERROR || status == TM_REC_TIMEOUT;
    facts->sums[TM_CANCELLED] = status == TM_REC_CANCELLED;
    facts->sums[TM_TIMEOUTS] = status == TM_REC_TIMEOUT;
    facts->sums[TM_MEMORY] = tm_recorder.memory == TM_REC_MEMORY_NET && !(call->flags & RECURSIVE) ? call->memory : 0;
    facts->sums[TM_ZEROS] = wall == 0;
}

/* What one call adds. A plugin's time is that of its outermost call; a helper's is the plugin's, but no call of its own. */
static void gather(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    bool helper = call->flags & HELPER, once = !(call->flags & RECURSIVE), net = tm_recorder.memory == TM_REC_MEMORY_NET;
    facts->latency = helper ? TM_NOTHING : wall;
    facts->sums[TM_CALLS] = !helper;
    facts->sums[TM_WALL] = once && !helper ? wall : 0;
    facts->sums[TM_CPU] = once ? call->cpu : 0;
    facts->sums[TM_OCCUPIED] = once ? call->occupied : 0;
    facts->sums[TM_SELF_WALL] = !helper && call->inner_wall < wall ? wall - call->inner_wall : 0;
    facts->sums[TM_SELF_CPU] = call->cpu - call->inner_cpu;
    facts->extremes[TM_SLOWEST] = facts->latency;
    facts->extremes[TM_FASTEST] = helper ? TM_NOTHING : -wall;
    facts->extremes[TM_LONGEST_STEP] = helper ? TM_NOTHING : call->longest;
    facts->extremes[TM_PEAK] = net ? call->memory_peak : TM_NOTHING;
    facts->rare = status != TM_REC_OK || net || wall == 0;
    if (facts->rare)
        gather_rare(facts, call, helper ? 1 : wall, status);
}

static void record(struct tm_thread *me, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    struct tm_cell *cell = cell_of(me, call->plugin);
    if (!cell)
        return;
    struct tm_facts facts;
    gather(&facts, call, wall, status);
    if (__builtin_expect(atomic_load_explicit(&cell->wanted, memory_order_relaxed), 0)) {
        tm_recorder_lock(); /* until the reader is done */
        tm_recorder_unlock();
    }
    tm_cell_add(cell, &facts);
    if (__builtin_expect(tm_rec_tracing, 0) && !(call->flags & HELPER))
        trace_end(me, call, &facts, status);
}

static int64_t between(int64_t from, int64_t to)
{
    int64_t time = to - from;
    return time < 0 ? 0 : time > LONGEST_CALL ? LONGEST_CALL : time;
}

/* Ends the newest call of the thread. */
static void end_top(struct tm_thread *me, struct tm_instant now, enum tm_rec_status status)
{
    struct tm_rec_call *call = end_step(me, me->depth - 1, now), *outer = top(me);
    int64_t wall = between(call->began, now.wall);
    if (outer && !(call->flags & HELPER))
        outer->inner_wall += wall < now.wall - outer->began ? wall : now.wall - outer->began;
    record(me, call, wall, status);
}

void tm_thread_leave(struct tm_thread *me)
{
    struct tm_instant now = tm_clock_leave(&me->clock);
    while (me->depth > 0)
        end_top(me, now, TM_REC_ERROR);
}

/* ---- the interface ---- */

/* helped: the call that this one is a helper of; NULL: it is a call of its own. */
HOT static void begin(struct tm_rec_call *call, tm_rec_plugin *plugin, const struct tm_rec_call *helped)
{
    struct tm_thread *me = current();
    struct tm_cell *cell = me ? cell_of(me, plugin) : NULL;
    struct tm_rec_call *frame = cell ? next_frame(me) : NULL;
    call->plugin = frame ? plugin : NULL;
    if (!frame)
        return;
    call->generation = me->generation;
    call->flags = (helped ? HELPER : 0) | (cell->depth ? RECURSIVE : 0);
    frame->cpu = frame->occupied = frame->longest = frame->inner_wall = frame->inner_cpu = frame->memory = frame->memory_peak = 0;
    push(me, cell, frame, call);
    if (__builtin_expect(tm_rec_tracing, 0)) {
        if (helped)
            memcpy(frame->trace, helped->trace, sizeof frame->trace);
        else
            tm_rec_trace_begin(frame, me->depth > 1 ? frame - 1 : NULL);
        memcpy(call->trace, frame->trace, sizeof call->trace);
    }
    start_step(frame, tm_clock_enter(&me->clock));
    call->began = frame->began = frame->stepped;
}

void tm_rec_begin_on(struct tm_rec_call *call, tm_rec_plugin *plugin)
{
    begin(call, plugin, NULL);
}

HOT void tm_rec_end_on(struct tm_rec_call *call, enum tm_rec_status status)
{
    struct tm_thread *me = call->generation == generation() ? current() : NULL;
    if (me) {
        struct tm_instant now = tm_clock_leave(&me->clock);
        if (has_strays(me))
            drop_strays(me);
        int64_t at = call->thread == me ? find(me, call->serial) : -1;
        while (at >= 0 && me->depth > at + 1)
            end_top(me, now, TM_REC_ERROR);
        if (at >= 0)
            end_top(me, now, status);
        else if (call->thread != me && (!call->thread || tell(call->thread, call->serial)))
            record(me, call->flags & SUSPENDED ? call : &(struct tm_rec_call){.plugin = call->plugin, .flags = call->flags},
                   between(call->began, now.wall), status);
    }
    call->plugin = NULL;
}

HOT void tm_rec_suspend(struct tm_rec_call *call)
{
    struct tm_thread *me = tm_thread_current();
    if (!call->plugin || !me || call->thread != me || call->generation != me->generation)
        return;
    struct tm_instant now = tm_clock_leave(&me->clock);
    int64_t at = find(me, call->serial);
    if (at < 0)
        return;
    copy_state(call, end_step(me, (uint32_t)at, now));
    call->flags |= SUSPENDED;
    call->thread = NULL;
}

HOT void tm_rec_resume(struct tm_rec_call *call)
{
    if (!call->plugin || call->thread || call->generation != generation())
        return;
    struct tm_thread *me = current();
    struct tm_cell *cell = me ? cell_of(me, call->plugin) : NULL;
    struct tm_rec_call *frame = cell ? next_frame(me) : NULL;
    if (!frame)
        return;
    copy_state(frame, call);
    memcpy(frame->trace, call->trace, sizeof frame->trace);
    push(me, cell, frame, call);
    start_step(frame, tm_clock_enter(&me->clock));
}

void tm_rec_adopt(struct tm_rec_call *helper, struct tm_rec_call *call)
{
    helper->plugin = NULL;
    if (call->plugin && call->generation == generation())
        begin(helper, call->plugin, call);
}

void tm_rec_release(struct tm_rec_call *helper)
{
    if (helper->plugin && helper->flags & HELPER)
        tm_rec_end_on(helper, TM_REC_OK);
}

struct tm_rec_call tm_rec_current(void)
{
    struct tm_thread *me = tm_thread_current();
    const struct tm_rec_call *call = me ? top(me) : NULL;
    return call ? *call : (struct tm_rec_call){.plugin = NULL};
}
