/** The kinds of fields: what F(kind, name) means in a list of fields, macro by macro. Applications include
 *  <atrium/model.h>, whose table of kinds is the contract; nothing here is called by hand but ATR_SOME and
 *  ATR_ENUM. */
#ifndef ATRIUM_KINDS_H
#define ATRIUM_KINDS_H

#include <string.h>

#include <atrium/opaque.h>
#include <atrium/ordered_map.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_opt_bool {
    bool has;
    bool value;
} atr_opt_bool;
typedef struct atr_opt_i32 {
    bool has;
    int32_t value;
} atr_opt_i32;
typedef struct atr_opt_u32 {
    bool has;
    uint32_t value;
} atr_opt_u32;
typedef struct atr_opt_i64 {
    bool has;
    int64_t value;
} atr_opt_i64;
typedef struct atr_opt_f64 {
    bool has;
    double value;
} atr_opt_f64;
typedef struct atr_opt_time {
    bool has;
    atr_time value;
} atr_opt_time;

/** A present optional scalar: `.due = ATR_SOME(time, now)`. C only. */
#define ATR_SOME(kind, v) ((ATR_OPTTYPE_##kind){true, (v)})

/* How generated functions compare and hash: f64 has one NaN and no negative zero. */
static inline bool atr_f64_equal(double a, double b)
{
    return a == b || (a != a && b != b);
}
ATR_API void atr_hash_word(atr_hasher *hasher, uint64_t word);
ATR_API void atr_hash_f64(atr_hasher *hasher, double value);
ATR_API void atr_hash_ref(atr_hasher *hasher, const void *value);
/** @return false when they differ for certain; else the pair is equal or will be looked at */
ATR_API bool atr_pairs_add(atr_pairs *more, const void *a, const void *b);

#ifdef __cplusplus
}
#endif

/* clang-format off */

/* ---- enumerations ---- */

/** Declare an enumeration, its optional and its description, with X(CONSTANT, number, "name"):
 *
 *      #define TODO_FILTER(X)             \
 *          X(TODO_FILTER_ALL, 0, "all")   \
 *          X(TODO_FILTER_DONE, 1, "done")
 *      ATR_ENUM(todo_filter, TODO_FILTER);
 *      ATR_ENUM_IMPL(todo_filter, TODO_FILTER);     in one .c file
 *
 *  Numbers are explicit, one is 0. `todo_filter_known(number)` tells whether a number is listed. */
#define ATR_ENUM(E, VALUES) ATR_ENUM_LINKED_(, E, VALUES)
#define ATR_ENUM_LINKED_(LINK, E, VALUES)                                                          \
    typedef enum E { VALUES(ATR_ENUM_CONSTANT_) } E;                                               \
    typedef struct E##_opt {                                                                       \
        bool has;                                                                                  \
        E value;                                                                                   \
    } E##_opt;                                                                                     \
    LINK inline bool E##_known(int number_) {                                                      \
        switch (number_) {                                                                         \
            VALUES(ATR_ENUM_CASE_) return true;                                                    \
        default:                                                                                   \
            return false;                                                                          \
        }                                                                                          \
    }                                                                                              \
    LINK inline atr_value E##_opt_wrap_(E##_opt opt_) {                                            \
        atr_value value_ = { ATR_KIND_ENUMERATION, false, { false } };                             \
        value_.has = opt_.has;                                                                     \
        value_.as.i32 = (int32_t)opt_.value;                                                       \
        return value_;                                                                             \
    }                                                                                              \
    LINK inline E##_opt E##_opt_unwrap_(atr_value value_) {                                        \
        E##_opt opt_;                                                                              \
        opt_.has = value_.has;                                                                     \
        opt_.value = (E)value_.as.i32;                                                             \
        return opt_;                                                                               \
    }                                                                                              \
    extern LINK const atr_enumeration E##_enumeration
#define ATR_ENUM_CONSTANT_(constant, number, name) constant = number,
#define ATR_ENUM_CASE_(constant, number, name) case number:
#define ATR_ENUM_ITEM_(constant, number, name) { number, name },

