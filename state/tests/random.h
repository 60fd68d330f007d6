/* Random choices of the tests that compare with a plain model. A run is repeated by the seed it prints:
 * ATR_TEST_SEED=0x... ; ATR_TEST_LONG=1 makes it long, ATR_TEST_STEPS=n as long as wanted. */
#ifndef ATR_STATE_TESTS_RANDOM_H
#define ATR_STATE_TESTS_RANDOM_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static uint64_t random_state;

/* 0 <= result < end, 0 for end 0. */
static inline size_t random_below(size_t end)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return end == 0 ? 0 : (size_t)(random_state % end);
}

/* How many steps or entries: usually, in long runs, or as given. */
static inline size_t random_steps(size_t usual, size_t in_long_runs)
{
    const char *given = getenv("ATR_TEST_STEPS");
    if (given != NULL) {
        return (size_t)strtoull(given, NULL, 0);
    }
    return getenv("ATR_TEST_LONG") != NULL ? in_long_runs : usual;
}

/* Begin; returns the number of steps to do. */
static inline size_t random_begin(void)
{
    const char *given = getenv("ATR_TEST_SEED");
    struct timespec now;
    timespec_get(&now, TIME_UTC);
    random_state = (uint64_t)now.tv_sec * 1000000007u + (uint64_t)now.tv_nsec;
    if (given != NULL) {
        random_state = strtoull(given, NULL, 0);
    }
    random_state |= 1;
    printf("# ATR_TEST_SEED=0x%llx\n", (unsigned long long)random_state);
    return random_steps(20000, 1000000);
}

#endif
