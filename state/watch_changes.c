/* From what has changed to who watches it. A root's old and new value are compared at each map
 * or set field of which keys are watched: by the difference of the two, or, when the keys watched
 * are fewer than what that would visit, key by key. So the cost follows the lesser of the two,
 * twice at most. */
#include "watchers.h"

#include "omap_diff.h"

/* So many nodes and changes the difference may visit at least, as many as it mostly has. */
enum { FEW = 8 };

void atr_watchers_touch_in_round(atr_store *store, atr_watchers *all)
{
    uint32_t at;
    if (all->begun) {
        atr_watchers_interrupt(store, all);
    }
    at = atr_watchers_after(all, store->subs.cursor);
    atr_due_now(store, all, at);
    if (at > 0) {
        atr_due_again(store, all);
        store->untold = true; /* a nested round may have begun since this was noted */
    }
}

/* ---- keys ---- */

typedef struct search {
    atr_store *store;
    const atr_watched_field *field;
} search;

/* So much of them is asked for unseen, */
enum { FIRST_LINES = 3 };

static inline void watchers_fetch(const atr_watchers *all)
{
    for (size_t i = 0; all != NULL && i < FIRST_LINES; i++) {
        ATR_PREFETCH((const char *)&all->state + i * ATR_LINE);
    }
}

/* and the rest when it is known how many there are. */
static inline void watchers_fetch_rest(const atr_watchers *all)
{
    const char *at = (const char *)&all->state, *end = (const char *)&all->items[all->count];
    for (at += FIRST_LINES * ATR_LINE; at < end; at += ATR_LINE) {
        ATR_PREFETCH(at);
    }
}

int atr_ahead_fetch(atr_store *store, const atr_watched_field *fields)
{
    atr_ahead *ahead = &store->ahead;
    for (; ahead->noted && fields != NULL; fields = fields->next) {
        if (fields->map == ahead->map && fields->live > 0) {
            watchers_fetch(fields->keys[ahead->hash >> fields->shift].watchers);
        }
    }
    ahead->noted = false;
    return ATR_OK;
}

/* Updates of such a map look into this field from now on. */
static inline void ahead_set(atr_store *store, const atr_watched_field *field)
{
    atr_ahead *ahead = &store->ahead;
    ahead->map = field->map;
    ahead->places = (uintptr_t)field->keys;
    ahead->shift = field->shift;
    store->pool->ahead = ahead;
}

/* Mostly it is there, and a value. */
static inline atr_value entry_value(const atr_model *map, const atr_word *word)
{
    atr_value value = {map->element.kind, true, {false}};
    if (word == NULL || !atr_kind_is_ref(value.kind)) {
        return atr_entry_value(map, word);
    }
    value.as.ref = word->ref;
    return value;
}

/* What there is now needs not be looked up again, as long as the state is the same. */
static inline void key_touch(atr_store *store, const atr_watched_field *field,
                             const atr_watched_key *key, const atr_word *now)
{
    struct atr_dep **readers = atr_watched_key_readers(field, key);
    if (key->watchers != NULL) {
        watchers_fetch_rest(key->watchers);
        atr_watchers_touch_with(store, key->watchers, entry_value(field->map, now));
    }
    if (readers != NULL) {
        atr_readers_touch(store, *readers);
    }
}

static inline void key_look(atr_store *store, const atr_watched_field *field, atr_word key,
                            const atr_word *now)
{
    const atr_watched_key *watched = atr_watched_key_find(field, key);
    if (watched != NULL) {
        ahead_set(store, field);
        key_touch(store, field, watched, now);
    }
}

static void key_changed(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    const search *in = user;
    (void)was;
    key_look(in->store, in->field, key, now);
}

