/* Subscriptions to edit scripts: those of roots and views (watch.c), with a subscriber in between that
 * makes the script from what it was told last to what it is told now. So they are told when, and as often
 * as, any other, and what lies between two calls is one script. */
#include <atrium/edits.h>

#include "store.h"

/* The user data of the subscriber in between. */
typedef struct held_edits {
    void (*fn)(void);
    void *user;
    atr_destroy_fn destroy;
    size_t offset; /* of the field in its root */
} held_edits;

static void destroy_user(void *user, atr_destroy_fn destroy)
{
    if (destroy != NULL) {
        destroy(user);
    }
}

void atr_edits_let_go(void *held)
{
    held_edits *h = held;
    destroy_user(h->user, h->destroy);
    atr_memory_give(h, sizeof *h);
}

/* ---- the begin ---- */

/* NULL: refused; user is destroyed then. */
static void *hold(held_edits wanted, bool allowed)
{
    held_edits *h = allowed ? atr_memory_take(sizeof *h) : NULL;
    if (h == NULL) {
        destroy_user(wanted.user, wanted.destroy);
        return NULL;
    }
    *h = wanted;
    return h;
}

static bool has_edits(const atr_type *type)
{
    return type->kind == ATR_KIND_REF ||
           (type->kind >= ATR_KIND_VEC && type->kind <= ATR_KIND_OSET);
}

static bool edits_allowed(const atr_store *store, void (*fn)(void), const char *what)
{
    if (store == NULL || !atr_store_on_thread(store, what)) {
        return false;
    }
    if (fn == NULL) {
        atr_store_violation(store, ATR_E_INVALID, "%s: the function is NULL", what);
    }
    return fn != NULL;
}

static const atr_field *field_at(const atr_model *model, const void *at)
{
    for (uint32_t i = 0; i < model->field_count; i++) {
        if (model->fields[i].at == at) {
            return &model->fields[i];
        }
    }
    return NULL;
}

void *atr_edits_hold_field(atr_store *store, const atr_root *root, const void *at, atr_edits_fn fn,
                           void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_EDITS";
    held_edits wanted = {(void (*)(void))fn, user, destroy, 0};
    bool allowed = edits_allowed(store, wanted.fn, what);
    const atr_field *field = allowed ? field_at(root->model, at) : NULL;
    if (allowed && (field == NULL || !has_edits(&field->type))) {
        atr_store_violation(store, ATR_E_INVALID,
                            "%s: field %s of root %s is neither collection nor model", what,
                            field != NULL ? field->name : "?", root->name);
        allowed = false;
    }
    if (allowed) {
        wanted.offset = atr_field_offset(root->model, field);
    }
    return hold(wanted, allowed);
}

void *atr_edits_hold_view(atr_store *store, const atr_view_class *view, void (*fn)(void),
                          void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_VIEW_EDITS";
    held_edits wanted = {fn, user, destroy, 0};
    bool allowed = edits_allowed(store, fn, what);
    if (allowed && !has_edits(&view->type)) {
        atr_store_violation(store, ATR_E_INVALID, "%s: view %s gives neither collection nor model",
                            what, view->name);
        allowed = false;
    }
    return hold(wanted, allowed);
}

/* ---- telling ---- */

/* Without memory the script is one change of the whole: who follows it stays right. */
static void call_whole(atr_edits_call *call, atr_scope *s, const void *was, const void *now)
{
    atr_scope_take_error(s);
    call->whole = (atr_edit){.kind = ATR_EDIT_CHANGE,
                             .at = {.kind = ATR_STEP_WHOLE},
                             .was = {ATR_KIND_ANY, was != NULL, {false}},
                             .now = {ATR_KIND_ANY, now != NULL, {false}}};
    call->whole.was.as.ref = was;
    call->whole.now.as.ref = now;
    call->script = (atr_edits){1, &call->whole, 0};
    call->edits = &call->script;
}

void atr_edits_call_make(atr_edits_call *call, atr_event *e, const void *was, const void *now,
                         const void *held)
{
    static const atr_diff_options rows_only = {.rows_only = true};
    const held_edits *h = held;
    call->fn = h->fn;
    call->user = h->user;
    call->edits = atr_diff(e->s, was, now, &rows_only);
    if (atr_scope_error(e->s) != NULL) {
        call_whole(call, e->s, was, now);
    }
}

static const void *ref_at(const void *root, size_t offset)
{
    return *(const void *const *)(const void *)((const char *)root + offset);
}

void atr_edits_tell_field(atr_event *e, const void *was, const void *now, void *held)
{
    const held_edits *h = held;
    const void *before = ref_at(was, h->offset), *after = ref_at(now, h->offset);
    atr_edits_call call;
    if (before == after) {
        return;
    }
    atr_edits_call_make(&call, e, before, after, h);
    if (call.edits->count > 0) {
        ((atr_edits_fn)call.fn)(e, call.edits, before, after, call.user);
    }
}
