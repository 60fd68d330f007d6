/* Many edits of a vector in one pass. The tree is gone through from the left; what lies between the edits stays as
 * it is, and each node below which something changes is made once, of the slots gathered for it: those of the node
 * it takes the place of, which it borrows (loan.h), and new ones. A node with more than fit becomes several; one
 * that is less than half full is joined with a neighbour. Recursion goes as deep as the tree is high, which is
 * ATR_VEC_LEVELS. */
#include "edits_apply.h"
#include "loan.h"
#include "refs.h"
#include "vector_node.h"

enum { ROOM = 2 * ATR_VEC_WIDTH };

/* The slots gathered for a node, from the left. */
typedef struct gathered {
    const atr_vec_node *base; /* the node it takes the place of; NULL: there is none */
    uint32_t count;
    uint32_t stays; /* which slots of base are among them, in their order */
    uint64_t kept;  /* where these are; all others are counted here */
    bool cut;       /* a node was made of those before already */
    atr_word slots[ROOM];
} gathered;

typedef struct patch {
    atr_vec_tree *tree;
    const atr_edit *next, *end;
    size_t shift; /* so many rows more has the vector by the edits done */
    bool few;
    bool in_tail;                        /* full leaves go behind the last one of the tree */
    gathered levels[ATR_VEC_LEVELS + 1]; /* for nodes of this height */
} patch;

static const atr_vec_node no_leaf = {.count = 0}; /* the tail of the empty vector */

static void begin(gathered *g, const atr_vec_node *base)
{
    g->base = base;
    g->count = 0;
    g->stays = 0;
    g->kept = 0;
    g->cut = false;
}

/* ---- gathering ---- */

static bool cut(patch *p, uint32_t height, uint32_t count);

static bool is_kept(const gathered *g, uint32_t i)
{
    return (g->kept >> i & 1) != 0;
}

static atr_vec_node *node_at(const gathered *g, uint32_t i)
{
    return (atr_vec_node *)(uintptr_t)g->slots[i].ref;
}

/* Is the last one a node that must not stay so when another one follows? Those kept are filled. */
static bool last_is_small(const gathered *g, uint32_t height)
{
    return height > 0 && g->count > 0 && !is_kept(g, g->count - 1) &&
           node_at(g, g->count - 1)->count < ATR_VEC_HALF;
}

/* The last slot is to hold something else. */
static void last_leaves(gathered *g)
{
    uint32_t i = --g->count;
    if (is_kept(g, i)) {
        uint32_t at = g->base->count - 1u;
        while ((g->stays >> at & 1) == 0) {
            at--;
        }
        g->stays &= ~((uint32_t)1 << at);
        g->kept &= ~((uint64_t)1 << i);
    } else {
        atr_value_release(node_at(g, i));
    }
}

/* Join the last node with one that is borrowed; there is room for one more. */
static bool join_last(const patch *p, gathered *g, const atr_vec_node *next)
{
    atr_vec_node *joined[2];
    uint32_t count;
    if (!atr_vec_join(p->tree, node_at(g, g->count - 1), next, joined, &count)) {
        return false;
    }
    last_leaves(g);
    for (uint32_t i = 0; i < count; i++) {
        g->slots[g->count++].ref = joined[i];
    }
    return true;
}

static bool make_room(patch *p, uint32_t height, uint32_t count)
{
    return p->levels[height].count + count <= ROOM || cut(p, height, ATR_VEC_WIDTH);
}

/* Gather a node, which is taken over, on failure too. */
static bool put_node(patch *p, uint32_t height, atr_vec_node *node)
{
    gathered *g = &p->levels[height];
    bool done = make_room(p, height, 1);
    if (done && last_is_small(g, height)) {
        done = join_last(p, g, node);
    } else if (done) {
        g->slots[g->count++].ref = node;
        return true;
    }
    atr_value_release(node);
    return done;
}

static bool put_row(patch *p, atr_word row)
{
    gathered *g = &p->levels[0];
    if (!make_room(p, 0, 1)) {
        return false;
    }
    if (p->tree->leaf == &atr_vec_ref_leaf) {
        atr_ref_hold(row);
    }
    g->slots[g->count++] = row;
    return true;
}

