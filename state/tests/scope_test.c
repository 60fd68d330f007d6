#include "sample.h"

static void a_value_dies_with_its_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t before = atr_memory_now().values;
    atr_scope *inner = atr_scope_open(s);

    sample_item(inner, 1, "milk");
    size_t during = atr_memory_now().values;
    inner = atr_scope_close(inner);

    assert_int_equal(during - before, 2);
    assert_int_equal(atr_memory_now().values, before);
    assert_null(inner);
    atr_scope_close(s);
}

static void a_value_lives_as_long_as_what_refers_to_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);

    const knot *last = ATR_NEW(inner, knot, .number = 2);
    const knot *first = ATR_NEW(inner, knot, .number = 1, .next = last);
    atr_scope_yield(inner, first);
    atr_scope_close(inner);

    assert_int_equal(first->next->number, 2);
    assert_int_equal(atr_memory_now().values, 2);
    atr_scope_close(s);
}

static void s3_yield_passes_a_value_to_the_parent(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *kept = NULL;

    ATR_SCOPE(inner, s) {
        sample_item(inner, 1, "dies");
        kept = sample_item(inner, 2, "stays");
        atr_scope_yield(inner, kept);
    }

    assert_true(atr_str_is(kept->title, "stays"));
    assert_int_equal(atr_memory_now().values, 2);
    atr_scope_close(s);
}

static void yield_of_nothing_and_from_a_root_scope_does_nothing(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    atr_scope_yield(s, sample_item(s, 1, "milk"));
    atr_scope_yield(s, NULL);
    atr_scope_yield(NULL, &todo_item_default);

    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void leaving_a_nested_scope_by_break_is_harmless(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *item = NULL;

    for (int i = 0; i < 3; i++) {
        ATR_SCOPE(inner, s) {
            item = sample_item(inner, i, "milk");
            break;
        }
    }

    assert_int_equal(item->id, 2);
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
}

static char order[16];
static size_t ordered;
static atr_scope *order_scope;

static void note(void *ptr)
{
    order[ordered++] = *(char *)ptr;
}

static void note_and_defer_more(void *ptr)
{
    static char more[] = "m";
    note(ptr);
    atr_scope *inner = atr_scope_open(order_scope);
    sample_item(inner, 1, "made while closing");
    atr_scope_defer(order_scope, note, more);
}

static void order_begin(atr_scope *s)
{
    memset(order, 0, sizeof order);
    ordered = 0;
    order_scope = s;
}

static void s3_deferred_functions_run_in_reverse_order(void **state)
{
    char names[] = "abcdefgh";
    atr_scope *s = atr_scope_open(NULL);
    order_begin(s);

    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(atr_scope_defer(s, note, &names[i]), 0);
    }
    atr_scope_close(s);

    assert_string_equal(order, "hgfedcba");
}

static void deferred_functions_may_open_scopes_make_values_and_defer_more(void **state)
{
    char names[] = "ab";
    atr_scope *s = atr_scope_open(NULL);
    order_begin(s);

    atr_scope_defer(s, note, &names[0]);
    atr_scope_defer(s, note_and_defer_more, &names[1]);
    atr_scope_close(s);

    assert_string_equal(order, "bma");
}

static void inner_scopes_close_before_what_their_parent_deferred(void **state)
{
    char names[] = "pi";
    atr_scope *s = atr_scope_open(NULL);
    order_begin(s);
    atr_scope_defer(s, note, &names[0]);
    atr_scope *inner = atr_scope_open(s);
    atr_scope_defer(inner, note, &names[1]);

    atr_scope_close(s);

    assert_string_equal(order, "ip");
}

/* Of several in one the youngest goes first, with all that lie in it. */
static void scopes_close_from_the_youngest_and_innermost_on(void **state)
{
    char names[] = "abcdef";
    atr_scope *s = atr_scope_open(NULL);
    order_begin(s);
    atr_scope_defer(s, note, &names[0]);
    atr_scope_defer(atr_scope_open(s), note, &names[1]);
    atr_scope *younger = atr_scope_open(s);
    atr_scope_defer(younger, note, &names[2]);
    atr_scope_defer(atr_scope_open(younger), note, &names[3]);
    atr_scope *youngest = atr_scope_open(younger);
    atr_scope_defer(youngest, note, &names[4]);
    atr_scope_defer(atr_scope_open(youngest), note, &names[5]);

    atr_scope_close(s);

    assert_string_equal(order, "fedcba");
}

