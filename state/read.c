/* Reading roots, whole or one entry of a map or set field. What a context reads is what it may see: finish the
 * turn's own values, the others what is visible; and it stays valid for the context's scope (rule S1). */
#include "store.h"

#include "check.h"
#include "omap_node.h"
#include "scalar.h"

/* A number of a map as a value, so that there can be a pointer to it. */
typedef struct number {
    atr_head atr;
    atr_word word;
} number;

static const atr_model number_model = {
    .name = "number",
    .structure = ATR_STRUCTURE_NODE,
    .size_bytes = sizeof(number),
};

static const void *read_in_layer(const atr_ctx *ctx, const atr_slot *slot)
{
    const void *version = atr_slot_working(ctx->store, slot, ctx->front.is_layer);
    atr_layer_note_read(ctx->store, slot, version);
    return version;
}

static inline const void *ctx_version(atr_ctx *ctx, const atr_slot *slot)
{
    if (!atr_ctx_is_working(ctx)) {
        return atr_ctx_hold(ctx, slot->visible) ? slot->visible : NULL;
    }
    return ctx->store->folding == NULL ? atr_slot_working(ctx->store, slot, ctx->front.is_layer)
                                       : read_in_layer(ctx, slot);
}

/* In a view, which depends on it. */
static const void *read_in_view(const atr_ctx *ctx, atr_slot *slot)
{
    if (atr_memo_note_root(ctx->memo, slot, slot->index)) {
        return slot->visible;
    }
    atr_scope_fail(ctx->front.scope, &atr_error_no_memory);
    return NULL;
}

ATR_NOINLINE static const void *root_read(atr_ctx *ctx, const atr_root *root)
{
    atr_slot *slot = NULL;
    const void *version;
    if (atr_ctx_usable(ctx, "ATR_STATE")) {
        slot = atr_store_slot(ctx->store, root, "ATR_STATE");
    }
    if (slot == NULL) {
        return root->model->prototype;
    }
    version = ctx->memo == NULL ? ctx_version(ctx, slot) : read_in_view(ctx, slot);
    return version != NULL ? version : root->model->prototype;
}

/* Mostly it is a turn that reads the root that was read last. */
const void *atr_root_read(atr_ctx *ctx, const atr_root *root)
{
    if (atr_ctx_is_here(ctx) && ctx->front.kind == ATR_CTX_FINISH) {
        const atr_store *store = ctx->store;
        const atr_slot *slot = store->recent;
        if (store->phase == ATR_STORE_TURN && slot != NULL && slot->root == root) {
            return slot->working != NULL ? slot->working : slot->confirmed;
        }
    }
    return root_read(ctx, root);
}

/* ---- fields and keys ---- */

static const atr_field *field_at(const atr_model *model, const void *at)
{
    for (uint32_t i = 0; i < model->field_count; i++) {
        if (model->fields[i].at == at) {
            return &model->fields[i];
        }
    }
    return NULL;
}

const atr_field *atr_field_of(atr_store *store, const atr_slot *slot, const void *at,
                              const char *what)
{
    const atr_field *field = field_at(slot->root->model, at);
    if (field == NULL) {
        atr_store_violation(store, ATR_E_DEFINITION, "%s: %s has no such field", what,
                            slot->root->name);
    }
    return field;
}

atr_value atr_field_value(const atr_model *model, const atr_field *field, const void *object)
{
    const char *at = (const char *)object + atr_field_offset(model, field);
    if (field->type.kind < ATR_KIND_STR) {
        return atr_scalar_value(field->type.kind, atr_scalar_load(&field->type, at));
    }
    return atr_wrap_pointer_(field->type.kind, *(const void *const *)(const void *)at);
}

static bool is_keyed(const atr_type *type)
{
    return type->kind >= ATR_KIND_MAP && type->kind <= ATR_KIND_OSET &&
           type->model->key != ATR_KIND_REF;
}

bool atr_place_make(atr_store *store, const atr_slot *slot, const void *at, atr_word key,
                    const char *what, atr_place *place)
{
    const atr_model *model = slot->root->model;
    const atr_field *field = field_at(model, at);
    if (field == NULL || !is_keyed(&field->type)) {
        atr_store_violation(store, ATR_E_DEFINITION, "%s: %s.%s has no entries with keys", what,
                            slot->root->name, field != NULL ? field->name : "?");
        return false;
    }
    place->slot = slot->index;
    place->offset = (uint32_t)atr_field_offset(model, field);
    place->map = field->type.model;
    /* As it lies in an ordered map and back: one NaN, no negative zero. */
    place->key = atr_omap_key_out(place->map, atr_omap_key_in(place->map, key));
    return true;
}

const char *atr_place_fault(const atr_store *store, const atr_place *place)
{
    return atr_place_is_text(place) && place->key.ref != NULL
               ? atr_value_fault(store->scope, place->key.ref, &atr_str_model)
               : NULL;
}

bool atr_type_has_edits(const atr_type *type)
{
    return type->kind == ATR_KIND_REF ||
           (type->kind >= ATR_KIND_VEC && type->kind <= ATR_KIND_OSET);
}

bool atr_place_of_edits(atr_store *store, const atr_slot *slot, const void *at, const char *what,
                        atr_place *place)
{
    const atr_model *model = slot->root->model;
    const atr_field *field = field_at(model, at);
    if (field == NULL || !atr_type_has_edits(&field->type)) {
        atr_store_violation(store, ATR_E_DEFINITION, "%s: %s.%s is neither collection nor model",
                            what, slot->root->name, field != NULL ? field->name : "?");
        return false;
    }
    *place =
        (atr_place){slot->index, (uint32_t)atr_field_offset(model, field), field->type.model, {0}};
    return true;
}

