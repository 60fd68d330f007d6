/* Random updates of several versions of a vector, each done on a plain array too. */
#include <string.h>

#include "random.h"
#include "sample.h"
#include "shape.h"

enum { VERSIONS = 6, ITEMS_MAX = 6000 };

/* A vector and what should be in it. */
typedef struct version {
    const atr_i64_vec *v;
    int64_t *items;
    size_t count;
} version;

static void version_is_right(const version *which)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_i64_vec *same = atr_i64_vec_of(s, which->items, which->count);
    assert_int_equal(atr_i64_vec_count(which->v), which->count);
    check_vec((const atr_vec *)which->v);
    for (size_t i = 0; i < which->count; i++) {
        assert_int_equal(atr_i64_vec_at(which->v, i), which->items[i]);
    }
    assert_true(atr_equal(which->v, same));
    assert_true(atr_equal(same, which->v));
    assert_int_equal(atr_hash(which->v), atr_hash(same));
    atr_scope_close(s);
}

/* Put v, which is what items say, in the place of a version. */
static void version_put(version *which, const atr_i64_vec *v, const int64_t *items, size_t count)
{
    atr_value_hold(v);
    atr_value_release(which->v);
    which->v = v;
    memmove(which->items, items, count * sizeof *items);
    which->count = count;
}

static int64_t scratch[ITEMS_MAX];

static size_t with_one(const version *from, size_t at, size_t skip, const int64_t *put)
{
    size_t to = 0;
    for (size_t i = 0; i <= from->count; i++) {
        if (i == at && put != NULL) {
            scratch[to++] = *put;
        }
        if (i < from->count && (i < at || i >= at + skip)) {
            scratch[to++] = from->items[i];
        }
    }
    return to;
}

static void change_one(atr_scope *s, version *to, const version *from, int64_t item)
{
    size_t count = from->count, i = random_below(count);
    const atr_i64_vec *v;
    switch (random_below(5)) {
    case 0:
        v = atr_i64_vec_push(s, from->v, item);
        count = with_one(from, count, 0, &item);
        break;
    case 1:
        v = atr_i64_vec_pop(s, from->v);
        count = count > 0 ? with_one(from, count - 1, 1, NULL) : 0;
        break;
    case 2:
        i = random_below(count + 1);
        v = atr_i64_vec_insert(s, from->v, i, item);
        count = with_one(from, i, 0, &item);
        break;
    case 3:
        v = count > 0 ? atr_i64_vec_erase(s, from->v, i) : NULL;
        count = count > 0 ? with_one(from, i, 1, NULL) : 0;
        break;
    default:
        v = count > 0 ? atr_i64_vec_set(s, from->v, i, item) : NULL;
        count = count > 0 ? with_one(from, i, 1, &item) : 0;
        break;
    }
    version_put(to, v, scratch, count);
}

static void take_slice(atr_scope *s, version *to, const version *from)
{
    size_t begin = random_below(from->count + 1);
    size_t end = begin + random_below(from->count - begin + 1);
    memcpy(scratch, from->items + begin, (end - begin) * sizeof *scratch);
    version_put(to, atr_i64_vec_slice(s, from->v, begin, end), scratch, end - begin);
}

static void join(atr_scope *s, version *to, const version *a, const version *b)
{
    size_t count = a->count + b->count;
    if (count > ITEMS_MAX - 1000) {
        take_slice(s, to, a);
        return;
    }
    memcpy(scratch, a->items, a->count * sizeof *scratch);
    memcpy(scratch + a->count, b->items, b->count * sizeof *scratch);
    version_put(to, atr_i64_vec_concat(s, a->v, b->v), scratch, count);
}

static void build_on(atr_scope *s, version *to, const version *from)
{
    atr_i64_vec_builder *b = atr_i64_vec_builder_new(s, from->v);
    size_t count = from->count, more = random_below(100);
    memcpy(scratch, from->items, count * sizeof *scratch);
    for (size_t i = 0; i < more && count < ITEMS_MAX - 100; i++) {
        size_t at = random_below(count + 1);
        int64_t item = (int64_t)random_below(1000000);
        if (at == count || i % 3 > 0) {
            at = count++;
            assert_int_equal(atr_i64_vec_builder_push(b, item), ATR_OK);
        } else {
            assert_int_equal(atr_i64_vec_builder_set(b, at, item), ATR_OK);
        }
        scratch[at] = item;
    }
    version_put(to, atr_i64_vec_builder_seal(b), scratch, count);
}

static void step(version *versions)
{
    version *to = &versions[random_below(VERSIONS)], *a = &versions[random_below(VERSIONS)];
    ATR_SCOPE(s, NULL) {
        size_t kind = random_below(100);
        if (kind < 6) {
            take_slice(s, to, a);
        } else if (kind < 16) {
            join(s, to, a, &versions[random_below(VERSIONS)]);
        } else if (kind < 20 && a->count < ITEMS_MAX - 200) {
            build_on(s, to, a);
        } else if (a->count < ITEMS_MAX - 200) {
            change_one(s, to, a, (int64_t)random_below(1000000));
        } else {
            take_slice(s, to, a);
        }
        assert_null(atr_scope_error(s));
    }
}

static void every_update_agrees_with_an_array_and_old_versions_stay(void **state)
{
    version versions[VERSIONS];
    size_t steps = random_begin();
    for (size_t i = 0; i < VERSIONS; i++) {
        versions[i] = (version){NULL, calloc(ITEMS_MAX, sizeof(int64_t)), 0};
    }

    for (size_t i = 0; i < steps; i++) {
        step(versions);
        if (i % 16 == 0) {
            version_is_right(&versions[random_below(VERSIONS)]);
        }
    }

    for (size_t i = 0; i < VERSIONS; i++) {
        version_is_right(&versions[i]);
        atr_value_release(versions[i].v);
        free(versions[i].items);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(every_update_agrees_with_an_array_and_old_versions_stay),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
