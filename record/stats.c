/* Cells and totals. One thread writes a cell and any may read it, without a lock: the version is odd while something is added, and
 * a reader that saw it change, or odd, reads again (a seqlock, whose data is atomic so that the reads are no race). */
#include "record/stats.h"

#include <stdatomic.h>
#include <string.h>

enum {
    FIRST_BUCKET = 1023 * 64, /* of 1 ns: a double's biased exponent of 2^0, in 64ths of an octave (schema/sketch.h) */
    TRIES = 100,              /* of a reader, against calls that end all the time; then it asks the writer to wait (wanted) */
};

#define LONGEST ((1LL << TM_OCTAVES) - 1)

typedef void visit_line(void *into, const void *from, int first);

/* Calls `visit` with the first bucket of every used line. */
static inline __attribute__((always_inline)) void each_line(const uint64_t *used, visit_line *visit, void *into, const void *from)
{
    for (int word = 0; word < TM_LINE_WORDS; word++)
        for (uint64_t left = used[word]; left; left &= left - 1)
            visit(into, from, (64 * word + __builtin_ctzll(left)) * TM_LINE);
}

/* By the thread that adds, whose own stores these are. */
static int64_t own_value(const _Atomic int64_t *value)
{
    return atomic_load_explicit((_Atomic int64_t *)(uintptr_t)value, memory_order_relaxed);
}

/* All are release stores, and the reader's loads acquire: nobody sees a part of what is added without the odd version before it. */
static void add_to(_Atomic int64_t *value, int64_t more)
{
    atomic_store_explicit(value, own_value(value) + more, memory_order_release);
}

/* A reader may take the extreme in between, hence the exchange. */
static void raise_to(_Atomic int64_t *value, int64_t to)
{
    int64_t now = atomic_load(value);
    while (to > now && !atomic_compare_exchange_weak_explicit(value, &now, to, memory_order_release, memory_order_relaxed))
        ;
}

/* A double's exponent and first 6 bits of mantissa: 64 buckets an octave. */
static uint32_t bucket_of(int64_t latency)
{
    double value = (double)(latency < LONGEST ? latency : LONGEST);
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint32_t)(bits >> TM_SKETCH_SHIFT) - FIRST_BUCKET;
}

/* The bucket's line is noted as used, so that readers copy a few lines and not all of them. */
static void add_latency(struct tm_cell *cell, int64_t latency)
{
    uint32_t bucket = bucket_of(latency);
    uint32_t line = bucket / TM_LINE;
    uint64_t bit = 1ull << line % 64, used = atomic_load_explicit(&cell->used[line / 64], memory_order_relaxed);
    if (!(used & bit))
        atomic_store_explicit(&cell->used[line / 64], used | bit, memory_order_release);
    uint64_t count = atomic_load_explicit(&cell->buckets[bucket], memory_order_relaxed);
    atomic_store_explicit(&cell->buckets[bucket], count + 1, memory_order_release);
}

/* The version becomes odd with a full barrier: an extreme that need not be raised is only looked at, and a reader that takes it
 * must not find the version even after that. */
void tm_cell_add(struct tm_cell *cell, const struct tm_facts *facts)
{
    uint64_t version = atomic_load_explicit(&cell->version, memory_order_relaxed);
    atomic_exchange(&cell->version, version + 1);
    add_to(&cell->sums[TM_CALLS], facts->sums[TM_CALLS]);
    add_to(&cell->sums[TM_WALL], facts->sums[TM_WALL]);
    add_to(&cell->sums[TM_CPU], facts->sums[TM_CPU]);
    add_to(&cell->sums[TM_OCCUPIED], facts->sums[TM_OCCUPIED]);
    add_to(&cell->sums[TM_SELF_WALL], facts->sums[TM_SELF_WALL]);
    add_to(&cell->sums[TM_SELF_CPU], facts->sums[TM_SELF_CPU]);
    for (int i = TM_RARE; facts->rare && i < TM_HELD; i++)
        add_to(&cell->sums[i], facts->sums[i]);
    raise_to(&cell->extremes[TM_SLOWEST], facts->extremes[TM_SLOWEST]);
    raise_to(&cell->extremes[TM_FASTEST], facts->extremes[TM_FASTEST]);
    raise_to(&cell->extremes[TM_LONGEST_STEP], facts->extremes[TM_LONGEST_STEP]);
    raise_to(&cell->extremes[TM_PEAK], facts->extremes[TM_PEAK]);
    if (facts->latency > 0)
        add_latency(cell, facts->latency);
    atomic_store_explicit(&cell->version, version + 2, memory_order_release);
}

