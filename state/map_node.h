/* The hash trie under maps and sets: compressed hash-array mapped prefix tree (CHAMP), 32-way.
 *
 * A node holds, in the order of their digits, first its children, then its entries (key, value; only the
 * key in a set). Its form is canonical: it depends on the entries alone, not on the order of updates. So
 * a node below the root holds at least two entries, itself or further down.
 *
 * A digit is five bits of the key's 64-bit hash, taken from the top. i64 keys are multiplied by an odd
 * number, which loses nothing: two keys differ within 13 levels. Text has 32 bits of hash; keys that
 * share them all lie in a collision node on level 7, sorted by bytes.
 * Source: Steindorfer and Vinju, "Optimizing hash-array mapped tries for fast and lean immutable JVM
 * collections", 2015. */
#ifndef ATR_STATE_MAP_NODE_H
#define ATR_STATE_MAP_NODE_H

#include <atrium/map.h>

#include "bits.h"
#include "collections.h"
#include "heap.h"

enum { ATR_MAP_DIGIT = 5, ATR_MAP_WIDTH = 32, ATR_MAP_TEXT_LEVELS = 7, ATR_MAP_MAX = INT32_MAX };

/* The nodes of a map with more entries take over a megabyte: they are not at hand in a processor's own caches. */
enum { ATR_MAP_NEAR = 1 << 16 };

/* The model of a node and what else follows from the types of key and value. */
typedef struct atr_map_kind {
    atr_model model;
    bool text;      /* keys are text, else i64 */
    bool ref;       /* values are pointers */
    bool f64;       /* values are f64 */
    bool collision; /* a node of keys with one hash: `data` counts its entries */
    uint8_t stride; /* words of an entry */
    /* Where the pointers in the entries are: `refs` of every entry, from word `first` on, each `step`. */
    uint8_t refs, first, step;
    const struct atr_map_kind *collisions; /* the kind of such a node in this map */
} atr_map_kind;

typedef struct atr_map_node {
    atr_head atr;
    uint32_t data;     /* digits with an entry, or the number of entries */
    uint32_t children; /* digits with a child */
    atr_word slots[];
} atr_map_node;

/* A map being changed. It owns its root; nodes are never written once they are in it. */
typedef struct atr_map_tree {
    atr_pool *pool;
    const atr_map_kind *kind;
    atr_map_node *root; /* NULL: empty */
    size_t size;
} atr_map_tree;

const atr_map_kind *atr_map_kind_of(const atr_model *model);

/* atr_map_find in a trie. */
bool atr_map_root_find(const atr_map_node *root, atr_word key, atr_word *value);

/* Add or replace, remove. 1: done; 0: nothing changes; ATR_E_NO_MEMORY, ATR_E_LIMIT: nothing changed. */
int atr_map_tree_set(atr_map_tree *tree, atr_word key, atr_word value);
int atr_map_tree_remove(atr_map_tree *tree, atr_word key);

/* Count all the node has in common with the one it was copied from: all but what lies at the digits `changed`. */
void atr_map_settle(atr_pool *pool, const atr_map_node *node, uint32_t changed);
/* A node is the new form of an old one, which lives on: all but what lies at the digits `changed`, and is held
 * already, they have in common. It borrows that, or counts it. */
void atr_map_share(atr_pool *pool, bool borrows, const atr_map_node *old, atr_map_node *node,
                   uint32_t changed);

/* atr_map_set of what is fit, for any map and key. */
const atr_map *atr_map_set_any(atr_scope *s, const atr_model *model, const atr_map *m, atr_word key,
                               atr_word value);

/* map_merge.c: set many entries, or remove their keys; of several with one key the value of the last counts. The
 * tree takes over the counts of keys and values. The entries change places, on failure too, but not those of
 * one key. false: no memory, nothing changed. */
bool atr_map_tree_merge(atr_map_tree *tree, atr_map_entry *entries, uint32_t count, bool removes);

/* The handle over a root, which it takes over unless NULL is returned (latched). */
const atr_map *atr_map_publish(atr_scope *s, const atr_model *model, atr_map_node *root,
                               size_t size);
/* Latch what an update returned. Returns the code. */
int atr_map_latch(atr_scope *s, const atr_model *model, int code);

/* May this go into a map of the model? Latched if not. */
static inline bool atr_map_key_fit(atr_scope *s, const atr_model *model, atr_word key)
{
    return model->key != ATR_KIND_STR || atr_item_fit(s, model, "key", key.ref, &atr_str_model);
}

static inline bool atr_map_value_fit(atr_scope *s, const atr_model *model, atr_word value)
{
    return model->element.kind < ATR_KIND_STR ||
           atr_item_fit(s, model, "value", value.ref, model->element.model);
}

static inline const atr_map_kind *atr_map_node_kind(const atr_map_node *node)
{
    return (const atr_map_kind *)(const void *)node->atr.model;
}

static inline uint32_t atr_map_bit(uint64_t hash)
{
    return (uint32_t)1 << (hash >> (64 - ATR_MAP_DIGIT));
}

static inline uint64_t atr_map_hash_i64(int64_t key)
{
    return (uint64_t)key * 0x9e3779b97f4a7c15u;
}

static inline uint64_t atr_map_hash_of(const atr_map_kind *kind, atr_word key)
{
    return kind->text ? (uint64_t)atr_str_hash((const atr_str *)key.ref) << 32
                      : atr_map_hash_i64(key.i64);
}

static inline void atr_map_hold_entry(const atr_map_kind *kind, const atr_word *entry)
{
    if (kind->text) {
        atr_hold_(entry[0].ref);
    }
    if (kind->ref) {
        atr_hold_(entry[1].ref);
    }
}

static inline bool atr_map_same_key(const atr_map_kind *kind, atr_word a, atr_word b)
{
    return kind->text ? atr_str_equal(a.ref, b.ref) : a.i64 == b.i64;
}

/* Whole pairs of words, so that a node can be copied by them (refs.h). */
static inline size_t atr_map_node_bytes(size_t slots)
{
    size_t bytes = sizeof(atr_map_node) + slots * sizeof(atr_word);
    return (bytes + ATR_CELL_STEP - 1) / ATR_CELL_STEP * ATR_CELL_STEP;
}

static inline uint32_t atr_map_node_children(const atr_map_node *node)
{
    return atr_bits(node->children);
}

static inline uint32_t atr_map_node_entries(const atr_map_node *node)
{
    return atr_map_node_kind(node)->collision ? node->data : atr_bits(node->data);
}

#endif
