/** Any kind as an atr_value, as responses of queries and results of views travel. Applications include
 *  <atrium/model.h>. */
#ifndef ATRIUM_WRAP_H
#define ATRIUM_WRAP_H

#include <atrium/kinds.h>

/* clang-format off */

typedef struct atr_unit {
    char nothing;
} atr_unit;
/** The response of a query of kind unit. */
#define ATR_UNIT atr_unit_()
static inline atr_unit atr_unit_(void) {
    atr_unit unit;
    unit.nothing = 0;
    return unit;
}

#define ATR_WRAP_SCALAR_(kind, KIND, C, member)                                                    \
    static inline atr_value atr_wrap_##kind##_(C plain) {                                          \
        atr_value value = { ATR_KIND_##KIND, true, { false } };                                    \
        value.as.member = plain;                                                                   \
        return value;                                                                              \
    }                                                                                              \
    static inline C atr_unwrap_##kind##_(atr_value value) {                                        \
        return value.as.member;                                                                    \
    }                                                                                              \
    static inline atr_value atr_wrap_opt_##kind##_(atr_opt_##kind opt) {                           \
        atr_value value = { ATR_KIND_##KIND, false, { false } };                                   \
        value.has = opt.has;                                                                       \
        value.as.member = opt.value;                                                               \
        return value;                                                                              \
    }                                                                                              \
    static inline atr_opt_##kind atr_unwrap_opt_##kind##_(atr_value value) {                       \
        atr_opt_##kind opt;                                                                        \
        opt.has = value.has;                                                                       \
        opt.value = value.as.member;                                                               \
        return opt;                                                                                \
    }                                                                                              \
    typedef C atr_wrap_##kind##_type_
typedef atr_opt_bool atr_opt_boolean;
ATR_WRAP_SCALAR_(boolean, BOOL, bool, boolean);
ATR_WRAP_SCALAR_(i32, I32, int32_t, i32);
ATR_WRAP_SCALAR_(u32, U32, uint32_t, u32);
ATR_WRAP_SCALAR_(i64, I64, int64_t, i64);
ATR_WRAP_SCALAR_(f64, F64, double, f64);
ATR_WRAP_SCALAR_(time, TIME, atr_time, i64);
static inline atr_value atr_wrap_unit_(atr_unit unit) {
    atr_value value = { ATR_KIND_UNIT, true, { false } };
    (void)unit;
    return value;
}
static inline atr_unit atr_unwrap_unit_(atr_value value) {
    (void)value;
    return ATR_UNIT;
}
static inline atr_value atr_wrap_pointer_(atr_kind kind, const void *ref) {
    atr_value value = { ATR_KIND_ANY, false, { false } };
    value.kind = kind;
    value.has = ref != NULL;
    value.as.ref = ref;
    return value;
}

#define ATR_CTYPE_unit atr_unit
#define ATR_ZERO_unit { 0 }
#define ATR_WRAP_unit(x) atr_wrap_unit_(x)
#define ATR_WRAP_bool(x) atr_wrap_boolean_(x)
#define ATR_WRAP__Bool(x) atr_wrap_boolean_(x)
#define ATR_WRAP_i32(x) atr_wrap_i32_(x)
#define ATR_WRAP_u32(x) atr_wrap_u32_(x)
#define ATR_WRAP_i64(x) atr_wrap_i64_(x)
#define ATR_WRAP_f64(x) atr_wrap_f64_(x)
#define ATR_WRAP_time(x) atr_wrap_time_(x)
#define ATR_WRAP_enumeration(E) ATR_WRAP_ENUMERATION_
#define ATR_WRAP_ENUMERATION_(x) atr_wrap_number_((int32_t)(x))
#define ATR_WRAP_str(x) atr_wrap_pointer_(ATR_KIND_STR, (x))
#define ATR_WRAP_bytes(x) atr_wrap_pointer_(ATR_KIND_BYTES, (x))
#define ATR_WRAP_ref(T) ATR_WRAP_REF_
#define ATR_WRAP_REF_(x) atr_wrap_pointer_(ATR_KIND_REF, (x))
#define ATR_WRAP_vec(T) ATR_WRAP_VEC_
#define ATR_WRAP_VEC_(x) atr_wrap_pointer_(ATR_KIND_VEC, (x))
#define ATR_WRAP_map(K, T) ATR_WRAP_MAP_
#define ATR_WRAP_MAP_(x) atr_wrap_pointer_(ATR_KIND_MAP, (x))
#define ATR_WRAP_set(K) ATR_WRAP_SET_
#define ATR_WRAP_SET_(x) atr_wrap_pointer_(ATR_KIND_SET, (x))
#define ATR_WRAP_omap(K, T) ATR_WRAP_OMAP_
#define ATR_WRAP_OMAP_(x) atr_wrap_pointer_(ATR_KIND_OMAP, (x))
#define ATR_WRAP_oset(K) ATR_WRAP_OSET_
#define ATR_WRAP_OSET_(x) atr_wrap_pointer_(ATR_KIND_OSET, (x))
#define ATR_WRAP_any(x) atr_wrap_pointer_(ATR_KIND_ANY, (x))
#define ATR_WRAP_opaque(x) atr_wrap_pointer_(ATR_KIND_OPAQUE, (x))
#define ATR_WRAP_opt(kind) ATR_WRAP_OPT_##kind
#define ATR_WRAP_OPT_bool atr_wrap_opt_boolean_
#define ATR_WRAP_OPT__Bool atr_wrap_opt_boolean_
#define ATR_WRAP_OPT_i32 atr_wrap_opt_i32_
#define ATR_WRAP_OPT_u32 atr_wrap_opt_u32_
#define ATR_WRAP_OPT_i64 atr_wrap_opt_i64_
#define ATR_WRAP_OPT_f64 atr_wrap_opt_f64_
#define ATR_WRAP_OPT_time atr_wrap_opt_time_
#define ATR_WRAP_OPT_enumeration(E) E##_opt_wrap_
#define ATR_WRAP_OPT_str ATR_WRAP_str
#define ATR_WRAP_OPT_bytes ATR_WRAP_bytes
#define ATR_WRAP_OPT_ref(T) ATR_WRAP_REF_

