/* The end of an app that a jump has left in the middle of a callback. */
#include "app_private.h"

static void flight_abandon(atr_flight *flight)
{
    atr_memory_give(flight->call, sizeof *flight->call);
    atr_memory_give(flight, sizeof *flight);
}

static void flights_abandon(atr_app *app)
{
    while (!queue_is_empty(&app->queue)) {
        op *next = queue_pop(&app->queue);
        if (next->kind != OP_EXECUTE) {
            atr_memory_give(wish_of(next), sizeof(wish));
        }
    }
    while (!ring_is_empty(&app->flights)) {
        atr_flight *flight = flight_of_all(app, app->flights.next);
        ring_remove(&flight->all);
        flight_abandon(flight);
    }
    while (app->ending != NULL) {
        atr_flight *flight = app->ending;
        app->ending = flight->next;
        flight_abandon(flight);
    }
    flights_free(app);
}

bool atr_app_abandon(atr_app *app)
{
    mailbox *box = app->box;
    if (!app_on_thread(app, "abandon")) {
        return false;
    }
    app->closing = true;
    app->closed = true;
    app->busy = true; /* no drain from here on */
    workers_close(app);
    services_close(app);
    mailbox_close(box);
    if (!mailbox_abandon(box)) {
        return false;
    }
    flights_abandon(app);
    app_release(app);
    atr_store_abandon(app->store);
    atr_memory_give(app, sizeof *app);
    mailbox_end(box);
    return true;
}
