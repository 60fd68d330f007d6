/* What all collections share: the check of what goes in, and the types that the library itself defines. */
#include <atrium/error.h>

#include "check.h"
#include "collections.h"

bool atr_item_refuse(atr_scope *s, const atr_model *collection, const char *what, const void *item,
                     const atr_model *model)
{
    const char *fault = item == NULL ? "is NULL" : atr_value_fault(s, item, model);
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "%s: the %s %s", collection->name, what, fault);
    }
    return fault != NULL;
}

bool atr_collection_refuse(atr_scope *s, const atr_model *model, const void *collection)
{
    const char *fault = atr_value_fault(s, collection, model);
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "%s: the collection %s", model->name, fault);
    }
    return fault != NULL;
}

bool atr_source_fit(atr_scope *s, const atr_model *made, const void *source)
{
    const char *fault = source != NULL ? atr_copy_fault(s, source) : NULL;
    if (fault != NULL) {
        atr_refuse(s, ATR_E_REFUSED, "%s: the collection it is made of %s", made->name, fault);
    }
    return fault == NULL;
}

void atr_refuse_function(atr_scope *s, const atr_model *model)
{
    if (s != NULL) {
        atr_refuse(s, ATR_E_INVALID, "%s: the function is NULL", model->name);
    }
}

extern ATR_API atr_word atr_word_i64_(int64_t i64);
extern ATR_API atr_word atr_word_f64_(double f64);
extern ATR_API atr_word atr_word_ref_(const void *ref);

#define STR_TYPE                                  \
    {                                             \
        ATR_KIND_STR, false, &atr_str_model, NULL \
    }
#define I64_TYPE                        \
    {                                   \
        ATR_KIND_I64, false, NULL, NULL \
    }
#define F64_TYPE                        \
    {                                   \
        ATR_KIND_F64, false, NULL, NULL \
    }

ATR_VEC_TYPE_IMPL_(atr_str_vec, STR_TYPE);
ATR_VEC_TYPE_IMPL_(atr_i64_vec, I64_TYPE);
ATR_VEC_TYPE_IMPL_(atr_f64_vec, F64_TYPE);

ATR_MAP_TYPE_IMPL_(atr_str_map, ATR_KIND_I64, STR_TYPE);
ATR_MAP_TYPE_IMPL_(atr_str_str_map, ATR_KIND_STR, STR_TYPE);
ATR_MAP_TYPE_IMPL_(atr_i64_map, ATR_KIND_I64, I64_TYPE);
ATR_MAP_TYPE_IMPL_(atr_i64_str_map, ATR_KIND_STR, I64_TYPE);
ATR_MAP_TYPE_IMPL_(atr_f64_map, ATR_KIND_I64, F64_TYPE);
ATR_MAP_TYPE_IMPL_(atr_f64_str_map, ATR_KIND_STR, F64_TYPE);

ATR_SET_TYPE_IMPL_(atr_i64_set, ATR_KIND_I64);
ATR_SET_TYPE_IMPL_(atr_str_set, ATR_KIND_STR);
