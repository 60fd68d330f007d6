/* A scenario over the whole store, again and again, with the first, second, third ... allocation failing:
 * what is refused is refused as a whole, nothing is told wrongly, nothing leaks. */
#include "failing.h"
#include "store_world.h"

/* How full scopes are before their callbacks begin: so each hold in turn is the one that needs room. */
static int crowd;

static void make_crowd(atr_scope *s)
{
    for (int i = 0; i < crowd; i++) {
        ATR_NEW(s, counter, .n = i);
    }
}

enum { SUBSCRIPTIONS = 5 };

/* ---- what the subscribers know ---- */

typedef struct knowledge {
    int64_t n;      /* of the tally */
    int64_t item;   /* whether item 1 is there */
    int64_t title;  /* whether the view gave a title */
    int64_t there;  /* what the keyed view gave */
    int subscribed; /* bits */
    int destroyed;
} knowledge;

static knowledge known;

static void on_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)user;
    assert_int_equal(was->n, known.n);
    known.n = now->n;
}

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    (void)user;
    assert_int_equal(was != NULL, known.item);
    known.item = now != NULL;
}

static void on_count(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    (void)user;
}

static void on_title(atr_event *e, const atr_str *was, const atr_str *now, void *user)
{
    (void)e;
    (void)was;
    (void)user;
    known.title = now->size > 0;
}

static void destroy(void *user)
{
    (void)user;
    known.destroyed++;
}

ATR_VIEW(chosen, opt(ref(todo_item)));
static const todo_item *run_chosen(atr_view *v)
{
    return ATR_STATE_KEY(v, todos, items, 1);
}
ATR_VIEW_IMPL(chosen, opt(ref(todo_item)), run_chosen);

ATR_VIEW(title, str);
static const atr_str *run_title(atr_view *v)
{
    const todo_item *item = ATR_GET(v, chosen);
    const int64_t *count = ATR_STATE_KEY(v, todos, counts, atr_str_new(v->s, "milk"));
    const double *price = ATR_STATE_KEY(v, todos, prices, 3);
    int64_t n = ATR_STATE(v, tally)->n + ATR_STATE(v, other)->n;
    if (item == NULL || count != NULL || n < 0) {
        return atr_str_new(v->s, "");
    }
    return atr_str_format(v->s, "%s %f", item->title->bytes, price != NULL ? *price : 0);
}
ATR_VIEW_IMPL(title, str, run_title);

/* A diamond: both read the item. */
ATR_VIEW_KEYED(there, bool, i64);
static bool run_there(atr_view *v, int64_t id)
{
    return ATR_STATE_KEY(v, todos, items, id) != NULL;
}
ATR_VIEW_KEYED_IMPL(there, bool, i64, run_there);

ATR_VIEW_KEYED(there_by_text, i64, str);
static int64_t run_there_by_text(atr_view *v, const atr_str *text)
{
    int64_t id = strtol(text->bytes, NULL, 10);
    return ATR_GET_KEY(v, there, id) + ATR_GET_KEY(v, there, id + 1) +
           (ATR_STATE_KEY(v, todos, items, id) != NULL);
}
ATR_VIEW_KEYED_IMPL(there_by_text, i64, str, run_there_by_text);

static const atr_str *const one = ATR_LIT("1");

static void on_there(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    (void)user;
    assert_int_equal(was, known.there);
    known.there = now;
}

/* ---- the scenario ---- */

static void add_price(atr_finish *f)
{
    todo_state next = *ATR_STATE(f, todos);
    next.prices = atr_f64_map_set(f->s, next.prices, 3, 0.5);
    ATR_UPDATE(f, todos, next);
}

/* Both roots in step: the tally counts the items. */
static void put_and_count(atr_finish *f, void *user)
{
    item_arg *arg = user;
    counter tally;
    make_crowd(f->s);
    put_item(f, arg);
    tally = *ATR_STATE(f, tally);
    tally.n = (int64_t)todo_item_map_count(ATR_STATE(f, todos)->items);
    ATR_UPDATE(f, tally, tally);
    ATR_UPDATE(f, tally, tally);
    ATR_GET(f, title);
    add_price(f);
}

static void assert_in_step(world *w)
{
    const todo_state *confirmed_todos = confirmed(w, &todos_root);
    const todo_state *visible_todos = visible(w, &todos_root);
    assert_int_equal(todo_item_map_count(confirmed_todos->items), confirmed_n(w, &tally_root));
    assert_int_equal(todo_item_map_count(visible_todos->items), visible_n(w, &tally_root));
}

