/* Nodes of vectors: how they are made, and how the library walks them. */
#include <atrium/model.h>

#include "bits.h"
#include "loan.h"
#include "refs.h"
#include "vector_node.h"

static size_t node_size_of(const void *value)
{
    const atr_vec_node *node = value;
    return atr_vec_node_bytes(node);
}

static void refs_release(void *value, atr_dead *dead)
{
    const atr_vec_node *node = value;
    atr_refs_release(node->slots, node->count, 1, dead);
}

static void inner_release(void *value, atr_dead *dead)
{
    const atr_vec_node *node = value;
    atr_nodes_release(node->slots, node->count, dead);
}

static size_t refs_release_places(void *value, uint32_t places, atr_dead *dead)
{
    const atr_vec_node *node = value;
    for (; places != 0; places &= places - 1) {
        atr_ref_release(node->slots[atr_lowest_bit(places)], dead);
    }
    return atr_vec_node_bytes(node);
}

static size_t inner_release_places(void *value, uint32_t places, atr_dead *dead)
{
    const atr_vec_node *node = value;
    for (; places != 0; places &= places - 1) {
        atr_node_release(node->slots[atr_lowest_bit(places)], dead);
    }
    return atr_vec_node_bytes(node);
}

/* Words are not counted, so such a leaf has no loans. */
static size_t words_release_places(void *value, uint32_t places, atr_dead *dead)
{
    (void)places;
    (void)dead;
    return node_size_of(value);
}

static void refs_visit(void *value, atr_visit_fn fn, void *user)
{
    atr_vec_node *node = value;
    for (uint32_t i = 0; i < node->count; i++) {
        fn(user, (const atr_head **)(void *)&node->slots[i].ref);
    }
}

static void words_visit(void *value, atr_visit_fn fn, void *user)
{
    (void)value;
    (void)fn;
    (void)user;
}

size_t atr_vec_node_chunk(const atr_vec_node *node, size_t i, const atr_word **items)
{
    while (node->height > 0) {
        node = atr_vec_child(node, atr_vec_index(node, &i));
    }
    *items = node->slots + i;
    return node->count - i;
}

/* The hash of a vector does not depend on its shape, so it never asks the nodes. */
static void node_hash(const void *value, atr_hasher *hasher)
{
    (void)value;
    (void)hasher;
}

#define NODE_MODEL(NAME, EQUAL, VISIT, RELEASE_PLACES)                                 \
    .name = NAME, .structure = ATR_STRUCTURE_NODE, .size_bytes = sizeof(atr_vec_node), \
    .equal = EQUAL, .hash = node_hash, .visit = VISIT, .size_of = node_size_of,        \
    .release_places = RELEASE_PLACES

static const atr_model inner_model = {
    NODE_MODEL("vector node", atr_vec_inner_equal, refs_visit, inner_release_places),
    .release = inner_release};
const atr_model atr_vec_ref_leaf = {
    NODE_MODEL("vector leaf", atr_vec_leaf_equal, refs_visit, refs_release_places),
    .release = refs_release};
const atr_model atr_vec_word_leaf = {
    NODE_MODEL("vector leaf", atr_vec_leaf_equal, words_visit, words_release_places)};
const atr_model atr_vec_f64_leaf = {
    NODE_MODEL("vector leaf", atr_vec_leaf_equal, words_visit, words_release_places)};

const atr_model *atr_vec_leaf_of(const atr_model *model)
{
    if (model->element.kind >= ATR_KIND_STR) {
        return &atr_vec_ref_leaf;
    }
    return model->element.kind == ATR_KIND_F64 ? &atr_vec_f64_leaf : &atr_vec_word_leaf;
}

/* ---- leaves ---- */

atr_vec_node *atr_vec_leaf_new(const atr_vec_tree *tree, uint32_t count)
{
    uint8_t pairs = atr_vec_node_pairs(count, false);
    atr_vec_node *leaf = atr_node_alloc(tree->pool, tree->leaf, (size_t)pairs * ATR_PAIR);
    if (leaf != NULL) {
        leaf->size = count;
        leaf->count = (uint8_t)count;
        leaf->height = 0;
        leaf->relaxed = false;
        leaf->pairs = pairs;
    }
    return leaf;
}

void atr_vec_leaf_hold(const atr_vec_node *leaf)
{
    if (leaf->atr.model == &atr_vec_ref_leaf) {
        atr_refs_hold(leaf->slots, leaf->count, 1);
    }
}

ATR_COLD void atr_vec_settle(atr_pool *pool, const atr_vec_node *copy, uint32_t at, uint32_t put)
{
    pool->figures.settled++;
    atr_refs_hold(copy->slots, at, 1);
    atr_refs_hold(copy->slots + at + put, copy->count - at - put, 1);
}

