/* Rounds of notification. Each subscription keeps the value it was told last; a round looks at
 * those that are due, in order of registration, and tells those whose value differs. A subscriber
 * may do anything: add and remove subscriptions, commit turns, run a nested loop with rounds. So
 * nothing here is kept in a pointer across a call of it, its value is noted as told before the
 * call, and what it changes is looked for after it. */
#include "store.h"

static const void *entry_pointer(const atr_value *entry)
{
    if (!entry->has) {
        return NULL;
    }
    return atr_kind_is_ref(entry->kind) ? entry->as.ref : &entry->as;
}

static void sub_call(atr_store *store, const atr_sub *sub, atr_event *e, atr_value was,
                     atr_value now)
{
    switch (sub->kind) {
    case ATR_SUB_ROOT: store->slots[sub->slot].root->notify(e, was, now, sub->fn, sub->user); break;
    case ATR_SUB_FIELD:
        atr_edits_tell(e, was.as.ref, now.as.ref, (atr_edits_fn)sub->fn, sub->user);
        break;
    case ATR_SUB_VIEW: sub->memo->view->notify(e, was, now, sub->fn, sub->user); break;
    default: sub->field->notify(e, entry_pointer(&was), entry_pointer(&now), sub->fn, sub->user);
    }
}

static const char *sub_name(const atr_store *store, const atr_sub *sub)
{
    return sub->kind == ATR_SUB_VIEW ? sub->memo->view->name : store->slots[sub->slot].root->name;
}

/* ---- the event of a round: one for all that it tells (rule S6) ---- */

typedef struct round {
    const atr_rounds *rounds;
    atr_event e;
    bool open;
} round;

static bool round_open(round *r)
{
    r->open = r->open || r->rounds->open(r->rounds->self, &r->e);
    return r->open;
}

static void round_close(round *r)
{
    if (r->open && r->rounds->close != NULL) {
        r->rounds->close(r->rounds->self, &r->e);
    }
    r->open = false;
}

/* Take what the subscriber latched before the scope closes, so that it is reported here only. */
ATR_COLD static void report_failure(const atr_store *store, const char *name, atr_scope *s)
{
    const atr_error *error = atr_scope_take_error(s);
    if (store->host.failed != NULL) {
        store->host.failed(store->host.self, name, error);
    }
}

/* A subscriber has returned: the next one finds an event that is as new. Checked stores open another, so
 * that who has kept this one is caught. */
static void round_next(round *r, const atr_store *store, const char *name)
{
    if (r->e.s != NULL && r->e.s->front.error != NULL) {
        report_failure(store, name, r->e.s);
    }
    if (store->pool->checked || r->e.s == NULL || r->e.ctx == NULL) {
        round_close(r);
        return;
    }
    atr_ctx_renew(r->e.ctx);
    if (!atr_scope_is_fresh(r->e.s)) {
        atr_scope_clear(r->e.s);
    }
}

/* `now` is owned by the subscription already; `was`, from there, by this call. */
static bool sub_tell(atr_store *store, uint32_t place, atr_value was, round *r)
{
    const atr_sub *sub;
    const char *name;
    atr_value now;
    if (!round_open(r)) {
        return false;
    }
    sub = atr_sub_at(store, place);
    name = sub_name(store, sub); /* the subscription, and a memo, may be gone after the call */
    now = sub->was;
    atr_hold_(atr_value_ref(&now));
    store->stats.told++;
    sub_call(store, sub, &r->e, was, now);
    round_next(r, store, name);
    atr_let_go(atr_value_ref(&now));
    return true;
}

/* It stays as it was told, to be tried again. */
static void sub_put_back(atr_store *store, uint32_t place, atr_value was, bool news)
{
    atr_sub *sub = atr_sub_at(store, place);
    atr_value now = sub->was;
    sub->was = was;
    sub->news = news;
    atr_due_set_aside(store, place);
    store->untold = true;
    atr_value_release(atr_value_ref(&now));
}

