/* The frame of the benchmarks: cases with their fixtures, measured in rounds, and what they cost. */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a case works on. Made before its first round, shared by all cases of the same fixture and size,
 * freed at the end. */
typedef struct bench_fixture {
    void *(*make)(size_t n); /* ends the program when it fails: see bench_fail */
    void (*free)(void *data);
} bench_fixture;

typedef enum bench_kind {
    BENCH_TIMED, /* as many operations as fill a few milliseconds; a warm-up round, then some more */
    BENCH_WHOLE, /* as many operations as the fixture is large */
    BENCH_ONCE,  /* the same, in one round: exact figures, such as memory */
} bench_kind;

/* One figure. round does the work `ops` times and returns the figure, for BENCH_TIMED in nanoseconds. */
typedef struct bench_case {
    const char *name;
    const char *unit;
    bench_kind kind;
    const bench_fixture *fixture; /* NULL: none */
    double (*round)(void *data, size_t ops);
    size_t n;       /* the size of the fixture */
    size_t quick_n; /* with --quick */
} bench_case;

/* What a figure may cost: `limit` times the reference, or `limit` in its own unit without one. */
typedef struct bench_budget {
    const char *name;
    double limit;
    const char *reference;
    bool at_least; /* more is better, e.g. MB/s */
} bench_budget;

/* The tables end with an entry without a name. */
typedef struct bench_group {
    const char *name;
    const bench_case *cases;
    const bench_budget *budgets;
} bench_group;

extern const bench_group bench_state;
extern const bench_group bench_omap;
extern const bench_group bench_json;
extern const bench_group bench_turn;
extern const bench_group bench_queries;

/* The monotonic clock, for what runs on several threads. @units nanoseconds */
uint64_t bench_now_ns(void);
/* What the calling thread has spent on a processor: it grows as the monotonic clock does, but for the
 * time in which other programs had the processor. @units nanoseconds */
uint64_t bench_cpu_ns(void);
/* Make the compiler believe that a value is needed. */
void bench_use(uint64_t value);
/* Print why and end the program. */
_Noreturn void bench_fail(const char *what);
/* fail unless a call gave 0. */
void bench_must(int code, const char *what);
/* Allocated memory, never NULL. */
void *bench_take(size_t size_bytes);

/* Random numbers, the same in every run. */
typedef struct bench_random {
    uint64_t state;
} bench_random;
uint64_t bench_random_next(bench_random *r);
/* Fill `order` with `count` numbers below n: permutations of 0 .. n - 1, one after the other. */
void bench_shuffle(bench_random *r, uint32_t *order, size_t count, size_t n);

#endif