/* The words of a leaf are not counted, so they need not be borrowed. */
void atr_vec_share_rest(const atr_vec_tree *tree, const atr_vec_node *base, atr_vec_node *node,
                        uint32_t at, uint32_t skip, uint32_t put)
{
    bool shares = node->atr.model->release != NULL && base->count > skip;
    if (shares && tree->borrows &&
        atr_loan_begin(tree->pool, base, node, atr_places(at, put), atr_places(at, skip))) {
        return;
    }
    tree->pool->figures.apart++;
    if (shares) {
        atr_vec_settle(tree->pool, node, at, put);
    }
}

atr_vec_node *atr_vec_leaf_splice(const atr_vec_tree *tree, const atr_vec_node *base, uint32_t at,
                                  uint32_t skip, const atr_word *words, uint32_t put)
{
    uint32_t old = base != NULL ? base->count : 0;
    atr_vec_node *leaf = atr_vec_leaf_new(tree, old - skip + put);
    if (leaf == NULL) {
        return NULL;
    }
    if (tree->leaf == &atr_vec_ref_leaf) {
        atr_refs_copy(leaf->slots + at, words, put);
    } else {
        atr_words_copy(leaf->slots + at, words, put);
    }
    if (base != NULL) {
        atr_words_copy(leaf->slots, base->slots, at);
        atr_words_copy(leaf->slots + at + put, base->slots + at + skip, old - at - skip);
        atr_vec_share_rest(tree, base, leaf, at, skip, put);
    }
    return leaf;
}

/* ---- inner nodes ---- */

/* Where the children end. While all but the last are full an index tells the child. */
typedef struct layout {
    uint32_t ends[ATR_VEC_WIDTH];
    uint32_t count, size, full;
    bool last_is_full, relaxed;
} layout;

static inline void layout_begin(layout *l, uint32_t height)
{
    uint32_t bits = height * ATR_VEC_BITS;
    l->count = 0;
    l->size = 0;
    l->full = bits < 32 ? (uint32_t)1 << bits : 0; /* 0: more than a vector can have */
    l->last_is_full = true;
    l->relaxed = false;
}

static inline void layout_add(layout *l, uint32_t size)
{
    l->relaxed |= !l->last_is_full;
    l->last_is_full = size == l->full;
    l->size += size;
    l->ends[l->count++] = l->size;
}

static void layout_add_full(layout *l, uint32_t count)
{
    uint32_t size = l->size, *end = l->ends + l->count;
    l->relaxed |= count > 0 && !l->last_is_full;
    l->last_is_full |= count > 0;
    l->count += count;
    for (; count > 0; count--) {
        *end++ = size += l->full;
    }
    l->size = size;
}

/* The children from..to of a node, which need not be looked at. */
static void layout_add_of(layout *l, const atr_vec_node *node, uint32_t from, uint32_t to)
{
    const uint32_t *ends = atr_vec_ends(node);
    uint32_t before, last = node->count - 1u;
    if (from == to) {
        return;
    }
    if (!node->relaxed) {
        layout_add_full(l, (to > last ? last : to) - from);
        if (to > last) {
            layout_add(l, node->size - last * l->full);
        }
        return;
    }
    before = from > 0 ? ends[from - 1] : 0;
    for (uint32_t i = from; i < to; before = ends[i++]) {
        layout_add(l, ends[i] - before);
    }
}

/* Its slots are left to the caller. */
static atr_vec_node *inner_new(const atr_vec_tree *tree, const layout *l, uint32_t height)
{
    uint8_t pairs = atr_vec_node_pairs(l->count, l->relaxed);
    atr_vec_node *node = atr_node_alloc(tree->pool, &inner_model, (size_t)pairs * ATR_PAIR);
    if (node == NULL) {
        return NULL;
    }
    node->size = l->size;
    node->count = (uint8_t)l->count;
    node->height = (uint8_t)height;
    node->relaxed = l->relaxed;
    node->pairs = pairs;
    if (l->relaxed) {
        memcpy(atr_vec_ends(node), l->ends, l->count * sizeof *l->ends);
    }
    return node;
}

static void slots_fill(atr_word *slots, atr_vec_node *const *list, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        slots[i].ref = list[i];
    }
}

atr_vec_node *atr_vec_inner_try(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                                uint32_t height)
{
    atr_vec_node *node;
    layout l;
    layout_begin(&l, height);
    for (uint32_t i = 0; i < count; i++) {
        layout_add(&l, list[i]->size);
    }
    node = inner_new(tree, &l, height);
    if (node != NULL) {
        slots_fill(node->slots, list, count);
    }
    return node;
}

atr_vec_node *atr_vec_inner_of(const atr_vec_tree *tree, atr_vec_node *const *list, uint32_t count,
                               uint32_t height)
{
    atr_vec_node *node = atr_vec_inner_try(tree, list, count, height);
    for (uint32_t i = 0; node == NULL && i < count; i++) {
        atr_value_release(list[i]);
    }
    return node;
}

