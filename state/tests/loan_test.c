/* What a copy of a node borrows lives as long as some version refers to it, whichever version dies first
 * and wherever it was made. */
#include <string.h>

#include <atrium/turn.h>

#include "failing.h"
#include "sample.h"

enum { SIZE = 200, MANY = 70000 };

static atr_pool *lazy_pool(void)
{
    atr_pool *pool = atr_pool_new();
    atr_pool_eager(pool, false);
    return pool;
}

static const todo_item_map *items_map(atr_scope *s, int64_t count)
{
    todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
    for (int64_t i = 0; i < count; i++) {
        todo_item_map_builder_set(b, i, sample_item(s, i, "first"));
    }
    return todo_item_map_builder_seal(b);
}

static const todo_item_map *with(atr_scope *s, const todo_item_map *m, int64_t id,
                                 const char *title)
{
    return todo_item_map_set(s, m, id, sample_item(s, id, title));
}

static void check_title(const todo_item_map *m, int64_t id, const char *title)
{
    const todo_item *item = todo_item_map_get(m, id);
    assert_non_null(item);
    assert_int_equal(item->id, id);
    assert_string_equal(item->title->bytes, title);
}

/* Every entry is as it was made, but for one. */
static void check_map(const todo_item_map *m, int64_t id, const char *title)
{
    for (int64_t i = 0; i < SIZE; i++) {
        check_title(m, i, i == id ? title : "first");
    }
}

typedef struct base {
    atr_pool *pool;
    const todo_item_map *m; /* held; only the test holds it */
} base;

static base base_make(void)
{
    base b = {lazy_pool(), NULL};
    atr_scope *s = atr_pool_scope(b.pool);
    b.m = items_map(s, SIZE);
    atr_value_hold(b.m);
    atr_scope_close(s);
    return b;
}

static void base_free(base *b)
{
    assert_int_equal(atr_pool_values(b->pool), 0);
    atr_pool_close(b->pool);
}

/* ---- who dies first ---- */

static void what_a_copy_borrows_outlives_the_base(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    const todo_item_map *next = with(s, b.m, 7, "second");
    size_t values = atr_pool_values(b.pool);
    atr_value_release(b.m);

    check_map(next, 7, "second");
    now = atr_memory_stats_now(s);
    assert_int_equal(now.copied - then.copied, 2);
    assert_int_equal(now.fresh - then.fresh, 2);
    assert_int_equal(now.stolen - then.stolen, 2);
    assert_int_equal(now.settled, then.settled);
    /* handle, root, leaf, item, title of the old one */
    assert_int_equal(atr_pool_values(b.pool), values - 5);

    atr_scope_close(s);
    base_free(&b);
}

static void a_base_is_whole_after_its_copy_has_died(void **state)
{
    base b = base_make();
    size_t values = atr_pool_values(b.pool);
    atr_scope *s = atr_pool_scope(b.pool);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    with(s, b.m, 7, "second");
    todo_item_map_remove(s, b.m, 8);
    atr_scope_close(s);
    assert_int_equal(atr_pool_values(b.pool), values);
    check_map(b.m, -1, "");

    s = atr_pool_scope(b.pool);
    now = atr_memory_stats_now(s);
    assert_int_equal(now.undone - then.undone, now.fresh - then.fresh);
    atr_scope_close(s);
    atr_value_release(b.m);
    base_free(&b);
}

static void two_survivors_of_one_dying_base_have_all(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool), *inner = atr_scope_open(s);
    const todo_item_map *one = with(inner, b.m, 7, "one"), *two = with(inner, b.m, 8, "two");
    atr_memory_stats stats = atr_memory_stats_now(s);
    assert_true(stats.fresh > 0);
    assert_true(stats.settled > 0); /* the second heir */
    atr_value_hold(one);
    atr_value_hold(two);
    atr_value_release(b.m);
    atr_scope_close(inner);

    check_map(one, 7, "one");
    check_map(two, 8, "two");
    atr_value_release(one);
    check_map(two, 8, "two");
    atr_value_release(two);
    atr_scope_close(s);
    base_free(&b);
}

