/* Re-entrancy: add, remove, execute, cancel, reset and close are legal in every callback; nothing of it
 * takes effect before the callback has returned (rules T2a, T4, L4). */
#include "fixture.h"

typedef enum where {
    IN_FINISH,
    IN_ON_SUCCESS,
    IN_LISTENER,
    IN_FINISH_ERROR,
    IN_ON_ERROR,
    IN_ON_CANCEL,
    IN_GLOBAL_HANDLER,
    IN_SUBSCRIBER,
    PLACES
} where;

/* What the callback at `place` does, and where it is done. */
static struct {
    where place;
    void (*act)(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s);
    int acted;
    int extra_told;
    atr_watch watch;
    atr_handle hanging;
    bool closed;
} re;

static void act_at(where place, atr_ctx *ctx, atr_run *run, atr_scope *s)
{
    if (re.place == place && re.acted == 0) {
        re.acted++;
        re.act(atr_ctx_store(ctx), run, ctx, s);
    }
}

/* ---- a class that has every callback ---- */

ATR_QUERY(probe, HANG, i64);

static void probe_start(atr_start *ctx, const probe *self)
{
    if (self->number < 0) {
        atr_answer_error(ctx, atr_error_make(ctx->s, ATR_DOMAIN_APP, 4, "asked for"));
        return;
    }
    probe_answer(ctx, self->number);
}

static void probe_finish(atr_finish *f, const probe *self, int64_t response)
{
    counter next = *ATR_STATE(f, tally);
    next.number += response;
    ATR_UPDATE(f, tally, next);
    act_at(IN_FINISH, f->ctx, f->run, f->s);
}

static void probe_finish_error(atr_finish *f, const probe *self, const atr_error *error)
{
    act_at(IN_FINISH_ERROR, f->ctx, f->run, f->s);
}
ATR_QUERY_IMPL(probe, HANG, i64, .start_async = probe_start, .finish_with_response = probe_finish,
               .finish_with_error = probe_finish_error);

static void probe_succeeded(atr_finish *f, const probe *self, int64_t response, void *user)
{
    act_at(IN_ON_SUCCESS, f->ctx, f->run, f->s);
}

static void probe_failed(atr_finish *f, const probe *self, const atr_error *error, void *user)
{
    act_at(IN_ON_ERROR, f->ctx, f->run, f->s);
}

static void hang_cancelled(atr_finish *f, const hang *self, void *user)
{
    act_at(IN_ON_CANCEL, f->ctx, f->run, f->s);
}

static void heard(atr_finish *f, const atr_query_class *query_class, const void *query,
                  const atr_value *response, void *user)
{
    act_at(IN_LISTENER, f->ctx, f->run, f->s);
}

static void global(atr_finish *f, const atr_failure *failure, void *user)
{
    act_at(IN_GLOBAL_HANDLER, f->ctx, f->run, f->s);
}

static void subscriber(atr_event *e, const counter *was, const counter *now, void *user)
{
    act_at(IN_SUBSCRIBER, e->ctx, e->run, e->s);
}

static void extra(atr_event *e, const counter *was, const counter *now, void *user)
{
    re.extra_told++;
}

/* ---- what may be done ---- */

static void do_execute(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    add inputs = {.by = 100};
    size_t before = strlen(fx.order);
    add_execute(run, s, inputs, NULL);
    assert_int_equal(strlen(fx.order), before); /* L4 */
}

static void do_cancel(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    int code = atr_run_cancel(run, re.hanging);
    assert_true(code == ATR_OK || re.place == IN_ON_CANCEL);
}

static void do_watch(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    re.watch = ATR_WATCH(store, tally, extra, &fx, count_free);
}

static void do_unwatch(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    atr_unwatch(store, re.watch);
}

static void do_unwatch_and_watch(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    atr_unwatch(store, re.watch);
    re.watch = ATR_WATCH(store, tally, extra, NULL, NULL);
    atr_unwatch(store, re.watch);
    atr_unwatch(store, re.watch);
}

