/* Rounds of notification. Those who watch one thing are told it one after the other, in order of
 * registration, as long as nobody else comes before the next of them. What is told to all of them is
 * looked up and compared once. A subscriber may do anything: add and remove subscriptions, commit turns,
 * run a nested loop with rounds. So nothing here is kept in a pointer across a call of it when that has
 * stirred anything, its value is noted as told before the call, and what it changes is looked for after
 * it. */
#include "contexts.h"
#include "watchers.h"

static const atr_value nothing = {ATR_KIND_UNIT, false, {false}};

static const void *entry_pointer(const atr_value *entry)
{
    if (!entry->has) {
        return NULL;
    }
    return atr_kind_is_ref(entry->kind) ? entry->as.ref : &entry->as;
}

/* What is being told to those who watch one thing, and lives until the last call of it returns. */
typedef struct telling {
    atr_watchers *to;
    atr_value was;
    atr_value now;
    const void *was_at; /* of a key: where they lie, NULL for none */
    const void *now_at;
    uint64_t stir; /* as long as the store has this, they are there, and this holds */
    uint8_t kind;  /* of them; */
    union {        /* and of what, which outlives them */
        const atr_root *root;
        const atr_watched_field *field;
        const atr_view_class *view;
    };
} telling;

static inline void telling_of(telling *t, const atr_watchers *all)
{
    t->kind = all->kind;
    if (all->kind == ATR_WATCHED_ROOT) {
        t->root = all->root;
    } else if (all->kind == ATR_WATCHED_VIEW) {
        t->view = all->memo->view;
    } else {
        t->field = all->field;
        t->was_at = entry_pointer(&t->was);
        t->now_at = entry_pointer(&t->now);
    }
}

static inline void hearer_call(const telling *t, const atr_hearer *hearer, const atr_value *was,
                               atr_event *e)
{
    if (t->kind == ATR_WATCHED_KEY) {
        t->field->notify(e, was == &t->was ? t->was_at : entry_pointer(was), t->now_at, hearer->fn,
                         hearer->user);
    } else if (t->kind == ATR_WATCHED_ROOT) {
        t->root->notify(e, *was, t->now, hearer->fn, hearer->user);
    } else if (t->kind == ATR_WATCHED_VIEW) {
        t->view->notify(e, *was, t->now, hearer->fn, hearer->user);
    } else if (t->kind == ATR_WATCHED_FIELD) {
        t->field->root->notify(e, *was, t->now, hearer->fn, hearer->user);
    } else {
        atr_edits_tell(e, was->as.ref, t->now.as.ref, hearer->user);
    }
}

/* ---- from what has changed to who watches it ---- */

ATR_COLD static void dead_free(atr_store *store)
{
    atr_dead dead = store->subs.dead;
    store->subs.dead = (atr_dead){NULL};
    atr_dead_run(&dead);
}

static inline void slot_collect(atr_store *store, atr_slot *slot)
{
    atr_value now = {ATR_KIND_REF, true, {false}};
    now.as.ref = slot->visible;
    atr_watchers_touch_with(store, slot->watchers, now);
    if (slot->readers != NULL || slot->fields != NULL) {
        atr_slot_collect_parts(store, slot, now);
    }
    atr_release_(&store->subs.dead, slot->notified);
    slot->notified = slot->visible; /* borrowed */
}

/* Make all due that may differ from what they were told, and touch the views that may. */
ATR_ALWAYS_INLINE void changes_collect(atr_store *store)
{
    bool changed = false;
    for (size_t i = 0; i < store->shown_count; i++) {
        atr_slot *slot = &store->slots[store->shown[i]];
        slot->shown = false;
        if (slot->notified != slot->visible) {
            slot_collect(store, slot);
            changed = true;
        }
    }
    store->shown_count = 0;
    if (changed && store->memos.lost > 0) {
        atr_lost_collect(store);
    }
    if (store->subs.dead.pools != NULL) {
        dead_free(store);
    }
}

void atr_changes_note(atr_store *store)
{
    if (store->shown_count > 0) {
        changes_collect(store);
        store->untold = true;
    }
}

/* What a subscriber has changed: those after it are told in this round, those before it in the next. */
static inline void changes_follow(atr_store *store)
{
    if (store->shown_count > 0) {
        atr_changes_note(store);
    }
    if (store->memos.stale_first != NULL) {
        atr_memos_settle(store);
    }
}

