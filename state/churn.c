/* Churn: everything the store holds is copied at once, and the old let go, so that a value that an
 * application used without keeping it dies at once. One copy of all of it, since views and subscriptions
 * tell by addresses whether something has changed: what was one value stays one. */
#include "watchers.h"

/* All pointers of the store as one value, so that one copy takes them all. */
typedef struct holdings {
    atr_head atr;
    size_t count;
    const void *slots[];
} holdings;

static void holdings_release(void *value, atr_dead *dead)
{
    holdings *all = value;
    for (size_t i = 0; i < all->count; i++) {
        atr_release_(dead, all->slots[i]);
    }
}

static void holdings_visit(void *value, atr_visit_fn fn, void *user)
{
    holdings *all = value;
    for (size_t i = 0; i < all->count; i++) {
        fn(user, (const atr_head **)(void *)&all->slots[i]);
    }
}

static size_t holdings_size(const void *value)
{
    return sizeof(holdings) + ((const holdings *)value)->count * sizeof(const void *);
}

static const atr_model holdings_model = {
    .name = "holdings",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(holdings),
    .release = holdings_release,
    .visit = holdings_visit,
    .size_of = holdings_size,
};

/* ---- every pointer of the store ---- */

/* A walk along the store's pointers and those of the holdings beside them. */
typedef struct walk {
    holdings *all;
    size_t at;
    void (*fn)(struct walk *walk, const void **slot);
} walk;

static void walk_value(walk *w, atr_value *value)
{
    if (atr_kind_is_ref(value->kind)) {
        w->fn(w, &value->as.ref);
    }
}

static void walk_place(walk *w, atr_place *place)
{
    if (atr_place_is_text(place)) {
        w->fn(w, &place->key.ref);
    }
}

/* What is borrowed from there follows to what there is now. */
static void walk_borrowed(walk *w, const void **slot, bool is_borrowed, const void *from)
{
    if (is_borrowed) {
        *slot = from;
    } else {
        w->fn(w, slot);
    }
}

static void walk_roots(walk *w, atr_store *store)
{
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_slot *slot = &store->slots[i];
        bool is_confirmed = slot->visible == slot->confirmed;
        bool is_notified = slot->notified == slot->visible;
        w->fn(w, &slot->confirmed);
        walk_borrowed(w, &slot->visible, is_confirmed, slot->confirmed);
        walk_borrowed(w, &slot->notified, is_notified, slot->visible);
    }
}

static void walk_layers(walk *w, const atr_store *store)
{
    for (atr_layer *layer = store->layer_first; layer != NULL; layer = layer->above) {
        for (size_t i = 0; i < layer->effect_count; i++) {
            w->fn(w, &layer->effects[i].read);
            w->fn(w, &layer->effects[i].made);
        }
    }
}

/* What a view that runs was given, and has read, lives until it returns (rule S1): it will run again. */
static void walk_memos(walk *w, atr_store *store)
{
    for (atr_memo *memo = NULL; (memo = atr_memos_next(store, memo)) != NULL;) {
        walk_value(w, &memo->result);
        if (memo->running) {
            continue;
        }
        walk_value(w, &memo->key);
        for (size_t i = 0; i < memo->deps.count; i++) {
            walk_value(w, &memo->deps.items[i].seen);
            if (memo->deps.items[i].kind == ATR_DEP_KEY) {
                walk_place(w, &memo->deps.items[i].place);
            }
        }
    }
}

static void walk_watchers(walk *w, atr_watchers *all)
{
    if (all != NULL) {
        all->looked = 0;
        walk_value(w, &all->was);
        if (all->begun) {
            walk_value(w, &all->before);
        }
    }
}

static void walk_field(walk *w, atr_watched_field *field)
{
    walk_watchers(w, field->watchers);
    walk_watchers(w, field->edits_watchers);
    for (uint32_t i = 0; i < field->capacity; i++) {
        atr_watched_key *key = &field->keys[i];
        if (field->map->key == ATR_KIND_STR && atr_watched_key_is_used(field, key)) {
            w->fn(w, &key->key.ref);
        }
        if (key->watchers != NULL) {
            key->watchers->key = key->key;
            walk_watchers(w, key->watchers);
        }
    }
}

static void walk_subs(walk *w, atr_store *store)
{
    for (size_t i = 0; i < store->slot_count; i++) {
        walk_watchers(w, store->slots[i].watchers);
        for (atr_watched_field *field = store->slots[i].fields; field != NULL;
             field = field->next) {
            walk_field(w, field);
        }
    }
    for (atr_memo *memo = NULL; (memo = atr_memos_next(store, memo)) != NULL;) {
        walk_watchers(w, memo->watchers);
    }
    for (uint32_t place = 1; place <= store->subs.count; place++) {
        atr_sub *sub = atr_sub_at(store, place);
        if (sub->of != NULL && (atr_hearer_marks(sub->of, sub->index) & ATR_HEARER_APART) != 0) {
            walk_value(w, &sub->was);
        }
    }
}

static size_t walk_store(atr_store *store, holdings *all, void (*fn)(walk *w, const void **slot))
{
    walk w = {all, 0, fn};
    walk_roots(&w, store);
    walk_layers(&w, store);
    walk_memos(&w, store);
    walk_subs(&w, store);
    return w.at;
}

static void count_one(walk *w, const void **slot)
{
    (void)slot;
    w->at++;
}

static void lend_one(walk *w, const void **slot)
{
    w->all->slots[w->at++] = *slot;
}

static void take_back_one(walk *w, const void **slot)
{
    (void)slot;
    w->all->slots[w->at++] = NULL;
}

/* The copy goes into the store; the old value into the holdings, which release it. */
static void swap_one(walk *w, const void **slot)
{
    const void *old = *slot;
    *slot = w->all->slots[w->at];
    w->all->slots[w->at++] = old;
}

/* ---- churn ---- */

static int churn(atr_store *store, atr_scope *s)
{
    size_t count = walk_store(store, NULL, count_one);
    size_t size_bytes = sizeof(holdings) + count * sizeof(const void *);
    holdings *lent = atr_value_alloc(s, &holdings_model, size_bytes), *copy;
    if (lent == NULL) {
        return ATR_E_NO_MEMORY;
    }
    lent->count = count;
    walk_store(store, lent, lend_one);
    copy = (holdings *)(uintptr_t)atr_copy(s, lent);
    walk_store(store, lent, take_back_one);
    if (atr_scope_error(s) != NULL) {
        return ATR_E_NO_MEMORY;
    }
    walk_store(store, copy, swap_one);
    store->subs.stir++; /* a round goes on with the copies */
    return ATR_OK;
}

int atr_store_churn(atr_store *store)
{
    atr_scope *s;
    int code;
    if (!atr_store_on_thread(store, "atr_store_churn")) {
        return ATR_E_THREAD;
    }
    if (store->phase != ATR_STORE_REST) {
        return ATR_E_PHASE;
    }
    s = atr_pool_scope(store->pool);
    code = s != NULL ? churn(store, s) : ATR_E_NO_MEMORY;
    atr_scope_close(s);
    return code;
}
