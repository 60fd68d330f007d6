#include "sample.h"

/* ---- names that generated code might use itself ---- */

#define ONE_NUMBER(F) F(i64, number)
ATR_MODEL(item, ONE_NUMBER);
ATR_MODEL(value, ONE_NUMBER);
ATR_MODEL(key, ONE_NUMBER);
ATR_MODEL(s, ONE_NUMBER);
ATR_MODEL(v, ONE_NUMBER);
ATR_MODEL(m, ONE_NUMBER);
ATR_MODEL(i, ONE_NUMBER);
ATR_MODEL(n, ONE_NUMBER);
ATR_MODEL(it, ONE_NUMBER);
ATR_MODEL(draft, ONE_NUMBER);
ATR_MODEL_IMPL(item, ONE_NUMBER);
ATR_MODEL_IMPL(value, ONE_NUMBER);
ATR_MODEL_IMPL(key, ONE_NUMBER);
ATR_MODEL_IMPL(s, ONE_NUMBER);
ATR_MODEL_IMPL(v, ONE_NUMBER);
ATR_MODEL_IMPL(m, ONE_NUMBER);
ATR_MODEL_IMPL(i, ONE_NUMBER);
ATR_MODEL_IMPL(n, ONE_NUMBER);
ATR_MODEL_IMPL(it, ONE_NUMBER);
ATR_MODEL_IMPL(draft, ONE_NUMBER);

/* ---- special forms ---- */

#define NO_FIELDS(F)
ATR_MODEL(nothing, NO_FIELDS);
ATR_MODEL_IMPL(nothing, NO_FIELDS);

#define TREE(F)   \
    F(str, label) \
    F(vec(tree), children)
ATR_MODEL(tree, TREE);
ATR_MODEL_IMPL(tree, TREE);

ATR_MODEL_DECLARE(owner);
#define PET(F) F(opt(ref(owner)), owned_by)
#define OWNER(F) F(map(str, pet), pets)
ATR_MODEL(pet, PET);
ATR_MODEL(owner, OWNER);
ATR_MODEL_IMPL(pet, PET);
ATR_MODEL_IMPL(owner, OWNER);

static const atr_str untitled = ATR_STR_INIT("untitled");
static const todo_item first_item = {ATR_HEAD(todo_item), .id = 9, .title = &untitled};

#define NOTE(F)                   \
    F(str, title)                 \
    F(i32, priority)              \
    F(str, secret)                \
    F(enumeration(filter), shown) \
    F(ref(todo_item), item)       \
    F(opt(i64), due)
#define NOTE_ATTRS(A)                                \
    A(title, .json = "text", .column = "title_text") \
    A(secret, .redacted = true)                      \
    A(shown, .by_name = true)
ATR_MODEL(note, NOTE);
ATR_MODEL_IMPL_WITH(note, NOTE, NOTE_ATTRS, .title = &untitled, .priority = 3, .item = &first_item,
                    .due = {true, 5});

ATR_MODEL(plain_defaults, ONE_NUMBER);
ATR_MODEL_IMPL_WITH(plain_defaults, ONE_NUMBER, ATR_NO_ATTRS, .number = 8);

/* ---- wrong definitions ---- */

ATR_MODEL_DECLARE(ring_b);
#define RING_A(F) F(ref(ring_b), b)
#define RING_B(F) F(ref(ring_a), a)
ATR_MODEL(ring_a, RING_A);
ATR_MODEL(ring_b, RING_B);
ATR_MODEL_IMPL(ring_a, RING_A);
ATR_MODEL_IMPL(ring_b, RING_B);

#define RING_SELF(F) F(ref(ring_self), self)
ATR_MODEL(ring_self, RING_SELF);
ATR_MODEL_IMPL(ring_self, RING_SELF);

#define TO_RING(F) F(vec(ring_self), far)
ATR_MODEL(to_ring, TO_RING);
ATR_MODEL_IMPL(to_ring, TO_RING);

#define TWICE(X)             \
    X(TWICE_ZERO, 0, "same") \
    X(TWICE_ONE, 1, "same")
ATR_ENUM(twice, TWICE);
ATR_ENUM_IMPL(twice, TWICE);
#define WITH_TWICE(F) F(enumeration(twice), kind)
ATR_MODEL(with_twice, WITH_TWICE);
ATR_MODEL_IMPL(with_twice, WITH_TWICE);