/* The first heir borrows, the second counts what it shares with the node that has one already. */
static void the_second_heir_of_a_base_counts_in_full(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    atr_memory_stats then = atr_memory_stats_now(s), now;

    with(s, b.m, 7, "one");
    now = atr_memory_stats_now(s);
    assert_int_equal(now.fresh - then.fresh, 2);
    assert_int_equal(now.settled - then.settled, 0);
    with(s, b.m, 7, "two");
    now = atr_memory_stats_now(s);
    assert_int_equal(now.fresh - then.fresh, 2);
    assert_int_equal(now.settled - then.settled, 2);

    atr_scope_close(s);
    atr_value_release(b.m);
    base_free(&b);
}

static void a_base_whose_heir_has_died_lends_again(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    atr_memory_stats then = atr_memory_stats_now(s), now;
    for (int64_t i = 0; i < 3; i++) {
        ATR_SCOPE(inner, s) {
            with(inner, b.m, i, "heir");
        }
    }
    now = atr_memory_stats_now(s);
    assert_int_equal(now.fresh - then.fresh, 6);
    assert_int_equal(now.undone - then.undone, 6);
    assert_int_equal(now.settled, then.settled);

    atr_scope_close(s);
    atr_value_release(b.m);
    base_free(&b);
}

/* ---- every order of dying ---- */

enum { CHAIN = 5, ORDERS = 120 };

/* The i-th order of CHAIN things. */
static void order_of(size_t i, size_t order[CHAIN])
{
    size_t rest[CHAIN] = {0, 1, 2, 3, 4};
    for (size_t n = CHAIN; n > 0; n--) {
        size_t at = i % n;
        i /= n;
        order[CHAIN - n] = rest[at];
        memmove(rest + at, rest + at + 1, (n - at - 1) * sizeof *rest);
    }
}

/* Versions of a collection, each made from the one before it. */
typedef const void *make_fn(atr_scope *s, const void *before, size_t i);

static const void *map_next(atr_scope *s, const void *before, size_t i)
{
    const todo_item_map *m = before;
    switch (i) {
    case 0: return items_map(s, SIZE);
    case 1: return with(s, m, 3, "again");
    case 2: return todo_item_map_remove(s, m, 4);
    case 3: return with(s, with(s, m, 3, "and again"), SIZE + 1, "new");
    default: return with(s, m, 4, "back");
    }
}

static const void *text_map_next(atr_scope *s, const void *before, size_t i)
{
    const atr_str_str_map *m = before;
    for (size_t k = 0; i == 0 && k < SIZE; k++) {
        m = atr_str_str_map_set(s, m, atr_str_format(s, "%zu", k), ATR_STR(s, "first"));
    }
    m = atr_str_str_map_set(s, m, atr_str_format(s, "%zu", i), atr_str_format(s, "v%zu", i));
    return i < 2 ? m : atr_str_str_map_remove(s, m, atr_str_format(s, "%zu", i - 2));
}

static const void *vec_next(atr_scope *s, const void *before, size_t i)
{
    const todo_item_vec *v = before;
    for (int64_t k = 0; i == 0 && k < SIZE; k++) {
        v = todo_item_vec_push(s, v, sample_item(s, k, "first"));
    }
    switch (i) {
    case 0: return v;
    case 1: return todo_item_vec_erase(s, v, 40);
    case 2: return todo_item_vec_insert(s, v, 37, sample_item(s, 1000, "put"));
    case 3: return todo_item_vec_slice(s, v, 35, 90);
    default: return todo_item_vec_erase(s, todo_item_vec_set(s, v, 3, sample_item(s, 1, "set")), 1);
    }
}

static const void *omap_next(atr_scope *s, const void *before, size_t i)
{
    const atr_f64_str_omap *m = before;
    for (size_t k = 0; i == 0 && k < SIZE; k++) {
        m = atr_f64_str_omap_set(s, m, atr_str_format(s, "%zu", k), (double)k);
    }
    m = atr_f64_str_omap_set(s, m, atr_str_format(s, "11%zu", i * 17), 0.5);
    return i < 2 ? m : atr_f64_str_omap_remove(s, m, atr_str_format(s, "11%zu", i * 17 - 34));
}

