/* A treap: a search tree by value that is a heap by priority, so that pseudo-random priorities keep it balanced
 * without any rebalancing code. Each node knows the size of its subtree, which makes "the value of rank k" a
 * walk from the root.
 *
 * Node 0 stands for "no subtree": its size is 0, and nothing ever writes to it.
 * Indices, not pointers, since the array moves when it grows. */
#include "analyze/ordered.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "analyze/stats.h"

struct tm_ordered_node {
    double value;
    uint32_t left, right;
    uint32_t count;    /* values here */
    uint32_t size;     /* values here and below */
    uint32_t priority; /* a child's never exceeds its parent's */
};

void tm_ordered_init(struct tm_ordered *o)
{
    o->nodes = NULL;
    o->root = 0;
    o->used = 0;
    o->capacity = 0;
    o->spare = 0;
    o->visits = 0;
}

void tm_ordered_free(struct tm_ordered *o)
{
    if (!o)
        return;
    free(o->nodes);
    tm_ordered_init(o);
}

uint32_t tm_ordered_size(const struct tm_ordered *o)
{
    return o->root != 0 ? o->nodes[o->root].size : 0;
}

/* Doubles the room; node 0 is made with the first. -1: ENOMEM, nothing changed. */
static int grow(struct tm_ordered *o)
{
    uint64_t capacity = o->capacity > 0 ? 2 * (uint64_t)o->capacity : 32; /* windows of 30 nights are the usual ones */
    struct tm_ordered_node *nodes;

    if (capacity > UINT32_MAX) /* indices have 32 bits */
        capacity = UINT32_MAX;
    nodes = realloc(o->nodes, (size_t)capacity * sizeof *nodes);
    if (!nodes)
        return -1;
    if (o->used == 0)
        nodes[o->used++] = (struct tm_ordered_node){0};
    o->nodes = nodes;
    o->capacity = (uint32_t)capacity;
    return 0;
}

/* Scatter the bits of an index: multiply by 2^32 / golden ratio, fold, twice. */
static uint32_t priority_of(uint32_t index)
{
    index *= 0x9e3779b1u;
    index ^= index >> 15;
    index *= 0x9e3779b1u;
    return index ^ index >> 13;
}

/* A node for one value, an erased one first, or 0: ENOMEM. May move the nodes: pointers into them are stale
 * afterwards. */
static uint32_t new_node(struct tm_ordered *o, double value)
{
    uint32_t node = o->spare;

    if (node != 0) {
        o->spare = o->nodes[node].left;
    } else {
        if (o->used == o->capacity && grow(o) != 0)
            return 0;
        node = o->used++;
    }
    o->nodes[node] = (struct tm_ordered_node){.value = value, .count = 1, .size = 1, .priority = priority_of(node)};
    return node;
}

/* To be called whenever a node's children have changed, the lower node first. */
static void update_size(struct tm_ordered_node *nodes, uint32_t node)
{
    struct tm_ordered_node *p = &nodes[node];

    p->size = nodes[p->left].size + p->count + nodes[p->right].size;
}

/* Divide a tree into what is below value and what is above it; the value itself is not in it. Expected depth
 * O(log n), so the recursion is shallow. */
static void split(struct tm_ordered *o, uint32_t tree, double value, uint32_t *below, uint32_t *above)
{
    struct tm_ordered_node *p = &o->nodes[tree];

    if (tree == 0) {
        *below = *above = 0;
        return;
    }
    o->visits++;
    if (p->value < value) {
        *below = tree;
        split(o, p->right, value, &p->right, above);
    } else {
        *above = tree;
        split(o, p->left, value, below, &p->left);
    }
    update_size(o->nodes, tree);
}

/* One tree of two, all of a being below all of b. */
static uint32_t join(struct tm_ordered *o, uint32_t a, uint32_t b)
{
    struct tm_ordered_node *nodes = o->nodes;

    if (a == 0 || b == 0)
        return a + b;
    /* Only the half of the tree that value falls into is divided further; the other stays with its side whole. */
    o->visits++;
    /* The root of higher priority stays on top; the other goes into the side that faces it. */
    if (nodes[a].priority > nodes[b].priority) {
        nodes[a].right = join(o, nodes[a].right, b);
        update_size(nodes, a);
        return a;
    }
    nodes[b].left = join(o, a, nodes[b].left);
    update_size(nodes, b);
    return b;
}

/* The node of that value, or 0. */
static uint32_t find_node(struct tm_ordered *o, double value)
{
    uint32_t node = o->root;

    while (node != 0 && o->nodes[node].value != value) {
        struct tm_ordered_node *p = &o->nodes[node];

        o->visits++;
        node = value < p->value ? p->left : p->right;
    }
    return node;
}

/* The link that leads to the node of this value, or, where `fresh` is a new node, to the place its priority
 * gives it. All sizes on the way change by `change` (modulo 2^32, so (uint32_t)-1 takes one away): the caller
 * must know that the value is there, or that the node goes in. */
static uint32_t *descend(struct tm_ordered *o, double value, uint32_t fresh, uint32_t change)
{
    struct tm_ordered_node *nodes = o->nodes;
    uint32_t *link = &o->root;

    while (*link != 0 && nodes[*link].value != value) {
        struct tm_ordered_node *p = &nodes[*link];

        if (fresh != 0 && p->priority < nodes[fresh].priority)
            break;
        o->visits++;
        p->size += change;
        link = value < p->value ? &p->left : &p->right;
    }
    return link;
}

