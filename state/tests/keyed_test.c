/* Entries and members of every kind of map and set, read and watched key by key. */
#include <math.h>

#include "store_world.h"

ATR_OMAP(todo_item, i64);
ATR_OMAP_IMPL(todo_item, i64);
ATR_OMAP(todo_item, time);
ATR_OMAP_IMPL(todo_item, time);

#define SHELF(F)                   \
    F(omap(i64, todo_item), ranks) \
    F(omap(f64, i64), by_weight)   \
    F(omap(time, todo_item), due)  \
    F(omap(str, str), names)       \
    F(map(str, str), notes)        \
    F(set(i64), ids)               \
    F(set(str), tags)              \
    F(oset(i64), numbers)          \
    F(oset(f64), weights)          \
    F(oset(time), days)            \
    F(oset(str), words)
ATR_MODEL(shelf, SHELF);
ATR_MODEL_IMPL(shelf, SHELF);
ATR_ROOT(books, shelf);
ATR_ROOT_IMPL(books, shelf, &shelf_default);

enum { MANY = 3000 };

static int shelf_world(void **state, bool checked)
{
    world *w;
    atr_scope *s;
    int code;
    if (world_setup(state, checked) != 0) {
        return -1;
    }
    w = *state;
    s = atr_pool_scope(atr_store_pool(w->store));
    code = atr_store_add_root(w->store, s, &books_root, NULL);
    atr_scope_close(s);
    return code;
}

static int plain_shelf(void **state)
{
    return shelf_world(state, false);
}

static int checked_shelf(void **state)
{
    return shelf_world(state, true);
}

/* ---- changing it ---- */

/* A key that is put into every map and set, with this number; or removed: number 0. */
typedef struct change {
    double key;
    int64_t number;
} change;

static const todo_item *item_of(atr_scope *s, int64_t number)
{
    return ATR_NEW(s, todo_item, .id = number, .title = &atr_str_default);
}

static const atr_str *text_of(atr_scope *s, double number)
{
    return atr_str_format(s, "%d", (int)number);
}

static void remove_all(atr_scope *s, shelf *next, double key)
{
    const atr_str *text = text_of(s, key);
    int64_t number = (int64_t)key;
    next->ranks = todo_item_omap_remove(s, next->ranks, number);
    next->by_weight = atr_i64_f64_omap_remove(s, next->by_weight, key);
    next->due = todo_item_time_omap_remove(s, next->due, number);
    next->names = atr_str_str_omap_remove(s, next->names, text);
    next->notes = atr_str_str_map_remove(s, next->notes, text);
    next->ids = atr_i64_set_remove(s, next->ids, number);
    next->tags = atr_str_set_remove(s, next->tags, text);
    next->numbers = atr_i64_oset_remove(s, next->numbers, number);
    next->weights = atr_f64_oset_remove(s, next->weights, key);
    next->days = atr_time_oset_remove(s, next->days, number);
    next->words = atr_str_oset_remove(s, next->words, text);
}

static void put_all(atr_scope *s, shelf *next, double key, int64_t value)
{
    const atr_str *text = text_of(s, key), *content = text_of(s, (double)value);
    int64_t number = (int64_t)key;
    next->ranks = todo_item_omap_set(s, next->ranks, number, item_of(s, value));
    next->by_weight = atr_i64_f64_omap_set(s, next->by_weight, key, value);
    next->due = todo_item_time_omap_set(s, next->due, number, item_of(s, value));
    next->names = atr_str_str_omap_set(s, next->names, text, content);
    next->notes = atr_str_str_map_set(s, next->notes, text, content);
    next->ids = atr_i64_set_add(s, next->ids, number);
    next->tags = atr_str_set_add(s, next->tags, text);
    next->numbers = atr_i64_oset_add(s, next->numbers, number);
    next->weights = atr_f64_oset_add(s, next->weights, key);
    next->days = atr_time_oset_add(s, next->days, number);
    next->words = atr_str_oset_add(s, next->words, text);
}

static void apply(atr_finish *f, void *user)
{
    const change *c = user;
    shelf next = *ATR_STATE(f, books);
    if (c->number == 0) {
        remove_all(f->s, &next, c->key);
    } else {
        put_all(f->s, &next, c->key, c->number);
    }
    ATR_UPDATE(f, books, next);
}

