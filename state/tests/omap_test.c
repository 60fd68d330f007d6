#include "collections.h"
#include "random.h"
#include "sample.h"

#include "omap_twin.h"

ATR_OMAP(knot, i64);
ATR_OMAP(knot, f64);
ATR_OMAP(knot, time);
ATR_OMAP(knot, str);
ATR_OMAP_IMPL(knot, i64);
ATR_OMAP_IMPL(knot, f64);
ATR_OMAP_IMPL(knot, time);
ATR_OMAP_IMPL(knot, str);

static void builder_step(atr_scope *s, atr_omap_builder *b, twin *t, size_t i, uint16_t v)
{
    int code = v != 0 ? atr_omap_builder_set(b, t->sh->key(s, i), t->sh->value(s, v))
                      : atr_omap_builder_remove(b, t->sh->key(s, i));
    assert_int_equal(code, ATR_OK);
    values_put(t, i, v);
}

/* Many updates by a builder, in ascending, descending or any order. */
static void twin_build(atr_scope *s, twin *t)
{
    atr_omap_builder *b = atr_omap_builder_new(s, t->sh->model, t->m);
    size_t steps = random_below(400), at = random_below(KEYS), way = random_below(4);
    size_t mostly = random_below(10);
    for (size_t k = 0; k < steps; k++) {
        uint16_t v = random_below(10) < mostly ? 0 : (uint16_t)(1 + random_below(1000));
        at = way == 0 ? (at + 1) % KEYS : way == 1 ? (at + KEYS - 1) % KEYS : random_below(KEYS);
        builder_step(s, b, t, at, v);
    }
    twin_hold(t, atr_omap_builder_seal(b));
}

/* All entries upwards and downwards, and the places of all keys, there or not. */
static void order_check(atr_scope *s, const twin *t)
{
    atr_omap_each up = {0}, down = {0};
    atr_word key, value, *to = is_set(t->sh) ? NULL : &value;
    size_t place = 0;
    for (size_t i = 0; i < KEYS; i++) {
        assert_int_equal(atr_omap_rank(t->m, t->sh->key(s, i)), place);
        assert_int_equal(atr_omap_find(t->m, t->sh->key(s, i), NULL), t->values[i] != 0);
        if (t->values[i] != 0) {
            assert_true(atr_omap_next(&up, t->m, &key, to));
            entry_check(s, t, i, key, value);
            assert_true(atr_omap_select(t->m, place, &key, to));
            entry_check(s, t, i, key, value);
            place++;
        }
    }
    assert_int_equal(place, t->count);
    assert_false(atr_omap_next(&up, t->m, &key, to));
    assert_false(atr_omap_select(t->m, place, &key, to));
    for (size_t i = KEYS; i-- > 0;) {
        if (t->values[i] != 0) {
            assert_true(atr_omap_prev(&down, t->m, &key, to));
            entry_check(s, t, i, key, value);
        }
    }
    assert_false(atr_omap_prev(&down, t->m, &key, to));
}

static bool in_range(size_t i, atr_bound from_bound, size_t from, atr_bound to_bound, size_t to)
{
    return (from_bound == ATR_BOUND_NONE || i > from ||
            (i == from && from_bound == ATR_BOUND_INCLUSIVE)) &&
           (to_bound == ATR_BOUND_NONE || i < to || (i == to && to_bound == ATR_BOUND_INCLUSIVE));
}

static void range_check(atr_scope *s, const twin *t)
{
    static const atr_bound bounds[] = {ATR_BOUND_NONE, ATR_BOUND_INCLUSIVE, ATR_BOUND_EXCLUSIVE};
    atr_bound from_bound = bounds[random_below(3)], to_bound = bounds[random_below(3)];
    size_t from = random_below(KEYS), to = random_below(KEYS);
    atr_omap_each up =
        atr_omap_range(t->m, from_bound, t->sh->key(s, from), to_bound, t->sh->key(s, to));
    atr_omap_each down = up;
    atr_word key, value, *at = is_set(t->sh) ? NULL : &value;
    for (size_t i = 0; i < KEYS; i++) {
        if (t->values[i] != 0 && in_range(i, from_bound, from, to_bound, to)) {
            assert_true(atr_omap_next(&up, t->m, &key, at));
            entry_check(s, t, i, key, value);
        }
    }
    assert_false(atr_omap_next(&up, t->m, &key, at));
    for (size_t i = KEYS; i-- > 0;) {
        if (t->values[i] != 0 && in_range(i, from_bound, from, to_bound, to)) {
            assert_true(atr_omap_prev(&down, t->m, &key, at));
            entry_check(s, t, i, key, value);
        }
    }
    assert_false(atr_omap_prev(&down, t->m, &key, at));
}