static void read_and_keep(world *w)
{
    atr_event e;
    const todo_state *read, *again;
    bool kept;
    if (!event_open(w, &e)) {
        return;
    }
    make_crowd(e.s);
    read = ATR_STATE(&e, todos);
    ATR_GET(&e, title);
    ATR_GET_KEY(&e, there, 7);
    ATR_STATE_KEY(&e, todos, counts, ATR_STR(e.s, "milk"));
    ATR_STATE_KEY(&e, todos, prices, 3);
    atr_scope_take_error(e.s);
    kept = atr_keep(w->store, read) == ATR_OK;
    event_close(w, &e);
    if (!kept) {
        return;
    }
    if (event_open(w, &e)) {
        again = ATR_STATE(&e, todos);
        assert_non_null(again);
        atr_drop(w->store, read);
        todo_item_map_count(read->items);
        event_close(w, &e);
    } else {
        atr_drop(w->store, read);
    }
}

static void notify_until_told(world *w)
{
    for (int rounds = 0; rounds < 4 && atr_store_is_dirty(w->store); rounds++) {
        notify(w);
        assert_in_step(w);
    }
}

static void subscribe(world *w, atr_watch handles[SUBSCRIPTIONS])
{
    atr_scope *s = atr_scope_open(NULL);
    handles[0] = ATR_WATCH(w->store, tally, on_tally, NULL, destroy);
    handles[1] = ATR_WATCH_KEY(w->store, todos, items, 1, on_item, NULL, destroy);
    handles[2] =
        ATR_WATCH_KEY(w->store, todos, counts, atr_str_new(s, "milk"), on_count, NULL, destroy);
    handles[3] = ATR_WATCH_VIEW(w->store, title, on_title, NULL, destroy);
    handles[4] = ATR_WATCH_VIEW_KEY(w->store, there_by_text, one, on_there, NULL, destroy);
    atr_scope_close(s);
    for (int i = 0; i < SUBSCRIPTIONS; i++) {
        known.subscribed |= handles[i].slot != 0 ? 1 << i : 0;
    }
}

static void guess(world *w)
{
    item_arg oats = {2, "oats"};
    flight pending = {put_and_count, &oats, 0};
    atr_layer *layer = atr_layer_add(w->store, &pending);
    atr_store_refold(w->store);
    assert_in_step(w);
    notify_until_told(w);
    atr_layer_remove(w->store, layer);
    turn(w, put_and_count, &oats);
    assert_in_step(w);
    atr_store_refold(w->store);
    assert_ptr_equal(visible(w, &todos_root), confirmed(w, &todos_root));
    notify_until_told(w);
}

/* When memory is back, everybody knows the state as it is. */
static void assert_known(world *w)
{
    const todo_state *now = visible(w, &todos_root);
    assert_false(atr_store_is_dirty(w->store));
    if ((known.subscribed & 1) != 0) {
        assert_int_equal(known.n, visible_n(w, &tally_root));
    }
    if ((known.subscribed & 2) != 0) {
        assert_int_equal(known.item, todo_item_map_has(now->items, 1));
    }
    if ((known.subscribed & 8) != 0) {
        assert_int_equal(known.title, todo_item_map_has(now->items, 1));
    }
    if ((known.subscribed & 16) != 0) {
        assert_int_equal(known.there,
                         2 * todo_item_map_has(now->items, 1) + todo_item_map_has(now->items, 2));
    }
}

static void play(world *w)
{
    item_arg milk = {1, "milk"}, nothing = {1, NULL};
    atr_watch handles[SUBSCRIPTIONS];
    subscribe(w, handles);
    turn(w, put_and_count, &milk);
    assert_in_step(w);
    notify_until_told(w);
    read_and_keep(w);
    guess(w);
    atr_store_churn(w->store);
    assert_in_step(w);
    notify_until_told(w);
    turn(w, put_and_count, &nothing);
    turn(w, put_and_count, &milk);
    notify_until_told(w);
    failing_stop();
    notify_until_told(w);
    assert_known(w);
    atr_unwatch(w->store, handles[1]);
    if (atr_turn_begin(w->store) == ATR_OK) {
        atr_turn_reset(w->store, NULL);
        atr_turn_commit(w->store);
    }
    notify_until_told(w);
    assert_int_equal(known.n, 0);
}

