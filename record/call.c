/* Calls and their steps: the hot path. What is under way on a thread lies on a stack of frames
 * that the thread owns, not in what the host passes: that may be gone (a longjmp, an exception)
 * when the call is ended for it. In a frame, `thread` is that state's address; in a state, it is
 * the thread whose stack has the frame.
 *
 * A call takes no lock and no memory, but for the first of a thread or plugin, for one that another
 * thread has begun, and where a reader asks it to wait for a moment. Whatever fails leaves a call
 * unrecorded, and the host none the wiser. */
#include <string.h>

#include "record/binding.h"
#include "record/delay.h"
#include "record/held.h"
#include "record/monitor.h"
#include "record/threads.h"
#include "record/trace.h"

/* Flags of a call: the plugin was on the stack already when it began; a helper of another thread's call; it holds what earlier
 * steps have gathered; the plugin was on the stack already when its step began; a helper that is a step of an event loop's task. */
enum { RECURSIVE = 1, HELPER = 2, SUSPENDED = 4, NESTED = 8, TASK = 16 };

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

/* The newest frame; NULL: the thread runs no plugin. */
static struct tm_rec_call *top(struct tm_thread *me)
{
    return me->depth ? &me->frames[me->depth - 1] : NULL;
}

/* Whose time and memory it is from now on: of the plugin on top. For the monitor and the allocator's hooks. */
static void note_running(struct tm_thread *me)
{
    const struct tm_rec_call *call = top(me);
    tm_rec_plugin *plugin = call ? call->plugin : NULL;
    atomic_store_explicit(&me->running, plugin, memory_order_relaxed);
    if (me->memory)
        __atomic_store_n(&me->memory->owner, plugin && tm_recorder.memory == TM_REC_MEMORY_OWNER ? &plugin->owner : NULL,
                         __ATOMIC_RELAXED);
}

/* ---- memory: a step's allocations less what it freed, and the most the call has held ---- */

static void raise_to(int64_t *value, int64_t to)
{
    *value = to > *value ? to : *value;
}

/* What the thread held at most since a frame's step began is spread over the frames above it and the thread. */
static void end_memory(struct tm_thread *me, uint32_t at)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t high = me->memory->high;
    for (uint32_t i = at + 1; i < me->depth; i++)
        raise_to(&high, me->frames[i].memory_high);
    raise_to(&frame->memory_peak, high - frame->memory_step + frame->memory);
    frame->memory += me->memory->net - frame->memory_step;
    raise_to(at + 1 < me->depth ? &frame[1].memory_high : &me->memory->high, frame->memory_high);
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
    to->once_cpu = from->once_cpu;
    to->once_occupied = from->once_occupied;
    to->memory = from->memory;
    to->memory_peak = from->memory_peak;
}

static __attribute__((noinline)) void ask_delay(struct tm_thread *me, int64_t wall)
{
    me->delay = tm_run_delay();
    me->delay_asked = wall;
}

/* How much of a step that was off its processor for so long it was waiting for one. */
static inline int64_t delay_of(struct tm_thread *me, uint32_t at, int64_t off, int64_t wall)
{
    if (off < TM_DELAY_ASKED || at >= TM_FRAMES)
        return 0;
    ask_delay(me, wall);
    int64_t delay = me->delay - me->delay_at[at];
    return delay < 0 ? 0 : delay < off ? delay : off;
}