/* The same entries put in another order make an equal map, of another shape. */
static void same_check(atr_scope *s, const twin *t)
{
    const atr_omap *same = NULL;
    atr_omap_builder *b = atr_omap_builder_new(s, t->sh->model, NULL);
    size_t step = 7; /* prime to KEYS */
    for (size_t k = 0, i = random_below(KEYS); k < KEYS; k++, i = (i + step) % KEYS) {
        if (t->values[i] != 0) {
            atr_omap_builder_set(b, t->sh->key(s, i), t->sh->value(s, t->values[i]));
        }
    }
    same = atr_omap_builder_seal(b);
    check_omap(same);
    assert_true(atr_equal(t->m, same));
    assert_int_equal(atr_hash(t->m), atr_hash(same));
    assert_int_equal(atr_compare(t->m, same), 0);
    if (t->m != NULL) {
        const void *copy = atr_copy(s, t->m);
        check_omap(copy);
        assert_true(atr_equal(copy, same));
        same = atr_omap_remove(s, t->sh->model, same, t->sh->key(s, KEYS / 3));
        assert_int_equal(atr_equal(t->m, same), t->values[KEYS / 3] == 0);
    }
}

static void twin_check(const twin *t)
{
    ATR_SCOPE(s, NULL) {
        check_omap(t->m);
        assert_int_equal(atr_omap_count(t->m), t->count);
        order_check(s, t);
        range_check(s, t);
        range_check(s, t);
        same_check(s, t);
        assert_null(atr_scope_error(s));
    }
}

static void random_run(const shape *sh, size_t steps)
{
    twin t = {.sh = sh};
    size_t growing = 1;
    for (size_t k = 0; k < steps; k++) {
        ATR_SCOPE(s, NULL) {
            size_t i = random_below(KEYS);
            if (k % 1000 == 0) {
                growing = random_below(10);
            }
            if (random_below(200) == 0) {
                twin_build(s, &t);
            } else {
                twin_set(s, &t, i,
                         random_below(10) < growing ? (uint16_t)(1 + random_below(9)) : 0);
            }
        }
        if (k % 997 == 0) {
            twin_check(&t);
        }
    }
    twin_check(&t);
    atr_value_release(t.m);
}

static void random_updates_agree_with_a_plain_array(void **state)
{
    size_t steps = random_begin();
    for (size_t i = 0; i < SHAPES; i++) {
        random_run(&shapes[i], steps / SHAPES);
    }
}

/* ---- every size around those of nodes ---- */

static void grown_and_shrunk(const shape *sh, size_t size, bool from_front)
{
    twin t = {.sh = sh};
    for (size_t i = 0; i < size; i++) {
        ATR_SCOPE(s, NULL) {
            twin_set(s, &t, from_front ? i : size - 1 - i, 1);
        }
    }
    twin_check(&t);
    for (size_t i = 0; i < size; i++) {
        ATR_SCOPE(s, NULL) {
            twin_set(s, &t, i * 7 % size, size % 7 == 0 ? 1 : 0);
        }
        check_omap(t.m);
    }
    for (size_t i = 0; i < size; i++) {
        ATR_SCOPE(s, NULL) {
            twin_set(s, &t, i, 0);
        }
        check_omap(t.m);
    }
    assert_null(t.m);
}

static void maps_of_every_size_grow_and_shrink(void **state)
{
    static const size_t sizes[] = {1,  2,  14, 15,  16,  29,  30,  31,  45,  59,   60,  61,
                                   75, 90, 91, 360, 361, 719, 720, 721, 735, 1080, 1299};
    random_state = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        grown_and_shrunk(&shapes[0], sizes[i], true);
        grown_and_shrunk(&shapes[4], sizes[i], false);
    }
}

static void ascending_keys_fill_nodes_to_the_brim(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_oset_builder *b = atr_i64_oset_builder_new(s, NULL);
    const atr_i64_oset *set;
    const atr_omap_node *root;

    for (int64_t i = 0; i < ATR_OMAP_LEAF * ATR_OMAP_INNER; i++) {
        atr_i64_oset_builder_add(b, i);
    }
    set = atr_i64_oset_builder_seal(b);

    root = ((const atr_omap *)set)->root;
    check_omap(set);
    assert_int_equal(root->height, 1);
    assert_int_equal(root->count, ATR_OMAP_INNER);
    atr_scope_close(s);
}