/* *now: the entry there is, or NULL; in *word. */
static bool same_entry(const void *was, const void *now_map, const atr_watched_field *field,
                       atr_word key, atr_word *word, const atr_word **now)
{
    atr_word old = {0};
    bool set = field->map->element.kind == ATR_KIND_UNIT;
    bool there = atr_entry_find(field->map, was, key, set ? NULL : &old);
    *now = atr_entry_find(field->map, now_map, key, set ? NULL : word) ? word : NULL;
    if (there != (*now != NULL)) {
        return false;
    }
    return field->map->element.kind >= ATR_KIND_STR ? old.ref == word->ref : old.i64 == word->i64;
}

static void look_up_all(atr_store *store, const atr_watched_field *field, const void *was,
                        const void *now)
{
    for (uint32_t i = 0; i < field->capacity; i++) {
        const atr_watched_key *key = &field->keys[i];
        if (atr_watched_key_is_used(field, key)) {
            atr_word word = {0};
            const atr_word *entry;
            store->stats.checked++;
            if (!same_entry(was, now, field, key->key, &word, &entry)) {
                key_touch(store, field, key, entry);
            }
        }
    }
}

static const void *map_at(const void *root, uint32_t offset)
{
    return *(const void *const *)(const void *)((const char *)root + offset);
}

/* false: the difference takes longer than to look up each key watched. */
ATR_NOINLINE static bool keys_collect(atr_store *store, const atr_watched_field *field,
                                      const void *was, const void *now)
{
    atr_structure structure = field->map->structure;
    search in = {store, field};
    size_t limit = field->live > FEW ? field->live : FEW;
    return structure == ATR_STRUCTURE_OMAP || structure == ATR_STRUCTURE_OSET
               ? atr_omap_changes(was, now, limit, key_changed, &in)
               : atr_map_changes(was, now, limit, key_changed, &in);
}

/* Mostly one entry of a map has another value. */
static inline bool entry_collect(atr_store *store, const atr_watched_field *field, const void *was,
                                 const void *now)
{
    atr_map_change one;
    if (field->map->structure != ATR_STRUCTURE_MAP ||
        !atr_map_changed_one(store->pool, was, now, &one)) {
        return false;
    }
    key_look(store, field, one.key, one.now);
    return true;
}

/* Who is told the root when the field differs. When it does not they follow to the root there is, so that no
 * old one lives for them. */
static void whole_collect(atr_store *store, const atr_watched_field *field, const atr_slot *slot,
                          atr_value now)
{
    atr_watchers *all = field->watchers;
    if (!atr_watched_field_alike(field, slot->notified, slot->visible)) {
        atr_watchers_touch_with(store, all, now);
    } else if (all->due == ATR_DUE_NOT) {
        atr_hold_(slot->visible);
        atr_release_(&store->subs.dead, all->was.as.ref);
        all->was = now;
    }
}

static inline void field_collect(atr_store *store, const atr_watched_field *field,
                                 const atr_slot *slot)
{
    const void *was = map_at(slot->notified, field->offset);
    const void *now = map_at(slot->visible, field->offset);
    if (was == now) {
        return;
    }
    atr_watchers_touch(store, field->edits_watchers);
    if (field->live > 0 && !entry_collect(store, field, was, now) &&
        !keys_collect(store, field, was, now)) {
        look_up_all(store, field, was, now);
    }
}

/* ---- roots ---- */

void atr_slot_collect_parts(atr_store *store, const atr_slot *slot, atr_value now)
{
    if (slot->readers != NULL) {
        atr_readers_touch(store, slot->readers);
    }
    for (const atr_watched_field *field = slot->fields; field != NULL; field = field->next) {
        if (field->watchers != NULL) {
            whole_collect(store, field, slot, now);
        }
        if (field->edits_watchers != NULL || field->live > 0) {
            field_collect(store, field, slot);
        }
    }
}

void atr_lost_collect(atr_store *store)
{
    for (atr_memo *memo = NULL; (memo = atr_memos_next(store, memo)) != NULL;) {
        if (memo->lost && memo->live > 0) {
            atr_memo_touch(store, memo);
        }
    }
}
