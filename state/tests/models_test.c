/* What lives, by model, and giving back what does not. */
#include "failing.h"
#include "sample.h"

enum { MANY = 20000 };

typedef struct told {
    size_t count, values, bytes;
    size_t last_bytes;
    bool sorted;
    const char *names[64];
    size_t values_of[64];
} told;

static void tell(void *user, const atr_model *model, size_t values, size_t bytes)
{
    told *t = user;
    t->sorted = (t->count == 0 || t->sorted) && (t->count == 0 || bytes <= t->last_bytes);
    t->last_bytes = bytes;
    t->values += values;
    t->bytes += bytes;
    if (t->count < 64) {
        t->names[t->count] = model->name;
        t->values_of[t->count] = values;
    }
    t->count++;
}

static size_t values_named(const told *t, const char *name)
{
    size_t found = 0, lines = 0;
    for (size_t i = 0; i < t->count; i++) {
        if (strcmp(t->names[i], name) == 0) {
            found += t->values_of[i];
            lines++;
        }
    }
    assert_true(lines <= 1);
    return found;
}

static void every_live_value_is_counted_once(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    told t = {0};
    sample_everything(s, 1);
    sample_ladder(s, 2);
    atr_str_format(s, "%02000d", 7); /* larger than any cell */
    ATR_SCOPE(inner, s) {
        sample_everything(inner, 3);
        atr_str_format(inner, "%03000d", 7);
    }

    int count = atr_memory_models(s, tell, &t);

    assert_int_equal(count, t.count);
    assert_true(t.sorted);
    assert_int_equal(t.values, atr_pool_values(pool));
    assert_int_equal(t.bytes, atr_pool_bytes(pool));
    assert_int_equal(values_named(&t, "everything"), 1);
    assert_int_equal(values_named(&t, "todo_item"), 2);
    assert_string_equal(t.names[0], "str");
    atr_pool_close(pool);
}

static void values_of_one_model_are_counted(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    for (int64_t i = 0; i < 3; i++) {
        sample_item(s, i, "stays");
        sample_item(inner, i, "goes");
    }

    assert_int_equal(atr_memory_of(s, &todo_item_model), 6);
    atr_scope_close(inner);
    assert_int_equal(atr_memory_of(s, &todo_item_model), 3);
    assert_int_equal(atr_memory_of(s, &atr_str_model), 3);
    assert_int_equal(atr_memory_of(s, &knot_model), 0);
    assert_int_equal(atr_memory_of(NULL, &todo_item_model), 0);
    atr_scope_close(s);
    s = atr_pool_scope(pool);
    assert_int_equal(atr_memory_of(s, &todo_item_model), 0);
    assert_int_equal(atr_memory_models(s, tell, &(told){0}), 0);
    atr_pool_close(pool);
}

static void nodes_of_collections_have_readable_names(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    told t = {0};
    const atr_i64_map *numbers = NULL;
    const todo_item_map *items = NULL;
    const atr_i64_vec *list = NULL;
    for (int64_t i = 0; i < 100; i++) {
        numbers = atr_i64_map_set(s, numbers, i, i);
        items = todo_item_map_set(s, items, i, &todo_item_default);
        list = atr_i64_vec_push(s, list, i);
    }

    atr_memory_models(s, tell, &t);

    assert_true(values_named(&t, "map node") > 200);
    assert_true(values_named(&t, "vector leaf") > 50);
    assert_int_equal(values_named(&t, "atr_i64_map"), 100);
    atr_pool_close(pool);
}

/* Taken over, or still in a pool of its own. */
static void answers_are_counted_with_their_app(void **state)
{
    atr_pool *app = atr_pool_new();
    atr_scope *s = atr_pool_scope(app);
    for (size_t round = 0; round < 2; round++) {
        atr_pool *pool = atr_pool_new();
        atr_scope *in = atr_pool_scope(pool);
        atr_pool_adopt(pool, app);
        for (int64_t i = 0; i < (round == 0 ? 10 : MANY); i++) {
            atr_scope_hold(s, ATR_NEW(in, knot, .number = i));
        }
        assert_int_equal(atr_memory_of(in, &knot_model), atr_memory_of(s, &knot_model));
        atr_pool_close(pool);
    }

    assert_int_equal(atr_memory_now().pools, 2);
    assert_int_equal(atr_memory_of(s, &knot_model), MANY + 10);
    told t = {0};
    atr_memory_models(s, tell, &t);
    assert_int_equal(t.values, atr_memory_now().values);
    atr_scope_close(s);
    atr_pool_close(app);
}