/** Define an enumeration. C only. */
#define ATR_ENUM_IMPL(E, VALUES) ATR_ENUM_IMPL_LINKED_(, E, VALUES)
#define ATR_ENUM_IMPL_LINKED_(LINK, E, VALUES)                                                     \
    static const atr_enumerator E##_items_[] = { VALUES(ATR_ENUM_ITEM_) };                         \
    const atr_enumeration E##_enumeration = { #E, E##_items_,                                      \
                                              sizeof E##_items_ / sizeof *E##_items_ };            \
    _Static_assert(sizeof(E) == sizeof(int32_t), "an enumeration is as wide as an int32_t");       \
    extern LINK bool E##_known(int number_);                                                       \
    extern LINK atr_value E##_opt_wrap_(E##_opt opt_);                                             \
    extern LINK E##_opt E##_opt_unwrap_(atr_value value_)

/* ---- kinds: `bool` also arrives as `_Bool` where it is a macro ---- */

#define ATR_CTYPE_bool bool
#define ATR_CTYPE__Bool bool
#define ATR_CTYPE_i32 int32_t
#define ATR_CTYPE_u32 uint32_t
#define ATR_CTYPE_i64 int64_t
#define ATR_CTYPE_f64 double
#define ATR_CTYPE_time atr_time
#define ATR_CTYPE_enumeration(E) E
#define ATR_CTYPE_str const atr_str *
#define ATR_CTYPE_bytes const atr_bytes *
#define ATR_CTYPE_ref(T) const T *
#define ATR_CTYPE_vec(T) const ATR_VEC_OF_(T) *
#define ATR_CTYPE_map(K, T) const ATR_MAP_OF_(K, T) *
#define ATR_CTYPE_set(K) const atr_##K##_set *
#define ATR_CTYPE_omap(K, T) const ATR_OMAP_FOR_(K, T) *
#define ATR_CTYPE_oset(K) const ATR_OSET_FOR_(K) *
#define ATR_CTYPE_any const void *
#define ATR_CTYPE_opaque const atr_opaque *
#define ATR_CTYPE_opt(kind) ATR_OPTTYPE_##kind

#define ATR_OPTTYPE_bool atr_opt_bool
#define ATR_OPTTYPE__Bool atr_opt_bool
#define ATR_OPTTYPE_i32 atr_opt_i32
#define ATR_OPTTYPE_u32 atr_opt_u32
#define ATR_OPTTYPE_i64 atr_opt_i64
#define ATR_OPTTYPE_f64 atr_opt_f64
#define ATR_OPTTYPE_time atr_opt_time
#define ATR_OPTTYPE_enumeration(E) E##_opt
#define ATR_OPTTYPE_str const atr_str *
#define ATR_OPTTYPE_bytes const atr_bytes *
#define ATR_OPTTYPE_ref(T) const T *

