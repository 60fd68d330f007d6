/* A program at a fixed address has addresses of its own for the functions of a shared library. What the
 * library gets back from generated code it must know all the same. */
#include <atrium/testkit_cmocka.h>

#include <cmocka.h>

#define NUMBERS(F) F(vec(i64), rows)
ATR_MODEL(numbers, NUMBERS);
ATR_MODEL_IMPL(numbers, NUMBERS);
ATR_ROOT(shown, numbers);
ATR_ROOT_IMPL(shown, numbers, &numbers_default);

ATR_VIEW(all_rows, vec(i64));
static const atr_i64_vec *all(atr_view *v)
{
    return ATR_STATE(v, shown)->rows;
}
ATR_VIEW_IMPL(all_rows, vec(i64), all);

ATR_VIEW_KEYED(first_rows, vec(i64), i64);
static const atr_i64_vec *first(atr_view *v, int64_t count)
{
    return atr_i64_vec_slice(v->s, ATR_GET(v, all_rows), 0, (size_t)count);
}
ATR_VIEW_KEYED_IMPL(first_rows, vec(i64), i64, first);

static void rows_changed(atr_event *e, const atr_edits *edits, const atr_i64_vec *was,
                         const atr_i64_vec *now, void *user)
{
}

static void field_changed(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                          void *user)
{
}

static const atr_root *const roots[] = {&shown_root, NULL};
static const atr_component component = {.name = "shown", .roots = roots};

static void every_subscription_to_edits_has_a_limit(void **state)
{
    atr_test *t = atr_test_open(&(atr_test_options){.components = ATR_COMPONENTS(&component)});
    atr_watch of_field = ATR_WATCH_EDITS(t->store, shown, rows, field_changed, NULL, NULL);
    atr_watch of_view = ATR_WATCH_VIEW_EDITS(t->store, all_rows, rows_changed, NULL, NULL);
    atr_watch of_key = ATR_WATCH_VIEW_KEY_EDITS(t->store, first_rows, 0, rows_changed, NULL, NULL);

    assert_int_equal(atr_watch_limit_edits(t->store, of_field, 5), ATR_OK);
    assert_int_equal(atr_watch_limit_edits(t->store, of_view, 5), ATR_OK);
    assert_int_equal(atr_watch_limit_edits(t->store, of_key, 5), ATR_OK);
    assert_int_equal(atr_test_end(t), 0);
    atr_test_free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_subscription_to_edits_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
