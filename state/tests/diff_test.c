#include "failing.h"
#include "sample.h"

#define SECRET(F) \
    F(str, name)  \
    F(opt(str), password)
#define SECRET_ATTRS(A) A(password, .redacted = true)
ATR_MODEL(secret, SECRET);
ATR_MODEL_IMPL_WITH(secret, SECRET, SECRET_ATTRS, .atr = ATR_HEAD(secret));

/* What is looked into elsewhere. */
#define VAULT(F)               \
    F(opt(ref(secret)), owner) \
    F(vec(str), codes)         \
    F(map(str, i64), balances)
#define VAULT_ATTRS(A)         \
    A(owner, .redacted = true) \
    A(codes, .redacted = true) \
    A(balances, .redacted = true)
ATR_MODEL(vault, VAULT);
ATR_MODEL_IMPL_WITH(vault, VAULT, VAULT_ATTRS, .atr = ATR_HEAD(vault));

/* Names of one letter. */
#define NEST(F) \
    F(i64, n)   \
    F(opt(ref(nest)), o)
ATR_MODEL(nest, NEST);
ATR_MODEL_IMPL(nest, NEST);

#define POINT(F) F(i64, x)
ATR_MODEL(point, POINT);
ATR_MODEL_IMPL(point, POINT);

#define BOX(F)                     \
    F(vec(todo_item), items)       \
    F(vec(i64), numbers)           \
    F(map(i64, todo_item), by_id)  \
    F(map(str, i64), counts)       \
    F(set(str), tags)              \
    F(opt(ref(todo_item)), chosen) \
    F(opt(i64), limit)             \
    F(any, other)
ATR_MODEL(box, BOX);
ATR_MODEL_IMPL(box, BOX);

static void assert_diff(atr_scope *s, const void *was, const void *now, const char *text)
{
    assert_string_equal(atr_diff_print(s, was, now, 0)->bytes, text);
}

static const todo_item_vec *numbered_items(atr_scope *s, const int *ids, size_t count)
{
    const todo_item_vec *items = NULL;
    for (size_t i = 0; i < count; i++) {
        items = todo_item_vec_push(s, items, sample_item(s, ids[i], "item"));
    }
    return items;
}

static void equal_values_have_no_diff(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const everything *all = sample_everything(s, 1);

    assert_diff(s, all, all, "");
    assert_diff(s, all, sample_everything(s, 1), "");
    assert_diff(s, NULL, NULL, "");
    atr_scope_close(s);
}

static void fields_are_named_with_both_values(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const todo_item *was = sample_item(s, 1, "milk");
    const todo_item *now =
        ATR_NEW(s, todo_item, .id = 1, .title = ATR_STR(s, "oat milk"), .done = true);

    assert_diff(s, was, now, "title: \"milk\" -> \"oat milk\"\ndone: false -> true");
    assert_diff(s, ATR_NEW(s, point, .x = 1), ATR_NEW(s, point, .x = 2), "x: 1 -> 2");
    atr_scope_close(s);
}

static void paths_lead_through_refs_and_vectors(void **state)
{
    static const int ids[] = {0, 1, 2, 3, 4};
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *items = numbered_items(s, ids, 5);
    const box *was = ATR_NEW(s, box, .items = items, .chosen = sample_item(s, 1, "a"));
    const box *now =
        ATR_NEW(s, box, .items = todo_item_vec_set(s, items, 3, sample_item(s, 3, "oat")),
                .chosen = sample_item(s, 2, "a"));

    assert_diff(s, was, now, "items[3].title: \"item\" -> \"oat\"\nchosen.id: 1 -> 2");
    atr_scope_close(s);
}

static void elements_are_added_and_removed(void **state)
{
    static const int ids[] = {0, 1, 2, 3};
    atr_scope *s = atr_scope_open(NULL);
    const todo_item_vec *four = numbered_items(s, ids, 4), *three = numbered_items(s, ids, 3);

    assert_diff(s, three, four, "[3]: added todo_item{id: 3, title: \"item\", done: false}");
    assert_diff(s, four, three, "[3]: removed todo_item{id: 3, title: \"item\", done: false}");
    assert_diff(s, four, todo_item_vec_erase(s, four, 1),
                "[1]: removed todo_item{id: 1, title: \"item\", done: false}");
    assert_diff(s, todo_item_vec_erase(s, four, 1), four,
                "[1]: added todo_item{id: 1, title: \"item\", done: false}");
    assert_diff(s, NULL, numbered_items(s, ids, 1),
                "[0]: added todo_item{id: 0, title: \"item\", done: false}");
    atr_scope_close(s);
}

