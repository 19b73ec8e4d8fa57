/* The sample of who allocates: two tables of fixed size, places and samples, claimed by compare-and-swap. A sample stands for the
 * bytes that went by since the one before, so that sums over a place estimate what it really holds. */
#include "record/malloc/sample.h"

#include <execinfo.h>
#include <link.h>
#include <string.h>

#include "record/malloc/account.h"

enum {
    SITES = 16384,   /* places and owners, 640 KiB of which only what is used is touched; a large program has some thousand */
    SAMPLES = 32768, /* blocks that are noted and live; at 64 KiB a sample that is 2 GiB */
    PROBES = 32,     /* slots looked at before there is no room: the tables may be nine tenths full by then */
    RUNTIMES = 8,    /* code segments of the C and C++ libraries, one or two each */
    FRAMES = 16,     /* of the stack; the C and C++ libraries call each other a few deep before they allocate */
};
#define STEP_MAX ((int64_t)1 << 40) /* a sample in a tebibyte is none; one and a half of it is far from overflow */

/* A place and an owner. Claimed by its key; readable once it has an address. */
struct site {
    _Atomic uint64_t key;
    _Atomic(const void *) address;
    _Atomic(const struct tm_memory_owner *) owner;
    _Atomic int64_t bytes, blocks;
};

/* A block that was noted, for as long as it lives. */
struct sample {
    _Atomic bool taken;
    struct site *site;
    struct tm_memory_owner *owner;
    int64_t size;          /* of the block */
    int64_t bytes, blocks; /* that it stands for */
};

static struct site sites[SITES];
static struct sample samples[SAMPLES];
static _Atomic int64_t step;
static _Atomic uint64_t threads;
static unsigned begun;

/* ---- the place ---- */

/* Where the C and C++ libraries are: who calls them is who allocates. */
static struct {
    uintptr_t from, to;
} runtimes[RUNTIMES];
static size_t n_runtimes;

static bool in_runtime(const void *address)
{
    for (size_t i = 0; i < n_runtimes; i++)
        if ((uintptr_t)address >= runtimes[i].from && (uintptr_t)address < runtimes[i].to)
            return true;
    return false;
}

/* By the name of its file, whatever its version. */
static bool is_runtime(const char *path)
{
    static const char *const names[] = {"libc.so", "libstdc++.so", "libc++.so", "libc++abi.so"};
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strncmp(name, names[i], strlen(names[i])) == 0)
            return true;
    return false;
}

static int note_runtime(struct dl_phdr_info *object, size_t size, void *unused)
{
    (void)size, (void)unused;
    if (!is_runtime(object->dlpi_name))
        return 0;
    for (size_t i = 0; i < object->dlpi_phnum && n_runtimes < RUNTIMES; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        runtimes[n_runtimes].from = object->dlpi_addr + part->p_vaddr;
        runtimes[n_runtimes].to = runtimes[n_runtimes].from + part->p_memsz;
        n_runtimes++;
    }
    return 0;
}

/* The call in the first frame outside of them. Unwinding is slow, but only samples come here. */
static const void *place_of_call(const void *caller)
{
    void *frames[FRAMES];
    int count, i = 0;

    if (!in_runtime(caller))
        return caller;
    count = backtrace(frames, FRAMES);
    while (i < count && (const char *)frames[i] - 1 != (const char *)caller)
        i++;
    for (; i < count; i++)
        if (!in_runtime((const char *)frames[i] - 1))
            return (const char *)frames[i] - 1;
    return caller;
}

/* ---- the tables ---- */

/* Every bit of x changes half of all bits: a hash, and a step of a random number generator. */
static uint64_t scramble(uint64_t x)
{
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93;
    return x ^ (x >> 32);
}

/* NULL: no room. */
static struct site *site_of(const void *address, const struct tm_memory_owner *owner)
{
    uint64_t key = scramble((uintptr_t)address ^ scramble((uintptr_t)owner)) | 1;

    for (size_t i = 0; i < PROBES; i++) {
        struct site *site = &sites[(key / 2 + i) % SITES];
        uint64_t there = atomic_load_explicit(&site->key, memory_order_relaxed);
        if (there == 0 && atomic_compare_exchange_strong(&site->key, &there, key)) {
            atomic_store_explicit(&site->owner, owner, memory_order_relaxed);
            atomic_store_explicit(&site->address, address, memory_order_release);
            return site;
        }
        if (there == key)
            return site;
    }
    return NULL;
}

/* Looks from a random slot on, so that threads seldom meet. NULL: no room. */
static struct sample *free_sample(uint64_t random)
{
    for (size_t i = 0; i < PROBES; i++) {
        struct sample *sample = &samples[(random + i) % SAMPLES];
        if (!atomic_load_explicit(&sample->taken, memory_order_relaxed) &&
            !atomic_exchange_explicit(&sample->taken, true, memory_order_acquire))
            return sample;
    }
    return NULL;
}

