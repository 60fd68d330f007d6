/** Immutable maps and sets in the order of their keys: for every model T and key kind K of i64, f64, time
 *  and str, after `ATR_OMAP(T, K)` in a header and `ATR_OMAP_IMPL(T, K)` in one .c file, the types `T_omap`,
 *  `T_f64_omap`, `T_time_omap`, `T_str_omap`. The library has the same for values str, i64 and f64
 *  (`atr_str_omap`, `atr_i64_time_omap`, ...; values first, then keys, but for i64), and the sets
 *  `atr_i64_oset`, `atr_f64_oset`, `atr_time_oset`, `atr_str_oset`. ATR_OSET_OF makes sets of models in an
 *  order of your own. Updates give a new map that shares what did not change; all but iteration is
 *  O(log n). NULL is the empty map, and makers return NULL for an empty result.
 *
 *  Text is ordered by bytes, f64 by value: one NaN, which comes last, and no negative zero.
 *
 *  For a map type M with keys K (`int64_t`, `double`, `atr_time`, `const atr_str *`) and values E:
 *
 *      size_t M_count(m)                    number of entries
 *      E M_get(m, key)                      borrowed; NULL or 0 when the key is not there
 *      bool M_has(m, key)
 *      bool M_first(m, &entry)              M_entry: {key, value}; false, and nothing set, when there is
 *      bool M_last(m, &entry)               no such entry
 *      bool M_lower_bound(m, key, &entry)   the first whose key is not less
 *      bool M_upper_bound(m, key, &entry)   the first whose key is greater
 *      bool M_floor(m, key, &entry)         the last whose key is not greater
 *      bool M_before(m, key, &entry)        the last whose key is less
 *      bool M_select(m, place, &entry)      the one with `place` others before it
 *      size_t M_rank(m, key)                how many have a lesser key; M_rank_after: not a greater one
 *      const M *M_set(s, m, key, value)     add or replace; m itself when the same value is there
 *      const M *M_remove(s, m, key)         m itself when the key is not there
 *      M_find, M_get_or, M_update, M_update_present  as map.h tells
 *      M_each it = {0}                      all entries, or those between two bounds:
 *      M_each it = M_range(m, ATR_BOUND_INCLUSIVE, from, ATR_BOUND_EXCLUSIVE, to)
 *      bool M_next(&it, m)                  `while (M_next(&it, m))` gives it.key and it.value upwards,
 *      bool M_prev(&it, m)                  downwards from the other end; the two may be mixed: each takes
 *                                           from its end of what is left. An iterator goes on over the m
 *                                           that it began with, whatever it is given then, so the loop may
 *                                           put another in its place; the first must live
 *      M_builder *M_builder_new(s, from)    private, mutable; belongs to s; from may be NULL
 *      int M_builder_set(b, key, value)     0 or a code, latched in s; ascending keys are fastest
 *      int M_builder_remove(b, key)
 *      size_t M_builder_count(b)            what the map would have that is sealed now
 *      E M_builder_get(b, key)              borrowed, until the builder is changed; NULL or 0
 *      bool M_builder_has(b, key)
 *      const M *M_builder_seal(b)           O(1); the builder is empty afterwards
 *
 *      const M *M_slice(s, m, from, to)     the entries at the places [from, to); from <= to <= count
 *      const M *M_slice_range(s, m, from_bound, from, to_bound, to)    those of a range
 *
 *  Whole maps are made as map.h tells, with M_merge, M_merge_with, M_intersection, M_difference, M_filter,
 *  M_transform (ATR_OMAP_TRANSFORM), M_of, M_index, M_keys, M_values. Functions are called in the order of
 *  the keys. Where two maps share much, or one is much smaller, the cost follows what differs and the
 *  smaller one; else it is one pass, O(n). A slice takes O(log n) and holds its own entries only.
 *
 *  A set type S has S_count, S_has, S_first, S_last, S_lower_bound, S_upper_bound, S_floor, S_before, S_select
 *  (all with `&key`), S_rank, S_add, S_remove, S_range, S_next and S_prev (it.key), S_slice, S_slice_range,
 *  S_builder_new, S_builder_add, S_builder_remove, S_builder_count, S_builder_has, S_builder_seal; S_union,
 *  S_intersection, S_difference, S_symmetric_difference, S_is_subset, S_is_disjoint, S_filter, S_of, S_from, S_keys
 *  as in map.h. Of members that an order of your own finds equal, a union has that of the second set, an
 *  intersection that of the first.
 *
 *  Errors, all latched in s, with the empty map as the result: ATR_E_REFUSED: a NULL, dead, foreign or
 *  unpublished key or value, or a map or vector that is one of the last three, which is not read then;
 *  ATR_E_INVALID: places out of range, a function or an array that is NULL; ATR_E_LIMIT: more than 2^31 - 1 entries;
 *  ATR_E_NO_MEMORY. */
