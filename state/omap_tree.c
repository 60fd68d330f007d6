/* Updates of the tree under ordered maps and sets. The way up from the changed leaf makes a new node on
 * every level, from a run of items that is cut in two where it is too long and joined with a neighbour's
 * where it is too short. It ends early on a node that nobody else holds and that has room: that one and
 * those above it are written in place, which cannot fail. */
#include <string.h>

#include <atrium/error.h>

#include "loan.h"
#include "omap_node.h"
#include "refs.h"

enum { RUN_MAX = 2 * ATR_OMAP_LEAF + 2 };

/* Items of one node, or of two, under way to new ones. Nothing in it is held. */
typedef struct run {
    uint32_t count;
    atr_word keys[RUN_MAX];
    atr_word values[RUN_MAX];
} run;

/* The way down to a key. */
typedef struct path {
    atr_omap_node *nodes[ATR_OMAP_LEVELS];
    uint32_t at[ATR_OMAP_LEVELS]; /* the child taken; on the last level the place of the key */
    uint32_t depth;               /* the level of the leaf */
    uint32_t own;                 /* levels that nobody else holds */
    bool rightmost;               /* at the right edge all the way */
    bool found;
} path;

/* An update of a leaf: put an item in the place of `skip`. */
typedef struct edit {
    uint32_t skip, put; /* 0 or 1 */
    atr_word key, value;
} edit;

/* What a run has in common with a node that lives on: all but `put` items from at on instead of `skip`. */
typedef struct origin {
    const atr_omap_node *node; /* NULL: nothing */
    uint32_t at, skip, put;
} origin;

/* New nodes that take the place of `skip` children, from `at` on. */
typedef struct spare {
    atr_omap_node *nodes[2];
    uint32_t count, at, skip;
} spare;

static const origin no_origin = {NULL, 0, 0, 0};

static void spare_release(const spare *fresh)
{
    for (uint32_t i = 0; i < fresh->count; i++) {
        atr_value_release(fresh->nodes[i]);
    }
}

/* ---- runs ---- */

static void run_add(run *r, const atr_omap_node *node, uint32_t from, uint32_t to)
{
    atr_words_copy(r->keys + r->count, atr_omap_keys(node) + from, to - from);
    if (atr_omap_node_kind(node)->value != ATR_OMAP_VALUE_NONE) {
        atr_words_copy(r->values + r->count, atr_omap_values(node) + from, to - from);
    }
    r->count += to - from;
}

static void run_push(run *r, atr_word key, atr_word value)
{
    r->keys[r->count] = key;
    r->values[r->count] = value;
    r->count++;
}

static void run_push_nodes(run *r, const spare *fresh)
{
    for (uint32_t i = 0; i < fresh->count; i++) {
        run_push(r, fresh->nodes[i]->slots[0], atr_word_ref_(fresh->nodes[i]));
    }
}

static void ends_write(atr_omap_node *node, uint32_t from)
{
    uint32_t *ends = atr_omap_ends(node), size = from > 0 ? ends[from - 1] : 0;
    for (uint32_t i = from; i < node->count; i++) {
        size += atr_omap_child(node, i)->size;
        ends[i] = size;
    }
    node->size = size;
}

/* Hold what the node refers to, or let it borrow what it has in common with its origin. */
static void node_share(const atr_omap_tree *tree, atr_omap_node *node, const origin *o)
{
    uint32_t end = o->at + o->put;
    if (o->node == NULL || o->node->count == o->skip) {
        atr_omap_node_hold(node, 0, node->count);
        return;
    }
    atr_omap_node_hold(node, o->at, end);
    if (!tree->borrows || !atr_loan_begin(tree->pool, o->node, node, atr_places(o->at, o->put),
                                          atr_places(o->at, o->skip))) {
        tree->pool->figures.apart++;
        tree->pool->figures.settled++;
        atr_omap_node_hold(node, 0, o->at);
        atr_omap_node_hold(node, end, node->count);
    }
}

/* A node of some items of the run. NULL: no memory. */
static atr_omap_node *node_of(const atr_omap_tree *tree, const run *r, uint32_t from, uint32_t to,
                              uint32_t height, const origin *o)
{
    uint32_t count = to - from;
    atr_omap_node *node =
        atr_omap_node_new(tree, height, tree->roomy ? atr_omap_width(height) : count);
    if (node == NULL) {
        return NULL;
    }
    node->count = (uint8_t)count;
    node->size = count;
    atr_words_copy(atr_omap_keys(node), r->keys + from, count);
    if (atr_omap_node_kind(node)->value != ATR_OMAP_VALUE_NONE) {
        atr_words_copy(atr_omap_values(node), r->values + from, count);
    }
    if (height > 0) {
        ends_write(node, 0);
    }
    node_share(tree, node, o);
    return node;
}