/* Of a view; it may run, and do anything meanwhile. */
static bool view_look(atr_store *store, uint32_t place, atr_memo *memo, atr_value *now)
{
    *now = atr_memo_value(store, memo);
    if (atr_sub_at(store, place)->over) {
        return false;
    }
    if (memo->checked != store->epoch) {
        atr_due_set_aside(store, place); /* it could not run for want of memory */
        store->untold = true;
        return false;
    }
    atr_memo_spread(store, memo);
    return true;
}

/* ---- what several subscribers to one key have in common ---- */

/* The entry that was looked up last, and what it was compared with: those who watch one key come one after
 * the other. It holds as long as nobody has come, who may stand in the place of another, and the
 * state is the same. */
typedef struct recent {
    const atr_watched_field *field; /* NULL: none */
    uint32_t key;
    bool compared;
    bool alike;
    uint64_t epoch;
    uint64_t orders;
    atr_value now;
    const void *was;
} recent;

static void key_look(atr_store *store, const atr_sub *sub, recent *last, atr_value *now)
{
    if (last->field != sub->field || last->key != sub->key || last->epoch != store->epoch ||
        last->orders != store->subs.orders) {
        *last = (recent){.field = sub->field,
                         .key = sub->key,
                         .epoch = store->epoch,
                         .orders = store->subs.orders,
                         .now = atr_sub_value(store, sub)};
    }
    *now = last->now;
}

/* Two that are not one; `now` is the last entry if `key` says so. */
static bool look_alike(recent *last, bool key, const atr_value *was, const atr_value *now)
{
    bool known = key && last->compared && was->has && last->was == was->as.ref;
    if (!atr_kind_is_ref(now->kind) || was->kind != now->kind) {
        return false;
    }
    if (known) {
        return last->alike;
    }
    last->compared = key && was->has;
    last->was = was->as.ref;
    last->alike = atr_value_alike(was, now);
    return last->alike;
}

/* The value now. false: it could not be had, or nobody wants it. */
static bool sub_look(atr_store *store, uint32_t place, recent *last, atr_value *now)
{
    const atr_sub *sub = atr_sub_at(store, place);
    atr_memo *memo;
    bool good;
    if (sub->kind == ATR_SUB_KEY) {
        key_look(store, sub, last, now);
        return true;
    }
    if (sub->kind != ATR_SUB_VIEW) {
        *now = atr_sub_value(store, sub);
        return true;
    }
    memo = sub->memo;
    atr_memo_pin(store, memo);
    good = view_look(store, place, memo, now);
    atr_memo_unpin(store, memo);
    return good;
}

/* Whether the subscriber was called. */
static bool sub_visit(atr_store *store, uint32_t place, round *r, recent *last)
{
    atr_sub *sub;
    atr_value was, now;
    bool told = false, news;
    store->stats.checked++;
    if (!sub_look(store, place, last, &now)) {
        return false;
    }
    sub = atr_sub_at(store, place);
    was = sub->was;
    news = sub->news;
    if (!news && atr_value_same(&was, &now)) {
        return false;
    }
    atr_hold_(atr_value_ref(&now));
    sub->was = now;
    sub->news = false;
    if (news || !look_alike(last, sub->kind == ATR_SUB_KEY, &was, &now)) {
        told = sub_tell(store, place, was, r);
        if (!told) {
            sub_put_back(store, place, was, news);
            return false;
        }
    }
    atr_let_go(atr_value_ref(&was));
    return told;
}

static size_t round_run(atr_store *store, const atr_rounds *rounds)
{
    round r = {rounds, {NULL, NULL, NULL}, false};
    recent last = {.field = NULL};
    uint64_t cursor = 0;
    uint32_t place;
    size_t told = 0;
    atr_due_recall(store);
    atr_changes_collect(store);
    atr_memos_settle(store);
    while ((place = atr_due_next(store, &cursor)) != 0) {
        told += sub_visit(store, place, &r, &last);
        /* Of what it has changed, those after it are told in this round, those before it in the
         * next. */
        atr_changes_note(store);
        if (store->memos.stale_first != NULL) {
            atr_memos_settle(store);
        }
    }
    round_close(&r);
    atr_due_recall(store);
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
    if (--store->subs.rounds == 0) {
        atr_subs_sweep(store);
    }
    return told;
}
