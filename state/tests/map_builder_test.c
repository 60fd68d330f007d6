/* Builders of maps and sets: they make no node for an insert, whatever they began with and however they are read,
 * and lead to what single updates lead to. */
#include <string.h>

#include "failing.h"
#include "random.h"
#include "sample.h"
#include "shape.h"

#include "map_keys.h"

/* ---- what is made ---- */

enum { MANY = 10000 };

static size_t nodes_in(const atr_map_node *node)
{
    size_t count = 1;
    for (uint32_t i = 0; i < atr_map_node_children(node); i++) {
        count += nodes_in(node->slots[i].ref);
    }
    return count;
}

/* How a builder is used, besides being set. */
typedef enum use { USE_SET, USE_READ, USE_REMOVE_NEW, USE_REMOVE_OLD } use;

static const struct {
    const char *name;
    const atr_model *model;
    size_t from; /* entries of the map it begins with */
    use how;
    size_t passes; /* through the nodes of the result */
} uses[] = {
    {"numbers", &atr_i64_map_model, 0, USE_SET, 1},
    {"texts", &atr_i64_str_map_model, 0, USE_SET, 1},
    {"set of numbers", &atr_i64_set_model, 0, USE_SET, 1},
    {"set of texts", &atr_str_set_model, 0, USE_SET, 1},
    {"numbers, begun", &atr_i64_map_model, MANY, USE_SET, 1},
    {"texts, begun", &atr_i64_str_map_model, MANY, USE_SET, 1},
    {"set of texts, begun", &atr_str_set_model, MANY, USE_SET, 1},
    {"numbers, begun with few", &atr_i64_map_model, 10, USE_SET, 1},
    {"numbers, read", &atr_i64_map_model, 0, USE_READ, 1},
    {"texts, read", &atr_i64_str_map_model, 0, USE_READ, 1},
    {"numbers, begun and read", &atr_i64_map_model, MANY, USE_READ, 1},
    {"numbers, removed again", &atr_i64_map_model, MANY, USE_REMOVE_NEW, 1},
    {"texts, removed again", &atr_i64_str_map_model, 0, USE_REMOVE_NEW, 1},
    {"numbers, others removed", &atr_i64_map_model, MANY, USE_REMOVE_OLD, 2},
    {"texts, others removed", &atr_i64_str_map_model, MANY, USE_REMOVE_OLD, 2},
};

static atr_word key_at(const atr_model *model, atr_scope *s, size_t i)
{
    return model->key == ATR_KIND_STR ? text(s, i) : atr_word_i64_((int64_t)i);
}

static size_t shuffled(size_t i)
{
    return i * 7919 % MANY;
}

static void fill(atr_map_builder *b, const atr_model *model, const atr_word *keys, use how,
                 size_t from)
{
    for (size_t i = 0; i < MANY; i++) {
        atr_word key = keys[from + shuffled(i)];
        assert_int_equal(atr_map_builder_set(b, key, atr_word_i64_((int64_t)i)), ATR_OK);
        if (how == USE_READ) {
            assert_int_equal(atr_map_builder_count(b), from + i + 1);
            assert_true(atr_map_builder_find(b, keys[from + shuffled(i / 2)], NULL));
        } else if (how == USE_REMOVE_NEW && i % 2 == 1) {
            atr_map_builder_remove(b, keys[from + shuffled(i / 2)]);
        } else if (how == USE_REMOVE_OLD && i % 2 == 1) {
            atr_map_builder_remove(b, keys[shuffled(i)]);
        }
    }
}