/* The step's time begins. What the kernel is asked before is nobody's. */
static void start_step(struct tm_thread *me, struct tm_rec_call *frame)
{
    struct tm_instant now = tm_clock_enter(&me->clock);
    if (__builtin_expect(now.wall - me->delay_asked > TM_DELAY_STALE, 0)) {
        ask_delay(me, now.wall);
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
static struct tm_rec_call *end_step(struct tm_thread *me, uint32_t at, struct tm_instant now)
{
    struct tm_rec_call *frame = &me->frames[at];
    int64_t step = now.wall - frame->stepped, cpu = now.cpu - frame->stepped_cpu, delay = delay_of(me, at, step - cpu, now.wall);
    frame->cpu += cpu;
    frame->occupied += step - delay;
    raise_to(&frame->longest, step);
    if (!(frame->flags & NESTED)) {
        frame->once_cpu += cpu;
        frame->once_occupied += step - delay;
        if (__builtin_expect(delay > 0, 0))
            tm_cell_add_to(frame->cell, TM_PREEMPTED, delay);
    }
    if (at > 0)
        frame[-1].inner_cpu += cpu;
    if (me->memory)
        end_memory(me, at);
    tm_turn_end(&me->turns, frame->cell, step, now, me->depth == 1, !(frame->flags & NESTED));
    ((struct tm_cell *)frame->cell)->depth--;
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
static int64_t place_on_stack(const struct tm_thread *me, uint64_t serial)
{
    int64_t at = (int64_t)me->depth - 1;
    while (at >= 0 && me->frames[at].serial != serial)
        at--;
    return at;
}

/* Puts a filled frame on the stack; its times begin when the caller reads the clock. */
static void push(struct tm_thread *me, struct tm_cell *cell, struct tm_rec_call *frame, struct tm_rec_call *call)
{
    frame->plugin = call->plugin;
    frame->generation = call->generation;
    frame->flags = (call->flags & ~(uint32_t)NESTED) | (cell->depth ? NESTED : 0);
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
    note_running(me);
}

/* ---- what is counted ---- */

static void gather_rare(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    if (call->flags & HELPER)
        status = TM_REC_OK; /* how a call ends is said once */
    facts->sums[TM_ERRORS] = status == TM_REC_ERROR || status == TM_REC_TIMEOUT;
    facts->sums[TM_CANCELLED] = status == TM_REC_CANCELLED;
    facts->sums[TM_TIMEOUTS] = status == TM_REC_TIMEOUT;
    facts->sums[TM_MEMORY] = tm_recorder.memory == TM_REC_MEMORY_NET && !(call->flags & RECURSIVE) ? call->memory : 0;
    facts->sums[TM_ZEROS] = wall == 0;
}

/* What one call adds. A plugin's wall time is that of its outermost call, its other times are those of its outermost steps; a
 * helper's are the plugin's, but it is no call of its own. */
static void gather(struct tm_facts *facts, const struct tm_rec_call *call, int64_t wall, enum tm_rec_status status)
{
    bool helper = call->flags & HELPER, once = !(call->flags & RECURSIVE), net = tm_recorder.memory == TM_REC_MEMORY_NET;
    facts->latency = helper ? TM_NOTHING : wall;
    facts->sums[TM_CALLS] = !helper;
    facts->sums[TM_WALL] = once && !helper ? wall : 0;
    facts->sums[TM_CPU] = call->once_cpu;
    facts->sums[TM_OCCUPIED] = call->once_occupied;
    facts->sums[TM_SELF_WALL] = !helper && call->inner_wall < wall ? wall - call->inner_wall : 0;
    facts->sums[TM_SELF_CPU] = call->cpu - call->inner_cpu;
    facts->extremes[TM_SLOWEST] = facts->latency;
    facts->extremes[TM_FASTEST] = helper ? TM_NOTHING : -wall;
    facts->extremes[TM_LONGEST_STEP] = helper && !(call->flags & TASK) ? TM_NOTHING : call->longest;
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
    if (__builtin_expect(tm_rec_tracing, 0) && !(call->flags & HELPER))
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
    struct tm_rec_call *call = end_step(me, me->depth - 1, now), *outer = top(me);
    int64_t wall = wall_between(call->began, now.wall);
    if (outer && !(call->flags & HELPER))
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
        int64_t at = place_on_stack(me, stray.serial);
        if (at < 0)
            continue;
        struct tm_rec_call *call = end_step(me, (uint32_t)at, stray.at);
        call->flags |= HELPER;
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
    call->flags = flags | (cell->depth ? RECURSIVE : 0);
    frame->cpu = frame->occupied = frame->longest = frame->inner_wall = frame->inner_cpu = 0;
    frame->once_cpu = frame->once_occupied = frame->memory = frame->memory_peak = 0;
    push(me, cell, frame, call);
    if (__builtin_expect(tm_rec_tracing, 0)) {
        if (helped)
            memcpy(frame->trace, helped->trace, sizeof frame->trace);
        else
            tm_rec_trace_begin(frame, me->depth > 1 ? frame - 1 : NULL);
        memcpy(call->trace, frame->trace, sizeof call->trace);
    }
    start_step(me, frame);
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
        int64_t at = call->thread == me ? place_on_stack(me, call->serial) : -1;
        while (at >= 0 && me->depth > at + 1)
            end_top(me, now, TM_REC_ERROR);
        if (at >= 0)
            end_top(me, now, status);
        else if (call->thread != me && (!call->thread || tell_thread(call->thread, call, now.wall)))
            record(me, call->flags & SUSPENDED ? call : &(struct tm_rec_call){.plugin = call->plugin, .flags = call->flags},
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
    int64_t at = place_on_stack(me, call->serial);
    if (at < 0)
        return;
    struct tm_rec_call *frame = end_step(me, (uint32_t)at, now);
    copy_state(call, frame);
    tm_held_begin(call, me, frame->cell);
    call->flags |= SUSPENDED;
    call->thread = NULL;
}

/* A call of a plugin that is on the stack already waits for itself. The longest step meanwhile is to blame, for as much as it took.
 */
static void note_held(struct tm_thread *me, const struct tm_rec_call *call, const struct tm_rec_call *frame)
{
    struct tm_cell *cell = frame->cell, *blocker = me->turns.longest_of;
    int64_t held = tm_held_end(call, me, cell, frame->stepped);
    if (held == 0 || frame->flags & (NESTED | RECURSIVE))
        return;
    tm_cell_add_to(cell, TM_HELD, held);
    if (me->turns.longest > 0 && blocker != cell)
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
    copy_state(frame, call);
    memcpy(frame->trace, call->trace, sizeof frame->trace);
    push(me, cell, frame, call);
    if (!(frame->flags & NESTED)) { /* it goes on by itself, beside the call that it began in */
        call->flags &= ~(uint32_t)RECURSIVE;
        frame->flags = call->flags;
    }
    start_step(me, frame);
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
    adopt(helper, call, HELPER);
}

void tm_rec_adopt_step(struct tm_rec_call *helper, struct tm_rec_call *call)
{
    adopt(helper, call, HELPER | TASK);
}

void tm_rec_release(struct tm_rec_call *helper)
{
    if (helper->plugin && helper->flags & HELPER)
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
        me->turns.due = (int64_t)due;
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
    const struct tm_rec_call *call = me ? top(me) : NULL;
    return call ? *call : (struct tm_rec_call){.plugin = NULL};
}
