/* Another element in the place of one. Sizes stay, so nodes are copied as they are but for one slot. */
#include "vector_copy.h"

ATR_NOINLINE static void settle(atr_pool *pool, const atr_vec_node *copy, uint32_t at)
{
    atr_copies_apart(pool);
    if (copy->atr.model->release != NULL) {
        atr_vec_settle(pool, copy, at, 1);
    }
}

/* Copy the nodes down to element i. false: no memory, and the handle `made` is gone. */
ATR_ALWAYS_INLINE bool copy_way(atr_scope *s, atr_vec *made, bool in_tail, const atr_vec_node *top,
                                size_t i, atr_word item, bool refs, bool fast)
{
    atr_pool *pool = s->pool;
    atr_copies c = {in_tail ? &made->tail : &made->root, 0};
    const atr_vec_node *node = top;
    atr_vec_node *copy;
    bool lends = !pool->eager;
    uint32_t at;
    for (;;) {
        bool inner = node->height > 0;
        uint16_t loan;
        at = atr_vec_slot(node, &i);
        copy = atr_copies_add(&c, pool, &node->atr, node->pairs, (uint32_t)1 << at % ATR_VEC_WIDTH,
                              atr_loan_one(ATR_VEC_WORDS_AT + at, inner, node->pairs),
                              lends && (inner || refs), &loan, fast);
        if (copy == NULL) {
            atr_copies_drop(c, s);
            return false;
        }
        if (loan == 0) {
            settle(pool, copy, at);
        }
        c.link = &copy->slots[at].ref;
        if (!inner) {
            break;
        }
        node = node->slots[at].ref;
    }
    copy->slots[at] = item;
    if (refs) {
        atr_ref_hold(item);
    }
    atr_copies_count(pool, c.tally);
    return true;
}

/* In a vector that is not static. */
ATR_ALWAYS_INLINE const atr_vec *replace(atr_scope *s, const atr_model *model, const atr_vec *v,
                                         size_t i, atr_word item, bool fast)
{
    bool refs = model->element.kind >= ATR_KIND_STR;
    size_t in_top = i, below;
    const atr_vec_node *top = atr_vec_top(v, &in_top), *node = top;
    bool in_tail = top == v->tail;
    atr_vec *made;
    for (below = in_top; node->height > 0;) {
        node = node->slots[atr_vec_slot(node, &below)].ref;
    }
    if (node->slots[atr_vec_slot(node, &below)].i64 == item.i64) {
        return atr_scope_same(s, v);
    }
    made = atr_vec_after(s, model, v, in_tail, v->size);
    return made != NULL && copy_way(s, made, in_tail, top, in_top, item, refs, fast) ? made : NULL;
}

ATR_WITH_BITS static const atr_vec *with_bits(atr_scope *s, const atr_model *model,
                                              const atr_vec *v, size_t i, atr_word item)
{
    return replace(s, model, v, i, item, true);
}

static const atr_vec *without(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                              atr_word item)
{
    return replace(s, model, v, i, item, false);
}

ATR_COLD static const atr_vec *set_flat(atr_scope *s, const atr_model *model, const atr_vec *v,
                                        size_t i, atr_word item)
{
    if (atr_vec_flat_at(model, v->flat, i).i64 == item.i64) {
        return v;
    }
    v = atr_vec_of(s, model, v->flat, v->size);
    return v != NULL ? without(s, model, v, i, item) : NULL;
}

const atr_vec *atr_vec_set(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                           atr_word item)
{
    if (s == NULL || !atr_vec_in_range(s, model, v, i) || !atr_vec_item_fit(s, model, item) ||
        !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    if (v->flat != NULL) {
        return set_flat(s, model, v, i, item);
    }
    return ATR_HAS_BITS ? with_bits(s, model, v, i, item) : without(s, model, v, i, item);
}
