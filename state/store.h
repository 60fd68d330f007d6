/* The store from the inside. store.c: making, roots. context.c: contexts. read.c: reading roots.
 * contexts.h: entering and leaving. turn.c: turns and savepoints. layer.c, layer_fold.c: layers. view.c,
 * view_memos.c, view_deps.c, view_live.c: memoised views. watch.c, watchers.c, watch_index.c:
 * subscriptions. notify.c, watch_changes.c, watch_due.c: rounds of notification.
 * keep.c: values held across callbacks. churn.c: copying it all.
 *
 * Every pointer to a value in here owns one count. What is borrowed says so. */
#ifndef ATR_STATE_STORE_H
#define ATR_STATE_STORE_H

#include <atrium/error.h>
#include <atrium/turn.h>

#include "addresses.h"
#include "ahead.h"
#include "bits.h"
#include "heap.h"

typedef struct atr_memo atr_memo;

/* ---- what is subscribed to ---- */

enum {
    ATR_HEARER_GONE = 1,  /* has ended: passed over until the array is packed */
    ATR_HEARER_APART = 2, /* was told another value than the others: its atr_sub.was */
    ATR_HEARER_NEWS = 4,  /* is to be told what there is, changed or not; apart too */
    ATR_SUBS_BITS = 29    /* of a place: the marks stand beside it */
};

/* What a call needs of a subscription, */
typedef struct atr_hearer {
    void (*fn)(void);
    void *user;
    uint64_t order; /* counts registrations */
} atr_hearer;

/* and what few calls do. */
typedef struct atr_hearer_note {
    uint32_t place : ATR_SUBS_BITS;
    uint32_t marks : 32 - ATR_SUBS_BITS;
} atr_hearer_note;

typedef enum atr_watched {
    ATR_WATCHED_ROOT,
    ATR_WATCHED_FIELD, /* told the whole root, when the field differs */
    ATR_WATCHED_KEY,
    ATR_WATCHED_EDITS, /* of a field */
    ATR_WATCHED_VIEW
} atr_watched;

typedef enum atr_due {
    ATR_DUE_NOT,
    ATR_DUE_NOW,  /* in subs.due */
    ATR_DUE_OPEN, /* subs.current */
    ATR_DUE_NEXT  /* in subs.aside */
} atr_due;

/* The subscriptions to one thing, side by side in order of registration. All were told `was` last, but
 * those that stand apart; while they are told, those from `at` on `before`. There are none without one.
 *
 * It is one block of memory: what few rounds need, what each does, those to call, and behind these a note for each.
 * It moves when it grows. */
typedef struct atr_watchers {
    atr_word key;              /* of a key; text: owned by the field */
    struct atr_watchers *next; /* now or next: see watch_due.c */
    struct atr_watchers *prev;
    uint32_t slot; /* of all but views */
    uint32_t capacity;
    union {
        struct {
            uint8_t kind; /* atr_watched */
            uint8_t due;  /* atr_due: those from `at` on, in this round; all, in the next */
            bool again; /* now or open: they are due in the next round as well, from the first on */
            bool begun; /* telling has */
        };
        uint32_t state; /* all of these; 0: of a root, not due */
    };
    uint32_t at;
    uint32_t count;
    uint32_t gone;
    uint32_t apart;
    uint32_t
        looked; /* the epoch in which `before` is what there is, if telling has not begun; or 0 */
    union {
        const atr_root *root;
        struct atr_watched_field *field; /* of a field, its edits, or a key */
        atr_memo *memo;                  /* of a view */
    };
    struct atr_watchers *child; /* now: see watch_due.c */
    atr_value was;
    atr_value before;
    atr_hearer items[];
} atr_watchers;

/* One field of one root: the subscriptions to it and to its edits, and, of a map or set, the keys that
 * subscriptions or watched views depend on. */
typedef struct atr_watched_field {
    struct atr_watched_field *next;
    const atr_root *root;
    const atr_field *field;
    const atr_model *map; /* of its values, also where these are no maps; NULL for numbers */
    atr_watchers *watchers;
    atr_watchers *edits_watchers;
    atr_entry_notify_fn notify; /* NULL: no subscription to a key yet */
    uint32_t offset;
    uint32_t live;     /* keys */
    uint32_t capacity; /* a power of two, or 0 */
    uint32_t shift;    /* the first place of a hash: what is left after a shift to the right */
    atr_watched_key *keys;
    struct atr_dep **readers; /* of each, if any; NULL: no view has read one yet */
} atr_watched_field;

