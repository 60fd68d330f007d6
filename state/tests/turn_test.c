#include "store_world.h"

static void update_two_roots(atr_finish *f, void *user)
{
    int one = 1;
    add_to_tally(f, &one);
    add_to_other(f, &one);
    if (user != NULL) {
        atr_fail(f, 7, "not %s", "this time");
    }
}

/* ---- T1, T2 ---- */

static void t1_a_turn_does_not_open_inside_a_turn(void **state)
{
    world *w = *state;

    assert_int_equal(atr_turn_begin(w->store), ATR_OK);
    assert_int_equal(atr_turn_begin(w->store), ATR_E_PHASE);
    assert_true(atr_turn_is_open(w->store));
    atr_turn_commit(w->store);

    assert_false(atr_turn_is_open(w->store));
    assert_int_equal(atr_turn_begin(w->store), ATR_OK);
    atr_turn_abort(w->store);
}

static void t1_an_update_outside_a_turn_is_refused_and_reported(void **state)
{
    world *w = *state;
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_ctx *ctx = atr_ctx_open(w->store, ATR_CTX_FINISH, s, w);
    atr_finish f = {s, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), false};
    counter next = *ATR_STATE(&f, tally);

    next.n = 1;

    assert_int_equal(ATR_UPDATE(&f, tally, next), ATR_E_PHASE);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_ctx_close(ctx);
    atr_scope_close(s);
}

static void t1_the_end_of_no_turn_is_reported(void **state)
{
    world *w = *state;

    atr_turn_commit(w->store);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_abort(w->store);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_mark(w->store);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_undo(w->store);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_reset(w->store, NULL);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
}

static void t2_a_turn_commits_all_updates_or_none(void **state)
{
    world *w = *state;

    assert_int_equal(turn(w, update_two_roots, NULL), ATR_OK);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(confirmed_n(w, &other_root), 1);

    assert_int_equal(turn(w, update_two_roots, w), 7);
    assert_int_equal(confirmed_n(w, &tally_root), 1);
    assert_int_equal(confirmed_n(w, &other_root), 1);
}

static void read_own_updates(atr_finish *f, void *user)
{
    int one = 1;
    add_to_tally(f, &one);
    add_to_tally(f, &one);
    *(int64_t *)user = ATR_STATE(f, tally)->n;
}

static void t2_a_turn_reads_its_own_updates(void **state)
{
    world *w = *state;
    int64_t seen = 0;

    turn(w, read_own_updates, &seen);

    assert_int_equal(seen, 2);
    assert_int_equal(confirmed_n(w, &tally_root), 2);
}

typedef struct outside {
    world *w;
    int64_t seen;
} outside;

static void read_from_outside(atr_finish *f, void *user)
{
    outside *out = user;
    int one = 1;
    atr_event e;
    add_to_tally(f, &one);
    event_open(out->w, &e);
    out->seen = ATR_STATE(&e, tally)->n;
    event_close(out->w, &e);
}

static void t2_nobody_else_sees_an_update_before_the_commit(void **state)
{
    outside out = {*state, -1};

    turn(out.w, read_from_outside, &out);

    assert_int_equal(out.seen, 0);
    assert_int_equal(visible_n(out.w, &tally_root), 1);
}

static void without_layers_visible_is_the_confirmed_value_itself(void **state)
{
    world *w = *state;

    add(w, 1);

    assert_ptr_equal(visible(w, &tally_root), confirmed(w, &tally_root));
}

static void update_with_what_there_is(atr_finish *f, void *user)
{
    (void)user;
    ATR_UPDATE_TO(f, tally, ATR_STATE(f, tally));
}

static void the_value_that_is_there_already_changes_nothing(void **state)
{
    world *w = *state;
    const atr_pool *pool = atr_store_pool(w->store);
    size_t before;
    add(w, 1);
    notify(w);
    before = atr_pool_values(pool);

    assert_int_equal(turn(w, update_with_what_there_is, NULL), ATR_OK);

    assert_false(atr_store_is_dirty(w->store));
    add(w, 1);
    notify(w);
    assert_int_equal(atr_pool_values(pool), before);
}

/* The value of the turn before is told to nobody, and goes. */
static void turns_without_a_round_between_them_leave_nothing(void **state)
{
    world *w = *state;
    const atr_pool *pool = atr_store_pool(w->store);
    size_t before;
    add(w, 1);
    notify(w);
    before = atr_pool_values(pool);

    for (int i = 0; i < 3; i++) {
        add(w, 1);
    }

    assert_int_equal(atr_pool_values(pool), before + 1); /* the one notified */
    notify(w);
    assert_int_equal(atr_pool_values(pool), before);
}

static void update_with_a_broken_draft(atr_finish *f, void *user)
{
    todo_state next = *ATR_STATE(f, todos);
    int one = 1;
    add_to_tally(f, &one);
    next.name = NULL;
    *(int *)user = ATR_UPDATE(f, todos, next);
}