void tm_cell_add_to(struct tm_cell *cell, enum tm_sum sum, int64_t more)
{
    uint64_t version = atomic_load_explicit(&cell->version, memory_order_relaxed);
    atomic_exchange(&cell->version, version + 1);
    add_to(&cell->sums[sum], more);
    atomic_store_explicit(&cell->version, version + 2, memory_order_release);
}

void tm_cell_mend(struct tm_cell *cell)
{
    uint64_t version = atomic_load_explicit(&cell->version, memory_order_relaxed);
    atomic_store_explicit(&cell->version, version + (version & 1), memory_order_release);
}

static void clear_line(void *into, const void *from, int first)
{
    struct tm_cell *cell = into;
    (void)from;
    for (int i = first; i < first + TM_LINE; i++)
        atomic_store_explicit(&cell->buckets[i], 0, memory_order_relaxed);
}

void tm_cell_clear(struct tm_cell *cell)
{
    uint64_t used[TM_LINE_WORDS];
    for (int i = 0; i < TM_LINE_WORDS; i++)
        used[i] = atomic_exchange_explicit(&cell->used[i], 0, memory_order_relaxed);
    each_line(used, clear_line, cell, NULL);
    for (int i = 0; i < TM_SUMS; i++)
        atomic_store_explicit(&cell->sums[i], 0, memory_order_relaxed);
    for (int i = 0; i < TM_EXTREMES; i++)
        atomic_store_explicit(&cell->extremes[i], TM_NOTHING, memory_order_relaxed);
    atomic_store_explicit(&cell->wanted, false, memory_order_relaxed);
    atomic_store_explicit(&cell->version, 0, memory_order_relaxed); /* its writer may be gone in the middle of a call: a fork */
    cell->depth = 0;
    memset(&cell->steps, 0, sizeof cell->steps);
}

/* By readers: what is read after this is no older. */
static int64_t get_acquire(const _Atomic int64_t *value)
{
    return atomic_load_explicit((_Atomic int64_t *)(uintptr_t)value, memory_order_acquire);
}

static void copy_line(void *into, const void *from, int first)
{
    struct tm_totals *copy = into;
    const struct tm_cell *cell = from;
    for (int i = first; i < first + TM_LINE; i++)
        copy->buckets[i] = atomic_load_explicit((_Atomic uint64_t *)(uintptr_t)&cell->buckets[i], memory_order_acquire);
}

/* Copies without a lock; whether it is whole, the version says afterwards. */
static void copy_cell(struct tm_cell *cell, struct tm_totals *copy)
{
    for (int i = 0; i < TM_LINE_WORDS; i++)
        copy->used[i] = atomic_load_explicit(&cell->used[i], memory_order_acquire);
    for (int i = 0; i < TM_SUMS; i++)
        copy->sums[i] = get_acquire(&cell->sums[i]);
    for (int i = 0; i < TM_EXTREMES; i++)
        copy->extremes[i] = get_acquire(&cell->extremes[i]);
    each_line(copy->used, copy_line, copy, cell);
}

/* Takes the extremes, or leaves them if something has been added meanwhile. */
static bool take_extremes(struct tm_cell *cell, uint64_t version, struct tm_totals *copy)
{
    for (int i = 0; i < TM_EXTREMES; i++)
        copy->extremes[i] = atomic_exchange(&cell->extremes[i], TM_NOTHING);
    if (atomic_load(&cell->version) == version)
        return true;
    for (int i = 0; i < TM_EXTREMES; i++)
        raise_to(&cell->extremes[i], copy->extremes[i]);
    return false;
}

/* Adds the cell to *totals; take: its extremes are taken, its sums are not (the reader remembers
 * what it has had). false: the writer was busy at every try, and nothing was added. */
