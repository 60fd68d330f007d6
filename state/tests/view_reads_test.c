/* What a view has read lives until it returns (rule S1), whatever happens while it runs. */
#include "views.h"

/* From the inside: what a released value of a checked pool is. */
#include "heap.h"

static bool is_dead(const void *value)
{
    return ((const atr_head *)value)->model == &atr_dead_model;
}

ATR_VIEW(first_title, str);
static const atr_str *title_of_first(atr_view *v)
{
    const todo_item *item = ATR_STATE_KEY(v, todos, items, 1);
    return atr_str_format(v->s, "the item %s", item->title->bytes);
}
ATR_VIEW_IMPL(first_title, str, title_of_first);

typedef enum what { READ_ROOT, READ_FIELD, READ_KEY, READ_VIEW, READ_OWN_KEY, READS } what;

enum { TIMES = 4 };

/* What the view reads, again and again while it changes, and who looks at it at its end. */
static struct {
    world *w;
    what what;
    bool churns;
    int alive;
} reading;

static const void *read_once(atr_view *v, const atr_str *key)
{
    switch (reading.what) {
    case READ_ROOT: return ATR_STATE(v, todos);
    case READ_FIELD: return ATR_STATE_FIELD(v, todos, items);
    case READ_KEY: return ATR_STATE_KEY(v, todos, items, 1);
    case READ_VIEW: return ATR_GET(v, first_title);
    default: return key;
    }
}

static void change(world *w, int n)
{
    char title[32];
    snprintf(title, sizeof title, "number %d", n);
    put(w, 1, title);
    notify(w);
    if (reading.churns) {
        assert_int_equal(atr_store_churn(w->store), ATR_OK);
    }
}

ATR_VIEW_KEYED(reads, i64, str);
static int64_t run_reads(atr_view *v, const atr_str *key)
{
    const void *seen[TIMES];
    for (int i = 0; i < TIMES; i++) {
        seen[i] = read_once(v, key);
        seen[i] = read_once(v, key); /* a second time, of which it may be known already */
        change(reading.w, i);
    }
    for (int i = 0; i < TIMES; i++) {
        reading.alive += !is_dead(seen[i]);
    }
    return 0;
}
ATR_VIEW_KEYED_IMPL(reads, i64, str, run_reads);

static void s1_what_a_view_has_read_lives_until_it_returns(void **state)
{
    world *w = *state;
    for (int i = 0; i < 2 * READS; i++) {
        atr_event e;
        reading.w = w;
        reading.what = (what)(i % READS);
        reading.churns = i >= READS;
        reading.alive = 0;
        put(w, 1, "at first");
        event_open(w, &e);
        ATR_GET_KEY(&e, reads, atr_str_format(e.s, "a key of its own: %d", i));
        event_close(w, &e);

        assert_int_equal(reading.alive, TIMES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        BOTH(s1_what_a_view_has_read_lives_until_it_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
