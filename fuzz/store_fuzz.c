/* Bytes are what an application and its world do to a store: queries that are answered, fail, are cancelled or
 * run out of time, with and without a prediction; subscriptions of every form; views; values that are kept.
 * Two apps go in step, one whose copies borrow and one whose copies count, and both must agree with a plain
 * model: arrays of numbers. */
#include "fuzz.h"

#include <stdio.h>

#include <atrium/testkit.h>

#include "store_app.h"
#include "store_watch.h"

enum { PENDING = 8, WATCHES = 16, KEPT = 6, STEPS_MAX = 100 };

/* ---- what goes on ---- */

/* The calls of one query, in one of the apps. */
typedef struct outcome {
    int successes, errors, cancels, freed;
} outcome;

typedef struct pending {
    bool used, predicted, slow, over; /* over: a late answer may be sent still */
    bool cancelled,
        timed_out; /* a write was asked to end, or took too long: its provider decides */
    int64_t key, value;
    bool needs;
    uint64_t due; /* the clock at which it is over */
} pending;

typedef struct side {
    atr_test *t;
    atr_handle handles[PENDING];
    outcome outcomes[PENDING];
    watcher watchers[WATCHES];
    const shelf *kept[KEPT];
} side;

static struct {
    side sides[2];
    plain confirmed;
    pending pending[PENDING];
    int order[PENDING]; /* of those with a prediction, the lowest first */
    int order_count;
    plain kept[KEPT];
    uint64_t clock;
    bool churn;
} g;

static plain visible(void)
{
    plain p = g.confirmed;
    for (int i = 0; i < g.order_count; i++) {
        const pending *q = &g.pending[g.order[i]];
        plain_put(&p, q->key, q->value, q->needs);
    }
    return p;
}

/* ---- subscribers ---- */

static void move_watch(uint8_t a, uint8_t b)
{
    plain now = visible();
    for (int i = 0; i < 2; i++) {
        watcher *w = &g.sides[i].watchers[a % WATCHES];
        if (w->handle.slot != 0) {
            atr_unwatch(g.sides[i].t->store, w->handle);
            w->handle = (atr_watch){0, 0};
            check(w->destroyed == 1);
        } else {
            *w = (watcher){.kind = b % WATCH_KINDS, .key = b / WATCH_KINDS % KEYS, .once = a >> 7};
            watch(g.sides[i].t->store, w, &now);
        }
    }
}

static void watchers_check(void)
{
    plain now = visible();
    int64_t rows[ROWS];
    for (int i = 0; i < WATCHES; i++) {
        const watcher *w = &g.sides[0].watchers[i], *other = &g.sides[1].watchers[i];
        check((w->handle.slot != 0) == (other->handle.slot != 0));
        if (w->handle.slot == 0) {
            continue;
        }
        if (w->kind < EDITS) {
            check(w->known == plain_value(w, &now) && w->known == other->known);
        } else {
            size_t count = plain_rows(&now, w->kind == VIEW_EDITS, rows);
            check(w->row_count == count && memcmp(w->rows, rows, count * sizeof *rows) == 0);
            check(other->row_count == count &&
                  memcmp(other->rows, rows, count * sizeof *rows) == 0);
        }
    }
}

/* ---- queries ---- */

static void count_success(atr_finish *f, const put *self, int64_t response, void *user)
{
    (void)f;
    (void)self;
    (void)response;
    ((outcome *)user)->successes++;
}

static void count_error(atr_finish *f, const put *self, const atr_error *error, void *user)
{
    (void)f;
    (void)self;
    (void)error;
    ((outcome *)user)->errors++;
}

static void count_cancel(atr_finish *f, const put *self, void *user)
{
    (void)f;
    (void)self;
    ((outcome *)user)->cancels++;
}

static void slow_success(atr_finish *f, const put_slow *self, int64_t response, void *user)
{
    (void)self;
    count_success(f, NULL, response, user);
}

static void slow_error(atr_finish *f, const put_slow *self, const atr_error *error, void *user)
{
    (void)self;
    count_error(f, NULL, error, user);
}

static void slow_cancel(atr_finish *f, const put_slow *self, void *user)
{
    (void)self;
    count_cancel(f, NULL, user);
}