static void set(world *w, double key, int64_t number)
{
    change c = {key, number};
    assert_int_equal(turn(w, apply, &c), ATR_OK);
}

static void fill(atr_finish *f, void *user)
{
    shelf next = *ATR_STATE(f, books);
    (void)user;
    for (int64_t i = 1; i <= MANY; i++) {
        put_all(f->s, &next, (double)i, i);
    }
    ATR_UPDATE(f, books, next);
}

/* ---- reading ---- */

enum { FIELDS = 11 };

/* What is at a key in each field; 0: nothing. */
static void read_at(atr_view *c, double key, int64_t found[FIELDS])
{
    const atr_str *text = text_of(c->s, key);
    int64_t number = (int64_t)key;
    const todo_item *rank = ATR_STATE_KEY(c, books, ranks, number);
    const int64_t *weight = ATR_STATE_KEY(c, books, by_weight, key);
    const todo_item *due = ATR_STATE_KEY(c, books, due, number);
    const atr_str *name = ATR_STATE_KEY(c, books, names, text);
    const atr_str *note = ATR_STATE_KEY(c, books, notes, text);
    int64_t all[FIELDS] = {
        rank != NULL ? rank->id : 0,
        weight != NULL ? *weight : 0,
        due != NULL ? due->id : 0,
        name != NULL ? strtol(name->bytes, NULL, 10) : 0,
        note != NULL ? strtol(note->bytes, NULL, 10) : 0,
        ATR_STATE_KEY(c, books, ids, number),
        ATR_STATE_KEY(c, books, tags, text),
        ATR_STATE_KEY(c, books, numbers, number),
        ATR_STATE_KEY(c, books, weights, key),
        ATR_STATE_KEY(c, books, days, number),
        ATR_STATE_KEY(c, books, words, text),
    };
    memcpy(found, all, sizeof all);
}

static void check_event(world *w, double key, int64_t value, bool member)
{
    atr_event e;
    atr_view v;
    int64_t found[FIELDS];
    event_open(w, &e);
    v = (atr_view){e.s, e.ctx};
    read_at(&v, key, found);
    for (int i = 0; i < FIELDS; i++) {
        assert_int_equal(found[i], i < 5 ? value : member);
    }
    event_close(w, &e);
}

static void entries_and_members_are_read_by_key(void **state)
{
    world *w = *state;
    check_event(w, 7, 0, false);

    set(w, 7, 12);
    check_event(w, 7, 12, true);
    check_event(w, 8, 0, false);

    set(w, 7, 0);
    check_event(w, 7, 0, false);
}

static void see_in_finish(atr_finish *f, void *user)
{
    shelf next = *ATR_STATE(f, books);
    next.numbers = atr_i64_oset_add(f->s, next.numbers, 3);
    ATR_UPDATE(f, books, next);
    *(bool *)user = ATR_STATE_KEY(f, books, numbers, 3);
}

static void a_finish_reads_its_own_updates_by_key(void **state)
{
    world *w = *state;
    bool seen = false;
    turn(w, see_in_finish, &seen);
    assert_true(seen);
}

/* ---- views ---- */

static int runs;

ATR_VIEW(all_at_seven, i64);
static int64_t run_all(atr_view *v)
{
    int64_t found[FIELDS], sum = 0;
    runs++;
    read_at(v, 7, found);
    for (int i = 0; i < FIELDS; i++) {
        sum += found[i];
    }
    return sum;
}
ATR_VIEW_IMPL(all_at_seven, i64, run_all);

static int64_t get_all(world *w)
{
    atr_event e;
    int64_t sum;
    event_open(w, &e);
    sum = ATR_GET(&e, all_at_seven);
    event_close(w, &e);
    return sum;
}

static void t5_views_depend_on_the_keys_they_read_in_every_kind_of_field(void **state)
{
    world *w = *state;
    runs = 0;
    assert_int_equal(get_all(w), 0);

    set(w, 8, 1);
    assert_int_equal(get_all(w), 0);
    assert_int_equal(runs, 1);

    set(w, 7, 10);
    assert_int_equal(get_all(w), 5 * 10 + 6);
    set(w, 7, 0);
    assert_int_equal(get_all(w), 0);
    assert_int_equal(runs, 3);
}

