/* Calls and their steps: the hot path. What is under way on a thread lies on a stack of frames
 * that the thread owns, not in what the host passes: that may be gone (a longjmp, an exception)
 * when the call is ended for it (stack.h).
 *
 * A call takes no lock and no memory, but for the first of a thread or plugin, for one that another
 * thread has begun, and where a reader asks it to wait for a moment. Whatever fails leaves a call
 * unrecorded, and the host none the wiser. */
#include <string.h>

#include "record/binding.h"
#include "record/monitor.h"
#include "record/span.h"
#include "record/stack.h"
#include "record/threads.h"
#include "record/trace.h"

#define LONGEST_CALL ((1LL << TM_OCTAVES) - 1) /* ns: 104 days, the sketch's last bucket */
#define HOT          __attribute__((flatten))  /* all that it calls here is inlined: a third of the time */

/* Of the recording that is on; what is of an older one is void. */
static uint32_t generation(void)
{
    return atomic_load_explicit(&tm_recorder.generation, memory_order_relaxed);
}

static void end_calls(struct tm_thread *me);

/* The first call of a child after a fork is where the monitor can be started again: inside of fork() no thread can. */
static __attribute__((noinline)) struct tm_thread *attach(void)
{
    struct tm_thread *me = tm_thread_attach(end_calls);
    if (me)
        tm_rec_monitor_after_fork();
    return me;
}

/* NULL: off, no memory, or about to end. */
static struct tm_thread *current(void)
{
    struct tm_thread *me = tm_thread_current();
    return __builtin_expect(me != NULL, 1) ? me : attach();
}

/* NULL: no memory, or the plugin is of an earlier start. */
static struct tm_cell *cell_of(struct tm_thread *me, const tm_rec_plugin *plugin)
{
    struct tm_cell *cell = me->cells[atomic_load_explicit(&plugin->ordinal, memory_order_relaxed)];
    return __builtin_expect(cell != NULL, 1) ? cell : tm_thread_add_cell(me, plugin);
}

/* ---- what is counted ---- */

static void gather_rare(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    if (call->flags & TM_HELPER)
        status = TM_REC_OK; /* how a call ends is said once */
    facts->sums[TM_ERRORS] = status == TM_REC_ERROR || status == TM_REC_TIMEOUT;
    facts->sums[TM_CANCELLED] = status == TM_REC_CANCELLED;
    facts->sums[TM_TIMEOUTS] = status == TM_REC_TIMEOUT;
    facts->sums[TM_MEMORY] = tm_recorder.memory == TM_REC_MEMORY_NET && !(call->flags & TM_RECURSIVE) ? call->memory : 0;
    facts->sums[TM_ZEROS] = wall == 0;
}

/* What one call adds. A plugin's wall time is that of its outermost call, its other times are those of its outermost steps; a
 * helper's are the plugin's, but it is no call of its own. */
static void gather(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    bool helper = call->flags & TM_HELPER, once = !(call->flags & TM_RECURSIVE), net = tm_recorder.memory == TM_REC_MEMORY_NET;
    facts->latency = helper ? TM_NOTHING : wall;
    facts->sums[TM_CALLS] = !helper;
    facts->sums[TM_WALL] = once && !helper ? wall : 0;
    facts->sums[TM_CPU] = call->once_cpu;
    facts->sums[TM_OCCUPIED] = call->once_occupied;
    facts->sums[TM_SELF_WALL] = !helper && call->inner_wall < wall ? wall - call->inner_wall : 0;
    facts->sums[TM_SELF_CPU] = call->cpu - call->inner_cpu;
    facts->extremes[TM_SLOWEST] = facts->latency;
    facts->extremes[TM_FASTEST] = helper ? TM_NOTHING : -wall;
    facts->extremes[TM_LONGEST_STEP] = helper && !(call->flags & TM_TASK) ? TM_NOTHING : call->longest;
    facts->extremes[TM_PEAK] = net ? call->memory_peak : TM_NOTHING;
    facts->rare = status != TM_REC_OK || net || wall == 0;
    if (facts->rare)
        gather_rare(facts, call, helper ? 1 : wall, status);
}

