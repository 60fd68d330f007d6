/* Builders of vectors: pushed elements gather in the builder and go into the tree 32 at a time. The builder
 * is a value of its scope, so that it goes with the scope however it was left. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "vector_handle.h"

struct atr_vec_builder {
    atr_head atr;
    atr_scope *scope;
    const atr_model *model; /* of the vector */
    atr_vec_tree tree;      /* without a tail: that is in `last` */
    uint32_t count;         /* of last; 0 only when the builder is empty */
    uint32_t room; /* how many may be in last: fewer than fit when the tree is nearly full */
    atr_word last[ATR_VEC_WIDTH];
};

static void builder_release(void *value, atr_dead *dead)
{
    atr_vec_builder *b = value;
    atr_release_(dead, b->tree.root);
    for (uint32_t i = 0; b->tree.leaf == &atr_vec_ref_leaf && i < b->count; i++) {
        atr_release_(dead, b->last[i].ref);
    }
}

static const atr_model builder_model = {
    .name = "vector builder",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(atr_vec_builder),
    .release = builder_release,
};

static size_t tree_size(const atr_vec_builder *b)
{
    return b->tree.root != NULL ? b->tree.root->size : 0;
}

static size_t builder_size(const atr_vec_builder *b)
{
    return tree_size(b) + (size_t)b->count;
}

/* To be called when the tree has changed. */
static void note_room(atr_vec_builder *b)
{
    size_t left = ATR_VEC_MAX - tree_size(b);
    b->room = left < ATR_VEC_WIDTH ? (uint32_t)left : ATR_VEC_WIDTH;
}

static void last_fill(atr_vec_builder *b, const atr_vec_node *leaf)
{
    b->count = leaf->count;
    memcpy(b->last, leaf->slots, leaf->count * sizeof *b->last);
    atr_vec_leaf_hold(leaf);
}

/* Take over the elements of a vector: the builder is empty. */
static void builder_fill(atr_vec_builder *b, const void *root, const void *tail)
{
    b->tree.root = (atr_vec_node *)(uintptr_t)root;
    atr_hold_(root);
    last_fill(b, tail);
}