static void count_free(void *user)
{
    ((outcome *)user)->freed++;
}

static atr_handle execute(side *on, int slot, const pending *p)
{
    outcome *o = &on->outcomes[slot];
    *o = (outcome){0};
    if (p->slow) {
        put_slow_prediction guess = {p->predicted, p->value};
        return ATR_TEST_CALL(on->t, put_slow, (.key = p->key, .value = p->value, .needs = p->needs),
                             .pre_execute = guess, .on_success = slow_success,
                             .on_error = slow_error, .on_cancel = slow_cancel, .user = o,
                             .free_user = count_free);
    }
    put_prediction guess = {p->predicted, p->value};
    return ATR_TEST_CALL(on->t, put, (.key = p->key, .value = p->value, .needs = p->needs),
                         .pre_execute = guess, .on_success = count_success, .on_error = count_error,
                         .on_cancel = count_cancel, .user = o, .free_user = count_free);
}

static void move_execute(uint8_t a, uint8_t b)
{
    int slot = a % PENDING;
    pending *p = &g.pending[slot];
    if (p->used) {
        return;
    }
    *p = (pending){.used = true, .predicted = a >> 3 & 1, .slow = a >> 4 & 1, .needs = a >> 5 & 1};
    p->key = b % KEYS;
    p->value = b / KEYS + (a >> 6);
    p->due = g.clock + TIMEOUT_MS;
    if (p->predicted) {
        g.order[g.order_count++] = slot;
    }
    for (int i = 0; i < 2; i++) {
        g.sides[i].handles[slot] = execute(&g.sides[i], slot, p);
    }
}

/* Its outcome is known: the prediction goes. */
static void is_over(int slot)
{
    pending *p = &g.pending[slot];
    p->over = true;
    for (int i = 0; i < g.order_count; i++) {
        if (g.order[i] == slot) {
            g.order_count--;
            memmove(g.order + i, g.order + i + 1, (size_t)(g.order_count - i) * sizeof *g.order);
        }
    }
}

static void outcome_check(int slot, outcome wanted)
{
    for (int i = 0; i < 2; i++) {
        outcome o = g.sides[i].outcomes[slot];
        check(o.successes == wanted.successes && o.errors == wanted.errors &&
              o.cancels == wanted.cancels && o.freed == 1);
    }
}

static void answer(int slot, int64_t value, bool error)
{
    const pending *p = &g.pending[slot];
    for (int i = 0; i < 2; i++) {
        atr_test *t = g.sides[i].t;
        atr_handle handle = g.sides[i].handles[slot];
        if (p->slow) {
            error ? ATR_TEST_ANSWER_ERROR(t, put_slow, handle, ATR_DOMAIN_APP, 3, "full")
                  : ATR_TEST_ANSWER(t, put_slow, handle, value);
        } else {
            error ? ATR_TEST_ANSWER_ERROR(t, put, handle, ATR_DOMAIN_APP, 3, "full")
                  : ATR_TEST_ANSWER(t, put, handle, value);
        }
    }
}

/* A write that was cancelled is over when its provider says so. */
static void move_answer(uint8_t a, uint8_t b, bool error)
{
    int slot = a % PENDING;
    pending *p = &g.pending[slot];
    int64_t value = (a & 8) != 0 ? p->value : b % 7;
    bool late = p->over;
    if (!p->used) {
        return;
    }
    is_over(slot);
    if (late) { /* nothing comes of it */
        answer(slot, value, error);
    } else if (error) {
        answer(slot, value, true);
        outcome_check(slot, p->cancelled ? (outcome){.cancels = 1} : (outcome){.errors = 1});
    } else {
        bool good = plain_put(&g.confirmed, p->key, value, p->needs);
        answer(slot, value, false);
        outcome_check(slot, good ? (outcome){.successes = 1} : (outcome){.errors = 1});
    }
    p->used = false;
}

