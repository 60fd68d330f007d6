/** Queries: the only way to change the state.
 *
 *      #define ADD_TODO(F) F(str, title)
 *      ATR_QUERY(add_todo, ADD_TODO, ref(todo_item));         header: inputs, kind of the response
 *
 *      static void start(atr_start *ctx, const add_todo *self) { ... add_todo_answer(ctx, item); }
 *      static void finish(atr_finish *f, const add_todo *self, const todo_item *response) { ... }
 *      ATR_QUERY_IMPL(add_todo, ADD_TODO, ref(todo_item),     one .c file
 *                     .start_async = start, .finish_with_response = finish, .timeout_ms = 5000);
 *
 *      ATR_EXECUTE(e, add_todo, .title = ATR_STR(e->s, "milk"));
 *
 *  A query is a value: its inputs are its fields. `start_async` asks the outside world, `finish_with_response`
 *  folds the answer into the state; what start computed reaches finish only as the response. */
#ifndef ATRIUM_QUERY_H
#define ATRIUM_QUERY_H

#include <atrium/store.h>
#include <atrium/worker.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A query under way: {slot, generation}; zero is none. Needs no release. */
typedef struct atr_handle {
    uint32_t slot;
    uint32_t generation;
} atr_handle;

/** What closing the app does with queries of a class that are under way. */
typedef enum atr_on_close {
    ATR_ON_CLOSE_DEFAULT, /**< finish for writes, cancel for others */
    ATR_ON_CLOSE_FINISH,
    ATR_ON_CLOSE_CANCEL
} atr_on_close;

/* Members of every class table behind its functions; zero is the default. */
#define ATR_QUERY_POLICY_MEMBERS_                                                                  \
    uint32_t timeout_ms; /* 0: none; counted from the start */                                     \
    bool is_local;       /* asks nobody: answered with ATR_UNIT when taken up, in tests as well */ \
    bool is_write; /* a begun write is never dropped: cancel, timeout, close only ask (L5) */      \
    atr_on_close on_close; /* what closing the app does with it */                                 \
    const struct atr_service                                                                       \
        *service;                /* a service it needs: ATR_E_NO_SERVICE when not provided */      \
    int (*check)(atr_scope * s); /* looked at when the class is registered, e.g. for its SQL */    \
    const void *extra            /* for providers: what their start functions need */

typedef struct atr_query_policy {
    ATR_QUERY_POLICY_MEMBERS_;
} atr_query_policy;

/** The description of a class; made by ATR_QUERY_IMPL. Its address is its identity. The functions return
 *  false when the class has none. */
typedef struct atr_query_class {
    const char *name;
    const atr_model *model; /**< of the inputs */
    atr_type response;
    const atr_query_policy *policy;
    bool (*start)(atr_start *ctx, const void *self);
    bool (*start_with)(atr_start *ctx, const void *self, void (*fn)(void),
                       void *user); /**< fn: Q_start_fn */
    bool (*finish)(atr_finish *f, const void *self, atr_value response);
    bool (*finish_error)(atr_finish *f, const void *self, const atr_error *error);
    bool (*cancel)(atr_view *v, const void *self, void *ptr);
    bool (*on_success)(atr_finish *f, const void *self, atr_value response, void (*fn)(void),
                       void *user);
    bool (*on_error)(atr_finish *f, const void *self, const atr_error *error, void (*fn)(void),
                     void *user);
    bool (*on_cancel)(atr_finish *f, const void *self, void (*fn)(void), void *user);
} atr_query_class;

/** The options of one call, untyped: `Q_call` is the typed form. */
typedef struct atr_call {
    void (*on_success)(void);
    void (*on_error)(void);
    void (*on_cancel)(void);
    bool has_pre_execute;
    atr_value pre_execute;
    const atr_str *key;
    void *user;
    void (*free_user)(void *user);
    uint32_t timeout_ms;
} atr_call;

/* ---- under the macros ---- */

/** Execute a query: a value of the class's model that the app may refer to, as it may to what the call brings.
 *  @return the null handle if it is refused. What is at fault in query or call is latched in s, or in the scope
 *  of the callback if s is of another app. */
ATR_API atr_handle atr_execute(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                               const void *query, const atr_call *call);
/* The same with a query whose count it takes over, or releases: see atr_value_publish_loose. */
ATR_API atr_handle atr_execute_loose(atr_run *run, atr_scope *s, const atr_query_class *query_class,
                                     const void *query, const atr_call *call);
