#include "sample.h"

static void a_number_is_known_when_it_is_listed(void **state)
{
    assert_true(filter_known(FILTER_ALL));
    assert_true(filter_known(-7));
    assert_false(filter_known(2));
    assert_false(filter_known(INT32_MIN));
}

static void constants_are_found_by_number_and_name(void **state)
{
    const atr_enumerator *done = atr_enumeration_by_number(&filter_enumeration, 1);
    const atr_enumerator *hidden = atr_enumeration_by_name(&filter_enumeration, "hidden", 6);

    assert_string_equal(done->name, "done");
    assert_int_equal(hidden->number, -7);
    assert_null(atr_enumeration_by_number(&filter_enumeration, 2));
    assert_null(atr_enumeration_by_name(&filter_enumeration, "hid", 3));
    assert_null(atr_enumeration_by_name(&filter_enumeration, "hiddenmost", 10));
    assert_null(atr_enumeration_by_name(&filter_enumeration, "", 0));
}

static void the_description_keeps_name_and_order(void **state)
{
    assert_string_equal(filter_enumeration.name, "filter");
    assert_int_equal(filter_enumeration.count, 3);
    assert_string_equal(filter_enumeration.items[0].name, "all");
    assert_string_equal(filter_enumeration.items[2].name, "hidden");
}

#define CHOICE(F)                 \
    F(enumeration(filter), first) \
    F(opt(enumeration(filter)), second)
ATR_MODEL(choice, CHOICE);
ATR_MODEL_IMPL(choice, CHOICE);

static void a_number_that_is_not_listed_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(ATR_NEW(s, choice, .first = (filter)2), &choice_default);
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "choice.first is a number its enumeration does not list");
    assert_ptr_equal(ATR_NEW(s, choice, .second = {true, (filter)3}), &choice_default);
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "choice.second is a number its enumeration does not list");
    atr_scope_close(s);
}

static void an_absent_optional_may_hold_any_number(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const choice *absent = ATR_NEW(s, choice, .second = {false, (filter)3});

    assert_ptr_not_equal(absent, &choice_default);
    assert_true(atr_equal(absent, &choice_default));
    assert_true(atr_hash(absent) == atr_hash(&choice_default));
    assert_int_equal(atr_compare(absent, &choice_default), 0);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(a_number_is_known_when_it_is_listed),   PLAIN(constants_are_found_by_number_and_name),
        PLAIN(the_description_keeps_name_and_order),  BOTH(a_number_that_is_not_listed_is_refused),
        BOTH(an_absent_optional_may_hold_any_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