/* The nodes of a run; filled: the first is to be full. */
static bool nodes_of(const atr_omap_tree *tree, const run *r, uint32_t height, bool filled,
                     const origin *from, spare *made)
{
    uint32_t width = atr_omap_width(height);
    uint32_t first = r->count <= width ? r->count : filled ? width : (r->count + 1) / 2;
    const origin *o = first == r->count ? from : &no_origin;
    made->count = 0;
    if (r->count == 0) {
        return true;
    }
    made->nodes[0] = node_of(tree, r, 0, first, height, o);
    if (made->nodes[0] == NULL) {
        return false;
    }
    made->count = 1;
    if (first == r->count) {
        return true;
    }
    made->nodes[1] = node_of(tree, r, first, r->count, height, o);
    if (made->nodes[1] == NULL) {
        spare_release(made);
        return false;
    }
    made->count = 2;
    return true;
}

/* ---- in place ---- */

static void words_splice(atr_word *words, uint32_t count, uint32_t at, uint32_t skip, uint32_t put)
{
    if (skip != put) {
        memmove(words + at + put, words + at + skip, (count - at - skip) * sizeof *words);
    }
}

/* Hold the new smallest key of a child, let go of the old one. */
static void key_follow(atr_omap_node *node, uint32_t at)
{
    atr_word old = node->slots[at], now = atr_omap_child(node, at)->slots[0];
    if (atr_omap_node_kind(node)->key == ATR_OMAP_KEY_WORD) {
        node->slots[at] = now;
    } else if (old.ref != now.ref) {
        node->slots[at] = now;
        atr_hold_(now.ref);
        atr_value_release(old.ref);
    }
}

/* The levels above one that was written in place. */
static void above_follow(const path *p, uint32_t level, uint32_t was)
{
    uint32_t more = p->nodes[level]->size - was; /* modulo 2^32 */
    while (level-- > 0) {
        atr_omap_node *node = p->nodes[level];
        uint32_t *ends = atr_omap_ends(node);
        for (uint32_t i = p->at[level]; i < node->count; i++) {
            ends[i] += more;
        }
        node->size += more;
        key_follow(node, p->at[level]);
    }
}

/* May the node on this level be written in place? */
static bool is_open(const path *p, uint32_t level, uint32_t skip, uint32_t put)
{
    const atr_omap_node *node = p->nodes[level];
    uint32_t count = node->count - skip + put;
    uint32_t least = level > 0 ? atr_omap_width(node->height) / 2 : node->height > 0 ? 2 : 1;
    return level < p->own && count <= node->room && (put >= skip || count >= least);
}

static void leaf_write(const path *p, const edit *e)
{
    atr_omap_node *leaf = p->nodes[p->depth];
    atr_omap_value kind = atr_omap_node_kind(leaf)->value;
    bool key_refs = atr_omap_node_kind(leaf)->key != ATR_OMAP_KEY_WORD;
    uint32_t at = p->at[p->depth], was = leaf->size;
    atr_word *keys = atr_omap_keys(leaf), *values = atr_omap_values(leaf);
    atr_word old_key = {0}, old_value = {0};
    if (e->skip > 0) {
        old_key = keys[at];
        old_value = kind == ATR_OMAP_VALUE_NONE ? old_value : values[at];
    }
    if (e->put > 0 && key_refs) {
        atr_hold_(e->key.ref);
    }
    if (e->put > 0 && kind == ATR_OMAP_VALUE_REF) {
        atr_hold_(e->value.ref);
    }
    words_splice(keys, leaf->count, at, e->skip, e->put);
    if (kind != ATR_OMAP_VALUE_NONE) {
        words_splice(values, leaf->count, at, e->skip, e->put);
    }
    if (e->put > 0) {
        keys[at] = e->key;
    }
    if (e->put > 0 && kind != ATR_OMAP_VALUE_NONE) {
        values[at] = e->value;
    }
    leaf->count = (uint8_t)(leaf->count - e->skip + e->put);
    leaf->size = leaf->count;
    above_follow(p, p->depth, was);
    if (e->skip > 0 && key_refs) {
        atr_value_release(old_key.ref);
    }
    if (e->skip > 0 && kind == ATR_OMAP_VALUE_REF) {
        atr_value_release(old_value.ref);
    }
}

