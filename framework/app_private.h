/* The app from the inside. The way of a query: execute.c queues it, drain.c takes it up, flight.c starts
 * it, reply.c brings an answer from elsewhere, outcome.c runs the turn, drain.c notifies. */
#ifndef ATR_FRAMEWORK_APP_PRIVATE_H
#define ATR_FRAMEWORK_APP_PRIVATE_H

#include <stdatomic.h>

#include <uv.h>

#include <atrium/memory.h>
#include <atrium/turn.h>
#include <atrium/world.h>

/* So many flights at rest are kept. */
enum { FLIGHTS_SPARE = 128 };

typedef enum flight_state {
    FLIGHT_QUEUED,   /* asked for */
    FLIGHT_STARTED,  /* begun, no answer yet */
    FLIGHT_ANSWERED, /* its completion waits for its turn */
    FLIGHT_OVER      /* at rest */
} flight_state;

typedef enum flight_request { REQUEST_NONE, REQUEST_CANCEL, REQUEST_TIMEOUT } flight_request;

/* What a layer sees of clock and randomness, which stand still in it. */
typedef struct frozen {
    atr_time time;
    uint64_t seed;
} frozen;

/* The options of a call that has any. */
typedef struct flight_call {
    void (*on_success)(void);
    void (*on_error)(void);
    void (*on_cancel)(void);
    void *user;
    void (*free_user)(void *user);
    const atr_str *key;
    bool has_pre_execute;
    atr_value pre_execute;
    atr_layer *layer;
    frozen frozen;
} flight_call;

/* A place in a ring, which has a head of the same form: so nothing is asked on the way in and out. */
typedef struct links {
    struct links *next;
    struct links *before;
} links;

static inline void ring_init(links *ring)
{
    ring->next = ring;
    ring->before = ring;
}
static inline bool ring_is_empty(const links *ring)
{
    return ring->next == ring;
}
static inline void ring_add(links *ring, links *last)
{
    links *before = ring->before;
    last->next = ring;
    last->before = before;
    before->next = last;
    ring->before = last;
}
static inline void ring_remove(const links *at)
{
    links *before = at->before, *next = at->next;
    before->next = next;
    next->before = before;
}

/* Something asked for in a callback; done after the commit, in order. */
typedef enum op_kind { OP_EXECUTE, OP_CANCEL, OP_RESET, OP_FAILURE } op_kind;
typedef struct op {
    struct op *next;
    op_kind kind;
} op;

/* Anything but an execute. */
typedef struct wish {
    op op; /* first: see wish_of */
    union {
        atr_handle handle;              /* of a cancel */
        const atr_component *component; /* of a reset */
        const atr_error *error;         /* of a failure; held */
    } of;
} wish;

typedef struct op_queue {
    op *first; /* NULL: it is empty, */
    op *last;  /* and this says nothing; nor does the link of the last one */
} op_queue;

/* An answer on its way to its turn. */
typedef struct completion {
    atr_value value;
    const atr_error *error; /* NULL: value */
    atr_ctx *ctx;           /* of the start that gave it, paused: the turn goes on in its scope */
    atr_scope *scope;       /* of the reply that gave it; closed after the turn */
    atr_pool *pool;         /* an adopted pool around scope, or NULL */
    bool of_start;          /* the start failed; else this is an answer */
} completion;

/* What a context leads back to: a flight's for all of its callbacks, or the app's. */
typedef struct activation {
    atr_app *app;
    atr_flight *flight; /* NULL: an event's, or that of global handlers */
    frozen *frozen;     /* in a layer, else NULL */
} activation;

struct atr_flight {
    union {
        op queued;        /* first: see flight_of_op */
        links ready;      /* with a completion, oldest first */
        atr_flight *next; /* at rest, or ending */
    };
    links all; /* in order of execution */
    activation active;
    const atr_query_class *query_class;
    const void *query; /* held */
    atr_handle handle; /* at rest that of the next query */
    union {
        struct {
            uint8_t state;
            uint8_t request;
            uint8_t cancels_queued;
            bool start_ran; /* the class's own start_async, not a canned answer */
            bool owns;      /* own and own_destroy were given */
            bool answered;  /* in its start: answered, or a reply handle taken */
            bool answered_now;
            bool is_laden; /* may have something of what follows, or of the answer all but value and
                              context; else it is as at rest */
        };
        uint64_t marks; /* all of these; 0 in a new one */
    };
    uint64_t order;    /* of execution */
    completion done;   /* at rest, and until there is one, all zero but value */
    flight_call *call; /* NULL: no options */
    atr_reply *reply;  /* out with a worker, or NULL */
    void *own;
    void (*own_destroy)(void *ptr);
    uint64_t due_ns;
    uint32_t timer; /* place in the heap, from 1; 0: none */
    uint32_t timeout_ms;
};

