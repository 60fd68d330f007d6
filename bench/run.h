/* A run: the cases that were asked for, their fixtures and samples, and how the figures are printed. */
#ifndef BENCH_RUN_H
#define BENCH_RUN_H

#include "bench.h"

enum {
    CASES_MAX = 128,
    ROUNDS = 28,
    QUICK_ROUNDS = 10,
    ROUND_NS = 4000000,
    QUICK_ROUND_NS = 1000000,
    /* Whole fixtures take their time: every fourth round, or every other. */
    WHOLE_STEP = 4,
    QUICK_WHOLE_STEP = 2,
};

typedef struct run_case {
    const bench_case *what;
    const bench_group *group;
    bool wanted;
    void *data; /* of its fixture */
    size_t ops; /* in a round */
    double samples[ROUNDS];
    size_t sample_count;
} run_case;

typedef struct run {
    bool quick;
    bool json;
    size_t ops; /* 0; else: one round of so many operations, e.g. to count instructions */
    const bench_group *const *groups; /* ends with NULL */
    run_case cases[CASES_MAX];
    size_t case_count;
} run;

/* List the cases of the groups. */
void run_init(run *r, const bench_group *const *groups);
/* Want a group or a name, and the references of its budgets. @return false: no such name */
bool run_want(run *r, const char *name);
void run_want_all(run *r);
/* Measure all that is wanted. */
void run_measure(run *r);

run_case *run_find(run *r, const char *name);
/* The median of its samples. */
double run_value(const run_case *c);

/* `name value unit` lines, or one JSON object. */
void run_print(const run *r);
/* A table of the budgets of what was measured, on stderr. */
void run_print_budgets(run *r);
void run_print_names(const run *r);

#endif
