/* What the files that do edit scripts share. */
#ifndef ATR_STATE_EDITS_APPLY_H
#define ATR_STATE_EDITS_APPLY_H

#include <atrium/edits.h>
#include <atrium/vector.h>

typedef struct atr_apply {
    atr_scope *s; /* of what is made on the way */
    const atr_model *model;
    const atr_edits *edits;
} atr_apply;

/* Latch what is wrong with edit i; return the code. */
int atr_apply_fail(const atr_apply *a, size_t i, const char *why);

/* The word that a value of a type of elements or keys stands for. */
static inline atr_word atr_apply_word(const atr_value *value)
{
    if (value->kind >= ATR_KIND_STR) {
        return (atr_word){.ref = value->as.ref};
    }
    return value->kind == ATR_KIND_F64 ? (atr_word){.f64 = value->as.f64}
                                       : (atr_word){.i64 = value->as.i64};
}

/* ---- edits_rows.c ---- */

/* Do a script whose edits are of rows, and have values that fit the model, to a vector. NULL: failed and latched, or
 * it is empty now */
const void *atr_rows_apply(const atr_apply *a, const atr_vec *was);

#endif
