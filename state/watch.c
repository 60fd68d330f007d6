/* Subscriptions: what a round needs of them lies with the others who watch the same (watchers.c), the rest
 * at a place in an array, which the handle names. A place that was given up gets a new generation, so a
 * stale handle finds nothing. One that ends while a round of notification runs is not told any more; its
 * user data is destroyed when no round is running. */
#include "watchers.h"

#include <string.h>

enum { SUBS_FIRST = 8, SUBS_MAX = 1 << (ATR_SUBS_BITS - 1) };

static const atr_watch none = {0, 0};

/* ---- places ---- */

static bool subs_grow(atr_subs *subs)
{
    uint32_t capacity = subs->capacity == 0 ? SUBS_FIRST : subs->capacity * 2;
    atr_sub *items = subs->capacity < SUBS_MAX ? atr_memory_take(capacity * sizeof *items) : NULL;
    if (items == NULL) {
        return false;
    }
    if (subs->count > 0) {
        memcpy(items, subs->items, subs->count * sizeof *items);
    }
    atr_memory_give(subs->items, subs->capacity * sizeof *items);
    subs->items = items;
    subs->capacity = capacity;
    return true;
}

/* A place with a generation of its own; 0: out of memory. */
static uint32_t place_take(atr_store *store)
{
    atr_subs *subs = &store->subs;
    uint32_t place = subs->free;
    if (place != 0) {
        subs->free = atr_sub_at(store, place)->index;
        return place;
    }
    if (subs->count == subs->capacity && !subs_grow(subs)) {
        return 0;
    }
    subs->items[subs->count] = (atr_sub){.generation = 1};
    return ++subs->count;
}

static void place_give(atr_store *store, uint32_t place)
{
    atr_sub_at(store, place)->index = store->subs.free;
    store->subs.free = place;
}

/* ---- the end ---- */

/* Give a place back. User data is destroyed last: what it does finds the store in order. */
static void place_leave(atr_store *store, uint32_t place, void *user)
{
    atr_destroy_fn destroy = atr_sub_at(store, place)->destroy;
    place_give(store, place);
    if (destroy != NULL) {
        destroy(user);
    }
}

static uint32_t next_generation(uint32_t generation)
{
    return generation == UINT32_MAX ? 1 : generation + 1;
}

/* It is not told any more. What it was told last, if that was noted for it alone, is the caller's. */
static atr_value place_detach(atr_store *store, uint32_t place)
{
    atr_sub *sub = atr_sub_at(store, place);
    atr_watchers *all = sub->of;
    bool apart = (atr_hearer_marks(all, sub->index) & ATR_HEARER_APART) != 0;
    atr_value was = apart ? sub->was : (atr_value){ATR_KIND_UNIT, false, {false}};
    atr_memo *memo = all->kind == ATR_WATCHED_VIEW ? all->memo : NULL;
    sub->user = all->items[sub->index].user;
    sub->of = NULL;
    sub->generation = next_generation(sub->generation);
    store->subs.live--;
    atr_watchers_remove(store, all, sub->index);
    if (memo != NULL) {
        atr_memo_live_less(store, memo);
        atr_memo_unpin(store, memo);
    }
    return was;
}

static void place_end(atr_store *store, uint32_t place)
{
    atr_value was = place_detach(store, place);
    atr_sub *sub = atr_sub_at(store, place);
    if (store->subs.rounds > 0) {
        sub->index = store->subs.over;
        store->subs.over = place;
    } else {
        place_leave(store, place, sub->user);
    }
    atr_value_release(atr_value_ref(&was));
}

/* Its place, or 0: it has ended. */
static uint32_t place_of(atr_store *store, atr_watch watch, const char *what)
{
    const atr_sub *sub;
    if (store == NULL || !atr_store_on_thread(store, what) || watch.slot == 0 ||
        watch.slot > store->subs.count) {
        return 0;
    }
    sub = atr_sub_at(store, watch.slot);
    return sub->of != NULL && sub->generation == watch.generation ? watch.slot : 0;
}

void atr_unwatch(atr_store *store, atr_watch watch)
{
    uint32_t place = place_of(store, watch, "atr_unwatch");
    if (place != 0) {
        place_end(store, place);
    }
}