/* vec(T), map(K, T): elements that are no models have types of their own. */
#define ATR_SECOND_(...) ATR_SECOND_OF_(__VA_ARGS__)
#define ATR_SECOND_OF_(a, b, ...) b
#define ATR_VEC_OF_(T) ATR_SECOND_(ATR_VEC_NAME_##T, T##_vec, ~)
#define ATR_VEC_NAME_str ~, atr_str_vec
#define ATR_VEC_NAME_i64 ~, atr_i64_vec
#define ATR_VEC_NAME_f64 ~, atr_f64_vec
#define ATR_MAP_OF_(K, T) ATR_MAP_OF_##K(T)
#define ATR_MAP_OF_i64(T) ATR_SECOND_(ATR_MAP_NAME_##T, T##_map, ~)
#define ATR_MAP_OF_str(T) ATR_SECOND_(ATR_STR_MAP_NAME_##T, T##_str_map, ~)
#define ATR_MAP_NAME_str ~, atr_str_map
#define ATR_MAP_NAME_i64 ~, atr_i64_map
#define ATR_MAP_NAME_f64 ~, atr_f64_map
#define ATR_STR_MAP_NAME_str ~, atr_str_str_map
#define ATR_STR_MAP_NAME_i64 ~, atr_i64_str_map
#define ATR_STR_MAP_NAME_f64 ~, atr_f64_str_map
#define ATR_OMAP_FOR_(K, T) ATR_OMAP_FOR_##K(T)
#define ATR_OMAP_FOR_i64(T) ATR_SECOND_(ATR_OMAP_NAME_##T, T##_omap, ~)
#define ATR_OMAP_FOR_f64(T) ATR_SECOND_(ATR_F64_OMAP_NAME_##T, T##_f64_omap, ~)
#define ATR_OMAP_FOR_time(T) ATR_SECOND_(ATR_TIME_OMAP_NAME_##T, T##_time_omap, ~)
#define ATR_OMAP_FOR_str(T) ATR_SECOND_(ATR_STR_OMAP_NAME_##T, T##_str_omap, ~)
#define ATR_OMAP_NAME_str ~, atr_str_omap
#define ATR_OMAP_NAME_i64 ~, atr_i64_omap
#define ATR_OMAP_NAME_f64 ~, atr_f64_omap
#define ATR_F64_OMAP_NAME_str ~, atr_str_f64_omap
#define ATR_F64_OMAP_NAME_i64 ~, atr_i64_f64_omap
#define ATR_F64_OMAP_NAME_f64 ~, atr_f64_f64_omap
#define ATR_TIME_OMAP_NAME_str ~, atr_str_time_omap
#define ATR_TIME_OMAP_NAME_i64 ~, atr_i64_time_omap
#define ATR_TIME_OMAP_NAME_f64 ~, atr_f64_time_omap
#define ATR_STR_OMAP_NAME_str ~, atr_str_str_omap
#define ATR_STR_OMAP_NAME_i64 ~, atr_i64_str_omap
#define ATR_STR_OMAP_NAME_f64 ~, atr_f64_str_omap
#define ATR_OSET_FOR_(K) ATR_SECOND_(ATR_OSET_NAME_##K, K, ~)
#define ATR_OSET_NAME_i64 ~, atr_i64_oset
#define ATR_OSET_NAME_f64 ~, atr_f64_oset
#define ATR_OSET_NAME_time ~, atr_time_oset
#define ATR_OSET_NAME_str ~, atr_str_oset

/* The atr_type of each kind, as an initialiser. */
#define ATR_TYPE_unit { ATR_KIND_UNIT, false, NULL, NULL }
#define ATR_TYPE_bool ATR_TYPE_SCALAR_(BOOL, false)
#define ATR_TYPE__Bool ATR_TYPE_SCALAR_(BOOL, false)
#define ATR_TYPE_i32 ATR_TYPE_SCALAR_(I32, false)
#define ATR_TYPE_u32 ATR_TYPE_SCALAR_(U32, false)
#define ATR_TYPE_i64 ATR_TYPE_SCALAR_(I64, false)
#define ATR_TYPE_f64 ATR_TYPE_SCALAR_(F64, false)
#define ATR_TYPE_time ATR_TYPE_SCALAR_(TIME, false)
#define ATR_TYPE_enumeration(E) { ATR_KIND_ENUMERATION, false, NULL, &E##_enumeration }
#define ATR_TYPE_str { ATR_KIND_STR, false, &atr_str_model, NULL }
#define ATR_TYPE_bytes { ATR_KIND_BYTES, false, &atr_bytes_model, NULL }
#define ATR_TYPE_ref(T) { ATR_KIND_REF, false, &T##_model, NULL }
#define ATR_TYPE_vec(T) { ATR_KIND_VEC, false, ATR_MODEL_OF_(ATR_VEC_OF_(T)), NULL }
#define ATR_TYPE_map(K, T) { ATR_KIND_MAP, false, ATR_MODEL_OF_(ATR_MAP_OF_(K, T)), NULL }
#define ATR_TYPE_set(K) { ATR_KIND_SET, false, &atr_##K##_set_model, NULL }
#define ATR_TYPE_omap(K, T) { ATR_KIND_OMAP, false, ATR_MODEL_OF_(ATR_OMAP_FOR_(K, T)), NULL }
#define ATR_TYPE_oset(K) { ATR_KIND_OSET, false, ATR_MODEL_OF_(ATR_OSET_FOR_(K)), NULL }
#define ATR_TYPE_any { ATR_KIND_ANY, true, NULL, NULL }
#define ATR_TYPE_opaque { ATR_KIND_OPAQUE, true, &atr_opaque_model, NULL }
#define ATR_TYPE_opt(kind) ATR_OPTIONAL_##kind
#define ATR_TYPE_SCALAR_(KIND, OPTIONAL) { ATR_KIND_##KIND, OPTIONAL, NULL, NULL }
#define ATR_OPTIONAL_bool ATR_TYPE_SCALAR_(BOOL, true)
#define ATR_OPTIONAL__Bool ATR_TYPE_SCALAR_(BOOL, true)
#define ATR_OPTIONAL_i32 ATR_TYPE_SCALAR_(I32, true)
#define ATR_OPTIONAL_u32 ATR_TYPE_SCALAR_(U32, true)
#define ATR_OPTIONAL_i64 ATR_TYPE_SCALAR_(I64, true)
#define ATR_OPTIONAL_f64 ATR_TYPE_SCALAR_(F64, true)
#define ATR_OPTIONAL_time ATR_TYPE_SCALAR_(TIME, true)
#define ATR_OPTIONAL_enumeration(E) { ATR_KIND_ENUMERATION, true, NULL, &E##_enumeration }
#define ATR_OPTIONAL_str { ATR_KIND_STR, true, &atr_str_model, NULL }
#define ATR_OPTIONAL_bytes { ATR_KIND_BYTES, true, &atr_bytes_model, NULL }
#define ATR_OPTIONAL_ref(T) { ATR_KIND_REF, true, &T##_model, NULL }

