/* What makers are given. What belongs to another pool (another thread's, or that of another app) is read, never
 * shared: every maker refuses it. What belongs to another scope lives on when it comes out as the result.
 * All of numbers, so that nothing but the collection itself can be refused. */
#include <pthread.h>

#include <atrium/edits.h>
#include <atrium/ordered_map.h>

#include "failing.h"
#include "sample.h"

enum { MANY = 100 };

typedef struct things {
    const atr_i64_map *map;
    const atr_i64_set *set;
    const atr_i64_vec *vec;
    const atr_i64_omap *omap;
    const atr_i64_oset *oset;
} things;

static things things_make(atr_scope *s)
{
    things o = {0};
    for (int64_t i = 0; i < MANY; i++) {
        o.map = atr_i64_map_set(s, o.map, i, i);
        o.set = atr_i64_set_add(s, o.set, i);
        o.vec = atr_i64_vec_push(s, o.vec, -i);
        o.omap = atr_i64_omap_set(s, o.omap, i, i);
        o.oset = atr_i64_oset_add(s, o.oset, i);
    }
    return o;
}

/* ---- functions that are given ---- */

static int64_t change(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value + 1;
}
static int64_t change_item(atr_scope *s, int64_t item, void *user)
{
    return item + 1;
}
static bool is_odd(int64_t key, int64_t value, void *user)
{
    return key % 2 != 0;
}
static bool item_is_odd(int64_t item, void *user)
{
    return item % 2 != 0;
}
static int downwards(int64_t a, int64_t b, void *user)
{
    return (a < b) - (a > b);
}
ATR_MAP_TRANSFORM(map_reals, atr_i64_map, atr_f64_map);
ATR_OMAP_TRANSFORM(omap_reals, atr_i64_omap, atr_f64_omap);
static double real(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return 1;
}

/* ---- makers, each of which is to give NULL ---- */

static const void *map_maker(atr_scope *s, size_t k, const atr_i64_map *m, const atr_i64_map *own)
{
    switch (k) {
    case 0: return atr_i64_map_set(s, m, MANY, 1);
    case 1: return atr_i64_map_set(s, m, 7, 7);
    case 2: return atr_i64_map_remove(s, m, 7);
    case 3: return atr_i64_map_remove(s, m, MANY);
    case 4: return atr_i64_map_update(s, m, MANY, 1, change, NULL);
    case 5: return atr_i64_map_update_present(s, m, MANY, change, NULL);
    case 6: return atr_i64_map_merge(s, m, own);
    case 7: return atr_i64_map_merge(s, own, m);
    case 8: return atr_i64_map_merge(s, m, NULL);
    case 9: return atr_i64_map_merge(s, NULL, m);
    case 10: return atr_i64_map_merge(s, m, m);
    case 11: return atr_i64_map_intersection(s, own, m);
    case 12: return atr_i64_map_difference(s, own, m);
    case 13: return atr_i64_map_filter(s, m, is_odd, NULL);
    case 14: return atr_i64_map_transform(s, m, change, NULL);
    case 15: return map_reals(s, m, real, NULL);
    case 16: return atr_i64_map_keys(s, m);
    case 17: return atr_i64_map_values(s, m);
    default: return atr_i64_map_builder_seal(atr_i64_map_builder_new(s, m));
    }
}

static const void *set_maker(atr_scope *s, size_t k, const atr_i64_set *m, const atr_i64_set *own)
{
    switch (k) {
    case 0: return atr_i64_set_add(s, m, MANY);
    case 1: return atr_i64_set_remove(s, m, 7);
    case 2: return atr_i64_set_union(s, own, m);
    case 3: return atr_i64_set_symmetric_difference(s, m, own);
    case 4: return atr_i64_set_filter(s, m, item_is_odd, NULL);
    case 5: return atr_i64_set_keys(s, m);
    default: return atr_i64_set_builder_seal(atr_i64_set_builder_new(s, m));
    }
}

static const void *appended(atr_scope *s, const atr_i64_vec *v)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, NULL);
    assert_int_equal(atr_i64_vec_builder_append(b, v), ATR_E_REFUSED);
    return atr_i64_vec_builder_seal(b);
}