/* From which one each is made: a chain, all from the first, pairs of heirs. */
typedef size_t family[CHAIN];
static const family families[] = {
    {0, 0, 1, 2, 3}, {0, 0, 0, 0, 0}, {0, 0, 0, 1, 1}, {0, 0, 1, 1, 0}};
enum { FAMILIES = sizeof families / sizeof *families };

static void versions_make(atr_pool *pool, make_fn *make, const family from,
                          const void *version[CHAIN])
{
    atr_scope *s = atr_pool_scope(pool);
    for (size_t i = 0; i < CHAIN; i++) {
        version[i] = make(s, i > 0 ? version[from[i]] : NULL, i);
        atr_value_hold(version[i]);
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void versions_die(make_fn *make, const family from, const size_t order[CHAIN])
{
    atr_pool *lazy = lazy_pool(), *eager = atr_pool_new();
    const void *borrowing[CHAIN], *counted[CHAIN];
    atr_pool_eager(eager, true);
    versions_make(lazy, make, from, borrowing);
    versions_make(eager, make, from, counted);
    for (size_t i = 0; i < CHAIN; i++) {
        for (size_t k = i; k < CHAIN; k++) {
            assert_true(atr_equal(borrowing[order[k]], counted[order[k]]));
        }
        assert_int_equal(atr_pool_values(lazy), atr_pool_values(eager));
        atr_value_release(borrowing[order[i]]);
        atr_value_release(counted[order[i]]);
    }
    assert_int_equal(atr_pool_values(lazy), 0);
    assert_int_equal(atr_pool_values(eager), 0);
    atr_pool_close(lazy);
    atr_pool_close(eager);
}

static void versions_may_die_in_any_order(void **state)
{
    make_fn *const makers[] = {map_next, text_map_next, vec_next, omap_next};
    size_t order[CHAIN];
    for (size_t i = 0; i < ORDERS; i++) {
        order_of(i, order);
        for (size_t k = 0; k < FAMILIES * (sizeof makers / sizeof *makers); k++) {
            versions_die(makers[k / FAMILIES], families[k % FAMILIES], order);
        }
    }
}

/* ---- scopes ---- */

static void a_version_of_an_inner_scope_may_be_the_base_of_an_outer_one(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool), *inner = atr_scope_open(s);
    const todo_item_map *one = with(inner, b.m, 7, "one"), *two = with(s, one, 8, "two");
    atr_value_release(b.m);
    atr_scope_close(inner); /* `one` dies between the two */

    check_title(two, 7, "one");
    check_title(two, 8, "two");
    check_title(two, 9, "first");
    assert_true(atr_memory_stats_now(s).folded > 0 || atr_memory_stats_now(s).stolen > 0);
    atr_scope_close(s);
    base_free(&b);
}

static void what_is_yielded_has_all(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    const todo_item_map *last = b.m;
    ATR_SCOPE(inner, s) {
        for (int64_t i = 0; i < 20; i++) {
            last = with(inner, last, i, "new");
        }
        atr_scope_yield(inner, last);
    }
    atr_value_release(b.m);

    for (int64_t i = 0; i < SIZE; i++) {
        check_title(last, i, i < 20 ? "new" : "first");
    }
    atr_scope_close(s);
    base_free(&b);
}

static void versions_of_a_latched_scope_leave_the_base_whole(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    const todo_item_map *next = with(s, b.m, 7, "second");
    atr_refuse(s, ATR_E_INVALID, "latched");
    with(s, next, 8, "third");
    atr_scope_close(s);
    check_map(b.m, -1, "");
    atr_value_release(b.m);
    base_free(&b);
}

/* ---- what is written in place: by builders of ordered maps ---- */

static const todo_item_omap *ordered(atr_scope *s)
{
    todo_item_omap_builder *b = todo_item_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < SIZE; i++) {
        todo_item_omap_builder_set(b, i, sample_item(s, i, "first"));
    }
    return todo_item_omap_builder_seal(b);
}