ATR_API int atr_start_answer(atr_answer *answer, atr_value response);
ATR_API int atr_start_answer_error(atr_answer *answer, const atr_error *error);
ATR_API int atr_start_own_ptr(atr_answer *answer, void *ptr, void (*destroy)(void *ptr));
ATR_API int atr_run_cancel(atr_run *run, atr_handle handle);

/** A reply handle: for answers that come after start_async has returned, from any thread. It is sent,
 *  failed or dropped exactly once. */
typedef struct atr_reply atr_reply;
ATR_API atr_reply *atr_reply_later(atr_answer *answer);
/** The query: its inputs live until the handle is given back. @return NULL for NULL. @thread any */
ATR_API const void *atr_reply_query(const atr_reply *reply);
/** The scope the answer is made in, in a pool of its own on a worker. @return NULL: out of memory
 *  @thread the one thread that works on the answer */
ATR_API atr_scope *atr_reply_scope(atr_reply *reply);
/** Whether nobody waits for the answer any more (cancelled, timed out, closed); true for NULL. @thread any */
ATR_API bool atr_reply_is_over(const atr_reply *reply);
/** Send the answer, made in the reply's scope; a latched scope sends its error instead. The handle is
 *  consumed, whatever comes back.
 *  @return 0; ATR_E_CLOSED: the app is gone, the answer was dropped; ATR_E_NO_MEMORY. @thread any */
ATR_API int atr_reply_send(atr_reply *reply, atr_value response);
ATR_API int atr_reply_fail(atr_reply *reply, const atr_error *error);
/** Tells a handle that was used up from one that was not, also when its app is gone: typed handles carry
 *  the number of their app's mailbox, which no other ever has, and the ticket.
 *  @return 0; ATR_E_ANSWERED: used before (reported while the app lives); ATR_E_STALE: NULL. @thread any */
ATR_API uint64_t atr_reply_box(const atr_reply *reply);
ATR_API unsigned atr_reply_ticket(const atr_reply *reply);
ATR_API int atr_reply_check(uint64_t box, const atr_reply *reply, unsigned ticket);
/** Give it back without an answer: the query fails with ATR_E_NO_ANSWER. NULL does nothing. */
ATR_API void atr_reply_drop(atr_reply *reply);

#ifdef __cplusplus
}
#endif

/** Declare query class Q: INPUTS is an X-macro of F(kind, name) like a model's, RESPONSE a kind or `unit`.
 *  It gives
 *
 *      struct Q, Q_new, Q_default, Q_class
 *      Q_call            options of a call: on_success(f, self, response, user), on_error(f, self, error,
 *                        user), on_cancel(f, self, user), pre_execute = ATR_PREDICT(response),
 *                        key, user, free_user (runs exactly once, always), timeout_ms (0: the class's)
 *      Q_start_fn        void (*)(ctx, self, user): what may run in place of start_async
 *      Q_answer(ctx, response)          answer at once, in start_async
 *      Q_reply_later(ctx)               take a reply handle instead
 *      Q_reply_query/scope/is_over/send/fail/drop(&reply ...)
 */
