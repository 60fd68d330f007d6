/* Some of a vector's elements. */
#include <atrium/error.h>

#include "collections.h"
#include "loan.h"
#include "marks.h"
#include "vector_handle.h"

/* Removing one copies a path of three nodes or four, building anew makes a leaf for 32 elements. */
enum { REMOVALS_SHARE = 128 };

/* false: the test has latched. */
static bool marks_fill(atr_marks *m, const atr_scope *s, const atr_vec *v, atr_vec_test_fn test,
                       void *user)
{
    const atr_error *error = atr_scope_error(s);
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, v, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (test(c.items[i], user)) {
                atr_marks_set(m, c.at + i);
            }
            if (atr_scope_error(s) != error) {
                return false;
            }
        }
    }
    return true;
}

static const atr_vec *without_few(atr_scope *s, const atr_model *model, const atr_vec *v,
                                  const atr_marks *m)
{
    atr_vec_tree tree;
    bool done = true;
    if (!atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    for (size_t i = v->size; done && i-- > 0;) {
        tree.borrows = atr_bulk_may_borrow(s->pool);
        done = atr_marks_stays(m, i) || atr_vec_tree_remove(&tree, i);
    }
    return atr_vec_tree_end(&tree, s, model, done);
}

static const atr_vec *built_anew(atr_scope *s, const atr_model *model, const atr_vec *v,
                                 const atr_marks *m)
{
    atr_vec_builder *b = atr_vec_builder_new(s, model, NULL);
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, v, 0);
    while (b != NULL && atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (atr_marks_stays(m, c.at + i) && atr_vec_builder_push(b, c.items[i]) != ATR_OK) {
                return NULL;
            }
        }
    }
    return atr_vec_builder_seal(b);
}

static const atr_vec *marked(atr_scope *s, const atr_model *model, const atr_vec *v,
                             const atr_marks *m)
{
    if (m->gone == 0 || m->gone == v->size) {
        return m->gone == 0 ? atr_scope_same(s, v) : NULL;
    }
    return m->gone <= v->size / REMOVALS_SHARE ? without_few(s, model, v, m)
                                               : built_anew(s, model, v, m);
}

const atr_vec *atr_vec_filter(atr_scope *s, const atr_model *model, const atr_vec *v,
                              atr_vec_test_fn test, void *user)
{
    const atr_vec *made = NULL;
    atr_marks m;
    if (test == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || v == NULL || !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    if (!atr_marks_begin(&m, s->pool, v->size)) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    if (marks_fill(&m, s, v, test, user)) {
        made = marked(s, model, v, &m);
    }
    atr_marks_end(&m);
    return made;
}
