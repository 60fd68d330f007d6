/* Ranges of vectors put in, taken out, replaced: what is before, what is put in and what is behind, joined. */
#include <atrium/error.h>

#include "vector_handle.h"

static const atr_vec *splice(atr_scope *s, const atr_model *model, const atr_vec *v, size_t from,
                             size_t to, const atr_vec *put)
{
    const atr_vec *first = atr_vec_slice(s, model, v, 0, from);
    const atr_vec *rest = atr_vec_slice(s, model, v, to, atr_vec_count(v));
    return atr_vec_concat(s, model, atr_vec_concat(s, model, first, put), rest);
}

const atr_vec *atr_vec_splice(atr_scope *s, const atr_model *model, const atr_vec *v, size_t from,
                              size_t to, const atr_vec *put)
{
    size_t count = atr_vec_count(v);
    const atr_vec *made;
    atr_scope *inner;
    if (s != NULL && (from > to || to > count)) {
        atr_refuse(s, ATR_E_INVALID, "%s: the range %zu to %zu is out of range, the size is %zu",
                   model->name, from, to, count);
        return NULL;
    }
    if (s == NULL || !atr_collection_fit(s, model, v) || !atr_collection_fit(s, model, put)) {
        return NULL;
    }
    if (from == to && put == NULL) {
        return v;
    }
    inner = atr_scope_open(s); /* for what is cut out on the way */
    if (inner == NULL) {
        return NULL;
    }
    made = splice(inner, model, v, from, to, put);
    if (atr_scope_error(inner) != NULL || (made != NULL && atr_scope_hold(s, made) != ATR_OK)) {
        made = NULL;
    }
    atr_scope_close(inner);
    return made;
}