/* ---- roots ---- */

typedef struct atr_slot {
    const atr_root *root;
    const void *confirmed;
    const void *visible;  /* the layers over confirmed; without layers the same pointer, and then
                             borrowed from there */
    const void *notified; /* visible, when a round last looked for what has changed; if it is that
                             still, borrowed from there */
    const void *working;  /* the open turn's, or the folded layer's, own value; NULL: untouched */
    const void *saved;    /* what working was at the mark `saved_at` */
    uint64_t saved_at;
    uint64_t changed; /* the epoch in which visible became what it is */
    uint32_t index;   /* in store.slots */
    bool touched;     /* listed in store.touched */
    bool shown;       /* listed in store.shown */
    atr_watchers *watchers;
    struct atr_dep *readers;
    atr_watched_field *fields;
    const void *group;
    const void *folded;  /* while folding: the lower layers over confirmed; NULL: confirmed */
    uint64_t touched_by; /* layers that updated it in any fold, by their bits */
    uint64_t noted_by;   /* the run of a view that has it among its dependencies, */
    uint64_t noted_at;   /* as it was since this epoch */
} atr_slot;

/* One entry of a map field, or one member of a set. */
typedef struct atr_place {
    uint32_t slot;
    uint32_t offset;
    const atr_model *map;
    atr_word key; /* text: owned by whoever keeps the place */
} atr_place;

/* ---- contexts ---- */

enum { ATR_CTX_HELD = 4, ATR_CTX_FIRST = 8, ATR_CTX_BLOCK = 24 };

struct atr_ctx {
    atr_ctx_front front; /* first: see atr_ctx_front_of */
    atr_store *store;
    atr_ctx *older;      /* open ones: the one opened before; free ones: the next */
    atr_scope *own;      /* a scope of its own, which stays open and empty between uses */
    uint32_t held_count; /* the last ATR_CTX_HELD of them are there; at rest 0 */
    bool working;        /* of a view: reads the turn's values, as finish does, else visible ones */
    const void *held[ATR_CTX_HELD]; /* borrowed: what scope was made to hold last */
    atr_memo *memo;                 /* reads are noted as its dependencies; or NULL */
    const atr_view_class *view;     /* what runs in it, when that is not memoised, */
    const atr_value *view_key;      /* and its key */
    atr_ctx *outer;                 /* the context that asked for that view */
};

typedef struct atr_ctx_block {
    struct atr_ctx_block *next;
    atr_ctx items[ATR_CTX_BLOCK];
} atr_ctx_block;

typedef struct atr_contexts {
    /* At rest without a scope; in checked stores first in, first out, so that a stale one is recognised for
     * long. */
    atr_ctx *bare_first;
    atr_ctx *bare_last; /* checked */
    size_t bare_count;  /* checked */
    atr_ctx_block *blocks;
    atr_ctx first[ATR_CTX_FIRST];
} atr_contexts;

/* ---- layers ---- */

/* What a layer has done with a root. */
typedef struct atr_effect {
    uint32_t slot;
    const void *read; /* what lay below it, if it has looked; or NULL */
    const void *made; /* its update, or NULL */
} atr_effect;

struct atr_layer {
    void *flight;
    atr_layer *below;
    atr_layer *above;
    uint64_t bit;        /* 0: dropped by a reset */
    uint64_t dropped_at; /* the mark after which the open turn has dropped it; 0: it has not */
    atr_effect *effects; /* of its last run */
    size_t effect_count;
    size_t capacity;
    bool known; /* these are all */
};

/* ---- views ---- */

typedef enum atr_dep_kind { ATR_DEP_ROOT, ATR_DEP_FIELD, ATR_DEP_KEY, ATR_DEP_VIEW } atr_dep_kind;

/* What a view has read, and what it saw there. While its view is live it is listed with what it names:
 * the slot, the key, or the other memo. */
typedef struct atr_dep {
    atr_dep_kind kind;
    atr_place place;          /* root: slot only; field: no key */
    const atr_field *part;    /* of a field */
    atr_watched_field *field; /* of a key, listed: that of its place; else NULL */
    atr_memo *memo;           /* of a view */
    atr_memo *owner;
    atr_value seen;
    struct atr_dep *next;
    struct atr_dep *prev;
} atr_dep;