/* ---- subscriptions ---- */

typedef struct tale {
    int calls;
    int64_t was, now;
} tale;

static void note(void *user, int64_t was, int64_t now)
{
    tale *t = user;
    t->calls++;
    t->was = was;
    t->now = now;
}

static void on_item(atr_event *e, const todo_item *was, const todo_item *now, void *user)
{
    (void)e;
    note(user, was != NULL ? was->id : 0, now != NULL ? now->id : 0);
}

static void on_number(atr_event *e, const int64_t *was, const int64_t *now, void *user)
{
    (void)e;
    note(user, was != NULL ? *was : 0, now != NULL ? *now : 0);
}

static void on_text(atr_event *e, const atr_str *was, const atr_str *now, void *user)
{
    (void)e;
    note(user, was != NULL ? strtol(was->bytes, NULL, 10) : 0,
         now != NULL ? strtol(now->bytes, NULL, 10) : 0);
}

static void on_member(atr_event *e, bool was, bool now, void *user)
{
    (void)e;
    note(user, was, now);
}

static void watch_at(world *w, double key, tale t[FIELDS])
{
    atr_scope *s = atr_scope_open(NULL);
    const atr_str *text = text_of(s, key);
    int64_t number = (int64_t)key;
    ATR_WATCH_KEY(w->store, books, ranks, number, on_item, &t[0], NULL);
    ATR_WATCH_KEY(w->store, books, by_weight, key, on_number, &t[1], NULL);
    ATR_WATCH_KEY(w->store, books, due, number, on_item, &t[2], NULL);
    ATR_WATCH_KEY(w->store, books, names, text, on_text, &t[3], NULL);
    ATR_WATCH_KEY(w->store, books, notes, text, on_text, &t[4], NULL);
    ATR_WATCH_KEY(w->store, books, ids, number, on_member, &t[5], NULL);
    ATR_WATCH_KEY(w->store, books, tags, text, on_member, &t[6], NULL);
    ATR_WATCH_KEY(w->store, books, numbers, number, on_member, &t[7], NULL);
    ATR_WATCH_KEY(w->store, books, weights, key, on_member, &t[8], NULL);
    ATR_WATCH_KEY(w->store, books, days, number, on_member, &t[9], NULL);
    ATR_WATCH_KEY(w->store, books, words, text, on_member, &t[10], NULL);
    atr_scope_close(s);
}

static void t5_subscribers_to_keys_are_told_in_every_kind_of_field(void **state)
{
    world *w = *state;
    tale t[FIELDS] = {{0}};
    watch_at(w, 7, t);

    set(w, 8, 3);
    assert_int_equal(notify(w), 0);

    set(w, 7, 10);
    assert_int_equal(notify(w), FIELDS);
    for (int i = 0; i < FIELDS; i++) {
        assert_int_equal(t[i].was, 0);
        assert_int_equal(t[i].now, i < 5 ? 10 : 1);
    }

    set(w, 7, 11); /* members stay */
    assert_int_equal(notify(w), 5);

    assert_int_equal(atr_store_churn(w->store), ATR_OK);
    set(w, 7, 0);
    assert_int_equal(notify(w), FIELDS);
    assert_int_equal(t[0].was, 11);
    assert_int_equal(t[0].now, 0);
}

static void t5_subscriptions_on_other_keys_of_any_field_are_not_looked_at(void **state)
{
    world *w = *state;
    static tale t[FIELDS];
    uint64_t before;
    turn(w, fill, NULL);
    for (int i = 1; i <= 1000; i++) {
        watch_at(w, i, t);
    }

    set(w, 1001, 5);
    before = atr_store_stats_now(w->store).checked;
    assert_int_equal(notify(w), 0);
    assert_int_equal(atr_store_stats_now(w->store).checked, before);

    set(w, 500, -5);
    set(w, 501, 0);
    assert_int_equal(notify(w), 5 + FIELDS);
    assert_int_equal(atr_store_stats_now(w->store).checked - before, 5 + FIELDS);
}

