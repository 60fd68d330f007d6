/* Builders of maps and sets. The builder is a value of its scope, so that it goes with the scope however it
 * was left. What is set and removed is only noted, and put into the map that it began with in one go when it
 * is sealed. */
#include <atrium/error.h>

#include "collections.h"
#include "map_notes.h"

struct atr_map_builder {
    atr_head atr;
    atr_scope *scope;
    const atr_model *model; /* of the map */
    atr_map_tree tree;      /* what it began with */
    atr_map_notes notes;
};

static void builder_release(void *value, atr_dead *dead)
{
    atr_map_builder *b = value;
    atr_release_(dead, b->tree.root);
    atr_map_notes_end(&b->notes, &b->tree, dead);
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
    b->tree = (atr_map_tree){.pool = s->pool, .kind = atr_map_kind_of(model)};
    b->notes = (atr_map_notes){0};
    if (from != NULL) {
        b->tree.root = (atr_map_node *)(uintptr_t)from->root;
        b->tree.size = from->size;
        atr_hold_(b->tree.root);
    }
    return b;
}

/* ---- changes ---- */

static int latch(const atr_map_builder *b, int code)
{
    return code >= 0 ? ATR_OK : atr_map_latch(b->scope, b->model, code);
}

int atr_map_builder_set(atr_map_builder *b, atr_word key, atr_word value)
{
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key) ||
        !atr_map_value_fit(b->scope, b->model, value)) {
        return ATR_E_REFUSED;
    }
    if (atr_map_notes_add(&b->notes, &b->tree, key, value)) {
        return ATR_OK;
    }
    return latch(b, atr_map_notes_set(&b->notes, &b->tree, key, value));
}

int atr_map_builder_remove(atr_map_builder *b, atr_word key)
{
    if (b == NULL) {
        return ATR_E_NO_MEMORY;
    }
    if (!atr_map_key_fit(b->scope, b->model, key)) {
        return ATR_E_REFUSED;
    }
    return latch(b, atr_map_notes_remove(&b->notes, &b->tree, key));
}

/* ---- reading ---- */

/* What is noted is found by an index. false: no memory for it, latched. */
static bool can_read(atr_map_builder *b)
{
    return atr_map_notes_index(&b->notes, &b->tree) || latch(b, ATR_E_NO_MEMORY) == ATR_OK;
}

size_t atr_map_builder_count(atr_map_builder *b)
{
    if (b == NULL) {
        return 0;
    }
    if (atr_map_notes_none(&b->notes)) {
        return b->tree.size;
    }
    return can_read(b) ? atr_map_notes_count(&b->notes, &b->tree) : 0;
}

bool atr_map_builder_find(atr_map_builder *b, atr_word key, atr_word *value)
{
    if (b == NULL || (b->tree.kind->text && key.ref == NULL)) {
        return false;
    }
    if (atr_map_notes_none(&b->notes)) {
        return b->tree.root != NULL && atr_map_root_find(b->tree.root, key, value);
    }
    return can_read(b) && atr_map_notes_find(&b->notes, &b->tree, key, value);
}

/* When memory is out the builder keeps what it holds. */
const atr_map *atr_map_builder_seal(atr_map_builder *b)
{
    const atr_map *m;
    if (b == NULL) {
        return NULL;
    }
    if (!atr_map_notes_settle(&b->notes, &b->tree)) {
        latch(b, ATR_E_NO_MEMORY);
        return NULL;
    }
    if (b->tree.root == NULL) {
        return NULL;
    }
    m = atr_map_publish(b->scope, b->model, b->tree.root, b->tree.size);
    if (m != NULL) {
        b->tree.root = NULL;
        b->tree.size = 0;
    }
    return m;
}