/* Gather slots of the base as they are. */
static bool keep(patch *p, uint32_t height, uint32_t from, uint32_t to)
{
    gathered *g = &p->levels[height];
    uint32_t count;
    for (; from < to && last_is_small(g, height); from++) {
        if (!make_room(p, height, 1) || !join_last(p, g, atr_vec_child(g->base, from))) {
            return false;
        }
    }
    count = to - from;
    if (count == 0) {
        return true;
    }
    if (!make_room(p, height, count)) {
        return false;
    }
    atr_words_copy(g->slots + g->count, g->base->slots + from, count);
    g->kept |= (uint64_t)atr_places(0, count) << g->count;
    g->stays |= atr_places(from, count);
    g->count += count;
    return true;
}

/* ---- making nodes ---- */

static void note_borrowing(const patch *p)
{
    p->tree->borrows = atr_may_borrow(p->tree->pool, p->few);
}

/* The first `count` slots have gone. */
static void gone(gathered *g, uint32_t count)
{
    uint32_t kept = (uint32_t)g->kept & atr_places(0, count);
    for (; kept != 0; kept &= kept - 1) {
        g->stays &= g->stays - 1;
    }
    g->kept >>= count;
    g->count -= count;
    memmove(g->slots, g->slots + count, g->count * sizeof *g->slots);
    g->cut = true;
}

/* A node of the first `count` slots, which leave. NULL: no memory */
static atr_vec_node *make(patch *p, uint32_t height, uint32_t count)
{
    gathered *g = &p->levels[height];
    bool all = count == g->count;
    uint32_t kept = (uint32_t)g->kept & atr_places(0, count);
    atr_vec_slots slots = {g->base, g->slots, count, kept, g->stays, all && !g->cut};
    atr_vec_node *node;
    note_borrowing(p);
    node = atr_vec_node_of(p->tree, height, &slots);
    if (node != NULL && all) {
        g->count = 0;
    } else if (node != NULL) {
        gone(g, count);
    }
    return node;
}

/* A leaf goes behind the last one of the tree. Only the first one borrows the way to it: what is counted can be
 * written in place by those that follow. */
static bool put_behind(const patch *p, atr_vec_node *leaf, bool first)
{
    p->tree->borrows = p->tree->borrows && first;
    if (!atr_vec_tree_push_leaf(p->tree, leaf)) {
        atr_value_release(leaf);
        return false;
    }
    return true;
}

static bool cut(patch *p, uint32_t height, uint32_t count)
{
    bool first = !p->levels[height].cut;
    atr_vec_node *node = make(p, height, count);
    if (node == NULL) {
        return false;
    }
    return p->in_tail ? put_behind(p, node, first) : put_node(p, height + 1, node);
}

/* All slots are gathered: they become one node or two on the level above. edge: of the right edge of the tree */
static bool finish(patch *p, uint32_t height, bool edge)
{
    gathered *g = &p->levels[height];
    if (!edge && g->count > 1 && last_is_small(g, height)) {
        atr_vec_node *last = node_at(g, --g->count);
        bool done = join_last(p, g, last);
        atr_value_release(last);
        if (!done) {
            return false;
        }
    }
    if (g->count > ATR_VEC_WIDTH && !cut(p, height, (g->count + 1) / 2)) {
        return false;
    }
    return g->count == 0 || cut(p, height, g->count);
}

/* ---- the pass ---- */

/* The row of the next edit before all edits. */
static size_t next_row(const patch *p)
{
    return p->next->at.index - p->shift;
}

/* Do one edit to row i of the leaf. @return the row of the leaf that comes next; UINT32_MAX: no memory */
static uint32_t edit_row(patch *p, uint32_t i)
{
    const atr_edit *e = p->next++;
    if (e->kind == ATR_EDIT_REMOVE) {
        p->shift--;
        return i + 1;
    }
    if (e->kind == ATR_EDIT_INSERT) {
        p->shift++;
        return put_row(p, atr_apply_word(&e->now)) ? i : UINT32_MAX;
    }
    if (p->levels[0].base->slots[i].i64 == atr_apply_word(&e->now).i64) {
        return keep(p, 0, i, i + 1) ? i + 1 : UINT32_MAX;
    }
    return put_row(p, atr_apply_word(&e->now)) ? i + 1 : UINT32_MAX;
}

/* Gather the rows of a leaf, which lies behind `from` others; the edits of its rows and those before them are done,
 * in the tail also those behind. */
static bool gather_leaf(patch *p, const atr_vec_node *leaf, size_t from)
{
    uint32_t count = leaf->count, i = 0;
    begin(&p->levels[0], leaf);
    while (p->next < p->end && (p->in_tail || next_row(p) - from < count)) {
        uint32_t at = (uint32_t)(next_row(p) - from);
        if (i < at && !keep(p, 0, i, at)) {
            return false;
        }
        i = edit_row(p, at);
        if (i == UINT32_MAX) {
            return false;
        }
    }
    return i >= count || keep(p, 0, i, count);
}