typedef struct atr_deps {
    atr_dep *items;
    size_t count;
    size_t capacity;
    bool listed;
} atr_deps;

/* The memory of a view, of one for each key if it has keys. It is live while somebody is told of it:
 * a subscription, or another view that is live. */
struct atr_memo {
    const atr_view_class *view;
    atr_value key; /* of kind unit: it has none */
    uint64_t hash;
    atr_memo *chain; /* in its bucket */
    atr_value result;
    atr_deps deps;
    atr_deps spare;         /* empty */
    uint64_t checked;       /* the epoch for which result is known to hold; 0: for none */
    uint64_t run;           /* the number of its last run */
    uint64_t noted_by;      /* the run of a view that has it among its dependencies, */
    uint64_t noted_version; /* with this result */
    uint64_t version;       /* counts its results */
    uint64_t spread;        /* the version of which all who are told of it have heard */
    atr_watchers *watchers;
    atr_dep *readers; /* of live views */
    size_t live;      /* subscriptions and readers */
    size_t pins;      /* who needs it; with keys and without pins it is idle, and may go */
    atr_memo *idle_next;
    atr_memo *idle_prev;
    atr_memo *work_next;  /* of those becoming live or ceasing to be */
    atr_memo *stale_next; /* of those to be looked at in a round */
    atr_memo *asker;      /* being brought up to date: the one that this is done for, or NULL, */
    uint64_t begun;       /* the epoch in which that began, */
    size_t asked;         /* and how many dependencies it has looked at */
    bool stale;
    bool running;
    bool failing; /* the last run latched */
    bool lost;    /* not all that it depends on is known: for want of memory, or */
    bool looped;  /* it has asked for one that asks for it, and got the zero */
    bool missed;  /* it was to be looked at, or was asked for, while it ran */
};

typedef struct atr_memos {
    atr_memo **buckets;
    size_t capacity; /* a power of two */
    size_t count;
    size_t lost;
    atr_memo *idle_first; /* the one that rests longest */
    atr_memo *idle_last;
    size_t idle;
    bool trimming;
    atr_memo *stale_first;
    atr_memo *stale_last;
    uint64_t runs; /* counts runs of views */
} atr_memos;

/* ---- subscriptions ---- */

/* What only its begin and end, and who stands apart, need: at a place that its handle names. */
typedef struct atr_sub {
    atr_watchers *of; /* NULL: it has ended, or the place is free */
    atr_destroy_fn destroy;
    union {
        atr_value was; /* apart */
        void *user;    /* ended in a round: what is still to be destroyed */
    };
    uint32_t generation;
    uint32_t index; /* among them, from 0; ended or free: the next place that is, from 1 */
} atr_sub;

typedef struct atr_subs {
    atr_sub *items;
    uint32_t count; /* places in use or free */
    uint32_t capacity;
    uint32_t free;
    uint32_t over;   /* ended in a round: they leave when none is running */
    uint32_t rounds; /* running now, nested ones */
    uint64_t stir;   /* counts what a round must look at before it goes on */
    uint64_t orders;
    uint64_t cursor; /* the order of who was told last in the running round; 0: none is running */
    atr_watchers *due;
    atr_watchers *aside;
    atr_watchers *current; /* those a round is telling */
    atr_dead dead;         /* what nobody is told any more; freed where anything may happen */
    size_t live;
} atr_subs;

/* ---- the store ---- */

typedef enum atr_store_phase { ATR_STORE_REST, ATR_STORE_TURN, ATR_STORE_FOLD } atr_store_phase;

/* A value dropped in a callback, which lives until the callback's context closes. */
typedef struct atr_dropped {
    const atr_ctx *ctx;
    const void *value;
} atr_dropped;

