/* A small engine for the tests of the store: it opens turns, events and rounds as the real one does, and
 * records what the store tells it. Included last, by one file of a test program. */
#ifndef ATR_STATE_TESTS_STORE_WORLD_H
#define ATR_STATE_TESTS_STORE_WORLD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <atrium/memory.h>
#include <atrium/turn.h>

#include <cmocka.h>

#define TODO_ITEM(F) \
    F(i64, id)       \
    F(str, title)    \
    F(bool, done)
ATR_MODEL(todo_item, TODO_ITEM);
ATR_MODEL_IMPL(todo_item, TODO_ITEM);

#define TODO_STATE(F)               \
    F(str, name)                    \
    F(map(i64, todo_item), items)   \
    F(map(str, i64), counts)        \
    F(map(i64, f64), prices)        \
    F(map(str, todo_item), by_name) \
    F(opt(ref(todo_item)), chosen)
ATR_MODEL(todo_state, TODO_STATE);
ATR_MODEL_IMPL(todo_state, TODO_STATE);

#define COUNTER(F) F(i64, n)
ATR_MODEL(counter, COUNTER);
ATR_MODEL_IMPL(counter, COUNTER);

ATR_ROOT(todos, todo_state);
ATR_ROOT_IMPL(todos, todo_state, &todo_state_default);
ATR_ROOT(tally, counter);
ATR_ROOT_IMPL(tally, counter, &counter_default);
ATR_ROOT(other, counter);
ATR_ROOT_IMPL(other, counter, &counter_default);
/* Never registered. */
ATR_ROOT(unknown, counter);
ATR_ROOT_IMPL(unknown, counter, &counter_default);

static const int main_group = 1, other_group = 2;

typedef void (*finish_fn)(atr_finish *f, void *user);

/* What stands for a flight: the finish of its layer. */
typedef struct flight {
    finish_fn fn;
    void *user;
    int folds;
} flight;

typedef struct world {
    atr_store *store;
    int violations; /* since the last take_violation */
    int violation_code;
    char violation_text[256];
    int failures; /* since the last take_failure */
    int failure_code;
    char failure_name[64];
    bool refuse_events;
    bool checked;
} world;

static inline void world_violation(void *self, int code, const char *what)
{
    world *w = self;
    w->violations++;
    w->violation_code = code;
    snprintf(w->violation_text, sizeof w->violation_text, "%s", what);
}

static inline void world_failed(void *self, const char *what, const atr_error *error)
{
    world *w = self;
    w->failures++;
    w->failure_code = error->code;
    snprintf(w->failure_name, sizeof w->failure_name, "%s", what);
}

static inline void world_fold(void *self, void *layer, atr_finish *f)
{
    flight *folded = layer;
    folded->folds++;
    folded->fn(f, folded->user);
}

/* Exactly one violation has happened since the last look; its code. */
static inline int take_violation(world *w)
{
    int count = w->violations;
    w->violations = 0;
    return count == 1 ? w->violation_code : -1000 - count;
}

static inline int take_failure(world *w)
{
    int count = w->failures;
    w->failures = 0;
    return count == 1 ? w->failure_code : -1000 - count;
}

/* ---- turns ---- */

/* One callback of an open turn. NULL, or the error it ended with; then it is undone. */
static inline const atr_error *callback(world *w, atr_scope *s, finish_fn fn, void *user)
{
    atr_scope_mark mark = atr_scope_mark_set(s);
    atr_ctx *ctx = atr_ctx_open(w->store, ATR_CTX_FINISH, s, w);
    const atr_error *error;
    atr_turn_mark(w->store);
    if (ctx != NULL) {
        atr_finish f = {s, ctx, atr_ctx_run(ctx), atr_ctx_write(ctx), false};
        fn(&f, user);
    } else {
        atr_scope_fail(s, &atr_error_no_memory);
    }
    atr_ctx_close(ctx);
    error = atr_scope_mark_end(s, mark);
    if (error != NULL) {
        atr_turn_undo(w->store);
    }
    return error;
}

/* A turn of one callback: commits when that does well. 0 or the code of its error. */
static inline int turn(world *w, finish_fn fn, void *user)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    const atr_error *error = &atr_error_no_memory;
    int code;
    if (s != NULL && atr_turn_begin(w->store) == ATR_OK) {
        error = callback(w, s, fn, user);
        if (error == NULL) {
            atr_turn_commit(w->store);
        } else {
            atr_turn_abort(w->store);
        }
    }
    code = error != NULL ? error->code : ATR_OK;
    atr_scope_close(s);
    return code;
}

/* ---- events and rounds ---- */

static inline bool event_open(world *w, atr_event *e)
{
    *e = (atr_event){NULL, NULL, NULL};
    e->s = atr_pool_scope(atr_store_pool(w->store));
    e->ctx = atr_ctx_open(w->store, ATR_CTX_EVENT, e->s, w);
    e->run = atr_ctx_run(e->ctx);
    if (e->ctx == NULL) {
        atr_scope_close(e->s);
    }
    return e->ctx != NULL;
}

