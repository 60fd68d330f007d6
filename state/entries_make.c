/* Maps and sets of arrays and vectors, and vectors of their keys and values. */
#include <string.h>

#include <atrium/error.h>

#include "collections.h"
#include "vector_handle.h"

/* ---- from arrays and vectors ---- */

/* A builder of either kind. */
typedef struct maker {
    atr_scope *s;
    const atr_model *model;
    bool ordered;
    atr_map_builder *plain;
    atr_omap_builder *sorted;
} maker;

static maker maker_begin(atr_scope *s, const atr_model *model)
{
    maker m = {s, model, atr_model_is_ordered(model), NULL, NULL};
    if (m.ordered) {
        m.sorted = atr_omap_builder_new(s, model, NULL);
    } else {
        m.plain = atr_map_builder_new(s, model, NULL);
    }
    return m;
}

static bool maker_set(const maker *m, atr_word key, atr_word value)
{
    return (m->ordered ? atr_omap_builder_set(m->sorted, key, value)
                       : atr_map_builder_set(m->plain, key, value)) == ATR_OK;
}

static const void *maker_end(const maker *m)
{
    return m->ordered ? (const void *)atr_omap_builder_seal(m->sorted)
                      : (const void *)atr_map_builder_seal(m->plain);
}

/* The word at i of an array of eight-byte elements. */
static atr_word word_at(const void *array, size_t i)
{
    atr_word word;
    memcpy(&word, (const char *)array + i * sizeof word, sizeof word);
    return word;
}

const void *atr_entries_of(atr_scope *s, const atr_model *model, const void *keys,
                           const void *values, size_t count)
{
    bool set = atr_model_is_set(model);
    maker m;
    if (s == NULL || count == 0) {
        return NULL;
    }
    if (keys == NULL || (!set && values == NULL)) {
        atr_refuse(s, ATR_E_INVALID, "%s: the %s are NULL, but their number is %zu", model->name,
                   keys == NULL ? "keys" : "values", count);
        return NULL;
    }
    m = maker_begin(s, model);
    for (size_t i = 0; i < count; i++) {
        if (!maker_set(&m, word_at(keys, i), set ? atr_word_i64_(0) : word_at(values, i))) {
            return NULL;
        }
    }
    return maker_end(&m);
}

const void *atr_entries_from(atr_scope *s, const atr_model *model, const atr_vec *keys)
{
    maker m;
    atr_vec_cursor c;
    if (s == NULL || keys == NULL || !atr_source_fit(s, model, keys)) {
        return NULL;
    }
    m = maker_begin(s, model);
    atr_vec_cursor_begin(&c, keys, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            if (!maker_set(&m, c.items[i], atr_word_i64_(0))) {
                return NULL;
            }
        }
    }
    return maker_end(&m);
}

const void *atr_entries_index(atr_scope *s, const atr_model *model, const atr_vec *items,
                              atr_entry_key_fn key_of, void *user)
{
    const atr_error *error = atr_scope_error(s);
    maker m;
    atr_vec_cursor c;
    if (key_of == NULL) {
        atr_refuse_function(s, model);
        return NULL;
    }
    if (s == NULL || items == NULL || !atr_source_fit(s, model, items)) {
        return NULL;
    }
    m = maker_begin(s, model);
    atr_vec_cursor_begin(&c, items, 0);
    while (atr_vec_cursor_next(&c)) {
        for (size_t i = 0; i < c.count; i++) {
            atr_word key = key_of(c.items[i], user);
            if (atr_scope_error(s) != error || !maker_set(&m, key, c.items[i])) {
                return NULL;
            }
        }
    }
    return maker_end(&m);
}

/* ---- to vectors ---- */

static const atr_vec *listed(atr_scope *s, const atr_model *model, const void *m, bool keys)
{
    atr_map_entry *entries;
    atr_vec_builder *b;
    const atr_vec *made = NULL;
    size_t count, i = 0;
    if (s == NULL || m == NULL || !atr_source_fit(s, model, m) ||
        !atr_collection_fit(s, ((const atr_head *)m)->model, m)) {
        return NULL;
    }
    count = atr_sorted_entries(m, &entries);
    if (count == SIZE_MAX) {
        atr_scope_fail(s, &atr_error_no_memory);
        return NULL;
    }
    b = atr_vec_builder_new(s, model, NULL);
    while (i < count &&
           atr_vec_builder_push(b, keys ? entries[i].key : entries[i].value) == ATR_OK) {
        i++;
    }
    if (i == count) {
        made = atr_vec_builder_seal(b);
    }
    atr_memory_give(entries, count * sizeof *entries);
    return made;
}

const atr_vec *atr_entries_keys(atr_scope *s, const atr_model *model, const void *m)
{
    return listed(s, model, m, true);
}

const atr_vec *atr_entries_values(atr_scope *s, const atr_model *model, const void *m)
{
    return listed(s, model, m, false);
}
