/* Vectors: the handle over the tree (vector_node.h). A static vector is read in place; its first update
 * makes a tree of it. */
#include <string.h>

#include <atrium/error.h>
#include <atrium/model.h>

#include "collections.h"
#include "refs.h"
#include "vector_handle.h"

size_t atr_vec_count(const atr_vec *v)
{
    return v != NULL ? v->size : 0;
}

atr_word atr_vec_flat_at(const atr_model *model, const void *items, size_t i)
{
    atr_word word = {0};
    if (model->element.kind >= ATR_KIND_STR) {
        memcpy(&word.ref, (const char *)items + i * sizeof word.ref, sizeof word.ref);
    } else {
        memcpy(&word, (const char *)items + i * sizeof word, sizeof word);
    }
    return word;
}

/* In a strict node the digits of the index lead on; in a relaxed one i becomes the index in the child. */
static uint32_t index_in_relaxed(const atr_vec_node *node, size_t *i, uint32_t bits)
{
    *i &= ((uint64_t)1 << (bits + ATR_VEC_BITS)) - 1;
    return atr_vec_index(node, i);
}

/* Element i of a tree. */
static atr_word in_tree(const atr_vec_node *node, size_t i)
{
    for (uint32_t bits = node->height * (uint32_t)ATR_VEC_BITS; bits > 0; bits -= ATR_VEC_BITS) {
        node = node->slots[node->relaxed ? index_in_relaxed(node, &i, bits)
                                         : (i >> bits) % ATR_VEC_WIDTH]
                   .ref;
    }
    return node->slots[i % ATR_VEC_WIDTH];
}

atr_word atr_vec_at(const atr_vec *v, size_t i)
{
    const atr_vec_node *root, *tail;
    if (v == NULL || i >= v->size) {
        return atr_word_i64_(0);
    }
    if (v->flat != NULL) {
        return atr_vec_flat_at(v->atr.model, v->flat, i);
    }
    root = v->root;
    if (root != NULL && i < root->size) {
        return in_tree(root, i);
    }
    tail = v->tail;
    return tail->slots[i - atr_vec_below_root(v)];
}

/* ---- reading in chunks ---- */

/* The elements that lie together from i < v->size on; those of a static vector are copied to `room`. */
static size_t chunk_at(const atr_vec *v, size_t i, atr_word *room, const atr_word **items)
{
    size_t count;
    if (v->flat == NULL) {
        size_t below = atr_vec_below_root(v);
        return i < below ? atr_vec_node_chunk(v->root, i, items)
                         : atr_vec_node_chunk(v->tail, i - below, items);
    }
    count = v->size - i < ATR_VEC_CHUNK ? v->size - i : ATR_VEC_CHUNK;
    for (size_t k = 0; k < count; k++) {
        room[k] = atr_vec_flat_at(v->atr.model, v->flat, i + k);
    }
    *items = room;
    return count;
}

void atr_vec_cursor_begin(atr_vec_cursor *c, const atr_vec *v, size_t from)
{
    c->vec = v;
    c->at = from;
    c->count = 0;
    c->items = NULL;
}

/* Typed vectors hand chunks out as arrays of their elements. */
_Static_assert(sizeof(const void *) == sizeof(atr_word), "pointers are as wide as words");

size_t atr_vec_chunk(const atr_vec *v, size_t i, const void **items)
{
    const atr_word *words;
    size_t count;
    if (v == NULL || i >= v->size) {
        return 0;
    }
    if (v->flat != NULL) {
        *items = (const atr_word *)v->flat + i;
        return v->size - i;
    }
    count = chunk_at(v, i, NULL, &words);
    *items = words;
    return count;
}

size_t atr_vec_chunk_before(const atr_vec *v, size_t end, const void **items)
{
    const atr_vec_node *node;
    size_t below;
    if (v == NULL || end == 0 || end > v->size) {
        return 0;
    }
    *items = v->flat;
    if (v->flat != NULL) {
        return end;
    }
    below = atr_vec_below_root(v);
    node = end > below ? v->tail : v->root;
    end -= end > below ? below : 0;
    for (end--; node->height > 0;) {
        uint32_t at = atr_vec_index(node, &end);
        node = atr_vec_child(node, at);
    }
    *items = node->slots;
    return end + 1;
}