/* What every turn reads and writes comes first, side by side. */
struct atr_store {
    atr_pool *pool;
    atr_scope *scope; /* always open: values are checked by it */
    atr_slot *slots;
    uint32_t *touched; /* slots with a working value, or once with one, in this turn or fold */
    uint32_t *shown;   /* in the same block: slots shown another value since a round last looked */
    size_t touched_count;
    size_t shown_count;
    atr_slot *recent; /* found last; NULL: none, or in checked stores */
    uint64_t mark;    /* counts savepoints */
    uint64_t epoch;   /* counts changes of visible state */
    uint8_t phase;    /* atr_store_phase */
    bool refold_due;  /* then untold as well, unless a turn is open */
    bool layered;     /* some visible value is not the confirmed one */
    bool untold;      /* a subscriber was not told of all, and the running round has passed it */
    bool hindered; /* contexts do not just leave: something was dropped, or it is a checked store */
    bool closing;
    atr_ctx *innermost;     /* of the open contexts, the youngest */
    atr_ctx *rest;          /* contexts at rest with a scope of their own; not in checked stores */
    atr_layer *layer_first; /* the lowest */
    atr_layer *folding;
    size_t dropped_count;
    atr_store_stats stats;
    atr_ahead ahead;
    atr_subs subs;
    atr_memos memos;
    atr_layer *layer_last;
    uint64_t layer_bits;
    size_t slot_count;
    size_t slot_capacity; /* of slots, touched and shown */
    atr_addresses roots;  /* place in slots, from 1 */
    size_t kept;
    atr_dropped *dropped; /* room for every kept value */
    size_t dropped_capacity;
    atr_store_host host;
    atr_contexts contexts;
};

/* store.c */
void atr_store_violation(const atr_store *store, int code, const char *format, ...)
    ATR_PRINTF(3, 4);
/* Report a call on another thread. Returns false. */
bool atr_store_off_thread(const atr_store *store, const char *what);
/* Whether the calling thread is the store's; */
static inline bool atr_store_is_here(const atr_store *store)
{
    return atomic_load_explicit(&store->pool->thread, memory_order_relaxed) == atr_thread_here();
}
/* else reported. `what` names the call. */
static inline bool atr_store_on_thread(const atr_store *store, const char *what)
{
    return atr_store_is_here(store) || atr_store_off_thread(store, what);
}
/* NULL when there is no such root, which is reported; `what` names the call. */
atr_slot *atr_store_slot_find(atr_store *store, const atr_root *root, const char *what);
static inline atr_slot *atr_store_slot(atr_store *store, const atr_root *root, const char *what)
{
    atr_slot *recent = store->recent;
    return recent != NULL && recent->root == root ? recent : atr_store_slot_find(store, root, what);
}

/* context.c */
/* Report a context that may not be used. Returns false. */
bool atr_ctx_refuse(const atr_ctx *ctx, const char *what);
/* Whether a context may be used: not NULL, open, on its thread; */
static inline bool atr_ctx_is_here(const atr_ctx *ctx)
{
    return ctx != NULL &&
           atomic_load_explicit(&ctx->front.thread_, memory_order_relaxed) == atr_thread_here();
}
/* else reported. */
static inline bool atr_ctx_usable(const atr_ctx *ctx, const char *what)
{
    return atr_ctx_is_here(ctx) || atr_ctx_refuse(ctx, what);
}
/* Whether it reads the turn's own values. */
static inline bool atr_ctx_is_working(const atr_ctx *ctx)
{
    return ctx->front.kind == ATR_CTX_FINISH || ctx->working;
}
/* Hold a value for the context's scope. false: out of memory, latched. */
bool atr_ctx_hold(atr_ctx *ctx, const void *value);
/* One callback in it is over, another begins. Not in checked stores, where each has a context. */
void atr_ctx_renew(atr_ctx *ctx);
void atr_contexts_init(atr_store *store);
void atr_contexts_free(atr_store *store);

/* read.c */
/* The place of a key; false: the field has no entries with keys, reported. */
bool atr_place_make(atr_store *store, const atr_slot *slot, const void *at, atr_word key,
                    const char *what, atr_place *place);
/* Why its key may not be kept, if it is one; NULL: it may. */
const char *atr_place_fault(const atr_store *store, const atr_place *place);
/* Whether its values have edits: collections and models. */
bool atr_type_has_edits(const atr_type *type);
/* The place of such a field, without a key; false: it is none, reported. */
bool atr_place_of_edits(atr_store *store, const atr_slot *slot, const void *at, const char *what,
                        atr_place *place);
/* The field of a root at a place in its default object; NULL: there is none, reported. */
const atr_field *atr_field_of(atr_store *store, const atr_slot *slot, const void *at,
                              const char *what);