typedef struct flight_slot {
    atr_flight *flight;  /* which keeps it while it rests; NULL: free */
    uint32_t generation; /* of a free one, for the next flight */
    uint32_t next_free;  /* from 1; 0: none */
} flight_slot;

typedef struct listener {
    atr_failure_fn on_failure;
    atr_success_fn on_success;
    const atr_query_class *query_class;
    void *user;
    atr_destroy_fn destroy;
} listener;

typedef struct listener_list {
    listener *items;
    size_t count;
    size_t capacity;
} listener_list;

/* Failures of callbacks, to be told to the global handlers after the commit. */
typedef struct failure_list {
    atr_failure *items;
    size_t count;
    size_t capacity;
} failure_list;

typedef struct provided {
    const atr_service *service;
    void *handle;
} provided;

/* Where replies of any thread arrive. Counted: by the app and by every reply handle. */
typedef struct mailbox {
    uv_mutex_t lock;
    atomic_size_t holders;
    atomic_int *posted; /* of the app, until it is closed */
    atr_reply *first;   /* posted, oldest first */
    atr_reply *last;
    atr_reply *spare; /* handles that are back: their tickets tell of a second answer */
    bool closed;      /* nobody is woken, and what arrives is not delivered */
    bool gone;        /* the store is freed: a reply frees itself */
    struct mailbox *next_live;
    uint64_t serial;        /* of all mailboxes there were: an address may come back */
    const atr_world *world; /* table and self stay valid until closed */
    void *world_self;
    atr_pool *app_pool;
    atr_app_options options; /* the hooks */
} mailbox;

struct atr_reply {
    mailbox *box;
    const atr_query_class *query_class;
    const void *query; /* pinned: held by the loop until the reply is back */
    atr_handle handle;
    atr_scope *scope;
    atr_pool *pool; /* made on another thread, or NULL */
    atr_value value;
    const atr_error *error;
    atr_reply *next;
    atomic_uint ticket; /* how often the handle was used up */
    const void *loop_thread;
    atomic_bool over;
    bool apart;       /* its answer is made in a pool of its own on any thread */
    atr_work_fn work; /* for a worker thread, or NULL */
    atr_errand errand;
};

/* What every query reads and writes comes first, side by side. */
struct atr_app {
    const void *thread;
    atr_store *store;
    bool busy;         /* a start, turn, fold or cancel runs: no drain */
    bool starved;      /* memory was out: the drain ends, the loop tries again */
    bool closing;      /* close was called */
    bool closed;       /* handed to the world to end */
    bool ended;        /* the world is closed: freed when nothing of it is open any more */
    uint32_t draining; /* drains on the stack */
    uint32_t timer_count;
    uint32_t holders;     /* who else needs it until they return, besides open events */
    uint64_t made;        /* flights there are, with those at rest */
    atr_flight *spare;    /* these, for the next queries */
    links flights;        /* all, oldest first */
    atr_flight *answered; /* the oldest of those with an answer, or NULL */
    links ready;          /* the others, oldest first */
    uint64_t orders;      /* executed queries; */
    uint64_t dropped;     /* of these: taken back before they left the queue, */
    uint64_t unstarted;   /* cancelled before they started, */
    uint64_t over;        /* those with an outcome */
    op_queue queue;
    atr_app_stats stats;
    activation active;     /* what the contexts lead back to that are no flight's */
    atr_rounds rounds;     /* the events of subscribers lead back to that */
    failure_list failures; /* of the turn that runs */
    listener_list on_success;
    atomic_int posted; /* is there something in the mailbox? Asked without its lock */
    void *world_self;
    uint64_t alarm_ns;
    atr_world world; /* padded copy: missing functions are NULL */
    atr_app_options options;
    atr_pool *pool;
    mailbox *box;
    flight_slot *slots;
    uint32_t slot_count;
    uint32_t slot_free; /* from 1 */
    size_t slot_capacity;
    atr_flight *ending;  /* being freed, while user data is destroyed */
    atr_flight **timers; /* binary heap by due time, then by order of execution */
    size_t timer_capacity;
    wish *wish_spare; /* for the next one, or NULL */
    listener_list on_error;
    struct workers *workers; /* NULL until one is needed */
    provided *services;
    size_t service_count;
    size_t service_capacity;
    const atr_component **components;
    size_t component_count;
    size_t component_capacity;
    size_t started_components;
    bool close_swept; /* flights were told */
    bool busy_around_fold;
    bool own_loop;
    bool running; /* atr_app_run is under way */
    void (*closed_fn)(void *user);
    void *closed_user;
    atomic_ullong violations; /* of any thread */
};