bool atr_vec_cursor_next(atr_vec_cursor *c)
{
    c->at += c->count;
    if (c->vec == NULL || c->at >= c->vec->size) {
        c->count = 0;
        return false;
    }
    c->count = chunk_at(c->vec, c->at, c->copied, &c->items);
    return true;
}

/* ---- refusing ---- */

int atr_vec_refuse_index(atr_scope *s, const atr_model *model, size_t i, size_t size)
{
    return atr_refuse(s, ATR_E_INVALID, "%s: index %zu is out of range, the size is %zu",
                      model->name, i, size);
}

void atr_vec_refuse_at(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i)
{
    if (atr_collection_fit(s, model, v)) {
        atr_vec_refuse_index(s, model, i, atr_vec_count(v));
    }
}

int atr_vec_refuse_size(atr_scope *s, const atr_model *model)
{
    return atr_refuse(s, ATR_E_LIMIT, "%s: more than %d elements", model->name, ATR_VEC_MAX);
}

/* ---- from handle to tree and back ---- */

bool atr_vec_tree_begin(atr_vec_tree *tree, atr_scope *s, const atr_model *model, const atr_vec *v)
{
    if (s == NULL || !atr_collection_fit(s, model, v)) {
        return false;
    }
    if (v != NULL && v->flat != NULL) {
        v = atr_vec_of(s, model, v->flat, v->size);
        if (v == NULL) {
            return false;
        }
    }
    *tree = (atr_vec_tree){s->pool, atr_vec_leaf_of(model), NULL, NULL, !s->pool->eager};
    if (v != NULL) {
        tree->root = (atr_vec_node *)(uintptr_t)v->root;
        tree->tail = (atr_vec_node *)(uintptr_t)v->tail;
        atr_hold_(tree->root);
        atr_hold_(tree->tail);
    }
    return true;
}

const atr_vec *atr_vec_publish(atr_scope *s, const atr_model *model, const atr_vec_tree *tree)
{
    atr_vec *v = atr_value_alloc(s, model, sizeof *v);
    if (v != NULL) {
        v->size = (uint32_t)atr_vec_tree_size(tree);
        v->near_size = atr_vec_near(tree->root);
        v->root = tree->root;
        v->tail = tree->tail;
        v->flat = NULL;
    }
    return v;
}

const atr_vec *atr_vec_tree_end(atr_vec_tree *tree, atr_scope *s, const atr_model *model, bool done)
{
    const atr_vec *v = NULL;
    if (!done) {
        atr_scope_fail(s, &atr_error_no_memory);
    } else if (tree->tail != NULL) {
        v = atr_vec_publish(s, model, tree);
    }
    if (v == NULL) {
        atr_vec_tree_drop(tree);
    }
    return v;
}

/* Put other words in place of some of the tail. */
static bool tail_splice(atr_vec_tree *tree, uint32_t at, uint32_t skip, const atr_word *words,
                        uint32_t put)
{
    atr_vec_node *tail = atr_vec_leaf_splice(tree, tree->tail, at, skip, words, put);
    if (tail == NULL) {
        return false;
    }
    atr_value_release(tree->tail);
    tree->tail = tail;
    return true;
}

/* The tail, which stays held, becomes a leaf of the tree. */
static bool tail_to_tree(atr_vec_tree *tree)
{
    if (tree->tail == NULL) {
        return true;
    }
    atr_vec_node_hold(tree->tail);
    if (!atr_vec_tree_push_leaf(tree, tree->tail)) {
        tree->tail->atr.count--;
        return false;
    }
    return true;
}

/* Put words behind the last element. */
static bool tail_append(atr_vec_tree *tree, const atr_word *words, uint32_t count)
{
    uint32_t used = tree->tail != NULL ? tree->tail->count : 0, room = ATR_VEC_WIDTH - used;
    if (count <= room) {
        return tail_splice(tree, used, 0, words, count);
    }
    return (room == 0 || tail_splice(tree, used, 0, words, room)) && tail_to_tree(tree) &&
           tail_splice(tree, 0, ATR_VEC_WIDTH, words + room, count - room);
}

/* ---- updates ---- */

/* Room for as many as `other` has, or else one. Of a vector that is released the size is none. */
static bool has_room(atr_scope *s, const atr_model *model, const atr_vec *v, const atr_vec *other)
{
    size_t more = other != NULL ? other->size : 1;
    if (s != NULL && atr_vec_count(v) + more > ATR_VEC_MAX) {
        if (atr_collection_fit(s, model, v) && atr_collection_fit(s, model, other)) {
            atr_vec_refuse_size(s, model);
        }
        return false;
    }
    return true;
}

