/* What the files about vector handles share. */
#ifndef ATR_STATE_VECTOR_HANDLE_H
#define ATR_STATE_VECTOR_HANDLE_H

#include "collections.h"
#include "vector_node.h"

/* The handle over a tree, whose root and tail it takes over unless NULL is returned (latched). */
const atr_vec *atr_vec_publish(atr_scope *s, const atr_model *model, const atr_vec_tree *tree);

/* Start an update of v, which may be NULL or static. false: refused and latched, or no scope. */
bool atr_vec_tree_begin(atr_vec_tree *tree, atr_scope *s, const atr_model *model, const atr_vec *v);
/* The vector after an update; done: whether that went well. */
const atr_vec *atr_vec_tree_end(atr_vec_tree *tree, atr_scope *s, const atr_model *model,
                                bool done);
/* An update made nothing, for want of memory: latch that. */
void atr_vec_not_made(atr_scope *s, const atr_vec_node *made);
/* Leave out element i of two or more, wherever it lies. */
bool atr_vec_tree_remove(atr_vec_tree *tree, size_t i);

/* May item go into a vector of the model? Latched if not. */
static inline bool atr_vec_item_fit(atr_scope *s, const atr_model *model, atr_word item)
{
    return model->element.kind < ATR_KIND_STR ||
           atr_item_fit(s, model, "item", item.ref, model->element.model);
}

/* Latch; return the code. */
int atr_vec_refuse_index(atr_scope *s, const atr_model *model, size_t i, size_t size);
/* The same of a vector, unless that is refused itself. */
void atr_vec_refuse_at(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i);
int atr_vec_refuse_size(atr_scope *s, const atr_model *model);

/* ---- vector_rewrite.c ---- */

/* Writes what is to stand in the place of `count` elements from `at` on. false: failed and latched. */
typedef bool (*atr_vec_rewrite_fn)(void *user, size_t at, const atr_word *was, size_t count,
                                   atr_word *now);
/* A vector of the same size with other elements; v itself when each is the very same. */
const atr_vec *atr_vec_rewrite(atr_scope *s, const atr_model *model, const atr_vec *v,
                               atr_vec_rewrite_fn fn, void *user);

/* Has v an element i? Latched if not. */
static inline bool atr_vec_in_range(atr_scope *s, const atr_model *model, const atr_vec *v,
                                    size_t i)
{
    size_t size = v != NULL ? v->size : 0;
    if (i >= size) {
        atr_vec_refuse_at(s, model, v, i);
    }
    return i < size;
}

/* ---- vector_find.c ---- */

/* The natural order of the elements. */
atr_vec_compare_fn atr_vec_order_of(const atr_model *model);

/* Element i of a plain array of this kind of element. */
atr_word atr_vec_flat_at(const atr_model *model, const void *items, size_t i);

#endif
