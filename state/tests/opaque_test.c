#include <pthread.h>
#include <string.h>

#include "failing.h"
#include "sample.h"

#define PICTURE(F) \
    F(i64, id)     \
    F(opaque, image)
ATR_MODEL(picture, PICTURE);
ATR_MODEL_IMPL(picture, PICTURE);

static size_t destroyed;

static void destroy(void *pointer)
{
    destroyed++;
    *(int *)pointer += 1;
}

static const picture *picture_of(atr_scope *s, int *image)
{
    return ATR_NEW(s, picture, .id = 1, .image = atr_opaque_new(s, "image", image, destroy));
}

static void the_destructor_runs_when_the_last_holder_lets_go(void **state)
{
    int image = 0;
    atr_scope *s = atr_scope_open(NULL), *inner = atr_scope_open(s);
    const picture *p = picture_of(inner, &image), *moved;

    atr_scope_yield(inner, p);
    inner = atr_scope_close(inner);
    assert_int_equal(image, 0);
    moved = ATR_NEW(s, picture, .id = 2, .image = p->image);
    atr_value_hold(moved);
    atr_scope_close(s);
    assert_int_equal(image, 0);
    assert_ptr_equal(atr_opaque_pointer(moved->image, "image"), &image);
    atr_value_release(moved);

    assert_int_equal(image, 1);
}

static void the_pointer_is_read_by_its_name(void **state)
{
    int image = 0;
    atr_scope *s = atr_scope_open(NULL);
    const atr_opaque *v = atr_opaque_new(s, "image", &image, NULL);

    assert_ptr_equal(atr_opaque_pointer(v, "image"), &image);
    assert_null(atr_opaque_pointer(v, "file"));
    assert_null(atr_opaque_pointer(v, NULL));
    assert_null(atr_opaque_pointer(NULL, "image"));
    atr_scope_close(s);
    assert_int_equal(image, 0);
}

static void the_pointer_is_consumed_on_failure_too(void **state)
{
    int image = 0;
    atr_scope *s = atr_scope_open(NULL);

    assert_null(atr_opaque_new(s, NULL, &image, destroy));
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_INVALID);
    assert_int_equal(image, 1);
    assert_null(atr_opaque_new(s, "image", NULL, destroy));
    assert_string_equal(atr_scope_take_error(s)->message->bytes,
                        "atr_opaque_new: the pointer is NULL");
    assert_null(atr_opaque_new(NULL, "image", &image, destroy));
    assert_int_equal(image, 2);
    atr_scope_close(s);
}

static void without_memory_the_destructor_runs_at_once(void **state)
{
    int image = 0;
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);

    atr_pool_gate(pool, failing_gate, NULL);
    failing_from(0);
    assert_null(atr_opaque_new(s, "image", &image, destroy));
    failing_stop();

    assert_int_equal(image, 1);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_NO_MEMORY);
    atr_pool_close(pool);
    assert_int_equal(image, 1);
}

static void opaque_values_are_equal_by_their_pointer(void **state)
{
    int image = 0, other = 0;
    atr_scope *s = atr_scope_open(NULL);
    const picture *a = ATR_NEW(s, picture, .image = atr_opaque_new(s, "image", &image, NULL));
    const picture *b = ATR_NEW(s, picture, .image = atr_opaque_new(s, "image", &image, NULL));
    const picture *c = ATR_NEW(s, picture, .image = atr_opaque_new(s, "image", &other, NULL));

    assert_true(atr_equal(a, b));
    assert_int_equal(atr_hash(a), atr_hash(b));
    assert_int_equal(atr_compare(a, b), 0);
    assert_false(atr_equal(a, c));
    assert_false(atr_equal(a, &picture_default));
    assert_int_equal(atr_compare(a, c), -atr_compare(c, a));
    assert_true(atr_compare(&picture_default, a) < 0);
    atr_scope_close(s);
}