static void mark_closed(void *user)
{
    re.closed = true;
}

static void do_close(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    assert_int_equal(atr_app_close(atr_ctx_app(ctx), mark_closed, NULL), ATR_OK);
    assert_false(re.closed);
}

static void do_drain(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    atr_app_drain(atr_ctx_app(ctx));
}

static void drain_again(void *app)
{
    atr_app_drain(app);
}

static void do_drain_later(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    atr_scope_defer(s, drain_again, atr_ctx_app(ctx));
}

static void do_keep(atr_store *store, atr_run *run, atr_ctx *ctx, atr_scope *s)
{
    const counter *held = ATR_NEW(s, counter, .number = 3);
    assert_int_equal(atr_keep(store, held), ATR_OK);
    atr_drop(store, held);
    assert_int_equal(held->number, 3);
}

/* ---- one run through every callback ---- */

/* The reply handle that hangs comes back after the app has gone. */
static void check_gone(void)
{
    hang_reply_drop(&fx.reply);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void walk(void)
{
    atr_event e = atr_event_open(fx.app);
    re.hanging = ATR_CALL(&e, hang, (.number = 1), .on_cancel = hang_cancelled);
    atr_event_close(&e);
    atr_app_drain(fx.app);
    e = atr_event_open(fx.app);
    ATR_CALL(&e, probe, (.number = 1), .on_success = probe_succeeded);
    ATR_CALL(&e, probe, (.number = -1), .on_error = probe_failed);
    ATR_EXECUTE(&e, no_start);
    if (re.place == IN_ON_CANCEL) {
        atr_cancel(&e, re.hanging);
    }
    atr_event_close(&e);
    atr_app_drain(fx.app);
}

static void in_every_callback(void (*act)(atr_store *, atr_run *, atr_ctx *, atr_scope *),
                              void (*check)(void))
{
    for (int place = 0; place < PLACES; place++) {
        memset(&re, 0, sizeof re);
        re.place = (where)place;
        re.act = act;
        fixture_open();
        atr_app_on_success(fx.app, &probe_class, heard, NULL, NULL);
        atr_app_on_error(fx.app, global, NULL, NULL);
        ATR_WATCH(fx.store, tally, subscriber, NULL, NULL);
        re.watch = ATR_WATCH(fx.store, tally, extra, NULL, NULL);
        walk();
        assert_int_equal(re.acted, 1);
        if (check != NULL) {
            check();
        }
        atr_app_close(fx.app, mark_closed, NULL);
        assert_true(re.closed);
        check_gone();
    }
}

static void was_executed(void)
{
    assert_int_equal(number_now(), 101);
}

static void a_query_may_be_executed_in_every_callback(void **state)
{
    in_every_callback(do_execute, was_executed);
}

static void was_cancelled(void)
{
    assert_int_equal(fx.cancels, 1);
    assert_int_equal(atr_app_stats_now(fx.app).cancelled, 1);
}

static void a_query_may_be_cancelled_in_every_callback(void **state)
{
    in_every_callback(do_cancel, was_cancelled);
}

static void a_subscription_may_be_added_in_every_callback(void **state)
{
    in_every_callback(do_watch, NULL);
}

static void a_subscription_may_be_removed_in_every_callback(void **state)
{
    in_every_callback(do_unwatch, NULL);
}

static void subscriptions_may_come_and_go_in_one_callback(void **state)
{
    in_every_callback(do_unwatch_and_watch, NULL);
}

static void the_app_may_be_closed_in_every_callback(void **state)
{
    for (int place = 0; place < PLACES; place++) {
        uv_loop_t loop;
        memset(&re, 0, sizeof re);
        re.place = (where)place;
        re.act = do_close;
        uv_loop_init(&loop);
        fixture_open_with(&(atr_app_options){.loop = &loop});
        atr_app_on_success(fx.app, &probe_class, heard, NULL, NULL);
        atr_app_on_error(fx.app, global, NULL, NULL);
        ATR_WATCH(fx.store, tally, subscriber, NULL, NULL);
        walk();
        uv_run(&loop, UV_RUN_DEFAULT);
        assert_int_equal(re.acted, 1);
        assert_true(re.closed);
        assert_int_equal(uv_loop_close(&loop), 0);
        check_gone();
    }
}

static void a_drain_in_a_callback_of_a_turn_does_nothing(void **state)
{
    in_every_callback(do_drain, NULL);
}

static void l1_a_drain_deferred_by_a_callback_tells_no_outcome_twice(void **state)
{
    in_every_callback(do_drain_later, NULL);
}

static void l1_a_drain_at_the_end_of_a_turn_finds_no_flight_of_it(void **state)
{
    memset(&re, 0, sizeof re);
    re.place = IN_FINISH;
    re.act = do_drain_later;
    fixture_open();
    for (int i = 0; i < 3; i++) {
        atr_event e = atr_event_open(fx.app);
        re.acted = 0;
        ATR_EXECUTE(&e, probe, .number = 1);
        atr_event_close(&e);
        atr_app_drain(fx.app);
        assert_int_equal(number_now(), i + 1);
        assert_int_equal(atr_app_stats_now(fx.app).in_flight, 0);
    }
    atr_app_close(fx.app, mark_closed, NULL);
    check_gone();
}

/* ---- a layer that finds no memory the first time, and drains the second ---- */

static struct {
    int folds;
    size_t turns;
} late;

ATR_QUERY(late_layer, NO_INPUTS, i64);
static void late_finish(atr_finish *f, const late_layer *self, int64_t response)
{
    if (f->is_pre_execute && late.folds++ == 0) {
        atr_scope_fail(f->s, &atr_error_no_memory);
    } else if (f->is_pre_execute) {
        late.turns += atr_app_drain(fx.app);
        assert_int_equal(number_now(), 0);
    }
}
ATR_QUERY_IMPL(late_layer, NO_INPUTS, i64, .finish_with_response = late_finish);

static void t1_no_turn_runs_while_a_round_folds_layers(void **state)
{
    atr_event e;
    memset(&late, 0, sizeof late);
    fixture_open_with(&(atr_app_options){.drain_limit = 1});
    e = atr_event_open(fx.app);
    ATR_CALL(&e, late_layer, (), .pre_execute = ATR_PREDICT(5));
    ATR_EXECUTE(&e, add, .by = 1);
    atr_event_close(&e);

    assert_int_equal(atr_app_drain(fx.app), 1); /* the layer; then a round, which folds it */

    assert_int_equal(late.folds, 2);
    assert_int_equal(late.turns, 0);
    fixture_close();
}

/* ---- the same when what a layer has made before ends ---- */

#define FRAME(F) F(opaque, picture)
ATR_MODEL(frame, FRAME);
ATR_MODEL_IMPL(frame, FRAME);
ATR_ROOT(wall, frame);
ATR_ROOT_IMPL(wall, frame, &frame_default);
static const atr_root *const wall_roots[] = {&wall_root, NULL};
static const atr_component wall_component = {.name = "wall", .roots = wall_roots};

static struct {
    bool starves; /* the lower layer, once */
    bool drains;
    int ended;
    size_t turns;
} hung;

ATR_QUERY(starving_layer, NO_INPUTS, i64);
static starving_layer_reply starving_reply;
static void starving_start(atr_start *ctx, const starving_layer *self)
{
    starving_reply = starving_layer_reply_later(ctx);
}
static void starving_finish(atr_finish *f, const starving_layer *self, int64_t response)
{
    ATR_STATE(f, tally);
    if (hung.starves) {
        atr_scope_fail(f->s, &atr_error_no_memory);
    }
    hung.starves = false;
}
ATR_QUERY_IMPL(starving_layer, NO_INPUTS, i64, .start_async = starving_start,
               .finish_with_response = starving_finish);

static void picture_end(void *app)
{
    hung.ended++;
    if (hung.drains) {
        hung.turns += atr_app_drain(app);
    }
}

/* Each time another value that is equal: the one seen first stays visible. */
ATR_QUERY(hanging_layer, NO_INPUTS, i64);
static hanging_layer_reply hanging_reply;
static void hanging_start(atr_start *ctx, const hanging_layer *self)
{
    hanging_reply = hanging_layer_reply_later(ctx);
}
static void hanging_finish(atr_finish *f, const hanging_layer *self, int64_t response)
{
    frame next = *ATR_STATE(f, wall);
    ATR_STATE(f, tally);
    next.picture = atr_opaque_new(f->s, "picture", fx.app, picture_end);
    ATR_UPDATE(f, wall, next);
}
ATR_QUERY_IMPL(hanging_layer, NO_INPUTS, i64, .start_async = hanging_start,
               .finish_with_response = hanging_finish);

static void execute_adds(int count)
{
    atr_event e = atr_event_open(fx.app);
    for (int i = 0; i < count; i++) {
        ATR_EXECUTE(&e, add, .by = 1);
    }
    atr_event_close(&e);
}

/* A turn that ran then would lose its updates, and its layer would outlive it. */
static void t1_no_turn_runs_when_what_a_layer_has_made_ends_in_a_round(void **state)
{
    atr_event e;
    memset(&hung, 0, sizeof hung);
    fixture_open_with(&(atr_app_options){.drain_limit = 1});
    assert_int_equal(atr_app_register(fx.app, &wall_component), ATR_OK);
    e = atr_event_open(fx.app);
    ATR_CALL(&e, starving_layer, (), .pre_execute = ATR_PREDICT(1));
    ATR_CALL(&e, hanging_layer, (), .pre_execute = ATR_PREDICT(1));
    atr_event_close(&e);
    atr_app_drain(fx.app);
    atr_app_drain(fx.app);
    execute_adds(1);
    atr_app_drain(fx.app);
    assert_int_equal(hung.ended, 0);

    hung.starves = true;
    hung.drains = true;
    execute_adds(2);
    atr_app_drain(fx.app); /* one turn; then a round, which folds the layers */

    assert_int_equal(hung.ended, 1);
    assert_int_equal(hung.turns, 0);
    assert_int_equal(fx.violations, 0);
    assert_int_equal(number_now(), 2);
    hung.drains = false;
    atr_app_drain(fx.app);
    assert_int_equal(number_now(), 3);
    starving_layer_reply_drop(&starving_reply);
    hanging_layer_reply_drop(&hanging_reply);
    fixture_settle();
    fixture_close();
}

static void s2_values_may_be_kept_and_dropped_in_every_callback(void **state)
{
    in_every_callback(do_keep, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_query_may_be_executed_in_every_callback),
        cmocka_unit_test(a_query_may_be_cancelled_in_every_callback),
        cmocka_unit_test(a_subscription_may_be_added_in_every_callback),
        cmocka_unit_test(a_subscription_may_be_removed_in_every_callback),
        cmocka_unit_test(subscriptions_may_come_and_go_in_one_callback),
        cmocka_unit_test(the_app_may_be_closed_in_every_callback),
        cmocka_unit_test(a_drain_in_a_callback_of_a_turn_does_nothing),
        cmocka_unit_test(l1_a_drain_deferred_by_a_callback_tells_no_outcome_twice),
        cmocka_unit_test(l1_a_drain_at_the_end_of_a_turn_finds_no_flight_of_it),
        cmocka_unit_test(t1_no_turn_runs_while_a_round_folds_layers),
        cmocka_unit_test(t1_no_turn_runs_when_what_a_layer_has_made_ends_in_a_round),
        cmocka_unit_test(s2_values_may_be_kept_and_dropped_in_every_callback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