#ifndef ATRIUM_ORDERED_MAP_H
#define ATRIUM_ORDERED_MAP_H

#include <atrium/map.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a range does at one of its ends. */
typedef enum atr_bound {
    ATR_BOUND_NONE,      /**< no bound: the key is not looked at */
    ATR_BOUND_INCLUSIVE, /**< the key itself belongs to the range */
    ATR_BOUND_EXCLUSIVE
} atr_bound;

/** The representation under every ordered map and set type; its members are private. */
typedef struct atr_omap {
    atr_head atr;
    uint32_t size;
    const void *root;
} atr_omap;
typedef struct atr_omap_builder atr_omap_builder;

/** A place in an iteration; zero stands before the first step over all entries. */
typedef struct atr_omap_each {
    bool begun;
    const atr_omap *of; /**< what it goes over */
    size_t from, to;    /**< the places still to come */
    const void *leaf;   /**< where the last entry lay, its first one at `leaf_from` */
    size_t leaf_from;
} atr_omap_each;

/* The generic functions under the typed ones; model is the map type's own, which names the kind of key. */
ATR_API size_t atr_omap_count(const atr_omap *m);
/** @return whether the key is there; *value is set when it is and value is not NULL */
ATR_API bool atr_omap_find(const atr_omap *m, atr_word key, atr_word *value);
ATR_API size_t atr_omap_rank(const atr_omap *m, atr_word key);
ATR_API size_t atr_omap_rank_after(const atr_omap *m, atr_word key);
/** @return whether there is such a place; *key and *value are set when there is and they are not NULL */
ATR_API bool atr_omap_select(const atr_omap *m, size_t place, atr_word *key, atr_word *value);
ATR_API atr_omap_each atr_omap_range(const atr_omap *m, atr_bound from_bound, atr_word from,
                                     atr_bound to_bound, atr_word to);
ATR_API bool atr_omap_next(atr_omap_each *each, const atr_omap *m, atr_word *key, atr_word *value);
ATR_API bool atr_omap_prev(atr_omap_each *each, const atr_omap *m, atr_word *key, atr_word *value);
ATR_API const atr_omap *atr_omap_set(atr_scope *s, const atr_model *model, const atr_omap *m,
                                     atr_word key, atr_word value);
/** @param absent  NULL: nothing is set where the key is not there */
ATR_API const atr_omap *atr_omap_update(atr_scope *s, const atr_model *model, const atr_omap *m,
                                        atr_word key, const atr_word *absent,
                                        atr_entry_change_fn change, void *user);
ATR_API const atr_omap *atr_omap_remove(atr_scope *s, const atr_model *model, const atr_omap *m,
                                        atr_word key);
ATR_API atr_omap_builder *atr_omap_builder_new(atr_scope *s, const atr_model *model,
                                               const atr_omap *from);
ATR_API int atr_omap_builder_set(atr_omap_builder *b, atr_word key, atr_word value);
ATR_API int atr_omap_builder_remove(atr_omap_builder *b, atr_word key);
ATR_API size_t atr_omap_builder_count(const atr_omap_builder *b);
ATR_API bool atr_omap_builder_find(const atr_omap_builder *b, atr_word key, atr_word *value);
ATR_API const atr_omap *atr_omap_builder_seal(atr_omap_builder *b);

ATR_API const atr_omap *atr_omap_slice(atr_scope *s, const atr_model *model, const atr_omap *m,
                                       size_t from, size_t to);
ATR_API const atr_omap *atr_omap_slice_range(atr_scope *s, const atr_model *model,
                                             const atr_omap *m, atr_bound from_bound, atr_word from,
                                             atr_bound to_bound, atr_word to);