static void another_value_is_no_opaque_one(void **state)
{
    atr_scope *s = atr_scope_open(NULL);
    picture draft = {ATR_DRAFT, .id = 1};

    draft.image = (const atr_opaque *)(const void *)ATR_STR(s, "text");
    if (atr_careful_(s)) {
        assert_ptr_equal(picture_new(s, draft), &picture_default);
        assert_string_equal(atr_scope_take_error(s)->message->bytes,
                            "picture.image is a value of another model");
    }
    atr_scope_close(s);
}

/* ---- copies ---- */

static void copies_share_it(void **state)
{
    int image = 0;
    atr_scope *s = atr_scope_open(NULL);
    const picture *copy = NULL;
    const atr_opaque *alone = NULL;

    ATR_SCOPE(inner, s) {
        const picture *p = picture_of(inner, &image);
        copy = atr_copy(s, p);
        alone = atr_copy(s, p->image);
    }
    assert_ptr_equal(atr_opaque_pointer(copy->image, "image"), &image);
    assert_ptr_equal(alone, copy->image);
    assert_int_equal(image, 0);
    atr_scope_close(s);
    assert_int_equal(image, 1);
}

static void a_copy_that_fails_shares_nothing(void **state)
{
    int image = 0;
    atr_pool *pool = atr_pool_new();
    atr_scope *s = atr_pool_scope(pool);
    const picture *p = picture_of(s, &image);
    const picture *items[] = {p, p};
    const picture_vec *v = picture_vec_of(s, items, 2);
    size_t count = 0;
    atr_pool_gate(pool, failing_gate, NULL);

    for (bool failed = true; failed; count++) {
        atr_scope *inner = atr_scope_open(s);
        failing_from(count);
        failed = atr_copy(inner, v) == NULL;
        failing_stop();
        assert_int_equal(atr_scope_take_error(inner) != NULL, failed);
        atr_scope_close(inner);
        assert_int_equal(p->image->atr.count, 2);
    }
    assert_true(count > 2);
    atr_pool_close(pool);
    assert_int_equal(image, 1);
}

static void a_copy_to_another_app_is_refused(void **state)
{
    int image = 0;
    atr_pool *home = atr_pool_new(), *pool = atr_pool_new();
    atr_scope *here = atr_pool_scope(home), *there = atr_pool_scope(pool);
    const picture *p = picture_of(here, &image);

    assert_ptr_equal(atr_copy(there, p), &picture_default);
    assert_string_equal(atr_scope_take_error(there)->message->bytes,
                        "atr_copy: opaque(image) cannot leave its thread and app");
    assert_null(atr_copy(there, p->image));
    assert_int_equal(atr_scope_take_error(there)->code, ATR_E_REFUSED);
    assert_int_equal(atr_pool_values(pool), 4); /* two errors with their texts */
    atr_pool_close(pool);
    assert_int_equal(p->image->atr.count, 2);
    atr_pool_close(home);
    assert_int_equal(image, 1);
}

typedef struct crossing {
    const picture *p;
    int code;
} crossing;

static void *copy_elsewhere(void *user)
{
    crossing *c = user;
    atr_scope *s = atr_scope_open(NULL);
    atr_copy(s, c->p);
    c->code = atr_scope_error(s) != NULL ? atr_scope_error(s)->code : 0;
    atr_scope_close(s);
    return NULL;
}

static void a_copy_to_another_thread_is_refused(void **state)
{
    int image = 0;
    atr_scope *s = atr_scope_open(NULL);
    crossing c = {picture_of(s, &image), 0};
    pthread_t thread;

    pthread_create(&thread, NULL, copy_elsewhere, &c);
    pthread_join(thread, NULL);

    assert_int_equal(c.code, ATR_E_REFUSED);
    atr_scope_close(s);
    assert_int_equal(image, 1);
}

