/* Rows of a vector that change in their places: each node on the ways to them is copied once, however many lie below
 * it, and borrows what stays (loan.h). Recursion goes as deep as the tree is high, which is ATR_VEC_LEVELS. */
#include "edits_apply.h"
#include "loan.h"
#include "refs.h"
#include "vector_node.h"

typedef struct changer {
    atr_vec_tree *tree;
    const atr_edit *next, *end;
    bool few;
} changer;

static bool change_node(changer *c, atr_vec_node **node, size_t from);

/* Put what the next edit tells, or what is made of the child it lies in, into a copy of the node. Which place that is
 * goes to *changed. false: no memory */
static bool change_slot(changer *c, const atr_vec_node *node, atr_vec_node *copy, size_t from,
                        uint32_t *changed)
{
    size_t i = c->next->at.index - from, below = i;
    atr_vec_node *child;
    uint32_t at;
    if (node->height == 0) {
        atr_word now = atr_apply_word(&c->next++->now);
        if (now.i64 != node->slots[i].i64) {
            copy->slots[i] = now;
            *changed |= (uint32_t)1 << i;
            if (node->atr.model == &atr_vec_ref_leaf) {
                atr_ref_hold(now);
            }
        }
        return true;
    }
    at = atr_vec_index(node, &below);
    child = atr_vec_child(node, at);
    if (!change_node(c, &child, from + i - below)) {
        return false;
    }
    if (child != node->slots[at].ref) {
        copy->slots[at].ref = child;
        *changed |= (uint32_t)1 << at;
    }
    return true;
}

/* Nothing is shared yet. */
static void copy_drop(atr_pool *pool, atr_vec_node *copy, uint32_t changed)
{
    for (; changed != 0 && copy->atr.model->release != NULL; changed &= changed - 1) {
        atr_value_release(copy->slots[atr_lowest_bit(changed)].ref);
    }
    atr_cell_free(pool, copy, atr_vec_node_bytes(copy));
}

/* Another node, to be owned, in place of the one behind `from` rows, in which the next edit lies; the same if all of
 * its rows are the very same. false: no memory */
static bool change_node(changer *c, atr_vec_node **node, size_t from)
{
    const atr_vec_node *base = *node;
    atr_pool *pool = c->tree->pool;
    atr_vec_node *copy = atr_node_alloc(pool, base->atr.model, atr_vec_node_bytes(base));
    uint32_t changed = 0, kept;
    bool done = true;
    if (copy == NULL) {
        return false;
    }
    atr_node_copy(copy, base, base->pairs, false);
    do {
        done = change_slot(c, base, copy, from, &changed);
    } while (done && c->next < c->end && c->next->at.index - from < base->size);
    if (!done || changed == 0) {
        copy_drop(pool, copy, changed);
        return done;
    }
    kept = atr_places(0, base->count) & ~changed;
    if (kept != 0) {
        const atr_vec_slots slots = {base, NULL, base->count, kept, kept, true};
        c->tree->borrows = atr_may_borrow(pool, c->few);
        atr_vec_share_kept(c->tree, &slots, copy);
    }
    *node = copy;
    return true;
}

static bool change_top(changer *c, atr_vec_node **top, size_t from)
{
    atr_vec_node *old = *top;
    if (!change_node(c, top, from)) {
        return false;
    }
    if (*top != old) {
        atr_value_release(old);
    }
    return true;
}

bool atr_vec_tree_change(atr_vec_tree *tree, const atr_edit *edits, size_t count, bool few)
{
    size_t tail_at = tree->root != NULL ? tree->root->size : 0;
    changer c = {tree, edits, edits + count, few};
    return (edits->at.index >= tail_at || change_top(&c, &tree->root, 0)) &&
           (c.next == c.end || change_top(&c, &tree->tail, tail_at));
}
