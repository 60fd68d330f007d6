/** What maps and sets of all kinds, ordered or not, do as a whole: the functions under the typed ones of map.h
 *  and ordered_map.h, and the macros that make those. */
#ifndef ATRIUM_ENTRIES_H
#define ATRIUM_ENTRIES_H

#include <atrium/vector.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Functions of the user as the generic functions call them; of sets value is nothing. */
typedef bool (*atr_entry_test_fn)(atr_word key, atr_word value, void *user);
typedef atr_word (*atr_entry_change_fn)(atr_scope *s, atr_word key, atr_word value, void *user);
typedef atr_word (*atr_entry_choose_fn)(atr_scope *s, atr_word key, atr_word a, atr_word b,
                                        void *user);
typedef atr_word (*atr_entry_key_fn)(atr_word item, void *user);

/** What two maps or sets are made to. */
typedef enum atr_combine {
    ATR_COMBINE_UNION,        /**< what one or both have; where the values differ, the second's */
    ATR_COMBINE_INTERSECTION, /**< what both have; the values of the first */
    ATR_COMBINE_DIFFERENCE,   /**< what the first has and the second has not */
    ATR_COMBINE_SYMMETRIC,    /**< what one has and the other has not */
    ATR_COMBINE_CHOICE        /**< as the union, with the value that a function chooses */
} atr_combine;

/** The keys, or the values, in the order of the keys. @param model of the vector */
ATR_API const atr_vec *atr_entries_keys(atr_scope *s, const atr_model *model, const void *m);
ATR_API const atr_vec *atr_entries_values(atr_scope *s, const atr_model *model, const void *m);
/** A map or set of arrays of keys and of values, which of a set are not looked at. */
ATR_API const void *atr_entries_of(atr_scope *s, const atr_model *model, const void *keys,
                                   const void *values, size_t count);
/** A set of a vector's elements. */
ATR_API const void *atr_entries_from(atr_scope *s, const atr_model *model, const atr_vec *keys);
/** A map of a vector's elements, each with the key that key_of tells. */
ATR_API const void *atr_entries_index(atr_scope *s, const atr_model *model, const atr_vec *items,
                                      atr_entry_key_fn key_of, void *user);

#ifdef __cplusplus
}
#endif

/* The model of a type whose name may be a macro. */
#define ATR_MODEL_OF_(TYPE) ATR_MODEL_OF__(TYPE)
#define ATR_MODEL_OF__(TYPE) &TYPE##_model

/* Map type M over P (atr_map or atr_omap) with keys K in member KM of atr_word, the vector KV of keys, values
 * E in EM, EV. */
