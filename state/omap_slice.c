/* A stretch of an ordered map. A cut on the right leaves a right edge, which may be of any filling. A cut on
 * the left joins what is left of each level with its right neighbour when it is less than half full.
 * Recursion goes as deep as the tree is high, which is ATR_OMAP_LEVELS. */
#include <atrium/error.h>

#include "collections.h"
#include "omap_node.h"
#include "refs.h"

enum { ITEMS_MAX = 2 * ATR_OMAP_LEAF };

/* Items of two nodes under way to new ones. Nothing in it is held. */
typedef struct items {
    uint32_t count;
    atr_word keys[ITEMS_MAX];
    atr_word values[ITEMS_MAX];
} items;

static void items_add(items *r, const atr_omap_node *node, uint32_t from, uint32_t to)
{
    atr_words_copy(r->keys + r->count, atr_omap_keys(node) + from, to - from);
    if (atr_omap_node_kind(node)->value != ATR_OMAP_VALUE_NONE) {
        atr_words_copy(r->values + r->count, atr_omap_values(node) + from, to - from);
    }
    r->count += to - from;
}

static void items_add_node(items *r, const atr_omap_node *node)
{
    r->keys[r->count] = atr_omap_keys(node)[0];
    r->values[r->count].ref = node;
    r->count++;
}

static atr_omap_node *node_of(const atr_omap_tree *tree, const items *r, uint32_t from, uint32_t to,
                              uint32_t height)
{
    return atr_omap_node_of(tree, r->keys + from, r->values + from, to - from, height, to - from);
}

static atr_omap_node *held(const atr_omap_node *node)
{
    atr_hold_(node);
    return (atr_omap_node *)(uintptr_t)node;
}

static bool is_full_enough(const atr_omap_node *node)
{
    return node->count >= atr_omap_width(node->height) / 2;
}

/* The child in which the entry at *place < size lies; *place becomes its place there. */
static uint32_t child_at(const atr_omap_node *node, size_t *place)
{
    const uint32_t *ends = atr_omap_ends(node);
    uint32_t at = 0;
    while (ends[at] <= *place) {
        at++;
    }
    *place -= at > 0 ? ends[at - 1] : 0;
    return at;
}

/* The first `to` > 0 entries. NULL: no memory. */
static atr_omap_node *cut_right(const atr_omap_tree *tree, const atr_omap_node *node, size_t to)
{
    atr_omap_node *child, *made;
    size_t last = to - 1;
    items r = {.count = 0};
    uint32_t at;
    if (to == node->size) {
        return held(node);
    }
    if (node->height == 0) {
        items_add(&r, node, 0, (uint32_t)to);
        return node_of(tree, &r, 0, r.count, 0);
    }
    at = child_at(node, &last);
    child = cut_right(tree, atr_omap_child(node, at), last + 1);
    if (child == NULL) {
        return NULL;
    }
    items_add(&r, node, 0, at);
    items_add_node(&r, child);
    made = node_of(tree, &r, 0, r.count, node->height);
    atr_value_release(child);
    return made;
}

/* ---- joining ---- */

typedef struct joined {
    atr_omap_node *nodes[2]; /* owned */
    uint32_t count;
} joined;

static void joined_release(const joined *j)
{
    for (uint32_t i = 0; i < j->count; i++) {
        atr_value_release(j->nodes[i]);
    }
}

/* One node of the items, or two of half of them each. */
static bool joined_of(const atr_omap_tree *tree, const items *r, uint32_t height, joined *out)
{
    uint32_t first = r->count <= atr_omap_width(height) ? r->count : (r->count + 1) / 2;
    out->count = 0;
    for (uint32_t from = 0; from < r->count; from += first) {
        uint32_t to = from + first < r->count ? from + first : r->count;
        out->nodes[out->count] = node_of(tree, r, from, to, height);
        if (out->nodes[out->count] == NULL) {
            joined_release(out);
            return false;
        }
        out->count++;
    }
    return true;
}

/* The items of l, then those of r, which are of one height; r is full enough or at the right edge. A child of l
 * that is not full enough is its only one. */