/* More keys change than are watched: each is looked up. */
static void t5_a_change_of_all_keys_of_any_field_looks_at_those_watched(void **state)
{
    world *w = *state;
    tale t[2 * FIELDS] = {{0}};
    watch_at(w, 7, t);
    watch_at(w, MANY + 1, t + FIELDS);

    turn(w, fill, NULL);

    assert_int_equal(notify(w), FIELDS);
    assert_int_equal(t[0].calls, 1);
}

/* ---- what is one key ---- */

static void watch_weight(world *w, double key, tale *t)
{
    ATR_WATCH_KEY(w->store, books, weights, key, on_member, t, NULL);
}

static void add_weight(atr_finish *f, void *user)
{
    shelf next = *ATR_STATE(f, books);
    next.weights = atr_f64_oset_add(f->s, next.weights, *(const double *)user);
    ATR_UPDATE(f, books, next);
}

/* Watchers on that many other keys: the difference is looked at only if there are some. */
static void check_zero_and_nan(world *w, int others)
{
    tale zero = {0}, nan = {0}, other = {0};
    double plus = 0.0, strange;
    uint64_t bits = 0xfff8000000000007u; /* another NaN */
    memcpy(&strange, &bits, sizeof strange);
    watch_weight(w, -0.0, &zero);
    watch_weight(w, (double)NAN, &nan);
    for (int i = 0; i < others; i++) {
        watch_weight(w, 100 + i, &other);
    }

    turn(w, add_weight, &plus);
    assert_int_equal(notify(w), 1);
    assert_int_equal(zero.calls, 1);

    turn(w, add_weight, &strange);
    assert_int_equal(notify(w), 1);
    assert_int_equal(nan.calls, 1);
}

static void f64_keys_have_one_nan_and_no_negative_zero(void **state)
{
    check_zero_and_nan(*state, 0);
}

static void f64_keys_of_a_difference_have_one_nan_and_no_negative_zero(void **state)
{
    check_zero_and_nan(*state, 20);
}

#define SHELVES(test)                                                        \
    {#test, test, plain_shelf, world_teardown, NULL},                        \
    {                                                                        \
#test "_in_checked_pools", test, checked_shelf, world_teardown, NULL \
    }

static atr_str draft_of_a_key = {{&atr_str_model, 0, 0, 0}, 1, 0, "1"};

ATR_VIEW(by_draft, bool);
static bool read_by_draft(atr_view *v)
{
    return ATR_STATE_KEY(v, books, notes, &draft_of_a_key) != NULL;
}
ATR_VIEW_IMPL(by_draft, bool, read_by_draft);

ATR_VIEW(by_null, bool);
static bool read_by_null(atr_view *v)
{
    return ATR_STATE_KEY(v, books, notes, NULL) != NULL;
}
ATR_VIEW_IMPL(by_null, bool, read_by_null);

static void on_bool(atr_event *e, bool was, bool now, void *user)
{
    (void)e;
    *(bool *)user = was || now;
}

/* It would be kept, with what the view depends on. */
static void a_view_reads_nothing_by_a_key_that_is_no_value(void **state)
{
    world *w = *state;
    bool found = false;
    set(w, 1, 1);

    ATR_WATCH_VIEW(w->store, by_draft, on_bool, &found, NULL);
    assert_int_equal(take_violation(w), ATR_E_REFUSED);
    ATR_WATCH_VIEW(w->store, by_null, on_bool, &found, NULL);
    set(w, 1, 2);
    notify(w);

    assert_false(found);
    assert_int_equal(w->violations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        SHELVES(entries_and_members_are_read_by_key),
        SHELVES(a_finish_reads_its_own_updates_by_key),
        SHELVES(t5_views_depend_on_the_keys_they_read_in_every_kind_of_field),
        SHELVES(t5_subscribers_to_keys_are_told_in_every_kind_of_field),
        SHELVES(t5_subscriptions_on_other_keys_of_any_field_are_not_looked_at),
        SHELVES(t5_a_change_of_all_keys_of_any_field_looks_at_those_watched),
        SHELVES(a_view_reads_nothing_by_a_key_that_is_no_value),
        SHELVES(f64_keys_have_one_nan_and_no_negative_zero),
        SHELVES(f64_keys_of_a_difference_have_one_nan_and_no_negative_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
