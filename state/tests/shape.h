/* The rules that the trees under collections keep, checked node by node. */
#ifndef ATR_STATE_TESTS_SHAPE_H
#define ATR_STATE_TESTS_SHAPE_H

#include "map_node.h"
#include "vector_node.h"

/* ---- vectors ---- */

static inline void check_vec_slots(const atr_vec_node *node, bool right_edge, bool root)
{
    assert_true(node->atr.count > 0);
    assert_in_range(node->count, 1, ATR_VEC_WIDTH);
    assert_int_equal(node->pairs, atr_vec_node_pairs(node->count, node->relaxed));
    if (!right_edge) {
        assert_true(node->count >= ATR_VEC_HALF);
    }
    if (root && node->height > 0) {
        assert_true(node->count >= 2);
    }
}

static inline void check_vec_node(const atr_vec_node *node, bool right_edge, bool root)
{
    uint64_t full = (uint64_t)1 << (node->height * ATR_VEC_BITS);
    uint32_t size = 0;

    check_vec_slots(node, right_edge, root);
    for (uint32_t i = 0; node->height > 0 && i < node->count; i++) {
        const atr_vec_node *child = atr_vec_child(node, i);
        bool last = i + 1u == node->count;
        assert_int_equal(child->height + 1, node->height);
        check_vec_node(child, right_edge && last, false);
        size += child->size;
        if (node->relaxed) {
            assert_int_equal(atr_vec_ends(node)[i], size);
        } else {
            assert_true(last || child->size == full);
        }
    }
    assert_int_equal(node->size, node->height > 0 ? size : node->count);
}

/* No size table in any node: places are found by their digits alone. */
static inline bool vec_is_regular(const atr_vec_node *node)
{
    bool regular = !node->relaxed;
    for (uint32_t i = 0; regular && node->height > 0 && i < node->count; i++) {
        regular = vec_is_regular(atr_vec_child(node, i));
    }
    return regular;
}

static inline void check_vec(const atr_vec *v)
{
    const atr_vec_node *root, *tail;
    if (v == NULL || v->flat != NULL) {
        return;
    }
    root = v->root;
    tail = v->tail;
    assert_in_range(tail->count, 1, ATR_VEC_WIDTH);
    assert_int_equal(v->near_size, atr_vec_near(root));
    assert_int_equal(v->size, atr_vec_below_root(v) + tail->count);
    if (root != NULL) {
        assert_true(root->height < ATR_VEC_LEVELS);
        check_vec_node(root, true, true);
    }
}

/* ---- maps and sets ---- */

static inline uint64_t check_hash(const atr_map_kind *kind, const atr_word *entry, uint32_t level)
{
    return atr_map_hash_of(kind, *entry) << (level * ATR_MAP_DIGIT);
}

static inline void check_collision(const atr_map_node *node, const atr_map_kind *kind,
                                   uint32_t level)
{
    assert_int_equal(level, ATR_MAP_TEXT_LEVELS);
    assert_int_equal(node->children, 0);
    assert_true(node->data >= 2);
    for (uint32_t i = 1; i < node->data; i++) {
        const atr_word *a = node->slots + (i - 1) * kind->stride;
        const atr_word *b = a + kind->stride;
        assert_int_equal(atr_str_hash(a->ref), atr_str_hash(b->ref));
        assert_true(atr_str_compare(a->ref, b->ref) < 0);
    }
}

/* Returns the number of entries in and below the node. */
static inline size_t check_map_node(const atr_map_node *node, uint32_t level)
{
    const atr_map_kind *kind = atr_map_node_kind(node);
    const atr_word *child = node->slots, *entry = node->slots + atr_map_node_children(node);
    size_t count = atr_map_node_entries(node);

    assert_true(node->atr.count > 0);
    assert_true(level < ATR_MAP_DEPTH);
    assert_int_equal(node->data & (kind->collision ? 0 : node->children), 0);
    if (kind->collision) {
        check_collision(node, kind, level);
        return count;
    }
    for (uint32_t digit = 0; digit < 32; digit++) {
        if (node->children >> digit & 1) {
            count += check_map_node((child++)->ref, level + 1);
        } else if (node->data >> digit & 1) {
            assert_int_equal(check_hash(kind, entry, level) >> 59, digit);
            entry += kind->stride;
        }
    }
    assert_true(count >= (level == 0 ? 1 : 2));
    return count;
}

static inline void check_map(const atr_map *m)
{
    if (m != NULL) {
        assert_int_equal(check_map_node(m->root, 0), m->size);
    }
}

#endif
