/* The tree under ordered maps and sets: a persistent B+ tree with counts.
 *
 * Entries lie in leaves, all at one depth. An inner node holds for every child its smallest key and how
 * many entries there are up to its end, so that a key and a place are found in one way down. Every node
 * is at least half full, except those on the right edge, which hold one item or more: so appending fills
 * nodes to the brim. A root above leaves has two children or more.
 *
 * Keys of i64, f64 and time are ordered as whole numbers: f64 is turned into one that has its order (see
 * omap.c) at the door, and back. Nodes made by a builder have room for more items, others have none.
 * Source: Bayer and McCreight, "Organization and maintenance of large ordered indexes", 1972. */
#ifndef ATR_STATE_OMAP_NODE_H
#define ATR_STATE_OMAP_NODE_H

#include <atrium/ordered_map.h>

#include "heap.h"

enum {
    ATR_OMAP_LEAF = 30, /* items of a leaf, of an inner node: a node takes 504 bytes at most */
    ATR_OMAP_INNER = 24,
    ATR_OMAP_LEVELS = 10, /* 15 times 12 to the 8th is more than ATR_OMAP_MAX */
    ATR_OMAP_MAX = INT32_MAX,
};

typedef enum atr_omap_key { ATR_OMAP_KEY_WORD, ATR_OMAP_KEY_TEXT, ATR_OMAP_KEY_REF } atr_omap_key;
typedef enum atr_omap_value {
    ATR_OMAP_VALUE_NONE,
    ATR_OMAP_VALUE_WORD,
    ATR_OMAP_VALUE_F64,
    ATR_OMAP_VALUE_REF,
    ATR_OMAP_VALUE_NODE, /* of inner nodes: children */
} atr_omap_value;

/* The model of a node and what else follows from the types of key and value. */
typedef struct atr_omap_kind {
    atr_model model;
    atr_omap_key key;
    atr_omap_value value;
} atr_omap_kind;

typedef struct atr_omap_node {
    atr_head atr;
    uint32_t size;  /* entries in and below it */
    uint8_t count;  /* items */
    uint8_t room;   /* items that fit in */
    uint8_t height; /* 0: a leaf */
    uint8_t unused;
    atr_word slots[]; /* room keys; room values, unless there are none; in inner nodes room ends */
} atr_omap_node;

/* An order of keys. */
typedef struct atr_omap_order {
    atr_omap_key key;
    int (*compare)(const void *a, const void *b); /* of refs */
} atr_omap_order;

/* A map being changed. It owns its root, and what nobody else holds of it, it writes in place: nothing in
 * an update of a map that lives on, nearly all in a builder. */
typedef struct atr_omap_tree {
    atr_pool *pool;
    atr_omap_order order;
    const atr_omap_kind *leaf, *inner;
    bool roomy;          /* nodes are made with room for more */
    bool borrows;        /* copies of nodes borrow (loan.h): not in builders */
    bool appended;       /* what was set last is the last entry now, and was not there before */
    atr_omap_node *root; /* NULL: empty */
} atr_omap_tree;

/* ---- omap_node.c ---- */

/* How many of the keys, which ascend, are less than key, or not greater; for keys that are no words. */
uint32_t atr_omap_refs_below(const atr_omap_order *order, const atr_word *keys, uint32_t count,
                             atr_word key, bool or_equal);
int atr_omap_key_compare(const atr_omap_order *order, atr_word a, atr_word b);
void atr_omap_kinds_of(const atr_model *model, const atr_omap_kind **leaf,
                       const atr_omap_kind **inner);
/* A node with room for `room` items, its items unwritten. NULL: no memory. */
atr_omap_node *atr_omap_node_new(const atr_omap_tree *tree, uint32_t height, uint32_t room);
/* A node of these items, with room for `room`: of an inner node the smallest keys of its children, and the
 * children. What they refer to is held once more. NULL: no memory. */
atr_omap_node *atr_omap_node_of(const atr_omap_tree *tree, const atr_word *keys,
                                const atr_word *values, uint32_t count, uint32_t height,
                                uint32_t room);
/* Hold what the items from..to refer to once more. */
void atr_omap_node_hold(const atr_omap_node *node, uint32_t from, uint32_t to);
/* The leaf of an entry of the node; *place becomes its index there. */
const atr_omap_node *atr_omap_node_leaf(const atr_omap_node *node, size_t *place);
/* Whether the entries of two trees are equal, as far as can be told at once. */
bool atr_omap_nodes_equal(const atr_omap_node *a, const atr_omap_node *b, atr_pairs *more);

