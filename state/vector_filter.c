/* Some of a vector's elements. The test is asked once for each before anything is made; then the few that go
 * are removed one by one, or the vector is built anew of those that stay. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "vector_handle.h"

/* Removing one copies a path of three nodes or four, building anew makes a leaf for 32 elements. */
enum { REMOVALS_SHARE = 128 };

/* A bit for every element that stays. */
typedef struct marks {
    uint8_t *bits;
    size_t bytes;
    size_t gone;
} marks;

static bool stays(const marks *m, size_t i)
{
    return (m->bits[i / 8] >> i % 8 & 1) != 0;
}

/* false: the test has latched. */
static bool marks_fill(marks *m, const atr_scope *s, const atr_vec *v, atr_vec_test_fn test,
                       void *user)
{
    const atr_error *error = atr_scope_error(s);
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, v, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (test(c.items[i], user)) {
                m->bits[(c.at + i) / 8] |= (uint8_t)(1u << (c.at + i) % 8);
            } else {
                m->gone++;
            }
            if (atr_scope_error(s) != error) {
                return false;
            }
        }
    }
    return true;
}

static const atr_vec *without_few(atr_scope *s, const atr_model *model, const atr_vec *v,
                                  const marks *m)
{
    atr_vec_tree tree;
    bool done = true;
    if (!atr_vec_tree_begin(&tree, s, model, v)) {
        return NULL;
    }
    for (size_t i = v->size; done && i-- > 0;) {
        done = stays(m, i) || atr_vec_tree_remove(&tree, i);
    }
    return atr_vec_tree_end(&tree, s, model, done);
}

static const atr_vec *built_anew(atr_scope *s, const atr_model *model, const atr_vec *v,
                                 const marks *m)
{
    atr_vec_builder *b = atr_vec_builder_new(s, model, NULL);
    atr_vec_cursor c;
    atr_vec_cursor_begin(&c, v, 0);
    while (b != NULL && atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (stays(m, c.at + i) && atr_vec_builder_push(b, c.items[i]) != ATR_OK) {
                return NULL;
            }
        }
    }
    return atr_vec_builder_seal(b);
}

static const atr_vec *marked(atr_scope *s, const atr_model *model, const atr_vec *v, const marks *m)
{
    if (m->gone == 0 || m->gone == v->size) {
        return m->gone == 0 ? v : NULL;
    }
    return m->gone <= v->size / REMOVALS_SHARE ? without_few(s, model, v, m)
                                               : built_anew(s, model, v, m);
}

const atr_vec *atr_vec_filter(atr_scope *s, const atr_model *model, const atr_vec *v,
                              atr_vec_test_fn test, void *user)
{
    marks m = {NULL, (atr_vec_count(v) + 7) / 8, 0};
    const atr_vec *made = NULL;
    if (test == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || v == NULL || !atr_collection_fit(s, model, v)) {
        return NULL;
    }
    m.bits = atr_memory_take(m.bytes);
    if (m.bits == NULL) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    memset(m.bits, 0, m.bytes);
    if (marks_fill(&m, s, v, test, user)) {
        made = marked(s, model, v, &m);
    }
    atr_memory_give(m.bits, m.bytes);
    return made;
}
