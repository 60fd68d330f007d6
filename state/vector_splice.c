/* Ranges of vectors put in, taken out, replaced: what is before, what is put in and what is behind, joined. */
#include <atrium/error.h>

#include "vector_handle.h"

enum { FEW = 32 };

/* Keeps the shape of the tree. */
static const atr_vec *overwrite(atr_scope *s, const atr_model *model, const atr_vec *v, size_t from,
                                const atr_vec *put)
{
    for (size_t i = 0; v != NULL && i < put->size; i++) {
        v = atr_vec_set(s, model, v, from + i, atr_vec_at(put, i));
    }
    return v;
}

static const atr_vec *splice(atr_scope *s, const atr_model *model, const atr_vec *v, size_t from,
                             size_t to, const atr_vec *put)
{
    const atr_vec *first, *rest;
    size_t count = atr_vec_count(v), more = atr_vec_count(put);
    if (more > 0 && more <= FEW && more == to - from && more < count) {
        return overwrite(s, model, v, from, put);
    }
    first = atr_vec_slice(s, model, v, 0, from);
    rest = atr_vec_slice(s, model, v, to, count);
    return atr_vec_concat(s, model, atr_vec_concat(s, model, first, put), rest);
}

/* Are the elements of v from `from` on the very same as those of put? */
static bool holds(const atr_vec *v, size_t from, const atr_vec *put)
{
    for (size_t i = 0; i < atr_vec_count(put); i++) {
        if (atr_vec_at(v, from + i).i64 != atr_vec_at(put, i).i64) {
            return false;
        }
    }
    return true;
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
    if (to - from == atr_vec_count(put) && holds(v, from, put)) {
        return atr_scope_same(s, v);
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