/* Zero of each kind, for default objects. */
#define ATR_ZERO_bool false
#define ATR_ZERO__Bool false
#define ATR_ZERO_i32 0
#define ATR_ZERO_u32 0
#define ATR_ZERO_i64 0
#define ATR_ZERO_f64 0
#define ATR_ZERO_time 0
#define ATR_ZERO_enumeration(E) (E)0
#define ATR_ZERO_str &atr_str_default
#define ATR_ZERO_bytes &atr_bytes_default
#define ATR_ZERO_ref(T) &T##_default
#define ATR_ZERO_vec(T) NULL
#define ATR_ZERO_map(K, T) NULL
#define ATR_ZERO_set(K) NULL
#define ATR_ZERO_omap(K, T) NULL
#define ATR_ZERO_oset(K) NULL
#define ATR_ZERO_any NULL
#define ATR_ZERO_opaque NULL
#define ATR_ZERO_opt(kind) ATR_NONE_##kind
#define ATR_NONE_bool { false, false }
#define ATR_NONE__Bool { false, false }
#define ATR_NONE_i32 { false, 0 }
#define ATR_NONE_u32 { false, 0 }
#define ATR_NONE_i64 { false, 0 }
#define ATR_NONE_f64 { false, 0 }
#define ATR_NONE_time { false, 0 }
#define ATR_NONE_enumeration(E) { false, (E)0 }
#define ATR_NONE_str NULL
#define ATR_NONE_bytes NULL
#define ATR_NONE_ref(T) NULL

/* Which of four families a kind belongs to decides what generated code does with it:
 * S scalar, D double, E enumeration, R required pointer, P pointer; O + family for opt. */
#define ATR_FAMILY_bool S
#define ATR_FAMILY__Bool S
#define ATR_FAMILY_i32 S
#define ATR_FAMILY_u32 S
#define ATR_FAMILY_i64 S
#define ATR_FAMILY_f64 D
#define ATR_FAMILY_time S
#define ATR_FAMILY_enumeration(name) E, name
#define ATR_FAMILY_str R
#define ATR_FAMILY_bytes R
#define ATR_FAMILY_ref(T) R
#define ATR_FAMILY_vec(T) P
#define ATR_FAMILY_map(K, T) P
#define ATR_FAMILY_set(K) P
#define ATR_FAMILY_omap(K, T) P
#define ATR_FAMILY_oset(K) P
#define ATR_FAMILY_any P
#define ATR_FAMILY_opaque P
#define ATR_FAMILY_opt(kind) ATR_OPTFAMILY_##kind
#define ATR_OPTFAMILY_bool OS
#define ATR_OPTFAMILY__Bool OS
#define ATR_OPTFAMILY_i32 OS
#define ATR_OPTFAMILY_u32 OS
#define ATR_OPTFAMILY_i64 OS
#define ATR_OPTFAMILY_f64 OD
#define ATR_OPTFAMILY_time OS
#define ATR_OPTFAMILY_enumeration(name) OE, name
#define ATR_OPTFAMILY_str P
#define ATR_OPTFAMILY_bytes P
#define ATR_OPTFAMILY_ref(T) P
#define ATR_APPLY_(VERB, name, ...) ATR_APPLY__(VERB, name, __VA_ARGS__, ~)
#define ATR_APPLY__(VERB, name, family, ...) VERB##family(name, __VA_ARGS__)

