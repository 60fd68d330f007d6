/* Updates that are refused: what their errors say, and what becomes of the value. */
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t1_an_update_in_a_closed_context_is_refused_and_its_value_ends),
        BOTH(t1_an_update_that_is_refused_tells_its_root_and_why),
        BOTH(t1_an_update_of_a_root_that_is_not_registered_tells_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