/* ---- the event of a round: one for all that it tells (rule S6) ---- */

typedef struct round {
    const atr_rounds *rounds;
    atr_event e;
    bool open;
} round;

/* One that the subscriber has closed itself is closed. */
static inline void round_close(round *r, atr_store *store)
{
    if (r->open && r->e.s != NULL) {
        atr_ctx_leave_here(store, r->e.ctx);
    }
    r->open = false;
}

/* Take what the subscriber latched before the scope closes, so that it is reported here only. */
static void report_failure(const atr_store *store, const telling *t, atr_scope *s)
{
    const atr_error *error = atr_scope_take_error(s);
    const atr_root *root = t->kind == ATR_WATCHED_ROOT ? t->root : t->field->root;
    if (store->host.failed != NULL) {
        store->host.failed(store->host.self,
                           t->kind == ATR_WATCHED_VIEW ? t->view->name : root->name, error);
    }
}

/* As new for the next one. */
static inline void event_renew(const atr_store *store, const atr_event *e)
{
    if (e->ctx->held_count > 0 || store->dropped_count > 0) {
        atr_ctx_renew(e->ctx);
    }
    if (!atr_scope_is_fresh(e->s)) {
        atr_scope_clear(e->s);
    }
}

/* false: there is none. */
static inline bool round_open(round *r, atr_store *store)
{
    const atr_rounds *rounds = r->rounds;
    atr_ctx *ctx;
    if (r->open) {
        event_renew(store, &r->e);
        return true;
    }
    if (rounds->may_open != NULL && !rounds->may_open(rounds->self)) {
        return false;
    }
    ctx = atr_ctx_enter_here(store, ATR_CTX_TOLD, rounds->host);
    if (ctx == NULL) {
        return false;
    }
    r->e = (atr_event){ctx->front.scope, ctx, atr_ctx_run(ctx)};
    r->open = true;
    return true;
}

ATR_COLD static void round_react(round *r, atr_store *store, const telling *t)
{
    if (r->e.s != NULL && r->e.s->front.error != NULL) {
        report_failure(store, t, r->e.s);
    }
    if (store->pool->checked || r->e.s == NULL) {
        round_close(r, store);
    }
}

/* Whether a subscriber has failed, or closed its event; or the store is a checked one, where each has
 * another, so that who has kept one is caught. */
static inline void round_look(round *r, atr_store *store, const telling *t)
{
    const atr_scope *s = r->e.s;
    if (s == NULL || s->front.error != NULL || s->front.careful) {
        round_react(r, store, t);
    }
}

/* false: there is no event for it. */
static inline bool hearer_tell(atr_store *store, const telling *t, const atr_hearer *hearer,
                               const atr_value *was, round *r)
{
    if (!round_open(r, store)) {
        return false;
    }
    store->stats.told++;
    hearer_call(t, hearer, was, &r->e);
    round_look(r, store, t);
    return true;
}

/* It stays as it was told, to be tried again. */
ATR_COLD static void hearer_put_back(atr_store *store, atr_watchers *all, atr_hearer *hearer,
                                     uint32_t marks, atr_value was)
{
    atr_hearer_set_apart(store, all, hearer, marks, was);
    atr_due_again(store, all);
    store->untold = true;
}

/* Whether two that are not one tell the same: of a field, versions of its root. */
static inline bool is_alike(const atr_watchers *all, const atr_value *was, const atr_value *now)
{
    return all->kind != ATR_WATCHED_FIELD
               ? atr_value_alike(was, now)
               : atr_watched_field_alike(all->field, was->as.ref, now->as.ref);
}

/* One that has ended, or that was told something else last than the others. */
ATR_COLD static bool apart_visit(atr_store *store, const telling *t, atr_hearer *hearer, round *r)
{
    uint32_t marks = hearer->marks;
    bool news = (marks & ATR_HEARER_NEWS) != 0, told = false;
    atr_value was;
    if ((marks & ATR_HEARER_GONE) != 0) {
        return false;
    }
    store->stats.checked++;
    was = atr_hearer_rejoin(store, t->to, hearer);
    if (news || (!atr_value_same(&was, &t->now) && !is_alike(t->to, &was, &t->now))) {
        told = hearer_tell(store, t, hearer, &was, r);
        if (!told) {
            hearer_put_back(store, t->to, hearer, marks, was);
        }
    }
    atr_let_go(atr_value_ref(&was));
    return told;
}

