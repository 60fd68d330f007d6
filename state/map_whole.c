/* Maps and sets gone through entry by entry: some of the entries, or other values for their keys. Nodes in
 * which nothing changes are shared. Recursion goes as deep as the trie, which is ATR_MAP_DEPTH. */
#include <atrium/error.h>

#include "collections.h"
#include "map_parts.h"

typedef struct walk {
    atr_scope *s;
    const atr_model *model; /* of the result */
    atr_map_tree tree;
    bool shares;            /* the result has nodes of the same kind */
    atr_entry_test_fn test; /* one of the two is there */
    atr_entry_change_fn change;
    void *user;
    const atr_error *error; /* what s had latched before */
    size_t gone;
} walk;

/* What becomes of an entry. false: failed and latched. */
static bool entry_walk(walk *w, const atr_map_kind *kind, const atr_word *entry, atr_map_part *out)
{
    atr_word value = entry[kind->stride - 1];
    *out = (atr_map_part){NULL, true, {entry[0], value}};
    if (w->test != NULL) {
        out->is_entry = w->test(entry[0], value, w->user);
        w->gone += !out->is_entry;
        return atr_scope_error(w->s) == w->error;
    }
    out->entry[1] = w->change(w->s, entry[0], value, w->user);
    return atr_scope_error(w->s) == w->error && atr_map_value_fit(w->s, w->model, out->entry[1]);
}

/* Add what becomes of an entry. bit: its digit, 0 in a collision node. */
static bool entry_add(walk *w, const atr_map_kind *kind, const atr_word *entry, uint32_t bit,
                      atr_map_parts *parts, bool *same)
{
    atr_map_part part;
    if (!entry_walk(w, kind, entry, &part)) {
        return false;
    }
    *same = *same && part.is_entry && atr_map_same_value(kind, entry, part.entry);
    atr_map_parts_add(parts, bit, &part);
    return true;
}

static bool collisions_walk(walk *w, const atr_map_node *node, atr_map_parts *parts, bool *same)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    for (uint32_t i = 0; i < node->data; i++) {
        if (!entry_add(w, kind, node->slots + (size_t)i * kind->stride, 0, parts, same)) {
            return false;
        }
    }
    return true;
}

static bool node_walk(walk *w, const atr_map_node *node, atr_map_part *out);

static bool digits_walk(walk *w, const atr_map_node *node, atr_map_parts *parts, bool *same)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    const atr_word *child = node->slots, *entry = node->slots + atr_map_node_children(node);
    for (uint32_t digits = node->data | node->children; digits != 0; digits &= digits - 1) {
        uint32_t bit = digits & (~digits + 1);
        atr_map_part part;
        if ((node->data & bit) != 0) {
            if (!entry_add(w, kind, entry, bit, parts, same)) {
                return false;
            }
            entry += kind->stride;
        } else {
            if (!node_walk(w, child->ref, &part)) {
                return false;
            }
            *same = *same && part.node == child->ref;
            atr_map_parts_add(parts, bit, &part);
            child++;
        }
    }
    return true;
}

static bool no_memory(const walk *w)
{
    atr_scope_fail(w->s, &atr_error_no_memory);
    return false;
}

static bool node_walk(walk *w, const atr_map_node *node, atr_map_part *out)
{
    bool collision = atr_map_node_kind(node)->collision, same = w->shares;
    atr_map_parts parts;
    if (!atr_map_parts_begin(&parts, &w->tree, atr_map_node_entries(node))) {
        return no_memory(w);
    }
    if (!(collision ? collisions_walk : digits_walk)(w, node, &parts, &same)) {
        atr_map_parts_drop(&parts);
        return false;
    }
    if (same) {
        atr_map_parts_drop(&parts);
        *out = (atr_map_part){(atr_map_node *)(uintptr_t)node, false, {{0}, {0}}};
        atr_hold_(node);
        return true;
    }
    return atr_map_parts_end(&parts, collision, out) || no_memory(w);
}

static const atr_map *map_walk(walk *w, const atr_map *m)
{
    atr_map_part made;
    if (!node_walk(w, m->root, &made)) {
        return NULL;
    }
    if (made.node == m->root) {
        atr_value_release(made.node);
        return atr_scope_same(w->s, m);
    }
    return atr_map_of_part(w->s, w->model, &w->tree, &made, m->size - w->gone);
}

const atr_map *atr_map_filter(atr_scope *s, const atr_model *model, const atr_map *m,
                              atr_entry_test_fn test, void *user)
{
    walk w = {.s = s, .model = model, .shares = true, .test = test, .user = user};
    if (test == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || m == NULL || !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    w.tree = atr_map_tree_new(s, model);
    w.error = atr_scope_error(s);
    return map_walk(&w, m);
}

const atr_map *atr_map_transform(atr_scope *s, const atr_model *model, const atr_map *m,
                                 atr_entry_change_fn change, void *user)
{
    walk w = {.s = s, .model = model, .change = change, .user = user};
    if (change == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || m == NULL || !atr_source_fit(s, model, m) ||
        !atr_collection_fit(s, m->atr.model, m)) {
        return NULL;
    }
    w.shares = m->atr.model == model;
    w.tree = atr_map_tree_new(s, model);
    w.error = atr_scope_error(s);
    return map_walk(&w, m);
}
