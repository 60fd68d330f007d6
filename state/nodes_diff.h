/* Where two trees of nodes differ: what they do not share, from the first item to the last one. */
#ifndef ATR_STATE_NODES_DIFF_H
#define ATR_STATE_NODES_DIFF_H

#include <stddef.h>
#include <stdint.h>

/* A node, and how many items of its tree are before it. */
typedef struct atr_node_at {
    const void *node;
    size_t from;
} atr_node_at;

/* How to read the nodes of one kind of tree, whose leaves have height 0. */
typedef struct atr_node_reader {
    uint32_t (*height)(const void *node);
    uint32_t (*count)(const void *node); /* children */
    /* Write the children of a node that has `from` items before it. */
    void (*children)(const void *node, size_t from, atr_node_at *to);
} atr_node_reader;

/* Nodes side by side. */
typedef struct atr_node_run {
    const atr_node_at *nodes;
    uint32_t count;
    size_t from, end; /* the items before and up to the end of it */
} atr_node_run;

/* One stretch that differs: leaves on both sides, on one of them none perhaps. Returns 0 or a code, which
 * ends the walk. */
typedef int (*atr_stretch_fn)(void *user, const atr_node_run *was, const atr_node_run *now);

/* Call fn for each stretch of leaves that the two runs of nodes do not share, in order. Nodes that both
 * have are skipped with all below them, wherever they stand, as far as they come in one order; so the cost
 * follows the change when one tree was made from the other. The nodes that were looked at are added to
 * *visited. Returns 0, the code of fn, or ATR_E_NO_MEMORY. */
int atr_nodes_diff(const atr_node_reader *reader, const atr_node_run *was, const atr_node_run *now,
                   atr_stretch_fn fn, void *user, size_t *visited);

#endif
