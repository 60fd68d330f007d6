/* What every benchmark needs: the clock, a sink for results, random orders. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <atrium/code.h>

#include "bench.h"

static volatile uint64_t sink;

static uint64_t clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t bench_now_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

uint64_t bench_cpu_ns(void)
{
    return clock_ns(CLOCK_THREAD_CPUTIME_ID);
}

void bench_use(uint64_t value)
{
    sink = sink + value;
}

void bench_fail(const char *what)
{
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

void bench_must(int code, const char *what)
{
    if (code != 0) {
        fprintf(stderr, "bench: %s: %s\n", what, atr_code_name(code));
        exit(1);
    }
}

void *bench_take(size_t size_bytes)
{
    void *block = malloc(size_bytes);
    if (block == NULL) {
        bench_fail("out of memory");
    }
    return block;
}

/* splitmix64: https://prng.di.unimi.it/splitmix64.c */
uint64_t bench_random_next(bench_random *r)
{
    uint64_t word = (r->state += 0x9e3779b97f4a7c15u);
    word = (word ^ (word >> 30)) * 0xbf58476d1ce4e5b9u;
    word = (word ^ (word >> 27)) * 0x94d049bb133111ebu;
    return word ^ (word >> 31);
}

static void shuffle_one(bench_random *r, uint32_t *order, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t other = (size_t)(bench_random_next(r) % (i + 1));
        order[i] = order[other];
        order[other] = (uint32_t)i;
    }
}

void bench_shuffle(bench_random *r, uint32_t *order, size_t count, size_t n)
{
    uint32_t *last;
    size_t done = 0, rest = count % n;
    for (; done + n <= count; done += n) {
        shuffle_one(r, order + done, n);
    }
    last = bench_take(n * sizeof *last);
    shuffle_one(r, last, n);
    for (size_t i = 0; i < rest; i++) {
        order[done + i] = last[i];
    }
    free(last);
}
