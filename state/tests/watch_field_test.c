/* Fields of any kind, read and watched by themselves (rule T5). */
#include "store_world.h"

#define MOOD(X)             \
    X(MOOD_CALM, 0, "calm") \
    X(MOOD_BUSY, 1, "busy")
ATR_ENUM(mood, MOOD);
ATR_ENUM_IMPL(mood, MOOD);

/* The last field is a byte at the end of the struct. */
#define PANEL(F)               \
    F(str, title)              \
    F(i32, width)              \
    F(opt(f64), zoom)          \
    F(enumeration(mood), mood) \
    F(vec(i64), rows)          \
    F(map(i64, i64), counts)   \
    F(opt(ref(todo_item)), on) \
    F(i64, clock)              \
    F(bool, open)
ATR_MODEL(panel, PANEL);
ATR_MODEL_IMPL(panel, PANEL);
ATR_ROOT(panels, panel);
ATR_ROOT_IMPL(panels, panel, &panel_default);

enum { FIELDS = 9 };

/* ---- changes ---- */

typedef struct change {
    int field; /* in the order above; -1: all are made anew, and are equal */
    int64_t by;
} change;

static void change_panel(atr_finish *f, void *user)
{
    const change *c = user;
    panel next = *ATR_STATE(f, panels);
    switch (c->field) {
    case 0: next.title = atr_str_format(f->s, "%d", (int)c->by); break;
    case 1: next.width = (int32_t)c->by; break;
    case 2: next.zoom = (atr_opt_f64){c->by != 0, (double)c->by}; break;
    case 3: next.mood = c->by % 2 != 0 ? MOOD_BUSY : MOOD_CALM; break;
    case 4: next.rows = atr_i64_vec_push(f->s, next.rows, c->by); break;
    case 5: next.counts = atr_i64_map_set(f->s, next.counts, 1, c->by); break;
    case 6: next.on = ATR_NEW(f->s, todo_item, .id = c->by, .title = next.title); break;
    case 7: next.clock = c->by; break;
    case 8: next.open = c->by % 2 != 0; break;
    default: next.title = atr_str_format(f->s, "%s", next.title->bytes);
    }
    ATR_UPDATE(f, panels, next);
}

static void set(world *w, int field, int64_t by)
{
    assert_int_equal(turn(w, change_panel, &(change){field, by}), 0);
}

/* ---- subscribers: was and now are the whole root ---- */

typedef struct heard {
    int calls;
    const panel *was, *now; /* of the last call; good while it lasts */
    int64_t clock_was, clock_now;
    int32_t width_was, width_now;
} heard;

static void on_panel(atr_event *e, const panel *was, const panel *now, void *user)
{
    heard *h = user;
    (void)e;
    h->calls++;
    h->clock_was = was != NULL ? was->clock : -1;
    h->clock_now = now->clock;
    h->width_was = was != NULL ? was->width : -1;
    h->width_now = now->width;
}

static void watch_all(world *w, heard *all, atr_watch *handles)
{
    atr_watch made[FIELDS] = {
        ATR_WATCH_FIELD(w->store, panels, title, on_panel, &all[0], NULL),
        ATR_WATCH_FIELD(w->store, panels, width, on_panel, &all[1], NULL),
        ATR_WATCH_FIELD(w->store, panels, zoom, on_panel, &all[2], NULL),
        ATR_WATCH_FIELD(w->store, panels, mood, on_panel, &all[3], NULL),
        ATR_WATCH_FIELD(w->store, panels, rows, on_panel, &all[4], NULL),
        ATR_WATCH_FIELD(w->store, panels, counts, on_panel, &all[5], NULL),
        ATR_WATCH_FIELD(w->store, panels, on, on_panel, &all[6], NULL),
        ATR_WATCH_FIELD(w->store, panels, clock, on_panel, &all[7], NULL),
        ATR_WATCH_FIELD(w->store, panels, open, on_panel, &all[8], NULL),
    };
    for (int i = 0; i < FIELDS; i++) {
        assert_int_not_equal(made[i].slot, 0);
        if (handles != NULL) {
            handles[i] = made[i];
        }
    }
}

static void begin(world *w)
{
    atr_scope *s = atr_pool_scope(atr_store_pool(w->store));
    assert_int_equal(atr_store_add_root(w->store, s, &panels_root, &main_group), 0);
    atr_scope_close(s);
}

