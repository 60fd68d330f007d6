/* What callers get wrong at the doors of the engine: errors that do not live long enough, codes that mean
 * something else, calls in the wrong place. */
#include <stdlib.h>

#include "fixture.h"

/* Answers with an error made in a place of some kind. */
typedef enum place { PLACE_START, PLACE_INNER, PLACE_ROOT, PLACE_STACK, PLACE_RUN } place;
#define MISS(F) F(i32, place)
ATR_QUERY(miss, MISS, i64);
ATR_VIEW(clock_view, i64);

static int returned;
static char told[64];

static void miss_start(atr_start *ctx, const miss *self)
{
    atr_error draft = {.domain = ATR_DOMAIN_APP, .code = 5, .message = &atr_str_default};
    atr_scope *s = ctx->s;
    if (self->place == PLACE_INNER) {
        s = atr_scope_open(ctx->s);
    } else if (self->place == PLACE_ROOT) {
        s = atr_scope_open(NULL);
    } else if (self->place == PLACE_RUN) {
        returned = atr_app_run(fx.app);
    }
    returned = self->place == PLACE_STACK ? atr_answer_error(ctx, &draft)
               : self->place == PLACE_RUN
                   ? returned
                   : atr_answer_error(ctx, atr_error_make(s, ATR_DOMAIN_APP, 5, "no %s", "milk"));
    if (s != ctx->s) {
        atr_scope_close(s);
    }
}

static void miss_failed(atr_finish *f, const miss *self, const atr_error *error, void *user)
{
    snprintf(told, sizeof told, "%d %s", (int)error->code, error->message->bytes);
}

ATR_QUERY_IMPL(miss, MISS, i64, .start_async = miss_start);

static int64_t clock_of(atr_view *v)
{
    return atr_now(v) + (int64_t)atr_random(v);
}
ATR_VIEW_IMPL(clock_view, i64, clock_of);

ATR_VIEW(metered, i64);
static atr_app *app_of_view;
static int64_t meter_uses(atr_view *v)
{
    const meter *m = ATR_USE(v, gauge);
    app_of_view = atr_app_of(v);
    return m != NULL ? m->uses : -1;
}
ATR_VIEW_IMPL(metered, i64, meter_uses);

static const atr_component component = {.name = "misuse", .classes = ATR_CLASSES(&miss_class)};

static void mark_closed(void *user)
{
    fx.closed = true;
}

static int setup(void **state)
{
    fixture_open();
    told[0] = '\0';
    returned = 1;
    assert_int_equal(atr_app_register(fx.app, &component), ATR_OK);
    return 0;
}

static int teardown(void **state)
{
    fixture_close();
    return 0;
}

static void ask(place where)
{
    atr_event e = atr_event_open(fx.app);
    ATR_CALL(&e, miss, (.place = (int32_t)where), .on_error = miss_failed);
    assert_int_equal(atr_event_close(&e), ATR_OK);
    fixture_settle();
}

static void an_error_lives_until_it_is_told_wherever_it_was_made(void **state)
{
    static const place places[] = {PLACE_START, PLACE_INNER, PLACE_ROOT};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        told[0] = '\0';
        ask(places[i]);
        assert_int_equal(returned, ATR_OK);
        assert_string_equal(told, "5 no milk");
    }
}

static void a_draft_of_an_error_is_refused_as_an_answer(void **state)
{
    ask(PLACE_STACK);

    assert_int_equal(returned, ATR_E_REFUSED);
    assert_int_equal(strtol(told, NULL, 10), ATR_E_REFUSED);
}

static void running_an_app_in_its_callback_is_refused(void **state)
{
    ask(PLACE_RUN);

    assert_int_equal(returned, ATR_E_PHASE);
}

static void closing_a_latched_event_never_returns_zero(void **state)
{
    static const struct {
        atr_domain domain;
        int32_t code;
        int expected;
    } cases[] = {
        {ATR_DOMAIN_ATRIUM, ATR_E_LIMIT, ATR_E_LIMIT},
        {ATR_DOMAIN_ATRIUM, 0, ATR_E_LATCHED},
        {ATR_DOMAIN_UV, 0, ATR_E_LATCHED},
        {ATR_DOMAIN_UV, -2, ATR_E_LATCHED},
        {ATR_DOMAIN_HTTP, 503, ATR_E_LATCHED},
        {ATR_DOMAIN_APP, 7, ATR_E_LATCHED},
        {ATR_DOMAIN_APP, -7, ATR_E_LATCHED},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        atr_event e = atr_event_open(fx.app);
        int code = atr_scope_fail(e.s, atr_error_make(e.s, cases[i].domain, cases[i].code, "no"));
        assert_int_equal(code, cases[i].code != 0 ? cases[i].code : ATR_E_LATCHED);
        assert_int_equal(atr_event_close(&e), cases[i].expected);
    }
}

static void t5_a_view_that_asks_for_the_time_is_reported(void **state)
{
    atr_event e = atr_event_open(fx.app);

    assert_int_equal(ATR_GET(&e, clock_view), 0);

    atr_event_close(&e);
    assert_int_equal(fx.violations, 2);
    assert_int_equal(fx.violation_code, ATR_E_PHASE);
}

static void ask_in_finish(atr_finish *f, const add *self, int64_t response, void *user)
{
    returned = (int)ATR_GET(f, clock_view);
}

static void t5_nor_may_one_that_is_computed_in_a_finish(void **state)
{
    atr_event e = atr_event_open(fx.app);
    ATR_CALL(&e, add, (.by = 1), .on_success = ask_in_finish);
    atr_event_close(&e);
    fixture_settle();

    assert_int_equal(returned, 0);
    assert_int_equal(fx.violations, 2);
    assert_int_equal(fx.violation_code, ATR_E_PHASE);
}

static void t5_a_view_that_uses_a_service_is_reported(void **state)
{
    meter m = {.uses = 3};
    atr_event e = atr_event_open(fx.app);
    assert_int_equal(ATR_PROVIDE(fx.app, gauge, &m), ATR_OK);

    assert_int_equal(ATR_GET(&e, metered), -1);

    atr_event_close(&e);
    assert_int_equal(fx.violations, 1);
    assert_int_equal(fx.violation_code, ATR_E_PHASE);
    assert_ptr_equal(app_of_view, fx.app);
    atr_app_close(fx.app, mark_closed, NULL); /* the meter goes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_error_lives_until_it_is_told_wherever_it_was_made, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_draft_of_an_error_is_refused_as_an_answer, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(running_an_app_in_its_callback_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(closing_a_latched_event_never_returns_zero, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(t5_a_view_that_asks_for_the_time_is_reported, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(t5_nor_may_one_that_is_computed_in_a_finish, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(t5_a_view_that_uses_a_service_is_reported, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
