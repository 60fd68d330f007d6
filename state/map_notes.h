/* What was set in a builder, and removed from it, beside the map that it began with. That map is not touched:
 * all goes into it at once when the builder is sealed (map_merge.c).
 *
 * While a builder is only set, its notes are a list in which a key may come several times. When it is read, or
 * something is removed, or the same keys come again and again, the list gets an index; from then on each key
 * is noted once, and what takes the place of something lets go of it at once. */
#ifndef ATR_STATE_MAP_NOTES_H
#define ATR_STATE_MAP_NOTES_H

#include "map_node.h"

typedef struct atr_map_list {
    atr_map_entry *entries; /* with counts of keys and values */
    uint32_t count, capacity;
} atr_map_list;

/* A place in the index, which is a table with open addressing. */
typedef struct atr_map_slot {
    uint32_t hash;
    uint32_t at; /* 0: free; 1 + the place in `set`, or in `gone`: then with the highest bit */
} atr_map_slot;

/* Begins as all zero. */
typedef struct atr_map_notes {
    atr_map_list set;
    atr_map_list gone; /* keys removed, all of them in the tree; their values are nothing */
    atr_map_slot *index;
    uint32_t index_bits;
    uint32_t quick; /* so many can be noted without more ado: none with an index */
    uint32_t added; /* how many of those set are not in the tree; with an index */
} atr_map_notes;

static inline bool atr_map_notes_none(const atr_map_notes *n)
{
    return n->set.count == 0 && n->gone.count == 0;
}

/* Note a key and its value, if that takes no more than to write them down. */
static inline bool atr_map_notes_add(atr_map_notes *n, const atr_map_tree *tree, atr_word key,
                                     atr_word value)
{
    if (n->set.count >= n->quick) {
        return false;
    }
    n->set.entries[n->set.count++] = (atr_map_entry){key, value};
    if (tree->kind->text) {
        atr_hold_(key.ref);
    }
    if (tree->kind->ref) {
        atr_hold_(value.ref);
    }
    return true;
}

/* 0; ATR_E_NO_MEMORY, ATR_E_LIMIT: nothing changed. */
int atr_map_notes_set(atr_map_notes *n, const atr_map_tree *tree, atr_word key, atr_word value);
int atr_map_notes_remove(atr_map_notes *n, const atr_map_tree *tree, atr_word key);

/* Have an index. false: no memory. */
bool atr_map_notes_index(atr_map_notes *n, const atr_map_tree *tree);
/* With an index: how many entries tree and notes have together; whether they have a key. */
size_t atr_map_notes_count(const atr_map_notes *n, const atr_map_tree *tree);
bool atr_map_notes_find(const atr_map_notes *n, const atr_map_tree *tree, atr_word key,
                        atr_word *value);

/* Put them into the tree. false: no memory, they are still there. */
bool atr_map_notes_settle(atr_map_notes *n, atr_map_tree *tree);
/* Forget them. dead: let go of what they hold. */
void atr_map_notes_end(atr_map_notes *n, const atr_map_tree *tree, atr_dead *dead);

#endif