/* Is what was gathered the base itself? */
static bool is_same(const gathered *g)
{
    return g->base != NULL && !g->cut && g->count == g->base->count &&
           g->stays == atr_places(0, g->count);
}

/* What is made of a node that lies behind `from` rows is gathered on the level above, unless it is the same. */
static bool patch_node(patch *p, const atr_vec_node *node, size_t from, bool edge, bool *same)
{
    gathered *g = &p->levels[node->height];
    uint32_t height = node->height, done = 0;
    if (height == 0) {
        if (!gather_leaf(p, node, from)) {
            return false;
        }
    } else {
        begin(g, node);
        while (p->next < p->end && next_row(p) - from < node->size) {
            size_t row = next_row(p), below = row - from;
            uint32_t at = atr_vec_index(node, &below);
            bool last = at + 1u == node->count, child_same;
            if (!keep(p, height, done, at) ||
                !patch_node(p, atr_vec_child(node, at), row - below, edge && last, &child_same) ||
                (child_same && !keep(p, height, at, at + 1))) {
                return false;
            }
            done = at + 1;
        }
        if (!keep(p, height, done, node->count)) {
            return false;
        }
    }
    *same = is_same(g);
    return *same || finish(p, height, edge);
}

static bool patch_root(patch *p)
{
    atr_vec_node *old = p->tree->root, *root = NULL;
    uint32_t top = old->height + 1u;
    bool same;
    if (!patch_node(p, old, 0, true, &same)) {
        return false;
    }
    if (same) {
        return true;
    }
    while (top < ATR_VEC_LEVELS && (p->levels[top].count > 1 || p->levels[top + 1].count > 0)) {
        if (!finish(p, top++, true)) {
            return false;
        }
    }
    if (p->levels[top].count > 0) {
        root = node_at(&p->levels[top], 0);
        p->levels[top].count = 0;
        atr_vec_root_settle(&root);
    }
    p->tree->root = root;
    atr_value_release(old);
    return true;
}

/* Of a tail in which nothing is left the last leaf of the tree takes the place. */
static bool patch_tail(patch *p, size_t from)
{
    gathered *g = &p->levels[0];
    atr_vec_tree *tree = p->tree;
    atr_vec_node *tail = NULL;
    p->in_tail = true;
    if (!gather_leaf(p, tree->tail != NULL ? tree->tail : &no_leaf, from) ||
        (g->count > ATR_VEC_WIDTH && !cut(p, 0, ATR_VEC_WIDTH))) {
        return false;
    }
    if (is_same(g)) {
        g->count = 0;
        return true;
    }
    if (g->count > 0) {
        tail = make(p, 0, g->count);
        if (tail == NULL) {
            return false;
        }
    } else if (tree->root != NULL) {
        note_borrowing(p);
        return atr_vec_tree_take(tree, tree->root->size);
    }
    atr_value_release(tree->tail);
    tree->tail = tail;
    return true;
}

/* Release what was gathered for nodes that were not made. */
static void drop_gathered(patch *p)
{
    for (uint32_t height = 0; height <= ATR_VEC_LEVELS; height++) {
        const gathered *g = &p->levels[height];
        bool counts = height > 0 || p->tree->leaf == &atr_vec_ref_leaf;
        for (uint32_t i = 0; counts && i < g->count; i++) {
            if (!is_kept(g, i)) {
                atr_value_release(g->slots[i].ref);
            }
        }
    }
}

bool atr_vec_tree_patch(atr_vec_tree *tree, const atr_edit *edits, size_t count, bool few)
{
    size_t tail_at = tree->root != NULL ? tree->root->size : 0;
    patch p;
    bool done = true;
    p.tree = tree;
    p.next = edits;
    p.end = edits + count;
    p.shift = 0;
    p.few = few;
    p.in_tail = false;
    for (uint32_t height = 0; height <= ATR_VEC_LEVELS; height++) {
        begin(&p.levels[height], NULL);
    }
    if (count > 0 && edits->at.index < tail_at) {
        done = patch_root(&p);
    }
    if (done && p.next < p.end) {
        done = patch_tail(&p, tail_at);
    }
    if (!done) {
        drop_gathered(&p);
    }
    return done;
}