static void a_row_put_in_the_middle_is_one_line(void **state)
{
    static const int ids[] = {0, 1, 2, 3, 4, 5}, others[] = {0, 9, 1, 3, 4, 5};
    atr_scope *s = atr_scope_open(NULL);

    assert_diff(s, numbered_items(s, ids, 6), numbered_items(s, others, 6),
                "[1]: added todo_item{id: 9, title: \"item\", done: false}\n"
                "[2]: removed todo_item{id: 2, title: \"item\", done: false}");
    atr_scope_close(s);
}

/* An index behind the end reads as 0, which must not be taken for an element. */
static void a_last_element_of_zero_is_one(void **state)
{
    static const int64_t numbers[] = {1, 0};
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *one = atr_i64_vec_of(s, numbers, 1), *two = atr_i64_vec_of(s, numbers, 2);

    assert_diff(s, two, one, "[1]: removed 0");
    assert_diff(s, one, two, "[1]: added 0");
    atr_scope_close(s);
}

static void the_first_element_is_added_as_an_element(void **state)
{
    static const int ids[] = {7};
    atr_scope *s = atr_scope_open(NULL);
    const int64_t number = 3;
    const box *none = ATR_NEW(s, box),
              *some = ATR_NEW(s, box, .items = numbered_items(s, ids, 1),
                              .numbers = atr_i64_vec_of(s, &number, 1),
                              .tags = atr_str_set_add(s, NULL, ATR_STR(s, "a")));

    assert_diff(s, none, some,
                "items[0]: added todo_item{id: 7, title: \"item\", done: false}\n"
                "numbers[0]: added 3\ntags[\"a\"]: added");
    assert_diff(s, some, none,
                "items[0]: removed todo_item{id: 7, title: \"item\", done: false}\n"
                "numbers[0]: removed 3\ntags[\"a\"]: removed");
    atr_scope_close(s);
}

static void what_lies_between_equal_ends_is_paired_by_index(void **state)
{
    static const int64_t was[] = {1, 2, 3, 4, 9}, now[] = {1, 5, 6, 9};
    atr_scope *s = atr_scope_open(NULL);

    assert_diff(s, atr_i64_vec_of(s, was, 5), atr_i64_vec_of(s, now, 4),
                "[1]: 2 -> 5\n[2]: 3 -> 6\n[3]: removed 4");
    atr_scope_close(s);
}

static void entries_are_named_by_their_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *a = ATR_STR(s, "a"), *b = ATR_STR(s, "b \"x\""), *c = ATR_STR(s, "c");
    const box *was =
        ATR_NEW(s, box, .by_id = todo_item_map_set(s, NULL, 7, sample_item(s, 7, "x")),
                .counts = atr_i64_str_map_set(s, atr_i64_str_map_set(s, NULL, a, 1), b, 2),
                .tags = atr_str_set_add(s, NULL, a));
    const box *now =
        ATR_NEW(s, box, .by_id = todo_item_map_set(s, NULL, 7, sample_item(s, 7, "y")),
                .counts = atr_i64_str_map_set(s, atr_i64_str_map_set(s, NULL, b, 3), c, 4),
                .tags = atr_str_set_add(s, NULL, c));

    assert_diff(s, was, now,
                "by_id[7].title: \"x\" -> \"y\"\n"
                "counts[\"a\"]: removed 1\n"
                "counts[\"b \\\"x\\\"\"]: 2 -> 3\n"
                "counts[\"c\"]: added 4\n"
                "tags[\"a\"]: removed\n"
                "tags[\"c\"]: added");
    atr_scope_close(s);
}