/* It stands apart, as one that was told nothing yet. What it was told last is the caller's. */
static atr_value hearer_ask(atr_store *store, atr_watchers *all, uint32_t index)
{
    atr_value nothing = {all->was.kind, false, {false}}, was = nothing;
    nothing.as.ref = NULL;
    if ((atr_hearer_marks(all, index) & ATR_HEARER_APART) != 0) {
        was = atr_hearer_rejoin(store, all, index);
    }
    atr_hearer_set_apart(store, all, index, ATR_HEARER_NEWS, nothing);
    return was;
}

atr_watch atr_watch_tell(atr_store *store, atr_watch watch)
{
    uint32_t place = place_of(store, watch, "atr_watch_tell");
    if (place != 0) {
        const atr_sub *sub = atr_sub_at(store, place);
        atr_value was = hearer_ask(store, sub->of, sub->index);
        if (sub->of->items[sub->index].order > store->subs.cursor) {
            atr_due_now(store, sub->of, sub->index);
        } else {
            atr_due_again(store, sub->of);
        }
        store->untold = true;
        atr_value_release(atr_value_ref(&was));
        if (store->host.untold != NULL) {
            store->host.untold(store->host.self);
        }
    }
    return watch;
}

void atr_subs_sweep(atr_store *store)
{
    while (store->subs.over != 0) {
        uint32_t place = store->subs.over;
        store->subs.over = atr_sub_at(store, place)->index;
        place_leave(store, place, atr_sub_at(store, place)->user);
    }
}

void atr_subs_free(atr_store *store)
{
    store->subs.rounds = 0;
    atr_subs_sweep(store);
    for (uint32_t place = 1; place <= store->subs.count; place++) {
        if (atr_sub_at(store, place)->of != NULL) {
            place_end(store, place);
        }
    }
    atr_memory_give(store->subs.items, store->subs.capacity * sizeof *store->subs.items);
}

/* ---- the begin ---- */

static atr_watch refuse(void *user, atr_destroy_fn destroy)
{
    if (destroy != NULL) {
        destroy(user);
    }
    return none;
}

static bool watch_allowed(const atr_store *store, void (*fn)(void), const char *what)
{
    if (store == NULL || !atr_store_on_thread(store, what)) {
        return false;
    }
    if (fn == NULL) {
        atr_store_violation(store, ATR_E_INVALID, "%s: the function is NULL", what);
    }
    return fn != NULL && !store->closing;
}

/* Whom to call, and which user data to destroy also when this fails. */
typedef struct wanted {
    atr_hearer hearer;
    atr_destroy_fn destroy;
} wanted;

/* false: out of memory. */
static bool sub_join(atr_store *store, const atr_watchers *like, const wanted *w, uint32_t place)
{
    /* A view runs now, and may add subscriptions. */
    atr_value value = atr_watchers_value(store, like);
    atr_watchers *all;
    atr_hold_(atr_value_ref(&value));
    all = atr_watchers_get(store, like);
    if (all != NULL) {
        atr_watchers_add(store, all, w->hearer, place, value);
    }
    atr_let_go(atr_value_ref(&value));
    return all != NULL;
}

/* Subscribe to what `like` watches. A memo is pinned, for the subscription. */
static atr_watch sub_add(atr_store *store, const atr_watchers *like, wanted w)
{
    uint32_t place = place_take(store);
    w.hearer.order = ++store->subs.orders;
    if (place != 0) {
        atr_changes_note(store); /* it begins with what is visible now, whatever others were told */
    }
    if (place == 0 || !sub_join(store, like, &w, place)) {
        if (place != 0) {
            place_give(store, place);
        }
        if (like->kind == ATR_WATCHED_VIEW) {
            atr_memo_unpin(store, like->memo);
        }
        return refuse(w.hearer.user, w.destroy);
    }
    atr_sub_at(store, place)->destroy = w.destroy;
    store->subs.live++;
    if (like->kind == ATR_WATCHED_VIEW) {
        atr_memo_live_more(store, like->memo);
    }
    return (atr_watch){place, atr_sub_at(store, place)->generation};
}

atr_watch atr_root_watch(atr_store *store, const atr_root *root, void (*fn)(void), void *user,
                         atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH";
    atr_watchers like = {.kind = ATR_WATCHED_ROOT, .root = root};
    const atr_slot *slot =
        watch_allowed(store, fn, what) ? atr_store_slot(store, root, what) : NULL;
    if (slot == NULL) {
        return refuse(user, destroy);
    }
    like.slot = slot->index;
    return sub_add(store, &like, (wanted){{.fn = fn, .user = user}, destroy});
}