static void a_builder_makes_no_more_than_the_nodes_of_its_map(void **state)
{
    for (size_t u = 0; u < sizeof uses / sizeof *uses; u++) {
        atr_pool *pool = atr_pool_new();
        atr_scope *s = atr_pool_scope(pool);
        atr_word *keys = malloc(2 * MANY * sizeof *keys);
        const atr_map *from = NULL, *m;
        atr_map_builder *b = atr_map_builder_new(s, uses[u].model, NULL);
        uint64_t made;
        for (size_t i = 0; i < 2 * MANY; i++) {
            keys[i] = key_at(uses[u].model, s, i);
        }
        for (size_t i = 0; i < uses[u].from; i++) {
            atr_map_builder_set(b, keys[i], atr_word_i64_(-1));
        }
        from = atr_map_builder_seal(b);

        made = atr_memory_stats_now(s).made;
        b = atr_map_builder_new(s, uses[u].model, from);
        fill(b, uses[u].model, keys, uses[u].how, uses[u].from);
        m = atr_map_builder_seal(b);
        made = atr_memory_stats_now(s).made - made;

        check_map(m);
        printf("# %s: %.3f made for an insert\n", uses[u].name, (double)made / MANY);
        assert_true(made <= 2 + uses[u].passes * nodes_in(m->root));
        if (uses[u].model->key == ATR_KIND_I64) {
            assert_true(made * 10 <= 3 * MANY);
        }
        free(keys);
        atr_scope_close(s);
        atr_pool_close(pool);
    }
}

/* Sealed at once after each few: no more than a path for each. */
static void a_builder_for_few_makes_paths(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    atr_map_builder *b = atr_map_builder_new(s, &atr_i64_map_model, NULL);
    const atr_map *m;
    for (int64_t i = 0; i < MANY; i++) {
        atr_map_builder_set(b, atr_word_i64_(i), atr_word_i64_(i));
    }
    m = atr_map_builder_seal(b);
    for (int64_t few = 1; few < 2 * MANY; few *= 3) {
        uint64_t made = atr_memory_stats_now(s).made;
        b = atr_map_builder_new(s, &atr_i64_map_model, m);
        for (int64_t i = 0; i < few; i++) {
            atr_map_builder_set(b, atr_word_i64_(i * 3), atr_word_i64_(-i));
        }
        check_map(atr_map_builder_seal(b));
        made = atr_memory_stats_now(s).made - made;
        assert_true(made <= 2 + 5 * (uint64_t)few);
    }
    atr_scope_close(s);
    atr_pool_close(pool);
}

/* A map of which every `step`-th item was changed to another that it has, and the one it was made from. The other one
 * of the two dies before it is looked at, or after. */
static void change_some(atr_scope *s, const todo_item *const *items, int64_t step, bool old_first)
{
    atr_scope *inner = atr_scope_open(s);
    todo_item_map_builder *b = todo_item_map_builder_new(inner, NULL);
    const todo_item_map *old, *made;
    for (int64_t i = 0; i < MANY; i++) {
        todo_item_map_builder_set(b, i, items[i]);
    }
    old = todo_item_map_builder_seal(b);
    b = todo_item_map_builder_new(inner, old);
    for (int64_t i = 0; i < MANY; i += step) {
        todo_item_map_builder_set(b, i, items[MANY - 1 - i]);
    }
    made = todo_item_map_builder_seal(b);
    check_map((const atr_map *)made);
    atr_scope_yield(inner, old_first ? made : old);
    atr_scope_close(inner);
    for (int64_t i = 0; i < MANY; i++) {
        bool changed = old_first && i % step == 0;
        assert_ptr_equal(todo_item_map_get(old_first ? made : old, i),
                         items[changed ? MANY - 1 - i : i]);
    }
}

