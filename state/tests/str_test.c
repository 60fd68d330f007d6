#include "sample.h"

#include <atrium/str.h>

static void text_is_copied_and_terminated(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    char buffer[] = "milk";

    const atr_str *text = atr_str_new(s, buffer);
    buffer[0] = 's';

    assert_string_equal(text->bytes, "milk");
    assert_int_equal(text->size, 4);
    assert_int_equal(text->bytes[4], '\0');
    atr_scope_close(s);
}

static void a_literal_is_not_copied(void **state)
{
    static const char literal[] = "milk";
    atr_scope *s = atr_scope_open(NULL);

    const atr_str *text = atr_str_literal(s, literal, 4);

    assert_ptr_equal(text->bytes, literal);
    assert_true(atr_str_equal(text, ATR_STR(s, "milk")));
    assert_true(atr_str_equal(text, atr_str_new(s, "milk")));
    atr_scope_close(s);
}

static void nul_inside_text_is_kept(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const atr_str *text = atr_str_new_n(s, "a\0b", 3);

    assert_int_equal(text->size, 3);
    assert_memory_equal(text->bytes, "a\0b", 4);
    assert_false(atr_str_equal(text, atr_str_new(s, "a")));
    assert_false(atr_str_is(text, "a"));
    atr_scope_close(s);
}

static void the_empty_text_is_the_default(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_str_new(s, ""), &atr_str_default);
    assert_ptr_equal(ATR_STR(s, ""), &atr_str_default);
    assert_ptr_equal(atr_str_new_n(s, NULL, 0), &atr_str_default);
    assert_true(atr_str_is(atr_str_format(s, "%s", ""), ""));
    assert_true(atr_str_is(atr_str_concat(s, NULL, NULL), ""));

    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void null_text_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_str_new(s, NULL), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_ptr_equal(atr_str_new_n(s, NULL, 3), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_ptr_equal(atr_bytes_new(s, NULL, 3), &atr_bytes_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static void text_that_is_not_utf8_is_refused_with_the_place(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_str_new(s, "ab\xffz"), &atr_str_default);
    const atr_error *error = atr_scope_take_error(s);

    assert_int_equal(error->code, ATR_E_UTF8);
    assert_string_equal(error->message->bytes, "text is not UTF-8: byte 2 of 4 is 0xff");
    assert_ptr_equal(atr_str_format(s, "%s", "\xc0"), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_UTF8);
    assert_ptr_equal(atr_str_literal(s, "\x80", 1), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_UTF8);
    atr_scope_close(s);
}

static void text_and_bytes_over_the_limit_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_bytes_new(s, "", (size_t)ATR_STR_MAX + 1), &atr_bytes_default);

    assert_int_equal(atr_scope_error(s)->code, ATR_E_LIMIT);
    atr_scope_close(s);
}

static void formats_and_concatenations_hash_like_copies(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    static const atr_str fixed = ATR_STR_INIT("item 7");

    const atr_str *made = atr_str_new(s, "item 7");
    const atr_str *formatted = atr_str_format(s, "item %d", 7);
    const atr_str *joined = atr_str_concat(s, ATR_STR(s, "item"), ATR_STR(s, " 7"));

    assert_true(atr_str_equal(made, formatted));
    assert_true(atr_str_equal(made, joined));
    assert_true(atr_str_equal(&fixed, made));
    assert_int_equal(atr_str_hash(made), atr_str_hash(formatted));
    assert_int_equal(atr_str_hash(made), atr_str_hash(joined));
    assert_int_equal(atr_str_hash(made), atr_str_hash(&fixed));
    atr_scope_close(s);
}

