/* The memos: one of each view, of views with keys one for each key, in one hash table. Whoever needs a
 * memo pins it: a subscription, a view that has read it, a call under way. Those with keys that nobody
 * pins are idle: the last few are kept, for who asks again, the others go. */
#include "store.h"

#include <string.h>

#include "walk.h"

enum { BUCKETS_FIRST = 16, IDLE_MAX = 256 };

/* ---- the table ---- */

/* Numbers with the seed, as whoever chooses keys may come from outside; text and models have it anyway. */
static uint64_t key_hash(const atr_value *key)
{
    uint64_t word = 0;
    if (!key->has) {
        return 0;
    }
    if (atr_kind_is_ref(key->kind)) {
        return atr_hash(key->as.ref);
    }
    switch (key->kind) {
    case ATR_KIND_UNIT: break;
    case ATR_KIND_BOOL: word = key->as.boolean; break;
    case ATR_KIND_F64:
        if (key->as.f64 == key->as.f64 && key->as.f64 != 0) {
            memcpy(&word, &key->as.f64, sizeof word);
        }
        break; /* NaN and zero: they may share it */
    case ATR_KIND_I64:
    case ATR_KIND_TIME: word = (uint64_t)key->as.i64; break;
    default: word = (uint64_t)key->as.i32;
    }
    return atr_hash_number(word);
}

static uint64_t memo_hash(const atr_view_class *view, const atr_value *key)
{
    uint64_t mixed = ((uint64_t)(uintptr_t)view ^ key_hash(key)) * 0x9e3779b97f4a7c15u;
    return mixed ^ mixed >> 32;
}

static atr_memo **bucket_of(const atr_memos *all, uint64_t hash)
{
    return &all->buckets[hash & (all->capacity - 1)];
}

static atr_memo *memo_find(const atr_memos *all, const atr_view_class *view, const atr_value *key,
                           uint64_t hash)
{
    atr_memo *memo = all->count > 0 ? *bucket_of(all, hash) : NULL;
    while (memo != NULL &&
           (memo->hash != hash || memo->view != view || !atr_value_equal(&memo->key, key))) {
        memo = memo->chain;
    }
    return memo;
}

static void memo_add(atr_memos *all, atr_memo *memo)
{
    atr_memo **bucket = bucket_of(all, memo->hash);
    memo->chain = *bucket;
    *bucket = memo;
    all->count++;
}

static bool memos_reserve(atr_memos *all)
{
    atr_memos grown = {.capacity = all->capacity == 0 ? BUCKETS_FIRST : all->capacity * 2};
    if (all->count < all->capacity) {
        return true;
    }
    grown.buckets = atr_memory_take(grown.capacity * sizeof *grown.buckets);
    if (grown.buckets == NULL) {
        return false;
    }
    memset(grown.buckets, 0, grown.capacity * sizeof *grown.buckets);
    for (size_t i = 0; i < all->capacity; i++) {
        while (all->buckets[i] != NULL) {
            atr_memo *memo = all->buckets[i];
            all->buckets[i] = memo->chain;
            memo_add(&grown, memo);
        }
    }
    atr_memory_give(all->buckets, all->capacity * sizeof *all->buckets);
    all->buckets = grown.buckets;
    all->capacity = grown.capacity;
    return true;
}

static atr_memo *first_from(const atr_memos *all, size_t bucket)
{
    for (; bucket < all->capacity; bucket++) {
        if (all->buckets[bucket] != NULL) {
            return all->buckets[bucket];
        }
    }
    return NULL;
}

atr_memo *atr_memos_next(const atr_store *store, const atr_memo *memo)
{
    const atr_memos *all = &store->memos;
    if (memo == NULL) {
        return first_from(all, 0);
    }
    return memo->chain != NULL ? memo->chain
                               : first_from(all, (memo->hash & (all->capacity - 1)) + 1);
}

/* ---- the end ---- */

static void memo_remove(atr_memos *all, const atr_memo *memo)
{
    atr_memo **at = bucket_of(all, memo->hash);
    while (*at != memo) {
        at = &(*at)->chain;
    }
    *at = memo->chain;
    all->count--;
}