/* Adds a call to the thread's cell of its plugin. wall: as it is to be counted. */
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
    if (__builtin_expect(tm_rec_tracing, 0) && !(call->flags & TM_HELPER))
        tm_rec_trace_end(call, facts.latency, call->cpu > 0 ? call->cpu : 0,
                         facts.extremes[TM_PEAK] == TM_NOTHING ? -1 : facts.extremes[TM_PEAK], status,
                         me->failed == call->serial ? me->error_type : NULL);
}

/* A wall time as it is counted: not negative, and within the sketch. */
static int64_t wall_between(int64_t from, int64_t to)
{
    int64_t time = to - from;
    return time < 0 ? 0 : time > LONGEST_CALL ? LONGEST_CALL : time;
}

/* Ends the newest call of the thread. */
static void end_top(struct tm_thread *me, struct tm_instant now, enum tm_rec_status status)
{
    struct tm_rec_call *call = tm_step_end(me, me->depth - 1, now), *outer = tm_stack_top(me);
    int64_t wall = wall_between(call->began, now.wall);
    if (outer && !(call->flags & TM_HELPER))
        outer->inner_wall += wall < now.wall - outer->began ? wall : now.wall - outer->began;
    record(me, call, wall, status);
}

/* The thread ends, and what is on its stack with it. */
static void end_calls(struct tm_thread *me)
{
    struct tm_instant now = tm_clock_leave(&me->clock);
    while (me->depth > 0)
        end_top(me, now, TM_REC_ERROR);
}

/* ---- calls that are over, and nobody has told their thread ---- */

static bool has_strays(const struct tm_thread *me)
{
    return __builtin_expect(atomic_load_explicit((_Atomic uint32_t *)(uintptr_t)&me->n_strays, memory_order_relaxed) > 0, 0);
}

static bool take_stray(struct tm_thread *me, struct tm_stray *stray)
{
    tm_recorder_lock();
    bool is_one = me->n_strays > 0;
    if (is_one)
        *stray = me->strays[--me->n_strays];
    tm_recorder_unlock();
    return is_one;
}

/* Another thread has counted the call; what it did on this one is added, as a helper's. */
static void end_strays(struct tm_thread *me)
{
    struct tm_stray stray;
    while (take_stray(me, &stray)) {
        int64_t at = tm_stack_place(me, stray.serial);
        if (at < 0)
            continue;
        struct tm_rec_call *call = tm_step_end(me, (uint32_t)at, stray.at);
        call->flags |= TM_HELPER;
        record(me, call, 0, TM_REC_OK);
    }
}

/* Tells a thread that a call on its stack is over. false: the thread is gone, and the call was counted then. */
static bool tell_thread(struct tm_thread *other, const struct tm_rec_call *call, int64_t wall)
{
    tm_rec_plugin *plugin = call->plugin;
    tm_recorder_lock();
    bool lives = other->generation == generation() && call->serial >> TM_SERIAL_BITS == other->number;
    if (lives && (other->n_strays < other->stray_room || tm_thread_more_strays(other) == 0))
        other->strays[other->n_strays++] = (struct tm_stray){call->serial, {wall, tm_nanoseconds(other->cpu_clock)}};
    if (lives && atomic_compare_exchange_strong(&other->running, &plugin, NULL) && other->memory)
        __atomic_store_n(&other->memory->owner, NULL, __ATOMIC_RELAXED);
    tm_recorder_unlock();
    return lives;
}

/* Where the next call goes. NULL: no memory. */
static struct tm_rec_call *next_frame(struct tm_thread *me, const struct tm_rec_call *call)
{
    if (has_strays(me))
        end_strays(me);
    /* the newest call was left by a longjmp or an exception: now another one begins with the same state */
    if (me->depth > 0 && __builtin_expect(me->frames[me->depth - 1].thread == call, 0))
        end_top(me, tm_clock_leave(&me->clock), TM_REC_ERROR);
    return me->depth < me->room || tm_thread_more_frames(me) == 0 ? &me->frames[me->depth] : NULL;
}