/* The next one. Whether it was called. */
static inline bool next_visit(atr_store *store, const telling *t, round *r)
{
    atr_watchers *all = t->to;
    atr_hearer *hearer = &all->items[all->at++];
    store->subs.cursor = hearer->order;
    if (hearer->marks != 0) {
        return apart_visit(store, t, hearer, r);
    }
    if (!all->begun) { /* only those apart are to be told */
        all->at = all->apart > 0 ? all->at : all->count;
        return false;
    }
    store->stats.checked++;
    if (!hearer_tell(store, t, hearer, &t->was, r)) {
        hearer_put_back(store, all, hearer, 0, t->was);
        return false;
    }
    return true;
}

/* ---- those who watch the same ---- */

/* Of a view; it may run, and do anything meanwhile. false: it could not run for want of memory, or nobody
 * wants it any more. */
static bool view_look(atr_store *store, const atr_watchers *all, atr_value *now)
{
    atr_memo *memo = all->memo;
    bool good;
    atr_memo_pin(store, memo);
    *now = atr_memo_value(store, memo);
    good = store->subs.current == all && memo->checked == store->epoch;
    if (good) {
        atr_memo_spread(store, memo);
    } else if (store->subs.current == all) {
        atr_due_again(store, store->subs.current);
        store->untold = true;
    }
    atr_memo_unpin(store, memo);
    return good;
}

/* What they watch, now. false: it could not be had, or nobody wants it. */
static inline bool watchers_look(atr_store *store, const atr_watchers *all, atr_value *now)
{
    if (all->looked == (uint32_t)store->epoch) {
        *now = all->before;
        return true;
    }
    if (all->kind == ATR_WATCHED_VIEW) {
        return view_look(store, all, now);
    }
    *now = atr_watchers_value(store, all);
    return true;
}

/* Look at what they watch, and begin to tell it if it differs. false: nothing is to be told. What they were
 * told last, if an equal one has taken its place, is the caller's. */
static inline bool watchers_begin(atr_store *store, atr_watchers *all, const void **replaced)
{
    atr_value now;
    if (!watchers_look(store, all, &now)) {
        return false;
    }
    if (atr_value_same(&all->was, &now)) {
        return all->apart > 0;
    }
    atr_hold_(atr_value_ref(&now));
    if (is_alike(all, &all->was, &now)) {
        store->stats.checked += all->count - all->at;
        *replaced = atr_value_ref(&all->was);
        all->was = now;
        return all->apart > 0;
    }
    if (all->at > 0) {
        atr_watchers_split(store, all);
    }
    all->before = all->was;
    all->was = now;
    all->begun = true;
    all->looked = 0;
    return true;
}

static inline size_t hearers_tell(atr_store *store, atr_watchers *all, round *r)
{
    const atr_watchers *others = store->subs.due;
    uint32_t end = others == NULL ? all->count : atr_watchers_after(all, atr_due_first(others));
    telling t = {.to = all, .was = all->begun ? all->before : nothing, .now = all->was};
    size_t told = 0;
    telling_of(&t, all);
    t.stir = store->subs.stir;
    atr_hold_(atr_value_ref(&t.was));
    atr_hold_(atr_value_ref(&t.now));
    while (store->subs.stir == t.stir && all->at < end) {
        told += next_visit(store, &t, r);
        changes_follow(store);
    }
    atr_let_go(atr_value_ref(&t.now));
    atr_let_go(atr_value_ref(&t.was));
    return told;
}

/* Tell those of a thing, up to where others come first. Returns how many were called. */
static inline size_t watchers_tell(atr_store *store, atr_watchers *all, round *r)
{
    const void *replaced = NULL;
    size_t told = 0;
    if (all->begun || watchers_begin(store, all, &replaced)) {
        told = hearers_tell(store, all, r);
    } else if (store->subs.current == all) {
        all->at = all->count;
    }
    if (store->subs.current == all) {
        atr_due_close(store, all);
    }
    atr_let_go(replaced);
    return told;
}

