/* A world that answers every query at once from the bench itself: no loop, no timer, no thread. */
#ifndef BENCH_WORLD_H
#define BENCH_WORLD_H

#include <atrium/world.h>

/* What stands in for the outside world. */
typedef struct bench_world {
    atr_start_fn answer; /* runs in place of start_async; NULL: queries stay pending */
    bool closed;
} bench_world;

/* An app in this world, with the roots of one component. Ends the program when it fails. */
atr_app *bench_app_new(bench_world *w, const atr_component *component);
/* Close it; queries under way are cancelled. */
void bench_app_close(atr_app *app, bench_world *w);

#endif