/* ---- the interface ---- */

/* helped: the call that this one is a helper of, with the flags that say how; NULL: it is a call of its own. */
HOT static void begin(struct tm_rec_call *call, tm_rec_plugin *plugin, const struct tm_rec_call *helped, uint32_t flags)
{
    struct tm_thread *me = current();
    struct tm_cell *cell = me ? cell_of(me, plugin) : NULL;
    struct tm_rec_call *frame = cell ? next_frame(me, call) : NULL;
    call->plugin = frame ? plugin : NULL;
    if (!frame)
        return;
    call->generation = me->generation;
    call->flags = flags | (cell->depth ? TM_RECURSIVE : 0);
    frame->cpu = frame->occupied = frame->longest = frame->inner_wall = frame->inner_cpu = 0;
    frame->once_cpu = frame->once_occupied = frame->memory = frame->memory_peak = 0;
    tm_stack_push(me, cell, frame, call);
    if (__builtin_expect(tm_rec_tracing, 0)) {
        if (helped)
            memcpy(frame->trace, helped->trace, sizeof frame->trace);
        else
            tm_rec_trace_begin(frame, me->depth > 1 ? frame - 1 : NULL);
        memcpy(call->trace, frame->trace, sizeof call->trace);
    }
    tm_step_start(me, frame);
    call->began = frame->began = frame->stepped;
}

void tm_rec_begin_on(struct tm_rec_call *call, tm_rec_plugin *plugin)
{
    begin(call, plugin, NULL, 0);
}

/* Calls above this one on the stack were left without a word: they end with it, as errors. One
 * that is on another thread's stack is counted here, and that thread is told to take it off. */
HOT void tm_rec_end_on(struct tm_rec_call *call, enum tm_rec_status status)
{
    struct tm_thread *me = call->generation == generation() ? current() : NULL;
    if (me) {
        struct tm_instant now = tm_clock_leave(&me->clock);
        if (has_strays(me))
            end_strays(me);
        int64_t at = call->thread == me ? tm_stack_place(me, call->serial) : -1;
        while (at >= 0 && me->depth > at + 1)
            end_top(me, now, TM_REC_ERROR);
        if (at >= 0)
            end_top(me, now, status);
        else if (call->thread != me && (!call->thread || tell_thread(call->thread, call, now.wall)))
            record(me, call->flags & TM_SUSPENDED ? call : &(struct tm_rec_call){.plugin = call->plugin, .flags = call->flags},
                   wall_between(call->began, now.wall), status);
    }
    call->plugin = NULL;
}

/* Ends the call's step: what it has gathered goes into the host's state, which any thread may resume. */
HOT void tm_rec_suspend(struct tm_rec_call *call)
{
    struct tm_thread *me = tm_thread_current();
    if (!call->plugin || !me || call->thread != me || call->generation != me->generation)
        return;
    struct tm_instant now = tm_clock_leave(&me->clock);
    int64_t at = tm_stack_place(me, call->serial);
    if (at < 0)
        return;
    struct tm_rec_call *frame = tm_step_end(me, (uint32_t)at, now);
    tm_call_copy(call, frame);
    tm_held_begin(call, me, frame->cell, now.wall);
    call->flags |= TM_SUSPENDED;
    call->thread = NULL;
}

/* A call of a plugin that is on the stack already waits for itself. The longest step is to blame, for as much as it took, unless it
 * was over before the waiting began: then nobody is known. */
static void note_held(struct tm_thread *me, const struct tm_rec_call *call, const struct tm_rec_call *frame)
{
    struct tm_cell *cell = frame->cell, *blocker = me->turns.longest_of;
    int64_t held = tm_held_end(call, me, cell, frame->stepped);
    if (held == 0 || frame->flags & (TM_NESTED | TM_RECURSIVE))
        return;
    tm_cell_add_to(cell, TM_HELD, held);
    if (me->turns.longest > 0 && blocker != cell && me->turns.longest_end > frame->stepped - held)
        tm_cell_add_to(blocker, TM_HELD_OTHERS, held < me->turns.longest ? held : me->turns.longest);
}