/* As many as a loop leaves that opens each one inside of the one before. */
static void half_a_million_scopes_in_each_other_close_without_recursion(void **state)
{
    char names[] = "i";
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *first = atr_scope_open(s), *innermost = first;
    order_begin(s);
    for (size_t i = 0; i < 500000; i++) {
        innermost = atr_scope_open(innermost);
    }
    assert_non_null(innermost);
    atr_scope_defer(innermost, note, &names[0]);
    atr_refuse(innermost, ATR_E_LIMIT, "too deep");

    atr_scope_close(first);

    assert_string_equal(order, "i");
    assert_int_equal(atr_scope_error(s)->code, ATR_E_LIMIT);
    atr_scope_close(s);
}

static void a_refused_defer_runs_at_once_and_tells(void **state)
{
    char name[] = "a";
    order_begin(NULL);

    assert_int_equal(atr_scope_defer(NULL, note, name), ATR_E_NO_MEMORY);
    assert_string_equal(order, "a");

    atr_scope *s = atr_scope_open(NULL);
    assert_int_equal(atr_scope_defer(s, NULL, name), ATR_E_INVALID);
    assert_int_equal(atr_scope_error(s)->code, ATR_E_INVALID);
    atr_scope_close(s);
}

static void s4_a_maker_that_fails_returns_the_default_and_latches_the_first_error(void **state)
{
    atr_scope *s = atr_scope_open(NULL);

    const todo_item *refused = ATR_NEW(s, todo_item, .id = 1);
    const atr_str *text = atr_str_new(s, "\xff");

    assert_ptr_equal(refused, &todo_item_default);
    assert_ptr_equal(text, &atr_str_default);
    assert_int_equal(atr_scope_error(s)->code, ATR_E_REFUSED);
    assert_int_equal(atr_scope_error(s)->domain, ATR_DOMAIN_ATRIUM);
    atr_scope_close(s);
}

static void s4_makers_go_on_working_in_a_latched_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_refuse(s, ATR_E_LIMIT, "too much");

    const todo_item *milk = sample_item(s, 1, "milk");

    assert_int_equal(milk->id, 1);
    assert_string_equal(atr_scope_error(s)->message->bytes, "too much");
    atr_scope_close(s);
}

static void s4_without_a_scope_makers_return_the_default(void **state)
{
    assert_ptr_equal(ATR_NEW(NULL, todo_item, .id = 1), &todo_item_default);
    assert_ptr_equal(atr_str_new(NULL, "milk"), &atr_str_default);
    assert_ptr_equal(ATR_STR(NULL, "milk"), &atr_str_default);
    assert_ptr_equal(atr_bytes_new(NULL, "milk", 4), &atr_bytes_default);
    assert_ptr_equal(atr_copy(NULL, &todo_item_default), &todo_item_default);
    assert_int_equal(atr_scope_error(NULL)->code, ATR_E_NO_MEMORY);
    assert_int_equal(atr_scope_take_error(NULL)->code, ATR_E_NO_MEMORY);
    assert_null(atr_scope_close(NULL));
}

static void s4_an_inner_scope_hands_its_error_to_its_parent(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);

    atr_refuse(inner, ATR_E_NOT_FOUND, "item %d is not there", 7);
    atr_scope_close(inner);

    assert_int_equal(atr_scope_error(s)->code, ATR_E_NOT_FOUND);
    assert_string_equal(atr_scope_error(s)->message->bytes, "item 7 is not there");
    atr_scope_close(s);
}

static void s4_a_parent_keeps_its_own_first_error(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);

    atr_refuse(s, ATR_E_LIMIT, "first");
    atr_refuse(inner, ATR_E_NOT_FOUND, "second");
    atr_scope_close(inner);

    assert_string_equal(atr_scope_error(s)->message->bytes, "first");
    atr_scope_close(s);
}

static void s4_taking_the_error_clears_the_latch(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);
    atr_refuse(inner, ATR_E_UTF8, "bad text");

    const atr_error *error = atr_scope_take_error(inner);

    assert_string_equal(error->message->bytes, "bad text");
    assert_null(atr_scope_error(inner));
    atr_scope_close(inner);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void fail_returns_the_code_of_its_error(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_error *error = atr_error_make(s, ATR_DOMAIN_APP, 42, "mine");

    assert_int_equal(atr_scope_fail(s, error), 42);
    assert_int_equal(atr_scope_fail(s, &atr_error_no_memory), ATR_E_NO_MEMORY);

    assert_ptr_equal(atr_scope_error(s), error);
    atr_scope_close(s);
}