atr_watch atr_root_watch_field(atr_store *store, const atr_root *root, const void *at,
                               void (*fn)(void), void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_FIELD";
    atr_watchers like = {.kind = ATR_WATCHED_FIELD};
    atr_slot *slot = watch_allowed(store, fn, what) ? atr_store_slot(store, root, what) : NULL;
    const atr_field *field = slot != NULL ? atr_field_of(store, slot, at, what) : NULL;
    atr_place place;
    if (field == NULL) {
        return refuse(user, destroy);
    }
    place = (atr_place){.slot = slot->index,
                        .offset = (uint32_t)atr_field_offset(root->model, field),
                        .map = field->type.model};
    like.slot = place.slot;
    like.field = atr_watched_field_get(slot, &place, NULL);
    return like.field != NULL ? sub_add(store, &like, (wanted){{.fn = fn, .user = user}, destroy})
                              : refuse(user, destroy);
}

atr_watch atr_root_watch_edits(atr_store *store, const atr_root *root, const void *at,
                               atr_edits_fn fn, void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_EDITS";
    wanted w = {{.fn = (void (*)(void))fn}, atr_edits_let_go};
    atr_watchers like = {.kind = ATR_WATCHED_EDITS};
    atr_slot *slot =
        watch_allowed(store, w.hearer.fn, what) ? atr_store_slot(store, root, what) : NULL;
    atr_place place;
    if (slot == NULL || !atr_place_of_edits(store, slot, at, what, &place)) {
        return refuse(user, destroy);
    }
    like.slot = place.slot;
    like.field = atr_watched_field_get(slot, &place, NULL);
    if (like.field == NULL) {
        return refuse(user, destroy);
    }
    w.hearer.user = atr_edits_hold(w.hearer.fn, user, destroy,
                                   atr_field_attributes(root->model, like.field->field)->redacted);
    return w.hearer.user != NULL ? sub_add(store, &like, w) : (atr_watch){0, 0};
}

int atr_watch_limit_edits(atr_store *store, atr_watch watch, size_t limit)
{
    uint32_t place = place_of(store, watch, "atr_watch_limit_edits");
    const atr_sub *sub = place != 0 ? atr_sub_at(store, place) : NULL;
    if (sub == NULL || sub->destroy != atr_edits_let_go) {
        return ATR_E_INVALID;
    }
    atr_edits_limit(sub->of->items[sub->index].user, limit);
    return ATR_OK;
}

atr_watch atr_root_watch_key(atr_store *store, const atr_root *root, const void *at, atr_word key,
                             atr_entry_notify_fn notify, void (*fn)(void), void *user,
                             atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_KEY";
    atr_watchers like = {.kind = ATR_WATCHED_KEY};
    atr_slot *slot = watch_allowed(store, fn, what) ? atr_store_slot(store, root, what) : NULL;
    atr_place place;
    const char *fault;
    if (slot == NULL || !atr_place_make(store, slot, at, key, what, &place)) {
        return refuse(user, destroy);
    }
    fault = atr_place_is_text(&place) && place.key.ref == NULL ? "is NULL"
                                                               : atr_place_fault(store, &place);
    if (fault != NULL) {
        atr_store_violation(store, ATR_E_REFUSED, "%s: the key %s", what, fault);
        return refuse(user, destroy);
    }
    like.slot = place.slot;
    like.key = place.key;
    like.field = atr_watched_field_get(slot, &place, notify);
    return like.field != NULL ? sub_add(store, &like, (wanted){{.fn = fn, .user = user}, destroy})
                              : refuse(user, destroy);
}

atr_watch atr_view_watch_key(atr_store *store, const atr_view_class *view, atr_value key,
                             void (*fn)(void), void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_VIEW";
    atr_watchers like = {.kind = ATR_WATCHED_VIEW};
    if (watch_allowed(store, fn, what) && atr_view_key_check(store, view, &key, what)) {
        like.memo = atr_memo_get(store, view, &key);
    }
    return like.memo != NULL ? sub_add(store, &like, (wanted){{.fn = fn, .user = user}, destroy})
                             : refuse(user, destroy);
}

atr_watch atr_view_watch(atr_store *store, const atr_view_class *view, void (*fn)(void), void *user,
                         atr_destroy_fn destroy)
{
    return atr_view_watch_key(store, view, atr_wrap_unit_(ATR_UNIT), fn, user, destroy);
}
