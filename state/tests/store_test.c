#include "store_world.h"

#include <pthread.h>

static int add_root(world *w, const atr_root *root)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    int code = atr_store_add_root(w->store, s, root, NULL);
    assert_true((code == ATR_OK) == (atr_scope_error(s) == NULL));
    atr_scope_close(s);
    return code;
}

/* ---- registration ---- */

static void a_root_is_registered_once(void **state)
{
    world *w = *state;

    assert_int_equal(add_root(w, &unknown_root), ATR_OK);
    assert_int_equal(add_root(w, &unknown_root), ATR_E_DEFINITION);

    assert_int_equal(atr_store_root_count(w->store), 4);
}

static void an_initial_value_must_be_a_static_one_that_passes_its_rules(void **state)
{
    world *w = *state;
    static const counter draft = {ATR_DRAFT, 1};
    static const todo_item untitled = {ATR_HEAD(todo_item), 1, NULL, false};
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    const atr_root roots[] = {
        {"null", &counter_model, NULL, NULL},
        {"draft", &counter_model, &draft, NULL},
        {"other_model", &counter_model, &todo_item_default, NULL},
        {"counted", &counter_model, ATR_NEW(s, counter, .n = 1), NULL},
        {"untitled", &todo_item_model, &untitled, NULL},
    };

    for (size_t i = 0; i < sizeof roots / sizeof *roots; i++) {
        assert_int_equal(add_root(w, &roots[i]), ATR_E_DEFINITION);
    }
    assert_int_equal(atr_store_root_count(w->store), 3);
    atr_scope_close(s);
}

#define RING(F) F(ref(ring), next)
ATR_MODEL(ring, RING);
ATR_MODEL_IMPL_WITH(ring, RING, ATR_NO_ATTRS, .next = &ring_default, .atr = ATR_HEAD(ring));

static void a_wrong_model_is_refused_when_its_root_is_registered(void **state)
{
    world *w = *state;
    static const atr_root root = {"ring", &ring_model, &ring_default, NULL};

    assert_int_equal(add_root(w, &root), ATR_E_DEFINITION);
}

static void roots_are_listed_in_order_of_registration(void **state)
{
    world *w = *state;
    atr_root_state first = atr_store_root_at(w->store, 0);
    atr_root_state beyond = atr_store_root_at(w->store, 3);

    assert_ptr_equal(first.root, &todos_root);
    assert_ptr_equal(first.group, &main_group);
    assert_ptr_equal(first.confirmed, &todo_state_default);
    assert_ptr_equal(atr_store_root_at(w->store, 2).root, &other_root);
    assert_null(beyond.root);
}

typedef struct numbered {
    const atr_root *root;
    int64_t n;
} numbered;

static void set_number(atr_finish *f, void *user)
{
    const numbered *arg = user;
    assert_int_equal(atr_root_update(f->write, arg->root, ATR_NEW(f->s, counter, .n = arg->n)),
                     ATR_OK);
}

static void hundreds_of_roots_are_told_apart(void **state)
{
    enum { COUNT = 300 };
    world *w = *state;
    static atr_root roots[COUNT];

    for (int i = 0; i < COUNT; i++) {
        numbered arg = {&roots[i], i};
        roots[i] = (atr_root){"many", &counter_model, &counter_default, NULL};
        assert_int_equal(add_root(w, &roots[i]), ATR_OK);
        turn(w, set_number, &arg);
    }

    for (int i = 0; i < COUNT; i++) {
        assert_int_equal(confirmed_n(w, &roots[i]), i);
    }
}

static void a_store_is_freed_with_what_is_open_in_it(void **state)
{
    world w = {0};
    atr_event e;
    int one = 1;
    atr_finish f = {0};
    atr_store_free(NULL);
    w.store = world_store_new(&w);
    assert_true(world_add_roots(&w));
    event_open(&w, &e);
    assert_non_null(ATR_STATE(&e, todos));
    atr_turn_begin(w.store);
    f.s = e.s;
    f.ctx = atr_ctx_open(w.store, ATR_CTX_FINISH, e.s, &w);
    f.write = atr_ctx_write(f.ctx);
    add_to_tally(&f, &one);
    atr_turn_mark(w.store);
    add_to_tally(&f, &one);

    atr_store_free(w.store);

    assert_int_equal(w.violations, 0);
}

static void a_store_needs_no_host(void **state)
{
    atr_store *store = atr_store_new(NULL);
    atr_layer *layer = atr_layer_add(store, NULL);

    atr_turn_commit(store); /* reported to nobody */
    atr_store_refold(store);

    assert_non_null(layer);
    assert_null(atr_store_self(store));
    atr_store_free(store);
}

/* ---- contexts ---- */

