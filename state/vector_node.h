/* The tree under vectors: relaxed radix-balanced (RRB), 32-way, with a tail.
 *
 * The last 1 to 32 elements lie in a leaf of their own, the tail; those before it in a tree whose leaves
 * are all at one depth. Where all children but the last are full, an element is found by its index alone;
 * other nodes are relaxed and carry the ends of their children. Every node has at least half of its slots
 * in use, except those on the right edge of the tree, and a root above leaves has two children or more.
 * So n elements never need more than log16(n) levels, whatever was cut and joined.
 * Source: Stucki, Rompf, Ureche, Bagwell, "RRB vector: a practical general purpose immutable sequence",
 * 2015; the filling rule is that of B-trees. */
#ifndef ATR_STATE_VECTOR_NODE_H
#define ATR_STATE_VECTOR_NODE_H

#include <atrium/vector.h>

#include "refs.h"

enum {
    ATR_VEC_BITS = 5,
    ATR_VEC_WIDTH = 32,
    ATR_VEC_HALF = 16,
    ATR_VEC_LEVELS = 8, /* 16 to the 8th is more than ATR_VEC_MAX */
    ATR_VEC_MAX = INT32_MAX,
};

typedef struct atr_vec_node {
    atr_head atr;
    uint32_t size;  /* elements in and below it */
    uint8_t count;  /* slots */
    uint8_t height; /* 0: a leaf */
    bool relaxed;   /* behind the slots lie the ends of the children, as uint32_t */
    uint8_t pairs;  /* of words that the node takes, head and all */
    atr_word slots[];
} atr_vec_node;

/* A vector being made. It owns root and tail, and what nobody else holds of them it may write. */
typedef struct atr_vec_tree {
    atr_pool *pool;
    const atr_model *leaf; /* the model of leaves of this kind of element */
    atr_vec_node *root;    /* NULL: all is in the tail */
    atr_vec_node *tail;    /* NULL: empty */
    bool borrows;          /* copies of nodes borrow (loan.h): not in builders */
} atr_vec_tree;

extern const atr_model atr_vec_ref_leaf;
extern const atr_model atr_vec_word_leaf;
extern const atr_model atr_vec_f64_leaf;
const atr_model *atr_vec_leaf_of(const atr_model *model);

/* ---- vector_node.c: makers; NULL when memory is out ---- */

/* An unwritten leaf. */
atr_vec_node *atr_vec_leaf_new(const atr_vec_tree *tree, uint32_t count);
/* A leaf of base's elements (none when NULL) with `put` words in place of the `skip` from at on. */
atr_vec_node *atr_vec_leaf_splice(const atr_vec_tree *tree, const atr_vec_node *base, uint32_t at,
                                  uint32_t skip, const atr_word *words, uint32_t put);
/* An inner node of these children; owning them is left to the caller. */
atr_vec_node *atr_vec_inner_try(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                                uint32_t height);
/* The same; takes over the children, on failure too. */
atr_vec_node *atr_vec_inner_of(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                               uint32_t height);
/* A copy of base with other children in place of `skip` from at on; takes those over, on failure too. */
atr_vec_node *atr_vec_inner_splice(const atr_vec_tree *tree, const atr_vec_node *base, uint32_t at,
                                   uint32_t skip, atr_vec_node *const *list, uint32_t put);
/* The node is a copy of base, which lives on, but for `put` places from at on instead of `skip`. It holds
 * what it has there already; let it borrow or hold the rest. */
void atr_vec_share_rest(const atr_vec_tree *tree, const atr_vec_node *base, atr_vec_node *node,
                        uint32_t at, uint32_t skip, uint32_t put);
/* A copy does not borrow: hold what it has, but for `put` places from at on. */
void atr_vec_settle(atr_pool *pool, const atr_vec_node *copy, uint32_t at, uint32_t put);
/* Slots for one node, from the left: some are those of another one, its base, and stay counted there. */
typedef struct atr_vec_slots {
    const atr_vec_node *base; /* NULL: none are */
    const atr_word *words;
    uint32_t count;
    uint32_t kept;  /* which slots these are ... */
    uint32_t stays; /* ... and, in the same order, which of base's */
    bool lends;     /* base may lend them */
} atr_vec_slots;
/* Let a node of them borrow those that are kept, or hold them. */
void atr_vec_share_kept(const atr_vec_tree *tree, const atr_vec_slots *slots, atr_vec_node *node);
/* A node of them; it takes over those that are not kept, unless NULL is returned. */
atr_vec_node *atr_vec_node_of(const atr_vec_tree *tree, uint32_t height,
                              const atr_vec_slots *slots);
/* Hold the elements of a leaf once more. */
void atr_vec_leaf_hold(const atr_vec_node *leaf);
/* The elements of the leaf from i < node->size on: sets *items, returns how many. */
size_t atr_vec_node_chunk(const atr_vec_node *node, size_t i, const atr_word **items);

/* ---- vector_equal.c ---- */

/* Whether two stretches of elements are equal, as far as can be told at once. */
bool atr_vec_words_equal(const atr_model *leaf, const atr_word *a, const atr_word *b, size_t count,
                         atr_pairs *more);
/* How many elements from i on both trees have in one node, which begins there: it is the highest one. i is less than the
 * size of both; 0: they share none. */
