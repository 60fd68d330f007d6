/* Waiting for what threads answer: the one place where a test meets real time. */
#include <uv.h>

#include "kit.h"

enum { USUAL_MS = 10000 };

/* One for all tests: a waker locks it only while somebody waits. */
static uv_once_t once = UV_ONCE_INIT;
static uv_mutex_t lock;
static uv_cond_t wakened;

static void init(void)
{
    uv_mutex_init(&lock);
    uv_cond_init(&wakened);
}

void wait_wake(kit *k)
{
    atomic_store(&k->woken, true);
    if (atomic_load(&k->waits)) {
        uv_mutex_lock(&lock);
        uv_cond_broadcast(&wakened);
        uv_mutex_unlock(&lock);
    }
}

static void wait_until(kit *k, uint64_t until_ns)
{
    uint64_t now = uv_hrtime();
    uv_mutex_lock(&lock);
    atomic_store(&k->waits, true);
    while (!atomic_load(&k->woken) && now < until_ns) {
        uv_cond_timedwait(&wakened, &lock, until_ns - now);
        now = uv_hrtime();
    }
    atomic_store(&k->waits, false);
    uv_mutex_unlock(&lock);
}

/* The oldest flight that somebody else is to answer; NULL: none. */
static const atr_flight *awaited(kit *k)
{
    const atr_flight *flight = NULL;
    if (k->front.app == NULL) {
        return NULL;
    }
    do {
        flight = atr_app_next_flight(k->front.app, flight);
    } while (flight != NULL && pending_find(k, atr_flight_handle(flight)) != NULL);
    return flight;
}

static void fail_wait(kit *k, const char *why)
{
    text b = {NULL, 0, 0};
    text_add(&b, "%s", why);
    if (awaited(k) != NULL) {
        text_add(&b, ": ");
        text_add_value(&b, k, atr_flight_query(awaited(k)));
    }
    failure_add(k, k->file, k->line, &b);
}

bool atr_test_wait_at(atr_test *t, uint32_t ms, const char *file, int line)
{
    kit *k = kit_of(t);
    uint64_t until_ns = uv_hrtime() + (uint64_t)(ms != 0 ? ms : USUAL_MS) * 1000000u;
    bool over = false;
    uv_once(&once, init);
    step_enter(k, file, line);
    step_pump(k);
    while (k->depth == 1 && awaited(k) != NULL && !over) {
        wait_until(k, until_ns);
        over = uv_hrtime() >= until_ns;
        step_pump(k);
    }
    over = awaited(k) != NULL;
    if (over) {
        fail_wait(k, k->depth > 1 ? "a wait in a callback" : "not answered in time");
    }
    step_leave(k);
    return !over;
}