#define ATR_MAP_WHOLE_(LINK, P, M, K, KM, KV, E, EM, EV)                                         \
    typedef K M##_key_;                                                                          \
    typedef E M##_value_;                                                                        \
    ATR_INLINE_ M##_key_ M##_key_of_(atr_word word_)                                             \
    {                                                                                            \
        return (M##_key_)word_.KM;                                                               \
    }                                                                                            \
    ATR_INLINE_ M##_value_ M##_value_of_(atr_word word_)                                         \
    {                                                                                            \
        return (M##_value_)word_.EM;                                                             \
    }                                                                                            \
    ATR_INLINE_ atr_word M##_key_word_(M##_key_ key_)                                            \
    {                                                                                            \
        return atr_word_##KM##_(key_);                                                           \
    }                                                                                            \
    ATR_INLINE_ atr_word M##_value_word_(M##_value_ value_)                                      \
    {                                                                                            \
        return atr_word_##EM##_(value_);                                                         \
    }                                                                                            \
    ATR_MAP_COMBINE_(LINK, P, M);                                                                \
    ATR_MAP_WALK_(LINK, P, M);                                                                   \
    ATR_INLINE_ const KV *M##_keys(atr_scope *s_, const M *m_)                                   \
    {                                                                                            \
        return (const KV *)atr_entries_keys(s_, ATR_MODEL_OF_(KV), m_);                          \
    }                                                                                            \
    ATR_INLINE_ const EV *M##_values(atr_scope *s_, const M *m_)                                 \
    {                                                                                            \
        return (const EV *)atr_entries_values(s_, ATR_MODEL_OF_(EV), m_);                        \
    }                                                                                            \
    ATR_INLINE_ const M *M##_of(atr_scope *s_, M##_key_ const *keys_, M##_value_ const *values_, \
                                size_t count_)                                                   \
    {                                                                                            \
        return (const M *)atr_entries_of(s_, &M##_model, keys_, values_, count_);                \
    }                                                                                            \
    typedef M##_key_ (*M##_key_fn)(M##_value_ value_, void *user_);                              \
    ATR_INLINE_ atr_word M##_key_call_(atr_word item_, void *call_)                              \
    {                                                                                            \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                         \
        return atr_word_##KM##_(((M##_key_fn)to_->fn)(M##_value_of_(item_), to_->user));         \
    }                                                                                            \
    ATR_INLINE_ const M *M##_index(atr_scope *s_, const EV *items_, M##_key_fn key_of_,          \
                                   void *user_)                                                  \
    {                                                                                            \
        atr_call_ call_ = {(void (*)(void))key_of_, user_};                                      \
        return (const M *)atr_entries_index(s_, &M##_model, (const atr_vec *)items_,             \
                                            key_of_ != NULL ? M##_key_call_ : NULL, &call_);     \
    }                                                                                            \
    extern LINK const atr_model M##_model

#define ATR_MAP_COMBINE_(LINK, P, M)                                                              \
    typedef M##_value_ (*M##_choose_fn)(atr_scope * s_, M##_key_ key_, M##_value_ a_,             \
                                        M##_value_ b_, void *user_);                              \
    ATR_INLINE_ atr_word M##_choose_call_(atr_scope *s_, atr_word key_, atr_word a_, atr_word b_, \
                                          void *call_)                                            \
    {                                                                                             \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                          \
        return M##_value_word_(((M##_choose_fn)to_->fn)(s_, M##_key_of_(key_), M##_value_of_(a_), \
                                                        M##_value_of_(b_), to_->user));           \
    }                                                                                             \
    ATR_INLINE_ const M *M##_merge(atr_scope *s_, const M *a_, const M *b_)                       \
    {                                                                                             \
        return (const M *)P##_combine(s_, &M##_model, (const P *)a_, (const P *)b_,               \
                                      ATR_COMBINE_UNION, 0, 0);                                   \
    }                                                                                             \
    ATR_INLINE_ const M *M##_merge_with(atr_scope *s_, const M *a_, const M *b_,                  \
                                        M##_choose_fn choose_, void *user_)                       \
    {                                                                                             \
        atr_call_ call_ = {(void (*)(void))choose_, user_};                                       \
        return (const M *)P##_combine(s_, &M##_model, (const P *)a_, (const P *)b_,               \
                                      ATR_COMBINE_CHOICE,                                         \
                                      choose_ != NULL ? M##_choose_call_ : NULL, &call_);         \
    }                                                                                             \
    ATR_INLINE_ const M *M##_intersection(atr_scope *s_, const M *a_, const M *b_)                \
    {                                                                                             \
        return (const M *)P##_combine(s_, &M##_model, (const P *)a_, (const P *)b_,               \
                                      ATR_COMBINE_INTERSECTION, 0, 0);                            \
    }                                                                                             \
    ATR_INLINE_ const M *M##_difference(atr_scope *s_, const M *a_, const M *b_)                  \
    {                                                                                             \
        return (const M *)P##_combine(s_, &M##_model, (const P *)a_, (const P *)b_,               \
                                      ATR_COMBINE_DIFFERENCE, 0, 0);                              \
    }                                                                                             \
    extern LINK const atr_model M##_model

