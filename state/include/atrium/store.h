/** The store: roots, views, subscriptions, values held across callbacks.
 *
 *  A root is a named slot that holds one model. It changes in turns only (rules T1, T2): a finish reads it
 *  with ATR_STATE, changes a draft, and publishes that with ATR_UPDATE. */
#ifndef ATRIUM_STORE_H
#define ATRIUM_STORE_H

#include <atrium/context.h>
#include <atrium/edits.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The description of a root; made by ATR_ROOT_IMPL. Its address is its identity. */
typedef struct atr_root {
    const char *name;
    const atr_model *model;
    const void *initial;
    void (*notify)(atr_event *e, const void *was, const void *now, void (*fn)(void), void *user);
} atr_root;

/** The description of a view; made by ATR_VIEW_IMPL. Its address is its identity. */
typedef struct atr_view_class {
    const char *name;
    atr_type type;
    atr_type key; /**< of kind unit: it has none */
    atr_value (*run)(atr_view *v, atr_value key);
    void (*notify)(atr_event *e, atr_value was, atr_value now, void (*fn)(void), void *user);
} atr_view_class;

/* ---- under the macros ---- */

ATR_API const void *atr_root_read(atr_ctx *ctx, const atr_root *root);
ATR_API int atr_root_update(atr_write *write, const atr_root *root, const void *next);
/* The same with a value made in s, whose count it takes over, or releases: see atr_value_publish_loose. */
ATR_API int atr_root_update_loose(atr_write *write, const atr_scope *s, const atr_root *root,
                                  const void *next);
/* `at` is the field in the default object of the root's model. @return the whole root */
ATR_API const void *atr_root_read_field(atr_ctx *ctx, const atr_root *root, const void *at);
ATR_API atr_watch atr_root_watch_field(atr_store *store, const atr_root *root, const void *at,
                                       void (*fn)(void), void *user, atr_destroy_fn destroy);
ATR_API atr_watch atr_root_watch(atr_store *store, const atr_root *root, void (*fn)(void),
                                 void *user, atr_destroy_fn destroy);
ATR_API atr_value atr_view_read(atr_ctx *ctx, const atr_view_class *view);
ATR_API atr_value atr_view_read_key(atr_ctx *ctx, const atr_view_class *view, atr_value key);
ATR_API atr_watch atr_view_watch(atr_store *store, const atr_view_class *view, void (*fn)(void),
                                 void *user, atr_destroy_fn destroy);
ATR_API atr_watch atr_view_watch_key(atr_store *store, const atr_view_class *view, atr_value key,
                                     void (*fn)(void), void *user, atr_destroy_fn destroy);

/** End a subscription, at any time, in any callback; destroys its user data when no callback of it is
 *  running any more. A stale handle does nothing. */
ATR_API void atr_unwatch(atr_store *store, atr_watch watch);

/** Have a subscriber told what there is now, in the next round, though nothing has changed; e.g. to draw the
 *  first time: `atr_watch_tell(store, ATR_WATCH(store, todos, draw, window, NULL));`. In that call `was` is
 *  NULL (of numbers 0, of sets false, of optional numbers absent). A stale handle does nothing.
 *  @return watch
 *  @thread loop */
ATR_API atr_watch atr_watch_tell(atr_store *store, atr_watch watch);

/** The most edits that a subscription to edits (ATR_WATCH_EDITS, ATR_WATCH_VIEW_EDITS,
 *  ATR_WATCH_VIEW_KEY_EDITS) is told at once; when there are more, its script is one change of the whole, and
 *  the others are not looked for. Holds from the next call on.
 *  @param limit  0: 10,000, as without this call
 *  @return 0; ATR_E_INVALID for a handle that is zero, has ended, or is none of those
 *  @thread loop */
ATR_API int atr_watch_limit_edits(atr_store *store, atr_watch watch, size_t limit);

/** Hold a value across callbacks; every keep needs a drop (rule S2). NULL does nothing.
 *  @return 0; ATR_E_REFUSED for what is no value of this store (reported too); ATR_E_LATCHED in a callback
 *  whose scope holds an error (rule S4); ATR_E_NO_MEMORY; ATR_E_THREAD
 *  @thread loop */
ATR_API int atr_keep(atr_store *store, const void *value);
/** Let go of it. Inside a callback it lives until that returns (rule S1). @thread loop */
ATR_API void atr_drop(atr_store *store, const void *value);

/** Called with the edits from the collection that the subscriber was told last to the one now, once per
 *  round of notification, when they differ. All live until the call returns. */
