/* What the tests of views begin with. */
#ifndef ATR_STATE_TESTS_VIEWS_H
#define ATR_STATE_TESTS_VIEWS_H

#include "store_world.h"

#include "tale.h"

enum { IDLE_MAX = 256 }; /* so many results that nobody needs are kept */

static inline void on_number(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    note(user, was, now);
}

static inline int add_other(world *w, int n)
{
    return turn(w, add_to_other, &n);
}

/* A world without a test around it. */
static inline void world_begin(world *w, bool checked)
{
    atr_memory_check(checked);
    w->store = world_store_new(w);
    assert_true(world_add_roots(w));
}

static inline void world_end(world *w)
{
    atr_store_free(w->store);
    assert_int_equal(w->violations, 0);
    assert_int_equal(atr_memory_now().blocks, 0);
    atr_memory_check(false);
}

static inline void notify_until_told(world *w)
{
    for (int rounds = 0; rounds < 4 && atr_store_is_dirty(w->store); rounds++) {
        notify(w);
    }
    assert_false(atr_store_is_dirty(w->store));
}

#endif
