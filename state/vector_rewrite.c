/* Other elements in the places of a vector's: what a function makes of each, or the same backwards. Leaves
 * and nodes in which nothing changes are shared. Recursion goes as deep as the tree is high, which is
 * ATR_VEC_LEVELS. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "vector_handle.h"

typedef struct rewriter {
    const atr_vec_tree *tree;
    atr_vec_rewrite_fn fn;
    void *user;
    size_t at;
} rewriter;

static void nodes_drop(atr_vec_node *const *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        atr_value_release(list[i]);
    }
}

static atr_vec_node *leaf_rewrite(rewriter *r, const atr_vec_node *leaf)
{
    atr_word now[ATR_VEC_WIDTH];
    if (!r->fn(r->user, r->at, leaf->slots, leaf->count, now)) {
        return NULL;
    }
    r->at += leaf->count;
    if (memcmp(now, leaf->slots, leaf->count * sizeof *now) == 0) {
        return atr_vec_node_hold(leaf);
    }
    return atr_vec_leaf_splice(r->tree, NULL, 0, 0, now, leaf->count);
}

static atr_vec_node *node_rewrite(rewriter *r, const atr_vec_node *node)
{
    atr_vec_node *list[ATR_VEC_WIDTH];
    bool same = true;
    if (node->height == 0) {
        return leaf_rewrite(r, node);
    }
    for (uint32_t i = 0; i < node->count; i++) {
        list[i] = node_rewrite(r, atr_vec_child(node, i));
        if (list[i] == NULL) {
            nodes_drop(list, i);
            return NULL;
        }
        same = same && list[i] == atr_vec_child(node, i);
    }
    if (same) {
        nodes_drop(list, node->count);
        return atr_vec_node_hold(node);
    }
    return atr_vec_inner_of(r->tree, list, node->count, node->height);
}

const atr_vec *atr_vec_rewrite(atr_scope *s, const atr_model *model, const atr_vec *v,
                               atr_vec_rewrite_fn fn, void *user)
{
    atr_vec_tree old, tree;
    rewriter r = {&tree, fn, user, 0};
    bool done, same;
    if (v == NULL || !atr_vec_tree_begin(&old, s, model, v)) {
        return NULL;
    }
    tree = (atr_vec_tree){old.pool, old.leaf, NULL, NULL, false};
    done = old.root == NULL || (tree.root = node_rewrite(&r, old.root)) != NULL;
    done = done && (tree.tail = node_rewrite(&r, old.tail)) != NULL;
    same = done && tree.root == old.root && tree.tail == old.tail;
    atr_vec_tree_drop(&old);
    if (same) {
        atr_vec_tree_drop(&tree);
        return atr_scope_same(s, v);
    }
    return atr_vec_tree_end(&tree, s, model, done);
}

/* ---- backwards ---- */

static bool backwards(void *user, size_t at, const atr_word *was, size_t count, atr_word *now)
{
    const atr_vec *v = user;
    (void)was;
    for (size_t i = 0; i < count; i++) {
        now[i] = atr_vec_at(v, v->size - 1 - (at + i));
    }
    return true;
}

const atr_vec *atr_vec_reverse(atr_scope *s, const atr_model *model, const atr_vec *v)
{
    return atr_vec_rewrite(s, model, v, backwards, (void *)(uintptr_t)v);
}

/* ---- by a function ---- */

typedef struct transformer {
    atr_scope *s;
    const atr_model *model;
    atr_vec_change_fn change;
    void *user;
    const atr_error *error; /* what s had latched before */
} transformer;

/* false: failed and latched. */
static bool transform_one(const transformer *t, atr_word was, atr_word *now)
{
    *now = t->change(t->s, was, t->user);
    return atr_scope_error(t->s) == t->error && atr_vec_item_fit(t->s, t->model, *now);
}

static bool transform_some(void *user, size_t at, const atr_word *was, size_t count, atr_word *now)
{
    (void)at;
    for (size_t i = 0; i < count; i++) {
        if (!transform_one(user, was[i], &now[i])) {
            return false;
        }
    }
    return true;
}

static const atr_vec *transform_to_other(const transformer *t, const atr_vec *v)
{
    atr_vec_builder *b = atr_vec_builder_new(t->s, t->model, NULL);
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, v, 0);
    while (b != NULL && atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            atr_word now;
            if (!transform_one(t, c.items[i], &now) || atr_vec_builder_push(b, now) != ATR_OK) {
                return NULL;
            }
        }
    }
    return atr_vec_builder_seal(b);
}

const atr_vec *atr_vec_transform(atr_scope *s, const atr_model *model, const atr_vec *v,
                                 atr_vec_change_fn change, void *user)
{
    transformer t = {s, model, change, user, atr_scope_error(s)};
    if (change == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || v == NULL || !atr_source_fit(s, model, v)) {
        return NULL;
    }
    return v->atr.model == model ? atr_vec_rewrite(s, model, v, transform_some, &t)
                                 : transform_to_other(&t, v);
}
