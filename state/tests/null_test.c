/* What functions of values, scripts and JSON do without what they need: each says so, none of them crashes. */
#include <atrium/edits.h>
#include <atrium/json.h>

#include "sample.h"

#define HIDING(F) F(str, word)
#define HIDING_ATTRS(A) A(word, .redacted = true)
ATR_MODEL(hiding, HIDING);
ATR_MODEL_IMPL_WITH(hiding, HIDING, HIDING_ATTRS, .atr = ATR_HEAD(hiding));

static void assert_refused(atr_scope *s, const char *message)
{
    const atr_error *error = atr_scope_take_error(s);
    assert_non_null(error);
    assert_int_equal(error->code, ATR_E_INVALID);
    assert_string_equal(error->message->bytes, message);
}

static void scripts_without_an_argument_are_empty(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *was = sample_item(s, 1, "milk"), *now = sample_item(s, 2, "milk");
    const atr_edits *edits = atr_diff(s, was, now, NULL);
    atr_edit_range range = {0};

    assert_int_equal(atr_diff(NULL, was, now, NULL)->count, 0);
    assert_int_equal(atr_diff(s, NULL, NULL, NULL)->count, 0);
    assert_false(atr_edits_next(NULL, edits));
    assert_false(atr_edits_next(&range, NULL));
    assert_int_equal(atr_edit_path(NULL, &edits->items[0])->size, 0);
    assert_null(atr_edits_apply(NULL, was, edits));
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_edit_path(s, NULL)->size, 0);
    assert_refused(s, "atr_edit_path: the edit is NULL");
    assert_null(atr_edits_apply(s, was, NULL));
    assert_refused(s, "atr_edits_apply: the script is NULL");
    atr_scope_close(s);
}

static void json_without_an_argument_is_refused(void **state)
{
    const atr_type type = {ATR_KIND_I64, false, NULL, NULL};
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *item = sample_item(s, 1, "milk");
    atr_value value = {.kind = ATR_KIND_I64, .has = true, .as.i64 = 7};

    assert_string_equal(atr_to_json(s, NULL, NULL)->bytes, "null");
    assert_int_equal(atr_to_json(NULL, item, NULL)->size, 0);
    assert_int_equal(atr_to_json_as(NULL, &type, value, NULL)->size, 0);
    assert_ptr_equal(atr_from_json(NULL, &todo_item_model, "{}", 2, NULL), &todo_item_default);
    assert_int_equal(atr_from_json_as(NULL, &type, "1", 1, NULL, &value), ATR_E_NO_MEMORY);
    assert_int_equal(value.as.i64, 7);
    assert_true(atr_content_equal(atr_content_hash(NULL, item), atr_content_hash(s, item)));
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_to_json_as(s, NULL, value, NULL)->size, 0);
    assert_refused(s, "atr_to_json_as: the type is NULL");
    assert_int_equal(atr_from_json_as(s, NULL, "1", 1, NULL, &value), ATR_E_INVALID);
    assert_refused(s, "atr_from_json_as: the type is NULL");
    assert_int_equal(atr_from_json_as(s, &type, NULL, 1, NULL, &value), ATR_E_INVALID);
    assert_refused(s, "atr_from_json_as: the text is NULL");
    assert_int_equal(atr_from_json_as(s, &type, "1", 1, NULL, NULL), ATR_E_INVALID);
    assert_refused(s, "atr_from_json_as: the value is NULL");
    assert_null(atr_from_json(s, NULL, "{}", 2, NULL));
    assert_refused(s, "atr_from_json: the model is NULL");
    assert_ptr_equal(atr_from_json(s, &todo_item_model, NULL, 2, NULL), &todo_item_default);
    assert_refused(s, "atr_from_json: the text is NULL");
    assert_ptr_equal(atr_from_json_str(s, &todo_item_model, NULL), &todo_item_default);
    assert_refused(s, "atr_from_json: the text is NULL");
    atr_scope_close(s);
}

static void of_no_model_field_or_enumeration_nothing_is_known(void **state)
{
    const atr_field *word = &hiding_model.fields[0];

    assert_true(atr_field_attributes(&hiding_model, word)->redacted);
    assert_false(atr_field_attributes(&hiding_model, NULL)->redacted);
    assert_false(atr_field_attributes(NULL, word)->redacted);
    assert_false(atr_field_has_default(&hiding_model, NULL));
    assert_false(atr_field_has_default(NULL, word));
    assert_null(atr_model_field(NULL, "word"));
    assert_null(atr_model_field(&hiding_model, NULL));
    assert_null(atr_enumeration_by_number(NULL, 0));
    assert_null(atr_enumeration_by_name(NULL, "all", 3));
    assert_null(atr_enumeration_by_name(&filter_enumeration, NULL, 3));
}

static void a_model_that_is_null_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_int_equal(atr_model_check(NULL, &hiding_model), ATR_E_NO_MEMORY);
    assert_int_equal(atr_model_check(s, NULL), ATR_E_INVALID);
    assert_refused(s, "atr_model_check: the model is NULL");
    atr_scope_close(s);
}

static void verbs_take_null_for_a_value_and_give_defaults_without_a_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *item = sample_item(s, 1, "milk");

    assert_true(atr_equal(NULL, NULL) && !atr_equal(item, NULL));
    assert_true(atr_compare(NULL, item) < 0);
    assert_int_equal(atr_hash(NULL), atr_hash(NULL));
    assert_null(atr_copy(s, NULL));
    assert_ptr_equal(atr_copy(NULL, item), &todo_item_default);
    assert_string_equal(atr_print(s, NULL)->bytes, "null");
    assert_int_equal(atr_print(NULL, item)->size, 0);
    assert_int_equal(atr_diff_print(NULL, item, NULL, 0)->size, 0);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void figures_without_a_scope_or_model_are_zero(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    sample_item(s, 1, "milk");

    assert_int_equal(atr_memory_of(s, NULL), 0);
    assert_int_equal(atr_memory_of(NULL, &todo_item_model), 0);
    assert_int_equal(atr_memory_models(s, NULL, NULL), ATR_E_INVALID);
    assert_int_equal(atr_memory_stats_now(NULL).made, 0);
    atr_memory_give(NULL, 3);
    atr_memory_trim(NULL);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(scripts_without_an_argument_are_empty),
        BOTH(json_without_an_argument_is_refused),
        PLAIN(of_no_model_field_or_enumeration_nothing_is_known),
        BOTH(a_model_that_is_null_is_refused),
        BOTH(verbs_take_null_for_a_value_and_give_defaults_without_a_scope),
        PLAIN(figures_without_a_scope_or_model_are_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