bool tm_cell_read(struct tm_cell *cell, bool take, struct tm_totals *totals, struct tm_totals *scratch)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t version = atomic_load_explicit(&cell->version, memory_order_acquire);
        if (version & 1)
            continue;
        copy_cell(cell, scratch);
        if (atomic_load_explicit(&cell->version, memory_order_relaxed) != version ||
            (take && !take_extremes(cell, version, scratch)))
            continue;
        tm_totals_add(totals, scratch);
        return true;
    }
    return false;
}

static void zero_line(void *into, const void *from, int first)
{
    struct tm_totals *totals = into;
    (void)from;
    memset(totals->buckets + first, 0, TM_LINE * sizeof *totals->buckets);
}

void tm_totals_clear(struct tm_totals *totals)
{
    each_line(totals->used, zero_line, totals, NULL);
    memset(totals->used, 0, sizeof totals->used);
    memset(totals->sums, 0, sizeof totals->sums);
    for (int i = 0; i < TM_EXTREMES; i++)
        totals->extremes[i] = TM_NOTHING;
}

static void add_line(void *into, const void *from, int first)
{
    struct tm_totals *to = into;
    const struct tm_totals *more = from;
    for (int i = first; i < first + TM_LINE; i++)
        to->buckets[i] += more->buckets[i];
}

static void take_line(void *into, const void *from, int first)
{
    struct tm_totals *to = into;
    const struct tm_totals *what = from;
    for (int i = first; i < first + TM_LINE; i++)
        to->buckets[i] -= what->buckets[i];
}

void tm_totals_add(struct tm_totals *to, const struct tm_totals *from)
{
    for (int i = 0; i < TM_SUMS; i++)
        to->sums[i] += from->sums[i];
    for (int i = 0; i < TM_EXTREMES; i++)
        if (from->extremes[i] > to->extremes[i])
            to->extremes[i] = from->extremes[i];
    each_line(from->used, add_line, to, from);
    for (int i = 0; i < TM_LINE_WORDS; i++)
        to->used[i] |= from->used[i];
}

/* Sums and buckets are subtracted; extremes cannot be, and begin anew. */
void tm_totals_take(struct tm_totals *from, const struct tm_totals *what)
{
    for (int i = 0; i < TM_SUMS; i++)
        from->sums[i] -= what->sums[i];
    for (int i = 0; i < TM_EXTREMES; i++)
        from->extremes[i] = TM_NOTHING;
    each_line(what->used, take_line, from, what);
    for (int i = 0; i < TM_LINE_WORDS; i++)
        from->used[i] |= what->used[i];
}

/* From the first used bucket to behind the last; 0 and 0 if there is none. */
static void used_range(const struct tm_totals *totals, uint32_t *first, uint32_t *end)
{
    *first = *end = 0;
    for (uint32_t word = 0; word < TM_LINE_WORDS; word++)
        if (totals->used[word]) {
            if (*end == 0)
                *first = (64 * word + (uint32_t)__builtin_ctzll(totals->used[word])) * TM_LINE;
            *end = (64 * word + 64 - (uint32_t)__builtin_clzll(totals->used[word])) * TM_LINE;
        }
}

int tm_totals_to_sketch(const struct tm_totals *totals, struct tm_sketch *sketch)
{
    uint32_t first, end;
    used_range(totals, &first, &end);
    return tm_sketch_add_counts(sketch, FIRST_BUCKET + first, totals->buckets + first, end - first,
                                (uint64_t)totals->sums[TM_ZEROS], -(double)totals->extremes[TM_FASTEST],
                                (double)totals->extremes[TM_SLOWEST]);
}

void tm_totals_add_sketch(struct tm_totals *totals, const struct tm_sketch *sketch)
{
    for (uint32_t i = 0; i < sketch->len; i++)
        if (sketch->counts[i]) {
            uint32_t bucket = sketch->first + i - FIRST_BUCKET, line = bucket / TM_LINE;
            totals->buckets[bucket] += sketch->counts[i];
            totals->used[line / 64] |= 1ull << line % 64;
        }
}