size_t atr_vec_shared(const atr_vec_node *a, const atr_vec_node *b, size_t i);
/* The equality of nodes, for their models: of leaves; of inner nodes of one height and size. */
bool atr_vec_leaf_equal(const void *a, const void *b, atr_pairs *more);
bool atr_vec_inner_equal(const void *a, const void *b, atr_pairs *more);

/* ---- vector_tree.c: false when memory is out, and then nothing changed ---- */

/* Put a leaf behind the last one of the tree; it is taken over unless false is returned. */
bool atr_vec_tree_push_leaf(atr_vec_tree *tree, atr_vec_node *leaf);
/* Replace element i of the root. */
bool atr_vec_tree_set(atr_vec_tree *tree, size_t i, atr_word item);
/* Let go of root and tail. */
void atr_vec_tree_drop(atr_vec_tree *tree);

/* ---- vector_concat.c ---- */

/* One or two nodes of the height of the higher one that hold the elements of l, then those of r. Both are
 * borrowed, the result is owned. */
bool atr_vec_join(const atr_vec_tree *tree, const atr_vec_node *l, const atr_vec_node *r,
                  atr_vec_node *out[2], uint32_t *count);
/* Put another tree behind the root. */
bool atr_vec_tree_append(atr_vec_tree *tree, const atr_vec_node *root);
/* Distribute owned children over one or two nodes, the first of `natural` ones if that leaves enough for
 * both. Takes them over, on failure too. */
bool atr_vec_spread(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                    uint32_t natural, uint32_t height, atr_vec_node *out[2], uint32_t *out_count);

/* ---- vector_slice.c ---- */

/* Keep the first `to` elements, 0 < to < size; the last leaf becomes the tail. */
bool atr_vec_tree_take(atr_vec_tree *tree, size_t to);
/* Leave out the first `from` elements, 0 < from < size. */
bool atr_vec_tree_skip(atr_vec_tree *tree, size_t from);
/* While a root above leaves has one child only, that child is the root. */
void atr_vec_root_settle(atr_vec_node **root);

/* ---- vector_edit.c ---- */

/* Insert before element i of the root, erase it. */
bool atr_vec_tree_insert(atr_vec_tree *tree, size_t i, atr_word item);
bool atr_vec_tree_erase(atr_vec_tree *tree, size_t i);

/* ---- vector_change.c and vector_patch.c ---- */

/* Do edits of rows that come one behind the other, each of a row that is there; the first one: all of them changes.
 * `few` of them borrow as updates of one element do, more as bulk changes do (loan.h). false: memory is out, and
 * some may be done */
struct atr_edit;
bool atr_vec_tree_change(atr_vec_tree *tree, const struct atr_edit *edits, size_t count, bool few);
bool atr_vec_tree_patch(atr_vec_tree *tree, const struct atr_edit *edits, size_t count, bool few);

/* ---- inline ---- */

/* Whole pairs of words, so that a node can be copied by them (refs.h). */
static inline uint8_t atr_vec_node_pairs(uint32_t count, bool relaxed)
{
    size_t bytes =
        sizeof(atr_vec_node) + count * sizeof(atr_word) + (relaxed ? count * sizeof(uint32_t) : 0);
    return (uint8_t)((bytes + ATR_PAIR - 1) / ATR_PAIR);
}

static inline size_t atr_vec_node_bytes(const atr_vec_node *node)
{
    return (size_t)node->pairs * ATR_PAIR;
}

static inline atr_vec_node *atr_vec_child(const atr_vec_node *node, uint32_t at)
{
    return (atr_vec_node *)(uintptr_t)node->slots[at].ref;
}

static inline uint32_t *atr_vec_ends(const atr_vec_node *node)
{
    return (uint32_t *)(uintptr_t)(node->slots + node->count);
}

static inline atr_vec_node *atr_vec_node_hold(const atr_vec_node *node)
{
    atr_vec_node *held = (atr_vec_node *)(uintptr_t)node;
    held->atr.count++;
    return held;
}

/* The child in which element *i < size lies; *i becomes its index there. */
static inline uint32_t atr_vec_index(const atr_vec_node *node, size_t *i)
{
    uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS;
    uint32_t at = (uint32_t)((uint64_t)*i >> bits);
    const uint32_t *ends;
    if (!node->relaxed) {
        *i = (size_t)((uint64_t)*i & (((uint64_t)1 << bits) - 1));
        return at;
    }
    ends = atr_vec_ends(node);
    while (ends[at] <= *i) {
        at++;
    }
    *i -= at > 0 ? ends[at - 1] : 0;
    return at;
}

_Static_assert(offsetof(atr_vec_node, slots) == ATR_VEC_NODE_WORDS_ * sizeof(atr_word) &&
                   (int)ATR_VEC_WIDTH == (int)ATR_VEC_NODE_WIDTH_,
               "atr_vec_read_ knows nodes");

/* How many elements atr_vec_read_ finds below this root, which may be NULL. */
static inline uint32_t atr_vec_near(const atr_vec_node *root)
{
    return root != NULL && root->height == 1 && !root->relaxed ? root->size : 0;
}

/* Elements below the root of a vector; those after them are in its tail. */
static inline uint32_t atr_vec_below_root(const atr_vec *v)
{
    const atr_vec_node *root = v->root;
    return root != NULL ? root->size : 0;
}

static inline size_t atr_vec_tree_size(const atr_vec_tree *tree)
{
    return (tree->root != NULL ? tree->root->size : 0) +
           (size_t)(tree->tail != NULL ? tree->tail->count : 0);
}

#endif
