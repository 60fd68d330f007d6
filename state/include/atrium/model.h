/** Models: plain C structs described once.
 *
 *      #define TODO_ITEM(F) \
 *          F(i64,  id)      \
 *          F(str,  title)   \
 *          F(bool, done)
 *      ATR_MODEL(todo_item, TODO_ITEM);            in a header
 *      ATR_MODEL_IMPL(todo_item, TODO_ITEM);       in one .c file
 *
 *  gives the struct `todo_item`, `todo_item_new(s, draft)`, `todo_item_default`, `todo_item_model`, and the
 *  types `todo_item_vec`, `todo_item_map`, `todo_item_str_map` (vector.h, map.h). Ordered maps of it are asked
 *  for by ATR_OMAP (ordered_map.h).
 *
 *  | kind            | member               | absent or zero                                    |
 *  |-----------------|----------------------|---------------------------------------------------|
 *  | bool i32 u32 i64 f64 | bool, int32_t, ... double | 0                                       |
 *  | time            | atr_time             | 1970                                              |
 *  | enumeration(E)  | E                    | the constant 0, which E must have                 |
 *  | str bytes       | const atr_str *, const atr_bytes * | required: NULL is refused           |
 *  | ref(T)          | const T *            | required: NULL is refused                         |
 *  | vec(T)          | const T_vec *        | NULL is the empty vector; T also str, i64, f64    |
 *  | map(K, T)       | const T_map * or const T_str_map * | NULL is the empty map; K is i64 or str |
 *  | set(K)          | const atr_i64_set * or const atr_str_set * | NULL is the empty set       |
 *  | omap(K, T)      | const T_omap *, T_f64_omap *, T_time_omap *, T_str_omap *, after ATR_OMAP(T, K) | likewise |
 *  | oset(K)         | const atr_i64_oset *, f64, time, str; oset(S) for S of ATR_OSET_OF | likewise |
 *  | opt(kind)       | { bool has; ... value; } of scalars; NULL of str, bytes, ref | absent    |
 *  | any             | const void *         | NULL, or any value                                |
 *  | opaque          | const atr_opaque *   | NULL: none (opaque.h)                             |
 *
 *  Reserved as endings of model names: _new _vec _map _str_map _omap _oset _opt _model _default _class _call
 *  _reply _execute _answer _builder _each _entry. */
#ifndef ATRIUM_MODEL_H
#define ATRIUM_MODEL_H

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
#define ATR_FIT_E(name, E, ...) &&E##_known((int)draft_.name)
#define ATR_FIT_R(name, ...) &&atr_fit_required_(s_, draft_.name)
#define ATR_FIT_P(name, ...) &&atr_fit_optional_(s_, draft_.name)
#define ATR_FIT_OS(name, ...)
#define ATR_FIT_OD(name, ...)
#define ATR_FIT_OE(name, E, ...) &&(!draft_.name.has || E##_known((int)draft_.name.value))

#define ATR_SET_(kind, name) ATR_APPLY_(ATR_SET_, name, ATR_FAMILY_##kind)
#define ATR_SET_S(name, ...) made_->name = draft_.name;
#define ATR_SET_D(name, ...) made_->name = draft_.name;
#define ATR_SET_E(name, ...) made_->name = draft_.name;
#define ATR_SET_R(name, ...)                                                                       \
    made_->name = draft_.name;                                                                     \
    atr_hold_(draft_.name);
#define ATR_SET_P(name, ...)                                                                       \
    made_->name = draft_.name;                                                                     \
    atr_hold_(draft_.name);
#define ATR_SET_OS(name, ...) made_->name = draft_.name;
#define ATR_SET_OD(name, ...) made_->name = draft_.name;
#define ATR_SET_OE(name, ...) made_->name = draft_.name;

#define ATR_RELEASE_(kind, name) ATR_APPLY_(ATR_RELEASE_, name, ATR_FAMILY_##kind)
#define ATR_RELEASE_S(name, ...)
#define ATR_RELEASE_D(name, ...)
#define ATR_RELEASE_E(name, ...)
#define ATR_RELEASE_R(name, ...) atr_release_(dead_, v_->name);
#define ATR_RELEASE_P(name, ...) atr_release_(dead_, v_->name);
#define ATR_RELEASE_OS(name, ...)
#define ATR_RELEASE_OD(name, ...)
#define ATR_RELEASE_OE(name, ...)

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

/* ---- any kind as an atr_value: responses of queries, results of views ---- */

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

/* ---- models ---- */