static void t2_a_draft_that_breaks_its_rules_undoes_the_turn(void **state)
{
    world *w = *state;
    int code = 0;

    assert_int_equal(turn(w, update_with_a_broken_draft, &code), ATR_E_REFUSED);

    assert_int_equal(code, ATR_E_LATCHED);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
}

typedef struct attempt {
    const void *value;
    int code;
} attempt;

static void update_tally_to(atr_finish *f, void *user)
{
    attempt *a = user;
    a->code = ATR_UPDATE_TO(f, tally, (const counter *)a->value);
}

static void t2_what_is_no_value_of_the_root_is_refused(void **state)
{
    world *w = *state;
    static const counter draft = {ATR_DRAFT, 3};
    attempt attempts[] = {{NULL, 0}, {&draft, 0}, {&todo_item_default, 0}};

    for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++) {
        assert_int_equal(turn(w, update_tally_to, &attempts[i]), ATR_E_REFUSED);
        assert_int_equal(attempts[i].code, ATR_E_REFUSED);
    }
    assert_ptr_equal(confirmed(w, &tally_root), &counter_default);
}

static void a_value_of_another_store_is_refused(void **state)
{
    world *w = *state;
    world elsewhere = {0};
    atr_scope *s;
    attempt a = {NULL, 0};
    elsewhere.store = world_store_new(&elsewhere);
    s = atr_pool_scope(atr_store_pool(elsewhere.store));
    a.value = ATR_NEW(s, counter, .n = 5);

    assert_int_equal(turn(w, update_tally_to, &a), ATR_E_REFUSED);

    assert_int_equal(confirmed_n(w, &tally_root), 0);
    atr_scope_close(s);
    atr_store_free(elsewhere.store);
}

static void a_value_made_in_a_scope_of_the_thread_may_become_state(void **state)
{
    world *w = *state;
    atr_scope *s = atr_scope_open(NULL);
    attempt a = {ATR_NEW(s, counter, .n = 5), 0};

    assert_int_equal(turn(w, update_tally_to, &a), ATR_OK);
    atr_scope_close(s);

    assert_int_equal(confirmed_n(w, &tally_root), 5);
}

static void update_from_an_inner_scope(atr_finish *f, void *user)
{
    (void)user;
    ATR_SCOPE(inner, f->s) {
        ATR_UPDATE_TO(f, tally, ATR_NEW(inner, counter, .n = 9));
    }
}

static void a_value_of_an_inner_scope_lives_on_as_state(void **state)
{
    world *w = *state;

    assert_int_equal(turn(w, update_from_an_inner_scope, NULL), ATR_OK);

    assert_int_equal(confirmed_n(w, &tally_root), 9);
}

static void read_then_update_twice(atr_finish *f, void *user)
{
    const counter *first, *second, *third;
    ATR_SCOPE(inner, f->s) {
        ATR_UPDATE_TO(f, tally, ATR_NEW(inner, counter, .n = 1));
    }
    first = ATR_STATE(f, tally);
    ATR_SCOPE(inner, f->s) {
        ATR_UPDATE_TO(f, tally, ATR_NEW(inner, counter, .n = 2));
    }
    second = ATR_STATE(f, tally);
    ATR_SCOPE(inner, f->s) {
        ATR_UPDATE_TO(f, tally, ATR_NEW(inner, counter, .n = 3));
    }
    third = ATR_STATE(f, tally);
    *(int64_t *)user = first->n * 100 + second->n * 10 + third->n;
}

static void s1_what_finish_has_read_lives_until_it_returns(void **state)
{
    world *w = *state;
    int64_t seen = 0;

    turn(w, read_then_update_twice, &seen);

    assert_int_equal(seen, 123);
    assert_int_equal(confirmed_n(w, &tally_root), 3);
}

static void latch_then_update(atr_finish *f, void *user)
{
    int one = 1;
    counter next = *ATR_STATE(f, tally);
    atr_fail(f, 12, "first");
    atr_fail(f, 13, "second");
    next.n = 8;
    *(int *)user = ATR_UPDATE(f, tally, next);
    add_to_other(f, &one);
}

static void s4_nothing_leaves_a_latched_scope(void **state)
{
    world *w = *state;
    int code = 0;

    assert_int_equal(turn(w, latch_then_update, &code), 12);

    assert_int_equal(code, ATR_E_LATCHED);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
    assert_int_equal(confirmed_n(w, &other_root), 0);
}

static void update_from_a_latched_inner_scope(atr_finish *f, void *user)
{
    atr_scope *inner = atr_scope_open(f->s);
    atr_finish within = *f;
    counter next = *ATR_STATE(f, tally);
    next.n = 8;
    within.s = inner;
    atr_scope_fail(inner, &atr_error_no_memory);
    *(int *)user = ATR_UPDATE(&within, tally, next);
    atr_scope_take_error(inner);
    atr_scope_close(inner);
}

static void s4_nothing_leaves_a_latched_inner_scope(void **state)
{
    world *w = *state;
    int code = 0;

    assert_int_equal(turn(w, update_from_a_latched_inner_scope, &code), ATR_OK);

    assert_int_equal(code, ATR_E_LATCHED);
    assert_int_equal(confirmed_n(w, &tally_root), 0);
}

