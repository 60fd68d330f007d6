/* The same random updates in two pools: in one, copies of nodes borrow what they share, in the other they
 * count all of it. After every step both hold the same number of values and bytes, and equal versions. */
#include <string.h>

#include "random.h"
#include "sample.h"

enum { VERSIONS = 7, DEPTH = 4, KEYS = 400, SIZE_MAX_OF_ONE = 3000 };

typedef struct side {
    atr_pool *pool;
    atr_scope *scope[DEPTH];
    const void *version[VERSIONS]; /* held */
} side;

/* What a step does, drawn once for both sides. */
typedef struct step {
    size_t from, other, to; /* versions */
    size_t depth;           /* of the scope it is done in */
    size_t what, key, number, again;
} step;

/* ---- maps and ordered ones, by one set of functions ---- */

typedef struct family {
    const char *name;
    const atr_model *model;
    const void *(*update)(atr_scope *s, const struct family *f, const void *from, const void *other,
                          const step *t);
    atr_word (*key)(atr_scope *s, size_t i);
} family;

static atr_word key_i64(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)i);
}

static atr_word key_sparse(atr_scope *s, size_t i)
{
    return atr_word_i64_((int64_t)((uint64_t)i * i << 34));
}

static atr_word key_f64(atr_scope *s, size_t i)
{
    return atr_word_f64_((double)i / 3);
}

static atr_word key_text(atr_scope *s, size_t i)
{
    return atr_word_ref_(atr_str_format(s, "key %zu", i));
}

/* Many texts of one hash: collision nodes. */
static atr_word key_collision(atr_scope *s, size_t i)
{
    atr_word key = key_text(s, i);
    ((atr_str *)(uintptr_t)key.ref)->hash = 1 + (uint32_t)i % 7;
    return key;
}

static atr_word value_of(atr_scope *s, const atr_model *model, size_t number)
{
    if (model->element.kind == ATR_KIND_REF) {
        return atr_word_ref_(sample_item(s, (int64_t)number, "item"));
    }
    if (model->element.kind == ATR_KIND_STR) {
        return atr_word_ref_(atr_str_format(s, "value %zu", number));
    }
    return atr_word_i64_((int64_t)number);
}

static const void *map_build(atr_scope *s, const family *f, const atr_map *from, const step *t)
{
    atr_map_builder *b = atr_map_builder_new(s, f->model, from);
    for (size_t i = 0; i < t->again; i++) {
        atr_word key = f->key(s, (t->key + i * 7) % KEYS);
        if ((t->number + i) % 3 == 0) {
            atr_map_builder_remove(b, key);
        } else {
            atr_map_builder_set(b, key, value_of(s, f->model, t->number + i));
        }
    }
    return atr_map_builder_seal(b);
}

static const void *map_update(atr_scope *s, const family *f, const void *from, const void *other,
                              const step *t)
{
    const atr_map *m = from;
    if (t->what == 0) {
        return map_build(s, f, m, t);
    }
    for (size_t i = 0; i < t->again % 8 + 1; i++) {
        atr_word key = f->key(s, (t->key + i * 31) % KEYS);
        m = t->what % 3 == 0 ? atr_map_remove(s, f->model, m, key)
                             : atr_map_set(s, f->model, m, key, value_of(s, f->model, t->number));
    }
    return m;
}

static const void *omap_build(atr_scope *s, const family *f, const atr_omap *from, const step *t)
{
    atr_omap_builder *b = atr_omap_builder_new(s, f->model, from);
    for (size_t i = 0; i < t->again; i++) {
        atr_word key = f->key(s, (t->key + i * 7) % KEYS);
        if ((t->number + i) % 3 == 0) {
            atr_omap_builder_remove(b, key);
        } else {
            atr_omap_builder_set(b, key, value_of(s, f->model, t->number + i));
        }
    }
    return atr_omap_builder_seal(b);
}

static const void *omap_update(atr_scope *s, const family *f, const void *from, const void *other,
                               const step *t)
{
    const atr_omap *m = from;
    if (t->what == 0) {
        return omap_build(s, f, m, t);
    }
    for (size_t i = 0; i < t->again % 8 + 1; i++) {
        atr_word key = f->key(s, (t->key + i * 31) % KEYS);
        m = t->what % 3 == 0 ? atr_omap_remove(s, f->model, m, key)
                             : atr_omap_set(s, f->model, m, key, value_of(s, f->model, t->number));
    }
    return m;
}

/* ---- vectors ---- */

static const void *vec_build(atr_scope *s, const family *f, const atr_vec *from, const step *t)
{
    atr_vec_builder *b = atr_vec_builder_new(s, f->model, from);
    for (size_t i = 0; i < t->again; i++) {
        atr_vec_builder_push(b, value_of(s, f->model, i));
        if (atr_vec_count(from) > 0) {
            atr_vec_builder_set(b, t->number % atr_vec_count(from), value_of(s, f->model, i));
        }
    }
    return atr_vec_builder_seal(b);
}

static const atr_vec *vec_edit(atr_scope *s, const family *f, const atr_vec *v, const step *t,
                               size_t at)
{
    size_t count = atr_vec_count(v);
    atr_word item = value_of(s, f->model, t->number);
    switch (t->what % 5) {
    case 0: return count > 0 ? atr_vec_erase(s, f->model, v, at % count) : v;
    case 1: return atr_vec_insert(s, f->model, v, at % (count + 1), item);
    case 2: return atr_vec_push(s, f->model, v, item);
    case 3: return count > 0 ? atr_vec_pop(s, f->model, v) : v;
    default: return count > 0 ? atr_vec_set(s, f->model, v, at % count, item) : v;
    }
}