static const todo_item_omap *ordered_with(atr_scope *s, const todo_item_omap *m, int64_t id,
                                          const char *title)
{
    return todo_item_omap_set(s, m, id, sample_item(s, id, title));
}

static void check_ordered(const todo_item_omap *m, int64_t id, const char *title, const char *rest)
{
    for (int64_t i = 0; i < SIZE; i++) {
        const todo_item *item = todo_item_omap_get(m, i);
        assert_int_equal(item->id, i);
        assert_string_equal(item->title->bytes, i == id ? title : rest);
    }
}

static void a_builder_never_writes_into_what_is_lent(void **state)
{
    base b = {lazy_pool(), NULL};
    atr_scope *s = atr_pool_scope(b.pool);
    todo_item_omap_builder *builder = NULL;
    const todo_item_omap *heir = NULL, *built;
    ATR_SCOPE(inner, s) {
        const todo_item_omap *m = ordered(inner);
        builder = todo_item_omap_builder_new(s, m);
        heir = ordered_with(s, m, 7, "heir");
    } /* now the builder alone holds the base of `heir` */
    for (int64_t i = 0; i < SIZE; i++) {
        todo_item_omap_builder_set(builder, i, sample_item(s, i, "built"));
        check_ordered(heir, 7, "heir", "first");
    }
    built = todo_item_omap_builder_seal(builder);

    check_ordered(heir, 7, "heir", "first");
    check_ordered(built, -1, "", "built");
    atr_scope_close(s);
    base_free(&b);
}

static void a_builder_never_writes_into_what_is_borrowed(void **state)
{
    base b = {lazy_pool(), NULL};
    atr_scope *s = atr_pool_scope(b.pool);
    const todo_item_omap *m = ordered(s), *built;
    todo_item_omap_builder *builder = NULL;
    ATR_SCOPE(inner, s) {
        builder = todo_item_omap_builder_new(s, ordered_with(inner, m, 7, "heir"));
    } /* now the builder alone holds the heir of the base */
    for (int64_t i = 0; i < SIZE; i++) {
        todo_item_omap_builder_set(builder, i, sample_item(s, i, "built"));
        check_ordered(m, -1, "", "first");
    }
    built = todo_item_omap_builder_seal(builder);

    check_ordered(m, -1, "", "first");
    check_ordered(built, -1, "", "built");
    atr_scope_close(s);
    base_free(&b);
}

/* ---- pools ---- */

static void a_base_of_another_pool_is_counted_in_full(void **state)
{
    base b = base_make();
    atr_scope *s = atr_scope_open(NULL); /* of the thread: may refer to values of pools that stay */
    atr_pool_adopt(b.pool, NULL);
    const todo_item_map *next = with(s, b.m, 7, "second");
    assert_int_equal(atr_memory_stats_now(s).fresh, 0);
    assert_int_equal(atr_memory_stats_now(s).settled, 2);
    atr_value_release(b.m);
    check_map(next, 7, "second");
    atr_scope_close(s);
    base_free(&b);
}

static void loans_go_over_with_their_pool(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool);
    const todo_item_map *next = with(s, b.m, 7, "second"), *last;
    atr_pool_detach(b.pool);
    atr_pool_adopt(b.pool, NULL);
    last = with(s, next, 8, "third");
    atr_value_release(b.m);
    check_title(last, 7, "second");
    check_title(last, 8, "third");
    check_title(last, 9, "first");
    atr_scope_close(s);
    base_free(&b);
}

static void a_copy_of_a_version_that_borrows_borrows_nothing(void **state)
{
    base b = base_make();
    atr_scope *s = atr_pool_scope(b.pool), *other = atr_scope_open(NULL);
    const todo_item_map *copy = atr_copy(other, with(s, b.m, 7, "second"));
    atr_value_release(b.m);
    atr_scope_close(s);
    base_free(&b);
    check_map(copy, 7, "second");
    atr_scope_close(other);
}

/* ---- where loans end ---- */

static const atr_i64_vec *numbers(atr_scope *s, int64_t first)
{
    int64_t items[] = {first, first + 1};
    return atr_i64_vec_of(s, items, 2);
}