/* In ascending order nodes are filled, so that at the right edge an inner node has one child. */
static void a_leaf_without_neighbours_may_be_short(void **state)
{
    enum { BEFORE = ATR_OMAP_LEAF * ATR_OMAP_INNER, LAST = 5 };
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_oset_builder *b = atr_i64_oset_builder_new(s, NULL);
    const atr_i64_oset *all, *rest;
    for (int64_t i = 0; i < BEFORE + LAST; i++) {
        atr_i64_oset_builder_add(b, i);
    }
    all = rest = atr_i64_oset_builder_seal(b);
    for (int64_t i = 0; i < LAST; i++) {
        check_omap(atr_i64_oset_remove(s, all, BEFORE + i));
        rest = atr_i64_oset_remove(s, rest, BEFORE + i);
        check_omap(rest);
        assert_int_equal(atr_i64_oset_count(rest), BEFORE + LAST - 1 - i);
    }
    assert_int_equal(atr_scope_close(s), 0);
}

static void a_large_map_is_built_and_taken_apart(void **state)
{
    enum { COUNT = 60000 };
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    const atr_i64_omap *m;

    for (int64_t i = 0; i < COUNT; i++) {
        atr_i64_omap_builder_set(b, i * 7919 % COUNT, i);
    }
    m = atr_i64_omap_builder_seal(b);
    check_omap(m);
    assert_int_equal(atr_i64_omap_count(m), COUNT);
    b = atr_i64_omap_builder_new(s, m);
    for (int64_t i = 0; i < COUNT; i += 2) {
        atr_i64_omap_builder_remove(b, i);
    }
    m = atr_i64_omap_builder_seal(b);

    check_omap(m);
    for (int64_t i = 1; i < COUNT; i += 2) {
        assert_int_equal(atr_i64_omap_rank(m, i), i / 2);
        assert_int_equal(atr_i64_omap_get(m, i) * 7919 % COUNT, i);
    }
    atr_scope_close(s);
}

/* ---- persistence ---- */

static void old_versions_stay_as_they_were(void **state)
{
    enum { VERSIONS = 300 };
    const atr_i64_omap *versions[VERSIONS];
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *m = NULL;

    for (int64_t i = 0; i < VERSIONS; i++) {
        versions[i] = m = atr_i64_omap_set(s, m, i * 37 % VERSIONS, i);
    }
    for (int64_t i = 0; i < VERSIONS; i++) {
        m = atr_i64_omap_remove(s, m, i);
    }

    assert_null(m);
    for (int64_t i = 0; i < VERSIONS; i++) {
        assert_int_equal(atr_i64_omap_count(versions[i]), i + 1);
        for (int64_t j = 0; j < VERSIONS; j++) {
            assert_int_equal(atr_i64_omap_has(versions[i], j * 37 % VERSIONS), j <= i);
        }
    }
    atr_scope_close(s);
}

static void a_builder_leaves_the_map_it_began_with(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_omap *old = NULL, *now;
    atr_i64_omap_builder *b;
    for (int64_t i = 0; i < 100; i++) {
        old = atr_i64_omap_set(s, old, i, i);
    }

    b = atr_i64_omap_builder_new(s, old);
    for (int64_t i = 50; i < 200; i++) {
        atr_i64_omap_builder_set(b, i, -i);
    }
    now = atr_i64_omap_builder_seal(b);

    assert_null(atr_i64_omap_builder_seal(b));
    assert_int_equal(atr_i64_omap_count(old), 100);
    assert_int_equal(atr_i64_omap_get(old, 60), 60);
    assert_int_equal(atr_i64_omap_count(now), 200);
    assert_int_equal(atr_i64_omap_get(now, 60), -60);
    atr_scope_close(s);
}