static const void *vec_maker(atr_scope *s, size_t k, const atr_i64_vec *v, const atr_i64_vec *own)
{
    switch (k) {
    case 0: return atr_i64_vec_push(s, v, 1);
    case 1: return atr_i64_vec_pop(s, v);
    case 2: return atr_i64_vec_set(s, v, 7, 1);
    case 3: return atr_i64_vec_set(s, v, 7, -7);
    case 4: return atr_i64_vec_insert(s, v, 7, 1);
    case 5: return atr_i64_vec_erase(s, v, 7);
    case 6: return atr_i64_vec_slice(s, v, 0, MANY);
    case 7: return atr_i64_vec_slice(s, v, 7, 70);
    case 8: return atr_i64_vec_concat(s, v, own);
    case 9: return atr_i64_vec_concat(s, own, v);
    case 10: return atr_i64_vec_concat(s, NULL, v);
    case 11: return atr_i64_vec_splice(s, v, 7, 9, own);
    case 12: return atr_i64_vec_splice(s, own, 0, 0, v);
    case 13: return atr_i64_vec_update(s, v, 7, change_item, NULL);
    case 14: return atr_i64_vec_filter(s, v, item_is_odd, NULL);
    case 15: return atr_i64_vec_transform(s, v, change_item, NULL);
    case 16: return atr_i64_vec_sort(s, v);
    case 17: return atr_i64_vec_sort_by(s, v, downwards, NULL);
    case 18: return atr_i64_vec_reverse(s, v);
    case 19: return appended(s, v);
    case 20: return atr_i64_vec_splice(s, v, 7, 7, NULL);
    default: return atr_i64_vec_builder_seal(atr_i64_vec_builder_new(s, v));
    }
}

static const void *omap_maker(atr_scope *s, size_t k, const atr_i64_omap *m,
                              const atr_i64_omap *own)
{
    switch (k) {
    case 0: return atr_i64_omap_set(s, m, MANY, 1);
    case 1: return atr_i64_omap_set(s, m, 7, 7);
    case 2: return atr_i64_omap_remove(s, m, 7);
    case 3: return atr_i64_omap_remove(s, m, MANY);
    case 4: return atr_i64_omap_update(s, m, MANY, 1, change, NULL);
    case 5: return atr_i64_omap_update_present(s, m, MANY, change, NULL);
    case 6: return atr_i64_omap_merge(s, m, own);
    case 7: return atr_i64_omap_merge(s, own, m);
    case 8: return atr_i64_omap_merge(s, NULL, m);
    case 9: return atr_i64_omap_intersection(s, own, m);
    case 10: return atr_i64_omap_difference(s, own, m);
    case 11: return atr_i64_omap_filter(s, m, is_odd, NULL);
    case 12: return atr_i64_omap_transform(s, m, change, NULL);
    case 13: return omap_reals(s, m, real, NULL);
    case 14: return atr_i64_omap_keys(s, m);
    case 15: return atr_i64_omap_values(s, m);
    case 16: return atr_i64_omap_slice(s, m, 0, MANY);
    case 17: return atr_i64_omap_slice_range(s, m, ATR_BOUND_INCLUSIVE, 7, ATR_BOUND_EXCLUSIVE, 70);
    default: return atr_i64_omap_builder_seal(atr_i64_omap_builder_new(s, m));
    }
}

static const void *oset_maker(atr_scope *s, size_t k, const atr_i64_oset *m,
                              const atr_i64_oset *own)
{
    switch (k) {
    case 0: return atr_i64_oset_add(s, m, MANY);
    case 1: return atr_i64_oset_remove(s, m, 7);
    case 2: return atr_i64_oset_union(s, m, own);
    case 3: return atr_i64_oset_symmetric_difference(s, own, m);
    case 4: return atr_i64_oset_filter(s, m, item_is_odd, NULL);
    case 5: return atr_i64_oset_keys(s, m);
    case 6: return atr_i64_oset_slice(s, m, 7, 70);
    default: return atr_i64_oset_builder_seal(atr_i64_oset_builder_new(s, m));
    }
}

