/* The same random updates in two pools: in one, copies of nodes borrow what they share, in the other they
 * count all of it. After every step both hold the same number of values, and equal versions. */
#include <string.h>

#include <atrium/edits.h>

#include "collections.h"
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
    bool whole; /* all of it is worked on, not some elements */
} step;

/* The last of what is done to a whole one. */
enum { BY_FUNCTION = 9, BY_FUNCTION_OF_PRESENT, BY_SCRIPT, WHATS };

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

static const void *map_whole(atr_scope *s, const family *f, const atr_map *m, const atr_map *other,
                             const step *t);
static const void *omap_whole(atr_scope *s, const family *f, const atr_omap *m,
                              const atr_omap *other, const step *t);

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
    if (t->whole) {
        return map_whole(s, f, m, other, t);
    }
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
    if (t->whole) {
        return omap_whole(s, f, m, other, t);
    }
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

/* ---- functions that whole collections are given; what they say follows from contents ---- */

typedef struct rule {
    const atr_model *model;
    size_t number;
} rule;

static uint64_t weight(atr_kind kind, atr_word word)
{
    const atr_str *text = word.ref;
    switch (kind) {
    case ATR_KIND_REF: return (uint64_t)((const todo_item *)word.ref)->id;
    case ATR_KIND_STR: return text->size > 0 ? (uint64_t)text->bytes[text->size - 1] : 0;
    default: return (uint64_t)word.i64 >> 3 ^ (uint64_t)word.i64;
    }
}

static bool entry_stays(atr_word key, atr_word value, void *user)
{
    const rule *r = user;
    return (weight(r->model->key, key) + r->number) % 5 != 0;
}

static atr_word entry_changed(atr_scope *s, atr_word key, atr_word value, void *user)
{
    const rule *r = user;
    return entry_stays(key, value, user) ? value : value_of(s, r->model, r->number);
}

static atr_word entry_as_text(atr_scope *s, atr_word key, atr_word value, void *user)
{
    return atr_word_ref_(entry_stays(key, value, user) ? &atr_str_default : ATR_STR(s, "text"));
}

static atr_word entry_chosen(atr_scope *s, atr_word key, atr_word a, atr_word b, void *user)
{
    const rule *r = user;
    switch ((weight(r->model->element.kind, a) + weight(r->model->element.kind, b)) % 3) {
    case 0: return a;
    case 1: return b;
    default: return value_of(s, r->model, r->number);
    }
}

static atr_word id_of(atr_word item, void *user)
{
    return atr_word_i64_(((const todo_item *)item.ref)->id);
}

static const atr_model *vec_model(atr_kind kind)
{
    switch (kind) {
    case ATR_KIND_REF: return &todo_item_vec_model;
    case ATR_KIND_STR: return &atr_str_vec_model;
    case ATR_KIND_F64: return &atr_f64_vec_model;
    default: return &atr_i64_vec_model;
    }
}

static const atr_vec *keys_of(atr_scope *s, const atr_model *model, const void *m)
{
    return atr_entries_keys(s, vec_model(model->key), m);
}

static const atr_vec *values_of(atr_scope *s, const atr_model *model, const void *m)
{
    return atr_entries_values(s, vec_model(model->element.kind), m);
}

/* Arrays of the words as the functions take them. */
static const void *made_of_arrays(atr_scope *s, const atr_model *model, const void *from)
{
    const atr_vec *keys = keys_of(s, model, from);
    const atr_vec *values = atr_model_is_set(model) ? NULL : values_of(s, model, from);
    static atr_word all_keys[8 * KEYS], all_values[8 * KEYS];
    size_t count = atr_vec_count(keys);
    assert_in_range(count, 0, 8 * KEYS);
    for (size_t i = 0; i < count; i++) {
        all_keys[i] = atr_vec_at(keys, i);
        all_values[i] = values != NULL ? atr_vec_at(values, i) : all_keys[i];
    }
    return atr_entries_of(s, model, all_keys, values != NULL ? all_values : NULL, count);
}

