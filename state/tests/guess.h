/* Guesses: layers as the framework makes them. Included after store_world.h. */
#ifndef ATR_STATE_TESTS_GUESS_H
#define ATR_STATE_TESTS_GUESS_H

/* A guess under way: its layer, and what its finish does, guessed or confirmed. */
typedef struct guess {
    flight flight;
    atr_layer *layer;
} guess;

static inline void guess_begin(world *w, guess *g, finish_fn fn, void *user)
{
    g->flight = (flight){fn, user, 0};
    g->layer = atr_layer_add(w->store, &g->flight);
    assert_non_null(g->layer);
    atr_store_refold(w->store);
}

/* The answer: the layer goes, finish runs on the confirmed state (life cycle 3, 4). */
static inline int guess_confirm(world *w, guess *g)
{
    atr_layer_remove(w->store, g->layer);
    g->layer = NULL;
    return turn(w, g->flight.fn, g->flight.user);
}

static inline void guess_roll_back(world *w, guess *g)
{
    atr_layer_remove(w->store, g->layer);
    g->layer = NULL;
    atr_store_refold(w->store);
}

static inline size_t items_visible(world *w)
{
    return todo_item_map_count(((const todo_state *)visible(w, &todos_root))->items);
}

static inline void count_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static inline void count_todos(atr_event *e, const todo_state *was, const todo_state *now,
                               void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

static inline void count_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    (void)e;
    (void)was;
    (void)now;
    ++*(int *)user;
}

#endif
