/* Which views are to be looked at when something has changed. A view is live while somebody is told of
 * it: a subscription, or a live view that has read it. What live views depend on lists them: roots (for
 * their fields too, which are few), keys of fields, other views. So a change leads to those that it may
 * concern, and the number of others does not matter; a view that nobody is told of is looked at when it is
 * asked for.
 *
 * In a round those touched are brought up to date before subscribers are told. Only one whose result has
 * changed touches who has read it; and one that is brought up to date asks for what it reads, which is
 * brought up to date first. So each runs once, however many ways lead to it.
 * Source: the order is that of incremental computation by demand, e.g. Hammer et al., "Adapton", 2014. */
#include "watchers.h"

/* ---- lists ---- */

/* The list of its key, made if need be. NULL: out of memory; `field` then tells that it is not listed. */
static atr_dep **list_of_key(atr_store *store, atr_dep *dep)
{
    atr_watched_field *field =
        atr_watched_field_get(&store->slots[dep->place.slot], &dep->place, NULL);
    atr_watched_key *key = field != NULL ? atr_watched_key_get(field, dep->place.key) : NULL;
    atr_dep **list = key != NULL ? atr_watched_key_readers_get(field, key) : NULL;
    if (key != NULL && list == NULL) {
        atr_watched_key_leave(field, key);
    }
    dep->field = list != NULL ? field : NULL;
    return list;
}

/* The list that it belongs to, unless that is one of a key. */
static atr_dep **list_of(atr_store *store, const atr_dep *dep)
{
    return dep->kind == ATR_DEP_VIEW ? &dep->memo->readers : &store->slots[dep->place.slot].readers;
}

static void work_add(atr_memo **work, atr_memo *memo)
{
    memo->work_next = *work;
    *work = memo;
}

static atr_memo *work_take(atr_memo **work)
{
    atr_memo *memo = *work;
    *work = memo->work_next;
    return memo;
}

static bool dep_list(atr_store *store, atr_dep *dep, atr_memo **work)
{
    atr_dep **list = dep->kind == ATR_DEP_KEY ? list_of_key(store, dep) : list_of(store, dep);
    if (list == NULL) {
        return false;
    }
    dep->prev = NULL;
    dep->next = *list;
    if (*list != NULL) {
        (*list)->prev = dep;
    }
    *list = dep;
    if (dep->kind == ATR_DEP_VIEW && dep->memo->live++ == 0) {
        work_add(work, dep->memo);
    }
    return true;
}

static void dep_unlist(atr_store *store, const atr_dep *dep, atr_memo **work)
{
    atr_watched_key *key = NULL; /* of which it is the first reader */
    if (dep->kind == ATR_DEP_KEY && dep->field == NULL) {
        return;
    }
    if (dep->kind == ATR_DEP_KEY && dep->prev == NULL) {
        key = atr_watched_key_find(dep->field, dep->place.key);
    }
    if (dep->prev != NULL) {
        dep->prev->next = dep->next;
    } else {
        *(key != NULL ? atr_watched_key_readers(dep->field, key) : list_of(store, dep)) = dep->next;
    }
    if (dep->next != NULL) {
        dep->next->prev = dep->prev;
    }
    if (key != NULL) {
        atr_watched_key_leave(dep->field, key);
    }
    if (dep->kind == ATR_DEP_VIEW && --dep->memo->live == 0) {
        work_add(work, dep->memo);
    }
}

/* ---- coming and going ---- */

static void deps_list(atr_store *store, atr_memo *memo, atr_memo **work)
{
    memo->deps.listed = true;
    for (size_t i = 0; i < memo->deps.count; i++) {
        if (!dep_list(store, &memo->deps.items[i], work)) {
            atr_memo_set_lost(store, memo, true);
        }
    }
}

static void deps_unlist(atr_store *store, atr_deps *deps, atr_memo **work)
{
    deps->listed = false;
    for (size_t i = 0; i < deps->count; i++) {
        dep_unlist(store, &deps->items[i], work);
    }
}