#define ATR_UNWRAP_unit(v) atr_unwrap_unit_(v)
#define ATR_UNWRAP_bool(v) atr_unwrap_boolean_(v)
#define ATR_UNWRAP__Bool(v) atr_unwrap_boolean_(v)
#define ATR_UNWRAP_i32(v) atr_unwrap_i32_(v)
#define ATR_UNWRAP_u32(v) atr_unwrap_u32_(v)
#define ATR_UNWRAP_i64(v) atr_unwrap_i64_(v)
#define ATR_UNWRAP_f64(v) atr_unwrap_f64_(v)
#define ATR_UNWRAP_time(v) atr_unwrap_time_(v)
#define ATR_UNWRAP_enumeration(E) (E) atr_unwrap_i32_
#define ATR_UNWRAP_str(v) ((const atr_str *)(v).as.ref)
#define ATR_UNWRAP_bytes(v) ((const atr_bytes *)(v).as.ref)
#define ATR_UNWRAP_ref(T) (const T *)atr_unwrap_pointer_
#define ATR_UNWRAP_vec(T) (const ATR_VEC_OF_(T) *)atr_unwrap_pointer_
#define ATR_UNWRAP_map(K, T) (const ATR_MAP_OF_(K, T) *)atr_unwrap_pointer_
#define ATR_UNWRAP_set(K) (const atr_##K##_set *)atr_unwrap_pointer_
#define ATR_UNWRAP_omap(K, T) (const ATR_OMAP_FOR_(K, T) *)atr_unwrap_pointer_
#define ATR_UNWRAP_oset(K) (const ATR_OSET_FOR_(K) *)atr_unwrap_pointer_
#define ATR_UNWRAP_any(v) ((v).as.ref)
#define ATR_UNWRAP_opaque(v) ((const atr_opaque *)(v).as.ref)
#define ATR_UNWRAP_opt(kind) ATR_UNWRAP_OPT_##kind
#define ATR_UNWRAP_OPT_bool atr_unwrap_opt_boolean_
#define ATR_UNWRAP_OPT__Bool atr_unwrap_opt_boolean_
#define ATR_UNWRAP_OPT_i32 atr_unwrap_opt_i32_
#define ATR_UNWRAP_OPT_u32 atr_unwrap_opt_u32_
#define ATR_UNWRAP_OPT_i64 atr_unwrap_opt_i64_
#define ATR_UNWRAP_OPT_f64 atr_unwrap_opt_f64_
#define ATR_UNWRAP_OPT_time atr_unwrap_opt_time_
#define ATR_UNWRAP_OPT_enumeration(E) E##_opt_unwrap_
#define ATR_UNWRAP_OPT_str ATR_UNWRAP_str
#define ATR_UNWRAP_OPT_bytes ATR_UNWRAP_bytes
#define ATR_UNWRAP_OPT_ref(T) (const T *)atr_unwrap_pointer_
static inline const void *atr_unwrap_pointer_(atr_value value) {
    return value.as.ref;
}
static inline atr_value atr_wrap_number_(int32_t number) {
    atr_value value = { ATR_KIND_ENUMERATION, true, { false } };
    value.as.i32 = number;
    return value;
}

/* clang-format on */

#endif