/** Name a model before it is defined, e.g. for two models that refer to each other. */
#define ATR_MODEL_DECLARE(T) ATR_MODEL_DECLARE_LINKED_(, T)
#define ATR_MODEL_DECLARE_LINKED_(LINK, T)                                                         \
    typedef struct T T;                                                                            \
    typedef struct T##_vec T##_vec;                                                                \
    typedef struct T##_map T##_map;                                                                \
    typedef struct T##_str_map T##_str_map;                                                        \
    typedef struct T##_omap T##_omap;                                                              \
    typedef struct T##_f64_omap T##_f64_omap;                                                      \
    typedef struct T##_time_omap T##_time_omap;                                                    \
    typedef struct T##_str_omap T##_str_omap;                                                      \
    extern LINK const atr_model T##_model;                                                         \
    extern LINK const T T##_default

/** Declare model T with FIELDS, an X-macro of F(kind, name). */
#define ATR_MODEL(T, FIELDS) ATR_MODEL_LINKED_(, T, FIELDS)
#define ATR_MODEL_LINKED_(LINK, T, FIELDS)                                                         \
    ATR_MODEL_STRUCT_(LINK, T, FIELDS);                                                            \
    typedef struct T##_keyed_ {                                                                    \
        FIELDS(ATR_KEYED_)                                                                         \
        char nothing_;                                                                             \
    } T##_keyed_;                                                                                  \
    extern LINK const T##_keyed_ T##_keys_;                                                        \
    ATR_VEC_TYPE_(LINK, T##_vec, const T *, ref);                                                  \
    ATR_MAP_TYPE_(LINK, T##_map, int64_t, i64, const T *, ref, T##_vec);                                    \
    ATR_MAP_TYPE_(LINK, T##_str_map, const atr_str *, ref, const T *, ref, T##_vec)

#define ATR_MODEL_STRUCT_(LINK, T, FIELDS)                                                         \
    ATR_MODEL_DECLARE_LINKED_(LINK, T);                                                            \
    struct T {                                                                                     \
        atr_head atr;                                                                              \
        FIELDS(ATR_MEMBER_)                                                                        \
    };                                                                                             \
    LINK const T *T##_new(atr_scope *s_, T draft_)
#define ATR_MEMBER_(kind, name) ATR_CTYPE_##kind name;

/** Define model T, in one .c file of the program. C only. */
#define ATR_MODEL_IMPL(T, FIELDS)                                                                  \
    ATR_MODEL_TABLE_(T, FIELDS, NULL, 0, .atr = ATR_HEAD(T));                                      \
    ATR_MODEL_KEYS_(T, FIELDS);                                                                    \
    ATR_MODEL_COLLECTIONS_(T)

/** Define model T with attributes and defaults:
 *
 *      #define TODO_ITEM_ATTRS(A)           \
 *          A(title, .json = "text")         \
 *          A(note,  .redacted = true)
 *      ATR_MODEL_IMPL_WITH(todo_item, TODO_ITEM, TODO_ITEM_ATTRS, .priority = 3);
 *
 *  Defaults are designated members; a default that is a pointer is a static value. ATR_NO_ATTRS when there
 *  are defaults only, `.atr = ATR_HEAD(T)` when there are attributes only. C only. */
#define ATR_MODEL_IMPL_WITH(T, FIELDS, ATTRS, ...)                                                 \
    static const atr_attribute T##_attributes_[] = { ATTRS(                                        \
        ATR_ATTRIBUTE_PRE_(T) ATR_ATTRIBUTE_) { NULL, NULL, NULL, false, false } };                \
    ATR_MODEL_TABLE_(T, FIELDS, T##_attributes_,                                                   \
                     sizeof T##_attributes_ / sizeof *T##_attributes_ - 1, __VA_ARGS__);           \
    ATR_MODEL_KEYS_(T, FIELDS);                                                                    \
    ATR_MODEL_COLLECTIONS_(T)
#define ATR_NO_ATTRS(A)
#define ATR_ATTRIBUTE_PRE_(T) { &T##_default.
#define ATR_ATTRIBUTE_(name, ...) name, __VA_ARGS__ },

/* The field table. `PRE(T) ENTRY` is handed to FIELDS as one macro name, so that each entry can begin
 * with the address of the field inside the default object of T, which F(kind, name) cannot know. */
#define ATR_FIELD_PRE_(T) { &T##_default.
#define ATR_FIELD_(kind, name) name, #name, ATR_TYPE_##kind },
#define ATR_DEFAULT_(kind, name) .name = ATR_ZERO_##kind,

#if defined(__GNUC__)
#define ATR_OVERRIDE_BEGIN_                                                                        \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wpragmas\"")                 \
        _Pragma("GCC diagnostic ignored \"-Woverride-init\"")                                      \
            _Pragma("GCC diagnostic ignored \"-Winitializer-overrides\"")
#define ATR_OVERRIDE_END_ _Pragma("GCC diagnostic pop")
#else
#define ATR_OVERRIDE_BEGIN_
#define ATR_OVERRIDE_END_
#endif

#define ATR_MODEL_TABLE_(T, FIELDS, ATTRIBUTES, ATTRIBUTE_COUNT, ...)                              \
    ATR_OVERRIDE_BEGIN_                                                                            \
    const T T##_default = { .atr = ATR_HEAD(T), FIELDS(ATR_DEFAULT_) __VA_ARGS__ };                \
    ATR_OVERRIDE_END_                                                                              \
    static const atr_field T##_fields_[] = { FIELDS(ATR_FIELD_PRE_(T) ATR_FIELD_) {                \
        NULL, NULL, ATR_TYPE_unit } };                                                             \
    static void T##_release_(void *value_, atr_dead *dead_) {                                      \
        T *v_ = (T *)value_;                                                                       \
        (void)v_;                                                                                  \
        (void)dead_;                                                                               \
        FIELDS(ATR_RELEASE_)                                                                       \
    }                                                                                              \
    static bool T##_equal_(const void *x_, const void *y_, atr_pairs *more_) {                     \
        const T *a_ = (const T *)x_, *b_ = (const T *)y_;                                          \
        (void)a_;                                                                                  \
        (void)b_;                                                                                  \
        (void)more_;                                                                               \
        return true FIELDS(ATR_EQUAL_);                                                            \
    }                                                                                              \
    static void T##_hash_(const void *value_, atr_hasher *hasher_) {                               \
        const T *v_ = (const T *)value_;                                                           \
        (void)v_;                                                                                  \
        (void)hasher_;                                                                             \
        FIELDS(ATR_HASH_)                                                                          \
    }                                                                                              \
    static void T##_visit_(void *value_, atr_visit_fn fn_, void *user_) {                          \
        T *v_ = (T *)value_;                                                                       \
        (void)v_;                                                                                  \
        (void)fn_;                                                                                 \
        (void)user_;                                                                               \
        FIELDS(ATR_VISIT_)                                                                         \
    }                                                                                              \
    const atr_model T##_model = {                                                                  \
        .name = #T,                                                                                \
        .structure = ATR_STRUCTURE_FIELDS,                                                         \
        .size_bytes = sizeof(T),                                                                   \
        .prototype = &T##_default,                                                                 \
        .fields = T##_fields_,                                                                     \
        .field_count = sizeof T##_fields_ / sizeof *T##_fields_ - 1,                               \
        .attribute_count = ATTRIBUTE_COUNT,                                                        \
        .attributes = ATTRIBUTES,                                                                  \
        .release = T##_release_,                                                                   \
        .equal = T##_equal_,                                                                       \
        .hash = T##_hash_,                                                                         \
        .visit = T##_visit_,                                                                       \
    };                                                                                             \
    const T *T##_new(atr_scope *s_, T draft_) {                                                    \
        T *made_;                                                                                  \
        bool fit_ = !atr_careful_(s_) FIELDS(ATR_FIT_);                                            \
        if (!fit_ && !atr_model_accept(s_, &T##_model, &draft_)) {                                 \
            return &T##_default;                                                                   \
        }                                                                                          \
        made_ = (T *)atr_value_alloc(s_, &T##_model, sizeof(T));                                   \
        if (made_ == NULL) {                                                                       \
            return &T##_default;                                                                   \
        }                                                                                          \
        FIELDS(ATR_SET_)                                                                           \
        return made_;                                                                              \
    }                                                                                              \
    extern const T T##_default

#define ATR_MODEL_KEYS_(T, FIELDS)                                                                 \
    const T##_keyed_ T##_keys_ = { FIELDS(ATR_KEYS_) .nothing_ = 0 }

#define ATR_MODEL_COLLECTIONS_(T)                                                                  \
    ATR_VEC_TYPE_IMPL_(T##_vec, { ATR_KIND_REF, false, &T##_model, NULL });                        \
    ATR_MAP_TYPE_IMPL_(T##_map, ATR_KIND_I64, { ATR_KIND_REF, false, &T##_model, NULL });          \
    ATR_MAP_TYPE_IMPL_(T##_str_map, ATR_KIND_STR, { ATR_KIND_REF, false, &T##_model, NULL })

/** Make a value: `ATR_NEW(s, todo_item, .id = 1, .title = ATR_STR(s, "milk"))`. What is not named is
 *  zero, so a required field must be named. C only; in C++ fill a `todo_item draft{}` and call
 *  `todo_item_new(s, draft)`.
 *  @return never NULL: the default object when s latched
 *  @errors ATR_E_REFUSED: a field breaks its rule; the text names model and field. ATR_E_NO_MEMORY. */
#define ATR_NEW(s, ...) ATR_NEW_(s, __VA_ARGS__, .atr = ATR_DRAFT)
#define ATR_NEW_(s, T, ...) T##_new((s), (T){ __VA_ARGS__ })

/* clang-format on */

#endif