atr_vec_builder *atr_vec_builder_new(atr_scope *s, const atr_model *model, const atr_vec *from)
{
    atr_vec_builder *b;
    if (s == NULL || !atr_collection_fit(s, model, from)) {
        return NULL;
    }
    b = atr_value_alloc(s, &builder_model, sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    b->scope = s;
    b->model = model;
    b->tree = (atr_vec_tree){s->pool, atr_vec_leaf_of(model), NULL, NULL, false};
    b->count = 0;
    if (from != NULL && from->flat == NULL) { /* a static one's elements are its own for good */
        builder_fill(b, from->root, from->tail);
    }
    note_room(b);
    for (size_t i = 0; from != NULL && from->flat != NULL && i < from->size; i++) {
        if (atr_vec_builder_push(b, atr_vec_at(from, i)) != ATR_OK) {
            return NULL;
        }
    }
    return b;
}

/* What is gathered becomes a leaf; its elements move with their counts. */
static atr_vec_node *last_leaf(const atr_vec_builder *b)
{
    atr_vec_node *leaf = atr_vec_leaf_new(&b->tree, b->count);
    if (leaf != NULL) {
        memcpy(leaf->slots, b->last, b->count * sizeof *b->last);
    }
    return leaf;
}

/* Free a leaf whose elements stay with the builder. */
static void leaf_undo(const atr_vec_builder *b, atr_vec_node *leaf)
{
    atr_cell_free(b->tree.pool, leaf, leaf->atr.model->size_of(leaf));
}

static int make_room(atr_vec_builder *b)
{
    atr_vec_node *leaf;
    if (builder_size(b) >= ATR_VEC_MAX) {
        return atr_vec_refuse_size(b->scope, b->model);
    }
    leaf = last_leaf(b);
    if (leaf == NULL) {
        return atr_scope_fail(b->scope, &atr_error_no_memory);
    }
    if (!atr_vec_tree_push_leaf(&b->tree, leaf)) {
        leaf_undo(b, leaf);
        return atr_scope_fail(b->scope, &atr_error_no_memory);
    }
    b->count = 0;
    note_room(b);
    return ATR_OK;
}

int atr_vec_builder_push(atr_vec_builder *b, atr_word item)
{
    bool is_ref;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    is_ref = b->tree.leaf == &atr_vec_ref_leaf;
    if (is_ref && !atr_item_fit(b->scope, b->model, "item", item.ref, b->model->element.model)) {
        return ATR_E_REFUSED;
    }
    if (b->count == b->room) {
        int code = make_room(b);
        if (code != ATR_OK) {
            return code;
        }
    }
    if (is_ref) {
        atr_hold_(item.ref);
    }
    b->last[b->count++] = item;
    return ATR_OK;
}

/* ---- whole vectors ---- */

/* The elements stay with the builder until all is done; the leaf has counts of its own. */
static bool join_behind(atr_vec_tree *tree, const atr_vec_builder *b, const atr_vec_node *root)
{
    atr_vec_node *leaf = last_leaf(b);
    if (leaf == NULL) {
        return false;
    }
    atr_vec_leaf_hold(leaf);
    if (!atr_vec_tree_push_leaf(tree, leaf)) {
        atr_value_release(leaf);
        return false;
    }
    return atr_vec_tree_append(tree, root);
}

/* All that is gathered but the first ones. */
static void last_drop(atr_vec_builder *b, uint32_t keep)
{
    for (uint32_t i = keep; b->tree.leaf == &atr_vec_ref_leaf && i < b->count; i++) {
        atr_value_release(b->last[i].ref);
    }
    b->count = keep;
}

/* Held once more, nothing of the builder's tree is written. */
static int append_tree(atr_vec_builder *b, const atr_vec_tree *more)
{
    atr_vec_tree tree = b->tree;
    atr_hold_(tree.root);
    if (!join_behind(&tree, b, more->root)) {
        atr_value_release(tree.root);
        return atr_scope_fail(b->scope, &atr_error_no_memory);
    }
    atr_value_release(b->tree.root);
    b->tree = tree;
    last_drop(b, 0);
    last_fill(b, more->tail);
    note_room(b);
    return ATR_OK;
}

/* There is room for once as many as are gathered, so nothing fails any more when they have gone into the tree. */
static int append_leaf(atr_vec_builder *b, const atr_vec_node *leaf)
{
    uint32_t before = b->count;
    for (uint32_t i = 0; i < leaf->count; i++) {
        int code = b->count == b->room ? make_room(b) : ATR_OK;
        if (code != ATR_OK) {
            last_drop(b, before);
            return code;
        }
        if (b->tree.leaf == &atr_vec_ref_leaf) {
            atr_hold_(leaf->slots[i].ref);
        }
        b->last[b->count++] = leaf->slots[i];
    }
    return ATR_OK;
}

static int append(atr_vec_builder *b, const atr_vec_tree *more)
{
    if (b->count == 0) {
        builder_fill(b, more->root, more->tail);
        note_room(b);
        return ATR_OK;
    }
    return more->root != NULL ? append_tree(b, more) : append_leaf(b, more->tail);
}

int atr_vec_builder_append(atr_vec_builder *b, const atr_vec *v)
{
    atr_vec_tree more;
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_collection_fit(b->scope, b->model, v)) {
        return ATR_E_REFUSED;
    }
    if (v == NULL) {
        return ATR_OK;
    }
    if (v->size > ATR_VEC_MAX - builder_size(b)) {
        return atr_vec_refuse_size(b->scope, b->model);
    }
    if (!atr_vec_tree_begin(&more, b->scope, b->model, v)) {
        return ATR_E_NO_MEMORY;
    }
    code = append(b, &more);
    atr_vec_tree_drop(&more);
    return code;
}

