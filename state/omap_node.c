/* Nodes of ordered maps and sets: how they are made and searched, and how the library walks them. */
#include <atrium/model.h>

#include "bits.h"
#include "omap_node.h"
#include "refs.h"

/* ---- searching ---- */

int atr_omap_key_compare(const atr_omap_order *order, atr_word a, atr_word b)
{
    switch (order->key) {
    case ATR_OMAP_KEY_WORD: return (a.i64 > b.i64) - (a.i64 < b.i64);
    case ATR_OMAP_KEY_TEXT: return atr_str_compare(a.ref, b.ref);
    default: return order->compare(a.ref, b.ref);
    }
}

uint32_t atr_omap_refs_below(const atr_omap_order *order, const atr_word *keys, uint32_t count,
                             atr_word key, bool or_equal)
{
    uint32_t from = 0, to = count;
    while (from < to) {
        uint32_t middle = (from + to) / 2;
        int is = atr_omap_key_compare(order, keys[middle], key);
        if (is < 0 || (is == 0 && or_equal)) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    return from;
}

/* The child in which the entry lies; *place becomes its place there. */
static const atr_omap_node *child_of(const atr_omap_node *node, size_t *place)
{
    const uint32_t *ends = atr_omap_ends(node);
    uint32_t at = 0;
    while (ends[at] <= *place) {
        at++;
    }
    *place -= at > 0 ? ends[at - 1] : 0;
    return atr_omap_child(node, at);
}

const atr_omap_node *atr_omap_node_leaf(const atr_omap_node *node, size_t *place)
{
    while (node->height > 0) {
        node = child_of(node, place);
    }
    return node;
}

/* ---- for the library ---- */

static bool has_key_refs(const atr_omap_kind *kind)
{
    return kind->key != ATR_OMAP_KEY_WORD;
}

static size_t node_bytes(const atr_omap_kind *kind, uint32_t room)
{
    size_t words = kind->value == ATR_OMAP_VALUE_NONE ? room : 2 * (size_t)room;
    return sizeof(atr_omap_node) + words * sizeof(atr_word) +
           (kind->value == ATR_OMAP_VALUE_NODE ? room * sizeof(uint32_t) : 0);
}

static size_t node_size_of(const void *value)
{
    const atr_omap_node *node = value;
    return node_bytes(atr_omap_node_kind(node), node->room);
}

static void node_release(void *value, atr_dead *dead)
{
    const atr_omap_node *node = value;
    const atr_omap_kind *kind = atr_omap_node_kind(node);
    if (has_key_refs(kind)) {
        atr_refs_release(atr_omap_keys(node), node->count, 1, dead);
    }
    if (kind->value == ATR_OMAP_VALUE_REF) {
        atr_refs_release(atr_omap_values(node), node->count, 1, dead);
    } else if (kind->value == ATR_OMAP_VALUE_NODE) {
        atr_nodes_release(atr_omap_values(node), node->count, dead);
    }
}

static size_t node_release_places(void *value, uint32_t places, atr_dead *dead)
{
    const atr_omap_node *node = value;
    const atr_omap_kind *kind = atr_omap_node_kind(node);
    for (; places != 0; places &= places - 1) {
        uint32_t i = atr_lowest_bit(places);
        if (has_key_refs(kind)) {
            atr_ref_release(atr_omap_keys(node)[i], dead);
        }
        if (kind->value >= ATR_OMAP_VALUE_REF) {
            atr_ref_release(atr_omap_values(node)[i], dead);
        }
    }
    return node_size_of(value);
}

static void words_visit(atr_word *words, uint32_t count, atr_visit_fn fn, void *user)
{
    for (uint32_t i = 0; i < count; i++) {
        fn(user, (const atr_head **)(void *)&words[i].ref);
    }
}

static void node_visit(void *value, atr_visit_fn fn, void *user)
{
    const atr_omap_node *node = value;
    const atr_omap_kind *kind = atr_omap_node_kind(node);
    if (has_key_refs(kind)) {
        words_visit(atr_omap_keys(node), node->count, fn, user);
    }
    if (kind->value >= ATR_OMAP_VALUE_REF) {
        words_visit(atr_omap_values(node), node->count, fn, user);
    }
}

/* The hash of a map does not depend on its shape, so it never asks the nodes. */
static void node_hash(const void *value, atr_hasher *hasher)
{
    (void)value;
    (void)hasher;
}

/* ---- equality ---- */

static bool keys_equal(atr_omap_key key, const atr_word *a, const atr_word *b, size_t count,
                       atr_pairs *more)
{
    for (size_t i = 0; i < count; i++) {
        bool equal = key == ATR_OMAP_KEY_WORD   ? a[i].i64 == b[i].i64
                     : key == ATR_OMAP_KEY_TEXT ? atr_str_equal(a[i].ref, b[i].ref)
                                                : atr_pairs_add(more, a[i].ref, b[i].ref);
        if (!equal) {
            return false;
        }
    }
    return true;
}

static bool values_equal(atr_omap_value value, const atr_word *a, const atr_word *b, size_t count,
                         atr_pairs *more)
{
    for (size_t i = 0; i < count; i++) {
        bool equal = value == ATR_OMAP_VALUE_F64    ? atr_f64_equal(a[i].f64, b[i].f64)
                     : value == ATR_OMAP_VALUE_WORD ? a[i].i64 == b[i].i64
                                                    : atr_pairs_add(more, a[i].ref, b[i].ref);
        if (!equal) {
            return false;
        }
    }
    return true;
}

/* Count entries of two leaves of one kind. */
static bool leaves_equal(const atr_omap_node *a, size_t a_at, const atr_omap_node *b, size_t b_at,
                         size_t count, atr_pairs *more)
{
    const atr_omap_kind *kind = atr_omap_node_kind(a);
    if (a == b && a_at == b_at) {
        return true;
    }
    return keys_equal(kind->key, atr_omap_keys(a) + a_at, atr_omap_keys(b) + b_at, count, more) &&
           (kind->value == ATR_OMAP_VALUE_NONE ||
            values_equal(kind->value, atr_omap_values(a) + a_at, atr_omap_values(b) + b_at, count,
                         more));
}

static bool same_shape(const atr_omap_node *a, const atr_omap_node *b)
{
    if (a->height != b->height || a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; a->height > 0 && i < a->count; i++) {
        if (atr_omap_ends(a)[i] != atr_omap_ends(b)[i]) {
            return false;
        }
    }
    return true;
}

/* Write the nodes that begin with entry i of the node, the highest first. @return how many */
static uint32_t nodes_from(const atr_omap_node *node, size_t i,
                           const atr_omap_node *found[ATR_OMAP_LEVELS])
{
    uint32_t count = 0;
    for (;;) {
        if (i == 0) {
            found[count++] = node;
        }
        if (node->height == 0) {
            return count;
        }
        node = child_of(node, &i);
    }
}

/* How many entries from i on both trees have in one node, which begins there: it is the highest one. */
static size_t shared_from(const atr_omap_node *a, const atr_omap_node *b, size_t i)
{
    const atr_omap_node *of_a[ATR_OMAP_LEVELS], *of_b[ATR_OMAP_LEVELS];
    uint32_t a_count = nodes_from(a, i, of_a), b_count = nodes_from(b, i, of_b);
    for (uint32_t at_a = 0, at_b = 0; at_a < a_count && at_b < b_count;) {
        const atr_omap_node *x = of_a[at_a], *y = of_b[at_b];
        if (x == y) {
            return x->size;
        }
        at_a += x->height >= y->height;
        at_b += y->height >= x->height;
    }
    return 0;
}

static bool entries_equal(const atr_omap_node *a, const atr_omap_node *b, atr_pairs *more)
{
    bool leaves_begin = true; /* with entry i, in both */
    for (size_t i = 0; i < a->size;) {
        size_t count = leaves_begin ? shared_from(a, b, i) : 0;
        if (count == 0) {
            size_t a_at = i, b_at = i;
            const atr_omap_node *x = atr_omap_node_leaf(a, &a_at),
                                *y = atr_omap_node_leaf(b, &b_at);
            size_t a_count = x->count - a_at, b_count = y->count - b_at;
            count = a_count < b_count ? a_count : b_count;
            leaves_begin = a_count == b_count;
            if (!leaves_equal(x, a_at, y, b_at, count, more)) {
                return false;
            }
        }
        i += count;
    }
    return true;
}

bool atr_omap_nodes_equal(const atr_omap_node *a, const atr_omap_node *b, atr_pairs *more)
{
    if (a == b || a->size != b->size) {
        return a == b;
    }
    if (!same_shape(a, b)) {
        return entries_equal(a, b, more);
    }
    if (a->height == 0) {
        return leaves_equal(a, 0, b, 0, a->count, more);
    }
    return values_equal(ATR_OMAP_VALUE_NODE, atr_omap_values(a), atr_omap_values(b), a->count,
                        more);
}

static bool node_equal(const void *a, const void *b, atr_pairs *more)
{
    return atr_omap_nodes_equal(a, b, more);
}

/* ---- kinds ---- */

#define NODE(NAME, KEY, VALUE)                         \
    {                                                  \
        {.name = NAME,                                 \
         .structure = ATR_STRUCTURE_NODE,              \
         .size_bytes = sizeof(atr_omap_node),          \
         .release = node_release,                      \
         .equal = node_equal,                          \
         .hash = node_hash,                            \
         .visit = node_visit,                          \
         .size_of = node_size_of,                      \
         .release_places = node_release_places},       \
            ATR_OMAP_KEY_##KEY, ATR_OMAP_VALUE_##VALUE \
    }
#define NODES_OF(KEY)                                                               \
    {                                                                               \
        NODE("ordered set leaf", KEY, NONE), NODE("ordered map leaf", KEY, WORD),   \
            NODE("ordered map leaf", KEY, F64), NODE("ordered map leaf", KEY, REF), \
            NODE("ordered map node", KEY, NODE)                                     \
    }

static const atr_omap_kind kinds[3][ATR_OMAP_VALUE_NODE + 1] = {NODES_OF(WORD), NODES_OF(TEXT),
                                                                NODES_OF(REF)};

static atr_omap_value value_of(const atr_model *model)
{
    if (model->structure == ATR_STRUCTURE_OSET) {
        return ATR_OMAP_VALUE_NONE;
    }
    if (model->element.kind >= ATR_KIND_STR) {
        return ATR_OMAP_VALUE_REF;
    }
    return model->element.kind == ATR_KIND_F64 ? ATR_OMAP_VALUE_F64 : ATR_OMAP_VALUE_WORD;
}

void atr_omap_kinds_of(const atr_model *model, const atr_omap_kind **leaf,
                       const atr_omap_kind **inner)
{
    const atr_omap_kind *row = kinds[atr_omap_order_of(model).key];
    *leaf = &row[value_of(model)];
    *inner = &row[ATR_OMAP_VALUE_NODE];
}

/* ---- makers ---- */

atr_omap_node *atr_omap_node_new(const atr_omap_tree *tree, uint32_t height, uint32_t room)
{
    const atr_omap_kind *kind = height > 0 ? tree->inner : tree->leaf;
    atr_omap_node *node = atr_node_alloc(tree->pool, &kind->model, node_bytes(kind, room));
    if (node != NULL) {
        node->size = 0;
        node->count = 0;
        node->room = (uint8_t)room;
        node->height = (uint8_t)height;
        node->unused = 0;
    }
    return node;
}

void atr_omap_node_hold(const atr_omap_node *node, uint32_t from, uint32_t to)
{
    const atr_omap_kind *kind = atr_omap_node_kind(node);
    if (has_key_refs(kind)) {
        atr_refs_hold(atr_omap_keys(node) + from, to - from, 1);
    }
    if (kind->value == ATR_OMAP_VALUE_REF) {
        atr_refs_hold(atr_omap_values(node) + from, to - from, 1);
    } else if (kind->value == ATR_OMAP_VALUE_NODE) {
        atr_nodes_hold(atr_omap_values(node) + from, to - from);
    }
}

atr_omap_node *atr_omap_node_of(const atr_omap_tree *tree, const atr_word *keys,
                                const atr_word *values, uint32_t count, uint32_t height,
                                uint32_t room)
{
    atr_omap_node *node = atr_omap_node_new(tree, height, room);
    if (node == NULL) {
        return NULL;
    }
    node->count = (uint8_t)count;
    node->size = height > 0 ? 0 : count;
    atr_words_copy(atr_omap_keys(node), keys, count);
    if (atr_omap_node_kind(node)->value != ATR_OMAP_VALUE_NONE) {
        atr_words_copy(atr_omap_values(node), values, count);
    }
    for (uint32_t i = 0; height > 0 && i < count; i++) {
        node->size += atr_omap_child(node, i)->size;
        atr_omap_ends(node)[i] = node->size;
    }
    atr_omap_node_hold(node, 0, count);
    return node;
}