static const void *vec_update(atr_scope *s, const family *f, const void *from, const void *other,
                              const step *t)
{
    const atr_vec *v = from;
    size_t count = atr_vec_count(v), begin = t->key * count / KEYS;
    if (t->what == 0) {
        return vec_build(s, f, v, t);
    }
    if (t->what == 1 || count > SIZE_MAX_OF_ONE) {
        size_t end = begin + (count - begin) * (t->number % 101) / 100;
        return atr_vec_slice(s, f->model, v, begin, end);
    }
    if (t->what == 2) {
        return atr_vec_concat(s, f->model, v, other);
    }
    for (size_t i = 0; i < t->again % 8 + 1; i++) {
        v = vec_edit(s, f, v, t, begin + i * 13);
    }
    return v;
}

static const family families[] = {
    {"map of items", &todo_item_map_model, map_update, key_i64},
    {"deep map of items", &todo_item_map_model, map_update, key_sparse},
    {"map of numbers", &atr_i64_map_model, map_update, key_i64},
    {"text map of items", &todo_item_str_map_model, map_update, key_text},
    {"text map of texts", &atr_str_str_map_model, map_update, key_collision},
    {"text map of numbers", &atr_i64_str_map_model, map_update, key_collision},
    {"set of texts", &atr_str_set_model, map_update, key_text},
    {"vector of items", &todo_item_vec_model, vec_update, NULL},
    {"vector of texts", &atr_str_vec_model, vec_update, NULL},
    {"vector of numbers", &atr_i64_vec_model, vec_update, NULL},
    {"ordered map of items", &todo_item_omap_model, omap_update, key_i64},
    {"ordered text map", &atr_f64_str_omap_model, omap_update, key_text},
    {"ordered map by f64", &atr_i64_f64_omap_model, omap_update, key_f64},
    {"ordered set of texts", &atr_str_oset_model, omap_update, key_text},
};

/* ---- two sides ---- */

static void side_begin(side *x, bool eager)
{
    memset(x, 0, sizeof *x);
    x->pool = atr_pool_new();
    atr_pool_eager(x->pool, eager);
    x->scope[0] = atr_pool_scope(x->pool);
}

static void side_end(side *x)
{
    for (size_t i = 0; i < VERSIONS; i++) {
        atr_value_release(x->version[i]);
    }
    atr_scope_close(x->scope[0]);
    assert_int_equal(atr_pool_values(x->pool), 0);
    assert_int_equal(atr_pool_bytes(x->pool), 0);
    atr_pool_close(x->pool);
}

static void scope_change(side *x, size_t at)
{
    if (x->scope[at] != NULL) {
        x->scope[at] = atr_scope_close(x->scope[at]);
    } else {
        x->scope[at] = atr_scope_open(x->scope[at - 1]);
    }
}

static void version_put(side *x, size_t at, const void *v)
{
    atr_value_hold(v);
    atr_value_release(x->version[at]);
    x->version[at] = v;
}

static void side_step(side *x, const family *f, const step *t)
{
    atr_scope *s = x->scope[t->depth];
    version_put(x, t->to, f->update(s, f, x->version[t->from], x->version[t->other], t));
    assert_null(atr_scope_error(s));
}

static void sides_agree(const side *lazy, const side *eager, bool closely)
{
    assert_int_equal(atr_pool_values(lazy->pool), atr_pool_values(eager->pool));
    assert_int_equal(atr_pool_bytes(lazy->pool), atr_pool_bytes(eager->pool));
    for (size_t i = 0; closely && i < VERSIONS; i++) {
        assert_true(atr_equal(lazy->version[i], eager->version[i]));
    }
}

/* The root scope is closed and opened again only when no other is open, those inside from the inside. */
static void scopes_change(side *both, size_t *depth)
{
    bool deeper = *depth + 1 < DEPTH && random_below(2) == 0;
    for (size_t i = 0; i < 2; i++) {
        if (deeper) {
            scope_change(&both[i], *depth + 1);
        } else if (*depth > 0) {
            scope_change(&both[i], *depth);
        } else {
            both[i].scope[0] = atr_scope_close(both[i].scope[0]);
            both[i].scope[0] = atr_pool_scope(both[i].pool);
        }
    }
    *depth += deeper ? 1 : 0;
    *depth -= !deeper && *depth > 0 ? 1 : 0;
}

static void family_run(const family *f, size_t steps)
{
    side both[2];
    size_t depth = 0;
    side_begin(&both[0], false);
    side_begin(&both[1], true);
    for (size_t i = 0; i < steps; i++) {
        step t = {random_below(VERSIONS),  random_below(VERSIONS), random_below(VERSIONS),
                  random_below(depth + 1), random_below(9),        random_below(KEYS),
                  random_below(1000),      random_below(50)};
        if (random_below(6) == 0) {
            scopes_change(both, &depth);
        } else if (random_below(8) == 0) {
            version_put(&both[0], t.to, NULL);
            version_put(&both[1], t.to, NULL);
        } else {
            side_step(&both[0], f, &t);
            side_step(&both[1], f, &t);
        }
        sides_agree(&both[0], &both[1], i % 50 == 0);
    }
    sides_agree(&both[0], &both[1], true);
    side_end(&both[0]);
    side_end(&both[1]);
}

static void both_ways_of_counting_hold_the_same_values(void **state)
{
    size_t steps = random_begin() / 8;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        printf("# %s\n", families[i].name);
        family_run(&families[i], steps);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(both_ways_of_counting_hold_the_same_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
