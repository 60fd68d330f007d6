/** Immutable vectors: `todo_item_vec` of every model (from ATR_MODEL), `atr_str_vec`, `atr_i64_vec`,
 *  `atr_f64_vec`. Updates give a new vector that shares what did not change: O(log n). NULL is the empty
 *  vector, and makers return NULL for an empty result.
 *
 *  For a vector type V with elements E (`const todo_item *`, `const atr_str *`, `int64_t`, `double`):
 *
 *      size_t V_count(v)                    number of elements
 *      E V_at(v, i)                         borrowed; NULL or 0 when i is out of range
 *      const V *V_of(s, items, count)       from an array; an item that is NULL is refused
 *      const V *V_push(s, v, item)          append
 *      const V *V_pop(s, v)                 without the last; the empty vector stays empty
 *      const V *V_set(s, v, i, item)        replace; i < count
 *      const V *V_insert(s, v, i, item)     before i; i <= count
 *      const V *V_erase(s, v, i)            without i; i < count
 *      const V *V_slice(s, v, from, to)     [from, to); from <= to <= count
 *      const V *V_concat(s, a, b)           a, then b
 *      V_builder *V_builder_new(s, from)    private, mutable; belongs to s; from may be NULL
 *      int V_builder_push(b, item)          0 or a code, latched in s
 *      int V_builder_set(b, i, item)
 *      const V *V_builder_seal(b)           O(1); the builder is empty afterwards
 *
 *  Errors, all latched in s, with the empty vector as the result: ATR_E_INVALID: an index out of range;
 *  ATR_E_REFUSED: a NULL, dead, foreign or unpublished item; ATR_E_LIMIT: more than 2^31 - 1 elements;
 *  ATR_E_NO_MEMORY. */
#ifndef ATRIUM_VECTOR_H
#define ATRIUM_VECTOR_H

#include <atrium/str.h>