#define HOLDER(F)           \
    F(map(i64, i64), map)   \
    F(set(i64), set)        \
    F(vec(i64), vec)        \
    F(omap(i64, i64), omap) \
    F(oset(i64), oset)      \
    F(any, other)
ATR_MODEL(holder, HOLDER);
ATR_MODEL_IMPL(holder, HOLDER);

static const void *any_maker(atr_scope *s, size_t k, const things *o, const things *own)
{
    static const atr_edits nothing = {0, NULL, 0};
    const holder *made = &holder_default;
    switch (k) {
    case 0: made = ATR_NEW(s, holder, .map = o->map); break;
    case 1: made = ATR_NEW(s, holder, .set = o->set); break;
    case 2: made = ATR_NEW(s, holder, .vec = o->vec); break;
    case 3: made = ATR_NEW(s, holder, .omap = o->omap); break;
    case 4: made = ATR_NEW(s, holder, .oset = o->oset); break;
    case 5: made = ATR_NEW(s, holder, .other = o->vec); break;
    case 6: assert_int_equal(atr_diff(s, o->vec, own->vec, NULL)->count, 0); break;
    case 7: assert_int_equal(atr_diff(s, own->map, o->map, NULL)->count, 0); break;
    case 8: assert_int_equal(atr_scope_hold(s, o->omap), ATR_E_REFUSED); break;
    default: return atr_edits_apply(s, o->vec, &nothing);
    }
    assert_ptr_equal(made, &holder_default);
    return NULL;
}

/* ---- */

enum { MAP = 19, SET = 7, VEC = 22, OMAP = 19, OSET = 8, ANY = 10 };

static const void *maker(atr_scope *s, size_t k, const things *o, const things *own)
{
    static const size_t counts[] = {MAP, SET, VEC, OMAP, OSET};
    size_t kind = 0;
    for (; kind < sizeof counts / sizeof *counts && k >= counts[kind]; kind++) {
        k -= counts[kind];
    }
    switch (kind) {
    case 0: return map_maker(s, k, o->map, own->map);
    case 1: return set_maker(s, k, o->set, own->set);
    case 2: return vec_maker(s, k, o->vec, own->vec);
    case 3: return omap_maker(s, k, o->omap, own->omap);
    case 4: return oset_maker(s, k, o->oset, own->oset);
    default: return any_maker(s, k, o, own);
    }
}

static void s5_no_maker_shares_what_another_pool_has(void **state)
{
    atr_pool *theirs = atr_pool_new(), *ours = atr_pool_new();
    atr_scope *s = atr_pool_scope(ours);
    things o = things_make(atr_pool_scope(theirs)), own = things_make(s);
    size_t values = atr_pool_values(theirs);
    for (size_t k = 0; k < MAP + SET + VEC + OMAP + OSET + ANY; k++) {
        ATR_SCOPE(inner, s) {
            const void *made = maker(inner, k, &o, &own);
            const atr_error *error = atr_scope_take_error(inner);
            if (made != NULL || error == NULL || error->code != ATR_E_REFUSED) {
                fail_msg("maker %zu: %s", k, error != NULL ? error->message->bytes : "no error");
            }
        }
    }
    assert_int_equal(atr_pool_values(theirs), values);
    atr_pool_close(ours);
    assert_int_equal(atr_i64_map_get(o.map, 7) + atr_i64_vec_at(o.vec, 7), 0);
    atr_pool_close(theirs);
}

/* ---- results that are what they were made of ---- */

static int64_t unchanged(atr_scope *s, int64_t key, int64_t value, void *user)
{
    return value;
}
static int64_t item_unchanged(atr_scope *s, int64_t item, void *user)
{
    return item;
}
static bool any(int64_t key, int64_t value, void *user)
{
    return true;
}
static bool any_item(int64_t item, void *user)
{
    return true;
}

