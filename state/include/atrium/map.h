/** Immutable maps and sets: for every model T (from ATR_MODEL) `T_map` with i64 keys and `T_str_map` with
 *  text keys; `atr_str_map`, `atr_str_str_map`, `atr_i64_map`, `atr_i64_str_map`, `atr_f64_map`,
 *  `atr_f64_str_map` (values first, then keys: the last has f64 by text); the sets `atr_i64_set` and
 *  `atr_str_set`. Updates give a new map that shares what did not change: O(log n). NULL is the empty map,
 *  and makers return NULL for an empty result.
 *
 *  For a map type M with keys K (`int64_t` or `const atr_str *`) and values E:
 *
 *      size_t M_count(m)                    number of entries
 *      E M_get(m, key)                      borrowed; NULL or 0 when the key is not there
 *      bool M_has(m, key)
 *      bool M_find(m, key, &value)          both in one: value is set when the key is there, and may be NULL
 *      const M *M_set(s, m, key, value)     add or replace
 *      const M *M_remove(s, m, key)         m itself when the key is not there
 *      E M_get_or(m, key, absent)           absent when the key is not there
 *      const M *M_update(s, m, key, absent, change, user)  set what `E change(atr_scope *s, K key, E value,
 *                                           void *user)` makes of the value there, or of `absent` (may be
 *                                           NULL) when there is none
 *      const M *M_update_present(s, m, key, change, user)  m itself when the key is not there
 *      M_each it = {0}; M_next(&it, m)      `while (M_next(&it, m))` gives it.key and it.value of every
 *                                           entry once, in no particular order. An iterator goes on over
 *                                           the m that it began with, whatever it is given then, so the
 *                                           loop may put another in its place; the first must live
 *      M_builder *M_builder_new(s, from)    private, mutable; belongs to s; from may be NULL
 *      int M_builder_set(b, key, value)     0 or a code, latched in s
 *      int M_builder_remove(b, key)
 *      size_t M_builder_count(b)            what the map would have that is sealed now
 *      E M_builder_get(b, key)              borrowed, until the builder is changed; NULL or 0
 *      bool M_builder_has(b, key)
 *      const M *M_builder_seal(b)           the builder is empty afterwards; O(n) in what was set and removed,
 *                                           which is only noted before: all of it goes into the map in one
 *                                           pass. The first reading or removal makes an index of the notes
 *                                           (O(n) then, and ATR_E_NO_MEMORY)
 *
 *  A set type S has S_count, S_has, S_add, S_remove, S_each and S_next (it.key), S_builder_new,
 *  S_builder_add, S_builder_remove, S_builder_count, S_builder_has, S_builder_seal.
 *
 *  Whole maps. Parts that two maps share are not looked at, parts that do not change are shared, and a result
 *  that has the very same entries as a map it was made of is that map: the cost follows what differs.
 *
 *      const M *M_merge(s, a, b)                   all entries of both; of a key in both that of b
 *      const M *M_merge_with(s, a, b, choose, user)  of a key in both with different values what
 *                                                  `E choose(atr_scope *s, K key, E a, E b, void *user)`
 *                                                  makes of them; text and models differ by pointer
 *      const M *M_intersection(s, a, b)            the entries of a whose keys are in b
 *      const M *M_difference(s, a, b)              the entries of a whose keys are not in b
 *      const M *M_filter(s, m, test, user)         those for which `bool test(K key, E value, void *user)`
 *      const M *M_transform(s, m, change, user)    the same keys with the values that
 *                                                  `E change(atr_scope *s, K key, E value, void *user)`
 *                                                  makes; to another type: ATR_MAP_TRANSFORM (entries.h)
 *      const M *M_of(s, keys, values, count)       of two arrays; of equal keys the last counts
 *      const M *M_index(s, items, key_of, user)    of a vector of values: `K key_of(E value, void *user)`
 *      const V *M_keys(s, m), M_values(s, m)       vectors in the order of the keys (i64 by number, text by
 *                                                  bytes): O(n log n)
 *
 *  Sets have S_union, S_intersection, S_difference, S_symmetric_difference (all `(s, a, b)`),
 *  `bool S_is_subset(a, b)`: whether b has all of a; `bool S_is_disjoint(a, b)`: whether it has none;
 *  S_filter (test(key, user)), S_of(s, keys, count), S_from(s, vector), S_keys.
 *
 *  The functions given are called with `user`, once for an entry, in no particular order. One that latches s
 *  ends the work, and the result is empty; in a scope that was latched before, that cannot be told.
 *
 *  Errors, all latched in s, with the empty map as the result: ATR_E_REFUSED: a NULL, dead, foreign or
 *  unpublished key or value, or a map or vector that is one of the last three, which is not read then;
 *  ATR_E_INVALID: a function or an array that is NULL; ATR_E_LIMIT: more than 2^31 - 1 entries;
 *  ATR_E_NO_MEMORY. */
