/* Those who watch one thing, and the order in which rounds tell them. What a round does for each of them is
 * here, to be inlined. */
#ifndef ATR_STATE_WATCHERS_H
#define ATR_STATE_WATCHERS_H

#include "store.h"

/* The notes, behind those to call. */
static inline atr_hearer_note *atr_hearer_notes(atr_watchers *all)
{
    return (atr_hearer_note *)(void *)&all->items[all->capacity];
}
static inline uint32_t atr_hearer_marks(const atr_watchers *all, uint32_t index)
{
    return ((const atr_hearer_note *)(const void *)&all->items[all->capacity])[index].marks;
}

/* watchers.c */
/* The value they watch, now; borrowed from the store. */
atr_value atr_watchers_value(atr_store *store, const atr_watchers *all);
/* Those who watch what `like` does, with room for one more; made if need be, or moved. NULL: out of memory. They
 * stay only if one is added. */
atr_watchers *atr_watchers_get(atr_store *store, const atr_watchers *like);
/* Add the one of a place, which begins with this value, of which it takes a count. */
void atr_watchers_add(atr_store *store, atr_watchers *all, atr_hearer hearer, uint32_t place,
                      atr_value value);
/* Take out the one of a place, which stood apart if `was` is one; the last takes them with it. */
void atr_watchers_remove(atr_store *store, atr_watchers *all, uint32_t index);
/* The first that was registered after another. */
uint32_t atr_watchers_after(const atr_watchers *all, uint64_t order);
/* It was told `was` last, of which it takes a count, unlike the others. */
void atr_hearer_set_apart(atr_store *store, atr_watchers *all, uint32_t index, uint32_t marks,
                          atr_value was);
/* It is as the others from now on. What it was told last is the caller's. */
atr_value atr_hearer_rejoin(atr_store *store, atr_watchers *all, uint32_t index);
/* Those before `at` stand apart, having been told `was`. */
void atr_watchers_split(atr_store *store, atr_watchers *all);
/* Who has been told stands apart; the others are still to be told, and not begun with. */
void atr_watchers_interrupt(atr_store *store, atr_watchers *all);

/* Whether a field is the same in two versions of its root. */
bool atr_watched_field_alike(const atr_watched_field *field, const void *was, const void *now);

/* watch_due.c */
/* One heap of two of which neither is NULL. */
atr_watchers *atr_due_meld(atr_watchers *a, atr_watchers *b);
/* Take the first out. */
void atr_due_pop(atr_subs *subs);
/* Those from `at` on are due in this round. */
void atr_due_now(atr_store *store, atr_watchers *all, uint32_t at);
/* All are due in the next one. */
void atr_due_again(atr_store *store, atr_watchers *all);
/* Of those taken last some are left, or all are due again. */
void atr_due_return(atr_store *store, atr_watchers *all);
/* Out of wherever they wait. */
void atr_due_leave(atr_store *store, atr_watchers *all);
/* They lie elsewhere now: what led to them there leads to them here. */
void atr_due_move(atr_store *store, const atr_watchers *from, atr_watchers *all);
/* A nested round begins: whoever has something to come is due from the first on. */
void atr_due_rewind(atr_store *store);
/* A round has ended: what was for a round to come. */
void atr_due_recall(atr_store *store);

static inline void atr_due_add(atr_subs *subs, atr_watchers *all, uint32_t at)
{
    all->at = at;
    all->due = ATR_DUE_NOW;
    subs->due = subs->due == NULL ? all : atr_due_meld(subs->due, all);
}

/* Take those of whom one is the first in order; NULL: nobody is due. They are not marked otherwise yet. */
static inline atr_watchers *atr_due_take(atr_subs *subs)
{
    atr_watchers *all = subs->due;
    if (all != NULL) {
        if (all->child == NULL) {
            subs->due = NULL;
        } else {
            atr_due_pop(subs);
        }
    }
    return all;
}

/* They are being told. */
static inline void atr_due_open(atr_store *store, atr_watchers *all)
{
    all->due = ATR_DUE_OPEN;
    store->subs.current = all;
}

/* Those of `current` who are left, if any, wait again. */
static inline void atr_due_close(atr_store *store, atr_watchers *all)
{
    store->subs.current = NULL;
    all->due = ATR_DUE_NOT;
    if (all->at < all->count || all->again) {
        atr_due_return(store, all);
    } else if (all->begun) {
        all->begun = false;
        atr_let_go(atr_value_ref(&all->before));
    }
}

/* The order of the first of them who is due. */
static inline uint64_t atr_due_first(const atr_watchers *all)
{
    return all->items[all->at].order;
}

/* watch_changes.c */
void atr_watchers_touch_in_round(atr_store *store, atr_watchers *all);
/* What they watch may differ: those not passed yet are due in this round, the others in the next.
 * NULL: nobody. */
static inline void atr_watchers_touch(atr_store *store, atr_watchers *all)
{
    if (all == NULL) {
        return;
    }
    if (all->due == ATR_DUE_NOT && store->subs.cursor == 0) {
        atr_due_add(&store->subs, all, 0);
    } else {
        atr_watchers_touch_in_round(store, all);
    }
}

/* Whether it is known what there is: it is `before`. */
static inline bool atr_watchers_have_looked(const atr_store *store, const atr_watchers *all)
{
    return all->looked == (uint32_t)store->epoch && all->looked != 0;
}

/* The same, when it is known what there is. */
static inline void atr_watchers_touch_with(atr_store *store, atr_watchers *all, atr_value now)
{
    if (all != NULL) {
        atr_watchers_touch(store, all);
        all->before = now;
        all->looked = (uint32_t)store->epoch;
    }
}

#endif