static const void *same_map(atr_scope *s, size_t k, const atr_i64_map *m)
{
    switch (k) {
    case 0: return atr_i64_map_set(s, m, 7, 7);
    case 1: return atr_i64_map_remove(s, m, MANY);
    case 2: return atr_i64_map_update(s, m, 7, 1, unchanged, NULL);
    case 3: return atr_i64_map_update_present(s, m, MANY, change, NULL);
    case 4: return atr_i64_map_merge(s, m, NULL);
    case 5: return atr_i64_map_merge(s, NULL, m);
    case 6: return atr_i64_map_intersection(s, m, m);
    case 7: return atr_i64_map_difference(s, m, NULL);
    case 8: return atr_i64_map_filter(s, m, any, NULL);
    default: return atr_i64_map_transform(s, m, unchanged, NULL);
    }
}

static const void *same_set(atr_scope *s, size_t k, const atr_i64_set *m)
{
    switch (k) {
    case 0: return atr_i64_set_add(s, m, 7);
    case 1: return atr_i64_set_remove(s, m, MANY);
    case 2: return atr_i64_set_union(s, m, NULL);
    default: return atr_i64_set_filter(s, m, any_item, NULL);
    }
}

static const void *same_vec(atr_scope *s, size_t k, const atr_i64_vec *v)
{
    static const atr_edits nothing = {0, NULL, 0};
    switch (k) {
    case 0: return atr_i64_vec_set(s, v, 7, -7);
    case 1: return atr_i64_vec_slice(s, v, 0, MANY);
    case 2: return atr_i64_vec_concat(s, v, NULL);
    case 3: return atr_i64_vec_concat(s, NULL, v);
    case 4: return atr_i64_vec_splice(s, v, 7, 7, NULL);
    case 5: return atr_i64_vec_splice(s, v, 0, MANY, v);
    case 6: return atr_i64_vec_update(s, v, 7, item_unchanged, NULL);
    case 7: return atr_i64_vec_filter(s, v, any_item, NULL);
    case 8: return atr_i64_vec_transform(s, v, item_unchanged, NULL);
    case 9: return atr_i64_vec_sort_by(s, v, downwards, NULL);
    default: return atr_edits_apply(s, v, &nothing);
    }
}

/* As many, with none of the keys: a difference from them is made anew, and then found to be the same. */
static const atr_i64_omap *apart(atr_scope *s)
{
    const atr_i64_omap *m = NULL;
    for (int64_t i = 1; i <= MANY; i++) {
        m = atr_i64_omap_set(s, m, -i, i);
    }
    return m;
}

static const void *same_omap(atr_scope *s, size_t k, const atr_i64_omap *m)
{
    switch (k) {
    case 0: return atr_i64_omap_set(s, m, 7, 7);
    case 1: return atr_i64_omap_remove(s, m, MANY);
    case 2: return atr_i64_omap_update(s, m, 7, 1, unchanged, NULL);
    case 3: return atr_i64_omap_update_present(s, m, MANY, change, NULL);
    case 4: return atr_i64_omap_merge(s, m, NULL);
    case 5: return atr_i64_omap_merge(s, NULL, m);
    case 6: return atr_i64_omap_merge(s, m, m);
    case 7: return atr_i64_omap_merge(s, m, atr_i64_omap_set(s, NULL, 7, 7));
    case 8: return atr_i64_omap_difference(s, m, NULL);
    case 9: return atr_i64_omap_filter(s, m, any, NULL);
    case 10: return atr_i64_omap_transform(s, m, unchanged, NULL);
    case 11: return atr_i64_omap_slice(s, m, 0, MANY);
    case 12: return atr_i64_omap_difference(s, m, apart(s));
    default: return atr_i64_omap_slice_range(s, m, ATR_BOUND_INCLUSIVE, 0, ATR_BOUND_NONE, 0);
    }
}

static const void *same_oset(atr_scope *s, size_t k, const atr_i64_oset *m)
{
    switch (k) {
    case 0: return atr_i64_oset_add(s, m, 7);
    case 1: return atr_i64_oset_remove(s, m, MANY);
    case 2: return atr_i64_oset_union(s, m, atr_i64_oset_slice(s, m, 3, 60));
    default: return atr_i64_oset_symmetric_difference(s, NULL, m);
    }
}