#define NO_ZERO(X) X(NO_ZERO_ONE, 1, "one")
ATR_ENUM(no_zero, NO_ZERO);
ATR_ENUM_IMPL(no_zero, NO_ZERO);
#define WITH_NO_ZERO(F) F(enumeration(no_zero), kind)
ATR_MODEL(with_no_zero, WITH_NO_ZERO);
ATR_MODEL_IMPL(with_no_zero, WITH_NO_ZERO);

#define TWO_NUMBERS(F) \
    F(i64, a)          \
    F(i64, b)
#define SAME_JSON_ATTRS(A) A(a, .json = "b")
ATR_MODEL(same_json, TWO_NUMBERS);
ATR_MODEL_IMPL_WITH(same_json, TWO_NUMBERS, SAME_JSON_ATTRS, .atr = ATR_HEAD(same_json));

#define NO_UTF8_ATTRS(A) A(b, .json = "b\xff")
ATR_MODEL(no_utf8, TWO_NUMBERS);
ATR_MODEL_IMPL_WITH(no_utf8, TWO_NUMBERS, NO_UTF8_ATTRS, .atr = ATR_HEAD(no_utf8));

#define TWO_LINES_ATTRS(A) A(b, .json = "c") A(a, .json = "d") A(b, .redacted = true)
ATR_MODEL(two_lines, TWO_NUMBERS);
ATR_MODEL_IMPL_WITH(two_lines, TWO_NUMBERS, TWO_LINES_ATTRS, .atr = ATR_HEAD(two_lines));

#define ODD_NAME(X) X(ODD_NAME_ZERO, 0, "zero\xff")
ATR_ENUM(odd_name, ODD_NAME);
ATR_ENUM_IMPL(odd_name, ODD_NAME);
#define WITH_ODD_NAME(F) F(enumeration(odd_name), kind)
ATR_MODEL(with_odd_name, WITH_ODD_NAME);
ATR_MODEL_IMPL(with_odd_name, WITH_ODD_NAME);

#define NULL_TITLE(F) F(str, title)
ATR_MODEL(null_title, NULL_TITLE);
ATR_MODEL_IMPL_WITH(null_title, NULL_TITLE, ATR_NO_ATTRS, .title = NULL);

/* ---- */

static void every_kind_of_field_keeps_what_it_was_given(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);

    const everything *all = sample_everything(scope, 3);

    assert_null(atr_scope_error(scope));
    assert_true(all->flag);
    assert_int_equal(all->small, -3);
    assert_int_equal(all->natural, 4000000000u);
    assert_int_equal(all->big, 3);
    assert_true(all->real == 3.5);
    assert_int_equal(all->at, 1700000000000003);
    assert_int_equal(all->shown, FILTER_DONE);
    assert_true(atr_str_is(all->text, "text 3"));
    assert_memory_equal(all->raw->bytes, "\0\1\2", 3);
    assert_int_equal(all->item->id, 3);
    assert_ptr_equal(todo_item_vec_at(all->items, 0), all->item);
    assert_ptr_equal(atr_str_vec_at(all->words, 0), all->text);
    assert_int_equal(atr_i64_vec_at(all->numbers, 0), 10);
    assert_true(atr_f64_vec_at(all->reals, 0) == 3.5);
    assert_ptr_equal(todo_item_map_get(all->by_id, 3), all->item);
    assert_ptr_equal(todo_item_str_map_get(all->by_name, all->text), all->item);
    assert_int_equal(atr_i64_str_map_get(all->counts, all->text), 3);
    assert_true(atr_i64_set_has(all->ids, 3));
    assert_true(atr_str_set_has(all->tags, all->text));
    assert_true(all->opt_flag.has && !all->opt_flag.value);
    assert_true(all->opt_shown.has && all->opt_shown.value == FILTER_HIDDEN);
    assert_ptr_equal(all->other, all->item);
    atr_scope_close(scope);
}

static void a_draft_is_published_as_a_new_value(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);
    const todo_item *milk = sample_item(scope, 1, "milk");

    todo_item next = *milk;
    next.done = true;
    const todo_item *done = todo_item_new(scope, next);

    assert_ptr_not_equal(done, milk);
    assert_true(done->done);
    assert_false(milk->done);
    assert_ptr_equal(done->title, milk->title);
    atr_scope_close(scope);
}

