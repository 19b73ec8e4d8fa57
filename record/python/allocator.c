/* Counts what Python's allocators hand out and take back: for the thread, and for the plugin that owns the block. The hooks are set
 * before the allocators of objects and of other memory under the interpreter's lock (PYMEM_DOMAIN_OBJ, PYMEM_DOMAIN_MEM); what they
 * know of a block is kept beside the heap (blocks.h), so they may come and go at any time.
 *
 * Where libtidemark_malloc.so is loaded, it counts what goes through malloc, and these hooks the rest: small blocks, which Python
 * cuts out of larger ones. */
#include "record/python/allocator.h"

#include <dlfcn.h>
#include <stdbool.h>

#include "record/python/blocks.h"
#include "record/python/compat.h"
#include "record/tidemark_record.h"

enum {
    SIZE_BITS = 48,    /* of a slot; above them is the owner's number */
    OWNERS = 1 << 16,  /* as many numbers as the other bits hold, four times as many as there can be plugins */
    SMALL_MOST = 4096, /* bytes; Python's own allocator goes up to 512, and what others put in its place not much further */
};

/* The allocator that was there before the hooks. */
struct domain {
    PyMemAllocatorDomain name;
    PyMemAllocatorEx below;
};
static struct domain domains[] = {{.name = PYMEM_DOMAIN_OBJ}, {.name = PYMEM_DOMAIN_MEM}};
enum { DOMAINS = sizeof domains / sizeof *domains };

static bool counting;
static size_t largest = SIZE_MAX;                        /* larger blocks are malloc's, and counted there */
static const struct tm_memory_hooks *native;             /* malloc's; NULL: not loaded */
static _Atomic(struct tm_memory_owner *) owners[OWNERS]; /* by number, where their addresses hash to; 0: nobody */
static bool traced[OWNERS];

/* ---- who allocates ---- */

static uint32_t epoch = 1; /* a new one with each mode */

struct account {
    struct tm_memory_thread *thread, own;
    struct tm_memory_owner *owner; /* the last one, with its number */
    uint16_t number;
    uint32_t epoch; /* that all this is of */
};
static _Thread_local struct account mine;

/* The thread's account: malloc's hooks' own where these are loaded, so that both count into one. */
static struct tm_memory_thread *this_thread(void)
{
    struct account *me = &mine;
    if (me->epoch != epoch) {
        me->epoch = epoch;
        me->thread = native ? native->thread() : &me->own;
        me->owner = NULL;
    }
    return me->thread;
}

uint16_t tm_py_owner_number(struct tm_memory_owner *owner)
{
    uint16_t at = (uint16_t)((uintptr_t)owner * 0x9e3779b97f4a7c15 /* 2^64 over the golden ratio */ >> SIZE_BITS);
    for (size_t tries = 0; tries < OWNERS; tries++, at++) {
        struct tm_memory_owner *there = NULL;
        if (at != 0 && (atomic_load(&owners[at]) == owner || atomic_compare_exchange_strong(&owners[at], &there, owner)))
            return at;
    }
    return 0;
}

/* The number of an owner, remembered for the thread: most blocks in a row have the same. */
static uint16_t number_of(struct tm_memory_owner *owner)
{
    struct account *me = &mine;
    if (!owner)
        return 0;
    if (me->owner != owner) {
        me->number = tm_py_owner_number(owner);
        me->owner = owner;
    }
    return me->number;
}

void tm_py_trace_owner(uint16_t number)
{
    traced[number] = true;
}

/* ---- counting ---- */

static void charge_thread(struct tm_memory_thread *thread, int64_t size)
{
    thread->net += size;
    if (thread->net > thread->high)
        thread->high = thread->net;
}

static void charge_owner(struct tm_memory_owner *owner, int64_t size)
{
    int64_t live = atomic_fetch_add_explicit(&owner->live, size, memory_order_relaxed) + size;
    int64_t peak = atomic_load_explicit(&owner->peak, memory_order_relaxed);
    while (live > peak &&
           !atomic_compare_exchange_weak_explicit(&owner->peak, &peak, live, memory_order_relaxed, memory_order_relaxed))
        ;
}

/* Without room for what is known of it, it is not counted. */
static void note_block(void *block, size_t size)
{
    if (!block || size == 0 || size > largest || size >> SIZE_BITS != 0)
        return;
    tm_py_slot *slot = tm_py_slot_find(block);
    if (!slot && !(slot = tm_py_slot_make(block)))
        return;
    struct tm_memory_thread *thread = this_thread();
    uint16_t owner = number_of(thread->owner);
    *slot = (uint64_t)owner << SIZE_BITS | size;
    charge_thread(thread, (int64_t)size);
    if (owner)
        charge_owner(thread->owner, (int64_t)size);
    if (traced[owner])
        PyTraceMalloc_Track(TM_PY_TRACE_DOMAIN + owner, (uintptr_t)block, size);
}