enum { SAME_MAP = 10, SAME_SET = 4, SAME_VEC = 11, SAME_OMAP = 14, SAME_OSET = 4 };

/* *given: what it is made of. */
static const void *same(atr_scope *s, size_t k, const things *o, const void **given)
{
    static const size_t counts[] = {SAME_MAP, SAME_SET, SAME_VEC, SAME_OMAP, SAME_OSET};
    const void *const all[] = {o->map, o->set, o->vec, o->omap, o->oset};
    size_t kind = 0;
    for (; k >= counts[kind]; kind++) {
        k -= counts[kind];
    }
    *given = all[kind];
    switch (kind) {
    case 0: return same_map(s, k, o->map);
    case 1: return same_set(s, k, o->set);
    case 2: return same_vec(s, k, o->vec);
    case 3: return same_omap(s, k, o->omap);
    default: return same_oset(s, k, o->oset);
    }
}

static void s3_a_result_lives_as_long_as_its_scope_though_it_is_what_was_given(void **state)
{
    for (size_t k = 0; k < SAME_MAP + SAME_SET + SAME_VEC + SAME_OMAP + SAME_OSET; k++) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        things o = things_make(inner), again;
        const void *given, *made = same(s, k, &o, &given);
        size_t lives;
        if (made != given) {
            fail_msg("%zu: it is another one", k);
        }
        atr_scope_close(inner);
        lives = atr_memory_of(s, ((const atr_head *)made)->model);
        again = things_make(s);
        same(s, k, &again, &given);
        if (lives == 0 || !atr_equal(made, given)) {
            fail_msg("%zu: it lives no longer", k);
        }
        atr_scope_close(s);
    }
}

/* Asked for until the list of the scope is full. */
static void without_memory_such_a_result_is_empty_and_nothing_is_lost(void **state)
{
    for (size_t k = 0; k < SAME_MAP + SAME_SET + SAME_VEC + SAME_OMAP; k++) {
        atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
        things o = things_make(inner);
        const void *given, *made = NULL;
        size_t before = atr_memory_now().values;
        failing_sizes(1000, SIZE_MAX); /* a list that has grown, no node */
        for (size_t i = 0; i < 2000 && atr_scope_error(s) == NULL; i++) {
            made = same(s, k, &o, &given);
        }
        assert_true(failing_stop() > 0);
        assert_null(made);
        assert_ptr_equal(atr_scope_take_error(s), &atr_error_no_memory);
        assert_in_range(atr_memory_now().values, before, before + 2000);
        atr_scope_close(s);
        assert_int_equal(atr_memory_now().blocks, 0);
    }
}

typedef struct job {
    atr_scope *s;
    const things *o;
    size_t refused;
} job;

static void *same_in_foreign_scope(void *ptr)
{
    job *j = ptr;
    const void *given;
    for (size_t k = 0; k < SAME_MAP + SAME_SET + SAME_VEC + SAME_OMAP + SAME_OSET; k++) {
        bool none = same(j->s, k, j->o, &given) == NULL;
        const atr_error *error = atr_scope_take_error(j->s);
        j->refused += none && error != NULL && error->code == ATR_E_THREAD;
    }
    return NULL;
}

/* Though nothing is made in it. */
static void s5_such_a_result_is_refused_to_who_uses_the_scope_of_another_thread(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    things o = things_make(s);
    job j = {s, &o, 0};
    pthread_t thread;

    assert_int_equal(pthread_create(&thread, NULL, same_in_foreign_scope, &j), 0);
    pthread_join(thread, NULL);

    assert_int_equal(j.refused, SAME_MAP + SAME_SET + SAME_VEC + SAME_OMAP + SAME_OSET);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(s3_a_result_lives_as_long_as_its_scope_though_it_is_what_was_given),
        cmocka_unit_test_setup_teardown(without_memory_such_a_result_is_empty_and_nothing_is_lost,
                                        failing_setup, failing_teardown),
        CHECKED(s5_such_a_result_is_refused_to_who_uses_the_scope_of_another_thread),
        BOTH(s5_no_maker_shares_what_another_pool_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