bool atr_entry_find(const atr_model *model, const void *map, atr_word key, atr_word *value)
{
    return model->structure == ATR_STRUCTURE_OMAP || model->structure == ATR_STRUCTURE_OSET
               ? atr_omap_find(map, key, value)
               : atr_map_find(map, key, value);
}

atr_value atr_entry_value(const atr_model *map, const atr_word *word)
{
    atr_value value = {map->element.kind, word != NULL, {false}};
    value.as.ref = NULL;
    if (word != NULL && value.kind == ATR_KIND_I64) {
        value.as.i64 = word->i64;
    } else if (word != NULL && value.kind == ATR_KIND_F64) {
        value.as.f64 = word->f64;
    } else if (word != NULL && value.kind != ATR_KIND_UNIT) {
        value.as.ref = word->ref;
    }
    return value;
}

atr_value atr_place_value(const atr_place *place, const void *version)
{
    const char *at = (const char *)version + place->offset;
    const void *map = *(const void *const *)(const void *)at;
    bool known = !atr_place_is_text(place) || place->key.ref != NULL, set;
    atr_word word = {0};
    set = place->map->element.kind == ATR_KIND_UNIT;
    known = known && atr_entry_find(place->map, map, place->key, set ? NULL : &word);
    return atr_entry_value(place->map, known ? &word : NULL);
}

static const void *entry_pointer(atr_ctx *ctx, const atr_value *entry)
{
    number *made;
    if (!entry->has || atr_kind_is_ref(entry->kind)) {
        return entry->has ? entry->as.ref : NULL;
    }
    if (entry->kind == ATR_KIND_UNIT) {
        return &number_model; /* there is a member: any address */
    }
    made = atr_value_alloc(ctx->front.scope, &number_model, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->word.i64 = 0;
    if (entry->kind == ATR_KIND_F64) {
        made->word.f64 = entry->as.f64;
    } else {
        made->word.i64 = entry->as.i64;
    }
    return &made->word;
}

/* Only a view tells the field from the whole. */
const void *atr_root_read_field(atr_ctx *ctx, const atr_root *root, const void *at)
{
    static const char what[] = "ATR_STATE_FIELD";
    const atr_field *field;
    atr_slot *slot;
    if (!atr_ctx_is_here(ctx) || ctx->memo == NULL) {
        return atr_root_read(ctx, root);
    }
    slot = atr_ctx_usable(ctx, what) ? atr_store_slot(ctx->store, root, what) : NULL;
    field = slot != NULL ? atr_field_of(ctx->store, slot, at, what) : NULL;
    if (field == NULL) {
        return root->model->prototype;
    }
    if (!atr_memo_note_field(ctx->memo, slot, field)) {
        atr_scope_fail(ctx->front.scope, &atr_error_no_memory);
        return root->model->prototype;
    }
    return slot->visible;
}

/* A view is looked at again by what it has read. */
static bool key_may_be_kept(const atr_store *store, const atr_place *place, const char *what)
{
    const char *fault = atr_place_fault(store, place);
    if (fault != NULL) {
        atr_store_violation(store, ATR_E_REFUSED, "%s: the key %s", what, fault);
    }
    return fault == NULL;
}

const void *atr_root_read_key(atr_ctx *ctx, const atr_root *root, const void *at, atr_word key)
{
    static const char what[] = "ATR_STATE_KEY";
    atr_slot *slot;
    atr_place place;
    atr_value entry;
    const void *version;
    slot = atr_ctx_usable(ctx, what) ? atr_store_slot(ctx->store, root, what) : NULL;
    if (slot == NULL || !atr_place_make(ctx->store, slot, at, key, what, &place)) {
        return NULL;
    }
    if (ctx->memo != NULL && !key_may_be_kept(ctx->store, &place, what)) {
        return NULL;
    }
    version = ctx->memo != NULL ? slot->visible : ctx_version(ctx, slot);
    if (version == NULL) {
        return NULL;
    }
    entry = atr_place_value(&place, version);
    if (ctx->memo != NULL && !atr_memo_note_key(ctx->memo, &place, entry)) {
        atr_scope_fail(ctx->front.scope, &atr_error_no_memory);
        return NULL;
    }
    return entry_pointer(ctx, &entry);
}

/* ---- comparing ---- */

bool atr_scalar_same(const atr_value *a, const atr_value *b)
{
    if (a->has != b->has || a->kind != b->kind) {
        return false;
    }
    if (!a->has && !atr_kind_is_ref(a->kind)) {
        return true;
    }
    switch (a->kind) {
    case ATR_KIND_UNIT: return true;
    case ATR_KIND_BOOL: return a->as.boolean == b->as.boolean;
    case ATR_KIND_I32:
    case ATR_KIND_U32:
    case ATR_KIND_ENUMERATION: return a->as.i32 == b->as.i32;
    case ATR_KIND_F64: return atr_f64_equal(a->as.f64, b->as.f64);
    case ATR_KIND_I64:
    case ATR_KIND_TIME: return a->as.i64 == b->as.i64;
    default: return a->as.ref == b->as.ref;
    }
}

bool atr_value_equal(const atr_value *a, const atr_value *b)
{
    return atr_value_same(a, b) || atr_value_alike(a, b);
}