/* ---- omap_tree.c ---- */

/* Add or replace, remove. 1: done; 0: nothing changes; ATR_E_NO_MEMORY, ATR_E_LIMIT: nothing changed. */
int atr_omap_tree_set(atr_omap_tree *tree, atr_word key, atr_word value);
int atr_omap_tree_remove(atr_omap_tree *tree, atr_word key);
/* Begin with the entries of a map, NULL: empty. */
void atr_omap_tree_begin(atr_omap_tree *tree, atr_pool *pool, const atr_model *model,
                         const atr_omap *from);

/* ---- omap.c ---- */

/* Keys as they lie in nodes, and as they are outside. */
atr_word atr_omap_key_in(const atr_model *model, atr_word key);
atr_word atr_omap_key_out(const atr_model *model, atr_word key);
/* The handle over a root, which it takes over unless NULL is returned (latched). */
const atr_omap *atr_omap_publish(atr_scope *s, const atr_model *model, atr_omap_node *root);
/* The map after an update of m; code is what the update returned. Lets go of the tree. */
const atr_omap *atr_omap_tree_end(atr_omap_tree *tree, atr_scope *s, const atr_model *model,
                                  const atr_omap *m, int code);
/* Latch what an update returned. Returns the code. */
int atr_omap_latch(atr_scope *s, const atr_model *model, int code);
/* May this go into a map of the model? Latched if not. */
bool atr_omap_key_fit(atr_scope *s, const atr_model *model, atr_word key);
/* May the entry of this key be asked for? In an order of its own a draft will do. Latched if not. */
bool atr_omap_like_fit(atr_scope *s, const atr_model *model, atr_word key);
bool atr_omap_value_fit(atr_scope *s, const atr_model *model, atr_word value);

/* ---- inline ---- */

static inline const atr_omap_kind *atr_omap_node_kind(const atr_omap_node *node)
{
    return (const atr_omap_kind *)(const void *)node->atr.model;
}

static inline atr_word *atr_omap_keys(const atr_omap_node *node)
{
    return (atr_word *)(uintptr_t)node->slots;
}

/* Values of a leaf that has some, children of an inner node. */
static inline atr_word *atr_omap_values(const atr_omap_node *node)
{
    return (atr_word *)(uintptr_t)(node->slots + node->room);
}

static inline uint32_t *atr_omap_ends(const atr_omap_node *node)
{
    return (uint32_t *)(uintptr_t)(node->slots + 2 * (size_t)node->room);
}

static inline atr_omap_node *atr_omap_child(const atr_omap_node *node, uint32_t at)
{
    return (atr_omap_node *)(uintptr_t)atr_omap_values(node)[at].ref;
}

static inline uint32_t atr_omap_width(uint32_t height)
{
    return height > 0 ? ATR_OMAP_INNER : ATR_OMAP_LEAF;
}

static inline atr_omap_order atr_omap_order_of(const atr_model *model)
{
    atr_omap_order order = {ATR_OMAP_KEY_WORD, model->order};
    if (model->key == ATR_KIND_STR) {
        order.key = ATR_OMAP_KEY_TEXT;
    } else if (model->order != NULL) {
        order.key = ATR_OMAP_KEY_REF;
    }
    return order;
}

/* Without a branch that depends on the keys. */
static inline uint32_t atr_omap_words_below(const atr_word *keys, uint32_t count, int64_t key)
{
    const atr_word *at = keys;
    while (count > 1) {
        uint32_t half = count / 2;
        at += half * (size_t)(at[half - 1].i64 < key);
        count -= half;
    }
    return (uint32_t)(at - keys) + (count > 0 && at->i64 < key);
}

/* How many of the keys, which ascend, are less than key, or not greater. */
static inline uint32_t atr_omap_below(const atr_omap_order *order, const atr_word *keys,
                                      uint32_t count, atr_word key, bool or_equal)
{
    if (order->key != ATR_OMAP_KEY_WORD) {
        return atr_omap_refs_below(order, keys, count, key, or_equal);
    }
    return or_equal && key.i64 == INT64_MAX ? count
                                            : atr_omap_words_below(keys, count, key.i64 + or_equal);
}

/* The child in which the key is or would be. */
static inline uint32_t atr_omap_child_of(const atr_omap_order *order, const atr_omap_node *node,
                                         atr_word key)
{
    return atr_omap_below(order, atr_omap_keys(node) + 1, node->count - 1u, key, true);
}

#endif