/* By the script that leads there. */
static const void *made_by_script(atr_scope *s, const void *from, const void *to)
{
    const atr_diff_options rows_only = {.rows_only = true};
    return atr_edits_apply(s, from, atr_diff(s, from, to, &rows_only));
}

/* What ordered maps and others do alike; NULL: another. */
static const void *entries_update(atr_scope *s, const atr_model *model, const void *from,
                                  const step *t, bool *done)
{
    *done = true;
    if (t->what == 5) {
        return made_of_arrays(s, model, from);
    }
    if (t->what == 6 && atr_model_is_set(model)) {
        return atr_entries_from(s, model, keys_of(s, model, from));
    }
    if (t->what == 6 && model->element.kind == ATR_KIND_REF && model->key == ATR_KIND_I64) {
        return atr_entries_index(s, model, values_of(s, model, from), id_of, NULL);
    }
    *done = false;
    return NULL;
}

/* A value by a function of the one that is there, or of the one under another key. */
static const atr_map *map_of_values(atr_scope *s, const family *f, const atr_map *m, const step *t)
{
    rule r = {f->model, t->number};
    atr_word key = f->key(s, t->key), other = f->key(s, t->again), absent, value;
    absent = value = value_of(s, f->model, t->again);
    m = atr_map_update(s, f->model, m, key, t->what == BY_FUNCTION ? &absent : NULL, entry_changed,
                       &r);
    atr_map_find(m, other, &value);
    return t->number % 2 == 0 ? m : atr_map_set(s, f->model, m, key, value);
}

static const void *map_whole(atr_scope *s, const family *f, const atr_map *m, const atr_map *other,
                             const step *t)
{
    const atr_model *model = f->model;
    rule r = {model, t->number};
    bool done, set = atr_model_is_set(model);
    const void *made = entries_update(s, model, m, t, &done);
    if (done) {
        return made;
    }
    if (t->what < 4) {
        return atr_map_combine(s, model, m, other, (atr_combine)t->what, NULL, NULL);
    }
    if (t->what == 4 && !set) {
        return atr_map_combine(s, model, m, other, ATR_COMBINE_UNION, entry_chosen, &r);
    }
    if (t->what == 7 && !set) { /* the other kind is looked at and dies with the scope */
        atr_map_transform(s,
                          model->key == ATR_KIND_STR ? &atr_str_str_map_model : &atr_str_map_model,
                          m, entry_as_text, &r);
        return atr_map_transform(s, model, m, entry_changed, &r);
    }
    if ((t->what == BY_FUNCTION || t->what == BY_FUNCTION_OF_PRESENT) && !set) {
        return map_of_values(s, f, m, t);
    }
    return t->what == BY_SCRIPT ? made_by_script(s, m, other)
                                : atr_map_filter(s, model, m, entry_stays, &r);
}

static const atr_omap *omap_of_values(atr_scope *s, const family *f, const atr_omap *m,
                                      const step *t)
{
    rule r = {f->model, t->number};
    atr_word key = f->key(s, t->key), other = f->key(s, t->again), absent, value;
    absent = value = value_of(s, f->model, t->again);
    m = atr_omap_update(s, f->model, m, key, t->what == BY_FUNCTION ? &absent : NULL, entry_changed,
                        &r);
    atr_omap_find(m, other, &value);
    return t->number % 2 == 0 ? m : atr_omap_set(s, f->model, m, key, value);
}

static const void *omap_whole(atr_scope *s, const family *f, const atr_omap *m,
                              const atr_omap *other, const step *t)
{
    const atr_model *model = f->model;
    rule r = {model, t->number};
    size_t count = atr_omap_count(m), from = t->number % (count + 1);
    bool done, set = atr_model_is_set(model);
    const void *made = entries_update(s, model, m, t, &done);
    if (done) {
        return made;
    }
    if (t->what < 4) {
        return atr_omap_combine(s, model, m, other, (atr_combine)t->what, NULL, NULL);
    }
    if (t->what == 4 && !set) {
        return atr_omap_combine(s, model, m, other, ATR_COMBINE_UNION, entry_chosen, &r);
    }
    if (t->what == 7 && !set) {
        return atr_omap_transform(s, model, m, entry_changed, &r);
    }
    if ((t->what == BY_FUNCTION || t->what == BY_FUNCTION_OF_PRESENT) && !set) {
        return omap_of_values(s, f, m, t);
    }
    if (t->what == BY_SCRIPT) {
        return made_by_script(s, m, other);
    }
    return t->what == 8 ? atr_omap_slice(s, model, m, from, from + t->key % (count - from + 1))
                        : atr_omap_filter(s, model, m, entry_stays, &r);
}