/* The next step, on this thread, whichever the last one was on. The clock is read last, so that
 * the book-keeping is in nobody's time. */
HOT void tm_rec_resume(struct tm_rec_call *call)
{
    if (!call->plugin || call->thread || call->generation != generation())
        return;
    struct tm_thread *me = current();
    struct tm_cell *cell = me ? cell_of(me, call->plugin) : NULL;
    struct tm_rec_call *frame = cell ? next_frame(me, call) : NULL;
    if (!frame)
        return;
    tm_call_copy(frame, call);
    memcpy(frame->trace, call->trace, sizeof frame->trace);
    tm_stack_push(me, cell, frame, call);
    if (!(frame->flags & TM_NESTED)) { /* it goes on by itself, beside the call that it began in */
        call->flags &= ~(uint32_t)TM_RECURSIVE;
        frame->flags = call->flags;
    }
    tm_step_start(me, frame);
    note_held(me, call, frame);
}

/* A helper's steps are the plugin's, but it is no call of its own: how often and how long the
 * plugin was called stays as it is. */
static void adopt(struct tm_rec_call *helper, const struct tm_rec_call *call, uint32_t flags)
{
    helper->plugin = NULL;
    if (call->plugin && call->generation == generation())
        begin(helper, call->plugin, call, flags);
}

void tm_rec_adopt(struct tm_rec_call *helper, struct tm_rec_call *call)
{
    adopt(helper, call, TM_HELPER);
}

void tm_rec_adopt_step(struct tm_rec_call *helper, struct tm_rec_call *call)
{
    adopt(helper, call, TM_HELPER | TM_TASK);
}

void tm_rec_release(struct tm_rec_call *helper)
{
    if (helper->plugin && helper->flags & TM_HELPER)
        tm_rec_end_on(helper, TM_REC_OK);
}

/* Counted by kind at once: the call may never end. The trace keeps the type of the last one. */
void tm_rec_error(struct tm_rec_call *call, const char *type, const char *message)
{
    struct tm_error_kind kind = {.count = 1};
    struct tm_thread *me = tm_thread_current();
    if (!call->plugin || call->generation != generation())
        return;
    tm_error_text(kind.type, sizeof kind.type, type);
    tm_error_text(kind.message, sizeof kind.message, message);
    tm_errors_add(&call->plugin->errors, &kind);
    if (me && tm_rec_tracing) {
        memcpy(me->error_type, kind.type, sizeof kind.type);
        me->failed = call->serial;
    }
}

void tm_rec_due(double seconds)
{
    struct tm_thread *me = tm_thread_current();
    if (!me || me->depth == 0)
        return;
    double due = (double)tm_rec_now() + seconds * 1e9 - (double)tm_nanoseconds(CLOCK_MONOTONIC);
    if (due < (double)me->turns.due)
        me->turns.due = due > 0 ? (int64_t)due : 0;
}

/* Between steps nobody else changes this thread's turns. 0: the thread has run no plugin. */
int64_t tm_rec_waits(void)
{
    struct tm_thread *me = tm_thread_current();
    if (me)
        me->turns.told = true;
    return me ? tm_rec_now() | 1 : 0;
}

void tm_rec_waited(int64_t began)
{
    struct tm_thread *me = tm_thread_current();
    if (me && me->depth == 0 && tm_rec_now() - began > TM_IDLE)
        tm_turn_idle(&me->turns);
}

struct tm_rec_call tm_rec_current(void)
{
    struct tm_thread *me = tm_thread_current();
    const struct tm_rec_call *call = me ? tm_stack_top(me) : NULL;
    return call ? *call : (struct tm_rec_call){.plugin = NULL};
}

bool tm_rec_current_span(char text[TM_REC_SPAN_SIZE])
{
    struct tm_rec_call call = tm_rec_current();
    struct tm_place place;
    bool there = call.plugin && tm_rec_trace_place(&call, &place);
    text[0] = '\0';
    if (there)
        tm_place_write(&place, text);
    return there;
}
