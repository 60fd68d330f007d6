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
 *  | opt(kind)       | atr_opt_bool, atr_opt_i32, ... atr_opt_time; E_opt: { bool has; ... value; } | absent |
 *  | opt(str), opt(bytes), opt(ref(T)) | the pointer | absent, NULL                             |
 *  | any             | const void *         | NULL, or any value                                |
 *  | opaque          | const atr_opaque *   | NULL: none (opaque.h)                             |
 *
 *  Reserved as endings of model names: _new _vec _map _str_map _omap _oset _opt _model _default _class _call
 *  _reply _execute _answer _builder _each _entry. */
#ifndef ATRIUM_MODEL_H
#define ATRIUM_MODEL_H

#include <atrium/kinds.h>
#include <atrium/wrap.h>

/* clang-format off */

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
    ATR_MODEL_NEW_(LINK, T)
/* In the header, so that a draft is built in the place where it is read, and not copied on the way there. */
#define ATR_MODEL_NEW_(LINK, T)                                                                    \
    ATR_INLINE_ const T *T##_new(atr_scope *s_, T draft_) {                                        \
        return (const T *)atr_value_publish(s_, &T##_model, &draft_);                              \
    }                                                                                              \
    extern LINK const T T##_default
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
 *  A field has one line of attributes at most. Defaults are designated members; a default that is a pointer is a
 *  static value. ATR_NO_ATTRS when there are defaults only, `.atr = ATR_HEAD(T)` when there are attributes only.
 *  C only. */
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

/* See atr_model.steps. */
#define ATR_STEPS_(T)                                                                              \
    (sizeof(T) <= ATR_STEPS_MAX * ATR_STEP_BYTES                                                   \
         ? (uint8_t)((sizeof(T) + ATR_STEP_BYTES - 1) / ATR_STEP_BYTES)                            \
         : 0)

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
    static const void *T##_fill_(atr_scope *s_, void *cell_, const void *from_) {                  \
        T *made_ = (T *)cell_;                                                                     \
        const T *draft_ = (const T *)from_;                                                        \
        bool fit_ = s_ == NULL || (true FIELDS(ATR_FIT_));                                         \
        if (!fit_) {                                                                               \
            return atr_value_unfit_(s_, made_, draft_);                                            \
        }                                                                                          \
        FIELDS(ATR_SET_)                                                                           \
        return made_;                                                                              \
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
        .steps = ATR_STEPS_(T),                                                                    \
        .is_flat = ATR_STEPS_(T) != 0 && !(false FIELDS(ATR_REFERS_)),                             \
        .release = (false FIELDS(ATR_REFERS_)) ? T##_release_ : NULL,                              \
        .equal = T##_equal_,                                                                       \
        .hash = T##_hash_,                                                                         \
        .visit = T##_visit_,                                                                       \
        .fill = T##_fill_,                                                                         \
    };                                                                                             \
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