#ifndef ATRIUM_MAP_H
#define ATRIUM_MAP_H

#include <atrium/entries.h>
#include <atrium/keyed.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The representation under every map and set type; its members are private. */
typedef struct atr_map {
    atr_head atr;
    uint32_t size;
    const void *root;
} atr_map;
typedef struct atr_map_builder atr_map_builder;

/** Most levels of nodes under a map. */
#define ATR_MAP_DEPTH 14

/** A place in an iteration over a map or set; zero before the first step. */
typedef struct atr_map_each {
    uint32_t depth; /**< levels under way; 0: not begun */
    uint32_t index[ATR_MAP_DEPTH];
    const void *node[ATR_MAP_DEPTH];
} atr_map_each;

/* The generic functions under the typed ones; model is the map type's own, which names the kind of key. */
ATR_API size_t atr_map_count(const atr_map *m);
/** @return whether the key is there; *value is set when it is and value is not NULL */
ATR_API bool atr_map_find(const atr_map *m, atr_word key, atr_word *value);
/* The entry of a map, not of a set: key, value. NULL when the key is not there. */
ATR_API const atr_word *atr_map_entry_i64_(const atr_map *m, int64_t key);
ATR_API const atr_word *atr_map_entry_ref_(const atr_map *m, const void *key);
ATR_API const atr_map *atr_map_set(atr_scope *s, const atr_model *model, const atr_map *m,
                                   atr_word key, atr_word value);
/** @param absent  NULL: nothing is set where the key is not there */
ATR_API const atr_map *atr_map_update(atr_scope *s, const atr_model *model, const atr_map *m,
                                      atr_word key, const atr_word *absent,
                                      atr_entry_change_fn change, void *user);
ATR_API const atr_map *atr_map_remove(atr_scope *s, const atr_model *model, const atr_map *m,
                                      atr_word key);
ATR_API bool atr_map_next(atr_map_each *each, const atr_map *m, atr_word *key, atr_word *value);
ATR_API atr_map_builder *atr_map_builder_new(atr_scope *s, const atr_model *model,
                                             const atr_map *from);
ATR_API int atr_map_builder_set(atr_map_builder *b, atr_word key, atr_word value);
ATR_API int atr_map_builder_remove(atr_map_builder *b, atr_word key);
ATR_API size_t atr_map_builder_count(atr_map_builder *b);
ATR_API bool atr_map_builder_find(atr_map_builder *b, atr_word key, atr_word *value);
ATR_API const atr_map *atr_map_builder_seal(atr_map_builder *b);

/** @param choose NULL: of a key in both with different values the entry of b */
ATR_API const atr_map *atr_map_combine(atr_scope *s, const atr_model *model, const atr_map *a,
                                       const atr_map *b, atr_combine how,
                                       atr_entry_choose_fn choose, void *user);
ATR_API bool atr_map_is_subset(const atr_map *a, const atr_map *b);
ATR_API bool atr_map_is_disjoint(const atr_map *a, const atr_map *b);
ATR_API const atr_map *atr_map_filter(atr_scope *s, const atr_model *model, const atr_map *m,
                                      atr_entry_test_fn test, void *user);
