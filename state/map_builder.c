/* Builders of maps and sets: a trie that is changed in place where nobody else holds it. The builder is
 * a value of its scope, so that it goes with the scope however it was left. */
#include <atrium/error.h>

#include "collections.h"
#include "map_node.h"

struct atr_map_builder {
    atr_head atr;
    atr_scope *scope;
    const atr_model *model; /* of the map */
    atr_map_tree tree;
};

static void builder_release(void *value, atr_dead *dead)
{
    atr_release_(dead, ((atr_map_builder *)value)->tree.root);
}

static const atr_model builder_model = {
    .name = "map builder",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(atr_map_builder),
    .release = builder_release,
};

atr_map_builder *atr_map_builder_new(atr_scope *s, const atr_model *model, const atr_map *from)
{
    atr_map_builder *b;
    if (s == NULL || !atr_collection_fit(s, model, from)) {
        return NULL;
    }
    b = atr_value_alloc(s, &builder_model, sizeof *b);
    if (b == NULL) {
        return NULL;
    }
    b->scope = s;
    b->model = model;
    b->tree.pool = s->pool;
    b->tree.kind = atr_map_kind_of(model);
    b->tree.root = from != NULL ? (atr_map_node *)(uintptr_t)from->root : NULL;
    b->tree.size = atr_map_count(from);
    atr_hold_(b->tree.root);
    return b;
}

int atr_map_builder_set(atr_map_builder *b, atr_word key, atr_word value)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key) ||
        !atr_map_value_fit(b->scope, b->model, value)) {
        return ATR_E_REFUSED;
    }
    code = atr_map_tree_set(&b->tree, key, value);
    return code >= 0 ? ATR_OK : atr_map_latch(b->scope, b->model, code);
}

int atr_map_builder_remove(atr_map_builder *b, atr_word key)
{
    int code;
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key)) {
        return ATR_E_REFUSED;
    }
    code = atr_map_tree_remove(&b->tree, key);
    return code >= 0 ? ATR_OK : atr_map_latch(b->scope, b->model, code);
}

/* When memory is out the builder keeps what it holds. */
const atr_map *atr_map_builder_seal(atr_map_builder *b)
{
    const atr_map *m;
    if (b == NULL || b->tree.root == NULL) {
        return NULL;
    }
    m = atr_map_publish(b->scope, b->model, b->tree.root, b->tree.size);
    if (m != NULL) {
        b->tree.root = NULL;
        b->tree.size = 0;
    }
    return m;
}