static void scenario(bool checked)
{
    world w = {0};
    memset(&known, 0, sizeof known);
    atr_memory_check(checked);
    w.store = world_store_new(&w);
    if (w.store != NULL) {
        atr_pool_gate(atr_store_pool(w.store), failing_gate, NULL);
        if (world_add_roots(&w)) {
            play(&w);
            assert_int_equal(known.subscribed == 0x1f || failing.failed > 0, true);
        }
        atr_store_free(w.store);
    }
    assert_true(known.destroyed == 0 || known.destroyed == SUBSCRIPTIONS);
    assert_int_equal(w.violations, 0);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void sweep(bool checked, bool for_good)
{
    size_t n = 0;
    do {
        (for_good ? failing_from : failing_after)(n++);
        scenario(checked);
        assert_true(n < 20000);
    } while (failing_stop());
    assert_true(n > 50);
}

static void sum_up(atr_finish *f, void *user)
{
    int64_t n = ATR_STATE(f, tally)->n;
    n += (int64_t)todo_item_map_count(ATR_STATE(f, todos)->items);
    ATR_UPDATE(f, other, (counter){.n = ATR_STATE(f, other)->n + n});
}

/* What it has read is noted where memory may be out. */
static void a_layer_that_could_not_note_what_it_read_is_folded_again(void **state)
{
    item_arg milk = {1, "milk"};
    size_t n = 0;
    do {
        world w = {0};
        flight summing = {sum_up, NULL, 0};
        atr_layer *layer;
        w.store = world_store_new(&w);
        assert_true(world_add_roots(&w));
        layer = atr_layer_add(w.store, &summing);

        failing_after(n++);
        atr_store_refold(w.store);
        if (failing_stop() == 0) {
            n = 0;
        }

        assert_int_equal(add(&w, 1), ATR_OK);
        notify(&w);
        assert_int_equal(visible_n(&w, &other_root), 1);
        assert_int_equal(turn(&w, put_item, &milk), ATR_OK);
        notify(&w);
        assert_int_equal(visible_n(&w, &other_root), 2);
        atr_layer_remove(w.store, layer);
        atr_store_free(w.store);
        assert_int_equal(w.violations, 0);
    } while (n > 0);
}

static void an_update_that_cannot_keep_what_it_displaces_is_not_done(void **state)
{
    enum { MOST = 2000 };
    static const counter *values[MOST];
    world w = {0};
    int code = ATR_OK, i = 0;
    atr_scope *s, *made;
    atr_finish f = {0};
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    made = atr_pool_scope(atr_store_pool(w.store));
    s = atr_pool_scope(atr_store_pool(w.store));
    for (int n = 0; n < MOST; n++) {
        values[n] = ATR_NEW(made, counter, .n = n + 1);
    }
    atr_turn_begin(w.store);
    f.s = s;
    f.ctx = atr_ctx_open(w.store, ATR_CTX_FINISH, s, &w);
    f.write = atr_ctx_write(f.ctx);

    failing_from(0);
    while (code == ATR_OK && i < MOST) {
        code = ATR_UPDATE_TO(&f, tally, values[i++]);
    }
    failing_stop();

    assert_int_equal(code, ATR_E_NO_MEMORY);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_NO_MEMORY);
    assert_ptr_equal(ATR_STATE(&f, tally), values[i - 2]);
    atr_ctx_close(f.ctx);
    atr_turn_commit(w.store);
    assert_int_equal(confirmed_n(&w, &tally_root), i - 1);
    atr_scope_close(s);
    atr_scope_close(made);
    atr_store_free(w.store);
    assert_int_equal(w.violations, 0);
}

static void any_single_allocation_may_fail(void **state)
{
    for (crowd = 0; crowd < 20; crowd++) {
        sweep(false, false);
        sweep(true, false);
    }
    crowd = 0;
}

static void all_allocations_may_fail_from_any_one_on(void **state)
{
    sweep(false, true);
    sweep(true, true);
}

/* ---- commit allocates nothing ---- */

static void a_commit_allocates_nothing(void **state)
{
    world w = {0};
    atr_scope *s;
    int by_one = 1;
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    atr_pool_gate(atr_store_pool(w.store), failing_gate, NULL);
    s = atr_pool_scope(atr_store_pool(w.store));
    atr_turn_begin(w.store);
    assert_null(callback(&w, s, add_to_tally, &by_one));
    assert_null(callback(&w, s, add_to_other, &by_one));

    failing_from(0);
    atr_turn_commit(w.store);

    assert_int_equal(failing_stop(), 0);
    assert_int_equal(confirmed_n(&w, &tally_root), 1);
    atr_scope_close(s);
    atr_store_free(w.store);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static int usual_memory(void **state)
{
    atr_memory_check(false);
    return failing_teardown(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(any_single_allocation_may_fail, failing_setup,
                                        usual_memory),
        cmocka_unit_test_setup_teardown(all_allocations_may_fail_from_any_one_on, failing_setup,
                                        usual_memory),
        cmocka_unit_test_setup_teardown(a_layer_that_could_not_note_what_it_read_is_folded_again,
                                        failing_setup, usual_memory),
        cmocka_unit_test_setup_teardown(an_update_that_cannot_keep_what_it_displaces_is_not_done,
                                        failing_setup, usual_memory),
        cmocka_unit_test_setup_teardown(a_commit_allocates_nothing, failing_setup, usual_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
