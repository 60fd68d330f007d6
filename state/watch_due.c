/* Who is due, whichever round it is: an outer one goes on with what a nested one has left. Those who watch
 * the same are due together, from one of them on, and wait in a heap by the order of that one. The heap is
 * made of links in them, so that nothing can fail in a round.
 *
 * It is a pairing heap: each has a list of those that come after it, the youngest first, `prev` being the
 * one to the left or, of the first, the one above.
 * Source: Fredman, Sedgewick, Sleator, Tarjan, "The pairing heap", Algorithmica 1, 1986. */
#include "watchers.h"

/* ---- the heap ---- */

/* Of two that have no neighbours the later one goes below the other. */
atr_watchers *atr_due_meld(atr_watchers *a, atr_watchers *b)
{
    bool first = atr_due_first(a) < atr_due_first(b);
    atr_watchers *above = first ? a : b, *below = first ? b : a;
    below->prev = above;
    below->next = above->child;
    if (above->child != NULL) {
        above->child->prev = below;
    }
    above->child = below;
    return above;
}

static atr_watchers *take_next(atr_watchers **list)
{
    atr_watchers *first = *list;
    if (first != NULL) {
        *list = first->next;
        first->next = NULL;
        first->prev = NULL;
    }
    return first;
}

static atr_watchers *meld(atr_watchers *a, atr_watchers *b)
{
    if (a == NULL || b == NULL) {
        return a != NULL ? a : b;
    }
    return atr_due_meld(a, b);
}

/* One heap of a list of them: by pairs from the left, then these from the right. */
static atr_watchers *meld_all(atr_watchers *list)
{
    atr_watchers *pairs = NULL, *whole = NULL;
    while (list != NULL) {
        atr_watchers *a = take_next(&list), *pair = meld(a, take_next(&list));
        pair->next = pairs;
        pairs = pair;
    }
    while (pairs != NULL) {
        whole = meld(whole, take_next(&pairs));
    }
    return whole;
}

void atr_due_pop(atr_subs *subs)
{
    atr_watchers *first = subs->due;
    subs->due = meld_all(first->child);
    first->child = NULL;
}

static void heap_leave(atr_subs *subs, atr_watchers *all)
{
    atr_watchers *below;
    if (subs->due == all) {
        atr_due_pop(subs);
        return;
    }
    below = meld_all(all->child);
    all->child = NULL;
    *(all->prev->child == all ? &all->prev->child : &all->prev->next) = all->next;
    if (all->next != NULL) {
        all->next->prev = all->prev;
    }
    all->next = NULL;
    all->prev = NULL;
    subs->due = meld(subs->due, below);
}

/* ---- those of a round to come ---- */

static void aside_add(atr_subs *subs, atr_watchers *all)
{
    all->due = ATR_DUE_NEXT;
    all->again = false;
    all->prev = NULL;
    all->next = subs->aside;
    if (subs->aside != NULL) {
        subs->aside->prev = all;
    }
    subs->aside = all;
}

static void aside_leave(atr_subs *subs, atr_watchers *all)
{
    *(all->prev != NULL ? &all->prev->next : &subs->aside) = all->next;
    if (all->next != NULL) {
        all->next->prev = all->prev;
    }
    all->next = NULL;
    all->prev = NULL;
}

/* ---- becoming due ---- */

/* Back to one that was passed already. */
static void go_back(atr_store *store, atr_watchers *all, uint32_t at)
{
    if (all->begun) {
        atr_watchers_interrupt(store, all);
    }
    if (all->due == ATR_DUE_OPEN) {
        all->at = at;
    } else {
        heap_leave(&store->subs, all);
        atr_due_add(&store->subs, all, at);
    }
}

void atr_due_now(atr_store *store, atr_watchers *all, uint32_t at)
{
    atr_subs *subs = &store->subs;
    subs->stir++;
    if (all->due == ATR_DUE_NOW || all->due == ATR_DUE_OPEN) {
        if (at < all->at) {
            go_back(store, all, at);
        }
    } else if (at < all->count) {
        if (all->due == ATR_DUE_NEXT) {
            aside_leave(subs, all);
            all->again = true;
        }
        atr_due_add(subs, all, at);
    }
}

void atr_due_again(atr_store *store, atr_watchers *all)
{
    store->subs.stir++;
    if (all->due == ATR_DUE_NOT) {
        aside_add(&store->subs, all);
    } else if (all->due != ATR_DUE_NEXT) {
        all->again = true;
    }
}

/* ---- a round ---- */

void atr_due_return(atr_store *store, atr_watchers *all)
{
    if (all->at < all->count) {
        atr_due_add(&store->subs, all, all->at);
        return;
    }
    if (all->begun) {
        all->begun = false;
        atr_release_(&store->subs.dead, atr_value_ref(&all->before));
    }
    aside_add(&store->subs, all);
}

void atr_due_move(atr_store *store, const atr_watchers *from, atr_watchers *all)
{
    atr_subs *subs = &store->subs;
    atr_watchers **first = all->due == ATR_DUE_NEXT ? &subs->aside : &subs->due;
    if (all->due == ATR_DUE_OPEN) {
        subs->current = all;
    } else if (all->due != ATR_DUE_NOT) {
        if (*first == from) {
            *first = all;
        } else {
            *(all->prev->child == from ? &all->prev->child : &all->prev->next) = all;
        }
        if (all->next != NULL) {
            all->next->prev = all;
        }
        if (all->child != NULL) {
            all->child->prev = all;
        }
    }
}

void atr_due_leave(atr_store *store, atr_watchers *all)
{
    atr_subs *subs = &store->subs;
    switch (all->due) {
    case ATR_DUE_NOW: heap_leave(subs, all); break;
    case ATR_DUE_NEXT: aside_leave(subs, all); break;
    case ATR_DUE_OPEN: subs->current = NULL; break;
    default: break;
    }
    all->due = ATR_DUE_NOT;
}

void atr_due_rewind(atr_store *store)
{
    atr_subs *subs = &store->subs;
    atr_watchers *list = NULL, *all;
    subs->stir++;
    if (subs->current != NULL) {
        atr_due_close(store, subs->current);
    }
    while ((all = subs->due) != NULL) {
        heap_leave(subs, all);
        all->next = list;
        list = all;
    }
    while ((all = take_next(&list)) != NULL) {
        if (all->again && all->begun) {
            atr_watchers_interrupt(store, all);
        }
        atr_due_add(subs, all, all->again ? 0 : all->at);
        all->again = false;
    }
    atr_due_recall(store);
}

void atr_due_recall(atr_store *store)
{
    atr_subs *subs = &store->subs;
    atr_watchers *list = subs->aside, *all;
    subs->aside = NULL;
    while ((all = take_next(&list)) != NULL) {
        uint32_t at = atr_watchers_after(all, subs->cursor);
        all->due = ATR_DUE_NOT;
        atr_due_now(store, all, at);
        if (at > 0) {
            atr_due_again(store, all);
        }
    }
}