/* One loan for each vector of its two text leaves would need more than there are places. */
static void more_loans_than_there_is_room_for_are_counted_in_full(void **state)
{
    atr_pool *pool = lazy_pool();
    atr_scope *s = atr_pool_scope(pool);
    const atr_str *text[2] = {ATR_STR(s, "a"), ATR_STR(s, "b")};
    const atr_str_vec *one = NULL, *two = NULL;
    atr_memory_stats stats;
    for (size_t i = 0; i < MANY; i++) {
        one = atr_str_vec_of(s, text, 2);
        two = atr_str_vec_push(s, one, text[0]);
    }
    stats = atr_memory_stats_now(s);
    assert_int_equal(stats.fresh, UINT16_MAX);
    assert_int_equal(stats.settled, MANY - UINT16_MAX);
    assert_int_equal(atr_str_vec_count(two), 3);
    assert_int_equal(atr_i64_vec_count(numbers(s, 1)), 2);
    atr_scope_close(s);
    assert_int_equal(atr_pool_values(pool), 0);
    atr_pool_close(pool);
}

static void without_memory_for_a_loan_all_is_counted(void **state)
{
    atr_scope *s;
    const todo_item_map *next;
    base b;
    failing_begin();
    b = base_make();
    s = atr_pool_scope(b.pool);
    failing_sizes(601,
                  2047); /* the first table of loans: larger than a node, smaller than a chunk */
    next = with(s, b.m, 7, "second");
    assert_null(atr_scope_error(s));
    assert_int_equal(failing_stop(), 2);
    assert_int_equal(atr_memory_stats_now(s).fresh, 0);
    assert_int_equal(atr_memory_stats_now(s).settled, 2);
    atr_value_release(b.m);
    check_map(next, 7, "second");
    atr_scope_close(s);
    base_free(&b);
    failing_end();
}

/* ---- long chains ---- */

static void the_last_hundred_versions_are_a_chain(void **state)
{
    base b = base_make();
    const todo_item_map *kept[100], *now = b.m;
    atr_memory_stats stats;
    atr_scope *s;
    for (size_t i = 0; i < 100; i++) {
        kept[i] = now;
        atr_value_hold(now);
    }
    for (int64_t i = 0; i < 1000; i++) {
        s = atr_pool_scope(b.pool);
        const todo_item_map *next = with(s, now, i % SIZE, "new");
        atr_value_hold(next);
        atr_scope_close(s);
        atr_value_release(kept[i % 100]);
        kept[i % 100] = now;
        now = next;
    }
    s = atr_pool_scope(b.pool);
    stats = atr_memory_stats_now(s);
    assert_int_equal(stats.fresh, 2000);
    assert_int_equal(stats.settled, 0);
    atr_scope_close(s);
    for (size_t i = 0; i < 100; i++) {
        atr_value_release(kept[i]);
    }
    for (int64_t i = 0; i < SIZE; i++) {
        check_title(now, i, "new");
    }
    atr_value_release(now);
    base_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_a_copy_borrows_outlives_the_base),
        BOTH(a_base_is_whole_after_its_copy_has_died),
        BOTH(two_survivors_of_one_dying_base_have_all),
        BOTH(the_second_heir_of_a_base_counts_in_full),
        BOTH(a_base_whose_heir_has_died_lends_again),
        BOTH(versions_may_die_in_any_order),
        BOTH(a_version_of_an_inner_scope_may_be_the_base_of_an_outer_one),
        BOTH(what_is_yielded_has_all),
        BOTH(versions_of_a_latched_scope_leave_the_base_whole),
        BOTH(a_builder_never_writes_into_what_is_lent),
        BOTH(a_builder_never_writes_into_what_is_borrowed),
        BOTH(a_base_of_another_pool_is_counted_in_full),
        BOTH(loans_go_over_with_their_pool),
        BOTH(a_copy_of_a_version_that_borrows_borrows_nothing),
        BOTH(more_loans_than_there_is_room_for_are_counted_in_full),
        BOTH(without_memory_for_a_loan_all_is_counted),
        BOTH(the_last_hundred_versions_are_a_chain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