/* ---- who watches a value alone: most do ---- */

/* One that is to be told at most once, so that nothing needs to be noted between two of them. */
static inline bool is_alone(const atr_store *store, const atr_watchers *all)
{
    return all->count == 1 && !all->begun && all->items->marks == 0 &&
           all->kind <= ATR_WATCHED_KEY && atr_kind_is_ref(all->was.kind) &&
           all->looked == (uint32_t)store->epoch;
}

static inline bool alone_is_alike(const atr_watchers *all, const void *was, const void *now)
{
    return all->kind != ATR_WATCHED_FIELD ? atr_equal(was, now)
                                          : atr_watched_field_alike(all->field, was, now);
}

static inline void alone_call(const telling *t, const atr_hearer *hearer, const void *was,
                              const void *now, atr_event *e)
{
    if (t->kind == ATR_WATCHED_KEY) {
        t->field->notify(e, was, now, hearer->fn, hearer->user);
    } else {
        const atr_root *root = t->kind == ATR_WATCHED_ROOT ? t->root : t->field->root;
        atr_value before = {ATR_KIND_REF, true, {false}}, after = before;
        before.as.ref = was;
        after.as.ref = now;
        root->notify(e, before, after, hearer->fn, hearer->user);
    }
}

/* The value is held for the call. It has been noted as told already. */
static inline bool alone_tell(atr_store *store, atr_watchers *all, const void *was, const void *now,
                              round *r)
{
    atr_hearer *hearer = all->items;
    telling t;
    if (!round_open(r, store)) {
        hearer_put_back(store, all, hearer, 0, atr_wrap_pointer_(all->was.kind, was));
        return false;
    }
    t.kind = all->kind;
    t.field = all->field; /* or root */
    atr_hold_(now);
    store->subs.cursor = hearer->order;
    store->stats.told++;
    alone_call(&t, hearer, was, now, &r->e);
    round_look(r, store, &t);
    atr_let_go(now);
    return true;
}

static inline size_t alone_visit(atr_store *store, atr_watchers *all, round *r)
{
    const void *was = all->was.as.ref, *now = all->before.as.ref;
    bool told = false;
    all->at = 1;
    if (was == now) {
        atr_due_close(store, all);
        return 0;
    }
    atr_hold_(now);
    all->was.as.ref = now;
    all->was.has = all->before.has;
    store->stats.checked++;
    if (!alone_is_alike(all, was, now)) {
        told = alone_tell(store, all, was, now, r);
    }
    if (store->subs.current == all) {
        atr_due_close(store, all);
    }
    atr_let_go(was);
    return told;
}

/* ---- a round ---- */

static inline size_t round_run(atr_store *store, const atr_rounds *rounds)
{
    round r;
    uint64_t outer = store->subs.cursor;
    atr_watchers *all;
    size_t told = 0;
    r.rounds = rounds;
    r.open = false;
    store->subs.cursor = 0;
    if (store->subs.rounds > 1) {
        atr_due_rewind(store);
    }
    changes_collect(store);
    if (store->memos.stale_first != NULL) {
        atr_memos_settle(store);
    }
    while ((all = atr_due_open(&store->subs)) != NULL) {
        told += is_alone(store, all) ? alone_visit(store, all, &r) : watchers_tell(store, all, &r);
        changes_follow(store);
    }
    round_close(&r, store);
    if (store->subs.dead.pools != NULL) {
        dead_free(store);
    }
    store->subs.cursor = outer;
    if (store->subs.aside != NULL) {
        atr_due_recall(store);
    }
    return told;
}

size_t atr_store_notify(atr_store *store, const atr_rounds *rounds)
{
    size_t told;
    if (!atr_store_on_thread(store, "atr_store_notify")) {
        return 0;
    }
    if (store->phase != ATR_STORE_REST) {
        atr_store_violation(store, ATR_E_PHASE, "atr_store_notify: a turn is open");
        return 0;
    }
    store->untold = false;
    if (store->refold_due) {
        atr_layers_fold(store);
    }
    store->stats.rounds++;
    store->subs.rounds++;
    told = round_run(store, rounds);
    if (--store->subs.rounds == 0 && store->subs.over != 0) {
        atr_subs_sweep(store);
    }
    return told;
}
