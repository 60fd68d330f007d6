/* Rounds of notification. Those who watch one thing are told it one after the other, in order of
 * registration, as long as nobody else comes before the next of them. What is told to all of them is
 * looked up and compared once. A subscriber may do anything: add and remove subscriptions, commit turns,
 * run a nested loop with rounds. So nothing here is kept in a pointer across a call of it when that has
 * stirred anything, its value is noted as told before the call, and what it changes is looked for after
 * it. */
#include "round.h"
#include "walk.h"
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
    uint64_t stir;  /* as long as the store has this, they are there, and this holds */
    size_t checked; /* not added to the figures of the store yet */
    uint8_t kind;   /* of them; */
    union {         /* and of what, which outlives them */
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

static inline const char *telling_name(const telling *t)
{
    if (t->kind == ATR_WATCHED_VIEW) {
        return t->view->name;
    }
    return t->kind == ATR_WATCHED_ROOT ? t->root->name : t->field->root->name;
}

static inline void hearer_call(const telling *t, const atr_hearer *hearer, const atr_value *was,
                               atr_event *e)
{
    if (t->kind == ATR_WATCHED_KEY) {
        t->field->notify(e, was == &t->was ? t->was_at : entry_pointer(was), t->now_at, hearer->fn,
                         hearer->user);
    } else if (t->kind == ATR_WATCHED_ROOT) {
        t->root->notify(e, was->as.ref, t->now.as.ref, hearer->fn, hearer->user);
    } else if (t->kind == ATR_WATCHED_VIEW) {
        t->view->notify(e, *was, t->now, hearer->fn, hearer->user);
    } else if (t->kind == ATR_WATCHED_FIELD) {
        t->field->root->notify(e, was->as.ref, t->now.as.ref, hearer->fn, hearer->user);
    } else {
        atr_edits_tell(e, was->as.ref, t->now.as.ref, hearer->user);
    }
}

/* ---- counts ---- */

static inline void hold_twice(const void *value)
{
    atr_head *head = (atr_head *)(uintptr_t)value;
    if (head != NULL && head->count > 0) {
        head->count += 2;
    }
}

/* `times` is at most what the caller has of them. */
static inline void let_go_times(atr_head *head, int32_t times)
{
    if (head->count > 0 && (head->count -= times) == 0) {
        atr_value_end(head);
    }
}

/* ---- from what has changed to who watches it ---- */

ATR_COLD static void dead_free(atr_store *store)
{
    atr_dead dead = store->subs.dead;
    store->subs.dead = (atr_dead){NULL};
    atr_dead_run(&dead);
}

/* What was notified is the caller's. */
static inline const void *slot_collect(atr_store *store, atr_slot *slot)
{
    atr_value now = {ATR_KIND_REF, true, {false}};
    const void *was = slot->notified;
    now.as.ref = slot->visible;
    atr_watchers_touch_with(store, slot->watchers, now);
    if (slot->readers != NULL || slot->fields != NULL) {
        atr_slot_collect_parts(store, slot, now);
    }
    slot->notified = slot->visible; /* borrowed */
    return was;
}

/* Make all due that may differ from what they were told, and touch the views that may. What goes with that goes at the
 * end, as its end may do anything; mostly it is one. */
ATR_NOINLINE static void changes_collect(atr_store *store)
{
    const void *was = NULL;
    for (size_t i = 0; i < store->shown_count; i++) {
        atr_slot *slot = &store->slots[store->shown[i]];
        slot->shown = false;
        if (slot->notified != slot->visible) {
            atr_release_(&store->subs.dead, was);
            was = slot_collect(store, slot);
        }
    }
    store->shown_count = 0;
    if (was != NULL && store->memos.lost > 0) {
        atr_lost_collect(store);
    }
    atr_let_go(was);
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

/* false: there is no event for it. */
static inline bool hearer_tell(atr_store *store, const telling *t, const atr_hearer *hearer,
                               const atr_value *was, atr_round *r)
{
    if (!atr_round_open(r, store)) {
        return false;
    }
    hearer_call(t, hearer, was, &r->e);
    if (!atr_round_is_as_new(r, store)) {
        atr_round_react(r, store, telling_name(t));
    }
    return true;
}

/* It stays as it was told, to be tried again. */
ATR_COLD static void hearer_put_back(atr_store *store, atr_watchers *all, uint32_t index,
                                     uint32_t marks, atr_value was)
{
    atr_hearer_set_apart(store, all, index, marks, was);
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
ATR_COLD static bool apart_visit(atr_store *store, telling *t, uint32_t index, atr_round *r)
{
    uint32_t marks = atr_hearer_marks(t->to, index);
    bool news = (marks & ATR_HEARER_NEWS) != 0, told = false;
    atr_value was;
    if ((marks & ATR_HEARER_GONE) != 0) {
        return false;
    }
    t->checked++;
    was = atr_hearer_rejoin(store, t->to, index);
    if (news || (!atr_value_same(&was, &t->now) && !is_alike(t->to, &was, &t->now))) {
        told = hearer_tell(store, t, &t->to->items[index], &was, r);
        if (!told) {
            hearer_put_back(store, t->to, index, marks, was);
        }
    }
    atr_let_go(atr_value_ref(&was));
    return told;
}

/* The next one. Whether it was called. */
static inline bool next_visit(atr_store *store, telling *t, atr_round *r)
{
    atr_watchers *all = t->to;
    uint32_t index = all->at++;
    const atr_hearer *hearer = &all->items[index];
    store->subs.cursor = hearer->order;
    if ((all->apart | all->gone) != 0 && atr_hearer_marks(all, index) != 0) {
        return apart_visit(store, t, index, r);
    }
    if (!all->begun) { /* only those apart are to be told */
        all->at = all->apart > 0 ? all->at : all->count;
        return false;
    }
    t->checked++;
    if (!hearer_tell(store, t, hearer, &t->was, r)) {
        hearer_put_back(store, all, index, 0, t->was);
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
    good = store->subs.current != NULL && memo->checked == store->epoch;
    if (good) {
        atr_memo_spread(store, memo);
    } else if (store->subs.current != NULL) {
        atr_due_again(store, store->subs.current);
        store->untold = true;
    }
    atr_memo_unpin(store, memo);
    return good;
}

/* What they watch, now. false: it could not be had, or nobody wants it. */
static inline bool watchers_look(atr_store *store, const atr_watchers *all, atr_value *now)
{
    if (atr_watchers_have_looked(store, all)) {
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
    all = store->subs.current; /* may have grown for a view */
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

static void hearers_tell(atr_store *store, atr_watchers *all, atr_round *r)
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
    store->stats.checked += t.checked;
    store->stats.told += told;
    atr_let_go(atr_value_ref(&t.now));
    atr_let_go(atr_value_ref(&t.was));
}

/* Tell those of a thing, up to where others come first. */
ATR_NOINLINE static void watchers_tell(atr_store *store, atr_watchers *all, atr_round *r)
{
    const void *replaced = NULL;
    atr_due_open(store, all);
    if (all->begun || watchers_begin(store, all, &replaced)) {
        hearers_tell(store, store->subs.current, r);
    } else if (store->subs.current != NULL) {
        store->subs.current->at = store->subs.current->count;
    }
    if (store->subs.current != NULL) { /* they are there still, perhaps elsewhere */
        atr_due_close(store, store->subs.current);
    }
    atr_let_go(replaced);
}

/* ---- who watches a value alone: most do ---- */

/* It can be told in one go: there is nothing that it may go on with. So it is not due any more when it is told. */
static inline bool is_alone(const atr_watchers *all)
{
    return all->count == 1 && all->apart == 0 && !all->begun && !all->again &&
           all->kind <= ATR_WATCHED_KEY && atr_kind_is_ref(all->was.kind);
}

/* Of one model, neither NULL. */
static inline bool values_are_alike(const atr_head *was, const atr_head *now)
{
    const atr_model *model = now->model;
    return model->is_flat ? model->equal(was, now, NULL) : atr_equal_deep(was, now);
}

/* Those of a root and of a key have one model, and mostly neither is NULL. */
static inline bool alone_is_alike(const atr_watchers *all, atr_watched kind, const void *was,
                                  const void *now)
{
    if (kind == ATR_WATCHED_FIELD) {
        return atr_watched_field_alike(all->field, was, now);
    }
    return was != NULL && now != NULL && values_are_alike(was, now);
}

static inline void alone_call(const atr_watchers *all, atr_watched kind, const atr_root *root,
                              const void *was, const void *now, atr_event *e)
{
    const atr_hearer *hearer = all->items;
    (kind == ATR_WATCHED_KEY ? all->field->notify : root->notify)(e, was, now, hearer->fn,
                                                                  hearer->user);
}

/* The values are held for the call, and it has been noted as told already. */
static inline void alone_tell(atr_store *store, atr_watchers *all, const void *was, const void *now,
                              atr_round *r)
{
    const atr_root *root = all->kind == ATR_WATCHED_ROOT ? all->root : all->field->root;
    if (!atr_round_open(r, store)) {
        hearer_put_back(store, all, 0, 0, atr_wrap_pointer_(all->was.kind, was));
        return;
    }
    store->subs.cursor = all->items->order;
    store->stats.told++;
    alone_call(all, all->kind, root, was, now, &r->e);
    if (!atr_round_is_as_new(r, store)) {
        atr_round_react(r, store, root->name);
    }
}

/* Who is due, and knows what there is. */
static inline void due_visit(atr_store *store, atr_watchers *all, atr_round *r)
{
    const void *was = all->was.as.ref, *now = all->before.as.ref;
    all->due = ATR_DUE_NOT;
    if (was == now) {
        return;
    }
    all->was.has = all->before.has;
    all->was.as.ref = now;
    hold_twice(now); /* for who is told next time, and for the call */
    store->stats.checked++;
    if (!alone_is_alike(all, all->kind, was, now)) {
        alone_tell(store, all, was, now, r);
    }
    atr_let_go(now);
    atr_let_go(was);
}

/* ---- the course of a round ---- */

/* Tell all who are due. */
ATR_NOINLINE static void due_tell(atr_store *store, atr_round *r)
{
    atr_watchers *all;
    while ((all = atr_due_take(&store->subs)) != NULL) {
        if (atr_watchers_have_looked(store, all) && is_alone(all)) {
            due_visit(store, all, r);
        } else {
            watchers_tell(store, all, r);
        }
        changes_follow(store);
    }
}

static inline bool may_be_dirty(const atr_store *store)
{
    return store->untold || store->shown_count > 0;
}

/* Who is due still; then the event ends, and what died in the round. Who is to be told again is due in the next one, or
 * in the one around this. */
static inline void round_finish(atr_store *store, atr_round *r, uint64_t outer_cursor)
{
    if (store->subs.due != NULL) {
        due_tell(store, r);
    }
    atr_round_end(r, store);
    if (store->subs.dead.pools != NULL) {
        dead_free(store);
    }
    store->subs.cursor = outer_cursor;
    if (store->subs.aside != NULL) {
        atr_due_recall(store);
    }
}

static inline atr_told round_over(atr_store *store)
{
    if (--store->subs.rounds == 0 && store->subs.over != 0) {
        atr_subs_sweep(store);
    }
    return may_be_dirty(store) ? ATR_TOLD_SOME : ATR_TOLD_ALL;
}

/* ---- the usual round ---- */

/* The usual change, when no other round runs and nobody is untold, as after a fold that is due again: one root, of
 * which nobody watches a part, and which one watches alone. NULL: it is not. */
static inline atr_slot *usual_slot(const atr_store *store)
{
    atr_slot *slot = store->recent;
    const atr_watchers *all;
    if (store->shown_count != 1 || store->subs.rounds != 0) {
        return NULL;
    }
    if (slot == NULL || !slot->shown) {
        slot = &store->slots[store->shown[0]];
    }
    all = slot->watchers;
    if (all == NULL || slot->readers != NULL || slot->fields != NULL || all->apart != 0 ||
        all->state != 0 || all->count != 1 || store->subs.due != NULL ||
        store->memos.stale_first != NULL || store->memos.lost != 0 ||
        all->was.as.ref != slot->notified || slot->notified == slot->visible) {
        return NULL;
    }
    return slot;
}

/* Mostly nothing is left in its event, which is over then; else the round goes on with it. */
static inline void usual_tell(atr_store *store, atr_watchers *all, const void *was, const void *now,
                              atr_round *r)
{
    const atr_root *root = all->root;
    atr_ctx *ctx = atr_round_event_new(store, r->rounds, &r->e);
    if (ctx == NULL) {
        hearer_put_back(store, all, 0, 0, atr_wrap_pointer_(all->was.kind, was));
        return;
    }
    store->subs.cursor = all->items->order;
    store->stats.told++;
    alone_call(all, ATR_WATCHED_ROOT, root, was, now, &r->e);
    if (ctx->front.kind != ATR_CTX_TOLD || !atr_ctx_leave_idle_here(store, ctx)) {
        r->ctx = ctx; /* which may be another event by now */
        atr_round_react(r, store, root->name);
    }
}

/* Something has changed meanwhile, or is left to be done. */
ATR_NOINLINE static atr_told usual_go_on(atr_store *store, atr_round *r)
{
    changes_follow(store);
    round_finish(store, r, 0);
    return round_over(store);
}

/* What was told last is what was notified last, so two counts of that go. Roots always have values. */
ATR_NOINLINE static atr_told usual_round(atr_store *store, atr_slot *slot, const atr_rounds *rounds)
{
    atr_watchers *all = slot->watchers;
    atr_head *was = (atr_head *)(uintptr_t)slot->notified;
    atr_head *now = (atr_head *)(uintptr_t)slot->visible;
    atr_round r;
    r.rounds = rounds;
    r.ctx = NULL;
    store->stats.rounds++;
    store->stats.checked++;
    store->subs.rounds = 1;
    store->shown_count = 0;
    slot->shown = false;
    slot->notified = now; /* borrowed */
    all->was.as.ref = now;
    if (now->count > 0) {
        now->count += 2; /* for who is told next time, and for the call */
    }
    if (!values_are_alike(was, now)) {
        usual_tell(store, all, was, now, &r);
    }
    let_go_times(now, 1);
    let_go_times(was, 2);
    if (r.ctx != NULL || may_be_dirty(store) || store->subs.due != NULL ||
        store->subs.aside != NULL || store->subs.over != 0 || store->memos.stale_first != NULL ||
        store->subs.dead.pools != NULL) {
        return usual_go_on(store, &r);
    }
    store->subs.cursor = 0;
    store->subs.rounds = 0;
    return ATR_TOLD_ALL;
}

/* ---- any round ---- */

static inline void round_run(atr_store *store, const atr_rounds *rounds)
{
    atr_round r;
    uint64_t outer = 0;
    r.rounds = rounds;
    r.ctx = NULL;
    if (store->subs.rounds > 1) {
        outer = store->subs.cursor;
        store->subs.cursor = 0;
        atr_due_rewind(store);
    }
    changes_collect(store);
    if (store->memos.stale_first != NULL) {
        atr_memos_settle(store);
    }
    round_finish(store, &r, outer);
}

ATR_COLD static atr_told notify_refuse(const atr_store *store)
{
    if (atr_store_on_thread(store, "atr_store_notify")) {
        atr_store_violation(store, ATR_E_PHASE, "atr_store_notify: a turn is open");
    }
    return ATR_TOLD_NOTHING;
}

/* By a round around this one. */
static inline bool some_wait(const atr_store *store)
{
    return store->subs.due != NULL || store->subs.current != NULL;
}

ATR_NOINLINE static atr_told notify(atr_store *store, const atr_rounds *rounds)
{
    if (!atr_store_is_here(store) || store->phase != ATR_STORE_REST) {
        return notify_refuse(store);
    }
    if (!some_wait(store) && !atr_store_is_dirty(store)) {
        return ATR_TOLD_NOTHING;
    }
    store->untold = false;
    if (store->refold_due) {
        atr_layers_fold(store);
    }
    store->stats.rounds++;
    store->subs.rounds++;
    round_run(store, rounds);
    return round_over(store);
}

atr_told atr_store_notify(atr_store *store, const atr_rounds *rounds)
{
    atr_slot *usual;
    if (!may_be_dirty(store) && !some_wait(store)) {
        return ATR_TOLD_NOTHING;
    }
    if (store->untold || !atr_store_is_here(store) || store->phase != ATR_STORE_REST ||
        (usual = usual_slot(store)) == NULL) {
        return notify(store, rounds);
    }
    return usual_round(store, usual, rounds);
}
