/* What a view has read: roots, fields, entries of map fields, other views. Its result holds as long as each of
 * them still is the same value, told by its address (numbers by what they are). */
#include "store.h"

#include <string.h>

enum { DEPS_FIRST = 4, RECENT = 4 };

static bool dep_add(atr_memo *memo, atr_dep dep)
{
    atr_deps *deps = &memo->deps;
    if (deps->count == deps->capacity) {
        size_t capacity = deps->capacity == 0 ? DEPS_FIRST : deps->capacity * 2;
        atr_dep *items = atr_memory_take(capacity * sizeof *items);
        if (items == NULL) {
            return false;
        }
        if (deps->count > 0) {
            memcpy(items, deps->items, deps->count * sizeof *items);
        }
        atr_memory_give(deps->items, deps->capacity * sizeof *items);
        deps->items = items;
        deps->capacity = capacity;
    }
    atr_hold_(atr_value_ref(&dep.seen));
    if (dep.kind == ATR_DEP_KEY && atr_place_is_text(&dep.place)) {
        atr_hold_(dep.place.key.ref);
    }
    dep.owner = memo;
    deps->items[deps->count++] = dep;
    return true;
}

/* `noted_by` is only good until another run notes the same; then there is one more, which is harmless. There
 * must be one more when it has changed since: what the view has read lives until it returns (rule S1). */
static bool is_noted(const atr_memo *memo, const atr_slot *slot)
{
    return slot->noted_by == memo->run && slot->noted_at == slot->changed;
}

bool atr_memo_note_root(atr_memo *memo, atr_slot *slot, uint32_t index)
{
    atr_dep dep = {
        .kind = ATR_DEP_ROOT, .place.slot = index, .seen = {ATR_KIND_REF, true, {false}}};
    if (is_noted(memo, slot)) {
        return true;
    }
    dep.seen.as.ref = slot->visible;
    if (!dep_add(memo, dep)) {
        return false;
    }
    slot->noted_by = memo->run;
    slot->noted_at = slot->changed;
    return true;
}

bool atr_memo_note_field(atr_memo *memo, const atr_slot *slot, const atr_field *field)
{
    atr_dep dep = {.kind = ATR_DEP_FIELD,
                   .place.slot = slot->index,
                   .part = field,
                   .seen = atr_field_value(slot->root->model, field, slot->visible)};
    for (size_t i = 0; i < memo->deps.count && i < RECENT; i++) {
        const atr_dep *known = &memo->deps.items[memo->deps.count - 1 - i];
        if (known->kind == ATR_DEP_FIELD && known->part == field &&
            known->place.slot == slot->index && atr_value_same(&known->seen, &dep.seen)) {
            return true;
        }
    }
    return is_noted(memo, slot) || dep_add(memo, dep);
}

static bool same_place(const atr_place *a, const atr_place *b)
{
    if (a->slot != b->slot || a->offset != b->offset || a->map != b->map) {
        return false;
    }
    return atr_place_is_text(a) ? a->key.ref == b->key.ref : a->key.i64 == b->key.i64;
}

bool atr_memo_note_key(atr_memo *memo, const atr_place *place, atr_value seen)
{
    atr_dep dep = {.kind = ATR_DEP_KEY, .place = *place, .seen = seen};
    size_t count = memo->deps.count, oldest = count > RECENT ? count - RECENT : 0;
    for (size_t i = count; i > oldest; i--) {
        const atr_dep *known = &memo->deps.items[i - 1];
        if (known->kind == ATR_DEP_KEY && same_place(&known->place, place) &&
            atr_value_same(&known->seen, &seen)) {
            return true;
        }
    }
    return dep_add(memo, dep);
}

bool atr_memo_note_view(atr_store *store, atr_memo *memo, atr_memo *other)
{
    if (other->noted_by == memo->run && other->noted_version == other->version) {
        return true;
    }
    if (!dep_add(memo, (atr_dep){.kind = ATR_DEP_VIEW, .memo = other, .seen = other->result})) {
        return false;
    }
    other->noted_by = memo->run;
    other->noted_version = other->version;
    atr_memo_pin(store, other);
    return true;
}

void atr_deps_clear(atr_store *store, atr_deps *deps)
{
    atr_dead dead = {NULL};
    for (size_t i = 0; i < deps->count; i++) {
        const atr_dep *dep = &deps->items[i];
        atr_release_(&dead, atr_value_ref(&dep->seen));
        if (dep->kind == ATR_DEP_KEY && atr_place_is_text(&dep->place)) {
            atr_release_(&dead, dep->place.key.ref);
        }
        if (dep->kind == ATR_DEP_VIEW) {
            atr_memo_unpin(store, dep->memo);
        }
    }
    deps->count = 0;
    atr_dead_run(&dead);
}

static bool view_holds(const atr_store *store, const atr_dep *dep)
{
    return dep->memo->checked == store->epoch && atr_value_same(&dep->memo->result, &dep->seen);
}

static bool place_holds(const atr_store *store, const atr_memo *memo, const atr_dep *dep)
{
    const atr_slot *slot = &store->slots[dep->place.slot];
    atr_value now;
    if (slot->changed <= memo->checked) {
        return true;
    }
    if (dep->kind == ATR_DEP_ROOT) {
        return slot->visible == dep->seen.as.ref;
    }
    now = dep->kind == ATR_DEP_FIELD ? atr_field_value(slot->root->model, dep->part, slot->visible)
                                     : atr_place_value(&dep->place, slot->visible);
    return atr_value_same(&now, &dep->seen);
}

/* Another view is brought up to date only when everything read before it is unchanged: it might not be
 * asked for any more. */
atr_memo *atr_memo_deps_step(const atr_store *store, atr_memo *memo, bool *holds)
{
    const atr_dep *items = memo->deps.items;
    *holds = memo->asked == 0 || items[memo->asked - 1].kind != ATR_DEP_VIEW ||
             view_holds(store, &items[memo->asked - 1]);
    while (*holds && memo->asked < memo->deps.count) {
        const atr_dep *dep = &items[memo->asked++];
        if (dep->kind != ATR_DEP_VIEW) {
            *holds = place_holds(store, memo, dep);
        } else if (!dep->memo->running && dep->memo->checked != store->epoch) {
            return dep->memo;
        } else {
            *holds = !dep->memo->running && view_holds(store, dep);
        }
    }
    return NULL;
}