static void t5_who_watches_a_field_is_told_when_that_field_differs(void **state)
{
    world *w = *state;
    heard all[FIELDS] = {{0}};
    begin(w);
    watch_all(w, all, NULL);

    for (int field = 0; field < FIELDS; field++) {
        set(w, field, 3);
        assert_int_equal(notify(w), 1);
        for (int i = 0; i < FIELDS; i++) {
            assert_int_equal(all[i].calls, i <= field);
        }
    }
    set(w, -1, 0);
    assert_int_equal(notify(w), 0);
}

static void t5_was_and_now_are_those_of_the_field(void **state)
{
    world *w = *state;
    heard width = {0};
    begin(w);
    ATR_WATCH_FIELD(w->store, panels, width, on_panel, &width, NULL);
    set(w, 7, 100);
    notify(w);
    set(w, 7, 200);
    set(w, 1, 5);
    set(w, 7, 300);
    notify(w);

    assert_int_equal(width.calls, 1);
    assert_int_equal(width.width_was, 0);
    assert_int_equal(width.width_now, 5);
    assert_int_equal(width.clock_was, 100); /* it followed, so nothing older lives for it */
    assert_int_equal(width.clock_now, 300);
}

static void t5_a_field_that_is_as_before_in_the_end_is_not_told(void **state)
{
    world *w = *state;
    heard width = {0};
    begin(w);
    ATR_WATCH_FIELD(w->store, panels, width, on_panel, &width, NULL);

    set(w, 1, 5);
    set(w, 1, 0);
    set(w, 7, 1);

    assert_int_equal(notify(w), 0);
    assert_int_equal(width.calls, 0);
}

static void t5_no_old_root_lives_for_a_field_that_stays(void **state)
{
    world *w = *state;
    heard width = {0};
    size_t live;
    begin(w);
    set(w, 4, 1);
    ATR_WATCH_FIELD(w->store, panels, width, on_panel, &width, NULL);
    notify(w);
    live = atr_pool_values(atr_store_pool(w->store));

    for (int i = 0; i < 100; i++) {
        set(w, 7, i + 1);
        set(w, 0, i);
        notify(w);
    }

    assert_int_equal(width.calls, 0);
    assert_in_range(atr_pool_values(atr_store_pool(w->store)), live, live + 1); /* the title */
}

static void t5_who_watches_a_field_that_stays_is_not_looked_at(void **state)
{
    enum { WATCHERS = 50 };
    world *w = *state;
    heard width = {0};
    uint64_t before;
    begin(w);
    for (int i = 0; i < WATCHERS; i++) {
        ATR_WATCH_FIELD(w->store, panels, width, on_panel, &width, NULL);
    }
    before = atr_store_stats_now(w->store).checked;

    set(w, 7, 1);
    assert_int_equal(notify(w), 0);
    assert_int_equal(atr_store_stats_now(w->store).checked, before);

    set(w, 1, 1);
    assert_int_equal(notify(w), WATCHERS);
    assert_int_equal(atr_store_stats_now(w->store).checked, before + WATCHERS);
}

static void on_panel_set_clock(atr_event *e, const panel *was, const panel *now, void *user)
{
    world *w = user;
    (void)e;
    (void)was;
    if (now->clock < 3) {
        set(w, 7, now->clock + 1);
    }
}

static void t5_what_a_subscriber_changes_is_told_too(void **state)
{
    world *w = *state;
    heard before = {0}, after = {0};
    begin(w);
    ATR_WATCH_FIELD(w->store, panels, clock, on_panel, &before, NULL);
    ATR_WATCH_FIELD(w->store, panels, width, on_panel_set_clock, w, NULL);
    ATR_WATCH_FIELD(w->store, panels, clock, on_panel, &after, NULL);

    set(w, 1, 1);
    while (notify(w) > 0) {
    }

    assert_int_equal(before.calls, 1);
    assert_int_equal(after.calls, 1);
    assert_int_equal(before.clock_now, 1);
    assert_int_equal(after.clock_now, 1);
}

static void on_edits(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                     void *user)
{
    (void)e;
    (void)was;
    (void)now;
    *(size_t *)user += edits->count;
}