static bool in_range(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i, size_t end)
{
    if (s != NULL && i >= end) {
        atr_vec_refuse_at(s, model, v, i);
        return false;
    }
    return true;
}

const atr_vec *atr_vec_push(atr_scope *s, const atr_model *model, const atr_vec *v, atr_word item)
{
    atr_vec_tree tree;
    if (s == NULL || !has_room(s, model, v, NULL) || !atr_vec_item_fit(s, model, item) ||
        !atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    return atr_vec_tree_end(&tree, s, model, tail_append(&tree, &item, 1));
}

/* Without the last element, of two or more. */
static bool tree_pop(atr_vec_tree *tree)
{
    return atr_vec_tree_take(tree, atr_vec_tree_size(tree) - 1);
}

const atr_vec *atr_vec_pop(atr_scope *s, const atr_model *model, const atr_vec *v)
{
    atr_vec_tree tree;
    if (!atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    if (atr_vec_tree_size(&tree) <= 1) {
        atr_vec_tree_drop(&tree);
        return NULL;
    }
    return atr_vec_tree_end(&tree, s, model, tree_pop(&tree));
}

ATR_COLD void atr_vec_not_made(atr_scope *s, const atr_vec_node *made)
{
    atr_scope_fail(s, &atr_error_no_memory);
    atr_value_release(made);
}

static bool tail_insert(atr_vec_tree *tree, uint32_t at, atr_word item)
{
    const atr_vec_node *tail = tree->tail;
    atr_word words[ATR_VEC_WIDTH + 1];
    if (tail == NULL || tail->count < ATR_VEC_WIDTH) {
        return tail_splice(tree, at, 0, &item, 1);
    }
    memcpy(words, tail->slots, at * sizeof item);
    words[at] = item;
    memcpy(words + at + 1, tail->slots + at, (ATR_VEC_WIDTH - at) * sizeof item);
    return tail_splice(tree, 0, ATR_VEC_WIDTH, words, ATR_VEC_WIDTH) && tail_to_tree(tree) &&
           tail_splice(tree, 0, ATR_VEC_WIDTH, words + ATR_VEC_WIDTH, 1);
}

const atr_vec *atr_vec_insert(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                              atr_word item)
{
    atr_vec_tree tree;
    size_t tail_at;
    if (s == NULL || !in_range(s, model, v, i, atr_vec_count(v) + 1) ||
        !has_room(s, model, v, NULL) || !atr_vec_item_fit(s, model, item) ||
        !atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    tail_at = tree.root != NULL ? tree.root->size : 0;
    return atr_vec_tree_end(&tree, s, model,
                            i < tail_at ? atr_vec_tree_insert(&tree, i, item)
                                        : tail_insert(&tree, (uint32_t)(i - tail_at), item));
}

bool atr_vec_tree_remove(atr_vec_tree *tree, size_t i)
{
    size_t tail_at = tree->root != NULL ? tree->root->size : 0;
    if (i < tail_at) {
        return atr_vec_tree_erase(tree, i);
    }
    return tree->tail->count == 1 ? tree_pop(tree)
                                  : tail_splice(tree, (uint32_t)(i - tail_at), 1, NULL, 0);
}

const atr_vec *atr_vec_slice(atr_scope *s, const atr_model *model, const atr_vec *v, size_t from,
                             size_t to)
{
    size_t count = atr_vec_count(v);
    atr_vec_tree tree;
    if (s != NULL && (from > to || to > count)) {
        atr_refuse(s, ATR_E_INVALID, "%s: the slice %zu to %zu is out of range, the size is %zu",
                   model->name, from, to, count);
        return NULL;
    }
    if (!atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    if (from == to || (from == 0 && to == count)) {
        atr_vec_tree_drop(&tree);
        return from == to ? NULL : atr_scope_same(s, v);
    }
    return atr_vec_tree_end(&tree, s, model,
                            (to == count || atr_vec_tree_take(&tree, to)) &&
                                (from == 0 || atr_vec_tree_skip(&tree, from)));
}

/* b is a tree, not empty. */
static bool tree_concat(atr_vec_tree *tree, const atr_vec_tree *b)
{
    if (b->root == NULL) {
        return tail_append(tree, b->tail->slots, b->tail->count);
    }
    if (!tail_to_tree(tree) || !atr_vec_tree_append(tree, b->root)) {
        return false;
    }
    atr_value_release(tree->tail);
    tree->tail = atr_vec_node_hold(b->tail);
    return true;
}

const atr_vec *atr_vec_concat(atr_scope *s, const atr_model *model, const atr_vec *a,
                              const atr_vec *b)
{
    atr_vec_tree tree, other;
    bool done;
    if ((b != NULL && !has_room(s, model, a, b)) || !atr_vec_tree_begin(&tree, s, model, a)) {
        return NULL;
    }
    if (!atr_vec_tree_begin(&other, s, model, b)) {
        atr_vec_tree_drop(&tree);
        return NULL;
    }
    if (tree.tail == NULL || other.tail == NULL) {
        atr_vec_tree_drop(&tree);
        atr_vec_tree_drop(&other);
        return atr_scope_same(s, tree.tail == NULL ? b : a);
    }
    done = tree_concat(&tree, &other);
    atr_vec_tree_drop(&other);
    return atr_vec_tree_end(&tree, s, model, done);
}

/* ---- for the models of vector types ---- */

void atr_vec_release(void *v, atr_dead *dead)
{
    atr_vec_node *root = (atr_vec_node *)(uintptr_t)((const atr_vec *)v)->root;
    atr_vec_node *tail = (atr_vec_node *)(uintptr_t)((const atr_vec *)v)->tail;
    if (tail != NULL && --tail->atr.count == 0) {
        atr_loans_end(&tail->atr, dead);
    }
    if (root != NULL && --root->atr.count == 0) {
        atr_loans_end(&root->atr, dead);
    }
}

static bool elements_equal(const atr_vec *a, const atr_vec *b, atr_pairs *more)
{
    const atr_model *leaf = atr_vec_leaf_of(a->atr.model);
    atr_word a_room[ATR_VEC_CHUNK], b_room[ATR_VEC_CHUNK];
    size_t a_below = atr_vec_below_root(a), b_below = atr_vec_below_root(b);
    bool leaves_begin = true; /* with element i, in both */
    for (size_t i = 0; i < a->size;) {
        const atr_word *x, *y;
        size_t count =
            leaves_begin && i < a_below && i < b_below ? atr_vec_shared(a->root, b->root, i) : 0;
        if (count == 0) {
            size_t x_count = chunk_at(a, i, a_room, &x), y_count = chunk_at(b, i, b_room, &y);
            count = x_count < y_count ? x_count : y_count;
            leaves_begin = x_count == y_count;
            if (!atr_vec_words_equal(leaf, x, y, count, more)) {
                return false;
            }
        }
        i += count;
    }
    return true;
}

/* Whether equal trees would have their nodes at the same places, as far as their roots tell. */
static bool trees_alike(const atr_vec *x, const atr_vec *y)
{
    const atr_vec_node *a = x->root, *b = y->root;
    return atr_vec_below_root(x) == atr_vec_below_root(y) && (a == NULL || a->height == b->height);
}

bool atr_vec_equal(const void *a, const void *b, atr_pairs *more)
{
    const atr_vec *x = a, *y = b;
    if (x->size != y->size) {
        return false;
    }
    if (x->flat != NULL || y->flat != NULL || !trees_alike(x, y)) {
        return elements_equal(x, y, more);
    }
    return atr_pairs_add(more, x->root, y->root) && atr_pairs_add(more, x->tail, y->tail);
}

void atr_vec_hash(const void *v, atr_hasher *hasher)
{
    const atr_vec *vec = v;
    const atr_model *leaf = atr_vec_leaf_of(vec->atr.model);
    atr_vec_cursor c;
    atr_hash_word(hasher, vec->size);
    atr_vec_cursor_begin(&c, vec, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (leaf == &atr_vec_ref_leaf) {
                atr_hash_ref(hasher, c.items[i].ref);
            } else if (leaf == &atr_vec_f64_leaf) {
                atr_hash_f64(hasher, c.items[i].f64);
            } else {
                atr_hash_word(hasher, (uint64_t)c.items[i].i64);
            }
        }
    }
}

void atr_vec_visit(void *v, atr_visit_fn fn, void *user)
{
    fn(user, (const atr_head **)(void *)&((atr_vec *)v)->root);
    fn(user, (const atr_head **)(void *)&((atr_vec *)v)->tail);
}
