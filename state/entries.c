/* The entries of any map or set, ordered or not, for what walks any value. */
#include <atrium/memory.h>

#include "collections.h"
#include "scalar.h"

bool atr_model_has_entries(const atr_model *model)
{
    switch (model->structure) {
    case ATR_STRUCTURE_MAP:
    case ATR_STRUCTURE_SET:
    case ATR_STRUCTURE_OMAP:
    case ATR_STRUCTURE_OSET: return true;
    default: return false;
    }
}

bool atr_model_is_set(const atr_model *model)
{
    return model->structure == ATR_STRUCTURE_SET || model->structure == ATR_STRUCTURE_OSET;
}

bool atr_model_is_ordered(const atr_model *model)
{
    return model->structure == ATR_STRUCTURE_OMAP || model->structure == ATR_STRUCTURE_OSET;
}

size_t atr_entries_count(const void *collection)
{
    const atr_head *head = collection;
    if (head == NULL) {
        return 0;
    }
    return atr_model_is_ordered(head->model) ? atr_omap_count(collection)
                                             : atr_map_count(collection);
}

static size_t ordered_entries(const atr_omap *m, atr_map_entry **entries)
{
    size_t count = atr_omap_count(m);
    bool set = m->atr.model->structure == ATR_STRUCTURE_OSET;
    atr_omap_each each = {0};
    atr_map_entry *made = count > 0 && count <= SIZE_MAX / sizeof *made
                              ? atr_memory_take(count * sizeof *made)
                              : NULL;
    *entries = made;
    if (made == NULL) {
        return count > 0 ? SIZE_MAX : 0;
    }
    for (size_t i = 0; i < count; i++) {
        made[i].value.i64 = 0;
        atr_omap_next(&each, m, &made[i].key, set ? NULL : &made[i].value);
    }
    return count;
}

size_t atr_sorted_entries(const void *collection, atr_map_entry **entries)
{
    const atr_head *head = collection;
    return head != NULL && atr_model_is_ordered(head->model)
               ? ordered_entries(collection, entries)
               : atr_map_sorted_entries(collection, entries);
}

int atr_keys_compare(const atr_model *model, atr_word a, atr_word b)
{
    atr_scalar x = {true, 0, 0}, y = {true, 0, 0};
    switch (model->key) {
    case ATR_KIND_STR: return atr_str_compare(a.ref, b.ref);
    case ATR_KIND_REF: return model->order(a.ref, b.ref);
    case ATR_KIND_F64:
        x.f64 = a.f64;
        y.f64 = b.f64;
        break;
    default: x.i64 = a.i64; y.i64 = b.i64;
    }
    return atr_scalar_compare(x, y);
}