/* May the draft's field go into a value of the scope? (fast path; otherwise atr_model_accept) */
#define ATR_FIT_(kind, name) ATR_APPLY_(ATR_FIT_, name, ATR_FAMILY_##kind)
#define ATR_FIT_S(name, ...)
#define ATR_FIT_D(name, ...)
#define ATR_FIT_E(name, E, ...) &&E##_known((int)draft_->name)
#define ATR_FIT_R(name, ...) &&atr_fit_required_(s_, draft_->name)
#define ATR_FIT_P(name, ...) &&atr_fit_optional_(s_, draft_->name)
#define ATR_FIT_OS(name, ...)
#define ATR_FIT_OD(name, ...)
#define ATR_FIT_OE(name, E, ...) &&(!draft_->name.has || E##_known((int)draft_->name.value))

#define ATR_SET_(kind, name) ATR_APPLY_(ATR_SET_, name, ATR_FAMILY_##kind)
#define ATR_SET_S(name, ...) made_->name = draft_->name;
#define ATR_SET_D(name, ...) made_->name = draft_->name;
#define ATR_SET_E(name, ...) made_->name = draft_->name;
#define ATR_SET_R(name, ...)                                                                       \
    made_->name = draft_->name;                                                                     \
    atr_hold_(draft_->name);
#define ATR_SET_P(name, ...)                                                                       \
    made_->name = draft_->name;                                                                     \
    atr_hold_(draft_->name);
#define ATR_SET_OS(name, ...) made_->name = draft_->name;
#define ATR_SET_OD(name, ...) made_->name = draft_->name;
#define ATR_SET_OE(name, ...) made_->name = draft_->name;

#define ATR_RELEASE_(kind, name) ATR_APPLY_(ATR_RELEASE_, name, ATR_FAMILY_##kind)
#define ATR_RELEASE_S(name, ...)
#define ATR_RELEASE_D(name, ...)
#define ATR_RELEASE_E(name, ...)
#define ATR_RELEASE_R(name, ...) atr_release_(dead_, v_->name);
#define ATR_RELEASE_P(name, ...) atr_release_(dead_, v_->name);
#define ATR_RELEASE_OS(name, ...)
#define ATR_RELEASE_OD(name, ...)
#define ATR_RELEASE_OE(name, ...)

/* Whether a field refers to a value: a model without any needs no release. */
#define ATR_REFERS_(kind, name) ATR_APPLY_(ATR_REFERS_, name, ATR_FAMILY_##kind)
#define ATR_REFERS_S(name, ...)
#define ATR_REFERS_D(name, ...)
#define ATR_REFERS_E(name, ...)
#define ATR_REFERS_R(name, ...) || true
#define ATR_REFERS_P(name, ...) || true
#define ATR_REFERS_OS(name, ...)
#define ATR_REFERS_OD(name, ...)
#define ATR_REFERS_OE(name, ...)

#define ATR_EQUAL_(kind, name) ATR_APPLY_(ATR_EQUAL_, name, ATR_FAMILY_##kind)
#define ATR_EQUAL_S(name, ...) &&a_->name == b_->name
#define ATR_EQUAL_D(name, ...) &&atr_f64_equal(a_->name, b_->name)
#define ATR_EQUAL_E(name, ...) &&a_->name == b_->name
#define ATR_EQUAL_R(name, ...) &&atr_pairs_add(more_, a_->name, b_->name)
#define ATR_EQUAL_P(name, ...) &&atr_pairs_add(more_, a_->name, b_->name)
#define ATR_EQUAL_OS(name, ...)                                                                    \
    &&a_->name.has == b_->name.has && (!a_->name.has || a_->name.value == b_->name.value)
