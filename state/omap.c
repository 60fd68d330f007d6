/* Ordered maps and sets: the handle over the tree (omap_node.h), lookup, places and iteration, which is
 * by places too: an entry is found by how many are before it. */
#include <string.h>

#include <atrium/error.h>
#include <atrium/model.h>

#include "collections.h"
#include "omap_node.h"
#include "refs.h"

/* ---- keys ---- */

static int64_t word_of_f64(double key)
{
    uint64_t nan = 0x7ff8000000000000u;
    int64_t word;
    if (key == 0) {
        key = 0; /* no negative zero */
    }
    memcpy(&word, key == key ? (const void *)&key : (const void *)&nan, sizeof word);
    return word < 0 ? word ^ INT64_MAX : word;
}

static double f64_of_word(int64_t word)
{
    double key;
    word = word < 0 ? word ^ INT64_MAX : word;
    memcpy(&key, &word, sizeof key);
    return key;
}

atr_word atr_omap_key_in(const atr_model *model, atr_word key)
{
    return model->key == ATR_KIND_F64 ? atr_word_i64_(word_of_f64(key.f64)) : key;
}

atr_word atr_omap_key_out(const atr_model *model, atr_word key)
{
    return model->key == ATR_KIND_F64 ? atr_word_f64_(f64_of_word(key.i64)) : key;
}

/* ---- lookup ---- */

size_t atr_omap_count(const atr_omap *m)
{
    return m != NULL ? m->size : 0;
}

/* NULL comes before all keys. */
static bool is_null(const atr_model *model, atr_word key)
{
    return (model->key == ATR_KIND_STR || model->key == ATR_KIND_REF) && key.ref == NULL;
}

/* The leaf in which the key is; NULL: nowhere. */
static inline const atr_omap_node *leaf_of(const atr_omap *m, atr_word key, uint32_t *at)
{
    const atr_omap_node *node;
    atr_omap_order order;
    if (m == NULL || is_null(m->atr.model, key)) {
        return NULL;
    }
    key = atr_omap_key_in(m->atr.model, key);
    order = atr_omap_order_of(m->atr.model);
    for (node = m->root; node->height > 0;) {
        node = atr_omap_child(node, atr_omap_child_of(&order, node, key));
    }
    *at = atr_omap_below(&order, atr_omap_keys(node), node->count, key, false);
    if (*at == node->count ||
        (order.key == ATR_OMAP_KEY_WORD
             ? atr_omap_keys(node)[*at].i64 != key.i64
             : atr_omap_key_compare(&order, atr_omap_keys(node)[*at], key) != 0)) {
        return NULL;
    }
    return node;
}

bool atr_omap_find(const atr_omap *m, atr_word key, atr_word *value)
{
    uint32_t at;
    const atr_omap_node *leaf = leaf_of(m, key, &at);
    if (leaf != NULL && value != NULL) {
        *value = atr_omap_values(leaf)[at];
    }
    return leaf != NULL;
}

bool atr_omap_find_key(const atr_omap *m, atr_word key, atr_word *there)
{
    uint32_t at;
    const atr_omap_node *leaf = leaf_of(m, key, &at);
    if (leaf != NULL) {
        *there = atr_omap_key_out(m->atr.model, atr_omap_keys(leaf)[at]);
    }
    return leaf != NULL;
}

/* How many keys are less than this one, or not greater. */
static size_t count_below(const atr_omap *m, atr_word key, bool or_equal)
{
    const atr_omap_node *node;
    atr_omap_order order;
    size_t count = 0;
    if (m == NULL || is_null(m->atr.model, key)) {
        return 0;
    }
    key = atr_omap_key_in(m->atr.model, key);
    order = atr_omap_order_of(m->atr.model);
    for (node = m->root; node->height > 0;) {
        uint32_t at = atr_omap_child_of(&order, node, key);
        count += at > 0 ? atr_omap_ends(node)[at - 1] : 0;
        node = atr_omap_child(node, at);
    }
    return count + atr_omap_below(&order, atr_omap_keys(node), node->count, key, or_equal);
}