static void fail_with_text(atr_finish *f, void *user)
{
    const atr_error *error;
    atr_fail(f, -5, "%s %d \xff", "text", 3);
    error = atr_scope_error(f->s);
    *(bool *)user = error->domain == ATR_DOMAIN_APP && error->code == -5 &&
                    atr_str_is(error->message, "text 3 ?");
}

static void fail_makes_an_error_of_the_application(void **state)
{
    world *w = *state;
    bool good = false;

    assert_int_equal(turn(w, fail_with_text, &good), -5);

    assert_true(good);
}

/* ---- T3: contexts ---- */

static void t3_an_event_cannot_update_even_by_a_cast(void **state)
{
    world *w = *state;
    atr_event e;
    event_open(w, &e);
    atr_turn_begin(w->store);

    assert_int_equal(atr_root_update(atr_ctx_write(e.ctx), &tally_root, &counter_default),
                     ATR_E_PHASE);

    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_turn_abort(w->store);
    event_close(w, &e);
}

static void keep_the_context(atr_finish *f, void *user)
{
    *(atr_finish *)user = *f;
}

static void a_context_used_after_its_callback_is_refused_and_reported(void **state)
{
    world *w = *state;
    atr_finish stale = {0};
    counter draft = counter_default;
    add(w, 3);
    turn(w, keep_the_context, &stale);

    assert_ptr_equal(ATR_STATE(&stale, tally), &counter_default);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_null(ATR_STATE_KEY(&stale, todos, items, 1));
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_int_equal(atr_root_update(stale.write, &tally_root, &draft), ATR_E_PHASE);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_int_equal(atr_write_fail(stale.write, NULL, 4, "late"), 4);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_null(atr_ctx_host(stale.ctx));
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_null(atr_ctx_scope(stale.ctx));
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    atr_ctx_close(stale.ctx);
    assert_int_equal(take_violation(w), ATR_E_PHASE);
    assert_false(atr_ctx_is_layer(stale.ctx));
    assert_ptr_equal(atr_store_of(&stale), w->store);
}

static void a_root_that_is_not_registered_is_reported(void **state)
{
    world *w = *state;
    atr_finish f = {0};
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    atr_turn_begin(w->store);
    f.s = s;
    f.ctx = atr_ctx_open(w->store, ATR_CTX_FINISH, s, w);
    f.write = atr_ctx_write(f.ctx);

    assert_ptr_equal(ATR_STATE(&f, unknown), &counter_default);
    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);
    assert_int_equal(ATR_UPDATE_TO(&f, unknown, &counter_default), ATR_E_NOT_FOUND);
    assert_int_equal(atr_scope_error(s)->code, ATR_E_NOT_FOUND);
    assert_int_equal(take_violation(w), ATR_E_NOT_FOUND);

    atr_ctx_close(f.ctx);
    atr_turn_commit(w->store);
    atr_scope_close(s);
}

/* ---- reset ---- */

static void reset(world *w, const void *group)
{
    atr_turn_begin(w->store);
    atr_turn_reset(w->store, group);
    atr_turn_commit(w->store);
}

static void a_reset_gives_the_roots_of_its_group_their_initial_values(void **state)
{
    world *w = *state;
    turn(w, update_two_roots, NULL);

    reset(w, &main_group);
    assert_ptr_equal(confirmed(w, &tally_root), &counter_default);
    assert_int_equal(confirmed_n(w, &other_root), 1);

    reset(w, NULL);
    assert_ptr_equal(confirmed(w, &other_root), &counter_default);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t1_a_turn_does_not_open_inside_a_turn),
        BOTH(t1_an_update_outside_a_turn_is_refused_and_reported),
        BOTH(t1_the_end_of_no_turn_is_reported),
        BOTH(t2_a_turn_commits_all_updates_or_none),
        BOTH(t2_a_turn_reads_its_own_updates),
        BOTH(t2_nobody_else_sees_an_update_before_the_commit),
        BOTH(without_layers_visible_is_the_confirmed_value_itself),
        BOTH(the_value_that_is_there_already_changes_nothing),
        BOTH(turns_without_a_round_between_them_leave_nothing),
        BOTH(t2_a_draft_that_breaks_its_rules_undoes_the_turn),
        BOTH(t2_what_is_no_value_of_the_root_is_refused),
        BOTH(a_value_of_another_store_is_refused),
        BOTH(a_value_made_in_a_scope_of_the_thread_may_become_state),
        BOTH(a_value_of_an_inner_scope_lives_on_as_state),
        BOTH(s1_what_finish_has_read_lives_until_it_returns),
        BOTH(s4_nothing_leaves_a_latched_scope),
        BOTH(s4_nothing_leaves_a_latched_inner_scope),
        BOTH(fail_makes_an_error_of_the_application),
        BOTH(t3_an_event_cannot_update_even_by_a_cast),
        BOTH(a_context_used_after_its_callback_is_refused_and_reported),
        BOTH(a_root_that_is_not_registered_is_reported),
        BOTH(a_reset_gives_the_roots_of_its_group_their_initial_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