static void move_cancel(uint8_t a)
{
    int slot = a % PENDING;
    pending *p = &g.pending[slot];
    if (!p->used) {
        return;
    }
    for (int i = 0; i < 2; i++) {
        int code = ATR_TEST_CANCEL(g.sides[i].t, g.sides[i].handles[slot]);
        check(code == (p->over ? ATR_E_STALE : ATR_OK));
    }
    if (p->slow && !p->over) {
        p->cancelled = !p->timed_out;
    } else if (!p->over) {
        is_over(slot);
        outcome_check(slot, (outcome){.cancels = 1});
    }
}

static void move_time(uint8_t a)
{
    g.clock += a % 64;
    for (int slot = 0; slot < PENDING; slot++) {
        pending *p = &g.pending[slot];
        if (p->used && !p->over && !p->slow && p->due <= g.clock) {
            is_over(slot);
        }
        p->timed_out = p->timed_out || (p->slow && !p->cancelled && p->due <= g.clock);
    }
    for (int i = 0; i < 2; i++) {
        atr_test_advance(g.sides[i].t, a % 64);
    }
}

/* ---- events ---- */

/* Several queries from one event, whose answers come in their order; the last one may be cancelled there. */
static void move_event(uint8_t a, uint8_t b)
{
    int count = 1 + a % 3;
    bool cancels = (a & 4) != 0, latches = (a & 0x18) == 0x18;
    for (int i = 0; i < 2; i++) {
        atr_event e = atr_event_open(g.sides[i].t->app);
        atr_handle last = {0, 0};
        for (int k = 0; k < count; k++) {
            last = ATR_EXECUTE(&e, put_now, .key = (b + k) % KEYS, .value = b % 5,
                               .needs = a >> 5 & 1);
        }
        if (cancels) {
            check(atr_cancel(&e, last) == ATR_OK);
        }
        if (latches) {
            atr_refuse(e.s, ATR_E_INVALID, "latched");
            check(ATR_EXECUTE(&e, put_now, .key = 0, .value = 1).slot == 0);
        }
        check(atr_event_close(&e) == (latches ? ATR_E_INVALID : ATR_OK));
        atr_test_drain(g.sides[i].t);
    }
    for (int k = 0; k < count - cancels; k++) {
        plain_put(&g.confirmed, (b + k) % KEYS, b % 5, a >> 5 & 1);
    }
}

/* Many versions in a scope of their own, one of which is passed out of it. */
static void move_scopes(uint8_t a, uint8_t b)
{
    plain now = visible();
    for (int i = 0; i < 2; i++) {
        atr_event e = atr_event_open(g.sides[i].t->app);
        const thing_map *things = ATR_STATE(&e, shelves)->things, *some = things;
        ATR_SCOPE(outer, e.s) {
            ATR_SCOPE(inner, outer) {
                for (int k = 0; k < 1 + a % 16; k++) {
                    const thing *made = ATR_NEW(inner, thing, .value = 1000 + k);
                    some = k % 3 == 0 ? thing_map_remove(inner, some, (a + 7 * k) % KEYS)
                                      : thing_map_set(inner, some, (b + k) % KEYS, made);
                    if (k == b % 16) {
                        atr_scope_yield(inner, some);
                        atr_scope_yield(outer, some);
                        things = some;
                    }
                }
            }
        }
        for (int64_t key = 0; key < KEYS; key++) {
            const thing *there = thing_map_get(things, key);
            check(there == NULL || there->value == now.at[key] || there->value >= 1000);
        }
        check(atr_event_close(&e) == ATR_OK);
    }
}

static void move_keep(uint8_t a)
{
    int slot = a % KEPT;
    for (int i = 0; i < 2; i++) {
        side *on = &g.sides[i];
        atr_event e = atr_event_open(on->t->app);
        if (on->kept[slot] != NULL) {
            check(sum_of_shelf(on->kept[slot]) == sum_of(&g.kept[slot]));
            atr_drop(on->t->store, on->kept[slot]);
            on->kept[slot] = NULL;
        } else {
            on->kept[slot] = ATR_STATE(&e, shelves);
            check(atr_keep(on->t->store, on->kept[slot]) == ATR_OK);
        }
        check(atr_event_close(&e) == ATR_OK);
    }
    g.kept[slot] = visible();
}

