/* Subscriptions to edit scripts. One to a field of a root is a kind of its own (watch.c); one to a view is
 * that of any subscriber to views. In both one in between makes the script, from what was told last
 * to what there is now, so what lies between two calls is one script. */
#include <atrium/edits.h>

#include "store.h"

enum { LIMIT_DEFAULT = 10000 };

/* The user data of the subscriber in between. */
typedef struct held_edits {
    void (*fn)(void);
    void *user;
    atr_destroy_fn destroy;
    size_t limit;
    bool redacted; /* what a redacted field holds */
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

atr_destroy_fn atr_edits_end(void)
{
    return atr_edits_let_go;
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
    h->limit = LIMIT_DEFAULT;
    return h;
}

void *atr_edits_hold(void (*fn)(void), void *user, atr_destroy_fn destroy, bool redacted)
{
    return hold((held_edits){fn, user, destroy, 0, redacted}, true);
}

void atr_edits_limit(void *held, size_t limit)
{
    held_edits *h = held;
    h->limit = limit > 0 ? limit : LIMIT_DEFAULT;
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

void *atr_edits_hold_view(atr_store *store, const atr_view_class *view, void (*fn)(void),
                          void *user, atr_destroy_fn destroy)
{
    static const char what[] = "ATR_WATCH_VIEW_EDITS";
    held_edits wanted = {fn, user, destroy, 0, false};
    bool allowed = edits_allowed(store, fn, what);
    if (allowed && !atr_type_has_edits(&view->type)) {
        atr_store_violation(store, ATR_E_DEFINITION,
                            "%s: view %s gives neither collection nor model", what, view->name);
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
    const held_edits *h = held;
    atr_diff_options options = {.rows_only = true, .limit = h->limit, .redacted = h->redacted};
    call->fn = h->fn;
    call->user = h->user;
    call->edits = atr_diff(e->s, was, now, &options);
    if (atr_scope_error(e->s) != NULL) {
        call_whole(call, e->s, was, now);
        call->whole.at.redacted = h->redacted;
    }
}

void atr_edits_tell(atr_event *e, const void *was, const void *now, const void *held)
{
    atr_edits_call call;
    atr_edits_call_make(&call, e, was, now, held);
    ((atr_edits_fn)call.fn)(e, call.edits, was, now, call.user);
}
