/* What a jump out of a function of the user leaves in the middle of an operation goes with the pool. */
#include <setjmp.h>

#include <atrium/ordered_map.h>
#include <atrium/pool.h>

#include "sample.h"

enum { MANY = 2000, SAME_HASH = 100 };

static jmp_buf back;

static int order(const todo_item *a, const todo_item *b, void *user)
{
    longjmp(back, 1);
}

static bool stays(int64_t item, void *user)
{
    longjmp(back, 1);
}

static bool entry_stays(int64_t key, int64_t value, void *user)
{
    longjmp(back, 1);
}

static bool text_stays(const atr_str *key, void *user)
{
    longjmp(back, 1);
}

static int64_t chosen(atr_scope *s, int64_t key, int64_t a, int64_t b, void *user)
{
    longjmp(back, 1);
}

static int64_t changed(atr_scope *s, int64_t key, int64_t value, void *user)
{
    if (key < MANY / 2) {
        return value + 1;
    }
    longjmp(back, 1);
}

static void told(void *user, const atr_model *model, size_t values, size_t bytes)
{
    longjmp(back, 1);
}

/* Descending, so that the order is asked in the middle of the work. */
static int ascending(const todo_item *a, const todo_item *b, void *user)
{
    int *calls = user;
    return ++*calls > MANY ? order(a, b, user) : (a->id > b->id) - (a->id < b->id);
}

static void sorted(atr_scope *s)
{
    todo_item_vec_builder *b = todo_item_vec_builder_new(s, NULL);
    int calls = 0;
    for (int64_t i = MANY; i > 0; i--) {
        todo_item_vec_builder_push(b, sample_item(s, i, ""));
    }
    todo_item_vec_sort_by(s, todo_item_vec_builder_seal(b), ascending, &calls);
}

static const atr_i64_omap *ordered(atr_scope *s, int64_t add)
{
    atr_i64_omap_builder *b = atr_i64_omap_builder_new(s, NULL);
    for (int64_t i = 0; i < MANY; i++) {
        atr_i64_omap_builder_set(b, i, i + add);
    }
    return atr_i64_omap_builder_seal(b);
}

static const atr_i64_map *plain(atr_scope *s, int64_t add)
{
    return atr_i64_map_of(s, (const int64_t[]){1, 2, 3}, (const int64_t[]){add, add, add}, 3);
}

static void vector_filtered(atr_scope *s)
{
    atr_i64_vec_filter(s, atr_i64_omap_keys(s, ordered(s, 0)), stays, NULL);
}

static void ordered_map_filtered(atr_scope *s)
{
    atr_i64_omap_filter(s, ordered(s, 0), entry_stays, NULL);
}

static void ordered_map_transformed(atr_scope *s)
{
    atr_i64_omap_transform(s, ordered(s, 0), changed, NULL);
}

static void ordered_maps_merged(atr_scope *s)
{
    atr_i64_omap_merge_with(s, ordered(s, 0), ordered(s, 1), chosen, NULL);
}

static void maps_merged(atr_scope *s)
{
    atr_i64_map_merge_with(s, plain(s, 0), plain(s, 1), chosen, NULL);
}

/* All texts in one node. */
static void set_filtered(atr_scope *s)
{
    const atr_str_set *set = NULL;
    for (int i = 0; i < SAME_HASH; i++) {
        const atr_str *key = atr_str_format(s, "%d", i);
        ((atr_str *)(uintptr_t)key)->hash = 7;
        set = atr_str_set_add(s, set, key);
    }
    atr_str_set_filter(s, set, text_stays, NULL);
}

static void models_told(atr_scope *s)
{
    sample_item(s, 1, "a title");
    atr_memory_models(s, told, NULL);
}

static void what_a_jump_leaves_goes_with_the_pool(void **state)
{
    static void (*const work[])(atr_scope * s) = {
        sorted,
        vector_filtered,
        ordered_map_filtered,
        ordered_map_transformed,
        ordered_maps_merged,
        maps_merged,
        set_filtered,
        models_told,
    };
    for (volatile size_t i = 0; i < sizeof work / sizeof *work; i++) {
        atr_pool *pool = atr_pool_new();
        volatile bool jumped = true;
        if (setjmp(back) == 0) {
            work[i](atr_pool_scope(pool));
            jumped = false;
        }
        assert_true(jumped);

        atr_pool_abandon(pool);

        assert_int_equal(atr_memory_now().blocks, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(what_a_jump_leaves_goes_with_the_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