static void contexts_nest_as_deep_as_needed(void **state)
{
    enum { DEPTH = 200 };
    world *w = *state;
    atr_event events[DEPTH];

    for (int i = 0; i < DEPTH; i++) {
        assert_true(event_open(w, &events[i]));
        assert_ptr_equal(ATR_STATE(&events[i], tally), &counter_default);
    }
    for (int i = 0; i < DEPTH; i += 2) { /* not in the order of nesting either */
        event_close(w, &events[i]);
    }
    for (int i = 1; i < DEPTH; i += 2) {
        assert_ptr_equal(atr_ctx_scope(events[i].ctx), events[i].s);
        event_close(w, &events[i]);
    }
    assert_null(atr_ctx_host(events[3].ctx));
    assert_int_equal(take_violation(w), ATR_E_PHASE);
}

static void a_context_without_a_scope_is_not_opened(void **state)
{
    world *w = *state;

    assert_null(atr_ctx_open(w->store, ATR_CTX_EVENT, NULL, w));
    atr_ctx_close(NULL);
    assert_null(atr_ctx_store(NULL));
    assert_null(atr_ctx_host(NULL));
    assert_ptr_equal(tally_read(NULL), &counter_default);
}

static void a_context_leads_to_its_engine(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);

    assert_ptr_equal(atr_ctx_host(e.ctx), w);
    assert_ptr_equal(atr_ctx_scope(e.ctx), e.s);
    assert_ptr_equal(atr_run_ctx(atr_ctx_run(e.ctx)), e.ctx);
    assert_ptr_equal(atr_write_ctx(atr_ctx_write(e.ctx)), e.ctx);
    assert_ptr_equal(atr_answer_ctx(atr_ctx_answer(e.ctx)), e.ctx);
    assert_ptr_equal(atr_store_self(w->store), w);
    event_close(w, &e);
}

/* ---- S1 ---- */

static void s1_an_event_keeps_what_it_has_read(void **state)
{
    world *w = *state;
    atr_event e;
    const todo_state *read;
    const todo_item *item;
    put(w, 1, "milk");
    event_open(w, &e);
    read = ATR_STATE(&e, todos);
    item = ATR_STATE_KEY(&e, todos, items, 1);

    put(w, 1, "oat milk");
    put(w, 1, NULL);

    assert_int_equal(todo_item_map_count(read->items), 1);
    assert_true(atr_str_is(item->title, "milk"));
    assert_int_equal(todo_item_map_count(ATR_STATE(&e, todos)->items), 0);
    event_close(w, &e);
}

static void s1_a_start_keeps_what_it_has_read(void **state)
{
    world *w = *state;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_start start = {s, atr_ctx_open(w->store, ATR_CTX_START, s, w), NULL};
    const counter *versions[40];

    for (int i = 0; i < 40; i++) {
        add(w, 1);
        versions[i] = ATR_STATE(&start, tally);
    }

    for (int i = 0; i < 40; i++) {
        assert_int_equal(versions[i]->n, i + 1);
    }
    atr_ctx_close(start.ctx);
    atr_scope_close(s);
}

static void reading_again_and_again_takes_no_memory(void **state)
{
    world *w = *state;
    atr_event e;
    size_t bytes;
    put(w, 1, "milk");
    add(w, 1);
    event_open(w, &e);
    assert_non_null(ATR_STATE(&e, todos));
    assert_non_null(ATR_STATE(&e, tally));
    bytes = atr_memory_now().bytes;

    for (int i = 0; i < 10000; i++) {
        assert_non_null(ATR_STATE(&e, todos)->items);
        assert_int_equal(ATR_STATE(&e, tally)->n, 1);
        assert_non_null(ATR_STATE_KEY(&e, todos, items, 1));
    }

    assert_int_equal(atr_memory_now().bytes, bytes);
    event_close(w, &e);
}

/* ---- keys ---- */

static void fill_every_map(atr_finish *f, void *user)
{
    todo_state next = *ATR_STATE(f, todos);
    const atr_str *milk = ATR_STR(f->s, "milk");
    const todo_item *item = ATR_NEW(f->s, todo_item, .id = 1, .title = milk);
    (void)user;
    next.items = todo_item_map_set(f->s, next.items, 1, item);
    next.counts = atr_i64_str_map_set(f->s, next.counts, milk, 12);
    next.prices = atr_f64_map_set(f->s, next.prices, 1, 0.5);
    next.by_name = todo_item_str_map_set(f->s, next.by_name, milk, item);
    ATR_UPDATE(f, todos, next);
}