static void what_a_builder_leaves_as_it_was_is_borrowed(void **state)
{
    static const todo_item *items[MANY];
    atr_pool *pool = atr_pool_new();
    atr_scope *s;
    atr_pool_eager(pool, false);
    s = atr_pool_scope(pool);
    for (int64_t i = 0; i < MANY; i++) {
        items[i] = sample_item(s, i, "item");
    }
    for (int64_t step = 1; step < MANY; step *= 5) {
        uint64_t fresh = atr_memory_stats_now(s).fresh;
        for (int old_first = 0; old_first < 2; old_first++) {
            ATR_SCOPE(inner, s) {
                change_some(inner, items, step, old_first != 0);
            }
        }
        assert_true((atr_memory_stats_now(s).fresh > fresh) == (step > 1));
        for (int64_t i = 0; i < MANY; i++) {
            assert_int_equal(items[i]->atr.count, 1);
        }
    }
    assert_int_equal(atr_memory_stats_now(s).settled, 0);
    assert_int_equal(atr_scope_close(s), 0);
    atr_pool_close(pool);
}

/* Others and the same again; the same but for one. */
static void what_is_set_to_what_it_was_stays_where_it_is(void **state)
{
    for (size_t f = 0; f < FAMILIES; f++) {
        atr_scope *s = atr_scope_open(NULL);
        const atr_model *model = families[f].model;
        const size_t count = families[f].count;
        const atr_map *from = NULL, *same;
        for (size_t i = 0; i < count; i++) {
            from = atr_map_set(s, model, from, families[f].make(s, i), atr_word_i64_(1));
        }
        atr_map_builder *b = atr_map_builder_new(s, model, from);
        for (size_t i = 0; i < 2 * count; i++) {
            atr_map_builder_set(b, families[f].make(s, i % count),
                                atr_word_i64_(i < count ? 2 : 1));
        }
        same = atr_map_builder_seal(b);
        assert_ptr_equal(same->root, from->root);

        b = atr_map_builder_new(s, model, from);
        for (size_t i = 0; i < count; i++) {
            atr_map_builder_set(b, families[f].make(s, i), atr_word_i64_(i == 0 ? 2 : 1));
        }
        uint64_t made = atr_memory_stats_now(s).made;
        check_map(atr_map_builder_seal(b));
        assert_in_range(atr_memory_stats_now(s).made - made, 2,
                        1 + ATR_MAP_DEPTH); /* and the handle */
        assert_int_equal(atr_scope_close(s), 0);
    }
}

/* ---- against a plain model ---- */

enum { VALUES = 8 };

/* A builder and what it should have. */
typedef struct twin {
    atr_scope *s;
    const atr_model *model;
    size_t keys; /* of different ones */
    atr_word key[KEYS];
    atr_word value[VALUES]; /* of sets all the same */
    atr_map_builder *b;
    uint8_t has[KEYS]; /* 0: no; 1 + the place of the value */
    size_t count;
} twin;

static const atr_model *const kinds[2][2] = {{&atr_str_map_model, &atr_i64_set_model},
                                             {&atr_str_str_map_model, &atr_str_set_model}};

static twin *twin_new(atr_scope *s, size_t family, bool set)
{
    twin *t = calloc(1, sizeof *t);
    t->s = s;
    t->model = kinds[families[family].model->key == ATR_KIND_STR][set];
    t->keys = families[family].count;
    for (size_t i = 0; i < t->keys; i++) {
        t->key[i] = families[family].make(s, i);
    }
    for (size_t i = 0; i < VALUES && !set; i++) {
        t->value[i] = atr_word_ref_(atr_str_format(s, "value %zu", i));
    }
    return t;
}

/* What has failed is done again. */
#define UNTIL(done)                      \
    while (!(done)) {                    \
        assert_true(failing.failed > 0); \
        atr_scope_take_error(t->s);      \
    }

static void twin_begin(twin *t, const atr_map *from)
{
    UNTIL((t->b = atr_map_builder_new(t->s, t->model, from)) != NULL);
}

static void twin_set(twin *t, size_t i, size_t value)
{
    UNTIL(atr_map_builder_set(t->b, t->key[i], t->value[value]) == ATR_OK);
    t->count += t->has[i] == 0;
    t->has[i] = (uint8_t)(value + 1);
}

