/* From what has changed to who watches it. A root's old and new value are compared at each map
 * or set field of which keys are watched: by the difference of the two, or, when the keys watched
 * are fewer than what that would visit, key by key. So the cost follows the lesser of the two,
 * twice at most. */
#include "store.h"

#include "omap_diff.h"

/* So few keys are looked up without trying the difference first. */
enum { FEW = 4 };

void atr_due_kin(atr_store *store, uint32_t place)
{
    for (; place != 0; place = atr_sub_at(store, place)->kin_next) {
        atr_due_add(store, place);
    }
}

/* ---- keys ---- */

typedef struct search {
    atr_store *store;
    const atr_watched_field *field;
} search;

static void key_changed(void *user, atr_word key, const atr_word *was, const atr_word *now)
{
    const search *in = user;
    uint32_t place = atr_watched_key_find(in->field, key);
    (void)was;
    (void)now;
    if (place != 0) {
        atr_due_kin(in->store, in->field->keys[place - 1].watchers.first);
    }
}

static bool same_entry(const void *was, const void *now, const atr_watched_field *field,
                       atr_word key)
{
    atr_word a = {0}, b = {0};
    bool set = field->map->element.kind == ATR_KIND_UNIT;
    bool there = atr_entry_find(field->map, was, key, set ? NULL : &a);
    if (there != atr_entry_find(field->map, now, key, set ? NULL : &b)) {
        return false;
    }
    return field->map->element.kind >= ATR_KIND_STR ? a.ref == b.ref : a.i64 == b.i64;
}

static void look_up_all(atr_store *store, const atr_watched_field *field, const void *was,
                        const void *now)
{
    for (uint32_t i = 0; i < field->count; i++) {
        const atr_watched_key *key = &field->keys[i];
        if (key->watchers.first != 0) {
            store->stats.checked++;
            if (!same_entry(was, now, field, key->key)) {
                atr_due_kin(store, key->watchers.first);
            }
        }
    }
}

static const void *map_at(const void *root, uint32_t offset)
{
    return *(const void *const *)(const void *)((const char *)root + offset);
}

static bool field_changes(search *in, const void *was, const void *now)
{
    atr_structure structure = in->field->map->structure;
    return structure == ATR_STRUCTURE_OMAP || structure == ATR_STRUCTURE_OSET
               ? atr_omap_changes(was, now, in->field->count, key_changed, in)
               : atr_map_changes(was, now, in->field->count, key_changed, in);
}

static void field_collect(atr_store *store, const atr_watched_field *field, const atr_slot *slot)
{
    const void *was = map_at(slot->notified, field->offset);
    const void *now = map_at(slot->visible, field->offset);
    search in = {store, field};
    if (was == now || field->live == 0) {
        return;
    }
    if (field->count <= FEW || !field_changes(&in, was, now)) {
        look_up_all(store, field, was, now);
    }
}

/* ---- views ---- */

/* Only its own look tells whether a view has another result, and that comes when its first
 * subscription's turn does: if so, the others are due then. But a round under way may be past the
 * first. */
static void views_collect(atr_store *store, uint64_t roots, bool under_way)
{
    for (const atr_memo *memo = store->watched; memo != NULL; memo = memo->watched_next) {
        if ((memo->roots & roots) == 0) {
            continue;
        }
        if (!under_way) {
            atr_due_add(store, memo->watchers.first);
        } else {
            atr_due_kin(store, memo->watchers.first);
        }
    }
}

/* ---- roots ---- */

static void slot_collect(atr_store *store, atr_slot *slot, atr_dead *dead)
{
    atr_due_kin(store, slot->watchers.first);
    for (const atr_watched_field *field = slot->fields; field != NULL; field = field->next) {
        field_collect(store, field, slot);
    }
    atr_hold_(slot->visible);
    atr_release_(dead, slot->notified);
    slot->notified = slot->visible;
}

void atr_changes_collect(atr_store *store, bool under_way)
{
    atr_dead dead = {NULL};
    uint64_t roots = 0;
    for (size_t i = 0; i < store->shown_count; i++) {
        uint32_t index = store->shown[i];
        atr_slot *slot = &store->slots[index];
        slot->shown = false;
        if (slot->notified != slot->visible) {
            slot_collect(store, slot, &dead);
            roots |= (uint64_t)1 << (index % 64);
        }
    }
    store->shown_count = 0;
    if (roots != 0) {
        views_collect(store, roots, under_way);
    }
    atr_dead_run(&dead);
}

void atr_changes_note(atr_store *store)
{
    if (store->shown_count > 0) {
        atr_changes_collect(store, store->subs.rounds > 0);
        store->untold = true;
    }
}