size_t atr_omap_rank(const atr_omap *m, atr_word key)
{
    return count_below(m, key, false);
}

size_t atr_omap_rank_after(const atr_omap *m, atr_word key)
{
    return count_below(m, key, true);
}

static void entry_read(const atr_omap *m, const atr_omap_node *leaf, size_t at, atr_word *key,
                       atr_word *value)
{
    if (key != NULL) {
        *key = atr_omap_key_out(m->atr.model, atr_omap_keys(leaf)[at]);
    }
    if (value != NULL) {
        *value = atr_omap_values(leaf)[at];
    }
}

bool atr_omap_select(const atr_omap *m, size_t place, atr_word *key, atr_word *value)
{
    const atr_omap_node *leaf;
    if (place >= atr_omap_count(m)) {
        return false;
    }
    leaf = atr_omap_node_leaf(m->root, &place);
    entry_read(m, leaf, place, key, value);
    return true;
}

/* ---- iteration ---- */

atr_omap_each atr_omap_range(const atr_omap *m, atr_bound from_bound, atr_word from,
                             atr_bound to_bound, atr_word to)
{
    atr_omap_each each = {.begun = true, .of = m, .from = 0, .to = atr_omap_count(m)};
    if (from_bound != ATR_BOUND_NONE) {
        each.from = count_below(m, from, from_bound == ATR_BOUND_EXCLUSIVE);
    }
    if (to_bound != ATR_BOUND_NONE) {
        each.to = count_below(m, to, to_bound == ATR_BOUND_INCLUSIVE);
    }
    if (each.to < each.from) {
        each.to = each.from;
    }
    return each;
}

static bool each_has_more(atr_omap_each *each, const atr_omap *m)
{
    if (!each->begun) {
        each->begun = true;
        each->of = m;
        each->from = 0;
        each->to = atr_omap_count(m);
    }
    return each->from < each->to;
}

/* The leaf that was found last serves until its end. */
static void each_read(atr_omap_each *each, size_t place, atr_word *key, atr_word *value)
{
    const atr_omap *m = each->of;
    const atr_omap_node *leaf = each->leaf;
    size_t at = place - each->leaf_from;
    if (leaf == NULL || place < each->leaf_from || at >= leaf->count) {
        at = place;
        leaf = atr_omap_node_leaf(m->root, &at);
        each->leaf = leaf;
        each->leaf_from = place - at;
    }
    entry_read(m, leaf, at, key, value);
}

bool atr_omap_next(atr_omap_each *each, const atr_omap *m, atr_word *key, atr_word *value)
{
    if (!each_has_more(each, m)) {
        return false;
    }
    each_read(each, each->from++, key, value);
    return true;
}

bool atr_omap_prev(atr_omap_each *each, const atr_omap *m, atr_word *key, atr_word *value)
{
    if (!each_has_more(each, m)) {
        return false;
    }
    each_read(each, --each->to, key, value);
    return true;
}

/* ---- updates ---- */

bool atr_omap_key_fit(atr_scope *s, const atr_model *model, atr_word key)
{
    if (model->key == ATR_KIND_REF) {
        return atr_item_fit(s, model, "item", key.ref, model->element.model);
    }
    return model->key != ATR_KIND_STR || atr_item_fit(s, model, "key", key.ref, &atr_str_model);
}

bool atr_omap_like_fit(atr_scope *s, const atr_model *model, atr_word key)
{
    const atr_head *draft = model->key == ATR_KIND_REF ? key.ref : NULL;
    return (draft != NULL && draft->model != &atr_dead_model) || atr_omap_key_fit(s, model, key);
}