static void failing_with_no_error_or_a_draft_latches_that_instead(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_error draft = atr_error_no_memory;
    draft.atr = (atr_head)ATR_DRAFT;

    assert_int_equal(atr_scope_fail(s, NULL), ATR_E_INVALID);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_int_equal(atr_scope_fail(s, &draft), ATR_E_REFUSED);
    assert_int_equal(atr_scope_error(s)->code, ATR_E_REFUSED);
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "atr_scope_fail: the error was never published (a literal or draft; "
                        "make it with its _new function)");
    atr_scope_close(s);
}

static void s6_a_mark_has_a_latch_of_its_own(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_refuse(s, ATR_E_LIMIT, "before");

    atr_scope_mark mark = atr_scope_mark_set(s);
    const atr_error *fresh = atr_scope_error(s);
    atr_refuse(s, ATR_E_NOT_FOUND, "inside");
    const atr_error *inside = atr_scope_mark_end(s, mark);

    assert_null(fresh);
    assert_string_equal(inside->message->bytes, "inside");
    assert_string_equal(atr_scope_error(s)->message->bytes, "before");
    atr_scope_close(s);
}

static void s6_the_end_of_a_mark_closes_scopes_left_open_in_it(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *outer = atr_scope_open(s);
    sample_item(outer, 1, "outer");
    size_t before = atr_memory_now().values;

    atr_scope_mark mark = atr_scope_mark_set(s);
    atr_scope *left = atr_scope_open(s);
    sample_item(left, 2, "left");
    atr_refuse(left, ATR_E_NOT_FOUND, "left open");
    const atr_error *error = atr_scope_mark_end(s, mark);

    assert_string_equal(error->message->bytes, "left open");
    assert_null(atr_scope_error(s));
    assert_int_equal(atr_memory_now().values, before + 2); /* the error and its text */
    atr_scope_close(outer);
    atr_scope_close(s);
}

static void count_end(void *ptr)
{
    **(int **)ptr += 1;
}

static void a_cleared_scope_is_as_one_closed_and_opened(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t before = atr_memory_now().values;
    int ended = 0, *ends = &ended;
    sample_item(s, 1, "own");
    sample_item(atr_scope_open(s), 2, "of a scope inside");
    atr_scope_defer(s, count_end, &ends);
    atr_refuse(s, ATR_E_LIMIT, "latched");

    atr_scope_clear(s);

    assert_int_equal(atr_memory_now().values, before);
    assert_int_equal(ended, 1);
    assert_null(atr_scope_error(s));
    assert_string_equal(sample_item(s, 3, "new")->title->bytes, "new");
    atr_scope_close(s);
    assert_int_equal(ended, 1);
}

static void a_loose_value_is_the_takers(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *text = atr_str_new(s, "text");
    todo_item draft = {ATR_DRAFT, .id = 1, .title = text};

    const todo_item *item = atr_value_publish_loose(s, &todo_item_model, &draft);
    int32_t counts[] = {((const atr_head *)item)->count, ((const atr_head *)text)->count};
    atr_value_hold(text);
    atr_scope_close(s);
    int64_t id = item->id;
    atr_value_release(item);
    int32_t left = ((const atr_head *)text)->count;
    atr_value_release(text);

    assert_int_equal(counts[0], 1);
    assert_int_equal(counts[1], 2); /* that of the scope and that of the item */
    assert_int_equal(id, 1);
    assert_int_equal(left, 1);
}

static void a_loose_value_that_is_refused_leaves_nothing(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    size_t before = atr_memory_stats_now(s).values;
    todo_item draft = {ATR_DRAFT, .id = 1, .title = NULL};

    const todo_item *item = atr_value_publish_loose(s, &todo_item_model, &draft);

    assert_ptr_equal(item, &todo_item_default);
    assert_non_null(atr_scope_take_error(s));
    atr_scope_clear(s);
    assert_int_equal(atr_memory_stats_now(s).values, before);
    atr_scope_close(s);
}

static void clearing_an_inner_scope_passes_its_error_on(void **state)
{
    atr_scope *outer = atr_scope_open(NULL);
    atr_scope *s = atr_scope_open(outer);
    atr_refuse(s, ATR_E_LIMIT, "latched");

    atr_scope_clear(s);

    assert_null(atr_scope_error(s));
    assert_int_equal(atr_scope_error(outer)->code, ATR_E_LIMIT);
    atr_scope_close(outer);
}

