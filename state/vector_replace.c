/* Another element in the place of one. Sizes stay, so nodes are copied as they are but for one slot. */
#include "vector_copy.h"

/* Copies of the nodes above the leaf. */
static inline atr_vec_node *copy_up(atr_pool *pool, const atr_vec_way *way, atr_vec_node *made)
{
    for (uint32_t level = way->levels; level > 0; level--) {
        const atr_vec_node *node = way->node[level - 1];
        uint32_t at = way->at[level - 1];
        atr_vec_node *copy = atr_vec_twin(pool, node);
        if (copy == NULL) {
            atr_value_release(made);
            return NULL;
        }
        copy->slots[at].ref = made;
        atr_vec_borrow_twin(pool, node, copy, at, true);
        made = copy;
    }
    return made;
}

static inline atr_vec_node *copy_leaf(atr_pool *pool, const atr_vec_way *way, atr_word item,
                                      bool refs)
{
    atr_vec_node *made = atr_vec_twin(pool, way->leaf);
    if (made != NULL) {
        made->slots[way->i] = item;
        if (refs) {
            atr_ref_hold(item);
            atr_vec_borrow_twin(pool, way->leaf, made, way->i, false);
        }
    }
    return made;
}

const atr_vec *atr_vec_set(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                           atr_word item)
{
    atr_vec_way way;
    atr_vec_node *made;
    if (s == NULL || !atr_vec_in_range(s, model, v, i) || !atr_vec_item_fit(s, model, item) ||
        !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    if (v->flat != NULL) {
        if (atr_vec_flat_at(model, v->flat, i).i64 == item.i64) {
            return v;
        }
        v = atr_vec_of(s, model, v->flat, v->size);
        if (v == NULL) {
            return NULL;
        }
    }
    atr_vec_way_find(&way, v, i);
    if (way.leaf->slots[way.i].i64 == item.i64) {
        return v;
    }
    made = copy_leaf(s->pool, &way, item, model->element.kind >= ATR_KIND_STR);
    if (made != NULL) {
        made = copy_up(s->pool, &way, made);
    }
    return atr_vec_after(s, model, v, way.in_tail, made, v->size);
}
