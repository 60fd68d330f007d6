/* What the files about vector handles share. */
#ifndef ATR_STATE_VECTOR_HANDLE_H
#define ATR_STATE_VECTOR_HANDLE_H

#include "vector_node.h"

/* The handle over a tree, whose root and tail it takes over unless NULL is returned (latched). */
const atr_vec *atr_vec_publish(atr_scope *s, const atr_model *model, const atr_vec_tree *tree);

/* May item go into a vector of the model? Latched if not. */
bool atr_vec_item_fit(atr_scope *s, const atr_model *model, atr_word item);

/* Latch; return the code. */
int atr_vec_refuse_index(atr_scope *s, const atr_model *model, size_t i, size_t size);
int atr_vec_refuse_size(atr_scope *s, const atr_model *model);

/* Element i of a plain array of this kind of element. */
atr_word atr_vec_flat_at(const atr_model *model, const void *items, size_t i);

#endif