/* Put the fresh nodes in the place of children; takes them over. */
static void inner_write(const path *p, uint32_t level, const spare *fresh)
{
    atr_omap_node *node = p->nodes[level], *old[2] = {NULL, NULL};
    bool key_refs = atr_omap_node_kind(node)->key != ATR_OMAP_KEY_WORD;
    atr_word *keys = atr_omap_keys(node), *children = atr_omap_values(node);
    atr_word old_keys[2];
    uint32_t was = node->size;
    for (uint32_t i = 0; i < fresh->skip; i++) {
        old[i] = atr_omap_child(node, fresh->at + i);
        old_keys[i] = keys[fresh->at + i];
    }
    words_splice(keys, node->count, fresh->at, fresh->skip, fresh->count);
    words_splice(children, node->count, fresh->at, fresh->skip, fresh->count);
    for (uint32_t i = 0; i < fresh->count; i++) {
        keys[fresh->at + i] = fresh->nodes[i]->slots[0];
        children[fresh->at + i].ref = fresh->nodes[i];
        if (key_refs) {
            atr_hold_(keys[fresh->at + i].ref);
        }
    }
    node->count = (uint8_t)(node->count - fresh->skip + fresh->count);
    ends_write(node, fresh->at);
    above_follow(p, level, was);
    for (uint32_t i = 0; i < fresh->skip; i++) {
        if (key_refs) {
            atr_value_release(old_keys[i].ref);
        }
        atr_value_release(old[i]);
    }
}

/* ---- the way up ---- */

/* A run too short for a node goes together with a neighbour's items. */
static void run_join(run *r, const path *p, uint32_t level, spare *made)
{
    const atr_omap_node *parent = p->nodes[level - 1];
    run joined;
    if (parent->count == 1 || r->count >= atr_omap_width(p->nodes[level]->height) / 2) {
        return;
    }
    made->skip = 2;
    if (made->at + 1 < parent->count) {
        const atr_omap_node *right = atr_omap_child(parent, made->at + 1);
        run_add(r, right, 0, right->count);
        return;
    }
    made->at--;
    joined.count = 0;
    run_add(&joined, atr_omap_child(parent, made->at), 0, atr_omap_child(parent, made->at)->count);
    atr_words_copy(joined.keys + joined.count, r->keys, r->count);
    atr_words_copy(joined.values + joined.count, r->values, r->count);
    joined.count += r->count;
    *r = joined;
}

/* The root takes over the fresh nodes. false: no memory, nothing changed. */
static bool root_put(atr_omap_tree *tree, const spare *fresh)
{
    atr_omap_node *old = tree->root, *root = fresh->count > 0 ? fresh->nodes[0] : NULL;
    if (fresh->count == 2) {
        run r;
        r.count = 0;
        run_push_nodes(&r, fresh);
        root = node_of(tree, &r, 0, 2, fresh->nodes[0]->height + 1u, &no_origin);
        spare_release(fresh);
        if (root == NULL) {
            return false;
        }
    }
    while (root != NULL && root->height > 0 && root->count == 1) {
        atr_omap_node *child = atr_omap_child(root, 0);
        child->atr.count++;
        atr_value_release(root);
        root = child;
    }
    tree->root = root;
    atr_value_release(old);
    return true;
}

/* Lead what became of the leaf up to the root. */
static bool run_lead_up(atr_omap_tree *tree, const path *p, run *r, const edit *e, bool filled)
{
    origin o = {p->nodes[p->depth], p->at[p->depth], e->skip, e->put};
    spare fresh = {.count = 0}, made;
    for (uint32_t level = p->depth;; level--) {
        const atr_omap_node *parent = level > 0 ? p->nodes[level - 1] : NULL;
        bool done;
        made.skip = 1;
        made.at = level > 0 ? p->at[level - 1] : 0;
        if (e->put < e->skip && level > 0) {
            run_join(r, p, level, &made);
        }
        done = nodes_of(tree, r, p->nodes[level]->height, filled, made.skip == 1 ? &o : &no_origin,
                        &made);
        spare_release(&fresh); /* the made ones hold them, or nobody needs them */
        if (!done || level == 0) {
            return done && root_put(tree, &made);
        }
        if (is_open(p, level - 1, made.skip, made.count)) {
            inner_write(p, level - 1, &made);
            return true;
        }
        fresh = made;
        o = (origin){parent, fresh.at, fresh.skip, fresh.count};
        r->count = 0;
        run_add(r, parent, 0, fresh.at);
        run_push_nodes(r, &fresh);
        run_add(r, parent, fresh.at + fresh.skip, parent->count);
    }
}