/* app.c */
void app_note_send(atr_app *app, atr_note_kind kind, const atr_flight *flight,
                   const atr_error *error, atr_phase phase);
static inline void app_note(atr_app *app, atr_note_kind kind, const atr_flight *flight,
                            const atr_error *error, atr_phase phase)
{
    if (app->world.note != NULL) {
        app_note_send(app, kind, flight, error, phase);
    }
}
/* Report a call on another thread. Returns false. */
bool app_off_thread(atr_app *app, const char *call);
static inline bool app_on_thread(atr_app *app, const char *call)
{
    return app->thread == atr_thread_here() || app_off_thread(app, call);
}
/* Have the loop drain, unless a callback of a turn runs: the drain it is in goes on with what is queued. */
static inline void app_wake(atr_app *app)
{
    if (!app->busy) {
        app->world.wake(app->world_self);
    }
}
/* Whether a context may be used: not NULL, open, on its thread. */
static inline bool ctx_is_here(const atr_ctx_front *front)
{
    return front != NULL &&
           atomic_load_explicit(&front->thread_, memory_order_relaxed) == atr_thread_here();
}
/* The scope of an open context is never NULL. */
static inline bool scope_is_latched(const atr_scope *open)
{
    return ((const atr_scope_front *)(const void *)open)->error != NULL;
}
/* What a context leads back to, checked once for the whole call; NULL: refused. */
static inline activation *ctx_activation(atr_ctx *ctx, const char *call,
                                         const atr_ctx_front **front)
{
    *front = atr_ctx_front_of(ctx);
    if (!ctx_is_here(*front)) {
        *front = atr_ctx_use(ctx, call);
    }
    return *front != NULL ? (*front)->host : NULL;
}

/* app.c: the same, for what views may not ask for, which is reported. */
activation *ctx_of_world(atr_ctx *ctx, const char *what, const atr_ctx_front **front);

/* As a return code: those of other domains mean something else there. */
static inline int error_code_of(const atr_error *error)
{
    return error->domain == ATR_DOMAIN_ATRIUM && error->code < 0 ? error->code : ATR_E_LATCHED;
}

/* array.c */
/* The items of an array that is full in a block with room for more. NULL: out of memory, nothing has
 * changed. */
void *array_grow(void *items, size_t *capacity, size_t item_bytes);

/* flight.c */
void flights_free(atr_app *app);
/* All but the query of one that is laden. */
void flight_unload(atr_flight *flight);
/* Too many rest. */
void flight_give(atr_app *app, atr_flight *flight);
static inline atr_flight *flight_of_op(op *queued)
{
    return (atr_flight *)(void *)queued;
}
static inline atr_flight *flight_of_ready(links *at)
{
    return (atr_flight *)(void *)((char *)at - offsetof(atr_flight, ready));
}
/* NULL: of the head of the ring. */
static inline atr_flight *flight_of_all(const atr_app *app, links *at)
{
    return at != &app->flights ? (atr_flight *)(void *)((char *)at - offsetof(atr_flight, all))
                               : NULL;
}
static inline atr_flight *flight_find(const atr_app *app, atr_handle handle)
{
    atr_flight *flight = NULL;
    if (handle.slot != 0 && handle.slot <= app->slot_count) {
        flight = app->slots[handle.slot - 1].flight;
    }
    return flight != NULL && flight->handle.generation == handle.generation &&
                   flight->state != FLIGHT_OVER
               ? flight
               : NULL;
}
/* Those executed that have no outcome yet. */
static inline uint64_t flights_live(const atr_app *app)
{
    return app->orders - app->dropped - app->over;
}

/* The oldest with an answer stands by itself, as most come alone; those behind it wait in a ring. */
static inline void ready_add(atr_app *app, atr_flight *flight)
{
    flight->state = FLIGHT_ANSWERED;
    if (app->answered == NULL) {
        app->answered = flight;
    } else {
        ring_add(&app->ready, &flight->ready);
    }
}
static inline void ready_leave(atr_flight *flight)
{
    ring_remove(&flight->ready);
    flight->queued.kind = OP_EXECUTE; /* as it always is but there */
}
static inline void ready_remove(atr_app *app, atr_flight *flight)
{
    links *next = app->ready.next;
    if (app->answered != flight) {
        ready_leave(flight);
    } else if (next == &app->ready) {
        app->answered = NULL;
    } else {
        app->answered = flight_of_ready(next);
        ready_leave(app->answered);
    }
}