int tm_ordered_insert(struct tm_ordered *o, double value)
{
    uint32_t *link, fresh;

    if (!isfinite(value) || tm_ordered_size(o) == UINT32_MAX) {
        errno = isfinite(value) ? EOVERFLOW : EINVAL;
        return -1;
    }
    /* Looked up first: descend() changes sizes on the way, and must not be wrong about where it ends. */
    if (find_node(o, value) != 0) {
        link = descend(o, value, 0, 1);
        o->nodes[*link].count++;
        o->nodes[*link].size++;
        return 0;
    }
    /* The only step that can fail comes before anything has changed. */
    fresh = new_node(o, value);
    if (fresh == 0)
        return -1;
    link = descend(o, value, fresh, 1);
    /* What stood there becomes the two subtrees of the new node. */
    split(o, *link, value, &o->nodes[fresh].left, &o->nodes[fresh].right);
    update_size(o->nodes, fresh);
    *link = fresh;
    return 0;
}

int tm_ordered_erase(struct tm_ordered *o, double value)
{
    uint32_t *link, node = find_node(o, value);
    struct tm_ordered_node *p;

    if (node == 0)
        return -1;
    link = descend(o, value, 0, (uint32_t)-1);
    p = &o->nodes[node];
    /* Sizes above it have been lowered on the way down; its own is this node's to lower. */
    p->count--;
    p->size--;
    if (p->count == 0) {
        /* The node goes to the list of spare ones, linked by left. */
        *link = join(o, p->left, p->right);
        p->left = o->spare;
        o->spare = node;
    }
    return 0;
}

double tm_ordered_select(struct tm_ordered *o, uint32_t rank)
{
    uint32_t node = o->root;

    while (node != 0) {
        const struct tm_ordered_node *p = &o->nodes[node];
        uint32_t left = o->nodes[p->left].size;

        o->visits++;
        /* Ranks left .. left + count - 1 are this node's; those above count on from there. */
        if (rank < left) {
            node = p->left;
        } else if (rank - left < p->count) {
            return p->value;
        } else {
            rank -= left + p->count;
            node = p->right;
        }
    }
    return NAN;
}

/* Going right, the node and its left subtree are below; going left, nothing is known to be. */
void tm_ordered_rank(struct tm_ordered *o, double value, uint32_t *below, uint32_t *equal)
{
    uint32_t node = o->root;

    *below = *equal = 0;
    while (node != 0) {
        const struct tm_ordered_node *p = &o->nodes[node];

        o->visits++;
        if (value < p->value) {
            node = p->left;
            continue;
        }
        *below += o->nodes[p->left].size;
        if (value == p->value) {
            *equal = p->count;
            return;
        }
        *below += p->count;
        node = p->right;
    }
}

double tm_ordered_percentile(struct tm_ordered *o, double p)
{
    uint32_t n = tm_ordered_size(o);
    double h, below, a;

    if (n == 0 || !(p >= 0.0 && p <= 100.0))
        return NAN;
    h = (double)(n - 1) * p / 100.0;
    below = floor(h);
    a = tm_ordered_select(o, (uint32_t)below);
    /* Also where no next value exists. */
    if (h - below == 0.0)
        return a;
    return tm_between(a, tm_ordered_select(o, (uint32_t)below + 1), h - below);
}

double tm_ordered_median(struct tm_ordered *o)
{
    return tm_ordered_percentile(o, 50.0);
}

/* Deviation i (0 is the smallest) of the `left` values up to the median, from it outwards. */
static double low_deviation(struct tm_ordered *o, double median, uint32_t left, uint32_t i)
{
    return fabs(tm_ordered_select(o, left - 1 - i) - median);
}

/* Deviation i of those above the median. */
static double high_deviation(struct tm_ordered *o, double median, uint32_t left, uint32_t i)
{
    return fabs(tm_ordered_select(o, left + i) - median);
}

/*
 * The deviation of rank k.  Among the k + 1 smallest, `low` come from below
 * the median: the fewest such that none of the others from above is larger
 * than the next one from below.
 */
static double select_deviation(struct tm_ordered *o, double median, uint32_t left, uint32_t k)
{
    uint32_t right = tm_ordered_size(o) - left, taken = k + 1;
    uint32_t low = taken > right ? taken - right : 0; /* as many as the upper side cannot give */
    uint32_t most = taken < left ? taken : left;

    while (low < most) {
        uint32_t mid = low + (most - low) / 2;

        /* If one more from below is still less than the largest taken from above, more of them belong to the
         * taken ones. */
        if (low_deviation(o, median, left, mid) < high_deviation(o, median, left, taken - mid - 1))
            low = mid + 1;
        else
            most = mid;
    }
    if (low == 0)
        return high_deviation(o, median, left, taken - 1);
    if (low == taken)
        return low_deviation(o, median, left, low - 1);
    return fmax(low_deviation(o, median, left, low - 1), high_deviation(o, median, left, taken - low - 1));
}

/* n even: the mean of the two middle deviations, as tm_median() of an array would give it, to the last bit. */
double tm_ordered_mad(struct tm_ordered *o)
{
    uint32_t n = tm_ordered_size(o), below, equal, k = (n - 1) / 2;
    double median = tm_ordered_median(o), a;

    if (n == 0)
        return NAN;
    tm_ordered_rank(o, median, &below, &equal);
    a = select_deviation(o, median, below + equal, k);
    if (n % 2 == 1)
        return a;
    return tm_between(a, select_deviation(o, median, below + equal, k + 1), 0.5);
}
