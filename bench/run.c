/* Measuring. All wanted cases run once in every round, one after the other, so that a machine that gets
 * slower or faster meanwhile does so for all of them; a figure is the median of its rounds. */
#include <stdlib.h>
#include <string.h>

#include "run.h"

void run_init(run *r, const bench_group *const *groups)
{
    r->groups = groups;
    for (; *groups != NULL; groups++) {
        for (const bench_case *c = (*groups)->cases; c->name != NULL; c++) {
            if (r->case_count == CASES_MAX) {
                bench_fail("more than CASES_MAX cases");
            }
            r->cases[r->case_count++] = (run_case){.what = c, .group = *groups};
        }
    }
}

run_case *run_find(run *r, const char *name)
{
    for (size_t i = 0; i < r->case_count; i++) {
        if (strcmp(r->cases[i].what->name, name) == 0) {
            return &r->cases[i];
        }
    }
    return NULL;
}

/* Want a case, with what its budget refers to. */
static void want_case(run *r, run_case *c)
{
    c->wanted = true;
    for (const bench_budget *b = c->group->budgets; b->name != NULL; b++) {
        if (strcmp(b->name, c->what->name) == 0 && b->reference != NULL) {
            run_find(r, b->reference)->wanted = true;
        }
    }
}

bool run_want(run *r, const char *name)
{
    run_case *one = run_find(r, name);
    bool found = one != NULL;
    if (one != NULL) {
        want_case(r, one);
    }
    for (size_t i = 0; i < r->case_count; i++) {
        if (strcmp(r->cases[i].group->name, name) == 0) {
            want_case(r, &r->cases[i]);
            found = true;
        }
    }
    return found;
}

void run_want_all(run *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        r->cases[i].wanted = true;
    }
}

static size_t size_of(const run *r, const bench_case *c)
{
    return r->quick ? c->quick_n : c->n;
}

/* The fixture of case i: that of an earlier case of the same kind and size, else a new one. */
static void *fixture_for(run *r, size_t i)
{
    const bench_case *c = r->cases[i].what;
    if (c->fixture == NULL) {
        return NULL;
    }
    for (size_t k = 0; k < i; k++) {
        const bench_case *other = r->cases[k].what;
        if (r->cases[k].wanted && other->fixture == c->fixture &&
            size_of(r, other) == size_of(r, c)) {
            return r->cases[k].data;
        }
    }
    return c->fixture->make(size_of(r, c));
}

static void fixtures_make(run *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        if (r->cases[i].wanted) {
            r->cases[i].data = fixture_for(r, i);
        }
    }
}

static void fixtures_free(run *r)
{
    for (size_t i = 0; i < r->case_count; i++) {
        void *data = r->cases[i].data;
        if (data == NULL) {
            continue;
        }
        for (size_t k = i; k < r->case_count; k++) {
            if (r->cases[k].data == data) {
                r->cases[k].data = NULL;
            }
        }
        r->cases[i].what->fixture->free(data);
    }
}

/* Warm up, and find out how many operations fill a round. */
static void warm_up(const run *r, run_case *c)
{
    double enough_ns = r->quick ? QUICK_ROUND_NS : ROUND_NS, spent_ns;
    c->ops = c->what->kind == BENCH_TIMED ? 8 : size_of(r, c->what);
    if (r->ops != 0 && c->what->kind == BENCH_TIMED) {
        c->ops = r->ops;
    }
    if (r->ops != 0 || c->what->kind == BENCH_ONCE) {
        return;
    }
    spent_ns = c->what->round(c->data, c->ops) * (double)c->ops;
    while (c->what->kind == BENCH_TIMED && spent_ns < enough_ns) {
        c->ops *= spent_ns * 8 < enough_ns ? 8 : 2;
        spent_ns = c->what->round(c->data, c->ops) * (double)c->ops;
    }
}

static bool is_due(const run *r, const bench_case *c, size_t round)
{
    size_t step = r->quick ? QUICK_WHOLE_STEP : WHOLE_STEP;
    return c->kind == BENCH_TIMED || (c->kind == BENCH_WHOLE ? round % step == 0 : round == 0);
}

/* The other cases have taken the caches: part of a round goes before. */
static void measure_case(const run *r, run_case *c, size_t round)
{
    if (!c->wanted || !is_due(r, c->what, round)) {
        return;
    }
    if (c->what->kind == BENCH_TIMED && r->ops == 0) {
        c->what->round(c->data, c->ops / 4 + 1);
    }
    c->samples[c->sample_count++] = c->what->round(c->data, c->ops);
}

void run_measure(run *r)
{
    size_t rounds = r->ops != 0 ? 1 : r->quick ? QUICK_ROUNDS : ROUNDS;
    fixtures_make(r);
    for (size_t i = 0; i < r->case_count; i++) {
        if (r->cases[i].wanted) {
            warm_up(r, &r->cases[i]);
        }
    }
    for (size_t round = 0; round < rounds; round++) {
        for (size_t i = 0; i < r->case_count; i++) {
            measure_case(r, &r->cases[i], round);
        }
    }
    fixtures_free(r);
}

static int double_order(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double run_value(const run_case *c)
{
    double sorted[ROUNDS];
    size_t n = c->sample_count;
    memcpy(sorted, c->samples, n * sizeof *sorted);
    qsort(sorted, n, sizeof *sorted, double_order);
    return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
}
