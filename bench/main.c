/* Benchmarks of Atrium: `bench [GROUP|NAME...] [--quick] [--json]`. Prints figures, asserts nothing.
 * `--ops N`, for profilers: one round of N operations, without a warm-up. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "run.h"

static const bench_group *const groups[] = {
    &bench_state, &bench_omap, &bench_json, &bench_turn, &bench_queries, NULL,
};

static int usage(const run *r, const char *wrong)
{
    fprintf(stderr, "bench: there is no %s\nusage: bench [GROUP|NAME...] [--quick] [--json]\n",
            wrong);
    run_print_names(r);
    return 2;
}

int main(int argc, char **argv)
{
    static run r;
    bool some = false;
    run_init(&r, groups);
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--quick") == 0) {
            r.quick = true;
        } else if (strcmp(argv[i], "--json") == 0) {
            r.json = true;
        } else if (strcmp(argv[i], "--ops") == 0 && i + 1 < argc) {
            r.ops = strtoul(argv[++i], NULL, 10);
        } else if (argv[i][0] == '-' || !run_want(&r, argv[i])) {
            return usage(&r, argv[i]);
        } else {
            some = true;
        }
    }
    if (!some) {
        run_want_all(&r);
    }
    run_measure(&r);
    run_print(&r);
    if (!r.json) {
        run_print_budgets(&r);
    }
    return 0;
}
