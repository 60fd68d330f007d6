/* Rounds of notification. Each subscription keeps the value it was told last; in a round it is told when
 * the value differs now. A subscriber may do anything: add and remove subscriptions, run a nested loop
 * with turns and rounds. So nothing here is kept in a pointer across a call of it, and its value is noted
 * as told before the call. */
#include "store.h"

static bool may_differ(const atr_store *store, const atr_sub *sub)
{
    if (sub->over || sub->kind == ATR_SUB_FREE || sub->seen == store->epoch) {
        return false;
    }
    return sub->kind == ATR_SUB_VIEW || store->slots[sub->place.slot].changed > sub->seen;
}

static const void *entry_pointer(const atr_value *entry)
{
    if (!entry->has) {
        return NULL;
    }
    return atr_kind_is_ref(entry->kind) ? entry->as.ref : &entry->as;
}

static void sub_call(atr_store *store, const atr_sub *sub, atr_event *e, atr_value was,
                     atr_value now)
{
    switch (sub->kind) {
    case ATR_SUB_ROOT:
        store->slots[sub->place.slot].root->notify(e, was, now, sub->fn, sub->user);
        break;
    case ATR_SUB_VIEW: sub->memo->view->notify(e, was, now, sub->fn, sub->user); break;
    default: ((atr_watch_fn)sub->fn)(e, entry_pointer(&was), entry_pointer(&now), sub->user);
    }
}

static const char *sub_name(const atr_store *store, const atr_sub *sub)
{
    return sub->kind == ATR_SUB_VIEW ? sub->memo->view->name
                                     : store->slots[sub->place.slot].root->name;
}

/* Take what the subscriber latched before the scope closes, so that it is reported here only. */
static void report_failure(const atr_store *store, const char *name, atr_scope *s)
{
    const atr_error *error = s != NULL ? atr_scope_take_error(s) : NULL;
    if (error != NULL && store->host.failed != NULL) {
        store->host.failed(store->host.self, name, error);
    }
}

/* `now` is owned by the subscription already; `was`, from there, by this call. */
static bool sub_tell(atr_store *store, uint32_t place, atr_value was, const atr_rounds *rounds)
{
    atr_sub told = *atr_sub_at(store, place);
    const char *name = sub_name(store, &told);
    atr_value now = told.was;
    atr_event e = {NULL, NULL, NULL};
    if (!rounds->open(rounds->self, &e)) {
        return false;
    }
    atr_hold_(atr_value_ref(&now));
    store->stats.told++;
    sub_call(store, &told, &e, was, now);
    report_failure(store, name, e.s);
    if (rounds->close != NULL) {
        rounds->close(rounds->self, &e);
    }
    atr_value_release(atr_value_ref(&now));
    return true;
}

/* It stays as it was told, to be tried again. */
static void sub_put_back(atr_store *store, uint32_t place, atr_value was)
{
    atr_sub *sub = atr_sub_at(store, place);
    atr_value now = sub->was;
    sub->was = was;
    sub->seen = 0;
    store->untold = true;
    atr_value_release(atr_value_ref(&now));
}

/* Whether the subscriber was called. */
static bool sub_visit(atr_store *store, uint32_t place, const atr_rounds *rounds)
{
    uint64_t epoch = store->epoch;
    atr_sub *sub = atr_sub_at(store, place);
    atr_value was, now;
    if (!may_differ(store, sub)) {
        return false;
    }
    now = atr_sub_value(store, sub);
    sub = atr_sub_at(store, place); /* a view may have run */
    if (sub->over) {
        return false;
    }
    was = sub->was;
    if (sub->kind == ATR_SUB_VIEW && sub->memo->checked != epoch) {
        store->untold = true; /* it could not run for want of memory */
        return false;
    }
    sub->seen = epoch;
    if (atr_value_same(&was, &now)) {
        return false;
    }
    atr_hold_(atr_value_ref(&now));
    sub->was = now;
    if (atr_value_equal(&was, &now)) {
        atr_value_release(atr_value_ref(&was));
        return false;
    }
    if (!sub_tell(store, place, was, rounds)) {
        sub_put_back(store, place, was);
        return false;
    }
    atr_value_release(atr_value_ref(&was));
    return true;
}

static void round_begin(atr_store *store)
{
    atr_dead dead = {NULL};
    for (size_t i = 0; i < store->slot_count; i++) {
        atr_slot *slot = &store->slots[i];
        if (slot->notified != slot->visible) {
            atr_hold_(slot->visible);
            atr_release_(&dead, slot->notified);
            slot->notified = slot->visible;
        }
    }
    store->told_epoch = store->epoch;
    store->untold = false;
    store->stats.rounds++;
    store->subs.rounds++;
    atr_dead_run(&dead);
}

size_t atr_store_notify(atr_store *store, const atr_rounds *rounds)
{
    size_t told = 0;
    if (!atr_store_on_thread(store, "atr_store_notify")) {
        return 0;
    }
    if (store->phase != ATR_STORE_REST) {
        atr_store_violation(store, ATR_E_PHASE, "atr_store_notify: a turn is open");
        return 0;
    }
    round_begin(store);
    for (uint32_t at = store->subs.first; at != 0; at = atr_sub_at(store, at)->next) {
        told += sub_visit(store, at, rounds);
    }
    if (--store->subs.rounds == 0) {
        atr_subs_sweep(store);
    }
    return told;
}