static void entries_of_ordered_maps_are_named_by_their_keys(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_f64_omap *was = NULL, *now = NULL;
    const by_title *items = NULL, *others;
    static int image;
    ladder a = ladder_default, b = ladder_default;
    for (int i = 0; i < 100; i++) {
        was = atr_i64_f64_omap_set(s, was, i / 2.0, i);
        items = by_title_add(s, items, sample_item(s, i, "item"));
    }

    now = atr_i64_f64_omap_remove(s, atr_i64_f64_omap_set(s, was, 3, -1), 4.5);
    assert_diff(s, was, now, "[3]: 6 -> -1\n[4.5]: removed 9");
    assert_diff(s, NULL, atr_time_oset_add(s, NULL, 0), "[1970-01-01T00:00:00Z]: added");
    others = by_title_add(
        s, items, ATR_NEW(s, todo_item, .id = 7, .title = ATR_STR(s, "item"), .done = true));
    assert_diff(s, items, others,
                "[todo_item{id: 7, title: \"item\", done: false}].done: false -> true");
    b.image = atr_opaque_new(s, "image", &image, NULL);
    b.tags = atr_str_oset_add(s, NULL, ATR_STR(s, "a"));
    assert_diff(s, ladder_new(s, a), ladder_new(s, b),
                "tags[\"a\"]: added\nimage: none -> opaque(image)");
    assert_diff(s, sample_ladder(s, 1), sample_ladder(s, 1), "");
    atr_scope_close(s);
}

static void optionals_appear_and_vanish(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const box *none = ATR_NEW(s, box);
    const box *some = ATR_NEW(s, box, .chosen = sample_item(s, 1, "a"), .limit = ATR_SOME(i64, 5),
                              .other = ATR_STR(s, "b"));

    assert_diff(s, none, some,
                "chosen: none -> todo_item{id: 1, title: \"a\", done: false}\n"
                "limit: none -> 5\n"
                "other: null -> \"b\"");
    assert_diff(s, some, none,
                "chosen: todo_item{id: 1, title: \"a\", done: false} -> none\n"
                "limit: 5 -> none\n"
                "other: \"b\" -> null");
    atr_scope_close(s);
}

static void a_root_that_is_no_model_has_no_path(void **state)
{
    static const int64_t three[] = {3}, four[] = {4};
    atr_scope *s = atr_scope_open(NULL);

    assert_diff(s, ATR_STR(s, "a"), ATR_STR(s, "b"), "\"a\" -> \"b\"");
    assert_diff(s, NULL, ATR_STR(s, "b"), "null -> \"b\"");
    assert_diff(s, ATR_STR(s, "a"), atr_bytes_new(s, "a", 1), "\"a\" -> bytes(1)\"61\"");
    assert_diff(s, atr_i64_vec_of(s, three, 1), atr_i64_vec_of(s, four, 1), "[0]: 3 -> 4");
    assert_diff(s, sample_item(s, 1, "a"), ATR_NEW(s, knot),
                "todo_item{id: 1, title: \"a\", done: false} -> "
                "knot{number: 0, next: none, other: none}");
    atr_scope_close(s);
}

static void redacted_fields_show_only_that_they_differ(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const secret *was = ATR_NEW(s, secret, .name = ATR_STR(s, "jo"), .password = ATR_STR(s, "a"));
    const secret *now = ATR_NEW(s, secret, .name = ATR_STR(s, "jo"), .password = ATR_STR(s, "b"));

    assert_diff(s, was, now, "password: <redacted> -> <redacted>");
    assert_diff(s, was, atr_copy(s, was), "");
    atr_scope_close(s);
}

static const vault *vault_make(atr_scope *s, const char *name, int64_t balance)
{
    const atr_str *text = atr_str_new(s, name);
    return ATR_NEW(s, vault, .owner = ATR_NEW(s, secret, .name = text),
                   .codes = atr_str_vec_of(s, &text, 1),
                   .balances = atr_i64_str_map_set(s, NULL, text, balance));
}

static void redacted_fields_are_not_looked_into(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const vault *was = vault_make(s, "jo", 1), *now = vault_make(s, "al", 2);

    assert_diff(s, was, now,
                "owner: <redacted> -> <redacted>\n"
                "codes: <redacted> -> <redacted>\n"
                "balances: <redacted> -> <redacted>");
    assert_diff(s, was, vault_make(s, "jo", 1), "");
    atr_scope_close(s);
}