#ifdef __cplusplus
extern "C" {
#endif

/** One element or key, by its kind. */
typedef union atr_word {
    int64_t i64;
    double f64;
    const void *ref;
} atr_word;

/** The representation under every vector type; its members are private. */
typedef struct atr_vec {
    atr_head atr;
    uint32_t size;
    uint32_t tree_size; /**< elements below root; those after them are in tail */
    const void *root;
    const void *tail;
    const void *flat; /**< a borrowed array behind a static vector, else NULL */
} atr_vec;
typedef struct atr_vec_builder atr_vec_builder;

/** Initialiser of a static vector over a static array of static items, read in place:
 *  `static const todo_item *const items[] = { &milk, &eggs };`
 *  `static const todo_item_vec both = ATR_VEC_INIT(todo_item_vec, items);` An update of it makes a tree of
 *  all its elements first: O(n). C only. */
#define ATR_VEC_INIT(V, array)                   \
    {                                            \
        {                                        \
            .base = {                            \
                {&V##_model, INT32_MIN, 0, 0},   \
                sizeof(array) / sizeof *(array), \
                0,                               \
                0,                               \
                0,                               \
                (array)                          \
            }                                    \
        }                                        \
    }

/* The generic functions under the typed ones; model is the vector type's own. */
ATR_API size_t atr_vec_count(const atr_vec *v);
ATR_API atr_word atr_vec_at(const atr_vec *v, size_t i);
ATR_API const atr_vec *atr_vec_of(atr_scope *s, const atr_model *model, const void *items,
                                  size_t count);
ATR_API const atr_vec *atr_vec_push(atr_scope *s, const atr_model *model, const atr_vec *v,
                                    atr_word item);
ATR_API const atr_vec *atr_vec_pop(atr_scope *s, const atr_model *model, const atr_vec *v);
ATR_API const atr_vec *atr_vec_set(atr_scope *s, const atr_model *model, const atr_vec *v, size_t i,
                                   atr_word item);
ATR_API const atr_vec *atr_vec_insert(atr_scope *s, const atr_model *model, const atr_vec *v,
                                      size_t i, atr_word item);
ATR_API const atr_vec *atr_vec_erase(atr_scope *s, const atr_model *model, const atr_vec *v,
                                     size_t i);
ATR_API const atr_vec *atr_vec_slice(atr_scope *s, const atr_model *model, const atr_vec *v,
                                     size_t from, size_t to);
ATR_API const atr_vec *atr_vec_concat(atr_scope *s, const atr_model *model, const atr_vec *a,
                                      const atr_vec *b);
ATR_API atr_vec_builder *atr_vec_builder_new(atr_scope *s, const atr_model *model,
                                             const atr_vec *from);
ATR_API int atr_vec_builder_push(atr_vec_builder *b, atr_word item);
ATR_API int atr_vec_builder_set(atr_vec_builder *b, size_t i, atr_word item);
ATR_API const atr_vec *atr_vec_builder_seal(atr_vec_builder *b);

/* What the generated models of vector types are made of. */
ATR_API void atr_vec_release(void *v, atr_dead *dead);
ATR_API bool atr_vec_equal(const void *a, const void *b, atr_pairs *more);
ATR_API void atr_vec_hash(const void *v, atr_hasher *hasher);
ATR_API void atr_vec_visit(void *v, atr_visit_fn fn, void *user);

ATR_API inline atr_word atr_word_i64_(int64_t i64)
{
    atr_word word;
    word.i64 = i64;
    return word;
}
ATR_API inline atr_word atr_word_f64_(double f64)
{
    atr_word word;
    word.f64 = f64;
    return word;
}
ATR_API inline atr_word atr_word_ref_(const void *ref)
{
    atr_word word;
    word.ref = ref;
    return word;
}

#ifdef __cplusplus
}
#endif

/* Declare vector type V of elements E, which lie in member M of atr_word. */
#define ATR_VEC_TYPE_(LINK, V, E, M)                                                       \
    struct V {                                                                             \
        union {                                                                            \
            atr_head atr;                                                                  \
            atr_vec base;                                                                  \
        };                                                                                 \
    };                                                                                     \
    typedef struct V##_builder V##_builder;                                                \
    extern LINK const atr_model V##_model;                                                 \
    LINK inline size_t V##_count(const V *v_)                                              \
    {                                                                                      \
        return atr_vec_count((const atr_vec *)v_);                                         \
    }                                                                                      \
    LINK inline E V##_at(const V *v_, size_t i_)                                           \
    {                                                                                      \
        return (E)atr_vec_at((const atr_vec *)v_, i_).M;                                   \
    }                                                                                      \
    LINK inline const V *V##_of(atr_scope *s_, E const *items_, size_t count_)             \
    {                                                                                      \
        return (const V *)atr_vec_of(s_, &V##_model, items_, count_);                      \
    }                                                                                      \
    LINK inline const V *V##_push(atr_scope *s_, const V *v_, E item_)                     \
    {                                                                                      \
        return (const V *)atr_vec_push(s_, &V##_model, (const atr_vec *)v_,                \
                                       atr_word_##M##_(item_));                            \
    }                                                                                      \
    LINK inline const V *V##_pop(atr_scope *s_, const V *v_)                               \
    {                                                                                      \
        return (const V *)atr_vec_pop(s_, &V##_model, (const atr_vec *)v_);                \
    }                                                                                      \
    LINK inline const V *V##_set(atr_scope *s_, const V *v_, size_t i_, E item_)           \
    {                                                                                      \
        return (const V *)atr_vec_set(s_, &V##_model, (const atr_vec *)v_, i_,             \
                                      atr_word_##M##_(item_));                             \
    }                                                                                      \
    LINK inline const V *V##_insert(atr_scope *s_, const V *v_, size_t i_, E item_)        \
    {                                                                                      \
        return (const V *)atr_vec_insert(s_, &V##_model, (const atr_vec *)v_, i_,          \
                                         atr_word_##M##_(item_));                          \
    }                                                                                      \
    LINK inline const V *V##_erase(atr_scope *s_, const V *v_, size_t i_)                  \
    {                                                                                      \
        return (const V *)atr_vec_erase(s_, &V##_model, (const atr_vec *)v_, i_);          \
    }                                                                                      \
    LINK inline const V *V##_slice(atr_scope *s_, const V *v_, size_t from_, size_t to_)   \
    {                                                                                      \
        return (const V *)atr_vec_slice(s_, &V##_model, (const atr_vec *)v_, from_, to_);  \
    }                                                                                      \
    LINK inline const V *V##_concat(atr_scope *s_, const V *a_, const V *b_)               \
    {                                                                                      \
        return (const V *)atr_vec_concat(s_, &V##_model, (const atr_vec *)a_,              \
                                         (const atr_vec *)b_);                             \
    }                                                                                      \
    LINK inline V##_builder *V##_builder_new(atr_scope *s_, const V *from_)                \
    {                                                                                      \
        return (V##_builder *)atr_vec_builder_new(s_, &V##_model, (const atr_vec *)from_); \
    }                                                                                      \
    LINK inline int V##_builder_push(V##_builder *b_, E item_)                             \
    {                                                                                      \
        return atr_vec_builder_push((atr_vec_builder *)b_, atr_word_##M##_(item_));        \
    }                                                                                      \
    LINK inline int V##_builder_set(V##_builder *b_, size_t i_, E item_)                   \
    {                                                                                      \
        return atr_vec_builder_set((atr_vec_builder *)b_, i_, atr_word_##M##_(item_));     \
    }                                                                                      \
    LINK inline const V *V##_builder_seal(V##_builder *b_)                                 \
    {                                                                                      \
        return (const V *)atr_vec_builder_seal((atr_vec_builder *)b_);                     \
    }                                                                                      \
    extern LINK const atr_model V##_model

/* Define it: the model and the one callable copy of each function. C only. */
#define ATR_VEC_TYPE_IMPL_(LINK, V, E, M, ...)                                            \
    const atr_model V##_model = {                                                         \
        .name = #V,                                                                       \
        .structure = ATR_STRUCTURE_VEC,                                                   \
        .size_bytes = sizeof(atr_vec),                                                    \
        .element = __VA_ARGS__,                                                           \
        .release = atr_vec_release,                                                       \
        .equal = atr_vec_equal,                                                           \
        .hash = atr_vec_hash,                                                             \
        .visit = atr_vec_visit,                                                           \
    };                                                                                    \
    extern LINK size_t V##_count(const V *v_);                                            \
    extern LINK E V##_at(const V *v_, size_t i_);                                         \
    extern LINK const V *V##_of(atr_scope *s_, E const *items_, size_t count_);           \
    extern LINK const V *V##_push(atr_scope *s_, const V *v_, E item_);                   \
    extern LINK const V *V##_pop(atr_scope *s_, const V *v_);                             \
    extern LINK const V *V##_set(atr_scope *s_, const V *v_, size_t i_, E item_);         \
    extern LINK const V *V##_insert(atr_scope *s_, const V *v_, size_t i_, E item_);      \
    extern LINK const V *V##_erase(atr_scope *s_, const V *v_, size_t i_);                \
    extern LINK const V *V##_slice(atr_scope *s_, const V *v_, size_t from_, size_t to_); \
    extern LINK const V *V##_concat(atr_scope *s_, const V *a_, const V *b_);             \
    extern LINK V##_builder *V##_builder_new(atr_scope *s_, const V *from_);              \
    extern LINK int V##_builder_push(V##_builder *b_, E item_);                           \
    extern LINK int V##_builder_set(V##_builder *b_, size_t i_, E item_);                 \
    extern LINK const V *V##_builder_seal(V##_builder *b_)

typedef struct atr_str_vec atr_str_vec;
typedef struct atr_i64_vec atr_i64_vec;
typedef struct atr_f64_vec atr_f64_vec;
ATR_VEC_TYPE_(ATR_API, atr_str_vec, const atr_str *, ref);
ATR_VEC_TYPE_(ATR_API, atr_i64_vec, int64_t, i64);
ATR_VEC_TYPE_(ATR_API, atr_f64_vec, double, f64);

#endif
