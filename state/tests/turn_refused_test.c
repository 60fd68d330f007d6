/* Updates that are refused: what their errors say, and what becomes of the value. */
#include <pthread.h>

#include "store_world.h"

typedef struct updater {
    atr_scope *s;
    atr_ctx *ctx;
    atr_finish f;
} updater;

/* In a turn, which is open. */
static void updater_open(world *w, updater *u)
{
    atr_turn_begin(w->store);
    u->s = atr_pool_scope(atr_store_pool(w->store));
    u->ctx = atr_ctx_open(w->store, ATR_CTX_FINISH, u->s, w);
    u->f = (atr_finish){u->s, u->ctx, atr_ctx_run(u->ctx), atr_ctx_write(u->ctx), false};
}

static void updater_close(world *w, updater *u)
{
    atr_ctx_close(u->ctx);
    atr_turn_abort(w->store);
    atr_scope_close(u->s);
}

static void expect(updater *u, int code, const char *message)
{
    const atr_error *error = atr_scope_take_error(u->s);
    assert_int_equal(error->code, code);
    assert_string_equal(error->message->bytes, message);
}

static void t1_an_update_in_a_closed_context_is_refused_and_its_value_ends(void **state)
{
    world *w = *state;
    updater u;
    size_t values;
    updater_open(w, &u);
    assert_int_equal(ATR_STATE(&u.f, tally)->n, 0);
    atr_ctx_close(u.ctx);
    values = atr_memory_now().values;

    assert_int_equal(ATR_UPDATE(&u.f, tally, (counter){.n = 1}), ATR_E_PHASE);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_int_equal(atr_memory_now().values, values);
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_scope_close(u.s);
}

static void t1_an_update_that_is_refused_tells_its_root_and_why(void **state)
{
    world *w = *state;
    const todo_item *item;
    updater u;
    updater_open(w, &u);
    item = ATR_NEW(u.s, todo_item, .id = 1, .title = atr_str_new(u.s, "milk"));

    assert_int_equal(atr_root_update(u.f.write, &tally_root, NULL), ATR_E_REFUSED);
    expect(&u, ATR_E_REFUSED, "root tally: the value is NULL");
    assert_int_equal(atr_root_update(u.f.write, &other_root, item), ATR_E_REFUSED);
    expect(&u, ATR_E_REFUSED, "root other: the value is a value of another model");
    assert_int_equal(confirmed_n(w, &other_root), 0);
    updater_close(w, &u);
}

ATR_ROOT(foreign, counter);
ATR_ROOT_IMPL(foreign, counter, &counter_default);

static void t1_an_update_of_a_root_that_is_not_registered_tells_its_name(void **state)
{
    world *w = *state;
    updater u;
    updater_open(w, &u);

    assert_int_equal(ATR_UPDATE(&u.f, foreign, (counter){.n = 1}), ATR_E_NOT_FOUND);

    expect(&u, ATR_E_NOT_FOUND, "root foreign is not registered");
    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);
    updater_close(w, &u);
}

static void t1_a_reset_or_an_end_of_no_turn_changes_nothing(void **state)
{
    world *w = *state;
    int one = 1;
    add(w, 3);

    atr_turn_reset(w->store, NULL);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_abort(w->store);
    assert_int_equal(take_violation(w), ATR_E_PHASE);

    assert_int_equal(atr_store_stats_now(w->store).aborted, 0);
    turn(w, add_to_other, &one);
    assert_int_equal(confirmed_n(w, &tally_root), 3);
    assert_int_equal(confirmed_n(w, &other_root), 1);
}

static void t1_an_update_by_what_must_not_write_is_refused(void **state)
{
    world *w = *state;
    updater u;
    atr_ctx *event;
    updater_open(w, &u);
    event = atr_ctx_open(w->store, ATR_CTX_EVENT, u.s, w);
    u.f = (atr_finish){u.s, event, atr_ctx_run(event), atr_ctx_write(event), false};

    assert_int_equal(ATR_STATE(&u.f, tally)->n, 0);
    assert_int_equal(ATR_UPDATE(&u.f, tally, (counter){.n = 1}), ATR_E_PHASE);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_ctx_close(event);
    atr_ctx_close(u.ctx);
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_scope_close(u.s);
}