static inline void event_close(world *w, atr_event *e)
{
    (void)w;
    atr_ctx_close(e->ctx);
    atr_scope_close(e->s);
}

static inline bool event_may_open(void *self)
{
    const world *w = self;
    return !w->refuse_events;
}

/* How many were told, in nested rounds too. */
static inline size_t notify(world *w)
{
    atr_rounds rounds = {w, w, event_may_open};
    uint64_t before = atr_store_stats_now(w->store).told;
    atr_store_notify(w->store, &rounds);
    return (size_t)(atr_store_stats_now(w->store).told - before);
}

static inline const void *confirmed(world *w, const atr_root *root)
{
    for (size_t i = 0; i < atr_store_root_count(w->store); i++) {
        atr_root_state at = atr_store_root_at(w->store, i);
        if (at.root == root) {
            return at.confirmed;
        }
    }
    return NULL;
}

static inline const void *visible(world *w, const atr_root *root)
{
    for (size_t i = 0; i < atr_store_root_count(w->store); i++) {
        atr_root_state at = atr_store_root_at(w->store, i);
        if (at.root == root) {
            return at.visible;
        }
    }
    return NULL;
}

static inline int64_t confirmed_n(world *w, const atr_root *root)
{
    return ((const counter *)confirmed(w, root))->n;
}

static inline int64_t visible_n(world *w, const atr_root *root)
{
    return ((const counter *)visible(w, root))->n;
}

/* ---- common finishes ---- */

static inline void add_to_tally(atr_finish *f, void *user)
{
    counter next = *ATR_STATE(f, tally);
    next.n += *(const int *)user;
    ATR_UPDATE(f, tally, next);
}

static inline void add_to_other(atr_finish *f, void *user)
{
    counter next = *ATR_STATE(f, other);
    next.n += *(const int *)user;
    ATR_UPDATE(f, other, next);
}

/* An item of this id and title in every map; a NULL title removes it. */
typedef struct item_arg {
    int64_t id;
    const char *title;
} item_arg;

static inline void put_item(atr_finish *f, void *user)
{
    const item_arg *arg = user;
    todo_state next = *ATR_STATE(f, todos);
    if (arg->title == NULL) {
        next.items = todo_item_map_remove(f->s, next.items, arg->id);
    } else {
        next.items = todo_item_map_set(
            f->s, next.items, arg->id,
            ATR_NEW(f->s, todo_item, .id = arg->id, .title = atr_str_new(f->s, arg->title)));
    }
    ATR_UPDATE(f, todos, next);
}

static inline int add(world *w, int n)
{
    return turn(w, add_to_tally, &n);
}

static inline int put(world *w, int64_t id, const char *title)
{
    item_arg arg = {id, title};
    return turn(w, put_item, &arg);
}

/* ---- begin and end of a test ---- */

static inline atr_store *world_store_new(world *w)
{
    atr_store_host host = {w, world_fold, world_failed, world_violation, NULL, NULL};
    return atr_store_new(&host);
}

static inline bool world_add_roots(world *w)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    bool good = s != NULL && atr_store_add_root(w->store, s, &todos_root, &main_group) == ATR_OK &&
                atr_store_add_root(w->store, s, &tally_root, &main_group) == ATR_OK &&
                atr_store_add_root(w->store, s, &other_root, &other_group) == ATR_OK;
    atr_scope_close(s);
    return good;
}

static inline int world_setup(void **state, bool checked)
{
    world *w = calloc(1, sizeof *w);
    atr_memory_check(checked);
    *state = w;
    if (w != NULL) {
        w->checked = checked;
        w->store = world_store_new(w);
    }
    return w != NULL && w->store != NULL && world_add_roots(w) ? 0 : -1;
}

static inline int plain_world(void **state)
{
    return world_setup(state, false);
}

static inline int checked_world(void **state)
{
    return world_setup(state, true);
}

/* Every violation and failure was expected, and nothing is left. */
static inline int world_teardown(void **state)
{
    world *w = *state;
    int unexpected;
    atr_store_free(w->store);
    unexpected = w->violations + w->failures;
    if (w->violations > 0) {
        print_error("violation: %s\n", w->violation_text);
    }
    if (w->failures > 0) {
        print_error("failure: %s %d\n", w->failure_name, w->failure_code);
    }
    free(w);
    atr_memory_check(false);
    return unexpected == 0 && atr_memory_now().blocks == 0 ? 0 : -1;
}

/* In pools as programs use them, and in checked ones. */
#define PLAIN(test)                                    \
    {                                                  \
#test, test, plain_world, world_teardown, NULL \
    }
#define CHECKED(test)                                                        \
    {                                                                        \
#test "_in_checked_pools", test, checked_world, world_teardown, NULL \
    }
#define BOTH(test) PLAIN(test), CHECKED(test)

#endif
