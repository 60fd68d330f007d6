/* Nodes of maps made of parts, for what goes through whole maps: a part is what a new node is to have at one
 * of its digits. A node of which only one entry is left becomes that entry, so the form stays canonical. */
#ifndef ATR_STATE_MAP_PARTS_H
#define ATR_STATE_MAP_PARTS_H

#include "map_node.h"

/* A node, an entry, or neither. */
typedef struct atr_map_part {
    atr_map_node *node; /* owned */
    bool is_entry;
    atr_word entry[2]; /* borrowed */
} atr_map_part;

/* A node under way. */
typedef struct atr_map_parts {
    const atr_map_tree *tree; /* its pool and kind */
    uint32_t data, children;  /* as in a node; of collisions `data` is the number of entries */
    uint32_t node_count, entry_count;
    atr_map_node *nodes[ATR_MAP_WIDTH];
    atr_word *entries; /* `small`; for many collisions the pool has them, as functions may jump */
    atr_word small[2 * ATR_MAP_WIDTH];
} atr_map_parts;

/* What a map has at a place: a node, an entry, or neither. */
typedef struct atr_map_side {
    const atr_map_node *node;
    const atr_word *entry;
} atr_map_side;

/* The digits on a level, and what is at one of them. */
uint32_t atr_map_side_digits(const atr_map_kind *kind, atr_map_side x, uint32_t level);
atr_map_side atr_map_side_at(atr_map_side x, uint32_t digits, uint32_t bit);

static inline uint32_t atr_map_side_entries(atr_map_side x)
{
    return x.node != NULL ? atr_map_node_entries(x.node) : x.entry != NULL;
}

/* Room for so many entries. false: no memory. */
bool atr_map_parts_begin(atr_map_parts *parts, const atr_map_tree *tree, uint32_t entries);
/* Add what comes next in the order of the digits; a node is taken over. bit: of its digit, 0: in a collision
 * node. */
void atr_map_parts_add(atr_map_parts *parts, uint32_t bit, const atr_map_part *part);
/* What they make up; the parts are used up. false: no memory. */
bool atr_map_parts_end(atr_map_parts *parts, bool collision, atr_map_part *made);
/* Let go of them. */
void atr_map_parts_drop(atr_map_parts *parts);

/* Let a part that became the whole trie be a root; one of nothing has none. false: no memory. */
bool atr_map_part_root(const atr_map_tree *tree, atr_map_part *part);
/* The map of such a part; takes it over. NULL: it is empty, or no memory (latched). */
const atr_map *atr_map_of_part(atr_scope *s, const atr_model *model, const atr_map_tree *tree,
                               atr_map_part *part, size_t size);

/* An empty tree for a map of the model. */
static inline atr_map_tree atr_map_tree_new(const atr_scope *s, const atr_model *model)
{
    return (atr_map_tree){.pool = s->pool, .kind = atr_map_kind_of(model)};
}

static inline bool atr_map_same_value(const atr_map_kind *kind, const atr_word *a,
                                      const atr_word *b)
{
    return kind->stride == 1 || (kind->ref ? a[1].ref == b[1].ref : a[1].i64 == b[1].i64);
}

#endif