static void twin_remove(twin *t, size_t i)
{
    UNTIL(atr_map_builder_remove(t->b, t->key[i]) == ATR_OK);
    t->count -= t->has[i] != 0;
    t->has[i] = 0;
}

static void check_value(const twin *t, size_t i, atr_word value)
{
    if (t->has[i] != 0 && t->model->structure == ATR_STRUCTURE_MAP) {
        assert_ptr_equal(value.ref, t->value[t->has[i] - 1].ref);
    }
}

static void twin_read(twin *t, size_t i)
{
    atr_word value = {.i64 = 0};
    UNTIL(atr_map_builder_count(t->b) == t->count);
    UNTIL(atr_map_builder_find(t->b, t->key[i], &value) == (t->has[i] != 0));
    check_value(t, i, value);
}

static const atr_map *twin_seal(twin *t)
{
    const atr_map *m;
    UNTIL((m = atr_map_builder_seal(t->b)) != NULL || t->count == 0);
    assert_int_equal(atr_map_count(m), t->count);
    assert_int_equal(atr_map_builder_count(t->b), 0);
    check_map(m);
    for (size_t i = 0; i < t->keys; i++) {
        atr_word value = {.i64 = 0};
        assert_true(atr_map_find(m, t->key[i], &value) == (t->has[i] != 0));
        check_value(t, i, value);
    }
    return m;
}

/* Each tells in which of so many steps something is removed, or read; 0: never. */
static const struct {
    size_t removes, reads;
} habits[] = {{0, 0}, {0, 2}, {3, 0}, {2, 3}, {20, 100}};
enum { HABITS = sizeof habits / sizeof *habits };

static void twin_steps(twin *t, size_t habit, size_t steps, size_t keys)
{
    for (; steps > 0; steps--) {
        if (habits[habit].removes > 0 && random_below(habits[habit].removes) == 0) {
            twin_remove(t, random_below(keys));
        } else {
            twin_set(t, random_below(keys), random_below(VALUES));
        }
        if (habits[habit].reads > 0 && random_below(habits[habit].reads) == 0) {
            twin_read(t, random_below(keys));
        }
    }
}

/* Builders that begin with what the one before has made. */
static void a_run(twin *t, size_t habit, size_t steps)
{
    const atr_map *m = NULL, *next;
    const size_t keys = t->keys < 400 || habit % 2 == 0 ? t->keys : 40;
    for (size_t round = 0; round < 4; round++) {
        uint64_t hash = atr_hash(m);
        twin_begin(t, m);
        twin_steps(t, habit, round == 2 ? 3 : steps, keys);
        next = twin_seal(t);
        assert_true(atr_hash(m) == hash);
        check_map(m);
        m = next;
    }
}

static void builders_lead_to_what_was_set_in_them(void **state)
{
    size_t steps = random_begin() / 20000 * 700;
    for (size_t run = 0; run < FAMILIES * HABITS * 2; run++) {
        atr_pool *pool = atr_pool_new();
        atr_scope *s = atr_pool_scope(pool);
        twin *t = twin_new(s, run / 2 % FAMILIES, run % 2 != 0);
        atr_pool_eager(pool, run % 3 == 0);
        a_run(t, run / 2 / FAMILIES, steps);
        free(t);
        atr_scope_close(s);
        assert_int_equal(atr_pool_values(pool), 0);
        atr_pool_close(pool);
    }
}

static void equal_maps_come_out_in_one_form(void **state)
{
    random_begin();
    for (size_t family = 0; family < FAMILIES; family++) {
        atr_scope *s = atr_scope_open(NULL);
        twin *t = twin_new(s, family, false);
        const atr_map *built, *single = NULL;
        twin_begin(t, NULL);
        twin_steps(t, 3, 500, t->keys);
        built = twin_seal(t);
        for (size_t i = 0; i < t->keys; i++) {
            if (t->has[i] != 0) {
                single = atr_map_set(s, t->model, single, t->key[i], t->value[t->has[i] - 1]);
            }
        }
        assert_true(atr_equal(built, single));
        assert_true(atr_hash(built) == atr_hash(single));
        free(t);
        assert_int_equal(atr_scope_close(s), 0);
    }
}