static void it_moves_with_a_pool_that_is_handed_over(void **state)
{
    int image = 0;
    atr_pool *home = atr_pool_new(), *worker = atr_pool_new();
    atr_scope *s = atr_pool_scope(home), *there = atr_pool_scope(worker);
    const picture *p = picture_of(there, &image), *copy;

    atr_pool_detach(worker);
    assert_ptr_equal(atr_copy(s, p), &picture_default);
    assert_int_equal(atr_scope_take_error(s)->code, ATR_E_REFUSED);
    atr_pool_adopt(worker, home);
    copy = atr_copy(s, p);
    assert_null(atr_scope_error(s));
    atr_pool_close(worker);
    assert_ptr_equal(atr_opaque_pointer(copy->image, "image"), &image);
    assert_int_equal(image, 0);
    atr_pool_close(home);
    assert_int_equal(image, 1);
}

/* ---- destructors that use the library ---- */

static atr_pool *used;

/* Makes values, drops some with opaque values among them. */
static void destroy_and_use(void *pointer)
{
    size_t *left = pointer;
    destroyed++;
    for (int i = 0; i < 2; i++) {
        atr_scope *s = i == 0 ? atr_scope_open(NULL) : atr_pool_scope(used);
        const atr_str *text = atr_str_format(s, "%zu are left", *left);
        assert_non_null(atr_i64_str_omap_set(s, NULL, text, 1));
        if (*left > 0) {
            *left -= 1;
            atr_opaque_new(s, "more", left, destroy_and_use);
        }
        assert_null(atr_scope_error(s));
        atr_scope_close(s);
    }
}

static void a_destructor_may_use_the_library(void **state)
{
    size_t left = 100;
    atr_scope *s = atr_scope_open(NULL), *inner;
    used = atr_pool_new();
    destroyed = 0;

    inner = atr_scope_open(s);
    for (int i = 0; i < 50; i++) {
        const knot *chain = ATR_NEW(inner, knot, .number = i);
        assert_non_null(ATR_NEW(inner, ladder, .by_id = NULL,
                                .image = atr_opaque_new(inner, "user", &left, destroy_and_use)));
        assert_non_null(ATR_NEW(inner, knot, .next = chain));
    }
    atr_scope_close(inner);

    assert_int_equal(left, 0);
    assert_int_equal(destroyed, 150);
    atr_scope_close(s);
    assert_int_equal(atr_memory_now().values, 0);
    atr_pool_close(used);
}

/* The last value of a closed pool, and of a thread's own. */
static void a_destructor_may_be_the_last_to_use_a_pool(void **state)
{
    size_t left = 3;
    atr_pool *pool = atr_pool_new();
    const atr_opaque *v;
    used = atr_pool_new();

    v = atr_opaque_new(atr_pool_scope(pool), "user", &left, destroy_and_use);
    atr_value_hold(v);
    atr_pool_close(pool);
    assert_int_equal(left, 3);
    atr_value_release(v);
    assert_int_equal(left, 0);

    left = 3;
    ATR_SCOPE(s, NULL) {
        assert_non_null(atr_opaque_new(s, "user", &left, destroy_and_use));
    }
    assert_int_equal(left, 0);
    atr_pool_close(used);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_destructor_runs_when_the_last_holder_lets_go),
        BOTH(the_pointer_is_read_by_its_name),
        BOTH(the_pointer_is_consumed_on_failure_too),
        BOTH(without_memory_the_destructor_runs_at_once),
        BOTH(opaque_values_are_equal_by_their_pointer),
        BOTH(another_value_is_no_opaque_one),
        BOTH(copies_share_it),
        BOTH(a_copy_that_fails_shares_nothing),
        BOTH(a_copy_to_another_app_is_refused),
        BOTH(a_copy_to_another_thread_is_refused),
        BOTH(it_moves_with_a_pool_that_is_handed_over),
        BOTH(a_destructor_may_use_the_library),
        BOTH(a_destructor_may_be_the_last_to_use_a_pool),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
