/* Finding elements of vectors, by going through all or, in a sorted vector, by halving. */
#include <atrium/model.h>

#include "collections.h"
#include "vector_handle.h"

/* ---- orders ---- */

static int i64_order(atr_word a, atr_word b, void *user)
{
    (void)user;
    return (a.i64 > b.i64) - (a.i64 < b.i64);
}

static int f64_order(atr_word a, atr_word b, void *user)
{
    bool a_nan = a.f64 != a.f64, b_nan = b.f64 != b.f64;
    (void)user;
    return a_nan || b_nan ? a_nan - b_nan : (a.f64 > b.f64) - (a.f64 < b.f64);
}

static int str_order(atr_word a, atr_word b, void *user)
{
    (void)user;
    return atr_str_compare(a.ref, b.ref);
}

static int value_order(atr_word a, atr_word b, void *user)
{
    (void)user;
    return atr_compare(a.ref, b.ref);
}

atr_vec_compare_fn atr_vec_order_of(const atr_model *model)
{
    switch (model->element.kind) {
    case ATR_KIND_I64: return i64_order;
    case ATR_KIND_F64: return f64_order;
    case ATR_KIND_STR: return str_order;
    default: return value_order;
    }
}

/* ---- going through all ---- */

bool atr_vec_find(const atr_vec *v, atr_vec_test_fn test, void *user, size_t *index)
{
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, test != NULL ? v : NULL, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (test(c.items[i], user)) {
                if (index != NULL) {
                    *index = c.at + i;
                }
                return true;
            }
        }
    }
    return false;
}

static bool i64_is(atr_word item, void *user)
{
    return item.i64 == ((const atr_word *)user)->i64;
}

static bool f64_is(atr_word item, void *user)
{
    return atr_f64_equal(item.f64, ((const atr_word *)user)->f64);
}

static bool value_is(atr_word item, void *user)
{
    return atr_equal(item.ref, ((const atr_word *)user)->ref);
}

bool atr_vec_index_of(const atr_vec *v, atr_word item, size_t *index)
{
    atr_kind kind = v != NULL ? v->atr.model->element.kind : ATR_KIND_I64;
    atr_vec_test_fn test = kind == ATR_KIND_I64 ? i64_is : kind == ATR_KIND_F64 ? f64_is : value_is;
    return atr_vec_find(v, test, &item, index);
}

/* ---- halving ---- */

bool atr_vec_search_by(const atr_vec *v, atr_vec_place_fn place, void *user, size_t *index)
{
    size_t from = 0, to = place != NULL ? atr_vec_count(v) : 0;
    bool found = false;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int is = place(atr_vec_at(v, middle), user);
        if (is < 0) {
            from = middle + 1;
        } else {
            found = found || is == 0;
            to = middle;
        }
    }
    if (index != NULL) {
        *index = from;
    }
    return found;
}

typedef struct wanted {
    atr_vec_compare_fn order;
    atr_word item;
} wanted;

static int place_of(atr_word item, void *user)
{
    const wanted *w = user;
    return w->order(item, w->item, NULL);
}

/* NULL comes before all elements. */
bool atr_vec_search(const atr_vec *v, atr_word item, size_t *index)
{
    wanted w = {NULL, item};
    if (v != NULL && (v->atr.model->element.kind < ATR_KIND_STR || item.ref != NULL)) {
        w.order = atr_vec_order_of(v->atr.model);
    }
    return atr_vec_search_by(v, w.order != NULL ? place_of : NULL, &w, index);
}