#define ATR_EQUAL_OD(name, ...)                                                                    \
    &&a_->name.has == b_->name.has &&                                                              \
        (!a_->name.has || atr_f64_equal(a_->name.value, b_->name.value))
#define ATR_EQUAL_OE(name, ...)                                                                    \
    &&a_->name.has == b_->name.has && (!a_->name.has || a_->name.value == b_->name.value)

#define ATR_HASH_(kind, name) ATR_APPLY_(ATR_HASH_, name, ATR_FAMILY_##kind)
#define ATR_HASH_S(name, ...) atr_hash_word(hasher_, (uint64_t)v_->name);
#define ATR_HASH_D(name, ...) atr_hash_f64(hasher_, v_->name);
#define ATR_HASH_E(name, ...) atr_hash_word(hasher_, (uint64_t)v_->name);
#define ATR_HASH_R(name, ...) atr_hash_ref(hasher_, v_->name);
#define ATR_HASH_P(name, ...) atr_hash_ref(hasher_, v_->name);
#define ATR_HASH_OS(name, ...)                                                                     \
    atr_hash_word(hasher_, v_->name.has);                                                          \
    atr_hash_word(hasher_, v_->name.has ? (uint64_t)v_->name.value : 0);
#define ATR_HASH_OD(name, ...)                                                                     \
    atr_hash_word(hasher_, v_->name.has);                                                          \
    atr_hash_f64(hasher_, v_->name.has ? v_->name.value : 0);
#define ATR_HASH_OE(name, ...)                                                                     \
    atr_hash_word(hasher_, v_->name.has);                                                          \
    atr_hash_word(hasher_, v_->name.has ? (uint64_t)v_->name.value : 0);

#define ATR_VISIT_(kind, name) ATR_APPLY_(ATR_VISIT_, name, ATR_FAMILY_##kind)
#define ATR_VISIT_S(name, ...)
#define ATR_VISIT_D(name, ...)
#define ATR_VISIT_E(name, ...)
#define ATR_VISIT_R(name, ...) fn_(user_, (const atr_head **)(void *)&v_->name);
#define ATR_VISIT_P(name, ...) fn_(user_, (const atr_head **)(void *)&v_->name);
#define ATR_VISIT_OS(name, ...)
#define ATR_VISIT_OD(name, ...)
#define ATR_VISIT_OE(name, ...)

/* Which fields can be read and watched key by key, and by which functions (keyed.h). */
#define ATR_KEYED_(kind, name) ATR_APPLY_(ATR_KEYED_, name, ATR_KEYED_OF_##kind)
#define ATR_KEYED_plain_(name, ...)
#define ATR_KEYED_by_key_(name, M, ...) const struct M##_keyed_ *name;
#define ATR_KEYS_(kind, name) ATR_APPLY_(ATR_KEYS_, name, ATR_KEYED_OF_##kind)
#define ATR_KEYS_plain_(name, ...)
#define ATR_KEYS_by_key_(name, M, ...) .name = &M##_keys_,
#define ATR_KEYED_OF_bool plain_
#define ATR_KEYED_OF__Bool plain_
#define ATR_KEYED_OF_i32 plain_
#define ATR_KEYED_OF_u32 plain_
#define ATR_KEYED_OF_i64 plain_
#define ATR_KEYED_OF_f64 plain_
#define ATR_KEYED_OF_time plain_
#define ATR_KEYED_OF_str plain_
#define ATR_KEYED_OF_bytes plain_
#define ATR_KEYED_OF_any plain_
#define ATR_KEYED_OF_opaque plain_
#define ATR_KEYED_OF_enumeration(E) plain_
#define ATR_KEYED_OF_ref(T) plain_
#define ATR_KEYED_OF_vec(T) plain_
#define ATR_KEYED_OF_opt(kind) plain_
#define ATR_KEYED_OF_map(K, T) by_key_, ATR_MAP_OF_(K, T)
#define ATR_KEYED_OF_set(K) by_key_, atr_##K##_set
#define ATR_KEYED_OF_omap(K, T) by_key_, ATR_OMAP_FOR_(K, T)
#define ATR_KEYED_OF_oset(K) by_key_, ATR_OSET_FOR_(K)

/* clang-format on */

#endif