typedef void (*atr_edits_fn)(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                             void *user);

/* Under the macros. */
ATR_API atr_watch atr_root_watch_edits(atr_store *store, const atr_root *root, const void *at,
                                       atr_edits_fn fn, void *user, atr_destroy_fn destroy);
/* Of views: a subscriber in between makes the script. */
typedef struct atr_edits_call {
    const atr_edits *edits;
    void (*fn)(void);
    void *user;
    atr_edits script;
    atr_edit whole;
} atr_edits_call;
ATR_API void *atr_edits_hold_view(atr_store *store, const atr_view_class *view, void (*fn)(void),
                                  void *user, atr_destroy_fn destroy);
/* How what they hold ends: a function of the library, by which it knows them again. Its address in a program
 * may be another one. */
ATR_API atr_destroy_fn atr_edits_end(void);
ATR_API void atr_edits_call_make(atr_edits_call *call, atr_event *e, const void *was,
                                 const void *now, const void *held);

#ifdef __cplusplus
}
#endif

/** Declare root R holding model T:  ATR_ROOT(todos, todo_state);  in a header, and
 *  ATR_ROOT_IMPL(todos, todo_state, &todo_state_default);  in one .c file, with the initial value, a
 *  static one. */
#define ATR_ROOT(R, T)                                                                            \
    extern const atr_root R##_root;                                                               \
    typedef void (*R##_watch_fn)(atr_event * e_, const T *was_, const T *now_, void *user_);      \
    const T *R##_read(atr_ctx *ctx_);                                                             \
    const T *R##_read_for_(atr_ctx *ctx_, const void *at_);                                       \
    atr_watch R##_watch_field_(atr_store *store_, const void *at_, R##_watch_fn fn_, void *user_, \
                               atr_destroy_fn destroy_);                                          \
    const T *R##_shape_(void);                                                                    \
    const T##_keyed_ *R##_by_key_(void);                                                          \
    ATR_INLINE_ int R##_update(atr_write *write_, atr_scope *s_, T draft_)                        \
    {                                                                                             \
        return atr_root_update_loose(write_, s_, &R##_root,                                       \
                                     atr_value_publish_loose(s_, &T##_model, &draft_));           \
    }                                                                                             \
    int R##_update_to(atr_write *write_, const T *next_);                                         \
    atr_watch R##_watch(atr_store *store_, R##_watch_fn fn_, void *user_, atr_destroy_fn destroy_)

/** Define it. C only. */
#define ATR_ROOT_IMPL(R, T, INITIAL)                                                               \
    static void R##_notify_(atr_event *e_, const void *was_, const void *now_, void (*fn_)(void),  \
                            void *user_)                                                           \
    {                                                                                              \
        ((R##_watch_fn)fn_)(e_, (const T *)was_, (const T *)now_, user_);                          \
    }                                                                                              \
    const atr_root R##_root = {#R, &T##_model, (INITIAL), R##_notify_};                            \
    const T *R##_read(atr_ctx *ctx_)                                                               \
    {                                                                                              \
        return (const T *)atr_root_read(ctx_, &R##_root);                                          \
    }                                                                                              \
    const T *R##_read_for_(atr_ctx *ctx_, const void *at_)                                         \
    {                                                                                              \
        return (const T *)atr_root_read_field(ctx_, &R##_root, at_);                               \
    }                                                                                              \
    atr_watch R##_watch_field_(atr_store *store_, const void *at_, R##_watch_fn fn_, void *user_,  \
                               atr_destroy_fn destroy_)                                            \
    {                                                                                              \
        return atr_root_watch_field(store_, &R##_root, at_, (void (*)(void))fn_, user_, destroy_); \
    }                                                                                              \
    const T *R##_shape_(void)                                                                      \
    {                                                                                              \
        return &T##_default;                                                                       \
    }                                                                                              \
    const T##_keyed_ *R##_by_key_(void)                                                            \
    {                                                                                              \
        return &T##_keys_;                                                                         \
    }                                                                                              \
    int R##_update_to(atr_write *write_, const T *next_)                                           \
    {                                                                                              \
        return atr_root_update(write_, &R##_root, next_);                                          \
    }                                                                                              \
    atr_watch R##_watch(atr_store *store_, R##_watch_fn fn_, void *user_, atr_destroy_fn destroy_) \
    {                                                                                              \
        return atr_root_watch(store_, &R##_root, (void (*)(void))fn_, user_, destroy_);            \
    }                                                                                              \
    extern const atr_root R##_root

/** The value of root R in any context: `const todo_state *now = ATR_STATE(e, todos);`. Finish and the
 *  error path read confirmed state with the turn's own updates; events, start and views read what is
 *  visible, layers included. Valid until the callback returns (rule S1).
 *  @return never NULL; the model's default object for a root that is not registered (reported) */
#define ATR_STATE(c, R) R##_read((c)->ctx)

/** Publish a draft of the root's model, by value, and make it the root's next value.
 *  @return 0; ATR_E_LATCHED: the scope holds an error, e.g. of this very draft; ATR_E_PHASE: the callback has
 *  returned (reported); latched: ATR_E_REFUSED, ATR_E_NO_MEMORY, ATR_E_NOT_FOUND: the root is not registered
 *  (reported too) */
#define ATR_UPDATE(f, R, draft) R##_update((f)->write, (f)->s, (draft))
/** The same with a value that is published already. */
#define ATR_UPDATE_TO(f, R, next) R##_update_to((f)->write, (next))

/** One field of root R: `const todo_item_map *items = ATR_STATE_FIELD(v, todos, items);`. The same as
 *  ATR_STATE(v, R)->field, but a view that reads it so depends on that field, not on the whole root. */
#define ATR_STATE_FIELD(c, R, field) (R##_read_for_((c)->ctx, &R##_shape_()->field)->field)

/** One entry of a map field, or whether a key is in a set field; tracked by key in views:
 *  `const todo_item *i = ATR_STATE_KEY(v, todos, items, 3);`. The key is of the field's type (int64_t,
 *  double, atr_time, const atr_str *). Sets in an order of your own (ATR_OSET_OF) are read whole.
 *  @return the entry, borrowed, or a pointer to the number, in the field's type; NULL when there is none;
 *  of sets a bool */
#define ATR_STATE_KEY(c, R, field, key) \
    R##_by_key_()->field->state((c)->ctx, &R##_root, &R##_shape_()->field, (key))

/** Subscribe to a root: fn(e, was, now, user), was and now typed. destroy(user) runs once when the
 *  subscription ends; NULL: never.
 *  @return zero when refused; user is destroyed then. @thread loop */
#define ATR_WATCH(store, R, fn, user, destroy) R##_watch((store), (fn), (user), (destroy))

/** Subscribe to one field of a root, of any kind: fn is what ATR_WATCH takes, was and now are the whole
 *  root, and it is called when this field differs in them. */
#define ATR_WATCH_FIELD(store, R, field, fn, user, destroy) \
    R##_watch_field_((store), &R##_shape_()->field, (fn), (user), (destroy))

/** Subscribe to one entry of a map field of a root, or to whether a key is in a set field: fn(e, was, now,
 *  user) with both as ATR_STATE_KEY gives them, e.g. `const todo_item *was`, so fn is a T_map_watch_fn. */
#define ATR_WATCH_KEY(store, R, field, key, fn, user, destroy)                                 \
    R##_by_key_()->field->watch((store), &R##_root, &R##_shape_()->field, (key), (fn), (user), \
                                (destroy))

/** Subscribe to the edits of a field that is a collection (or a ref: then to those of its fields): fn, an
 *  atr_edits_fn, is called with the script of rows_only from what it was told last to what is there now
 *  (edits.h). Not called when it subscribes: begin with the rows that are there, or have atr_watch_tell put
 *  them in. A script of more than 10,000 edits (atr_watch_limit_edits), or that cannot be made for want of
 *  memory, is one change of the whole, ATR_STEP_WHOLE: the subscriber loads all rows anew.
 *  @return zero when refused, also (reported) for a field of another kind; user is destroyed then.
 *  @thread loop */
#define ATR_WATCH_EDITS(store, R, field, fn, user, destroy) \
    atr_root_watch_edits((store), &R##_root, &R##_shape_()->field, (fn), (user), (destroy))

/* How subscribers to view V are called, and the one in between of those to its edits. */
#define ATR_VIEW_TELLS_(V, KIND)                                                              \
    static void V##_notify_(atr_event *e_, atr_value was_, atr_value now_, void (*fn_)(void), \
                            void *user_)                                                      \
    {                                                                                         \
        ((V##_watch_fn)fn_)(e_, ATR_UNWRAP_##KIND(was_), ATR_UNWRAP_##KIND(now_), user_);     \
    }                                                                                         \
    static void V##_tell_edits_(atr_event *e_, V##_type_ was_, V##_type_ now_, void *held_)   \
    {                                                                                         \
        atr_edits_call call_;                                                                 \
        atr_edits_call_make(&call_, e_, ATR_WRAP_##KIND(was_).as.ref,                         \
                            ATR_WRAP_##KIND(now_).as.ref, held_);                             \
        ((V##_edits_fn)call_.fn)(e_, call_.edits, was_, now_, call_.user);                    \
    }

/** Declare view V with a result of KIND: a pure function of the state, memoised (rule T5).
 *
 *      ATR_VIEW(open_items, vec(todo_item));                      in a header
 *      static const todo_item_vec *open_items_of(atr_view *v) { ... ATR_STATE(v, todos) ... }
 *      ATR_VIEW_IMPL(open_items, vec(todo_item), open_items_of);  in one .c file
 *
 *  It runs again only when something it read has changed; a result equal to the last one stops there. A
 *  view that fails (latches) keeps its last result, or the zero of its kind, and is reported once; that is also
 *  what others get who ask for it while it runs, as in a nested loop: views among them run again then. One that
 *  asks for itself, also through others, is reported (ATR_E_DEFINITION) and gets the zero, until anything has
 *  changed: it runs again then. */
#define ATR_VIEW(V, KIND)                                                                      \
    extern const atr_view_class V##_view;                                                      \
    typedef ATR_CTYPE_##KIND V##_type_;                                                        \
    typedef void (*V##_watch_fn)(atr_event * e_, V##_type_ was_, V##_type_ now_, void *user_); \
    typedef void (*V##_edits_fn)(atr_event * e_, const atr_edits *edits_, V##_type_ was_,      \
                                 V##_type_ now_, void *user_);                                 \
    atr_watch V##_watch_edits(atr_store *store_, V##_edits_fn fn_, void *user_,                \
                              atr_destroy_fn destroy_);                                        \
    V##_type_ V##_get(atr_ctx *ctx_);                                                          \
    atr_watch V##_watch(atr_store *store_, V##_watch_fn fn_, void *user_, atr_destroy_fn destroy_)

/** Define it. C only. */
#define ATR_VIEW_IMPL(V, KIND, FN)                                                                 \
    static atr_value V##_run_(atr_view *v_, atr_value key_)                                        \
    {                                                                                              \
        (void)key_;                                                                                \
        V##_type_ result_ = FN(v_);                                                                \
        return ATR_WRAP_##KIND(result_);                                                           \
    }                                                                                              \
    ATR_VIEW_TELLS_(V, KIND)                                                                       \
    const atr_view_class V##_view = {#V, ATR_TYPE_##KIND, ATR_TYPE_unit, V##_run_, V##_notify_};   \
    V##_type_ V##_get(atr_ctx *ctx_)                                                               \
    {                                                                                              \
        return ATR_UNWRAP_##KIND(atr_view_read(ctx_, &V##_view));                                  \
    }                                                                                              \
    atr_watch V##_watch(atr_store *store_, V##_watch_fn fn_, void *user_, atr_destroy_fn destroy_) \
    {                                                                                              \
        return atr_view_watch(store_, &V##_view, (void (*)(void))fn_, user_, destroy_);            \
    }                                                                                              \
    atr_watch V##_watch_edits(atr_store *store_, V##_edits_fn fn_, void *user_,                    \
                              atr_destroy_fn destroy_)                                             \
    {                                                                                              \
        static const atr_watch none_ = {0, 0};                                                     \
        void *held_ =                                                                              \
            atr_edits_hold_view(store_, &V##_view, (void (*)(void))fn_, user_, destroy_);          \
        return held_ != NULL ? V##_watch(store_, V##_tell_edits_, held_, atr_edits_end()) : none_; \
    }                                                                                              \
    extern const atr_view_class V##_view

/** The result of a view in any context; memoised, except in finish, where it is computed on the turn's
 *  working state. Valid until the callback returns. */
#define ATR_GET(c, V) V##_get((c)->ctx)

/** Subscribe to a view: fn(e, was, now, user), typed. */
#define ATR_WATCH_VIEW(store, V, fn, user, destroy) V##_watch((store), (fn), (user), (destroy))

/** Subscribe to the edits of a view that gives a collection (or a ref): as ATR_WATCH_EDITS, but fn is a
 *  V_edits_fn: fn(e, edits, was, now, user), was and now typed. */
#define ATR_WATCH_VIEW_EDITS(store, V, fn, user, destroy) \
    V##_watch_edits((store), (fn), (user), (destroy))

/** Declare view V with a key, of any kind: one function, a result for each key, memoised each by itself.
 *
 *      ATR_VIEW_KEYED(items_of, vec(todo_item), i64);                   in a header
 *      static const todo_item_vec *find_items(atr_view *v, int64_t list) { ... }
 *      ATR_VIEW_KEYED_IMPL(items_of, vec(todo_item), i64, find_items);  in one .c file
 *
 *  Keys are compared by content; a key of kind ref(T) may hold several parameters. The results of keys that
 *  nobody subscribes to, and no view that is in use has read, are forgotten when there are many of them. */
#define ATR_VIEW_KEYED(V, KIND, KEYKIND)                                                       \
    extern const atr_view_class V##_view;                                                      \
    typedef ATR_CTYPE_##KIND V##_type_;                                                        \
    typedef ATR_CTYPE_##KEYKIND V##_key_;                                                      \
    typedef void (*V##_watch_fn)(atr_event * e_, V##_type_ was_, V##_type_ now_, void *user_); \
    typedef void (*V##_edits_fn)(atr_event * e_, const atr_edits *edits_, V##_type_ was_,      \
                                 V##_type_ now_, void *user_);                                 \
    atr_watch V##_watch_edits(atr_store *store_, V##_key_ key_, V##_edits_fn fn_, void *user_, \
                              atr_destroy_fn destroy_);                                        \
    V##_type_ V##_get(atr_ctx *ctx_, V##_key_ key_);                                           \
    atr_watch V##_watch(atr_store *store_, V##_key_ key_, V##_watch_fn fn_, void *user_,       \
                        atr_destroy_fn destroy_)

/** Define it. C only. */
#define ATR_VIEW_KEYED_IMPL(V, KIND, KEYKIND, FN)                                               \
    static atr_value V##_run_(atr_view *v_, atr_value key_)                                     \
    {                                                                                           \
        V##_type_ result_ = FN(v_, ATR_UNWRAP_##KEYKIND(key_));                                 \
        return ATR_WRAP_##KIND(result_);                                                        \
    }                                                                                           \
    ATR_VIEW_TELLS_(V, KIND)                                                                    \
    const atr_view_class V##_view = {#V, ATR_TYPE_##KIND, ATR_TYPE_##KEYKIND, V##_run_,         \
                                     V##_notify_};                                              \
    V##_type_ V##_get(atr_ctx *ctx_, V##_key_ key_)                                             \
    {                                                                                           \
        return ATR_UNWRAP_##KIND(atr_view_read_key(ctx_, &V##_view, ATR_WRAP_##KEYKIND(key_))); \
    }                                                                                           \
    atr_watch V##_watch(atr_store *store_, V##_key_ key_, V##_watch_fn fn_, void *user_,        \
                        atr_destroy_fn destroy_)                                                \
    {                                                                                           \
        return atr_view_watch_key(store_, &V##_view, ATR_WRAP_##KEYKIND(key_),                  \
                                  (void (*)(void))fn_, user_, destroy_);                        \
    }                                                                                           \
    atr_watch V##_watch_edits(atr_store *store_, V##_key_ key_, V##_edits_fn fn_, void *user_,  \
                              atr_destroy_fn destroy_)                                          \
    {                                                                                           \
        static const atr_watch none_ = {0, 0};                                                  \
        void *held_ =                                                                           \
            atr_edits_hold_view(store_, &V##_view, (void (*)(void))fn_, user_, destroy_);       \
        return held_ != NULL ? V##_watch(store_, key_, V##_tell_edits_, held_, atr_edits_end()) \
                             : none_;                                                           \
    }                                                                                           \
    extern const atr_view_class V##_view

/** The result of a keyed view for a key: as ATR_GET. */
#define ATR_GET_KEY(c, V, key) V##_get((c)->ctx, (key))

/** Subscribe to a keyed view for a key: fn(e, was, now, user), typed.
 *  @return zero when refused, also for a key that is no value; user is destroyed then. @thread loop */
#define ATR_WATCH_VIEW_KEY(store, V, key, fn, user, destroy) \
    V##_watch((store), (key), (fn), (user), (destroy))

/** Subscribe to the edits of a keyed view for a key: as ATR_WATCH_VIEW_EDITS. */
#define ATR_WATCH_VIEW_KEY_EDITS(store, V, key, fn, user, destroy) \
    V##_watch_edits((store), (key), (fn), (user), (destroy))

#endif
