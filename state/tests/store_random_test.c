/* Random turns, savepoints, guesses, rounds and subscriptions against a plain model of them: arrays of
 * numbers. A failure prints its seed; ATR_TEST_SEED repeats it. */
#include "store_world.h"

#include "random.h"

enum { KEYS = 12, SUBS = 40, GUESSES = 6, STEPS = 4000 };

static uint64_t seed;

static unsigned dice(unsigned sides)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % sides;
}

/* ---- the plain model: per key a number, 0: not there ---- */

typedef struct entries {
    int64_t at[KEYS];
} entries;

typedef struct change {
    unsigned key;
    int64_t value; /* 0: remove; in layers and in confirmed state alike */
    bool fails;    /* when the key is not there */
} change;

static bool model_apply(entries *to, const change *c)
{
    if (c->fails && to->at[c->key] == 0) {
        return false;
    }
    to->at[c->key] = c->value;
    return true;
}

static void real_apply(atr_finish *f, void *user)
{
    const change *c = user;
    todo_state next = *ATR_STATE(f, todos);
    bool there = todo_item_map_has(next.items, c->key);
    next.items = c->value == 0 ? todo_item_map_remove(f->s, next.items, c->key)
                               : todo_item_map_set(f->s, next.items, c->key,
                                                   ATR_NEW(f->s, todo_item, .id = c->value,
                                                           .title = &atr_str_default));
    ATR_UPDATE(f, todos, next);
    if (c->fails && !there) {
        atr_fail(f, 1, "not there");
    }
}

/* ---- what a subscriber knows ---- */

typedef struct listener {
    atr_watch handle;
    unsigned kind; /* 0: a key, 1: the root, 2: a view */
    unsigned key;
    int64_t known;
    int told; /* in this round */
} listener;

typedef struct pending {
    atr_layer *layer;
    flight flight;
    change change;
} pending;

typedef struct game {
    world *w;
    entries confirmed;
    pending guesses[GUESSES];
    pending *order[GUESSES]; /* of the layers, the lowest first */
    int guess_count;
    listener listeners[SUBS];
} game;

static entries model_visible(const game *g)
{
    entries seen = g->confirmed;
    for (int i = 0; i < g->guess_count; i++) {
        model_apply(&seen, &g->order[i]->change);
    }
    return seen;
}

static int64_t sum(const entries *of)
{
    int64_t total = 0;
    for (int i = 0; i < KEYS; i++) {
        total += of->at[i] * (i + 1);
    }
    return total;
}

static int64_t model_value(const listener *l, const entries *of)
{
    return l->kind == 0 ? of->at[l->key] : l->kind == 1 ? sum(of) : sum(of) % 3;
}

static int64_t real_sum(const todo_state *of)
{
    todo_item_map_each each = {0};
    int64_t total = 0;
    while (todo_item_map_next(&each, of->items)) {
        total += each.value->id * (each.key + 1);
    }
    return total;
}

ATR_VIEW(sum_mod_three, i64);
static int64_t run_sum(atr_view *v)
{
    int64_t total = 0;
    for (int i = 0; i < KEYS; i++) {
        const todo_item *item = ATR_STATE_KEY(v, todos, items, i);
        total += item != NULL ? item->id * (i + 1) : 0;
    }
    return total % 3;
}
ATR_VIEW_IMPL(sum_mod_three, i64, run_sum);

static void told(listener *l, int64_t was, int64_t now)
{
    assert_int_equal(was, l->known);
    assert_int_not_equal(was, now);
    l->known = now;
    l->told++;
}

static void on_key(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    told(user, was != NULL ? was->id : 0, now != NULL ? now->id : 0);
}

static void on_root(atr_event *e, const todo_state *was, const todo_state *now, void *user)
{
    listener *l = user;
    (void)e;
    assert_int_equal(real_sum(was), l->known);
    l->known = real_sum(now);
    l->told++;
}

static void on_view(atr_event *e, int64_t was, int64_t now, void *user)
{
    (void)e;
    told(user, was, now);
}

/* ---- moves ---- */

static change random_change(void)
{
    change c = {dice(KEYS), dice(4), dice(4) == 0};
    return c;
}

static void move_turn(game *g)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(g->w->store));
    entries working = g->confirmed;
    bool commits = dice(5) != 0;
    atr_turn_begin(g->w->store);
    for (unsigned i = dice(4); i-- > 0;) {
        change c = random_change();
        const atr_error *error = callback(g->w, s, real_apply, &c);
        assert_int_equal(model_apply(&working, &c), error == NULL);
    }
    if (commits) {
        atr_turn_commit(g->w->store);
        g->confirmed = working;
    } else {
        atr_turn_abort(g->w->store);
    }
    atr_scope_close(s);
}

