/* Whatever makes something of a collection refuses one that is released or was never published, before it reads it
 * or calls a function of the user; and so it is with keys. */
#include <string.h>

#include "heap.h"
#include "sample.h"

/* What collections are made of. */
typedef struct parts {
    const atr_str *key;
    const todo_item *item;
    const todo_item_vec *items;
    const atr_str_vec *words;
    const atr_i64_vec *numbers;
    const todo_item_map *by_id;
    const todo_item_str_map *by_name;
    const todo_item_omap *in_order;
    const atr_str_str_omap *by_word;
    const atr_i64_set *ids;
    const by_title *titles;
} parts;

static void parts_make(atr_scope *s, parts *p)
{
    p->key = atr_str_new(s, "milk");
    p->item = sample_item(s, 1, "milk");
    p->items = todo_item_vec_of(s, &p->item, 1);
    p->words = atr_str_vec_of(s, &p->key, 1);
    p->numbers = atr_i64_vec_of(s, (int64_t[]){1}, 1);
    p->by_id = todo_item_map_set(s, NULL, 1, p->item);
    p->by_name = todo_item_str_map_set(s, NULL, p->key, p->item);
    p->in_order = todo_item_omap_set(s, NULL, 1, p->item);
    p->by_word = atr_str_str_omap_set(s, NULL, p->key, p->key);
    p->ids = atr_i64_set_add(s, NULL, 1);
    p->titles = by_title_add(s, NULL, p->item);
    assert_null(atr_scope_error(s));
}

/* ---- functions of the user, which are never called ---- */

static bool called;

static const todo_item *same_item(atr_scope *s, const todo_item *item, void *user)
{
    called = true;
    return item;
}
static const todo_item *same_by_id(atr_scope *s, int64_t id, const todo_item *item, void *user)
{
    called = true;
    return item;
}
static const todo_item *same_by_name(atr_scope *s, const atr_str *name, const todo_item *item,
                                     void *user)
{
    called = true;
    return item;
}
static const atr_str *same_word(atr_scope *s, const atr_str *key, const atr_str *word, void *user)
{
    called = true;
    return word;
}
static double real_of(atr_scope *s, int64_t number, void *user)
{
    called = true;
    return (double)number;
}
static const atr_str *title_by_id(atr_scope *s, int64_t id, const todo_item *item, void *user)
{
    called = true;
    return item->title;
}
static const atr_str *title_of(const todo_item *item, void *user)
{
    called = true;
    return item->title;
}
ATR_VEC_TRANSFORM(reals_of, atr_i64_vec, atr_f64_vec);
ATR_MAP_TRANSFORM(titles_by_id, todo_item_map, atr_str_map);
ATR_OMAP_TRANSFORM(titles_in_order, todo_item_omap, atr_str_omap);

/* ---- what makes collections: of one that is bad, and with a key that is ---- */

#define MAKERS(X)                                                                           \
    X(todo_item_vec_push(s, bad->items, good->item))                                        \
    X(todo_item_vec_insert(s, bad->items, 0, good->item))                                   \
    X(todo_item_vec_concat(s, bad->items, good->items))                                     \
    X(todo_item_vec_concat(s, good->items, bad->items))                                     \
    X(todo_item_vec_transform(s, bad->items, same_item, NULL))                              \
    X(reals_of(s, bad->numbers, real_of, NULL))                                             \
    X(todo_item_map_update(s, bad->by_id, 1, good->item, same_by_id, NULL))                 \
    X(todo_item_map_update_present(s, bad->by_id, 1, same_by_id, NULL))                     \
    X(todo_item_map_transform(s, bad->by_id, same_by_id, NULL))                             \
    X(titles_by_id(s, bad->by_id, title_by_id, NULL))                                       \
    X(todo_item_map_keys(s, bad->by_id))                                                    \
    X(todo_item_str_map_index(s, bad->items, title_of, NULL))                               \
    X(atr_str_set_from(s, bad->words))                                                      \
    X(atr_i64_set_from(s, bad->numbers))                                                    \
    X(atr_i64_set_keys(s, bad->ids))                                                        \
    X(todo_item_omap_update(s, bad->in_order, 1, good->item, same_by_id, NULL))             \
    X(todo_item_omap_update_present(s, bad->in_order, 1, same_by_id, NULL))                 \
    X(todo_item_omap_transform(s, bad->in_order, same_by_id, NULL))                         \
    X(titles_in_order(s, bad->in_order, title_by_id, NULL))                                 \
    X(todo_item_omap_slice_range(s, bad->in_order, ATR_BOUND_INCLUSIVE, 1, 0, 0))           \
    X(todo_item_omap_values(s, bad->in_order))                                              \
    X(by_title_from(s, bad->items))                                                         \
    X(by_title_keys(s, bad->titles))                                                        \
    X(todo_item_str_map_update(s, good->by_name, bad->key, good->item, same_by_name, NULL)) \
    X(todo_item_str_map_update_present(s, good->by_name, bad->key, same_by_name, NULL))     \
    X(atr_str_str_omap_update(s, good->by_word, bad->key, good->key, same_word, NULL))      \
    X(atr_str_str_omap_update_present(s, good->by_word, bad->key, same_word, NULL))