static bool join(const atr_omap_tree *tree, const atr_omap_node *l, const atr_omap_node *r,
                 joined *out)
{
    items all = {.count = 0};
    joined seam = {{NULL, NULL}, 0};
    bool done;
    if (l->height == 0 || is_full_enough(atr_omap_child(l, 0))) {
        items_add(&all, l, 0, l->count);
        items_add(&all, r, 0, r->count);
        return joined_of(tree, &all, l->height, out);
    }
    if (!join(tree, atr_omap_child(l, 0), atr_omap_child(r, 0), &seam)) {
        return false;
    }
    for (uint32_t i = 0; i < seam.count; i++) {
        items_add_node(&all, seam.nodes[i]);
    }
    items_add(&all, r, 1, r->count);
    done = joined_of(tree, &all, l->height, out);
    joined_release(&seam);
    return done;
}

/* ---- */

/* Without the first `from` < size entries. The result may be less than half full, and so may its first child
 * when it is the only one. NULL: no memory. */
static atr_omap_node *cut_left(const atr_omap_tree *tree, const atr_omap_node *node, size_t from)
{
    items r = {.count = 0};
    joined firsts = {{NULL, NULL}, 1};
    atr_omap_node *made;
    uint32_t at;
    if (from == 0) {
        return held(node);
    }
    if (node->height == 0) {
        items_add(&r, node, (uint32_t)from, node->count);
        return node_of(tree, &r, 0, r.count, 0);
    }
    at = child_at(node, &from);
    firsts.nodes[0] = cut_left(tree, atr_omap_child(node, at), from);
    if (firsts.nodes[0] == NULL) {
        return NULL;
    }
    at++;
    if (at < node->count && !is_full_enough(firsts.nodes[0])) {
        atr_omap_node *first = firsts.nodes[0];
        bool done = join(tree, first, atr_omap_child(node, at++), &firsts);
        atr_value_release(first);
        if (!done) {
            return NULL;
        }
    }
    for (uint32_t i = 0; i < firsts.count; i++) {
        items_add_node(&r, firsts.nodes[i]);
    }
    items_add(&r, node, at, node->count);
    made = node_of(tree, &r, 0, r.count, node->height);
    joined_release(&firsts);
    return made;
}

/* While a root above leaves has one child only, that child is the root. */
static atr_omap_node *settled(atr_omap_node *root)
{
    while (root != NULL && root->height > 0 && root->count == 1) {
        atr_omap_node *child = held(atr_omap_child(root, 0));
        atr_value_release(root);
        root = child;
    }
    return root;
}

static atr_omap_node *cut(const atr_omap_tree *tree, const atr_omap_node *root, size_t from,
                          size_t to)
{
    atr_omap_node *head = cut_right(tree, root, to), *made;
    if (head == NULL) {
        return NULL;
    }
    made = cut_left(tree, head, from);
    atr_value_release(head);
    return settled(made);
}

/* A key that is a bound need not be published. */
static bool bound_fit(atr_scope *s, const atr_model *model, atr_bound bound, atr_word key)
{
    const atr_head *head =
        model->key == ATR_KIND_STR || model->key == ATR_KIND_REF ? key.ref : NULL;
    return bound == ATR_BOUND_NONE || head == NULL || head->model != &atr_dead_model ||
           atr_omap_key_fit(s, model, key);
}

const atr_omap *atr_omap_slice_range(atr_scope *s, const atr_model *model, const atr_omap *m,
                                     atr_bound from_bound, atr_word from, atr_bound to_bound,
                                     atr_word to)
{
    atr_omap_each each;
    if (s == NULL || !atr_collection_fit(s, model, m) || !bound_fit(s, model, from_bound, from) ||
        !bound_fit(s, model, to_bound, to)) {
        return NULL;
    }
    each = atr_omap_range(m, from_bound, from, to_bound, to);
    return atr_omap_slice(s, model, m, each.from, each.to);
}

const atr_omap *atr_omap_slice(atr_scope *s, const atr_model *model, const atr_omap *m, size_t from,
                               size_t to)
{
    size_t count = atr_omap_count(m);
    const atr_omap *made;
    atr_omap_tree tree;
    if (s != NULL && (from > to || to > count)) {
        atr_refuse(s, ATR_E_INVALID, "%s: the slice %zu to %zu is out of range, the size is %zu",
                   model->name, from, to, count);
        return NULL;
    }
    if (s == NULL || from == to || !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    if (from == 0 && to == count) {
        return atr_scope_same(s, m);
    }
    atr_omap_tree_begin(&tree, s->pool, model, NULL);
    tree.root = cut(&tree, m->root, from, to);
    if (tree.root == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    made = atr_omap_publish(s, model, tree.root);
    if (made == NULL) {
        atr_value_release(tree.root);
    }
    return made;
}
