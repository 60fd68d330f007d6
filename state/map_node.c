/* Nodes of maps and sets as values that the library walks: release, equality, hash, copy. */
#include <atrium/model.h>

#include "map_node.h"
#include "refs.h"

static void node_release(void *value, atr_dead *dead)
{
    const atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node);

    atr_nodes_release(node->slots, children, dead);
    if (kind->refs > 0) {
        atr_refs_release(node->slots + children + kind->first,
                         (size_t)kind->refs * atr_map_node_entries(node), kind->step, dead);
    }
}

static void entry_release(const atr_map_kind *kind, const atr_word *entry, atr_dead *dead)
{
    if (kind->ref) {
        atr_ref_release(entry[1], dead);
    }
    if (kind->text) {
        atr_ref_release(entry[0], dead);
    }
}

static size_t node_size_of(const void *value)
{
    const atr_map_node *node = value;
    return atr_map_node_bytes(atr_map_node_children(node) +
                              (size_t)atr_map_node_kind(node)->stride * atr_map_node_entries(node));
}

/* In a trie a place is a digit. Collision nodes have none, and never a loan. */
static size_t node_release_places(void *value, uint32_t places, atr_dead *dead)
{
    const atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node);
    for (; places != 0; places &= places - 1) {
        uint32_t bit = places & (0u - places);
        if ((node->children & bit) != 0) {
            atr_node_release(node->slots[atr_bits(node->children & (bit - 1))], dead);
        } else if ((node->data & bit) != 0) {
            entry_release(kind,
                          node->slots + children + kind->stride * atr_bits(node->data & (bit - 1)),
                          dead);
        }
    }
    return node_size_of(node);
}

void atr_map_release(void *m, atr_dead *dead)
{
    atr_map_node *root = (atr_map_node *)(uintptr_t)((const atr_map *)m)->root;
    if (--root->atr.count == 0) {
        atr_loans_end(&root->atr, dead);
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

static void node_visit(void *value, atr_visit_fn fn, void *user)
{
    atr_map_node *node = value;
    const atr_map_kind *kind = atr_map_node_kind(node);
    uint32_t children = atr_map_node_children(node);
    size_t refs = (size_t)kind->refs * atr_map_node_entries(node);
    atr_word *slot = node->slots + children + kind->first;

    for (uint32_t i = 0; i < children; i++) {
        fn(user, (const atr_head **)(void *)&node->slots[i].ref);
    }
    for (; refs > 0; refs--, slot += kind->step) {
        fn(user, (const atr_head **)(void *)&slot->ref);
    }
}

/* ---- kinds ---- */

#define NODE_MODEL(NAME)                                                                      \
    {                                                                                         \
        .name = NAME, .structure = ATR_STRUCTURE_NODE, .size_bytes = sizeof(atr_map_node),    \
        .release = node_release, .equal = node_equal, .hash = node_hash, .visit = node_visit, \
        .size_of = node_size_of, .release_places = node_release_places                        \
    }

/* Which words of an entry are pointers. */
#define NO_REFS .refs = 0, .first = 0, .step = 1
#define KEY_OF_ONE .refs = 1, .first = 0, .step = 1
#define KEY_OF_TWO .refs = 1, .first = 0, .step = 2
#define VALUE_OF_TWO .refs = 1, .first = 1, .step = 2
#define BOTH_OF_TWO .refs = 2, .first = 0, .step = 1

enum { VALUE_NONE, VALUE_WORD, VALUE_F64, VALUE_REF, VALUE_KINDS };

static const atr_map_kind i64_kinds[VALUE_KINDS] = {
    {NODE_MODEL("set node"), .stride = 1, NO_REFS},
    {NODE_MODEL("map node"), .stride = 2, NO_REFS},
    {NODE_MODEL("map node"), .f64 = true, .stride = 2, NO_REFS},
    {NODE_MODEL("map node"), .ref = true, .stride = 2, VALUE_OF_TWO},
};

#define TEXT_KINDS(MODEL, IS_COLLISION, COLLISIONS)                                               \
    {                                                                                             \
        {MODEL, .text = true, .collision = IS_COLLISION, .stride = 1, KEY_OF_ONE, COLLISIONS(0)}, \
            {MODEL,       .text = true, .collision = IS_COLLISION,                                \
             .stride = 2, KEY_OF_TWO,   COLLISIONS(1)},                                           \
            {MODEL,       .text = true, .f64 = true,  .collision = IS_COLLISION,                  \
             .stride = 2, KEY_OF_TWO,   COLLISIONS(2)},                                           \
            {MODEL,       .text = true, .ref = true,  .collision = IS_COLLISION,                  \
             .stride = 2, BOTH_OF_TWO,  COLLISIONS(3)},                                           \
    }
#define NO_COLLISIONS(i) .collisions = NULL
#define OWN_COLLISIONS(i) .collisions = &collision_kinds[i]

static const atr_map_kind collision_kinds[VALUE_KINDS] =
    TEXT_KINDS(NODE_MODEL("collision node"), true, NO_COLLISIONS);
static const atr_map_kind text_kinds[VALUE_KINDS] =
    TEXT_KINDS(NODE_MODEL("map node"), false, OWN_COLLISIONS);

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
