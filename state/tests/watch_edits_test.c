/* Subscriptions to edit scripts: lists that follow the state by the edits that they are told. */
#include "failing.h"
#include "watch_lists.h"

#include "random.h"

static void t5_what_lies_between_two_rounds_is_one_script(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    begin(w);
    ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, NULL);
    insert(w, 0, 1);
    insert(w, 1, 2);
    insert(w, 2, 3);

    assert_int_equal(notify(w), 1);
    assert_int_equal(l.calls, 1);
    assert_int_equal(l.edits, 3);

    set(w, 1, 7);
    set(w, 1, 8);
    insert(w, 0, 9);
    erase(w, 0);
    notify(w);
    assert_int_equal(l.calls, 2);
    assert_int_equal(l.edits, 4);

    insert(w, 3, 5);
    erase(w, 3);
    assert_int_equal(notify(w), 0);
    assert_int_equal(l.calls, 2);
}

static void a_list_begins_with_the_rows_that_are_there(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    begin(w);
    insert(w, 0, 1);
    insert(w, 1, 2);

    list_load(&l, ((const lists *)visible(w, &shown_root))->rows);
    ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, NULL);
    assert_int_equal(notify(w), 0);
    assert_int_equal(l.calls, 0);

    insert(w, 1, 3);
    notify(w);
    assert_int_equal(l.edits, 1);
}

static void a_list_that_asks_is_told_all_rows_as_put_in(void **state)
{
    world *w = *state;
    static list l, m;
    begin(w);
    insert(w, 0, 1);
    insert(w, 1, 2);
    l = m = (list){.count = 0};

    atr_watch_tell(w->store, ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, NULL));
    atr_watch_tell(w->store, ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &m, NULL));
    assert_int_equal(notify(w), 2);

    assert_int_equal(l.edits, 2);
    assert_int_equal(m.edits, 1);
    assert_int_equal(l.reloads + m.reloads, 0);
}

static void t5_a_commit_does_not_look_at_subscriptions_to_other_fields(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    uint64_t before;
    begin(w);
    ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, NULL);

    rename_to(w, "x");
    before = atr_store_stats_now(w->store).checked;
    assert_int_equal(notify(w), 0);

    assert_int_equal(atr_store_stats_now(w->store).checked, before);
    assert_int_equal(l.calls, 0);
}

static void t5_a_view_that_gives_a_list_is_told_by_its_edits(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    begin(w);
    ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &l, NULL);
    for (int i = 0; i < 100; i++) {
        insert(w, (size_t)i, i);
    }
    notify(w);
    assert_int_equal(l.edits, 50);

    insert(w, 50, 77); /* the view made its list anew */
    set(w, 10, 12);
    notify(w);
    assert_int_equal(l.edits, 51);

    set(w, 10, 14);
    assert_int_equal(notify(w), 0);
    assert_int_equal(l.calls, 2);
}

static void a_view_with_a_key_is_told_by_its_edits(void **state)
{
    world *w = *state;
    list three = {.count = 0}, five = {.count = 0};
    begin(w);
    ATR_WATCH_VIEW_KEY_EDITS(w->store, multiples, 3, on_odd, &three, NULL);
    ATR_WATCH_VIEW_KEY_EDITS(w->store, multiples, 5, on_odd, &five, NULL);
    for (int i = 0; i < 30; i++) {
        insert(w, (size_t)i, i);
    }
    notify(w);
    erase(w, 9);
    notify(w);

    assert_int_equal(three.edits, 11);
    assert_int_equal(five.edits, 6);
}

static void insert_many(atr_finish *f, void *user)
{
    lists next = *ATR_STATE(f, shown);
    for (size_t i = 0; i < *(size_t *)user; i++) {
        next.rows = atr_i64_vec_push(f->s, next.rows, (int64_t)(2 * i + 1));
    }
    ATR_UPDATE(f, shown, next);
}

