/* Nodes of maps and sets as values that the library walks: release, equality, hash, copy. */
#include <atrium/model.h>

#include "map_node.h"

static void node_release(void *value, atr_dead *dead)
{
    const atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node), entries;
    const atr_word *slot = node->slots + children;

    for (uint32_t i = 0; i < children; i++) {
        atr_release_(dead, node->slots[i].ref);
    }
    if (!kind->text && !kind->ref) {
        return;
    }
    entries = atr_map_node_entries(node);
    for (uint32_t i = 0; i < entries; i++, slot += kind->stride) {
        if (kind->text) {
            atr_release_(dead, slot[0].ref);
        }
        if (kind->ref) {
            atr_release_(dead, slot[1].ref);
        }
    }
}

static bool entry_equal(const atr_map_kind *kind, const atr_word *a, const atr_word *b,
                        atr_pairs *more)
{
    if (kind->text ? !atr_str_equal(a[0].ref, b[0].ref) : a[0].i64 != b[0].i64) {
        return false;
    }
    if (kind->stride == 1) {
        return true;
    }
    if (kind->ref) {
        return atr_pairs_add(more, a[1].ref, b[1].ref);
    }
    return kind->f64 ? atr_f64_equal(a[1].f64, b[1].f64) : a[1].i64 == b[1].i64;
}

/* Equal maps have nodes of one form, whatever their history. */
static bool node_equal(const void *x, const void *y, atr_pairs *more)
{
    const atr_map_node *a = x, *b = y;
    const atr_map_kind *kind = atr_map_node_kind(a);
    uint32_t children, entries, at;

    if (a->data != b->data || a->children != b->children) {
        return false;
    }
    children = atr_map_node_children(a);
    entries = atr_map_node_entries(a);
    at = children;
    for (uint32_t i = 0; i < entries; i++, at += kind->stride) {
        if (!entry_equal(kind, a->slots + at, b->slots + at, more)) {
            return false;
        }
    }
    for (uint32_t i = 0; i < children; i++) {
        if (!atr_pairs_add(more, a->slots[i].ref, b->slots[i].ref)) {
            return false;
        }
    }
    return true;
}

static void node_hash(const void *value, atr_hasher *hasher)
{
    const atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node), entries = atr_map_node_entries(node);
    const atr_word *slot = node->slots + children;

    for (uint32_t i = 0; i < entries; i++, slot += kind->stride) {
        atr_hash_word(hasher, kind->text ? atr_str_hash(slot[0].ref) : (uint64_t)slot[0].i64);
        if (kind->ref) {
            atr_hash_ref(hasher, slot[1].ref);
        } else if (kind->f64) {
            atr_hash_f64(hasher, slot[1].f64);
        } else if (kind->stride == 2) {
            atr_hash_word(hasher, (uint64_t)slot[1].i64);
        }
    }
    for (uint32_t i = 0; i < children; i++) {
        atr_hash_ref(hasher, node->slots[i].ref);
    }
}

static void visit_slot(atr_word *slot, atr_visit_fn fn, void *user)
{
    fn(user, (const atr_head **)(void *)&slot->ref);
}

static void node_visit(void *value, atr_visit_fn fn, void *user)
{
    atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node), entries = atr_map_node_entries(node);
    atr_word *slot = node->slots + children;

    for (uint32_t i = 0; i < children; i++) {
        visit_slot(node->slots + i, fn, user);
    }
    for (uint32_t i = 0; i < entries; i++, slot += kind->stride) {
        if (kind->text) {
            visit_slot(slot, fn, user);
        }
        if (kind->ref) {
            visit_slot(slot + 1, fn, user);
        }
    }
}

static size_t node_size_of(const void *value)
{
    const atr_map_node *node = value;
    size_t slots = atr_map_node_children(node) +
                   (size_t)atr_map_node_kind(node)->stride * atr_map_node_entries(node);
    return sizeof *node + slots * sizeof(atr_word);
}

/* ---- kinds ---- */

#define NODE_MODEL(NAME)                                                                      \
    {                                                                                         \
        .name = NAME, .structure = ATR_STRUCTURE_NODE, .size_bytes = sizeof(atr_map_node),    \
        .release = node_release, .equal = node_equal, .hash = node_hash, .visit = node_visit, \
        .size_of = node_size_of                                                               \
    }

enum { VALUE_NONE, VALUE_WORD, VALUE_F64, VALUE_REF, VALUE_KINDS };

static const atr_map_kind collision_kinds[VALUE_KINDS] = {
    {NODE_MODEL("set collision"), .text = true, .collision = true, .stride = 1},
    {NODE_MODEL("map collision"), .text = true, .collision = true, .stride = 2},
    {NODE_MODEL("map collision"), .text = true, .f64 = true, .collision = true, .stride = 2},
    {NODE_MODEL("map collision"), .text = true, .ref = true, .collision = true, .stride = 2},
};

static const atr_map_kind i64_kinds[VALUE_KINDS] = {
    {NODE_MODEL("set node"), .stride = 1},
    {NODE_MODEL("map node"), .stride = 2},
    {NODE_MODEL("map node"), .f64 = true, .stride = 2},
    {NODE_MODEL("map node"), .ref = true, .stride = 2},
};

static const atr_map_kind text_kinds[VALUE_KINDS] = {
    {NODE_MODEL("set node"), .text = true, .stride = 1, .collisions = &collision_kinds[0]},
    {NODE_MODEL("map node"), .text = true, .stride = 2, .collisions = &collision_kinds[1]},
    {NODE_MODEL("map node"), .text = true, .f64 = true, .stride = 2,
     .collisions = &collision_kinds[2]},
    {NODE_MODEL("map node"), .text = true, .ref = true, .stride = 2,
     .collisions = &collision_kinds[3]},
};

const atr_map_kind *atr_map_kind_of(const atr_model *model)
{
    const atr_map_kind *kinds = model->key == ATR_KIND_STR ? text_kinds : i64_kinds;
    if (model->structure == ATR_STRUCTURE_SET) {
        return &kinds[VALUE_NONE];
    }
    if (model->element.kind >= ATR_KIND_STR) {
        return &kinds[VALUE_REF];
    }
    return &kinds[model->element.kind == ATR_KIND_F64 ? VALUE_F64 : VALUE_WORD];
}
