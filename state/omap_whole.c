/* Ordered maps and sets gone through entry by entry: some of the entries, or other values for their keys. */
#include <atrium/error.h>

#include "collections.h"
#include "loan.h"
#include "marks.h"
#include "omap_node.h"

/* ---- filter ---- */

/* Removing one copies a path of three nodes or four, building anew makes a leaf for 30 entries. */
enum { REMOVALS_SHARE = 128 };

/* false: the test has latched. */
static bool marks_fill(atr_marks *marks, const atr_scope *s, const atr_omap *m,
                       atr_entry_test_fn test, void *user)
{
    const atr_error *error = atr_scope_error(s);
    bool set = atr_model_is_set(m->atr.model);
    atr_omap_each each = {0};
    atr_word key, value = {0};
    for (size_t i = 0; atr_omap_next(&each, m, &key, set ? NULL : &value); i++) {
        if (test(key, value, user)) {
            atr_marks_set(marks, i);
        }
        if (atr_scope_error(s) != error) {
            return false;
        }
    }
    return true;
}

static const atr_omap *without_few(atr_scope *s, const atr_omap *m, const atr_marks *marks)
{
    atr_omap_tree tree;
    atr_omap_each each = {0};
    atr_word key;
    int code = 1;
    atr_omap_tree_begin(&tree, s->pool, m->atr.model, m);
    for (size_t i = 0; code > 0 && atr_omap_next(&each, m, &key, NULL); i++) {
        if (!atr_marks_stays(marks, i)) {
            tree.borrows = atr_bulk_may_borrow(s->pool);
            code = atr_omap_tree_remove(&tree, atr_omap_key_in(m->atr.model, key));
        }
    }
    return atr_omap_tree_end(&tree, s, m->atr.model, m, code);
}

static const atr_omap *built_anew(atr_scope *s, const atr_omap *m, const atr_marks *marks)
{
    atr_omap_builder *b = atr_omap_builder_new(s, m->atr.model, NULL);
    bool set = atr_model_is_set(m->atr.model);
    atr_omap_each each = {0};
    atr_word key, value = {0};
    for (size_t i = 0; b != NULL && atr_omap_next(&each, m, &key, set ? NULL : &value); i++) {
        if (atr_marks_stays(marks, i) && atr_omap_builder_set(b, key, value) != ATR_OK) {
            return NULL;
        }
    }
    return atr_omap_builder_seal(b);
}

static const atr_omap *marked(atr_scope *s, const atr_omap *m, const atr_marks *marks)
{
    if (marks->gone == 0 || marks->gone == m->size) {
        return marks->gone == 0 ? atr_scope_same(s, m) : NULL;
    }
    return marks->gone <= m->size / REMOVALS_SHARE ? without_few(s, m, marks)
                                                   : built_anew(s, m, marks);
}

const atr_omap *atr_omap_filter(atr_scope *s, const atr_model *model, const atr_omap *m,
                                atr_entry_test_fn test, void *user)
{
    const atr_omap *made = NULL;
    atr_marks marks;
    if (test == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || m == NULL || !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    if (!atr_marks_begin(&marks, s->pool, m->size)) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    if (marks_fill(&marks, s, m, test, user)) {
        made = marked(s, m, &marks);
    }
    atr_marks_end(&marks);
    return made;
}

/* ---- transform: a tree of the same shape, in which what does not change is shared ---- */

typedef struct walk {
    atr_scope *s;
    const atr_model *model; /* of the result */
    const atr_model *from;
    atr_omap_tree tree;
    atr_entry_change_fn change;
    void *user;
    const atr_error *error; /* what s had latched before */
} walk;

static bool same_value(const walk *w, atr_word a, atr_word b)
{
    return w->model == w->from &&
           (w->model->element.kind >= ATR_KIND_STR ? a.ref == b.ref : a.i64 == b.i64);
}

static atr_omap_node *held(const atr_omap_node *node)
{
    atr_hold_(node);
    return (atr_omap_node *)(uintptr_t)node;
}

/* Without memory s latches; else the function has. */
static atr_omap_node *made_of(const walk *w, const atr_omap_node *like, const atr_word *values)
{
    atr_omap_node *node = atr_omap_node_of(&w->tree, atr_omap_keys(like), values, like->count,
                                           like->height, like->count);
    if (node == NULL) {
        atr_scope_fail(w->s, &atr_error_no_memory);
    }
    return node;
}

static atr_omap_node *leaf_walk(const walk *w, const atr_omap_node *leaf)
{
    atr_word values[ATR_OMAP_LEAF];
    bool same = true;
    for (uint32_t i = 0; i < leaf->count; i++) {
        atr_word was = atr_omap_values(leaf)[i];
        values[i] =
            w->change(w->s, atr_omap_key_out(w->from, atr_omap_keys(leaf)[i]), was, w->user);
        if (atr_scope_error(w->s) != w->error || !atr_omap_value_fit(w->s, w->model, values[i])) {
            return NULL;
        }
        same = same && same_value(w, was, values[i]);
    }
    return same ? held(leaf) : made_of(w, leaf, values);
}

/* Recursion goes as deep as the tree is high, which is ATR_OMAP_LEVELS. */
static atr_omap_node *node_walk(const walk *w, const atr_omap_node *node)
{
    atr_word children[ATR_OMAP_INNER];
    atr_omap_node *made = NULL;
    uint32_t count = 0;
    bool same = true;
    if (node->height == 0) {
        return leaf_walk(w, node);
    }
    for (; count < node->count; count++) {
        children[count].ref = node_walk(w, atr_omap_child(node, count));
        if (children[count].ref == NULL) {
            break;
        }
        same = same && children[count].ref == atr_omap_child(node, count);
    }
    if (count == node->count) {
        made = same ? held(node) : made_of(w, node, children);
    }
    while (count-- > 0) {
        atr_value_release(children[count].ref); /* the made one holds them too */
    }
    return made;
}

const atr_omap *atr_omap_transform(atr_scope *s, const atr_model *model, const atr_omap *m,
                                   atr_entry_change_fn change, void *user)
{
    walk w = {.s = s, .model = model, .change = change, .user = user};
    const atr_omap *made = NULL;
    if (change == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || m == NULL || !atr_source_fit(s, model, m) ||
        !atr_collection_fit(s, m->atr.model, m)) {
        return NULL;
    }
    w.from = m->atr.model;
    w.error = atr_scope_error(s);
    atr_omap_tree_begin(&w.tree, s->pool, model, NULL);
    w.tree.root = node_walk(&w, m->root);
    if (w.tree.root == m->root) {
        made = atr_scope_same(s, m);
    } else if (w.tree.root != NULL) {
        made = atr_omap_publish(s, model, w.tree.root);
    }
    if (made == NULL || made == m) {
        atr_value_release(w.tree.root);
    }
    return made;
}