/** @param model of the result; the values of m may be of another type */
ATR_API const atr_map *atr_map_transform(atr_scope *s, const atr_model *model, const atr_map *m,
                                         atr_entry_change_fn change, void *user);

ATR_API void atr_map_release(void *m, atr_dead *dead);
ATR_API bool atr_map_equal(const void *a, const void *b, atr_pairs *more);
ATR_API void atr_map_hash(const void *m, atr_hasher *hasher);
ATR_API void atr_map_visit(void *m, atr_visit_fn fn, void *user);

#ifdef __cplusplus
}
#endif

/* Declare map type M, keys K in member KM of atr_word, values E in member EM and vectors EV of them. */
#define ATR_MAP_TYPE_(LINK, M, K, KM, E, EM, EV)                                                   \
    struct M {                                                                                     \
        union {                                                                                    \
            atr_head atr;                                                                          \
            atr_map base;                                                                          \
        };                                                                                         \
    };                                                                                             \
    typedef struct M##_builder M##_builder;                                                        \
    typedef struct M##_each {                                                                      \
        K key;                                                                                     \
        E value;                                                                                   \
        atr_map_each base;                                                                         \
    } M##_each;                                                                                    \
    extern LINK const atr_model M##_model;                                                         \
    ATR_INLINE_ size_t M##_count(const M *m_)                                                      \
    {                                                                                              \
        return atr_map_count((const atr_map *)m_);                                                 \
    }                                                                                              \
    ATR_INLINE_ E M##_get(const M *m_, K key_)                                                     \
    {                                                                                              \
        const atr_word *entry_ = atr_map_entry_##KM##_((const atr_map *)m_, key_);                 \
        return entry_ != NULL ? (E)entry_[1].EM : (E)0;                                            \
    }                                                                                              \
    ATR_INLINE_ bool M##_has(const M *m_, K key_)                                                  \
    {                                                                                              \
        return atr_map_entry_##KM##_((const atr_map *)m_, key_) != NULL;                           \
    }                                                                                              \
    ATR_INLINE_ const M *M##_set(atr_scope *s_, const M *m_, K key_, E value_)                     \
    {                                                                                              \
        return (const M *)atr_map_set(s_, &M##_model, (const atr_map *)m_, atr_word_##KM##_(key_), \
                                      atr_word_##EM##_(value_));                                   \
    }                                                                                              \
    ATR_INLINE_ const M *M##_remove(atr_scope *s_, const M *m_, K key_)                            \
    {                                                                                              \
        return (const M *)atr_map_remove(s_, &M##_model, (const atr_map *)m_,                      \
                                         atr_word_##KM##_(key_));                                  \
    }                                                                                              \
    ATR_INLINE_ bool M##_next(M##_each *each_, const M *m_)                                        \
    {                                                                                              \
        atr_word key_ = atr_word_i64_(0), value_ = atr_word_i64_(0);                               \
        if (!atr_map_next(&each_->base, (const atr_map *)m_, &key_, &value_)) {                    \
            return false;                                                                          \
        }                                                                                          \
        each_->key = (K)key_.KM;                                                                   \
        each_->value = (E)value_.EM;                                                               \
        return true;                                                                               \
    }                                                                                              \
    ATR_INLINE_ M##_builder *M##_builder_new(atr_scope *s_, const M *from_)                        \
    {                                                                                              \
        return (M##_builder *)atr_map_builder_new(s_, &M##_model, (const atr_map *)from_);         \
    }                                                                                              \
    ATR_INLINE_ int M##_builder_set(M##_builder *b_, K key_, E value_)                             \
    {                                                                                              \
        return atr_map_builder_set((atr_map_builder *)b_, atr_word_##KM##_(key_),                  \
                                   atr_word_##EM##_(value_));                                      \
    }                                                                                              \
    ATR_INLINE_ int M##_builder_remove(M##_builder *b_, K key_)                                    \
    {                                                                                              \
        return atr_map_builder_remove((atr_map_builder *)b_, atr_word_##KM##_(key_));              \
    }                                                                                              \
    ATR_INLINE_ size_t M##_builder_count(M##_builder *b_)                                          \
    {                                                                                              \
        return atr_map_builder_count((atr_map_builder *)b_);                                       \
    }                                                                                              \
    ATR_INLINE_ E M##_builder_get(M##_builder *b_, K key_)                                         \
    {                                                                                              \
        atr_word value_ = atr_word_i64_(0);                                                        \
        atr_map_builder_find((atr_map_builder *)b_, atr_word_##KM##_(key_), &value_);              \
        return (E)value_.EM;                                                                       \
    }                                                                                              \
    ATR_INLINE_ bool M##_builder_has(M##_builder *b_, K key_)                                      \
    {                                                                                              \
        return atr_map_builder_find((atr_map_builder *)b_, atr_word_##KM##_(key_), 0);             \
    }                                                                                              \
    ATR_INLINE_ const M *M##_builder_seal(M##_builder *b_)                                         \
    {                                                                                              \
        return (const M *)atr_map_builder_seal((atr_map_builder *)b_);                             \
    }                                                                                              \
    ATR_MAP_WHOLE_(LINK, atr_map, M, K, KM, ATR_KEYS_##KM##_, E, EM, EV);                          \
    ATR_KEYED_TYPE_(LINK, M, K, KM, ATR_SEEN_##EM##_(E))

#define ATR_MAP_MODEL_(M, STRUCTURE, KEY, ...) \
    const atr_model M##_model = {              \
        .name = #M,                            \
        .structure = STRUCTURE,                \
        .size_bytes = sizeof(atr_map),         \
        .key = KEY,                            \
        .element = __VA_ARGS__,                \
        .release = atr_map_release,            \
        .equal = atr_map_equal,                \
        .hash = atr_map_hash,                  \
        .visit = atr_map_visit,                \
    };                                         \
    ATR_KEYED_IMPL_(M)

/* Define it: KEY is ATR_KIND_I64 or ATR_KIND_STR, the last argument the type of the values. C only. */
#define ATR_MAP_TYPE_IMPL_(M, KEY, ...) ATR_MAP_MODEL_(M, ATR_STRUCTURE_MAP, KEY, __VA_ARGS__)

/* Declare set type S. */
#define ATR_SET_TYPE_(LINK, S, K, KM)                                                              \
    typedef struct S S;                                                                            \
    struct S {                                                                                     \
        union {                                                                                    \
            atr_head atr;                                                                          \
            atr_map base;                                                                          \
        };                                                                                         \
    };                                                                                             \
    typedef struct S##_builder S##_builder;                                                        \
    typedef struct S##_each {                                                                      \
        K key;                                                                                     \
        atr_map_each base;                                                                         \
    } S##_each;                                                                                    \
    extern LINK const atr_model S##_model;                                                         \
    ATR_INLINE_ size_t S##_count(const S *m_)                                                      \
    {                                                                                              \
        return atr_map_count((const atr_map *)m_);                                                 \
    }                                                                                              \
    ATR_INLINE_ bool S##_has(const S *m_, K key_)                                                  \
    {                                                                                              \
        return atr_map_find((const atr_map *)m_, atr_word_##KM##_(key_), 0);                       \
    }                                                                                              \
    ATR_INLINE_ const S *S##_add(atr_scope *s_, const S *m_, K key_)                               \
    {                                                                                              \
        return (const S *)atr_map_set(s_, &S##_model, (const atr_map *)m_, atr_word_##KM##_(key_), \
                                      atr_word_i64_(0));                                           \
    }                                                                                              \
    ATR_INLINE_ const S *S##_remove(atr_scope *s_, const S *m_, K key_)                            \
    {                                                                                              \
        return (const S *)atr_map_remove(s_, &S##_model, (const atr_map *)m_,                      \
                                         atr_word_##KM##_(key_));                                  \
    }                                                                                              \
    ATR_INLINE_ bool S##_next(S##_each *each_, const S *m_)                                        \
    {                                                                                              \
        atr_word key_ = atr_word_i64_(0);                                                          \
        if (!atr_map_next(&each_->base, (const atr_map *)m_, &key_, 0)) {                          \
            return false;                                                                          \
        }                                                                                          \
        each_->key = (K)key_.KM;                                                                   \
        return true;                                                                               \
    }                                                                                              \
    ATR_INLINE_ S##_builder *S##_builder_new(atr_scope *s_, const S *from_)                        \
    {                                                                                              \
        return (S##_builder *)atr_map_builder_new(s_, &S##_model, (const atr_map *)from_);         \
    }                                                                                              \
    ATR_INLINE_ int S##_builder_add(S##_builder *b_, K key_)                                       \
    {                                                                                              \
        return atr_map_builder_set((atr_map_builder *)b_, atr_word_##KM##_(key_),                  \
                                   atr_word_i64_(0));                                              \
    }                                                                                              \
    ATR_INLINE_ int S##_builder_remove(S##_builder *b_, K key_)                                    \
    {                                                                                              \
        return atr_map_builder_remove((atr_map_builder *)b_, atr_word_##KM##_(key_));              \
    }                                                                                              \
    ATR_INLINE_ size_t S##_builder_count(S##_builder *b_)                                          \
    {                                                                                              \
        return atr_map_builder_count((atr_map_builder *)b_);                                       \
    }                                                                                              \
    ATR_INLINE_ bool S##_builder_has(S##_builder *b_, K key_)                                      \
    {                                                                                              \
        return atr_map_builder_find((atr_map_builder *)b_, atr_word_##KM##_(key_), 0);             \
    }                                                                                              \
    ATR_INLINE_ const S *S##_builder_seal(S##_builder *b_)                                         \
    {                                                                                              \
        return (const S *)atr_map_builder_seal((atr_map_builder *)b_);                             \
    }                                                                                              \
    ATR_SET_WHOLE_(LINK, atr_map, S, K, KM, ATR_KEYS_##KM##_);                                     \
    ATR_KEYED_TYPE_(LINK, S, K, KM, bool)

#define ATR_SET_TYPE_IMPL_(S, KEY) \
    ATR_MAP_MODEL_(S, ATR_STRUCTURE_SET, KEY, {ATR_KIND_UNIT, false, NULL, NULL})

/* The vectors of keys. */
#define ATR_KEYS_i64_ atr_i64_vec
#define ATR_KEYS_ref_ atr_str_vec

typedef struct atr_str_map atr_str_map;
typedef struct atr_str_str_map atr_str_str_map;
typedef struct atr_i64_map atr_i64_map;
typedef struct atr_i64_str_map atr_i64_str_map;
typedef struct atr_f64_map atr_f64_map;
typedef struct atr_f64_str_map atr_f64_str_map;
ATR_MAP_TYPE_(ATR_API, atr_str_map, int64_t, i64, const atr_str *, ref, atr_str_vec);
ATR_MAP_TYPE_(ATR_API, atr_str_str_map, const atr_str *, ref, const atr_str *, ref, atr_str_vec);
ATR_MAP_TYPE_(ATR_API, atr_i64_map, int64_t, i64, int64_t, i64, atr_i64_vec);
ATR_MAP_TYPE_(ATR_API, atr_i64_str_map, const atr_str *, ref, int64_t, i64, atr_i64_vec);
ATR_MAP_TYPE_(ATR_API, atr_f64_map, int64_t, i64, double, f64, atr_f64_vec);
ATR_MAP_TYPE_(ATR_API, atr_f64_str_map, const atr_str *, ref, double, f64, atr_f64_vec);
ATR_SET_TYPE_(ATR_API, atr_i64_set, int64_t, i64);
ATR_SET_TYPE_(ATR_API, atr_str_set, const atr_str *, ref);

#endif