static pending *guess_free(game *g)
{
    for (int i = 0; i < GUESSES; i++) {
        if (g->guesses[i].layer == NULL) {
            return &g->guesses[i];
        }
    }
    return NULL;
}

static void guess_add(game *g)
{
    pending *p = guess_free(g);
    if (p == NULL) {
        return;
    }
    p->change = random_change();
    p->flight = (flight){real_apply, &p->change, 0};
    p->layer = atr_layer_add(g->w->store, &p->flight);
    assert_non_null(p->layer);
    g->order[g->guess_count++] = p;
    atr_store_refold(g->w->store);
}

/* An answer comes: right, wrong or an error. */
static void guess_answer(game *g)
{
    int at = (int)dice((unsigned)g->guess_count);
    pending *p = g->order[at];
    change c = dice(2) == 0 ? p->change : random_change();
    atr_layer_remove(g->w->store, p->layer);
    p->layer = NULL;
    g->guess_count--;
    memmove(&g->order[at], &g->order[at + 1], (size_t)(g->guess_count - at) * sizeof g->order[0]);
    if (dice(3) != 0 && turn(g->w, real_apply, &c) == ATR_OK) {
        model_apply(&g->confirmed, &c);
    } else {
        atr_store_refold(g->w->store);
    }
}

static void move_guess(game *g)
{
    if (g->guess_count == 0 || dice(2) == 0) {
        guess_add(g);
    } else {
        guess_answer(g);
    }
}

static void move_subscription(game *g)
{
    listener *l = &g->listeners[dice(SUBS)];
    entries now = model_visible(g);
    if (l->handle.slot != 0) {
        atr_unwatch(g->w->store, l->handle);
        l->handle = (atr_watch){0, 0};
        return;
    }
    *l = (listener){.kind = dice(8) == 0 ? 1 : dice(4) == 0 ? 2 : 0, .key = dice(KEYS)};
    l->known = model_value(l, &now);
    if (l->kind == 0) {
        l->handle = ATR_WATCH_KEY(g->w->store, todos, items, l->key, on_key, l, NULL);
    } else if (l->kind == 1) {
        l->handle = ATR_WATCH(g->w->store, todos, on_root, l, NULL);
    } else {
        l->handle = ATR_WATCH_VIEW(g->w->store, sum_mod_three, on_view, l, NULL);
    }
    assert_int_not_equal(l->handle.slot, 0);
}

static void move_round(game *g)
{
    entries now = model_visible(g);
    for (int i = 0; i < SUBS; i++) {
        g->listeners[i].told = 0;
    }
    notify(g->w);
    for (int i = 0; i < SUBS; i++) {
        const listener *l = &g->listeners[i];
        if (l->handle.slot != 0) {
            assert_int_equal(l->known, model_value(l, &now));
            assert_true(l->told <= 1);
        }
    }
    assert_false(atr_store_is_dirty(g->w->store));
}

static void assert_state(const game *g)
{
    entries now = model_visible(g);
    assert_int_equal(real_sum(confirmed(g->w, &todos_root)), sum(&g->confirmed));
    assert_int_equal(real_sum(visible(g->w, &todos_root)), sum(&now));
}

static void play(game *g)
{
    for (size_t step = 0; step < random_steps(STEPS, 100 * STEPS); step++) {
        switch (dice(6)) {
        case 0:
        case 1: move_turn(g); break;
        case 2: move_guess(g); break;
        case 3: move_subscription(g); break;
        case 4: move_round(g); break;
        default:
            if (dice(4) == 0) {
                assert_int_equal(atr_store_churn(g->w->store), ATR_OK);
            }
        }
        assert_state(g);
    }
    while (g->guess_count > 0) {
        guess_answer(g);
    }
    move_round(g);
    assert_ptr_equal(visible(g->w, &todos_root), confirmed(g->w, &todos_root));
}

static void the_store_does_what_a_plain_model_does(void **state)
{
    static game g;
    const char *wanted = getenv("ATR_TEST_SEED");
    seed = wanted != NULL ? strtoull(wanted, NULL, 10) : (uint64_t)(uintptr_t)*state >> 4;
    print_message("# ATR_TEST_SEED=%llu\n", (unsigned long long)seed);
    g = (game){.w = *state};

    play(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(the_store_does_what_a_plain_model_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