static void move_read(uint8_t a)
{
    plain now = visible();
    int64_t rows[ROWS];
    size_t count = plain_rows(&now, true, rows);
    for (int i = 0; i < 2; i++) {
        atr_event e = atr_event_open(g.sides[i].t->app);
        const atr_i64_vec *even = ATR_GET(&e, even_rows);
        check(ATR_GET(&e, either) == plain_either(&now));
        check(ATR_STATE_FIELD(&e, shelves, count) == plain_count(&now));
        check(ATR_GET_KEY(&e, beside, a % KEYS) == now.at[a % KEYS] % 8 + plain_either(&now) * 16);
        check(atr_i64_vec_count(even) == count);
        for (size_t k = 0; k < count; k++) {
            check(atr_i64_vec_at(even, k) == rows[k]);
        }
        check(atr_event_close(&e) == ATR_OK);
    }
}

/* ---- begin, steps, end ---- */

static void fail(void *user, const atr_test_failure *failures, size_t count)
{
    (void)user;
    for (size_t i = 0; i < count; i++) {
        fprintf(stderr, "%s\n", failures[i].text);
    }
    abort();
}

static void begin(void)
{
    const atr_test_options options = {.components = ATR_COMPONENTS(&component),
                                      .allow = ATR_ALLOW_UNUSED | ATR_ALLOW_UNFINISHED |
                                               ATR_ALLOW_ERRORS | ATR_ALLOW_LEAKS,
                                      .fail = fail};
    memset(&g, 0, sizeof g);
    for (int i = 0; i < 2; i++) {
        atr_test *t = atr_test_open(&options);
        check(t != NULL);
        atr_pool_eager(atr_store_pool(t->store), i == 1);
        ATR_CAN_NONE(t, put);
        ATR_CAN_NONE(t, put_slow);
        ATR_CAN_FN(t, put_now, answer_now, NULL);
        g.sides[i].t = t;
    }
}

static void state_check(void)
{
    plain now = visible();
    atr_event events[2];
    const shelf *states[2];
    for (int i = 0; i < 2; i++) {
        events[i] = atr_event_open(g.sides[i].t->app);
        states[i] = ATR_STATE(&events[i], shelves);
        check(sum_of_shelf(states[i]) == sum_of(&now));
    }
    check(atr_equal(states[0], states[1]));
    for (int i = 0; i < 2; i++) {
        atr_event_close(&events[i]);
    }
}

static void step(const uint8_t *bytes)
{
    uint8_t a = bytes[1], b = bytes[2];
    switch (bytes[0] % 12) {
    case 0:
    case 1: move_execute(a, b); break;
    case 2: move_answer(a, b, false); break;
    case 3: move_answer(a, b, true); break;
    case 4: move_cancel(a); break;
    case 5: move_time(a); break;
    case 6:
    case 7: move_event(a, b); break;
    case 8: move_watch(a, b); break;
    case 9: move_keep(a); break;
    case 10: move_scopes(a, b); break;
    default:
        move_read(a);
        g.churn = g.churn != (b % 16 == 0);
        atr_test_churn(g.sides[0].t, g.churn);
        atr_test_churn(g.sides[1].t, g.churn);
    }
    state_check();
    watchers_check();
}

static void end(void)
{
    for (int i = 0; i < 2; i++) {
        side *on = &g.sides[i];
        for (int k = 0; k < KEPT; k++) {
            if (on->kept[k] != NULL) {
                check(sum_of_shelf(on->kept[k]) == sum_of(&g.kept[k]));
                atr_drop(on->t->store, on->kept[k]);
            }
        }
        for (int slot = 0; slot < PENDING; slot++) { /* closing waits for writes */
            const pending *p = &g.pending[slot];
            if (p->used && p->slow) {
                ATR_TEST_ANSWER_ERROR(on->t, put_slow, on->handles[slot], ATR_DOMAIN_APP, 3,
                                      "full");
            }
        }
        atr_test_end(on->t);
        atr_test_free(on->t);
        for (int k = 0; k < WATCHES; k++) {
            check(on->watchers[k].store == NULL || on->watchers[k].destroyed == 1);
        }
    }
    check(atr_memory_now().values == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    begin();
    for (size_t i = 0; i + 3 <= size && i < 3 * (size_t)STEPS_MAX; i += 3) {
        step(data + i);
    }
    end();
    return 0;
}