static void what_was_refused_is_not_counted(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    ATR_NEW(s, knot);
    atr_pool_gate(pool, failing_gate, NULL);
    failing_from(0);
    ATR_NEW(s, knot);
    failing_stop();

    assert_int_equal(atr_memory_of(s, &knot_model), 1);
    assert_int_equal(atr_memory_models(s, NULL, NULL), ATR_E_INVALID);
    assert_int_equal(atr_memory_models(NULL, tell, &(told){0}), 0);
    atr_pool_close(pool);
}

static void without_memory_nothing_is_told(void **state)
{
    told t = {0};
    failing_begin();
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    sample_everything(s, 1);

    failing_from(0);
    assert_int_equal(atr_memory_models(s, tell, &t), ATR_E_NO_MEMORY);
    assert_int_equal(t.count, 0);
    failing_from(1);
    assert_true(atr_memory_models(s, tell, &t) > 10);

    atr_pool_close(pool);
    failing_end();
}

/* ---- giving back ---- */

static void trimming_gives_back_blocks_in_which_nothing_lives(void **state)
{
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool), *inner = atr_scope_open(s);
    const knot *kept[3];
    for (int64_t i = 0; i < MANY; i++) {
        const knot *made = ATR_NEW(inner, knot, .number = i);
        if (i % 7000 == 0) {
            atr_scope_hold(s, made);
            kept[i / 7000] = made;
        }
    }
    atr_scope_close(inner);
    size_t before = atr_memory_now().bytes;

    atr_memory_trim(s);

    assert_true(atr_memory_now().bytes <= before);
    assert_true(atr_memory_now().bytes < MANY * sizeof(knot));
    for (int64_t i = 0; i < 3; i++) {
        assert_int_equal(kept[i]->number, i * 7000);
    }
    assert_int_equal(atr_memory_of(s, &knot_model), 3);
    before = atr_memory_now().bytes;
    atr_memory_trim(s);
    assert_int_equal(atr_memory_now().bytes, before);

    /* Cells and lists are in order: what is made again lives as long as it should. */
    inner = atr_scope_open(s);
    for (int64_t i = 0; i < MANY; i++) {
        ATR_NEW(i % 100 == 0 ? s : inner, knot, .number = i);
    }
    atr_scope_close(inner);
    assert_int_equal(atr_memory_of(s, &knot_model), 3 + MANY / 100);
    atr_scope_close(s);
    atr_pool_close(pool);
}

static void an_empty_pool_keeps_no_block_of_cells(void **state)
{
    atr_pool *pool = atr_pool_new();
    size_t before;
    atr_scope *s = atr_pool_scope(pool);
    before = atr_memory_now().bytes;
    sample_item(s, 1, "one");
    atr_scope_clear(s);

    atr_memory_trim(s);

    assert_int_equal(atr_memory_now().bytes, before);
    assert_int_equal(sample_item(s, 2, "two")->id, 2);
    atr_scope_close(s);
    atr_pool_close(pool);
}

static void trimming_takes_in_what_was_adopted(void **state)
{
    atr_pool *app = atr_pool_new(), *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(app), *in = atr_pool_scope(pool);
    atr_pool_adopt(pool, app);
    atr_scope *holder = atr_pool_scope(app);
    for (int64_t i = 0; i < MANY; i++) {
        /* Two thirds die, in one piece: not enough for the home to take the pool over. */
        atr_scope_hold(i < MANY / 3 ? s : holder, ATR_NEW(in, knot, .number = i));
    }
    atr_pool_close(pool);
    atr_scope_close(holder);
    size_t before = atr_memory_now().bytes;

    atr_memory_trim(s);

    assert_int_equal(atr_memory_now().pools, 2);
    assert_true(atr_memory_now().bytes <= before);
    assert_int_equal(atr_memory_of(s, &knot_model), MANY / 3);
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
    atr_pool_close(app);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(every_live_value_is_counted_once),
        BOTH(values_of_one_model_are_counted),
        BOTH(nodes_of_collections_have_readable_names),
        BOTH(answers_are_counted_with_their_app),
        BOTH(what_was_refused_is_not_counted),
        BOTH(without_memory_nothing_is_told),
        BOTH(trimming_gives_back_blocks_in_which_nothing_lives),
        BOTH(an_empty_pool_keeps_no_block_of_cells),
        BOTH(trimming_takes_in_what_was_adopted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