static void an_entry_is_read_by_its_key(void **state)
{
    world *w = *state;
    atr_event e;
    const atr_str *milk;
    const todo_item *item;
    turn(w, fill_every_map, NULL);
    event_open(w, &e);
    milk = ATR_STR(e.s, "milk");

    item = ATR_STATE_KEY(&e, todos, items, 1);
    assert_int_equal(item->id, 1);
    assert_ptr_equal(ATR_STATE_KEY(&e, todos, by_name, milk), item);
    assert_int_equal(*ATR_STATE_KEY(&e, todos, counts, milk), 12);
    assert_true(*ATR_STATE_KEY(&e, todos, prices, 1) == 0.5);
    assert_null(ATR_STATE_KEY(&e, todos, items, 2));
    assert_null(ATR_STATE_KEY(&e, todos, prices, 2));
    assert_null(ATR_STATE_KEY(&e, todos, counts, ATR_STR(e.s, "oats")));
    assert_null(ATR_STATE_KEY(&e, todos, by_name, NULL));
    event_close(w, &e);
}

static void read_key_of_own_update(atr_finish *f, void *user)
{
    fill_every_map(f, NULL);
    *(int64_t *)user = *ATR_STATE_KEY(f, todos, counts, ATR_STR(f->s, "milk"));
}

static void t2_a_key_is_read_in_the_turns_own_update(void **state)
{
    world *w = *state;
    int64_t seen = 0;

    turn(w, read_key_of_own_update, &seen);

    assert_int_equal(seen, 12);
}

static void a_field_without_keys_is_reported(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);

    assert_null(atr_root_read_key(e.ctx, &todos_root, &todo_state_default.name, atr_word_i64_(1)));
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_null(atr_root_read_key(e.ctx, &todos_root, &w, atr_word_i64_(1)));
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_null(atr_root_read_key(e.ctx, &unknown_root, &counter_default.n, atr_word_i64_(1)));
    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);
    event_close(w, &e);
}

/* ---- figures ---- */

static void figures_follow_what_happened(void **state)
{
    world *w = *state;
    atr_store_stats stats;
    add(w, 1);
    add(w, 1);
    notify(w);

    stats = atr_store_stats_now(w->store);

    assert_int_equal(stats.turns, 2);
    assert_int_equal(stats.rounds, 1);
    assert_int_equal(stats.told, 0);
    assert_int_equal(stats.subscriptions, 0);
    assert_int_equal(stats.layers, 0);
    assert_int_equal(stats.kept, 0);
}

/* ---- threads ---- */

static void *use_from_another_thread(void *user)
{
    atr_event *e = user;
    atr_store *store = atr_store_of(e);
    const counter *seen = ATR_STATE(e, tally);
    bool refused = seen == &counter_default && atr_keep(store, seen) == ATR_E_THREAD &&
                   atr_turn_begin(store) == ATR_E_THREAD &&
                   atr_store_churn(store) == ATR_E_THREAD &&
                   ATR_WATCH(store, tally, NULL, NULL, NULL).slot == 0;
    atr_drop(store, seen);
    atr_unwatch(store, (atr_watch){1, 1});
    atr_store_refold(store);
    return refused ? user : NULL;
}

static void another_thread_is_refused_and_reported(void **state)
{
    world *w = *state;
    atr_event e;
    pthread_t thread;
    void *refused = NULL;
    add(w, 1);
    event_open(w, &e);

    assert_int_equal(pthread_create(&thread, NULL, use_from_another_thread, &e), 0);
    pthread_join(thread, &refused);

    assert_ptr_equal(refused, &e);
    assert_int_equal(w->violations, 8);
    assert_int_equal(w->violation_code, ATR_E_THREAD);
    w->violations = 0;
    event_close(w, &e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_root_is_registered_once),
        BOTH(an_initial_value_must_be_a_static_one_that_passes_its_rules),
        BOTH(a_wrong_model_is_refused_when_its_root_is_registered),
        BOTH(roots_are_listed_in_order_of_registration),
        BOTH(hundreds_of_roots_are_told_apart),
        BOTH(a_store_is_freed_with_what_is_open_in_it),
        BOTH(a_store_needs_no_host),
        BOTH(contexts_nest_as_deep_as_needed),
        BOTH(a_context_without_a_scope_is_not_opened),
        BOTH(a_context_leads_to_its_engine),
        BOTH(s1_an_event_keeps_what_it_has_read),
        BOTH(s1_a_start_keeps_what_it_has_read),
        BOTH(reading_again_and_again_takes_no_memory),
        BOTH(an_entry_is_read_by_its_key),
        BOTH(t2_a_key_is_read_in_the_turns_own_update),
        BOTH(a_field_without_keys_is_reported),
        BOTH(figures_follow_what_happened),
        BOTH(another_thread_is_refused_and_reported),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