static void a_list_that_is_told_more_than_its_limit_loads_anew(void **state)
{
    world *w = *state;
    static list l, m, k;
    size_t many = 20;
    atr_watch of_l, of_m, of_k;
    l = m = k = (list){.count = 0};
    begin(w);
    of_l = ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &l, destroy_list);
    of_m = ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &m, NULL);
    of_k = ATR_WATCH_VIEW_KEY_EDITS(w->store, multiples, 1, on_odd, &k, NULL);
    assert_int_equal(atr_watch_limit_edits(w->store, of_l, 20), ATR_OK);
    assert_int_equal(atr_watch_limit_edits(w->store, of_m, 19), ATR_OK);
    assert_int_equal(atr_watch_limit_edits(w->store, of_k, 1), ATR_OK);

    assert_int_equal(turn(w, insert_many, &many), ATR_OK);
    notify(w);
    assert_int_equal(l.reloads, 0);
    assert_int_equal(l.edits, 20);
    assert_int_equal(m.reloads, 1);
    assert_int_equal(k.reloads, 1);

    many = 21;
    assert_int_equal(atr_watch_limit_edits(w->store, of_m, 0), ATR_OK);
    assert_int_equal(turn(w, insert_many, &many), ATR_OK);
    notify(w);
    assert_int_equal(l.reloads, 1);
    assert_int_equal(m.reloads, 1);
    assert_int_equal(m.edits, 21);

    atr_unwatch(w->store, of_l);
    assert_int_equal(l.destroyed, 1);
    assert_int_equal(atr_watch_limit_edits(w->store, of_l, 20), ATR_E_INVALID);
    assert_int_equal(atr_watch_limit_edits(w->store, (atr_watch){0, 0}, 20), ATR_E_INVALID);
}

static void count_reloads(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                          void *user)
{
    ((list *)user)->calls++;
    ((list *)user)->reloads += edits->items[0].at.kind == ATR_STEP_WHOLE;
    ((list *)user)->edits += (int)edits->count;
}

static void the_limit_is_ten_thousand_edits(void **state)
{
    world *w = *state;
    list l = {.count = 0};
    size_t many = 10000;
    begin(w);
    ATR_WATCH_EDITS(w->store, shown, rows, count_reloads, &l, NULL);
    assert_int_equal(turn(w, insert_many, &many), ATR_OK);
    notify(w);
    assert_int_equal(l.edits, 10000);
    many++;
    assert_int_equal(turn(w, insert_many, &many), ATR_OK);
    notify(w);
    assert_int_equal(l.edits, 10001);
    assert_int_equal(l.reloads, 1);
}

static void on_any(atr_event *e, const lists *was, const lists *now, void *user)
{
}

static void what_is_no_subscription_to_edits_has_no_limit_of_them(void **state)
{
    world *w = *state;
    atr_watch watch;
    begin(w);
    watch = ATR_WATCH_FIELD(w->store, shown, rows, on_any, NULL, NULL);
    assert_int_equal(atr_watch_limit_edits(w->store, watch, 5), ATR_E_INVALID);
    assert_int_equal(atr_watch_limit_edits(NULL, watch, 5), ATR_E_INVALID);
}

static void watch_all(world *w, list lists_of[2])
{
    ATR_WATCH_EDITS(w->store, shown, rows, on_rows, &lists_of[0], NULL);
    ATR_WATCH_VIEW_EDITS(w->store, odd_rows, on_odd, &lists_of[1], NULL);
}

static void change_at_random(world *w)
{
    size_t count = atr_i64_vec_count(((const lists *)visible(w, &shown_root))->rows);
    int64_t row = (int64_t)random_below(30);
    size_t kind = random_below(10);
    if (count == 0 || (kind < 5 && count < 1000)) {
        insert(w, random_below(count + 1), row);
    } else if (kind < 8) {
        erase(w, random_below(count));
    } else {
        set(w, random_below(count), row);
    }
}

