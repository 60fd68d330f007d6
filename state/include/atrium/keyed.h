/** One entry of a map field, or one member of a set field, of a root: the types under ATR_STATE_KEY and
 *  ATR_WATCH_KEY (store.h), which applications use instead.
 *
 *  Every map and set type M, but sets of models, has `M_watch_fn`, what is called when an entry changes:
 *
 *      void (*)(atr_event *e, V was, V now, void *user)
 *
 *  V is `const T *` in maps of models, `const atr_str *` in maps of text, `const int64_t *` and
 *  `const double *` in maps of numbers, NULL where there is no such entry; in sets it is `bool`. */
#ifndef ATRIUM_KEYED_H
#define ATRIUM_KEYED_H

#include <atrium/vector.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct atr_ctx atr_ctx;
typedef struct atr_event atr_event;
typedef struct atr_root atr_root;
typedef struct atr_store atr_store;

/** A subscription: {slot, generation}; zero is none. Needs no release. */
typedef struct atr_watch {
    uint32_t slot;
    uint32_t generation;
} atr_watch;

typedef void (*atr_destroy_fn)(void *user);

/** Calls fn as what it is. was, now: the entry, or a pointer to the number; NULL where there is none; of
 *  sets only that counts. */
typedef void (*atr_entry_notify_fn)(atr_event *e, const void *was, const void *now,
                                    void (*fn)(void), void *user);

/** `at` is the field in the default object of the root's model. */
ATR_API const void *atr_root_read_key(atr_ctx *ctx, const atr_root *root, const void *at,
                                      atr_word key);
ATR_API atr_watch atr_root_watch_key(atr_store *store, const atr_root *root, const void *at,
                                     atr_word key, atr_entry_notify_fn notify, void (*fn)(void),
                                     void *user, atr_destroy_fn destroy);

#ifdef __cplusplus
}
#endif

/* A function that a translation unit may leave unused. */
#if defined(__GNUC__)
#define ATR_INLINE_ static inline __attribute__((unused))
#else
#define ATR_INLINE_ static inline
#endif

/* How an entry of type E is seen, by its member of atr_word. */
#define ATR_SEEN_ref_(E) E
#define ATR_SEEN_i64_(E) const E *
#define ATR_SEEN_f64_(E) const E *

/* Of type M with keys K in member KM of atr_word: its entries are seen as V. */
#define ATR_KEYED_TYPE_(LINK, M, K, KM, V)                                                     \
    typedef K M##_key_;                                                                        \
    typedef V M##_seen_;                                                                       \
    typedef void (*M##_watch_fn)(atr_event * e_, M##_seen_ was_, M##_seen_ now_, void *user_); \
    typedef struct M##_keyed_ {                                                                \
        M##_seen_ (*state)(atr_ctx * ctx_, const atr_root *root_, const void *at_, K key_);    \
        atr_watch (*watch)(atr_store * store_, const atr_root *root_, const void *at_, K key_, \
                           M##_watch_fn fn_, void *user_, atr_destroy_fn destroy_);            \
    } M##_keyed_;                                                                              \
    extern LINK const M##_keyed_ M##_keys_;                                                    \
    ATR_INLINE_ atr_word M##_word_(K key_)                                                     \
    {                                                                                          \
        return atr_word_##KM##_(key_);                                                         \
    }                                                                                          \
    extern LINK const atr_model M##_model

/* Define it. C only. */
#define ATR_KEYED_IMPL_(M)                                                                        \
    static M##_seen_ M##_state_key_(atr_ctx *ctx_, const atr_root *root_, const void *at_,        \
                                    M##_key_ key_)                                                \
    {                                                                                             \
        return (M##_seen_)atr_root_read_key(ctx_, root_, at_, M##_word_(key_));                   \
    }                                                                                             \
    static void M##_notify_(atr_event *e_, const void *was_, const void *now_, void (*fn_)(void), \
                            void *user_)                                                          \
    {                                                                                             \
        ((M##_watch_fn)fn_)(e_, (M##_seen_)was_, (M##_seen_)now_, user_);                         \
    }                                                                                             \
    static atr_watch M##_watch_key_(atr_store *store_, const atr_root *root_, const void *at_,    \
                                    M##_key_ key_, M##_watch_fn fn_, void *user_,                 \
                                    atr_destroy_fn destroy_)                                      \
    {                                                                                             \
        return atr_root_watch_key(store_, root_, at_, M##_word_(key_), M##_notify_,               \
                                  (void (*)(void))fn_, user_, destroy_);                          \
    }                                                                                             \
    const M##_keyed_ M##_keys_ = {M##_state_key_, M##_watch_key_}

#endif