static void what_changes_nothing_gives_the_same_map(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *one = ATR_NEW(s, knot, .number = 1), *other = ATR_NEW(s, knot, .number = 1);
    const knot_str_omap *m = knot_str_omap_set(s, NULL, ATR_STR(s, "a"), one);
    const knots *set = knots_add(s, NULL, one), *replaced;

    assert_ptr_equal(knot_str_omap_set(s, m, ATR_STR(s, "a"), one), m);
    assert_ptr_not_equal(knot_str_omap_set(s, m, ATR_STR(s, "a"), other), m);
    assert_ptr_equal(knot_str_omap_remove(s, m, ATR_STR(s, "b")), m);
    assert_null(knot_str_omap_remove(s, m, ATR_STR(s, "a")));
    assert_null(knot_str_omap_remove(s, NULL, ATR_STR(s, "a")));
    assert_ptr_equal(knots_add(s, set, one), set);
    replaced = knots_add(s, set, other);
    assert_int_equal(knots_count(replaced), 1);
    assert_ptr_equal(knots_find(replaced, one), other);
    atr_scope_close(s);
}

/* ---- the typed functions ---- */

static void a_text_that_is_a_key_stays_when_its_value_changes(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *key = ATR_STR(s, "key");
    const atr_i64_str_omap *m = atr_i64_str_omap_set(s, NULL, key, 1);
    atr_i64_str_omap_builder *b;
    atr_i64_str_omap_entry entry = {0};
    m = atr_i64_str_omap_set(s, m, ATR_STR(s, "key"), 2);
    assert_true(atr_i64_str_omap_select(m, 0, &entry));
    assert_ptr_equal(entry.key, key);
    b = atr_i64_str_omap_builder_new(s, m);
    atr_i64_str_omap_builder_set(b, ATR_STR(s, "key"), 3);
    m = atr_i64_str_omap_builder_seal(b);
    assert_true(atr_i64_str_omap_select(m, 0, &entry));
    assert_ptr_equal(entry.key, key);
    assert_int_equal(entry.value, 3);
    assert_int_equal(atr_scope_close(s), 0);
}

static void ends_and_bounds_are_found(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knot *k = ATR_NEW(s, knot, .number = 5);
    const knot_f64_omap *m = NULL;
    knot_f64_omap_entry entry = {0};

    assert_false(knot_f64_omap_first(m, &entry));
    assert_false(knot_f64_omap_last(m, &entry));
    assert_null(knot_f64_omap_get(m, 1));
    for (int i = 0; i < 10; i++) {
        m = knot_f64_omap_set(s, m, i / 2.0, k);
    }

    assert_true(knot_f64_omap_first(m, &entry) && entry.key == 0 && entry.value == k);
    assert_true(knot_f64_omap_last(m, &entry) && entry.key == 4.5);
    assert_true(knot_f64_omap_lower_bound(m, 1.5, &entry) && entry.key == 1.5);
    assert_true(knot_f64_omap_lower_bound(m, 1.6, &entry) && entry.key == 2);
    assert_false(knot_f64_omap_lower_bound(m, 4.6, &entry));
    assert_int_equal(knot_f64_omap_rank(m, 100), 10);
    assert_true(knot_f64_omap_has(m, 3) && !knot_f64_omap_has(m, 3.1));
    assert_ptr_equal(knot_f64_omap_get(m, 3), k);
    atr_scope_close(s);
}

static void ranges_are_read_from_both_ends(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_time_oset *set = NULL;
    atr_time_oset_each it;
    for (atr_time t = 0; t < 100; t++) {
        set = atr_time_oset_add(s, set, t);
    }

    it = atr_time_oset_range(set, ATR_BOUND_INCLUSIVE, 10, ATR_BOUND_EXCLUSIVE, 14);
    assert_true(atr_time_oset_next(&it, set) && it.key == 10);
    assert_true(atr_time_oset_prev(&it, set) && it.key == 13);
    assert_true(atr_time_oset_next(&it, set) && it.key == 11);
    assert_true(atr_time_oset_prev(&it, set) && it.key == 12);
    assert_false(atr_time_oset_next(&it, set) || atr_time_oset_prev(&it, set));
    it = atr_time_oset_range(set, ATR_BOUND_INCLUSIVE, 50, ATR_BOUND_INCLUSIVE, 40);
    assert_false(atr_time_oset_next(&it, set));
    it = atr_time_oset_range(NULL, ATR_BOUND_NONE, 0, ATR_BOUND_NONE, 0);
    assert_false(atr_time_oset_next(&it, NULL));
    atr_scope_close(s);
}