/* What was known of a block that is about to go. */
static tm_py_slot forget_block(const void *block)
{
    tm_py_slot *slot = tm_py_slot_find(block), was = slot ? *slot : 0;
    if (was == 0)
        return 0;
    int64_t size = (int64_t)(was & ((1ULL << SIZE_BITS) - 1));
    uint16_t owner = (uint16_t)(was >> SIZE_BITS);
    *slot = 0;
    this_thread()->net -= size;
    if (owner)
        atomic_fetch_sub_explicit(&atomic_load_explicit(&owners[owner], memory_order_relaxed)->live, size, memory_order_relaxed);
    if (traced[owner])
        PyTraceMalloc_Untrack(TM_PY_TRACE_DOMAIN + owner, (uintptr_t)block);
    return was;
}

/* It stays after all: what was known of it is known again. */
static void remember_block(void *block, tm_py_slot was)
{
    int64_t size = (int64_t)(was & ((1ULL << SIZE_BITS) - 1));
    uint16_t owner = (uint16_t)(was >> SIZE_BITS);
    tm_py_slot *slot = tm_py_slot_find(block);
    if (was == 0 || !slot)
        return;
    *slot = was;
    charge_thread(this_thread(), size);
    if (owner)
        charge_owner(atomic_load(&owners[owner]), size);
    if (traced[owner])
        PyTraceMalloc_Track(TM_PY_TRACE_DOMAIN + owner, (uintptr_t)block, (size_t)size);
}

/* ---- the hooks ---- */

static void *hook_malloc(void *context, size_t size)
{
    const PyMemAllocatorEx *below = &((struct domain *)context)->below;
    void *block = below->malloc(below->ctx, size);
    if (counting)
        note_block(block, size);
    return block;
}

static void *hook_calloc(void *context, size_t n, size_t size)
{
    const PyMemAllocatorEx *below = &((struct domain *)context)->below;
    void *block = below->calloc(below->ctx, n, size);
    if (counting)
        note_block(block, n * size);
    return block;
}

/* Forgotten before, since the old block may be another thread's by the time realloc returns. */
static void *hook_realloc(void *context, void *block, size_t size)
{
    const PyMemAllocatorEx *below = &((struct domain *)context)->below;
    tm_py_slot was = counting && block ? forget_block(block) : 0;
    void *moved = below->realloc(below->ctx, block, size);
    if (counting && moved)
        note_block(moved, size);
    else if (counting)
        remember_block(block, was);
    return moved;
}

static void hook_free(void *context, void *block)
{
    const PyMemAllocatorEx *below = &((struct domain *)context)->below;
    if (counting && block)
        forget_block(block);
    below->free(below->ctx, block);
}

/* ---- on and off ---- */

static bool is_ours(const struct domain *domain)
{
    PyMemAllocatorEx now;
    PyMem_GetAllocator(domain->name, &now);
    return now.ctx == domain && now.malloc == hook_malloc;
}

/* Somebody who has set hooks before ours since then (tracemalloc does) goes on calling them: they stay, and do nothing. */
static void install(struct domain *domain)
{
    if (is_ours(domain))
        return;
    PyMemAllocatorEx hooks = {domain, hook_malloc, hook_calloc, hook_realloc, hook_free};
    PyMem_GetAllocator(domain->name, &domain->below);
    PyMem_SetAllocator(domain->name, &hooks);
}

void tm_py_allocator_restore(void)
{
    for (size_t i = 0; i < DOMAINS && !counting; i++)
        if (is_ours(&domains[i]))
            PyMem_SetAllocator(domains[i].name, &domains[i].below);
}

static int64_t counted_natively(void)
{
    return native->thread()->net;
}

/* The largest block of Python's that malloc does not see. */
static size_t beyond_malloc(void)
{
    for (size_t size = 16; size <= SMALL_MOST; size += 16) {
        int64_t before = counted_natively();
        void *block = PyObject_Malloc(size);
        bool seen = counted_natively() != before;
        PyObject_Free(block);
        if (seen)
            return size - 16;
    }
    return SIZE_MAX;
}

/* Off first, whatever comes: the tables are emptied while no hook counts. */
static int set_mode(int mode, int64_t site_bytes)
{
    native = dlsym(RTLD_DEFAULT, "tm_memory_hooks");
    if (native && (native->version != TM_MEMORY_HOOKS_VERSION || native->mode(mode, site_bytes) != 0))
        native = NULL;
    counting = false;
    epoch++;
    tm_py_allocator_restore();
    tm_py_slots_forget();
    for (size_t i = 0; i < OWNERS; i++) {
        atomic_store_explicit(&owners[i], NULL, memory_order_relaxed);
        traced[i] = false;
    }
    if (mode == TM_REC_MEMORY_OFF)
        return 0;
    largest = native ? beyond_malloc() : SIZE_MAX;
    for (size_t i = 0; i < DOMAINS; i++)
        install(&domains[i]);
    counting = true;
    return 0;
}

static size_t sites(struct tm_memory_site *found, size_t most)
{
    return native ? native->sites(found, most) : 0;
}

const struct tm_memory_hooks tm_memory_hooks = {
    .version = TM_MEMORY_HOOKS_VERSION,
    .thread = this_thread,
    .mode = set_mode,
    .sites = sites,
};