#define ATR_MAP_WALK_(LINK, P, M)                                                                  \
    typedef bool (*M##_test_fn)(M##_key_ key_, M##_value_ value_, void *user_);                    \
    typedef M##_value_ (*M##_change_fn)(atr_scope * s_, M##_key_ key_, M##_value_ value_,          \
                                        void *user_);                                              \
    ATR_INLINE_ bool M##_test_call_(atr_word key_, atr_word value_, void *call_)                   \
    {                                                                                              \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                           \
        return ((M##_test_fn)to_->fn)(M##_key_of_(key_), M##_value_of_(value_), to_->user);        \
    }                                                                                              \
    ATR_INLINE_ atr_word M##_change_call_(atr_scope *s_, atr_word key_, atr_word value_,           \
                                          void *call_)                                             \
    {                                                                                              \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                           \
        return M##_value_word_(                                                                    \
            ((M##_change_fn)to_->fn)(s_, M##_key_of_(key_), M##_value_of_(value_), to_->user));    \
    }                                                                                              \
    ATR_INLINE_ const M *M##_filter(atr_scope *s_, const M *m_, M##_test_fn test_, void *user_)    \
    {                                                                                              \
        atr_call_ call_ = {(void (*)(void))test_, user_};                                          \
        return (const M *)P##_filter(s_, &M##_model, (const P *)m_,                                \
                                     test_ != NULL ? M##_test_call_ : NULL, &call_);               \
    }                                                                                              \
    ATR_INLINE_ M##_value_ M##_get_or(const M *m_, M##_key_ key_, M##_value_ absent_)              \
    {                                                                                              \
        atr_word value_ = M##_value_word_(absent_);                                                \
        P##_find((const P *)m_, M##_key_word_(key_), &value_);                                     \
        return M##_value_of_(value_);                                                              \
    }                                                                                              \
    ATR_INLINE_ bool M##_find(const M *m_, M##_key_ key_, M##_value_ *value_)                      \
    {                                                                                              \
        atr_word found_ = atr_word_i64_(0);                                                        \
        bool has_ = P##_find((const P *)m_, M##_key_word_(key_), &found_);                         \
        if (has_ && value_ != NULL) {                                                              \
            *value_ = M##_value_of_(found_);                                                       \
        }                                                                                          \
        return has_;                                                                               \
    }                                                                                              \
    ATR_INLINE_ const M *M##_update(atr_scope *s_, const M *m_, M##_key_ key_, M##_value_ absent_, \
                                    M##_change_fn change_, void *user_)                            \
    {                                                                                              \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                        \
        atr_word absent_word_ = M##_value_word_(absent_);                                          \
        return (const M *)P##_update(s_, &M##_model, (const P *)m_, M##_key_word_(key_),           \
                                     &absent_word_, change_ != NULL ? M##_change_call_ : NULL,     \
                                     &call_);                                                      \
    }                                                                                              \
    ATR_INLINE_ const M *M##_update_present(atr_scope *s_, const M *m_, M##_key_ key_,             \
                                            M##_change_fn change_, void *user_)                    \
    {                                                                                              \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                        \
        return (const M *)P##_update(s_, &M##_model, (const P *)m_, M##_key_word_(key_), 0,        \
                                     change_ != NULL ? M##_change_call_ : NULL, &call_);           \
    }                                                                                              \
    ATR_INLINE_ const M *M##_transform(atr_scope *s_, const M *m_, M##_change_fn change_,          \
                                       void *user_)                                                \
    {                                                                                              \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                        \
        return (const M *)P##_transform(s_, &M##_model, (const P *)m_,                             \
                                        change_ != NULL ? M##_change_call_ : NULL, &call_);        \
    }                                                                                              \
    extern LINK const atr_model M##_model

/* The same of a set. */
#define ATR_SET_WHOLE_(LINK, P, S, K, KM, KV)                                                   \
    typedef K S##_key_;                                                                         \
    typedef bool (*S##_test_fn)(S##_key_ key_, void *user_);                                    \
    ATR_INLINE_ bool S##_test_call_(atr_word key_, atr_word value_, void *call_)                \
    {                                                                                           \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                        \
        (void)value_;                                                                           \
        return ((S##_test_fn)to_->fn)((S##_key_)key_.KM, to_->user);                            \
    }                                                                                           \
    ATR_INLINE_ const S *S##_filter(atr_scope *s_, const S *m_, S##_test_fn test_, void *user_) \
    {                                                                                           \
        atr_call_ call_ = {(void (*)(void))test_, user_};                                       \
        return (const S *)P##_filter(s_, &S##_model, (const P *)m_,                             \
                                     test_ != NULL ? S##_test_call_ : NULL, &call_);            \
    }                                                                                           \
    ATR_INLINE_ const S *S##_union(atr_scope *s_, const S *a_, const S *b_)                     \
    {                                                                                           \
        return (const S *)P##_combine(s_, &S##_model, (const P *)a_, (const P *)b_,             \
                                      ATR_COMBINE_UNION, 0, 0);                                 \
    }                                                                                           \
    ATR_INLINE_ const S *S##_intersection(atr_scope *s_, const S *a_, const S *b_)              \
    {                                                                                           \
        return (const S *)P##_combine(s_, &S##_model, (const P *)a_, (const P *)b_,             \
                                      ATR_COMBINE_INTERSECTION, 0, 0);                          \
    }                                                                                           \
    ATR_INLINE_ const S *S##_difference(atr_scope *s_, const S *a_, const S *b_)                \
    {                                                                                           \
        return (const S *)P##_combine(s_, &S##_model, (const P *)a_, (const P *)b_,             \
                                      ATR_COMBINE_DIFFERENCE, 0, 0);                            \
    }                                                                                           \
    ATR_INLINE_ const S *S##_symmetric_difference(atr_scope *s_, const S *a_, const S *b_)      \
    {                                                                                           \
        return (const S *)P##_combine(s_, &S##_model, (const P *)a_, (const P *)b_,             \
                                      ATR_COMBINE_SYMMETRIC, 0, 0);                             \
    }                                                                                           \
    ATR_INLINE_ bool S##_is_subset(const S *a_, const S *b_)                                    \
    {                                                                                           \
        return P##_is_subset((const P *)a_, (const P *)b_);                                     \
    }                                                                                           \
    ATR_INLINE_ bool S##_is_disjoint(const S *a_, const S *b_)                                  \
    {                                                                                           \
        return P##_is_disjoint((const P *)a_, (const P *)b_);                                   \
    }                                                                                           \
    ATR_INLINE_ const KV *S##_keys(atr_scope *s_, const S *m_)                                  \
    {                                                                                           \
        return (const KV *)atr_entries_keys(s_, ATR_MODEL_OF_(KV), m_);                         \
    }                                                                                           \
    ATR_INLINE_ const S *S##_of(atr_scope *s_, S##_key_ const *keys_, size_t count_)            \
    {                                                                                           \
        return (const S *)atr_entries_of(s_, &S##_model, keys_, 0, count_);                     \
    }                                                                                           \
    ATR_INLINE_ const S *S##_from(atr_scope *s_, const KV *keys_)                               \
    {                                                                                           \
        return (const S *)atr_entries_from(s_, &S##_model, (const atr_vec *)keys_);             \
    }                                                                                           \
    extern LINK const atr_model S##_model

/** `ATR_MAP_TRANSFORM(titles_of, todo_item_map, atr_str_map);` declares, for map types M and N with the same
 *  keys, `const N *titles_of(atr_scope *s, const M *m, change, void *user)`: for every key what
 *  `F change(atr_scope *s, K key, E value, void *user)` makes of its value. At file scope. */
#define ATR_MAP_TRANSFORM(name, M, N) ATR_TRANSFORM_(name, atr_map, M, N)
/** The same for ordered maps. */
#define ATR_OMAP_TRANSFORM(name, M, N) ATR_TRANSFORM_(name, atr_omap, M, N)
#define ATR_TRANSFORM_(name, P, M, N)                                                              \
    typedef N##_value_ (*name##_change_fn)(atr_scope * s_, M##_key_ key_, M##_value_ value_,       \
                                           void *user_);                                           \
    ATR_INLINE_ atr_word name##_change_(atr_scope *s_, atr_word key_, atr_word value_,             \
                                        void *call_)                                               \
    {                                                                                              \
        const atr_call_ *to_ = (const atr_call_ *)call_;                                           \
        return N##_value_word_(                                                                    \
            ((name##_change_fn)to_->fn)(s_, M##_key_of_(key_), M##_value_of_(value_), to_->user)); \
    }                                                                                              \
    ATR_INLINE_ const N *name(atr_scope *s_, const M *m_, name##_change_fn change_, void *user_)   \
    {                                                                                              \
        N##_key_ (*same_keys_)(atr_word) = M##_key_of_;                                            \
        atr_call_ call_ = {(void (*)(void))change_, user_};                                        \
        (void)same_keys_;                                                                          \
        return (const N *)P##_transform(s_, &N##_model, (const P *)m_,                             \
                                        change_ != NULL ? name##_change_ : NULL, &call_);          \
    }                                                                                              \
    typedef N##_value_ name##_value_

#endif
