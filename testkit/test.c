/* A test from its opening to its end. */
#include <stdlib.h>

#include "kit.h"

enum { FIRST_CLOCK_NS = 1000000000 };
static const atr_time first_time = 946684800000000; /* 2000-01-01T00:00:00Z */

static _Thread_local kit *open_tests;

/* Tests whose app a jump has left while a thread may still use it, or does not close: nobody may touch
 * them again. */
static _Thread_local kit *abandoned;

/* ---- open ---- */

static void register_components(kit *k)
{
    const atr_component *const *list = k->options.components;
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        int code = atr_app_register(k->front.app, list[i]);
        if (code != ATR_OK) {
            text b = {NULL, 0, 0};
            text_add(&b, "a component was refused: %s: %s", atr_code_name(code), k->last_log);
            failure_add(k, NULL, 0, &b);
        }
    }
    k->options.components = NULL;
}

static void fail_seed(kit *k)
{
    text b = {NULL, 0, 0};
    text_add(&b, "text was made before the first test was opened, so the order in maps is random: "
                 "call atr_memory_fix_seed(ATR_TEST_HASH_SEED) before");
    failure_add(k, NULL, 0, &b);
}

static bool make_app(kit *k)
{
    atr_app_options options = {
        .world = &kit_world,
        .world_self = k,
        .log = strict_log,
        .log_user = k,
        .violation = strict_violation,
        .violation_user = k,
        .drain_limit = k->options.drain_limit != 0 ? k->options.drain_limit : 1,
    };
    atr_app *app = atr_app_new(&options);
    if (app == NULL) {
        return false;
    }
    k->event = atr_event_open(app);
    k->front = (atr_test){k->event.s, k->event.ctx, k->event.run, app, atr_app_store(app)};
    return k->event.s != NULL;
}

static void kit_init(kit *k, const atr_test_options *options)
{
    if (options != NULL) {
        k->options = *options;
    }
    k->clock_ns = FIRST_CLOCK_NS;
    k->alarm_ns = ATR_NEVER;
    k->refuse_at = SIZE_MAX;
    k->random = k->options.seed;
    atomic_flag_clear(&k->lock);
    atr_test_set_time(&k->front, k->options.start_time != 0 ? k->options.start_time : first_time);
}

atr_test *atr_test_open(const atr_test_options *options)
{
    bool seeded;
    kit *k;
    atr_memory_check(true);
    seeded = atr_memory_fix_seed(ATR_TEST_HASH_SEED) == ATR_OK;
    k = calloc(1, sizeof *k);
    if (k == NULL) {
        return NULL;
    }
    kit_init(k, options);
    k->before = atr_memory_now();
    k->pool = atr_pool_new();
    if (k->pool == NULL || !kit_room(&k->failures, &k->failure_capacity, 0, sizeof *k->failures) ||
        !make_app(k)) {
        atr_test_free(&k->front);
        return NULL;
    }
    k->older = open_tests;
    open_tests = k;
    k->depth = 1; /* what is wrong so far is told by the first step */
    if (!seeded) {
        fail_seed(k);
    }
    register_components(k);
    strict_collect(k);
    k->depth = 0;
    return &k->front;
}

atr_test *atr_test_of_app(const atr_app *app)
{
    kit *k = open_tests;
    while (k != NULL && (app == NULL || k->front.app != app)) {
        k = k->older;
    }
    return k != NULL ? &k->front : NULL;
}

/* ---- end ---- */

static void unlink_test(kit *k)
{
    for (kit **link = &open_tests; *link != NULL; link = &(*link)->older) {
        if (*link == k) {
            *link = k->older;
            return;
        }
    }
}

/* Tests opened later have had its memory around them: they look for leaks of both, and for none if it allows its own,
 * which nobody can tell from theirs. */
static void hand_over_leaks(kit *k)
{
    const kit *last = open_tests;
    while (last != NULL && last != k) {
        last = last->older;
    }
    if (last == NULL) {
        return; /* it could not be opened */
    }
    for (kit *younger = open_tests; younger != k; younger = younger->older) {
        younger->before = k->before;
        younger->counts_no_leaks |= (k->options.allow & ATR_ALLOW_LEAKS) != 0;
        k->counts_no_leaks = true;
    }
}

/* Close the app. @return false: it does not close */
static bool close_app(kit *k)
{
    if (k->front.app == NULL) {
        return true;
    }
    atr_app_close(k->front.app, NULL, NULL); /* refused if the test has asked: that is as good */
    step_pump(k);
    pending_drop(k);
    step_pump(k);
    return k->front.app == NULL;
}

/* Whether a jump out of a callback has left the engine in the middle of something. */
static bool was_left(const kit *k)
{
    return k->depth > 0 || (k->front.store != NULL && atr_turn_is_open(k->front.store));
}

/* @return false: some thread may still use it */
static bool app_abandon(kit *k)
{
    atr_app *app = k->front.app;
    k->gate = NULL;
    k->refuse_at = SIZE_MAX;
    notes_free(k);
    pending_drop(k);
    if (app != NULL && !atr_app_abandon(app)) {
        return false;
    }
    k->front = (atr_test){NULL, NULL, NULL, NULL, NULL};
    k->step_scope = NULL;
    return true;
}

static void end_quietly(kit *k)
{
    bool left = was_left(k);
    k->ended = true;
    k->depth = 1; /* nothing is told from here on */
    if (left && app_abandon(k)) {
        left = false;
    }
    if (left || !close_app(k)) {
        k->front = (atr_test){NULL, NULL, NULL, NULL, NULL};
        unlink_test(k);
        k->older = abandoned;
        abandoned = k;
    } else {
        notes_free(k);
        atr_pool_close(k->pool);
        k->pool = NULL;
        hand_over_leaks(k);
    }
    unlink_test(k);
    k->depth = 0;
}

static bool is_abandoned(const kit *k)
{
    const kit *i = abandoned;
    while (i != NULL && i != k) {
        i = i->older;
    }
    return i != NULL;
}

int atr_test_end(atr_test *t)
{
    kit *k = kit_of(t);
    bool left = was_left(k);
    if (k->ended) {
        return (int)k->failure_count;
    }
    k->depth = left ? k->depth : 1;
    if (!left) {
        strict_end(k);
        k->depth = 0;
    }
    end_quietly(k);
    if (!left && !is_abandoned(k)) {
        if ((k->options.allow & ATR_ALLOW_LEAKS) == 0) {
            k->ended = false; /* what closing brought to light, such as values that were kept */
            strict_collect(k);
            k->ended = true;
        }
        strict_leaks(k);
    }
    failure_tell(k);
    return (int)k->failure_count;
}

void atr_test_free(atr_test *t)
{
    kit *k = kit_of(t);
    if (t == NULL) {
        return;
    }
    if (!k->ended) {
        end_quietly(k);
    }
    if (is_abandoned(k)) {
        return;
    }
    strict_free(k);
    failure_free(k);
    text_free(&k->trace);
    free(k->classes);
    free(k->pending);
    free(k);
}