static int tree_edit(atr_omap_tree *tree, const path *p, const edit *e)
{
    const atr_omap_node *leaf = p->nodes[p->depth];
    uint32_t at = p->at[p->depth];
    run r;
    if (is_open(p, p->depth, e->skip, e->put)) {
        leaf_write(p, e);
        return 1;
    }
    r.count = 0;
    run_add(&r, leaf, 0, at);
    if (e->put > 0) {
        run_push(&r, e->key, e->value);
    }
    run_add(&r, leaf, at + e->skip, leaf->count);
    return run_lead_up(tree, p, &r, e, p->rightmost && at == leaf->count) ? 1 : ATR_E_NO_MEMORY;
}

/* ---- finding the place ---- */

static void path_add(const atr_omap_tree *tree, path *p, uint32_t level, const atr_omap_node *node)
{
    p->nodes[level] = (atr_omap_node *)(uintptr_t)node;
    p->depth = level;
    if (p->own == level && atr_loan_is_sole(&node->atr, tree->pool)) {
        p->own++;
    }
}

static void path_find(const atr_omap_tree *tree, path *p, atr_word key)
{
    const atr_omap_node *node = tree->root;
    uint32_t level = 0, at;
    p->own = 0;
    p->rightmost = true;
    path_add(tree, p, 0, node);
    while (node->height > 0) {
        at = atr_omap_child_of(&tree->order, node, key);
        p->at[level] = at;
        p->rightmost = p->rightmost && at + 1u == node->count;
        node = atr_omap_child(node, at);
        path_add(tree, p, ++level, node);
    }
    at = atr_omap_below(&tree->order, atr_omap_keys(node), node->count, key, false);
    p->at[level] = at;
    p->found =
        at < node->count && atr_omap_key_compare(&tree->order, atr_omap_keys(node)[at], key) == 0;
}

/* ---- updates ---- */

/* Whether the found entry is the very same already. Text stays the key it was. */
static bool entry_same(const path *p, const edit *e)
{
    const atr_omap_node *leaf = p->nodes[p->depth];
    const atr_omap_kind *kind = atr_omap_node_kind(leaf);
    uint32_t at = p->at[p->depth];
    if (kind->value == ATR_OMAP_VALUE_NONE) {
        return kind->key != ATR_OMAP_KEY_REF || atr_omap_keys(leaf)[at].ref == e->key.ref;
    }
    return kind->value == ATR_OMAP_VALUE_REF ? atr_omap_values(leaf)[at].ref == e->value.ref
                                             : atr_omap_values(leaf)[at].i64 == e->value.i64;
}

int atr_omap_tree_set(atr_omap_tree *tree, atr_word key, atr_word value)
{
    edit e = {0, 1, key, value};
    path p;
    if (tree->root == NULL) {
        run r;
        r.count = 0;
        run_push(&r, key, value);
        tree->root = node_of(tree, &r, 0, 1, 0, &no_origin);
        tree->appended = true;
        return tree->root != NULL ? 1 : ATR_E_NO_MEMORY;
    }
    path_find(tree, &p, key);
    tree->appended = p.rightmost && p.at[p.depth] == p.nodes[p.depth]->count;
    if (p.found) {
        if (entry_same(&p, &e)) {
            return 0;
        }
        e.skip = 1;
        if (tree->order.key == ATR_OMAP_KEY_TEXT) {
            e.key = atr_omap_keys(p.nodes[p.depth])[p.at[p.depth]];
        }
    } else if (tree->root->size >= ATR_OMAP_MAX) {
        return ATR_E_LIMIT;
    }
    return tree_edit(tree, &p, &e);
}

int atr_omap_tree_remove(atr_omap_tree *tree, atr_word key)
{
    const edit e = {.skip = 1, .put = 0};
    path p;
    if (tree->root == NULL) {
        return 0;
    }
    path_find(tree, &p, key);
    return p.found ? tree_edit(tree, &p, &e) : 0;
}

void atr_omap_tree_begin(atr_omap_tree *tree, atr_pool *pool, const atr_model *model,
                         const atr_omap *from)
{
    tree->pool = pool;
    tree->order = atr_omap_order_of(model);
    atr_omap_kinds_of(model, &tree->leaf, &tree->inner);
    tree->roomy = false;
    tree->borrows = !pool->eager;
    tree->appended = false;
    tree->root = from != NULL ? (atr_omap_node *)(uintptr_t)from->root : NULL;
    atr_hold_(tree->root);
}