#define REFUSES(call) assert_refused(s, #call, (call) == NULL, why);

static void assert_refused(atr_scope *s, const char *call, bool nothing, const char *why)
{
    const atr_error *error = atr_scope_take_error(s);
    if (error == NULL || error->code != ATR_E_REFUSED ||
        strstr(error->message->bytes, why) == NULL || called || !nothing) {
        fail_msg("%s: %s", call, error != NULL ? error->message->bytes : "not refused");
    }
}

static void assert_all_refuse(atr_scope *s, const parts *good, const parts *bad, const char *why)
{
    called = false;
    MAKERS(REFUSES)
}

/* Not under sanitizers, where the cell is given back at once and they tell. */
static void what_is_released_is_refused(void **state)
{
    static const char why[] = "is a released value";
    atr_scope *s = atr_scope_open(NULL), *inner;
    parts good, bad;
    parts_make(s, &good);
    inner = atr_scope_open(s);
    parts_make(inner, &bad);
    atr_scope_close(inner);

    if (!s->pool->direct) {
        assert_all_refuse(s, &good, &bad, why);
        REFUSES(todo_item_vec_update(s, bad.items, 0, same_item, NULL))
        REFUSES(todo_item_vec_set(s, bad.items, SIZE_MAX, good.item))
        REFUSES(todo_item_vec_erase(s, bad.items, SIZE_MAX))
        REFUSES(todo_item_vec_insert(s, bad.items, SIZE_MAX, good.item))
        REFUSES(atr_str_str_omap_slice_range(s, good.by_word, ATR_BOUND_INCLUSIVE, bad.key,
                                             ATR_BOUND_NONE, NULL))
        assert_ptr_equal(atr_str_str_omap_slice_range(s, good.by_word, ATR_BOUND_NONE, bad.key,
                                                      ATR_BOUND_NONE, bad.key),
                         good.by_word); /* what bounds nothing is not read */
    }
    atr_scope_close(s);
}

static void what_was_never_published_is_refused(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str key = {.size = 0};
    const todo_item item = {.id = 1};
    const todo_item_vec items = {.base.size = 0};
    const atr_str_vec words = {.base.size = 0};
    const atr_i64_vec numbers = {.base.size = 0};
    const todo_item_map by_id = {.base.size = 0};
    const todo_item_str_map by_name = {.base.size = 0};
    const todo_item_omap in_order = {.base.size = 0};
    const atr_str_str_omap by_word = {.base.size = 0};
    const atr_i64_set ids = {.base.size = 0};
    const by_title titles = {.base.size = 0};
    const parts bad = {&key,     &item,     &items,   &words, &numbers, &by_id,
                       &by_name, &in_order, &by_word, &ids,   &titles};
    parts good;
    parts_make(s, &good);

    assert_all_refuse(s, &good, &bad, "was never published");
    atr_scope_close(s);
}

static void a_key_that_is_null_is_refused_before_the_function_is_called(void **state)
{
    static const char why[] = "the key is NULL";
    atr_scope *s = atr_scope_open(NULL);
    parts p;
    parts_make(s, &p);
    called = false;

    REFUSES(todo_item_str_map_update(s, p.by_name, NULL, p.item, same_by_name, NULL))
    REFUSES(todo_item_str_map_update_present(s, p.by_name, NULL, same_by_name, NULL))
    REFUSES(atr_str_str_omap_update(s, p.by_word, NULL, p.key, same_word, NULL))
    REFUSES(atr_str_str_omap_update_present(s, p.by_word, NULL, same_word, NULL))
    atr_scope_close(s);
}

static void null_is_no_member_of_a_set_in_an_order_of_its_own(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    parts p;
    parts_make(s, &p);

    assert_null(by_title_find(p.titles, NULL));
    assert_ptr_equal(by_title_find(p.titles, p.item), p.item);
    atr_scope_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CHECKED(what_is_released_is_refused),
        BOTH(what_was_never_published_is_refused),
        BOTH(a_key_that_is_null_is_refused_before_the_function_is_called),
        BOTH(null_is_no_member_of_a_set_in_an_order_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