static void list_all(atr_store *store, atr_memo *work)
{
    while (work != NULL) {
        atr_memo *memo = work_take(&work);
        memo->spread = memo->version; /* who begins to be told has just looked */
        if (!memo->running) {         /* else at its end */
            deps_list(store, memo, &work);
        }
        if (memo->lost) {
            atr_memo_touch(store, memo);
            store->untold = true;
        }
    }
}

static void unlist_all(atr_store *store, atr_memo *work)
{
    while (work != NULL) {
        atr_memo *memo = work_take(&work);
        if (memo->deps.listed) {
            deps_unlist(store, &memo->deps, &work);
        }
    }
}

void atr_memo_live_more(atr_store *store, atr_memo *memo)
{
    if (memo->live++ == 0) {
        memo->work_next = NULL;
        list_all(store, memo);
    }
}

void atr_memo_live_less(atr_store *store, atr_memo *memo)
{
    if (--memo->live == 0) {
        memo->work_next = NULL;
        unlist_all(store, memo);
    }
}

/* The new ones first, so that what both have stays live. */
void atr_memo_relist(atr_store *store, atr_memo *memo, atr_deps *old)
{
    atr_memo *work = NULL;
    if (memo->live > 0) {
        deps_list(store, memo, &work);
        list_all(store, work);
    }
    work = NULL;
    if (old->listed) {
        deps_unlist(store, old, &work);
        unlist_all(store, work);
    }
}

void atr_memo_set_lost(atr_store *store, atr_memo *memo, bool lost)
{
    store->memos.lost += lost;
    store->memos.lost -= memo->lost;
    memo->lost = lost;
}

/* ---- changes ---- */

void atr_memo_touch(atr_store *store, atr_memo *memo)
{
    atr_memos *all = &store->memos;
    if (memo->stale) {
        memo->missed |= memo->running;
        return;
    }
    memo->stale = true;
    memo->stale_next = NULL;
    *(all->stale_first != NULL ? &all->stale_last->stale_next : &all->stale_first) = memo;
    all->stale_last = memo;
    atr_memo_pin(store, memo);
}

void atr_readers_touch(atr_store *store, const atr_dep *readers)
{
    for (; readers != NULL; readers = readers->next) {
        atr_memo_touch(store, readers->owner);
    }
}

void atr_memo_spread(atr_store *store, atr_memo *memo)
{
    if (memo->spread != memo->version) {
        memo->spread = memo->version;
        atr_watchers_touch(store, memo->watchers);
        atr_readers_touch(store, memo->readers);
    }
}

/* false: it could not run, for want of memory, or what it reads has changed while it ran. */
static bool memo_settle(atr_store *store, atr_memo *memo)
{
    if (memo->running) {
        memo->missed = true;
        return true;
    }
    memo->missed = false;
    if (memo->live == 0) {
        return true;
    }
    store->stats.checked++;
    atr_memo_value(store, memo);
    if (memo->lost && memo->checked == 0) {
        return false;
    }
    atr_memo_spread(store, memo);
    return !memo->missed;
}

/* Those that must run again are left for the next round; until all others are settled they are not
 * touched again. */
void atr_memos_settle(atr_store *store)
{
    atr_memos *all = &store->memos;
    atr_memo *failed = NULL;
    while (all->stale_first != NULL) {
        atr_memo *memo = all->stale_first;
        all->stale_first = memo->stale_next;
        if (memo_settle(store, memo)) {
            memo->stale = false;
            atr_memo_unpin(store, memo);
        } else {
            memo->stale_next = failed;
            failed = memo;
        }
    }
    while (failed != NULL) {
        atr_memo *memo = failed;
        failed = memo->stale_next;
        memo->stale = false;
        atr_memo_touch(store, memo);
        atr_memo_unpin(store, memo);
        store->untold = true;
    }
}
