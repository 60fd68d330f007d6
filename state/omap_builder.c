/* Builders of ordered maps and sets: a tree that is changed in place where nobody else holds it. Entries
 * that come in ascending order are written into the last leaf; the levels above learn of them later.
 * The builder is a value of its scope, so that it goes with the scope however it was left. */
#include <atrium/error.h>

#include "collections.h"
#include "loan.h"
#include "omap_node.h"

struct atr_omap_builder {
    atr_head atr;
    atr_scope *scope;
    const atr_model *model; /* of the map */
    atr_omap_tree tree;
    atr_omap_node *last; /* the last leaf, when all the way to it is the builder's own; else NULL */
    uint32_t pending;    /* entries in it that the levels above do not count yet */
};

static void builder_release(void *value, atr_dead *dead)
{
    atr_release_(dead, ((atr_omap_builder *)value)->tree.root);
}

static const atr_model builder_model = {
    .name = "ordered map builder",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(atr_omap_builder),
    .release = builder_release,
};

atr_omap_builder *atr_omap_builder_new(atr_scope *s, const atr_model *model, const atr_omap *from)
{
    atr_omap_builder *b;
    if (s == NULL || !atr_collection_fit(s, model, from)) {
        return NULL;
    }
    b = atr_value_alloc(s, &builder_model, sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    b->scope = s;
    b->model = model;
    b->last = NULL;
    b->pending = 0;
    atr_omap_tree_begin(&b->tree, s->pool, model, from);
    b->tree.roomy = true;
    b->tree.borrows = false;
    return b;
}

/* ---- the last leaf ---- */

static void builder_settle(atr_omap_builder *b)
{
    if (b->pending == 0) {
        return;
    }
    for (atr_omap_node *node = b->tree.root; node->height > 0;) {
        node->size += b->pending;
        atr_omap_ends(node)[node->count - 1] += b->pending;
        node = atr_omap_child(node, node->count - 1u);
    }
    b->pending = 0;
}

static void builder_find_last(atr_omap_builder *b)
{
    atr_omap_node *node = b->tree.root;
    b->last = NULL;
    while (node != NULL && atr_loan_is_sole(&node->atr, b->tree.pool)) {
        if (node->height == 0) {
            b->last = node;
            return;
        }
        node = atr_omap_child(node, node->count - 1u);
    }
}

static bool is_behind(const atr_omap_builder *b, const atr_omap_node *last, atr_word key)
{
    return atr_omap_key_compare(&b->tree.order, atr_omap_keys(last)[last->count - 1], key) < 0;
}

static bool builder_append(atr_omap_builder *b, atr_word key, atr_word value)
{
    atr_omap_node *last = b->last;
    const atr_omap_kind *kind;
    if (last == NULL || last->count == last->room ||
        b->tree.root->size + last->room >= ATR_OMAP_MAX || !is_behind(b, last, key)) {
        return false;
    }
    kind = atr_omap_node_kind(last);
    atr_omap_keys(last)[last->count] = key;
    if (kind->key != ATR_OMAP_KEY_WORD) {
        atr_hold_(key.ref);
    }
    if (kind->value != ATR_OMAP_VALUE_NONE) {
        atr_omap_values(last)[last->count] = value;
    }
    if (kind->value == ATR_OMAP_VALUE_REF) {
        atr_hold_(value.ref);
    }
    last->count++;
    last->size++;
    b->pending += last != b->tree.root;
    return true;
}

/* ---- */

int atr_omap_builder_set(atr_omap_builder *b, atr_word key, atr_word value)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_omap_key_fit(b->scope, b->model, key) ||
        !atr_omap_value_fit(b->scope, b->model, value)) {
        return ATR_E_REFUSED;
    }
    key = atr_omap_key_in(b->model, key);
    if (builder_append(b, key, value)) {
        return ATR_OK;
    }
    builder_settle(b);
    b->last = NULL;
    code = atr_omap_tree_set(&b->tree, key, value);
    if (b->tree.appended) {
        builder_find_last(b);
    }
    return code >= 0 ? ATR_OK : atr_omap_latch(b->scope, b->model, code);
}

int atr_omap_builder_remove(atr_omap_builder *b, atr_word key)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_omap_like_fit(b->scope, b->model, key)) {
        return ATR_E_REFUSED;
    }
    builder_settle(b);
    b->last = NULL;
    code = atr_omap_tree_remove(&b->tree, atr_omap_key_in(b->model, key));
    return code >= 0 ? ATR_OK : atr_omap_latch(b->scope, b->model, code);
}

size_t atr_omap_builder_count(const atr_omap_builder *b)
{
    return b != NULL && b->tree.root != NULL ? b->tree.root->size + (size_t)b->pending : 0;
}

/* The levels above a leaf need not count its entries for that. */
bool atr_omap_builder_find(const atr_omap_builder *b, atr_word key, atr_word *value)
{
    atr_omap read;
    if (b == NULL || b->tree.root == NULL) {
        return false;
    }
    read = (atr_omap){.atr.model = b->model, .root = b->tree.root};
    return atr_omap_find(&read, key, value);
}

bool atr_omap_builder_find_key(const atr_omap_builder *b, atr_word key, atr_word *there)
{
    atr_omap read;
    if (b == NULL || b->tree.root == NULL) {
        return false;
    }
    read = (atr_omap){.atr.model = b->model, .root = b->tree.root};
    return atr_omap_find_key(&read, key, there);
}

/* When memory is out the builder keeps what it holds. */
const atr_omap *atr_omap_builder_seal(atr_omap_builder *b)
{
    const atr_omap *m;
    if (b == NULL || b->tree.root == NULL) {
        return NULL;
    }
    builder_settle(b);
    m = atr_omap_publish(b->scope, b->model, b->tree.root);
    if (m != NULL) {
        b->tree.root = NULL;
        b->last = NULL;
    }
    return m;
}