static void lines_beyond_the_limit_are_counted(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *was = NULL, *now = NULL;
    for (int i = 0; i < 150; i++) {
        was = atr_i64_vec_push(s, was, i);
        now = atr_i64_vec_push(s, now, i + 1000);
    }

    assert_string_equal(atr_diff_print(s, was, now, 2)->bytes,
                        "[0]: 0 -> 1000\n[1]: 1 -> 1001\n... and 148 more");
    assert_non_null(
        strstr(atr_diff_print(s, was, now, 0)->bytes, "[99]: 99 -> 1099\n... and 50 more"));
    assert_null(strstr(atr_diff_print(s, was, now, 150)->bytes, "more"));
    atr_scope_close(s);
}

static void deep_differences_are_shown_at_the_bound(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *was = ATR_NEW(s, knot, .number = 1), *now = ATR_NEW(s, knot, .number = 2);
    for (int i = 0; i < 100000; i++) {
        was = ATR_NEW(s, knot, .next = was);
        now = ATR_NEW(s, knot, .next = now);
    }

    const atr_str *text = atr_diff_print(s, was, now, 0);

    assert_memory_equal(text->bytes, "next.next.", 10);
    assert_non_null(strstr(text->bytes, "next: knot{"));
    assert_non_null(strstr(text->bytes, "next: ..., other: none"));
    atr_scope_close(s);
}

static void names_of_one_letter_are_set_apart(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const nest *was = ATR_NEW(s, nest, .n = 1), *now = ATR_NEW(s, nest, .n = 2);
    assert_diff(s, was, now, "n: 1 -> 2");
    was = ATR_NEW(s, nest, .n = 3, .o = was);
    now = ATR_NEW(s, nest, .n = 4, .o = now);
    assert_diff(s, was, now, "n: 3 -> 4\no.n: 1 -> 2");
    atr_scope_close(s);
}

/* ---- memory ---- */

/* The walk, too, takes memory: what it has found until then is not all. */
static void half_a_diff_is_never_printed(void **state)
{
    static const int ids[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, others[] = {1, 9, 3, 2, 4, 5};
    const atr_str *wanted;
    size_t n = 0;
    atr_scope *s;
    const box *was, *now;
    failing_begin();
    s = atr_scope_open(NULL);
    was = ATR_NEW(s, box, .items = numbered_items(s, ids, 10));
    now = ATR_NEW(s, box, .items = numbered_items(s, others, 6), .limit = ATR_SOME(i64, 1));
    wanted = atr_diff_print(s, was, now, 0);

    for (bool failed = true; failed; n++) {
        atr_scope *inner = atr_scope_open(s);
        const atr_str *text;
        failing_after(n);
        text = atr_diff_print(inner, was, now, 0);
        failed = failing_stop() > 0;
        assert_int_equal(atr_scope_take_error(inner) != NULL, failed);
        assert_string_equal(text->bytes, failed ? "" : wanted->bytes);
        atr_scope_close(inner);
    }

    assert_true(n > 5);
    atr_scope_close(s);
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(equal_values_have_no_diff),
        BOTH(fields_are_named_with_both_values),
        BOTH(paths_lead_through_refs_and_vectors),
        BOTH(names_of_one_letter_are_set_apart),
        BOTH(elements_are_added_and_removed),
        BOTH(a_row_put_in_the_middle_is_one_line),
        PLAIN(a_last_element_of_zero_is_one),
        PLAIN(the_first_element_is_added_as_an_element),
        BOTH(what_lies_between_equal_ends_is_paired_by_index),
        BOTH(entries_are_named_by_their_keys),
        BOTH(entries_of_ordered_maps_are_named_by_their_keys),
        BOTH(optionals_appear_and_vanish),
        BOTH(a_root_that_is_no_model_has_no_path),
        BOTH(redacted_fields_show_only_that_they_differ),
        BOTH(redacted_fields_are_not_looked_into),
        BOTH(lines_beyond_the_limit_are_counted),
        BOTH(deep_differences_are_shown_at_the_bound),
        PLAIN(half_a_diff_is_never_printed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