static void text_is_ordered_by_bytes_and_null_comes_first(void **state)
{
    static const struct {
        const char *a, *b;
        int order;
    } rows[] = {
        {"a", "b", -1},        {"a", "a", 0},  {"ab", "a", 1},  {"", "a", -1},
        {"z", "\xc3\xa4", -1}, {NULL, "", -1}, {NULL, NULL, 0}, {"", NULL, 1},
    };
    atr_scope *s = atr_scope_open(NULL);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const atr_str *a = rows[i].a != NULL ? atr_str_new(s, rows[i].a) : NULL;
        const atr_str *b = rows[i].b != NULL ? atr_str_new(s, rows[i].b) : NULL;
        int order = atr_str_compare(a, b);

        assert_int_equal((order > 0) - (order < 0), rows[i].order);
        assert_int_equal(atr_str_equal(a, b), rows[i].order == 0);
    }
    atr_scope_close(s);
}

static void is_compares_with_plain_text(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *milk = ATR_STR(s, "milk");

    assert_true(atr_str_is(milk, "milk"));
    assert_false(atr_str_is(milk, "mil"));
    assert_false(atr_str_is(milk, "milky"));
    assert_false(atr_str_is(milk, NULL));
    assert_false(atr_str_is(NULL, ""));
    atr_scope_close(s);
}

static void bytes_are_copied_compared_and_ordered(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    unsigned char buffer[] = {1, 0, 2};

    const atr_bytes *a = atr_bytes_new(s, buffer, 3);
    buffer[2] = 3;
    const atr_bytes *b = atr_bytes_new(s, buffer, 3);

    assert_int_equal(a->bytes[2], 2);
    assert_false(atr_bytes_equal(a, b));
    assert_true(atr_bytes_equal(a, atr_bytes_new(s, a->bytes, a->size)));
    assert_true(atr_bytes_compare(a, b) < 0);
    assert_true(atr_bytes_compare(b, NULL) > 0);
    assert_true(atr_bytes_compare(NULL, NULL) == 0);
    assert_ptr_equal(atr_bytes_new(s, NULL, 0), &atr_bytes_default);
    atr_scope_close(s);
}

static void static_texts_need_no_scope(void **state)
{
    static const atr_str title = ATR_STR_INIT("milk");
    static const todo_item milk = {ATR_HEAD(todo_item), .id = 1, .title = &title};
    atr_scope *s = atr_scope_open(NULL);

    const todo_item *made = sample_item(s, 1, "milk");

    assert_true(atr_equal(&milk, made));
    assert_true(atr_hash(&milk) == atr_hash(made));
    atr_scope_close(s);
}

static void a_part_belongs_to_who_asked_for_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *whole = atr_str_new(s, "milk"), *part = atr_str_part_(s, "milk", 4);

    assert_true(atr_str_equal(part, whole));
    assert_int_equal(atr_str_hash(part), atr_str_hash(whole));
    assert_string_equal(part->bytes, "milk");

    atr_scope_close(s); /* the part is still there */
    assert_true(atr_str_is(part, "milk"));
    atr_value_release(part);
}

static void a_part_is_refused_like_any_text(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    assert_ptr_equal(atr_str_part_(s, "", 0), &atr_str_default);
    assert_null(atr_scope_error(s));
    assert_ptr_equal(atr_str_part_(s, "a\xff", 2), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_UTF8);
    assert_ptr_equal(atr_str_part_(s, NULL, 2), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_ptr_equal(atr_str_part_(s, "a", (size_t)ATR_STR_MAX + 1), &atr_str_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_LIMIT);
    assert_ptr_equal(atr_str_part_(NULL, "a", 1), &atr_str_default);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(text_is_copied_and_terminated),
        BOTH(a_literal_is_not_copied),
        BOTH(nul_inside_text_is_kept),
        BOTH(the_empty_text_is_the_default),
        BOTH(null_text_is_refused),
        BOTH(text_that_is_not_utf8_is_refused_with_the_place),
        BOTH(text_and_bytes_over_the_limit_are_refused),
        BOTH(formats_and_concatenations_hash_like_copies),
        BOTH(text_is_ordered_by_bytes_and_null_comes_first),
        BOTH(is_compares_with_plain_text),
        BOTH(bytes_are_copied_compared_and_ordered),
        BOTH(static_texts_need_no_scope),
        BOTH(a_part_belongs_to_who_asked_for_it),
        BOTH(a_part_is_refused_like_any_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