/** @param choose NULL: of a key in both with different values the entry of b */
ATR_API const atr_omap *atr_omap_combine(atr_scope *s, const atr_model *model, const atr_omap *a,
                                         const atr_omap *b, atr_combine how,
                                         atr_entry_choose_fn choose, void *user);
ATR_API bool atr_omap_is_subset(const atr_omap *a, const atr_omap *b);
ATR_API bool atr_omap_is_disjoint(const atr_omap *a, const atr_omap *b);
ATR_API const atr_omap *atr_omap_filter(atr_scope *s, const atr_model *model, const atr_omap *m,
                                        atr_entry_test_fn test, void *user);
/** @param model of the result; the values of m may be of another type */
ATR_API const atr_omap *atr_omap_transform(atr_scope *s, const atr_model *model, const atr_omap *m,
                                           atr_entry_change_fn change, void *user);

ATR_API void atr_omap_release(void *m, atr_dead *dead);
ATR_API bool atr_omap_equal(const void *a, const void *b, atr_pairs *more);
ATR_API void atr_omap_hash(const void *m, atr_hasher *hasher);
ATR_API void atr_omap_visit(void *m, atr_visit_fn fn, void *user);

#ifdef __cplusplus
}
#endif

/* What maps and sets have in common: type M, keys K in member KM of atr_word. */
#define ATR_OMAP_COMMON_(LINK, M, K, KM)                                                          \
    struct M {                                                                                    \
        union {                                                                                   \
            atr_head atr;                                                                         \
            atr_omap base;                                                                        \
        };                                                                                        \
    };                                                                                            \
    typedef struct M##_builder M##_builder;                                                       \
    extern LINK const atr_model M##_model;                                                        \
    ATR_INLINE_ size_t M##_count(const M *m_)                                                     \
    {                                                                                             \
        return atr_omap_count((const atr_omap *)m_);                                              \
    }                                                                                             \
    ATR_INLINE_ bool M##_has(const M *m_, K key_)                                                 \
    {                                                                                             \
        return atr_omap_find((const atr_omap *)m_, atr_word_##KM##_(key_), 0);                    \
    }                                                                                             \
    ATR_INLINE_ size_t M##_rank(const M *m_, K key_)                                              \
    {                                                                                             \
        return atr_omap_rank((const atr_omap *)m_, atr_word_##KM##_(key_));                       \
    }                                                                                             \
    ATR_INLINE_ const M *M##_remove(atr_scope *s_, const M *m_, K key_)                           \
    {                                                                                             \
        return (const M *)atr_omap_remove(s_, &M##_model, (const atr_omap *)m_,                   \
                                          atr_word_##KM##_(key_));                                \
    }                                                                                             \
    ATR_INLINE_ size_t M##_rank_after(const M *m_, K key_)                                        \
    {                                                                                             \
        return atr_omap_rank_after((const atr_omap *)m_, atr_word_##KM##_(key_));                 \
    }                                                                                             \
    ATR_INLINE_ const M *M##_slice(atr_scope *s_, const M *m_, size_t from_, size_t to_)          \
    {                                                                                             \
        return (const M *)atr_omap_slice(s_, &M##_model, (const atr_omap *)m_, from_, to_);       \
    }                                                                                             \
    ATR_INLINE_ const M *M##_slice_range(atr_scope *s_, const M *m_, atr_bound from_bound_,       \
                                         K from_, atr_bound to_bound_, K to_)                     \
    {                                                                                             \
        return (const M *)atr_omap_slice_range(s_, &M##_model, (const atr_omap *)m_, from_bound_, \
                                               atr_word_##KM##_(from_), to_bound_,                \
                                               atr_word_##KM##_(to_));                            \
    }                                                                                             \
    ATR_INLINE_ M##_builder *M##_builder_new(atr_scope *s_, const M *from_)                       \
    {                                                                                             \
        return (M##_builder *)atr_omap_builder_new(s_, &M##_model, (const atr_omap *)from_);      \
    }                                                                                             \
    ATR_INLINE_ int M##_builder_remove(M##_builder *b_, K key_)                                   \
    {                                                                                             \
        return atr_omap_builder_remove((atr_omap_builder *)b_, atr_word_##KM##_(key_));           \
    }                                                                                             \
    ATR_INLINE_ size_t M##_builder_count(const M##_builder *b_)                                   \
    {                                                                                             \
        return atr_omap_builder_count((const atr_omap_builder *)b_);                              \
    }                                                                                             \
    ATR_INLINE_ bool M##_builder_has(const M##_builder *b_, K key_)                               \
    {                                                                                             \
        return atr_omap_builder_find((const atr_omap_builder *)b_, atr_word_##KM##_(key_), 0);    \
    }                                                                                             \
    ATR_INLINE_ const M *M##_builder_seal(M##_builder *b_)                                        \
    {                                                                                             \
        return (const M *)atr_omap_builder_seal((atr_omap_builder *)b_);                          \
    }                                                                                             \
    extern LINK const atr_model M##_model

/* Entries by their places, which M_select finds: OUT is what it sets, K the type of keys. */
#define ATR_OMAP_PLACES_(LINK, M, K, OUT)                            \
    ATR_INLINE_ bool M##_first(const M *m_, OUT *out_)               \
    {                                                                \
        return M##_select(m_, 0, out_);                              \
    }                                                                \
    ATR_INLINE_ bool M##_last(const M *m_, OUT *out_)                \
    {                                                                \
        return M##_select(m_, M##_count(m_) - 1, out_);              \
    }                                                                \
    ATR_INLINE_ bool M##_lower_bound(const M *m_, K key_, OUT *out_) \
    {                                                                \
        return M##_select(m_, M##_rank(m_, key_), out_);             \
    }                                                                \
    ATR_INLINE_ bool M##_upper_bound(const M *m_, K key_, OUT *out_) \
    {                                                                \
        return M##_select(m_, M##_rank_after(m_, key_), out_);       \
    }                                                                \
    ATR_INLINE_ bool M##_floor(const M *m_, K key_, OUT *out_)       \
    {                                                                \
        return M##_select(m_, M##_rank_after(m_, key_) - 1, out_);   \
    }                                                                \
    ATR_INLINE_ bool M##_before(const M *m_, K key_, OUT *out_)      \
    {                                                                \
        return M##_select(m_, M##_rank(m_, key_) - 1, out_);         \
    }                                                                \
    extern LINK const atr_model M##_model

/* Declare map type M, values E in member EM; KV and EV are the vectors of keys and of values. */
#define ATR_OMAP_TYPE_(LINK, M, K, KM, KV, E, EM, EV)                                              \
    typedef struct M M;                                                                            \
    typedef struct M##_entry {                                                                     \
        K key;                                                                                     \
        E value;                                                                                   \
    } M##_entry;                                                                                   \
    typedef struct M##_each {                                                                      \
        K key;                                                                                     \
        E value;                                                                                   \
        atr_omap_each base;                                                                        \
    } M##_each;                                                                                    \
    ATR_OMAP_COMMON_(LINK, M, K, KM);                                                              \
    ATR_INLINE_ E M##_get(const M *m_, K key_)                                                     \
    {                                                                                              \
        atr_word value_ = atr_word_i64_(0);                                                        \
        return atr_omap_find((const atr_omap *)m_, atr_word_##KM##_(key_), &value_) ? (E)value_.EM \
                                                                                    : (E)0;        \
    }                                                                                              \
    ATR_INLINE_ bool M##_select(const M *m_, size_t place_, M##_entry *entry_)                     \
    {                                                                                              \
        atr_word key_, value_;                                                                     \
        if (!atr_omap_select((const atr_omap *)m_, place_, &key_, &value_)) {                      \
            return false;                                                                          \
        }                                                                                          \
        entry_->key = (K)key_.KM;                                                                  \
        entry_->value = (E)value_.EM;                                                              \
        return true;                                                                               \
    }                                                                                              \
    ATR_OMAP_PLACES_(LINK, M, K, M##_entry);                                                       \
    ATR_INLINE_ const M *M##_set(atr_scope *s_, const M *m_, K key_, E value_)                     \
    {                                                                                              \
        return (const M *)atr_omap_set(s_, &M##_model, (const atr_omap *)m_,                       \
                                       atr_word_##KM##_(key_), atr_word_##EM##_(value_));          \
    }                                                                                              \
    ATR_INLINE_ M##_each M##_range(const M *m_, atr_bound from_bound_, K from_,                    \
                                   atr_bound to_bound_, K to_)                                     \
    {                                                                                              \
        M##_each each_;                                                                            \
        each_.key = (K)0;                                                                          \
        each_.value = (E)0;                                                                        \
        each_.base = atr_omap_range((const atr_omap *)m_, from_bound_, atr_word_##KM##_(from_),    \
                                    to_bound_, atr_word_##KM##_(to_));                             \
        return each_;                                                                              \
    }                                                                                              \
    ATR_INLINE_ bool M##_next(M##_each *each_, const M *m_)                                        \
    {                                                                                              \
        atr_word key_, value_;                                                                     \
        if (!atr_omap_next(&each_->base, (const atr_omap *)m_, &key_, &value_)) {                  \
            return false;                                                                          \
        }                                                                                          \
        each_->key = (K)key_.KM;                                                                   \
        each_->value = (E)value_.EM;                                                               \
        return true;                                                                               \
    }                                                                                              \
    ATR_INLINE_ bool M##_prev(M##_each *each_, const M *m_)                                        \
    {                                                                                              \
        atr_word key_, value_;                                                                     \
        if (!atr_omap_prev(&each_->base, (const atr_omap *)m_, &key_, &value_)) {                  \
            return false;                                                                          \
        }                                                                                          \
        each_->key = (K)key_.KM;                                                                   \
        each_->value = (E)value_.EM;                                                               \
        return true;                                                                               \
    }                                                                                              \
    ATR_INLINE_ int M##_builder_set(M##_builder *b_, K key_, E value_)                             \
    {                                                                                              \
        return atr_omap_builder_set((atr_omap_builder *)b_, atr_word_##KM##_(key_),                \
                                    atr_word_##EM##_(value_));                                     \
    }                                                                                              \
    ATR_INLINE_ E M##_builder_get(const M##_builder *b_, K key_)                                   \
    {                                                                                              \
        atr_word value_ = atr_word_i64_(0);                                                        \
        atr_omap_builder_find((const atr_omap_builder *)b_, atr_word_##KM##_(key_), &value_);      \
        return (E)value_.EM;                                                                       \
    }                                                                                              \
    ATR_MAP_WHOLE_(LINK, atr_omap, M, K, KM, KV, E, EM, EV);                                       \
    ATR_KEYED_TYPE_(LINK, M, K, KM, ATR_SEEN_##EM##_(E))

/* Declare set type S. */
#define ATR_OSET_TYPE_(LINK, S, K, KM, KV)                                                      \
    typedef struct S S;                                                                         \
    typedef struct S##_each {                                                                   \
        K key;                                                                                  \
        atr_omap_each base;                                                                     \
    } S##_each;                                                                                 \
    ATR_OMAP_COMMON_(LINK, S, K, KM);                                                           \
    ATR_INLINE_ bool S##_select(const S *m_, size_t place_, K *key_)                            \
    {                                                                                           \
        atr_word word_;                                                                         \
        if (!atr_omap_select((const atr_omap *)m_, place_, &word_, 0)) {                        \
            return false;                                                                       \
        }                                                                                       \
        *key_ = (K)word_.KM;                                                                    \
        return true;                                                                            \
    }                                                                                           \
    ATR_OMAP_PLACES_(LINK, S, K, K);                                                            \
    ATR_INLINE_ const S *S##_add(atr_scope *s_, const S *m_, K key_)                            \
    {                                                                                           \
        return (const S *)atr_omap_set(s_, &S##_model, (const atr_omap *)m_,                    \
                                       atr_word_##KM##_(key_), atr_word_i64_(0));               \
    }                                                                                           \
    ATR_INLINE_ S##_each S##_range(const S *m_, atr_bound from_bound_, K from_,                 \
                                   atr_bound to_bound_, K to_)                                  \
    {                                                                                           \
        S##_each each_;                                                                         \
        each_.key = (K)0;                                                                       \
        each_.base = atr_omap_range((const atr_omap *)m_, from_bound_, atr_word_##KM##_(from_), \
                                    to_bound_, atr_word_##KM##_(to_));                          \
        return each_;                                                                           \
    }                                                                                           \
    ATR_INLINE_ bool S##_next(S##_each *each_, const S *m_)                                     \
    {                                                                                           \
        atr_word word_;                                                                         \
        if (!atr_omap_next(&each_->base, (const atr_omap *)m_, &word_, 0)) {                    \
            return false;                                                                       \
        }                                                                                       \
        each_->key = (K)word_.KM;                                                               \
        return true;                                                                            \
    }                                                                                           \
    ATR_INLINE_ bool S##_prev(S##_each *each_, const S *m_)                                     \
    {                                                                                           \
        atr_word word_;                                                                         \
        if (!atr_omap_prev(&each_->base, (const atr_omap *)m_, &word_, 0)) {                    \
            return false;                                                                       \
        }                                                                                       \
        each_->key = (K)word_.KM;                                                               \
        return true;                                                                            \
    }                                                                                           \
    ATR_INLINE_ int S##_builder_add(S##_builder *b_, K key_)                                    \
    {                                                                                           \
        return atr_omap_builder_set((atr_omap_builder *)b_, atr_word_##KM##_(key_),             \
                                    atr_word_i64_(0));                                          \
    }                                                                                           \
    ATR_SET_WHOLE_(LINK, atr_omap, S, K, KM, KV)

/* Define either: STRUCTURE, the kind of key, the order of a set of models or NULL, the type of the values
 * or of the models in the set. C only. */
#define ATR_OMAP_MODEL_(M, STRUCTURE, KEY, ORDER, ...) \
    const atr_model M##_model = {                      \
        .name = #M,                                    \
        .structure = STRUCTURE,                        \
        .size_bytes = sizeof(atr_omap),                \
        .key = KEY,                                    \
        .element = __VA_ARGS__,                        \
        .release = atr_omap_release,                   \
        .equal = atr_omap_equal,                       \
        .hash = atr_omap_hash,                         \
        .visit = atr_omap_visit,                       \
        .order = ORDER,                                \
    }

/** Declare the ordered map with values of model T and keys of kind K: i64, f64, time or str. Once, after
 *  ATR_MODEL of T. */
#define ATR_OMAP(T, K) ATR_OMAP_OF_##K##_(, ATR_OMAP_NAME_##K##_(T), const T *, ref, T##_vec)
/** Define it, in one .c file of the program. C only. */
#define ATR_OMAP_IMPL(T, K)                                           \
    ATR_OMAP_MODEL_OF_(ATR_OMAP_NAME_##K##_(T), ATR_OMAP_KIND_##K##_, \
                       {ATR_KIND_REF, false, &T##_model, NULL})
#define ATR_OMAP_MODEL_OF_(M, KEY, ...)                             \
    ATR_OMAP_MODEL_(M, ATR_STRUCTURE_OMAP, KEY, NULL, __VA_ARGS__); \
    ATR_KEYED_IMPL_(M)
#define ATR_OSET_MODEL_OF_(S, KEY)                                                         \
    ATR_OMAP_MODEL_(S, ATR_STRUCTURE_OSET, KEY, NULL, {ATR_KIND_UNIT, false, NULL, NULL}); \
    ATR_KEYED_IMPL_(S)
#define ATR_OMAP_TYPE_OF_(...) ATR_OMAP_TYPE_(__VA_ARGS__)

#define ATR_OMAP_NAME_i64_(T) T##_omap
#define ATR_OMAP_NAME_f64_(T) T##_f64_omap
#define ATR_OMAP_NAME_time_(T) T##_time_omap
#define ATR_OMAP_NAME_str_(T) T##_str_omap
#define ATR_OMAP_KIND_i64_ ATR_KIND_I64
#define ATR_OMAP_KIND_f64_ ATR_KIND_F64
#define ATR_OMAP_KIND_time_ ATR_KIND_TIME
#define ATR_OMAP_KIND_str_ ATR_KIND_STR
#define ATR_OMAP_OF_i64_(LINK, M, E, EM, EV) \
    ATR_OMAP_TYPE_OF_(LINK, M, int64_t, i64, atr_i64_vec, E, EM, EV)
#define ATR_OMAP_OF_f64_(LINK, M, E, EM, EV) \
    ATR_OMAP_TYPE_OF_(LINK, M, double, f64, atr_f64_vec, E, EM, EV)
#define ATR_OMAP_OF_time_(LINK, M, E, EM, EV) \
    ATR_OMAP_TYPE_OF_(LINK, M, atr_time, i64, atr_i64_vec, E, EM, EV)
#define ATR_OMAP_OF_str_(LINK, M, E, EM, EV) \
    ATR_OMAP_TYPE_OF_(LINK, M, const atr_str *, ref, atr_str_vec, E, EM, EV)

/** Declare set type S of models T, ordered by `int compare(const T *a, const T *b)`: < 0, 0, > 0. It must
 *  not change its mind. Two models that it finds equal are one member: adding the second replaces the
 *  first, and S_find(set, like) finds the member in the place of `like`, which need not be published; so it is
 *  with S_has, S_remove, S_rank and bounds. */
#define ATR_OSET_OF(S, T, compare)                                                              \
    ATR_OSET_TYPE_(, S, const T *, ref, T##_vec);                                               \
    ATR_INLINE_ const T *S##_find(const S *m_, const T *like_)                                  \
    {                                                                                           \
        const T *found_;                                                                        \
        return like_ != 0 && S##_lower_bound(m_, like_, &found_) && compare(found_, like_) == 0 \
                   ? found_                                                                     \
                   : 0;                                                                         \
    }                                                                                           \
    typedef struct S##_keyed_ { /* its members are not watched one by one */                    \
        char nothing_;                                                                          \
    } S##_keyed_;                                                                               \
    extern const S##_keyed_ S##_keys_;                                                          \
    extern const atr_model S##_model
/** Define it, in one .c file of the program. C only. */
#define ATR_OSET_OF_IMPL(S, T, compare)                              \
    static int S##_order_(const void *a_, const void *b_)            \
    {                                                                \
        return compare((const T *)a_, (const T *)b_);                \
    }                                                                \
    const S##_keyed_ S##_keys_ = {0};                                \
    ATR_OMAP_MODEL_(S, ATR_STRUCTURE_OSET, ATR_KIND_REF, S##_order_, \
                    {ATR_KIND_REF, false, &T##_model, NULL})

ATR_OMAP_OF_i64_(ATR_API, atr_str_omap, const atr_str *, ref, atr_str_vec);
ATR_OMAP_OF_f64_(ATR_API, atr_str_f64_omap, const atr_str *, ref, atr_str_vec);
ATR_OMAP_OF_time_(ATR_API, atr_str_time_omap, const atr_str *, ref, atr_str_vec);
ATR_OMAP_OF_str_(ATR_API, atr_str_str_omap, const atr_str *, ref, atr_str_vec);
ATR_OMAP_OF_i64_(ATR_API, atr_i64_omap, int64_t, i64, atr_i64_vec);
ATR_OMAP_OF_f64_(ATR_API, atr_i64_f64_omap, int64_t, i64, atr_i64_vec);
ATR_OMAP_OF_time_(ATR_API, atr_i64_time_omap, int64_t, i64, atr_i64_vec);
ATR_OMAP_OF_str_(ATR_API, atr_i64_str_omap, int64_t, i64, atr_i64_vec);
ATR_OMAP_OF_i64_(ATR_API, atr_f64_omap, double, f64, atr_f64_vec);
ATR_OMAP_OF_f64_(ATR_API, atr_f64_f64_omap, double, f64, atr_f64_vec);
ATR_OMAP_OF_time_(ATR_API, atr_f64_time_omap, double, f64, atr_f64_vec);
ATR_OMAP_OF_str_(ATR_API, atr_f64_str_omap, double, f64, atr_f64_vec);
ATR_OSET_TYPE_(ATR_API, atr_i64_oset, int64_t, i64, atr_i64_vec);
ATR_KEYED_TYPE_(ATR_API, atr_i64_oset, int64_t, i64, bool);
ATR_OSET_TYPE_(ATR_API, atr_f64_oset, double, f64, atr_f64_vec);
ATR_KEYED_TYPE_(ATR_API, atr_f64_oset, double, f64, bool);
ATR_OSET_TYPE_(ATR_API, atr_time_oset, atr_time, i64, atr_i64_vec);
ATR_KEYED_TYPE_(ATR_API, atr_time_oset, atr_time, i64, bool);
ATR_OSET_TYPE_(ATR_API, atr_str_oset, const atr_str *, ref, atr_str_vec);
ATR_KEYED_TYPE_(ATR_API, atr_str_oset, const atr_str *, ref, bool);

#endif