static void memo_free(atr_store *store, atr_memo *memo)
{
    atr_memo_set_lost(store, memo, false);
    atr_deps_clear(store, &memo->deps);
    atr_memory_give(memo->deps.items, memo->deps.capacity * sizeof *memo->deps.items);
    atr_memory_give(memo->spare.items, memo->spare.capacity * sizeof *memo->spare.items);
    atr_value_release(atr_value_ref(&memo->result));
    atr_value_release(atr_value_ref(&memo->key));
    atr_memory_give(memo, sizeof *memo);
}

void atr_memos_free(atr_store *store)
{
    atr_memos *all = &store->memos;
    all->trimming = true; /* each goes by its bucket */
    for (atr_memo *memo = NULL; (memo = atr_memos_next(store, memo)) != NULL;) {
        atr_deps_clear(store, &memo->deps);
    }
    for (size_t i = 0; i < all->capacity; i++) {
        while (all->buckets[i] != NULL) {
            atr_memo *memo = all->buckets[i];
            all->buckets[i] = memo->chain;
            memo_free(store, memo);
        }
    }
    atr_memory_give(all->buckets, all->capacity * sizeof *all->buckets);
}

/* ---- pins ---- */

static void idle_leave(atr_memos *all, atr_memo *memo)
{
    *(memo->idle_prev != NULL ? &memo->idle_prev->idle_next : &all->idle_first) = memo->idle_next;
    *(memo->idle_next != NULL ? &memo->idle_next->idle_prev : &all->idle_last) = memo->idle_prev;
    all->idle--;
}

/* What one that went has read was needed as long ago. */
static void idle_join_first(atr_memos *all, atr_memo *memo)
{
    memo->idle_prev = NULL;
    memo->idle_next = all->idle_first;
    *(all->idle_first != NULL ? &all->idle_first->idle_prev : &all->idle_last) = memo;
    all->idle_first = memo;
    all->idle++;
}

static void idle_join(atr_memos *all, atr_memo *memo)
{
    memo->idle_next = NULL;
    memo->idle_prev = all->idle_last;
    *(all->idle_last != NULL ? &all->idle_last->idle_next : &all->idle_first) = memo;
    all->idle_last = memo;
    all->idle++;
}

/* What goes lets go of others, which join the list meanwhile. */
static void idle_trim(atr_store *store)
{
    atr_memos *all = &store->memos;
    if (all->trimming) {
        return;
    }
    all->trimming = true;
    while (all->idle > IDLE_MAX) {
        atr_memo *memo = all->idle_first;
        idle_leave(all, memo);
        memo_remove(all, memo);
        memo_free(store, memo);
    }
    all->trimming = false;
}

static bool has_key(const atr_memo *memo)
{
    return memo->key.kind != ATR_KIND_UNIT;
}

void atr_memo_pin(atr_store *store, atr_memo *memo)
{
    if (memo->pins++ == 0 && has_key(memo)) {
        idle_leave(&store->memos, memo);
    }
}

void atr_memo_unpin(atr_store *store, atr_memo *memo)
{
    if (--memo->pins == 0 && has_key(memo)) {
        if (store->memos.trimming) {
            idle_join_first(&store->memos, memo);
        } else {
            idle_join(&store->memos, memo);
            idle_trim(store);
        }
    }
}

/* ---- the begin ---- */

atr_memo *atr_memo_get(atr_store *store, const atr_view_class *view, const atr_value *key)
{
    atr_memos *all = &store->memos;
    uint64_t hash = memo_hash(view, key);
    atr_memo *memo = memo_find(all, view, key, hash);
    if (memo != NULL) {
        atr_memo_pin(store, memo);
        return memo;
    }
    memo = memos_reserve(all) ? atr_memory_take(sizeof *memo) : NULL;
    if (memo == NULL) {
        return NULL;
    }
    *memo = (atr_memo){
        .view = view, .key = *key, .hash = hash, .result = atr_type_zero(&view->type), .pins = 1};
    atr_hold_(atr_value_ref(key));
    memo_add(all, memo);
    return memo;
}