static void on_entry(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    (void)was;
    *(int64_t *)user = *now;
}

static void a_field_may_be_watched_in_all_ways_at_once(void **state)
{
    world *w = *state;
    heard whole = {0}, root = {0};
    size_t edits = 0;
    int64_t entry = 0;
    begin(w);
    ATR_WATCH_FIELD(w->store, panels, counts, on_panel, &whole, NULL);
    ATR_WATCH_EDITS(w->store, panels, counts, on_edits, &edits, NULL);
    ATR_WATCH_KEY(w->store, panels, counts, 1, on_entry, &entry, NULL);
    ATR_WATCH(w->store, panels, on_panel, &root, NULL);

    set(w, 5, 4);
    assert_int_equal(notify(w), 4);
    set(w, 7, 1);
    assert_int_equal(notify(w), 1);

    assert_int_equal(whole.calls, 1);
    assert_int_equal(root.calls, 2);
    assert_int_equal(edits, 1);
    assert_int_equal(entry, 4);
}

static void what_cannot_be_watched_is_refused(void **state)
{
    world *w = *state;
    int64_t number = 0;
    begin(w);
    assert_int_equal(ATR_WATCH_FIELD(w->store, panels, width, NULL, NULL, NULL).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
    assert_int_equal(
        atr_root_watch_field(w->store, &panels_root, &number, (void (*)(void))on_panel, w, NULL)
            .slot,
        0);
    assert_int_equal(take_violation(w), ATR_E_DEFINITION);
    assert_int_equal(ATR_WATCH_FIELD(w->store, unknown, n, NULL, NULL, NULL).slot, 0);
    assert_int_equal(take_violation(w), ATR_E_INVALID);
}

static void who_asks_is_told_once_and_then_again_by_the_field(void **state)
{
    world *w = *state;
    heard width = {0}, quiet = {0};
    atr_watch handle;
    begin(w);
    set(w, 1, 7);
    notify(w);
    ATR_WATCH_FIELD(w->store, panels, width, on_panel, &quiet, NULL);
    handle = ATR_WATCH_FIELD(w->store, panels, width, on_panel, &width, NULL);

    atr_watch_tell(w->store, handle);
    assert_int_equal(notify(w), 1);
    assert_int_equal(width.width_was, -1);
    assert_int_equal(width.width_now, 7);
    set(w, 7, 1);
    assert_int_equal(notify(w), 0);
    set(w, 1, 8);
    assert_int_equal(notify(w), 2);
    assert_int_equal(width.width_was, 7);

    atr_unwatch(w->store, handle);
    set(w, 1, 9);
    assert_int_equal(notify(w), 1);
    assert_int_equal(quiet.calls, 2);
    assert_int_equal(width.calls, 2);
}

/* ---- views ---- */

static int area_runs;

ATR_VIEW(area, i64);
static int64_t run_area(atr_view *v)
{
    area_runs++;
    return ATR_STATE_FIELD(v, panels, width) *
           (int64_t)atr_i64_vec_count(ATR_STATE_FIELD(v, panels, rows)) *
           (ATR_STATE_FIELD(v, panels, open) ? 1 : -1);
}
ATR_VIEW_IMPL(area, i64, run_area);

static void on_area(atr_event *e, int64_t was, int64_t now, void *user)
{
    heard *h = user;
    (void)e;
    h->calls++;
    h->clock_was = was;
    h->clock_now = now;
}

static void t5_a_view_runs_when_a_field_that_it_read_has_changed(void **state)
{
    world *w = *state;
    heard h = {0};
    begin(w);
    set(w, 4, 1);
    set(w, 8, 1);
    ATR_WATCH_VIEW(w->store, area, on_area, &h, NULL);
    area_runs = 0;

    for (int i = 0; i < 100; i++) {
        set(w, 7, i + 1);
        notify(w);
    }
    assert_int_equal(area_runs, 0);

    set(w, 1, 6);
    notify(w);
    assert_int_equal(area_runs, 1);
    assert_int_equal(h.clock_now, 6);
    set(w, 4, 2);
    notify(w);
    assert_int_equal(area_runs, 2);
    assert_int_equal(h.clock_now, 12);
    set(w, 8, 0);
    notify(w);
    assert_int_equal(area_runs, 3);
    assert_int_equal(h.clock_now, -12);
    assert_int_equal(h.calls, 3);
}

ATR_VIEW(both_numbers, i64);
static int64_t run_both(atr_view *v)
{
    return ATR_STATE_FIELD(v, tally, n) * 100 + ATR_STATE_FIELD(v, other, n);
}
ATR_VIEW_IMPL(both_numbers, i64, run_both);

/* Both are of one model, so it is one field. */
static void t5_the_same_field_of_two_roots_is_two(void **state)
{
    world *w = *state;
    heard h = {0};
    ATR_WATCH_VIEW(w->store, both_numbers, on_area, &h, NULL);

    turn(w, add_to_tally, &(int){1});
    notify(w);
    assert_int_equal(h.clock_now, 100);
    turn(w, add_to_other, &(int){2});
    notify(w);
    assert_int_equal(h.clock_now, 102);
    assert_int_equal(h.calls, 2);
}

static void t5_a_view_that_nobody_watches_keeps_its_result_too(void **state)
{
    world *w = *state;
    atr_event e;
    begin(w);
    area_runs = 0;
    for (int i = 0; i < 10; i++) {
        set(w, 7, i + 1);
        event_open(w, &e);
        assert_int_equal(ATR_GET(&e, area), 0);
        event_close(w, &e);
    }
    assert_int_equal(area_runs, 1);
}

static void read_fields(atr_finish *f, void *user)
{
    panel next = *ATR_STATE(f, panels);
    next.width = 77;
    ATR_UPDATE(f, panels, next);
    assert_int_equal(ATR_STATE_FIELD(f, panels, width), 77);
    (void)user;
}

static void everywhere_else_it_is_the_field_of_the_root(void **state)
{
    world *w = *state;
    atr_event e;
    begin(w);
    assert_int_equal(turn(w, read_fields, NULL), 0);
    event_open(w, &e);
    assert_int_equal(ATR_STATE_FIELD(&e, panels, width), 77);
    event_close(w, &e);
}

/* ---- against a plain model ---- */

static void t5_any_order_of_changes_is_told_as_it_should(void **state)
{
    world *w = *state;
    heard all[FIELDS] = {{0}};
    int64_t told[FIELDS] = {0}, now[FIELDS] = {0};
    uint32_t random = 12345;
    begin(w);
    for (int i = 0; i < FIELDS; i++) {
        set(w, i, 0);
    }
    watch_all(w, all, NULL);
    notify(w);
    for (int step = 0; step < 2000; step++) {
        int changes = (int)((random = random * 1664525u + 1013904223u) >> 30);
        for (int i = 0; i < changes; i++) {
            int field = (int)((random = random * 1664525u + 1013904223u) >> 16) % FIELDS;
            int64_t by = ((random = random * 1664525u + 1013904223u) >> 20) % 2;
            set(w, field, by);
            now[field] = field == 4 ? now[field] + 1 : by;
        }
        for (int i = 0; i < FIELDS; i++) {
            all[i].calls = 0;
        }
        notify(w);
        for (int i = 0; i < FIELDS; i++) {
            /* A ref made anew is equal unless the title in it is another. */
            assert_true(i == 6 || all[i].calls == (told[i] != now[i]));
            told[i] = now[i];
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_who_watches_a_field_is_told_when_that_field_differs),
        BOTH(t5_was_and_now_are_those_of_the_field),
        BOTH(t5_a_field_that_is_as_before_in_the_end_is_not_told),
        BOTH(t5_no_old_root_lives_for_a_field_that_stays),
        BOTH(t5_who_watches_a_field_that_stays_is_not_looked_at),
        BOTH(t5_what_a_subscriber_changes_is_told_too),
        BOTH(a_field_may_be_watched_in_all_ways_at_once),
        BOTH(what_cannot_be_watched_is_refused),
        BOTH(who_asks_is_told_once_and_then_again_by_the_field),
        BOTH(t5_a_view_runs_when_a_field_that_it_read_has_changed),
        BOTH(t5_the_same_field_of_two_roots_is_two),
        BOTH(t5_a_view_that_nobody_watches_keeps_its_result_too),
        BOTH(everywhere_else_it_is_the_field_of_the_root),
        BOTH(t5_any_order_of_changes_is_told_as_it_should),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