/* The last leaf of the tree comes back when no element is gathered any more. */
int atr_vec_builder_pop(atr_vec_builder *b)
{
    const void *popped;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (b->count == 0) {
        return ATR_OK;
    }
    if (b->count == 1 && b->tree.root != NULL && !atr_vec_tree_take(&b->tree, b->tree.root->size)) {
        return atr_scope_fail(b->scope, &atr_error_no_memory);
    }
    popped = b->last[--b->count].ref;
    if (b->tree.tail != NULL) {
        atr_vec_node *leaf = b->tree.tail;
        last_fill(b, leaf);
        b->tree.tail = NULL;
        atr_value_release(leaf);
    }
    note_room(b);
    if (b->tree.leaf == &atr_vec_ref_leaf) {
        atr_value_release(popped);
    }
    return ATR_OK;
}

/* ---- */

int atr_vec_builder_set(atr_vec_builder *b, size_t i, atr_word item)
{
    size_t tail_at;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (i >= builder_size(b)) {
        return atr_vec_refuse_index(b->scope, b->model, i, builder_size(b));
    }
    if (!atr_vec_item_fit(b->scope, b->model, item)) {
        return ATR_E_REFUSED;
    }
    tail_at = builder_size(b) - b->count;
    if (i < tail_at) {
        return atr_vec_tree_set(&b->tree, i, item) ? ATR_OK
                                                   : atr_scope_fail(b->scope, &atr_error_no_memory);
    }
    if (b->tree.leaf == &atr_vec_ref_leaf) {
        atr_hold_(item.ref);
        atr_value_release(b->last[i - tail_at].ref);
    }
    b->last[i - tail_at] = item;
    return ATR_OK;
}

size_t atr_vec_builder_count(const atr_vec_builder *b)
{
    return b != NULL ? builder_size(b) : 0;
}

atr_word atr_vec_builder_at(const atr_vec_builder *b, size_t i)
{
    const atr_vec_node *node;
    if (i >= atr_vec_builder_count(b)) {
        return (atr_word){.i64 = 0};
    }
    if (i >= tree_size(b)) {
        return b->last[i - tree_size(b)];
    }
    for (node = b->tree.root; node->height > 0;) {
        uint32_t at = atr_vec_index(node, &i);
        node = atr_vec_child(node, at);
    }
    return node->slots[i];
}

/* When memory is out the builder keeps what it holds. */
const atr_vec *atr_vec_builder_seal(atr_vec_builder *b)
{
    const atr_vec *v;
    atr_vec_tree tree;
    if (b == NULL || b->count == 0) {
        return NULL;
    }
    tree = b->tree;
    tree.tail = last_leaf(b);
    if (tree.tail == NULL) {
        atr_scope_fail(b->scope, &atr_error_no_memory);
        return NULL;
    }
    v = atr_vec_publish(b->scope, b->model, &tree);
    if (v == NULL) {
        leaf_undo(b, tree.tail);
        return NULL;
    }
    b->tree.root = NULL;
    b->count = 0;
    note_room(b);
    return v;
}

/* ---- from an array ---- */

const atr_vec *atr_vec_of(atr_scope *s, const atr_model *model, const void *items, size_t count)
{
    atr_vec_builder *b;
    if (s == NULL || count == 0) {
        return NULL;
    }
    if (items == NULL) {
        atr_refuse(s, ATR_E_INVALID, "%s: the items are NULL, but their number is %zu", model->name,
                   count);
        return NULL;
    }
    if (count > ATR_VEC_MAX) {
        atr_vec_refuse_size(s, model);
        return NULL;
    }
    b = atr_vec_builder_new(s, model, NULL);
    for (size_t i = 0; i < count; i++) {
        if (atr_vec_builder_push(b, atr_vec_flat_at(model, items, i)) != ATR_OK) {
            return NULL;
        }
    }
    return atr_vec_builder_seal(b);
}
