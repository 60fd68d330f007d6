/* Subscribers that write down what they were told, for the tests of subscriptions. Included after
 * store_world.h. */
#ifndef ATR_STATE_TESTS_TALE_H
#define ATR_STATE_TESTS_TALE_H

enum { LOG_MAX = 64 };

typedef struct tale {
    int calls;
    int64_t was, now; /* of the last call; -1 for NULL */
    int destroyed;
    int number;
    int *order; /* numbers of those called, shared */
    int *order_count;
} tale;

static inline void destroy_tale(void *user)
{
    ((tale *)user)->destroyed++;
}

static inline void note(tale *t, int64_t was, int64_t now)
{
    t->calls++;
    t->was = was;
    t->now = now;
    if (t->order != NULL) {
        t->order[(*t->order_count)++] = t->number;
    }
}

static inline void on_tally(atr_event *e, const counter *was, const counter *now, void *user)
{
    assert_non_null(e->run);
    note(user, was->n, now->n);
}

static inline void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : was->id, now == NULL ? -1 : now->id);
}

static inline void on_count(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : *was, now == NULL ? -1 : *now);
}

static inline void on_price(atr_event *e, const double *was, const double *now, void *user)
{
    (void)e;
    note(user, was == NULL ? -1 : (int64_t)(*was * 10), now == NULL ? -1 : (int64_t)(*now * 10));
}

ATR_VIEW(tally_is_odd, bool);
static bool run_odd(atr_view *v)
{
    return ATR_STATE(v, tally)->n % 2 != 0;
}
ATR_VIEW_IMPL(tally_is_odd, bool, run_odd);

static inline void on_odd(atr_event *e, bool was, bool now, void *user)
{
    (void)e;
    note(user, was, now);
}

static inline atr_watch watch_tally(world *w, tale *t)
{
    return ATR_WATCH(w->store, tally, on_tally, t, NULL);
}

/* For tales that live as long as the store. */
static inline atr_watch watch_tally_to_the_end(world *w, tale *t)
{
    return ATR_WATCH(w->store, tally, on_tally, t, destroy_tale);
}

#endif