/* What a field holds, borrowed. */
atr_value atr_field_value(const atr_model *model, const atr_field *field, const void *object);
/* Find an entry in a map, or a member in a set, of any kind. */
bool atr_entry_find(const atr_model *model, const void *map, atr_word key, atr_word *value);
/* The value of an entry, borrowed; of a set only whether there is one. NULL: there is none. */
atr_value atr_entry_value(const atr_model *map, const atr_word *word);
/* That of the entry at a place in a version of its root. */
atr_value atr_place_value(const atr_place *place, const void *version);
static inline bool atr_place_is_text(const atr_place *place)
{
    return place->map->key == ATR_KIND_STR;
}

/* values */
static inline bool atr_kind_is_ref(atr_kind kind)
{
    return kind >= ATR_KIND_STR;
}
static inline const void *atr_value_ref(const atr_value *value)
{
    return atr_kind_is_ref(value->kind) ? value->as.ref : NULL;
}
/* Whether they are one, and not only equal. */
bool atr_scalar_same(const atr_value *a, const atr_value *b);
static inline bool atr_value_same(const atr_value *a, const atr_value *b)
{
    return atr_kind_is_ref(a->kind) && a->kind == b->kind && a->has == b->has
               ? a->as.ref == b->as.ref
               : atr_scalar_same(a, b);
}
/* Whether two that are not one are equal. */
static inline bool atr_value_alike(const atr_value *a, const atr_value *b)
{
    return a->kind == b->kind && atr_kind_is_ref(a->kind) && atr_equal(a->as.ref, b->as.ref);
}
bool atr_value_equal(const atr_value *a, const atr_value *b);

/* turn.c */
/* What a turn, or the layer being folded, has made of a slot. */
static inline const void *atr_slot_working(const atr_store *store, const atr_slot *slot, bool layer)
{
    bool own = store->phase == (layer ? ATR_STORE_FOLD : ATR_STORE_TURN);
    if (own && slot->working != NULL) {
        return slot->working;
    }
    return own && layer && slot->folded != NULL ? slot->folded : slot->confirmed;
}
/* Make value, borrowed, the visible one. Whether that changes anything. */
bool atr_slot_show(atr_store *store, atr_slot *slot, const void *value, atr_dead *dead);
/* Forget the touched slots' working values. */
void atr_touched_clear(atr_store *store, atr_dead *dead);

/* layer.c */
void atr_layers_drop(atr_store *store, uint64_t bits);
/* What the open turn has dropped since the mark lives again (0: since its begin). */
void atr_layers_undrop(atr_store *store, uint64_t mark);
void atr_layers_commit(atr_store *store);
void atr_layers_free(atr_store *store);

/* layer_fold.c */
/* Fold all layers over confirmed and show the result; without memory it stays due. */
void atr_layers_fold(atr_store *store);
/* The layer being folded reads what lies below it. */
void atr_layer_note_read(atr_store *store, const atr_slot *slot, const void *version);
/* What its last run has done. */
void atr_layer_forget(atr_layer *layer);

/* view.c */
/* Bring a memo up to date; while its view runs it gives the last result. Borrowed from the memo. */
atr_value atr_memo_value(atr_store *store, atr_memo *memo);
atr_value atr_type_zero(const atr_type *type);
/* Whether it may be a key of the view; else reported. */
bool atr_view_key_check(const atr_store *store, const atr_view_class *view, const atr_value *key,
                        const char *what);

/* view_memos.c */
/* The memo of a view, and key, pinned; NULL: out of memory. The key is a value of its kind. */
atr_memo *atr_memo_get(atr_store *store, const atr_view_class *view, const atr_value *key);
void atr_memo_pin(atr_store *store, atr_memo *memo);
void atr_memo_unpin(atr_store *store, atr_memo *memo);
void atr_memos_free(atr_store *store);
/* Begin with NULL; NULL: no more. Nothing may be made or go meanwhile. */
atr_memo *atr_memos_next(const atr_store *store, const atr_memo *memo);