static void nan_comes_last_and_zero_has_no_sign(void **state)
{
    static const double sorted[] = {-HUGE_VAL, -1e300, -1.5, -5e-324, 0, 5e-324, 2, HUGE_VAL};
    atr_scope *s = atr_scope_open(NULL);
    const atr_f64_oset *set = atr_f64_oset_add(s, NULL, -(double)NAN);
    atr_f64_oset_each it = {0};

    for (size_t i = 8; i-- > 0;) {
        set = atr_f64_oset_add(s, set, sorted[i]);
    }
    assert_ptr_equal(atr_f64_oset_add(s, set, -0.0), set);
    assert_ptr_equal(atr_f64_oset_add(s, set, (double)NAN), set);

    for (size_t i = 0; i < 8; i++) {
        assert_true(atr_f64_oset_next(&it, set));
        assert_true(it.key == sorted[i] && !(it.key == 0 && signbit(it.key)));
    }
    assert_true(atr_f64_oset_next(&it, set) && isnan(it.key));
    assert_false(atr_f64_oset_next(&it, set));
    assert_true(atr_f64_oset_has(set, (double)NAN) && atr_f64_oset_has(set, -0.0));
    assert_int_equal(atr_f64_oset_rank(set, (double)NAN), 8);
    atr_scope_close(s);
}

/* A probe need not be published. */
static void models_are_found_in_an_order_of_their_own(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knots *set = NULL;
    const knot *found = NULL;
    knots_each it = {0};
    knot like = {ATR_DRAFT, .number = 40};
    knots_builder *b = knots_builder_new(s, knots_add(s, NULL, ATR_NEW(s, knot, .number = 42)));

    for (int64_t i = 99; i >= 0; i--) {
        set = knots_add(s, set, ATR_NEW(s, knot, .number = 2 * i));
    }
    check_omap(set);
    assert_int_equal(knots_find(set, &like)->number, 40);
    assert_int_equal(knots_rank(set, &like), 20);
    like.number = 41;
    assert_null(knots_find(set, &like));
    assert_true(knots_lower_bound(set, &like, &found));
    assert_int_equal(found->number, 42);
    assert_true(knots_first(set, &found) && found->number == 0);
    assert_true(knots_last(set, &found) && found->number == 198);
    for (int64_t i = 0; i < 100; i++) {
        assert_true(knots_next(&it, set));
        assert_int_equal(it.key->number, 2 * i);
    }
    set = knots_remove(s, set, &(knot){ATR_DRAFT, .number = 40});
    assert_int_equal(knots_count(set), 99);
    assert_true(knots_has(set, &(knot){ATR_DRAFT, .number = 42}));
    assert_ptr_equal(knots_remove(s, set, &(knot){ATR_DRAFT, .number = 40}), set);
    assert_int_equal(knots_builder_remove(b, &(knot){ATR_DRAFT, .number = 42}), ATR_OK);
    assert_int_equal(knots_count(knots_builder_seal(b)), 0);
    assert_null(atr_scope_error(s));
    assert_null(knots_remove(s, set, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    atr_scope_close(s);
}

/* ---- what is refused ---- */

/* A draft is not refused, but what was a member and has died is. Not under sanitizers, see pool_test. */
static void a_released_member_is_not_looked_for(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const knots *set = knots_add(s, NULL, ATR_NEW(s, knot, .number = 1));
    knots_builder *b = knots_builder_new(s, set);
    atr_scope *inner = atr_scope_open(s);
    const knot *dead = ATR_NEW(inner, knot, .number = 1);
    atr_scope_close(inner);
    if (!s->pool->direct && s->pool->checked) {
        assert_null(knots_remove(s, set, dead));
        assert_string_equal(atr_scope_take_error(s)->message->bytes,
                            "knots: the item is a released value");
        assert_int_equal(knots_builder_remove(b, dead), ATR_E_REFUSED);
        assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    }
    atr_scope_close(s);
}

static void null_foreign_and_unpublished_values_are_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *key = ATR_STR(s, "key");
    knot draft = {ATR_DRAFT, .number = 1};

    assert_null(atr_i64_str_omap_set(s, NULL, NULL, 1));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_null(knot_str_omap_set(s, NULL, key, NULL));
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "knot_str_omap: the value is NULL");
    assert_null(knots_add(s, NULL, &draft));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_int_equal(knots_builder_add(knots_builder_new(s, NULL), NULL), ATR_E_REFUSED);
    assert_string_equal(atr_scope_take_error(s)->message->bytes, "knots: the item is NULL");
    assert_null(atr_str_oset_remove(s, NULL, NULL));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    assert_false(atr_str_oset_has(atr_str_oset_add(s, NULL, key), NULL));
    assert_int_equal(atr_str_oset_rank(atr_str_oset_add(s, NULL, key), NULL), 0);
    assert_false(knots_has(knots_add(s, NULL, ATR_NEW(s, knot, .number = 1)), NULL));
    assert_int_equal(knots_rank(knots_add(s, NULL, ATR_NEW(s, knot, .number = 1)), NULL), 0);
    assert_null(atr_str_omap_set(s, NULL, 1, NULL));
    assert_string_equal(atr_scope_take_error(s)->message->bytes, "atr_str_omap: the value is NULL");
    assert_null(atr_str_oset_remove(NULL, atr_str_oset_add(s, NULL, key), NULL));
    assert_null(atr_i64_omap_set(NULL, NULL, 1, 1));
    assert_null(atr_i64_omap_builder_new(NULL, NULL));
    assert_int_equal(atr_i64_omap_builder_set(NULL, 1, 1), ATR_E_NO_MEMORY);
    assert_null(atr_i64_omap_builder_seal(NULL));
    atr_scope_close(s);
}

