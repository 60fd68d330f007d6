/* Collections of many entries, built, looked up, gone through, halved and released: a hundred thousand here,
 * ten million in long runs. Keys in strides of powers of two, up to 2^32, meet every digit of a hash alone.
 * Chains of a million values through every kind of field are released without recursion. */
#include "random.h"
#include "sample.h"
#include "shape.h"

#include <atrium/ordered_map.h>

static size_t many(void)
{
    return random_steps(100000, 10000000);
}

/* Every key once, in no order that a tree would like. 7919 is prime, as no count here is a multiple of it. */
static int64_t shuffled(size_t i, size_t count)
{
    return (int64_t)(i * 7919 % count);
}

static void a_map_of_many(void **state)
{
    size_t count = many(), seen = 0;
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_map_builder *b = atr_i64_map_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_map_builder_set(b, shuffled(i, count), (int64_t)i);
    }
    const atr_i64_map *m = atr_i64_map_builder_seal(b), *half;
    atr_i64_map_each each = {0};

    assert_int_equal(atr_i64_map_count(m), count);
    check_map((const atr_map *)m);
    while (atr_i64_map_next(&each, m)) {
        assert_int_equal(shuffled((size_t)each.value, count), each.key);
        seen++;
    }
    assert_int_equal(seen, count);
    b = atr_i64_map_builder_new(s, m);
    for (size_t i = 0; i < count; i += 2) {
        assert_int_equal(atr_i64_map_builder_remove(b, (int64_t)i), ATR_OK);
    }
    half = atr_i64_map_builder_seal(b);
    check_map((const atr_map *)half);
    for (size_t i = 0; i < count; i++) {
        int64_t key = (int64_t)i;
        assert_int_equal(atr_i64_map_has(half, key), i % 2 == 1);
        assert_true(atr_i64_map_has(m, key));
        assert_true(i % 2 == 0 || atr_i64_map_get(half, key) == atr_i64_map_get(m, key));
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_set_of_many_texts(void **state)
{
    size_t count = many();
    atr_scope *s = atr_scope_open(NULL);
    atr_str_set_builder *b = atr_str_set_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        ATR_SCOPE(inner, s) {
            atr_str_set_builder_add(b, atr_str_format(inner, "text %zu", i));
        }
    }
    const atr_str_set *set = atr_str_set_builder_seal(b);

    assert_int_equal(atr_str_set_count(set), count);
    check_map((const atr_map *)set);
    for (size_t i = 0; i < 2 * count; i += 7) {
        ATR_SCOPE(inner, s) {
            assert_int_equal(atr_str_set_has(set, atr_str_format(inner, "text %zu", i)), i < count);
        }
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void a_vector_of_many(void **state)
{
    size_t count = many();
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        atr_i64_vec_builder_push(b, (int64_t)i);
    }
    const atr_i64_vec *v = atr_i64_vec_builder_seal(b), *cut = v;

    check_vec((const atr_vec *)v);
    for (size_t i = 0; i < 1000; i++) {
        ATR_SCOPE(inner, s) {
            const atr_i64_vec *next = atr_i64_vec_erase(inner, cut, i * (count / 1000 - 1));
            atr_scope_yield(inner, next);
            cut = next;
        }
    }
    check_vec((const atr_vec *)cut);
    assert_int_equal(atr_i64_vec_count(cut), count - 1000);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(atr_i64_vec_at(v, i), i);
    }
    cut = atr_i64_vec_concat(s, cut, v);
    check_vec((const atr_vec *)cut);
    assert_int_equal(atr_i64_vec_at(cut, count - 1000), 0);
    assert_int_equal(atr_i64_vec_at(cut, 2 * count - 1001), count - 1);
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void an_ordered_map_of_many(void **state)
{
    size_t count = many(), place = 0;
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_f64_omap_builder *b = atr_i64_f64_omap_builder_new(s, NULL);
    for (size_t i = 0; i < count; i++) {
        int64_t key = shuffled(i, count);
        atr_i64_f64_omap_builder_set(b, (double)key / 4, key);
    }
    const atr_i64_f64_omap *m = atr_i64_f64_omap_builder_seal(b);
    atr_i64_f64_omap_each each = {0};

    assert_int_equal(atr_i64_f64_omap_count(m), count);
    while (atr_i64_f64_omap_next(&each, m)) {
        assert_int_equal(each.value, place);
        place += 1;
    }
    assert_int_equal(place, count);
    for (size_t i = 0; i < count; i += 11) {
        atr_i64_f64_omap_entry entry = {0, 0};
        assert_int_equal(atr_i64_f64_omap_rank(m, (double)i / 4), i);
        assert_true(atr_i64_f64_omap_select(m, i, &entry) && entry.value == (int64_t)i);
    }
    assert_null(atr_scope_error(s));
    atr_scope_close(s);
}

static void keys_in_every_stride(void **state)
{
    enum { KEYS = 1500 };
    for (unsigned shift = 0; shift <= 32; shift++) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_i64_map *m = NULL;
        for (int64_t i = -KEYS; i < KEYS; i++) {
            m = atr_i64_map_set(s, m, i * ((int64_t)1 << shift), i);
        }
        check_map((const atr_map *)m);
        assert_int_equal(atr_i64_map_count(m), 2 * KEYS);
        for (int64_t i = -KEYS; i < KEYS; i++) {
            int64_t key = i * ((int64_t)1 << shift);
            assert_int_equal(atr_i64_map_get(m, key), i);
            assert_int_equal(atr_i64_map_has(m, key + 1), shift == 0 && i + 1 < KEYS);
        }
        for (int64_t i = -KEYS; i < KEYS; i += 2) {
            m = atr_i64_map_remove(s, m, i * ((int64_t)1 << shift));
        }
        check_map((const atr_map *)m);
        assert_int_equal(atr_i64_map_count(m), KEYS);
        atr_scope_close(s);
    }
}

