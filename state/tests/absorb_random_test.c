/* Answers that come, are revised, replaced and let go of at random, as a program does that runs for long. Each
 * version is remembered by a sum of what it holds. */
#include "sample.h"

#include "random.h"

enum { HELD_MAX = 24, SIZE_MAX_OF_ANSWER = 4000 };

typedef struct version {
    const todo_item_map *map;
    uint64_t sum;
} version;

typedef struct program {
    atr_pool *pool;
    version held[HELD_MAX];
    size_t count;
    size_t values;
} program;

static uint64_t sum_of(const todo_item_map *map)
{
    uint64_t sum = 0;
    todo_item_map_each each = {0};
    while (todo_item_map_next(&each, map)) {
        sum += (uint64_t)each.key * 31 + (uint64_t)each.value->id * 7 + each.value->title->size;
    }
    return sum;
}

static void drop(program *p, size_t at)
{
    assert_true(sum_of(p->held[at].map) == p->held[at].sum);
    atr_value_release(p->held[at].map);
    p->held[at] = p->held[--p->count];
}

static void hold(program *p, const todo_item_map *map)
{
    atr_value_hold(map); /* it may be the one that is dropped */
    if (p->count == HELD_MAX) {
        drop(p, random_below(p->count));
    }
    p->held[p->count++] = (version){map, sum_of(map)};
}

static const todo_item_map *revised(atr_scope *s, const todo_item_map *map, size_t times)
{
    for (size_t i = 0; i < times; i++) {
        int64_t key = (int64_t)random_below(SIZE_MAX_OF_ANSWER);
        map = random_below(3) == 0 ? todo_item_map_remove(s, map, key)
                                   : todo_item_map_set(s, map, key, sample_item(s, key, "revised"));
    }
    return map;
}

/* As a worker makes it, with some updates after the builder, of which some versions are kept. */
static void answer(program *p)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    size_t size = 1 + random_below(random_below(4) == 0 ? SIZE_MAX_OF_ANSWER : 300);
    todo_item_map_builder *b = todo_item_map_builder_new(s, NULL);
    const todo_item_map *map;
    atr_pool_eager(pool, random_below(8) == 0);
    for (size_t i = 0; i < size; i++) {
        todo_item_map_builder_set(b, (int64_t)i, sample_item(s, (int64_t)i, "of an answer"));
    }
    map = todo_item_map_builder_seal(b);
    atr_pool_detach(pool);
    atr_pool_adopt(pool, p->pool);
    for (size_t i = 0, versions = random_below(4); i < versions; i++) {
        map = revised(s, map, random_below(4));
        hold(p, map);
    }
    atr_pool_close(pool);
}

static void revise(program *p)
{
    if (p->count > 0) {
        atr_scope *s = atr_pool_scope(p->pool);
        hold(p, revised(s, p->held[random_below(p->count)].map, random_below(6)));
        assert_null(atr_scope_error(s));
        atr_scope_close(s);
    }
}

static void add_up(void *user, const atr_model *model, size_t values, size_t bytes)
{
    program *p = user;
    p->values += values;
}

static void look(program *p)
{
    atr_scope *s = atr_pool_scope(p->pool);
    p->values = 0;
    atr_memory_models(s, add_up, p);
    assert_int_equal(p->values, atr_memory_now().values);
    if (random_below(2) == 0) {
        atr_memory_trim(s);
    }
    atr_scope_close(s);
}

static void answers_come_and_go(void **state)
{
    size_t steps = random_begin() / 10;
    program p = {.pool = atr_pool_new()};
    for (size_t i = 0; i < steps; i++) {
        size_t what = random_below(16);
        if (what < 4) {
            answer(&p);
        } else if (what < 10) {
            revise(&p);
        } else if (what < 15 && p.count > 0) {
            drop(&p, random_below(p.count));
        } else if (what == 15) {
            look(&p);
        }
    }
    while (p.count > 0) {
        drop(&p, random_below(p.count));
    }
    assert_int_equal(atr_memory_now().values, 0);
    assert_int_equal(atr_memory_now().pools, 1);
    atr_pool_close(p.pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(answers_come_and_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