static bool item_stays(atr_word item, void *user)
{
    const rule *r = user;
    return (weight(r->model->element.kind, item) + r->number) % 5 != 0;
}

static atr_word item_changed(atr_scope *s, atr_word item, void *user)
{
    const rule *r = user;
    return item_stays(item, user) ? item : value_of(s, r->model, r->number);
}

static int by_weight(atr_word a, atr_word b, void *user)
{
    const rule *r = user;
    uint64_t x = weight(r->model->element.kind, a) % 100;
    uint64_t y = weight(r->model->element.kind, b) % 100;
    return (x > y) - (x < y);
}

/* Some elements of the other put in place of as many, or of others, or of none. */
static const atr_vec *vec_spliced(atr_scope *s, const atr_model *model, const atr_vec *v,
                                  const atr_vec *other, const step *t)
{
    size_t count = atr_vec_count(v), from = t->key * count / KEYS;
    size_t more = atr_vec_count(other), to = from + (count - from) * t->again / 50;
    const atr_vec *put = atr_vec_slice(s, model, other, 0, more < t->again ? more : t->again);
    more = atr_vec_count(put);
    return atr_vec_splice(s, model, v, from,
                          t->number % 2 == 0 && from + more <= count ? from + more : to, put);
}

static const void *vec_whole(atr_scope *s, const atr_model *model, const atr_vec *v,
                             const atr_vec *other, const step *t)
{
    rule r = {model, t->number};
    atr_word items[120];
    size_t count = t->number % 120;
    switch (t->what) {
    case 0:
    case 1: return atr_vec_sort(s, model, v);
    case 2:
    case 3: return atr_vec_sort_by(s, model, v, by_weight, &r);
    case 4: return atr_vec_reverse(s, model, v);
    case 5: return atr_vec_transform(s, model, v, item_changed, &r);
    case 6: break;
    case BY_FUNCTION:
        return v != NULL ? atr_vec_update(s, model, v, t->key * v->size / KEYS, item_changed, &r)
                         : NULL;
    case BY_FUNCTION_OF_PRESENT: return vec_spliced(s, model, v, other, t);
    case BY_SCRIPT: return made_by_script(s, v, other);
    default: return atr_vec_filter(s, model, v, item_stays, &r);
    }
    for (size_t i = 0; i < count; i++) {
        items[i] = value_of(s, model, i);
    }
    return atr_vec_of(s, model, items, count);
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
    if (t->whole) {
        return vec_whole(s, f->model, v, other, t);
    }
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

/* A node of an ordered map that was written in place keeps the room it had, and a borrowing one is not. */
static void sides_agree(const side *lazy, const side *eager, const family *f, bool closely)
{
    assert_int_equal(atr_pool_values(lazy->pool), atr_pool_values(eager->pool));
    if (f->update != omap_update) {
        assert_int_equal(atr_pool_bytes(lazy->pool), atr_pool_bytes(eager->pool));
    }
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
                  random_below(depth + 1), random_below(WHATS),    random_below(KEYS),
                  random_below(1000),      random_below(50),       random_below(4) == 0};
        if (random_below(6) == 0) {
            scopes_change(both, &depth);
        } else if (random_below(8) == 0) {
            version_put(&both[0], t.to, NULL);
            version_put(&both[1], t.to, NULL);
        } else {
            side_step(&both[0], f, &t);
            side_step(&both[1], f, &t);
        }
        sides_agree(&both[0], &both[1], f, i % 50 == 0);
    }
    sides_agree(&both[0], &both[1], f, true);
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
