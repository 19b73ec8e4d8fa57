#ifndef TM_ANALYZE_ORDERED_H
#define TM_ANALYZE_ORDERED_H

#include <stdint.h>

/*
 * An ordered multiset of doubles, for windows that slide: insert, erase and
 * select by rank in O(log n) expected time, and from them the statistics of
 * stats.h without sorting anew.
 *
 * A treap (Seidel & Aragon 1996) in one growing array, linked by 32-bit
 * indices: 32 bytes per different value; equal values share a node.  The
 * priorities are a fixed pseudo-random sequence, so runs repeat exactly.
 * Infinite and NaN values are refused.
 */
struct tm_ordered {
    struct tm_ordered_node *nodes; /* [0] is the empty subtree */
    uint32_t root;
    uint32_t used, capacity; /* nodes ever taken, nodes allocated */
    uint32_t spare;          /* list of erased nodes, by left */
    uint64_t visits;         /* nodes looked at so far: what it cost */
};

/* An empty set; owns no memory until the first value. */
void tm_ordered_init(struct tm_ordered *o);

/* Release the memory; the set is then empty and usable.  NULL is fine. */
void tm_ordered_free(struct tm_ordered *o);

/* 0, or -1 with the set unchanged: errno EINVAL (not finite), ENOMEM, or
 * EOVERFLOW at 2^32 - 1 values. */
int tm_ordered_insert(struct tm_ordered *o, double value);

/* Take away one value equal to this one; 0, or -1 if there is none. */
int tm_ordered_erase(struct tm_ordered *o, double value);

/* How many values are in it, equal ones counted each. */
uint32_t tm_ordered_size(const struct tm_ordered *o);

/* The value of this rank, 0 for the smallest; NAN if rank >= size. */
double tm_ordered_select(struct tm_ordered *o, uint32_t rank);

/* How many values are < value, and how many are equal to it. */
void tm_ordered_rank(struct tm_ordered *o, double value, uint32_t *below, uint32_t *equal);

/*
 * As tm_percentile() (type 7, p in 0 .. 100), tm_median() and tm_mad() of the
 * values now in the set, and equal to them to the last bit; NAN when empty.
 * Percentile and median take O(log n).  The MAD takes O(log^2 n): the values
 * up to the median, downwards, and those above it, upwards, are two sorted
 * sequences of deviations, whose union is selected from by binary search.
 */
double tm_ordered_percentile(struct tm_ordered *o, double p);
double tm_ordered_median(struct tm_ordered *o);
double tm_ordered_mad(struct tm_ordered *o);

#endif