/* ---- chains ---- */

ATR_MODEL_DECLARE(bead);
typedef struct beads beads;
#define BEAD(F)                       \
    F(i64, number)                    \
    F(opt(ref(bead)), in_ref)         \
    F(vec(bead), in_vec)              \
    F(map(i64, bead), in_map)         \
    F(map(str, bead), in_str_map)     \
    F(omap(i64, bead), in_omap)       \
    F(omap(f64, bead), in_f64_omap)   \
    F(omap(time, bead), in_time_omap) \
    F(omap(str, bead), in_str_omap)   \
    F(oset(beads), in_set)            \
    F(any, in_any)
ATR_MODEL(bead, BEAD);
ATR_OMAP(bead, i64);
ATR_OMAP(bead, f64);
ATR_OMAP(bead, time);
ATR_OMAP(bead, str);
static int bead_order(const bead *a, const bead *b)
{
    return (a->number > b->number) - (a->number < b->number);
}
ATR_OSET_OF(beads, bead, bead_order);
ATR_MODEL_IMPL(bead, BEAD);
ATR_OMAP_IMPL(bead, i64);
ATR_OMAP_IMPL(bead, f64);
ATR_OMAP_IMPL(bead, time);
ATR_OMAP_IMPL(bead, str);
ATR_OSET_OF_IMPL(beads, bead, bead_order);

/* In a field of another kind each time; in `any` a model, a collection, a set. */
static const bead *bead_new_behind(atr_scope *s, const bead *last, int64_t i)
{
    enum { WAYS = 13 };
    bead next = {.number = i};
    const atr_str *key = ATR_STR(s, "key");
    switch (last != NULL ? i % WAYS : WAYS) {
    case 0: next.in_ref = last; break;
    case 1: next.in_vec = bead_vec_push(s, NULL, last); break;
    case 2: next.in_map = bead_map_set(s, NULL, i, last); break;
    case 3: next.in_str_map = bead_str_map_set(s, NULL, key, last); break;
    case 4: next.in_omap = bead_omap_set(s, NULL, i, last); break;
    case 5: next.in_f64_omap = bead_f64_omap_set(s, NULL, (double)i, last); break;
    case 6: next.in_time_omap = bead_time_omap_set(s, NULL, i, last); break;
    case 7: next.in_str_omap = bead_str_omap_set(s, NULL, key, last); break;
    case 8: next.in_set = beads_add(s, NULL, last); break;
    case 9: next.in_any = last; break;
    case 10: next.in_any = bead_vec_push(s, NULL, last); break;
    case 11: next.in_any = bead_str_omap_set(s, NULL, key, last); break;
    case 12: next.in_any = beads_add(s, NULL, last); break;
    default: break;
    }
    return bead_new(s, next);
}

static void a_chain_through_collections_is_released_without_recursion(void **state)
{
    enum { LENGTH = 1000000 };
    const bead *last = NULL;
    for (int64_t i = 0; i < LENGTH; i++) {
        ATR_SCOPE(s, NULL) {
            const bead *next = bead_new_behind(s, last, i);
            atr_value_hold(next);
            atr_value_release(last);
            last = next;
        }
    }
    assert_true(atr_memory_now().values > LENGTH);

    atr_value_release(last);

    assert_int_equal(atr_memory_now().values, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(a_map_of_many),
        PLAIN(a_set_of_many_texts),
        PLAIN(a_vector_of_many),
        PLAIN(an_ordered_map_of_many),
        PLAIN(keys_in_every_stride),
        BOTH(a_chain_through_collections_is_released_without_recursion),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
