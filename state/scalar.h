/* Reading the scalar fields of a struct by their description. */
#ifndef ATR_STATE_SCALAR_H
#define ATR_STATE_SCALAR_H

#include <atrium/value.h>

/* What a scalar field holds. has: false for an absent opt. The others: by kind, the rest 0. */
typedef struct atr_scalar {
    bool has;
    int64_t i64; /* bool, i32, u32, i64, time, enumeration */
    double f64;
} atr_scalar;

/* Read a field of one of the kinds before ATR_KIND_STR. @param at the field in its struct */
atr_scalar atr_scalar_load(const atr_type *type, const void *at);

/* The same as a value, and back. */
atr_value atr_scalar_value(atr_kind kind, atr_scalar scalar);
atr_scalar atr_scalar_of(const atr_value *value);

/* < 0, 0, > 0. An absent one comes first; NaN comes last and equals itself. */
int atr_scalar_compare(atr_scalar a, atr_scalar b);

#endif