atr_vec_node *atr_vec_inner_splice(const atr_vec_tree *tree, const atr_vec_node *base, uint32_t at,
                                   uint32_t skip, atr_vec_node *const *list, uint32_t put)
{
    atr_vec_node *node;
    layout l;
    layout_begin(&l, base->height);
    layout_add_of(&l, base, 0, at);
    for (uint32_t i = 0; i < put; i++) {
        layout_add(&l, list[i]->size);
    }
    layout_add_of(&l, base, at + skip, base->count);
    node = inner_new(tree, &l, base->height);
    if (node != NULL) {
        atr_words_copy(node->slots, base->slots, at);
        slots_fill(node->slots + at, list, put);
        atr_words_copy(node->slots + at + put, base->slots + at + skip, base->count - at - skip);
        atr_vec_share_rest(tree, base, node, at, skip, put);
    }
    for (uint32_t i = 0; node == NULL && i < put; i++) {
        atr_value_release(list[i]);
    }
    return node;
}

/* ---- from slots, some of which another node has ---- */

/* How many bits from the lowest one on are set. */
static uint32_t bits_in_a_row(uint32_t word)
{
    return ~word != 0 ? atr_lowest_bit(~word) : ATR_VEC_WIDTH;
}

static void layout_of_slots(layout *l, const atr_vec_slots *slots)
{
    uint32_t stays = slots->stays;
    for (uint32_t i = 0; i < slots->count;) {
        uint32_t run = bits_in_a_row(slots->kept >> i), at, most;
        if (run == 0) {
            layout_add(l, ((const atr_vec_node *)slots->words[i++].ref)->size);
            continue;
        }
        at = atr_lowest_bit(stays);
        most = bits_in_a_row(stays >> at);
        run = run < most ? run : most;
        layout_add_of(l, slots->base, at, at + run);
        stays &= ~atr_places(at, run);
        i += run;
    }
}

/* Are they the base's but for some in their place, of the same size? */
static bool same_ends(const atr_vec_slots *slots)
{
    if (slots->base == NULL || slots->count != slots->base->count || slots->kept != slots->stays) {
        return false;
    }
    for (uint32_t rest = atr_places(0, slots->count) & ~slots->kept; rest != 0; rest &= rest - 1) {
        uint32_t i = atr_lowest_bit(rest);
        if (((const atr_vec_node *)slots->words[i].ref)->size !=
            atr_vec_child(slots->base, i)->size) {
            return false;
        }
    }
    return true;
}

static atr_vec_node *inner_of_slots(const atr_vec_tree *tree, uint32_t height,
                                    const atr_vec_slots *slots)
{
    const atr_vec_node *base = slots->base;
    atr_vec_node *node;
    layout l;
    if (same_ends(slots)) {
        node = atr_node_alloc(tree->pool, &inner_model, atr_vec_node_bytes(base));
        if (node != NULL) {
            atr_node_copy(node, base, base->pairs, false);
        }
        return node;
    }
    layout_begin(&l, height);
    layout_of_slots(&l, slots);
    return inner_new(tree, &l, height);
}

/* The one place among `places`, if that is all, and what is let go of there (atr_loan_one). */
static uint16_t one_of(const atr_vec_node *node, uint32_t places)
{
    uint32_t at = 0;
    if ((places & (places - 1)) != 0) {
        return 0;
    }
    if (places != 0) {
        at = (uint32_t)(offsetof(atr_vec_node, slots) / sizeof(atr_word)) + atr_lowest_bit(places);
    }
    return atr_loan_one(at, node->height > 0, node->pairs);
}

static bool borrow_kept(atr_pool *pool, const atr_vec_slots *slots, atr_vec_node *node)
{
    uint32_t mine = atr_places(0, slots->count) & ~slots->kept;
    uint32_t lost = atr_places(0, slots->base->count) & ~slots->stays;
    uint16_t place = atr_loan_begin_one(pool, slots->base, node, mine, lost, one_of(node, mine),
                                        one_of(slots->base, lost));
    if (place != 0) {
        node->atr.flags = place;
        pool->figures.fresh++;
    }
    return place != 0;
}

void atr_vec_share_kept(const atr_vec_tree *tree, const atr_vec_slots *slots, atr_vec_node *node)
{
    bool counts = node->atr.model->release != NULL;
    if (counts && slots->lends && tree->borrows && borrow_kept(tree->pool, slots, node)) {
        return;
    }
    tree->pool->figures.apart++;
    if (counts) {
        tree->pool->figures.settled++;
        for (uint32_t rest = slots->kept; rest != 0; rest &= rest - 1) {
            atr_ref_hold(node->slots[atr_lowest_bit(rest)]);
        }
    }
}

atr_vec_node *atr_vec_node_of(const atr_vec_tree *tree, uint32_t height, const atr_vec_slots *slots)
{
    atr_vec_node *node =
        height == 0 ? atr_vec_leaf_new(tree, slots->count) : inner_of_slots(tree, height, slots);
    if (node != NULL) {
        atr_words_copy(node->slots, slots->words, slots->count);
        if (slots->kept != 0) {
            atr_vec_share_kept(tree, slots, node);
        }
    }
    return node;
}