static void lists_that_follow_stay_equal_to_the_state(void **state)
{
    static list followers[2];
    world *w = *state;
    size_t steps = random_begin() / 20;
    memset(followers, 0, sizeof followers);
    begin(w);
    watch_all(w, followers);

    for (size_t i = 0; i < steps; i++) {
        for (size_t k = random_below(6); k > 0; k--) {
            change_at_random(w);
        }
        notify(w);
        if (i % 10 == 0) {
            atr_store_churn(w->store);
        }
        list_is(&followers[0], ((const lists *)visible(w, &shown_root))->rows);
    }

    assert_int_equal(followers[0].reloads + followers[1].reloads, 0);
}

/* ---- entries and fields ---- */

typedef struct entry_log {
    char text[200];
} entry_log;

static void on_entries(atr_event *e, const atr_edits *edits, const void *was, const void *now,
                       void *user)
{
    static const char signs[] = "-+~";
    entry_log *log = user;
    (void)was;
    (void)now;
    for (size_t i = 0; i < edits->count; i++) {
        size_t size = strlen(log->text);
        snprintf(log->text + size, sizeof log->text - size, "%c%s ", signs[edits->items[i].kind],
                 atr_edit_path(e->s, &edits->items[i])->bytes);
    }
}

static void put_in_all(atr_finish *f, void *user)
{
    const item_arg *arg = user;
    lists next = *ATR_STATE(f, shown);
    const todo_item *item =
        ATR_NEW(f->s, todo_item, .id = arg->id, .title = atr_str_new(f->s, arg->title));
    next.items = todo_item_map_set(f->s, next.items, arg->id, item);
    next.by_id = todo_item_omap_set(f->s, next.by_id, arg->id, item);
    next.chosen = item;
    ATR_UPDATE(f, shown, next);
}

static void put_all(world *w, int64_t id, const char *title)
{
    item_arg arg = {id, title};
    assert_int_equal(turn(w, put_in_all, &arg), ATR_OK);
}

static void maps_ordered_maps_and_models_are_told_by_their_edits(void **state)
{
    world *w = *state;
    entry_log items = {""}, by_id = {""}, chosen = {""};
    begin(w);
    put_all(w, 3, "a");
    put_all(w, 5, "b");
    ATR_WATCH_EDITS(w->store, shown, items, on_entries, &items, NULL);
    ATR_WATCH_EDITS(w->store, shown, by_id, on_entries, &by_id, NULL);
    ATR_WATCH_EDITS(w->store, shown, chosen, on_entries, &chosen, NULL);

    put_all(w, 4, "c");
    put_all(w, 3, "d");
    notify(w);

    assert_string_equal(items.text, "~[3] +[4] ");
    assert_string_equal(by_id.text, "~[3] +[4] ");
    assert_string_equal(chosen.text, "~id ~title ");
}

/* ---- redacted fields ---- */

#define CLINIC(F)                    \
    F(map(str, i64), visits)         \
    F(omap(str, todo_item), by_name) \
    F(set(str), guests)              \
    F(opt(ref(lists)), file)         \
    F(map(str, i64), rooms)
#define CLINIC_ATTRS(A)          \
    A(visits, .redacted = true)  \
    A(by_name, .redacted = true) \
    A(guests, .redacted = true)  \
    A(file, .redacted = true)
ATR_OMAP(todo_item, str);
ATR_OMAP_IMPL(todo_item, str);
ATR_MODEL(clinic, CLINIC);
ATR_MODEL_IMPL_WITH(clinic, CLINIC, CLINIC_ATTRS, .atr = ATR_HEAD(clinic));
ATR_ROOT(open_clinic, clinic);
ATR_ROOT_IMPL(open_clinic, clinic, &clinic_default);