bool atr_omap_value_fit(atr_scope *s, const atr_model *model, atr_word value)
{
    return model->structure == ATR_STRUCTURE_OSET || model->element.kind < ATR_KIND_STR ||
           atr_item_fit(s, model, "value", value.ref, model->element.model);
}

const atr_omap *atr_omap_publish(atr_scope *s, const atr_model *model, atr_omap_node *root)
{
    atr_omap *m = atr_value_alloc(s, model, sizeof *m);
    if (m != NULL) {
        m->size = root->size;
        m->root = root;
    }
    return m;
}

int atr_omap_latch(atr_scope *s, const atr_model *model, int code)
{
    if (code == ATR_E_LIMIT) {
        return atr_refuse(s, code, "%s: more than %d entries", model->name, ATR_OMAP_MAX);
    }
    return atr_scope_fail(s, &atr_error_no_memory);
}

const atr_omap *atr_omap_tree_end(atr_omap_tree *tree, atr_scope *s, const atr_model *model,
                                  const atr_omap *m, int code)
{
    const atr_omap *made = NULL;
    if (code < 0) {
        atr_omap_latch(s, model, code);
    } else if (code > 0 && tree->root != NULL) {
        made = atr_omap_publish(s, model, tree->root);
    }
    if (made == NULL) {
        atr_value_release(tree->root);
    }
    return code == 0 ? atr_scope_same(s, m) : made;
}

const atr_omap *atr_omap_set(atr_scope *s, const atr_model *model, const atr_omap *m, atr_word key,
                             atr_word value)
{
    atr_omap_tree tree;
    if (s == NULL || !atr_omap_key_fit(s, model, key) || !atr_omap_value_fit(s, model, value) ||
        !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    atr_omap_tree_begin(&tree, s->pool, model, m);
    return atr_omap_tree_end(&tree, s, model, m,
                             atr_omap_tree_set(&tree, atr_omap_key_in(model, key), value));
}

const atr_omap *atr_omap_remove(atr_scope *s, const atr_model *model, const atr_omap *m,
                                atr_word key)
{
    atr_omap_tree tree;
    if (s == NULL || !atr_omap_like_fit(s, model, key) || !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    atr_omap_tree_begin(&tree, s->pool, model, m);
    return atr_omap_tree_end(&tree, s, model, m,
                             atr_omap_tree_remove(&tree, atr_omap_key_in(model, key)));
}

/* ---- for the models of map and set types ---- */

void atr_omap_release(void *m, atr_dead *dead)
{
    atr_root_release(((atr_omap *)m)->root, dead);
}

bool atr_omap_equal(const void *a, const void *b, atr_pairs *more)
{
    return atr_omap_nodes_equal(((const atr_omap *)a)->root, ((const atr_omap *)b)->root, more);
}

static void word_hash(atr_kind kind, atr_word word, atr_hasher *hasher)
{
    switch (kind) {
    case ATR_KIND_UNIT: break;
    case ATR_KIND_I64:
    case ATR_KIND_TIME: atr_hash_word(hasher, (uint64_t)word.i64); break;
    case ATR_KIND_F64: atr_hash_f64(hasher, word.f64); break;
    default: atr_hash_ref(hasher, word.ref);
    }
}

/* Does not depend on the shape of the tree. */
void atr_omap_hash(const void *m, atr_hasher *hasher)
{
    const atr_model *model = ((const atr_head *)m)->model;
    bool set = model->structure == ATR_STRUCTURE_OSET;
    atr_omap_each each = {0};
    atr_word key, value = {0};
    atr_hash_word(hasher, ((const atr_omap *)m)->size);
    while (atr_omap_next(&each, m, &key, set ? NULL : &value)) {
        word_hash(model->key, key, hasher);
        word_hash(set ? ATR_KIND_UNIT : model->element.kind, value, hasher);
    }
}

void atr_omap_visit(void *m, atr_visit_fn fn, void *user)
{
    fn(user, (const atr_head **)(void *)&((atr_omap *)m)->root);
}
