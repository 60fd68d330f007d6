/* Printing: figures to stdout, budgets to stderr. */
#include <stdio.h>
#include <string.h>

#include "run.h"

/* Three digits or more, and no exponent, so that every reader of numbers takes them. */
static const char *number(double value, char *text, size_t size)
{
    int digits = value < 10 ? 3 : value < 100 ? 2 : value < 1000 ? 1 : 0;
    snprintf(text, size, "%.*f", digits, value);
    return text;
}

static void print_line(const run *r, const run_case *c, bool first)
{
    char text[64];
    number(run_value(c), text, sizeof text);
    if (r->json) {
        printf("%s\"%s\": {\"value\": %s, \"unit\": \"%s\"}", first ? "" : ", ", c->what->name,
               text, c->what->unit);
    } else {
        printf("%s %s %s\n", c->what->name, text, c->what->unit);
    }
}

void run_print(const run *r)
{
    bool first = true;
    if (r->json) {
        printf("{");
    }
    for (size_t i = 0; i < r->case_count; i++) {
        if (r->cases[i].wanted) {
            print_line(r, &r->cases[i], first);
            first = false;
        }
    }
    if (r->json) {
        printf("}\n");
    }
    fflush(stdout);
}

static void print_budget(run *r, const bench_budget *b)
{
    const run_case *mine = run_find(r, b->name);
    const run_case *theirs = b->reference != NULL ? run_find(r, b->reference) : NULL;
    double value, limit = b->limit;
    char text[64];
    if (mine == NULL || !mine->wanted || (theirs != NULL && !theirs->wanted)) {
        return;
    }
    value = run_value(mine) / (theirs != NULL ? run_value(theirs) : 1);
    snprintf(text, sizeof text, "%g %s %s", limit, theirs != NULL ? "x" : mine->what->unit,
             theirs != NULL ? b->reference : "");
    fprintf(stderr, "%-20s %10.2f   %s %-28s %s\n", b->name, value, b->at_least ? ">=" : "<=", text,
            (b->at_least ? value >= limit : value <= limit) ? "met" : "not met");
}

void run_print_budgets(run *r)
{
    fprintf(stderr, "\n%-20s %10s   %s\n", "budget", "figure", "limit");
    for (size_t g = 0; r->groups[g] != NULL; g++) {
        for (const bench_budget *b = r->groups[g]->budgets; b->name != NULL; b++) {
            print_budget(r, b);
        }
    }
}

void run_print_names(const run *r)
{
    for (size_t g = 0; r->groups[g] != NULL; g++) {
        fprintf(stderr, "%s:", r->groups[g]->name);
        for (const bench_case *c = r->groups[g]->cases; c->name != NULL; c++) {
            fprintf(stderr, " %s", c->name);
        }
        fprintf(stderr, "\n");
    }
}
