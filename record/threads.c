/* The threads that call plugins. Their memory comes in pages from the system, so that it is in no plugin's account, and is used
 * again by later threads: nothing of it is ever freed, so that whoever looks at a thread that has ended sees only that. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "record/threads.h"

enum {
    CHUNK = 1 << 20, /* bytes of cells at a time: 38 cells, so that few calls of a plugin cost a system call */
    CACHE_LINE = 64, /* bytes; cells of different threads share none */
};

_Thread_local struct tm_thread *tm_thread_self __attribute__((tls_model("initial-exec")));

static _Thread_local bool ended; /* what its last destructors call is not recorded */
static pthread_key_t at_exit;
static bool at_exit_known;
static pthread_once_t at_exit_made = PTHREAD_ONCE_INIT;
static uint64_t threads_seen; /* guarded by the recorder's lock, like all below */
static char *chunk;
static size_t chunk_left;

/* NULL: no memory, with a message. */
static void *map(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory != MAP_FAILED)
        return memory;
    tm_rec_fail("out of memory: a call is not recorded");
    return NULL;
}

/* Lock held. NULL: no memory. */
static struct tm_cell *new_cell(void)
{
    struct tm_cell *cell = tm_recorder.spare_cells;
    if (cell) {
        tm_recorder.spare_cells = cell->next;
        return cell;
    }
    size_t size = (sizeof *cell + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE;
    if (chunk_left < size) {
        char *memory = map(CHUNK);
        if (!memory)
            return NULL;
#ifdef MADV_NOHUGEPAGE
        madvise(memory, CHUNK, MADV_NOHUGEPAGE); /* most of a cell is never touched */
#endif
        chunk = memory;
        chunk_left = CHUNK;
    }
    cell = (struct tm_cell *)(void *)chunk;
    chunk += size;
    chunk_left -= size;
    tm_cell_clear(cell);
    return cell;
}

/* Lock held. Cleared, for other threads and plugins. */
static void release_cells(struct tm_thread *thread)
{
    for (size_t i = 0; i < thread->n_cells; i++) {
        struct tm_cell *cell = thread->cells[i];
        if (!cell)
            continue;
        tm_cell_clear(cell);
        cell->next = tm_recorder.spare_cells;
        tm_recorder.spare_cells = cell;
        thread->cells[i] = NULL;
    }
    thread->n_cells = 0;
}

static void use_own_room(struct tm_thread *thread)
{
    thread->frames = thread->first_frames;
    thread->room = TM_FRAMES;
    thread->strays = thread->first_strays;
    thread->stray_room = TM_STRAYS;
}

/* Lock held. The state is there for another thread; its cells must have been released. */
static void detach(struct tm_thread *thread)
{
    tm_clock_detach(&thread->clock);
    if (thread->frames != thread->first_frames)
        munmap(thread->frames, thread->room * sizeof *thread->frames);
    if (thread->strays != thread->first_strays)
        munmap(thread->strays, thread->stray_room * sizeof *thread->strays);
    use_own_room(thread);
    thread->generation = 0;
    atomic_store(&thread->running, NULL);
    for (struct tm_thread **at = &tm_recorder.threads; *at; at = &(*at)->next)
        if (*at == thread) {
            *at = thread->next;
            break;
        }
    thread->next = tm_recorder.spare_threads;
    tm_recorder.spare_threads = thread;
}

/* The thread ends. */
static void leave(void *context)
{
    static struct tm_totals scratch; /* guarded by the lock */
    struct tm_thread *thread = context;
    if (thread->generation == atomic_load(&tm_recorder.generation))
        thread->end_calls(thread);
    tm_thread_self = NULL;
    ended = true;
    tm_recorder_lock();
    bool counts = thread->generation == atomic_load(&tm_recorder.generation);
    for (size_t i = 0; counts && i < thread->n_cells; i++) /* what it has recorded stays with the plugins */
        if (thread->cells[i])
            tm_cell_read(thread->cells[i], true, &tm_recorder.plugins[i]->carry, &scratch);
    release_cells(thread);
    detach(thread);
    tm_recorder_unlock();
}

static void make_key(void)
{
    at_exit_known = pthread_key_create(&at_exit, leave) == 0;
}

/* Lock held. NULL: no memory. */
static struct tm_thread *new_thread(void)
{
    struct tm_thread *thread = tm_recorder.spare_threads;
    if (thread) {
        tm_recorder.spare_threads = thread->next;
    } else {
        thread = map(sizeof *thread);
        if (!thread)
            return NULL;
        use_own_room(thread);
    }
    thread->next = tm_recorder.threads;
    tm_recorder.threads = thread;
    return thread;
}

/* At a thread's first call, and at its first of another start: nothing of before is left on its stack. */
static void begin_anew(struct tm_thread *me, void (*end_calls)(struct tm_thread *))
{
    release_cells(me);
    me->generation = atomic_load(&tm_recorder.generation);
    me->number = ++threads_seen;
    me->serial = me->number << TM_SERIAL_BITS;
    me->depth = 0;
    me->end_calls = end_calls;
    memset(&me->turns, 0, sizeof me->turns);
    me->delay = me->delay_asked = INT64_MIN / 2; /* asked at the first step */
    atomic_store(&me->running, NULL);
    atomic_store(&me->n_strays, 0);
    pthread_getcpuclockid(pthread_self(), &me->cpu_clock);
    tm_clock_attach(&me->clock);
    me->memory = tm_recorder.memory != TM_REC_MEMORY_OFF ? tm_recorder.hooks->thread() : NULL;
}

struct tm_thread *tm_thread_attach(void (*end_calls)(struct tm_thread *thread))
{
    pthread_once(&at_exit_made, make_key);
    if (ended)
        return NULL;
    if (!at_exit_known) {
        tm_rec_fail("calls are not recorded: the program has used up its thread keys");
        return NULL;
    }
    tm_recorder_lock();
    bool on = tm_recorder_on(), first = !tm_thread_self; /* it may have stopped meanwhile */
    struct tm_thread *me = first && on ? new_thread() : tm_thread_self;
    if (me && on)
        begin_anew(me, end_calls);
    tm_recorder_unlock();
    if (me && first && pthread_setspecific(at_exit, me) != 0) { /* nobody would tell that the thread ends */
        tm_rec_fail("out of memory: a call is not recorded");
        tm_recorder_lock();
        detach(me);
        tm_recorder_unlock();
        me = NULL;
    }
    tm_thread_self = me;
    return on ? me : NULL;
}

/* Under the lock: the plugin's ordinal may go with a stop, and cells are shared out among threads. */
struct tm_cell *tm_thread_add_cell(struct tm_thread *thread, const tm_rec_plugin *plugin)
{
    tm_recorder_lock();
    uint32_t ordinal = plugin->ordinal;
    struct tm_cell *cell = ordinal < TM_PLUGINS_MAX ? new_cell() : NULL;
    thread->cells[ordinal] = cell;
    if (cell && ordinal >= thread->n_cells)
        thread->n_cells = ordinal + 1;
    tm_recorder_unlock();
    return cell;
}

/* A list of so many items twice as long; `first` is the one that lies in the thread itself. NULL: no memory. */
static void *twice(void *list, const void *first, uint32_t *room, size_t item)
{
    size_t size = *room * item;
    void *more = map(2 * size);
    if (!more)
        return NULL;
    memcpy(more, list, size);
    if (list != first)
        munmap(list, size);
    *room *= 2;
    return more;
}

int tm_thread_more_frames(struct tm_thread *thread)
{
    struct tm_rec_call *more = twice(thread->frames, thread->first_frames, &thread->room, sizeof *more);
    if (more)
        thread->frames = more;
    return more ? 0 : -1;
}

int tm_thread_more_strays(struct tm_thread *thread)
{
    struct tm_stray *more = twice(thread->strays, thread->first_strays, &thread->stray_room, sizeof *more);
    if (more)
        thread->strays = more;
    return more ? 0 : -1;
}

void tm_threads_forget(void)
{
    for (struct tm_thread *thread = tm_recorder.threads; thread; thread = thread->next)
        tm_clock_detach(&thread->clock);
}

void tm_threads_forked(void)
{
    for (struct tm_thread *thread = tm_recorder.threads, *next; thread; thread = next) {
        next = thread->next;
        release_cells(thread);
        if (thread != tm_thread_self) {
            thread->clock.mark = NULL; /* in a thread's memory that may be gone */
            detach(thread);
        }
    }
}

static struct tm_rec_seen_thread seen(const struct tm_thread *thread)
{
    return (struct tm_rec_seen_thread){
        thread->cpu_clock, thread->number,
        atomic_load_explicit((_Atomic(tm_rec_plugin *) *)(uintptr_t)&thread->running, memory_order_relaxed), thread};
}

/* With the lock: no thread may go while it is looked at, so `visit` must be quick. */
void tm_rec_each_thread(void (*visit)(void *context, const struct tm_rec_seen_thread *thread), void *context)
{
    tm_recorder_lock();
    for (struct tm_thread *thread = tm_recorder.threads; thread; thread = thread->next)
        if (thread->generation == atomic_load(&tm_recorder.generation)) {
            struct tm_rec_seen_thread now = seen(thread);
            visit(context, &now);
        }
    tm_recorder_unlock();
}

void tm_rec_see_thread(const void *state, uint64_t number, void (*visit)(void *context, const struct tm_rec_seen_thread *thread),
                       void *context)
{
    const struct tm_thread *thread = state; /* its memory stays, and may be another thread's by now */
    tm_recorder_lock();
    if (thread->number == number && thread->generation == atomic_load(&tm_recorder.generation)) {
        struct tm_rec_seen_thread now = seen(thread);
        visit(context, &now);
    }
    tm_recorder_unlock();
}