/* view_deps.c */
bool atr_memo_note_root(atr_memo *memo, atr_slot *slot, uint32_t index);
bool atr_memo_note_field(atr_memo *memo, const atr_slot *slot, const atr_field *field);
bool atr_memo_note_key(atr_memo *memo, const atr_place *place, atr_value seen);
bool atr_memo_note_view(atr_store *store, atr_memo *memo, atr_memo *other);
/* Look at what the memo's view has read, from where it was left. Returns a view that must be brought up to
 * date before going on; NULL: *holds tells whether all is still the same. */
atr_memo *atr_memo_deps_step(const atr_store *store, atr_memo *memo, bool *holds);
/* Forget them; they are not listed. */
void atr_deps_clear(atr_store *store, atr_deps *deps);

/* view_live.c */
/* One more, or less, who is told of it. */
void atr_memo_live_more(atr_store *store, atr_memo *memo);
void atr_memo_live_less(atr_store *store, atr_memo *memo);
/* A live view has other dependencies now. */
void atr_memo_relist(atr_store *store, atr_memo *memo, atr_deps *old);
void atr_memo_set_lost(atr_store *store, atr_memo *memo, bool lost);
/* What it has read may differ: it is looked at in the round. */
void atr_memo_touch(atr_store *store, atr_memo *memo);
void atr_readers_touch(atr_store *store, const atr_dep *readers);
/* If it has a new result, all who are told of it are to look. */
void atr_memo_spread(atr_store *store, atr_memo *memo);
/* Look at those touched, so that each whose dependencies changed has run, once. */
void atr_memos_settle(atr_store *store);

/* watch.c */
static inline atr_sub *atr_sub_at(atr_store *store, uint32_t place)
{
    return &store->subs.items[place - 1];
}
/* Let those go that ended during rounds. */
void atr_subs_sweep(atr_store *store);
void atr_subs_free(atr_store *store);

/* watch_index.c */
/* A key among those watched, made if need be; NULL: out of memory. It stays only if a subscription or a
 * view is added to it at once. */
atr_watched_key *atr_watched_key_get(atr_watched_field *field, atr_word key);
/* NULL: it is not watched. */
atr_watched_key *atr_watched_key_find(const atr_watched_field *field, atr_word key);
/* NULL: out of memory. */
atr_watched_field *atr_watched_field_get(atr_slot *slot, const atr_place *place,
                                         atr_entry_notify_fn notify);
void atr_watched_fields_free(atr_slot *slot);
/* It goes unless a subscription or a view depends on it. */
void atr_watched_key_leave(atr_watched_field *field, atr_watched_key *key);
/* The views that have read it, a list; NULL: none has read any. */
static inline atr_dep **atr_watched_key_readers(const atr_watched_field *field,
                                                const atr_watched_key *key)
{
    return field->readers != NULL ? &field->readers[key - field->keys] : NULL;
}
/* The same, with room for them made if need be. NULL: out of memory */
atr_dep **atr_watched_key_readers_get(atr_watched_field *field, const atr_watched_key *key);
/* Else its place is free. */
static inline bool atr_watched_key_is_used(const atr_watched_field *field,
                                           const atr_watched_key *key)
{
    return key->watchers != NULL ||
           (field->readers != NULL && field->readers[key - field->keys] != NULL);
}

/* notify.c */
/* Make all due that changes outside the begin of a round may concern: the store stays dirty till the
 * next. */
void atr_changes_note(atr_store *store);

/* watch_changes.c */
/* The root of these gets another value, which may hold the map of which an update was noted: ask for who watches
 * its key (ahead.h). Returns ATR_OK, so that it can be called last. */
int atr_ahead_fetch(atr_store *store, const atr_watched_field *fields);
/* Make all due who watch a part of a root, and touch the views that have read it. */
void atr_slot_collect_parts(atr_store *store, const atr_slot *slot, atr_value now);
/* Touch the views of which it is not known what they depend on. */
void atr_lost_collect(atr_store *store);

/* watch_edits.c */
/* The user data of a subscription to edits, of a redacted field or not, which atr_edits_let_go ends; NULL: user
 * is destroyed. */
void *atr_edits_hold(void (*fn)(void), void *user, atr_destroy_fn destroy, bool redacted);
void atr_edits_let_go(void *held);
void atr_edits_limit(void *held, size_t limit);
void atr_edits_tell(atr_event *e, const void *was, const void *now, const void *held);

/* keep.c */
/* Release what was dropped in this context's callback. */
void atr_dropped_release(atr_store *store, const atr_ctx *ctx);

#endif