static void one_entry_more_than_the_limit_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_omap *one = (const void *)atr_i64_omap_set(s, NULL, 1, 1);
    atr_omap_node *root = (atr_omap_node *)(uintptr_t)one->root;

    root->size = ATR_OMAP_MAX;
    assert_null(atr_omap_set(s, &atr_i64_omap_model, one, atr_word_i64_(2), atr_word_i64_(2)));
    assert_int_equal(atr_scope_error(s)->code, ATR_E_LIMIT);
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "atr_i64_omap: more than 2147483647 entries");
    root->size = 1;
    assert_int_equal(atr_scope_close(s), 0);
}

/* ---- hashes ---- */

#define TWO(F)           \
    F(oset(i64), first)  \
    F(oset(i64), second) \
    F(omap(i64, i64), numbers)
ATR_MODEL(two, TWO);
ATR_MODEL_IMPL(two, TWO);

static void a_hash_tells_entries_apart(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_oset *one = atr_i64_oset_add(s, NULL, 1);
    const atr_i64_oset *both = atr_i64_oset_add(s, one, 2), *other = atr_i64_oset_add(s, NULL, 2);
    const atr_i64_oset *three = atr_i64_oset_add(s, NULL, 3);
    const atr_i64_omap *m = atr_i64_omap_set(s, NULL, 1, 1), *n = atr_i64_omap_set(s, NULL, 1, 2);
    const two *values[] = {
        ATR_NEW(s, two, .first = one),
        ATR_NEW(s, two, .second = one),
        ATR_NEW(s, two, .first = other),
        ATR_NEW(s, two, .first = both),
        ATR_NEW(s, two, .first = one, .second = other),
        ATR_NEW(s, two, .second = both),
        ATR_NEW(s, two, .first = both, .second = three),
        ATR_NEW(s, two, .first = one, .second = atr_i64_oset_add(s, three, 2)),
        ATR_NEW(s, two, .numbers = m),
        ATR_NEW(s, two, .numbers = n),
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        for (size_t k = 0; k < i; k++) {
            assert_true(atr_hash(values[i]) != atr_hash(values[k]));
        }
    }
    assert_true(atr_hash(one) != atr_hash(other) && atr_hash(m) != atr_hash(n));
    assert_int_equal(atr_scope_close(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(random_updates_agree_with_a_plain_array),
        BOTH(maps_of_every_size_grow_and_shrink),
        BOTH(ascending_keys_fill_nodes_to_the_brim),
        BOTH(a_leaf_without_neighbours_may_be_short),
        BOTH(a_large_map_is_built_and_taken_apart),
        BOTH(old_versions_stay_as_they_were),
        BOTH(a_builder_leaves_the_map_it_began_with),
        BOTH(what_changes_nothing_gives_the_same_map),
        BOTH(a_text_that_is_a_key_stays_when_its_value_changes),
        BOTH(ends_and_bounds_are_found),
        BOTH(ranges_are_read_from_both_ends),
        BOTH(nan_comes_last_and_zero_has_no_sign),
        BOTH(models_are_found_in_an_order_of_their_own),
        BOTH(a_released_member_is_not_looked_for),
        BOTH(null_foreign_and_unpublished_values_are_refused),
        BOTH(one_entry_more_than_the_limit_is_refused),
        BOTH(a_hash_tells_entries_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
