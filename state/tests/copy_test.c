#include "sample.h"

enum { CHAIN_LENGTH = 1000000 };

static void a_copy_is_equal_and_shares_nothing_counted(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *all = sample_everything(s, 4);

    const everything *copy = atr_copy(s, all);

    assert_ptr_not_equal(copy, all);
    assert_true(atr_equal(copy, all));
    assert_true(atr_hash(copy) == atr_hash(all));
    assert_ptr_not_equal(copy->item, all->item);
    assert_ptr_not_equal(copy->text, all->text);
    assert_ptr_not_equal(copy->raw->bytes, all->raw->bytes);
    assert_ptr_not_equal(copy->items, all->items);
    assert_ptr_not_equal(copy->by_id, all->by_id);
    assert_ptr_not_equal(todo_item_vec_at(copy->items, 0), todo_item_vec_at(all->items, 0));
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_copy_survives_what_it_was_made_of(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *copy = NULL;
    const atr_str *printed = NULL;

    ATR_SCOPE(inner, s) {
        const everything *all = sample_everything(inner, 5);
        printed = atr_print(s, all);
        copy = atr_copy(s, all);
    }

    assert_true(atr_str_equal(atr_print(s, copy), printed));
    atr_scope_close(s);
}

static void what_is_shared_inside_stays_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *all = sample_everything(s, 6);

    const everything *copy = atr_copy(s, all);

    assert_ptr_equal(copy->opt_item, copy->item);
    assert_ptr_equal(copy->other, copy->item);
    assert_ptr_equal(todo_item_vec_at(copy->items, 0), copy->item);
    assert_ptr_equal(todo_item_map_get(copy->by_id, 6), copy->item);
    assert_ptr_equal(atr_str_vec_at(copy->words, 0), copy->text);
    atr_scope_close(s);
}

/* 60 levels of a pair of one value: 2^60 paths, 61 values. */
static void sharing_keeps_a_copy_small(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *top = ATR_NEW(s, knot, .number = 0);
    for (int i = 1; i <= 60; i++) {
        top = ATR_NEW(s, knot, .number = i, .next = top, .other = top);
    }
    size_t before = atr_memory_now().values;

    const knot *copy = atr_copy(s, top);

    assert_int_equal(atr_memory_now().values - before, 61);
    assert_ptr_equal(copy->next, copy->other);
    atr_scope_close(s);
}

static void immortal_values_are_not_copied(void **state)
{
    static const atr_str title = ATR_STR_INIT("fixed");
    static const todo_item fixed = {ATR_HEAD(todo_item), .id = 1, .title = &title};
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *milk = ATR_NEW(s, todo_item, .id = 2, .title = &title);

    const todo_item *copy = atr_copy(s, milk);

    assert_ptr_equal(atr_copy(s, &fixed), &fixed);
    assert_ptr_not_equal(copy, milk);
    assert_ptr_equal(copy->title, &title);
    atr_scope_close(s);
}

static void text_moves_with_its_head_and_literals_stay(void **state)
{
    static const char literal[] = "literal";
    atr_scope *s = atr_scope_open(NULL);

    const atr_str *text = atr_copy(s, atr_str_new(s, "text"));
    const atr_str *fixed = atr_copy(s, atr_str_literal(s, literal, 7));
    const atr_bytes *bytes = atr_copy(s, atr_bytes_new(s, "raw", 3));

    assert_ptr_equal(text->bytes, text + 1);
    assert_string_equal(text->bytes, "text");
    assert_ptr_equal(fixed->bytes, literal);
    assert_ptr_equal(bytes->bytes, bytes + 1);
    assert_memory_equal(bytes->bytes, "raw", 3);
    atr_scope_close(s);
}

static void ordered_maps_are_copied_and_opaque_values_shared(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const ladder *copy = NULL;
    const atr_opaque *image;

    ATR_SCOPE(inner, s) {
        const ladder *all = sample_ladder(inner, 5);
        image = all->image;
        copy = atr_copy(s, all);
        assert_null(atr_scope_error(s));
        assert_ptr_equal(copy->image, image);
        assert_ptr_not_equal(copy->by_id, all->by_id);
    }

    assert_true(atr_equal(copy, sample_ladder(s, 5)));
    assert_int_equal(atr_hash(copy), atr_hash(sample_ladder(s, 5)));
    atr_scope_close(s);
}

static void null_is_copied_as_null(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_null(atr_copy(s, NULL));

    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_draft_is_not_copied(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item draft = {.id = 1, .title = &atr_str_default};

    assert_null(atr_copy(s, &draft));

    assert_int_equal(atr_scope_error(s)->code, ATR_E_REFUSED);
    atr_scope_close(s);
}

static void s4_without_a_scope_the_default_object_is_returned(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_copy(NULL, sample_item(s, 1, "milk")), &todo_item_default);

    atr_scope_close(s);
}

static void a_chain_of_a_million_is_copied_without_recursion(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *first = NULL;
    ATR_SCOPE(inner, s) {
        for (int i = 0; i < CHAIN_LENGTH; i++) {
            first = ATR_NEW(inner, knot, .number = i, .next = first);
        }
        first = atr_copy(s, first);
    }

    int64_t length = 0;
    for (const knot *at = first; at != NULL; at = at->next) {
        assert_int_equal(at->number, CHAIN_LENGTH - 1 - length);
        length++;
    }

    assert_int_equal(length, CHAIN_LENGTH);
    assert_int_equal(atr_memory_now().values, CHAIN_LENGTH);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_copy_is_equal_and_shares_nothing_counted),
        BOTH(a_copy_survives_what_it_was_made_of),
        BOTH(what_is_shared_inside_stays_shared),
        BOTH(sharing_keeps_a_copy_small),
        BOTH(immortal_values_are_not_copied),
        BOTH(text_moves_with_its_head_and_literals_stay),
        BOTH(ordered_maps_are_copied_and_opaque_values_shared),
        BOTH(null_is_copied_as_null),
        BOTH(a_draft_is_not_copied),
        BOTH(s4_without_a_scope_the_default_object_is_returned),
        PLAIN(a_chain_of_a_million_is_copied_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