unsigned tm_sample_begin(int64_t bytes)
{
    void *frame;

    for (size_t i = 0; i < SITES; i++) {
        if (atomic_load(&sites[i].key) == 0)
            continue;
        atomic_store(&sites[i].address, NULL);
        atomic_store(&sites[i].bytes, 0);
        atomic_store(&sites[i].blocks, 0);
        atomic_store(&sites[i].key, 0);
    }
    for (size_t i = 0; i < SAMPLES; i++)
        if (atomic_load(&samples[i].taken))
            atomic_store(&samples[i].taken, false);
    atomic_store(&step, bytes < STEP_MAX ? bytes : STEP_MAX);
    atomic_store(&threads, 0);
    n_runtimes = 0;
    dl_iterate_phdr(note_runtime, NULL);
    backtrace(&frame, 1); /* the first time it loads a library */
    return ++begun;
}

/* ---- sampling ---- */

static uint64_t next_random(struct tm_sample_thread *thread)
{
    return scramble(thread->random += 0x9e3779b97f4a7c15 /* 2^64 over the golden ratio */);
}

/* The first gap is any part of the mean: threads that all begin with the same allocations are not all sampled at the same one. */
static void begin_thread(struct tm_sample_thread *thread, int64_t mean, unsigned number)
{
    thread->random = scramble(atomic_fetch_add(&threads, 1));
    thread->begun = number;
    thread->gap = 1 + (int64_t)(next_random(thread) % (uint64_t)mean);
}

/* How many bytes the block stands for; 0: no sample is due. Gaps are half to one and a half of their mean at random: whatever
 * repeats itself in the program is met at another place each time. Of `mean` bytes one is met, so a block of `size` bytes is met
 * size / mean times. Blocks that no gap could step over stand for themselves, and leave the gap as it is. */
static int64_t stands_for(struct tm_sample_thread *thread, int64_t size, int64_t mean)
{
    int64_t met = 0;

    if (size >= mean + mean / 2)
        return size;
    for (thread->gap -= size; thread->gap <= 0; met++)
        thread->gap += mean - mean / 2 + (int64_t)(next_random(thread) % (uint64_t)mean);
    return met * mean;
}

/* The tag of the sample that is taken of a block, or 0: none is due, or there is no room. */
static uint64_t take_sample(struct tm_memory_owner *owner, int64_t size, const void *caller, unsigned number)
{
    struct tm_sample_thread *thread = &tm_hooks_thread.sample;
    int64_t mean = atomic_load_explicit(&step, memory_order_relaxed), bytes;
    struct sample *sample;

    if (thread->busy)
        return 0;
    if (thread->begun != number)
        begin_thread(thread, mean, number);
    bytes = stands_for(thread, size, mean);
    if (bytes == 0 || !(sample = free_sample(next_random(thread))))
        return 0;
    thread->busy = true;
    sample->site = site_of(place_of_call(caller), owner);
    thread->busy = false;
    if (!sample->site) {
        atomic_store_explicit(&sample->taken, false, memory_order_release);
        return 0;
    }
    sample->owner = owner;
    sample->size = size;
    sample->bytes = bytes;
    sample->blocks = (bytes + size / 2) / size;
    atomic_fetch_add_explicit(&sample->site->bytes, sample->bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&sample->site->blocks, sample->blocks, memory_order_relaxed);
    return (uintptr_t)sample | TM_TAG_SAMPLED;
}

void *tm_hooks_charge_slowly(void *block, struct tm_memory_owner *owner, int64_t size, const void *caller, unsigned now)
{
    tm_tag_slot *slot = tm_tag_make(block);
    uint64_t tag;

    if (!slot)
        return block;
    tag = atomic_load_explicit(slot, memory_order_relaxed);
    if (tag & TM_TAG_SAMPLED)
        tm_hooks_drop_sample(tag);
    tag = now & TM_HOOKS_SAMPLE ? take_sample(owner, size, caller, now >> TM_HOOKS_BITS) : 0;
    atomic_store_explicit(slot, tag ? tag : (uintptr_t)owner, memory_order_relaxed);
    tm_hooks_own(owner, size);
    return block;
}

void tm_hooks_drop_sample(uint64_t tag)
{
    struct sample *sample = (struct sample *)(uintptr_t)(tag & ~(uint64_t)TM_TAG_SAMPLED);

    atomic_fetch_sub_explicit(&sample->owner->live, sample->size, memory_order_relaxed);
    atomic_fetch_sub_explicit(&sample->site->bytes, sample->bytes, memory_order_relaxed);
    atomic_fetch_sub_explicit(&sample->site->blocks, sample->blocks, memory_order_relaxed);
    atomic_store_explicit(&sample->taken, false, memory_order_release);
}

size_t tm_sample_sites(struct tm_memory_site *largest, size_t most)
{
    size_t count = 0;

    for (size_t i = 0; i < SITES; i++) {
        struct tm_memory_site site = {.address = atomic_load_explicit(&sites[i].address, memory_order_acquire)};
        size_t at;
        site.owner = atomic_load_explicit(&sites[i].owner, memory_order_relaxed);
        site.bytes = atomic_load_explicit(&sites[i].bytes, memory_order_relaxed);
        site.blocks = atomic_load_explicit(&sites[i].blocks, memory_order_relaxed);
        if (!site.address || site.bytes <= 0)
            continue;
        for (at = count; at > 0 && largest[at - 1].bytes < site.bytes; at--)
            if (at < most)
                largest[at] = largest[at - 1];
        if (at < most)
            largest[at] = site;
        count += count < most;
    }
    return count;
}