static void a_value_held_outside_survives_its_scope(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *milk = sample_item(s, 1, "milk");

    atr_value_hold(milk);
    atr_scope_close(s);

    assert_true(atr_str_is(milk->title, "milk"));
    atr_value_release(milk);
    assert_int_equal(atr_memory_now().blocks, 0);
}

static void holding_a_draft_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    todo_item draft = {.id = 1, .title = ATR_STR(s, "milk")};

    assert_int_equal(atr_scope_hold(s, &draft), ATR_E_REFUSED);
    assert_int_equal(atr_scope_hold(s, NULL), 0);
    assert_int_equal(atr_scope_hold(s, &todo_item_default), 0);
    assert_int_equal(atr_scope_hold(NULL, &todo_item_default), ATR_E_NO_MEMORY);

    assert_int_equal(atr_scope_error(s)->code, ATR_E_REFUSED);
    assert_string_equal(atr_scope_error(s)->message->bytes,
                        "atr_scope_hold: the value was never published (a literal or draft; "
                        "make it with its _new function)");
    atr_scope_close(s);
}

static void closed_scopes_are_used_again(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *first = atr_scope_open(s);
    atr_scope_close(first);
    size_t blocks = atr_memory_now().blocks;

    atr_scope *second = atr_scope_open(s);
    atr_scope_close(second);

    assert_ptr_equal(first, second);
    assert_int_equal(atr_memory_now().blocks, blocks);
    atr_scope_close(s);
}

static void a_spare_scope_keeps_no_big_list(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_scope *inner = atr_scope_open(s);

    for (int i = 0; i < 100000; i++) {
        ATR_NEW(inner, knot, .number = i);
    }
    size_t grown = atr_memory_now().bytes;
    atr_scope_close(inner);

    assert_true(atr_memory_now().bytes <= grown - 100000 * sizeof(void *));
    atr_scope_close(s);
}

static void root_scopes_of_a_thread_are_independent(void **state)
{
    atr_scope *a = atr_scope_open(NULL);
    atr_scope *b = atr_scope_open(NULL);

    const todo_item *item = sample_item(a, 1, "milk");
    assert_int_equal(atr_scope_hold(b, item), 0);
    atr_refuse(a, ATR_E_LIMIT, "only here");
    atr_scope_close(a);

    assert_true(atr_str_is(item->title, "milk"));
    assert_null(atr_scope_error(b));
    atr_scope_close(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(a_value_dies_with_its_scope),
        BOTH(a_value_lives_as_long_as_what_refers_to_it),
        BOTH(s3_yield_passes_a_value_to_the_parent),
        BOTH(yield_of_nothing_and_from_a_root_scope_does_nothing),
        BOTH(leaving_a_nested_scope_by_break_is_harmless),
        BOTH(s3_deferred_functions_run_in_reverse_order),
        BOTH(deferred_functions_may_open_scopes_make_values_and_defer_more),
        BOTH(inner_scopes_close_before_what_their_parent_deferred),
        BOTH(scopes_close_from_the_youngest_and_innermost_on),
        BOTH(half_a_million_scopes_in_each_other_close_without_recursion),
        BOTH(a_refused_defer_runs_at_once_and_tells),
        BOTH(s4_a_maker_that_fails_returns_the_default_and_latches_the_first_error),
        BOTH(s4_makers_go_on_working_in_a_latched_scope),
        BOTH(s4_without_a_scope_makers_return_the_default),
        BOTH(s4_an_inner_scope_hands_its_error_to_its_parent),
        BOTH(s4_a_parent_keeps_its_own_first_error),
        BOTH(s4_taking_the_error_clears_the_latch),
        BOTH(fail_returns_the_code_of_its_error),
        BOTH(failing_with_no_error_or_a_draft_latches_that_instead),
        BOTH(s6_a_mark_has_a_latch_of_its_own),
        BOTH(s6_the_end_of_a_mark_closes_scopes_left_open_in_it),
        BOTH(a_cleared_scope_is_as_one_closed_and_opened),
        BOTH(a_loose_value_is_the_takers),
        BOTH(a_loose_value_that_is_refused_leaves_nothing),
        BOTH(clearing_an_inner_scope_passes_its_error_on),
        BOTH(a_value_held_outside_survives_its_scope),
        BOTH(holding_a_draft_is_refused),
        BOTH(closed_scopes_are_used_again),
        PLAIN(a_spare_scope_keeps_no_big_list),
        BOTH(root_scopes_of_a_thread_are_independent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