#define ATR_QUERY(Q, INPUTS, RESPONSE)                                                             \
    ATR_MODEL_DECLARE_ONE_(Q);                                                                     \
    struct Q {                                                                                     \
        atr_head atr;                                                                              \
        INPUTS(ATR_MEMBER_)                                                                        \
    };                                                                                             \
    ATR_MODEL_NEW_(, Q);                                                                           \
    typedef ATR_CTYPE_##RESPONSE Q##_response_;                                                    \
    typedef struct Q##_prediction {                                                                \
        bool has;                                                                                  \
        Q##_response_ value;                                                                       \
    } Q##_prediction;                                                                              \
    typedef struct Q##_call {                                                                      \
        void (*on_success)(atr_finish * f_, const Q *self_, Q##_response_ response_, void *user_); \
        void (*on_error)(atr_finish * f_, const Q *self_, const atr_error *error_, void *user_);   \
        void (*on_cancel)(atr_finish * f_, const Q *self_, void *user_);                           \
        Q##_prediction pre_execute;                                                                \
        const atr_str *key;                                                                        \
        void *user;                                                                                \
        void (*free_user)(void *user_);                                                            \
        uint32_t timeout_ms;                                                                       \
    } Q##_call;                                                                                    \
    typedef void (*Q##_start_fn)(atr_start * ctx_, const Q *self_, void *user_);                   \
    typedef struct Q##_reply {                                                                     \
        atr_reply *base;                                                                           \
        uint64_t box;                                                                              \
        unsigned ticket;                                                                           \
    } Q##_reply;                                                                                   \
    extern const atr_query_class Q##_class;                                                        \
    atr_handle Q##_execute_(atr_run *run_, atr_scope *s_, const Q *made_, const Q##_call *call_);  \
    ATR_INLINE_ atr_handle Q##_execute(atr_run *run_, atr_scope *s_, Q inputs_,                    \
                                       const Q##_call *call_)                                      \
    {                                                                                              \
        const Q *made_ = (const Q *)atr_value_publish_loose(s_, &Q##_model, &inputs_);             \
        return call_ == NULL ? atr_execute_loose(run_, s_, &Q##_class, made_, NULL)                \
                             : Q##_execute_(run_, s_, made_, call_);                               \
    }                                                                                              \
    int Q##_answer(atr_start *ctx_, Q##_response_ response_);                                      \
    Q##_reply Q##_reply_later(atr_start *ctx_);                                                    \
    const Q *Q##_reply_query(const Q##_reply *reply_);                                             \
    atr_scope *Q##_reply_scope(Q##_reply *reply_);                                                 \
    bool Q##_reply_is_over(const Q##_reply *reply_);                                               \
    int Q##_reply_send(Q##_reply *reply_, Q##_response_ response_);                                \
    int Q##_reply_fail(Q##_reply *reply_, const atr_error *error_);                                \
    void Q##_reply_drop(Q##_reply *reply_);                                                        \
    atr_value Q##_wrap_(Q##_response_ response_)

#define ATR_MODEL_DECLARE_ONE_(T)     \
    typedef struct T T;               \
    extern const atr_model T##_model; \
    extern const T T##_default

/** Define it with its table: any of
 *
 *      .start_async = void (atr_start *ctx, const Q *self)
 *      .work = R (atr_worker *w, const Q *self)                    on a thread of the app's: worker.h
 *      .finish_with_response = void (atr_finish *f, const Q *self, R response)
 *      .finish_with_error = void (atr_finish *f, const Q *self, const atr_error *error)
 *      .cancel = void (atr_view *v, const Q *self, void *ptr)      ptr: what atr_start_own took
 *      .timeout_ms, .is_local, .is_write, .on_close, .service = ATR_NEEDS(db)
 *
 *  A class that changes the state and asks nobody, such as the choice of a filter, is `.is_local = true`
 *  with a response of kind unit and no start_async. A class without either lives on canned responses; for
 *  real it answers ATR_E_NO_START. C only. */
#define ATR_QUERY_IMPL(Q, INPUTS, ...) ATR_QUERY_IMPL_(Q, INPUTS, __VA_ARGS__, .end_ = 0)
#define ATR_QUERY_IMPL_(Q, INPUTS, RESPONSE, ...)                                                 \
    typedef struct Q##_table_ {                                                                   \
        void (*start_async)(atr_start * ctx_, const Q *self_);                                    \
        Q##_response_ (*work)(atr_worker * w_, const Q *self_);                                   \
        void (*finish_with_response)(atr_finish * f_, const Q *self_, Q##_response_ response_);   \
        void (*finish_with_error)(atr_finish * f_, const Q *self_, const atr_error *error_);      \
        void (*cancel)(atr_view * v_, const Q *self_, void *ptr_);                                \
        union {                                                                                   \
            struct {                                                                              \
                ATR_QUERY_POLICY_MEMBERS_;                                                        \
            };                                                                                    \
            atr_query_policy policy;                                                              \
        };                                                                                        \
        char end_; /* so that a table may be empty */                                             \
    } Q##_table_;                                                                                 \
    static const Q##_table_ Q##_functions_ = {__VA_ARGS__};                                       \
    ATR_MODEL_TABLE_(Q, INPUTS, NULL, 0, .atr = ATR_HEAD(Q));                                     \
    static atr_value Q##_work_(atr_worker *w_, const void *self_)                                 \
    {                                                                                             \
        atr_value none_ = {ATR_KIND_UNIT, false, {false}};                                        \
        if (Q##_functions_.work == NULL) {                                                        \
            return none_;                                                                         \
        }                                                                                         \
        return Q##_wrap_(Q##_functions_.work(w_, (const Q *)self_));                              \
    }                                                                                             \
    static bool Q##_start_(atr_start *ctx_, const void *self_)                                    \
    {                                                                                             \
        if (Q##_functions_.start_async != NULL) {                                                 \
            Q##_functions_.start_async(ctx_, (const Q *)self_);                                   \
        }                                                                                         \
        if (Q##_functions_.work != NULL) {                                                        \
            atr_start_work(ctx_->start, Q##_work_);                                               \
        }                                                                                         \
        return Q##_functions_.start_async != NULL || Q##_functions_.work != NULL;                 \
    }                                                                                             \
    static bool Q##_start_with_(atr_start *ctx_, const void *self_, void (*fn_)(void),            \
                                void *user_)                                                      \
    {                                                                                             \
        ((Q##_start_fn)fn_)(ctx_, (const Q *)self_, user_);                                       \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_finish_(atr_finish *f_, const void *self_, atr_value response_)               \
    {                                                                                             \
        if (Q##_functions_.finish_with_response == NULL) {                                        \
            return false;                                                                         \
        }                                                                                         \
        Q##_functions_.finish_with_response(f_, (const Q *)self_,                                 \
                                            ATR_UNWRAP_##RESPONSE(response_));                    \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_finish_error_(atr_finish *f_, const void *self_, const atr_error *error_)     \
    {                                                                                             \
        if (Q##_functions_.finish_with_error == NULL) {                                           \
            return false;                                                                         \
        }                                                                                         \
        Q##_functions_.finish_with_error(f_, (const Q *)self_, error_);                           \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_cancel_(atr_view *v_, const void *self_, void *ptr_)                          \
    {                                                                                             \
        if (Q##_functions_.cancel == NULL) {                                                      \
            return false;                                                                         \
        }                                                                                         \
        Q##_functions_.cancel(v_, (const Q *)self_, ptr_);                                        \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_on_success_(atr_finish *f_, const void *self_, atr_value response_,           \
                                void (*fn_)(void), void *user_)                                   \
    {                                                                                             \
        ((void (*)(atr_finish *, const Q *, Q##_response_, void *))fn_)(                          \
            f_, (const Q *)self_, ATR_UNWRAP_##RESPONSE(response_), user_);                       \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_on_error_(atr_finish *f_, const void *self_, const atr_error *error_,         \
                              void (*fn_)(void), void *user_)                                     \
    {                                                                                             \
        ((void (*)(atr_finish *, const Q *, const atr_error *, void *))fn_)(f_, (const Q *)self_, \
                                                                            error_, user_);       \
        return true;                                                                              \
    }                                                                                             \
    static bool Q##_on_cancel_(atr_finish *f_, const void *self_, void (*fn_)(void), void *user_) \
    {                                                                                             \
        ((void (*)(atr_finish *, const Q *, void *))fn_)(f_, (const Q *)self_, user_);            \
        return true;                                                                              \
    }                                                                                             \
    const atr_query_class Q##_class = {                                                           \
        .name = #Q,                                                                               \
        .model = &Q##_model,                                                                      \
        .response = ATR_TYPE_##RESPONSE,                                                          \
        .policy = &Q##_functions_.policy,                                                         \
        .start = Q##_start_,                                                                      \
        .start_with = Q##_start_with_,                                                            \
        .finish = Q##_finish_,                                                                    \
        .finish_error = Q##_finish_error_,                                                        \
        .cancel = Q##_cancel_,                                                                    \
        .on_success = Q##_on_success_,                                                            \
        .on_error = Q##_on_error_,                                                                \
        .on_cancel = Q##_on_cancel_,                                                              \
    };                                                                                            \
    atr_value Q##_wrap_(Q##_response_ response_)                                                  \
    {                                                                                             \
        return ATR_WRAP_##RESPONSE(response_);                                                    \
    }                                                                                             \
    atr_handle Q##_execute_(atr_run *run_, atr_scope *s_, const Q *made_, const Q##_call *call_)  \
    {                                                                                             \
        atr_call plain_ = {0};                                                                    \
        plain_.on_success = (void (*)(void))call_->on_success;                                    \
        plain_.on_error = (void (*)(void))call_->on_error;                                        \
        plain_.on_cancel = (void (*)(void))call_->on_cancel;                                      \
        plain_.has_pre_execute = call_->pre_execute.has;                                          \
        if (call_->pre_execute.has) {                                                             \
            plain_.pre_execute = Q##_wrap_(call_->pre_execute.value);                             \
        }                                                                                         \
        plain_.key = call_->key;                                                                  \
        plain_.user = call_->user;                                                                \
        plain_.free_user = call_->free_user;                                                      \
        plain_.timeout_ms = call_->timeout_ms;                                                    \
        return atr_execute_loose(run_, s_, &Q##_class, made_, &plain_);                           \
    }                                                                                             \
    int Q##_answer(atr_start *ctx_, Q##_response_ response_)                                      \
    {                                                                                             \
        return atr_start_answer(ctx_->start, Q##_wrap_(response_));                               \
    }                                                                                             \
    Q##_reply Q##_reply_later(atr_start *ctx_)                                                    \
    {                                                                                             \
        Q##_reply reply_ = {atr_reply_later(ctx_->start), 0, 0};                                  \
        reply_.box = atr_reply_box(reply_.base);                                                  \
        reply_.ticket = atr_reply_ticket(reply_.base);                                            \
        return reply_;                                                                            \
    }                                                                                             \
    const Q *Q##_reply_query(const Q##_reply *reply_)                                             \
    {                                                                                             \
        return (const Q *)atr_reply_query(reply_->base);                                          \
    }                                                                                             \
    atr_scope *Q##_reply_scope(Q##_reply *reply_)                                                 \
    {                                                                                             \
        return atr_reply_scope(reply_->base);                                                     \
    }                                                                                             \
    bool Q##_reply_is_over(const Q##_reply *reply_)                                               \
    {                                                                                             \
        return atr_reply_is_over(reply_->base);                                                   \
    }                                                                                             \
    int Q##_reply_send(Q##_reply *reply_, Q##_response_ response_)                                \
    {                                                                                             \
        int code_ = atr_reply_check(reply_->box, reply_->base, reply_->ticket);                   \
        return code_ != ATR_OK ? code_ : atr_reply_send(reply_->base, Q##_wrap_(response_));      \
    }                                                                                             \
    int Q##_reply_fail(Q##_reply *reply_, const atr_error *error_)                                \
    {                                                                                             \
        int code_ = atr_reply_check(reply_->box, reply_->base, reply_->ticket);                   \
        return code_ != ATR_OK ? code_ : atr_reply_fail(reply_->base, error_);                    \
    }                                                                                             \
    void Q##_reply_drop(Q##_reply *reply_)                                                        \
    {                                                                                             \
        if (atr_reply_check(reply_->box, reply_->base, reply_->ticket) == ATR_OK) {               \
            atr_reply_drop(reply_->base);                                                         \
        }                                                                                         \
    }                                                                                             \
    extern const atr_query_class Q##_class

/** Execute a query from an event, finish or test context: `ATR_EXECUTE(e, add_todo, .title = text)`. It
 *  is queued; nothing of it runs before the caller has returned (rule L4). C only.
 *  @return a handle; zero when refused: the scope is latched (S4), the app closes, out of memory */
#define ATR_EXECUTE(c, ...) ATR_EXECUTE_((c), __VA_ARGS__, .atr = ATR_DRAFT)
#define ATR_EXECUTE_(c, Q, ...) Q##_execute((c)->run, (c)->s, (Q){__VA_ARGS__}, NULL)

/** The same with options: `ATR_CALL(e, add_todo, (.title = text), .on_success = added, .user = w)`; the
 *  inputs stand in parentheses. C only; in C++ call add_todo_execute. */
#define ATR_CALL(c, Q, inputs, ...)                                          \
    Q##_execute((c)->run, (c)->s, (Q){.atr = ATR_DRAFT, ATR_INPUTS_ inputs}, \
                &(Q##_call){__VA_ARGS__})
#define ATR_INPUTS_(...) __VA_ARGS__

/** A predicted response among the options of a call: `.pre_execute = ATR_PREDICT(item)`. */
#define ATR_PREDICT(...)  \
    {                     \
        true, __VA_ARGS__ \
    }

/** Ask for the cancellation of a query; taken up after the caller has returned. A query that had not
 *  started never starts; a begun write is only asked (rule L5); its own finish comes too late.
 *  @return 0; ATR_E_STALE: it is over */
#define atr_cancel(c, handle) atr_run_cancel((c)->run, (handle))

/** Answer a starting query with an error. @return 0; ATR_E_ANSWERED (reported); ATR_E_REFUSED, latched: it is
 *  no published value of this thread */
#define atr_answer_error(ctx, error) atr_start_answer_error((ctx)->start, (error))

/** Hand what start_async began to the flight: the class's cancel gets ptr back, destroy(ptr) runs when the
 *  flight is over, exactly once, also when this call fails.
 *  @return 0, ATR_E_PHASE: called twice, or not in start_async */
#define atr_start_own(ctx, ptr, destroy) atr_start_own_ptr((ctx)->start, (ptr), (destroy))

#endif
