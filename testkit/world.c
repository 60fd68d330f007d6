/* The simulated world: a clock that moves when told, numbers from a seed, no loop and no threads of
 * its own. Other threads may only wake it and ask for faults. */
#include <string.h>

#include "kit.h"

void kit_lock(kit *k)
{
    while (atomic_flag_test_and_set_explicit(&k->lock, memory_order_acquire)) {
    }
}

void kit_unlock(kit *k)
{
    atomic_flag_clear_explicit(&k->lock, memory_order_release);
}

static int world_open(void *self, atr_app *app)
{
    kit *k = self;
    k->front.app = app;
    return ATR_OK;
}

/* Called inside a drain, or where the app was closed: the app is freed later, by step_close. */
static void world_close(void *self, void (*done)(void *user), void *user)
{
    kit *k = self;
    k->progress++;
    k->done = done;
    k->done_user = user;
}

static atr_time world_time_us(void *self)
{
    const kit *k = self;
    return k->wall_us + (int64_t)(k->clock_ns / 1000);
}

static uint64_t world_clock_ns(void *self)
{
    const kit *k = self;
    return k->clock_ns;
}

/* @source Vigna, splitmix64 */
static uint64_t world_random(void *self)
{
    kit *k = self;
    uint64_t word = k->random += 0x9e3779b97f4a7c15u;
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

static void world_alarm(void *self, uint64_t due_ns)
{
    kit *k = self;
    k->alarm_ns = due_ns;
}

static void world_wake(void *self)
{
    wait_wake(self);
}

static void world_begin(void *self, atr_flight *flight)
{
    kit *k = self;
    k->progress++;
    can_begin(k, flight);
}

static size_t world_pick(void *self, size_t ready)
{
    (void)self;
    (void)ready;
    return 0;
}

static bool world_may_allocate(void *self, size_t size_bytes)
{
    kit *k = self;
    size_t nth;
    if (k->churns) {
        return true;
    }
    nth = k->allocations++;
    if (nth == k->refuse_at) {
        return false;
    }
    return k->gate == NULL || k->gate(k->gate_user, size_bytes);
}

static int world_fault(void *self, const char *point)
{
    kit *k = self;
    int code = 0;
    kit_lock(k);
    for (size_t i = 0; i < FAULT_POINTS; i++) {
        fault_point *f = &k->faults[i];
        if (f->times > 0 && strcmp(f->point, point) == 0) {
            code = f->code;
            f->times -= f->times != SIZE_MAX;
            break;
        }
    }
    kit_unlock(k);
    return code;
}

static void world_note(void *self, const atr_note *note)
{
    kit *k = self;
    k->progress++;
    note_add(k, note);
    strict_note(k, note);
}

static void churn(kit *k)
{
    int code;
    k->churns = true;
    code = atr_store_churn(k->front.store);
    k->churns = false;
    if (code != ATR_OK) {
        text b = {NULL, 0, 0};
        text_add(&b, "the churn ran out of memory");
        failure_add(k, k->file, k->line, &b);
    }
}

static void world_notified(void *self)
{
    kit *k = self;
    k->progress++;
    if (k->options.churn) {
        churn(k);
    }
}

/* At once, so that a test is the same each time. */
static int world_work(void *self, void (*run)(void *job), void *job)
{
    (void)self;
    run(job);
    return ATR_OK;
}

const atr_world kit_world = {
    .size = sizeof(atr_world),
    .open = world_open,
    .close = world_close,
    .time_us = world_time_us,
    .clock_ns = world_clock_ns,
    .random = world_random,
    .alarm = world_alarm,
    .wake = world_wake,
    .begin = world_begin,
    .pick = world_pick,
    .may_allocate = world_may_allocate,
    .fault = world_fault,
    .note = world_note,
    .notified = world_notified,
    .work = world_work,
};

/* ---- what a test may set ---- */

void atr_test_churn(atr_test *t, bool on)
{
    kit_of(t)->options.churn = on;
}

void atr_test_gate(atr_test *t, atr_gate_fn fn, void *user)
{
    kit *k = kit_of(t);
    k->gate = fn;
    k->gate_user = user;
}

void atr_test_refuse_allocation(atr_test *t, size_t nth)
{
    kit *k = kit_of(t);
    k->refuse_at = nth < SIZE_MAX - k->allocations ? k->allocations + nth : SIZE_MAX;
}

size_t atr_test_allocations(const atr_test *t)
{
    return kit_of(t)->allocations;
}

int atr_test_fault(atr_test *t, const char *point, int code, size_t times)
{
    kit *k = kit_of(t);
    fault_point *place = NULL;
    kit_lock(k);
    for (size_t i = 0; i < FAULT_POINTS; i++) {
        fault_point *f = &k->faults[i];
        if (f->times > 0 && strcmp(f->point, point) == 0) {
            place = f;
            break;
        }
        if (f->times == 0 && place == NULL) {
            place = f;
        }
    }
    if (place != NULL) {
        *place = (fault_point){point, code, times};
    }
    kit_unlock(k);
    return place != NULL ? ATR_OK : ATR_E_LIMIT;
}

void atr_test_set_time(atr_test *t, atr_time now)
{
    kit *k = kit_of(t);
    k->wall_us = now - (int64_t)(k->clock_ns / 1000);
}