static void *update_elsewhere(void *user)
{
    updater *u = user;
    return ATR_UPDATE(&u->f, tally, (counter){.n = 1}) == ATR_E_PHASE ? u : NULL;
}

static void t1_an_update_by_another_thread_is_refused(void **state)
{
    world *w = *state;
    updater u;
    pthread_t thread;
    void *refused = NULL;
    updater_open(w, &u);
    assert_int_equal(ATR_STATE(&u.f, tally)->n, 0);

    assert_int_equal(pthread_create(&thread, NULL, update_elsewhere, &u), 0);
    pthread_join(thread, &refused);

    assert_ptr_equal(refused, &u);
    assert_int_equal(take_violation(w), ATR_E_THREAD);
    atr_ctx_close(u.ctx);
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_scope_close(u.s);
}

/* Also with a value of a scope in which all is well. */
static void s4_no_update_leaves_a_context_that_has_failed(void **state)
{
    world *w = *state;
    updater u;
    atr_finish well;
    const counter *value;
    updater_open(w, &u);
    well = u.f;
    well.s = atr_pool_scope(atr_store_pool(w->store));
    value = ATR_NEW(well.s, counter, .n = 1);
    assert_int_equal(ATR_STATE(&u.f, tally)->n, 0);

    atr_scope_fail(u.s, &atr_error_no_memory);
    assert_int_equal(ATR_UPDATE_TO(&u.f, tally, value), ATR_E_LATCHED);
    assert_int_equal(ATR_UPDATE(&well, tally, (counter){.n = 1}), ATR_E_LATCHED);

    atr_scope_take_error(u.s);
    atr_ctx_close(u.ctx);
    atr_turn_commit(w->store);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_scope_close(well.s);
    atr_scope_close(u.s);
}

static void what_an_update_displaced_ends_with_its_turn(void **state)
{
    world *w = *state;
    size_t values = 0;
    for (int i = 0; i < 4; i++) {
        atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
        int one = 1;
        atr_turn_begin(w->store);
        assert_null(callback(w, s, add_to_tally, &one));
        if (i > 0) {
            assert_null(callback(w, s, add_to_tally, &one));
        }
        atr_turn_commit(w->store);
        atr_scope_close(s);
        notify(w);
        values = i == 0 ? atr_memory_now().values : values;
        assert_int_equal(atr_memory_now().values, values);
        assert_int_equal(confirmed_n(w, &tally_root), 2 * i + 1);
    }
}

static void update_to_itself(atr_finish *f, void *user)
{
    ATR_UPDATE_TO(f, tally, ATR_STATE(f, tally));
}

static void a_value_that_was_updated_to_itself_ends_when_another_comes(void **state)
{
    world *w = *state;
    size_t values = 0;
    for (int i = 0; i < 4; i++) {
        add(w, 1);
        notify(w);
        turn(w, update_to_itself, NULL);
        notify(w);
        values = i < 2 ? atr_memory_now().values : values;
        assert_int_equal(atr_memory_now().values, values);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t1_an_update_in_a_closed_context_is_refused_and_its_value_ends),
        BOTH(t1_an_update_that_is_refused_tells_its_root_and_why),
        BOTH(t1_a_reset_or_an_end_of_no_turn_changes_nothing),
        BOTH(t1_an_update_by_what_must_not_write_is_refused),
        PLAIN(t1_an_update_by_another_thread_is_refused),
        BOTH(s4_no_update_leaves_a_context_that_has_failed),
        BOTH(what_an_update_displaced_ends_with_its_turn),
        BOTH(a_value_that_was_updated_to_itself_ends_when_another_comes),
        BOTH(t1_an_update_of_a_root_that_is_not_registered_tells_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