/* ---- memory ---- */

static bool run_failing(size_t run, size_t after)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    twin *t = twin_new(s, run % FAMILIES, run % 2 != 0);
    bool failed;
    random_state = 77 + run;
    atr_pool_gate(pool, failing_gate, NULL);
    failing_after(after);
    a_run(t, run / FAMILIES, 60);
    failed = failing_stop() > 0;
    free(t);
    atr_scope_take_error(s);
    atr_scope_close(s);
    assert_int_equal(atr_pool_values(pool), 0);
    atr_pool_close(pool);
    return failed;
}

static void a_builder_goes_on_wherever_memory_was_out(void **state)
{
    failing_begin();
    for (size_t run = 0; run < FAMILIES * HABITS; run++) {
        size_t after = 0;
        while (run_failing(run, after)) {
            after++;
        }
        assert_true(after > 10);
    }
    failing_end();
}

/* Given up with all that is noted. */
static void a_builder_that_is_not_sealed_holds_nothing(void **state)
{
    random_begin();
    for (size_t run = 0; run < FAMILIES * HABITS; run++) {
        atr_scope *s = atr_scope_open(NULL);
        twin *t = twin_new(s, run % FAMILIES, false);
        twin_begin(t, NULL);
        twin_steps(t, run / FAMILIES, 300, t->keys);
        twin_begin(t, twin_seal(t));
        twin_steps(t, run / FAMILIES, 300, t->keys);
        free(t);
        assert_int_equal(atr_scope_close(s), 0);
    }
}

/* What a jump has left: nothing is called, nothing leaks. */
static void notes_go_with_an_abandoned_pool(void **state)
{
    const size_t before = atr_memory_now().bytes;
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    atr_i64_set_builder *b = atr_i64_set_builder_new(inner, atr_i64_set_add(s, NULL, -1));
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_set_builder_add(b, i);
    }
    atr_i64_set_builder_remove(b, -1);
    atr_i64_set_builder_new(s, NULL);
    atr_pool_abandon(pool);
    assert_int_equal(atr_memory_now().bytes, before);
}

/* Those that are noted, removed and noted again, for ever. */
static void notes_of_keys_that_went_are_gone(void **state)
{
    enum { TURNS = 20000 };
    atr_scope *s = atr_scope_open(NULL);
    atr_i64_set_builder *b = atr_i64_set_builder_new(s, atr_i64_set_add(s, NULL, TURNS));
    size_t before = atr_memory_now().bytes;
    for (int64_t i = 0; i < TURNS; i++) {
        atr_i64_set_builder_add(b, i);
        atr_i64_set_builder_remove(b, i - 10);
        assert_int_equal(atr_i64_set_builder_count(b), (i < 10 ? i + 1 : 10) + 1);
    }
    assert_true(atr_memory_now().bytes - before < 4096);
    assert_int_equal(atr_scope_close(s), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        PLAIN(a_builder_makes_no_more_than_the_nodes_of_its_map),
        PLAIN(a_builder_for_few_makes_paths),
        PLAIN(what_a_builder_leaves_as_it_was_is_borrowed),
        PLAIN(what_is_set_to_what_it_was_stays_where_it_is),
        BOTH(builders_lead_to_what_was_set_in_them),
        BOTH(equal_maps_come_out_in_one_form),
        BOTH(a_builder_goes_on_wherever_memory_was_out),
        BOTH(a_builder_that_is_not_sealed_holds_nothing),
        BOTH(notes_go_with_an_abandoned_pool),
        BOTH(notes_of_keys_that_went_are_gone),
    };
    atr_memory_fix_seed(7);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
