/* The rules that the tree under ordered maps keeps, checked node by node. */
#ifndef ATR_STATE_TESTS_OMAP_SHAPE_H
#define ATR_STATE_TESTS_OMAP_SHAPE_H

#include "omap_node.h"

static inline void check_omap_keys(const atr_omap_order *order, const atr_omap_node *node)
{
    for (uint32_t i = 1; i < node->count; i++) {
        const atr_word *keys = atr_omap_keys(node);
        assert_true(atr_omap_key_compare(order, keys[i - 1], keys[i]) < 0);
    }
}

static inline void check_omap_node(const atr_omap_order *order, const atr_omap_node *node,
                                   bool right_edge, bool root)
{
    uint32_t width = atr_omap_width(node->height), size = 0;
    assert_true(node->atr.count > 0);
    assert_in_range(node->count, 1, node->room);
    assert_in_range(node->room, 1, width);
    assert_true(right_edge || node->count >= width / 2);
    assert_true(!root || node->height == 0 || node->count >= 2);
    check_omap_keys(order, node);
    for (uint32_t i = 0; node->height > 0 && i < node->count; i++) {
        const atr_omap_node *child = atr_omap_child(node, i);
        assert_int_equal(child->height + 1, node->height);
        assert_int_equal(atr_omap_key_compare(order, child->slots[0], node->slots[i]), 0);
        check_omap_node(order, child, right_edge && i + 1u == node->count, false);
        size += child->size;
        assert_int_equal(atr_omap_ends(node)[i], size);
    }
    assert_int_equal(node->size, node->height > 0 ? size : node->count);
}

static inline void check_omap(const void *map)
{
    const atr_omap *m = map;
    if (m != NULL) {
        const atr_omap_node *root = m->root;
        atr_omap_order order = atr_omap_order_of(m->atr.model);
        assert_true(root->height < ATR_OMAP_LEVELS);
        assert_int_equal(m->size, root->size);
        check_omap_node(&order, root, true, true);
    }
}

#endif