/* It is over, and counted as that, and among none that are ready: its handle finds nothing any more. */
static inline void flight_rest(atr_app *app, atr_flight *flight)
{
    ring_remove(&flight->all);
    flight->state = FLIGHT_OVER;
    flight->handle.generation++;
    if (flight->is_laden) {
        flight_unload(flight);
    }
    atr_value_release(flight->query);
    if (app->made > FLIGHTS_SPARE && app->made - flights_live(app) > FLIGHTS_SPARE) {
        flight_give(app, flight);
        return;
    }
    flight->next = app->spare;
    app->spare = flight;
}
static inline void flight_free(atr_app *app, atr_flight *flight)
{
    if (flight->state == FLIGHT_ANSWERED) {
        ready_remove(app, flight);
    }
    flight_rest(app, flight);
}
void flight_answer(atr_flight *flight, completion done);
void flight_run_cancel(atr_flight *flight);
void flight_fold(void *self, void *folded, atr_finish *f);

/* execute.c */
static inline bool queue_is_empty(const op_queue *q)
{
    return q->first == NULL;
}
static inline void queue_put(op_queue *q, op *last)
{
    *(queue_is_empty(q) ? &q->first : &q->last->next) = last;
    q->last = last;
}
/* It is not empty. */
static inline op *queue_pop(op_queue *q)
{
    op *first = q->first;
    q->first = first != q->last ? first->next : NULL;
    return first;
}
/* A place to go back to. NULL: before all */
static inline op *queue_end(const op_queue *q)
{
    return queue_is_empty(q) ? NULL : q->last;
}
/* Take out those after a place, which has been the end. */
void queue_truncate(atr_app *app, op *end);
void queue_undo(atr_app *app, op *end);

static inline wish *wish_of(op *queued)
{
    return (wish *)(void *)queued;
}
/* A wish in the queue, what it is of to be filled in. NULL: out of memory. There is memory for one whose
 * like was given back just now. */
wish *wish_put(atr_app *app, op_kind kind);
void wish_give(atr_app *app, wish *over);

/* timer.c */
bool timer_set(atr_flight *flight, uint64_t due_ns);
void timer_remove(atr_flight *flight);
static inline void timer_clear(atr_flight *flight)
{
    if (flight->timer != 0) {
        timer_remove(flight);
    }
}
atr_flight *timer_due(atr_app *app, uint64_t now_ns);
void timer_arm(atr_app *app, uint64_t due_ns);

/* outcome.c: each runs the turn of one outcome; the flight is over and freed afterwards */
void outcome_answer(atr_flight *flight);
void outcome_cancel(atr_flight *flight);
void outcome_timeout(atr_flight *flight);
void outcome_reset(atr_app *app, const atr_component *component);
void outcome_failure(atr_app *app, const atr_failure *failure);

/* reply.c */
mailbox *mailbox_new(atr_app *app);
void mailbox_close(mailbox *box);
void mailbox_end(mailbox *box);
/* Take what has arrived, undelivered. false: there are handles that are not back. */
bool mailbox_abandon(mailbox *box);
void mailbox_drop(mailbox *box);
void mailbox_empty(atr_app *app);
static inline bool mailbox_is_posted(const atr_app *app)
{
    return atomic_load_explicit(&app->posted, memory_order_acquire) != 0;
}
static inline void mailbox_collect(atr_app *app)
{
    if (mailbox_is_posted(app)) {
        mailbox_empty(app);
    }
}
void reply_over(atr_reply *reply);

/* listener.c */
/* Destroy their user data. */
void listeners_end(listener_list *list);
/* service.c */
bool service_is_filled(const atr_app *app, const atr_service *service);
void services_close(atr_app *app);

/* worker.c */
void workers_close(atr_app *app);

/* close.c */
void close_step(atr_app *app);
/* Give back the app's arrays. */
void app_release(atr_app *app);
/* Once the world is closed. */
void close_end(atr_app *app);

/* world_uv.c */
const atr_world *uv_world(void);
void *uv_world_new(struct uv_loop_s *loop);
void uv_world_free(void *self);

#endif