static void admit(atr_finish *f, void *user)
{
    const atr_str *name = atr_str_new(f->s, user);
    clinic next = *ATR_STATE(f, open_clinic);
    next.visits = atr_i64_str_map_set(f->s, next.visits, name, 1);
    next.by_name = todo_item_str_omap_set(f->s, next.by_name, name, &todo_item_default);
    next.guests = atr_str_set_add(f->s, next.guests, name);
    next.file = ATR_NEW(f->s, lists, .name = name);
    next.rooms = atr_i64_str_map_set(f->s, next.rooms, name, 1);
    ATR_UPDATE(f, open_clinic, next);
}

static void paths_in_a_redacted_field_tell_no_keys(void **state)
{
    static entry_log logs[5];
    world *w = *state;
    atr_store *store = w->store;
    atr_scope *s = atr_pool_scope(atr_store_pool(store));
    assert_int_equal(atr_store_add_root(store, s, &open_clinic_root, &main_group), ATR_OK);
    atr_scope_close(s);
    memset(logs, 0, sizeof logs);
    turn(w, admit, "jo");
    ATR_WATCH_EDITS(store, open_clinic, visits, on_entries, &logs[0], NULL);
    ATR_WATCH_EDITS(store, open_clinic, by_name, on_entries, &logs[1], NULL);
    ATR_WATCH_EDITS(store, open_clinic, guests, on_entries, &logs[2], NULL);
    ATR_WATCH_EDITS(store, open_clinic, file, on_entries, &logs[3], NULL);
    ATR_WATCH_EDITS(store, open_clinic, rooms, on_entries, &logs[4], NULL);

    turn(w, admit, "al");
    notify(w);

    assert_string_equal(logs[0].text, "+[<redacted>] ");
    assert_string_equal(logs[1].text, "+[<redacted>] ");
    assert_string_equal(logs[2].text, "+[<redacted>] ");
    assert_string_equal(logs[3].text, "~name ");
    assert_string_equal(logs[4].text, "+[\"al\"] ");
}

/* ---- memory ---- */

static void follow_with(size_t allocations, list followers[2])
{
    world w = {0};
    w.store = world_store_new(&w);
    begin(&w);
    watch_all(&w, followers);
    for (int i = 0; i < 40; i++) {
        insert(&w, (size_t)(i * 7 % (i + 1)), i);
    }
    notify(&w);
    for (int i = 0; i < 20; i++) {
        set(&w, (size_t)i, 100 + i);
        erase(&w, (size_t)i);
    }
    failing_after(allocations);
    while (atr_store_is_dirty(w.store)) {
        notify(&w);
    }
    failing_stop();
    list_is(&followers[0], ((const lists *)visible(&w, &shown_root))->rows);
    atr_store_free(w.store);
}

static void without_memory_for_a_script_the_whole_changes(void **state)
{
    static list followers[2];
    int reloads = 0;
    (void)state;
    failing_begin();
    for (size_t i = 0; i < 40; i++) {
        memset(followers, 0, sizeof followers);
        follow_with(i, followers);
        reloads += followers[0].reloads + followers[1].reloads;
    }
    assert_true(reloads > 2);
    failing_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(t5_what_lies_between_two_rounds_is_one_script),
        BOTH(a_list_begins_with_the_rows_that_are_there),
        BOTH(a_list_that_asks_is_told_all_rows_as_put_in),
        BOTH(t5_a_commit_does_not_look_at_subscriptions_to_other_fields),
        BOTH(t5_a_view_that_gives_a_list_is_told_by_its_edits),
        BOTH(a_view_with_a_key_is_told_by_its_edits),
        BOTH(a_list_that_is_told_more_than_its_limit_loads_anew),
        BOTH(the_limit_is_ten_thousand_edits),
        BOTH(what_is_no_subscription_to_edits_has_no_limit_of_them),
        BOTH(lists_that_follow_stay_equal_to_the_state),
        BOTH(maps_ordered_maps_and_models_are_told_by_their_edits),
        BOTH(paths_in_a_redacted_field_tell_no_keys),
        cmocka_unit_test(without_memory_for_a_script_the_whole_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
