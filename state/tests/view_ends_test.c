/* What ends with the values that a view has read before may do anything, when the view has just run. */
#include "views.h"

#define FRAME(F)       \
    F(opaque, picture) \
    F(i64, n)
ATR_MODEL(frame, FRAME);
ATR_MODEL_IMPL(frame, FRAME);
ATR_ROOT(wall, frame);
ATR_ROOT_IMPL(wall, frame, &frame_default);

/* It holds the value of the root that it has read, to its next run. */
ATR_VIEW(number_shown, i64);
static int64_t run_number_shown(atr_view *v)
{
    return ATR_STATE(v, wall)->n;
}
ATR_VIEW_IMPL(number_shown, i64, run_number_shown);

/* What hangs on the wall, and what is done when it ends. */
typedef struct picture {
    world *w;
    void (*act)(world *w);
    bool gone;
} picture;

static void picture_destroy(void *pointer)
{
    picture *p = pointer;
    p->gone = true;
    p->act(p->w);
}

static void hang(atr_finish *f, void *user)
{
    frame next = *ATR_STATE(f, wall);
    next.picture = atr_opaque_new(f->s, "picture", user, picture_destroy);
    next.n++;
    ATR_UPDATE(f, wall, next);
}

static void take_off(atr_finish *f, void *user)
{
    frame next = *ATR_STATE(f, wall);
    (void)user;
    next.picture = NULL;
    next.n++;
    ATR_UPDATE(f, wall, next);
}

static int64_t get_shown(world *w)
{
    atr_event e;
    int64_t n;
    event_open(w, &e);
    n = ATR_GET(&e, number_shown);
    event_close(w, &e);
    return n;
}

static void add_wall(world *w)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    assert_int_equal(atr_store_add_root(w->store, s, &wall_root, &main_group), ATR_OK);
    atr_scope_close(s);
}

/* The view runs in a round, and what it has read before is the last to hold the picture. */
static void check_told(world *w, void (*act)(world *w), int64_t last)
{
    tale t = {0};
    picture p = {w, act, false};
    atr_watch watch;
    add_wall(w);
    watch = ATR_WATCH_VIEW(w->store, number_shown, on_number, &t, NULL);
    turn(w, hang, &p);
    notify(w);
    assert_int_equal(t.now, 1);

    turn(w, take_off, NULL);
    notify_until_told(w);

    assert_true(p.gone);
    assert_int_equal(get_shown(w), last);
    assert_int_equal(t.now, last);
    turn(w, take_off, NULL); /* it follows still */
    notify_until_told(w);
    assert_int_equal(t.now, last + 1);
    atr_unwatch(w->store, watch);
}

static void commit(world *w)
{
    turn(w, take_off, NULL);
}

static void t5_a_view_follows_a_turn_that_runs_when_what_it_had_read_ends(void **state)
{
    check_told(*state, commit, 3);
}

static void commit_and_tell(world *w)
{
    turn(w, take_off, NULL);
    notify(w);
}

static void t5_a_view_follows_a_round_that_runs_when_what_it_had_read_ends(void **state)
{
    check_told(*state, commit_and_tell, 3);
}

static void commit_and_read(world *w)
{
    for (int i = 0; i < 3; i++) {
        turn(w, take_off, NULL);
        get_shown(w);
        notify(w);
    }
}

static void t5_a_view_may_be_asked_for_when_what_it_had_read_ends(void **state)
{
    check_told(*state, commit_and_read, 5);
}

/* The same of a view that nobody is told of. */
static void t5_a_view_is_right_after_it_was_asked_for_when_what_it_had_read_ended(void **state)
{
    world *w = *state;
    picture p = {w, commit_and_read, false};
    add_wall(w);
    turn(w, hang, &p);
    notify(w);
    assert_int_equal(get_shown(w), 1);
    turn(w, take_off, NULL);
    notify(w);

    get_shown(w);

    assert_true(p.gone);
    assert_int_equal(get_shown(w), 5);
    turn(w, take_off, NULL);
    assert_int_equal(get_shown(w), 6);
    notify(w);
}

static tale late_tale;

static void watch_it(world *w)
{
    ATR_WATCH_VIEW(w->store, number_shown, on_number, &late_tale, NULL);
}

static void t5_a_view_that_is_watched_when_what_it_had_read_ends_is_followed(void **state)
{
    world *w = *state;
    picture p = {w, watch_it, false};
    late_tale = (tale){0};
    add_wall(w);
    turn(w, hang, &p);
    get_shown(w);
    turn(w, take_off, NULL);
    notify(w);
    get_shown(w);
    assert_true(p.gone);

    turn(w, take_off, NULL);
    notify_until_told(w);

    assert_int_equal(late_tale.calls, 1);
    assert_int_equal(late_tale.was, 2);
    assert_int_equal(late_tale.now, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_a_view_follows_a_turn_that_runs_when_what_it_had_read_ends),
        BOTH(t5_a_view_follows_a_round_that_runs_when_what_it_had_read_ends),
        BOTH(t5_a_view_may_be_asked_for_when_what_it_had_read_ends),
        BOTH(t5_a_view_is_right_after_it_was_asked_for_when_what_it_had_read_ended),
        BOTH(t5_a_view_that_is_watched_when_what_it_had_read_ends_is_followed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