static void refusals_name_model_and_field(void **state)
{
    static const struct {
        size_t offset;
        const char *text;
    } rows[] = {
        {offsetof(everything, text), "everything.text is required, but NULL"},
        {offsetof(everything, raw), "everything.raw is required, but NULL"},
        {offsetof(everything, item), "everything.item is required, but NULL"},
    };
    atr_scope *scope = atr_scope_open(NULL);
    const everything *good = sample_everything(scope, 1);

    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        everything next = *good;
        memset((char *)&next + rows[row].offset, 0, sizeof(void *));

        assert_ptr_equal(everything_new(scope, next), &everything_default);
        assert_string_equal(atr_scope_take_error(scope)->message->bytes, rows[row].text);
    }
    atr_scope_close(scope);
}

static void everything_optional_may_be_absent(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);

    const everything *bare = ATR_NEW(scope, everything, .text = &atr_str_default,
                                     .raw = &atr_bytes_default, .item = &todo_item_default);

    assert_null(atr_scope_error(scope));
    assert_true(atr_equal(bare, &everything_default));
    assert_true(atr_hash(bare) == atr_hash(&everything_default));
    assert_int_equal(atr_compare(bare, &everything_default), 0);
    atr_scope_close(scope);
}

static void a_literal_that_was_never_published_is_refused(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);
    const knot unpublished = {.number = 1};

    assert_ptr_equal(ATR_NEW(scope, knot, .next = &unpublished), &knot_default);

    assert_string_equal(
        atr_scope_error(scope)->message->bytes,
        "knot.next was never published (a literal or draft; make it with its _new function)");
    atr_scope_close(scope);
}

static void a_value_of_another_model_is_refused(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);
    const void *wrong = sample_item(scope, 1, "milk");

    assert_ptr_equal(ATR_NEW(scope, knot, .next = (const knot *)wrong), &knot_default);

    assert_string_equal(atr_scope_error(scope)->message->bytes,
                        "knot.next is a value of another model");
    atr_scope_close(scope);
}

static void common_names_are_good_for_models(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);

    assert_int_equal(ATR_NEW(scope, item, .number = 1)->number, 1);
    assert_int_equal(ATR_NEW(scope, value, .number = 2)->number, 2);
    assert_int_equal(ATR_NEW(scope, key, .number = 3)->number, 3);
    assert_int_equal(ATR_NEW(scope, s, .number = 4)->number, 4);
    assert_int_equal(ATR_NEW(scope, v, .number = 5)->number, 5);
    assert_int_equal(ATR_NEW(scope, m, .number = 6)->number, 6);
    assert_int_equal(ATR_NEW(scope, i, .number = 7)->number, 7);
    assert_int_equal(ATR_NEW(scope, n, .number = 8)->number, 8);
    atr_scope_close(scope);
}

static void a_model_without_fields_has_values(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);

    const nothing *a = ATR_NEW(scope, nothing);
    const nothing *b = atr_copy(scope, a);

    assert_ptr_not_equal(a, b);
    assert_true(atr_equal(a, b));
    assert_int_equal(atr_compare(a, b), 0);
    assert_string_equal(atr_print(scope, a)->bytes, "nothing{}");
    assert_string_equal(atr_diff_print(scope, a, b, 0)->bytes, "");
    assert_int_equal(atr_model_check(scope, &nothing_model), 0);
    atr_scope_close(scope);
}

static void models_may_refer_to_themselves_and_each_other(void **state)
{
    atr_scope *scope = atr_scope_open(NULL);

    const tree *leaf = ATR_NEW(scope, tree, .label = ATR_STR(scope, "leaf"));
    const tree *root = ATR_NEW(scope, tree, .label = ATR_STR(scope, "root"),
                               .children = tree_vec_of(scope, &leaf, 1));
    const owner *jo = ATR_NEW(scope, owner, .pets = NULL);
    const pet *cat = ATR_NEW(scope, pet, .owned_by = jo);
    const owner *kim =
        ATR_NEW(scope, owner, .pets = pet_str_map_set(scope, NULL, ATR_STR(scope, "cat"), cat));

    assert_ptr_equal(tree_vec_at(root->children, 0), leaf);
    assert_int_equal(pet_str_map_count(kim->pets), 1);
    assert_int_equal(atr_model_check(scope, &tree_model), 0);
    assert_int_equal(atr_model_check(scope, &owner_model), 0);
    assert_null(atr_scope_error(scope));
    atr_scope_close(scope);
}

