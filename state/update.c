/* Updates by a function of the value that is there: one look, the function, and a set. */
#include <atrium/error.h>
#include <atrium/ordered_map.h>

#include "collections.h"
#include "map_node.h"
#include "omap_node.h"
#include "vector_handle.h"

/* false: latched */
static bool function_there(atr_scope *s, const atr_model *model, bool there)
{
    if (!there) {
        atr_refuse_function(s, model);
    }
    return there;
}

/* What an update of an entry puts in place of `value`, or of `absent` where the key is not there. 1: it is made;
 * 0: nothing changes; else latched. */
static int entry_change(atr_scope *s, bool there, const atr_word *absent,
                        atr_entry_change_fn change, void *user, atr_word key, atr_word *value)
{
    const atr_error *before;
    if (!there && absent == NULL) {
        return 0;
    }
    before = atr_scope_error(s);
    *value = change(s, key, there ? *value : *absent, user);
    return atr_scope_error(s) == before ? 1 : ATR_E_LATCHED;
}

const atr_map *atr_map_update(atr_scope *s, const atr_model *model, const atr_map *m, atr_word key,
                              const atr_word *absent, atr_entry_change_fn change, void *user)
{
    atr_word value = {.i64 = 0};
    bool there;
    int code;
    if (s == NULL || !function_there(s, model, change != NULL) || !atr_map_key_fit(s, model, key) ||
        !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    there = atr_map_find(m, key, &value);
    code = entry_change(s, there, absent, change, user, key, &value);
    return code > 0    ? atr_map_set(s, model, m, key, value)
           : code == 0 ? atr_scope_same(s, m)
                       : NULL;
}

const atr_omap *atr_omap_update(atr_scope *s, const atr_model *model, const atr_omap *m,
                                atr_word key, const atr_word *absent, atr_entry_change_fn change,
                                void *user)
{
    atr_word value = {.i64 = 0};
    bool there;
    int code;
    if (s == NULL || !function_there(s, model, change != NULL) ||
        !atr_omap_key_fit(s, model, key) || !atr_collection_fit(s, model, m)) {
        return NULL;
    }
    there = atr_omap_find(m, key, &value);
    code = entry_change(s, there, absent, change, user, key, &value);
    return code > 0    ? atr_omap_set(s, model, m, key, value)
           : code == 0 ? atr_scope_same(s, m)
                       : NULL;
}

const atr_vec *atr_vec_update(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                              atr_vec_change_fn change, void *user)
{
    const atr_error *before = atr_scope_error(s);
    atr_word item;
    if (s == NULL || !atr_vec_in_range(s, model, v, i) || !atr_collection_fit(s, model, v) ||
        !function_there(s, model, change != NULL)) {
        return NULL;
    }
    item = change(s, atr_vec_at(v, i), user);
    return atr_scope_error(s) == before ? atr_vec_set(s, model, v, i, item) : NULL;
}
