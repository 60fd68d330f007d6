/* Equality of the trees under vectors. What both share is skipped by pointer, also where other nodes on the left have
 * other sizes. */
#include <atrium/model.h>

#include "vector_node.h"

bool atr_vec_words_equal(const atr_model *leaf, const atr_word *a, const atr_word *b, size_t count,
                         atr_pairs *more)
{
    for (size_t i = 0; a != b && i < count; i++) {
        bool equal = leaf == &atr_vec_ref_leaf   ? atr_pairs_add(more, a[i].ref, b[i].ref)
                     : leaf == &atr_vec_f64_leaf ? atr_f64_equal(a[i].f64, b[i].f64)
                                                 : a[i].i64 == b[i].i64;
        if (!equal) {
            return false;
        }
    }
    return true;
}

bool atr_vec_leaf_equal(const void *x, const void *y, atr_pairs *more)
{
    const atr_vec_node *a = x, *b = y;
    return a->count == b->count &&
           atr_vec_words_equal(a->atr.model, a->slots, b->slots, a->count, more);
}

static bool same_shape(const atr_vec_node *a, const atr_vec_node *b)
{
    if (a->count != b->count) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (atr_vec_child(a, i)->size != atr_vec_child(b, i)->size) {
            return false;
        }
    }
    return true;
}

/* Write the nodes that begin with element i of the node, the highest first. @return how many */
static uint32_t nodes_from(const atr_vec_node *node, size_t i,
                           const atr_vec_node *found[ATR_VEC_LEVELS])
{
    uint32_t count = 0;
    for (;;) {
        if (i == 0) {
            found[count++] = node;
        }
        if (node->height == 0) {
            return count;
        }
        node = atr_vec_child(node, atr_vec_index(node, &i));
    }
}

size_t atr_vec_shared(const atr_vec_node *a, const atr_vec_node *b, size_t i)
{
    const atr_vec_node *of_a[ATR_VEC_LEVELS], *of_b[ATR_VEC_LEVELS];
    uint32_t a_count = nodes_from(a, i, of_a), b_count = nodes_from(b, i, of_b);
    for (uint32_t at_a = 0, at_b = 0; at_a < a_count && at_b < b_count;) {
        const atr_vec_node *x = of_a[at_a], *y = of_b[at_b];
        if (x == y) {
            return x->size;
        }
        at_a += x->height >= y->height;
        at_b += y->height >= x->height;
    }
    return 0;
}

static bool elements_equal(const atr_vec_node *a, const atr_vec_node *b, atr_pairs *more)
{
    const atr_vec_node *leaf = a;
    bool leaves_begin = true; /* with element i, in both */
    while (leaf->height > 0) {
        leaf = atr_vec_child(leaf, 0);
    }
    for (size_t i = 0; i < a->size;) {
        const atr_word *x, *y;
        size_t count = leaves_begin ? atr_vec_shared(a, b, i) : 0;
        if (count == 0) {
            size_t x_count = atr_vec_node_chunk(a, i, &x), y_count = atr_vec_node_chunk(b, i, &y);
            count = x_count < y_count ? x_count : y_count;
            leaves_begin = x_count == y_count;
            if (!atr_vec_words_equal(leaf->atr.model, x, y, count, more)) {
                return false;
            }
        }
        i += count;
    }
    return true;
}

/* Only nodes of one height and size are compared. */
bool atr_vec_inner_equal(const void *x, const void *y, atr_pairs *more)
{
    const atr_vec_node *a = x, *b = y;
    if (!same_shape(a, b)) {
        return elements_equal(a, b, more);
    }
    for (uint32_t i = 0; i < a->count; i++) {
        if (!atr_pairs_add(more, a->slots[i].ref, b->slots[i].ref)) {
            return false;
        }
    }
    return true;
}