static void defaults_and_attributes_come_from_the_second_table(void **state)
{
    const atr_attribute *title =
        atr_field_attributes(&note_model, atr_model_field(&note_model, "title"));
    const atr_attribute *due =
        atr_field_attributes(&note_model, atr_model_field(&note_model, "due"));

    assert_string_equal(title->json, "text");
    assert_string_equal(title->column, "title_text");
    assert_null(due->json);
    assert_false(due->redacted);
    assert_true(atr_str_is(note_default.title, "untitled"));
    assert_int_equal(note_default.priority, 3);
    assert_ptr_equal(note_default.item, &first_item);
    assert_ptr_equal(note_default.secret, &atr_str_default);
    assert_true(note_default.due.has && note_default.due.value == 5);
    assert_int_equal(plain_defaults_default.number, 8);
}

static void fields_are_described(void **state)
{
    const atr_field *real = atr_model_field(&everything_model, "real");
    const atr_field *tags = atr_model_field(&everything_model, "tags");
    const atr_field *shown = atr_model_field(&everything_model, "opt_shown");

    assert_int_equal(atr_field_offset(&everything_model, real), offsetof(everything, real));
    assert_int_equal(real->type.kind, ATR_KIND_F64);
    assert_ptr_equal(tags->type.model, &atr_str_set_model);
    assert_ptr_equal(shown->type.enumeration, &filter_enumeration);
    assert_true(shown->type.optional);
    assert_null(atr_model_field(&everything_model, "missing"));
    assert_int_equal(everything_model.field_count, 30);
}

static void good_definitions_pass_the_check(void **state)
{
    static const atr_model *const good[] = {&todo_item_model, &knot_model,      &everything_model,
                                            &note_model,      &atr_error_model, &atr_str_model};
    atr_scope *scope = atr_scope_open(NULL);

    for (size_t at = 0; at < sizeof good / sizeof *good; at++) {
        assert_int_equal(atr_model_check(scope, good[at]), 0);
    }
    assert_null(atr_scope_error(scope));
    atr_scope_close(scope);
}

static void wrong_definitions_are_refused_with_the_reason(void **state)
{
    static const struct {
        const atr_model *model;
        const char *text;
    } rows[] = {
        {&ring_a_model,
         "ring_a requires itself through required refs: use opt(ref(...)) in the ring"},
        {&ring_self_model,
         "ring_self requires itself through required refs: use opt(ref(...)) in the ring"},
        {&to_ring_model,
         "ring_self requires itself through required refs: use opt(ref(...)) in the ring"},
        {&with_twice_model, "enumeration twice has the name same twice"},
        {&with_no_zero_model, "with_no_zero.kind: enumeration no_zero has no constant 0"},
        {&same_json_model, "same_json: the fields a and b have the same JSON name b"},
        {&no_utf8_model, "no_utf8.b: the JSON name is not UTF-8"},
        {&two_lines_model, "two_lines.b has two lines of attributes: put them into one"},
        {&with_odd_name_model, "enumeration odd_name has a name that is not UTF-8: number 0"},
        {&null_title_model,
         "the default object of null_title is refused: null_title.title is required, but NULL"},
    };
    atr_scope *scope = atr_scope_open(NULL);

    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++) {
        assert_int_equal(atr_model_check(scope, rows[row].model), ATR_E_DEFINITION);
        const atr_error *error = atr_scope_take_error(scope);
        assert_int_equal(error->code, ATR_E_DEFINITION);
        assert_string_equal(error->message->bytes, rows[row].text);
    }
    assert_int_equal(atr_model_check(scope, NULL), ATR_E_INVALID);
    assert_int_equal(atr_model_check(NULL, &todo_item_model), ATR_E_NO_MEMORY);
    atr_scope_close(scope);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(every_kind_of_field_keeps_what_it_was_given),
        BOTH(a_draft_is_published_as_a_new_value),
        BOTH(refusals_name_model_and_field),
        BOTH(everything_optional_may_be_absent),
        BOTH(a_literal_that_was_never_published_is_refused),
        CHECKED(a_value_of_another_model_is_refused),
        BOTH(common_names_are_good_for_models),
        BOTH(a_model_without_fields_has_values),
        BOTH(models_may_refer_to_themselves_and_each_other),
        PLAIN(defaults_and_attributes_come_from_the_second_table),
        PLAIN(fields_are_described),
        BOTH(good_definitions_pass_the_check),
        BOTH(wrong_definitions_are_refused_with_the_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
